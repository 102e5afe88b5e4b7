"""duplicates: how many fitted rows are the same as a row in every feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Categories, Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation

LAST = 1e300
"""The order key of a missing value: beyond every value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates(Detector):
    """The number of fitted rows of the partition that equal a row in every feature, itself among them: 1 is unique.

    score = #{i: x_ij = x_j for every feature j}. Records that agree in every field are the certain matches of Fellegi
    and Sunter, A Theory for Record Linkage (1969), doi:10.1080/01621459.1969.10501049. Each feature contributes the
    same part of the score.

    With ``leave_one_out => TRUE`` a row does not count itself: then 0 is unique, and ``threshold => 0`` finds the
    duplicates. Under FILTER a row that is not fitted is compared with those that are: 0 means that it is new.

    Fit: one sort of the rows by all features, and no model: that would be the rows themselves.

    Edge cases: features are numbers, timestamps, truth values and text, compared as they are; integers beyond 2^53 are
    compared as the nearest doubles. -0.0 equals 0.0. A row that misses a value equals no other and has no score. Fewer
    than ``min_rows`` (default 1) complete rows give NULL; with ``leave_one_out`` they are the other rows. There is no
    constant baseline.

    Default threshold: 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1, 9.5, 'a'), (2, 9.5, 'a'), (3, 9.5, 'b'), (4, 7.0, 'a')) AS t(id, price, shop)"
        >>> query = f"SELECT id, anomaly_score(price, shop, detector => 'duplicates') AS score FROM {rows} ORDER BY id"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(1, 2.0), (2, 2.0), (3, 1.0), (4, 1.0)]
    """

    name: ClassVar[str] = "duplicates"
    finds: ClassVar[str] = "rows that are there twice"
    choose: ClassVar[str] = "a payment, an order or a measurement must not be recorded more than once"
    shape: ClassVar[Shape] = Shape.LOOKUP
    reduce: ClassVar[Reduce] = Reduce.SUM
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=1.0)
    rows: ClassVar[int] = 1
    joint: ClassVar[bool] = True
    removable: ClassVar[bool] = True
    categories: ClassVar[Categories] = Categories.MIXED
    no_model: ClassVar[str | None] = "it would be a copy of the rows"

    def state(self, data: Relation) -> Relation:
        """The rows themselves, each with its count."""
        return self.fused(data)

    def meet(self, data: Relation, model: Relation) -> Relation:
        """The rows with their counts: there is no model beside them."""
        return self.fused(data)

    def fused(self, data: Relation) -> Relation:
        """Equal rows have equal places in the order of all features; a fitted row weighs one."""
        first = data.features[0]
        place = ops.func("DENSE_RANK")
        order = [_key(feature) for feature in data.features]
        complete = ops.and_(*(ops.not_null(feature.value) for feature in data.features))
        weight = ops.case((complete, data.weight), default=ops.integer(0))
        placed = data.extend("places", {first.stat("place"): data.over(place, order=order)})
        columns: dict[str, Expr] = {first.stat("copies"): data.within(ops.sum_(weight), first.get("place"))}
        for feature in data.features:
            columns[feature.stat("n")] = data.over(ops.sum_(weight))
            columns[feature.stat("scale")] = ops.number(1.0)
        return placed.extend("copies", columns)

    def score(self, features: Sequence[Feature]) -> Expr:
        """The number of fitted rows like this one."""
        complete = ops.and_(*(ops.not_null(feature.value) for feature in features))
        return ops.case((complete, ops.cast_double(features[0].get("copies"))))

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """An equal part of the score each."""
        return [ops.div(self.score(features), ops.number(float(len(features)))) for _ in features]

    def without_own(self, score: Expr, n: Expr) -> Expr:
        """One less: a fitted row is one of those that equal it."""
        return ops.sub(score, ops.number(1.0))

    def constant(self, feature: Feature) -> Expr:
        """Never: rows that are all the same are all duplicates."""
        return ops.false()


def _key(feature: Feature) -> Expr:
    """What rows are ordered by, never NULL."""
    if feature.category:
        return ops.coalesce(feature.value, ops.text(""))
    return ops.coalesce(feature.value, ops.number(LAST))
