"""Fitted neighbor detectors: every row is compared with the rows that were fitted, by a vectorized function alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.contract import Piece, Stored
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.fitted_detector import LIVE, NUMBERS, Carried
from sqlnomaly.udfs.fitted_numbers import arrays_of
from sqlnomaly.udfs.sampled import check_whole, check_word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sqlnomaly.udfs.fitted_detector import Array, Numbers

METHODS = ("largest", "mean", "median")
TINY = 1e-10
"""What scikit-learn adds to a mean distance, so that duplicates have a density."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Carried):
    """What neighbor detectors share: the fitted rows, and the search in them.

    Attributes:
        n_neighbors: how many.
    """

    n_neighbors: int = 5

    def from_neighbors(self, numbers: Numbers, distances: Array, places: NDArray[np.int64]) -> Array:
        """The scores from the distances and places of the nearest fitted rows, nearest first."""
        raise NotImplementedError(f"{self.name} compares no rows")

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """n_neighbors is a number of rows."""
        Carried.validate(parameters)
        check_whole(parameters, "n_neighbors", 1, 2**31 - 1)

    def score_matrix(self, stored: Mapping[str, Any]) -> Any:
        """A function of a matrix of raw features; the search tree is built once."""
        from scipy.spatial import cKDTree

        front, numbers = self.named(arrays_of(stored[NUMBERS]))
        tree = cKDTree(numbers["reference"])

        def score(rows: Array) -> Array:
            distances, places = tree.query(front.rows(rows), k=range(1, self.n_neighbors + 1))
            return self.from_neighbors(numbers, distances, places)

        return score

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """Refused: the score is no expression."""
        raise UnsupportedError(
            f"{self.estimator} compares a row with the rows it was fitted on, and has no SQL of its own", hint=LIVE
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedNeighbors(Compared):
    """The distance from the nearest fitted rows: the largest, the mean or the median: PyOD's KNN.

    Ramaswamy, Rastogi and Shim (2000), doi:10.1145/335191.335437; Angiulli and Pizzuti (2002),
    doi:10.1007/3-540-45681-3_2. A fitted row that is scored again is its own nearest neighbor, as in PyOD.

    Attributes:
        method: ``'largest'``, ``'mean'`` or ``'median'``.
    """

    name: ClassVar[str] = "fitted.neighbors"
    arrays: ClassVar[tuple[str, ...]] = ("reference",)

    method: str = "largest"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """method is one of three."""
        Compared.validate(parameters)
        check_word(parameters, "method", METHODS)

    def from_neighbors(self, numbers: Numbers, distances: Array, places: NDArray[np.int64]) -> Array:
        """The last, the mean or the middle of the distances."""
        import numpy as np

        if self.method == "largest":
            return distances[:, -1]
        found: Array = distances.mean(axis=1) if self.method == "mean" else np.median(distances, axis=1)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedDensity(Compared):
    """How much denser the neighbors' surroundings are than the row's own: LocalOutlierFactor, PyOD's LOF.

    Breunig et al., LOF: Identifying Density-Based Local Outliers (2000), doi:10.1145/342009.335388. Where fitted rows
    are equally far, which of them is a neighbor is a matter of the search, here and in scikit-learn.
    """

    name: ClassVar[str] = "fitted.density"
    arrays: ClassVar[tuple[str, ...]] = ("reference", "reach", "density")

    def from_neighbors(self, numbers: Numbers, distances: Array, places: NDArray[np.int64]) -> Array:
        """The mean density of the neighbors over the row's own."""
        import numpy as np

        reach = np.maximum(distances, numbers["reach"][places])
        own = 1.0 / (reach.mean(axis=1) + TINY)
        found: Array = (numbers["density"][places] / own[:, np.newaxis]).mean(axis=1)
        return found
