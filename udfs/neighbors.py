"""What detectors by neighbors share: a bounded reference of rows, and the search in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.sampled import Sampled, check_whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector

MOST_ROWS = 100_000
"""Rows of a reference, at most: every scored row is compared with each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbors(Sampled):
    """A detector that compares a row with the rows of a sample.

    The sample is the whole partition where that has at most ``max_samples`` rows. One row of it that coincides with
    the row to be scored is left out, which is its own copy: so fitted rows get the scores that other packages give
    their training rows, and a score still depends on the row and the model alone.

    Attributes:
        max_samples: rows that a row is compared with, 2 to 100,000.
    """

    arrays: ClassVar[tuple[str, ...]] = ("reference",)

    max_samples: int = 5_000

    @property
    def sample(self) -> tuple[int, int]:
        """The reference."""
        return self.max_samples, self.random_state

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """max_samples lies within its limits."""
        Sampled.validate(parameters)
        check_whole(parameters, "max_samples", 2, MOST_ROWS)

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The rows themselves."""
        return {"reference": rows}


def once(rows: Matrix) -> Matrix:
    """The rows, but of copies only the first."""
    import numpy as np

    _, places = np.unique(rows, axis=0, return_index=True)
    return rows[np.sort(places)]


def shares(rows: Matrix, reference: Matrix, count: int, weights: Vector) -> Matrix:
    """Each feature's part of the weighted sum of the distances from the nearest rows.

    Args:
        rows: shape (n, d).
        reference: shape (m, d).
        count: how many are near; all others where there are fewer.
        weights: of the nearest, the second nearest, and so on, as many as there are neighbors.
    """
    import numpy as np

    from sqlnomaly.udfs.neighbor_kernels import neighbors, ranked, shares

    distances, places = neighbors(rows, reference, count)
    order = ranked(distances, places)
    return np.asarray(shares(rows, reference, np.take_along_axis(places, order, axis=1), weights))


def search(rows: Matrix, reference: Matrix, count: int) -> tuple[Matrix, NDArray[np.int64]]:
    """Distances and places of the nearest rows; see ``neighbor_kernels.neighbors``."""
    from sqlnomaly.udfs.neighbor_kernels import neighbors

    return neighbors(rows, reference, count)
