"""Tails: how far out in the two tails of a feature's own distribution a value lies, by ranks of the fitted values.

What ecod and copod share: the fit, the rows beside it, and the steps of a stored model. They differ in what they make
of the two shares.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Piece, Reduce, Shape, Stored, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import COUNT, FEATURE, HIGH, OWN, VALUE, Feature, Relation
from sqlnomaly.udfs.tail_cells import ABOVE, BELOW, CLASS, by_feature, classed, classes, middle, ranked

SYMMETRIC = 1e-9
"""A third moment below this share of the absolute third moment is symmetric: its sign would be rounding."""

STEPS = 32
"""Steps that the ranks are cut into at most: a statement nested too deeply overflows the stack of what reads it."""

LEVEL = "_sn__level"

LAST = 1e300
"""The order key of a missing value: beyond every value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tails(Detector):
    """Sum over the features of what the shares of fitted values at or below, and at or above, a value amount to.

    A subclass says it twice, as ``depth`` for SQL and as ``level`` in Python for the steps of a stored model.

    Fit: one sort a feature. A fit and score of the same rows is one pass of windows; a model keeps the distinct values
    and their counts, which merge by adding up. A count of 0, of a value beyond all fitted ones, is taken as 1, so that
    the score stays finite.

    Attributes:
        exact: whether every value has a rank of its own, or shares one with its neighbours (see ``tail_cells``).
    """

    shape: ClassVar[Shape] = Shape.LOOKUP
    reduce: ClassVar[Reduce] = Reduce.SUM
    default: ClassVar[ThresholdRule] = ThresholdRule(contamination=0.01)
    rows: ClassVar[int] = 3

    exact: bool = True

    def depth(self, left: Expr, right: Expr, side: Expr) -> Expr:
        """The contribution of a value.

        Args:
            left: the share of fitted values at or below it, never 0.
            right: the share at or above it, never 0.
            side: the sign of the skewness: -1, 0 or 1.
        """
        raise NotImplementedError

    def level(self, left: float, right: float, side: int) -> float:
        """The same in Python."""
        raise NotImplementedError

    def state(self, data: Relation) -> Relation:
        """The distinct values of each feature, or their classes, with their counts."""
        return data.knots("knots") if self.exact else classes(classed(data))

    def pool(self, states: Relation) -> Relation | None:
        """The counts of equal values add up; classes of two bodies of rows have edges of their own."""
        return states.recounted("pooled") if self.exact else None

    def meet(self, data: Relation, model: Relation) -> Relation:
        """Rows and knots in one order: a row weighs nothing, a knot its count."""
        rows = data if self.exact else data.extend("tops", {f.stat("top"): f.value for f in data.features})
        index = ops.column(FEATURE)
        values: dict[str, Expr] = {}
        for number, feature in enumerate(data.features):
            here = ops.eq(index, ops.integer(number))
            values[feature.column] = ops.case((here, ops.column(VALUE)))
            if not self.exact:
                values[feature.stat("top")] = ops.case((here, ops.column(HIGH)))
        both = rows.append("merged", model, {**values, COUNT: ops.column(COUNT)})
        own = ops.eq(ops.column(OWN), ops.integer(1))
        weight = ops.case((own, ops.integer(0)), default=ops.column(COUNT))
        places: dict[str, Expr] = {}
        for feature in data.features:
            places |= self._weighed(both, feature, weight)
        placed = both.extend("places", places)
        moments = self._moments(both, weight) if self.exact else self._moments(self._middles(both), weight)
        tails = {feature.stat("tail"): self.tail(feature, feature.get("above")) for feature in data.features}
        return placed.keep("placed", own).match(moments).extend("tails", tails, carry=_carried(data))

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """Each feature's tail as steps: a level on every fitted value, and one between two of them."""
        columns: dict[str, Expr] = {}
        for number, feature in enumerate(data.features):
            values, tops, counts = _knots(model, number)
            scale = tops[-1] - values[0] if values else None
            tail: Expr = ops.null()
            if scale == 0.0:
                tail = ops.case((ops.eq(feature.value, ops.number(values[0])), ops.number(0.0)))
            elif scale is not None:
                tail = ops.case((ops.not_null(feature.value), ops.column(f"tail_{number + 1}")))
            numbers = {"n": sum(counts), "scale": scale}
            columns |= {feature.stat(name): ops.constant(value) for name, value in numbers.items()}
            columns[feature.stat("tail")] = tail
        return data.extend("model", columns)

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """The steps of each feature that varies."""
        found = {}
        for number, feature in enumerate(features):
            values, tops, counts = _knots(model, number)
            if len(values) > 1:
                edges, levels = self._steps(values, tops, counts)
                arrays = {"edges": edges, "levels": levels}
                found[f"tail_{number + 1}"] = Piece("steps", (feature.column,), None, arrays)
        return found

    def fused(self, data: Relation) -> Relation | None:
        """The same over the rows themselves: a fitted row weighs one.

        A few features at a time, so that a sort carries the tails found so far and few ranks. Rows look up their class;
        those that are not fitted may lie in none.
        """
        if not self.exact:
            return self._looked_up(data) if isinstance(data.weight, ops.Literal) else None
        moments = self._moments(data, data.weight)
        few = -(-len(data.features) // STEPS)
        rows = data
        for start in range(0, len(data.features), few):
            columns: dict[str, Expr] = {}
            tails: dict[str, Expr] = {}
            for feature in data.features[start : start + few]:
                if isinstance(data.weight, ops.Literal):
                    order = [ops.coalesce(feature.value, ops.number(LAST))]
                    columns[feature.stat("rank")] = data.over(ops.func("RANK"), order=order)
                    columns[feature.stat("below")] = data.over(ops.count(feature.value), order=order)
                    above = ops.sub(ops.add(feature.get("n"), ops.integer(1)), feature.get("rank"))
                else:
                    columns |= self._weighed(data, feature, data.weight)
                    above = feature.get("above")
                tails[feature.stat("tail")] = self.tail(feature, above)
            rows = rows.extend("ranks", columns).match(moments).extend("tails", tails)
        return rows.match(moments).extend("placed", {}, carry=_carried(data))

    def _looked_up(self, data: Relation) -> Relation:
        """Rows beside the tail of each value's class."""
        rows = classed(data)
        found = classes(rows)
        middles = {f.stat("middle"): class_middle(number) for number, f in enumerate(data.features)}
        moments = self._moments(self._middled(found.extend("middles", middles)), ops.column(COUNT))
        n, scale = by_feature(data.features, "n"), by_feature(data.features, "scale")
        left, right = (ops.div(ops.cast_double(ops.column(side)), n) for side in (BELOW, ABOVE))
        depth = self.depth(left, right, by_feature(data.features, "side"))
        level = ops.case((ops.gt(scale, ops.number(0.0)), depth), default=ops.number(0.0))
        levels = ranked(found, VALUE).match(moments).extend("levels", {LEVEL: level})
        pairs = [(feature.stat("key"), feature.stat("level")) for feature in data.features]
        placed = rows.look_up("placed", levels, pairs, key=CLASS, value=LEVEL)
        tails = {f.stat("tail"): ops.case((ops.not_null(f.value), f.get("level"))) for f in data.features}
        return placed.match(moments).extend("tails", tails, carry=_carried(data))

    def _middles(self, both: Relation) -> Relation:
        """Appended knots as values in the middle of their class."""
        middles = {f.stat("middle"): middle(f.value, f.get("top")) for f in both.features}
        return self._middled(both.extend("middles", middles))

    def _middled(self, data: Relation) -> Relation:
        """The same relation, whose values are the middles."""
        return replace(data, features=tuple(replace(f, column=f.stat("middle")) for f in data.features))

    def _weighed(self, data: Relation, feature: Feature, weight: Expr) -> dict[str, Expr]:
        """The weight at or below the value, and at or above it."""
        key = ops.coalesce(feature.value, ops.number(LAST))
        top = key if self.exact else ops.coalesce(feature.get("top"), ops.number(LAST))
        rows = data.counted(feature.value, weight)
        return {
            feature.stat("below"): data.over(rows, order=[key]),
            # Descending, not UNBOUNDED FOLLOWING: that frame is quadratic on Spark.
            feature.stat("above"): data.over(rows, order=[ops.descending(top)]),
        }

    def _moments(self, data: Relation, weight: Expr) -> Relation:
        first: dict[str, Expr] = {}
        one = isinstance(weight, ops.Literal)

        def weighed(value: Expr) -> Expr:
            # What weighs nothing may be so far out that its cube is infinite.
            return value if one else ops.case((ops.gt(weight, ops.integer(0)), ops.mul(value, weight)))

        for feature in data.features:
            x = feature.value
            n = data.counted(x, weight)
            present = x if one else ops.case((ops.gt(weight, ops.integer(0)), x))
            first[feature.stat("n")] = n
            first[feature.stat("mean")] = ops.avg(x) if one else ops.div(ops.sum_(weighed(x)), n)
            first[feature.stat("low")] = ops.min_(present)
            first[feature.stat("high")] = ops.max_(present)
        bounds = data.group("bounds", first)
        second: dict[str, Expr] = {}
        for feature in data.features:
            span = ops.sub(feature.get("high"), feature.get("low"))
            step = ops.div(ops.sub(feature.value, feature.get("mean")), span)
            cube = ops.mul(ops.mul(step, step), step)
            second[feature.stat("skew")] = ops.sum_(weighed(cube))
            second[feature.stat("bulk")] = ops.sum_(weighed(ops.abs_(cube)))
        third: dict[str, Expr] = {}
        for feature in data.features:
            low, high, skew = feature.get("low"), feature.get("high"), feature.get("skew")
            near = ops.le(ops.abs_(skew), ops.mul(ops.number(SYMMETRIC), feature.get("bulk")))
            third[feature.stat("scale")] = ops.case(
                (ops.gt(high, low), ops.sub(high, low)), default=ops.number(0.0)
            )
            third[feature.stat("side")] = ops.case(
                (near, ops.integer(0)),
                (ops.gt(skew, ops.number(0.0)), ops.integer(1)),
                default=ops.integer(-1),
            )
        return data.match(bounds).group("skew", second, carry=tuple(first)).extend("model", third)

    def tail(self, feature: Feature, above: Expr) -> Expr:
        """What the two tail shares amount to; 0 for a constant's own value."""
        x, n, scale = feature.value, feature.get("n"), feature.get("scale")

        def share(rows: Expr) -> Expr:
            at_least = ops.greatest(ops.coalesce(rows, ops.integer(0)), ops.integer(1))
            return ops.div(ops.cast_double(at_least), n)

        found = self.depth(share(feature.get("below")), share(above), feature.get("side"))
        own = ops.and_(ops.eq(scale, ops.number(0.0)), ops.eq(x, feature.get("low")))
        known = ops.and_(ops.not_null(x), ops.gt(scale, ops.number(0.0)))
        return ops.case((own, ops.number(0.0)), (known, found))

    def term(self, feature: Feature) -> Expr:
        """What the two tail shares amount to."""
        return feature.get("tail")

    def _steps(
        self, values: Sequence[float], tops: Sequence[float], counts: Sequence[int]
    ) -> tuple[list[float], list[float]]:
        """The tail as steps: levels[i] holds up to and including edges[i], the last one beyond all."""
        n = sum(counts)
        side = _side([middle_of(low, high) for low, high in zip(values, tops, strict=True)], counts)

        def tail(below: int, above: int) -> float:
            return abs(self.level(max(below, 1) / n, max(above, 1) / n, side))

        edges: list[float] = []
        levels: list[float] = []
        below = 0
        for value, top, count in zip(values, tops, counts, strict=True):
            edges += [math.nextafter(value, -math.inf), top]
            levels += [tail(below, n - below), tail(below + count, n - below)]
            below += count
        levels.append(tail(n, 0))
        kept = [index for index in range(len(edges)) if levels[index] != levels[index + 1]]
        return [edges[index] for index in kept], [*(levels[index] for index in kept), levels[-1]]


def class_middle(number: int) -> Expr:
    """The middle of a class of the feature with this number, NULL for those of others."""
    here = ops.eq(ops.column(FEATURE), ops.integer(number))
    return ops.case((here, middle(ops.column(VALUE), ops.column(HIGH))))


def middle_of(low: float, high: float) -> float:
    """The middle of a class."""
    return low + 0.5 * (high - low)


def _carried(data: Relation) -> list[str]:
    """What the answers read of the model."""
    return [feature.stat(stat) for feature in data.features for stat in ("n", "scale")]


def _knots(model: Stored, number: int) -> tuple[list[float], list[float], list[int]]:
    """The fitted values of a feature in order, or the ends of their classes, and how often each came."""
    rows = [row for row in model["model"] if row[FEATURE] == number]
    knots = sorted((row[VALUE], row.get(HIGH, row[VALUE]), row[COUNT]) for row in rows)
    lows, highs = [float(low) for low, _, _ in knots], [float(high) for _, high, _ in knots]
    return lows, highs, [int(count) for _, _, count in knots]


def _side(values: Sequence[float], counts: Sequence[int]) -> int:
    """The sign of the skewness, 0 within rounding."""
    n, scale = sum(counts), values[-1] - values[0]
    mean = math.fsum(value * (count / n) for value, count in zip(values, counts, strict=True))
    cubes = [count * ((value - mean) / scale) ** 3 for value, count in zip(values, counts, strict=True)]
    skew, bulk = math.fsum(cubes), math.fsum(map(abs, cubes))
    if abs(skew) <= SYMMETRIC * bulk:
        return 0
    return 1 if skew > 0 else -1
