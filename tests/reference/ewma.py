"""ewma: the distance from an exponentially weighted mean of the rows before, in weighted deviations.

    a = 1 - alpha; weight of a fitted, usable value k rows ago = a^k, of any other row 0
    W = sum w        W2 = sum w^2        mean = (sum w x) / W
    sd = sqrt(sum w (x - mean)^2 / W * W^2 / (W^2 - W2))
    term = |x - mean| / sd    ('high': (x - mean) / sd, 'low': (mean - x) / sd)

Time passes with every row, fitted or not. This is pandas' ewm(alpha=alpha, adjust=True, ignore_na=False)
with .mean() and .std(). Weights are taken relative to the last value that has one, which changes neither
quotient; W^2 - W2 is summed as 2 sum_{i<j} w_i w_j, without cancelling. The baseline is constant if all its
values are equal, if sd <= 1e-10 (high - low) or if sd <= 1e-135: its mean has term 0, any other value none.
Source: S. W. Roberts, Control Chart Tests Based on Geometric Moving Averages, Technometrics 1 (1959),
doi:10.1080/00401706.1959.10489860.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEFAULT_THRESHOLD: float | None = 3.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 10
SIGNED = True
AFFINE = True
SEQUENTIAL = True
PARAMETERS = {"alpha": 0.5}
REDUCE = max

# Five rows by hand, alpha = 1/2, each judged by those before it from two on.
# 3rd: weights 1/2, 1 on 2, 4: mean 10/3; two values always have their sample variance: sd^2 = 2.
# 4th: 1/4, 1/2, 1 on 2, 4, 4: W 7/4, mean 26/7, sum w d^2 = 6/7, W2 = 21/16; sd^2 = 6/7 W / (W^2 - W2) = 6/7.
# 5th: 1/8, 1/4, 1/2, 1 on 2, 4, 4, 6: W 15/8, mean 74/15, sum w d^2 = 43/15, W2 = 85/64; sd^2 = 86/35.
HAND_ROWS = (2.0, 4.0, 4.0, 6.0, 9.0)
HAND_OPTIONS: Mapping[str, Any] = {"alpha": 0.5, "min_rows": 2, "order": "id"}
HAND_SCORES = (
    None,
    None,
    0.4714045207910317,  # (2/3) / sqrt 2
    2.4688535993934706,  # (16/7) / sqrt (6/7)
    2.5943189773180073,  # (61/15) / sqrt (86/35)
)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's state: its mean is pivot + shift."""

    pivot: float
    shift: float
    scale: float
    constant: bool

    @property
    def centre(self) -> float:
        return self.pivot + self.shift


def fit(values: Sequence[float | None], *, alpha: float = 0.2) -> Fit:
    """The state after these rows, oldest first; None has no weight; at least one value has."""
    if not 0.001 <= alpha <= 0.99:
        raise ValueError(f"0.001 <= alpha <= 0.99, not {alpha!r}")
    known = [(i, value) for i, value in enumerate(values) if value is not None]
    last = known[-1][0]
    low, high = min(x for _, x in known), max(x for _, x in known)
    if low == high:
        return Fit(pivot=low, shift=0.0, scale=0.0, constant=True)
    weights = [(1 - alpha) ** (last - i) for i, _ in known]
    differences = [x - low for _, x in known]
    total = math.fsum(weights)
    shift = math.fsum(w * d for w, d in zip(weights, differences, strict=True)) / total
    squares = math.fsum(w * (d - shift) ** 2 for w, d in zip(weights, differences, strict=True))
    pairs = math.fsum(w * math.fsum(weights[:i]) for i, w in enumerate(weights))
    sd = math.sqrt(squares * total / (2 * pairs)) if pairs > 0 else 0.0
    return Fit(pivot=low, shift=shift, scale=sd, constant=sd <= 1e-10 * (high - low) or sd <= 1e-135)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where a constant baseline cannot say."""
    difference = (x - model.pivot) - model.shift
    if model.constant:
        return 0.0 if difference == 0 else None
    return {"both": abs(difference), "high": difference, "low": -difference}[direction] / model.scale
