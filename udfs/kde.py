"""kde: how thinly the surroundings of a row are populated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.neighbors import Neighbors

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Kde(Neighbors):
    """The negative logarithm of the density at a row, estimated by a Gaussian kernel on each row of a sample.

    score = -ln((1 / m) sum_i (2 pi h^2)^(-d/2) exp(-|x - r_i|^2 / (2 h^2))). Parzen, On Estimation of a Probability
    Density Function and Mode (1962), doi:10.1214/aoms/1177704472; Latecki, Lazarevic and Pokrajac, Outlier Detection
    with Kernel Density Functions (2007), doi:10.1007/978-3-540-73499-4_6. Distances are in standard deviations unless
    ``scaling`` says otherwise, and the bandwidth h is Scott's rule m^(-1/(d + 4)) unless it is given, Scott,
    Multivariate Density Estimation (1992), doi:10.1002/9780470316849. PyOD does not scale, takes 1.0, and counts a
    training row as its own neighbor.

    Fit: a sample of ``max_samples`` rows, by a hash. Score: linear in the rows, each is compared with the sample. One
    row of the sample that coincides with the row is left out: its own copy.

    Edge cases: a row that misses a feature has no score, and is not fitted. Far away the score grows with the square of
    the distance and stays finite.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        bandwidth: the standard deviation of a kernel in units of ``scaling``; 0 for Scott's rule.
        max_samples: rows that a row is compared with, 2 to 100,000.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> call = "ROUND(anomaly_score(x, detector => 'kde', scaling => 'none', bandwidth => 1.0), 2)"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} FROM {rows} ORDER BY x DESC LIMIT 2").fetchall()
        [(100, 4610.53), (4, 2.81)]
    """

    name: ClassVar[str] = "kde"
    finds: ClassVar[str] = "rows where the density is low"
    choose: ClassVar[str] = "features are few and smooth, and the score should be a density"

    bandwidth: float = 0.0

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """bandwidth is 0 or more."""
        Neighbors.validate(parameters)
        width = parameters.get("bandwidth", 0.0)
        if not isinstance(width, int | float) or not 0.0 <= width <= 1e6:
            raise ValueError("bandwidth lies between 0 and 1,000,000; 0 takes Scott's rule")

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """-ln of the mean of the kernels."""
        import numpy as np

        from sqlnomaly.udfs.neighbor_kernels import log_density

        reference = numbers["reference"]
        count, features = reference.shape
        width = self.bandwidth or count ** (-1.0 / (features + 4))
        total = log_density(rows, np.ascontiguousarray(reference.T), width)
        found: Vector = math.log(count) + features * math.log(width * math.sqrt(2.0 * math.pi)) - total
        return found
