"""iqr: how far a value lies outside of the middle half, in widths of it, the largest over the features.

    q1, q3 = quantiles 0.25, 0.75 (type 7)    scale = q3 - q1    centre = (q1 + q3) / 2
    term = max(x - q3, q1 - x, 0) / scale     ('high': max(x - q3, 0) / scale, 'low': max(q1 - x, 0) / scale)

A scale of at most 1e-150 is a constant baseline: its centre has term 0, any other value has none. The centre
is for min_effect and for what was expected. Source: J. W. Tukey, Exploratory Data Analysis (1977), whose
inner fences lie at 1.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference.values import quantile

DEFAULT_THRESHOLD: float | None = 1.5
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 4
SIGNED = True
AFFINE = True
TWINNED = True
REDUCE = max

# Five rows by hand: q1 = 2, q3 = 8, scale 6; 1 is one below q1, 16 is eight above q3.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_SCORES = (
    0.16666666666666666,  # 1 / 6
    0.0,
    0.0,
    0.0,
    1.3333333333333333,  # 8 / 6
)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's baseline."""

    low: float
    high: float
    constant: bool

    @property
    def centre(self) -> float:
        return (self.low + self.high) / 2


def fit(values: Sequence[float]) -> Fit:
    """Fit one feature on at least one value."""
    low, high = quantile(values, 0.25), quantile(values, 0.75)
    return Fit(low=low, high=high, constant=high - low <= 1e-150)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where a constant baseline cannot say."""
    if model.constant:
        return 0.0 if x == model.centre else None
    above, below = max(x - model.high, 0.0), max(model.low - x, 0.0)
    outside = {"both": max(above, below), "high": above, "low": below}[direction]
    return outside / (model.high - model.low)
