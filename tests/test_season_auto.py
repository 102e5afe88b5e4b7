"""``season => 'auto'``: the slots by which the rows repeat themselves, and what is said about them."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.compiling import compile_bound
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.errors import BindError, SqlnomalyError, UnsupportedError
from sqlnomaly.udfs.found_slots import found_slots, repeats
from tests.engines.sessions import on_postgres, on_spark
from tests.test_season_slots import PLAIN, SCHEMAS

HOUR, DAY = 3_600.0, 86_400.0
START = dt.datetime(2024, 1, 1)


def by_day(number: int) -> float:
    return 10 * math.sin(number % 24 / 24 * 2 * math.pi)


def by_week(number: int) -> float:
    return -8.0 * (number // 24 % 7 > 4)


SHAPES: Mapping[str | None, Callable[[int], float]] = {
    "a": by_day,
    "b": by_day,
    "c": lambda number: by_day(number) + by_week(number),
    None: by_day,
}


def hours(points: int = 24 * 7 * 4, shapes: Mapping[str | None, Callable[[int], float]] = SHAPES) -> pa.Table:
    """Series of hours, the rows in no order, with some missing values and times, and rows of equal times."""
    rng = random.Random(11)
    rows = []
    for key, shape in shapes.items():
        for number in range(points):
            value = None if number % 50 == 3 else shape(number) + rng.gauss(0, 0.5)
            rows.append((key, START + dt.timedelta(hours=number), value, rng.random() < 0.9))
            if number % 60 == 5:
                rows.append((key, None, 1e6, True))
                rows.append(rows[-2])
    rng.shuffle(rows)
    k, ts, x, kept = zip(*rows, strict=True)
    return pa.table(
        {
            "k": pa.array(k, pa.string()),
            "ts": pa.array(ts, pa.timestamp("us")),
            "x": pa.array(x, pa.float64()),
            "kept": pa.array(kept, pa.bool_()),
        }
    )


CALL = "anomaly_{}(x, season => '{}') OVER (PARTITION BY k ORDER BY ts)"
AUTO = CALL.format("score", "auto")


def compare(session: Session) -> None:
    """What is found, and the scores of the same slots by name."""
    session.load("t", hours())
    told = session.explain(f"SELECT {AUTO} AS s FROM t", read="duckdb")
    assert "season: auto, found hour (period 24 points of 1 hour in 3 of 4 series)" in told
    assert "baseline: every row of the same k, hour of ts before it by ts" in told
    assert "leave the engine: at most 8,192 points of 20 series to find the season; the result" in told
    query = f"SELECT {AUTO} AS a, {CALL.format('status', 'auto')} AS w, {CALL.format('score', 'hour')} AS b FROM t"
    rows = session.sql(query, read="duckdb").arrow().to_pylist()
    assert [row["a"] for row in rows] == [row["b"] for row in rows]
    assert sum(row["w"] == "ok" for row in rows) > 2000


@pytest.mark.duckdb
def test_duckdb_finds_the_hour_of_series_of_days() -> None:
    with sqlnomaly.connect() as session:
        compare(session)


@pytest.mark.postgres
def test_postgres_finds_the_hour_of_series_of_days() -> None:
    with on_postgres() as session:
        compare(session)


@pytest.mark.spark
@pytest.mark.slow
def test_spark_finds_the_hour_of_series_of_days() -> None:
    with on_spark() as session:
        compare(session)


def explained(session: Session, query: str) -> str:
    """What EXPLAIN says of the season, once."""
    (line,) = [line for line in session.explain(query).splitlines() if "season: " in line]
    return line.removeprefix("  season: auto, ")


@pytest.mark.duckdb
def test_only_the_rows_at_hand_are_looked_at() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", hours())
        call = "anomaly_score(x, season => 'auto')"
        both = "found dow, hour (periods 168 and 24 points of 1 hour in 1 of 1 series)"
        assert explained(session, f"SELECT {call} OVER (PARTITION BY k ORDER BY ts) FROM t WHERE k = 'c'") == both
        assert explained(session, f"SELECT {call} FILTER (WHERE k = 'c') OVER (ORDER BY ts) FROM t") == both
        named = "WITH c AS (SELECT * FROM t WHERE k = 'c')"
        assert explained(session, f"{named} SELECT {call} OVER (ORDER BY ts) FROM c") == both
        days = "SELECT CAST(ts AS DATE) AS d, SUM(x) AS total FROM t WHERE k = 'c' GROUP BY ALL"
        week = "found dow (period 7 points of 1 day in 1 of 1 series)"
        total = "anomaly_score(SUM(x), season => 'auto') OVER (ORDER BY CAST(ts AS DATE))"
        grouped = f"SELECT CAST(ts AS DATE) AS d, {total} AS s FROM t WHERE k = 'c' GROUP BY d"
        assert explained(session, grouped) == week
        form = f"detect_anomalies(({days}), features => 'total', order_by => 'd', season => 'auto')"
        assert explained(session, f"SELECT * FROM {form}") == week
        assert session.sql(grouped).arrow().num_rows == 29
        few = f"SELECT {call} OVER (ORDER BY ts) FROM t WHERE ts < '2024-01-03'"
        assert explained(session, few) == "found none: no series varies over three days, weeks or years"


@pytest.mark.duckdb
def test_without_a_season_a_row_is_judged_by_all_rows_before_it() -> None:
    rng = random.Random(5)
    with sqlnomaly.connect() as session:
        session.load("t", hours(200, {"a": lambda _: rng.gauss(0, 1), "b": lambda _: rng.gauss(0, 1)}))
        assert explained(session, f"SELECT {AUTO} FROM t") == "found none in 2 of 2 series"
        plain = "anomaly_score(x) OVER (PARTITION BY k ORDER BY ts)"
        rows = session.sql(f"SELECT {AUTO} AS a, {plain} AS b FROM t").arrow().to_pylist()
        assert [row["a"] for row in rows] == [row["b"] for row in rows]
        whole = "anomaly_score(x, detector => 'series_decompose', season => 'auto') OVER (PARTITION BY k ORDER BY ts)"
        told = session.explain(f"SELECT {whole} FROM t")
        assert "baseline: every row of the same k in their order by ts, later ones too" in told


@pytest.mark.duckdb
def test_no_more_rows_are_looked_at_than_may_leave() -> None:
    table = hours()
    with sqlnomaly.connect(max_rows_out=0) as session:
        session.load("t", table)
        with pytest.raises(UnsupportedError, match=r"season => 'auto' looks at points .* max_rows_out is 0") as caught:
            session.sql(f"SELECT {AUTO} FROM t")
        assert "name the slots" in str(caught.value.hint)
    points = 4 * 24 * 7 * 4
    with sqlnomaly.connect(max_rows_out=points - 1) as session:
        session.load("t", table)
        with pytest.raises(UnsupportedError, match=f"would move {points:,} rows out"):
            session.sql(f"SELECT {AUTO} FROM t")
    with sqlnomaly.connect(max_rows_out=points) as session:
        session.load("t", table)
        assert explained(session, f"SELECT {AUTO} FROM t")


@pytest.mark.duckdb
def test_of_many_long_series_the_first_points_of_the_twenty_longest_are_looked_at() -> None:
    with sqlnomaly.connect(max_rows_out=20 * 8_192) as session:
        session.sql(
            "CREATE TABLE t AS SELECT k, TIMESTAMP '2000-01-01' + i * INTERVAL 1 MINUTE AS ts, SIN(i * PI() / 720) AS x"
            " FROM range(25) AS s(k), range(10000) AS r(i) WHERE k < 20 OR i < 100"
        )
        told = explained(session, f"SELECT {AUTO} FROM t")
    assert told == "found hour (period 1440 points of 1 minute in 20 of 20 series)"


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("query", "kind", "what"),
    [
        ("SELECT anomaly_score(x, season => 'auto') OVER (ORDER BY x) FROM t", BindError, "x is a number"),
        ("SELECT anomaly_score(k, season => 'auto') OVER (ORDER BY ts) FROM t", UnsupportedError, "looks at numbers"),
        ("CREATE ANOMALY MODEL m USING mad OPTIONS (season = 'auto') AS SELECT x FROM t", UnsupportedError, "stored"),
        (
            "SELECT anomaly_score(s, season => 'auto') OVER (ORDER BY ts) FROM "
            "(SELECT ts, anomaly_score(x, detector => 'iforest') OVER () AS s FROM t)",
            UnsupportedError,
            "not supported",
        ),
    ],
)
def test_what_has_no_slots_is_refused(query: str, kind: type[SqlnomalyError], what: str) -> None:
    with sqlnomaly.connect() as session:
        session.load("t", hours(50))
        with pytest.raises(kind, match=what):
            session.sql(query)


@pytest.mark.duckdb
def test_parameters_have_no_values_to_look_by() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", hours(50))
        with pytest.raises(UnsupportedError, match="parameters") as caught:
            session.prepare(f"SELECT {AUTO} FROM t WHERE x > ?")
        assert "name the slots" in str(caught.value.hint)


@pytest.mark.duckdb
def test_events_and_lags_and_joins_have_their_season_looked_for() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", hours())
        found = "found hour (period 24 points of 1 hour in 3 of 4 series)"
        form = "anomaly_events(t, features => 'x', partition_by => 'k', order_by => 'ts', season => 'auto')"
        assert explained(session, f"SELECT * FROM {form}") == found
        assert session.sql(f"SELECT * FROM {form}").arrow().num_rows > 0
        lagged = "anomaly_score(x, season => 'auto', lags => 2) OVER (PARTITION BY k ORDER BY ts)"
        assert explained(session, f"SELECT {lagged} FROM t") == found
        joined = "anomaly_score(a.x, season => 'auto') OVER (PARTITION BY a.k ORDER BY a.ts)"
        assert explained(session, f"SELECT {joined} FROM t AS a JOIN t AS b USING (ts) WHERE b.k = 'a'") == found
        by_alias = "OVER (PARTITION BY who ORDER BY ts + INTERVAL 1 DAY DESC)"
        call = f"anomaly_score(x, season => 'auto') {by_alias}"
        query = f"SELECT k AS who, {call} AS s FROM t WHERE who <> 'c' QUALIFY {call} > 3"
        assert explained(session, query) == "found hour (period 24 points of 1 hour in 2 of 2 series)"


def test_another_engine_has_nobody_to_ask() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", hours(50))
        with pytest.raises(UnsupportedError, match="nobody to ask"):
            session.compile(f"SELECT {AUTO} FROM t", write="postgres")


TWO = "anomaly_score(x, id, season => 'auto') OVER (PARTITION BY {} ORDER BY {})"


def looked_at(dialect: str, calls: str, schema: Mapping[str, str]) -> list[str]:
    """The queries for points that a statement asks."""
    asked: list[str] = []

    def look(query: str, _counting: str) -> tuple[tuple[str, ...], str]:
        asked.append(query)
        return ("hour",), "auto, found hour"

    compile_bound(f"SELECT {calls} FROM t", dialect, dialect, schema={"t": schema}, look=look)
    return asked


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_words_for_the_points(dialect: str) -> None:
    known, schema = get_dialect(dialect), {**PLAIN, **SCHEMAS.get(dialect, {})}
    for time in ("ts", "tz"):
        for query in looked_at(dialect, f"{TWO.format('k, w', time)} AS s, {TWO.format('x', time)} AS y", schema):
            assert check_functions(query, known.functions, known.sqlglot) == []


@pytest.mark.bigquery
def test_bigquery_gives_the_points_of_each_series() -> None:
    from tests.engines.googlesql import GoogleSql

    schema = {"x": "FLOAT64", "id": "INT64", "k": "INT64", "ts": "TIMESTAMP"}
    table = pa.table(
        {
            "x": pa.array(wave(200, 24)),
            "id": pa.array([7] * 200, pa.int64()),
            "k": pa.array([0] * 100 + [None] * 100, pa.int64()),
            "ts": pa.array([START + dt.timedelta(hours=hour) for hour in range(200)], pa.timestamp("us", tz="UTC")),
        }
    )
    (query,) = looked_at("bigquery", TWO.format("k, x > 2", "ts"), schema)
    rows = GoogleSql({"t": schema}).execute(query, {"t": table})
    assert found_slots(rows)[1] == "auto, found hour (period 24 points of 1 hour in 2 of 2 series)"


def wave(points: int, period: float) -> np.ndarray[Any, Any]:
    return np.cos(np.arange(points) * 2 * np.pi / period)


SEEN: Sequence[tuple[str, Any, float, tuple[str, ...] | None]] = (
    ("three days", wave(72, 24), HOUR, ("hour",)),
    ("less than three days", wave(71, 24), HOUR, None),
    ("noon and midnight", wave(40, 2), 12 * HOUR, ("hour",)),
    ("twice a day", wave(240, 12), HOUR, ("hour",)),
    ("every five hours", wave(240, 5), HOUR, ()),
    ("every seven hours is every week", wave(168 * 4, 7), HOUR, ("dow",)),
    ("a step of seven hours has no day", wave(200, 24), 7 * HOUR, ("dow",)),
    ("weeks of days", wave(21, 7), DAY, ("dow",)),
    ("years of days", wave(3 * 366, 365.25), DAY, ("month",)),
    ("years of weeks", wave(200, 365.25 / 7), 7 * DAY, ("month",)),
    ("years of months", wave(60, 12), 30.44 * DAY, ("month",)),
    ("a line", np.arange(300.0), HOUR, None),
    ("a constant", np.full(300, 7.0), HOUR, None),
    ("nothing known", np.full(300, np.nan), HOUR, None),
    ("huge", wave(300, 24) * 1e150, HOUR, ("hour",)),
    ("tiny", wave(300, 24) * 1e-300, HOUR, ("hour",)),
    ("few outliers", wave(300, 24) + 30 * (np.arange(300) % 97 == 5), HOUR, ("hour",)),
    ("one point", wave(1, 24), HOUR, None),
    ("no point", wave(0, 24), HOUR, None),
)


@pytest.mark.parametrize(("name", "values", "step", "slots"), SEEN, ids=[one[0] for one in SEEN])
def test_a_series_repeats_itself_after_a_day_a_week_or_a_year(
    name: str, values: Any, step: float, slots: tuple[str, ...] | None
) -> None:
    found = repeats(np.arange(len(values)) * step, values)
    assert (None if found is None else found.slots) == slots


def test_gaps_and_odd_times_are_put_on_a_grid() -> None:
    times = np.concatenate([np.arange(24 * 20) * HOUR, [np.nan, np.inf]])
    kept = (np.arange(len(times)) % 24 > 6) | (np.arange(len(times)) > 470)
    values = np.concatenate([wave(24 * 20, 24), [0.0, 0.0]])
    found = repeats(times[kept][::-1] + 20.0, values[kept][::-1])
    assert found is not None
    assert (found.slots, found.lags, found.step) == (("hour",), (24,), HOUR)


def test_noise_has_no_season() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        noise = rng.normal(size=2000)
        for values in (noise, np.cumsum(noise)):
            found = repeats(np.arange(2000) * HOUR, values)
            assert found is not None
            assert found.slots == ()


def test_most_series_decide_and_each_feature_is_one() -> None:
    size = 240
    noise = np.random.default_rng(1).normal(size=size)
    table = {"n": np.ones(size), "at": np.arange(size) * HOUR, "x": wave(size, 24), "y": noise, "z": wave(size, 24)}
    assert found_slots(pa.table(table))[1] == "auto, found hour (period 24 points of 1 hour in 2 of 3 series)"
    minutes = pa.table({"n": np.ones(288), "at": np.arange(288) * 15 * 60.0, "x": wave(288, 96)})
    assert found_slots(minutes)[1] == "auto, found hour (period 96 points of 15 minutes in 1 of 1 series)"
