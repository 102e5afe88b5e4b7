"""percentile: how far out of the band between two quantiles a value lies, the largest over the features.

    above the median (x - median) / (Q_upper - median), below it (median - x) / (median - Q_lower)

A side of no width takes that of the band; a band of no width is a constant baseline. Source: R. J. Hyndman, Y. Fan,
Sample Quantiles in Statistical Packages (1996), doi:10.2307/2684934.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.values import quantile

DEFAULT_THRESHOLD: float | None = 1.0
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 10
SIGNED = True
REDUCE = max
AFFINE = True
TWINNED = True
PARAMETERS: Mapping[str, Any] = {"lower": 0.1, "upper": 0.8}

# Five rows by hand: median 4, quartiles 2 and 8: 4 - 2 = 2 below, 8 - 4 = 4 above.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"lower": 0.25, "upper": 0.75, "min_rows": 3}
HAND_SCORES = (1.5, 1.0, 0.0, 1.0, 3.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's baseline."""

    centre: float
    up: float
    down: float
    constant: bool


def fit(values: Sequence[float], *, lower: float = 0.01, upper: float = 0.99) -> Fit:
    """Fit one feature on at least one value."""
    below, centre, above = (quantile(values, share) for share in (lower, 0.5, upper))
    width = above - below
    return Fit(centre, (above - centre) or width, (centre - below) or width, width == 0.0)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where a constant baseline cannot say."""
    if model.constant:
        return 0.0 if x == model.centre else None
    up, down = (x - model.centre) / model.up, (model.centre - x) / model.down
    return {"both": max(up, down), "high": up, "low": down}[direction]
