"""``flatline``: runs of equal values, how usual they are, and series of which nothing can be said."""

from __future__ import annotations

import math
import random
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.errors import CallError, UnsupportedError

SCORE = "anomaly_score(x, detector => 'flatline') OVER (ORDER BY t)"
ODD = "is_anomaly(x, detector => 'flatline') OVER (ORDER BY t)"
STATUS = "anomaly_status(x, detector => 'flatline') OVER (ORDER BY t)"


@pytest.fixture
def session() -> Session:
    return sqlnomaly.connect()


def answers(session: Session, values: list[Any], call: str, times: list[Any] | None = None) -> list[Any]:
    """The answer about each value of a series, in its order."""
    columns = {"i": pa.array(range(len(values))), "x": pa.array(values, pa.float64())}
    session.load("series", pa.table({**columns, "t": pa.array(times or range(len(values)), pa.int64())}))
    return [row[0] for row in session.sql(f"SELECT {call} FROM series ORDER BY i", read="duckdb").fetchall()]


def test_a_run_scores_the_zeros_of_its_chance(session: Session) -> None:
    found = answers(session, [*map(float, range(18)), 5.0, 5.0, 5.0, 6.0], SCORE)
    assert found[-4:] == pytest.approx([0.0, math.log10(20), 2 * math.log10(20), 0.0])


def test_a_stuck_sensor_is_an_alarm_until_it_moves_again(session: Session) -> None:
    rng = random.Random(3)
    series = [rng.gauss(20.0, 1.0) for _ in range(300)]
    series[200:230] = [series[200]] * 30
    assert [i for i, odd in enumerate(answers(session, series, ODD)) if odd] == list(range(203, 230))


def test_a_series_that_often_repeats_takes_a_longer_run(session: Session) -> None:
    rng = random.Random(5)
    coins = [float(rng.random() < 0.5) for _ in range(400)] + [1.0] * 30
    found = [i for i, odd in enumerate(answers(session, coins, ODD)) if odd]
    assert 415 < found[0] < 425


def test_of_a_series_that_was_always_constant_nothing_is_said(session: Session) -> None:
    assert set(answers(session, [7.0] * 40, SCORE)) == {None}
    assert set(answers(session, [7.0] * 40, STATUS)) == {"warm_up"}
    assert answers(session, [7.0] * 40 + [8.0], SCORE)[-1] == 0.0


def test_min_rows_is_about_the_values_before_the_run(session: Session) -> None:
    series = [*map(float, range(8)), *[3.0] * 20]
    assert answers(session, series, STATUS)[10:] == ["warm_up"] * 18
    call = "anomaly_status(x, detector => 'flatline', min_rows => 8) OVER (ORDER BY t)"
    assert set(answers(session, series, call)[8:]) == {"ok"}


def test_values_within_epsilon_are_as_good_as_equal(session: Session) -> None:
    series = [*(float(3 * i % 17) for i in range(20)), 5.0, 5.25, 5.0, 5.5, 5.0]
    call = "anomaly_score(x, detector => 'flatline', epsilon => 0.25) OVER (ORDER BY t)"
    assert [score > 0 for score in answers(session, series, call)[20:]] == [False, True, True, False, False]


def test_missing_and_unfitted_rows_end_no_run(session: Session) -> None:
    series = [*map(float, range(12)), 4.0, None, 4.0, 9.0, 4.0]
    call = "anomaly_score(x, detector => 'flatline') FILTER (WHERE t <> 15) OVER (ORDER BY t)"
    once = math.log10(14)
    assert answers(session, series, call)[12:] == [0.0, None, pytest.approx(once), 0.0, pytest.approx(2 * once)]


def test_peers_are_compared_with_the_row_before_all_of_them(session: Session) -> None:
    series = [*map(float, range(12)), 4.0, 4.0, 4.0, 5.0]
    times = [*range(12), 12, 13, 13, 13]
    once = math.log10(14)
    assert answers(session, series, SCORE, times)[12:] == [0.0, pytest.approx(once), pytest.approx(once), 0.0]


@pytest.mark.parametrize("epsilon", ["-1", "'x'", "TRUE"])
def test_an_epsilon_that_is_none_is_refused(session: Session, epsilon: str) -> None:
    with pytest.raises(CallError, match="epsilon"):
        answers(session, [1.0], f"anomaly_score(x, detector => 'flatline', epsilon => {epsilon}) OVER (ORDER BY t)")


@pytest.mark.parametrize(
    "call", ["anomaly_upper(x, {})", "anomaly_expected(x, {})", "anomaly_score(x, {}, direction => 'low')"]
)
def test_what_needs_a_centre_is_refused(session: Session, call: str) -> None:
    with pytest.raises(UnsupportedError):
        answers(session, [1.0], call.format("detector => 'flatline'") + " OVER (ORDER BY t)")
