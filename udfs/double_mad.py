"""double_mad: the largest distance from the median over the features, each side in its own robust deviations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.mad import NORMAL_QUARTILE
from sqlnomaly.udfs.zscore import TINY


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleMad(Detector):
    """Largest distance from the median over the features, in robust standard deviations of the side that it lies on.

    score = max_j |x_j - median_j| / (MAD / 0.6744897501960817), MAD the median distance of the values at or above the
    median for a value above it, of those at or below it for one below. Hampel, The Influence Curve and Its Role in
    Robust Estimation (1974), doi:10.1080/01621459.1974.10482962, has the MAD of both sides together, as ``mad`` does; a
    skewed feature has a longer side, on which that calls too many values odd.

    Fit: a grouped quantile, then two more of the distances from it.

    Edge cases: a side whose MAD is 0 (more than half of its values equal the median) gives NULL to any value but the
    median; both 0 are a constant baseline. Fewer than ``min_rows`` (default 3) values give NULL.

    Default threshold: 3.5.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (5), (8), (13), (100)) AS t(x)"
        >>> call = "ROUND(anomaly_score(x, detector => 'double_mad'), 4)"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} FROM {rows} ORDER BY x DESC LIMIT 2").fetchall()
        [(100, 11.6503), (13, 0.9811)]
    """

    name: ClassVar[str] = "double_mad"
    finds: ClassVar[str] = "values far from the median of a skewed feature"
    choose: ClassVar[str] = "mad, but the feature has a long side that is ordinary"
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=3.5)
    rows: ClassVar[int] = 3
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "above", "below")
    no_removal: ClassVar[str] = "its breakdown point is 50 %: one row does not hide itself"

    direction: str = "both"

    def state(self, data: Relation) -> Relation:
        """n, the median, and the median distance from it on either side."""
        first: dict[str, Expr] = {}
        second: dict[str, Expr] = {}
        for feature in data.features:
            x, centre = feature.value, feature.get("centre")
            first[feature.stat("n")] = ops.count(x)
            first[feature.stat("centre")] = ops.quantile(x, 0.5)
            above = ops.case((ops.ge(x, centre), ops.sub(x, centre)))
            below = ops.case((ops.le(x, centre), ops.sub(centre, x)))
            second[feature.stat("mad_above")] = ops.quantile(above, 0.5)
            second[feature.stat("mad_below")] = ops.quantile(below, 0.5)
        centres = data.group("centre", first)
        return data.match(centres).group("spread", second, carry=tuple(first))

    def finish(self, state: Relation) -> Relation:
        """Both in units of the standard deviation."""
        columns: dict[str, Expr] = {}
        for feature in state.features:
            for side in ("above", "below"):
                scale = ops.div(feature.get(f"mad_{side}"), ops.number(NORMAL_QUARTILE))
                wide = ops.gt(scale, ops.number(TINY))
                columns[feature.stat(side)] = ops.case((wide, scale), default=ops.number(0.0))
        larger = {f.stat("scale"): ops.greatest(f.get("above"), f.get("below")) for f in state.features}
        return state.extend("sides", columns).extend("model", larger)

    def term(self, feature: Feature) -> Expr:
        """|x - median| over the scale of its side."""
        x, centre = feature.value, feature.get("centre")
        zero = ops.number(0.0)
        up, down = ops.sub(x, centre), ops.sub(centre, x)
        above = {"low": down}.get(self.direction, up)
        below = {"high": up}.get(self.direction, down)
        return ops.case(
            (ops.eq(x, centre), zero),
            (ops.and_(ops.gt(x, centre), ops.gt(feature.get("above"), zero)), ops.div(above, feature.get("above"))),
            (ops.and_(ops.lt(x, centre), ops.gt(feature.get("below"), zero)), ops.div(below, feature.get("below"))),
        )

    def band(self, feature: Feature, reach: Expr) -> tuple[Expr, Expr]:
        """So many scales of each side from the median."""
        centre = feature.get("centre")
        below, above = (ops.mul(reach, feature.get(side)) for side in ("below", "above"))
        return ops.sub(centre, below), ops.add(centre, above)
