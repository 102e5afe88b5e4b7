"""benford: how much more often than by Benford's law a value's first digit comes, the largest over the features.

    p = log10(1 + 1 / d)      term = (#{fitted x with first digit d} - n p) / sqrt(n p (1 - p)), over the n values but 0

A zero has no digit and scores 0; fewer than twenty digits score nothing. The digit is that of the value to twelve
significant digits. Sources: F. Benford, The Law of Anomalous Numbers (1938), doi:10.2307/984802; M. J. Nigrini,
Benford's Law (2012), ISBN 978-1118152850.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEFAULT_THRESHOLD: float | None = 2.5758293035489004
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 50
SIGNED = False
TWINNED = True
UNPLANTED = True
REDUCE = max

# Twenty rows by hand: ten ones (6.0206 expected), five twos (3.5218), three fives (1.5836), two nines (0.9151).
HAND_ROWS = (*[-0.0013, 150.0] * 5, *[2.5] * 5, 5.0, 50.0, 5.9e-7, 9.99, 0.9)
HAND_OPTIONS: Mapping[str, Any] = {"min_rows": 5}


def by_hand(count: int, share: float) -> tuple[float, ...]:
    """The scores of so many of the twenty rows by the share that they should have."""
    return ((count - 20 * share) / math.sqrt(20 * share * (1 - share)),) * count


HAND_SCORES = (
    *by_hand(10, math.log10(2)),
    *by_hand(5, math.log10(1.5)),
    *by_hand(3, math.log10(1.2)),
    *by_hand(2, math.log10(10 / 9)),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's digits."""

    counts: Counter[int]
    n: int
    constant: bool = False
    centre: None = None


def digit(x: float) -> int:
    """The first digit of twelve, rounded up where less than that is missing."""
    return int(f"{abs(x) * (1 + 1e-12):.15e}"[0])


def fit(values: Sequence[float]) -> Fit:
    """Fit one feature on at least one value."""
    counts = Counter(digit(x) for x in values if x)
    return Fit(counts, counts.total())


def unscored(x: float, model: Fit) -> str | None:
    """Why there is no score: shares are taken of twenty digits."""
    return "too_few_rows" if model.n < 20 else None


def term(x: float, model: Fit, direction: str) -> float | None:
    """How over-represented the digit of one value is; None where fewer than twenty fitted values have any."""
    if model.n < 20:
        return None
    if x == 0.0:
        return 0.0
    share = math.log10(1 + 1 / digit(x))
    return (model.counts[digit(x)] - model.n * share) / math.sqrt(model.n * share * (1 - share))
