"""mad: the distance from the median in robust standard deviations, the largest over the features.

    centre = median(x)    scale = median(|x - centre|) / 0.6744897501960817    term = |x - centre| / scale

0.6744897501960817 is the third quartile of the normal distribution, so that the scale of normal data is its
standard deviation. A scale of 0 (over half of the values are equal) is a constant baseline. Source: B.
Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers (1993), which rounds the constant to 0.6745.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference.values import quantile

DEFAULT_THRESHOLD: float | None = 3.5
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 3
SIGNED = True
AFFINE = True
TWINNED = True
REDUCE = max

THIRD_NORMAL_QUARTILE = 0.6744897501960817

# Five rows by hand: median 4; distances d = 3, 2, 0, 4, 12, sorted 0, 2, 3, 4, 12, their median 3;
# score = d * 0.6744897501960817 / 3.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_SCORES = (
    0.6744897501960817,  # d = 3
    0.4496598334640545,  # d = 2
    0.0,
    0.8993196669281089,  # d = 4
    2.6979590007843268,  # d = 12
)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's baseline."""

    centre: float
    scale: float
    constant: bool


def fit(values: Sequence[float]) -> Fit:
    """Fit one feature on at least one value."""
    centre = quantile(values, 0.5)
    scale = quantile([abs(value - centre) for value in values], 0.5) / THIRD_NORMAL_QUARTILE
    return Fit(centre=centre, scale=scale, constant=scale == 0.0)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where a constant baseline cannot say."""
    difference = x - model.centre
    if model.constant:
        return 0.0 if difference == 0 else None
    return {"both": abs(difference), "high": difference, "low": -difference}[direction] / model.scale
