"""The minimum covariance determinant, from starts that hold no chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import ndtri
from scipy.stats import chi2, rankdata

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

RIDGE = 1e-8
"""The share of the identity in every covariance: no direction has less of a variance, in robust units."""
ROUNDING = 1e-10
"""The same as a share of a feature's own variance, for rows so far apart that the former is lost in its rounding."""
STEPS = 100
"""Concentration steps, at most; the determinant falls with each, and stays after about ten."""
KEPT = 0.975
"""The share of normal rows that the second estimate keeps."""


def robust_covariance(rows: Matrix, support_fraction: float) -> tuple[Vector, Matrix]:
    """Location and covariance of the rows that lie closest together, reweighted.

    Rousseeuw and Van Driessen (1999), doi:10.1080/00401706.1999.10485670: the subset of h rows whose covariance has the
    smallest determinant, found by concentration steps; the starts are those of Hubert, Rousseeuw and Verdonck (2012),
    doi:10.1080/10618600.2012.672100, but for the last. The covariance is mixed with ``RIDGE`` of the identity, as
    Boudt, Rousseeuw, Vanduffel and Verdonck (2020) do, doi:10.1007/s11222-019-09869-x, so that it has an inverse where
    features are sums of others or most rows are equal in one; a feature whose variance in the subset is so large that
    ``ROUNDING`` of it is more has that instead. Then the rows within the 0.975 quantile of chi-square are taken, and
    both covariances are made consistent for normal rows (Croux and Haesbroeck 1999, doi:10.1006/jmva.1999.1839).

    Args:
        rows: in robust units, shape (rows, features).
        support_fraction: h over the number of rows; 0 for (rows + features + 1) / 2 of them.
    """
    count, features = rows.shape
    wanted = (count + features + 1) // 2 if support_fraction == 0.0 else round(support_fraction * count)
    support = min(max(wanted, min(features + 1, count)), count)
    best: tuple[float, Vector, Matrix] | None = None
    for start in starts(rows):
        found = concentrate(rows, start, support)
        if best is None or found[0] < best[0]:
            best = found
    assert best is not None, "there are several starts"
    _, location, covariance = best
    distance = distances(rows, location, consistent(covariance, support / count))
    near = rows[distance <= chi2.ppf(KEPT, features)]
    if len(near) <= features:
        near = rows[np.argsort(distance, kind="stable")[:support]]
    location, covariance = moments(near)
    return location, consistent(covariance, KEPT)


def consistent(covariance: Matrix, share: float) -> Matrix:
    """The covariance of so large a share of normal rows, the nearest ones, as that of all."""
    if share >= 1.0:
        return covariance
    features = len(covariance)
    larger: Matrix = covariance * (share / chi2.cdf(chi2.ppf(share, features), features + 2))
    return larger


def moments(rows: Matrix) -> tuple[Vector, Matrix]:
    """Mean and covariance, mixed with the identity; with more where a variance is large.

    Example:
        >>> far = np.array([[-1e10, -1e10], [0.0, 0.0], [1e10, 1e10]])
        >>> bool(np.linalg.eigvalsh(moments(far)[1])[0] > 1e9)
        True
    """
    mean = rows.mean(axis=0)
    off = rows - mean
    covariance = off.T @ off / len(rows)
    ridge = np.maximum(RIDGE, ROUNDING * np.diag(covariance))
    return mean, (1.0 - RIDGE) * covariance + np.diag(ridge)


def distances(rows: Matrix, location: Vector, covariance: Matrix) -> Vector:
    """The squared distances in the measure of the covariance."""
    whitened = solve_triangular(np.linalg.cholesky(covariance), (rows - location).T, lower=True)
    found: Vector = np.square(whitened).sum(axis=0)
    return found


def concentrate(rows: Matrix, start: Vector, support: int) -> tuple[float, Vector, Matrix]:
    """Takes the nearest rows and their moments, over and over; the logarithm of the last determinant, and those.

    Args:
        rows: the rows.
        start: a distance of each row from the centre.
        support: how many are nearest.
    """
    chosen = np.argsort(start, kind="stable")[:support]
    location, covariance = moments(rows[chosen])
    size = float(np.linalg.slogdet(covariance)[1])
    for _ in range(STEPS):
        chosen = np.argsort(distances(rows, location, covariance), kind="stable")[:support]
        moved, shrunk = moments(rows[chosen])
        smaller = float(np.linalg.slogdet(shrunk)[1])
        if smaller >= size - 1e-12 * max(1.0, abs(size)):
            break
        location, covariance, size = moved, shrunk, smaller
    return size, location, covariance


def starts(rows: Matrix) -> list[Vector]:
    """The distance of each row from the centre, by four robust correlations and by the nearer half alone."""
    centred = rows - np.median(rows, axis=0)
    unit = spreads(centred)
    scaled = centred / np.where(unit > 0.0, unit, 1.0)
    norm = np.sqrt(np.square(scaled).sum(axis=1))
    ranks = rankdata(scaled, axis=0)
    half = scaled[np.argsort(norm, kind="stable")[: (len(rows) + 1) // 2]]
    transformed: list[Matrix] = [
        np.tanh(scaled),
        ranks,
        ndtri((ranks - 1.0 / 3.0) / (len(rows) + 1.0 / 3.0)),
        scaled / np.where(norm > 0.0, norm, 1.0)[:, np.newaxis],
        half,
    ]
    return [_refined(scaled, _correlation(each)) for each in transformed]


def spreads(rows: Matrix) -> Vector:
    """The median distance from the median of each column, or the standard deviation where that is 0."""
    median = np.median(np.abs(rows - np.median(rows, axis=0)), axis=0)
    return np.where(median > 0.0, median, rows.std(axis=0))


def _correlation(rows: Matrix) -> Matrix:
    """The correlations; of a column that does not vary with the others 0."""
    off = rows - rows.mean(axis=0)
    deviation = np.sqrt(np.square(off).mean(axis=0))
    unit = np.where(deviation > 0.0, deviation, 1.0)
    found: Matrix = (off / unit).T @ (off / unit) / len(rows)
    np.fill_diagonal(found, 1.0)
    return found


def _refined(rows: Matrix, correlation: Matrix) -> Vector:
    """Distances by the directions of a correlation matrix, with robust spreads and medians along them."""
    _, directions = np.linalg.eigh(correlation)
    turned = rows @ directions
    spread = spreads(turned)
    unit = np.maximum(spread, RIDGE)
    whitened = turned / unit
    found: Vector = np.square(whitened - np.median(whitened, axis=0)).sum(axis=1)
    return found


