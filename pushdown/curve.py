"""A number that depends on how many rows there are, as an expression: a table for few rows, a polynomial for more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

DEGREE = 15
HIGHEST = 8
"""The largest power that a polynomial of this degree is put together from."""
NODES = 60
"""Places that it is fitted at."""


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

    def at(self, n: Expr, powers: Sequence[Expr]) -> Expr:
        """The value for n rows, NULL where there is none.

        Args:
            n: the number of rows.
            powers: columns that hold ``squares(place(n), HIGHEST)``.
        """
        value = polynomial(self.coefficients, powers)
        known = [(ops.eq(n, ops.integer(rows)), ops.number(found)) for rows, found in self.table.items()]
        return ops.case(*known, (ops.gt(n, ops.integer(self.last)), value))


def squares(place: Expr, highest: int) -> Mapping[str, Expr]:
    """A number, its square, the square of that, and so on up to its ``highest`` power, named by what they are.

    Example:
        >>> list(squares(ops.column("p"), 8))
        ['p1', 'p2', 'p4', 'p8']
    """
    found, power = {"p1": place}, 1
    while power < highest:
        found[f"p{2 * power}"] = ops.mul(*[found[f"p{power}"]] * 2)
        power *= 2
    return found


def polynomial(coefficients: Sequence[float], powers: Sequence[Expr]) -> Expr:
    """The polynomial as a balanced tree: a statement nested too deeply overflows the stack of what reads it.

    Args:
        coefficients: the constant first.
        powers: columns of the number, its square, the square of that, and so on.
    """
    if len(coefficients) == 1:
        return ops.number(coefficients[0])
    level = (len(coefficients) - 1).bit_length() - 1
    middle = 1 << level
    higher = ops.mul(polynomial(coefficients[middle:], powers), powers[level])
    return ops.add(polynomial(coefficients[:middle], powers), higher)


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
