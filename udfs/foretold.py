"""What the next points of each series will be, with bands that hold what they say: split conformal prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.along_series import in_series
from sqlnomaly.udfs.forecasts import FLAT
from sqlnomaly.udfs.time_grid import Grid, as_times, grid_of, times_of

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.udfs.forecasts import Forecasts

Vector = NDArray[np.float64]

REMEMBERED = 1_000
"""The newest errors of each horizon that a band is made of."""
LONGEST = 50_000_000
"""Forecasts that are made of a series at most: points times horizon. Of a longer one the newest points are used."""
LARGEST = 1e150
"""A larger value counts as missing, as in a score."""
SLOPE = 200
"""The newest points that a slope is drawn through."""
WITHIN = 0.6827
"""The share of normal errors that lie within their standard deviation."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """The forecasts of one series.

    Attributes:
        values: the forecast of each step; NaN where there is none.
        reach: how far the band reaches on either side; NaN where too few errors are known.
        grid: the times.
        last: the last value that is known.
        first: the median of the first tenth of the points, at least ten of them.
        slope: what the values rise by in a day, or in a unit of a number: the median slope of the newest points.
        scale: of the errors of one step, at the last point; NaN where too few are known.
    """

    values: Vector
    reach: Vector
    grid: Grid
    last: float
    first: float
    slope: float
    scale: float


def foretell(
    detector: Forecasts,
    times: NDArray[np.generic],
    values: Vector,
    horizon: int,
    coverage: float,
    zone: str | None = None,
) -> Foretold:
    """The forecasts of a series for so many steps behind its last point.

    Args:
        detector: what forecasts.
        times: of the points, in their order, all different.
        values: of the points, NaN where none is known.
        horizon: how many steps.
        coverage: the share of bands that hold the value which comes.
        zone: the time zone whose days count, of instants in UTC.
    """
    grid = grid_of(times, horizon, zone)
    series = np.full(int(grid.places[-1]) + 1, np.nan)
    series[grid.places] = values
    series = series[-max(LONGEST // horizon, 2 * horizon) :]
    known = values[~np.isnan(values)]
    if not len(known):
        nothing = np.full(horizon, np.nan)
        return Foretold(nothing, nothing, grid, np.nan, np.nan, np.nan, np.nan)
    ahead, scales = detector.told(series, detector.period_of(series), horizon)
    started = ~np.isnan(scales)
    reach = np.array([_reach(series, ahead[:, h], started, h + 1, coverage) for h in range(horizon)])
    # What is uncertain does not become less so with distance.
    reach = np.where(np.isnan(reach), np.nan, np.fmax.accumulate(reach))
    first = float(np.median(known[: max(10, len(known) // 10)]))
    slope = slope_of(series[-SLOPE:]) / grid.unit
    return Foretold(ahead[-1], reach, grid, float(known[-1]), first, slope, float(scales[-1]))


def _reach(series: Vector, ahead: Vector, started: NDArray[np.bool_], step: int, coverage: float) -> float:
    """The error that forecasts of so many steps exceed with probability 1 - coverage; NaN where too few are known."""
    errors = np.abs(series[step:] - ahead[:-step])[started[:-step]] if step < len(series) else np.empty(0)
    errors = np.sort(errors[~np.isnan(errors)][-REMEMBERED:])
    rank = int(np.ceil(coverage * (len(errors) + 1) - 1e-9))
    return float(errors[rank - 1]) if 0 < rank <= len(errors) else float("nan")


def slope_of(series: Vector) -> float:
    """The median of the slopes between all pairs of points (Theil and Sen), by place; NaN for fewer than two values.

    Example:
        >>> slope_of(np.array([1.0, 3.0, np.nan, 7.0, 9.0, 30.0]))
        2.0
    """
    places = np.flatnonzero(~np.isnan(series))
    known = series[places]
    if len(known) < 2:
        return float("nan")
    one, other = np.triu_indices(len(known), 1)
    return float(np.median((known[other] - known[one]) / (places[other] - places[one])))


def series_in(rows: pa.Table, keys: Sequence[str], at: str) -> tuple[pa.Table, list[tuple[int, int]]]:
    """The points of one series after another, each in its order, and from where to where each goes.

    Raises:
        TypeError: where the times are neither times nor numbers.
    """
    import pyarrow as pa

    timed = rows.filter(rows.column(at).is_valid())
    number = times_of(timed.column(at))
    if number.dtype.kind == "f":
        timed, number = timed.filter(pa.array(np.isfinite(number))), number[np.isfinite(number)]
    sortable = pa.array(number.astype(np.int64) if number.dtype.kind == "M" else number)
    points, starts = in_series(timed.append_column("_sn__sortable", sortable), keys, "_sn__sortable")
    return points, list(pairwise([*starts.tolist(), points.num_rows]))


def forecast_table(
    detector: Forecasts, rows: pa.Table, keys: Sequence[str], at: str, value: str, horizon: int, coverage: float
) -> pa.Table:
    """A row for each series and step: its keys, the time, the step, the forecast, and the ends of the band."""
    import pyarrow as pa

    points, spans = series_in(rows, keys, at)
    kind = points.column(at).type
    found = [_of(detector, points, span, at, value, horizon, coverage) for span in spans]
    heads = np.repeat(np.array([start for start, _ in spans], dtype=np.int64), horizon)
    columns = {key: points.column(key).take(pa.array(heads)) for key in keys}
    times = [as_times(one.grid.later, kind) for one in found]
    columns[at] = pa.chunked_array(times, times[0].type if times else kind)
    columns["step"] = pa.array(np.tile(np.arange(1, horizon + 1), len(found)), pa.int64())
    for name, side in (("forecast", 0.0), ("lower", -1.0), ("upper", 1.0)):
        ends = [one.values + side * one.reach if side else one.values for one in found]
        columns[name] = pa.array(np.concatenate(ends) if ends else np.empty(0), pa.float64(), from_pandas=True)
    return pa.table(columns)


def crossing_table(
    detector: Forecasts,
    rows: pa.Table,
    keys: Sequence[str],
    at: str,
    value: str,
    horizon: int,
    coverage: float,
    limit: float,
) -> pa.Table:
    """A row for each series: when its forecast and the ends of its band reach the limit, its slope and its health."""
    import pyarrow as pa

    points, spans = series_in(rows, keys, at)
    kind = points.column(at).type
    found = [_of(detector, points, span, at, value, horizon, coverage) for span in spans]
    crossings = [_crossings(one, limit) for one in found]
    columns = {key: points.column(key).take(pa.array([start for start, _ in spans], pa.int64())) for key in keys}
    columns["current_value"] = _numbers([one.last for one in found])
    columns["slope"] = _numbers([one.slope for one in found])
    columns["steps"] = pa.array([None if one[0] is None else one[0] + 1 for one in crossings], pa.int64())
    for number, name in enumerate(("crosses_at", "earliest", "latest")):
        times = [_time(one, cross[number], kind) for one, cross in zip(found, crossings, strict=True)]
        columns[name] = pa.chunked_array(times, times[0].type if times else kind)
    columns["health"] = _numbers([_health(one, limit) for one in found])
    columns["status"] = pa.array([_status(one, cross[0], limit) for one, cross in zip(found, crossings, strict=True)])
    return pa.table(columns)


def lasting_table(
    detector: Forecasts, rows: pa.Table, keys: Sequence[str], at: str, value: str, horizon: int
) -> pa.Table:
    """The model of each point, then of ``horizon`` times behind the last point of each series.

    A time behind has the forecast of so many steps as its centre. Where two points do not say how far they are apart,
    there is none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    points, spans = series_in(rows, keys, at)
    if pa.types.is_decimal(points.column(at).type):  # times that come are numbers
        points = points.set_column(points.column_names.index(at), at, points.column(at).cast(pa.float64()))
    kind = points.column(at).type
    pieces, later = [], []
    for start, end in spans:
        own = points.slice(start, end - start)
        values = own.column(value).to_numpy().astype(np.float64)
        one = foretell(detector, times_of(own.column(at)), values, horizon, WITHIN)
        later.append(as_times(one.grid.later, kind))
        pieces.append((detector.known(values), _behind(one, values)))
    heads = np.repeat(np.array([start for start, _ in spans], dtype=np.int64), horizon)
    behind = points.take(pa.array(heads)).select([*keys, at, value])
    if later:
        behind = behind.set_column(len(keys), at, pa.chunked_array(later).cast(kind))
    behind = behind.set_column(len(keys) + 1, value, pa.nulls(behind.num_rows, points.column(value).type))
    table = pa.concat_tables([points.select([*keys, at, value]), behind])
    for stat in ("n", "centre", "scale"):
        numbers = [piece[part][stat] for part in (0, 1) for piece in pieces]
        column = pa.array(np.concatenate(numbers) if numbers else np.empty(0), from_pandas=True)
        table = table.append_column(stat, column.cast(pa.int64() if stat == "n" else pa.float64()))
    steps = np.concatenate([np.zeros(points.num_rows), np.tile(np.arange(1, horizon + 1), len(spans))])
    table = table.append_column("step", pa.array(steps.astype(np.int64)))
    return table.filter(pc.is_valid(table.column(at)))


def _behind(one: Foretold, values: Vector) -> dict[str, Vector]:
    """The model of the times behind the last point, as ``known`` gives it of a point."""
    horizon, known = len(one.values), values[~np.isnan(values)]
    low, high = (known.min(), known.max()) if len(known) else (np.nan, np.nan)
    scale = np.maximum(later_scales(one.scale, one.reach), FLAT * (high - low))
    return {
        "n": np.full(horizon, float(len(known))),
        "centre": np.full(horizon, low) if low == high else one.values,
        "scale": np.zeros(horizon) if low == high else scale,
    }


def later_scales(scale: float, reach: Vector) -> Vector:
    """The scale of the errors of each step: that of one step, as many times larger as errors of more steps reach.

    Args:
        scale: of the errors of one step.
        reach: how far the errors of each step reach, never falling; NaN where nobody knows it.

    Example:
        >>> later_scales(2.0, np.array([1.0, 1.5, 3.0, np.nan])).tolist()
        [2.0, 3.0, 6.0, 8.0]
    """
    reach = widened(reach)
    return scale * reach / reach[0] if reach[0] > 0 else np.fmax(scale, reach)


def _of(
    detector: Forecasts, points: pa.Table, span: tuple[int, int], at: str, value: str, horizon: int, coverage: float
) -> Foretold:
    own = points.slice(span[0], span[1] - span[0])
    values = own.column(value).to_numpy().astype(np.float64)
    values = np.where(np.abs(values) <= LARGEST, values, np.nan)
    zone = getattr(own.column(at).type, "tz", None)
    return foretell(detector, times_of(own.column(at)), values, horizon, coverage, zone)


def _numbers(values: Sequence[float]) -> pa.Array:
    import pyarrow as pa

    return pa.array(np.array(values, dtype=np.float64), pa.float64(), from_pandas=True)


def _rises(one: Foretold, limit: float) -> bool:
    """Whether the limit lies above the series: the first tenth says it, since the last values may be beyond."""
    return one.first < limit


def _crossings(one: Foretold, limit: float) -> tuple[int | None, int | None, int | None]:
    """The steps, from 0, at which the forecast, its nearer and its farther end reach the limit."""
    side = 1.0 if _rises(one, limit) else -1.0
    reach = widened(one.reach)
    lines = (one.values, one.values + side * reach, one.values - side * reach)
    found = [np.flatnonzero(side * line >= side * limit) for line in lines]
    first, early, late = (int(steps[0]) if len(steps) else None for steps in found)
    return first, early, late


def widened(reach: Vector) -> Vector:
    """The reach of a band where nobody knows the errors of so many steps: in proportion to the steps.

    Example:
        >>> widened(np.array([2.0, 3.0, np.nan, np.nan])).tolist()
        [2.0, 3.0, 4.5, 6.0]
    """
    known = np.flatnonzero(~np.isnan(reach))
    if not len(known):
        return reach
    steps = np.arange(1, len(reach) + 1)
    last = known[-1]
    return np.where(np.isnan(reach), reach[last] * steps / steps[last], reach)


def _time(one: Foretold, step: int | None, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    later = as_times(one.grid.later, kind)
    return later.slice(step, 1) if step is not None else pa.nulls(1, later.type)


def _health(one: Foretold, limit: float) -> float:
    """1 where the series began, 0 at the limit and beyond."""
    away = limit - one.first
    return float(np.clip((limit - one.last) / away, 0.0, 1.0)) if away else 0.0


def _status(one: Foretold, step: int | None, limit: float) -> str:
    side = 1.0 if _rises(one, limit) else -1.0
    if np.isnan(one.last) or np.isnan(one.values).all():
        return "too_few_rows"
    if side * one.last >= side * limit:
        return "crossed"
    return "beyond_horizon" if step is None else "ok"
