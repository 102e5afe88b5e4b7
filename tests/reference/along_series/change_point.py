"""change_point: the step of the mean where a new level begins, by seeded binary segmentation.

The season is the median of each phase less the median of these. Values beyond three deviations from the median of
the eleven (2 min_size + 1) around them are drawn in. sigma: the larger one of the scaled median size of differences
of neighbors, and of blocks of max(5, n^(1/3)) values if there are eight, over sqrt(2 size); at least 1e-10 of the
range. Intervals: the whole, and layers of length n 2^(-l / 2), evenly spread; in each the place with the largest step
|mean - mean| sqrt(a b / (a + b)) / sigma; the largest ones above sqrt(2 log n) + 1 are taken, but for intervals that
hold one already.
"""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import fmean, median

from tests.reference.along_series.whole import NORMAL, clip, found_period, in_phase, in_units


def drawn_in(values: list[float], reach: int) -> list[float]:
    n = len(values)
    middles = [
        median(values[min(max(at + k, 0), n - 1)] for k in range(-reach, reach + 1)) for at in range(n)
    ]
    spread = NORMAL * median(abs(x - m) for x, m in zip(values, middles, strict=True))
    return [m + clip(x - m, 3 * spread) for x, m in zip(values, middles, strict=True)]


def sigma_of(values: list[float]) -> float:
    found = [1e-10 * (max(values) - min(values)), 1e-14]
    for size in (1, max(5, round(len(values) ** (1 / 3)))):
        sums = [math.fsum(values[at : at + size]) for at in range(0, len(values) - size + 1, size)]
        if len(values) >= 4 and (size == 1 or len(sums) >= 8):
            steps = [abs(b - a) for a, b in pairwise(sums)]
            found.append(NORMAL * median(steps) / math.sqrt(2 * size))
    return max(found)


def intervals(n: int, least: int) -> list[tuple[int, int]]:
    found, layer = [(0, n)], 1
    while (length := math.ceil(n * 0.5 ** (layer / 2))) >= 2 * least:
        count = 2 * math.ceil(2 ** (layer / 2)) - 1
        starts = sorted({math.floor(k * (n - length) / max(count - 1, 1)) for k in range(count)})
        found += [(start, start + length) for start in starts]
        layer += 1
    return found


def places(values: list[float], sigma: float, least: int) -> list[int]:
    n = len(values)
    if n < 2 * least:
        return []
    splits = []
    for number, (begin, end) in enumerate(intervals(n, least)):
        steps = {}
        for at in range(begin + least, end - least + 1):
            weight = math.sqrt((at - begin) * (end - at) / (end - begin))
            steps[at] = abs(fmean(values[at:end]) - fmean(values[begin:at])) * weight
        at = max(steps, key=lambda at: steps[at])
        splits.append((-steps[at] / sigma, number, begin, at, end))
    found: list[int] = []
    for step, _, begin, at, end in sorted(splits):
        if -step > math.sqrt(2 * math.log(n)) + 1 and not any(begin < one < end for one in found):
            found.append(at)
    return sorted(found)


def known(
    values: list[float | None], *, period: int | str = "auto", min_size: int = 5
) -> list[dict[str, float | None]]:
    """n, centre, scale and signed step of each point."""

    def judged(series: list[float]) -> list[dict[str, float]]:
        n = len(series)
        turn = found_period(list(series)) if period == "auto" else period
        season = [0.0] * n
        if turn and 2 * turn <= n:
            medians = in_phase(series, turn)
            season = [one - median(medians[:turn]) for one in medians]
        flat = drawn_in([x - s for x, s in zip(series, season, strict=True)], min_size)
        sigma = sigma_of(flat)
        edges = [0, *places(flat, sigma, min_size), n]
        rows = []
        for number, (begin, end) in enumerate(pairwise(edges)):
            mean = fmean(flat[begin:end])
            for at in range(begin, end):
                row = {"centre": mean + season[at], "scale": sigma, "step": 0.0}
                if at == begin and number:
                    before = flat[edges[number - 1] : begin]
                    weight = math.sqrt(len(before) * (end - begin) / (len(before) + end - begin))
                    row = row | {"centre": fmean(before) + season[at], "step": (mean - fmean(before)) * weight / sigma}
                rows.append(row)
        return rows

    return in_units(values, judged)
