"""kde: how thinly the surroundings of a row are populated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.neighbors import Neighbors

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector

RULES = ("scott", "silverman")
LIMITS = (1e-6, 1e6)
"""Of a bandwidth that is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kde(Neighbors):
    """The negative logarithm of the density at a row, estimated by a Gaussian kernel on each row of a sample.

    score = -ln((1 / m) sum_i (2 pi h^2)^(-d/2) exp(-|x - r_i|^2 / (2 h^2))) over the m rows of a sample.

    Parzen, On Estimation of a Probability Density Function and Mode (1962), doi:10.1214/aoms/1177704472; Latecki,
    Lazarevic and Pokrajac, Outlier Detection with Kernel Density Functions (2007), doi:10.1007/978-3-540-73499-4_6.
    Distances are in standard deviations unless ``scaling`` says otherwise. The bandwidth h is a number, or follows from
    the n rows of the sample: Scott's rule n^(-1/(d + 4)), Scott, Multivariate Density Estimation (1992),
    doi:10.1002/9780470316849, or Silverman's (n (d + 2) / 4)^(-1/(d + 4)), Silverman, Density Estimation for Statistics
    and Data Analysis (1986), doi:10.1201/9781315140919. PyOD does not scale, takes 1.0, and counts a training row as
    its own neighbor.

    Fit: a sample of ``max_samples`` rows, by a hash. Score: linear in the rows, each is compared with the sample. One
    row of the sample that coincides with the row is left out: its own copy.

    Edge cases: a row that misses a feature has no score, and is not fitted. Far away the score grows with the square of
    the distance and stays finite. Where there are more rows than are drawn, another order of the features draws others.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        bandwidth: the standard deviation of a kernel in units of ``scaling``, or ``'scott'`` or ``'silverman'``.
        max_samples: rows that a row is compared with, 2 to 100,000.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> call = "ROUND(anomaly_score(x, detector => 'kde', scaling => 'none', bandwidth => 1.0), 2)"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} FROM {rows} ORDER BY x DESC LIMIT 2").fetchall()
        [(100, 4610.31), (4, 2.59)]
    """

    name: ClassVar[str] = "kde"
    finds: ClassVar[str] = "rows where the density is low"
    choose: ClassVar[str] = "features are few and smooth, and the score should be a density"
    several: ClassVar[frozenset[str]] = frozenset({"bandwidth"})

    bandwidth: float | str = "scott"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """bandwidth is the name of a rule, or lies within its limits."""
        Neighbors.validate(parameters)
        width = parameters.get("bandwidth", RULES[0])
        if width in RULES:
            return
        if (
            not isinstance(width, int | float)
            or isinstance(width, bool)
            or not LIMITS[0] <= width <= LIMITS[1]
        ):
            raise ValueError(
                f"bandwidth is 'scott', 'silverman', or lies between {LIMITS[0]:g} and {LIMITS[1]:,.0f}"
            )

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """-ln of the mean of the kernels."""
        import numpy as np

        from sqlnomaly.udfs.kernel_sums import log_mean_kernel

        turned = np.ascontiguousarray(numbers["reference"].T)
        width = self._width(*turned.shape)
        mean = log_mean_kernel(rows, turned, width)
        found: Vector = len(turned) * math.log(width * math.sqrt(2.0 * math.pi)) - mean
        return found

    def _width(self, features: int, count: int) -> float:
        """The bandwidth for a sample of so many rows."""
        if not isinstance(self.bandwidth, str):
            return float(self.bandwidth)
        effective = count if self.bandwidth == "scott" else count * (features + 2) / 4
        return float(effective ** (-1.0 / (features + 4)))
