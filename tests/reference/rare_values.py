"""rare_values: how rare the rarest value of a row is.

    term = -ln(#{fitted x = value} / n), of a value that was not fitted -ln(1 / (n + 1))     score = the largest term

Source: C. E. Shannon, A Mathematical Theory of Communication (1948), doi:10.1002/j.1538-7305.1948.tb01338.x.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.reference.avf import Fit
from tests.reference.avf import fit as frequencies

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
CATEGORIES = True
REDUCE = max

# Five rows by hand: a comes three times in five, b and c once: ln(5/3) and ln(5).
HAND_ROWS = ("a", "a", "b", "a", "c")
HAND_SCORES = (0.5108256237659907, 0.5108256237659907, 1.6094379124341003, 0.5108256237659907, 1.6094379124341003)


def fit(values: Sequence[str]) -> Fit:
    """Fit one feature on at least one value."""
    return frequencies(values)


def term(x: str, model: Fit, direction: str) -> float:
    """The surprisal of the value."""
    return -math.log(model.counts[x] / model.n if model.counts[x] else 1 / (model.n + 1))
