"""kmeans: the distance from the nearest of the means of a few groups of rows, on a sample in units (see sample).

    score = min_k |z - c_k|        term_j = (z_j - c_j)^2 / score for the nearest centre c (the first of equally near)
    expected_j = the nearest centre, in the feature's unit

Run r of n_init has the SplitMix64 stream r (see iforest). The first centre is row floor(u m) of the sample. For each
next one 2 + floor(ln n_clusters) rows are drawn: the first whose cumulated squared distance from the nearest centre so
far exceeds u times the whole. The one that leaves the smallest sum of squares is taken, the first of those that agree
in 31 significant bits; rows that are all on centres end it. Then each row goes to its nearest centre and each centre to
the mean of its rows, until no row moves (300 times at most). The run with the smallest sum of squares is kept, the
first of those equal but for 1e-9.
normalized: d_k = |z - c_k| / r_k in the place of |z - c_k|, r_k^2 the mean of the squared distances of the rows of
centre k from it, at least 1e-18 of the mean squared distance of all rows from their mean; the nearest is that of d_k.
Sources: S. Lloyd (1982), doi:10.1109/TIT.1982.1056489; D. Arthur, S. Vassilvitskii (2007), doi:10.5555/1283383.1283494.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.reference.iforest import Stream
from tests.reference.sample import Array, Sample, coarse, in_units, sample_of, unvaried

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
UNPLANTED = True
PARAMETERS: Mapping[str, Any] = {
    "n_clusters": 3, "n_init": 2, "scaling": "robust", "max_samples": 30, "random_state": 3,
    "normalized": True,
}  # fmt: skip
SHOWS: Mapping[str, Mapping[str, Any]] = {"n_init": {"n_clusters": 9}, "random_state": {"max_samples": 30}}
LEAN: Mapping[str, Any] = {"n_clusters": 4}

# Five rows by hand, two centres: 1, 2, 3 and 21, 25. Any two starts come to these groups, but for one that leaves 25
# alone, whose sum of squares is 67 + ..: it is larger. The centres are 2 and 23.
HAND_ROWS = (1.0, 2.0, 3.0, 21.0, 25.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_clusters": 2, "scaling": "none"}
HAND_SCORES = (1.0, 0.0, 1.0, 2.0, 2.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample, the centres, and the radius of each: 1 where distances are not divided."""

    sample: Sample
    centres: list[Array]
    radii: list[float]

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def nearest(z: Array, centres: Sequence[Array], radii: Sequence[float] | None = None) -> tuple[float, int]:
    """The smallest squared distance, in radii, and whose it is."""
    each = zip(centres, radii or [1.0] * len(centres), strict=True)
    return min((float(((z - centre) ** 2).sum()) / radius**2, k) for k, (centre, radius) in enumerate(each))


def started(rows: Array, count: int, stream: Stream) -> list[Array]:
    """The first centres."""
    centres = [rows[stream.below(len(rows))]]
    while len(centres) < count:
        squares = [nearest(row, centres)[0] for row in rows]
        if not any(squares):
            break
        sums = list(np.cumsum(squares))
        drawn = []
        for _ in range(2 + math.floor(math.log(count))):
            limit = stream.uniform() * sums[-1]
            place = next(i for i, total in enumerate(sums) if total > limit and squares[i] > 0.0)
            left = math.fsum(nearest(row, [*centres, rows[place]])[0] for row in rows)
            drawn.append((left, place))
        rounded = coarse(np.array([left for left, _ in drawn]))
        centres.append(rows[drawn[int(np.argmin(rounded))][1]])
    return centres


def grouped(rows: Array, count: int, n_init: int, seed: int) -> tuple[list[Array], list[int]]:
    """The centres of the best run, and the centre of each row."""
    best: tuple[float, list[Array], list[int]] | None = None
    for run in range(n_init):
        centres = started(rows, count, Stream(seed, run))
        groups: list[int] = []
        inertia = math.inf
        for _ in range(300):
            found = [nearest(row, centres) for row in rows]
            inertia = math.fsum(square for square, _ in found)
            if [k for _, k in found] == groups:
                break
            groups = [k for _, k in found]
            members = [[row for row, own in zip(rows, groups, strict=True) if own == k] for k in range(len(centres))]
            centres = [np.mean(own, axis=0) if own else centres[k] for k, own in enumerate(members)]
        if best is None or inertia < best[0] * (1.0 - 1e-9):
            best = inertia, centres, groups
    assert best is not None
    return best[1], best[2]


def fit(
    rows: Sequence[Row],
    *,
    n_clusters: int = 8,
    n_init: int = 4,
    scaling: str = "standard",
    max_samples: int = 10_000,
    random_state: int = 0,
    normalized: bool = False,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    if all(sample.constant):
        return Fit(sample, [], [])
    drawn = sample.reference
    centres, groups = grouped(drawn, n_clusters, n_init, random_state)
    radii = [1.0] * len(centres)
    if normalized:
        least = 1e-18 * float(((drawn - drawn.mean(axis=0)) ** 2).sum(axis=1).mean())
        for k, centre in enumerate(centres):
            own = [float(((row - centre) ** 2).sum()) for row, group in zip(drawn, groups, strict=True) if group == k]
            radii[k] = math.sqrt(max(math.fsum(own) / max(len(own), 1), least))
    return Fit(sample, centres, radii)


def parts(z: Array, centre: Array, constant: Sequence[bool], weight: float = 1.0) -> list[float | None]:
    """Each feature's part of the distance from a centre."""
    squares = (z - centre) ** 2
    distance = math.sqrt(squares.sum())
    shares = iter(squares / distance if distance > 0.0 else squares)
    return [0.0 if flat else weight * float(next(shares)) for flat in constant]


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    if not model.centres:
        return unvaried(row, model.sample)
    z = in_units(row, model.sample)
    k = nearest(z, model.centres, model.radii)[1]
    return parts(z, model.centres[k], model.constant, 1.0 / model.radii[k])


def score(row: Row, model: Fit) -> float:
    """The distance of a row whose terms are all known."""
    found = nearest(in_units(row, model.sample), model.centres, model.radii) if model.centres else (0.0, 0)
    return math.sqrt(found[0])


def expected(row: Sequence[float | None], model: Fit) -> list[float | None]:
    """The nearest centre; None where the row misses a feature."""
    known = [x for x in row if x is not None]
    if len(known) < len(row):
        return [None] * len(row)
    if not model.centres:
        return list(model.sample.only)
    z = in_units(known, model.sample)
    return unscaled(model.centres[nearest(z, model.centres, model.radii)[1]], model.sample)


def unscaled(place: Array, sample: Sample) -> list[float | None]:
    """A place over the features that vary, in their own units; the others as they are in the sample."""
    steps = iter(place)
    pairs = zip(sample.constant, sample.only, sample.centre, sample.unit, strict=True)
    return [only if flat else centre + unit * float(next(steps)) for flat, only, centre, unit in pairs]
