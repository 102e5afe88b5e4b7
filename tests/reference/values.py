"""Values as the language sees them: one float a feature, or no value, and keys that group and sort.

NULL                                  -> missing
NaN, +-inf, magnitude over 1e150      -> out of range (a value, but not usable)
BOOLEAN                               -> 1.0, 0.0
DATE, TIMESTAMP                       -> seconds since 1970-01-01 UTC, microseconds kept, naive is UTC
DECIMAL, integers                     -> the nearest double
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

LIMIT = 1e150
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def utc(value: dt.date) -> dt.datetime:
    """The instant of a DATE (its midnight), a naive TIMESTAMP (read as UTC) or a TIMESTAMPTZ."""
    if not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    if value.tzinfo is None:
        return value.replace(tzinfo=dt.UTC)
    return value.astimezone(dt.UTC)  # two times of one zone subtract by wall clock, so never subtract those


def as_float(value: Any) -> float | None:
    """A feature value as a double; NULL stays None, and NaN and infinities stay what they are."""
    if value is None:
        return None
    if isinstance(value, dt.date):
        return ((utc(value) - EPOCH) // MICROSECOND) / 1_000_000
    if isinstance(value, (bool, int, float, Decimal)):
        return float(value)
    raise TypeError(f"not a feature value: {value!r}")


def usable(value: float | None) -> float | None:
    """The value that detectors see: None if it is missing or out of range; -0.0 is 0.0."""
    if value is None or not math.isfinite(value) or abs(value) > LIMIT:
        return None
    return value + 0.0


def as_category(value: Any) -> str | None:
    """A value as the text of a category; NULL stays None."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, (str, int)):
        return None if value is None else str(value)
    raise TypeError(f"not a category: {value!r}")


def valued(value: Any) -> float | str | None:
    """What is left of a feature value, as a number or a text."""
    return value if isinstance(value, str) else usable(as_float(value))


def group_key(values: Sequence[Any]) -> tuple[Any, ...]:
    """A partition key: NULL equals NULL, NaN equals NaN, -0.0 equals 0.0."""
    return tuple(_group_part(value) for value in values)


def _group_part(value: Any) -> tuple[str, Any]:
    if value is None:
        return ("null", None)
    if isinstance(value, float) and math.isnan(value):
        return ("nan", None)
    if isinstance(value, dt.datetime):
        return ("value", utc(value))
    return ("value", value)


def order_key(value: Any) -> tuple[int, Any]:
    """A key to sort by. NULL has none (the caller asks first); NaN is the greatest value."""
    if isinstance(value, float):
        return (1, 0.0) if math.isnan(value) else (0, value)
    if isinstance(value, dt.date):
        return (0, utc(value))
    if isinstance(value, Decimal):
        return (0, Fraction(value))
    return (0, value)


def quantile(values: Sequence[float], q: float) -> float:
    """The quantile of Hyndman and Fan's type 7: a + (b - a) * f at position (n - 1) * q."""
    ordered = sorted(values)
    position = (len(ordered) - 1) * q
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
