"""iqr: the largest distance beyond the quartiles over the features, in interquartile ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.zscore import TINY


@dataclass(frozen=True, slots=True, kw_only=True)
class Iqr(Detector):
    """Largest distance beyond the quartiles over the features, in interquartile ranges.

    score = max_j max(x_j - Q3_j, Q1_j - x_j, 0) / (Q3_j - Q1_j), with Hyndman-Fan type 7 quartiles. The fences of
    Tukey's box plot lie at 1.5, his far-out fences at 3: Exploratory Data Analysis (1977), ISBN 978-0201076165. Half
    the fitted rows lie inside the box and have the score 0. ``direction => 'high'`` counts the upper fence alone,
    ``'low'`` the lower one. numpy's and pandas' default quantiles are the same.

    Fit: two grouped quantiles a feature, one scan. A quarter of the fitted rows on one side may be anomalies before it
    breaks, so leave-one-out is refused: it would change nothing but the cost.

    With ORDER BY and no frame a row is judged by all rows before it, which takes n (n - 1) / 2 pairs of rows for a
    partition of n: for long series take a ROWS frame.

    Edge cases: Q3 = Q1 (over half the values equal) is a constant baseline: 0 for that value itself, NULL for any
    other. Fewer than ``min_rows`` (default 4) values give NULL. What counts as expected, and what ``min_effect`` is
    measured from, is the middle between the quartiles.

    Default threshold: 1.5.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> query = f"SELECT x, anomaly_score(x, detector => 'iqr') FROM {rows} ORDER BY x DESC LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(100, 48.0), (4, 0.0)]
    """

    name: ClassVar[str] = "iqr"
    finds: ClassVar[str] = "values beyond the fences of a box plot"
    choose: ClassVar[str] = (
        "people know box plots; features are skewed, so that the two sides need different fences"
    )
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=1.5)
    rows: ClassVar[int] = 4
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("q1", "q3", "scale")
    ordered: ClassVar[bool] = True
    listed: ClassVar[bool] = True
    framed: ClassVar[bool] = True
    ranged: ClassVar[bool] = True
    no_removal: ClassVar[str] = "its breakdown point is 25 %: one row does not hide itself"

    direction: str = "both"

    def state(self, data: Relation) -> Relation:
        """n and the quartiles."""
        columns: dict[str, Expr] = {}
        for feature in data.features:
            columns[feature.stat("n")] = ops.count(feature.value)
            columns[feature.stat("q1")] = ops.quantile(feature.value, 0.25)
            columns[feature.stat("q3")] = ops.quantile(feature.value, 0.75)
        return data.group("quartiles", columns)

    def finish(self, state: Relation) -> Relation:
        """The range between the quartiles, and its middle."""
        columns: dict[str, Expr] = {}
        for feature in state.features:
            q1, q3 = feature.get("q1"), feature.get("q3")
            width = ops.sub(q3, q1)
            columns[feature.stat("scale")] = ops.case(
                (ops.gt(width, ops.number(TINY)), width), default=ops.number(0.0)
            )
            columns[feature.stat("centre")] = ops.add(q1, ops.mul(ops.number(0.5), width))
        return state.extend("model", columns)

    def term(self, feature: Feature) -> Expr:
        """The distance beyond the nearer fence of the box over its width, 0 inside."""
        x, q1, q3, scale = feature.value, feature.get("q1"), feature.get("q3"), feature.get("scale")
        above, below = ops.sub(x, q3), ops.sub(q1, x)
        beyond = {"both": ops.greatest(above, below), "high": above, "low": below}[self.direction]
        varies, zero = ops.gt(scale, ops.number(0.0)), ops.number(0.0)
        return ops.case(
            (ops.and_(varies, ops.gt(beyond, zero)), ops.div(beyond, scale)),
            (ops.and_(varies, ops.le(beyond, zero)), zero),
            (ops.eq(x, feature.get("centre")), zero),
        )

    def band(self, feature: Feature, reach: Expr) -> tuple[Expr, Expr]:
        """So many widths of the box below and above it."""
        away = ops.mul(reach, feature.get("scale"))
        return ops.sub(feature.get("q1"), away), ops.add(feature.get("q3"), away)
