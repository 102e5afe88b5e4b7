"""stl and mstl: what season and trend leave, in robust deviations; statsmodels draws the curves.

Values are drawn in to ten deviations from a median slope, the medians around each point and the medians of its phase;
then a robust curve, two rounds; its rest, drawn in to three deviations, is put back, and a curve that is not robust is
the last one. STL: 25 turns of a season, three of the trend, in steps of a tenth; of several seasons each in turn
without the others, twice. Without one: LOWESS over 0.3 of the points, straight within 0.01 of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np
from statsmodels.nonparametric.smoothers_lowess import lowess
from statsmodels.tsa.seasonal import STL

from tests.reference.along_series.whole import NORMAL, clip, in_phase, in_units


def calm(values: list[float], period: int) -> list[float]:
    n, season = len(values), period or 1
    far = max(n // 2 // season, 1) * season
    slope = median((values[at + far] - values[at]) / far for at in range(n - far)) if far < n else 0.0
    flat = [x - slope * at for at, x in enumerate(values)]
    around = min(-(-7 // season) * season, n)
    ring = flat[:around] + flat + flat[-around:]
    half = (around + 1 - around % 2) // 2
    middles = [median(ring[at + around - half : at + around + half + 1]) for at in range(n)]
    level = [x - m for x, m in zip(flat, middles, strict=True)]
    away = [x - s for x, s in zip(level, in_phase(level, season), strict=True)]
    limit = 10 * NORMAL * median(abs(x) for x in away)
    return [x - a + clip(a, limit) for x, a in zip(values, away, strict=True)]


def curve(values: Sequence[float], periods: Sequence[int], rounds: int) -> list[float]:
    x = np.array(values)
    if not periods:
        return list(lowess(x, np.arange(len(x)), frac=0.3, it=rounds, delta=0.01 * len(x), return_sorted=False))
    parts = {period: np.zeros(len(x)) for period in periods}
    for _ in range(min(len(periods), 2)):
        for period in periods:
            rest = x - sum(part for one, part in parts.items() if one != period)
            trend, low = 3 * period | 1, (period + 1) | 1
            jumps = {"trend_jump": max(trend // 10, 1), "low_pass_jump": max(low // 10, 1)}
            model = STL(rest, period=period, seasonal=25, trend=trend, robust=rounds > 0, **jumps)
            found = model.fit(outer_iter=rounds)
            parts[period] = found.seasonal
    return list(found.trend + sum(parts.values()))


def known(values: list[float | None], *, periods: Sequence[int]) -> list[dict[str, float | None]]:
    """n, centre and scale of each point."""

    def judged(series: list[float]) -> list[dict[str, float]]:
        turning = sorted(period for period in periods if 0 < 2 * period <= len(series))
        first = curve(calm(series, max(turning, default=0)), turning, 2)
        rest = [x - f for x, f in zip(series, first, strict=True)]
        middle = median(rest)
        reach = 3 * NORMAL * median(abs(r - middle) for r in rest)
        last = curve([f + middle + clip(r - middle, reach) for f, r in zip(first, rest, strict=True)], turning, 0)
        own = [x - f for x, f, value in zip(series, last, values, strict=True) if value is not None]
        level = median(own)
        away = median(abs(x - median(series)) for x in series)
        scale = max(NORMAL * median(abs(r - level) for r in own), 1e-5 * away, 1e-14)
        return [{"centre": f + level, "scale": scale} for f in last]

    return in_units(values, judged)
