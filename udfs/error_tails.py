"""How far off forecasts are once in a while: the tail of their errors so far, which a robust scale does not see."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.forecast_kernels import REACH
from sqlnomaly.udfs.kept_kernels import kept

Vector = NDArray[np.float64]

NEWEST = 4_000
"""So many newest errors make the tail."""
BEYOND = 0.005
"""The share of them beyond the quantile that stands for the tail; one at least, so that a single error is no tail."""
NORMAL = 3.2905267314919255
"""A standard normal lies farther than this from 0 with probability 0.001."""

FALL = 0.25
"""A scale that falls below so much of itself at once was that of a glitch, and so were the errors until then."""


def with_tail(values: Vector, forecasts: Vector, scales: Vector) -> Vector:
    """The scale after each point, not below what the tail of the errors says of it.

    The error that is exceeded by one in two hundred of the newest 4,000 counts as one that normal errors exceed once in
    a thousand. So nothing changes where errors are normal, whose quantile of one in two hundred is 2.81 deviations,
    and where they are not, what happens every so often is no anomaly. As a split conformal prediction does
    (doi:10.1080/01621459.2017.1307116) it takes the quantile as it is, and no family of distributions.

    Args:
        values: the series, NaN where a point has no value.
        forecasts: of the next point, from each point.
        scales: the robust scale of the errors up to each point. An error counts that had one above 0 before it, and
            of those in a row beyond ``REACH`` of it on one side the first two: a new level is one event. Where it falls
            at once by much, as it does when a glitch among the first points has passed, the tail begins anew.

    Example:
        >>> values = np.where(np.arange(60) % 10 == 9, 30.0, 0.0)
        >>> with_tail(values, np.zeros(60), np.ones(60))[[8, 9, 19, 29]].round(3).tolist()
        [1.0, 1.0, 9.117, 9.117]
    """
    before, off = _later(scales, 1), values - _later(forecasts, 1)
    side = np.sign(off) * ((before > 0.0) & (np.abs(off) > REACH * before))
    again = (side != 0.0) & (side == _later(side, 1)) & (side == _later(side, 2))
    errors = np.where((before > 0.0) & ~again, np.abs(off), np.nan)
    found: Vector = np.where(np.isnan(scales), np.nan, np.fmax(scales, tails(errors, scales < FALL * before) / NORMAL))
    return found


def _later(values: Vector, places: int) -> Vector:
    """What was so many places before."""
    return np.concatenate([np.full(places, np.nan), values])[: len(values)]


@kept
def tails(errors: Any, anew: Any) -> Any:
    """After each point, the size that the share ``BEYOND`` of the newest errors exceed; NaN before there are two.

    Args:
        errors: their sizes, NaN where there is none.
        anew: where all errors so far are forgotten.
    """
    found, ordered, newest = np.full(len(errors), np.nan), np.zeros(NEWEST), np.zeros(NEWEST)
    count = total = 0
    for at in range(len(errors)):
        error = errors[at]
        if anew[at]:
            count = total = 0
            continue
        if not np.isnan(error):
            if count == NEWEST:
                out = np.searchsorted(ordered, newest[total % NEWEST])
                ordered[out:-1] = ordered[out + 1 :]
                count -= 1
            place = np.searchsorted(ordered[:count], error)
            for later in range(count, place, -1):
                ordered[later] = ordered[later - 1]
            ordered[place] = error
            newest[total % NEWEST] = error
            count += 1
            total += 1
        beyond = max(int(np.floor(BEYOND * count + 0.5)), 1)
        if count > beyond:
            found[at] = ordered[count - 1 - beyond]
    return found
