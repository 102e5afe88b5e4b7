"""The file of a model: a zip of ``manifest.json`` and Parquet relations, read back only where every checksum holds."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import ModelError
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.fitted import FittedModel, Parameter
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 1
"""The version of the format; a file of another one is refused."""
MANIFEST = "manifest.json"
LARGEST = 2**30
"""Bytes of a member, at most."""
STAMP = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that the same model gives the same bytes."""
_MEMBER = re.compile(r"[a-z][a-z0-9_]*\.parquet")


def write_model(model: FittedModel, path: str | os.PathLike[str]) -> None:
    """Writes the file, whole or not at all.

    Raises:
        ModelError: it cannot be written there.
    """
    members = {f"{name}.parquet": parquet(table) for name, table in _tables(model).items()}
    manifest = _manifest(model, {name: checksum(data) for name, data in members.items()})
    manifest["checksum"] = checksum(canonical(manifest))
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
                text = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
                for member, data in {MANIFEST: text, **members}.items():
                    archive.writestr(zipfile.ZipInfo(member, STAMP), data)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise ModelError(f"cannot write the model: {error.strerror}", where=str(path)) from None


def read_model(path: str | os.PathLike[str]) -> FittedModel:
    """The model in a file.

    Raises:
        ModelError: it is no model, of another format version, or changed since it was written.
    """
    where = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _read_manifest(archive, where)
            tables = {
                name.removesuffix(".parquet"): _table(_member(archive, name, wanted, where), where)
                for name, wanted in manifest["members"].items()
            }
    except FileNotFoundError:
        raise ModelError("there is no such model", where=where) from None
    except OSError as error:
        raise ModelError(f"cannot read the model: {error.strerror}", where=where) from None
    except zipfile.BadZipFile:
        raise ModelError("this is no model: not a zip file", where=where, hint="sqlnomaly fit -o") from None
    try:
        return _model(manifest, tables)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"the model's manifest does not fit its format: {error!r}", where=where) from None


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
    return {**model.relations, "calibration": model.calibration, "selftest": model.selftest}


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


def _read_manifest(archive: zipfile.ZipFile, where: str) -> dict[str, Any]:
    if MANIFEST not in archive.namelist():
        raise ModelError(f"this is no model: it has no {MANIFEST}", where=where, hint="sqlnomaly fit -o")
    try:
        manifest = json.loads(_bytes(archive, MANIFEST, where))
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise ModelError(f"the model's {MANIFEST} is no JSON", where=where) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise ModelError(
            f"the model has format version {found}; this sqlnomaly reads {FORMAT}",
            where=where,
            hint="fit it again, or use the sqlnomaly that wrote it",
        )
    if manifest.get("checksum") != checksum(canonical(manifest)):
        raise ModelError("the model's manifest was changed after it was written", where=where, hint="fit it again")
    for name in manifest["members"]:
        if not _MEMBER.fullmatch(name):
            raise ModelError(f"the model names a file outside of itself: {name!r}", where=where)
    return manifest


def _member(archive: zipfile.ZipFile, name: str, wanted: str, where: str) -> bytes:
    if name not in archive.namelist():
        raise ModelError(f"the model lacks {name}", where=where, hint="fit it again")
    data = _bytes(archive, name, where)
    if checksum(data) != wanted:
        raise ModelError(f"{name} was changed after the model was written", where=where, hint="fit it again")
    return data


def _bytes(archive: zipfile.ZipFile, name: str, where: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise ModelError(f"{name} has more than {LARGEST:,} bytes", where=where)
    return archive.read(name)


def _table(data: bytes, where: str) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(BytesIO(data))
    except pa.ArrowException as error:
        raise ModelError(f"a relation of the model is no Parquet: {error}", where=where) from None


def _model(manifest: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> FittedModel:
    from sqlnomaly.udfs.registry import detectors

    kind = detectors()[manifest["detector"]]
    parameters = dict(manifest["parameters"])
    kind.validate(parameters)
    detector = kind(**parameters)
    features = manifest["features"]
    effect = manifest["min_effect"]
    return FittedModel(
        fit=Fit(
            number=1,
            detector=detector,
            features=tuple(Feature(one["name"], one["column"], one["stem"]) for one in features),
            raw=tuple(one["raw"] for one in features),
            keys=tuple(one["column"] for one in manifest["keys"]),
            order=(),
            frame=None,
            fitted=None,
            leave_one_out=False,
            nulls=manifest["nulls"],
            min_rows=manifest["min_rows"],
        ),
        features=tuple(Parameter(one["name"], Kind(one["kind"])) for one in features),
        keys=tuple(Parameter(one["name"], Kind(one["kind"])) for one in manifest["keys"]),
        threshold=manifest["threshold"],
        contamination=manifest["contamination"],
        min_effect=None if effect is None else tuple(effect),
        relations={name: tables[name] for name in manifest["relations"]},
        calibration=tables["calibration"],
        selftest=tables["selftest"],
    )
