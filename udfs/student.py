"""Student's t in outlier tests: the critical value of the largest of n studentized deviations, as an expression."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.curve import polynomial, squares
from sqlnomaly.pushdown.ops import Expr

EXACT = 12
"""Up to so many rows each critical value is written out."""
LARGEST = 1e12
"""Rows beyond which the critical value stays what it is."""
SHIFT = 6.0
"""The critical value is a polynomial of 1 / (ln n + SHIFT): near 6 the fewest powers do."""
DEGREE = 21
LEAST_ALPHA, MOST_ALPHA = 1e-6, 0.5


def check_alpha(parameters: Mapping[str, Any]) -> None:
    """Raises ValueError where ``alpha`` is given and no level that critical values hold for."""
    alpha = parameters.get("alpha", LEAST_ALPHA)
    if not isinstance(alpha, int | float) or isinstance(alpha, bool) or not LEAST_ALPHA <= alpha <= MOST_ALPHA:
        raise ValueError(f"alpha lies between {LEAST_ALPHA:g} and {MOST_ALPHA:g}")


def place(n: Expr) -> Expr:
    """Where n rows lie among EXACT to LARGEST, from -1 to 1."""
    middle, half = _span()
    rows = ops.least(ops.greatest(ops.cast_double(n), ops.number(float(EXACT))), ops.number(LARGEST))
    inverse = ops.div(ops.number(1.0), ops.add(ops.ln_positive(rows), ops.number(SHIFT)))
    return ops.div(ops.sub(inverse, ops.number(middle)), ops.number(half))


def powers(place: Expr) -> Mapping[str, Expr]:
    """The powers that ``critical`` reads, of a column with ``place(n)``."""
    return squares(place, 16)


def critical(n: Expr, powers: Sequence[Expr], alpha: float) -> Expr:
    """The critical value for n rows, NULL for fewer than 3.

    G(n) = (n - 1) / sqrt(n) sqrt(t^2 / (n - 2 + t^2)), t the 1 - alpha / (2 n) quantile of Student's t with n - 2
    degrees of freedom: Grubbs, Procedures for Detecting Outlying Observations in Samples (1969),
    doi:10.1080/00401706.1969.10490657. Rosner's lambda_i for N rows is G(N - i + 1). Within 1e-9 of it for alpha from
    1e-6 to 0.5 and up to 1e12 rows.

    Args:
        n: the number of rows.
        powers: columns with what ``powers`` gives.
        alpha: the two-sided level.

    Example:
        >>> round(critical_of(10, 0.05), 4)
        2.29
    """
    small, coefficients = _numbers(alpha)
    value = polynomial(coefficients, powers)
    exact = [(ops.eq(n, ops.integer(rows)), ops.number(known)) for rows, known in enumerate(small, start=3)]
    return ops.case(*exact, (ops.gt(n, ops.integer(EXACT)), value))


def critical_of(n: float, alpha: float) -> float:
    """The same as a number, from Student's t itself."""
    from scipy.special import stdtrit

    quantile = float(stdtrit(n - 2.0, alpha / (2.0 * n)))
    return (n - 1.0) / math.sqrt(n) / math.sqrt(1.0 + (n - 2.0) / quantile**2)


def _span() -> tuple[float, float]:
    """The middle and half the width of 1 / (ln n + SHIFT)."""
    first, last = (1.0 / (math.log(rows) + SHIFT) for rows in (EXACT, LARGEST))
    return (first + last) / 2.0, (first - last) / 2.0


@lru_cache(maxsize=32)
def _numbers(alpha: float) -> tuple[Sequence[float], Sequence[float]]:
    """The critical values from 3 to EXACT rows, and the coefficients of the polynomial."""
    import numpy as np
    from numpy.polynomial import chebyshev

    middle, half = _span()
    nodes = np.cos(np.pi * (np.arange(100) + 0.5) / 100)
    rows = np.exp(1.0 / (nodes * half + middle) - SHIFT)
    values = [critical_of(n, alpha) for n in rows]
    powers = chebyshev.cheb2poly(chebyshev.chebfit(nodes, values, DEGREE))
    small = [critical_of(n, alpha) for n in range(3, EXACT + 1)]
    return small, [float(power) for power in powers]
