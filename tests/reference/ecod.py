"""ecod: how far out in the tails a row lies, by empirical distribution functions, summed over the features.

    F_l = share of the fitted values <= x      U_l = -ln F_l
    F_r = share of the fitted values >= x      U_r = -ln F_r
    U_skew = U_r if the skewness is positive, U_l if negative, U_l + U_r if zero
    term = max(U_l, U_r, U_skew)

The maximum is taken feature by feature, as PyOD 3.6 does; the paper takes it over the three sums. The
skewness is zero when |sum d^3| <= 1e-9 * sum |d|^3 with d = x - mean (d is first divided by its largest
magnitude, so that no cube overflows or vanishes). A value that was not fitted and lies beyond all fitted
values has a count of 0, which is taken as 1: the share is max(count, 1) / n. So it scores like the extreme
itself and stays finite, however far out it lies. Source: Z. Li et al., ECOD: Unsupervised Outlier Detection
Using Empirical Cumulative Distribution Functions, IEEE TKDE (2022), doi:10.1109/TKDE.2022.3159580.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference.tail_classes import Class, classes, distinct, skew_sign

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
TWINNED = True
AFFINE = True
PARAMETERS = {"exact": False}
REDUCE = math.fsum

# Five rows by hand: mean 3.6, d = -2.6, -1.6, -1.6, -0.6, 6.4, the cubes sum to 236.16 > 0, so U_skew = U_r.
# F_l = 1/5, 3/5, 3/5, 4/5, 5/5; F_r = 5/5, 4/5, 4/5, 2/5, 1/5; the larger of the two logarithms:
HAND_ROWS = (1.0, 2.0, 2.0, 3.0, 10.0)
HAND_SCORES = (
    1.6094379124341003,  # ln 5, left
    0.5108256237659907,  # ln (5/3), left
    0.5108256237659907,
    0.9162907318741551,  # ln (5/2), right
    1.6094379124341003,  # ln 5, right
)
# Not fitted: beyond either end the count is 0, taken as 1: ln 5. At 2.5 F_l = 3/5 and F_r = 2/5: ln (5/2).
HAND_OTHERS = ((0.0, 1.6094379124341003), (11.0, 1.6094379124341003), (2.5, 0.9162907318741551))


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's fitted values, as classes that count as one value each, and the sign of their skewness."""

    groups: tuple[Class, ...]
    skew: int

    @property
    def constant(self) -> bool:
        return len(self.groups) == 1


def fit(values: Sequence[float], exact: bool = True) -> Fit:
    """Fit one feature on at least one value."""
    groups = distinct(values) if exact else classes(values)
    return Fit(groups=tuple(groups), skew=skew_sign(groups))


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where a constant baseline cannot say. It has no direction."""
    if model.constant:
        return 0.0 if x == model.groups[0].low else None
    n = sum(group.count for group in model.groups)
    left = math.log(n / max(sum(group.count for group in model.groups if group.low <= x), 1))
    right = math.log(n / max(sum(group.count for group in model.groups if group.high >= x), 1))
    skewed = {1: right, -1: left, 0: left + right}[model.skew]
    return max(left, right, skewed)
