"""The file of a model: the same model comes back, and nothing that no fit wrote is ever read as one."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sqlnomaly import connect
from sqlnomaly.artefact import MANIFEST, canonical, checksum, parquet, read_model, write_model
from sqlnomaly.errors import ModelError
from sqlnomaly.model import Model
from sqlnomaly.pushdown.fitted import SCORE
from sqlnomaly.session import Session
from tests.models.asked import DETECTORS

pytestmark = pytest.mark.duckdb

ROWS = "SELECT i % 7 * 1.5 AS x, i % 5 AS y, CASE WHEN i % 3 > 0 THEN i % 3 END AS k FROM range(60) AS r(i)"
SMALL: Mapping[str, Mapping[str, Any]] = {"iforest": {"n_estimators": 4, "max_samples": 16}}

Members = dict[str, bytes]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda word: word != SCORE)


@pytest.fixture(scope="module")
def session() -> Session:
    return connect()


@pytest.fixture(scope="module")
def model(session: Session) -> Model:
    return session.fit(ROWS, detector="zscore", partition_by="k", min_effect=[1.0, 2.0])


@pytest.fixture
def written(model: Model, tmp_path: Path) -> Path:
    path = tmp_path / "fraud.model"
    model.save(path)
    return path


def members(path: Path) -> Members:
    """What the zip holds."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path: Path, held: Members, *, how: int = zipfile.ZIP_STORED) -> None:
    """The zip with these members."""
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, data in held.items():
            archive.writestr(name, data)


def resealed(path: Path, change: Callable[[dict[str, Any], Members], object]) -> None:
    """The file changed by somebody who mends every checksum."""
    held = members(path)
    manifest = json.loads(held[MANIFEST])
    change(manifest, held)
    if isinstance(manifest.get("members"), dict):
        manifest["members"] |= {name: checksum(held[name]) for name in manifest["members"] if name in held}
    manifest["checksum"] = checksum(canonical(manifest))
    rewritten(path, {**held, MANIFEST: json.dumps(manifest).encode()})


def refused(path: Path) -> str:
    """What is said about the file; always its place too."""
    with pytest.raises(ModelError) as caught:
        Model.load(path)
    assert caught.value.where == str(path)
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("detector", DETECTORS)
def test_the_same_model_comes_back(detector: str, session: Session, tmp_path: Path) -> None:
    model = session.fit(ROWS, detector=detector, partition_by="k", **SMALL.get(detector, {})).fitted
    write_model(model, tmp_path / "m")

    back = read_model(tmp_path / "m")

    names = ("features", "keys", "threshold", "contamination", "min_effect", "relations", "calibration", "selftest")
    assert [getattr(back, name) for name in names] == [getattr(model, name) for name in names]
    assert (back.detector, back.fit.keys, back.fit.nulls, back.fit.min_rows) == (
        model.detector, model.fit.keys, model.fit.nulls, model.fit.min_rows,
    )  # fmt: skip


def test_the_same_model_gives_the_same_bytes(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "first")
    model.save(tmp_path / "second")
    Model.load(tmp_path / "first").save(tmp_path / "third")

    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    threshold=st.floats(-1e150, 1e150),
    effect=st.lists(st.floats(0, 1e150), min_size=2, max_size=2),
    rows=st.integers(1, 2**53),
    names=st.lists(WORDS, min_size=3, max_size=3, unique=True),
)
def test_every_parameter_comes_back_to_the_bit(
    threshold: float, effect: list[float], rows: int, names: list[str], model: Model, tmp_path: Path
) -> None:
    whole = model.fitted
    features = tuple(replace(part, name=name) for part, name in zip(whole.features, names[1:], strict=True))
    keys = (replace(whole.keys[0], name=names[0]),)
    tests = whole.selftest.rename_columns([*names, SCORE])
    changed = replace(
        whole, features=features, keys=keys, selftest=tests, threshold=threshold, min_effect=tuple(effect),
        fit=replace(whole.fit, min_rows=rows),
    )  # fmt: skip
    write_model(changed, tmp_path / "m")

    back = read_model(tmp_path / "m")

    assert (back.threshold, back.min_effect, back.fit.min_rows) == (threshold, tuple(effect), rows)
    assert [part.name for part in (*back.keys, *back.features)] == names


def change(name: str, value: Any) -> Callable[[dict[str, Any], Members], object]:
    return lambda manifest, _: manifest.__setitem__(name, value)


def lose(name: str) -> Callable[[dict[str, Any], Members], object]:
    return lambda manifest, _: manifest.pop(name)


def feature(name: str, value: Any) -> Callable[[dict[str, Any], Members], object]:
    return lambda manifest, _: manifest["features"][0].__setitem__(name, value)


def relation(name: str, table: pa.Table | bytes) -> Callable[[dict[str, Any], Members], object]:
    data = table if isinstance(table, bytes) else parquet(table)
    return lambda _, held: held.__setitem__(f"{name}.parquet", data)


NONE = pa.table({"a": [1.0]})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        *((lose(name), name) for name in ("members", "detector", "parameters", "features", "keys", "relations")),
        *((lose(name), name) for name in ("threshold", "contamination", "nulls", "min_rows", "min_effect")),
        (change("format", 2), "format version 2; this sqlnomaly reads 1"),
        (change("format", True), "format version True"),
        (change("detector", "nope"), "no detector 'nope'"),
        (change("detector", ["zscore"]), "unhashable"),
        (change("detector", "hbos"), "hbos takes n_bins, alpha, tol"),
        (change("parameters", {"ddof": 7, "direction": "both"}), "ddof is 0 or 1"),
        (change("parameters", {"ddof": "1", "direction": "both"}), "ddof is like 1"),
        (change("parameters", {"ddof": 1, "direction": "sideways"}), "direction is one of"),
        (change("parameters", {"ddof": 1, "direction": "both", "more": 1}), "zscore takes ddof, direction"),
        (change("parameters", 3), "does not fit its format"),
        (change("nulls", "maybe"), "nulls is one of"),
        (change("min_rows", "many"), "min_rows"),
        (change("min_rows", 1.5), "min_rows"),
        (change("min_rows", 0), "min_rows"),
        (change("threshold", "x"), "threshold is a number"),
        (change("threshold", float("nan")), "threshold is a number"),
        (change("threshold", float("inf")), "threshold is a number"),
        (change("threshold", True), "threshold is a number"),
        (change("threshold", None), "a threshold or a contamination"),
        (change("contamination", 9), "contamination is a share"),
        (change("min_effect", [1.0]), "min_effect"),
        (change("min_effect", ["a", "b"]), "min_effect"),
        (change("min_effect", [-1.0, 1.0]), "min_effect"),
        (change("features", []), "every feature has a name"),
        (change("features", 3), "does not fit its format"),
        (feature("name", 5), "every feature has a name"),
        (feature("name", "y"), "no name comes twice"),
        (feature("kind", "text"), "features are numbers"),
        (feature("kind", "nope"), "nope"),
        (feature("stem", "x; DROP TABLE t"), "columns are plain words"),
        (feature("column", "(SELECT 1)"), "columns are plain words"),
        (change("members", ["model.parquet"]), "names no members"),
        (change("members", {"../x.parquet": "0"}), "outside of itself: '../x.parquet'"),
        (change("members", {"/etc/x.parquet": "0"}), "outside of itself"),
        (change("members", {"model.parquet\n": "0"}), "outside of itself"),
        (change("members", {"nope.parquet": "0"}), "lacks nope.parquet"),
        (change("relations", ["model", "nope"]), "lacks 'nope'"),
        (change("relations", []), "lacks 'model'"),
        (relation("model", NONE), "_sn__key1"),
        (relation("calibration", NONE), "_sn__key1"),
        (relation("selftest", NONE), "does not fit its format|lacks"),
        (relation("model", pa.table({"_sn__key1": [1], "_sn_x__n": [float("nan")]})), "_sn_x__n holds numbers"),
        (relation("model", pa.table({"_sn__key1": [1], "_sn_x__n": ["x' OR 1"]})), "_sn_x__n holds numbers"),
        (relation("model", b""), "no Parquet"),
        (relation("model", b"PAR1 and no more PAR1"), "no Parquet"),
    ],
)
def test_what_no_fit_writes_is_refused_even_under_the_right_checksum(
    changed: Callable[[dict[str, Any], Members], object], said: str, written: Path
) -> None:
    resealed(written, changed)

    assert re.search(said, refused(written))


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("n_bins", [1, 2], False), ("n_bins", {"a": 1}, False), ("n_bins", "auto", True), ("n_bins", 12, True),
        ("alpha", True, False), ("alpha", "x", False), ("alpha", 0.2, True),
    ],
)  # fmt: skip
def test_a_parameter_of_pyod_is_a_literal_that_a_call_could_give(
    name: str, value: Any, allowed: bool, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "bars.model"
    session.fit(f"SELECT x, y FROM ({ROWS})", detector="pyod.hbos").save(path)
    resealed(path, lambda manifest, _: manifest["parameters"].__setitem__(name, value))

    if allowed:
        assert Model.load(path).fitted.detector.parameters[name] == value
    else:
        assert f"{name} is like" in refused(path)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("model.parquet", None, "lacks model.parquet"),
        ("selftest.parquet", None, "lacks selftest.parquet"),
        ("model.parquet", b"PAR1", "model.parquet was changed"),
        (MANIFEST, None, f"has no {MANIFEST}"),
        (MANIFEST, b"", "is no JSON"),
        (MANIFEST, b"{", "is no JSON"),
        (MANIFEST, b"\xff\xfe\x00", "is no JSON"),
        (MANIFEST, b"[" * 200_000, "is no JSON"),
        (MANIFEST, b'{"format": ' + b"9" * 5_000 + b"}", "is no JSON"),
        (MANIFEST, b"[]", "is no JSON object"),
        (MANIFEST, b"null", "is no JSON object"),
        (MANIFEST, b"{}", "format version None"),
        (MANIFEST, b'{"format": 1}', "manifest was changed"),
    ],
)
def test_a_member_that_was_changed_or_is_gone_is_refused(
    name: str, data: bytes | None, said: str, written: Path
) -> None:
    held = {one: content for one, content in {**members(written), name: data}.items() if content is not None}
    rewritten(written, held)

    assert said in refused(written)


def test_a_number_changed_by_hand_is_refused(written: Path) -> None:
    held = members(written)
    rewritten(written, {**held, MANIFEST: held[MANIFEST].replace(b'"threshold": 3.0', b'"threshold": 9.0')})

    assert "manifest was changed after it was written" in refused(written)


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.999])
def test_half_a_file_is_refused(kept: float, written: Path) -> None:
    data = written.read_bytes()
    written.write_bytes(data[: int(kept if kept > 1 else kept * len(data))])

    assert "no model, or a damaged one" in refused(written)


def test_every_flipped_bit_of_a_member_is_noticed(written: Path) -> None:
    data = written.read_bytes()
    for place in range(data.index(b"PAR1"), data.index(b"PK\x01\x02"), 997):
        written.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        refused(written)


def headers(data: bytes, offsets: tuple[int, int], value: bytes) -> bytes:
    """The zip with a field changed in every local and central header."""
    changed = bytearray(data)
    for mark, offset in zip((b"PK\x03\x04", b"PK\x01\x02"), offsets, strict=True):
        at = data.find(mark)
        while at >= 0:
            changed[at + offset : at + offset + len(value)] = value
            at = data.find(mark, at + 1)
    return bytes(changed)


@pytest.mark.parametrize(
    ("offsets", "value", "said"),
    [
        ((6, 8), b"\x01\x00", "encrypted"),
        ((8, 10), b"\x63\x00", "compression"),
        ((22, 24), b"\x00\x00\x00\x7f", "more than 1,073,741,824 bytes"),
    ],
)
def test_a_zip_that_is_not_ours_is_refused(
    offsets: tuple[int, int], value: bytes, said: str, written: Path
) -> None:
    written.write_bytes(headers(written.read_bytes(), offsets, value))

    assert said in refused(written)


def test_deflated_garbage_is_refused(written: Path) -> None:
    rewritten(written, members(written), how=zipfile.ZIP_DEFLATED)
    data = written.read_bytes()
    written.write_bytes(data[:90] + b"\xff" * 60 + data[150:])

    refused(written)


@pytest.mark.parametrize(
    ("place", "said"), [("none", "there is no such model"), (".", "Is a directory"), ("a\0b", "embedded null")]
)
def test_a_path_without_a_file_is_refused(place: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=said):
        Model.load(f"{tmp_path}/{place}")


@pytest.mark.parametrize("place", ["no/such/folder/m", ".", "n" * 300, "a\0b"])
def test_what_cannot_be_written_leaves_nothing_behind(place: str, model: Model, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot write the model"):
        model.save(f"{tmp_path}/{place}")

    assert os.listdir(tmp_path) == []
    assert [name for name in os.listdir(tmp_path.parent) if name.startswith(f".{tmp_path.name}")] == []


def test_a_write_that_fails_leaves_the_old_file(model: Model, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sqlnomaly.artefact.os.replace", full)
    with pytest.raises(ModelError, match="No space left"):
        model.save(written)

    assert written.read_bytes() == before
    assert os.listdir(written.parent) == [written.name]
