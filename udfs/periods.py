"""The period of a series, found from its first points by how well they repeat themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlnomaly.udfs.mad import MEDIAN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

LOOKED_AT = 8_192
"""Points that are looked at, the first ones."""
TURNS = 3
"""A period must fit in them so many times."""
MULTIPLES = 10
"""So many multiples of a period are looked at, as far as two thirds of the points."""
AROUND = 7
"""The fewest points that a median around a point is of."""
SURE, CLEAR = 0.3, 0.85
"""The least autocorrelation of a season; and what is enough however few points there are."""


def found_period(values: Vector, *, finest: bool = False) -> int:
    """The period in points, 0 where there is none.

    A period repeats itself at all of its multiples, and not half a period away: its strength is the mean
    autocorrelation at the multiples, which must be above that half a period away by as much, and above what chance
    would do: (sqrt(2 log K) + 1) sqrt(B / n) of K lags over n pairs, where B = 1 + 2 sum r^2 of the lags before the
    first dip below 0 allows for neighbors that are alike (Bartlett 1946, doi:10.2307/2983611). The strongest one is
    taken, or the smallest that it is a multiple of and that is 0.9 as strong but for two deviations. Missing values
    stand for the mean, a straight line is taken away first, and values beyond three robust deviations are drawn in, so
    that a few outliers are no season.

    Args:
        values: the points of a series in their order, NaN where none is there.
        finest: take the smallest that the strongest is a multiple of, however strong that is.

    Example:
        >>> import numpy as np
        >>> found_period(np.tile([1.0, 2.0, 5.0, 2.0, 1.0, 0.0, 0.0], 9)), found_period(np.arange(60.0))
        (7, 0)
    """
    import numpy as np

    seen = values[:LOOKED_AT]
    known = np.isfinite(seen)
    flat = flattened(seen, known)
    if flat is None:
        return 0
    repeats, pairs = autocorrelation(flat, known)
    longest = len(seen) // TURNS
    dips = np.flatnonzero(repeats < 0.0)
    alike = 1.0 + 2.0 * float(np.square(repeats[1 : dips[0] if len(dips) else longest]).sum())
    sure = (np.sqrt(2.0 * np.log(longest)) + 1.0) * np.sqrt(alike)
    found: dict[int, tuple[float, float]] = {}
    for period in range(2, longest + 1):
        multiples = np.arange(period, min(MULTIPLES * period, 2 * len(seen) // 3) + 1, period)
        weights = pairs[multiples]
        total = float(weights.sum())
        if not total > 0.0:
            continue
        between = repeats[multiples - period // 2] + repeats[multiples - (period + 1) // 2]
        strength = float(weights @ repeats[multiples]) / total
        contrast = strength - float(weights @ between) / (2.0 * total)
        if min(strength, contrast) >= max(SURE, min(sure / np.sqrt(total), CLEAR)):
            found[period] = (strength, 2.0 / np.sqrt(total))
    if not found:
        return 0
    best = max(found, key=lambda one: found[one][0])
    strength, slack = found[best]
    least = 0.0 if finest else 0.9 * strength - slack
    return min(one for one in found if best % one == 0 and found[one][0] >= min(least, strength))


def repeats_of(values: Vector) -> Vector | None:
    """The autocorrelation of a series, made ready as for ``found_period``, at the lags that fit three times into it.

    Args:
        values: the points of a series in their order, NaN where none is there.

    Returns:
        A number a lag, from 0 on; None where nothing varies but a straight line.

    Example:
        >>> import numpy as np
        >>> repeats_of(np.tile([1.0, 2.0, 5.0, 2.0], 6)).round(2).tolist()
        [1.0, -0.09, -0.86, -0.05, 1.0, -0.09, -0.86, -0.05, 0.99]
    """
    import numpy as np

    seen = values[:LOOKED_AT]
    known = np.isfinite(seen)
    flat = flattened(seen, known)
    return None if flat is None else autocorrelation(flat, known)[0][: len(seen) // TURNS + 1]


def in_phase(values: Vector, period: int) -> Vector:
    """The median of the values of each point's phase.

    Example:
        >>> import numpy as np
        >>> in_phase(np.array([1.0, 7.0, 2.0, 8.0, 9.0]), 2).tolist()
        [2.0, 7.5, 2.0, 7.5, 2.0]
    """
    import numpy as np

    turns = -(-len(values) // period)
    table = np.full(turns * period, np.nan)
    table[: len(values)] = values
    rows = table.reshape(turns, period)
    # Only the last turn may have gaps, at its end.
    full = len(values) - (turns - 1) * period
    medians = np.concatenate([np.median(rows[:, :full], axis=0), np.median(rows[:-1, full:], axis=0)])
    return np.tile(medians, turns)[: len(values)]


def calmed(values: Vector, period: int, reach: float) -> Vector:
    """The values, none farther than so many robust deviations from what medians say of it.

    These are a median slope over whole seasons, the median of a season around each point, and the median of its phase.

    Args:
        values: the points of a series, none missing.
        period: points of a season, 0 for none.
        reach: in deviations.
    """
    import numpy as np
    from scipy.ndimage import median_filter

    size, season = len(values), max(period, 1)
    far = max(size // 2 // season, 1) * season
    slope = float(np.median(values[far:] - values[:-far])) / far if far < size else 0.0
    flat = values - slope * np.arange(size)
    around = min(-(-AROUND // season) * season, size)
    ringed = np.concatenate([flat[:around], flat, flat[-around:]])
    flat = flat - median_filter(ringed, size=around + 1 - around % 2)[around : around + size]
    away = flat - in_phase(flat, season)
    limit = reach * MEDIAN * float(np.median(np.abs(away)))
    found: Vector = values - away + np.clip(away, -limit, limit)
    return found


def flattened(seen: Vector, known: NDArray[np.bool_]) -> Vector | None:
    """The values without a straight line and without outliers, of mean 0; None where nothing is left."""
    import numpy as np

    if known.sum() < 2 * TURNS or np.ptp(seen[known]) == 0.0:
        return None
    places = np.arange(len(seen)) - (len(seen) - 1) / 2.0
    scaled = np.where(known, seen, 0.0) / np.abs(seen[known]).max()
    at, value = places[known], scaled[known]
    from_middle = at - at.mean()
    slope = (from_middle * (value - value.mean())).sum() / np.square(from_middle).sum()
    flat = np.where(known, scaled - value.mean() - slope * (places - at.mean()), 0.0)
    median = np.median(flat[known])
    spread = 1.4826 * np.median(np.abs(flat[known] - median))
    if spread > 0.0:
        flat = np.clip(flat, median - 3.0 * spread, median + 3.0 * spread)
    flat = np.where(known, flat - flat[known].mean(), 0.0)
    return flat if np.square(flat).sum() > 1e-20 else None


def autocorrelation(flat: Vector, known: NDArray[np.bool_]) -> tuple[Vector, Vector]:
    """The autocorrelation of a series of mean 0 at every lag, and over how many pairs of known values that is."""
    import numpy as np
    from scipy.fft import irfft, next_fast_len, rfft

    size = next_fast_len(2 * len(flat))
    products = irfft(np.abs(rfft(flat, size)) ** 2, size)[: len(flat)]
    pairs = np.rint(irfft(np.abs(rfft(known.astype(np.float64), size)) ** 2, size)[: len(flat)])
    found = np.where(pairs > 0.0, products / np.maximum(pairs, 1.0), 0.0)
    return found / (np.square(flat).sum() / known.sum()), pairs
