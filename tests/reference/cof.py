"""cof: the average chaining distance of a row over the mean of its neighbors', against a sample (see sample).

    The chain of a row takes its k neighbors one by one, always the one nearest to the row or to one taken before;
    e_i is the i-th of these distances.
    chain = sum of 2 (k + 1 - i) / (k (k + 1)) e_i     k = min(n_neighbors, m - 1)
    score = chain of the row / mean chain of its neighbors

Copies are one neighbor. Equally near neighbors are taken in the order of the sample. Source: J. Tang, Z. Chen, A. Fu,
D. Cheung, Enhancing Effectiveness of Outlier Detections for Low Density Patterns (2002),
doi:10.1007/3-540-47887-6_53.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.reference.sample import Array, Sample, coarse, nearest, once, replaced, sample_of, score_of

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

# Five rows by hand, k = 2: a first step weighs 2/3, a second one 1/3. From 1: 2 (by 1), 4 (by 2 from 2), so
# 2/3 + 2/3; from 2: 1 (1), 4 (2 from 2); from 4: 2 (2), 1 (1 from 2); from 8: 4 (4), 2 (2 from 4); from 16: 8 (8),
# 4 (4 from 8). Chains 4/3, 4/3, 5/3, 10/3, 20/3; the neighbors are those of the steps.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_neighbors": 2, "scaling": "none"}
HAND_SCORES = (
    8 / 9,  # 4/3 over (4/3 + 5/3) / 2
    8 / 9,
    5 / 4,  # 5/3 over (4/3 + 4/3) / 2
    20 / 9,  # 10/3 over (5/3 + 4/3) / 2
    8 / 3,  # 20/3 over (10/3 + 5/3) / 2
)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample, and the chain of each row of it."""

    sample: Sample
    n_neighbors: int
    chains: Array

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
        return Fit(sample, n_neighbors, np.empty(0))
    sample = once(sample)
    around = [sorted(nearest(z, sample.reference, n_neighbors)[0]) for z in sample.reference]
    chains = [chain_of(z, sample.reference[near]) for z, near in zip(sample.reference, around, strict=True)]
    return Fit(sample, n_neighbors, np.array(chains))


def chain_of(z: Array, neighbors: Array) -> float:
    """The average chaining distance of a row from its neighbors, which are in the order of the sample."""
    size = len(neighbors)
    near = ((neighbors - z) ** 2).sum(axis=1)
    total = 0.0
    for i in range(1, size + 1):
        first = int(np.argmin(coarse(near)))
        total += 2 * (size + 1 - i) / (size * (size + 1)) * float(np.sqrt(near[first]))
        closer = np.minimum(near, ((neighbors - neighbors[first]) ** 2).sum(axis=1))
        near = np.where(np.isinf(near), near, closer)
        near[first] = np.inf
    return total


def scored(z: Array, model: Fit) -> float:
    """The row's chain over those of its neighbors."""
    places = sorted(nearest(z, model.sample.reference, model.n_neighbors)[0])
    chain = chain_of(z, model.sample.reference[places])
    return float(chain / model.chains[places].mean())


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
