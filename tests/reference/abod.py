"""abod: how little the angles between a row's neighbors vary, as the row sees them, against a sample (see sample).

    w(a, b) = <a - x, b - x> / (|a - x|^2 |b - x|^2) over the pairs of the k neighbors, copies being one
    score = -ln max(variance of w, 1e-14 * mean of 1 / (|a - x|^2 |b - x|^2)), between -ln 1e300 and -ln 1e-300

With fewer than two pairs the row lies inside: -ln 1e300. Source: H.-P. Kriegel, M. Schubert, A. Zimek, Angle-Based
Outlier Detection in High-Dimensional Data (2008), doi:10.1145/1401890.1401946, in its fast form.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from tests.reference.sample import Array, Sample, nearest, once, replaced, sample_of, score_of

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
PARAMETERS: Mapping[str, Any] = {
    "n_neighbors": 4, "max_samples": 30, "scaling": "robust", "random_state": 3,
}  # fmt: skip
LEAN: Mapping[str, Any] = {"n_neighbors": 6}
SHOWS: Mapping[str, Mapping[str, Any]] = {"random_state": {"max_samples": 20}}

# Five rows by hand, three neighbors: in one feature w is 1 / (a b). From 1 the steps are 1, 3, 7, so w is 1/3, 1/7,
# 1/21, or 7, 3, 1 of 21: variance (59/3 - (11/3)^2) / 441 = 8/567. From 2: -1, 2, 6, so -6, -2, 1 of 12: 37/648.
# From 4: -2, -3, 4, so 4, -3, -2 of 24: 43/2592. From 8: -4, -6, -7, so 7, 6, 4 of 168: 1/18144. From 16: -8, -12, -14,
# twice as far: 1/290304.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_neighbors": 3, "scaling": "none"}
HAND_SCORES = (
    math.log(567 / 8),
    math.log(648 / 37),
    math.log(2592 / 43),
    math.log(18144),
    math.log(290304),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample."""

    sample: Sample
    n_neighbors: int

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    n_neighbors: int = 10,
    max_samples: int = 5_000,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    return Fit(sample if all(sample.constant) else once(sample), n_neighbors)


def scored(z: Array, model: Fit) -> float:
    """Minus the log of the variance."""
    places, _ = nearest(z, model.sample.reference, model.n_neighbors)
    steps = [step for step in model.sample.reference[places] - z if np.dot(step, step) > 0.0]
    pairs = [
        (float(np.dot(a, b)), float(np.dot(a, a)), float(np.dot(b, b))) for a, b in combinations(steps, 2)
    ]
    if len(pairs) < 2:
        return -math.log(1e300)
    cosines = [product / left / right for product, left, right in pairs]
    mean = math.fsum(cosines) / len(pairs)
    variance = math.fsum((cosine - mean) ** 2 for cosine in cosines) / len(pairs)
    least = 1e-14 * math.fsum(1 / left / right for _, left, right in pairs) / len(pairs)
    return -math.log(min(max(variance, least, 1e-300), 1e300))


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
