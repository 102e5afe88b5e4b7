"""Where a series changes, by levels or by lines: seeded binary segmentation, a numba kernel."""

from __future__ import annotations

from bisect import bisect, insort
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.kept_kernels import kept
from sqlnomaly.udfs.mad import MEDIAN

Vector = NDArray[np.float64]

FEW = 4
"""Fewer values have no scale."""
LINE = 3
"""Points that a line must have at least."""
FAR = 2.5
"""Steps so many times beyond the limit are none of chance."""


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
def best_splits(values: Any, intervals: Any, least: int, sloped: bool) -> Any:
    """For each interval the place that splits it best, and by how much, as the root of the squares that it saves.

    What is summed are the rests of the interval's own level or line: those of its left and of its right part cancel.

    Args:
        values: the series, in deviations of a value.
        intervals: (begin, end) a row.
        least: points that a side must have; at least 2 for lines.
        sloped: whether a line goes through each side, else a level.
    """
    size = len(intervals)
    places, saved = np.zeros(size, dtype=np.int64), np.zeros(size)
    for number in range(size):
        begin, end = intervals[number]
        whole, mean, slope = end - begin, 0.0, 0.0
        for at in range(whole):
            mean += values[begin + at] / whole
        middle = (whole - 1) / 2.0
        if sloped:
            for at in range(whole):
                slope += (at - middle) * (values[begin + at] - mean)
            slope /= whole * (whole * whole - 1.0) / 12.0
        total, placed = 0.0, 0.0
        for left in range(1, whole - least + 1):
            at = left - 1
            rest = values[begin + at] - mean - slope * (at - middle)
            total += rest
            placed += at * rest
            if left < least:
                continue
            right = whole - left
            square = total * total * (1.0 / left + 1.0 / right)
            if sloped:
                one = placed - total * (left - 1) / 2.0
                other = total * (left + (right - 1) / 2.0) - placed
                square += 12.0 * one * one / (left * (left * left - 1.0))
                square += 12.0 * other * other / (right * (right * right - 1.0))
            if square > saved[number]:
                places[number], saved[number] = begin + left, square
    return places, np.sqrt(saved)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A series of pieces, each a level or a line.

    Attributes:
        places: where pieces begin, but for the first.
        fit: the piece at each point.
        before: what the piece before each place leads to there.
        steps: how far the new piece begins from that, in deviations of the difference.
        sloped: whether they are lines.
        squares: those that are left.
        cost: they, and the square of ``limit`` for each change.
    """

    places: NDArray[np.int64]
    fit: Vector
    before: Vector
    steps: Vector
    sloped: bool
    squares: float
    cost: float

    def cost_in(self, ratio: float) -> float:
        """The cost where the deviation is smaller by so much."""
        return self.cost + self.squares * (ratio * ratio - 1.0)


def best_pieces(values: Vector, least: int) -> Pieces:
    """Levels or lines, whichever say the series at less cost: a trend makes no stairs, and a line is no level.

    Args:
        values: the series, in deviations of a value, none missing.
        least: points that a piece must have.
    """
    levels, lines = (pieces(values, least, sloped=sloped) for sloped in (False, True))
    return levels if levels.cost <= lines.cost else lines


def pieces(values: Vector, least: int, *, sloped: bool) -> Pieces:
    """The pieces of a series: a change is worth sqrt(2 log N) + 1 deviations, and one of lines sqrt(3 log N) + 1."""
    log = float(np.log(len(values)))
    limit = np.sqrt((3.0 if sloped else 2.0) * log) + 1.0
    places = changes(values, max(least, LINE) if sloped else least, limit, sloped=sloped)
    ends = [_ends(values[begin:end], sloped) for begin, end in pairwise([0, *places.tolist(), len(values)])]
    fit = np.concatenate([one[0] for one in ends])
    before = np.array([one[2] for one in ends[:-1]])
    apart = fit[places] - before
    unsure = np.sqrt([one[3] + other[1] for one, other in pairwise(ends)])
    steps = apart / unsure if len(places) else apart
    squares = float(np.square(values - fit).sum())
    return Pieces(places, fit, before, steps, sloped, squares, float(squares + limit**2 * len(places) + log * sloped))


def _ends(values: Vector, sloped: bool) -> tuple[Vector, float, float, float]:
    """A piece at its points, how unsure it is at the first one, what it is at the next one behind, how unsure there."""
    size, level = len(values), float(values.mean())
    if not sloped:
        return np.full(size, level), 1.0 / size, level, 1.0 / size
    at, spread = np.arange(size) - (size - 1) / 2.0, size * (size * size - 1.0) / 12.0
    slope, behind = float(at @ (values - level)) / spread, (size + 1) / 2.0
    here, there = 1.0 / size + (size - 1) ** 2 / (4.0 * spread), 1.0 / size + behind**2 / spread
    return np.asarray(level + slope * at), here, level + slope * behind, there


def changes(values: Vector, least: int, limit: float, *, sloped: bool) -> NDArray[np.int64]:
    """The places at which a new piece begins, in their order.

    Of the splits that save more than the limit the one that saves the most is taken, the intervals that hold it are
    passed over, and so on.

    Args:
        values: the series, in deviations of a value, none missing.
        least: points that a piece must have.
        limit: the root of the squares that a change must save.
        sloped: whether pieces are lines, else levels.
    """
    if len(values) < 2 * least:
        return np.empty(0, dtype=np.int64)
    intervals = seeded(len(values), least)
    places, saved = best_splits(values, intervals, least, sloped)
    found: list[int] = []
    for number in np.argsort(-saved, kind="stable")[: int((saved > limit).sum())]:
        after = bisect(found, intervals[number, 0])
        if after == len(found) or found[after] >= intervals[number, 1]:
            insort(found, int(places[number]))
    return np.array(found, dtype=np.int64)


def blocked_scale(values: Vector) -> float:
    """A robust deviation of values around what changes slowly, as that of a mean of many shows it.

    It is that of the second differences of blocks of n^(1/3) values, at least 5, which neighbors that hang together
    make larger (Dette, Eckle and Vetter 2020, doi:10.1214/19-AOS1866), and which know of no slope; 0 for fewer than
    eight blocks.
    """
    size = max(5, round(len(values) ** (1 / 3)))
    usable = len(values) // size * size
    sums = values[:usable].reshape(-1, size).sum(axis=1)
    return MEDIAN * float(np.median(np.abs(np.diff(sums, 2)))) / np.sqrt(6.0 * size) if len(sums) >= 8 else 0.0


def neighbor_scale(values: Vector) -> float:
    """A robust deviation of values around their level, by the differences of neighbors less their median.

    It feels little of steps and nothing of a slope; fewer than four values have none.
    """
    if len(values) < FEW:
        return 0.0
    away = np.diff(values)
    return MEDIAN * float(np.median(np.abs(away - np.median(away)))) / float(np.sqrt(2.0))


def found_pieces(values: Vector, least: int, floor: float) -> tuple[Pieces, float]:
    """The pieces of a series and the deviation that they are found with.

    Blocks do not tell steps that are nearer than they are long from neighbors that hang together. Such neighbors make
    many steps that are hardly worth it by the deviation of neighbors, though; where half of the steps are far more than
    that, they are steps, and else the deviation of blocks counts.

    Args:
        values: the series, none missing.
        least: points that a piece must have.
        floor: the least deviation.

    Returns:
        The pieces in deviations, and the deviation.
    """
    blocked = blocked_scale(values)
    scale = max(neighbor_scale(values) or blocked, floor)
    found = best_pieces(values / scale, least)
    clear = FAR * (np.sqrt(2.0 * np.log(len(values))) + 1.0)
    if blocked > scale and len(found.steps) and np.median(np.abs(found.steps)) < clear:
        return best_pieces(values / blocked, least), blocked
    return found, scale
