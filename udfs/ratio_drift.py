"""ratio_drift: how far the ratio of two features is from its median, in robust standard deviations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.mad import NORMAL_QUARTILE
from sqlnomaly.udfs.zscore import TINY

FEWEST = 3
"""Ratios that a median distance is taken of."""
LARGEST = 1e150
"""The largest ratio, and the inverse of the smallest."""
LARGEST_LOG = math.log(LARGEST)
"""How far its logarithm may be from 0."""
ROUNDING = 1e-14
"""A distance below this share of the ratio is rounding: a ratio that is always the same does not vary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioDrift(Detector):
    """Distance of the ratio of the first feature to the second from its median, in robust standard deviations.

    score = |r - median(r)| / (MAD / 0.6744897501960817), r = ln(x / y), or x / y with ``log => FALSE``, MAD the median
    of |r - median(r)|: the score of ``mad`` for a ratio. Hampel, The Influence Curve and Its Role in Robust Estimation
    (1974), doi:10.1080/01621459.1974.10482962. The logarithm makes half and double equally far, whichever feature
    comes first.

    A contribution is how far a feature's own logarithm is from its median, in the direction of the score; the two add
    up to the score. With ``log => FALSE`` it is what the ratio changes by when the feature moves from its median to its
    value, on the average of both orders in which the two may move. The expected value of a feature is the one that
    gives the median ratio together with the other feature of the row.

    Fit: a grouped quantile of the ratio and of each feature, then one of the distances.

    Edge cases: takes exactly two features. There is no score where the denominator is 0, or where the logarithm is
    taken and the features have different signs or the numerator is 0; nor for a ratio beyond 1e150, or below 1e-150.
    Such rows are not fitted; their status is ``out_of_range``. MAD = 0 (more than half of the ratios equal) is a
    constant baseline: 0 for the median itself, NULL for any other ratio. A ratio within 1e-14 of the median is the
    median: the rest is rounding. Fewer than ``min_rows`` (default 3) complete rows, or fewer than three ratios, give
    NULL.

    Default threshold: 3.5.

    Attributes:
        log: whether the logarithm of the ratio is judged.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (10, 100), (22, 200), (27, 300), (41, 400), (25, 50)) AS t(clicks, views)"
        >>> call = "ROUND(anomaly_score(clicks, views, detector => 'ratio_drift'), 4) AS score"
        >>> sqlnomaly.connect().sql(f"SELECT clicks, {call} FROM {rows} ORDER BY score DESC LIMIT 2").fetchall()
        [(25, 15.1364), (27, 1.2422)]
    """

    name: ClassVar[str] = "ratio_drift"
    finds: ClassVar[str] = "rows where one feature is out of proportion to another"
    choose: ClassVar[str] = "two features rise and fall together, as cost and clicks, and their ratio is what counts"
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.SUM
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=3.5)
    rows: ClassVar[int] = 3
    joint: ClassVar[bool] = True
    least: ClassVar[int] = 2
    most: ClassVar[int | None] = 2
    no_removal: ClassVar[str] = "its breakdown point is 50 %: one row does not hide itself"

    log: bool = True

    def state(self, data: Relation) -> Relation:
        """How many rows have a ratio, its median, those of the features, and the median distance from the first."""
        rows = self._with_ratio(data)
        ratio, part, other = self._columns(data.features)
        complete = ops.and_(*(ops.not_null(feature.value) for feature in data.features))
        rows_of = ops.count(ops.case((complete, ops.integer(1))))
        first = {feature.stat("n"): rows_of for feature in data.features}
        first |= {
            data.features[0].stat("ratios"): ops.count(ratio),
            data.features[0].stat("ratio_centre"): ops.quantile(ratio, 0.5),
            data.features[0].stat("part_centre"): ops.quantile(part, 0.5),
            data.features[1].stat("part_centre"): ops.quantile(other, 0.5),
        }
        centres = rows.group("centre", first)
        distance = self._distance(data.features)
        second = {data.features[0].stat("mad"): ops.quantile(ops.abs_(distance), 0.5)}
        return rows.match(centres).group("spread", second, carry=tuple(first))

    def finish(self, state: Relation) -> Relation:
        """MAD in units of the standard deviation; too few ratios have none."""
        scale = ops.div(state.features[0].get("mad"), ops.number(NORMAL_QUARTILE))
        few = ops.lt(state.features[0].get("ratios"), ops.integer(FEWEST))
        wide = ops.case((few, ops.null()), (ops.gt(scale, ops.number(TINY)), scale), default=ops.number(0.0))
        return state.extend("model", {feature.stat("scale"): wide for feature in state.features})

    def meet(self, data: Relation, model: Relation) -> Relation:
        """The rows with their ratio, beside the model."""
        return self._with_ratio(data).match(model)

    def score(self, features: Sequence[Feature]) -> Expr:
        """|r - median| / scale."""
        distance, scale, zero = self._distance(features), features[0].get("scale"), ops.number(0.0)
        own = ops.and_(ops.eq(scale, zero), ops.eq(distance, zero))
        return ops.case((ops.gt(scale, zero), ops.div(ops.abs_(distance), scale)), (own, zero))

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Each feature's share of the distance, with the sign of being in its direction."""
        distance, scale, zero = self._distance(features), features[0].get("scale"), ops.number(0.0)
        first, second = (self._log_shares if self.log else self._plain_shares)(features)
        rest = ops.mul(ops.number(0.5), ops.sub(distance, ops.add(first, second)))
        sign = ops.case((ops.lt(distance, zero), ops.number(-1.0)), default=ops.number(1.0))
        found: list[Expr] = []
        for share in (first, second):
            varies = ops.and_(ops.gt(scale, zero), ops.not_null(distance))
            whole = ops.coalesce(ops.add(share, rest), ops.mul(ops.number(0.5), distance))
            size = ops.div(ops.mul(sign, whole), scale)
            own = ops.and_(ops.eq(scale, zero), ops.eq(distance, zero))
            found.append(ops.case((varies, size), (own, zero)))
        return found

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """What goes with the other feature at the median ratio."""
        centre = features[0].get("ratio_centre")
        if self.log:
            within = ops.le(ops.abs_(centre), ops.number(LARGEST_LOG))
            centre = ops.func("EXP", ops.case((within, centre)))
        x, y = (feature.value for feature in features)
        near = ops.gt(ops.abs_(centre), ops.number(TINY))
        return [ops.mul(y, centre), ops.case((near, ops.div(x, centre)))]

    def unscored(self, features: Sequence[Feature]) -> Sequence[tuple[Expr, str]]:
        """A row without a ratio, or fewer ratios than a median distance takes."""
        ratio, _, _ = self._columns(features)
        few = ops.lt(features[0].get("ratios"), ops.integer(FEWEST))
        return [(ops.is_null(ratio), "out_of_range"), (few, "too_few_rows")]

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """log is a truth value."""
        if not isinstance(parameters.get("log", True), bool):
            raise ValueError("log is TRUE or FALSE")

    def _with_ratio(self, data: Relation) -> Relation:
        """The rows with the ratio and its parts: logarithms, or the features themselves."""
        x, y = (feature.value for feature in data.features)
        zero = ops.number(0.0)
        logs = [ops.ln(ops.abs_(value)) for value in (x, y)]
        within = ops.le(ops.abs_(ops.sub(*logs)), ops.number(LARGEST_LOG))
        if self.log:
            both = [ops.and_(above(x, zero), above(y, zero)) for above in (ops.gt, ops.lt)]
            there = ops.and_(ops.or_(*both), within)
            values = [ops.ln_positive(ops.case((there, ops.div(x, y)))), *logs]
        else:
            none = ops.and_(ops.eq(x, zero), ops.ne(y, zero))
            there = ops.or_(none, within)
            values = [ops.case((none, zero), (within, ops.div(x, y))), x, y]
        columns = [values[0], *(ops.case((there, value)) for value in values[1:])]
        return data.extend("ratios", dict(zip(self._names(data.features), columns, strict=True)))

    def _names(self, features: Sequence[Feature]) -> tuple[str, str, str]:
        return features[0].stat("ratio"), features[0].stat("part"), features[1].stat("part")

    def _columns(self, features: Sequence[Feature]) -> tuple[Expr, Expr, Expr]:
        ratio, part, other = self._names(features)
        return ops.column(ratio), ops.column(part), ops.column(other)

    def _distance(self, features: Sequence[Feature]) -> Expr:
        """How far the ratio is from its median; what may be rounding is nothing."""
        ratio, _, _ = self._columns(features)
        centre = features[0].get("ratio_centre")
        distance = ops.sub(ratio, centre)
        size = ops.abs_(centre)
        size = ops.add(ops.number(1.0), size) if self.log else size
        rounding = ops.le(ops.abs_(distance), ops.mul(ops.number(ROUNDING), size))
        return ops.case((rounding, ops.number(0.0)), default=distance)

    def _log_shares(self, features: Sequence[Feature]) -> tuple[Expr, Expr]:
        """How far each logarithm is from its median."""
        _, part, other = self._columns(features)
        first = ops.sub(part, features[0].get("part_centre"))
        return first, ops.sub(features[1].get("part_centre"), other)

    def _plain_shares(self, features: Sequence[Feature]) -> tuple[Expr, Expr]:
        """What the ratio changes by when one feature moves, on the average of moving first and second."""
        _, x, y = self._columns(features)
        near_x, near_y = (feature.get("part_centre") for feature in features)
        half = ops.number(0.5)

        def moves(first: Expr, second: Expr) -> Expr:
            return ops.mul(half, ops.add(first, second))

        by_x = moves(_over(ops.sub(x, near_x), near_y), _over(ops.sub(x, near_x), y))
        at_value = ops.sub(_over(x, y), _over(x, near_y))
        at_centre = ops.sub(_over(near_x, y), _over(near_x, near_y))
        return by_x, moves(at_centre, at_value)


def _over(top: Expr, bottom: Expr) -> Expr:
    """top / bottom; NULL beyond 1e150, 0 below 1e-150, as some engines raise where others go to infinity or 0."""
    large, small = ops.abs_(bottom), ops.abs_(top)
    within = ops.le(small, ops.mul(large, ops.number(LARGEST)))
    seen = ops.ge(ops.mul(small, ops.number(LARGEST)), large)
    none = ops.and_(within, ops.gt(large, ops.number(0.0)))
    return ops.case((ops.and_(within, seen), ops.div(top, bottom)), (none, ops.number(0.0)))
