"""avf: how rare the values of a row are on the average.

    term_j = (1 - #{fitted x_j = x} / n_j) / d      score = sum of the terms

Source: A. Koufakou et al., A Scalable and Efficient Outlier Detection Strategy for Categorical Data (2007),
doi:10.1109/ICTAI.2007.125, whose frequency is the mean of the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
CATEGORIES = True
MEAN = True
REDUCE = sum

# Five rows by hand: a comes three times, b and c once each.
HAND_ROWS = ("a", "a", "b", "a", "c")
HAND_SCORES = (0.4, 0.4, 0.8, 0.4, 0.8)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's counts."""

    counts: Counter[str]
    n: int
    constant: bool = False
    centre: None = None


def fit(values: Sequence[str]) -> Fit:
    """Fit one feature on at least one value."""
    return Fit(counts=Counter(values), n=len(values))


def term(x: str, model: Fit, direction: str) -> float:
    """One less the share of the value."""
    return 1 - model.counts[x] / model.n
