"""esd: how far beyond the edge between the outliers of a sample and the rest of it a value lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.esd_rounds import Columns, cleaned, each, ends_of, limited, rounds
from sqlnomaly.udfs.sampled import check_whole
from sqlnomaly.udfs.student import check_alpha


@dataclass(frozen=True, slots=True, kw_only=True)
class Esd(Detector):
    """Distance from the mean without the outliers, over that of the edge of the outliers: above 1 is an outlier.

    The outliers of a feature are found by the generalized extreme studentized deviate test of Rosner, Percentage Points
    for a Generalized ESD Many-Outlier Procedure (1983), doi:10.1080/00401706.1983.10487848. The value farthest from the
    mean is taken away, again and again: R_i is its distance in standard deviations of what is left, and there are as
    many outliers as the last i with R_i > lambda_i says, lambda_i the critical value of Grubbs' test for n - i + 1
    values at level ``alpha``. So outliers cannot hide each other, as they do in ``grubbs`` and ``zscore``.

    score = max_j |x_j - mean_j| / edge_j, mean and standard deviation those of the values that are left. On a side with
    outliers the edge is half-way between the last outlier and the first value that is none; on the other side it is
    lambda times the standard deviation, or the farthest value if that is farther.

    Fit: one sort a feature for the ``max_outliers`` values at either end, then two steps for each of them over these
    few rows. Sums are taken of the values that are left, from the inside, and never by taking away.

    Edge cases: fewer than half of the values are outliers. A value of which some copies are outliers and others did not
    fit into ``max_outliers`` is none. A constant baseline gives 0 to its own value, NULL to any other; where what is
    left does not vary, so does a side without outliers. Fewer than ``min_rows`` (default 15, from where on the test
    holds well) values give NULL.

    Default threshold: 1.

    Attributes:
        max_outliers: the most outliers of a feature, 1 to 25.
        alpha: the level of the test, 1e-6 to 0.5.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT CASE i WHEN 3 THEN 60 WHEN 8 THEN 64 ELSE i % 7 END AS x FROM range(30) AS t(i))"
        >>> query = f"SELECT x, ROUND(anomaly_score(x, detector => 'esd'), 4) AS score FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY score DESC LIMIT 3").fetchall()
        [(64, 2.0297), (60, 1.8968), (0, 0.4757)]
    """

    name: ClassVar[str] = "esd"
    finds: ClassVar[str] = "several values too far from the mean, which hide each other"
    choose: ClassVar[str] = "values are roughly normal, and how many of them are outliers is to be tested"
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=1.0)
    rows: ClassVar[int] = 15
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "high_edge", "low_edge")
    no_removal: ClassVar[str] = "its outliers are no part of its baseline"

    max_outliers: int = 10
    alpha: float = 0.05
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """max_outliers is 1 to 25, alpha a level."""
        check_whole(parameters, "max_outliers", 1, 25)
        check_alpha(parameters)

    def state(self, data: Relation) -> Relation:
        """The moments of the core, the sums over the ends that are left, and the values around either edge."""
        return cleaned(rounds(ends_of(data, self.max_outliers, self.alpha), self.max_outliers))

    def finish(self, state: Relation) -> Relation:
        """The mean without the outliers, and how far from it the edge is on either side."""
        features = state.features
        left = state.extend("kept", each(features, _kept))
        means = left.extend("means", each(features, _means))
        return limited(means, self.alpha).extend("model", each(features, _edges))

    def term(self, feature: Feature) -> Expr:
        """The distance from the mean over that of the edge on its side."""
        x, centre, zero = feature.value, feature.get("centre"), ops.number(0.0)
        away = ops.sub(x, centre)
        up = ops.neg(away) if self.direction == "low" else away
        down = away if self.direction == "high" else ops.neg(away)
        high, low = feature.get("high_edge"), feature.get("low_edge")
        return ops.case(
            (ops.eq(x, centre), zero),
            (ops.and_(ops.gt(x, centre), ops.gt(high, zero)), ops.div(up, high)),
            (ops.and_(ops.lt(x, centre), ops.gt(low, zero)), ops.div(down, low)),
        )

    def band(self, feature: Feature, reach: Expr) -> tuple[Expr, Expr]:
        """So many times the edge of each side from the mean."""
        centre, zero = feature.get("centre"), ops.number(0.0)
        low, high = (ops.mul(reach, ops.coalesce(feature.get(side), zero)) for side in ("low_edge", "high_edge"))
        return ops.sub(centre, low), ops.add(centre, high)


def _kept(feature: Feature) -> Columns:
    """How many values are left, the sums over them, and their range: the core's where no end is left."""
    rows = ops.sub(ops.cast_double(feature.get("n")), ops.cast_double(feature.get("outliers")))
    return {
        "rows": rows,
        "sum": ops.coalesce(feature.get("s1"), ops.number(0.0)),
        "squares": ops.add(feature.get("core_m2"), ops.coalesce(feature.get("s2"), ops.number(0.0))),
        "least": ops.coalesce(feature.get("low_kept"), feature.get("core_low")),
        "most": ops.coalesce(feature.get("high_kept"), feature.get("core_high")),
    }


def _means(feature: Feature) -> Columns:
    """The mean of what is left, exactly where it does not vary, and the standard deviation."""
    shift = ops.div(feature.get("sum"), feature.get("rows"))
    variance = ops.div(
        ops.sub(feature.get("squares"), ops.mul(feature.get("sum"), shift)),
        ops.sub(feature.get("rows"), ops.number(1.0)),
    )
    one = ops.eq(feature.get("least"), feature.get("most"))
    return {
        "centre": ops.case((one, feature.get("least")), default=ops.add(feature.get("core_mean"), shift)),
        "sd": ops.case((one, ops.number(0.0)), default=ops.sqrt(variance)),
        "scale": ops.sub(feature.get("high"), feature.get("low")),
    }


def _edges(feature: Feature) -> Columns:
    """How far the edge is from the mean, above and below."""
    reach, centre = ops.mul(feature.get("limit"), feature.get("sd")), feature.get("centre")
    up = _edge(ops.sub(feature.get("high_taken"), centre), ops.sub(feature.get("most"), centre), reach)
    down = _edge(ops.sub(centre, feature.get("low_taken")), ops.sub(centre, feature.get("least")), reach)
    return {"high_edge": up, "low_edge": down}


def _edge(taken: Expr, kept: Expr, reach: Expr) -> Expr:
    """Half-way between outlier and value that is none; where there is no outlier what chance allows, at least."""
    between = ops.mul(ops.number(0.5), ops.add(taken, kept))
    return ops.case((ops.not_null(taken), between), (ops.gt(kept, reach), kept), default=reach)
