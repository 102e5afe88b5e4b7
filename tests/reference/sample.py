"""What detectors on a sample share: the drawn rows in units of their own, and the nearest of them.

The first max_samples complete rows by sample key are drawn (see iforest). In units a value is (x - centre) / unit, for
'standard' the mean and the deviation with m in the denominator, for 'robust' the median and the distance of the
quartiles (the deviation where that is 0), for 'none' 0 and 1. A feature that does not vary counts for nothing. If none
does, a row equal to the sample scores 0, another has no score. A feature contributes what the score falls by when its
value is replaced by the median. Of the drawn rows that equal a row the first is its own copy, and not its neighbor.
Squared distances that agree in 31 significant bits are equal, and of equal ones the first in the sample is nearer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.reference.iforest import drawn
from tests.reference.values import quantile

Row = Sequence[float]
Array = np.ndarray[Any, np.dtype[np.float64]]
Model = Any


@dataclass(frozen=True, slots=True)
class Sample:
    """The drawn rows: ``reference`` has the features that vary, in units; the others are in call order."""

    reference: Array
    centre: tuple[float, ...]
    unit: tuple[float, ...]
    median: tuple[float, ...]
    only: tuple[float, ...]
    constant: tuple[bool, ...]


def sample_of(rows: Sequence[Row], size: int, scaling: str, seed: int) -> Sample:
    """The sample of at least one complete row."""
    chosen = drawn(rows, size, seed)
    columns = [list(column) for column in zip(*chosen, strict=True)]
    units = [unit_of(column, scaling) for column in columns]
    constant = tuple(unit == 0.0 for _, unit in units)
    kept = [j for j, flat in enumerate(constant) if not flat]
    reference = [[(row[j] - units[j][0]) / units[j][1] for j in kept] for row in chosen]
    return Sample(
        reference=np.array(reference, dtype=np.float64),
        centre=tuple(centre for centre, _ in units),
        unit=tuple(unit for _, unit in units),
        median=tuple(quantile(column, 0.5) for column in columns),
        only=tuple(chosen[0]),
        constant=constant,
    )


def unit_of(values: Sequence[float], scaling: str) -> tuple[float, float]:
    """Centre and unit of a feature; the unit is 0 where it does not vary."""
    low, high = min(values), max(values)
    if low == high:
        return low, 0.0
    if scaling == "none":
        return 0.0, 1.0
    centre = low + math.fsum(value - low for value in values) / len(values)
    wide = high - low
    deviation = wide * math.sqrt(math.fsum(((value - centre) / wide) ** 2 for value in values) / len(values))
    if scaling == "standard":
        return centre, deviation
    return quantile(values, 0.5), (quantile(values, 0.75) - quantile(values, 0.25)) or deviation


def in_units(row: Row, sample: Sample) -> Array:
    """The features that vary, in units."""
    kept = [j for j, flat in enumerate(sample.constant) if not flat]
    return np.array([(row[j] - sample.centre[j]) / sample.unit[j] for j in kept], dtype=np.float64)


def once(sample: Sample) -> Sample:
    """The sample, but of copies only the first."""
    rows = dict.fromkeys(map(tuple, sample.reference.tolist()))
    return replace(sample, reference=np.array(list(rows)))


def squares(z: Array, reference: Array) -> Array:
    """The squared distances from the reference; infinite for the row's own copy."""
    found: Array = ((reference - z) ** 2).sum(axis=1)
    if (found == 0.0).any():
        found[np.argmin(found)] = math.inf
    return found


def nearest(z: Array, reference: Array, count: int) -> tuple[list[int], Array]:
    """The places of the nearest rows and their distances, nearest first; all others where there are fewer."""
    found = squares(z, reference)
    size = min(count, len(reference) - 1)
    order = np.argsort(coarse(found), kind="stable")[:size]
    return [int(place) for place in order], np.sqrt(found[order])


def coarse(values: Array) -> Array:
    """The values rounded to 31 significant bits."""
    significand, exponent = np.frexp(values)  # 0.5 <= significand < 1
    rounded: Array = np.ldexp(np.floor(np.ldexp(significand, 31) + 0.5), exponent - 31)
    return rounded


def score_of(row: Row, model: Model, score: Callable[[Array, Model], float]) -> float:
    """The score of a row whose terms are all known; 0 where no feature varies."""
    return 0.0 if all(model.constant) else float(score(in_units(row, model.sample), model))


def unvaried(row: Row, sample: Sample) -> list[float | None]:
    """The terms where no feature varies."""
    return [0.0 if x == own else None for x, own in zip(row, sample.only, strict=True)]


def replaced(row: Row, model: Model, score: Callable[[Array, Model], float]) -> list[float | None]:
    """What the score falls by when each value is replaced by the median."""
    sample: Sample = model.sample
    if all(sample.constant):
        return unvaried(row, sample)
    whole = score(in_units(row, sample), model)
    found: list[float | None] = []
    for j, flat in enumerate(sample.constant):
        other = [sample.median[i] if i == j else x for i, x in enumerate(row)]
        found.append(0.0 if flat else float(whole - score(in_units(other, sample), model)))
    return found


def shared(
    row: Row, model: Model, count: int, weights: Callable[[int], Sequence[float]]
) -> list[float | None]:
    """Each feature's part of the weighted distances from the nearest rows: a squared step over its distance."""
    sample: Sample = model.sample
    if all(sample.constant):
        return unvaried(row, sample)
    z = in_units(row, sample)
    places, distances = nearest(z, sample.reference, count)
    parts = [
        weight * (sample.reference[place] - z) ** 2 / distance if distance > 0.0 else 0.0 * z
        for place, distance, weight in zip(places, distances, weights(len(places)), strict=True)
    ]
    whole = iter(np.sum(parts, axis=0).tolist())
    return [0.0 if flat else next(whole) for flat in sample.constant]
