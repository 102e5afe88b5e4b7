"""cof: how much longer the chain from a row to its neighbors is than theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.neighbors import Neighbors, once, search
from sqlnomaly.udfs.sampled import check_whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector

LEAST = 1e-300
"""The shortest chain that a score is divided by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cof(Neighbors):
    """The average chaining distance of a row over that of its neighbors: 1 is ordinary.

    Tang et al., Enhancing Effectiveness of Outlier Detections for Low Density Patterns (2002),
    doi:10.1007/3-540-47887-6_53. A chain begins at the row and always takes the one of its k neighbors that lies
    nearest to what it holds; the i-th of its k steps weighs 2 (k + 1 - i) / (k (k + 1)). So a row beside a line is told
    from a row of the line, where densities are alike. PyOD's COF chains the neighbors in the order of their distance
    from the row instead, and depends on the rows scored together.

    Fit: a sample of ``max_samples`` rows, by a hash, each of which gets its chain. Score: linear in the rows, each is
    compared with the sample. One row of the sample that coincides with the row is left out: its own copy.

    Edge cases: copies are one neighbor, so that no chain has the length 0. Where the sample has fewer other rows than
    ``n_neighbors``, all of them count. A row that misses a feature has no score, and is not fitted. Where there are
    more rows than are drawn, another order of the features draws others.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_neighbors: how many neighbors, 1 to 1,000.
        max_samples: rows that a row is compared with, 2 to 100,000.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> call = "ROUND(anomaly_score(x, detector => 'cof', n_neighbors => 2), 4)"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} FROM {rows} ORDER BY x DESC LIMIT 2").fetchall()
        [(100, 64.3333), (4, 1.0)]
    """

    name: ClassVar[str] = "cof"
    finds: ClassVar[str] = "rows beside a line or a sheet that the others lie on"
    choose: ClassVar[str] = "the rows follow a path through the features, and an anomaly leaves it"
    arrays: ClassVar[tuple[str, ...]] = ("reference", "chain")

    n_neighbors: int = 20

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """n_neighbors lies within its limits."""
        Neighbors.validate(parameters)
        check_whole(parameters, "n_neighbors", 1, 1000)

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The rows, each once, and the length of the chain of each."""
        reference = once(rows)
        return {"reference": reference, "chain": self._chain(reference, reference)[0]}

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The row's chain over the mean of its neighbors' chains."""
        import numpy as np

        chain, around = self._chain(rows, numbers["reference"])
        found: Vector = chain / np.maximum(numbers["chain"][around].mean(axis=1), LEAST)
        return found

    def _chain(self, rows: Matrix, reference: Matrix) -> tuple[Vector, NDArray[np.int64]]:
        """The chain of each row, and the places of its neighbors."""
        from sqlnomaly.udfs.neighbor_kernels import chaining

        _, places = search(rows, reference, self.n_neighbors)
        return chaining(rows, reference, places), places
