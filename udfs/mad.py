"""mad: the largest distance from the median over the features, in robust standard deviations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule, deviation
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.zscore import TINY

NORMAL_QUARTILE = 0.6744897501960817
"""The 0.75 quantile of the standard normal: MAD divided by it estimates the standard deviation."""

MEDIAN = 1.0 / NORMAL_QUARTILE
"""The deviation of normal values, in medians of their distances from the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mad(Detector):
    """Largest distance from the median over the features, in robust standard deviations.

    score = max_j |x_j - median_j| / (MAD_j / 0.6744897501960817), MAD = median |x - median|, both Hyndman-Fan type 7.
    Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993), ISBN 978-0873892476. PyOD's MAD takes
    0.6745 and one feature only: its scores are larger by a factor of 1.0000152.

    With ORDER BY and no frame a row is judged by all rows before it, which takes n (n - 1) / 2 pairs of rows for a
    partition of n, about 20 bytes each on DuckDB while it runs: for long series take ``seasonal``, or a ROWS frame.

    Fit: two grouped quantiles a feature; the second needs the first. Half the fitted rows may be anomalies before it
    breaks, so leave-one-out is refused: it would change nothing but the cost.

    Edge cases: MAD = 0 (more than half the values equal) is a constant baseline: 0 for the median itself, NULL for
    any other value. Fewer than ``min_rows`` (default 3) values give NULL.

    Default threshold: 3.5.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> query = f"SELECT x, ROUND(anomaly_score(x, detector => 'mad'), 4) FROM {rows} ORDER BY x DESC LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(100, 65.4255), (4, 0.6745)]
    """

    name: ClassVar[str] = "mad"
    finds: ClassVar[str] = "values far from the median"
    choose: ClassVar[str] = "several anomalies may hide each other, or you do not know what to begin with"
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=3.5)
    rows: ClassVar[int] = 3
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "scale")
    ordered: ClassVar[bool] = True
    listed: ClassVar[bool] = True
    framed: ClassVar[bool] = True
    pools: ClassVar[bool] = True
    ranged: ClassVar[bool] = True
    no_removal: ClassVar[str] = "its breakdown point is 50 %: one row does not hide itself"

    direction: str = "both"

    def state(self, data: Relation) -> Relation:
        """n, the median, and the median distance from it."""
        first: dict[str, Expr] = {}
        for feature in data.features:
            first[feature.stat("n")] = ops.count(feature.value)
            first[feature.stat("centre")] = ops.quantile(feature.value, 0.5)
        centre = data.group("centre", first)
        second = {
            feature.stat("mad"): ops.quantile(ops.abs_(ops.sub(feature.value, feature.get("centre"))), 0.5)
            for feature in data.features
        }
        return data.match(centre).group("spread", second, carry=tuple(first))

    def finish(self, state: Relation) -> Relation:
        """MAD in units of the standard deviation."""
        columns: dict[str, Expr] = {}
        for feature in state.features:
            scale = ops.div(feature.get("mad"), ops.number(NORMAL_QUARTILE))
            columns[feature.stat("scale")] = ops.case(
                (ops.gt(scale, ops.number(TINY)), scale), default=ops.number(0.0)
            )
        return state.extend("model", columns)

    def term(self, feature: Feature) -> Expr:
        """|x - median| / scale."""
        return deviation(feature, self.direction)
