"""Rows through a forest of masks: thresholds are searched, words joined, and the paths of the leaves added."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.forest_masks import ONES, PLACES, TOGETHER

ROWS = 256
"""Rows that are looked up side by side; a multiple of ``ABREAST``."""

ABREAST = 4
"""Rows whose paths are added side by side: an addition waits for the one before it."""


@cache
def adder() -> Callable[..., None]:
    """The kernel that adds the paths of rows through a ``Masks`` to their totals, compiled at its first use.

    It takes the six arrays, x of shape (features, rows) and the totals. The paths of a row are added in the order of
    the trees, so that the sum is that of a walk to the bit: a word without a leaf adds 0. Missing values give a sum
    that means nothing.
    """
    import numba
    from numba.core import types
    from numba.extending import intrinsic

    def counted(_typing: Any, word: Any) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return builder.ctlz(arguments[0], context.get_constant(types.boolean, False))

        return types.uint64(word), generate

    leading_zeros: Any = intrinsic(counted)

    @numba.njit(nogil=True, error_model="numpy")
    def add(
        cuts: NDArray[np.float64],
        start: NDArray[np.int64],
        levels: NDArray[np.int64],
        bins: NDArray[np.int64],
        words: NDArray[np.uint64],
        paths: NDArray[np.float64],
        x: NDArray[np.float64],
        total: NDArray[np.float64],
    ) -> None:
        features, rows = x.shape
        width = np.uint64(paths.size) // np.uint64(PLACES)
        value = np.empty(ROWS)
        low = np.empty(ROWS, np.uint32)
        at = np.empty((ROWS, bins.size), np.uint64)
        for j in range(features, bins.size):
            for i in range(ROWS):
                at[i, j] = np.uint64(bins[j]) * width
        left = np.empty(width, np.uint64)
        leaf = np.empty(np.uint64(ABREAST) * width, np.uint8)
        two, three = np.uint64(2) * width, np.uint64(3) * width
        sums = np.empty(ROWS)
        for begin in range(0, rows, ROWS):
            n = min(ROWS, rows - begin)
            for i in range(n):
                sums[i] = total[begin + i]
            for j in range(features):
                first = np.uint32(start[j])
                for i in range(ROWS):
                    value[i] = x[j, begin + min(i, n - 1)]
                    low[i] = first
                step = np.uint32(1) << np.uint32(levels[j])
                while step > np.uint32(1):
                    step >>= np.uint32(1)
                    for i in range(ROWS):
                        low[i] += step * np.uint32(cuts[low[i] + step - np.uint32(1)] < value[i])
                for i in range(ROWS):
                    at[i, j] = (np.uint64(low[i] - first) + np.uint64(bins[j])) * width
            for i in range(0, n, ABREAST):
                for r in range(ABREAST):
                    for s in range(width):
                        left[s] = ONES
                    for j in range(0, bins.size, TOGETHER):
                        a, b, c = at[i + r, j], at[i + r, j + 1], at[i + r, j + 2]
                        d, e, f = at[i + r, j + 3], at[i + r, j + 4], at[i + r, j + 5]
                        for s in range(width):
                            left[s] &= (
                                words[a + s]
                                & words[b + s]
                                & words[c + s]
                                & words[d + s]
                                & words[e + s]
                                & words[f + s]
                            )
                    for s in range(width):
                        leaf[np.uint64(r) * width + s] = np.uint8(leading_zeros(left[s]))
                t0, t1, t2, t3 = sums[i], sums[i + 1], sums[i + 2], sums[i + 3]
                for s in range(width):
                    p = s * np.uint64(PLACES)
                    t0 += paths[p + leaf[s]]
                    t1 += paths[p + leaf[s + width]]
                    t2 += paths[p + leaf[s + two]]
                    t3 += paths[p + leaf[s + three]]
                sums[i], sums[i + 1], sums[i + 2], sums[i + 3] = t0, t1, t2, t3
            for i in range(n):
                total[begin + i] = sums[i]

    return add
