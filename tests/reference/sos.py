"""sos: the probability that no row of a sample takes a row for its neighbor (see sample).

    affinity of j to x: a_j(x) = exp(-beta_j |x - r_j|)     it binds with b_j(x) = a_j(x) / sum of a_j over the others
    beta_j: the entropy -sum b ln b over the other rows of the sample is ln(perplexity)
    score = product of 1 - b_j(x) over the sample but for the row's own copy

A row that equals none of the sample is one of the others of every j. beta is at most 1e5 over the distance of the
nearest row that is no copy, and 0 where there are no more others than the perplexity. Source: J. Janssens, F. Huszar,
E. Postma, J. van den Herik, Stochastic Outlier Selection (2012), TiCC TR 2012-001.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.reference.sample import Array, Sample, replaced, sample_of, score_of

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = 0.5
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
PARAMETERS: Mapping[str, Any] = {
    "perplexity": 2.5, "max_samples": 30, "scaling": "robust", "random_state": 3,
}  # fmt: skip
LEAN: Mapping[str, Any] = {}
SHOWS: Mapping[str, Mapping[str, Any]] = {"random_state": {"max_samples": 20}}
SHARPEST = 1e5

# Five rows by hand, perplexity 2: a zero has three copies, and the four zeros are equally far from 5, so that entropies
# are ln 3 and ln 4 at least, and beta is as large as can be. A zero binds to each copy with 1/3, and 5 to each zero
# with 1/4. No other binds to a zero with (2/3)^3 * 3/4 = 2/9, and none to 5 with certainty.
HAND_ROWS = (0.0, 0.0, 0.0, 0.0, 5.0)
HAND_OPTIONS: Mapping[str, Any] = {"perplexity": 2.0, "scaling": "none"}
HAND_SCORES = (2 / 9, 2 / 9, 2 / 9, 2 / 9, 1.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample, and of each row of it beta, how far the nearest other is, and the sum of affinities beside it."""

    sample: Sample
    beta: Array
    near: Array
    total: Array

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    perplexity: float = 4.5,
    max_samples: int = 5_000,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    if all(sample.constant):
        return Fit(sample, np.empty(0), np.empty(0), np.empty(0))
    found = []
    for place, z in enumerate(sample.reference):
        far = np.sqrt(((np.delete(sample.reference, place, axis=0) - z) ** 2).sum(axis=1))
        steps = far - far.min()
        beta = sharpness(steps, perplexity, SHARPEST / float(far[far > 0.0].min()))
        found.append((beta, far.min(), np.exp(-beta * steps).sum()))
    beta, near, total = np.array(found).T
    return Fit(sample, beta, near, total)


def entropy(steps: Array, beta: float) -> float:
    """Of the binding probabilities."""
    affinity = np.exp(-beta * steps)
    return float(np.log(affinity.sum()) + beta * (affinity * steps).sum() / affinity.sum())


def sharpness(steps: Array, perplexity: float, most: float) -> float:
    """beta, by halving."""
    wanted = math.log(perplexity)
    if wanted >= math.log(len(steps)) - 1e-14:
        return 0.0
    if entropy(steps, most) > wanted:
        return most
    low, high = 0.0, most
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if entropy(steps, middle) > wanted else (low, middle)
    return middle


def scored(z: Array, model: Fit) -> float:
    """The product of the probabilities not to bind."""
    far = np.sqrt(((model.sample.reference - z) ** 2).sum(axis=1))
    affinity = np.exp(np.minimum(model.beta * (model.near - far), 700.0))
    own = np.flatnonzero(far == 0.0)[:1]
    bound = affinity / (model.total if len(own) else model.total + affinity)
    free = np.maximum(1.0 - bound, 0.0)
    free[own] = 1.0
    return float(np.prod(free))


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
