"""k-means: centres that are started by chance weighted with distance, then moved to the means of their rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.splitmix import stream, uniform

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

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
    from those before it: Arthur and Vassilvitskii, k-means++ (2007), doi:10.5555/1283383.1283494; of 2 + ln(count) such
    rows the one that leaves the smallest sum of squares is taken, as they propose. Run i has the SplitMix64 stream i.
    Rows with fewer distinct values than clusters have fewer clusters.

    Example:
        >>> rows = np.array([[0.0], [1.0], [10.0], [11.0]])
        >>> cluster(rows, 2, n_init=1, random_state=0).inertia
        1.0
    """
    best: Clusters | None = None
    for run in range(n_init):
        found = _moved(rows, rows[_started(rows, count, random_state, run)])
        if best is None or found.inertia < best.inertia * (1.0 - SAME):
            best = found
    assert best is not None, "there is a run"
    return best


def _started(rows: Matrix, count: int, random_state: int, run: int) -> list[int]:
    """The rows that the centres start from: fewer than count where the others are copies of them."""
    state = stream(np.uint64(random_state), run)
    places = [int(uniform(state) * len(rows))]
    nearest = _distances(rows, rows[places[0]])
    while len(places) < count and nearest.any():
        sums = np.cumsum(nearest)
        last = int(np.flatnonzero(nearest)[-1])  # a product may be rounded up to the whole sum
        drawn = [int(np.searchsorted(sums, uniform(state) * sums[-1], side="right")) for _ in range(trials(count))]
        closer = [np.minimum(nearest, _distances(rows, rows[min(place, last)])) for place in drawn]
        best = int(np.argmin(coarse(np.array([each.sum() for each in closer]))))
        places.append(min(drawn[best], last))
        nearest = closer[best]
    return places


def trials(count: int) -> int:
    """How many rows are drawn for a centre, of which the best is taken."""
    return 2 + int(math.log(count))


def coarse(values: Vector) -> Vector:
    """Sums rounded to 31 bits, so that the order in which they were added up decides nothing."""
    significand, exponent = np.frexp(values)
    rounded: Vector = np.ldexp(np.rint(np.ldexp(significand, 31)), exponent - 31)
    return rounded


def _moved(rows: Matrix, centres: Matrix) -> Clusters:
    """The centres at the means of their rows, again and again until no row changes its centre."""
    which = np.full(len(rows), -1)
    inertia = 0.0
    for _ in range(STEPS):
        distances = np.stack([_distances(rows, centre) for centre in centres])
        nearest = distances.argmin(axis=0)
        inertia = float(distances.min(axis=0).sum())
        if (nearest == which).all():
            break
        which = nearest
        sizes = np.bincount(which, minlength=len(centres))
        sums = np.column_stack([np.bincount(which, column, len(centres)) for column in rows.T])
        held = sizes > 0  # a centre that loses all of its rows stays
        centres = np.where(held[:, np.newaxis], sums / np.maximum(sizes, 1)[:, np.newaxis], centres)
    return Clusters(centres, which, inertia)


def _distances(rows: Matrix, centre: Vector) -> Vector:
    """The squared distances from a centre."""
    found: Vector = np.square(rows - centre).sum(axis=1)
    return found
