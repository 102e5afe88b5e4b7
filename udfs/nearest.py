"""The nearest of a few centres, in SQL: squared distances as columns, the smallest of them, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Piece, Stored
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.wide import Drawn, Layout, matrix, squares


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest(Drawn):
    """A detector whose score is the distance from the nearest of ``n_clusters`` centres, array ``centres``.

    A feature contributes its squared step to that centre over the distance: the contributions add up to the distance.
    The expected value of a feature is the centre's. ``weight`` may stretch the distance from a centre.

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
        away = {}
        for number in range(self.n_clusters):
            square = squares([ops.sub(f.get("z"), f.get(f"centres_{number}")) for f in features])
            weight = self.weight(features, number)
            away[first.stat(f"away_{number}")] = square if weight is None else ops.mul(weight, square)
        # A distance is NULL only where all are: a row misses a feature, or its partition has no model.
        known = ops.not_null(first.get("away_0"))
        least = ops.case((known, ops.least(*self.counted(features))))
        return rows.extend("distances", away).extend("nearest", {first.stat("least"): least})

    def weight(self, features: Sequence[Feature], number: int) -> Expr | None:
        """What multiplies the squared distance from a centre; None for 1."""
        return None

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """The squared distance from each centre."""
        from sqlnomaly.udfs.wide_pieces import squares_piece

        found = {}
        for row in model["model"]:
            for number in range(self.n_clusters):
                place = [float(row[f.stat(f"centres_{number}")]) for f in features]
                own = [{j: 1.0} for j in range(len(features))]
                weight = self.weight(features, number)
                factor = 1.0 if weight is None else float(row[weight.name])
                found[f"distance_{number + 1}"] = squares_piece(row, features, own, place, factor=factor)
        return found

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The smallest of the distances that ``pieces`` give."""
        first = data.features[0]
        away = {first.stat(f"away_{number}"): ops.column(name) for number, name in enumerate(pieces)}
        beside = self.written(data, model).extend("distances", away)
        return beside.extend("nearest", {first.stat("least"): ops.least(*self.counted(data.features))})

    def counted(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The squared distances of which the smallest counts."""
        return [features[0].get(f"away_{number}") for number in range(self.n_clusters)]

    def value(self, features: Sequence[Feature]) -> Expr:
        """The distance."""
        return ops.sqrt(features[0].get("least"))

    def shares(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Each feature's part of the distance."""
        least = features[0].get("least")
        steps = [ops.sub(f.get("z"), self._place(features, f)) for f in features]
        found = [ops.div(ops.func("POWER", step, ops.number(2.0)), ops.func("SQRT", least)) for step in steps]
        weights = [self.weight(features, number) for number in range(self.n_clusters)]
        known = [weight for weight in weights if weight is not None]
        if known:
            found = [ops.mul(self._own(features, known), share) for share in found]
        return [ops.coalesce(share, ops.number(0.0)) for share in found]

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The centre, in the feature's unit."""
        return [ops.add(f.get("centre"), ops.mul(f.get("unit"), self._place(features, f))) for f in features]

    def _place(self, features: Sequence[Feature], feature: Feature) -> Expr:
        """The nearest centre's place along a feature."""
        return self._own(features, [feature.get(f"centres_{number}") for number in range(self.n_clusters)])

    def _own(self, features: Sequence[Feature], numbers: Sequence[Expr]) -> Expr:
        """The nearest centre's number of a number for each centre; the first one's where two are equally near."""
        least = features[0].get("least")
        away = self.counted(features)
        return ops.case(*((ops.eq(one, least), number) for one, number in zip(away, numbers, strict=True)))
