"""``series_decompose``: scores that others published, whole series, seasons from the clock, and what is refused."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.errors import CallError, SqlnomalyError, UnsupportedError
from tests.engines.sessions import on_postgres

PUBLISHED = {
    -3.0: 1.9040785483608571, 2.4: 0.10021466044004519, 15.0: 1.3361954725339347, 16.0: 1.6702443406674186,
    3.9: 0.0, 6.0: 0.0, 4.5: 0.0, 5.2: 0.0, 3.0: 0.0, 7.0: 0.0,
}  # fmt: skip
"""Value -> the score that Azure Data Explorer's series_outliers gives it among `SERIES`, without its sign."""
SERIES = (-3, 2.4, 15, 3.9, 5, 6, 4.5, 5.2, 3, 4, 5, 16, 7, 5, 5, 4)
DECOMPOSE = "detector => 'series_decompose'"
LINE = ", trend => 'linefit'"


def answers(session: Session, values: Sequence[Any], call: str, **columns: pa.Array) -> list[Any]:
    """One answer a value of a series, in its order."""
    table = {"t": pa.array(range(len(values)), pa.int64()), "x": pa.array(values, pa.float64()), **columns}
    session.load("series", pa.table(table))
    return [row[0] for row in session.sql(f"SELECT {call} AS answer FROM series ORDER BY t").fetchall()]


@pytest.fixture
def session() -> Session:
    return sqlnomaly.connect()


def test_the_scores_are_those_that_users_of_azure_published(session: Session) -> None:
    found = answers(session, SERIES, f"anomaly_score(x, {DECOMPOSE}, trend => 'none') OVER (ORDER BY t)")
    assert {x: score for x, score in zip(SERIES, found, strict=True) if x in PUBLISHED} == pytest.approx(
        PUBLISHED, rel=1e-14
    )


def hourly() -> list[float]:
    """Five weeks of hours with a season of a day and of a week, and three drops."""
    rng = random.Random(4)
    series = []
    for t in range(1, 24 * 7 * 5 + 1):
        y = 2 * rng.random() + (10.0 if t // 24 % 7 >= 5 else 15.0) - (t % 24 / 10) ** 2
        series.append(y - 8.0 if t in (150, 200, 780) else y)
    return series


@pytest.mark.parametrize("drift", [0.0, 0.02])
def test_the_drops_in_a_season_of_a_week_are_far_out_and_nothing_else_is(session: Session, drift: float) -> None:
    series = [y + drift * t for t, y in enumerate(hourly())]
    call = f"is_anomaly(x, {DECOMPOSE}, period => 168, trend => 'linefit', threshold => 3) OVER (ORDER BY t)"
    found = [t for t, odd in enumerate(answers(session, series, call), start=1) if odd]
    assert found == [150, 200, 780]


def test_a_row_is_judged_by_later_rows_too(session: Session) -> None:
    series = [9.0, *[float(i % 3) for i in range(40)]]
    call = f"anomaly_score(x, {DECOMPOSE}, trend => 'none') OVER (ORDER BY t)"
    assert answers(session, series, call)[0] == pytest.approx(7 / 2 * 2.772605605507915)


def test_rows_of_one_time_share_a_place_and_times_that_are_missing_take_none(session: Session) -> None:
    times = pa.array([0, 0, 0, 7, 8, 20, 20, 31], pa.int64())
    series = [1.0, 3.0, 2.0, 10.0, 1.0, 11.0, 12.0, 6.0]
    call = f"anomaly_explanation(x, {DECOMPOSE}, period => 2, trend => 'none') OVER (ORDER BY at)"
    found = answers(session, series, call, at=times)
    odd, even = median([1.0, 3.0, 2.0, 1.0, 6.0]), median([10.0, 11.0, 12.0])
    wanted = [odd, odd, odd, even, odd, even, even, odd]
    assert [float(text.split('"expected":')[1].split(",")[0]) for text in found] == wanted


def test_what_filter_leaves_out_is_judged_by_the_others(session: Session) -> None:
    series = [float(i % 2) + i % 3 / 10 for i in range(20)] + [50.0, 51.0]
    call = f"{{}}(x, {DECOMPOSE}, period => 2) FILTER (WHERE t < 20) OVER (ORDER BY t)"
    scores = answers(session, series, call.format("anomaly_score"))
    flat = [x - median(series[i % 2 : 20 : 2]) for i, x in enumerate(series)]
    rest = [d - fmean(flat[:20]) for d in flat]
    low, high = np.quantile(rest[:20], [0.1, 0.9])
    wanted = [2.772605605507915 * max(r - high, low - r, 0.0) / (high - low) for r in rest]
    assert scores == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    assert answers(session, series, call.format("is_anomaly"))[20:] == [True, True]


def test_contamination_and_a_budget_are_about_the_series(session: Session) -> None:
    series = hourly()
    for option in ("contamination => 0.01", "alert_budget => 3"):
        call = f"is_anomaly(x, {DECOMPOSE}, period => 168, {option}) OVER (ORDER BY t)"
        found = [t for t, odd in enumerate(answers(session, series, call), start=1) if odd]
        assert {150, 200, 780} <= set(found)
        assert len(found) == (3 if "budget" in option else 9)


def clocked(days: int) -> pa.Table:
    """Hours with gaps of two stores, and a drop."""
    rng = random.Random(8)
    start = dt.datetime(2024, 3, 1)
    rows = []
    for store in ("n", "s"):
        for hour in range(24 * days):
            if rng.random() < 0.9:
                ts = start + dt.timedelta(hours=hour)
                level = 30.0 * (ts.hour > 7) + 5.0 * (ts.isoweekday() > 5) + 0.1 * hour
                rows.append((len(rows), store, ts, level + rng.gauss(0, 1)))
    number, store, ts, x = rows[200]
    rows[200] = (number, store, ts, x - 20.0)
    columns = list(zip(*rows, strict=True))
    return pa.table(
        {
            "id": pa.array(columns[0], pa.int64()),
            "store": pa.array(columns[1], pa.string()),
            "ts": pa.array(columns[2], pa.timestamp("us")),
            "x": pa.array(columns[3], pa.float64()),
        }
    )


def by_hand(table: pa.Table) -> dict[int, float]:
    """The scores of `clocked` with a median for each hour of the week and a line."""
    found = {}
    for store in ("n", "s"):
        rows = sorted((row for row in table.to_pylist() if row["store"] == store), key=lambda row: row["ts"])
        slots = [row["ts"].weekday() * 24 + row["ts"].hour for row in rows]
        medians = {slot: median([r["x"] for r, s in zip(rows, slots, strict=True) if s == slot]) for slot in set(slots)}
        few = {slot for slot in slots if slots.count(slot) < 2}
        kept = [i for i, slot in enumerate(slots) if slot not in few]
        flat = np.array([rows[i]["x"] - medians[slots[i]] for i in kept])
        rest = flat - np.polyval(np.polyfit(np.array(kept) + 1.0, flat, 1), np.array(kept) + 1.0)
        low, high = np.quantile(rest, [0.1, 0.9])
        scores = 2.772605605507915 * np.maximum(np.maximum(rest - high, low - rest), 0.0) / (high - low)
        found |= {rows[i]["id"]: float(score) for i, score in zip(kept, scores, strict=True)}
    return found


OPTIONS = f"{DECOMPOSE}, season => 'hour_of_week', trend => 'linefit'"
CLOCKED = (
    f"SELECT id, anomaly_score(x, {OPTIONS}) OVER w AS s, anomaly_status(x, {OPTIONS}) OVER w AS why FROM clocked "
    "WINDOW w AS (PARTITION BY store ORDER BY ts)"
)


@pytest.mark.duckdb
def test_a_season_from_the_clock_shares_trend_and_fences_and_bears_gaps(session: Session) -> None:
    table = clocked(40)
    session.load("clocked", table)
    check_clocked(session, table)


@pytest.mark.postgres
def test_so_it_does_on_postgres() -> None:
    table = clocked(40)
    with on_postgres() as session:
        session.load("clocked", table)
        check_clocked(session, table)


def check_clocked(session: Session, table: pa.Table) -> None:
    """The scores by hand, and a reason where a slot has one value."""
    found = session.sql(CLOCKED, read="duckdb").arrow().to_pylist()
    wanted = by_hand(table)
    assert len(found) == table.num_rows
    assert {row["id"] for row in found if row["why"] == "too_few_rows"} == set(range(table.num_rows)) - wanted.keys()
    scores = {row["id"]: row["s"] for row in found if row["why"] == "ok"}
    assert scores == pytest.approx(wanted, rel=1e-7, abs=1e-9)
    assert scores[200] > 1.5


@pytest.mark.parametrize(
    ("values", "period", "status"),
    [
        ([5.0] * 12, 3, "constant_baseline"),
        ([float(i % 3) / 7 for i in range(60)], 3, "constant_baseline"),
        ([1.0, 2.0, 3.0], 0, "too_few_rows"),
        ([1.0, 2.0, 3.0, 5.0, 1.0], 4, "too_few_rows"),
        ([], 2, "ok"),
    ],
)
def test_what_does_not_vary_or_is_too_short_has_no_verdict(
    session: Session, values: list[float], period: int, status: str
) -> None:
    call = f"{DECOMPOSE}, period => {period}, trend => 'linefit') OVER (ORDER BY t)"
    statuses = answers(session, values, f"anomaly_status(x, {call}")
    assert set(statuses[1:4]) <= {status}
    scores = answers(session, values, f"anomaly_score(x, {call}")
    assert set(scores[1:4]) <= ({0.0} if status == "constant_baseline" else {None})


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        ("anomaly_score(x, {}) OVER ()", UnsupportedError, "needs ORDER BY"),
        ("anomaly_score(x, {}) OVER (ORDER BY t ROWS 5 PRECEDING)", UnsupportedError, "frame"),
        ("anomaly_probability(x, {}) OVER (ORDER BY t)", UnsupportedError, "no calibration yet"),
        ("is_anomaly(x, {}, fdr => 0.1) FILTER (WHERE t < 9) OVER (ORDER BY t)", UnsupportedError, "no calibration"),
        ("anomaly_score(x, {}, period => 1) OVER (ORDER BY t)", CallError, "period"),
        ("anomaly_score(x, {}, period => 2.5) OVER (ORDER BY t)", CallError, "period"),
        ("anomaly_score(x, {}, trend => 'line') OVER (ORDER BY t)", CallError, "linefit"),
        ("anomaly_score(x, {}, ad_method => 'box') OVER (ORDER BY t)", CallError, "ctukey"),
        ("anomaly_score(x, {}, season => 'hour') OVER (ORDER BY t)", SqlnomalyError, "a date or a timestamp"),
    ],
)
def test_what_has_no_meaning_is_refused(session: Session, call: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        answers(session, SERIES, call.format(DECOMPOSE))


def test_it_keeps_no_model(session: Session) -> None:
    session.load("series", pa.table({"x": [1.0, 2.0]}))
    with pytest.raises(UnsupportedError, match="keeps no model: it judges a row by its series"):
        session.sql("CREATE ANOMALY MODEL m USING series_decompose AS SELECT x FROM series")


def test_explain_says_that_later_rows_count(session: Session) -> None:
    session.load("series", pa.table({"x": [1.0, 2.0], "ts": pa.array([dt.datetime(2024, 1, 1)] * 2)}))
    call = f"anomaly_score(x, {DECOMPOSE}, season => 'hour') OVER (ORDER BY ts)"
    said = str(session.sql(f"EXPLAIN ANOMALY SELECT {call} FROM series").fetchall())
    assert "hour of ts" in said
    assert "later ones too" in said


@pytest.mark.parametrize("more", ["", ", period => 2", ", nulls => 'anomalous'", ", min_effect => 1", LINE])
def test_a_row_without_a_time_has_no_verdict(session: Session, more: str) -> None:
    table = pa.table({"t": [*range(12), None], "x": [*(1.0 + i % 2 for i in range(11)), 9.0, 1000.0]})
    session.load("series", table)
    call = f"(x, {DECOMPOSE}{more}) OVER (ORDER BY t)"
    names = ("anomaly_score", "is_anomaly", "anomaly_reason", "anomaly_expected", "anomaly_upper", "anomaly_status")
    whole = f"SELECT t, {', '.join(f'{name}{call} AS a{n}' for n, name in enumerate(names))} FROM series"
    assert session.sql(f"SELECT * EXCLUDE (t) FROM ({whole}) WHERE t IS NULL").fetchall() == [
        (None, None, None, None, None, "missing_value")
    ]


@pytest.mark.parametrize("trend", ["avg", "none"])
@pytest.mark.parametrize("glitch", [1e10, 1e13, 9.99e20, 1e149])
def test_a_huge_value_hides_no_other(session: Session, trend: str, glitch: float) -> None:
    rng = random.Random(5)
    series = [rng.gauss(0, 1) for _ in range(100)]
    series[50], series[60] = glitch, 25.0
    call = f"{{}}(x, {DECOMPOSE}, trend => '{trend}', threshold => 3, min_effect => 5) OVER (ORDER BY t)"
    assert [t for t, odd in enumerate(answers(session, series, call.format("is_anomaly"))) if odd] == [50, 60]
    assert max(answers(session, series, call.format("anomaly_upper"))) < 25.0


@pytest.mark.postgres
def test_postgres_takes_the_smallest_numbers() -> None:
    with on_postgres() as session:
        for trend in ("avg", "linefit"):
            call = f"anomaly_score(x, {DECOMPOSE}, trend => '{trend}') OVER (ORDER BY t)"
            assert len(answers(session, [1e-318 * (i % 5) for i in range(30)], call)) == 30
