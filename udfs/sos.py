"""sos: how likely it is that no other row takes a row for its neighbor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown.contract import ThresholdRule
from sqlnomaly.udfs.neighbors import Neighbors
from sqlnomaly.udfs.sampled import check_share

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector

@dataclass(frozen=True, slots=True, kw_only=True)
class Sos(Neighbors):
    """The probability that no row of a sample binds to the row, between 0 and 1.

    Janssens et al., Stochastic Outlier Selection (2012), TiCC TR 2012-001. Each row j of the sample has the affinity
    exp(-beta_j d(j, x)) to a row x, beta_j such that the entropy of its binding probabilities to the others is
    ln(perplexity); it binds to x with a share b_j(x) of its affinities, and the score is the product of 1 - b_j(x)
    over j. Distances are Euclidean and not squared, as in PyOD and in the first author's own program. A row that is not
    in the sample adds its own affinity to those of each j. PyOD scores the rows of a call together, so that its scores
    depend on them.

    Fit: a sample of ``max_samples`` rows, by a hash, and beta by Newton's method: each row is compared with each.
    Score: linear in the rows, each is compared with the sample. A row that coincides with one of the sample is taken
    for it.

    Edge cases: beta is at most 1e5 over the distance of the nearest row that is no copy, where more rows than the
    perplexity are copies, or as near. In a sample where there are no more others than the perplexity, each binds to all
    others alike: beta is 0. A row that misses a feature has no score, and is not fitted. Where there are more rows than
    are drawn, another order of the features draws others.

    Default threshold: 0.5: an outlier is more likely than not, as in the paper.

    Attributes:
        perplexity: the effective number of neighbors, 1 to 1,000, both excluded.
        max_samples: rows that a row is compared with, 2 to 100,000.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> call = "ROUND(anomaly_score(x, detector => 'sos', perplexity => 2.0), 3)"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} FROM {rows} ORDER BY x DESC LIMIT 2").fetchall()
        [(100, 1.0), (4, 0.11)]
    """

    name: ClassVar[str] = "sos"
    finds: ClassVar[str] = "rows that no other row is close to, as a probability"
    choose: ClassVar[str] = "a score should be a probability, and groups differ in density"
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=0.5)
    arrays: ClassVar[tuple[str, ...]] = ("reference", "sharpness", "nearest", "mass")

    perplexity: float = 4.5

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """perplexity lies within its limits."""
        Neighbors.validate(parameters)
        check_share(parameters, "perplexity", 1.0, 1000.0)

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The rows, and of each the sharpness, the distance of the nearest other one, and the sum of its affinities."""
        from sqlnomaly.udfs.kernel_sums import affinities

        sharpness, nearest, mass = affinities(rows, math.log(self.perplexity))
        return {"reference": rows, "sharpness": sharpness, "nearest": nearest, "mass": mass}

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The product of the probabilities not to bind."""
        import numpy as np

        from sqlnomaly.udfs.kernel_sums import unbound

        turned = np.ascontiguousarray(numbers["reference"].T)
        found: Vector = unbound(rows, turned, numbers["sharpness"], numbers["nearest"], numbers["mass"])
        return found
