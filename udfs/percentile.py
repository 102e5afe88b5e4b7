"""percentile: the largest distance from the median over the features, in units of a quantile band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.sampled import check_share
from sqlnomaly.udfs.zscore import TINY


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentile(Detector):
    """How far out of the band between two quantiles a value lies, over the features: 1 is the edge of the band.

    score = max_j (x_j - median_j) / (Q_upper - median_j) above the median, (median_j - x_j) / (median_j - Q_lower)
    below it, Hyndman-Fan type 7, doi:10.2307/2684934. ``direction => 'high'`` counts the upper edge alone, ``'low'``
    the lower one.

    Fit: three grouped quantiles a feature, one scan.

    Edge cases: a side on which the quantile is the median itself takes the width of the whole band; Q_upper = Q_lower
    is a constant baseline: 0 for that value itself, NULL for any other. Fewer than ``min_rows`` (default 10) values
    give NULL.

    Default threshold: 1, the band itself: about ``lower`` + 1 - ``upper`` of the fitted values lie outside.

    Attributes:
        lower: the share below the band, between 0 and 0.5.
        upper: the share up to its upper edge, between 0.5 and 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT CASE i WHEN 7 THEN 300 ELSE i END AS x FROM range(101) AS t(i))"
        >>> query = f"SELECT x, ROUND(anomaly_score(x, detector => 'percentile'), 2) AS score FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY score DESC LIMIT 2").fetchall()
        [(300, 5.08), (0, 1.02)]
    """

    name: ClassVar[str] = "percentile"
    finds: ClassVar[str] = "values outside of the band between two quantiles"
    choose: ClassVar[str] = "a share of the values is to be checked whatever they are, and the edges are to be told"
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=1.0)
    rows: ClassVar[int] = 10
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "scale", "up", "down")
    no_removal: ClassVar[str] = "a quantile does not see how far out one row lies"

    lower: float = 0.01
    upper: float = 0.99
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """lower lies below the median, upper above it."""
        check_share(parameters, "lower", 0.0, 0.5)
        check_share(parameters, "upper", 0.5, 1.0)

    def state(self, data: Relation) -> Relation:
        """n, the median and the edges."""
        columns: dict[str, Expr] = {}
        for feature in data.features:
            columns[feature.stat("n")] = ops.count(feature.value)
            columns[feature.stat("below")] = ops.quantile(feature.value, self.lower)
            columns[feature.stat("centre")] = ops.quantile(feature.value, 0.5)
            columns[feature.stat("above")] = ops.quantile(feature.value, self.upper)
        return data.group("quantiles", columns)

    def finish(self, state: Relation) -> Relation:
        """The width of the band, and of each side."""
        columns: dict[str, Expr] = {}
        for feature in state.features:
            width = ops.sub(feature.get("above"), feature.get("below"))
            columns[feature.stat("scale")] = _wide(width, ops.number(0.0))
        model = state.extend("widths", columns)
        sides: dict[str, Expr] = {}
        for feature in state.features:
            centre, scale = feature.get("centre"), feature.get("scale")
            sides[feature.stat("up")] = _wide(ops.sub(feature.get("above"), centre), scale)
            sides[feature.stat("down")] = _wide(ops.sub(centre, feature.get("below")), scale)
        return model.extend("model", sides)

    def term(self, feature: Feature) -> Expr:
        """The distance from the median over the width of its side."""
        x, centre, scale = feature.value, feature.get("centre"), feature.get("scale")
        up = ops.div(ops.sub(x, centre), feature.get("up"))
        down = ops.div(ops.sub(centre, x), feature.get("down"))
        size = {"both": ops.greatest(up, down), "high": up, "low": down}[self.direction]
        varies = ops.and_(ops.not_null(x), ops.gt(scale, ops.number(0.0)))
        return ops.case((varies, size), (ops.eq(x, centre), ops.number(0.0)))

    def band(self, feature: Feature, reach: Expr) -> tuple[Expr, Expr]:
        """So many widths of each side from the median."""
        centre, zero = feature.get("centre"), ops.number(0.0)
        varies = ops.gt(feature.get("scale"), zero)
        down, up = (ops.case((varies, ops.mul(reach, feature.get(side))), default=zero) for side in ("down", "up"))
        return ops.sub(centre, down), ops.add(centre, up)


def _wide(width: Expr, otherwise: Expr) -> Expr:
    """The width, or something else where it is too narrow to divide by."""
    return ops.case((ops.gt(width, ops.number(TINY)), width), default=otherwise)
