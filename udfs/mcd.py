"""mcd: the distance from the centre of the rows that lie closest together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown.contract import ThresholdRule
from sqlnomaly.udfs.ellipse import Ellipse, ellipse
from sqlnomaly.udfs.mahalanobis import chi_square_quantile
from sqlnomaly.udfs.wide import check_drawn

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers
    from sqlnomaly.udfs.wide import Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Mcd(Ellipse):
    """Squared distance from the mean of the rows that lie closest together, in the measure of their covariance.

    score = (x - m)' S^-1 (x - m), where m and S are the reweighted minimum covariance determinant estimate: of all
    subsets of h rows the one whose covariance has the smallest determinant, then every row that lies within the 0.975
    quantile of chi-square of it. Rousseeuw and Van Driessen, A Fast Algorithm for the Minimum Covariance Determinant
    Estimator (1999), doi:10.1080/00401706.1999.10485670. As long as fewer than 1 - ``support_fraction`` of the rows are
    anomalies, they do not move it, where a few are enough to hide themselves and others from mahalanobis. The starts
    hold no chance: four robust correlations and the nearer half of the rows (Hubert, Rousseeuw and Verdonck, A
    Deterministic Algorithm for Robust Location and Scatter (2012), doi:10.1080/10618600.2012.672100). scikit-learn's
    MinCovDet and PyOD start from random subsets, and come to the same estimate where it is the only one that is good. A
    feature contributes its distance from the centre times its part of S^-1 (x - m); the contributions add up to the
    score. The expected value of a feature is its mean given the row's other features.

    Fit: on the client, on a sample of ``max_samples`` rows, by a hash: some ten sorts of the sample for each of five
    starts. Score: in SQL, on every engine; the statement and the model grow with the square of the number of features
    (42 are the most).

    Edge cases: the covariance is mixed with 1e-8 of the robust variance of each feature (Boudt, Rousseeuw, Vanduffel
    and Verdonck 2020, doi:10.1007/s11222-019-09869-x), so that a row that breaks a sum which all others keep has a
    large score, not an infinite one; where the rows of the subset lie more than ten times as far apart as the quartiles
    (far rows are part of it), with 1e-10 of the feature's variance in it instead. Where more than half of the rows are
    equal in a feature, every other value of it has a large score. A feature that does not vary in the sample counts for
    nothing; if none varies, a row equal to the sample scores 0, any other NULL. A row that misses a feature has no
    score, and is not fitted. Fewer rows than ``min_rows`` (default: twice the features and two) give NULL. Which rows
    are drawn, where there are more than ``max_samples``, depends on the order of the features: another order may change
    the scores as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the chi-square distribution with as many degrees of freedom as features.

    Attributes:
        support_fraction: the share of the rows in the subset, between 0.5 and 1; 0 for (n + features + 1) / 2 rows,
            the most robust and scikit-learn's default. The default, 0.75, is the paper's choice where fewer than a
            quarter of the rows are anomalies.
        max_samples: rows that it is fitted on, 2 to 100,000.
        random_state: the seed of the sample, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i % 10 + i // 10 AS x, i % 10 AS y FROM range(40) AS t(i) UNION ALL SELECT 0, 40) AS t"
        >>> query = f"SELECT x, y, ROUND(anomaly_score(x, y, detector => 'mcd'), 3) AS score FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY score DESC LIMIT 1").fetchall()
        [(0, 40, 1385.787)]
    """

    name: ClassVar[str] = "mcd"
    finds: ClassVar[str] = "rows that do not fit the correlations of the others"
    choose: ClassVar[str] = "features move together, and several anomalies may hide each other"
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=6.6349)
    rows: ClassVar[int] = 4
    scaled_by: ClassVar[str] = "robust"

    support_fraction: float = 0.75
    max_samples: int = 10_000
    random_state: int = 0

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """support_fraction is 0, or a share that leaves the subset a majority."""
        check_drawn(parameters)
        share = parameters.get("support_fraction", 0.75)
        if not isinstance(share, int | float) or isinstance(share, bool) or not (share == 0 or 0.5 <= share <= 1):
            raise ValueError("support_fraction lies between 0.5 and 1; 0 takes (n + features + 1) / 2 rows")

    @classmethod
    def default_rule(cls, features: int) -> ThresholdRule:
        """The chi-square quantile for so many features."""
        return ThresholdRule(threshold=chi_square_quantile(features))

    @classmethod
    def default_rows(cls, features: int) -> int:
        """Twice the features and two."""
        return 2 * features + 2

    @property
    def sample(self) -> tuple[int, int]:
        """The rows that it is fitted on."""
        return self.max_samples, self.random_state

    def learn_rows(self, rows: Matrix, varying: Flags) -> Numbers:
        """The inverse of the covariance as a triangle, and the centre."""
        import numpy as np

        from sqlnomaly.udfs.robust_covariance import robust_covariance

        location, covariance = robust_covariance(rows, float(self.support_fraction))
        return ellipse(np.linalg.inv(np.linalg.cholesky(covariance)), location)
