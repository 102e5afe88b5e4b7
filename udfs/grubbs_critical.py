"""The critical value of Grubbs' test as an expression over the number of rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

EXACT = 30
"""Up to so many rows each critical value is written out."""
PIECES = (30.0, 300.0, 1e4, 1e7, 1e12)
"""Beyond, polynomials of the logarithm hold between these numbers of rows."""
DEGREE = 12


def critical(n: Expr, alpha: float) -> Expr:
    """The critical value for n rows, NULL for fewer than 3: within 1e-9 of Student's t for alpha from 1e-6 to 0.5.

    (n - 1) / sqrt(n) sqrt(t^2 / (n - 2 + t^2)), t the 1 - alpha / (2 n) quantile of Student's t with n - 2 degrees of
    freedom: Grubbs, Procedures for Detecting Outlying Observations in Samples (1969),
    doi:10.1080/00401706.1969.10490657.
    """
    small, pieces = _numbers(alpha)
    branches = [(ops.lt(n, ops.integer(3)), ops.null())]
    branches += [(ops.eq(n, ops.integer(rows)), ops.number(value)) for rows, value in small]
    logarithm = ops.ln(ops.cast_double(n))
    for low, high, coefficients in pieces:
        place = ops.div(ops.sub(logarithm, ops.number((low + high) / 2.0)), ops.number((high - low) / 2.0))
        value = ops.number(coefficients[-1])
        for coefficient in reversed(coefficients[:-1]):
            value = ops.add(ops.mul(value, place), ops.number(coefficient))
        branches.append((ops.le(n, ops.integer(round(math.exp(high)))), value))
    return ops.case(*branches)


def critical_of(n: int, alpha: float) -> float:
    """The same as a number, from Student's t itself.

    Example:
        >>> round(critical_of(10, 0.05), 4)
        2.29
    """
    from scipy.stats import t

    quantile = float(t.isf(alpha / (2.0 * n), n - 2))
    if math.isinf(quantile):
        return (n - 1) / math.sqrt(n)
    return (n - 1) / math.sqrt(n) / math.sqrt(1.0 + (n - 2) / quantile**2)


@lru_cache(maxsize=32)
def _numbers(
    alpha: float,
) -> tuple[Sequence[tuple[int, float]], Sequence[tuple[float, float, Sequence[float]]]]:
    """The values for few rows, and the pieces: from and to which logarithm, and the coefficients."""
    import numpy as np
    from numpy.polynomial import chebyshev
    from scipy.stats import t

    small = [(rows, critical_of(rows, alpha)) for rows in range(3, EXACT + 1)]
    nodes = np.cos(np.pi * (np.arange(200) + 0.5) / 200)
    pieces = []
    for first, last in zip(PIECES, PIECES[1:], strict=False):
        low, high = math.log(first), math.log(last)
        n = np.exp((nodes + 1.0) / 2.0 * (high - low) + low)
        quantile = t.isf(alpha / (2.0 * n), n - 2.0)
        value = (n - 1.0) / np.sqrt(n) / np.sqrt(1.0 + (n - 2.0) / quantile**2)
        powers = chebyshev.cheb2poly(chebyshev.chebfit(nodes, value, DEGREE))
        pieces.append((low, high, tuple(float(power) for power in powers)))
    return small, pieces
