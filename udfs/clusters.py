"""k-means: centres that are started by chance weighted with distance, then moved to the means of their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.splitmix import stream, uniform

Matrix = NDArray[np.float64]

STEPS = 300
"""How often the centres are moved, at most."""
SAME = 1e-9
"""Two results whose sums of squares differ by less of them are equally good, and the first is taken."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """A clustering.

    Attributes:
        centres: shape (clusters, features).
        which: the cluster of each row.
        inertia: the sum of the squared distances from the rows' centres.
    """

    centres: Matrix
    which: NDArray[np.int64]
    inertia: float


def cluster(rows: Matrix, count: int, *, n_init: int, random_state: int) -> Clusters:
    """The best of several runs of Lloyd's algorithm (1982), doi:10.1109/TIT.1982.1056489.

    Each run starts from rows of which every next one is drawn with a chance that grows with the square of its distance
    from those before it: Arthur and Vassilvitskii, k-means++ (2007), doi:10.5555/1283383.1283494. Run i has the
    SplitMix64 stream i. Rows with fewer distinct values than clusters have fewer clusters.

    Example:
        >>> rows = np.array([[0.0], [1.0], [10.0], [11.0]])
        >>> cluster(rows, 2, n_init=1, random_state=0).inertia
        1.0
    """
    best: Clusters | None = None
    whole = np.ascontiguousarray(rows)
    for run in range(n_init):
        found = Clusters(*_run(whole, count, np.uint64(random_state), run))
        if best is None or found.inertia < best.inertia * (1.0 - SAME):
            best = found
    assert best is not None, "there is a run"
    return best


@numba.njit(nogil=True)
def _distance(row: Any, centre: Any) -> Any:
    """The squared distance."""
    total = 0.0
    for j in range(len(row)):
        step = row[j] - centre[j]
        total += step * step
    return total


@numba.njit(nogil=True)
def _started(rows: Any, count: Any, state: Any) -> Any:
    """The rows that the centres start from: fewer than count where the others are copies of them."""
    chosen = np.empty(count, np.int64)
    nearest = np.full(len(rows), np.inf)
    for number in range(count):
        draw = uniform(state)
        if number == 0:
            place = np.int64(draw * len(rows))
        else:
            sums = np.cumsum(nearest)
            if not sums[-1] > 0.0:
                return chosen[:number].copy()
            place = np.searchsorted(sums, draw * sums[-1], side="right")
            while place >= len(rows) or nearest[place] == 0.0:  # a sum may be rounded up to the last
                place -= 1
        chosen[number] = place
        for i in range(len(rows)):
            nearest[i] = min(nearest[i], _distance(rows[i], rows[place]))
    return chosen


@numba.njit(nogil=True)
def _assign(rows: Any, centres: Any, which: Any) -> Any:
    """Puts each row to its nearest centre, the first of equally near ones; whether any changed, and the inertia."""
    changed, inertia = False, 0.0
    for i in range(len(rows)):
        nearest, place = np.inf, 0
        for number in range(len(centres)):
            distance = _distance(rows[i], centres[number])
            if distance < nearest:
                nearest, place = distance, number
        changed = changed or which[i] != place
        which[i] = place
        inertia += nearest
    return changed, inertia


@numba.njit(nogil=True)
def _run(rows: Any, count: Any, seed: Any, run: Any) -> Any:
    """One run: centres, the cluster of each row, inertia."""
    centres = rows[_started(rows, count, stream(seed, run))].copy()
    which = np.full(len(rows), -1, np.int64)
    inertia = 0.0
    for _ in range(STEPS):
        changed, inertia = _assign(rows, centres, which)
        if not changed:
            break
        sums = np.zeros_like(centres)
        sizes = np.zeros(len(centres))
        for i in range(len(rows)):
            sizes[which[i]] += 1.0
            sums[which[i]] += rows[i]
        for number in range(len(centres)):
            if sizes[number] > 0.0:
                centres[number] = sums[number] / sizes[number]
    return centres, which, inertia
