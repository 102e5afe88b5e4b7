"""knn: the distance from the nearest neighbors, their mean, largest or median, against a sample (see sample).

    score = mean, largest or median of the distances d_1 <= .. <= d_k     k = min(n_neighbors, m - 1)
    term_j = the same of step_j^2 / d over the same neighbors

Sources: S. Ramaswamy, R. Rastogi, K. Shim, Efficient Algorithms for Mining Outliers from Large Data Sets (2000),
doi:10.1145/335191.335437; F. Angiulli, C. Pizzuti, Fast Outlier Detection in High Dimensional Spaces (2002),
doi:10.1007/3-540-45681-3_2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.reference.sample import Array, Sample, nearest, sample_of, score_of, shared

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
PARAMETERS: Mapping[str, Any] = {
    "n_neighbors": 4, "method": "median", "max_samples": 30, "scaling": "robust", "random_state": 3,
}  # fmt: skip
LEAN: Mapping[str, Any] = {"n_neighbors": 7}
SHOWS: Mapping[str, Mapping[str, Any]] = {"random_state": {"max_samples": 20}}

# Five rows by hand: the two nearest of 1 are 2 and 4, away by 1 and 3; of 2: 1 and 4, by 1 and 2; of 4: 2 and 1,
# by 2 and 3; of 8: 4 and 2, by 4 and 6; of 16: 8 and 4, by 8 and 12.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_neighbors": 2, "scaling": "none"}
HAND_SCORES = (2.0, 1.5, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample."""

    sample: Sample
    n_neighbors: int
    method: str

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    n_neighbors: int = 50,
    method: str = "mean",
    max_samples: int = 5_000,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    return Fit(sample_of(rows, max_samples, scaling, random_state), n_neighbors, method)


def weights(method: str, count: int) -> list[float]:
    """What each distance weighs, the nearest first."""
    if method == "mean":
        return [1 / count] * count
    if method == "largest":
        return [0.0] * (count - 1) + [1.0]
    return [((i == (count - 1) // 2) + (i == count // 2)) / 2 for i in range(count)]


def scored(z: Array, model: Fit) -> float:
    """The weighted sum of the distances."""
    _, distances = nearest(z, model.sample.reference, model.n_neighbors)
    return float(np.dot(weights(model.method, len(distances)), distances))


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    return shared(row, model, model.n_neighbors, lambda count: weights(model.method, count))


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
