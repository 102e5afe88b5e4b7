"""``anomaly_forecast`` and ``time_to_threshold`` in FROM: tables of what comes next, on engines that a session runs."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.errors import BindError, CallError, SqlnomalyError, UnsupportedError
from sqlnomaly.udfs.foretold import foretell
from sqlnomaly.udfs.holt_winters import HoltWinters
from tests.engines.sessions import on_postgres, on_spark

START = dt.date(2025, 1, 1)


def metric() -> pa.Table:
    """Three series of days, one without a key; some days are missing, twice, or without a value."""
    rng = random.Random(2)
    rows: list[tuple[str | None, dt.date | None, float | None]] = []
    for key, slope in (("a", 0.2), ("b", -0.1), (None, 0.0)):
        for day in range(80):
            value = 20 + slope * day + 3 * math.sin(day / 7 * 2 * math.pi) + rng.gauss(0, 1)
            if day % 31 != 17:
                rows.append((key, START + dt.timedelta(days=day), None if day == 40 else value))
            if day == 50:
                rows.append((key, START + dt.timedelta(days=day), value + 2))
    rows += [("a", None, 5.0)]
    keys, days, values = zip(*rows, strict=True)
    return pa.table({"k": pa.array(keys), "day": pa.array(days, pa.date32()), "v": pa.array(values, pa.float64())})


@pytest.fixture
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as con:
        con.load("m", metric())
        yield con


def foretold_by_hand(key: str | None) -> tuple[list[float], list[float]]:
    """Forecasts and reach of a series, from its points as plain Python makes them."""
    points: dict[dt.date, list[float | None]] = {}
    for row in metric().to_pylist():
        if row["k"] == key and row["day"] is not None:
            points.setdefault(row["day"], []).append(row["v"])
    days = sorted(points)
    known = [[value for value in points[day] if value is not None] for day in days]
    means = np.array([sum(values) / len(values) if values else np.nan for values in known])
    one = foretell(HoltWinters(), np.array(days, dtype="datetime64[D]"), means, 3, 0.8)
    return one.values.tolist(), one.reach.tolist()


FORECAST = """SELECT * FROM anomaly_forecast(m, features => ['v'], partition_by => ['k'], order_by => 'day',
  horizon => 3, coverage => 0.8) ORDER BY CASE WHEN k IS NULL THEN 'z' ELSE k END, step"""


def test_a_forecast_has_a_row_for_each_series_and_step(session: Session) -> None:
    found = session.sql(FORECAST)
    assert found.columns == ["k", "day", "step", "forecast", "lower", "upper"]
    rows = found.fetchall()
    days = [START + dt.timedelta(days=78 + step) for step in (1, 2, 3)]
    assert [row[:3] for row in rows] == [(k, days[s - 1], s) for k in ("a", "b", None) for s in (1, 2, 3)]
    for number, key in enumerate(("a", "b", None)):
        values, reach = foretold_by_hand(key)
        assert [row[3] for row in rows[3 * number : 3 * number + 3]] == pytest.approx(values)
        assert [row[5] - row[3] for row in rows[3 * number : 3 * number + 3]] == pytest.approx(reach)
        assert [row[3] - row[4] for row in rows[3 * number : 3 * number + 3]] == pytest.approx(reach)


@pytest.mark.parametrize("engine", ["spark", "postgres"])
def test_other_engines_have_the_same_forecasts(engine: str, session: Session) -> None:
    crossing = "SELECT * FROM time_to_threshold(m, features => 'v', order_by => 'day', limit => 60)"
    with on_spark() if engine == "spark" else on_postgres() as other:
        other.engine.load("m", metric())
        try:
            for query in (FORECAST, crossing):
                wanted, found = session.sql(query).fetchall(), other.sql(query).fetchall()
                assert len(found) == len(wanted)
                for row, same in zip(sorted(found, key=repr), sorted(wanted, key=repr), strict=True):
                    assert row == tuple(pytest.approx(x, rel=1e-9) if isinstance(x, float) else x for x in same)
        finally:
            other.engine.drop("m")


def test_a_rising_series_crosses_a_limit_and_a_falling_one_does_not(session: Session) -> None:
    options = "partition_by => 'k', order_by => 'day', limit => 42, coverage => 0.5"
    query = f"SELECT * FROM time_to_threshold(m, features => 'v', {options})"
    found = {row["k"]: row for row in session.sql(query).arrow().to_pylist()}
    rising, falling = found["a"], found["b"]
    assert rising["status"] == "ok"
    assert rising["slope"] == pytest.approx(0.2, abs=0.02)
    assert rising["earliest"] <= rising["crosses_at"]
    assert rising["crosses_at"] == START + dt.timedelta(days=78 + rising["steps"])
    assert abs(rising["steps"] - (42 - 20 - 0.2 * 78) / 0.2) < 15
    assert 0.1 < rising["health"] < 0.5
    assert (falling["status"], falling["crosses_at"]) == ("beyond_horizon", None)


def test_a_series_from_above_crosses_downwards() -> None:
    query = "SELECT * FROM time_to_threshold(s, features => 'v', order_by => 't', limit => 10.5)"
    with sqlnomaly.connect() as con:
        con.sql("CREATE TABLE s AS SELECT i AS t, 50.0 - i AS v FROM range(30) AS r(i)")
        (row,) = con.sql(query).arrow().to_pylist()
        con.sql("INSERT INTO s SELECT i, 50.0 - i FROM range(30, 45) AS r(i)")
        (later,) = con.sql(query).arrow().to_pylist()
    assert (row["status"], row["steps"], row["crosses_at"]) == ("ok", 11, 40)
    assert row["earliest"] <= 40 <= row["latest"]
    assert row["slope"] == pytest.approx(-1.0)
    assert (later["status"], later["health"]) == ("crossed", 0.0)


def test_times_keep_their_type() -> None:
    stamps = [dt.datetime(2025, 3, 29, 22) + dt.timedelta(hours=hour) for hour in range(30)]
    columns: dict[str, Any] = {
        "zoned": pa.array([one.replace(tzinfo=dt.UTC) for one in stamps], pa.timestamp("us", tz="UTC")),
        "plain": pa.array(stamps, pa.timestamp("us")),
        "number": pa.array(range(30), pa.int64()),
        "month": pa.array([dt.date(2023 + n // 12, n % 12 + 1, 1) for n in range(30)], pa.date32()),
    }
    with sqlnomaly.connect() as con:
        con.load("s", pa.table({**columns, "v": [float(n % 6) for n in range(30)]}))
        for name, wanted in {
            "zoned": dt.datetime(2025, 3, 31, 4, tzinfo=dt.UTC),
            "plain": dt.datetime(2025, 3, 31, 4),
            "number": 30,
            "month": dt.date(2025, 7, 1),
        }.items():
            query = f"SELECT {name} FROM anomaly_forecast(s, features => 'v', order_by => '{name}', horizon => 1)"
            found = con.sql(query).arrow()
            assert str(found.column(0).type).replace("Etc/", "") == str(columns[name].type)
            assert found.column(0).to_pylist() == [wanted]


def test_a_forecast_stands_wherever_a_table_does(session: Session) -> None:
    session.sql("CREATE TABLE plan AS " + FORECAST)
    assert session.sql("SELECT COUNT(*) FROM plan").fetchall() == [(9,)]
    session.sql("INSERT INTO plan " + FORECAST)
    query = """
    WITH own AS (SELECT * FROM m WHERE k = 'a'),
         both AS (SELECT f.step, f.forecast, g.forecast AS other
                  FROM anomaly_forecast(own, features => 'v', order_by => 'day', horizon => 2) AS f
                  JOIN anomaly_forecast((SELECT * FROM own), features => 'v', order_by => 'day', horizon => 2) AS g
                  ON f.step = g.step)
    SELECT COUNT(*), SUM(CASE WHEN forecast = other THEN 1 ELSE 0 END) FROM both"""
    assert session.sql(query).fetchall() == [(2, 2)]


def test_hostile_names_are_names() -> None:
    with sqlnomaly.connect() as con:
        rows = 'SELECT i AS "Order", i % 2 AS "group", i * 1.0 AS "sel,ect" FROM range(40) r(i)'
        con.sql(f'CREATE TABLE "a ""b"" $" AS {rows}')
        query = """SELECT "Order", "group", step FROM anomaly_forecast("a ""b"" $", features => ['"sel,ect"'],
          partition_by => ['"group"'], order_by => '"Order"', horizon => 1) ORDER BY ALL"""
        assert con.sql(query).fetchall() == [(40, 0, 1), (41, 1, 1)]


def test_short_and_empty_series_have_no_band() -> None:
    query = "SELECT forecast, lower FROM anomaly_forecast(s, features => 'v', order_by => 't', horizon => 1)"
    with sqlnomaly.connect() as con:
        con.sql("CREATE TABLE s (t INT, v DOUBLE)")
        assert con.sql(query).fetchall() == []
        con.sql("INSERT INTO s VALUES (1, 4.0)")
        assert con.sql(query).fetchall() == [(4.0, None)]
        con.sql("INSERT INTO s VALUES (2, 'nan'), (3, 'inf'), (4, NULL)")
        assert con.sql(query).fetchall() == [(4.0, None)]


def test_filter_picks_the_points_to_learn_from(session: Session) -> None:
    rows = "(SELECT *, day < DATE '2025-03-01' AS old FROM m WHERE k = 'a')"
    options = "features => 'v', order_by => 'day', filter => 'old', horizon => 1"
    query = f"SELECT day FROM anomaly_forecast({rows}, {options})"
    assert session.sql(query).fetchall() == [(dt.date(2025, 3, 1),)]


BAD = [
    ("m, features => ['v']", CallError, "needs the times"),
    ("m, features => ['v', 'v'], order_by => 'day'", CallError, "one feature"),
    ("m, features => ['v'], order_by => 'day', horizon => 0", CallError, "1 to 10,000"),
    ("m, features => ['v'], order_by => 'day', horizon => 2.5", CallError, "whole number"),
    ("m, features => ['v'], order_by => 'day', coverage => 1", CallError, "between 0 and 1"),
    ("m, features => ['v'], order_by => 'day, v'", CallError, "one time"),
    ("m, features => ['v'], order_by => 'day desc'", CallError, "ascending"),
    ("m, features => ['v'], order_by => 'day', detector => 'zscore'", UnsupportedError, "does not forecast"),
    ("m, features => ['v'], order_by => 'day', threshold => 3", CallError, "unknown option"),
    ("m, features => ['v'], order_by => 'day', limit => 3", CallError, "unknown option"),
    ("m, features => ['k'], order_by => 'day'", BindError, "forecasts numbers"),
    ("m, features => ['v'], order_by => 'k'", BindError, "a date, a timestamp or a number"),
    ("m, features => ['v'], order_by => 'day', partition_by => 'k, k'", CallError, "twice"),
    ("m, features => ['v'], order_by => 'day', period => 1", CallError, "period"),
    (
        "(SELECT *, anomaly_score(v) OVER () AS s FROM m), features => ['v'], order_by => 'day'",
        UnsupportedError,
        "to a table first",
    ),
]


@pytest.mark.parametrize(("arguments", "error", "words"), BAD)
def test_bad_input_has_one_clear_message(
    arguments: str, error: type[SqlnomalyError], words: str, session: Session
) -> None:
    with pytest.raises(error) as raised:
        session.sql(f"SELECT * FROM anomaly_forecast({arguments})")
    assert words in str(raised.value)


def test_a_limit_is_needed_and_views_and_max_rows_out_are_kept(session: Session) -> None:
    with pytest.raises(CallError, match="needs the limit"):
        session.sql("SELECT * FROM time_to_threshold(m, features => 'v', order_by => 'day')")
    with pytest.raises(UnsupportedError, match="a view cannot hold holt_winters"):
        session.sql("CREATE VIEW w AS " + FORECAST)
    with sqlnomaly.connect(max_rows_out=0) as con:
        con.load("m", metric())
        with pytest.raises(UnsupportedError, match="holt_winters"):
            con.sql(FORECAST)
        assert "one row a point of each partition" in con.explain(FORECAST)


def test_raw_events_are_counted_into_a_series_first() -> None:
    options = "features => ['amount'], order_by => 'ts', bucket => '1 day', aggregate => 'sum', fill => 'zero'"
    with sqlnomaly.connect() as con:
        con.sql("""CREATE TABLE e AS SELECT TIMESTAMP '2025-01-01' + i * INTERVAL 6 HOUR AS ts, 1.0 + i % 4 AS amount
                   FROM range(160) AS r(i)""")
        query = f"SELECT ts, ROUND(forecast, 6) FROM anomaly_forecast(e, {options}, horizon => 2)"
        found = con.sql(query).fetchall()
    assert [(time.date(), value) for time, value in found] == [(dt.date(2025, 2, day), 10.0) for day in (10, 11)]
