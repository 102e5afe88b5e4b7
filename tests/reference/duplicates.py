"""duplicates: how many fitted rows equal a row in every feature.

    score = #{fitted complete rows that equal the row}      term = score / number of features

Source: I. P. Fellegi, A. B. Sunter, A Theory for Record Linkage (1969), doi:10.1080/01621459.1969.10501049, whose
matches agree in every field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = 1.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 1
SIGNED = False
JOINT = True
REMOVABLE = True
UNPLANTED = True

# Five rows by hand: 2 comes three times, 1 and 7 once.
HAND_ROWS = (2.0, 1.0, 2.0, 7.0, 2.0)
HAND_SCORES = (3.0, 1.0, 3.0, 1.0, 3.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """How often each row comes."""

    counts: Counter[tuple[float, ...]]
    constant: tuple[bool, ...]


def fit(rows: Sequence[Row], *, whole: Sequence[Row] | None = None) -> Fit:
    """Fit on at least one complete row; ``whole`` is the baseline before a row was left out of it."""
    return Fit(Counter(tuple(row) for row in rows), (False,) * len(rows[0]))


def terms(row: Row, model: Fit) -> list[float | None]:
    """An equal part each."""
    return [score(row, model) / len(row)] * len(row)


def score(row: Row, model: Fit) -> float:
    """The fitted rows that are the same."""
    return float(model.counts[tuple(row)])


def expected(row: Sequence[float | None], model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
