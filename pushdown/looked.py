"""A value's place among numbers, and what another list holds there: steps of a score, and ranks of held-out scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

LEVEL = "level"
"""The template that counts the numbers of a list up to a value, and gives what another list holds at that place."""
HALVED = "steps"
"""The same, where an engine finds the place by halves."""
NUMBERS = "numbers"
"""The template that makes a list of a text such as {1.5,2.5}, where a list of literals is planned slowly."""
SHORT = 64
"""Numbers that are compared one by one at no pain."""


@dataclass(frozen=True, slots=True)
class Lookups:
    """Lists for a function that the client registers.

    Attributes:
        name: of the function: the number of a pair of lists and a value in, what is found out.
        pairs: limits in ascending order, and one level more.
    """

    name: str
    pairs: list[tuple[Sequence[float], Sequence[float]]] = field(default_factory=list)

    def ask(self, limits: Sequence[float], levels: Sequence[float], value: Expr) -> Expr:
        """The call of the function."""
        pair = (tuple(limits), tuple(levels))
        if pair not in self.pairs:
            self.pairs.append(pair)
        number = ops.integer(self.pairs.index(pair))
        return exp.Anonymous(this=self.name, expressions=[number, ops.cast_double(value)])

    def call(self) -> Callable[..., Any]:
        """The function, over Arrow arrays."""
        return _looked_up(list(self.pairs))


def steps(
    edges: Sequence[float], levels: Sequence[float], value: Expr, dialect: Dialect, by: Lookups | None
) -> Expr:
    """levels[i] for edges[i - 1] < value <= edges[i]; the value is not NULL.

    Args:
        edges: in ascending order.
        levels: one more.
        value: a short expression: it is written often where nothing better is there.
        dialect: where it will stand.
        by: a function of the client, or None.
    """
    limits = [math.nextafter(edge, math.inf) for edge in edges]  # a step ends with its edge
    if by is not None and len(edges) > SHORT:
        return by.ask(limits, levels, value)
    if HALVED in dialect.templates:
        return ops.special(HALVED, listed(limits, dialect), listed(levels, dialect), value)
    return ops.steps(value, list(edges), [ops.number(level) for level in levels])


def level(
    limits: Sequence[float | Expr],
    levels: Sequence[float | Expr],
    value: Expr,
    dialect: Dialect,
    by: Lookups | None,
) -> Expr:
    """levels[i] where i limits are not above the value, which is written once where the engine has a function for it.

    Args:
        limits: in ascending order.
        levels: one more.
        value: not NULL.
        dialect: where it will stand.
        by: a function of the client, or None.
    """
    plain = [float(one) for one in (*limits, *levels) if not isinstance(one, ops.Expr)]
    if by is not None and len(plain) == len(limits) + len(levels):
        return by.ask(plain[: len(limits)], plain[len(limits) :], value)
    if LEVEL in dialect.templates:
        return ops.special(LEVEL, listed(limits, dialect), listed(levels, dialect), value)
    reached = zip(reversed(limits), reversed(levels[1:]), strict=True)
    branches = ((ops.ge(value, _number(limit)), _number(found)) for limit, found in reached)
    return ops.case(*branches, default=_number(levels[0]))


def listed(values: Sequence[float | Expr], dialect: Dialect) -> Expr:
    """A list of numbers."""
    if NUMBERS in dialect.templates and not any(isinstance(one, ops.Expr) for one in values):
        return ops.special(NUMBERS, ops.text("{" + ",".join(repr(one) for one in values) + "}"))
    return exp.Array(expressions=[_number(one) for one in values])


def _number(value: float | Expr) -> Expr:
    return value.copy() if isinstance(value, ops.Expr) else ops.number(float(value))


def _looked_up(pairs: list[tuple[Sequence[float], Sequence[float]]]) -> Callable[..., Any]:
    arrays: list[tuple[Any, Any]] = []

    def looked_up(which: Any, value: Any) -> Any:
        import numpy as np
        import pyarrow as pa

        if not arrays:  # once: a row that comes alone should not wait for thousands of numbers
            arrays.extend((np.asarray(limits), np.asarray(levels)) for limits, levels in pairs)
        numbers = which.to_numpy(zero_copy_only=False)
        given = value.to_numpy(zero_copy_only=False).astype(np.float64)
        found = np.full(len(given), np.nan)
        known = ~np.isnan(given)
        for number in np.unique(numbers[known]):
            own = known & (numbers == number)
            limits, levels = arrays[int(number)]
            found[own] = levels[np.searchsorted(limits, given[own], side="right")]
        return pa.array(found, mask=np.isnan(found))

    return looked_up
