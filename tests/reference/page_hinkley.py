"""page_hinkley: two-sided cumulative sums of deviations from the mean of the rows before.

    mean, sd (over n - 1): of the fitted, usable values before the row's peers
    z = (x - mean) / sd, but at least -5 and at most 5
    up = max(0, up + z - delta)        down = max(0, down - z - delta)
    term = max(up, down)    ('high': up, 'low': down), both with the row's own z

That is m - min m of the sums m of z - delta. The sums go on over peers by their values. Constant baselines are as in
cusum.

Sources: E. S. Page, Continuous Inspection Schemes, Biometrika 41 (1954), doi:10.1093/biomet/41.1-2.100;
D. V. Hinkley, Inference About the Change-Point from Cumulative Sum Tests, Biometrika 58 (1971),
doi:10.1093/biomet/58.3.509.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.moments import Moments, moments, peers

DEFAULT_THRESHOLD: float | None = 50.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 30
SIGNED = True
AFFINE = True
SEQUENTIAL = True
PLACED = True
PARAMETERS: Mapping[str, Any] = {"delta": 0.25}
LEAN: Mapping[str, Any] = {"min_rows": 10}
REDUCE = max

# Five rows by hand, delta 1/4: 1 after 0, 2: z = 0. 3 after 0, 2, 1: mean 1, sd 1, z = 2, up = 7/4.
# 4 after 0, 2, 1, 3: mean 3/2, sd^2 = 5/3, z = sqrt 3.75, up = 7/4 + sqrt 3.75 - 1/4.
HAND_ROWS = (0.0, 2.0, 1.0, 3.0, 4.0)
HAND_OPTIONS: Mapping[str, Any] = {"delta": 0.25, "min_rows": 2, "order": "id"}
HAND_SCORES = (None, None, 0.0, 1.75, 3.4364916731037085)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's sums after the rows before, and what the next value is measured by."""

    measure: Moments
    up: float
    down: float
    delta: float

    @property
    def centre(self) -> float:
        return self.measure.mean

    @property
    def constant(self) -> bool:
        return self.measure.constant


def step(x: float, measure: Moments | None) -> float | None:
    """The value in deviations; None where it cannot be measured."""
    if measure is None or (measure.constant and x != measure.mean):
        return None
    return 0.0 if measure.constant else min(max((x - measure.mean) / measure.sd, -5.0), 5.0)


def fit(values: Sequence[tuple[int, float | None]], *, delta: float = 0.1) -> Fit:
    """The state after (place, value), oldest first; None adds nothing; at least one does."""
    up = down = 0.0
    for x, before in peers(values):
        z = step(x, moments(before))
        if z is not None:
            up, down = max(0.0, up + z - delta), max(0.0, down - z - delta)
    measure = moments(tuple(x for _, x in values if x is not None))
    assert measure is not None
    return Fit(measure, up, down, delta)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The sums that go on with one value; None where a constant baseline cannot say."""
    z = step(x, model.measure)
    if z is None:
        return None
    up, down = max(0.0, model.up + z - model.delta), max(0.0, model.down - z - model.delta)
    return {"both": max(up, down), "high": up, "low": down}[direction]
