"""Values in classes, as ecod and copod take them with ``exact => FALSE``.

The range is cut into 4,096 cells of equal width, the last value being a cell of its own. A cell is one class if all its
values are equal, or if the cells below it have 20 times as many values, and those above it too. Of any other cell each
distinct value is a class. A class counts as one value, repeated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CELLS = 4096


@dataclass(frozen=True, slots=True)
class Class:
    """Values between two ends that count as equal."""

    low: float
    high: float
    count: int

    @property
    def middle(self) -> float:
        return self.low + (self.high - self.low) / 2


def distinct(values: Sequence[float]) -> list[Class]:
    """Each value a class of its own."""
    found = sorted({value + 0.0 for value in values})
    return [Class(value, value, sum(one == value for one in values)) for value in found]


def classes(values: Sequence[float]) -> list[Class]:
    """The classes in ascending order."""
    low, width = min(values), max(values) - min(values)
    rate = CELLS / width if width > 1e-290 else 0.0
    cells: dict[int, list[float]] = {}
    for value in values:
        cells.setdefault(math.floor((value - low) * rate), []).append(value)
    found = []
    below = 0
    for _, inside in sorted(cells.items()):
        above = len(values) - below - len(inside)
        few = 20 * len(inside) <= min(below, above)
        if few:
            found.append(Class(min(inside), max(inside), len(inside)))
        else:
            found += distinct(inside)
        below += len(inside)
    return found


def skew_sign(groups: Sequence[Class]) -> int:
    """-1, 0 or 1: the sign of the third central moment, 0 within 1e-9 of the moment of its magnitudes."""
    low = min(group.middle for group in groups)
    shifted = [(group.middle - low, group.count) for group in groups]
    mean = math.fsum(value * count for value, count in shifted) / sum(count for _, count in shifted)
    largest = max(abs(value - mean) for value, _ in shifted)
    if largest == 0:
        return 0
    cubes = [count * ((value - mean) / largest) ** 3 for value, count in shifted]
    total = math.fsum(cubes)
    if abs(total) <= 1e-9 * math.fsum(abs(cube) for cube in cubes):
        return 0
    return 1 if total > 0 else -1
