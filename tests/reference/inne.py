"""inne: the isolation of the smallest sphere around a row, as a mean over sets of spheres (see sample).

Set i takes psi = min(max_samples, m) rows of the sample by stream i. A row's sphere reaches its nearest neighbor in the
set; its isolation is 1 - radius(neighbor) / radius, 0 for a radius of 0. A row takes that of the smallest sphere that
holds it, the first of equal ones, and 1 outside of all.

Source: T. R. Bandaragoda et al., Isolation-Based Anomaly Detection Using Nearest-Neighbor Ensembles (2018),
doi:10.1111/coin.12156.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.chance import chosen, coarse
from tests.reference.iforest import Stream
from tests.reference.sample import Array, Sample, replaced, sample_of, score_of

Row = Sequence[float]
Sphere = tuple[list[float], float, float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
PARAMETERS: Mapping[str, Any] = {"n_estimators": 7, "max_samples": 4, "scaling": "robust", "random_state": 3}
LEAN: Mapping[str, Any] = {"n_estimators": 12}

# Five rows by hand, one set of all of them: radii 1, 1, 2, 4, 8; the nearest of 1 is 2 and of 2 is 1, of 4 is 2, of 8
# is 4, of 16 is 8: isolations 0, 0, 1/2, 1/2, 1/2. Every row lies in its own sphere; 1 and 2 in both of the smallest.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_estimators": 1}
HAND_SCORES = (0.0, 0.0, 0.5, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample, and the sets: centre, squared radius and isolation of each sphere."""

    sample: Sample
    sets: tuple[tuple[Sphere, ...], ...]

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    n_estimators: int = 200,
    max_samples: int = 8,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, n_estimators * max_samples, scaling, random_state)
    points = sample.reference.tolist()
    psi = min(max_samples, len(points))
    if all(sample.constant):
        return Fit(sample, ())
    return Fit(sample, tuple(spheres(points, psi, Stream(random_state, i)) for i in range(n_estimators)))


def square(left: Sequence[float], right: Sequence[float]) -> float:
    """The squared distance, in its first 32 bits."""
    return coarse(float(sum((a - b) * (a - b) for a, b in zip(left, right, strict=True))))


def spheres(points: list[list[float]], psi: int, stream: Stream) -> tuple[Sphere, ...]:
    """One set."""
    taken = [points[place] for place in chosen(stream, psi, len(points))]
    nearest = []
    for i, one in enumerate(taken):
        others = [(square(one, other), j) for j, other in enumerate(taken) if j != i]
        nearest.append(min(others))
    found = []
    for one, (radius, j) in zip(taken, nearest, strict=True):
        share = math.sqrt(nearest[j][0] / radius) if radius > 0 else 1.0
        found.append((one, radius, 1 - share))
    return tuple(found)


def scored(z: Array, model: Fit) -> float:
    """The mean isolation."""
    total = 0.0
    for one in model.sets:
        holding = [(radius, i) for i, (centre, radius, _) in enumerate(one) if square(z.tolist(), centre) <= radius]
        total += one[min(holding)[1]][2] if holding else 1.0
    return total / len(model.sets)


def terms(row: Row, model: Fit) -> list[float | None]:
    """What the score falls by when each value is replaced by the median."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
