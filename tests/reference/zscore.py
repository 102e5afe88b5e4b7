"""zscore: the distance from the mean in standard deviations, the largest over the features.

    mean = (sum x) / n        M2 = sum (x - mean)^2        sd = sqrt(M2 / (n - ddof))
    term = |x - mean| / sd    ('high': (x - mean) / sd, 'low': (mean - x) / sd)

Differences are taken from a pivot, x - mean = (x - pivot) - mean(x - pivot): near 1.7e9 the mean itself,
rounded to a double, would be off by 1e-7. A baseline of one distinct value has no scale: its own value has
term 0, any other value has none. The same holds when a row is left out and the M2 of the others is at most
1e-12 of the M2 with it. Source: F. E. Grubbs, Procedures for Detecting Outlying Observations in Samples,
Technometrics 11 (1969).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_THRESHOLD: float | None = 3.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 3
SIGNED = True
AFFINE = True
TWINNED = True
REMOVABLE = True
PARAMETERS = {"ddof": 0}
REDUCE = max

# Five rows by hand: mean = 25 / 5 = 5; differences -3, -1, -1, 1, 4; M2 = 9 + 1 + 1 + 1 + 16 = 28; var = 28
# / 4.
HAND_ROWS = (2.0, 4.0, 4.0, 6.0, 9.0)
HAND_SCORES = (
    1.1338934190276817,  # 3 / sqrt(7)
    0.3779644730092272,  # 1 / sqrt(7)
    0.3779644730092272,
    0.3779644730092272,
    1.5118578920369088,  # 4 / sqrt(7)
)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's baseline: its centre is pivot + shift, and its only value when it has one."""

    pivot: float
    shift: float
    scale: float
    constant: bool

    @property
    def centre(self) -> float:
        return self.pivot + self.shift


def moments(values: Sequence[float], pivot: float) -> tuple[float, float]:
    """The mean less the pivot, and M2, both from exact sums of the differences to the pivot."""
    differences = [value - pivot for value in values]
    mean = math.fsum(differences) / len(differences)
    return mean, math.fsum((difference - mean) ** 2 for difference in differences)


def fit(values: Sequence[float], *, ddof: int = 1, whole: Sequence[float] | None = None) -> Fit:
    """Fit one feature on at least one value; ``whole`` is the baseline before a row was left out of it."""
    if ddof not in (0, 1):
        raise ValueError(f"ddof is 0 or 1, not {ddof!r}")
    pivot = min(values)
    shift, m2 = moments(values, pivot)
    if min(values) == max(values):
        return Fit(pivot=pivot, shift=0.0, scale=0.0, constant=True)
    if whole is not None and len(whole) > len(values) and m2 <= 1e-12 * moments(whole, pivot)[1]:
        return Fit(pivot=pivot, shift=shift, scale=0.0, constant=True)
    sd = math.sqrt(m2 / (len(values) - ddof))
    return Fit(pivot=pivot, shift=shift, scale=sd, constant=sd == 0.0)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where a constant baseline cannot say."""
    difference = (x - model.pivot) - model.shift
    if model.constant:
        return 0.0 if difference == 0 else None
    return {"both": abs(difference), "high": difference, "low": -difference}[direction] / model.scale
