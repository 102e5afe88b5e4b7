"""cblof: the distance from the nearest large cluster of kmeans (see there).

    score = min over large k of |z - c_k|, times the size of the nearest cluster of all with use_weights
    term_j = (z_j - c_j)^2 / distance (times that size) for the nearest large centre c, which is expected

The clusters are sorted by size, equally large ones in the order of kmeans. The first b are large: b is the smallest
number below their count for which they hold alpha of the sample and cluster b has beta times the rows of the next; if
there is none, the smallest for which the first holds, else the second, else all. Source: Z. He, X. Xu, S. Deng,
Discovering Cluster-Based Local Outliers (2003), doi:10.1016/S0167-8655(03)00003-5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.kmeans import grouped, nearest, parts, unscaled
from tests.reference.sample import Array, Sample, in_units, sample_of, unvaried

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
PARAMETERS: Mapping[str, Any] = {
    "n_clusters": 3, "alpha": 0.6, "beta": 2.0, "use_weights": True, "n_init": 2, "scaling": "robust",
    "max_samples": 30, "random_state": 3,
}  # fmt: skip
SHOWS: Mapping[str, Mapping[str, Any]] = {
    "alpha": {"n_clusters": 9, "beta": 50.0}, "beta": {"n_clusters": 9, "alpha": 0.999}, "n_init": {"n_clusters": 9},
    "random_state": {"max_samples": 30},
}  # fmt: skip
LEAN: Mapping[str, Any] = {"n_clusters": 4}

# Five rows by hand, two clusters: 1, 2, 3, 4 with the centre 2.5, and 30, which has a fifth of the rows. Four are 0.8
# of them, and four times as many as one: large for alpha 0.8 and beta 4. 30 is judged by the large one.
HAND_ROWS = (1.0, 2.0, 3.0, 4.0, 30.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_clusters": 2, "scaling": "none", "alpha": 0.8, "beta": 4.0}
HAND_SCORES = (1.5, 0.5, 0.5, 1.5, 27.5)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample, the centres by size, their sizes, and how many are large."""

    sample: Sample
    centres: list[Array]
    sizes: list[int]
    large: int
    use_weights: bool

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    n_clusters: int = 8,
    alpha: float = 0.9,
    beta: float = 5.0,
    use_weights: bool = False,
    n_init: int = 4,
    scaling: str = "standard",
    max_samples: int = 10_000,
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    if all(sample.constant):
        return Fit(sample, [], [], 0, use_weights)
    centres, groups = grouped(sample.reference, n_clusters, n_init, random_state)
    counts = [groups.count(k) for k in range(len(centres))]
    order = sorted(range(len(centres)), key=lambda k: -counts[k])
    sizes = [counts[k] for k in order]
    return Fit(sample, [centres[k] for k in order], sizes, boundary(sizes, alpha, beta), use_weights)


def boundary(sizes: Sequence[int], alpha: float, beta: float) -> int:
    """How many clusters are large."""
    fallback: dict[bool, int] = {}
    for b in range(1, len(sizes)):
        most, steep = sum(sizes[:b]) >= alpha * sum(sizes), sizes[b - 1] >= beta * sizes[b]
        if most and steep:
            return b
        if most or steep:
            fallback.setdefault(most, b)
    return fallback.get(True, fallback.get(False, len(sizes)))


def weight(z: Array, model: Fit) -> float:
    """What a distance is multiplied by."""
    return float(model.sizes[nearest(z, model.centres)[1]]) if model.use_weights else 1.0


def own(z: Array, model: Fit) -> Array:
    """The nearest large centre."""
    return model.centres[nearest(z, model.centres[: model.large])[1]]


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    if not model.centres:
        return unvaried(row, model.sample)
    z = in_units(row, model.sample)
    return parts(z, own(z, model), model.constant, weight(z, model))


def score(row: Row, model: Fit) -> float:
    """The distance of a row whose terms are all known."""
    if not model.centres:
        return 0.0
    z = in_units(row, model.sample)
    return weight(z, model) * math.sqrt(nearest(z, model.centres[: model.large])[0])


def expected(row: Sequence[float | None], model: Fit) -> list[float | None]:
    """The nearest large centre; None where the row misses a feature."""
    known = [x for x in row if x is not None]
    if len(known) < len(row):
        return [None] * len(row)
    if not model.centres:
        return list(model.sample.only)
    return unscaled(own(in_units(known, model.sample), model), model.sample)
