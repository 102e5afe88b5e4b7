"""abod: whether a row sees its neighbors in one direction only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.neighbors import Neighbors, once, search
from sqlnomaly.udfs.sampled import check_whole

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector

RANGE = (1e-300, 1e300)
"""Variances are taken to lie between these."""
FLAT = 1e-14
"""The least variance, in units of the squares that the cosines are divided by: less is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abod(Neighbors):
    """The less the angles between a row's neighbors vary, as the row sees them, the more it lies outside.

    score = -ln(variance over pairs a, b of the neighbors of <a - x, b - x> / (|a - x|^2 |b - x|^2)). Kriegel, Schubert
    and Zimek, Angle-Based Outlier Detection in High-Dimensional Data (2008), doi:10.1145/1401890.1401946, in its fast
    form over ``n_neighbors`` neighbors. PyOD's score is the variance with a minus sign, in the same order; it spans so
    many powers of ten that only its logarithm tells rows apart.

    Fit: a sample of ``max_samples`` rows, by a hash. Score: linear in the rows, each is compared with the sample, and
    n_neighbors^2 / 2 pairs. One row of the sample that coincides with the row is left out: its own copy.

    Edge cases: copies are one neighbor, as angles to them say nothing more; with fewer than three neighbors a row lies
    inside, -690.8. The variance counts as at least 1e-14 of the mean of 1 / (|a - x|^2 |b - x|^2), which rounding may
    make of none. One feature makes angles of 0 and 180 degrees only. A row that misses a feature has no score, and is
    not fitted. Where there are more rows than are drawn, another order of the features draws others.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_neighbors: how many neighbors, 3 to 200.
        max_samples: rows that a row is compared with, 2 to 100,000.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1, 1), (1, 2), (2, 1), (2, 2), (1.5, 1.5), (9, 9)) AS t(x, y)"
        >>> call = "ROUND(anomaly_score(x, y, detector => 'abod', scaling => 'none'), 2)"
        >>> sqlnomaly.connect().sql(f"SELECT {call} AS score FROM {rows} ORDER BY score DESC LIMIT 2").fetchall()
        [(15.36,), (1.79,)]
    """

    name: ClassVar[str] = "abod"
    finds: ClassVar[str] = "rows that see all others on one side"
    choose: ClassVar[str] = "there are many features, where distances say little"

    n_neighbors: int = 10

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """n_neighbors lies within its limits."""
        Neighbors.validate(parameters)
        check_whole(parameters, "n_neighbors", 3, 200)

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The rows, each once."""
        return {"reference": once(rows)}

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """-ln of the variance of the weighted cosines."""
        import numpy as np

        from sqlnomaly.udfs.neighbor_kernels import angle_moments

        _, places = search(rows, numbers["reference"], self.n_neighbors)
        pairs, size, spread = angle_moments(rows, numbers["reference"], places).T
        variance = np.where(pairs > 1, np.maximum(spread, FLAT * size), RANGE[1])
        found: Vector = -np.log(np.clip(np.nan_to_num(variance, nan=RANGE[1]), *RANGE))
        return found
