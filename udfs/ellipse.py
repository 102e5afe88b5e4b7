"""A squared distance in the measure of a matrix, in SQL: score, contributions and expected values from a triangle.

The measure P = R'R has an upper triangle R, so that (z - m)' P (z - m) is the sum of the squares of R z - R m, where z
are the scaled values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Tolerance
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.wide import Layout, Wide, along, squares, triangle, vector

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse(Wide):
    """A detector whose score is a squared distance: arrays ``whiten``, the triangle R, and ``shift``, R m.

    A feature contributes its distance from the centre times its part of P (z - m): the contributions add up to the
    score, and one below 0 says that the value fits the others better than its distance tells. The expected value of a
    feature is the one at which the row's other features would leave the score smallest.
    """

    axes: ClassVar[dict[str, int]] = {"whiten": 2, "shift": 1, "location": 1}
    tolerance: ClassVar[Tolerance] = Tolerance.SOLVED

    def count(self, features: int) -> int:
        """The rows of the triangle."""
        return features

    def layout(self, features: Sequence[Feature]) -> Layout:
        """The triangle, what it makes of the centre, and the centre itself."""
        count = self.count(len(features))
        location = {f.stat("location"): ("location", (j,)) for j, f in enumerate(features)}
        return {**triangle(features, "whiten", count), **vector(features, "shift", count), **location}

    def judge(self, rows: Relation) -> Relation:
        """R z - R m, one column a row of R."""
        features = rows.features
        first = features[0]
        whitened = {
            first.stat(f"y_{i}"): ops.sub(value, first.get(f"shift_{i}"))
            for i, value in along(features, "whiten", self.count(len(features)))
        }
        return rows.extend("whitened", whitened)

    def value(self, features: Sequence[Feature]) -> Expr:
        """The sum of the squares."""
        return squares([features[0].get(f"y_{i}") for i in range(self.count(len(features)))])

    def shares(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """(z - m) times its part of P (z - m)."""
        return [
            ops.mul(ops.sub(f.get("z"), f.get("location")), self._pull(features, j))
            for j, f in enumerate(features)
        ]

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The value at which the others leave the score smallest; the centre where the score does not depend on it."""
        found = []
        for j, feature in enumerate(features):
            own = squares([feature.get(f"whiten_{i}") for i in self._rows(features, j)])
            step = ops.mul(feature.get("unit"), ops.div(self._pull(features, j), own))
            centre = ops.add(feature.get("centre"), ops.mul(feature.get("unit"), feature.get("location")))
            found.append(ops.case((ops.gt(own, ops.number(0.0)), ops.sub(feature.value, step)), default=centre))
        return found

    def _rows(self, features: Sequence[Feature], j: int) -> range:
        """The rows of the triangle that reach a feature."""
        return range(min(j + 1, self.count(len(features))))

    def _pull(self, features: Sequence[Feature], j: int) -> Expr:
        """One entry of P (z - m)."""
        rows = self._rows(features, j)
        return ops.total([ops.mul(features[j].get(f"whiten_{i}"), features[0].get(f"y_{i}")) for i in rows])


def ellipse(measure: Matrix, location: Vector) -> dict[str, Matrix | Vector]:
    """The arrays of a measure: P, or rows U with P = U'U.

    Args:
        measure: U, shape (rows, features); as many rows as features, at most.
        location: m.
    """
    import numpy as np

    whiten = np.linalg.qr(measure, mode="r")
    return {"whiten": whiten, "shift": whiten @ location, "location": location}
