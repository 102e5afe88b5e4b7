"""hbos: how empty the histogram bins of a row's values are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Categories, Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.frequencies import share
from sqlnomaly.udfs.zscore import TINY

RESOLUTION = 2.0**-51
"""Bins narrower than this share of the largest magnitude cannot be told apart in a double: a constant baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hbos(Detector):
    """Sum over the features of -log2(density of the value's histogram bin + alpha).

    Goldstein and Dengel, Histogram-based Outlier Score, KI-2012. The same formula as PyOD 3.6's HBOS: ``n_bins`` bins
    of equal width between the smallest and the largest fitted value; a bin is counted as [left, right) and looked up as
    (left, right], so that a value on an inner edge takes the density of the bin below it. Up to ``tol`` of a width
    outside the range the edge bin counts, beyond it the emptiest bin.

    Fit: the range, then the counts: two scans. Cost of the score: one CASE of n_bins branches a feature.

    Text is a category, a bar of width 1: its density is the share of the fitted rows that have it, counted by windows
    over the rows. A model of text features cannot be kept yet.

    Edge cases: a constant baseline gives 0 to its own value and NULL to any other, but for a category, which has the
    density 0 then; fewer than ``min_rows`` (default 3) values give NULL. The density depends on the unit of the
    feature, as in the paper.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_bins: the number of bins, 2 to 100.
        alpha: added to the density before the logarithm, between 0 and 1.
        tol: how far outside the range still counts as the edge bin, in widths, between 0 and 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (0), (1), (2), (3), (20)) AS t(x)"
        >>> query = f"SELECT x, ROUND(anomaly_score(x, detector => 'hbos', n_bins => 2), 4) FROM {rows} ORDER BY x"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(0, 2.4739), (1, 2.4739), (2, 2.4739), (3, 2.4739), (20, 3.0589)]
    """

    name: ClassVar[str] = "hbos"
    finds: ClassVar[str] = "values in thinly filled bins of a histogram"
    choose: ClassVar[str] = "features have several peaks, and a value between them is odd too"
    shape: ClassVar[Shape] = Shape.LOOKUP
    reduce: ClassVar[Reduce] = Reduce.SUM
    default: ClassVar[ThresholdRule] = ThresholdRule(contamination=0.01)
    rows: ClassVar[int] = 3
    categories: ClassVar[Categories] = Categories.MIXED

    n_bins: int = 10
    alpha: float = 0.1
    tol: float = 0.5

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """n_bins is 2 to 100, alpha and tol lie strictly between 0 and 1."""
        bins = parameters.get("n_bins", 10)
        if not isinstance(bins, int) or not 2 <= bins <= 100:
            raise ValueError("n_bins is a whole number from 2 to 100")
        for name in ("alpha", "tol"):
            share = parameters.get(name, 0.5)
            if not isinstance(share, int | float) or not 0 < share < 1:
                raise ValueError(f"{name} lies between 0 and 1, both excluded")

    def edge(self, feature: Feature, index: int) -> Expr:
        """The left edge of a bin; the last edge is the largest value."""
        ends = {0: "low", self.n_bins: "high"}
        return feature.get(ends.get(index, f"edge_{index}"))

    def state(self, data: Relation) -> Relation:
        """n, range, width and edges, then how many values lie at or above each inner edge."""
        bounds: dict[str, Expr] = {}
        widths: dict[str, Expr] = {}
        edges: dict[str, Expr] = {}
        counts: dict[str, Expr] = {}
        for feature in data.features:
            bounds[feature.stat("n")] = ops.count(feature.value)
            if feature.category:
                widths[feature.stat("scale")] = ops.number(1.0)
                continue
            bounds[feature.stat("low")] = ops.min_(feature.value)
            bounds[feature.stat("high")] = ops.max_(feature.value)
            low, high = feature.get("low"), feature.get("high")
            width = ops.div(ops.sub(high, low), ops.number(self.n_bins))
            largest = ops.greatest(
                ops.abs_(ops.coalesce(low, ops.number(0.0))), ops.abs_(ops.coalesce(high, ops.number(0.0)))
            )
            finest = ops.greatest(ops.number(TINY), ops.mul(ops.number(RESOLUTION), largest))
            widths[feature.stat("scale")] = ops.case((ops.gt(width, finest), width), default=ops.number(0.0))
            for index in range(1, self.n_bins):
                # As numpy.linspace computes it, so that a value on an edge falls where numpy.histogram puts it.
                offset = ops.mul(ops.number(index), feature.get("scale"))
                edges[feature.stat(f"edge_{index}")] = ops.add(offset, low)
                above = ops.ge(feature.value, self.edge(feature, index))
                counts[feature.stat(f"from_{index}")] = ops.count_if(above)
        ranges = data.group("bounds", bounds).extend("widths", widths).extend("edges", edges)
        return data.match(ranges).group("bins", counts, carry=(*bounds, *widths, *edges))

    def finish(self, state: Relation) -> Relation:
        """The contribution of each bin, and that of the emptiest."""
        levels: dict[str, Expr] = {}
        numbers = [feature for feature in state.features if not feature.category]
        for feature in numbers:
            n = feature.get("n")
            for index in range(self.n_bins):
                here = feature.get(f"from_{index}") if index else n
                count = ops.sub(here, feature.get(f"from_{index + 1}")) if index + 1 < self.n_bins else here
                width = ops.sub(self.edge(feature, index + 1), self.edge(feature, index))
                density = ops.div(ops.div(ops.cast_double(count), width), n)
                levels[feature.stat(f"level_{index}")] = self._level(density)
        worst = {
            feature.stat("worst"): ops.greatest(
                *(
                    ops.coalesce(feature.get(f"level_{index}"), ops.number(0.0))
                    for index in range(self.n_bins)
                )
            )
            for feature in numbers
        }
        return state.extend("levels", levels).extend("model", worst)

    def _level(self, density: Expr) -> Expr:
        """What a density contributes."""
        height = ops.ln_positive(ops.add(density, ops.number(self.alpha)))
        return ops.neg(ops.div(height, ops.number(math.log(2.0))))

    def meet(self, data: Relation, model: Relation) -> Relation:
        """The rows beside the model, and beside how many fitted rows have their categories."""
        categories = [feature for feature in data.features if feature.category]
        if not categories:
            return data.match(model)
        counts = {f.stat("count"): data.within(data.counted(f.value), f.value) for f in categories}
        known = ("n", "scale")
        stats = (*known, "low", "high", "worst", *self._numbered("edge", 1), *self._numbered("level", 0))
        carried = [f.stat(stat) for f in data.features for stat in (known if f.category else stats)]
        return data.match(model).extend("frequencies", counts, carry=carried)

    def _numbered(self, name: str, first: int) -> list[str]:
        return [f"{name}_{index}" for index in range(first, self.n_bins)]

    def constant(self, feature: Feature) -> Expr:
        """A range of no width; a single category is as good a baseline as many."""
        return ops.false() if feature.category else Detector.constant(self, feature)

    def term(self, feature: Feature) -> Expr:
        """The contribution of the value's bin, or of its category."""
        if feature.category:
            return ops.case((ops.not_null(feature.value), self._level(share(feature))))
        x, low, high, width = feature.value, feature.get("low"), feature.get("high"), feature.get("scale")
        slack = ops.mul(width, ops.number(self.tol))
        levels = [feature.get(f"level_{index}") for index in range(self.n_bins)]
        own = ops.and_(ops.eq(width, ops.number(0.0)), ops.ge(x, low), ops.le(x, high))
        return ops.case(
            (own, ops.number(0.0)),
            (ops.not_(ops.gt(width, ops.number(0.0))), ops.null()),
            (ops.gt(ops.sub(x, high), slack), feature.get("worst")),
            (ops.gt(ops.sub(low, x), slack), feature.get("worst")),
            *(
                (ops.gt(x, self.edge(feature, index)), levels[index])
                for index in range(self.n_bins - 1, 0, -1)
            ),
            (ops.not_null(x), levels[0]),
        )
