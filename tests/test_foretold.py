"""Forecasts with bands, crossings of a limit, and the times of a series that go on behind it."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from sqlnomaly.udfs.arima import Arima
from sqlnomaly.udfs.foretold import crossing_table, forecast_table, foretell, slope_of
from sqlnomaly.udfs.holt_winters import HoltWinters
from sqlnomaly.udfs.time_grid import as_times, grid_of, times_of

BERLIN = ZoneInfo("Europe/Berlin")


def stamps(*texts: str, unit: str = "s") -> Any:
    return np.array(texts, dtype=f"datetime64[{unit}]")


GRIDS: dict[str, tuple[Any, list[int], list[str]]] = {
    "days": (stamps("2024-02-28", "2024-02-29", "2024-03-01", "2024-03-03"), [0, 1, 2, 4], ["2024-03-04"]),
    "hours": (
        stamps("2025-01-01T22", "2025-01-01T23", "2025-01-02T02"), [0, 1, 2], ["2025-01-02T04", "2025-01-02T06"],
    ),
    "hours with a gap": (
        stamps("2025-01-01T21", "2025-01-01T22", "2025-01-01T23", "2025-01-02T02"), [0, 1, 2, 5],
        ["2025-01-02T03", "2025-01-02T04"],
    ),
    "quarters of an hour": (
        stamps("2025-01-01T00:00", "2025-01-01T00:15", "2025-01-01T00:30"), [0, 1, 2],
        ["2025-01-01T00:45", "2025-01-01T01:00"],
    ),
    "weeks": (stamps("2025-01-06", "2025-01-13", "2025-01-27"), [0, 1, 2], ["2025-02-06T12:00", "2025-02-17T00:00"]),
    "weeks with a gap": (
        stamps("2025-01-06", "2025-01-13", "2025-01-20", "2025-02-03"), [0, 1, 2, 4], ["2025-02-10", "2025-02-17"],
    ),
    "months": (stamps("2025-01-15", "2025-02-15", "2025-05-15", "2025-06-15"), [0, 1, 4, 5], ["2025-07-15"]),
    "months by the hour": (
        stamps("2025-11-01T06", "2025-12-01T06", "2026-01-01T06"), [0, 1, 2], ["2026-02-01T06", "2026-03-01T06"],
    ),
    "ends of months": (stamps("2024-01-31", "2024-02-29", "2024-03-31"), [0, 1, 2], ["2024-04-30", "2024-05-31"]),
    "late in the month": (stamps("2025-10-30", "2025-11-30", "2025-12-30"), [0, 1, 2], ["2026-01-30", "2026-02-28"]),
    "quarters": (stamps("2024-03-31", "2024-06-30", "2024-09-30"), [0, 1, 2], ["2024-12-31", "2025-03-31"]),
    "years": (stamps("2021-07-01", "2022-07-01", "2024-07-01", "2025-07-01"), [0, 1, 3, 4], ["2026-07-01"]),
    "nearly days": (
        stamps("2025-01-01T00:00:20", "2025-01-02T00:00:00", "2025-01-03T00:00:40"), [0, 1, 2],
        ["2025-01-04T00:00:50", "2025-01-05T00:01:00"],
    ),
    "no grid": (
        stamps("2025-01-01", "2025-01-02", "2025-01-03T10", "2025-01-04"), [0, 1, 2, 3], ["2025-01-05", "2025-01-06"],
    ),
    "one": (stamps("2025-01-01"), [0], ["NaT", "NaT"]),
}  # fmt: skip


@pytest.mark.parametrize("name", GRIDS)
def test_times_go_on_as_they_went(name: str) -> None:
    times, places, later = GRIDS[name]
    grid = grid_of(times, len(later))
    assert grid.places.tolist() == places
    assert grid.later.tolist() == stamps(*later).tolist()


@pytest.mark.parametrize(
    ("numbers", "places", "later"),
    [
        ([3, 4, 5, 8], [0, 1, 2, 5], [9, 10]),
        ([10, 20, 30, 50], [0, 1, 2, 4], [60, 70]),
        ([0.5, 0.75, 1.0, 1.5], [0, 1, 2, 4], [1.75, 2.0]),
        ([1.0, 2.0, 3.4, 4.0], [0, 1, 2, 3], [5.0, 6.0]),
        ([-3, -2], [0, 1], [-1, 0]),
        ([1, 2, 3, 10**9], [0, 1, 2, 3], [10**9 + 1, 10**9 + 2]),
    ],
)
def test_numbers_are_times_too(numbers: list[float], places: list[int], later: list[float]) -> None:
    grid = grid_of(np.array(numbers), 2)
    assert grid.places.tolist() == places
    assert grid.later.tolist() == later


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("s"), pa.timestamp("ns", "UTC"), pa.int32(), pa.float32()])
def test_times_come_back_in_their_type(kind: pa.DataType) -> None:
    column = pa.chunked_array([pa.array([0, 86_400, 172_800]).cast(pa.int64())])
    if pa.types.is_date(kind):
        column = pa.chunked_array([pa.array([0, 1, 2], pa.int32())])
    column = column.cast(kind)
    back = as_times(times_of(column), kind)
    assert back.type == kind
    assert back.to_pylist() == column.to_pylist()


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(TypeError, match="string is no time and no number"):
        times_of(pa.chunked_array([pa.array(["a"])]))


def zoned(start: dt.datetime, step: str, count: int) -> list[dt.datetime]:
    """Midnights of days or of the first of months in Berlin, or hours."""
    if step == "hours":
        return [(start.astimezone(dt.UTC) + dt.timedelta(hours=i)).astimezone(BERLIN) for i in range(count)]
    if step == "days":
        return [start + dt.timedelta(days=i) for i in range(count)]
    months = [start.month - 1 + i for i in range(count)]
    return [start.replace(year=start.year + month // 12, month=month % 12 + 1) for month in months]


@pytest.mark.parametrize("step", ["hours", "days", "months"])
@pytest.mark.parametrize("month", [3, 10])
def test_clocks_that_are_put_forward_or_back_shift_no_day(step: str, month: int) -> None:
    start = dt.datetime(2025, month, 24 if step == "days" else 1, tzinfo=BERLIN)
    if step == "hours":
        start = dt.datetime(2025, month, 25, 20, tzinfo=BERLIN)
    times = zoned(start, step, 18)
    rows = pa.table({"at": pa.array(times[:9], pa.timestamp("us", "Europe/Berlin")), "x": [float(i) for i in range(9)]})
    found = forecast_table(HoltWinters(period=0), rows, [], "at", "x", 9, 0.5)
    assert found.column("at").to_pylist() == times[9:]


DETECTORS = [HoltWinters(period=0), Arima(period=0)]
SEASONAL = [HoltWinters(period=7), Arima(period=7)]


def simulated(kind: str, n: int, seed: int) -> Any:
    e = np.random.default_rng(seed).normal(size=n)
    if kind == "walk":
        return np.cumsum(e)
    return e + (np.resize([0.0, 3.0, 6.0, 1.0, -4.0, 0.0, 0.0], n) if kind == "season" else 0.0)


@pytest.mark.parametrize("kind", ["noise", "walk", "season"])
@pytest.mark.parametrize("number", [0, 1], ids=["holt_winters", "arima"])
def test_bands_hold_what_they_say(kind: str, number: int) -> None:
    """Within three and a half deviations of the share of so many series, and a little for few errors."""
    detector = (SEASONAL if kind == "season" else DETECTORS)[number]
    series, n, horizon = 120, 150, 14
    inside = {coverage: np.zeros(horizon) for coverage in (0.8, 0.9, 0.95)}
    for seed in range(series):
        values = simulated(kind, n + horizon, seed)
        for coverage in inside:
            found = foretell(detector, np.arange(n), values[:n], horizon, coverage)
            assert (np.diff(found.reach) >= 0).all()
            inside[coverage] += np.abs(values[n:] - found.values) <= found.reach
    for coverage, hits in inside.items():
        slack = 3.5 * math.sqrt(coverage * (1 - coverage) / series) + 0.02
        assert np.abs(hits / series - coverage).max() < slack, (coverage, hits / series)
        assert abs(hits.mean() / series - coverage) < 0.06


@pytest.mark.parametrize("detector", DETECTORS, ids=["holt_winters", "arima"])
def test_a_line_goes_on(detector: Any) -> None:
    t = np.arange(60)
    found = foretell(detector, t, 2.0 * t + 1.0, 5, 0.9)
    assert found.values == pytest.approx(2.0 * (t[-1] + np.arange(1, 6)) + 1.0, rel=1e-4)
    assert found.slope == 2.0
    assert found.last == 119.0


@pytest.mark.parametrize("detector", SEASONAL, ids=["holt_winters", "arima"])
def test_a_season_goes_on_through_gaps(detector: Any) -> None:
    shape = np.array([0.0, 3.0, 6.0, 1.0, -4.0, 0.0, 0.0])
    times = np.array([t for t in range(70) if t % 17 != 3])
    found = foretell(detector, times, shape[times % 7], 9, 0.9)
    assert found.values == pytest.approx(shape[(70 + np.arange(9)) % 7], abs=1e-6)
    assert found.reach.max() < 6.1
    assert found.grid.later.tolist() == list(range(70, 79))


def test_too_few_errors_have_a_forecast_and_no_band() -> None:
    found = foretell(HoltWinters(period=0), np.arange(12), np.arange(12.0) ** 2, 6, 0.9)
    assert np.isfinite(found.values).all()
    assert np.isnan(found.reach).all()


@pytest.mark.parametrize("values", [[np.nan] * 5, [1.0], [np.nan, 2.0, np.nan], [3.0] * 20, [1e150, -1e150] * 10])
def test_strange_series_have_a_row_for_each_step(values: list[float]) -> None:
    for detector in (*DETECTORS, HoltWinters(), Arima(), HoltWinters(period=30)):
        rows = pa.table({"at": np.arange(len(values)), "x": values})
        found = forecast_table(detector, rows, [], "at", "x", 3, 0.8)
        assert found.column("step").to_pylist() == [1, 2, 3]
        numbers = [found.column(name).to_pylist() for name in ("forecast", "lower", "upper")]
        assert all(x is None or math.isfinite(x) for column in numbers for x in column)


def test_series_are_told_by_keys_and_times_need_no_order() -> None:
    rows = [(key, t, 10.0 * (key is None) + t) for t in range(30) for key in ("a", None)]
    rows += [("a", None, 1e9), ("b", 5, 1.0)]
    np.random.default_rng(1).shuffle(rows)
    key, at, x = zip(*rows, strict=True)
    table = pa.table({"k": pa.array(key), "at": pa.array(at, pa.int64()), "x": pa.array(x, pa.float64())})
    found = forecast_table(HoltWinters(period=0), table, ["k"], "at", "x", 2, 0.5).to_pylist()
    assert sorted((row["k"] or "", row["at"], row["step"]) for row in found) == sorted(
        [("", 30, 1), ("", 31, 2), ("a", 30, 1), ("a", 31, 2), ("b", None, 1), ("b", None, 2)],
        key=lambda row: (row[0], row[2]),
    )
    by_key = {(row["k"], row["step"]): row["forecast"] for row in found}
    assert by_key["a", 1] == pytest.approx(30.0, rel=1e-3)
    assert by_key[None, 1] == pytest.approx(40.0, rel=1e-3)


def test_an_empty_table_has_no_forecast() -> None:
    rows = pa.table({"at": pa.array([], pa.date32()), "x": pa.array([], pa.float64())})
    assert forecast_table(HoltWinters(), rows, [], "at", "x", 3, 0.9).num_rows == 0
    assert crossing_table(HoltWinters(), rows, [], "at", "x", 3, 0.9, 1.0).num_rows == 0


def test_times_and_values_that_are_no_numbers_are_left_out() -> None:
    t = np.array([*np.arange(40.0), np.nan, np.inf])
    x = np.array([*(0.5 * np.arange(40.0)), 1.0, 2.0])
    x[[7, 19]] = np.inf, np.nan
    found = forecast_table(HoltWinters(period=0), pa.table({"at": t, "x": x}), [], "at", "x", 2, 0.5).to_pylist()
    assert [row["at"] for row in found] == [40.0, 41.0]
    assert found[0]["forecast"] == pytest.approx(20.0, rel=1e-2)


def crossing(values: Any, limit: float, horizon: int = 40) -> dict[str, Any]:
    start = dt.date(2025, 1, 1)
    days = [start + dt.timedelta(days=i) for i in range(len(values))]
    rows = pa.table({"k": ["a"] * len(days), "at": days, "x": np.array(values, dtype=np.float64)})
    (found,) = crossing_table(HoltWinters(period=0), rows, ["k"], "at", "x", horizon, 0.8, limit).to_pylist()
    return dict(found)


def noisy(slope: float, n: int = 100) -> Any:
    return slope * np.arange(n) + 0.1 * np.random.default_rng(3).normal(size=n)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_series_that_nears_a_limit_says_when_it_crosses(side: float) -> None:
    found = crossing(noisy(side), 109.5 * side)
    wanted = dt.date(2025, 1, 1) + dt.timedelta(days=110)
    assert found["status"] == "ok"
    assert abs((found["crosses_at"] - wanted).days) <= 1
    assert found["earliest"] <= found["crosses_at"] <= found["latest"]
    assert (found["crosses_at"] - dt.date(2025, 4, 10)).days == found["steps"]
    assert found["slope"] == pytest.approx(side, rel=0.01)
    assert found["health"] == pytest.approx(1 - (99 - 4.5) / (109.5 - 4.5), abs=0.02)


@pytest.mark.parametrize(
    ("values", "limit", "status", "health"),
    [
        (noisy(1.0), 90.0, "crossed", 0.0),
        (noisy(-1.0), -90.0, "crossed", 0.0),
        (noisy(1.0), 900.0, "beyond_horizon", 0.894),
        (noisy(0.0), 50.0, "beyond_horizon", 1.0),
        ([np.nan, np.nan], 1.0, "too_few_rows", None),
    ],
)
def test_other_series_say_why_they_do_not(values: Any, limit: float, status: str | None, health: float | None) -> None:
    found = crossing(values, limit)
    assert found["status"] == status
    assert found["health"] == (health if health is None else pytest.approx(health, abs=0.01))
    if status != "crossed":
        assert found["crosses_at"] is None
        assert found["steps"] is None


def test_a_slope_is_that_of_most_pairs() -> None:
    rng = np.random.default_rng(2)
    values = 0.3 * np.arange(80) + 0.01 * rng.normal(size=80)
    values[::9] += 50.0
    assert slope_of(values) == pytest.approx(0.3, abs=0.01)
    assert math.isnan(slope_of(np.array([1.0])))
