"""sampling: how far away the nearest of very few rows is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.neighbors import search, shares
from sqlnomaly.udfs.sampled import Sampled, check_whole

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Sampled):
    """The distance from the nearest of ``subset_size`` rows that were drawn once.

    Sugiyama and Borgwardt, Rapid Distance-Based Outlier Detection via Sampling (2013),
    https://papers.nips.cc/paper/2013/hash/d296c101daa88a51f6ca8cfc1ac79b50-Abstract.html. Distances are Euclidean, in
    standard deviations of the drawn rows unless ``scaling`` says otherwise; PyOD does not scale.

    Fit: ``subset_size`` rows, by a hash: no other detector moves fewer. Score: linear in the rows. A drawn row that
    coincides with the row to be scored is left out: its own copy. Contributions add up to the score.

    Edge cases: a row that misses a feature has no score, and is not fitted. Another order of the features draws other
    rows and numbers, as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        subset_size: rows that are drawn, 2 to 10,000.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> call = "anomaly_score(x, detector => 'sampling', scaling => 'none')"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} FROM {rows} ORDER BY x DESC LIMIT 2").fetchall()
        [(100, 96.0), (4, 1.0)]
    """

    name: ClassVar[str] = "sampling"
    finds: ClassVar[str] = "rows far away from a handful of others"
    choose: ClassVar[str] = "hardly any row may leave the engine, or speed counts most"
    arrays: ClassVar[tuple[str, ...]] = ("reference",)

    subset_size: int = 20

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """subset_size lies within its limits."""
        Sampled.validate(parameters)
        check_whole(parameters, "subset_size", 2, 10_000)

    @property
    def sample(self) -> tuple[int, int]:
        """The subset."""
        return self.subset_size, self.random_state

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The rows themselves."""
        return {"reference": rows}

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The distance from the nearest."""
        return search(rows, numbers["reference"], 1)[0][:, 0]

    def term_rows(self, numbers: Numbers, rows: Matrix, centre: Vector) -> Matrix:
        """Each feature's part of the distance."""
        import numpy as np

        return shares(rows, numbers["reference"], 1, np.ones(1))
