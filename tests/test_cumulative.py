"""``cusum`` and ``page_hinkley``: shifts and spikes, long series, the band, and constant baselines."""

from __future__ import annotations

import math
import random
import statistics
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.errors import CallError, UnsupportedError
from tests.reference.judge import judge


@pytest.fixture
def session() -> Session:
    return sqlnomaly.connect()


def answers(session: Session, values: list[Any], *calls: str) -> list[Any]:
    """The answers about each value of a series, in its order; one alone is no tuple."""
    table = pa.table({"t": pa.array(range(len(values)), pa.int64()), "x": pa.array(values, pa.float64())})
    session.load("series", table)
    rows = session.sql(f"SELECT {', '.join(calls)} FROM series ORDER BY t", read="duckdb").fetchall()
    return [row[0] for row in rows] if len(calls) == 1 else rows


def noise(rows: int, seed: int = 1) -> list[float]:
    rng = random.Random(seed)
    return [rng.gauss(100.0, 4.0) for _ in range(rows)]


ODD = "is_anomaly(x, detector => 'cusum') OVER (ORDER BY t)"
SCORE = "anomaly_score(x, detector => 'cusum') OVER (ORDER BY t)"


def test_a_shift_of_one_deviation_is_found_in_a_few_rows(session: Session) -> None:
    series = [x + (4.0 if i >= 200 else 0.0) for i, x in enumerate(noise(240))]
    found = [i for i, odd in enumerate(answers(session, series, ODD)) if odd]
    assert 200 < found[0] < 220


def test_one_value_far_out_is_an_alarm_that_ends_in_a_few_rows(session: Session) -> None:
    series = [140.0 if i == 150 else x for i, x in enumerate(noise(200))]
    found = [i for i, odd in enumerate(answers(session, series, ODD)) if odd]
    assert found[0] == 150
    assert found[-1] < 175


def test_a_huge_value_has_a_score_of_a_few_hundred(session: Session) -> None:
    assert 150 < answers(session, [*noise(100), 1e140], SCORE)[-1] < 300


def test_a_shift_downwards_has_a_score_of_its_own_direction(session: Session) -> None:
    series = [x - (8.0 if i >= 100 else 0.0) for i, x in enumerate(noise(115))]
    both, high, low = (
        answers(session, series, f"anomaly_score(x, detector => 'cusum'{option}) OVER (ORDER BY t)")[-1]
        for option in ("", ", direction => 'high'", ", direction => 'low'")
    )
    assert both == low > 5.0
    assert high == 0.0


def test_a_long_series_keeps_ten_digits(session: Session) -> None:
    value = "SIN(i * i) + CASE WHEN i > 299990 THEN 1 ELSE 0 END"
    session.sql(f"CREATE TABLE long AS SELECT i AS t, {value} AS x FROM range(300000) AS s(i)")
    query = f"SELECT {SCORE} AS score FROM long QUALIFY t >= 299980 ORDER BY t"
    found = [row[0] for row in session.sql(query, read="duckdb").fetchall()]
    assert found == pytest.approx(by_recursion(session), abs=1e-9)


def by_recursion(session: Session) -> list[float]:
    """The last scores of the long series, by Welford's recursion and Page's."""
    up = down = mean = squares = 0.0
    scores = []
    for n, (x,) in enumerate(session.sql("SELECT x FROM long ORDER BY t").fetchall()):
        if n >= 2:
            v = n - 1
            ratio = (x - mean) / math.sqrt(squares / v) * math.sqrt(n / (n + 1) / v)
            size = (8 * v + 1) / (8 * v + 3) * math.sqrt(v * math.log1p(ratio * ratio))
            u = math.copysign(size, ratio)
            up, down = max(0.0, up + u - 0.5), max(0.0, down - u - 0.5)
        scores.append(max(up, down))
        step = x - mean
        mean += step / (n + 1)
        squares += step * (x - mean)
    return scores[299980:]


def test_the_expected_value_is_the_mean_of_the_rows_before(session: Session) -> None:
    rest = "(x, detector => 'cusum', min_rows => 3) OVER (ORDER BY t)"
    calls = [f"anomaly_{name}{rest}" for name in ("expected", "upper")]
    found = answers(session, [1.0, 2.0, 3.0, 10.0, 4.0], *calls)
    assert [row[0] for row in found] == [None, None, None, 2.0, 4.0]
    assert all((row[1] is None) == (row[0] is None) for row in found)


def test_an_end_that_no_value_reaches_is_none(session: Session) -> None:
    call = "anomaly_upper(x, detector => 'cusum', threshold => 1000) OVER (ORDER BY t)"
    assert answers(session, noise(20), call)[-1] is None


def test_while_a_shift_stands_the_band_is_empty(session: Session) -> None:
    series = [x + (40.0 if i >= 100 else 0.0) for i, x in enumerate(noise(115))]
    ends = [f"anomaly_{name}(x, detector => 'cusum') OVER (ORDER BY t)" for name in ("lower", "upper")]
    low, high = answers(session, series, *ends)[-1]
    assert high < low


def test_what_leaves_a_constant_baseline_has_no_score_and_adds_nothing(session: Session) -> None:
    series = [7.0] * 15 + [9.0, 7.0]
    calls = (SCORE, "anomaly_status(x, detector => 'cusum') OVER (ORDER BY t)")
    found = answers(session, series, *calls)
    assert found[14:16] == [(0.0, "constant_baseline"), (None, "constant_baseline")]
    assert found[16][0] == 0.0
    effect = "is_anomaly(x, detector => 'cusum', min_effect => 1) OVER (ORDER BY t)"
    assert answers(session, series, effect)[14:] == [False, True, False]


def test_tiny_distances_from_the_mean_keep_their_digits(session: Session) -> None:
    series = [0.0, 2.0] * 20 + [1.0 + step for step in (1e-9, 3e-9, 1e-160, 2e-5, 0.1)]
    rows = [{"id": i, "t": i, "x": x} for i, x in enumerate(series)]
    options: dict[str, Any] = {"detector": "cusum", "drift": 0.0}
    found = answers(session, series, "anomaly_score(x, detector => 'cusum', drift => 0) OVER (ORDER BY t)")
    wanted = [verdict.score for verdict in judge(rows, features=["x"], order="t", **options)]
    assert found[10:] == pytest.approx(wanted[10:], rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("drift", ["-1", "6", "'much'", "TRUE"])
def test_a_drift_that_is_none_is_refused(session: Session, drift: str) -> None:
    with pytest.raises(CallError, match="drift"):
        answers(session, [1.0], f"anomaly_score(x, detector => 'cusum', drift => {drift}) OVER (ORDER BY t)")


HINKLEY = "detector => 'page_hinkley', delta => 0.1"


def test_page_hinkley_finds_a_change_of_two_deviations_in_some_thirty_rows(session: Session) -> None:
    series = [x + (8.0 if i >= 500 else 0.0) for i, x in enumerate(noise(600))]
    found = [i for i, odd in enumerate(answers(session, series, f"is_anomaly(x, {HINKLEY}) OVER (ORDER BY t)")) if odd]
    assert 515 < found[0] < 550


def test_one_spike_adds_five_to_page_hinkley(session: Session) -> None:
    calm, series = noise(200), noise(200)
    series[150] = 1e140
    scores = [answers(session, xs, f"anomaly_score(x, {HINKLEY}) OVER (ORDER BY t)") for xs in (calm, series)]
    assert scores[1][150] <= scores[0][149] + 5.0
    assert max(scores[1][150:]) <= scores[1][150]


def test_page_hinkley_is_the_sum_less_its_smallest_value(session: Session) -> None:
    series = noise(80)
    call = "anomaly_score(x, detector => 'page_hinkley', direction => 'high') OVER (ORDER BY t)"
    found = answers(session, series, call)
    sums = [0.0]
    for i in range(2, 80):
        before = series[:i]
        sums.append(sums[-1] + (series[i] - statistics.fmean(before)) / statistics.stdev(before) - 0.1)
        if i >= 30:
            assert found[i] == pytest.approx(sums[-1] - min(sums), abs=1e-9)
    assert found[:30] == [None] * 30


def test_page_hinkley_expects_the_mean_and_has_no_band(session: Session) -> None:
    series = noise(40)
    call = "anomaly_{}(x, detector => 'page_hinkley') OVER (ORDER BY t)"
    assert answers(session, series, call.format("expected"))[-1] == pytest.approx(statistics.fmean(series[:-1]))
    with pytest.raises(UnsupportedError, match="no band"):
        answers(session, series, call.format("upper"))


@pytest.mark.parametrize("delta", ["-0.1", "5.5", "'x'"])
def test_a_delta_that_is_none_is_refused(session: Session, delta: str) -> None:
    with pytest.raises(CallError, match="delta"):
        answers(session, [1.0], f"anomaly_score(x, detector => 'page_hinkley', delta => {delta}) OVER (ORDER BY t)")
