"""copula_mcd: the robust squared distance of normal scores (see sample and mcd).

A value's share is (values of the sample below it + half of its copies) / m, linear between two values and that of the
end beyond; its score is the normal quantile of the knots, linear between them. Centre and covariance of the sample's
scores are found as mcd finds them.

Source: H. Liu, J. Lafferty, L. Wasserman, The Nonparanormal (2009), JMLR 10, for the normal scores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from scipy.stats import norm

from tests.reference.mcd import distances, robust_moments
from tests.reference.sample import Array, Sample, replaced, sample_of, score_of

Row = Sequence[float]
Knots = tuple[list[float], list[float]]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
UNPLANTED = True
TOLERANCE = 1e-6
PARAMETERS: Mapping[str, Any] = {"support_fraction": 0.5, "max_samples": 30, "random_state": 3}
SHOWS: Mapping[str, Mapping[str, Any]] = {"random_state": {"max_samples": 30}}

# Five rows by hand: a sample that does not vary has no normal scores, and its own value the score 0; the moments are
# worked out by hand in mcd.
HAND_ROWS = (7.0, 7.0, 7.0, 7.0, 7.0)
HAND_SCORES = (0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample, the knots of each varying feature, and the moments of the scores."""

    sample: Sample
    knots: tuple[Knots, ...]
    centre: Array
    covariance: Array

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    support_fraction: float = 0.75,
    max_samples: int = 2_000,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    if all(sample.constant):
        return Fit(sample, (), np.empty(0), np.empty((0, 0)))
    knots = tuple(knots_of(column) for column in sample.reference.T.tolist())
    scores = np.array([normal_scores(z, knots) for z in sample.reference])
    centre, covariance = robust_moments(scores, support_fraction)
    return Fit(sample, knots, centre, covariance)


def knots_of(values: Sequence[float]) -> Knots:
    """The distinct values and their normal scores."""
    counts = sorted(Counter(values).items())
    behind = accumulate(count for _, count in counts)
    shares = [(after - count / 2) / len(values) for after, (_, count) in zip(behind, counts, strict=True)]
    return [value for value, _ in counts], [float(norm.ppf(share)) for share in shares]


def normal_scores(z: Array, knots: Sequence[Knots]) -> Array:
    """A row's scores."""
    return np.array([np.interp(x, *one) for x, one in zip(z, knots, strict=True)])


def scored(z: Array, model: Fit) -> float:
    """The squared distance."""
    return float(distances(normal_scores(z, model.knots)[np.newaxis], model.centre, model.covariance)[0])


def terms(row: Row, model: Fit) -> list[float | None]:
    """What the score falls by when each value is replaced by the median."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
