"""Arrow columns as numpy arrays that can be drawn: numbers, moments, verdicts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Places: TypeAlias = npt.NDArray[np.intp]

LARGEST = 1e150
"""The largest magnitude that is drawn; beyond it detectors say ``out_of_range`` too."""
DAY = 86_400 * 10**6
"""Microseconds of a day."""
FIRST, LAST = (int(np.datetime64(day, "us").astype(np.int64)) for day in ("1000-01-01", "9000-01-01"))
"""Moments outside are left out: 0001-01-01, 9999-12-31 and infinity stand for "none" and would squash the rest."""


def is_number(kind: pa.DataType) -> bool:
    """Whether it is a number; a column that is nothing but NULL is none."""
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def is_whole(kind: pa.DataType) -> bool:
    """Whether it is an integer, or a DECIMAL without decimals, which is Snowflake's integer."""
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0))


def is_moment(kind: pa.DataType) -> bool:
    """Whether it is a date or a timestamp."""
    import pyarrow as pa

    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))


def is_text(kind: pa.DataType) -> bool:
    """Whether it is text, an ENUM included."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def numbers(column: pa.ChunkedArray) -> Floats:
    """The values as doubles; NULL is NaN, infinities stay."""
    import pyarrow as pa

    return np.array(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)


def moments(column: pa.ChunkedArray) -> Floats:
    """Dates and timestamps as matplotlib's days; NULL, and what lies beyond the years 1000 to 9000, is NaN."""
    import pyarrow as pa
    from matplotlib.dates import date2num

    kind = column.type
    unit = "D" if pa.types.is_date32(kind) else "ms" if pa.types.is_date64(kind) else kind.unit
    whole = column.cast(pa.int32()) if unit == "D" else column
    ticks = np.array(whole.cast(pa.int64()).fill_null(0).to_numpy(), dtype=np.int64)
    if unit == "ns":
        ticks, unit = ticks // 1000, "us"
    size = {"D": DAY, "s": 10**6, "ms": 1000, "us": 1}[unit]
    fit = (ticks >= -(-FIRST // size)) & (ticks <= LAST // size) & np.array(column.is_valid().to_numpy(), dtype=bool)
    days = np.array(date2num((np.where(fit, ticks, 0) * size).astype("datetime64[us]")), dtype=np.float64)
    days[~fit] = np.nan
    return days


def verdicts(column: pa.ChunkedArray) -> Bools:
    """Where the value is TRUE, or 1; NULL is not."""
    return np.array(numbers(column) == 1, dtype=np.bool_)


def drawable(values: Floats) -> Floats:
    """The values with NaN in place of what has no place in a picture: infinities, and magnitudes beyond 1e150.

    Example:
        >>> drawable(np.array([1.0, np.inf, -1e200])).tolist()
        [1.0, nan, nan]
    """
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


def zone_of(kind: pa.DataType) -> tuple[dt.tzinfo, str]:
    """The zone by whose clock a column is drawn, and its name; a timestamp without zone is drawn as it is written."""
    name = getattr(kind, "tz", None)
    if not name:
        return dt.UTC, ""
    try:
        return ZoneInfo(name), name
    except (ValueError, OSError, KeyError):  # no such zone here, or an offset
        pass
    try:
        offset = dt.datetime.strptime(name, "%z").tzinfo
    except ValueError:
        offset = None
    return (offset, name) if offset is not None else (dt.UTC, "UTC")
