"""What cusum and page_hinkley measure a value by: the moments of the values before its peers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Moments:
    """Number, mean and deviation (over n - 1) of some values; the deviation is 0 where they do not vary."""

    n: int
    mean: float
    sd: float

    @property
    def constant(self) -> bool:
        return self.sd == 0.0


@lru_cache(maxsize=100_000)
def moments(values: tuple[float, ...]) -> Moments | None:
    """Of these values, None without any; a variance (over n) up to 1e-300 is none."""
    if not values:
        return None
    if min(values) == max(values):
        return Moments(len(values), values[0], 0.0)
    low, n = min(values), len(values)
    shift = math.fsum(x - low for x in values) / n
    variance = math.fsum(((x - low) - shift) ** 2 for x in values) / n
    return Moments(n, low + shift, math.sqrt(variance * n / (n - 1)) if variance > 1e-300 else 0.0)


def peers(values: Sequence[tuple[int, float | None]]) -> Iterator[tuple[float, tuple[float, ...]]]:
    """Each value that counts with all of those in smaller places, of (place, value) in their order."""
    known = [(place, x) for place, x in values if x is not None]
    for place, x in known:
        yield x, tuple(other for at, other in known if at < place)
