"""change_point: the step where a new level or line begins, by seeded binary segmentation.

The season is the median of each phase around the centered mean of a period, less the median of these. Values beyond
three deviations from the median of the eleven (2 min_size + 1) around them are drawn in. A season that was found is
none where the series without it is levels, two at least, of less cost: squares in the deviation with the season, and
log n more for each phase with it.

sigma: near = 1.4826 median|d - median d| / sqrt(2), of differences d of neighbors; block = 1.4826 median|second
differences| / sqrt(6 b) of sums of b = max(5, n^(1/3)) values, 0 for fewer than eight sums. sigma = near, or block if
that is 0, at least 1e-10 of the range; but block, if it is larger and the median size of the steps found with near is
below 2.5 (sqrt(2 log n) + 1).

Intervals: the whole, and layers of length n 2^(-l / 2), evenly spread; in each the place that saves the most squares
(of at least 3 points a side for lines). The largest ones whose root is above a limit, sqrt(2 log n) + 1, or for lines
sqrt(3 log n) + 1, are taken, but for intervals that hold one already. Of levels and lines those count whose squares,
with those of the limit for each change and log n for lines, are fewer. A step is the difference of the pieces on both
sides, each led to the first point of the new one, in deviations of that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

from tests.reference.along_series.whole import NORMAL, clip, found_period, in_units


def season_of(values: list[float], period: int) -> list[float]:
    """The season of each point."""
    n, half = len(values), period // 2
    phases: list[list[float]] = [[] for _ in range(period)]
    for at in range(half, n - half):
        around = values[at - half : at + half + 1]
        weights = [1.0] * len(around) if period % 2 else [0.5, *[1.0] * (period - 1), 0.5]
        mean = math.fsum(w * x for w, x in zip(weights, around, strict=True)) / period
        phases[at % period].append(values[at] - mean)
    medians = [median(one) for one in phases]
    return [medians[at % period] - median(medians) for at in range(n)]


def drawn_in(values: list[float], reach: int) -> list[float]:
    n = len(values)
    middles = [median(values[min(max(at + k, 0), n - 1)] for k in range(-reach, reach + 1)) for at in range(n)]
    spread = NORMAL * median(abs(x - m) for x, m in zip(values, middles, strict=True))
    return [m + clip(x - m, 3 * spread) for x, m in zip(values, middles, strict=True)]


def spread_of(values: list[float]) -> float:
    away = [b - a for a, b in pairwise(values)]
    return NORMAL * median(abs(x - median(away)) for x in away) / math.sqrt(2) if len(values) >= 4 else 0.0


def block_of(values: list[float]) -> float:
    size = max(5, round(len(values) ** (1 / 3)))
    sums = [math.fsum(values[at : at + size]) for at in range(0, len(values) - size + 1, size)]
    bends = [a - 2 * b + c for a, b, c in zip(sums, sums[1:], sums[2:], strict=False)]
    return NORMAL * median(abs(x) for x in bends) / math.sqrt(6 * size) if len(sums) >= 8 else 0.0


@dataclass(frozen=True)
class Piece:
    """A level or a line: its value at a place, and the variance of that in variances of a value."""

    begin: int
    size: int
    level: float
    slope: float
    sloped: bool

    def at(self, place: int) -> float:
        return self.level + self.slope * (place - self.begin - (self.size - 1) / 2)

    def unsure(self, place: int) -> float:
        away, spread = place - self.begin - (self.size - 1) / 2, self.size * (self.size**2 - 1) / 12
        return 1 / self.size + (away**2 / spread if self.sloped else 0.0)


def piece(values: list[float], begin: int, end: int, sloped: bool) -> Piece:
    size, level = end - begin, fmean(values[begin:end])
    away = [k - (size - 1) / 2 for k in range(size)]
    slope = math.fsum(k * (x - level) for k, x in zip(away, values[begin:end], strict=True)) if sloped else 0.0
    return Piece(begin, size, level, slope / math.fsum(k * k for k in away) if sloped else 0.0, sloped)


def left_by(values: list[float], one: Piece) -> float:
    return math.fsum((values[at] - one.at(at)) ** 2 for at in range(one.begin, one.begin + one.size))


def intervals(n: int, least: int) -> list[tuple[int, int]]:
    found, layer = [(0, n)], 1
    while (length := math.ceil(n * 0.5 ** (layer / 2))) >= 2 * least:
        count = 2 * math.ceil(2 ** (layer / 2)) - 1
        starts = sorted({math.floor(k * (n - length) / max(count - 1, 1)) for k in range(count)})
        found += [(start, start + length) for start in starts]
        layer += 1
    return found


def places(values: list[float], least: int, limit: float, sloped: bool) -> list[int]:
    n = len(values)
    if n < 2 * least:
        return []
    splits = []
    for number, (begin, end) in enumerate(intervals(n, least)):
        whole, saved = piece(values, begin, end, sloped), {}
        rest = [0.0] * begin + [values[at] - whole.at(at) for at in range(begin, end)]
        for at in range(begin + least, end - least + 1):
            sides = piece(rest, begin, at, sloped), piece(rest, at, end, sloped)
            saved[at] = math.fsum(one.at(k) ** 2 for one in sides for k in range(one.begin, one.begin + one.size))
        at = max(saved, key=lambda at: saved[at])
        splits.append((-math.sqrt(saved[at]), number, begin, at, end))
    found: list[int] = []
    for saved_by, _, begin, at, end in sorted(splits):
        if -saved_by > limit and not any(begin < one < end for one in found):
            found.append(at)
    return sorted(found)


def pieces(values: list[float], least: int) -> list[Piece]:
    """The levels or lines, in units of sigma."""
    found = []
    for sloped in (False, True):
        log = math.log(len(values))
        limit = math.sqrt((3 if sloped else 2) * log) + 1
        edges = [0, *places(values, max(least, 3) if sloped else least, limit, sloped), len(values)]
        own = [piece(values, begin, end, sloped) for begin, end in pairwise(edges)]
        cost = math.fsum(left_by(values, one) for one in own) + limit**2 * (len(own) - 1) + log * sloped
        found.append((cost, own))
    return found[0][1] if found[0][0] <= found[1][0] else found[1][1]


def steps_of(own: list[Piece]) -> list[float]:
    """The step at the begin of each piece but the first."""
    return [
        (right.at(right.begin) - left.at(right.begin)) / math.sqrt(left.unsure(right.begin) + right.unsure(right.begin))
        for left, right in pairwise(own)
    ]


def found_in(flat: list[float], least: int) -> tuple[list[Piece], float]:
    block = block_of(flat)
    sigma = max(spread_of(flat) or block, 1e-10 * (max(flat) - min(flat)), 1e-14)
    own = pieces([x / sigma for x in flat], least)
    sizes = [abs(step) for step in steps_of(own)]
    if sizes and block > sigma and median(sizes) < 2.5 * (math.sqrt(2 * math.log(len(flat))) + 1):
        return pieces([x / block for x in flat], least), block
    return own, sigma


def cost(flat: list[float], own: list[Piece], sigma: float, scale: float) -> float:
    """The squares that pieces in units of sigma leave, in units of scale, and what their changes cost."""
    left = math.fsum(left_by([x / sigma for x in flat], one) for one in own)
    log, sloped = math.log(len(flat)), own[0].sloped
    limit = math.sqrt((3 if sloped else 2) * log) + 1
    return left * (sigma / scale) ** 2 + limit**2 * (len(own) - 1) + log * sloped


def known(
    values: list[float | None], *, period: int | str = "auto", min_size: int = 5
) -> list[dict[str, float | None]]:
    """n, centre, scale and signed step of each point."""

    def judged(series: list[float]) -> list[dict[str, float]]:
        n = len(series)
        turn = found_period(list(series)) if period == "auto" else period
        season = [0.0] * n
        flat = drawn_in(series, min_size)
        own, sigma = found_in(flat, min_size)
        if turn and 2 * turn <= n:
            seasons = season_of(series, turn)
            rest = drawn_in([x - s for x, s in zip(series, seasons, strict=True)], min_size)
            within, scale = found_in(rest, min_size)
            stairs = len(own) > 1 and not own[0].sloped and period == "auto"
            less = cost(flat, own, sigma, scale) < cost(rest, within, scale, scale) + turn * math.log(n)
            if not (stairs and less):
                season, own, sigma = seasons, within, scale
        rows = [
            {"centre": sigma * one.at(at) + season[at], "scale": sigma, "step": 0.0}
            for one in own for at in range(one.begin, one.begin + one.size)
        ]  # fmt: skip
        for (left, right), step in zip(pairwise(own), steps_of(own), strict=True):
            at = right.begin
            rows[at] = {"centre": sigma * left.at(at) + season[at], "scale": sigma, "step": step}
        return rows

    return in_units(values, judged)
