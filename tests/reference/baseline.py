"""The baseline of a row, by brute force: which rows of its partition it may be judged by.

    no ORDER BY            the fitted rows; leave-one-out removes the row itself
    ORDER BY               the fitted rows whose order key is strictly smaller
    ORDER BY, sequential   every row whose order key is strictly smaller, in order: time passes with each
    ORDER BY, whole        every row that has an order key, in order
    ORDER BY .. ROWS       the frame by position, minus the row itself, of those the fitted
    ORDER BY .. RANGE      the frame by distance, peers included, minus the row itself, of those the fitted

Rows with a NULL order key are in no baseline and take no position. Rows of equal order keys take positions
by their usable feature values in call order, ascending, missing and unusable ones last, then fitted rows
before others. Rows that are equal in all of that keep their input order: SQL leaves that open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from tests.reference.values import order_key, utc

Offset = int | float | dt.timedelta | None


@dataclass(frozen=True, slots=True)
class Frame:
    """A window frame: None is unbounded, 0 the current row, negative precedes and positive follows."""

    kind: str
    start: Offset
    end: Offset

    def __post_init__(self) -> None:
        if self.kind not in ("rows", "range"):
            raise ValueError(f"a frame is 'rows' or 'range', not {self.kind!r}")


@dataclass(frozen=True, slots=True)
class Ordered:
    """One row as its partition's window sees it; ``keys`` are the raw order keys."""

    index: int
    keys: tuple[Any, ...]
    features: tuple[float | None, ...]
    fitted: bool


def has_order(row: Ordered) -> bool:
    """Whether no order key of the row is NULL."""
    return all(key is not None for key in row.keys)


def compare(left: Sequence[Any], right: Sequence[Any], descending: Sequence[bool]) -> int:
    """-1, 0 or 1: whether the first list of order keys comes before, with or after the second."""
    for a, b, down in zip(left, right, descending, strict=True):
        x, y = order_key(a), order_key(b)
        if x != y:
            return 1 if (x < y) == down else -1
    return 0


def earlier(row: Ordered, rows: Sequence[Ordered], descending: Sequence[bool]) -> list[int]:
    """The fitted rows that come strictly before the row's peers."""
    if not has_order(row):
        return []
    return [
        other.index
        for other in rows
        if other.fitted and has_order(other) and compare(other.keys, row.keys, descending) < 0
    ]


def in_order(rows: Sequence[Ordered], descending: Sequence[bool]) -> list[Ordered]:
    """The rows that have an order key, by position."""

    def order(left: Ordered, right: Ordered) -> int:
        by_keys = compare(left.keys, right.keys, descending)
        return by_keys or (-1 if tie_key(left) < tie_key(right) else 1)

    return sorted((row for row in rows if has_order(row)), key=cmp_to_key(order))


def places(rows: Sequence[Ordered], descending: Sequence[bool]) -> dict[int, int]:
    """Of rows in order, the place of each by its index: how many different order keys there are up to its own."""
    found: dict[int, int] = {}
    for number, row in enumerate(rows):
        behind = number and compare(rows[number - 1].keys, row.keys, descending)
        found[row.index] = (found[rows[number - 1].index] if number else 1) + (behind != 0)
    return found


def ranks(rows: Sequence[Ordered], descending: Sequence[bool]) -> dict[int, int]:
    """Of rows in order, how many come strictly before the peers of each, by its index."""
    found: dict[int, int] = {}
    for number, row in enumerate(rows):
        tied = number and compare(rows[number - 1].keys, row.keys, descending) == 0
        found[row.index] = found[rows[number - 1].index] if tied else number
    return found


def before(row: Ordered, rows: Sequence[Ordered], descending: Sequence[bool]) -> list[int]:
    """Of rows in order, those that come strictly before the row's peers, fitted or not."""
    if not has_order(row):
        return []
    return [other.index for other in rows if compare(other.keys, row.keys, descending) < 0]


def framed(row: Ordered, rows: Sequence[Ordered], frame: Frame, descending: Sequence[bool]) -> list[int]:
    """The fitted rows in the row's frame, without the row itself."""
    if not has_order(row):
        return []
    pick = by_position if frame.kind == "rows" else by_distance
    return [
        other.index
        for other in pick(row, [other for other in rows if has_order(other)], frame, descending)
        if other.fitted and other.index != row.index
    ]


def by_position(
    row: Ordered, rows: Sequence[Ordered], frame: Frame, descending: Sequence[bool]
) -> list[Ordered]:
    """The rows of a ROWS frame."""
    ordered = in_order(rows, descending)
    here = next(position for position, other in enumerate(ordered) if other.index == row.index)
    return [
        other
        for position, other in enumerate(ordered)
        if (frame.start is None or position - here >= whole(frame.start))
        and (frame.end is None or position - here <= whole(frame.end))
    ]


def whole(offset: Offset) -> int:
    """The offset of a ROWS frame."""
    if not isinstance(offset, int):
        raise TypeError(f"a ROWS frame counts rows, not {offset!r}")
    return offset


def tie_key(row: Ordered) -> tuple[Any, ...]:
    """What breaks a tie of order keys, ending with the input order."""
    features = tuple((value is None, value or 0.0) for value in row.features)
    return (features, not row.fitted, row.index)


def by_distance(
    row: Ordered, rows: Sequence[Ordered], frame: Frame, descending: Sequence[bool]
) -> list[Ordered]:
    """The rows of a RANGE frame."""
    down = descending[0]

    def inside(other: Ordered) -> bool:
        start = (
            frame.start is None or compare(moved(row.keys, frame.start, down), other.keys, descending) <= 0
        )
        end = frame.end is None or compare(other.keys, moved(row.keys, frame.end, down), descending) <= 0
        return start and end

    return [other for other in rows if inside(other)]


def moved(keys: tuple[Any, ...], offset: Offset, down: bool) -> tuple[Any, ...]:
    """The order keys that far away in the direction of the sort; the current row's own keys for 0."""
    if not offset:
        return keys
    if len(keys) != 1:
        raise ValueError("RANGE with an offset has one order key")
    key: Any = utc(keys[0]) if isinstance(keys[0], dt.date) else order_key(keys[0])[1]
    if order_key(keys[0])[0]:
        return keys  # NaN is at no distance from anything but NaN
    return (key - offset,) if down else (key + offset,)
