"""ratio_drift: how far the ratio of two features is from its median, in robust standard deviations.

    r = ln(x / y), or x / y      scale = median |r - median r| / 0.6744897501960817      score = |r - median r| / scale

Over rows in which both features are there and the ratio is: a denominator that is not 0 and, for the logarithm, two
features of one sign. A feature's part is ln|x| - median ln|x|, that of the denominator with the other sign; for the
plain ratio what it changes by when the feature moves from its median, on the average of moving first and second. What
the medians do not add up to is divided evenly. Source of the MAD: F. R. Hampel, The Influence Curve and Its Role in
Robust Estimation (1974), doi:10.1080/01621459.1974.10482962; of the division of the plain ratio: L. S. Shapley, A Value
for n-Person Games (1953), doi:10.1515/9781400881970-018.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.mad import THIRD_NORMAL_QUARTILE
from tests.reference.values import quantile

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = 3.5
DEFAULT_CONTAMINATION: float | None = None
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
UNPLANTED = True
PARAMETERS: Mapping[str, Any] = {"log": False}

# Five rows by hand: ratios 1, 2, 4, 8, 32 are e^(k ln 2) with k = 0, 1, 2, 3, 5; median 2, distances 2, 1, 0, 1, 3,
# their median 1: the score is the distance times 0.6744897501960817.
HAND_ROWS = ((3.0, 3.0), (14.0, 7.0), (-20.0, -5.0), (8.0, 1.0), (64.0, 2.0))
HAND_SCORES = tuple(distance * 0.6744897501960817 for distance in (2, 1, 0, 1, 3))


@dataclass(frozen=True, slots=True)
class Fit:
    """The medians of the ratio and of its parts; ``centre`` is None where fewer than three rows have a ratio."""

    log: bool
    centre: float | None
    parts: tuple[float, ...]
    scale: float
    constant: tuple[bool, bool]


def ratio_of(row: Row, log: bool) -> float | None:
    """The ratio, or None."""
    x, y = row
    if y == 0.0 or (log and (x == 0.0 or (x < 0) != (y < 0))):
        return None
    if x == 0.0:
        return 0.0
    if abs(math.log(abs(x)) - math.log(abs(y))) > 150 * math.log(10):
        return None
    return math.log(x / y) if log else x / y


def parts_of(row: Row, log: bool) -> tuple[float, ...]:
    """What the ratio is made of."""
    return tuple(math.log(abs(value)) for value in row) if log else tuple(row)


def distance(ratio: float, model: Fit) -> float:
    """How far from the median; a part in 1e14 is rounding."""
    assert model.centre is not None
    found = ratio - model.centre
    return 0.0 if abs(found) <= 1e-14 * (model.log + abs(model.centre)) else found


def fit(rows: Sequence[Row], *, log: bool = True) -> Fit:
    """Fit on at least one complete row."""
    known = [(ratio, row) for row in rows if (ratio := ratio_of(row, log)) is not None]
    if len(known) < 3:
        return Fit(log, None, (), 0.0, (False, False))
    columns = zip(*(parts_of(row, log) for _, row in known), strict=True)
    parts = tuple(quantile(column, 0.5) for column in columns)
    centred = Fit(log, quantile([ratio for ratio, _ in known], 0.5), parts, 0.0, (True, True))
    scale = quantile([abs(distance(ratio, centred)) for ratio, _ in known], 0.5) / THIRD_NORMAL_QUARTILE
    return Fit(log, centred.centre, parts, scale, (scale == 0.0,) * 2)


def unscored(row: Row, model: Fit) -> str | None:
    """Why there is no score though the ratio varies."""
    if ratio_of(row, model.log) is None:
        return "out_of_range"
    return "too_few_rows" if model.centre is None else None


def terms(row: Row, model: Fit) -> list[float | None]:
    """The part of each feature; None where there is no ratio, or the ratio does not vary."""
    ratio = ratio_of(row, model.log)
    if ratio is None or model.centre is None:
        return [None, None]
    away = distance(ratio, model)
    if model.scale == 0.0:
        return [0.0, 0.0] if away == 0.0 else [None, None]
    (x, y), (near_x, near_y) = parts_of(row, model.log), model.parts
    if model.log:
        shares = [x - near_x, near_y - y]
    elif near_y == 0.0:
        shares = [0.0, 0.0]
    else:
        by_x = ((x - near_x) / near_y + (x - near_x) / y) / 2
        by_y = ((near_x / y - near_x / near_y) + (x / y - x / near_y)) / 2
        shares = [by_x, by_y]
    rest = (away - math.fsum(shares)) / 2
    sign = -1.0 if away < 0 else 1.0
    return [sign * (share + rest) / model.scale for share in shares]


def score(row: Row, model: Fit) -> float:
    """The distance in robust standard deviations."""
    ratio = ratio_of(row, model.log)
    assert ratio is not None
    return abs(distance(ratio, model)) / model.scale if model.scale else 0.0


def expected(row: Sequence[float | None], model: Fit) -> list[float | None]:
    """What goes with the other feature at the median ratio."""
    x, y = row
    if model.centre is None:
        return [None, None]
    centre = math.exp(model.centre) if model.log else model.centre
    return [None if y is None else y * centre, None if x is None or abs(centre) <= 1e-150 else x / centre]
