"""lead_lag: cross-correlation of two series once what each foretells of itself is taken out of both.

    z = (x - mean) / sd (over n)     a = 1 - mean (z - z before)^2 / 2, of both series; the larger one counts for both
    new = z - a (z before)           r(lag): np.corrcoef of new of the first at t and of the second at t + lag
    g = lag-1 autocorrelation of one side of these pairs times that of the other, kept in 0 .. 0.95
    p = min(1, (2 max_lag + 1) 2 (1 - Phi(atanh |r| sqrt(n (1 - g) / (1 + g) - 3))))

over the t where both, and both one point before, have something new. At least 8 of them make a correlation, and what is
under the root is at least 1; the autocorrelation divides the mean product
around the mean by the variance. The best lag has the largest |r| to nine digits, then the shortest, then the first
series leading. Sources: L. D. Haugh, doi:10.1080/01621459.1976.10480353; M. S. Bartlett, doi:10.2307/2342284.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

Points = Sequence[float | None]


class Led(NamedTuple):
    """The best lag of a pair: above 0 where the first one leads."""

    lag: int | None
    correlation: float | None
    at_zero: float | None
    p: float | None
    n: int | None
    status: str


def standard(points: Points) -> np.ndarray | None:
    """The series with mean 0 and deviation 1, NaN where it is missing; None where it does not vary."""
    x = np.array([math.nan if value is None else value for value in points])
    if np.isnan(x).all() or np.nanstd(x) <= 1e-12 * abs(np.nanmean(x)):
        return None
    z: np.ndarray = (x - np.nanmean(x)) / np.nanstd(x)
    return z


def led(first: Points, second: Points, most: int) -> Led:
    """What is said of two series along the same points."""
    had = sum(x is not None and y is not None for x, y in zip(first, second, strict=True))
    pair = standard(first), standard(second)
    if had < most + 10:
        return Led(None, None, None, None, None, "too_few_rows")
    if pair[0] is None or pair[1] is None:
        return Led(None, None, None, None, None, "constant")
    a = max(1 - np.nanmean(np.diff(z) ** 2) / 2 for z in pair if z is not None)
    news = [np.concatenate([[math.nan], z[1:] - a * z[:-1]]) for z in pair if z is not None]
    found: dict[int, tuple[float, int, float]] = {}
    at_zero: float | None = None
    for lag in range(-most, most + 1):
        steps = [t for t in range(1, len(first)) if 1 <= t + lag < len(first)]
        rows = np.array([[news[0][t], news[1][t + lag], news[0][t - 1], news[1][t + lag - 1]] for t in steps])
        rows = rows[~np.isnan(rows).any(axis=1)] if len(rows) else np.empty((0, 4))
        if len(rows) < 8:
            continue
        u, v, u_last, v_last = rows.T
        g = (np.mean(u * u_last) - u.mean() ** 2) / u.var() * (np.mean(v * v_last) - v.mean() ** 2) / v.var()
        g = min(max(g, 0.0), 0.95)
        r, freedom = float(np.corrcoef(u, v)[0, 1]), (1 - g) / (1 + g) * len(rows) - 3
        at_zero = r if lag == 0 else at_zero
        if freedom >= 1:
            found[lag] = r, len(rows), freedom
    if not found:
        return Led(None, None, None, None, None, "too_few_rows")
    best = min(found, key=lambda lag: (-math.floor(abs(found[lag][0]) * 1e9 + 0.5), abs(lag), -lag))
    r, n, freedom = found[best]
    z = math.atanh(min(abs(r), 1 - 1e-12)) * math.sqrt(freedom)
    return Led(best, r, at_zero, min(1.0, (2 * most + 1) * 2 * float(norm.sf(z))), n, "ok")
