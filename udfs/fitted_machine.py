"""The sum of Gaussian kernels at support vectors, as a numba kernel that holds no lock."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def gaussian_sum(rows: Array, vectors: Array, weights: Array, gamma: float) -> Array:
    """sum_i weight_i exp(-gamma |vector_i - x|^2) of each row.

    Example:
        >>> gaussian_sum(np.array([[0.0, 1.0]]), np.array([[0.0, 1.0], [9.0, 9.0]]), np.array([2.0, 1.0]), 1e3).tolist()
        [2.0]
    """
    found = np.zeros(len(rows))
    _add(np.ascontiguousarray(rows), np.ascontiguousarray(vectors.T), weights, gamma, found)
    return found


@numba.njit(nogil=True)
def _add(rows: Any, turned: Any, weights: Any, gamma: float, found: Any) -> None:
    """Adds to found; the features of the vectors lie one after another in memory."""
    squares = np.empty(turned.shape[1])
    for row in range(rows.shape[0]):
        squares[:] = 0.0
        for feature in range(turned.shape[0]):
            value = rows[row, feature]
            for other in range(turned.shape[1]):
                step = turned[feature, other] - value
                squares[other] += step * step
        total = 0.0
        for other in range(turned.shape[1]):
            total += weights[other] * np.exp(-gamma * squares[other])
        found[row] = total
