"""sampling: the distance from the nearest of very few rows that were drawn once (see sample).

    score = min distance from the subset_size rows, but for the row's own copy     term_j = step_j^2 / score

Source: M. Sugiyama, K. Borgwardt, Rapid Distance-Based Outlier Detection via Sampling (2013).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.sample import Array, Sample, nearest, sample_of, score_of, shared

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
PARAMETERS: Mapping[str, Any] = {"subset_size": 5, "scaling": "robust", "random_state": 3}
LEAN: Mapping[str, Any] = {"subset_size": 12}

# Five rows by hand, all of them drawn: the nearest others of 1, 2, 4, 8, 16 are 2, 1, 2, 4, 8.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"scaling": "none"}
HAND_SCORES = (1.0, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample."""

    sample: Sample

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row], *, subset_size: int = 20, scaling: str = "standard", random_state: int = 0
) -> Fit:
    """Fit on at least one complete row."""
    return Fit(sample_of(rows, subset_size, scaling, random_state))


def scored(z: Array, model: Fit) -> float:
    """The distance from the nearest."""
    return float(nearest(z, model.sample.reference, 1)[1][0])


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    return shared(row, model, 1, lambda count: [1.0])


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
