"""double_mad: the distance from the median in robust standard deviations of its side, the largest over the features.

    scale of a side = median |x - median| of its values, the median's among them / 0.6744897501960817

Source of the MAD: F. R. Hampel, The Influence Curve and Its Role in Robust Estimation (1974),
doi:10.1080/01621459.1974.10482962.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference.mad import THIRD_NORMAL_QUARTILE
from tests.reference.values import quantile

DEFAULT_THRESHOLD: float | None = 3.5
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 3
SIGNED = True
REDUCE = max
AFFINE = True
TWINNED = True

# Five rows by hand: median 4; above it 0, 4, 12 with the median 4, below it 0, 2, 3 with the median 2.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_SCORES = (
    1.5 * 0.6744897501960817,
    0.6744897501960817,
    0.0,
    0.6744897501960817,
    3 * 0.6744897501960817,
)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's baseline."""

    centre: float
    above: float
    below: float
    constant: bool


def fit(values: Sequence[float]) -> Fit:
    """Fit one feature on at least one value."""
    centre = quantile(values, 0.5)
    above = quantile([x - centre for x in values if x >= centre], 0.5) / THIRD_NORMAL_QUARTILE
    below = quantile([centre - x for x in values if x <= centre], 0.5) / THIRD_NORMAL_QUARTILE
    return Fit(centre, above, below, above == below == 0.0)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where its side does not vary."""
    if x == model.centre:
        return 0.0
    scale = model.above if x > model.centre else model.below
    if scale == 0.0:
        return None
    difference = x - model.centre
    return {"both": abs(difference), "high": difference, "low": -difference}[direction] / scale
