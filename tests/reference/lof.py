"""lof: the mean density around a row's neighbors over its own, against a sample (see sample).

    k = min(n_neighbors, m - 1)     reach(a, b) = max(d(a, b), distance of b from its k-th neighbor)
    density(a) = 1 / (mean of reach(a, b) over the neighbors b of a + 1e-10)
    score = mean of density(b) / density(a)

Source: M. Breunig, H.-P. Kriegel, R. Ng, J. Sander, LOF: Identifying Density-Based Local Outliers (2000),
doi:10.1145/342009.335388. The 1e-10 is scikit-learn's, for rows that have more than k copies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.reference.sample import Array, Sample, nearest, replaced, sample_of, score_of

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
LEAN: Mapping[str, Any] = {"n_neighbors": 7}
SHOWS: Mapping[str, Mapping[str, Any]] = {"random_state": {"max_samples": 20}}
E = 1e-10

# Five rows by hand, k = 2: neighbors of 1: 2, 4; of 2: 1, 4; of 4: 2, 1; of 8: 4, 2; of 16: 8, 4. The second is
# away by 3, 2, 3, 6, 12. Mean reach of 1: (max(1, 2) + max(3, 3)) / 2; of 2: (3 + 3) / 2; of 4: (2 + 3) / 2; of 8:
# (4 + 6) / 2; of 16: (8 + 12) / 2: that is 5/2, 3, 5/2, 5, 10, and but for E the scores are 11/12, 6/5, 11/12, 11/6, 3.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_neighbors": 2, "scaling": "none"}
HAND_SCORES = (
    (2.5 + E) * (1 / (3 + E) + 1 / (2.5 + E)) / 2,
    (3 + E) * (1 / (2.5 + E) + 1 / (2.5 + E)) / 2,
    (2.5 + E) * (1 / (3 + E) + 1 / (2.5 + E)) / 2,
    (5 + E) * (1 / (2.5 + E) + 1 / (3 + E)) / 2,
    (10 + E) * (1 / (5 + E) + 1 / (2.5 + E)) / 2,
)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample, the distance of each row of it from its last neighbor, and its density."""

    sample: Sample
    n_neighbors: int
    reach: Array
    density: Array

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    n_neighbors: int = 20,
    max_samples: int = 5_000,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    if all(sample.constant):
        return Fit(sample, n_neighbors, np.empty(0), np.empty(0))
    around = [nearest(z, sample.reference, n_neighbors) for z in sample.reference]
    reach = np.array([distances.max() for _, distances in around])
    density = np.array([density_of(places, distances, reach) for places, distances in around])
    return Fit(sample, n_neighbors, reach, density)


def density_of(places: list[int], distances: Array, reach: Array) -> float:
    """The density of a row with these neighbors."""
    return float(1 / (np.maximum(distances, reach[places]).mean() + E))


def scored(z: Array, model: Fit) -> float:
    """The mean density of the neighbors over the row's."""
    places, distances = nearest(z, model.sample.reference, model.n_neighbors)
    return float(model.density[places].mean() / density_of(places, distances, model.reach))


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
