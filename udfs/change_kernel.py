"""Where the level of a series changes: seeded binary segmentation, a numba kernel."""

from __future__ import annotations

from bisect import bisect, insort
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.kept_kernels import kept
from sqlnomaly.udfs.mad import MEDIAN

Vector = NDArray[np.float64]


def seeded(size: int, least: int) -> NDArray[np.int64]:
    """Intervals of a series on many scales, each layer of them overlapping by half: (begin, end) a row.

    Kovacs, Buehlmann, Li and Munk 2023, doi:10.1093/biomet/asac052, with a decay of the square root of 1/2. Their
    lengths add up to about size log size.

    Example:
        >>> seeded(12, 4)[:4].tolist()
        [[0, 12], [0, 9], [1, 10], [3, 12]]
    """
    found = [(0, size)]
    layer = 1
    while True:
        length = int(np.ceil(size * 0.5 ** (layer / 2)))
        if length < 2 * least or length < 2:
            break
        count = 2 * int(np.ceil(2.0 ** (layer / 2))) - 1
        starts = np.unique(np.floor(np.linspace(0, size - length, count)).astype(np.int64))
        found += [(int(start), int(start) + length) for start in starts]
        layer += 1
    return np.array(found, dtype=np.int64)


@kept
def best_splits(total: Any, intervals: Any, least: int) -> Any:
    """For each interval the place that splits it best, and the size of the step there, in deviations of a value.

    Args:
        total: the running sums of the series, beginning with 0.
        intervals: (begin, end) a row.
        least: points that a side must have.
    """
    size = len(intervals)
    places, steps = np.zeros(size, dtype=np.int64), np.zeros(size)
    for number in range(size):
        begin, end = intervals[number]
        whole = end - begin
        for place in range(begin + least, end - least + 1):
            left = (total[place] - total[begin]) / (place - begin)
            right = (total[end] - total[place]) / (end - place)
            step = abs(right - left) * np.sqrt((place - begin) * (end - place) / whole)
            if step > steps[number]:
                places[number], steps[number] = place, step
    return places, steps


def changes(values: Vector, scale: float, least: int, limit: float) -> NDArray[np.int64]:
    """The places at which a new level begins, in their order.

    Of the splits whose step is above the limit the largest one is taken, the intervals that hold it are passed over,
    and so on.

    Args:
        values: the series, none missing.
        scale: the deviation of a value around its level.
        least: points that a level must have.
        limit: the step, in deviations of a mean, that counts.
    """
    if len(values) < 2 * least or not scale > 0.0:
        return np.empty(0, dtype=np.int64)
    intervals = seeded(len(values), least)
    places, steps = best_splits(np.cumsum(np.concatenate([[0.0], values / scale])), intervals, least)
    found: list[int] = []
    for number in np.argsort(-steps, kind="stable")[: int((steps > limit).sum())]:
        after = bisect(found, intervals[number, 0])
        if after == len(found) or found[after] >= intervals[number, 1]:
            insort(found, int(places[number]))
    return np.array(found, dtype=np.int64)


def long_run_scale(values: Vector) -> float:
    """A robust deviation of values around a level that changes seldom, as that of a mean of many shows it.

    It is the larger one of two: by the differences of neighbors, and by those of neighboring blocks of n^(1/3)
    values, which neighbors that hang together make larger (Dette, Eckle and Vetter 2020, doi:10.1214/19-AOS1866).
    """
    if len(values) < 4:
        return 0.0
    size = max(5, round(len(values) ** (1 / 3)))
    scales = []
    for block in (1, size):
        usable = len(values) // block * block
        sums = values[:usable].reshape(-1, block).sum(axis=1)
        if len(sums) >= 8 or block == 1:
            scales.append(MEDIAN * float(np.median(np.abs(np.diff(sums)))) / np.sqrt(2.0 * block))
    return float(max(scales))
