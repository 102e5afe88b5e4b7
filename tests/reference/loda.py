"""loda: the mean of -ln(share of the rows in a row's bin) over histograms of random projections (see sample).

Projection i weighs max(1, round(sqrt(d))) of the d varying features, chosen by stream 2 i, by normal numbers of stream
2 i + 1. Its histogram has n_bins bins of equal width over the sample; a bin's share is (count + 1) / (m + n_bins + 1),
that of values outside 1 / (m + n_bins + 1). A value within 1e-9 of a width of the range is inside, and one that near
below an edge above it.

Source: T. Pevny, Loda: Lightweight On-Line Detector of Anomalies (2016), doi:10.1007/s10994-015-5521-0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.chance import chosen, normal
from tests.reference.iforest import Stream
from tests.reference.sample import Array, Sample, replaced, sample_of, score_of

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
PARAMETERS: Mapping[str, Any] = {
    "n_random_cuts": 7, "n_bins": 5, "max_samples": 40, "scaling": "robust", "random_state": 3,
}  # fmt: skip
LEAN: Mapping[str, Any] = {"n_random_cuts": 9}

# Five rows by hand: any projection of one feature has the bins of width 7.5 over 1 .. 16: 1, 2, 4 and 8 in the first
# (or the last, turned around; 8 lies below the edge 8.5), 16 in the other. Shares 5/8 and 2/8.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_bins": 2}
HAND_SCORES = (0.4700036292457356, 0.4700036292457356, 0.4700036292457356, 0.4700036292457356, 1.3862943611198906)


@dataclass(frozen=True, slots=True)
class Histogram:
    """One projection."""

    direction: tuple[float, ...]
    low: float
    width: float
    levels: tuple[float, ...]
    outside: float


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample and the projections."""

    sample: Sample
    histograms: tuple[Histogram, ...]

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    n_random_cuts: int = 100,
    n_bins: int = 10,
    max_samples: int = 20_000,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    width = sample.reference.shape[1] if not all(sample.constant) else 0
    made = [histogram(sample.reference.tolist(), width, n_bins, random_state, i) for i in range(n_random_cuts)]
    return Fit(sample, tuple(made) if width else ())


def histogram(rows: Sequence[Row], features: int, bins: int, seed: int, number: int) -> Histogram:
    """One projection of the sample."""
    kept = max(1, round(math.sqrt(features))) if features else 0
    places = chosen(Stream(seed, 2 * number), kept, features)
    numbers = Stream(seed, 2 * number + 1)
    direction = [0.0] * features
    for place in places:
        direction[place] = normal(numbers)
    values = [dot(row, direction) for row in rows] or [0.0]
    low, high = min(values), max(values)
    width = (high - low) / bins if high > low else 1.0
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, max(0, math.floor((value - low) / width + 1e-9)))] += 1
    whole = len(values) + bins + 1
    levels = tuple(-math.log((count + 1) / whole) for count in counts)
    return Histogram(tuple(direction), low, width, levels, -math.log(1 / whole))


def dot(row: Row, direction: Sequence[float]) -> float:
    return float(sum(x * w for x, w in zip(row, direction, strict=True)))


def scored(z: Array, model: Fit) -> float:
    """The mean level."""
    total = 0.0
    for one in model.histograms:
        step = (dot(z.tolist(), one.direction) - one.low) / one.width
        bins = len(one.levels)
        inside = -1e-9 <= step <= bins * (1 + 1e-9)
        total += one.levels[min(bins - 1, max(0, math.floor(step + 1e-9)))] if inside else one.outside
    return total / len(model.histograms)


def terms(row: Row, model: Fit) -> list[float | None]:
    """What the score falls by when each value is replaced by the median."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
