"""EXPLAIN says which period a client would find, by the first points of a few series and no more."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.explaining import words
from sqlnomaly.udfs import periods
from sqlnomaly.udfs.registry import detectors
from tests.conformance.on_printed import misplaced_conditions
from tests.engines.sessions import on_postgres
from tests.engines.snowflake_grammar import check

SEEKING = sorted(name for name, kind in detectors().items() if kind.summarized and kind().seeks)
ROWS = """(SELECT k, TIMESTAMP '2025-01-01' + i * INTERVAL '1' HOUR AS t,
                  CASE WHEN k < 2 THEN MOD(i, 24) ELSE MOD(i * i * 7919, 101) END + MOD(i, 5) / 9.0 AS x
           FROM points) AS rows_"""
SCHEMA = {"points": {"k": "BIGINT", "i": "BIGINT"}}
CALL = "anomaly_score(x, detector => '{}') OVER (PARTITION BY k ORDER BY t)"


def line(session: Session, detector: str, rows: str = ROWS) -> str:
    """What EXPLAIN says of the option that is left to the rows."""
    call = CALL.format(detector)
    told = session.sql(f"EXPLAIN ANOMALY SELECT {call} FROM {rows}", read="duckdb").fetchall()
    return next(row[0].strip() for row in told if ": auto, " in row[0])


def points(series: int, length: int) -> str:
    """A table of points, with one row that has no place in its series."""
    return (
        "CREATE TEMPORARY TABLE points AS SELECT CAST(k AS BIGINT) AS k, CAST(i AS BIGINT) AS i "
        f"FROM generate_series(0, {series - 1}) AS a(k) CROSS JOIN generate_series(0, {length - 1}) AS b(i) "
        "UNION ALL SELECT 0, NULL"
    )


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", SEEKING)
def test_explain_says_the_period_or_the_windows(detector: str) -> None:
    with sqlnomaly.connect() as session:
        session.sql(points(3, 300))
        found = line(session, detector)
    option, _, told = found.partition(": auto, ")
    if option == "window":
        assert told == "found 16 and 24 points in 3 of 3 series (EXPLAIN looked at 900 points)"
    else:
        assert option == ("periods" if detector == "mstl" else "period")
        what = "5 and 24" if detector == "mstl" else "24"
        assert told == f"found {what} points in 2 of 3 series, none in 1 of 3 series (EXPLAIN looked at 900 points)"


@pytest.mark.postgres
def test_postgres_is_asked_for_the_same_points() -> None:
    with on_postgres() as session:
        session.sql(points(3, 300))
        assert "found 24 points in 2 of 3 series, none in 1 of 3 series (EXPLAIN looked at 900 points)" in line(
            session, "holt_winters"
        )


@pytest.mark.duckdb
def test_the_period_that_is_told_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    used: Counter[int] = Counter()
    find = periods.found_period

    def noted(values: Any, **options: Any) -> int:
        period = find(values, **options)
        used[period] += 1
        return period

    with sqlnomaly.connect() as session:
        session.sql(points(4, 300))
        found = line(session, "holt_winters")
        monkeypatch.setattr(periods, "found_period", noted)
        session.sql(f"SELECT {CALL.format('holt_winters')} FROM {ROWS}")
    assert used == {24: 2, 0: 2}
    assert "found 24 points in 2 of 4 series, none in 2 of 4 series" in found


@pytest.mark.duckdb
def test_no_more_leaves_than_the_first_points_of_the_longest_series() -> None:
    with sqlnomaly.connect() as session:
        session.sql(
            "CREATE TABLE points AS SELECT k, i FROM range(24) AS a(k), range(9000) AS b(i) WHERE i < 40 OR k = 1"
        )
        sizes: list[int] = []
        run = session.engine.run

        def noted(sql: str) -> Any:
            table = run(sql)
            sizes.append(table.num_rows)
            return table

        session.engine.run = noted  # type: ignore[method-assign]
        found = line(session, "holt_winters")
    assert "24 points in 1 of 20 series" in found
    assert found.endswith(f"(EXPLAIN looked at {8192 + 19 * 40:,} points)")
    assert max(sizes) == 8192 + 19 * 40


@pytest.mark.duckdb
@pytest.mark.parametrize(("most", "why"), [(0, "move rows out"), (899, "move 900 rows out"), (900, "found")])
def test_a_limit_of_rows_counts_the_points_that_are_looked_at(most: int, why: str) -> None:
    with sqlnomaly.connect(max_rows_out=most) as session:
        session.sql(points(3, 300))
        assert why in line(session, "arima")


@pytest.mark.duckdb
def test_an_empty_table_and_a_constant_series_have_no_period() -> None:
    with sqlnomaly.connect() as session:
        session.sql(points(3, 300))
        assert "no series to look at" in line(session, "stl", f"(SELECT * FROM {ROWS} WHERE FALSE) AS none_")
        constant = f"(SELECT k, t, 7.0 AS x FROM {ROWS}) AS c"
        assert "found none in 3 of 3 series" in line(session, "stl", constant)
        missing = f"(SELECT k, t, CAST(NULL AS DOUBLE) AS x FROM {ROWS}) AS m"
        assert "found none in 3 of 3 series" in line(session, "arima", missing)


def test_without_a_session_nobody_has_looked_and_a_given_period_is_not_sought() -> None:
    schema = {"t": {"ts": "TIMESTAMP", "x": "DOUBLE"}}
    told = sqlnomaly.compile("SELECT anomaly_score(x, detector => 'stl') OVER (ORDER BY ts) FROM t", schema=schema)
    assert "  period: auto, of each series by its first 8,192 points, and nobody has looked" in told.explain()
    call = "anomaly_score(x, detector => 'stl', period => 24) OVER (ORDER BY ts)"
    given = sqlnomaly.compile(f"SELECT {call} FROM t", schema=schema)
    assert ": auto" not in given.explain()
    assert [step.look for step in given.steps] == [None, None]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_says_the_look(dialect: str) -> None:
    call = CALL.format("holt_winters")
    schema = {"t": {"k": "BIGINT", "t": "DATE", "x": "FLOAT64" if dialect == "bigquery" else "FLOAT"}}
    compiled = sqlnomaly.compile(f"SELECT {call} FROM t", read=dialect, write=dialect, schema=schema)
    known, look = get_dialect(dialect), compiled.steps[0].look
    assert look is not None
    assert check_functions(look.sql, known.functions, known.sqlglot) == []
    for sql in (look.sql, look.counting):
        if dialect in ("trino", "synapse", "fabric", "redshift", "databricks"):
            check(sql, "tsql" if dialect in ("synapse", "fabric") else dialect)
        if dialect in ("synapse", "fabric"):
            assert misplaced_conditions(sql) == []


def test_what_most_series_show_is_said_first() -> None:
    assert words(["none", "7 points", "7 points"]) == "found 7 points in 2 of 3 series, none in 1 of 3 series"


@pytest.mark.duckdb
def test_rows_that_a_parameter_chooses_are_not_looked_at() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({"ts": range(100), "x": [float(i % 7) for i in range(100)]}))
        query = "SELECT anomaly_score(x, detector => 'holt_winters') OVER (ORDER BY ts) FROM t WHERE ts < $1"
        assert "period: auto, not looked at: " in session.explain(query)
