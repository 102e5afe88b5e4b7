"""Detectors over categories: how often each value was fitted, in the partition of the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Categories, Detector, Piece, Shape, Stored, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import COUNT, FEATURE, OWN, VALUE, Feature, Relation

MOST_VALUES = 5_000
"""Values of a feature that a scalar function may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies(Detector):
    """A detector whose features are categories: text, whole numbers and booleans.

    The state is the count of each value, and such states merge by adding up. ``counts`` gives each judged feature the
    columns ``count`` (fitted rows with the row's value) and ``n`` (fitted rows that have a value).
    """

    shape: ClassVar[Shape] = Shape.LOOKUP
    categories: ClassVar[Categories] = Categories.ALL
    default: ClassVar[ThresholdRule] = ThresholdRule(contamination=0.01)
    rows: ClassVar[int] = 3

    def judged(self, features: Sequence[Feature]) -> Sequence[Feature]:
        """What is counted: the features themselves."""
        return features

    def prepared(self, data: Relation) -> Relation:
        """The rows with the columns of what is counted."""
        return data

    def counted(self, rows: Relation) -> Relation:
        """The rows beside the counts of their values, with what the terms need."""
        return rows

    def state(self, data: Relation) -> Relation:
        """The distinct values of each judged feature with their counts."""
        return replace(self.prepared(data), features=tuple(self.judged(data.features))).knots("knots")

    def pool(self, states: Relation) -> Relation:
        """The counts of equal values add up."""
        return states.recounted("pooled")

    def fused(self, data: Relation) -> Relation:
        """The counts as windows over the rows themselves: a fitted row weighs one."""
        rows = self.prepared(data)
        return self.counted(rows.extend("counts", self._counts(rows, data.weight)))

    def meet(self, data: Relation, model: Relation) -> Relation:
        """Rows and knots in one relation: a row weighs nothing, a knot its count."""
        rows = self.prepared(data)
        index = ops.column(FEATURE)
        values = {
            feature.column: ops.case((ops.eq(index, ops.integer(number)), ops.column(VALUE)))
            for number, feature in enumerate(self.judged(data.features))
        }
        both = rows.append("merged", model, {**values, COUNT: ops.column(COUNT)})
        own = ops.eq(ops.column(OWN), ops.integer(1))
        weight = ops.case((own, ops.integer(0)), default=ops.column(COUNT))
        return self.counted(both.extend("counts", self._counts(both, weight)).keep("placed", own))

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The counts written out, one branch a value."""
        rows = self.prepared(data)
        columns: dict[str, Expr] = {}
        for number, feature in enumerate(self.judged(data.features)):
            counts = {row[VALUE]: row[COUNT] for row in model["model"] if row[FEATURE] == number}
            if len(counts) > MOST_VALUES:
                raise UnsupportedError(
                    f"{feature.name} has {len(counts):,} values, a function of {self.name} takes {MOST_VALUES:,}",
                    hint="group the rare ones, or score through a session",
                )
            branches = [
                (ops.eq(feature.value, ops.text(str(value))), ops.integer(int(count)))
                for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            ]
            known = ops.case(*branches, default=ops.integer(0)) if branches else ops.integer(0)
            columns[feature.stat("count")] = known
            columns[feature.stat("n")] = ops.integer(int(sum(counts.values())))
            columns[feature.stat("scale")] = ops.number(1.0)
        return self.counted(rows.extend("counts", columns))

    def constant(self, feature: Feature) -> Expr:
        """Never: another category is as odd beside a single one as beside many."""
        return ops.false()

    def _counts(self, rows: Relation, weight: Expr) -> dict[str, Expr]:
        columns: dict[str, Expr] = {}
        for feature in self.judged(rows.features):
            fitted = rows.counted(feature.value, weight)
            columns[feature.stat("count")] = rows.within(fitted, feature.value)
            columns[feature.stat("n")] = rows.within(fitted)
            columns[feature.stat("scale")] = ops.number(1.0)
        return columns


def share(feature: Feature) -> Expr:
    """The share of the fitted rows that have the row's value; NULL where it is missing."""
    known = ops.div(ops.cast_double(ops.coalesce(feature.get("count"), ops.integer(0))), feature.get("n"))
    return ops.case((ops.not_null(feature.value), known))


def surprisal(feature: Feature) -> Expr:
    """-ln of that share; a value that was not fitted counts as the one more row that it would be: 1 / (n + 1)."""
    n = ops.cast_double(feature.get("n"))
    unseen = ops.div(ops.number(1.0), ops.add(n, ops.number(1.0)))
    seen = share(feature)
    return ops.neg(ops.ln(ops.case((ops.gt(seen, ops.number(0.0)), seen), (ops.eq(seen, ops.number(0.0)), unseen))))
