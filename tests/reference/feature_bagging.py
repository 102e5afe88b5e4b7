"""feature_bagging: the mean, or the largest, local outlier factor over random subsets of features (see sample, lof).

Member i takes least + uniform below most - least + 1 features by stream i, least = max(1, floor(d / 2)), most =
max(1, d - 1) of the d varying ones, chosen by a shuffle.

Source: A. Lazarevic, V. Kumar, Feature Bagging for Outlier Detection, KDD 2005, doi:10.1145/1081870.1081891.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.reference.chance import chosen
from tests.reference.iforest import Stream
from tests.reference.lof import density_of
from tests.reference.sample import Array, Sample, nearest, replaced, sample_of, score_of

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
UNPLANTED = True
PARAMETERS: Mapping[str, Any] = {
    "n_estimators": 3, "n_neighbors": 4, "combination": "max", "max_samples": 30, "scaling": "robust",
    "random_state": 3,
}  # fmt: skip
LEAN: Mapping[str, Any] = {"n_estimators": 3, "n_neighbors": 7}
E = 1e-10

# Five rows by hand: one feature is its only subset, so that every member is lof; see there.
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
class Member:
    """A subset of the features, and what lof keeps of it."""

    taken: list[int]
    reach: Array
    density: Array


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample and the members."""

    sample: Sample
    members: tuple[Member, ...]
    n_neighbors: int
    combination: str

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    n_estimators: int = 10,
    n_neighbors: int = 20,
    combination: str = "mean",
    max_samples: int = 2_000,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    if all(sample.constant):
        return Fit(sample, (), n_neighbors, combination)
    made = [member(sample.reference, n_neighbors, Stream(random_state, i)) for i in range(n_estimators)]
    return Fit(sample, tuple(made), n_neighbors, combination)


def member(reference: Array, count: int, stream: Stream) -> Member:
    """One subset."""
    features = reference.shape[1]
    least, most = max(1, features // 2), max(1, features - 1)
    taken = sorted(chosen(stream, least + stream.below(most - least + 1), features))
    part = reference[:, taken]
    around = [nearest(z, part, count) for z in part]
    reach = np.array([distances.max() for _, distances in around])
    return Member(taken, reach, np.array([density_of(places, distances, reach) for places, distances in around]))


def scored(z: Array, model: Fit) -> float:
    """The members' factors, combined."""
    factors = []
    for one in model.members:
        places, distances = nearest(z[one.taken], model.sample.reference[:, one.taken], model.n_neighbors)
        factors.append(one.density[places].mean() / density_of(places, distances, one.reach))
    return float(max(factors) if model.combination == "max" else np.mean(factors))


def terms(row: Row, model: Fit) -> list[float | None]:
    """What the score falls by when each value is replaced by the median."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
