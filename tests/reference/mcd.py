"""mcd: the squared distance from the rows that lie closest together, in the measure of their covariance.

    score = (z - m)' S^-1 (z - m)    term_j = (z_j - m_j) (S^-1 (z - m))_j
    expected_j = x_j - unit_j (S^-1 (z - m))_j / (S^-1)_jj

z is a sample in robust units (see sample). cov(R) is the covariance of rows R over their number, times 1 - 1e-8; to
each variance v of it the larger of 1e-8 and 1e-10 v (before that product) is added. h = round(support_fraction m), or
(m + d + 1) // 2 for 0, at least d + 1, at most m. From each start the h nearest rows are taken, the first of equally
near ones; then those nearest by their mean and cov, over and over, while the logarithm of the determinant falls by more
than 1e-12 of its size (100 times at most). The start with the smallest determinant counts, the first of equal ones. cov
is multiplied by a / F_{d+2}(q), F_d(q) = a = h / m for chi-square; the rows within F_d = 0.975 of it (the h nearest if
those are d at most) give m and S, corrected with a = 0.975.

Starts: s are the rows less the median, divided by the median distance from the median (the deviation if that is 0). The
directions are the eigenvectors of the correlations of tanh s, of the ranks of s, of their normal scores
(rank - 1/3) / (m + 1/3), of s / |s|, and of the nearer half of s by |s|. Along each direction the spread is taken as
above, 1e-8 at least; the distance of a row is that from the median of s / spread. Sources: P. Rousseeuw, K. Van
Driessen (1999), doi:10.1080/00401706.1999.10485670; M. Hubert, P. Rousseeuw, T. Verdonck (2012),
doi:10.1080/10618600.2012.672100; K. Boudt and others (2020), doi:10.1007/s11222-019-09869-x.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import chi2, norm, rankdata

from tests.reference.mahalanobis import chi_square_quantile
from tests.reference.sample import Array, Sample, in_units, sample_of, unvaried

Row = Sequence[float]

DEFAULT_CONTAMINATION: float | None = None
SIGNED = False
JOINT = True
AFFINE = True
TOLERANCE = 1e-6
PARAMETERS: Mapping[str, Any] = {"support_fraction": 0.0, "max_samples": 30, "random_state": 3}
SHOWS: Mapping[str, Mapping[str, Any]] = {"random_state": {"max_samples": 30}}
LEAN: Mapping[str, Any] = {}
RIDGE = 1e-8
OWN_RIDGE = 1e-10

# Five rows by hand: the median is 3, the quartiles are 2 apart, so z = -1, -1/2, 0, 1/2, 48.5. h = round(3.75) = 4: the
# first four lie together, with the mean -1/4 and the variance 5/16. They are within 0.975 of it, the last is not, so
# they give m and S. With q the 0.975 quantile of chi-square(1), F_3(q) = erf(sqrt(q / 2)) - sqrt(2 q / pi) e^(-q / 2).
QUANTILE = 5.023886187314888
FACTOR = 0.975 / (0.975 - math.sqrt(2 * QUANTILE / math.pi) * math.exp(-QUANTILE / 2))
SPREAD = ((1 - RIDGE) * 5 / 16 + RIDGE) * FACTOR
HAND_ROWS = (1.0, 2.0, 3.0, 4.0, 100.0)
HAND_SCORES = tuple((z + 0.25) ** 2 / SPREAD for z in (-1.0, -0.5, 0.0, 0.5, 48.5))


def default_threshold(features: int) -> float:
    """The quantile of chi-square."""
    return chi_square_quantile(0.99, features)


def default_min_rows(features: int) -> int:
    """Twice the features and two."""
    return 2 * features + 2


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample, the centre and the inverse of the covariance."""

    sample: Sample
    centre: Array
    inverse: Array

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row], *, support_fraction: float = 0.75, max_samples: int = 10_000, random_state: int = 0
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, "robust", random_state)
    if all(sample.constant):
        return Fit(sample, np.empty(0), np.empty((0, 0)))
    centre, covariance = robust_moments(sample.reference, support_fraction)
    return Fit(sample, centre, np.linalg.inv(covariance))


def robust_moments(z: Array, support_fraction: float) -> tuple[Array, Array]:
    """Centre and covariance of the rows that lie closest together, reweighted and corrected."""
    count, features = z.shape
    support = round(support_fraction * count) if support_fraction else (count + features + 1) // 2
    support = min(count, max(support, features + 1))
    found = [concentrated(z, start, support) for start in starts(z)]
    _, centre, covariance = min(found, key=lambda one: one[0])
    distance = distances(z, centre, covariance * factor(support / count, features))
    near = z[distance <= chi2.ppf(0.975, features)]
    if len(near) <= features:
        near = z[np.argsort(distance, kind="stable")[:support]]
    centre, covariance = mean_and_cov(near)
    return centre, covariance * factor(0.975, features)


def factor(share: float, features: int) -> float:
    """What makes the covariance of the nearest share of normal rows that of all."""
    return 1.0 if share == 1.0 else float(share / chi2.cdf(chi2.ppf(share, features), features + 2))


def mean_and_cov(rows: Array) -> tuple[Array, Array]:
    """The mean and cov."""
    covariance = np.atleast_2d(np.cov(rows, rowvar=False, bias=True))
    added = [max(RIDGE, OWN_RIDGE * float(variance)) for variance in covariance.diagonal()]
    return rows.mean(axis=0), (1 - RIDGE) * covariance + np.diag(added)


def distances(rows: Array, centre: Array, covariance: Array) -> Array:
    """The squared distances in the measure of a covariance."""
    away = rows - centre
    found: Array = (away * np.linalg.solve(covariance, away.T).T).sum(axis=1)
    return found


def concentrated(rows: Array, start: Array, support: int) -> tuple[float, Array, Array]:
    """The logarithm of the determinant, the mean and cov where the steps end."""
    best: tuple[float, Array, Array] | None = None
    order = start
    for _ in range(101):
        centre, covariance = mean_and_cov(rows[np.argsort(order, kind="stable")[:support]])
        size = float(np.linalg.slogdet(covariance)[1])
        if best is not None and size >= best[0] - 1e-12 * max(1.0, abs(best[0])):
            break
        best = size, centre, covariance
        order = distances(rows, centre, covariance)
    assert best is not None
    return best


def spreads(rows: Array) -> Array:
    """The median distance from the median of each column, or its deviation."""
    middle = np.median(abs(rows - np.median(rows, axis=0)), axis=0)
    return np.array([each if each > 0 else column.std() for each, column in zip(middle, rows.T, strict=True)])


def starts(rows: Array) -> list[Array]:
    """The distances that the steps start from."""
    centred = rows - np.median(rows, axis=0)
    s = centred / np.array([spread or 1.0 for spread in spreads(centred)])
    length = np.sqrt((s**2).sum(axis=1))
    ranks = np.column_stack([rankdata(column) for column in s.T])
    views: list[Callable[[], Array]] = [
        lambda: np.tanh(s),
        lambda: ranks,
        lambda: norm.ppf((ranks - 1 / 3) / (len(s) + 1 / 3)),
        lambda: s / np.array([each or 1.0 for each in length])[:, np.newaxis],
        lambda: s[np.argsort(length, kind="stable")[: (len(s) + 1) // 2]],
    ]
    found = []
    for view in views:
        turned = s @ np.linalg.eigh(correlations(view()))[1]
        along = turned / np.maximum(spreads(turned), RIDGE)
        found.append(((along - np.median(along, axis=0)) ** 2).sum(axis=1))
    return found


def correlations(rows: Array) -> Array:
    """The correlations, 0 of a column that does not vary."""
    columns = rows.T - rows.mean(axis=0)[:, np.newaxis]
    size = [math.sqrt(float(column @ column)) for column in columns]
    pairs = range(len(size))
    return np.array(
        [
            [1.0 if i == j else float(columns[i] @ columns[j]) / ((size[i] * size[j]) or 1.0) for j in pairs]
            for i in pairs
        ]
    )


def away_and_pull(row: Row, model: Fit) -> tuple[Array, Array]:
    """z - m and S^-1 (z - m)."""
    away = in_units(row, model.sample) - model.centre
    return away, model.inverse @ away


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    if all(model.constant):
        return unvaried(row, model.sample)
    away, pull = away_and_pull(row, model)
    found = iter(away * pull)
    return [0.0 if flat else float(next(found)) for flat in model.constant]


def score(row: Row, model: Fit) -> float:
    """The squared distance of a row whose terms are all known."""
    if all(model.constant):
        return 0.0
    away, pull = away_and_pull(row, model)
    return float(away @ pull)


def expected(row: Sequence[float | None], model: Fit) -> list[float | None]:
    """What each feature would be, given the others; of a constant one its value."""
    sample = model.sample
    found: list[float | None] = [own if flat else None for own, flat in zip(sample.only, sample.constant, strict=True)]
    known = [x for x in row if x is not None]
    if len(known) < len(row) or all(model.constant):
        return found
    _, pull = away_and_pull(known, model)
    kept = [j for j, flat in enumerate(model.constant) if not flat]
    for a, j in enumerate(kept):
        found[j] = known[j] - sample.unit[j] * float(pull[a]) / float(model.inverse[a, a])
    return found
