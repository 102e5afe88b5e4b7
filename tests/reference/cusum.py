"""cusum: two-sided cumulative sums of self-starting steps, which are nearly standard normal.

    n, mean, sd (over n - 1): the fitted, usable values before the row's peers
    t = (x - mean) / sd sqrt(n / (n + 1)),    v = n - 1
    u = sign(t) (8v + 1) / (8v + 3) sqrt(v ln(1 + t^2 / v))
    up = max(0, up + u - drift)        down = max(0, down - u - drift)
    term = max(up, down)    ('high': up, 'low': down), both with the row's own u

The sums go on over peers by their values, each with the u that the values before all of them give. Baselines whose
values are equal, or of a variance up to 1e-300, are constant: their own value has u = 0, any other none, and adds
nothing.

Sources: E. S. Page, Continuous Inspection Schemes, Biometrika 41 (1954), doi:10.1093/biomet/41.1-2.100;
D. M. Hawkins, Self-Starting Cusum Charts for Location and Scale, The Statistician 36 (1987), doi:10.2307/2348827;
D. L. Wallace, Bounds on Normal Approximations to Student's and the Chi-Square Distributions, Ann. Math. Statist. 30
(1959), for u.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.moments import Moments, moments, peers

DEFAULT_THRESHOLD: float | None = 5.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 10
SIGNED = True
AFFINE = True
SEQUENTIAL = True
PLACED = True
PARAMETERS: Mapping[str, Any] = {"drift": 0.25}
REDUCE = max

# Five rows by hand, drift 1/4, each judged by those before it from two on; 0 and 2 have sd sqrt 2, and 0 of 0 is u = 0.
# 3rd, 1 after 0, 2: t = 0, u = 0. Both sums stay 0.
# 4th, 3 after 0, 2, 1: mean 1, sd 1, t = 2 sqrt(3/4) = sqrt 3, v = 2, u = 17/19 sqrt(2 ln 2.5) = 1.2112310.
# up = u - 1/4 = 0.9612310. 5th, 4 after 0, 2, 1, 3: mean 3/2, sd^2 = 5/3, t^2 = 25/4 3/5 4/5 = 3, v = 3,
# u = 25/27 sqrt(3 ln 2) = 1.3352101, up = 0.9612310 + 1.3352101 - 1/4.
HAND_ROWS = (0.0, 2.0, 1.0, 3.0, 4.0)
HAND_OPTIONS: Mapping[str, Any] = {"drift": 0.25, "min_rows": 2, "order": "id"}
HAND_SCORES = (None, None, 0.0, 0.961230965418232, 2.046441045604235)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's sums after the rows before, and what the next step is measured by."""

    measure: Moments
    up: float
    down: float
    drift: float

    @property
    def centre(self) -> float:
        return self.measure.mean

    @property
    def constant(self) -> bool:
        return self.measure.constant


def step(x: float, measure: Moments | None) -> float | None:
    """The value as a standard normal one; None where it cannot be measured."""
    if measure is None or (measure.constant and x != measure.mean):
        return None
    if measure.constant:
        return 0.0
    v = measure.n - 1
    ratio = (x - measure.mean) / measure.sd * math.sqrt(measure.n / (measure.n + 1) / v)
    size = math.sqrt(math.log1p(min(abs(ratio), 1e100) ** 2))
    return math.copysign((8 * v + 1) / (8 * v + 3) * math.sqrt(v) * size, ratio)


def fit(values: Sequence[tuple[int, float | None]], *, drift: float = 0.5) -> Fit:
    """The state after (place, value), oldest first; None adds nothing; at least one does."""
    up = down = 0.0
    for x, before in peers(values):
        u = step(x, moments(before))
        if u is not None:
            up, down = max(0.0, up + u - drift), max(0.0, down - u - drift)
    measure = moments(tuple(x for _, x in values if x is not None))
    assert measure is not None
    return Fit(measure, up, down, drift)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The sums that go on with one value; None where a constant baseline cannot say."""
    u = step(x, model.measure)
    if u is None:
        return None
    up, down = max(0.0, model.up + u - model.drift), max(0.0, model.down - u - model.drift)
    return {"both": max(up, down), "high": up, "low": down}[direction]
