"""Loops along many series at once, in the place of windows: what each row's baseline is, to the same numbers.

Rows of one series follow another, each in its order; ``starts`` says where a series begins, and where the last one
ends. A value is NaN where it is missing or not fitted. ``first`` is, for each row, the first of its peers: the rows
before that are its baseline. Numba compiles them at their first call.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.kept_kernels import kept

Vector = NDArray[np.float64]
Places = NDArray[np.int64]
Moments = tuple[int, float, float, float, float]
"""n, mean, M2, lowest and highest of a set; the mean of a distance from the first value of the series."""
Columns = tuple[Places, Vector, Vector, Vector, Vector]
"""The same of each row, the mean as it is."""


@kept
def moments_before(values: Vector, starts: Places, first: Places) -> Columns:
    """n, mean, M2, lowest and highest of the values before each row and its peers.

    Welford's update, doi:10.1080/00401706.1962.10490022, of the distances from the first value of the series.
    """
    size = len(values)
    n, mean, m2 = np.zeros(size, np.int64), np.full(size, np.nan), np.full(size, np.nan)
    low, high = np.full(size, np.nan), np.full(size, np.nan)
    for series in range(len(starts) - 1):
        count, middle, spread, least, most, pivot = 0, 0.0, 0.0, 0.0, 0.0, 0.0
        read = starts[series]
        for row in range(starts[series], starts[series + 1]):
            while read < first[row]:
                x = values[read]
                read += 1
                if math.isnan(x):
                    continue
                if count == 0:
                    pivot, least, most = x, x, x
                count += 1
                away = x - pivot
                step = away - middle
                middle += step / count
                spread += step * (away - middle)
                least, most = min(least, x), max(most, x)
            n[row] = count
            if count > 0:
                mean[row], m2[row], low[row], high[row] = pivot + middle, spread, least, most
    return n, mean, m2, low, high


@kept
def _joined(one: Moments, other: Moments) -> Moments:
    """The moments of two sets together (Chan, Golub and LeVeque)."""
    if one[0] == 0:
        return other
    if other[0] == 0:
        return one
    n = one[0] + other[0]
    away, share = other[1] - one[1], other[0] / n
    spread = one[2] + other[2] + away * away * (one[0] * share)
    return n, one[1] + away * share, spread, min(one[3], other[3]), max(one[4], other[4])


@kept
def _at(counts: Places, rest: Vector, row: int) -> Moments:
    """The moments that are kept for a row."""
    return counts[row], rest[row, 0], rest[row, 1], rest[row, 2], rest[row, 3]


@kept
def moments_around(values: Vector, starts: Places, low_end: int, high_end: int) -> Columns:
    """n, mean, M2, lowest and highest of the values from ``low_end`` to ``high_end`` rows behind each row.

    Blocks of as many rows as the frame has: a frame is the rest of one and the beginning of the next one, so that each
    row takes a few steps, however long the frame, and nothing is taken away from a sum. A frame without an end has one
    farther off than any series is long.
    """
    size = len(values)
    n, mean, m2 = np.zeros(size, np.int64), np.full(size, np.nan), np.full(size, np.nan)
    low, high = np.full(size, np.nan), np.full(size, np.nan)
    longest = 0
    for series in range(len(starts) - 1):
        longest = max(longest, starts[series + 1] - starts[series])
    counts, rest = np.zeros(longest + 1, np.int64), np.zeros((longest + 1, 4))
    for series in range(len(starts) - 1):
        begin, end = starts[series], starts[series + 1]
        length = end - begin
        width = min(high_end - low_end + 1, length)
        pivot = np.nan
        for row in range(begin, end):
            if not math.isnan(values[row]):
                pivot = values[row]
                break
        counts[length] = 0
        # What is left of its block from each row on.
        for at in range(length - 1, -1, -1):
            x = values[begin + at]
            ends = (at + 1) % width == 0 or at == length - 1
            after = (0, 0.0, 0.0, 0.0, 0.0)
            if not ends:
                after = _at(counts, rest, at + 1)
            if not math.isnan(x):
                after = _joined((1, x - pivot, 0.0, x, x), after)
            counts[at] = after[0]
            rest[at, 0], rest[at, 1], rest[at, 2], rest[at, 3] = after[1], after[2], after[3], after[4]
        head = (0, 0.0, 0.0, 0.0, 0.0)
        read = 0  # the head holds its block up to here
        for at in range(length):
            opens, closes = max(at + low_end, 0), min(at + high_end, length - 1)
            if closes < opens:
                continue
            while read <= closes:
                if read % width == 0:
                    head = (0, 0.0, 0.0, 0.0, 0.0)
                x = values[begin + read]
                if not math.isnan(x):
                    head = _joined(head, (1, x - pivot, 0.0, x, x))
                read += 1
            block = closes // width * width
            found = head
            if opens < block:
                found = _joined(_at(counts, rest, opens), head)
            elif opens > block:
                # The frame is cut off by the end of the series: the rest of the block is all of it.
                found = _at(counts, rest, opens)
            if found[0] > 0:
                row = begin + at
                n[row] = found[0]
                mean[row], m2[row], low[row], high[row] = pivot + found[1], found[2], found[3], found[4]
    return n, mean, m2, low, high


@kept
def faded_before(
    values: Vector, starts: Places, first: Places, alpha: float, block: int, flat: float, tiny: float
) -> tuple[Places, Vector, Vector]:
    """n, exponentially weighted mean and deviation of the values before each row and its peers.

    Sums reach back to the beginning of the block before, as those of the windows do; ``a`` is the row's own block,
    ``b`` the one before it.
    """
    size = len(values)
    n, centre, scale = np.zeros(size, np.int64), np.full(size, np.nan), np.zeros(size)
    keep = 1.0 - alpha
    for series in range(len(starts) - 1):
        begin = starts[series]
        sum_a = sum_b = mass_a = mass_b = gain_a = gain_b = pairs_a = pairs_b = 0.0
        count, least, most, pivot = 0, 0.0, 0.0, 0.0
        read = begin
        level = deviation = np.nan
        for row in range(begin, starts[series + 1]):
            if first[row] > read:
                while read < first[row]:
                    if (read - begin) % block == 0:
                        sum_b, mass_b, gain_b, pairs_b = sum_a, mass_a, gain_a, pairs_a
                        sum_a = mass_a = gain_a = pairs_a = 0.0
                    old_mass = mass_a + mass_b
                    old_level = (sum_a + sum_b) / old_mass if old_mass > 0.0 else np.nan
                    sum_a, sum_b, mass_a, mass_b = keep * sum_a, keep * sum_b, keep * mass_a, keep * mass_b
                    gain_a, gain_b = keep * gain_a, keep * gain_b
                    pairs_a, pairs_b = keep * keep * pairs_a, keep * keep * pairs_b
                    x = values[read]
                    if not math.isnan(x):
                        if count == 0:
                            pivot, least, most = x, x, x
                        sum_a += x - pivot
                        mass_a += 1.0
                        if old_mass > 0.0:
                            step = x - pivot - old_level
                            gain_a += keep * old_mass / (mass_a + mass_b) * (step * step)
                            pairs_a += 2.0 * keep * old_mass
                        count += 1
                        least, most = min(least, x), max(most, x)
                    read += 1
                mass, pairs = mass_a + mass_b, pairs_a + pairs_b
                level = pivot + (sum_a + sum_b) / mass if mass > 0.0 else np.nan
                variance = (gain_a + gain_b) / mass * (mass * mass / pairs) if mass > 0.0 and pairs > 0.0 else np.nan
                deviation = math.sqrt(variance)
            n[row] = count
            if count > 0:
                centre[row] = least if least == most else level
                if least < most and deviation > max(tiny, flat * (most - least)):
                    scale[row] = deviation
    return n, centre, scale


@kept
def baselines(
    n: Places, mean: Vector, m2: Vector, low: Vector, high: Vector, ddof: int, least: float
) -> tuple[Places, Vector, Vector]:
    """n, centre and deviation, which is 0 where no values differ, or their variance is at most ``least``."""
    centre, scale = np.full(len(n), np.nan), np.zeros(len(n))
    for row in range(len(n)):
        if n[row] > 0:
            centre[row] = low[row] if low[row] == high[row] else mean[row]
            if low[row] < high[row] and n[row] > ddof and m2[row] / (n[row] - ddof) > least:
                scale[row] = math.sqrt(m2[row] / (n[row] - ddof))
    return n, centre, scale


@kept
def _of(columns: Columns, row: int) -> Moments:
    """The moments of a row."""
    n, mean, m2, low, high = columns
    return n[row], mean[row], m2[row], low[row], high[row]


@kept
def _both(left: Columns, right: Columns) -> Columns:
    """The moments of two pieces of a frame together, in the place of the left ones."""
    n, mean, m2, low, high = left
    for row in range(len(n)):
        n[row], mean[row], m2[row], low[row], high[row] = _joined(_of(left, row), _of(right, row))
    return left


def framed(values: Vector, starts: Places, pieces: Sequence[tuple[int, int]]) -> Columns:
    """The moments of a frame in one piece or two."""
    found: Columns = moments_around(values, starts, *pieces[0])
    for piece in pieces[1:]:
        found = _both(found, moments_around(values, starts, *piece))
    return found
