"""``gap``: late and early points, series that have stopped, duplicates, and times on the engines."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from tests.engines.sessions import on_postgres

START = dt.datetime(2024, 3, 30, 12)
LEAST = math.log(1.5) / 3
CALL = "(ts, detector => 'gap') OVER (ORDER BY ts)"


@pytest.fixture
def session() -> Session:
    return sqlnomaly.connect()


def minutes(*rests: float) -> list[dt.datetime]:
    """Twenty times a minute apart, then times after rests of so many minutes."""
    times = [START + dt.timedelta(minutes=i) for i in range(20)]
    for rest in rests:
        times.append(times[-1] + dt.timedelta(minutes=rest))
    return times


def loaded(session: Session, times: list[Any], kind: pa.DataType) -> None:
    """A table of times in their order."""
    session.load("readings", pa.table({"i": pa.array(range(len(times))), "ts": pa.array(times, kind)}))


def answers(session: Session, times: list[Any], *calls: str, kind: pa.DataType | None = None) -> list[Any]:
    """The answers about each time; one alone is no tuple."""
    loaded(session, times, kind or pa.timestamp("us"))
    found = session.sql(f"SELECT {', '.join(calls)} FROM readings ORDER BY i", read="duckdb").fetchall()
    return [row[0] for row in found] if len(calls) == 1 else found


def test_a_step_of_more_than_one_and_a_half_is_late_and_one_of_that_is_not(session: Session) -> None:
    calls = (f"anomaly_score{CALL}", f"is_anomaly{CALL}", f"anomaly_status{CALL}")
    found = answers(session, minutes(1.5), *calls)
    assert found[10] == (None, None, "warm_up")
    assert found[11] == (pytest.approx(0.0, abs=1e-6), False, "ok")
    assert found[20] == (pytest.approx(3.0, abs=1e-6), False, "ok")
    assert answers(session, minutes(1.52), *calls)[20] == (pytest.approx(math.log(1.52) / LEAST, abs=1e-6), True, "ok")


def test_steps_that_differ_anyway_take_a_longer_one(session: Session) -> None:
    rests = [0.5, 2.0] * 20
    assert not answers(session, minutes(*rests, 3.0), f"is_anomaly{CALL}")[-1]
    assert answers(session, minutes(*rests, 20.0), f"is_anomaly{CALL}")[-1]


def test_early_points_count_by_direction(session: Session) -> None:
    times = minutes(0.2)
    call = "anomaly_score(ts, detector => 'gap', direction => '{}') OVER (ORDER BY ts)"
    scores = {way: answers(session, times, call.format(way))[-1] for way in ("high", "low", "both")}
    assert scores["low"] == scores["both"] == -scores["high"] == pytest.approx(math.log(5) / LEAST, abs=1e-6)
    assert not answers(session, times, f"is_anomaly{CALL}")[-1]


def test_what_is_expected_and_when_it_is_late_are_seconds_since_the_epoch(session: Session) -> None:
    names = ("expected", "lower", "upper")
    found = answers(session, minutes(1.0), *(f"anomaly_{name}{CALL}" for name in names))[-1]
    last = START.replace(tzinfo=dt.UTC).timestamp() + 19 * 60
    assert found == (pytest.approx(last + 60, abs=1e-3), None, pytest.approx(last + 90, abs=1e-3))
    both = "(ts, detector => 'gap', direction => 'both') OVER (ORDER BY ts)"
    lower = answers(session, minutes(1.0), f"anomaly_lower{both}")[-1]
    assert lower == pytest.approx(last + 40, abs=1e-3)


def test_beyond_the_band_is_an_anomaly_and_inside_is_none(session: Session) -> None:
    times = [float(i * i % 7 + 6 * i) for i in range(40)]
    both = "(ts, detector => 'gap', direction => 'both', threshold => 1.3) {} OVER (ORDER BY i)"
    lower, upper = answers(session, times, *(f"anomaly_{end}{both.format('')}" for end in ("lower", "upper")),
                           kind=pa.float64())[-1]
    filtered = "is_anomaly" + both.format("FILTER (WHERE i < 39)")
    for time, odd in ((lower - 1e-6, True), (lower + 1e-6, False), (upper - 1e-6, False), (upper + 1e-6, True)):
        assert answers(session, [*times[:39], time], filtered, kind=pa.float64())[-1] is odd


def test_min_effect_is_a_time_beyond_the_expected_one(session: Session) -> None:
    call = "is_anomaly(ts, detector => 'gap', min_effect => {}) OVER (ORDER BY ts)"
    assert [answers(session, minutes(3.0), call.format(seconds))[-1] for seconds in (110, 130)] == [True, False]


def test_duplicates_are_passed_over_and_all_rows_of_a_late_time_are_late(session: Session) -> None:
    times = [time for time in minutes(5.0) for _ in range(3)]
    found = answers(session, times, f"is_anomaly{CALL}")
    assert [i for i, odd in enumerate(found) if odd] == [60, 61, 62]


def test_rows_out_of_order_have_no_step(session: Session) -> None:
    times = [float(i) for i in range(20)] + [15.0, 16.0]
    call = "anomaly_score(ts, detector => 'gap') OVER (ORDER BY i)"
    assert answers(session, times, call, kind=pa.float64())[20:] == [0.0, pytest.approx(0.0, abs=1e-9)]


STOPPED = """
    SELECT sensor, ts FROM (
        SELECT sensor, ts, is_anomaly(ts, detector => 'gap') OVER (PARTITION BY sensor ORDER BY ts) AS late
        FROM (SELECT sensor, ts FROM readings UNION ALL SELECT DISTINCT sensor, {now} FROM readings) AS r
    ) AS judged WHERE late
"""


def sensors() -> pa.Table:
    """One sensor that goes on until a minute ago, and one that stopped an hour before that."""
    now = dt.datetime.now(tz=dt.UTC).replace(tzinfo=None)
    rows = [{"sensor": "on", "ts": now - dt.timedelta(minutes=i)} for i in range(1, 100)]
    return pa.Table.from_pylist(rows + [{"sensor": "off", "ts": row["ts"]} for row in rows if row != rows[0]][60:])


@pytest.mark.duckdb
def test_a_series_that_has_stopped_is_late_at_a_row_of_now(session: Session) -> None:
    session.load("readings", sensors())
    now = "CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)"
    assert [row[0] for row in session.sql(STOPPED.format(now=now)).fetchall()] == ["off"]


@pytest.mark.postgres
def test_so_it_is_on_postgres() -> None:
    with on_postgres() as session:
        session.load("readings", sensors())
        rows = session.sql(STOPPED.format(now="now() AT TIME ZONE 'UTC'"), read="postgres").fetchall()
        assert [row[0] for row in rows] == ["off"]
        found = answers(session, minutes(5.0), f"anomaly_score{CALL}")
        assert found[-1] == pytest.approx(math.log(5) / LEAST, abs=1e-6)


def test_dates_and_huge_numbers_are_steps_too(session: Session) -> None:
    days = [START.date() + dt.timedelta(days=i) for i in [*range(20), 30]]
    assert answers(session, days, f"anomaly_score{CALL}", kind=pa.date32())[-1] == pytest.approx(math.log(11) / LEAST)
    far = [*(i * 1e-300 for i in range(20)), 1e150]
    calls = (f"anomaly_score{CALL}", f"anomaly_upper{CALL}", f"anomaly_expected{CALL}")
    score, upper, expected = answers(session, far, *calls, kind=pa.float64())[-1]
    assert score == pytest.approx(450 * math.log(10) / LEAST, rel=1e-6)
    assert (upper, expected) == (pytest.approx(20.5e-300, rel=1e-9, abs=0), pytest.approx(20e-300, rel=1e-9, abs=0))
