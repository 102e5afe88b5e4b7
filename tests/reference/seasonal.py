"""seasonal: the distance from the median so far, in robust deviations of the slot and of the whole series.

    rank r of a row = the number of rows before it, fitted or not
    age a(r) = floor(log(r - 1/4) / log(1.1)), none below min_rows; it begins at the lowest rank that a row has in it
    known at a row: what rows of lower rank than where its age begins have
    median, MAD of the values known, if there are min_rows
    miss of a row = |x - median|        tail = the 0.98 quantile of the misses known
    scale = sqrt(((MAD / 0.6744897501960817)^2 + (tail / 2.3263478740408408)^2) / 2)
    term = |x - median| / scale    ('high': (x - median) / scale, 'low': (median - x) / scale)

n, which min_rows counts, is the smaller number of values and misses known. The baseline is constant if both deviations
are at most 1e-150: its median has term 0, any other value none. This is a series of one slot; with slots the median,
MAD and their ages are those of the slot, tail and its ages those of the series: tests/test_seasonal.py.

Source: B. Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers (1993), ISBN 978-0873892476.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.values import quantile

DEFAULT_THRESHOLD: float | None = 4.5
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 20
SIGNED = True
AFFINE = True
SEQUENTIAL = True
RANKED = True
LEAN: Mapping[str, Any] = {"min_rows": 4}
REDUCE = max

# Five rows by hand, each judged from one miss on. The second misses 2 by 2.
# 3rd: 2, 4: median 3, MAD 1; misses 2: (1 / 0.67449)^2 = 2.19811, (2 / 2.32635)^2 = 0.73911; 1 / sqrt(1.46861).
# 4th: 2, 4, 4: median 4, MAD 0; misses 1, 2: tail 1.98; 2 / sqrt((1.98 / 2.32635)^2 / 2).
# 5th: 2, 4, 4, 6: median 4, MAD 1; misses 1, 2, 2: tail 2; the scale of the third; 5 / sqrt(1.46861).
HAND_ROWS = (2.0, 4.0, 4.0, 6.0, 9.0)
HAND_OPTIONS: Mapping[str, Any] = {"min_rows": 1, "order": "id"}
HAND_SCORES = (None, None, 0.8251760367121693, 3.3231845598650236, 4.125880183560847)

Ranked = tuple[int, float | None]


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's model."""

    centre: float | None
    scale: float
    n: int

    @property
    def constant(self) -> bool:
        return self.scale == 0


def age(rank: int, least: int) -> int | None:
    """The number of a rank's age."""
    return math.floor(math.log(rank - 0.25) / math.log(1.1)) if rank >= least else None


def centre_of(values: Sequence[float]) -> tuple[float, float, int]:
    """Median, MAD and number of values."""
    middle = quantile(values, 0.5)
    return middle, quantile([abs(x - middle) for x in values], 0.5), len(values)


def fit(values: Sequence[Ranked], *, min_rows: int) -> Fit:
    """The model of a row behind these: (rank, value) in order, None for a value that is not fitted."""
    begins: dict[int, int] = {}
    for rank in [*(rank for rank, _ in values), len(values)]:
        now = age(rank, min_rows)
        if now is not None:
            begins.setdefault(now, rank)
    found: dict[int, tuple[float, float, int]] = {}

    def centre(rank: int) -> tuple[float, float, int] | None:
        now = age(rank, min_rows)
        there = [] if now is None else [x for other, x in values if x is not None and other < begins[now]]
        if len(there) < min_rows or now is None:
            return None
        return found.setdefault(now, found.get(now) or centre_of(there))

    own, now = centre(len(values)), age(len(values), min_rows)
    if own is None or now is None:
        return Fit(None, 0.0, 0)
    middle, mad, n = own
    earlier = [(x, centre(rank)) for rank, x in values if x is not None and rank < begins[now]]
    misses = [abs(x - known[0]) for x, known in earlier if known is not None]
    slot, series = mad / 0.6744897501960817, quantile(misses, 0.98) / 2.3263478740408408 if misses else 0.0
    scale = math.hypot(slot, series) / math.sqrt(2.0) if max(slot, series) > 1e-150 else 0.0
    return Fit(middle, scale, min(n, len(misses)))


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where a constant baseline cannot say."""
    assert model.centre is not None, "there are min_rows values"
    away = x - model.centre
    if model.constant:
        return 0.0 if away == 0 else None
    return {"both": abs(away), "high": away, "low": -away}[direction] / model.scale
