"""grubbs: the largest distance from the mean over the features, against what chance allows for so many rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule, deviation
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.student import check_alpha, critical, place, powers
from sqlnomaly.udfs.zscore import Zscore


@dataclass(frozen=True, slots=True, kw_only=True)
class Grubbs(Detector):
    """Largest distance from the mean over the features, over the critical value of Grubbs' test: 1 is significant.

    score = max_j |x_j - mean_j| / (sd_j G(n)), with the sample standard deviation and the two-sided critical value
    G(n) = (n - 1) / sqrt(n) sqrt(t^2 / (n - 2 + t^2)), t the 1 - alpha / (2 n) quantile of Student's t with n - 2
    degrees of freedom. Grubbs, Procedures for Detecting Outlying Observations in Samples (1969),
    doi:10.1080/00401706.1969.10490657. The test says of one value, in a normal sample, whether it is too far out; the
    farthest row of a partition is an outlier at level ``alpha`` where its score is above 1. For several, see ``esd``.

    Fit: n, mean, M2, smallest and largest value of each feature: one scan. States merge. G is exact for up to 12 rows
    and within 1e-9 beyond.

    Edge cases: as ``zscore``; fewer than ``min_rows`` (default 3) values give NULL.

    Default threshold: 1.

    Attributes:
        alpha: the level of the test, 1e-6 to 0.5.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (8.0), (10), (12), (9), (11), (10), (50)) AS t(x)"
        >>> query = f"SELECT x, ROUND(anomaly_score(x, detector => 'grubbs'), 4) FROM {rows} ORDER BY x DESC LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(Decimal('50.0'), 1.1186), (Decimal('12.0'), 0.1212)]
    """

    name: ClassVar[str] = "grubbs"
    finds: ClassVar[str] = "a value too far from the mean for so few rows"
    choose: ClassVar[str] = "partitions are small and roughly normal, and a fixed distance would be unfair to them"
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=1.0)
    rows: ClassVar[int] = 3
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "scale", "critical")
    no_removal: ClassVar[str] = "the test is about a value of the sample, and without it decides the same"

    alpha: float = 0.05
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """alpha is a level."""
        check_alpha(parameters)

    def state(self, data: Relation) -> Relation:
        """n, mean, M2, smallest and largest value of each feature."""
        return Zscore().state(data)

    def pool(self, states: Relation) -> Relation:
        """As zscore."""
        return Zscore().pool(states)

    def finish(self, state: Relation) -> Relation:
        """The centre, the standard deviation and the critical value."""
        model = Zscore().finish(state)
        places = {f.stat("place"): place(f.get("n")) for f in state.features}
        raised = {f.stat(name): expr for f in state.features for name, expr in powers(f.get("place")).items()}
        limits: dict[str, Expr] = {}
        for feature in state.features:
            columns = [feature.get(name) for name in powers(feature.value)]
            limits[feature.stat("critical")] = critical(feature.get("n"), columns, self.alpha)
        return model.extend("places", places).extend("powers", raised).extend("limits", limits)

    def term(self, feature: Feature) -> Expr:
        """|x - mean| / (sd G)."""
        plain = deviation(feature, self.direction)
        constant = ops.eq(feature.get("scale"), ops.number(0.0))
        return ops.case((constant, plain), default=ops.div(plain, feature.get("critical")))

    def band(self, feature: Feature, reach: Expr) -> tuple[Expr, Expr]:
        """So many critical distances below and above the mean."""
        limit = ops.coalesce(feature.get("critical"), ops.number(0.0))
        return Detector.band(self, feature, ops.mul(reach, limit))
