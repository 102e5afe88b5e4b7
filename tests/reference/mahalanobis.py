"""mahalanobis: the squared distance from the mean in units of the covariance, of all features at once.

    z_j = (x_j - mean_j) / sd_j    R = their correlations    R = L L'    y = L^-1 z    score = sum y_j^2
    P = (L^-1)' L^-1    term_j = z_j (P z)_j    expected_j = x_j - sd_j (P z)_j / P_jj

Fitted are the rows that have every feature; sd and R divide by n - ddof. A feature with one value, or with a
variance of at most 1e-300, is constant: its own value adds 0, any other has no term. Of the others, one that
those before it in call order explain but for 1e-8 of its variance (a pivot of the Cholesky factor) is
dropped: it adds 0. The terms add up to the score, and one may be negative. What was expected is the mean of
a feature given the others in the row.

Leave one out: means and covariances of the other rows; which features are constant or dropped is decided
with the row in. Where the others span 1e-12 or less of the volume (the determinant of the sums of products),
the row alone spans a direction, and there is no score. Source: P. C. Mahalanobis, On the Generalised
Distance in Statistics (1936); the threshold is the 99 % quantile of chi-square, one degree a feature.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Row = Sequence[float]
Matrix = list[list[float]]

DEFAULT_CONTAMINATION: float | None = None
SIGNED = False
AFFINE = True
JOINT = True
REMOVABLE = True
TOLERANCE = 1e-6
PARAMETERS = {"ddof": 0}
CONSTANT, DROPPED, ALONE = 1e-300, 1e-8, 1e-12

# Five rows by hand: the mean is (2, 2); d = (-2,-2), (0,-2), (-2,0), (0,0), (4,4); both variances are 24/4 = 6,
# the covariance 20/4 = 5. The inverse of the covariance is (6, -5; -5, 6) / 11, so the score is
# (6 d1^2 - 10 d1 d2 + 6 d2^2) / 11, and the first term d1 (6 d1 - 5 d2) / 11.
HAND_ROWS = ((0.0, 0.0), (2.0, 0.0), (0.0, 2.0), (2.0, 2.0), (6.0, 6.0))
HAND_SCORES = (
    0.7272727272727273,  # 8 / 11
    2.1818181818181817,  # 24 / 11
    2.1818181818181817,
    0.0,
    2.909090909090909,  # 32 / 11
)
HAND_TERMS = ((4 / 11, 4 / 11), (0.0, 24 / 11), (24 / 11, 0.0), (0.0, 0.0), (16 / 11, 16 / 11))
# The mean of one feature is 2 + 5/6 of how far the other is from 2.
HAND_EXPECTED = ((1 / 3, 1 / 3), (1 / 3, 2.0), (2.0, 1 / 3), (2.0, 2.0), (16 / 3, 16 / 3))


@dataclass(frozen=True, slots=True)
class Fit:
    """The baseline: the mean is pivot + shift; ``inverse`` is L^-1 over the kept features."""

    pivot: tuple[float, ...]
    shift: tuple[float, ...]
    scale: tuple[float, ...]
    constant: tuple[bool, ...]
    kept: tuple[int, ...]
    inverse: Matrix
    degenerate: bool = False


def default_threshold(features: int) -> float:
    """The quantile of chi-square."""
    return chi_square_quantile(0.99, features)


def default_min_rows(features: int) -> int:
    """Two more rows than features."""
    return features + 2


def upper_tail(x: float, degrees: int) -> float:
    """P(chi-square > x): Q(s, h) = Q(s - 1, h) + h^(s-1) e^-h / Gamma(s) from Q(1/2) or Q(1)."""
    half = x / 2
    s, tail = (0.5, math.erfc(math.sqrt(half))) if degrees % 2 else (1.0, math.exp(-half))
    while s < degrees / 2:
        tail += math.exp(s * math.log(half) - half - math.lgamma(s + 1)) if half > 0 else 0.0
        s += 1
    return tail


def chi_square_quantile(q: float, degrees: int) -> float:
    """Where the distribution reaches q, by halving."""
    low, high = 0.0, 10.0 * degrees + 100.0
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if upper_tail(middle, degrees) > 1 - q else (low, middle)
    return high


def products(rows: Sequence[Row], pivot: Row) -> tuple[list[float], Matrix]:
    """The means less the pivot, and the sums of products of the differences to the means."""
    count, width = len(rows), range(len(pivot))
    shift = [math.fsum(row[j] - pivot[j] for row in rows) / count for j in width]
    off = [[(row[j] - pivot[j]) - shift[j] for j in width] for row in rows]
    return shift, [[math.fsum(d[i] * d[j] for d in off) for j in width] for i in width]


def cholesky(matrix: Matrix, smallest: float) -> tuple[list[int], list[float], Matrix]:
    """The kept columns, their pivots and L over them, column by column; a pivot that is too small drops its
    column.
    """
    kept: list[int] = []
    pivots: list[float] = []
    factor: Matrix = []
    for j in range(len(matrix)):
        line: list[float] = []
        for a, i in enumerate(kept):
            line.append(
                (matrix[j][i] - math.fsum(line[b] * factor[a][b] for b in range(a))) / factor[a][a]
            )
        pivot = matrix[j][j] - math.fsum(part * part for part in line)
        if pivot > smallest:
            kept.append(j)
            pivots.append(pivot)
            factor.append([*line, math.sqrt(pivot)])
    return kept, pivots, factor


def inverted(factor: Matrix) -> Matrix:
    """L^-1 of a lower triangle."""
    size = len(factor)
    found = [[0.0] * size for _ in range(size)]
    for j in range(size):
        for i in range(j, size):
            unit = 1.0 if i == j else 0.0
            found[i][j] = (unit - math.fsum(factor[i][k] * found[k][j] for k in range(j, i))) / factor[i][i]
    return found


def fit(rows: Sequence[Row], *, ddof: int = 1, whole: Sequence[Row] | None = None) -> Fit:
    """Fit on at least one complete row; ``whole`` is the baseline before a row was left out of it."""
    if ddof not in (0, 1):
        raise ValueError(f"ddof is 0 or 1, not {ddof!r}")
    pivot = [min(column) for column in zip(*rows, strict=True)]
    shift, sums = products(rows, pivot)
    share = max(len(rows) - ddof, 1)
    variance = [sums[j][j] / share for j in range(len(pivot))]
    if whole is not None and len(whole) > len(rows):
        return without_one(rows, pivot, shift, sums, fit(whole, ddof=ddof), share, products(whole, pivot)[1])
    same = [len(set(column)) == 1 for column in zip(*rows, strict=True)]
    constant = [flat or each <= CONSTANT for flat, each in zip(same, variance, strict=True)]
    varying = [j for j, flat in enumerate(constant) if not flat]
    places, _, factor = cholesky(correlations(sums, varying), DROPPED)
    return Fit(
        pivot=tuple(pivot),
        shift=tuple(shift),
        scale=tuple(math.sqrt(each) for each in variance),
        constant=tuple(constant),
        kept=tuple(varying[place] for place in places),
        inverse=inverted(factor),
    )


def correlations(sums: Matrix, columns: Sequence[int]) -> Matrix:
    """The correlations of some columns."""
    root = {j: math.sqrt(sums[j][j]) for j in columns}
    return [[1.0 if i == j else sums[i][j] / root[i] / root[j] for j in columns] for i in columns]


def without_one(
    rows: Sequence[Row], pivot: Row, shift: Row, sums: Matrix, model: Fit, share: int, before: Matrix
) -> Fit:
    """The baseline of the other rows, with the constant and dropped features of all of them."""
    kept = list(model.kept)
    flat = any(sums[j][j] <= ALONE * before[j][j] for j in kept)
    factor: Matrix = []
    if not flat:
        places, pivots, factor = cholesky(correlations(sums, kept), 0.0)
        ratio = math.prod(sums[j][j] / before[j][j] for j in kept) * math.prod(pivots)
        ratio /= math.prod(cholesky(correlations(before, kept), 0.0)[1])
        flat = len(places) < len(kept) or ratio <= ALONE
    return Fit(
        pivot=tuple(pivot),
        shift=tuple(shift),
        scale=tuple(math.sqrt(sums[j][j] / share) for j in range(len(pivot))),
        constant=model.constant,
        kept=() if flat else model.kept,
        inverse=[] if flat else inverted(factor),
        degenerate=flat,
    )


def weighed(row: Row, model: Fit) -> tuple[dict[int, float], list[float], dict[int, float]]:
    """z of the kept features, y = L^-1 z, and P z."""
    z = {j: ((row[j] - model.pivot[j]) - model.shift[j]) / model.scale[j] for j in model.kept}
    y = [math.fsum(part * z[j] for part, j in zip(line, model.kept, strict=True)) for line in model.inverse]
    size = range(len(model.kept))
    back = {j: math.fsum(model.inverse[i][a] * y[i] for i in size) for a, j in enumerate(model.kept)}
    return z, y, back


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    if model.degenerate:
        return [None] * len(row)
    z, _, back = weighed(row, model)
    found: list[float | None] = []
    for j, x in enumerate(row):
        own = (x - model.pivot[j]) - model.shift[j] == 0
        found.append(z[j] * back[j] if j in z else 0.0 if own or not model.constant[j] else None)
    return found


def score(row: Row, model: Fit) -> float:
    """The squared distance of a row whose terms are all known."""
    return math.fsum(part * part for part in weighed(row, model)[1])


def expected(row: Sequence[float | None], model: Fit) -> list[float | None]:
    """What each feature would be, given the others; None where one is missing and it is neither dropped nor
    constant.
    """
    if model.degenerate:
        return [None] * len(row)
    known = [x for x in row if x is not None]
    means = [a + b for a, b in zip(model.pivot, model.shift, strict=True)]
    found: list[float | None] = [None if j in model.kept else mean for j, mean in enumerate(means)]
    if len(known) < len(row):
        return found
    _, _, back = weighed(known, model)
    for a, j in enumerate(model.kept):
        precision = math.fsum(line[a] ** 2 for line in model.inverse)
        found[j] = known[j] - model.scale[j] * back[j] / precision
    return found
