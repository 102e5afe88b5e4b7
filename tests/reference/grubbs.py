"""grubbs: the distance from the mean over the critical value of Grubbs' test, the largest over the features.

    G = (n - 1) / sqrt(n) sqrt(t^2 / (n - 2 + t^2))     t the 1 - alpha / (2 n) quantile of Student's t, n - 2 degrees
    term = |x - mean| / (sd G), sd over n - 1

Source: F. E. Grubbs, Procedures for Detecting Outlying Observations in Samples (1969),
doi:10.1080/00401706.1969.10490657.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import t

from tests.reference import zscore

DEFAULT_THRESHOLD: float | None = 1.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 3
SIGNED = True
REDUCE = max
AFFINE = True
TWINNED = True
PARAMETERS: Mapping[str, Any] = {"alpha": 0.2}

# Five rows by hand: mean 6.2, deviations 5.2, 4.2, 2.2, 1.8, 9.8, squares 27.04, 17.64, 4.84, 3.24, 96.04, their sum
# 148.8, sd = sqrt(37.2) = 6.0991803; Grubbs' table has 1.715 for n = 5 at the two-sided level of 5 %, here 1.7150367.
G_OF_5 = 4 / math.sqrt(5) / math.sqrt(1 + 3 / t.isf(0.005, 3) ** 2)
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_SCORES = tuple(d / math.sqrt(37.2) / G_OF_5 for d in (5.2, 4.2, 2.2, 1.8, 9.8))


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's baseline, and the critical value."""

    base: Any
    critical: float

    @property
    def centre(self) -> float:
        return float(self.base.centre)

    @property
    def constant(self) -> bool:
        return bool(self.base.constant)


def fit(values: Sequence[float], *, alpha: float = 0.05) -> Fit:
    """Fit one feature on at least one value."""
    n = len(values)
    quantile = t.isf(alpha / (2 * n), n - 2) if n > 2 else math.nan
    return Fit(zscore.fit(values), (n - 1) / math.sqrt(n) / math.sqrt(1 + (n - 2) / quantile**2))


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where a constant baseline cannot say."""
    plain = zscore.term(x, model.base, direction)
    return plain if model.constant or plain is None else plain / model.critical
