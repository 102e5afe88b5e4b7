"""How far the windows of a series are from their mean, by how much they vary along each principal component."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sqlnomaly.udfs.subsequence_kernels import HISTORY, Vector, at_points, whole_windows

Matrix = NDArray[np.float64]

EXAMPLES = 2_000
"""Windows whose principal components are computed, at most."""
REFITTED = 1.1
"""By what factor the history grows before they are computed again."""
CHUNK = 1_024
"""Windows that are held in memory at a time."""


def _chunks(windows: NDArray[Any]) -> list[slice]:
    return [slice(first, first + CHUNK) for first in range(0, len(windows), CHUNK)]


def _fitted(windows: Matrix, ridge: float) -> tuple[Vector, Matrix]:
    """The mean window, and what turns a deviation from it into parts whose squares add up to a squared distance."""
    start, total = float(windows[0, 0]), np.zeros(windows.shape[1])
    for part in _chunks(windows):
        total += (windows[part] - start).sum(axis=0)
    mean = start + total / len(windows)
    shared = np.zeros((len(mean), len(mean)))
    for part in _chunks(windows):
        away = windows[part] - mean
        shared += away.T @ away
    variances, components = np.linalg.eigh(shared / len(windows))
    variances = np.maximum(variances, 0.0)
    added = variances + ridge * variances.mean()
    weights = np.where(added > 0.0, 1.0 / np.sqrt(np.where(added > 0.0, added, 1.0)), 0.0)
    return mean, components * (weights / np.sqrt(len(mean)))


def sub_pca(values: Vector, window: int, *, causal: bool = False, ridge: float = 10.0) -> Vector:
    """How far a window is from the mean window, in directions that vary much the less.

    The root of the mean, over the principal components, of p^2 / (l + ridge * m): p is what the window has of a
    component, l the variance of that component, m the mean variance. A ridge of 0 is the Mahalanobis distance, a
    large one the Euclidean distance. Shyu, Chen, Sarinnapakorn and Chang, A Novel Anomaly Detection Scheme Based on
    Principal Component Classifier (2003).

    Args:
        values: the series; NaN is missing.
        window: points of a window.
        causal: components of the windows that end before, computed again when there are a tenth more, and the score at
            the last point.
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
    whole = whole_windows(values, window)
    views, scores = sliding_window_view(values, window), np.full(len(whole), np.nan)
    first = HISTORY * window + 1 if causal else 0
    while first < len(whole):
        end = min(max(int(first * REFITTED), first + 1), len(whole)) if causal else len(whole)
        known = np.flatnonzero(whole[: first - window + 1] if causal else whole)
        if len(known):
            mean, turned = _fitted(views[known[:: -(-len(known) // EXAMPLES)]], ridge)
            here = first + np.flatnonzero(whole[first:end])
            for part in _chunks(here):
                scores[here[part]] = np.sqrt(np.square((views[here[part]] - mean) @ turned).sum(axis=1))
        first = end
    return at_points(scores, window, len(values), causal=causal)
