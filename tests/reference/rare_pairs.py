"""rare_pairs: how much rarer two values of a row come together than they would by chance.

    O = #{x_i and x_j}, E = #{x_i} #{x_j} / n      pair = sqrt(2 (E - O + O ln(O / E))) where O < E, else 0
    term_j = the largest pair with j      score = the largest term

Over rows that have every value. Source: D. A. Pierce, D. W. Schafer, Residuals in Generalized Linear Models (1986),
doi:10.1080/01621459.1986.10478361: the deviance residual of a Poisson count.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

Row = Sequence[str]

DEFAULT_THRESHOLD: float | None = 3.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 3
SIGNED = False
CATEGORIES = True
JOINT = True

# One feature has no pairs.
HAND_ROWS = ("a", "a", "b", "a", "c")
HAND_SCORES = (0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """The counts of values and of pairs."""

    single: tuple[Counter[str], ...]
    double: dict[tuple[int, int], Counter[tuple[str, str]]]
    n: int
    constant: tuple[bool, ...]


def fit(rows: Sequence[Row]) -> Fit:
    """Fit on at least one complete row."""
    columns = list(zip(*rows, strict=True))
    double = {
        (i, j): Counter(zip(columns[i], columns[j], strict=True)) for i, j in combinations(range(len(columns)), 2)
    }
    return Fit(tuple(Counter(column) for column in columns), double, len(rows), (False,) * len(columns))


def missing(row: Row, i: int, j: int, model: Fit) -> float:
    """How much rarer a pair is than by chance."""
    expected = model.single[i][row[i]] * model.single[j][row[j]] / model.n
    observed = model.double[i, j][row[i], row[j]]
    if observed >= expected:
        return 0.0
    change = observed * math.log(observed / expected) if observed else 0.0
    return math.sqrt(2 * max(expected - observed + change, 0.0))


def terms(row: Row, model: Fit) -> list[float | None]:
    """The rarest pair of each feature."""
    found: list[float | None] = []
    for k in range(len(row)):
        pairs = [missing(row, i, j, model) for i, j in model.double if k in (i, j)]
        found.append(max(pairs, default=0.0))
    return found


def score(row: Row, model: Fit) -> float:
    """The rarest pair."""
    return max(term for term in terms(row, model) if term is not None)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
