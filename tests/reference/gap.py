"""gap: the step from the last point before, on the logarithmic scale of the steps before.

    step = x - the last fitted, usable value before the row's peers, if it is above 0
    typical = exp(mean of ln step), s = deviation (over n - 1) of ln step, over the n steps before; s0 = ln(1.5) / 3
    term = ln(step / typical) / sqrt(s^2 + s0^2)    ('both': its size, 'low': its negative), 0 without a step

What is expected is the last value + typical. n is what min_rows is about. Rows of equal order keys follow each other by
their values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

DEFAULT_THRESHOLD: float | None = 3.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 10
DEFAULT_DIRECTION = "high"
SIGNED = True
SEQUENTIAL = True
REDUCE = max

# Five rows by hand: 0, 1, 5, 5, 9. Steps 1, 4, none, 4. At 5: after one step, of 1, and s = 0: ln 4 / s0.
# At the second 5: no step. At 9: steps 1 and 4, typical 2, s^2 = 2 (ln 2)^2: ln 2 / sqrt(2 (ln 2)^2 + s0^2).
HAND_ROWS = (0.0, 1.0, 5.0, 5.0, 9.0)
HAND_OPTIONS: Mapping[str, Any] = {"min_rows": 1, "order": "id"}
HAND_SCORES = (None, None, 10.257067748108728, 0.0, 0.7004800418689185)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's last value, and the logarithms of its steps."""

    last: float
    steps: tuple[float, ...]
    constant: bool = False

    @property
    def typical(self) -> float:
        return math.fsum(self.steps) / len(self.steps)

    @property
    def centre(self) -> float | None:
        return self.last + math.exp(self.typical) if self.steps else None


def fit(values: Sequence[float | None]) -> Fit:
    """The state after these rows, oldest first; None is no point; at least one is."""
    known = [x for x in values if x is not None]
    steps = (after - before for before, after in pairwise(known))
    return Fit(known[-1], tuple(math.log(step) for step in steps if step > 0))


def counted(x: float | None, model: Fit) -> int:
    """The steps before."""
    return len(model.steps)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The logarithm of the step in deviations."""
    if not model.steps:
        return None
    if x <= model.last:
        return 0.0
    n, typical = len(model.steps), model.typical
    squares = math.fsum((step - typical) ** 2 for step in model.steps)
    spread = math.sqrt((squares / (n - 1) if n > 1 else 0.0) + (math.log(1.5) / 3) ** 2)
    above = (math.log(x - model.last) - typical) / spread
    return {"both": abs(above), "high": above, "low": -above}[direction]
