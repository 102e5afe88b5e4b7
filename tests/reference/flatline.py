"""flatline: how unlikely it is that a value is repeated so often in a row.

    a value repeats if |x - the one before| <= epsilon; a run is a value and the repeats that follow it
    repeats = those of the run up to the row       n = values before the run, r = the repeats among them
    term = -repeats log10((r + 1) / (n + 2))       n is what min_rows is about

The value before is the last fitted, usable one before the row's peers, which take their places by their values.
Source: the chance of so many independent repeats, each with Laplace's rule of succession.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEFAULT_THRESHOLD: float | None = 6.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 10
SIGNED = False
AFFINE = True
SEQUENTIAL = True
PARAMETERS: Mapping[str, Any] = {"epsilon": 0.5}
REDUCE = max

# Five rows by hand: 1, 4, 4, 4, 4. Before the run of fours is one value, no repeat: q = 1/3. 1 and the first 4 repeat
# nothing; then 1, 2, 3 repeats, of log10 3 each.
HAND_ROWS = (1.0, 4.0, 4.0, 4.0, 4.0)
HAND_OPTIONS: Mapping[str, Any] = {"min_rows": 1, "order": "id"}
HAND_SCORES = (None, 0.0, 0.47712125471966244, 0.9542425094393249, 1.4313637641589874)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's last value, its run, and what was before."""

    last: float
    again: int
    before: int
    usual: int
    values: int
    repeats: int
    epsilon: float
    constant: bool = False

    def repeated(self, x: float) -> bool:
        return abs(x - self.last) <= self.epsilon


def fit(values: Sequence[float | None], *, epsilon: float = 0.0) -> Fit:
    """The state after these rows, oldest first; None is of no run; at least one is."""
    known = [x for x in values if x is not None]
    repeat = [i > 0 and abs(x - known[i - 1]) <= epsilon for i, x in enumerate(known)]
    start = max(i for i, again in enumerate(repeat) if not again)
    return Fit(
        last=known[-1], again=len(known) - 1 - start, before=start, usual=sum(repeat[:start]), values=len(known),
        repeats=sum(repeat), epsilon=epsilon,
    )  # fmt: skip


def counted(x: float | None, model: Fit) -> int:
    """The values before the run that a value is part of."""
    return model.before if x is not None and model.repeated(x) else model.values


def term(x: float, model: Fit, direction: str) -> float:
    """The zeros of the chance."""
    if not model.repeated(x):
        return 0.0
    return -(model.again + 1) * math.log10((model.usual + 1) / (model.before + 2))
