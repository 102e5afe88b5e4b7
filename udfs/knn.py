"""knn: how far away a row's nearest neighbors are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.neighbors import Neighbors, search, shares
from sqlnomaly.udfs.sampled import check_whole, check_word

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector

METHODS = ("mean", "largest", "median")


@dataclass(frozen=True, slots=True, kw_only=True)
class Knn(Neighbors):
    """The distance from the nearest neighbors: their mean, the largest, or the median.

    Ramaswamy, Rastogi and Shim, Efficient Algorithms for Mining Outliers from Large Data Sets (2000),
    doi:10.1145/335191.335437, take the distance of the k-th neighbor; Angiulli and Pizzuti, Fast Outlier Detection in
    High Dimensional Spaces (2002), doi:10.1007/3-540-45681-3_2, the mean of all k. Distances are Euclidean, in standard
    deviations unless ``scaling`` says otherwise; PyOD, whose ``method`` and formulas these are, does not scale, and
    takes 5 neighbors and the largest distance. A distance is the sum of its squared steps over itself, a feature each:
    the contributions add up to the score.

    Fit: a sample of ``max_samples`` rows, by a hash. Score: linear in the rows, each is compared with the sample. One
    row of the sample that coincides with the row is left out: its own copy.

    Edge cases: where the sample has fewer other rows than ``n_neighbors``, all of them count. Rows that are all equal
    score 0; see ``iforest`` for features that do not vary. A row that misses a feature has no score, and is not fitted.
    Where there are more rows than are drawn, another order of the features draws others.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_neighbors: how many neighbors, 1 to 1,000.
        method: ``'mean'``, ``'largest'`` or ``'median'`` of their distances.
        max_samples: rows that a row is compared with, 2 to 100,000.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> call = "anomaly_score(x, detector => 'knn', n_neighbors => 2, scaling => 'none')"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} FROM {rows} ORDER BY x DESC LIMIT 2").fetchall()
        [(100, 96.5), (4, 1.5)]
    """

    name: ClassVar[str] = "knn"
    finds: ClassVar[str] = "rows that have no neighbors"
    choose: ClassVar[str] = "groups have any shape and number, and an anomaly lies apart from all of them"

    n_neighbors: int = 50
    method: str = "mean"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """n_neighbors lies within its limits, method is one of three."""
        Neighbors.validate(parameters)
        check_whole(parameters, "n_neighbors", 1, 1000)
        check_word(parameters, "method", METHODS)

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The mean, the last or the middle of the distances."""
        import numpy as np

        distances, _ = search(rows, numbers["reference"], self.n_neighbors)
        if self.method == "largest":
            largest: Vector = distances.max(axis=1)
            return largest
        found: Vector = distances.mean(axis=1) if self.method == "mean" else np.median(distances, axis=1)
        return found

    def term_rows(self, numbers: Numbers, rows: Matrix, centre: Vector) -> Matrix:
        """Each feature's part of the distances that make the score."""
        import numpy as np

        reference = numbers["reference"]
        size = min(self.n_neighbors, len(reference) - 1)
        weights = np.zeros(size)
        if self.method == "mean":
            weights[:] = 1.0 / size
        elif self.method == "largest":
            weights[-1] = 1.0
        else:
            weights[(size - 1) // 2] += 0.5
            weights[size // 2] += 0.5
        return shares(rows, reference, self.n_neighbors, weights)
