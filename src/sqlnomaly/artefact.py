"""The file of a model: a zip of ``manifest.json`` and Parquet relations, read back only where every checksum holds."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import secrets
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import CallError, ModelError, UnsupportedError
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.columns import CATEGORICAL, is_category
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.fitted import PLACE, SCORE, FittedModel, Parameter
from sqlnomaly.pushdown.options import DIRECTIONS, NULLS
from sqlnomaly.pushdown.plan import VALUE, Feature
from sqlnomaly.pushdown.rules import By, FalseDiscoveries, Peaks, Significance, options_of, rule_of
from sqlnomaly.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.contract import Detector

FORMAT = 1
"""The version of the format; a file of another one is refused."""
MANIFEST = "manifest.json"
LARGEST = 2**30
"""Bytes of a member, at most."""
STAMP = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that the same model gives the same bytes."""
NO_NUMBER = frozenset({Kind.TEXT, Kind.OTHER})
_COLUMN = re.compile(r"[a-z_][a-z0-9_]*")
_MEMBER = re.compile(r"[a-z][a-z0-9_]*\.parquet")


def write_model(model: FittedModel, path: str | os.PathLike[str]) -> None:
    """Writes the file, whole or not at all.

    Raises:
        ModelError: it cannot be written there.
    """
    manifest, members = packed(model)
    target = Path(path)
    try:
        name = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            with open(name, "xb") as file, zipfile.ZipFile(file, "w") as archive:
                text = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
                for member, data in {MANIFEST: text, **members}.items():
                    archive.writestr(zipfile.ZipInfo(member, STAMP), data)
            os.replace(name, target)
        except BaseException:
            name.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise ModelError(f"cannot write the model: {said}", where=str(path)) from None


def packed(model: FittedModel) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest of a model, and its relations as Parquet by the name of their member."""
    members = {f"{name}.parquet": parquet(table) for name, table in _tables(model).items()}
    manifest = _manifest(model, {name: checksum(data) for name, data in members.items()})
    manifest["checksum"] = checksum(canonical(manifest))
    return manifest, members


def unpacked(
    text: bytes,
    read: Callable[[str], bytes | None],
    where: str,
    tables: Callable[[list[str]], Mapping[str, pa.Table]] | None = None,
) -> FittedModel:
    """The model of a manifest and its members, every checksum compared.

    Args:
        text: the manifest.
        read: gives a member by name, or None where there is no such member.
        where: for messages.
        tables: gives the relations that are no members, for the columns of the partition keys; None where all are.

    Raises:
        ModelError: it is no model, of another format version, or changed since it was written.
    """
    manifest = _read_manifest(text, where)
    found: dict[str, pa.Table] = {}
    for name, wanted in manifest["members"].items():
        data = read(name)
        if data is None:
            raise ModelError(f"the model lacks {name}", where=where, hint="fit it again")
        if checksum(data) != wanted:
            raise ModelError(f"{name} was changed after the model was written", where=where, hint="fit it again")
        found[name.removesuffix(".parquet")] = _table(data, where)
    try:
        if tables is not None:
            found |= tables([one["column"] for one in manifest["keys"]])
        return _model(manifest, found)
    except KeyError as error:
        raise ModelError(f"the model lacks {error}", where=where, hint="fit it again") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"the model does not fit its format: {error}", where=where, hint="fit it again") from None


def read_model(path: str | os.PathLike[str]) -> FittedModel:
    """The model in a file.

    Raises:
        ModelError: it is no model, of another format version, or changed since it was written.
    """
    where = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if MANIFEST not in names:
                raise ModelError(f"this is no model: it has no {MANIFEST}", where=where, hint="sqlnomaly fit -o")

            def member(name: str) -> bytes | None:
                return _bytes(archive, name, where) if name in names else None

            return unpacked(_bytes(archive, MANIFEST, where), member, where)
    except FileNotFoundError:
        raise ModelError("there is no such model", where=where) from None
    except OSError as error:
        raise ModelError(f"cannot read the model: {error.strerror or error}", where=where) from None
    except zipfile.BadZipFile as error:
        raise ModelError(f"this is no model, or a damaged one: {error}", where=where, hint="sqlnomaly fit -o") from None
    except (RuntimeError, ValueError, EOFError, zlib.error) as error:  # encrypted, packed in another way, cut off
        raise ModelError(f"cannot read the model: {error}", where=where) from None


def checksum(data: bytes) -> str:
    """The SHA-256 of bytes in hex."""
    return hashlib.sha256(data).hexdigest()


def canonical(manifest: Mapping[str, Any]) -> bytes:
    """A manifest without its checksum, in one form."""
    rest = {name: value for name, value in manifest.items() if name != "checksum"}
    return json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def parquet(table: pa.Table) -> bytes:
    """A table as Parquet."""
    import pyarrow.parquet as pq

    sink = BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _tables(model: FittedModel) -> dict[str, pa.Table]:
    held = {} if model.held is None else {"held": model.held}
    return {**model.relations, "calibration": model.calibration, "selftest": model.selftest, **held}


def _manifest(model: FittedModel, members: Mapping[str, str]) -> dict[str, Any]:
    from importlib.metadata import version

    fit = model.fit
    detector = fit.detector
    columns = zip(model.features, fit.features, fit.raw, strict=True)
    return {
        "format": FORMAT,
        "detector": detector.name,
        "parameters": {one.name: getattr(detector, one.name) for one in fields(detector)},
        "threshold": model.threshold,
        "contamination": model.contamination,
        **({} if model.by is None else {"rule": options_of(model.by)}),
        "min_rows": fit.min_rows,
        "min_effect": None if model.min_effect is None else list(model.min_effect),
        "nulls": fit.nulls,
        "features": [
            {"name": part.name, "kind": part.kind.value, "column": own.column, "stem": own.stem, "raw": raw}
            for part, own, raw in columns
        ],
        "keys": [
            {"name": part.name, "kind": part.kind.value, "column": column}
            for part, column in zip(model.keys, fit.keys, strict=True)
        ],
        "relations": sorted(model.relations),
        "members": dict(members),
        "libraries": {
            "sqlnomaly": __version__,
            **{name: version(name) for name in ("sqlglot", "numpy", "pyarrow")},
        },
    }


def _read_manifest(text: bytes, where: str) -> dict[str, Any]:
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        raise ModelError(f"the model's {MANIFEST} is no JSON", where=where) from None
    if not isinstance(manifest, dict):
        raise ModelError(f"the model's {MANIFEST} is no JSON object", where=where)
    found = manifest.get("format")
    if type(found) is not int or found != FORMAT:
        raise ModelError(
            f"the model has format version {found}; this sqlnomaly reads {FORMAT}",
            where=where,
            hint="fit it again, or use the sqlnomaly that wrote it",
        )
    if manifest.get("checksum") != checksum(canonical(manifest)):
        raise ModelError("the model's manifest was changed after it was written", where=where, hint="fit it again")
    members = manifest.get("members")
    if not isinstance(members, dict):
        raise ModelError(f"the model's {MANIFEST} names no members", where=where, hint="fit it again")
    for name in members:
        if not _MEMBER.fullmatch(name):
            raise ModelError(f"the model names a file outside of itself: {name!r}", where=where)
    return manifest


def _bytes(archive: zipfile.ZipFile, name: str, where: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise ModelError(f"{name} has more than {LARGEST:,} bytes", where=where)
    return archive.read(name)


def _table(data: bytes, where: str) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(BytesIO(data))
    except (pa.ArrowException, OSError) as error:
        raise ModelError(f"a relation of the model is no Parquet: {error}", where=where) from None


def _model(manifest: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> FittedModel:
    """The model, every part of it as a fit would have made it.

    Raises:
        KeyError, TypeError, ValueError or AttributeError: for what no fit makes.
    """
    features, keys = manifest["features"], manifest["keys"]
    detector = _detector(manifest["detector"], dict(manifest["parameters"]))
    names = [one["name"] for one in (*keys, *features)]
    columns = [one[part] for one in features for part in ("column", "stem", "raw")] + [one["column"] for one in keys]
    _need(bool(features) and all(type(name) is str for name in names), "every feature has a name")
    _need(len(set(names)) == len(names), "no name comes twice")
    _need(all(map(_COLUMN.fullmatch, columns)), "columns are plain words")
    kinds = [Kind(one["kind"]) for one in features]
    categories = [is_category(detector, kind) for kind in kinds]
    taken = all(kind in CATEGORICAL if category else kind not in NO_NUMBER for kind, category in zip(kinds, categories))  # noqa: B905
    _need(taken, "features are numbers, truth values or times, or categories of a detector that takes them")
    threshold, share, effect = manifest["threshold"], manifest["contamination"], manifest["min_effect"]
    by = None if manifest.get("rule") is None else _rule(manifest["rule"], detector, len(features))
    bounded = threshold is not None or share is not None or by is not None or detector.name.startswith("fitted.")
    _need(bounded, "there is a threshold or a contamination")
    _need(by is None or (threshold is None and share is None), "there is one rule")
    _need(not isinstance(by, FalseDiscoveries) or "held" in tables, "rows were held out for a rate of false alarms")
    _need(threshold is None or _is_number(threshold), "threshold is a number")
    _need(share is None or (_is_number(share) and 0 < share <= 0.5), "contamination is a share")
    _need(
        effect is None
        or (len(effect) == len(features) and detector.directed and all(_is_number(one) and one >= 0 for one in effect)),
        "min_effect is a distance for each feature",
    )
    _need(type(manifest["min_rows"]) is int and manifest["min_rows"] >= 1, "min_rows is 1 or more")
    _need(manifest["nulls"] in NULLS, f"nulls is one of {', '.join(NULLS)}")
    own = tuple(one["column"] for one in keys)
    relations = {name: tables[name] for name in manifest["relations"]}
    for table in (relations["model"], *relations.values()):
        _check_numbers(table, (*own, VALUE) if all(categories) else own, bytes_in=detector.holds_bytes)
    cut = threshold is None and (by is None or isinstance(by, Peaks | Significance))
    _check_numbers(tables["calibration"].select([*own, "n", *(["threshold"] if cut else [])]), own)
    if "held" in tables:
        _check_numbers(tables["held"], own)
        tables["held"].select(["held"])
    tests = tables["selftest"]
    if PLACE in tests.column_names:  # as the statement gave it
        tests = tests.sort_by(PLACE).select([name for name in tests.column_names if name != PLACE][-len(names) - 1 :])
        tests = tests.rename_columns([*names, SCORE])
    tests = tests.select([*names, SCORE])
    _need(tests.num_rows > 0 and tests.column(SCORE).null_count == 0, "there are rows to test with")
    return FittedModel(
        fit=Fit(
            number=1,
            detector=detector,
            features=tuple(
                Feature(one["name"], one["column"], one["stem"], category)
                for one, category in zip(features, categories, strict=True)
            ),
            raw=tuple(one["raw"] for one in features),
            keys=own,
            order=(),
            frame=None,
            fitted=None,
            leave_one_out=False,
            nulls=manifest["nulls"],
            min_rows=manifest["min_rows"],
        ),
        features=tuple(Parameter(one["name"], kind) for one, kind in zip(features, kinds, strict=True)),
        keys=tuple(Parameter(one["name"], Kind(one["kind"])) for one in keys),
        threshold=threshold,
        contamination=share,
        min_effect=None if effect is None else tuple(effect),
        relations=relations,
        calibration=tables["calibration"],
        selftest=tests,
        held=tables.get("held"),
        by=by,
    )


def _rule(options: Mapping[str, Any], detector: Detector, features: int) -> By:
    """The rule that is neither a threshold nor a contamination."""
    try:
        found = rule_of(options, detector, features)
    except (CallError, UnsupportedError) as error:
        raise ValueError(error.message) from None
    _need(found is not None and options_of(found) == options, "the rule is one that a model may keep")
    assert found is not None, "checked"
    return found


def _detector(name: str, parameters: dict[str, Any]) -> Detector:
    """The detector with its parameters."""
    from sqlnomaly.udfs.fitted_registry import CARRIED
    from sqlnomaly.udfs.registry import detectors

    known = {**detectors(), **CARRIED}
    _need(name in known, f"there is no detector {name!r}")
    kind = known[name]
    own = {one.name: one.default for one in fields(kind)}
    _need(parameters.keys() == own.keys(), f"{name} takes {', '.join(own) or 'no parameter'}")
    for option, value in parameters.items():
        if type(own[option]) is tuple and type(value) is list and all(map(_is_number, value)):
            parameters[option] = tuple(value)  # JSON has no tuples
            continue
        allowed = (type(own[option]), int) if option not in kind.several else (str, int, float, bool, type(None))
        truth = type(value) is not bool or type(own[option]) is bool or option in kind.several
        _need(type(value) in allowed and truth, f"{option} is like {own[option]!r}")
    _need(parameters.get("direction", "both") in DIRECTIONS, f"direction is one of {', '.join(DIRECTIONS)}")
    kind.validate(parameters)
    return kind(**parameters)


def _check_numbers(table: pa.Table, keys: tuple[str, ...], *, bytes_in: str | None = None) -> None:
    """Raises ValueError where a relation lacks a key, or holds no finite number outside of the column of bytes."""
    import pyarrow as pa

    for name, column in zip(table.column_names, table.columns, strict=True):
        if name == bytes_in and column.type == pa.binary():
            continue
        values = [value for value in column.to_pylist() if value is not None]
        _need(name in keys or all(map(_is_number, values)), f"{name} holds numbers")
    table.select(keys)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and math.isfinite(value)


def _need(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)
