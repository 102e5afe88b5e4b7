"""The period of a series, found from its first points by how well they repeat themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

LOOKED_AT = 8_192
"""Points that are looked at, the first ones."""
TURNS = 3
"""A period must fit in them so many times."""
SURE = 0.3
"""The least autocorrelation of a season."""


def found_period(values: Vector) -> int:
    """The period in points, 0 where there is none.

    It is the smallest lag whose autocorrelation is a peak, at least 0.3, and within 10 % of the highest peak: a
    multiple of a period repeats it just as well. Missing values stand for the mean, a straight line is taken away
    first, and values beyond three robust deviations are drawn in, so that a few outliers are no season.

    Args:
        values: the points of a series in their order, NaN where none is there.

    Example:
        >>> import numpy as np
        >>> found_period(np.tile([1.0, 2.0, 5.0, 2.0, 1.0, 0.0, 0.0], 9)), found_period(np.arange(60.0))
        (7, 0)
    """
    import numpy as np

    repeats = repeats_of(values)
    if repeats is None:
        return 0
    inner = repeats[1:-1]
    peaks = 1 + np.flatnonzero((inner > repeats[:-2]) & (inner >= repeats[2:]) & (inner >= SURE))
    # Before the first dip below 0 neighbors are alike because they are neighbors.
    dips = np.flatnonzero(repeats < 0.0)
    peaks = peaks[(peaks > 1) & (peaks > (dips[0] if len(dips) else len(repeats)))]
    if not len(peaks):
        return 0
    return int(peaks[repeats[peaks] >= 0.9 * repeats[peaks].max()][0])


def repeats_of(values: Vector) -> Vector | None:
    """The autocorrelation at the lags that fit three times, made ready as ``found_period`` says; None for a constant.

    Args:
        values: the points of a series in their order, NaN where none is there.
    """
    import numpy as np

    seen = values[:LOOKED_AT]
    known = np.isfinite(seen)
    if known.sum() < 2 * TURNS or np.ptp(seen[known]) == 0.0:
        return None
    unit = np.abs(seen[known]).max()
    scaled, places = seen / unit, np.arange(len(seen), dtype=np.float64)
    line = np.polynomial.Polynomial.fit(places[known], scaled[known], 1)
    flat = np.where(known, scaled - line(places), 0.0)
    median = np.median(flat[known])
    spread = 1.4826 * np.median(np.abs(flat[known] - median))
    if spread > 0.0:
        flat = np.clip(flat, median - 3.0 * spread, median + 3.0 * spread)
    flat = np.where(known, flat - flat[known].mean(), 0.0)
    if not np.square(flat).sum() > 1e-20:
        return None
    return autocorrelation(flat, known)[: len(seen) // TURNS + 1]


def autocorrelation(flat: Vector, known: NDArray[np.bool_]) -> Vector:
    """The autocorrelation of a series of mean 0 at every lag, over the pairs of which both values are known."""
    import numpy as np
    from scipy.fft import irfft, next_fast_len, rfft

    size = next_fast_len(2 * len(flat))
    products = irfft(np.abs(rfft(flat, size)) ** 2, size)[: len(flat)]
    pairs = irfft(np.abs(rfft(known.astype(np.float64), size)) ** 2, size)[: len(flat)]
    products = np.where(pairs > 0.5, products / np.maximum(pairs, 1.0), 0.0)
    found: Vector = products / (np.square(flat).sum() / known.sum())
    return found
