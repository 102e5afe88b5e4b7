"""The matrix profile: how far each window of a series is from the nearest other one in shape, level and size aside."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlnomaly.udfs.kept_kernels import jit
from sqlnomaly.udfs.subsequence_kernels import Vector, lags_of, put, whole_windows

EQUAL = 1e-14
"""Scaled windows nearer than this, of the sum of their squares, differ by rounding alone."""


@jit
def _moments(values: Any, window: Any) -> Any:
    """Mean and deviation of each window, the latter 0 of equal values, and what a step to it changes in covariances.

    These are the deviations of the point that comes and of the one that is gone, each from the mean of the points
    that stay, so that ``come * come - gone * gone`` of two windows is the change of their covariance: Welford (1962).
    """
    size = values.shape[0] - window + 1
    means, deviations = np.zeros(size), np.zeros(size)
    come, gone = np.zeros(size), np.zeros(size)
    weight = np.sqrt(window - 1.0) / window
    for place in range(size):
        part, total, same = values[place : place + window], 0.0, True
        for other in range(1, window):
            total += part[other] - part[0]
            same = same and part[other] == part[0]
        means[place] = part[0] + total / window
        square = 0.0
        for other in range(window):
            step = part[other] - part[0] - total / window
            square += step * step
        deviations[place] = 0.0 if same else np.sqrt(square / window)
        if place > 0:
            last = part[window - 1] - part[0]
            stay = part[0] + (total - last) / max(window - 1, 1)
            come[place] = weight * (part[window - 1] - stay)
            gone[place] = weight * (values[place - 1] - stay)
    return means, deviations, come, gone


@jit
def some_value(values: Any) -> Any:
    """The first finite value, which stands for missing ones: far from the others, it would leave rounding behind it."""
    for value in values:
        if np.isfinite(value):
            return value
    return 0.0


@jit
def _profile(values: Any, window: Any, exclusion: Any, causal: Any, least: Any) -> Any:
    """The smallest squared distance of scaled windows."""
    length = values.shape[0]
    size = length - window + 1
    whole = whole_windows(values, window)
    filled = np.where(np.isfinite(values), values, some_value(values))
    means, deviations, come, gone = _moments(filled, window)
    scales, norms = np.zeros(size), np.zeros(size)
    for place in range(size):
        if max(deviations[place], least) > 0.0:
            scales[place] = 1.0 / max(deviations[place], least)
            norms[place] = (deviations[place] * scales[place]) ** 2
    best, worst = np.full((size, 1), np.inf), np.where(whole, np.inf, -1.0)
    for lag in lags_of(size, exclusion, causal):
        shared = 0.0
        for place in range(size - lag):
            other = place + lag
            if place % window == 0:
                shared = 0.0
                for step in range(window):
                    shared += (filled[place + step] - means[place]) * (filled[other + step] - means[other])
                shared /= window
            else:
                shared += come[place] * come[other] - gone[place] * gone[other]
            square = norms[place] + norms[other] - 2.0 * (shared * scales[place]) * scales[other]
            if square < EQUAL * (norms[place] + norms[other]):
                square = 0.0
            if square < worst[other] and whole[place]:
                put(best, worst, other, square)
            if not causal and square < worst[place] and whole[other]:
                put(best, worst, place, square)
    return best[:, 0]


def matrix_profile(
    values: Vector, window: int, *, causal: bool = False, exclusion: int | None = None, least: float = 0.0
) -> Vector:
    """The distance of each window from the nearest other one, both with a mean of 0 and a standard deviation of 1.

    Yeh and others, Matrix Profile I (2016), doi:10.1109/ICDM.2016.0179; the same numbers as ``stumpy.stump``, and the
    left ones of ``stumpy`` where ``causal``.

    Args:
        values: the series; NaN is missing.
        window: points of a window.
        causal: only windows that begin before.
        exclusion: how many points a neighbor begins away at least; of itself more than a quarter of a window.
        least: deviations below this one count as this one, so that the noise of a flat stretch is not blown up. With
            0, a constant window is 0 from another one and the root of the window from any other.

    Returns:
        A distance a window, NaN of one that has a NaN or no other one to be near to.

    Example:
        >>> import numpy as np
        >>> matrix_profile(np.array([0.0, 1.0, 3.0, 2.0, 9.0, 0.0, 1.0, 3.0]), 3).round(2).tolist()
        [0.0, 1.25, 0.8, 1.25, 2.78, 0.0]
    """
    values = np.ascontiguousarray(values, np.float64)
    if len(values) < window:
        return np.full(0, np.nan)
    away = -(-window // 4) + 1 if exclusion is None else exclusion
    squares = _profile(values, window, away, causal, float(least))
    distances: Vector = np.sqrt(np.where(np.isfinite(squares), squares, np.nan) * window)
    return distances
