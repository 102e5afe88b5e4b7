"""Forecasts by autoregression with differences and moving errors: a numba kernel of one pass over a few orders.

Every order is a regression that is learned recursively, point by point, as extended least squares (Ljung and
Söderström 1983, Theory and Practice of Recursive Identification): the errors of its own forecasts are regressors too.
The orders run side by side, and the forecast is that of the one which has been off least so far. What outliers teach
is said in `forecast_kernels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlnomaly.udfs.forecast_kernels import START, clipped, counted_run, jit, next_scale

PRIOR = 100.0
"""The variance of a coefficient before anything is known, in squared units of the series."""
INVERTIBLE = 0.98
"""The largest coefficient of the last error: beyond 1 a forecast would hang on errors that are long past."""
FORGETS = 0.999
"""What the evidence of a point counts after each further one: about a thousand points are remembered."""


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
    first, scale, run, count, begun = np.zeros(START), np.nan, 0, 0, -1
    best: Any = 0
    base, unit, low, high = 0.0, 0.0, 0.0, 0.0
    for at in range(size):
        known = not np.isnan(values[at])
        if begun < 0:
            if not known:
                continue
            # All is learned of the distance from the first value, in units of the first one that differs.
            begun, base = at, values[at]
        if unit == 0.0 and known and values[at] != base:
            unit = abs(values[at] - base)
        x = (values[at] - base) / unit if known and unit > 0.0 else 0.0
        here = at - begun
        if here > 0 and unit > 0.0:
            for m in range(models):
                if here >= orders[m, 1] + orders[m, 4] * period:
                    regressors(series, here, orders[m], error[m], period, rows[m])
                    told = undone(series, here, orders[m, 1], orders[m, 4], period)
                    for k in range(width):
                        told += theta[m, k] * rows[m, k]
                    guess[m] = min(max(told, 2.0 * low - high), 2.0 * high - low)
                else:
                    guess[m] = series[here - 1]
            if not known:
                series[here] = guess[best]
                error[:] = 0.0
            else:
                series[here] = x
                off = x - guess[best]
                run = counted_run(off, scale, run)
                for m in range(models):
                    wrong = x - guess[m]
                    losses[m] += min(abs(wrong), 1e150)
                    error[m] = clipped(wrong, scale, run)
                    if here >= orders[m, 1] + orders[m, 4] * period:
                        learn(theta[m], spread[m], rows[m], error[m], gain, orders[m])
                scale = next_scale(scale, off, count, first)
                count += 1
                best = np.argmin(losses)
        elif known:
            count += 1 if here > 0 else 0
            if here > 0 and count <= START:
                first[count - 1] = 0.0
                scale = 0.0 if count == START else np.nan
        if known:
            low, high = min(low, x), max(high, x)
        scales[at] = scale * max(unit, 0.0)
        if unit == 0.0:
            ahead[at, :] = base
            continue
        last = error[best]
        for h in range(horizon):
            later = here + 1 + h
            if later < orders[best, 1] + orders[best, 4] * period:
                told = series[later - 1]
            else:
                regressors(series, later, orders[best], last, period, gain)
                told = undone(series, later, orders[best, 1], orders[best, 4], period)
                for k in range(width):
                    told += theta[best, k] * gain[k]
            series[later] = min(max(told, 2.0 * low - high), 2.0 * high - low)
            ahead[at, h] = base + unit * series[later]
            last = 0.0
    return ahead, scales


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
