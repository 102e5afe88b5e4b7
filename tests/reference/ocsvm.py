"""ocsvm: how far a row is below the plane that most of the rows are above, over random waves of a sample in units.

    phi(z) = (cos u_1 t, .., cos u_D t, sin u_1 t, .., sin u_D t) / sqrt(D), t = z sqrt(2 gamma)
    score = rho - w . phi(z)        term_j = score - score with t_j = 0
    w = sum_i b_i phi_i / m minimizes |w|^2 over 0 <= b_i <= 1 / nu, mean b = 1
    rho: of the m heights w . phi_i in ascending order number ceil(nu m); nu m whole: the middle of that and the next,
         if there is one

With the scaling 'none' z is the distance from the median of the sample, the lower of two. gamma 0 is 1 over the number
of features that vary. The directions are made in blocks of d, over all features: block b takes d^2 standard normal
numbers from the SplitMix64 stream b + 1 (see iforest; two uniform numbers u, v each, sqrt(-2 ln(1 - u)) cos 2 pi v), d
a direction; these are made orthogonal in their order, and get their lengths back. A row further than 1e6 in an entry of
t has the score rho and terms 0. The program is solved pair by pair. Sources: B. Schoelkopf and others (2001),
doi:10.1162/089976601750264965; A. Rahimi, B. Recht (2007); F. Yu and others (2016), doi:10.48550/arXiv.1610.09072; J.
Platt, Sequential Minimal Optimization (1998).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Any

import numpy as np

from tests.reference.iforest import Stream
from tests.reference.sample import Array, Sample, in_units, sample_of, unvaried

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
TOLERANCE = 1e-6
PARAMETERS: Mapping[str, Any] = {
    "nu": 0.2, "gamma": 0.3, "n_components": 7, "scaling": "robust", "max_samples": 30, "random_state": 3,
}  # fmt: skip
LEAN: Mapping[str, Any] = {"n_components": 9}
FAR = 1e6
GAP = 1e-12

# Five rows by hand, one wave: the first normal number of stream 1 is u = 0.6043.., sqrt(2 gamma) = 1 / 8, and x has
# the angle x u / 8: every cosine is positive. b <= 2 and the cosines fall with |x|: the outer rows take 2 each, those
# at +-1 the rest. The sines cancel, so w = (2 * 2 cos 2a + cos a) / 5 along the cosine, a = u / 8. nu m = 2.5, and the
# third height is that of +-1: rho = w cos a. A score is w (cos a - cos x a).
ANGLE = 0.6043777850667446 / 8
WIDTH = (4 * math.cos(2 * ANGLE) + math.cos(ANGLE)) / 5
HAND_ROWS = (-2.0, -1.0, 0.0, 1.0, 2.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_components": 1, "scaling": "none", "gamma": 1 / 128}
HAND_SCORES = tuple(WIDTH * (math.cos(ANGLE) - math.cos(x * ANGLE)) for x in HAND_ROWS)


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample, the directions over the features that vary, the plane and the offset."""

    sample: Sample
    stretch: float
    directions: Array
    plane: Array
    rho: float

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def normal(stream: Stream) -> float:
    """The next standard normal number."""
    radius = math.sqrt(-2 * math.log(1 - stream.uniform()))
    return radius * math.cos(2 * math.pi * stream.uniform())


def directions(features: int, count: int, seed: int) -> Array:
    """The directions of the waves."""
    found: list[Array] = []
    while len(found) < count:
        stream = Stream(seed, len(found) // features + 1)
        block: list[Array] = []
        for row in np.array([[normal(stream) for _ in range(features)] for _ in range(features)]):
            rest = row.copy()
            for _ in range(2):  # once more takes away what rounding left
                for other in block:
                    rest = rest - (rest @ other) * other
            block.append(rest / math.sqrt(rest @ rest))
            found.append(block[-1] * math.sqrt(row @ row))
    return np.array(found[:count])


def waves(t: Array, model_directions: Array) -> Array:
    """phi."""
    angles = model_directions @ t
    return np.concatenate([np.cos(angles), np.sin(angles)]) / math.sqrt(len(model_directions))


def solved(points: Array, nu: float) -> Array:
    """w: the pair that violates the conditions most is moved, until none does."""
    count, most = len(points), 1 / nu
    kernel = points @ points.T / count
    weights = np.ones(count)
    slopes = kernel @ weights
    for _ in range(1_000_000):
        if not (weights < most).any():
            break
        up = int(np.argmin(np.where(weights < most, slopes, math.inf)))
        down = int(np.argmax(np.where(weights > 0, slopes, -math.inf)))
        gain = slopes[down] - slopes[up]
        if gain < GAP:
            break
        bend = max(kernel[up, up] + kernel[down, down] - 2 * kernel[up, down], 1e-300)
        step = min(gain / bend, most - weights[up], weights[down])
        weights[up] = most if step == most - weights[up] else weights[up] + step
        weights[down] = 0.0 if step == weights[down] else weights[down] - step
        slopes = slopes + step * (kernel[:, up] - kernel[:, down])
    plane: Array = weights @ points / count
    return plane


def fit(
    rows: Sequence[Row],
    *,
    nu: float = 0.5,
    gamma: float = 0.0,
    n_components: int = 100,
    scaling: str = "standard",
    max_samples: int = 5_000,
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = around_median(sample_of(rows, max_samples, scaling, random_state), scaling)
    kept = [j for j, flat in enumerate(sample.constant) if not flat]
    if not kept:
        return Fit(sample, 1.0, np.empty((0, 0)), np.empty(0), 0.0)
    stretch = math.sqrt(2 * (gamma or 1 / len(kept)))
    chosen = directions(len(sample.constant), n_components, random_state)[:, kept]
    points = np.array([waves(z * stretch, chosen) for z in sample.reference])
    plane = solved(points, nu)
    heights = sorted(float(height) for height in points @ plane)
    place = nu * len(heights)
    rho = heights[math.ceil(place) - 1]
    if place == round(place) and place < len(heights):
        below = int(place)
        rho = (heights[below - 1] + heights[below]) / 2
    return Fit(sample, stretch, chosen, plane, rho)


def around_median(sample: Sample, scaling: str) -> Sample:
    """The sample with a centre of its own where the scaling has none."""
    if scaling != "none" or all(sample.constant):
        return sample
    middle = [median_low(column) for column in sample.reference.T.tolist()]
    own = iter(middle)
    centre = tuple(old if flat else next(own) for old, flat in zip(sample.centre, sample.constant, strict=True))
    return replace(sample, reference=sample.reference - middle, centre=centre)


def height(t: Array, model: Fit) -> float:
    """w . phi."""
    return float(waves(t, model.directions) @ model.plane)


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    if all(model.constant):
        return unvaried(row, model.sample)
    t = in_units(row, model.sample) * model.stretch
    far = bool((abs(t) > FAR).any())
    found: list[float | None] = []
    for j, flat in enumerate(model.constant):
        without = t.copy()
        if not flat:
            without[model.constant[:j].count(False)] = 0.0
        found.append(0.0 if far else height(without, model) - height(t, model))
    return found


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    if all(model.constant):
        return 0.0
    t = in_units(row, model.sample) * model.stretch
    return model.rho if (abs(t) > FAR).any() else model.rho - height(t, model)


def expected(row: Sequence[float | None], model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
