"""The nearest of a few centres, in SQL: squared distances as columns, the smallest of them, and what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.wide import Drawn, Layout, matrix, squares


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest(Drawn):
    """A detector whose score is the distance from the nearest of ``n_clusters`` centres, array ``centres``.

    A feature contributes its squared step to that centre over the distance: the contributions add up to the distance.
    The expected value of a feature is the centre's.

    Attributes:
        n_clusters: centres, 1 to 100.
    """

    axes: ClassVar[dict[str, int]] = {"centres": 1, "large": 0, "size": 0}

    n_clusters: int = 8

    def layout(self, features: Sequence[Feature]) -> Layout:
        """The centres; where there are fewer, the first stands in the places that are left."""
        return matrix(features, "centres", self.n_clusters)

    def smaller(self) -> str:
        """Fewer centres."""
        return " or n_clusters"

    def judge(self, rows: Relation) -> Relation:
        """The squared distance from each centre, and the smallest one of those that count."""
        features = rows.features
        first = features[0]
        away = {
            first.stat(f"away_{number}"): squares(
                [ops.sub(f.get("z"), f.get(f"centres_{number}")) for f in features]
            )
            for number in range(self.n_clusters)
        }
        known = ops.and_(*(ops.not_null(ops.column(name)) for name in away))
        least = ops.least(*self.counted(features))
        return rows.extend("distances", away).extend("nearest", {first.stat("least"): ops.case((known, least))})

    def counted(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The squared distances of which the smallest counts."""
        return [features[0].get(f"away_{number}") for number in range(self.n_clusters)]

    def value(self, features: Sequence[Feature]) -> Expr:
        """The distance."""
        return ops.sqrt(features[0].get("least"))

    def shares(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Each feature's part of the distance."""
        least = features[0].get("least")
        steps = [ops.sub(f.get("z"), self._own(features, f)) for f in features]
        return [
            ops.case(
                (ops.gt(least, ops.number(0.0)), ops.div(ops.mul(step, step), ops.sqrt(least))),
                default=ops.number(0.0),
            )
            for step in steps
        ]

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The centre, in the feature's unit."""
        return [ops.add(f.get("centre"), ops.mul(f.get("unit"), self._own(features, f))) for f in features]

    def _own(self, features: Sequence[Feature], feature: Feature) -> Expr:
        """The nearest centre's place along a feature; the first one's where two are equally near."""
        least = features[0].get("least")
        branches = [
            (ops.eq(away, least), feature.get(f"centres_{number}"))
            for number, away in enumerate(self.counted(features))
        ]
        return ops.case(*branches)
