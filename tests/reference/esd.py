"""esd: how far beyond the edge between the outliers of a sample and the rest of it a value lies, by generalized ESD.

    R_i = max |x - mean| / sd over the n - i + 1 values that are left; then the farthest one goes
    lambda_i = (m - 1) / sqrt(m) sqrt(t^2 / (m - 2 + t^2)), m = n - i + 1, t the 1 - alpha / (2 m) quantile, m - 2 df
    outliers: the first r that go, r the last i with R_i > lambda_i, at most max_outliers and fewer than half
    term = |x - mean| / edge over the values that are left: half-way between outliers and others, or lambda sd

Source: B. Rosner, Percentage Points for a Generalized ESD Many-Outlier Procedure (1983),
doi:10.1080/00401706.1983.10487848. The edges are ours: exactly the outliers are above 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import t

from tests.reference.zscore import moments

DEFAULT_THRESHOLD: float | None = 1.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 15
SIGNED = True
REDUCE = max
AFFINE = True
TWINNED = True
PARAMETERS: Mapping[str, Any] = {"max_outliers": 2, "alpha": 0.2}
SHOWS: Mapping[str, Mapping[str, Any]] = {"max_outliers": {"alpha": 0.5}}
LEAN: Mapping[str, Any] = {"max_outliers": 3}

# Five rows by hand: mean 20.2, sd = sqrt((19.2^2 + 19.2^2 + 17.2^2 + 15.2^2 + 70.8^2) / 4) > 39.8, R_1 = 70.8 / sd
# = 1.7801 over Grubbs' 1.7150 for 5: 91 goes. Left 1, 1, 3, 5: mean 2.5, sd = sqrt(11 / 3) = 1.9149, R_2 = 2.5 / sd
# = 1.3056 under 1.4812 for 4. Above the edge is (91 + 5) / 2 - 2.5 = 45.5, below 1.4812 sd.
G_OF_4 = 1.4812499999999997
HAND_ROWS = (1.0, 1.0, 3.0, 5.0, 91.0)
HAND_OPTIONS: Mapping[str, Any] = {"min_rows": 5}
HAND_SCORES = (
    1.5 / (G_OF_4 * math.sqrt(11 / 3)),
    1.5 / (G_OF_4 * math.sqrt(11 / 3)),
    0.5 / 45.5,
    2.5 / 45.5,
    88.5 / 45.5,
)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's baseline without its outliers; an edge is None where the sample is too small for any."""

    pivot: float
    shift: float
    above: float | None
    below: float | None
    constant: bool
    outliers: tuple[float, ...]

    @property
    def centre(self) -> float:
        return self.pivot + self.shift


def critical(m: int, alpha: float) -> float:
    """Grubbs' critical value for m values."""
    quantile = t.isf(alpha / (2 * m), m - 2)
    return (m - 1) / math.sqrt(m) / math.sqrt(1 + (m - 2) / quantile**2)


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The mean less the smallest value, and the standard deviation."""
    shift, m2 = moments(values, values[0])
    if values[0] == values[-1]:
        return 0.0, 0.0
    return shift, math.sqrt(m2 / (len(values) - 1))


def outliers(values: Sequence[float], most: int, alpha: float) -> tuple[int, int]:
    """How many outliers there are below and above, of values in order."""
    left, lows, found = list(values), 0, (0, 0)
    for i in range(1, min(most, (len(values) - 1) // 2) + 1):
        shift, sd = spread(left)
        if sd == 0.0:
            break
        down, up = shift, (left[-1] - left[0]) - shift
        far = max(down, up) > critical(len(left), alpha) * sd
        if down * (1 - 1e-12) > up:
            left, lows = left[1:], lows + 1
        else:
            left = left[:-1]
        if far:
            found = (lows, i - lows)
    return found


def fit(values: Sequence[float], *, max_outliers: int = 10, alpha: float = 0.05) -> Fit:
    """Fit one feature on at least one value."""
    ordered = sorted(values)
    lows, highs = outliers(ordered, max_outliers, alpha)
    left = ordered[lows : len(ordered) - highs]
    shift, sd = spread(left)
    up, down = (left[-1] - left[0]) - shift, shift
    if len(left) < 3:
        return Fit(left[0], shift, None, None, ordered[0] == ordered[-1], ())
    reach = critical(len(left), alpha) * sd
    above, below = max(reach, up), max(reach, down)
    if highs:
        above = ((ordered[-highs] - left[0] - shift) + up) / 2
    if lows:
        below = ((left[0] + shift - ordered[lows - 1]) + down) / 2
    gone = (*ordered[:lows], *ordered[len(ordered) - highs :])
    return Fit(left[0], shift, above, below, ordered[0] == ordered[-1], gone)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where its side does not vary."""
    difference = (x - model.pivot) - model.shift
    if difference == 0:
        return 0.0
    edge = model.above if difference > 0 else model.below
    if not edge:
        return None
    return {"both": abs(difference), "high": difference, "low": -difference}[direction] / edge
