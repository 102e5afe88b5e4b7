"""Forecasts by autoregression with differences and moving errors: a numba kernel of one pass over a few orders.

Every order is a regression that is learned recursively, point by point, as extended least squares (Ljung and
Söderström 1983, Theory and Practice of Recursive Identification): the errors of its own forecasts are regressors too.
The orders run side by side, and the forecast is that of the one which has been off least lately. What outliers teach
is said in `forecast_kernels`; as an earlier value, too, an outlier counts as no farther from its forecast than that,
unless the next one is beyond on the same side. A new level moves what the series is measured from.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlnomaly.udfs.forecast_kernels import (
    LATELY,
    NEW_LEVEL,
    START,
    badness,
    clipped,
    counted_run,
    middle,
    next_scale,
    settle,
    typical,
)
from sqlnomaly.udfs.kept_kernels import jit

PRIOR = 100.0
"""The variance of a coefficient before anything is known, in squared units of the series."""
INVERTIBLE = 0.98
"""The largest coefficient of the last error: beyond 1 a forecast would hang on errors that are long past."""
AGAIN = 2
"""So many errors in a row beyond the reach on one side are no outliers to what is forecast from them."""
UNSURE = 5.0
"""What stands for the scale before there is one, in units of the series."""
FARTHEST = 1e100
"""The largest value, in units of the series: what is larger counts for so much."""
FORGETS = 0.999
"""What the evidence of a point counts after each further one: about a thousand points are remembered."""


@jit
def measured(values: Any) -> Any:
    """What the values are measured in: where to begin, the middle and the unit, and from where on these are known.

    They are those of the first ``START`` values, or where these are all equal, of the first one that differs. The unit
    is 0 where all values are equal.
    """
    size, count, begun = len(values), 0, -1
    seen = np.zeros(START)
    for at in range(size):
        if np.isnan(values[at]):
            continue
        if count < START:
            begun = at if begun < 0 else begun
            seen[count] = values[at]
            count += 1
            if count < START:
                continue
            base = middle(seen)
            away = np.abs(seen - base)
            unit = typical(away)
            unit = unit if unit > 0.0 else away.max()
            if unit > 0.0:
                return begun, base, unit, at
        elif values[at] != seen[0]:
            return begun, seen[0], abs(values[at] - seen[0]), at
    away = np.abs(seen[:count] - seen[0])
    return begun, seen[0], away.max() if count else 0.0, size


@jit
def differenced(series: Any, at: int, d: int, seasonal: int, period: int) -> Any:
    """The value of a place after ordinary and seasonal differences; 0 where the series does not reach so far back."""
    back = d + seasonal * period
    if at < back:
        return 0.0
    value = series[at]
    if d:
        value -= series[at - 1]
    if seasonal:
        value -= series[at - period]
        if d:
            value += series[at - period - 1]
    return value


@jit
def undone(series: Any, at: int, d: int, seasonal: int, period: int) -> Any:
    """What a difference lacks of the value of its place, which need not be known."""
    value = 0.0
    if d:
        value += series[at - 1]
    if seasonal:
        value += series[at - period]
        if d:
            value -= series[at - period - 1]
    return value


@jit
def regressors(series: Any, at: int, order: Any, error: float, period: int, row: Any) -> None:
    """What an order forecasts a place from: earlier differences, one a season ago, the last error, and a constant."""
    p, d, q, seasonal_p, seasonal_d = order
    row[:] = 0.0
    for k in range(p):
        if at - 1 - k >= 0:
            row[k] = differenced(series, at - 1 - k, d, seasonal_d, period)
    place = p
    if seasonal_p:
        if at - period >= 0:
            row[place] = differenced(series, at - period, d, seasonal_d, period)
        place += 1
    if q:
        row[place] = error
        place += 1
    if d + seasonal_d == 0:
        row[place] = 1.0


@jit
def autoregressed(values: Any, orders: Any, period: int, horizon: int) -> Any:
    """Forecasts from each point for those after it.

    Args:
        values: the series, NaN where a point has no value.
        orders: an order a row: p, d, q, and P and D of the season; q, d, P and D are 0 or 1.
        period: points of a season, 0 for none, where P and D are 0.
        horizon: how many points are forecast from each.

    Returns:
        The forecasts, shape (points, horizon), NaN where there is none; and the scale of the errors up to each point.
    """
    size, models = len(values), len(orders)
    width = 0
    for m in range(models):
        width = max(width, orders[m].sum() + 1)
    ahead, scales = np.full((size, horizon), np.nan), np.full(size, np.nan)
    theta, rows, error = np.zeros((models, width)), np.zeros((models, width)), np.zeros(models)
    spread = np.zeros((models, width, width))
    gain, losses, guess = np.zeros(width), np.zeros(models), np.zeros(models)
    for m in range(models):
        for k in range(width):
            spread[m, k, k] = PRIOR
    series = np.zeros(size + horizon)
    newest, scale, run, count = np.zeros(START), np.nan, 0, 0
    first, beyond = 0, 0.0
    best: Any = 0
    low, high = np.inf, -np.inf
    begun, base, unit, told_from = measured(values)
    if begun < 0:
        return ahead, scales
    for at in range(begun, size):
        known, here = not np.isnan(values[at]), at - begun
        x = min(max((values[at] - base) / unit, -FARTHEST), FARTHEST) if known and unit > 0.0 else 0.0
        if here == 0 or unit == 0.0:
            series[here] = clipped(x, UNSURE)
            count += 1 if known and here > 0 else 0
        else:
            for m in range(models):
                guess[m] = series[here - 1]
                if here >= orders[m, 1] + orders[m, 4] * period:
                    regressors(series, here, orders[m], error[m], period, rows[m])
                    guess[m] = told(series, here, orders[m], period, theta[m], rows[m], low, high)
            series[here] = guess[best]
            if not known:
                error[:] = 0.0
            else:
                off = x - guess[best]
                run = counted_run(off, scale, run)
                reach = UNSURE if np.isnan(scale) else scale
                if abs(run) < AGAIN:
                    series[here] = guess[best] + clipped(off, reach)
                    first, beyond = here, x
                else:
                    series[first], series[here] = beyond, x
                for m in range(models):
                    losses[m] = LATELY * losses[m] + badness(x - guess[m], scale)
                    error[m] = clipped(x - guess[m], reach)
                    if here >= orders[m, 1] + orders[m, 4] * period:
                        learn(theta[m], spread[m], rows[m], error[m], gain, orders[m])
                scale = next_scale(scale, off, count, newest)
                count += 1
                if count == START:
                    settle(losses, scale)
                best = np.argmin(losses)
        if known:
            low, high = min(low, x), max(high, x)
        if abs(run) >= NEW_LEVEL:
            moved = middle(newest)
            base += unit * moved
            series[first : here + 1] -= moved
            low, high, run = low - moved, high - moved, 0
            newest[:] = 0.0
        if unit == 0.0:
            ahead[at, :] = base
            scales[at] = 0.0 if count >= START else np.nan
        elif at >= told_from:
            scales[at] = scale * unit
            last = error[best]
            for h in range(horizon):
                later = here + 1 + h
                series[later] = series[later - 1]
                if later >= orders[best, 1] + orders[best, 4] * period:
                    regressors(series, later, orders[best], last, period, gain)
                    series[later] = told(series, later, orders[best], period, theta[best], gain, low, high)
                ahead[at, h] = base + unit * series[later]
                last = 0.0
        else:
            # Nothing is told before there are enough values, but that a series has been constant so far.
            ahead[at, :] = base + unit * low if low == high else np.nan
    return ahead, scales


@jit
def told(series: Any, at: int, order: Any, period: int, theta: Any, row: Any, low: float, high: float) -> Any:
    """The forecast of an order, no farther outside of the values so far than these are apart."""
    value = undone(series, at, order[1], order[4], period)
    for k in range(len(theta)):
        value += theta[k] * row[k]
    return min(max(value, 2.0 * low - high), 2.0 * high - low)


@jit
def learn(theta: Any, spread: Any, row: Any, error: float, gain: Any, order: Any) -> None:
    """One step of recursive least squares; coefficients and their spread are written to."""
    width = len(theta)
    norm = FORGETS
    for i in range(width):
        total = 0.0
        for k in range(width):
            total += spread[i, k] * row[k]
        gain[i] = total
        norm += total * row[i]
    if not norm > 0.0 or not np.isfinite(norm):
        return
    for i in range(width):
        theta[i] += gain[i] / norm * error
    for i in range(width):
        for k in range(width):
            less = (spread[i, k] - gain[i] * gain[k] / norm) / FORGETS
            spread[i, k] = less if abs(less) < 1e6 * PRIOR else spread[i, k]
    if order[2]:
        place = order[0] + order[3]
        theta[place] = min(max(theta[place], -INVERTIBLE), INVERTIBLE)
