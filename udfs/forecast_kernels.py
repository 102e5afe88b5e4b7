"""What comes next in a series, by many small models side by side: numba kernels that look at no later point.

Every point is first forecast and then learned from. All models of a grid do so side by side, and the forecast is that
of the model whose forecasts have been off least lately (Dawid 1984, doi:10.2307/2981683: forecasts are judged by what
came), so that nothing is fitted to points that are still to be judged, and the cost is one pass. An error that is far
beyond the others teaches no more than one of two scales would, so that an outlier hides nothing after it (Gelper,
Fried, Croux 2010, doi:10.1002/for.1125); but several in a row on one side are a new level, which is learned as the
first one was, and most of several beyond the reach are a new scale.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.kept_kernels import kept
from sqlnomaly.udfs.mad import MEDIAN

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

REACH = 2.0
"""An error teaches no more than one of so many scales."""
BOUND = 2.52
"""What an error beyond that counts for in the squared scale: so the scale of normal errors is their deviation."""
START = 8
"""Errors whose median gives the first scale."""
NEW_LEVEL = 8
"""So many errors in a row beyond ``REACH``, all on one side, are no outliers."""
NEW_SCALE, EITHER = 5, 2
"""So many of the newest ``START`` errors beyond ``REACH``, so many on either side, are none either but a new scale."""
QUIET, EARLY = 0.1, 50
"""Among the first so many errors the scale is that of the newest ``START`` too where all are below so much of it."""
WORST = 4.0
"""An error is no worse for its model than one of so many scales."""
LATELY = 0.998
"""What the badness of an error counts after each further one: about five hundred are remembered."""
MEMORY = 0.02
"""The weight of the newest error in the scale, once there are as many as that is a share of."""


@kept
def middle(values: Any) -> Any:
    """The median, compiled once."""
    return np.median(values)


@kept
def typical(errors: Any) -> Any:
    """The deviation of normal errors whose sizes have this median."""
    return MEDIAN * middle(np.abs(errors))


@kept
def clipped(error: float, scale: float) -> Any:
    """What a model learns of an error: all of it without a scale."""
    if not scale > 0.0:
        return error
    return min(max(error, -REACH * scale), REACH * scale)


@kept
def badness(error: float, scale: float) -> Any:
    """How bad an error is, in scales; in units of the series as long as there is no scale."""
    if np.isnan(scale):
        return min(abs(error), 1e150)
    if scale > 0.0:
        return min(abs(error) / scale, WORST)
    return WORST if error != 0.0 else 0.0


@kept
def settle(losses: Any, scale: float) -> None:
    """Turns the badness of the first errors, in units of the series, to scales; it is written to."""
    for m in range(len(losses)):
        if losses[m] > 0.0:
            losses[m] = min(losses[m] / scale, START * WORST) if scale > 0.0 else START * WORST


@kept
def counted_run(error: float, scale: float, run: int) -> int:
    """Errors in a row beyond the reach, up to this one: above 0 on the upper side, below on the lower."""
    if not scale > 0.0 or abs(error) <= REACH * scale:
        return 0
    if error > 0.0:
        return run + 1 if run > 0 else 1
    return run - 1 if run < 0 else -1


@kept
def next_scale(scale: float, error: float, count: int, newest: Any) -> Any:
    """The scale after one more error; NaN before there are enough.

    Args:
        scale: the scale before it.
        error: the error.
        count: the errors before it.
        newest: the last ``START`` errors, which is written to.
    """
    newest[count % START] = error
    if count < START - 1:
        return np.nan
    if count == START - 1:
        return typical(newest)
    if not scale > 0.0:
        return abs(error) * np.sqrt(MEMORY)
    ratio = abs(error) / scale
    above = below = quiet = 0
    for one in newest:
        above += 1 if one > REACH * scale else 0
        below += 1 if one < -REACH * scale else 0
        quiet += 1 if abs(one) < QUIET * scale else 0
    loud = ratio > REACH and above + below >= NEW_SCALE and min(above, below) >= EITHER
    if loud or (count < EARLY and quiet == START):
        found = typical(newest)
        if found > 0.0:
            return found
    if ratio > REACH:
        square = BOUND
    else:
        rest = 1.0 - (ratio / REACH) ** 2
        square = BOUND * (1.0 - rest * rest * rest)
    weight = max(1.0 / (count + 1.0), MEMORY)
    return scale * np.sqrt(weight * square + (1.0 - weight))


@kept
def smoothed(values: Any, grid: Any, period: int, horizon: int) -> Any:
    """Forecasts by exponential smoothing with an additive trend and season, from each point for those after it.

    Args:
        values: the series, NaN where a point has no value.
        grid: a model a row: the weights of the newest error in level, trend and season, the trend's as a share of the
            level's; and what the trend is multiplied by with each step.
        period: points of a season, 0 for none; a phase is known from its first value on.
        horizon: how many points are forecast from each.

    Returns:
        The forecasts, shape (points, horizon), NaN where there is none; and the scale of the errors up to each point.
    """
    size, models = len(values), len(grid)
    ahead, scales = np.full((size, horizon), np.nan), np.full(size, np.nan)
    level, trend, losses, error = np.zeros(models), np.zeros(models), np.zeros(models), np.zeros(models)
    season, learned = np.zeros((max(period, 1), models)), np.zeros(max(period, 1), dtype=np.bool_)
    newest, scale, run, count, points, fresh = np.zeros(START), np.nan, 0, 0, 0, 0
    best: Any = 0
    for at in range(size):
        x, phase = values[at], at % period if period > 0 else 0
        if np.isnan(x):
            for m in range(models):
                level[m] += trend[m]
                trend[m] *= grid[m, 3]
        elif points == 0:
            level[:] = x
            learned[phase] = True
            points = fresh = 1
        elif not learned[phase]:
            # A phase that is seen first says nothing of the level; the level so far is the mean of the phases.
            learned[phase] = True
            points += 1
            fresh += 1
            for m in range(models):
                level[m] += trend[m]
                trend[m] *= grid[m, 3]
                step = (x - level[m]) / points
                season[phase, m] = x - level[m] - step
                level[m] += step
                for other in range(period):
                    if learned[other] and other != phase:
                        season[other, m] -= step
        else:
            points += 1
            fresh += 1
            off = x - (level[best] + trend[best] + season[phase, best])
            run = counted_run(off, scale, run)
            shifted = abs(run) >= NEW_LEVEL
            if shifted:
                run, fresh = 0, 1
                newest[:] = 0.0
            for m in range(models):
                error[m] = x - (level[m] + trend[m] + season[phase, m])
                losses[m] = LATELY * losses[m] + badness(error[m], scale)
                taught = clipped(error[m], scale)
                step = error[m] if shifted else max(grid[m, 0], 1.0 / fresh) * taught
                level[m] += trend[m] + step
                trend[m] = grid[m, 3] * trend[m] + grid[m, 1] * max(grid[m, 0], 1.0 / points) * taught
                if not shifted:
                    season[phase, m] += grid[m, 2] * (taught - step)
            scale = next_scale(scale, off, count, newest)
            count += 1
            if count == START:
                settle(losses, scale)
            best = np.argmin(losses)
        scales[at] = scale
        if points > 0:
            reached, slope = level[best], trend[best]
            for h in range(horizon):
                reached += slope
                slope *= grid[best, 3]
                later = (at + 1 + h) % period if period > 0 else 0
                if period == 0 or learned[later]:
                    ahead[at, h] = reached + (season[later, best] if period > 0 else 0.0)
    return ahead, scales
