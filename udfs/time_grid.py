"""The times of a series as places on a grid of equal steps or months, and the times that come after the last one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Places = NDArray[np.int64]

SLACK = 0.05
"""How far from the grid a time may lie, in steps."""
MOST = 1_000_000
"""Places of a grid, those between the points included."""
MONTH = np.timedelta64(28, "D")
LONG = np.timedelta64(20, "h")
"""From such a step on clocks that are put forward or back are no part of it."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the points of a series stand.

    Attributes:
        places: of each point, from 0; gaps leave places out.
        later: the times after the last point, as many as were asked for, in the numbers or dates of the points.
        unit: the days, or units of a number, from one place to the next; of months the mean.
    """

    places: Places
    later: NDArray[np.generic]
    unit: float


def grid_of(times: NDArray[np.generic], steps: int, zone: str | None = None) -> Grid:
    """The grid of the times of a series.

    The step is the median distance of neighbors; where all lie on one day of the month, or on the last one, it is a
    number of months. Times that do not lie on a grid of the step, up to 5 % of it, count as one place each.

    Args:
        times: in their order, all different: numbers or datetime64.
        steps: how many times are wanted behind the last one.
        zone: the time zone whose days count, of instants in UTC.

    Example:
        >>> days = np.array(["2025-01-31", "2025-02-28", "2025-04-30"], dtype="datetime64[D]")
        >>> grid = grid_of(days, 2)
        >>> grid.places.tolist(), grid.later.astype(str).tolist()
        ([0, 1, 3], ['2025-05-31', '2025-06-30'])
    """
    if len(times) < 2:
        dated = times.dtype.kind == "M"
        nothing = np.full(steps, "NaT" if dated else np.nan, times.dtype if dated else np.float64)
        return Grid(np.zeros(len(times), dtype=np.int64), nothing, float("nan"))
    if zone is not None and np.median(np.diff(times)) >= LONG:
        grid = grid_of(local(times, zone), steps)
        return replace(grid, later=instants(grid.later, zone))
    if times.dtype.kind == "M" and (months := _months(times, steps)) is not None:
        return months
    numbers = times.astype(np.int64) if times.dtype.kind in "Miu" else times.astype(np.float64)
    distances = np.diff(numbers)
    step = np.median(distances)
    step = step if numbers.dtype.kind == "f" else max(int(step), 1)
    exact = (numbers - numbers[0]) / step
    places = np.rint(exact).astype(np.int64)
    regular = bool(np.all(np.abs(exact - places) <= SLACK) and np.all(np.diff(places) > 0) and places[-1] < MOST)
    later = numbers[-1] + step * np.arange(1, steps + 1)
    return Grid(
        places if regular else np.arange(len(times), dtype=np.int64),
        later.astype(times.dtype),
        float(step) / _a_day(times.dtype),
    )


def local(times: NDArray[np.generic], zone: str) -> NDArray[np.generic]:
    """What clocks of a time zone show at instants in UTC."""
    import pyarrow as pa
    import pyarrow.compute as pc

    utc = pa.array(times)
    shown = pc.local_timestamp(utc.cast(pa.timestamp(utc.type.unit, zone)))
    return np.asarray(shown.cast(pa.int64()).to_numpy().astype(times.dtype))


def instants(shown: NDArray[np.generic], zone: str) -> NDArray[np.generic]:
    """The instants at which clocks of a time zone show so much, the first one of two; UTC."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.assume_timezone(pa.array(shown), zone, ambiguous="earliest", nonexistent="latest")
    return np.asarray(found.cast(pa.int64()).to_numpy().astype(shown.dtype))


def _a_day(kind: np.dtype[np.generic]) -> float:
    """How many units of a dtype a day has; 1 for numbers."""
    return float(np.timedelta64(1, "D") / np.ones(1, dtype=kind.str.replace("M", "m"))[0]) if kind.kind == "M" else 1.0


def _months(times: NDArray[np.generic], steps: int) -> Grid | None:
    """The grid of months, or None where the times are no months apart."""
    if np.any(np.diff(times) < MONTH):
        return None
    days, months = times.astype("datetime64[D]"), times.astype("datetime64[M]")
    of_day = times - days.astype(times.dtype)
    day = (days - months.astype("datetime64[D]")).astype(np.int64)
    last = ((months + 1).astype("datetime64[D]") - days).astype(np.int64) == 1
    if np.any(of_day != of_day[0]) or not (np.all(day == day[0]) or np.all(last)):
        return None
    number = months.astype(np.int64)
    step = max(int(np.median(np.diff(number))), 1)
    if np.any((number - number[0]) % step):
        return None
    later = months[-1] + step * np.arange(1, steps + 1)
    ends = (later + 1).astype("datetime64[D]") - 1
    dates = ends if np.all(last) else np.minimum(later.astype("datetime64[D]") + day[0], ends)
    return Grid((number - number[0]) // step, dates.astype(times.dtype) + of_day[0], step * 30.436875)


def times_of(column: pa.ChunkedArray) -> NDArray[np.generic]:
    """A column of numbers, dates or timestamps as numpy has them; instants in UTC.

    Raises:
        TypeError: for a column of another type.
    """
    import pyarrow as pa

    kind = column.type
    found: NDArray[np.generic]
    if pa.types.is_date(kind):
        found = column.cast(pa.date32()).to_numpy().astype("datetime64[D]")
    elif pa.types.is_timestamp(kind):
        found = column.cast(pa.int64()).to_numpy().astype(f"datetime64[{kind.unit}]")
    elif pa.types.is_integer(kind):
        found = column.to_numpy().astype(np.int64)
    elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        found = column.cast(pa.float64()).to_numpy()
    else:
        raise TypeError(f"{kind} is no time and no number")
    return found


def as_times(times: NDArray[np.generic], kind: pa.DataType) -> pa.Array:
    """The times as a column of the type that they came from; NaN and NaT are NULL."""
    import pyarrow as pa

    missing = np.isnat(times) if times.dtype.kind == "M" else np.isnan(times.astype(np.float64))
    if pa.types.is_date(kind):
        return pa.array(times.astype("datetime64[D]"), mask=missing).cast(kind)
    if pa.types.is_timestamp(kind):
        return pa.array(times.astype(np.int64), pa.int64(), mask=missing).cast(kind)
    whole = pa.types.is_integer(kind)
    numbers = np.where(missing, 0, times).astype(np.int64) if whole else times.astype(np.float64)
    return pa.array(numbers, mask=missing).cast(kind if whole or pa.types.is_floating(kind) else pa.float64())
