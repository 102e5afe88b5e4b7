"""How far the windows of a series are from their mean, by how much they vary along each principal component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sqlnomaly.udfs.subsequence_kernels import HISTORY, Vector, at_points, whole_windows

Matrix = NDArray[np.float64]

EXAMPLES = 2_000
"""Windows that are learned from at a time, at most; of more every so many-th, which counts for those between."""
REFITTED = 1.1
"""By what factor the history grows before what is known of it is used."""
CHUNK = 1_024
"""Windows that are held in memory at a time."""
TINY = 1e-300
"""A smaller variance is none."""
SINGULAR = 1e-9
"""With a smaller ridge variances may be none, and components are computed one by one."""


@dataclass(frozen=True, slots=True)
class Moments:
    """The number of windows, their mean, and the sums of products of their deviations from it."""

    n: float
    mean: Vector
    products: Matrix

    def and_of(self, windows: Matrix, weight: float) -> Moments:
        """Those of these windows too, each of which counts so often.

        Both parts are taken around their own means: Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115.
        """
        # Taken from the first window, a mean of equal numbers is that number.
        mean = windows[0] + (windows - windows[0]).mean(axis=0)
        away, n = windows - mean, weight * len(windows)
        apart, total = mean - self.mean, self.n + n
        products = self.products + weight * (away.T @ away) + np.outer(apart, apart) * (self.n * n / total)
        return Moments(total, self.mean + apart * (n / total), products)


def _learned(moments: Moments, windows: Matrix) -> Moments:
    """The moments with those of more windows, a part at a time."""
    step = max(-(-len(windows) // EXAMPLES), 1)
    examples = windows[::step]
    for part in _chunks(examples):
        moments = moments.and_of(examples[part], len(windows) / len(examples))
    return moments


def _chunks(windows: NDArray[Any]) -> list[slice]:
    return [slice(first, first + CHUNK) for first in range(0, len(windows), CHUNK)]


def _turned(moments: Moments, ridge: float) -> Matrix:
    """What turns a deviation from the mean into parts whose squares add up to a squared distance.

    The distance needs no components: over variances that are all above 0 it is that of the inverse of the covariance
    with the ridge, of which a triangular root is enough.
    """
    size = len(moments.mean)
    mean = float(np.trace(moments.products)) / moments.n / size
    if not mean > TINY:
        return np.zeros((size, size))
    shared = moments.products / (moments.n * mean)
    if ridge >= SINGULAR:
        turned: Matrix = np.linalg.inv(np.linalg.cholesky(shared + ridge * np.eye(size))).T
    else:
        variances, components = np.linalg.eigh(shared)
        added = np.maximum(variances, 0.0) + ridge
        turned = components * np.where(added > 0.0, 1.0 / np.sqrt(np.where(added > 0.0, added, 1.0)), 0.0)
    found: Matrix = turned / np.sqrt(size * mean)
    return found


def sub_pca(values: Vector, window: int, *, causal: bool = False, ridge: float = 10.0) -> Vector:
    """How far a window is from the mean window, in directions that vary much the less.

    The root of the mean, over the principal components, of p^2 / (l + ridge * m): p is what the window has of a
    component, l the variance of that component, m the mean variance. A ridge of 0 is the Mahalanobis distance, a
    large one the Euclidean distance. Shyu, Chen, Sarinnapakorn and Chang, A Novel Anomaly Detection Scheme Based on
    Principal Component Classifier (2003).

    Args:
        values: the series; NaN is missing.
        window: points of a window.
        causal: components of the windows that end before, taken again when there are a tenth more, and the score at the
            last point.
        ridge: what is added to each variance, in mean variances.

    Returns:
        A score a point, NaN where there is none; 0 for a constant series.

    Example:
        >>> import numpy as np
        >>> scores = sub_pca(np.sin(np.arange(100.0)) + (np.arange(100) == 50), 8)
        >>> bool(43 <= scores.argmax() <= 57)
        True
    """
    values = np.ascontiguousarray(values, np.float64)
    if len(values) < window:
        return np.full(len(values), np.nan)
    # Matrices are small: several threads would wait for each other longer than they work.
    with threadpool_limits(1, "blas"):
        scores = _distances(values, window, causal=causal, ridge=ridge)
    return at_points(scores, window, len(values), causal=causal)


def _distances(values: Vector, window: int, *, causal: bool, ridge: float) -> Vector:
    """How far each window is from the mean; NaN where nobody knows."""
    whole = whole_windows(values, window)
    views, scores = sliding_window_view(values, window), np.full(len(whole), np.nan)
    first, seen = HISTORY * window + 1 if causal else 0, 0
    moments = Moments(0.0, np.zeros(window), np.zeros((window, window)))
    while first < len(whole):
        end = min(max(int(first * REFITTED), first + 1), len(whole)) if causal else len(whole)
        before = first - window + 1 if causal else len(whole)
        moments, seen = _learned(moments, views[seen + np.flatnonzero(whole[seen:before])]), before
        if moments.n:
            turned, here = _turned(moments, ridge), first + np.flatnonzero(whole[first:end])
            for part in _chunks(here):
                scores[here[part]] = np.sqrt(np.square((views[here[part]] - moments.mean) @ turned).sum(axis=1))
        first = end
    return scores
