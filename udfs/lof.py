"""lof: how much thinner the surroundings of a row are than those of its neighbors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.neighbors import Neighbors, search
from sqlnomaly.udfs.sampled import check_whole

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector

LEAST = 1e-10
"""Added to a mean distance, as scikit-learn does, so that the density of rows that coincide is finite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lof(Neighbors):
    """The mean density around a row's neighbors over the density around the row: 1 is ordinary.

    Breunig et al., LOF: Identifying Density-Based Local Outliers (2000), doi:10.1145/342009.335388. With d_k(b) the
    distance of b from its k-th neighbor, the reachability of b from a is max(d(a, b), d_k(b)), the density of a row is
    1 / (mean reachability of its k neighbors + 1e-10), and the score is the mean density of the neighbors over its
    own. scikit-learn's and PyOD's formula, on features in standard deviations unless ``scaling`` says otherwise.

    Fit: a sample of ``max_samples`` rows, by a hash, whose densities are found by comparing each with each. Score:
    linear in the rows, each is compared with the sample. One row of the sample that coincides with the row is left
    out: its own copy.

    Edge cases: where the sample has fewer other rows than ``n_neighbors``, all of them count. More than ``n_neighbors``
    copies of a row have a density of 1e10, and score 1. A row that misses a feature has no score, and is not fitted.
    Where there are more rows than are drawn, another order of the features draws others.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_neighbors: how many neighbors, 1 to 1,000.
        max_samples: rows that a row is compared with, 2 to 100,000.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> call = "ROUND(anomaly_score(x, detector => 'lof', n_neighbors => 2), 4)"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} FROM {rows} ORDER BY x DESC LIMIT 2").fetchall()
        [(100, 64.3333), (4, 1.0)]
    """

    name: ClassVar[str] = "lof"
    finds: ClassVar[str] = "rows in thinner surroundings than their neighbors"
    choose: ClassVar[str] = "groups differ in density, and an anomaly lies close to a dense one, but outside"
    arrays: ClassVar[tuple[str, ...]] = ("reference", "reach", "density")

    n_neighbors: int = 20

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """n_neighbors lies within its limits."""
        Neighbors.validate(parameters)
        check_whole(parameters, "n_neighbors", 1, 1000)

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The rows, the distance of each from its last neighbor, and its density."""
        import numpy as np

        distances, places = search(rows, rows, self.n_neighbors)
        reach = distances.max(axis=1)
        density = 1.0 / (np.maximum(distances, reach[places]).mean(axis=1) + LEAST)
        return {"reference": rows, "reach": reach, "density": density}

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The mean density of the neighbors over the row's own."""
        import numpy as np

        distances, places = search(rows, numbers["reference"], self.n_neighbors)
        own = np.maximum(distances, numbers["reach"][places]).mean(axis=1) + LEAST
        found: Vector = numbers["density"][places].mean(axis=1) * own
        return found
