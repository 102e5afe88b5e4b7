"""The golden SQL: it is what the code generates, and it runs or parses where its dialect says."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from shutil import copytree
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import packs
from sqlnomaly.dialects import DIALECTS
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.pushdown.compiled import Step
from sqlnomaly.support import refusal
from sqlnomaly.udfs.registry import BUILT_IN
from tests.conftest import missing_engine
from tests.thorough import some

FILES = sorted(path.relative_to(packs.FOLDER).as_posix() for path in packs.FOLDER.glob("*/*.sql"))

Rows = dict[int, dict[str, Any]]
"""The rows of a result by their id."""

WHOLE = ("__n", "__varies")
"""What the columns of whole numbers in a model's relation end with."""
REMOVAL = 1e-13
"""What leave-one-out and RANGE frames may lose in relation to score^2: the own row is taken out of a sum."""


def of(*dialects: str) -> list[str]:
    """The golden files of these dialects."""
    return [name for name in FILES if name.partition("/")[0] in dialects]


def on_slow_engines(*dialects: str) -> list[str]:
    """Those but for the plainest query of a detector whose other query asks more of the same."""
    plain = "_partitioned.sql"
    first = {f"{detector}{plain}" for detector in packs.FIRST}
    return [name for name in of(*dialects) if not name.endswith(plain) or name.partition("/")[2] in first]


def of_first(*dialects: str) -> list[str]:
    """Those of the first detectors: of the others the matrix runs the same query, over its own data."""
    return [name for name in on_slow_engines(*dialects) if re.match(r"\w+/([a-z]+)_", name)[1] in packs.FIRST]


def text_of(name: str) -> str:
    return (packs.FOLDER / name).read_text(encoding="utf-8")


def orders() -> pa.Table:
    """Two stores and a NULL one, a spike in each feature, missing and disputed rows, ties."""
    count = 60
    numbers = range(1, count + 1)
    amounts: list[float | None]
    amounts = [round(40 + 9 * math.sin(3.7 * n) + 4 * math.cos(1.3 * n), 2) for n in numbers]
    items = [6 + n * 7 % 5 for n in numbers]
    amounts[22], amounts[30], items[37] = 592.4, None, 31
    first = dt.date(2025, 3, 1)
    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()),
            "store": [("north", "south", None)[n % 7 % 3] for n in numbers],
            "day": [first + dt.timedelta(days=n // 3) for n in numbers],
            "items": pa.array(items, pa.int64()),
            "amount": pa.array(amounts, pa.float64()),
            "disputed": [None if n == 11 else n in (5, 23, 38) for n in numbers],
        }
    )


def query_of(name: str) -> str:
    """The query that a golden file was compiled from."""
    head = text_of(name).partition("\n-- step 1 ")[0].splitlines()
    return "\n".join(line.removeprefix("-- ") for line in takewhile(lambda line: line.startswith("-- "), head))


def steps_of(name: str) -> tuple[Step, ...]:
    """The steps of a golden file, as they are compiled now."""
    return sqlnomaly.compile(query_of(name), write=name.partition("/")[0], schema=packs.SCHEMA).steps


def answer(name: str, session: sqlnomaly.Session) -> pa.Table:
    """What the golden SQL gives; of a script, whose first step is the client's, what its query gives."""
    if "-- step 1 of" not in text_of(name):
        return session.engine.run(text_of(name))
    return session.sql(query_of(name), read="duckdb").arrow()


def rows_by_id(table: pa.Table) -> Rows:
    return {row["id"]: row for row in table.to_pylist()}


@pytest.fixture(scope="module")
def on_duckdb() -> Iterator[sqlnomaly.Session]:
    with sqlnomaly.connect() as session:
        session.load("orders", orders())
        yield session


@pytest.fixture(scope="module")
def on_spark() -> Iterator[Callable[[str], Rows]]:
    """Runs a golden file on Spark."""
    try:
        session = sqlnomaly.connect("spark")
    except (sqlnomaly.MissingDriverError, sqlnomaly.EngineError) as error:
        missing_engine("spark", str(error))
    with session:
        session.load("orders", orders())
        yield lambda name: rows_by_id(answer(name, session))


def test_the_golden_files_are_what_the_code_generates(capsys: pytest.CaptureFixture[str]) -> None:
    assert packs.main(["--check"]) == 0, capsys.readouterr().out


def test_a_check_names_each_difference_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "packs"
    copytree(packs.FOLDER, folder)
    generated = [packs.Golden(name, name.partition("/")[0], "", text_of(name)) for name in FILES]
    monkeypatch.setattr(packs, "goldens", lambda: iter(generated))
    changed, removed = folder / FILES[0], folder / FILES[1]
    changed.write_text("SELECT 1\n", encoding="utf-8")
    removed.unlink()
    (folder / "duckdb" / "stray.sql").write_text("SELECT 1\n", encoding="utf-8")
    expected = [f"{FILES[0]}: changed", f"{FILES[1]}: missing", "duckdb/stray.sql: generated by nothing"]

    assert packs.main(["--check", "--folder", str(folder)]) == 1
    names, *diffs = capsys.readouterr().out.split("\n--- ")
    assert names.splitlines() == expected
    assert diffs[0].startswith(f"{FILES[0]}, the file")
    assert "-SELECT 1" in diffs[0].splitlines()
    assert changed.read_text(encoding="utf-8") == "SELECT 1\n"
    assert not removed.exists()

    assert packs.main(["--folder", str(folder)]) == 0
    assert packs.differences(folder) == []


def test_every_detector_has_golden_files_on_every_dialect() -> None:
    found = {name.removesuffix(".sql") for name in FILES}
    wanted = [
        f"{dialect}/{detector.name}"
        for dialect in DIALECTS
        for detector in BUILT_IN
        if detector.name in packs.FIRST or dialect in packs.SHOWN
        if refusal(detector, "PARTITION BY", dialect) is None
    ]
    assert [stem for stem in wanted if not any(f"{stem}_{query}" in found for query in packs.QUERIES)] == []


@pytest.mark.parametrize("name", FILES)
def test_golden_sql_calls_only_documented_functions(name: str) -> None:
    dialect = DIALECTS[name.partition("/")[0]]
    assert check_functions(text_of(name), dialect.functions, dialect.sqlglot) == []


@pytest.mark.duckdb
@pytest.mark.parametrize("name", some(of("duckdb"), every=None, and_also=on_slow_engines("duckdb")))
def test_golden_sql_runs_on_duckdb_and_finds_what_is_planted(name: str, on_duckdb: sqlnomaly.Session) -> None:
    found = rows_by_id(answer(name, on_duckdb))
    if "contamination" in name or "rows_frame" in name:
        assert 0 < len(found) < 60
        return
    assert len(found) == 60
    rank = "probability" if "explained" in name else "score"
    scores = {id_: row[rank] for id_, row in found.items() if row[rank] is not None}
    highest = {id_ for id_, score in scores.items() if score == max(scores.values())}
    assert highest
    if any(f"duckdb/{detector}_" in name for detector in ("zscore", "mad", "iqr", "mahalanobis", "ewma")):
        assert highest & {23, 38}


@pytest.mark.spark
@pytest.mark.parametrize("name", some(on_slow_engines("spark"), every=None, and_also=of_first("spark")[::6]))
def test_golden_sql_gives_the_same_rows_on_spark_as_on_duckdb(
    name: str, on_spark: Callable[[str], Rows], on_duckdb: sqlnomaly.Session
) -> None:
    found = on_spark(name)
    expected = rows_by_id(answer(f"duckdb/{name.partition('/')[2]}", on_duckdb))
    assert found.keys() == expected.keys()
    for id_, row in expected.items():
        score = row.get("score") or 0.0
        tolerance = max(1e-9, REMOVAL * (1 + score * score))
        for column, value in row.items():
            assert close(found[id_][column], value, tolerance), (id_, column)


@pytest.mark.parametrize("name", of("databricks"))
def test_golden_sql_of_databricks_is_sparks_to_the_letter(name: str) -> None:
    assert text_of(name) == text_of(name.replace("databricks", "spark"))


def close(found: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two values agree; JSON text by what it says."""
    if isinstance(wanted, str) and wanted.startswith("["):
        return all(
            close(left[key], right[key], tolerance)
            for left, right in zip(json.loads(found), json.loads(wanted), strict=True)
            for key in right
        )
    return bool(found == (pytest.approx(wanted, rel=tolerance) if isinstance(wanted, float) else wanted))


@pytest.mark.bigquery
@pytest.mark.parametrize("name", some(on_slow_engines("bigquery"), every=None, and_also=of_first("bigquery")))
def test_golden_sql_is_typed_by_the_googlesql_analyzer(name: str) -> None:
    from sqlnomaly.script import type_in
    from tests.engines.googlesql import GoogleSql

    columns = {column: type_in(kind, "duckdb", "bigquery") for column, kind in packs.SCHEMA["orders"].items()}
    steps = steps_of(name)
    tables = {"orders": columns} | {
        given.name: {
            column: "STRING" if "key" in column else "INT64" if column.endswith(WHOLE) else "FLOAT64"
            for column in given.columns
        }
        for given in (step.fit.given for step in steps if step.fit is not None)
    }
    for step in steps[:-1]:
        assert GoogleSql(tables).analyze(step.sql)
    types = dict(GoogleSql(tables).analyze(steps[-1].sql))
    wanted = {"id": "INT64", "score": "FLOAT64", "threshold": "FLOAT64", "alert": "BOOL"}
    wanted |= {"store": "STRING", "reason": "STRING", "status": "STRING"}
    wanted |= {"probability": "FLOAT64", "explanation": "STRING"}
    assert types == {column: wanted[column] for column in types}
    assert {"score", "threshold", "probability"} & types.keys()


@pytest.mark.snowflake
@pytest.mark.parametrize(
    "name",
    some(
        on_slow_engines("snowflake"),
        every=None,
        and_also=[
            *(name for name in of_first("snowflake") if name.endswith(("explained.sql", "rows_frame.sql"))),
            "snowflake/series_decompose_filter.sql",
        ],
    ),
)
def test_golden_sql_parses_as_snowflake(name: str) -> None:
    from tests.engines.snowflake_grammar import check

    check(text_of(name))


@pytest.mark.parametrize(
    "name",
    some(
        of("databricks"),
        every=None,
        and_also=[name for name in of("databricks") if name.endswith(("explained.sql", "frame.sql"))],
    ),
)
def test_golden_sql_parses_as_databricks(name: str) -> None:
    from tests.engines.snowflake_grammar import check

    check(text_of(name), "databricks")
