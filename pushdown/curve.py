"""A number that depends on how many rows there are, as an expression: a table for few rows, a polynomial for more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

DEGREE = 15
NODES = 60


@dataclass(frozen=True, slots=True)
class Curve:
    """A smooth function of n.

    Attributes:
        last: the largest n of the table.
        table: n -> value; an n that it lacks has none.
        coefficients: of the polynomial in ``place(n)``, the constant first.
    """

    last: int
    table: Mapping[int, float]
    coefficients: tuple[float, ...]

    def place(self, n: Expr) -> Expr:
        """Where n lies: 1 at the end of the table, and -1 for infinitely many rows."""
        return ops.sub(ops.div(ops.number(2.0 * self.last), ops.cast_double(n)), ops.number(1.0))

    def at(self, n: Expr, place: Expr) -> Expr:
        """The value for n rows, NULL where there is none.

        Args:
            n: the number of rows.
            place: a column that holds ``place(n)``.
        """
        value = ops.number(self.coefficients[-1])
        for coefficient in self.coefficients[-2::-1]:
            value = ops.add(ops.number(coefficient), ops.mul(place, value))
        known = [(ops.eq(n, ops.integer(rows)), ops.number(found)) for rows, found in self.table.items()]
        return ops.case(*known, (ops.gt(n, ops.integer(self.last)), value))


def curve(function: Callable[[float], float | None], last: int) -> Curve:
    """The curve of a function that is smooth in 1/n for n of at least ``last``.

    The polynomial of degree 15 goes through Chebyshev's places, which leaves 1e-12 of a quantile of Student's t.

    Example:
        >>> made = curve(lambda n: None if n < 3 else 1.0 + 1.0 / n, 12)
        >>> 2 in made.table, made.table[4], round(sum(made.coefficients), 9) == round(1 + 1 / 12, 9)
        (False, 1.25, True)
    """
    import numpy as np
    from numpy.polynomial import chebyshev

    places = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    values = [function(2.0 * last / (place + 1.0)) for place in places.tolist()]
    assert all(value is not None for value in values), "the function has values beyond its table"
    fitted = chebyshev.chebfit(places, np.array(values, dtype=float), DEGREE)
    small = {n: found for n in range(1, last + 1) if (found := function(float(n))) is not None}
    return Curve(last, small, tuple(float(each) for each in chebyshev.cheb2poly(fitted)))
