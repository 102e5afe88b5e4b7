"""kde: minus the log of the density at a row, a Gaussian kernel on each row of a sample (see sample).

    score = -ln(mean of (2 pi h^2)^(-d/2) exp(-distance^2 / (2 h^2)) over the sample but for the row's own copy)
    h = m^(-1/(d + 4)) ('scott'), (m (d + 2) / 4)^(-1/(d + 4)) ('silverman') or a number; d features vary

Sources: E. Parzen, On Estimation of a Probability Density Function and Mode (1962), doi:10.1214/aoms/1177704472;
D. Scott, Multivariate Density Estimation (1992); B. Silverman, Density Estimation (1986).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.reference.sample import Array, Sample, replaced, sample_of, score_of, squares

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
PARAMETERS: Mapping[str, Any] = {
    "bandwidth": 0.7, "max_samples": 30, "scaling": "robust", "random_state": 3,
}  # fmt: skip
LEAN: Mapping[str, Any] = {}
SHOWS: Mapping[str, Mapping[str, Any]] = {"random_state": {"max_samples": 20}}

# Five rows by hand, h = 1: the others of 1 are away by 1, 3, 7, 15; of 2 by 1, 2, 6, 14; of 4 by 3, 2, 4, 12; of 8
# by 7, 6, 4, 8; of 16 by 15, 14, 12, 8. Their kernels are summed, but for those too small to count, and divided by
# 4 sqrt(2 pi).
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"bandwidth": 1.0, "scaling": "none"}
HAND_SCORES = (
    math.log(4 * math.sqrt(2 * math.pi)) - math.log(math.exp(-0.5) + math.exp(-4.5) + math.exp(-24.5)),
    math.log(4 * math.sqrt(2 * math.pi)) - math.log(math.exp(-0.5) + math.exp(-2) + math.exp(-18)),
    math.log(4 * math.sqrt(2 * math.pi)) - math.log(math.exp(-2) + math.exp(-4.5) + math.exp(-8)),
    math.log(4 * math.sqrt(2 * math.pi))
    - math.log(math.exp(-8) + math.exp(-18) + math.exp(-24.5) + math.exp(-32)),
    math.log(4 * math.sqrt(2 * math.pi)) + 32 - math.log1p(math.exp(-40)),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample and the bandwidth."""

    sample: Sample
    width: float

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    bandwidth: float | str = "scott",
    max_samples: int = 5_000,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    size, features = len(sample.reference), sample.constant.count(False)
    rules = {"scott": float(size), "silverman": size * (features + 2) / 4}
    if isinstance(bandwidth, str):
        bandwidth = rules[bandwidth] ** (-1 / (features + 4))
    return Fit(sample, bandwidth)


def scored(z: Array, model: Fit) -> float:
    """Minus the log of the mean kernel."""
    found = squares(z, model.sample.reference)
    powers = [-float(square) / (2 * model.width**2) for square in found if math.isfinite(square)]
    largest = max(powers)
    total = math.fsum(math.exp(power - largest) for power in powers)
    normal = len(z) * math.log(model.width * math.sqrt(2 * math.pi)) + math.log(len(powers))
    return float(np.float64(normal - largest - math.log(total)))


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
