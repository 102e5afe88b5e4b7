"""copula_mcd: odd combinations of values, whatever the distributions of the features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown.contract import Tolerance
from sqlnomaly.udfs.sampled import Sampled, check_whole

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class CopulaMcd(Sampled):
    """The robust squared Mahalanobis distance of a row's normal scores.

    A value's normal score is the normal quantile of its share among the sample, (values below it + half of its copies)
    / m, linear between two of them: the marginals of a Gaussian copula, Liu, Lafferty and Wasserman, The Nonparanormal
    (2009), https://jmlr.org/papers/v10/liu09a.html. Their centre and covariance are those of ``mcd``. So a row is odd
    if its values do not go together, or several of them are far out; one value alone is at most as odd as the
    sample's last.

    Fit: on the client, on a sample of the rows by a hash. Score: linear in the rows, features^2 / 2 products.

    Edge cases: beyond the sample's range a value has the score of its end. A row that misses a feature has no score,
    and is not fitted. Where there are more rows than are drawn, another order of the features draws others.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        support_fraction: the share of the sample that the covariance is fitted to, from 0.5 to 1.
        max_samples: rows of the sample, 3 to 100,000.
        scaling: has no effect on the score: normal scores have no unit.
        random_state: the seed of the sample, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS x, CASE i WHEN 7 THEN 93 ELSE i END AS y FROM range(100) AS t(i))"
        >>> call = "anomaly_score(x, y, detector => 'copula_mcd')"
        >>> query = f"SELECT x, {call} > 100 AS odd FROM {rows} ORDER BY {call} DESC LIMIT 1"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(7, True)]
    """

    name: ClassVar[str] = "copula_mcd"
    own_units: ClassVar[bool] = True
    finds: ClassVar[str] = "odd combinations, whatever the features' distributions"
    choose: ClassVar[str] = "as mahalanobis, and features are skewed or have heavy tails"
    tolerance: ClassVar[Tolerance] = Tolerance.SOLVED
    arrays: ClassVar[tuple[str, ...]] = ("knot_feature", "knot_value", "knot_normal", "location", "root")

    support_fraction: float = 0.75
    max_samples: int = 2_000

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Each parameter lies within its limits."""
        Sampled.validate(parameters)
        check_whole(parameters, "max_samples", 3, 100_000)
        share = parameters.get("support_fraction", 0.75)
        if not isinstance(share, int | float) or not 0.5 <= share <= 1.0:
            raise ValueError("support_fraction lies between 0.5 and 1")

    @property
    def sample(self) -> tuple[int, int]:
        """The rows that it is fitted on."""
        return self.max_samples, self.random_state

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The knots and the moments."""
        from sqlnomaly.udfs.normal_scores import learn

        return learn(rows, self.support_fraction)

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The squared distance."""
        from sqlnomaly.udfs.normal_scores import distances

        return distances(numbers, rows)
