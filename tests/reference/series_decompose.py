"""series_decompose: what is left of a value without season and trend, beyond the fences of a series, in their widths.

    season = the median of the values of its phase, if there are two        d = x - season
    trend  = the mean of d ('avg'), its least-squares line over the places ('linefit'), or 0 ('none')
    r = d - trend, of a line      r = d otherwise: a mean moves value and fences alike
    low, high = quantiles of all r at q and 1 - q
    term = f max(r - high, low - r, 0) / (high - low)    ('high': only above, 'low': only below)
    ctukey: q = 0.1, f = 2.772605605507915      tukey: q = 0.25, f = 1

What is expected is season + trend; the centre, from which a smallest effect is measured, is the middle of the fences.

A place is the number of different order keys up to the row's own, fitted or not; a phase is the place modulo the
period, and all rows are of one without a period. The baseline is constant where high - low is at most 1e-150 or, of a
line, 1e-10 of the same of d: up to that far beyond the fences the term is 0, farther away there is none.

Source: series_decompose_anomalies in the Kusto Query Language's reference. f is read off published scores of its
series_outliers, which have it in all their digits: -3, 2.4, 15, 3.9, 5, 6, 4.5, 5.2, 3, 4, 5, 16, 7, 5, 5, 4 have
1.9040785483608571 for -3, 0.10021466044004519 for 2.4, 1.3361954725339347 for 15 and 1.6702443406674186 for 16.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from tests.reference.values import quantile

DEFAULT_THRESHOLD: float | None = 1.5
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 4
SIGNED = True
AFFINE = True
WHOLE = True
PARAMETERS: Mapping[str, Any] = {"period": 3, "trend": "linefit", "ad_method": "tukey"}
LEAN: Mapping[str, Any] = {"period": 2}
REDUCE = max
METHODS = {"ctukey": (0.1, 2.772605605507915), "tukey": (0.25, 1.0)}

# Five rows by hand, of period 2 with 'tukey': the odd places have 1, 3, 5, the even ones 10, 40. Medians 3 and 25,
# d = -2, -15, 0, 15, 2, of mean 0, which is r. Quartiles -2 and 2: 13 / 4 below and above.
HAND_ROWS = (1.0, 10.0, 3.0, 40.0, 5.0)
HAND_OPTIONS: Mapping[str, Any] = {"period": 2, "ad_method": "tukey", "order": "id"}
HAND_SCORES = (0.0, 3.25, 0.0, 3.25, 0.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's model, and what it expects in one place."""

    seasons: Mapping[int, float]
    period: int
    level: float
    slope: float
    middle: float
    low: float
    high: float
    factor: float
    reach: float
    line: bool
    anchor: float | None = None
    baseline: float | None = None

    @property
    def centre(self) -> float | None:
        return None if self.anchor is None else self.anchor + (self.low + self.high) / 2

    @property
    def constant(self) -> bool:
        return self.high - self.low <= max(self.reach, 1e-150)


def phase(place: int, period: int) -> int:
    return place % period if period else 0


def fit(
    values: Sequence[tuple[int, float | None]], *, period: int = 0, trend: str = "avg", ad_method: str = "ctukey"
) -> Fit:
    """The model of (place, value): None where a row is not fitted; at least one is."""
    known = [(place, x) for place, x in values if x is not None]
    phases: dict[int, list[float]] = {}
    for place, x in known:
        phases.setdefault(phase(place, period), []).append(x)
    seasons = {at: median(xs) if period else 0.0 for at, xs in phases.items() if len(xs) > 1 or not period}
    flat = [(place, x - seasons[phase(place, period)]) for place, x in known if phase(place, period) in seasons]
    level = middle = slope = 0.0
    if trend != "none" and flat:
        level, middle = mean([d for _, d in flat]), mean([float(place) for place, _ in flat])
    if trend == "linefit" and flat:
        squares = math.fsum((place - middle) ** 2 for place, _ in flat)
        slope = math.fsum((place - middle) * (d - level) for place, d in flat) / squares if squares else 0.0
    share, factor = METHODS[ad_method]
    rest = [d - (level + slope * (place - middle)) if trend == "linefit" else d for place, d in flat]
    model = Fit(seasons, period, level, slope, middle, 0.0, 0.0, factor, 0.0, trend == "linefit")
    if not rest:
        return model
    spread = quantile([d for _, d in flat], 1 - share) - quantile([d for _, d in flat], share)
    reach = 1e-10 * spread if trend == "linefit" and spread > 1e-150 else 0.0
    return replace(model, low=quantile(rest, share), high=quantile(rest, 1 - share), reach=reach)


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def at(model: Fit, place: int | None) -> Fit:
    """The model with what it expects in a place; nothing without one."""
    season = None if place is None else model.seasons.get(phase(place, model.period))
    if season is None or place is None:
        return model
    trend = model.level + model.slope * (place - model.middle)
    return replace(model, anchor=season + trend if model.line else season, baseline=season + trend)


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where its phase has one value, or a constant baseline cannot say."""
    if model.anchor is None:
        return None
    rest = x - model.anchor
    above, below = rest - model.high, model.low - rest
    if model.constant:
        return 0.0 if max(above, below) <= model.reach else None
    beyond = {"both": max(above, below), "high": above, "low": below}[direction]
    return model.factor * max(beyond, 0.0) / (model.high - model.low)


def unscored(x: float, model: Fit) -> str | None:
    """A phase of one value has no season but that value."""
    return "too_few_rows" if model.anchor is None else None
