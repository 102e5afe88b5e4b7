"""Whole series: missing values are filled by straight lines, and a season is the median of a phase.

A period repeats itself at its multiples and not half-way between: see `found_period`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import fmean, median

NORMAL = 1.482602218505602


def filled(values: list[float | None]) -> list[float]:
    """Each missing value on the line between its neighbors, at the ends the next one."""
    there = [at for at, x in enumerate(values) if x is not None]
    found = []
    for at, x in enumerate(values):
        before = max((place for place in there if place <= at), default=there[0])
        after = min((place for place in there if place >= at), default=there[-1])
        if x is not None or before >= after:
            found.append(values[min(max(at, there[0]), there[-1])] if x is None else x)
        else:
            share = (at - before) / (after - before)
            found.append(values[before] * (1 - share) + values[after] * share)
    return found


def in_units(
    values: list[float | None], judged: Callable[[list[float]], list[dict[str, float]]]
) -> list[dict[str, float | None]]:
    """What is known of each point, by a rule that sees the series in units of its range around its median."""
    seen = [x for x in values if x is not None]
    if not seen or min(seen) == max(seen):
        return [{"n": len(seen), "centre": seen[0] if seen else None, "scale": 0.0}] * len(values)
    base, unit = median(seen), max(seen) - min(seen)
    rows = judged([(x - base) / unit for x in filled(values)])
    return [
        {"n": len(seen), **row, "centre": base + unit * row["centre"], "scale": unit * row["scale"]} for row in rows
    ]


def in_phase(values: list[float], period: int) -> list[float]:
    """The median of each point's phase."""
    medians = [median(values[phase::period]) for phase in range(min(period, len(values)))]
    return [medians[at % period] for at in range(len(values))]


def clip(x: float, reach: float) -> float:
    return math.copysign(min(abs(x), reach), x)


def found_period(values: list[float | None]) -> int:
    """The period, 0 for none.

    The mean autocorrelation r at its multiples, up to ten and to two thirds of the series, weighted by pairs, is at
    least 0.3; so it is minus the same half a period before each; and both exceed
    (sqrt(2 log K) + 1) sqrt(B / pairs), K = n // 3, where that is below 0.85. B = 1 + 2 sum r^2 before the first dip.
    The highest one, or the smallest part of it that has 0.9 of it less two deviations.
    """
    n, there = len(values), [at for at, x in enumerate(values) if x is not None]
    own = [values[at] for at in there]
    if len(there) < 6 or min(own) == max(own):
        return 0
    at_mean, mean = fmean(there), fmean(own)
    slope = sum((at - at_mean) * (x - mean) for at, x in zip(there, own, strict=True))
    slope /= sum((at - at_mean) ** 2 for at in there)
    rest = [x - mean - slope * (at - at_mean) for at, x in zip(there, own, strict=True)]
    middle = median(rest)
    spread = 1.4826 * median(abs(x - middle) for x in rest)
    rest = [middle + clip(x - middle, 3 * spread) for x in rest] if spread else rest
    flat = [0.0] * n
    for at, x in zip(there, rest, strict=True):
        flat[at] = x - fmean(rest)
    if sum(x * x for x in flat) <= 1e-20 * max(abs(x) for x in own) ** 2:
        return 0
    known = [x is not None for x in values]
    variance = sum(x * x for x in flat) / len(there)
    pairs = [sum(known[at] and known[at + lag] for at in range(n - lag)) for lag in range(n)]
    r = [
        math.fsum(flat[at] * flat[at + lag] for at in range(n - lag)) / pairs[lag] / variance if pairs[lag] else 0.0
        for lag in range(n)
    ]
    longest = n // 3
    dip = next((lag for lag, one in enumerate(r) if one < 0), longest)
    alike = 1 + 2 * sum(one * one for one in r[1:dip])
    found: dict[int, tuple[float, float]] = {}
    for period in range(2, longest + 1):
        lags = [k * period for k in range(1, 11) if k * period <= 2 * n // 3]
        total = sum(pairs[lag] for lag in lags)
        if total:
            strength = sum(pairs[lag] * r[lag] for lag in lags) / total
            between = [(r[lag - period // 2] + r[lag - (period + 1) // 2]) / 2 for lag in lags]
            contrast = strength - sum(pairs[lag] * b for lag, b in zip(lags, between, strict=True)) / total
            chance = (math.sqrt(2 * math.log(longest)) + 1) * math.sqrt(alike / total)
            if min(strength, contrast) >= max(0.3, min(chance, 0.85)):
                found[period] = (strength, 2 / math.sqrt(total))
    if not found:
        return 0
    best = max(found, key=lambda period: found[period][0])
    least = 0.9 * found[best][0] - found[best][1]
    return next(one for one in found if best % one == 0 and (one == best or found[one][0] >= least))
