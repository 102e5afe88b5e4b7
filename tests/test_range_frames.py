"""RANGE frames of detectors of medians: windows by the clock, against brute force in Python."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import BindError, CallError, Session, SqlnomalyError, UnsupportedError
from sqlnomaly.dialects import DIALECTS
from sqlnomaly.dialects.signature import check_functions
from tests.conformance.on_printed import misplaced_conditions
from tests.engines.clickhouse import ClickHouse
from tests.engines.sessions import on_postgres, on_spark
from tests.engines.snowflake_grammar import check as grammar

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
Ends = tuple[dt.timedelta | None, dt.timedelta | None]
FRAMES: dict[str, Ends] = {
    "INTERVAL 7 DAY PRECEDING AND INTERVAL 1 HOUR PRECEDING": (-7 * DAY, -HOUR),
    "INTERVAL 2 DAY PRECEDING AND CURRENT ROW": (-2 * DAY, 0 * DAY),
    "INTERVAL 12 HOUR PRECEDING AND INTERVAL 36 HOUR FOLLOWING": (-12 * HOUR, 36 * HOUR),
    "INTERVAL 1 HOUR FOLLOWING AND INTERVAL 3 DAY FOLLOWING": (HOUR, 3 * DAY),
    "UNBOUNDED PRECEDING AND INTERVAL 1 DAY PRECEDING": (None, -DAY),
    "UNBOUNDED PRECEDING AND CURRENT ROW": (None, 0 * DAY),
    "CURRENT ROW AND UNBOUNDED FOLLOWING": (0 * DAY, None),
}
"""A frame -> how far its ends lie from the row."""


def series(number: int = 260) -> list[dict[str, Any]]:
    """Partitions over a change of the clock in Berlin, with gaps of weeks, equal times, and rows that lack something.

    A partition is constant, one has one row; values are huge, tiny, infinite and NaN.
    """
    rng = random.Random(8)
    odd = {5: None, 17: math.nan, 40: math.inf, 60: 1e149, 61: -1e149, 80: 1e-300, 81: -0.0, 82: 0.0}
    rows = []
    for i in range(number):
        at = dt.datetime(2025, 3, 28) + HOUR * (i // 2) + (21 * DAY if i > number // 2 else 0 * DAY)
        x = odd.get(i, round(rng.gauss(10, 2), 1))
        key = "one" if i == 33 else "flat" if i % 10 == 3 else None if i % 3 else "a"
        rows.append({"id": i, "k": key, "ts": None if i % 41 == 7 else at, "x": 4.0 if key == "flat" else x})
    return rows


def arrow(rows: Iterable[dict[str, Any]], zone: str | None = None) -> pa.Table:
    kinds = [("id", pa.int64()), ("k", pa.string()), ("ts", pa.timestamp("us", tz=zone)), ("x", pa.float64())]
    return pa.Table.from_pylist(list(rows), pa.schema(kinds))


def clean(x: float | None) -> float | None:
    return x if x is not None and abs(x) <= 1e150 else None


def quantile(values: list[float], share: float) -> float:
    """Type 7 of Hyndman and Fan."""
    ordered, at = sorted(values), (len(values) - 1) * share
    low = math.floor(at)
    return ordered[low] + (ordered[min(low + 1, len(values) - 1)] - ordered[low]) * (at - low)


def mad(x: float, known: list[float]) -> float | None:
    centre = median(known)
    scale = median(abs(one - centre) for one in known) / 0.6744897501960817
    return abs(x - centre) / scale if scale > 1e-150 else 0.0 if x == centre else None


def iqr(x: float, known: list[float]) -> float | None:
    first, third = quantile(known, 0.25), quantile(known, 0.75)
    width = third - first
    if width <= 1e-150:
        return 0.0 if x == first else None
    return max(first - x, x - third, 0.0) / width


def expected(rows: list[dict[str, Any]], ends: Ends, score: Callable[..., Any], fewest: int) -> dict[int, Any]:
    """The score of each row among the others that lie in its frame, whose id is no multiple of 7."""

    def near(row: dict[str, Any], other: dict[str, Any]) -> bool:
        if other["id"] == row["id"] or other["id"] % 7 == 0 or other["k"] != row["k"]:
            return False
        if clean(other["x"]) is None or other["ts"] is None:
            return False
        apart = other["ts"] - row["ts"]
        return (ends[0] is None or apart >= ends[0]) and (ends[1] is None or apart <= ends[1])

    found = {}
    for row in rows:
        x = clean(row["x"])
        known = [] if row["ts"] is None else [other["x"] for other in rows if near(row, other)]
        found[row["id"]] = None if x is None or len(known) < fewest else score(x, known)
    return found


def compare(session: Session, frames: Iterable[str] = FRAMES) -> None:
    rows = series()
    session.load("t", arrow(rows))
    for detector, score, fewest in (("mad", mad, 3), ("iqr", iqr, 4)):
        for frame in frames:
            call = f"anomaly_score(x, detector => '{detector}', min_rows => {fewest})"
            window = f"FILTER (WHERE id % 7 > 0) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN {frame})"
            answers = session.sql(f"SELECT id, {call} {window} AS s FROM t", read="duckdb").arrow().to_pylist()
            wanted = expected(rows, FRAMES[frame], score, fewest)
            assert any(value is None for value in wanted.values())
            assert any(wanted.values())
            check({row["id"]: row["s"] for row in answers}, wanted, f"{detector}, {frame}")


def check(found: dict[int, float | None], wanted: dict[int, float | None], what: str) -> None:
    """Fails where scores differ, or one is missing."""
    assert found.keys() == wanted.keys()
    for number, score in wanted.items():
        assert found[number] == (None if score is None else pytest.approx(score, rel=1e-12)), (what, number)


@pytest.mark.duckdb
def test_duckdb_judges_a_row_by_the_others_of_its_stretch_of_time() -> None:
    with sqlnomaly.connect() as session:
        compare(session)


@pytest.mark.postgres
def test_postgres_judges_a_row_by_the_others_of_its_stretch_of_time() -> None:
    with on_postgres() as session:
        compare(session)


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.thorough
def test_spark_judges_a_row_by_the_others_of_its_stretch_of_time() -> None:
    with on_spark() as session:
        compare(session, list(FRAMES)[:6])


def compare_measured(
    run: Callable[[str], pa.Table],
    name: str,
    schema: dict[str, str],
    *,
    hours: bool,
    number: int = 260,
    frames: Iterable[str] = FRAMES,
) -> None:
    """The same where an engine has no offsets: rows are paired by how far they lie apart, up the order and down."""
    rows = series(number)
    for frame in frames:
        low, high = FRAMES[frame]
        said = frame.replace("INTERVAL ", "") if hours else frame
        for unit, length in (("DAY", 24), ("HOUR", 1)) if hours else ():
            said = " ".join(
                str(int(word) * length) if next_word == unit else word
                for word, next_word in zip(said.split(), [*said.split()[1:], ""], strict=True)
                if word != unit
            )
        for detector, score, fewest, down in (("mad", mad, 3, ""), ("iqr", iqr, 4, ""), ("mad", mad, 3, " DESC")):
            call = f"anomaly_score(x, detector => '{detector}', min_rows => {fewest})"
            window = f"OVER (PARTITION BY k ORDER BY ts{down} RANGE BETWEEN {said})"
            query = f"SELECT id, {call} FILTER (WHERE MOD(id, 7) > 0) {window} AS s FROM t"
            sql = sqlnomaly.compile(query, read="duckdb", write=name, schema={"t": schema}).sql
            ends = (None if high is None else -high, None if low is None else -low) if down else (low, high)
            found = {int(row["id"]): row["s"] for row in run(sql).to_pylist()}
            check(found, expected(rows, ends, score, fewest), f"{name}, {detector}, {said}{down}")


TIMES = {"id": "BIGINT", "k": "VARCHAR", "ts": "TIMESTAMP", "x": "DOUBLE"}


@pytest.mark.clickhouse
def test_clickhouse_pairs_rows_by_their_distance() -> None:
    """By whole hours, which are numbers."""
    rows = series()
    hours = pa.array([None if row["ts"] is None else int(row["ts"].timestamp()) // 3600 for row in rows], pa.int64())
    engine = ClickHouse()
    try:
        engine.load("t", arrow(rows).set_column(2, "ts", hours))
        compare_measured(engine.run, "clickhouse", {**TIMES, "ts": "BIGINT"}, hours=True)
    finally:
        engine.close()


@pytest.mark.bigquery
@pytest.mark.thorough
def test_bigquery_pairs_rows_by_their_distance() -> None:
    from tests.engines.googlesql import GoogleSql

    table = arrow(series(70))
    engine = GoogleSql({"t": {"id": "INT64", "k": "STRING", "ts": "DATETIME", "x": "FLOAT64"}})
    few = list(FRAMES)[:5:2]
    compare_measured(
        lambda sql: engine.execute(sql, {"t": table}), "bigquery", TIMES, hours=False, number=70, frames=few
    )


@pytest.mark.thorough
@pytest.mark.postgres
def test_the_sql_of_redshift_pairs_rows_by_their_distance() -> None:
    with on_postgres() as session:
        session.load("t", arrow(series()))
        compare_measured(session.engine.run, "redshift", TIMES, hours=False)


@pytest.mark.duckdb
@pytest.mark.parametrize("rows", [series(0), series(1)], ids=["no rows", "one row"])
def test_without_other_rows_there_is_no_score(rows: list[dict[str, Any]]) -> None:
    call = "anomaly_status(x, detector => 'mad') OVER (ORDER BY ts RANGE INTERVAL 1 DAY PRECEDING)"
    with sqlnomaly.connect() as session:
        session.load("t", arrow(rows))
        assert session.sql(f"SELECT {call} FROM t").fetchall() == [("warm_up",)] * len(rows)


@pytest.mark.duckdb
def test_over_instants_a_day_is_that_of_the_engine_and_an_hour_is_an_hour() -> None:
    """On 2025-03-30 clocks went forward in Berlin: 24 hours before 12:00 it was 11:00 there."""
    times = [dt.datetime(2025, 3, 29, 9, tzinfo=dt.UTC) + HOUR * i for i in range(26)]
    rows = [{"id": i, "k": None, "ts": at, "x": float(i * i % 7)} for i, at in enumerate(times)]
    with sqlnomaly.connect() as session:
        session.sql("SET TimeZone = 'Europe/Berlin'")
        session.load("t", arrow(rows, "UTC"))
        call = "anomaly_score(x, detector => 'mad') OVER (ORDER BY ts RANGE INTERVAL 24 HOUR PRECEDING)"
        found = dict(session.sql(f"SELECT id, {call} FROM t").fetchall())
    wanted = mad(rows[25]["x"], [row["x"] for row in rows[1:25]])
    assert found[25] == pytest.approx(wanted)


WITHOUT = [name for name, one in DIALECTS.items() if not one.range_frames]
"""Dialects without offsets in a RANGE frame."""
WEEK = "(ORDER BY ts RANGE INTERVAL 7 DAY PRECEDING)"


@pytest.mark.parametrize("name", WITHOUT)
def test_what_is_no_pair_of_rows_is_refused_without_offsets(name: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        sqlnomaly.compile(f"SELECT anomaly_score(x) OVER {WEEK} FROM t", read="duckdb", write=name, schema={"t": TIMES})
    assert f"RANGE with an offset is refused on {name}" in caught.value.message
    assert "mad" in (caught.value.hint or "")


@pytest.mark.parametrize("name", WITHOUT)
def test_every_dialect_without_offsets_says_the_distance(name: str) -> None:
    call = f"SELECT id, anomaly_score(x, detector => 'iqr') OVER {WEEK} AS s FROM t"
    sql = sqlnomaly.compile(call, read="duckdb", write=name, schema={"t": TIMES}).sql
    assert check_functions(sql, DIALECTS[name].functions, DIALECTS[name].sqlglot) == []
    assert " RANGE " not in sql
    if name in ("trino", "synapse", "fabric", "redshift"):
        grammar(sql, "tsql" if name in ("synapse", "fabric") else name)
    if name in ("synapse", "fabric"):
        assert misplaced_conditions(sql) == []


@pytest.mark.parametrize(
    ("key", "frame", "kind", "said"),
    [
        ("ts", "INTERVAL 1 MONTH PRECEDING", CallError, "MONTH"),
        ("k", "INTERVAL 1 DAY PRECEDING", BindError, "a number, a date or a timestamp"),
        ("ts", "id PRECEDING", CallError, "no offset"),
    ],
)
def test_what_has_no_length_is_refused(key: str, frame: str, kind: type[SqlnomalyError], said: str) -> None:
    call = f"anomaly_score(x, detector => 'mad') OVER (ORDER BY {key} RANGE {frame})"
    with pytest.raises(kind) as caught:
        sqlnomaly.compile(f"SELECT {call} FROM t", read="duckdb", write="bigquery", schema={"t": TIMES})
    assert said in caught.value.message
