"""Which column is what: the axes by type, the answers of a detector by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from sqlnomaly.errors import UsageError, nearest
from sqlnomaly.plotting.groups import Groups, grouped
from sqlnomaly.plotting.values import is_moment, is_number, is_text, is_whole, moments, numbers

if TYPE_CHECKING:
    import pyarrow as pa

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "score": ("anomaly_score", "score"),
    "threshold": ("anomaly_threshold", "threshold"),
    "expected": ("anomaly_expected", "expected", "forecast", "baseline"),
    "lower": ("anomaly_lower", "lower", "lower_bound"),
    "upper": ("anomaly_upper", "upper", "upper_bound"),
    "is_anomaly": ("is_anomaly", "anomaly", "is_outlier", "outlier", "odd", "alert"),
}
"""What a detector says, and the names it is known by, the best first."""
OTHERS = ("probability", "reason", "explanation", "status")
"""Usual names of answers that are not drawn; whatever begins with ``anomaly_`` is one too."""
COUNTED = ("step",)
"""What counts the rows of a forecast, and is no value beside one."""


class Kind(Enum):
    """What is drawn."""

    SERIES = "a series"
    SCATTER = "points"
    HISTOGRAM = "a histogram"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The columns of a picture, by their place in the table.

    Attributes:
        kind: what is drawn.
        x: the horizontal axis; the column that is counted in a histogram.
        y: the vertical axis; None in a histogram, and in a series that is nothing but a forecast.
        groups: the rows of each panel.
        answers: what the detector said: a word of ``ANSWERS`` -> its column.
    """

    kind: Kind
    x: int
    y: int | None
    groups: Groups
    answers: Mapping[str, int] = field(default_factory=dict)


def chosen(
    table: pa.Table,
    *,
    x: str | None = None,
    y: str | None = None,
    by: str | Sequence[str] | None = None,
    answers: Mapping[str, str | None] | None = None,
) -> Chosen:
    """The columns to draw: those that are named, then those found.

    x is the first date or timestamp, else the first integer that ascends; y the first number that is no answer, else
    the score. Without x the first two numbers are points, and a single one is counted. Where x repeats and `by` is not
    said, the first text column within whose values it does not repeat splits the picture.

    Raises:
        UsageError: for a name that is not there or twice there, a type that cannot be drawn, or no number at all.
    """
    types = table.schema.types
    across = None if x is None else _named(table, "x", x)
    up = None if y is None else _named(table, "y", y)
    split = [_named(table, "by", name) for name in ([by] if isinstance(by, str) else by or ())]
    given = {role: _named(table, role, name) for role, name in (answers or {}).items() if name is not None}
    taken = {number for number in (across, up, *split) if number is not None}
    found = _answers(table, given, taken)
    free = [number for number in _unsaid(table) if number not in {*taken, *found.values()}]
    values = [number for number in free if is_number(types[number])]
    groups = grouped(table, split)
    if across is None:
        enough = len(values) + (up is not None) > 1 or bool({"score", "expected"} & found.keys())
        across = _order(table, free, values if enough else (), groups)
    if by is None and across is not None:
        groups = _split(table, across, free) or groups
    values = [number for number in values if number != across]
    if across is not None and (is_moment(types[across]) or _ascends(table.column(across), groups)):
        return _series(table, across, up, values, groups, found)
    return _cloud(table, across, up, values, groups, found)


def _series(
    table: pa.Table, across: int, up: int | None, values: Sequence[int], groups: Groups, found: dict[str, int]
) -> Chosen:
    """A series of y, else of the first number, else of nothing but what is expected, else of the score."""
    if up is None and values:
        up = values[0]
    if up is None and "expected" not in found:
        up = found.pop("score", None)
        if up is None:
            raise _nothing(table)
    return Chosen(Kind.SERIES, across, up, groups, found)


def _cloud(
    table: pa.Table,
    across: int | None,
    up: int | None,
    values: Sequence[int],
    groups: Groups,
    found: dict[str, int],
) -> Chosen:
    """Points of x and y, or of the first two numbers; the histogram of one, or of the score."""
    others = iter(values)
    first = across if across is not None else next(others, None)
    second = up if up is not None else next(others, None)
    there = [number for number in (first, second) if number is not None]
    if not there and "score" in found:
        there = [found.pop("score")]
    match there:
        case [one]:
            return Chosen(Kind.HISTOGRAM, one, None, groups, found)
        case [one, other]:
            return Chosen(Kind.SCATTER, one, other, groups, found)
    raise _nothing(table)


def _named(table: pa.Table, role: str, name: str) -> int:
    """The place of a column that the caller names, of a type that its role can have."""
    names = table.column_names
    places = [n for n, known in enumerate(names) if known == name]
    places = places or [n for n, known in enumerate(names) if known.lower() == name.lower()]
    if not places:
        raise UsageError(f"{role}: no column {name!r}", hint=nearest(name, names))
    if len(places) > 1:
        raise UsageError(f"{role}: {len(places)} columns are called {name!r}", hint="give each its own name with AS")
    kind = table.schema.types[places[0]]
    if role != "by" and not _fits(role)(kind):
        fitting = ", ".join(f"{n} ({k})" for n, k in zip(names, table.schema.types, strict=True) if _fits(role)(k))
        wanted = {"x": "a number, a date or a timestamp", "is_anomaly": "a boolean"}.get(role, "a number")
        hint = f"columns that are: {fitting}" if fitting else "no column is; CAST one"
        raise UsageError(f"{role} must be {wanted}, and {names[places[0]]!r} is {kind}", hint=hint)
    return places[0]


def _fits(role: str) -> Callable[[pa.DataType], bool]:
    """What a column of that role may be; one that is nothing but NULL, as an open side of a band, may be a number."""
    import pyarrow as pa

    if role == "x":
        return lambda kind: is_number(kind) or is_moment(kind)
    if role == "is_anomaly":
        return lambda kind: bool(pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind))
    return lambda kind: is_number(kind) or bool(pa.types.is_null(kind))


def _answers(table: pa.Table, given: Mapping[str, int], taken: Iterable[int]) -> dict[str, int]:
    """The columns of the answers: the named ones, then those with a known name and a type that fits."""
    found = dict(given)
    closed = {*taken, *given.values()}
    lowered = [name.lower() for name in table.column_names]
    for role, names in ANSWERS.items():
        fits = _fits(role)
        known = (lowered.index(name) for name in names if name in lowered)
        place = next((n for n in known if n not in closed and fits(table.schema.types[n])), None)
        if role not in found and place is not None:
            found[role] = place
    return found


def _unsaid(table: pa.Table) -> list[int]:
    """The columns whose name is not one that only detectors give."""
    names = [name.lower() for name in table.column_names]
    others = {*OTHERS, *(COUNTED if "forecast" in names else ())}
    return [n for n, name in enumerate(names) if name not in others and not name.startswith("anomaly_")]


def _order(table: pa.Table, free: Sequence[int], values: Sequence[int], groups: Groups) -> int | None:
    """The first date or timestamp with a value, else the first integer that ascends."""
    types, many = table.schema.types, table.num_rows
    moment = (n for n in free if is_moment(types[n]) and table.column(n).null_count < many)
    ascending = (n for n in values if is_whole(types[n]) and _ascends(table.column(n), groups))
    return next(moment, next(ascending, None))


def _ascends(column: pa.ChunkedArray, groups: Groups) -> bool:
    """Whether each value is larger than the one before it in its group; one that is NULL is not."""
    if column.null_count or not is_number(column.type):
        return False
    order = np.argsort(groups.codes, kind="stable")
    values, codes = numbers(column)[order], groups.codes[order]
    return bool(np.all((np.diff(values) > 0) | (np.diff(codes) != 0)))


def _split(table: pa.Table, across: int, free: Sequence[int]) -> Groups | None:
    """By the first text column within whose values x does not repeat; None if it does not repeat anyway."""
    column = table.column(across)
    values = moments(column) if is_moment(column.type) else numbers(column)
    known = ~np.isnan(values)
    many = int(known.sum())
    if len(np.unique(values[known])) == many:
        return None
    for number in free:
        if is_text(table.schema.types[number]):
            groups = grouped(table, [number])
            codes = groups.codes[known]
            order = np.lexsort((values[known], codes))
            repeated = (np.diff(values[known][order]) == 0) & (np.diff(codes[order]) == 0)
            if 2 * groups.count <= many and not repeated.any():
                return groups
    return None


def _nothing(table: pa.Table) -> UsageError:
    there = ", ".join(f"{field.name} ({field.type})" for field in table.schema)
    return UsageError(
        "there is no number to draw beside what the detector says", where=f"columns: {there}", hint="y='a number'"
    )
