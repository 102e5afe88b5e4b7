"""Fitted clusters and axes: the distance from the nearest centre, and distances added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.udfs.fitted_detector import Carried, grouped
from sqlnomaly.udfs.fitted_front import less, over, square, times

if TYPE_CHECKING:
    from sqlnomaly.udfs.fitted_detector import Array, Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedNearest(Carried):
    """The distance from the nearest large cluster, times the size of the nearest of all: KMeans, CBLOF.

    He, Xu and Deng, Discovering Cluster-Based Local Outliers (2003), doi:10.1016/S0167-8655(03)00003-5. KMeans: every
    cluster is large. A row nearest to a large cluster is measured from it, any other from the nearest large one: so it
    is the smallest distance from a large one for both.

    Attributes:
        weighted: whether the size counts.
    """

    name: ClassVar[str] = "fitted.nearest"
    arrays: ClassVar[tuple[str, ...]] = ("centres", "large", "sizes")

    weighted: bool = False

    def score_rows(self, numbers: Numbers, rows: Array) -> Array:
        """The distance, weighted where it is asked."""
        squares = squared_distances(rows, numbers["centres"])
        found: Array = squares[:, numbers["large"] > 0].min(axis=1) ** 0.5
        return found * numbers["sizes"][squares.argmin(axis=1)] if self.weighted else found

    def parts(self, numbers: Numbers, values: Sequence[Expr]) -> list[Expr]:
        """The squared distance from each centre."""
        return [squared(values, centre) for centre in numbers["centres"].tolist()]

    def whole(self, numbers: Numbers, parts: Sequence[Expr]) -> Expr:
        """The root of the smallest, times the size of the first that is smallest of all."""
        large = [part for part, is_large in zip(parts, numbers["large"].tolist(), strict=True) if is_large]
        distance = ops.func("SQRT", ops.least(*large))
        if not self.weighted or len(parts) == 1:
            return times(distance, float(numbers["sizes"][0]) if self.weighted else 1.0)
        sizes = [ops.number(size) for size in numbers["sizes"].tolist()]
        branches = [
            (ops.and_(*(ops.le(part, other) for other in parts if other is not part)), size)
            for part, size in zip(parts[:-1], sizes, strict=False)
        ]
        return ops.mul(distance, ops.case(*branches, default=sizes[-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedAxes(Carried):
    """The sum of the distances from points, each over its weight: PyOD's PCA.

    Shyu et al., A Novel Anomaly Detection Scheme Based on Principal Component Classifier (2003); PyOD takes the tips
    of the unit vectors for points, and explained variance ratios for weights.
    """

    name: ClassVar[str] = "fitted.axes"
    arrays: ClassVar[tuple[str, ...]] = ("points", "weights")

    def score_rows(self, numbers: Numbers, rows: Array) -> Array:
        """The sum of the distances over their weights."""
        found: Array = (squared_distances(rows, numbers["points"]) ** 0.5 / numbers["weights"]).sum(axis=1)
        return found

    def parts(self, numbers: Numbers, values: Sequence[Expr]) -> list[Expr]:
        """Sums over a few points each."""
        pairs = zip(numbers["points"].tolist(), numbers["weights"].tolist(), strict=True)
        return grouped([over(ops.func("SQRT", squared(values, point)), weight) for point, weight in pairs])


def squared_distances(rows: Array, points: Array) -> Array:
    """The squared distance of each row from each point, by differences: no digit is lost far from the origin."""
    import numpy as np

    found = np.zeros((len(rows), len(points)))
    for feature in range(rows.shape[1]):
        found += np.square(rows[:, feature, np.newaxis] - points[np.newaxis, :, feature])
    return found


def squared(values: Sequence[Expr], point: Sequence[float]) -> Expr:
    """The squared distance from a point."""
    return ops.total([square(less(x, p)) for x, p in zip(values, point, strict=True)])
