"""Loops over the ages of many series: quantiles of what lies before the rows, renewed when that is a tenth more.

As ``pushdown.ages`` says them in SQL. Rows of one lane follow another, each in its order; ``first`` is, for each row,
the first of its peers, and what lies before that is its past.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.kept_kernels import kept

Vector = NDArray[np.float64]
Places = NDArray[np.int64]

MOST = 1 << 20
"""Slots of which each series may have a counter."""


@kept
def _selected(x: Vector, size: int, rank: int) -> float:
    """The value of that rank, from 0, among the first ones, which are moved (Hoare's quickselect)."""
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) // 2
        a, b, c = x[low], x[middle], x[high]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high
        while i <= j:
            while x[i] < pivot:
                i += 1
            while x[j] > pivot:
                j -= 1
            if i <= j:
                x[i], x[j] = x[j], x[i]
                i += 1
                j -= 1
        if rank <= j:
            high = j
        elif rank >= i:
            low = i
        else:
            break
    return float(x[rank])


@kept
def quantile(x: Vector, size: int, share: float) -> float:
    """The Hyndman-Fan type 7 quantile of the first values, which are moved; NaN of none."""
    if size == 0:
        return np.nan
    position = (size - 1) * share
    rank = math.floor(position)
    below: float = _selected(x, size, rank)
    if position == rank or rank + 1 >= size:
        return below
    above = x[rank + 1]
    for at in range(rank + 2, size):
        above = min(above, x[at])
    return float(below + (above - below) * (position - rank))


@kept
def merge_tail(x: Vector, done: int, size: int) -> None:
    """Puts the first values in order, of which the first ``done`` are."""
    tail = np.sort(x[done:size])
    left, right = done - 1, size - done - 1
    for at in range(size - 1, -1, -1):
        if right < 0:
            break
        if left >= 0 and x[left] > tail[right]:
            x[at] = x[left]
            left -= 1
        else:
            x[at] = tail[right]
            right -= 1


@kept
def middle_of(x: Vector, size: int) -> tuple[float, float]:
    """Median and MAD of the first values, which are in order; both as ``quantile`` gives them."""
    if size == 0:
        return np.nan, np.nan
    rank = (size - 1) // 2
    half = (size - 1) * 0.5 - rank
    middle = x[rank] if half == 0.0 else x[rank] + (x[rank + 1] - x[rank]) * half
    right = rank
    while right < size and x[right] <= middle:
        right += 1
    left = right - 1
    near = far = 0.0
    # Distances from the median grow to both sides: the next one is that of either neighbour.
    for at in range(min(rank + 2, size)):
        if right >= size or left >= 0 and middle - x[left] <= x[right] - middle:
            away = middle - x[left]
            left -= 1
        else:
            away = x[right] - middle
            right += 1
        if at <= rank:
            near = away
        far = away
    return middle, near if half == 0.0 else near + (far - near) * half


@kept
def age_of(place: int, growth: float) -> int:
    """The number of the age of a row with so many rows before it."""
    return math.floor(math.log(max(place, 1) - 0.25) / growth)


@kept
def ages_of(starts: Places, growth: float) -> Places:
    """The age of a row by the rows before it, up to the longest lane: a logarithm for each row of all takes long."""
    longest = 0
    for lane in range(len(starts) - 1):
        longest = max(longest, starts[lane + 1] - starts[lane])
    ages = np.empty(longest, np.int64)
    for place in range(longest):
        ages[place] = age_of(place, growth)
    return ages


@kept
def medians_before(
    values: Vector, starts: Places, first: Places, least: int, growth: float
) -> tuple[Places, Vector, Vector]:
    """Count, median and MAD of the values before the age of each row; a count of -1 where it has no age yet."""
    size = len(values)
    n, median, mad = np.full(size, -1, np.int64), np.full(size, np.nan), np.full(size, np.nan)
    ages = ages_of(starts, growth)
    seen = np.empty(len(ages))
    for lane in range(len(starts) - 1):
        begin, count, read, age = starts[lane], 0, starts[lane], -1
        held, middle, spread = -1, np.nan, np.nan
        for row in range(begin, starts[lane + 1]):
            place = first[row] - begin
            if place < least:
                continue
            own = ages[place]
            if own != age:
                age, done = own, count
                while read < first[row]:
                    if not math.isnan(values[read]):
                        seen[count] = values[read]
                        count += 1
                    read += 1
                merge_tail(seen, done, count)
                held = count
                middle, spread = middle_of(seen, count)
            n[row], median[row], mad[row] = held, middle, spread
    return n, median, mad


@kept
def tails_before(
    misses: Vector, starts: Places, first: Places, least: int, growth: float, share: float
) -> tuple[Places, Vector]:
    """Count and quantile of the values before the age of each row; a count of -1 where it has no age yet."""
    size = len(misses)
    n, tail = np.full(size, -1, np.int64), np.full(size, np.nan)
    ages = ages_of(starts, growth)
    # What has been seen stays in the buffer, in any order.
    seen = np.empty(len(ages))
    for lane in range(len(starts) - 1):
        begin, count, read, age = starts[lane], 0, starts[lane], -1
        held, found = -1, np.nan
        for row in range(begin, starts[lane + 1]):
            place = first[row] - begin
            if place < least:
                continue
            own = ages[place]
            if own != age:
                age = own
                while read < first[row]:
                    if not math.isnan(misses[read]):
                        seen[count] = misses[read]
                        count += 1
                    read += 1
                held, found = count, quantile(seen, count, share)
            n[row], tail[row] = held, found
    return n, tail


@kept
def by_slot(starts: Places, first: Places, slots: Places, most: int) -> tuple[Places, Places, Places]:
    """The rows of each slot of each series, one lane after another.

    Args:
        starts: of the series.
        first: the first of each row's peers.
        slots: of each row, from 0.
        most: how many there are.

    Returns:
        The order of the rows, where each lane begins, and the first of each row's peers in its lane.
    """
    size = len(slots)
    order, firsts = np.empty(size, np.int64), np.empty(size, np.int64)
    lanes = np.empty(size + 1, np.int64)
    counts = np.zeros(most + 1, np.int64)
    total = 0
    for series in range(len(starts) - 1):
        begin, end = starts[series], starts[series + 1]
        counts[:] = 0
        for row in range(begin, end):
            counts[slots[row] + 1] += 1
        for slot in range(most):
            if counts[slot + 1] > 0:
                lanes[total] = begin + counts[slot]
                total += 1
            counts[slot + 1] += counts[slot]
        for row in range(begin, end):
            at = begin + counts[slots[row]]
            counts[slots[row]] += 1
            order[at] = row
    lanes[total] = size
    for lane in range(total):
        for at in range(lanes[lane], lanes[lane + 1]):
            same = at > lanes[lane] and first[order[at]] == first[order[at - 1]]
            firsts[at] = firsts[at - 1] if same else at
    return order, lanes[: total + 1], firsts


@kept
def _spread(
    n: Places,
    mad: Vector,
    misses: Places,
    tail: Vector,
    quartile: float,
    edge: float,
    uneven: float,
    least: float,
) -> tuple[Places, Vector]:
    """The fewer of both counts, and the root of the mean square of both deviations."""
    count, scale = np.zeros(len(n), np.int64), np.zeros(len(n))
    for row in range(len(n)):
        count[row] = max(min(n[row], misses[row]), 0)
        slot = 0.0 if math.isnan(mad[row]) else mad[row] / quartile
        series = 0.0 if math.isnan(tail[row]) else tail[row] / edge
        wide, narrow = max(slot, series), min(slot, series)
        if wide > least:
            ratio = narrow / wide
            square = ratio * ratio if ratio > uneven else 0.0
            scale[row] = wide * math.sqrt(0.5 * (1.0 + square))
    return count, scale


@kept
def _put(
    order: Places, enough: int, found: tuple[Places, Vector, Vector], into: tuple[Places, Vector, Vector]
) -> None:
    """Writes what was found of slots, in their order, where there are enough values."""
    for at in range(len(order)):
        if found[0][at] >= enough:
            row = order[at]
            into[0][row], into[1][row], into[2][row] = found[0][at], found[1][at], found[2][at]


def numbers_of(slots: Sequence[Places], size: int) -> tuple[Places, int]:
    """A number from 0 for each combination of slots, and how many there may be."""
    combined, count = np.zeros(size, np.int64), 1
    for slot in slots:
        most = int(slot.max(initial=0)) + 1
        combined, count = combined * most + slot, count * most
        if count > MOST:
            known, combined = np.unique(combined, return_inverse=True)
            count = len(known)
    return combined, count


def seasonal_before(
    values: Vector,
    starts: Places,
    first: Places,
    slots: Sequence[Places],
    enough: int,
    growth: float,
    share: float,
    quartile: float,
    edge: float,
    uneven: float,
    least: float,
) -> tuple[Places, Vector, Vector]:
    """n, centre and scale of each row, as ``seasonal`` says them.

    Args:
        values: of a feature.
        starts: where each series begins.
        first: the first of each row's peers.
        slots: from the coarse to the fine.
        enough: how many values a slot, and a series, must have.
        growth: the logarithm of an age's growth.
        share: of the misses that lie below their tail.
        quartile: what MAD is divided by.
        edge: what the tail is divided by.
        uneven: a ratio of both deviations that does not count.
        least: a deviation that does not count.
    """
    size = len(values)
    held = (np.full(size, -1, np.int64), np.full(size, np.nan), np.full(size, np.nan))
    for depth in range(1, len(slots) + 1) if slots else range(1):
        numbers, count = numbers_of(slots[:depth], size)
        order, lanes, peers = by_slot(starts, first, numbers, count)
        _put(order, enough, medians_before(values[order], lanes, peers, enough, growth), held)
    n, centre, mad = held
    misses, tail = tails_before(np.abs(values - centre), starts, first, enough, growth, share)
    counts, scale = _spread(n, mad, misses, tail, quartile, edge, uneven, least)
    return counts, centre, scale
