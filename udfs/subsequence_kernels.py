"""Windows of one series, and how far each is from the nearest others: numba kernels along the lags between two windows.

A series is a vector in the order of time; NaN is a missing value, and a window that holds one has no score. Windows
are compared along diagonals, all pairs of one lag after another, so that time grows with the square of the length and
memory with the length alone. A sum over a window is the end of one block and the beginning of the next: nothing is
taken away again, so nothing cancels, and a spike leaves no trace behind it.

Two forms: ``causal`` compares a window with those that end before it begins, and gives its score to its last point;
otherwise all windows are compared, and a point has the mean of the windows that hold it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.kept_kernels import kept

Vector = NDArray[np.float64]

LAGS = 20_000
"""At how many lags a window is compared with others, at most."""
HISTORY = 2
"""Windows that lie before a causal one before it has a score."""


@kept
def whole_windows(values: Any, window: Any) -> Any:
    """Which windows hold finite values alone."""
    whole = np.zeros(max(values.shape[0] - window + 1, 0), np.bool_)
    last = -1
    for place in range(values.shape[0]):
        if not np.isfinite(values[place]):
            last = place
        first = place - window + 1
        if first >= 0:
            whole[first] = last < first
    return whole


@kept
def lags_of(windows: Any, exclusion: Any, causal: Any) -> Any:
    """At which lags windows are compared.

    All from ``exclusion`` on, at most ``LAGS``: of a longer series every so many-th, or, as what is known later must
    not matter, the nearest ones of a causal form.
    """
    step = 1 if causal else max(-(-(windows - exclusion) // LAGS), 1)
    end = min(windows, exclusion + LAGS) if causal else windows
    return np.arange(exclusion, end, step)


@kept
def mean_over_windows(scores: Any, window: Any, length: Any) -> Any:
    """A point's score: the mean of the windows that hold it and have one; NaN where none has."""
    found = np.full(length, np.nan)
    size = scores.shape[0]
    sums, counts = np.zeros(window), np.zeros(window)
    for begin in range(0, length, window):
        total, count = 0.0, 0.0
        for place in range(begin, min(begin + window, length)):
            if place < size and np.isfinite(scores[place]):
                total += scores[place]
                count += 1.0
            behind = place - begin
            if count + counts[behind] > 0.0:
                found[place] = (total + sums[behind]) / (count + counts[behind])
        total, count = 0.0, 0.0
        for behind in range(window - 1, -1, -1):
            sums[behind], counts[behind] = total, count
            place = begin + behind
            if place < size and np.isfinite(scores[place]):
                total += scores[place]
                count += 1.0
    return found


def at_points(scores: Vector, window: int, length: int, *, causal: bool) -> Vector:
    """Scores of windows as scores of points: of the last point, or the mean of the windows that hold it."""
    if not causal:
        means: Vector = mean_over_windows(scores, window, length)
        return means
    found = np.full(length, np.nan)
    found[window - 1 :] = scores
    found[: (HISTORY + 1) * window] = np.nan
    return found


@kept
def put(best: Any, worst: Any, window: Any, distance: Any) -> None:
    """Puts a distance among the smallest of a window, which are in order."""
    place = best.shape[1] - 1
    while place > 0 and best[window, place - 1] > distance:
        best[window, place] = best[window, place - 1]
        place -= 1
    best[window, place] = distance
    worst[window] = best[window, best.shape[1] - 1]


@kept
def _nearest_squares(values: Any, window: Any, k: Any, exclusion: Any, causal: Any) -> Any:
    """The k smallest sums of squared differences of each window, infinite where there are fewer."""
    length = values.shape[0]
    size = length - window + 1
    whole = whole_windows(values, window)
    filled = np.where(np.isfinite(values), values, 0.0)
    best, worst = np.full((size, k), np.inf), np.where(whole, np.inf, -1.0)
    ends = np.empty(window)
    for lag in lags_of(size, exclusion, causal):
        moved = filled[lag:]
        for begin in range(0, size - lag, window):
            total = 0.0
            for place in range(begin + window - 1, begin - 1, -1):
                step = filled[place] - moved[place]
                total += step * step
                ends[place - begin] = total
            total = 0.0
            for place in range(begin, min(begin + window, size - lag)):
                if place > begin:
                    step = filled[place + window - 1] - moved[place + window - 1]
                    total += step * step
                square, other = ends[place - begin] + total, place + lag
                if square < worst[other] and whole[place]:
                    put(best, worst, other, square)
                if not causal and square < worst[place] and whole[other]:
                    put(best, worst, place, square)
    return best


def sub_knn(
    values: Vector, window: int, k: int = 1, *, causal: bool = False, exclusion: int | None = None
) -> Vector:
    """How far a window is from the k-th nearest other one: the root of the mean squared difference of their values.

    Ramaswamy, Rastogi and Shim, Efficient Algorithms for Mining Outliers (2000), doi:10.1145/342009.335437, for the
    distance to the k-th neighbor; Boniol and others do the same with windows in TSB-AD (2024).

    Args:
        values: the series; NaN is missing.
        window: points of a window.
        k: which neighbor counts; the farthest where there are fewer.
        causal: only windows that end before, and the score at the last point.
        exclusion: how many points a neighbor begins away at least, of itself a window; less than that lets windows
            overlap, and the causal form look at its own values.

    Returns:
        A score a point in the unit of the values, NaN where there is none.

    Example:
        >>> import numpy as np
        >>> sub_knn(np.array([0.0, 1.0, 0.0, 1.0, 0.0, 5.0, 0.0, 1.0]), 2).round(2).tolist()
        [0.0, 0.0, 0.0, 0.0, 1.41, 2.83, 1.41, 0.0]
    """
    values = np.ascontiguousarray(values, np.float64)
    size = len(values) - window + 1
    if size < 1:
        return np.full(len(values), np.nan)
    best = _nearest_squares(values, window, k, window if exclusion is None else exclusion, causal)
    farthest = np.max(np.where(np.isfinite(best), best, -1.0), axis=1)
    scores = np.sqrt(np.where(farthest >= 0.0, farthest, np.nan) / window)
    return at_points(scores, window, len(values), causal=causal)
