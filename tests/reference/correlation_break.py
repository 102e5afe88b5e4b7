"""correlation_break: the correlation of what is new in the last rows beside that of the rows before, after Fisher.

    x = the value, at most 6 deviations from the mean of those before it; then the same by what that leaves of those
    before;  in the row itself the value;  as it is where sqrt v of them <= max(1e-12 |mean|, 1e-150)
    mean, v: of the x so far (v over n);  s = mean squared step between neighbors;  a = max(-1, 1 - s / 2v)
    foreseen = x + (1 - a) (mean - x), or x where sqrt v <= max(1e-12 |mean|, 1e-150)
    raw = x - foreseen of the row before;  none in the first row
    new = raw, cut at 2 sqrt(mean square of raw before) on either side;  the first one is not
    past: new of all rows but the last window - 1;  now: those of the last window - 1, and of the row itself
    alike = max(-1, 1 - mean squared step of past / 2 var past);  g = alike_i alike_j, kept in 0 .. 0.95
    f = (1 - g) / (1 + g)
    change = (atanh r_now - atanh r_past) / sqrt(1 / (f |now| - 3) + 1 / (f |past| - 3))

Over the fitted rows that have every feature, in their order. r is kept within 1e-6 of 1; there is none where a variance
of past is up to 1e-300, or that of now up to 1e-12 of it, or where f |now| - 3 or f |past| - 3 is below 1.

Source: R. A. Fisher, On the "Probable Error" of a Coefficient of Correlation, Metron 1 (1921), over the residuals of
L. D. Haugh, doi:10.1080/01621459.1976.10480353, with M. S. Bartlett's variance, doi:10.2307/2342284.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

Row = Sequence[float]
CLOSEST = 1 - 1e-6


def foreseen(values: Sequence[float]) -> float:
    """What comes behind these values."""
    x = np.asarray(values)
    mean, v, last = x.mean(), x.var(), values[-1]
    if math.sqrt(v) <= max(1e-12 * abs(mean), 1e-150):
        return float(last)
    alike = max(-1.0, 1 - np.mean(np.diff(x) ** 2) / (2 * v))
    return float(last + (1 - alike) * (mean - last))


def cut(value: float, before: Sequence[float]) -> float:
    """What counts of a raw value behind others."""
    bound = 2 * math.sqrt(np.mean(np.square(before))) if len(before) else math.inf
    return min(max(value, -bound), bound)


def drawn_in(values: Sequence[float], before: Sequence[float]) -> list[float]:
    """Each value near enough to the mean of those before it."""
    found = []
    for i, value in enumerate(values):
        x = np.asarray(before[:i])
        still = i == 0 or math.sqrt(x.var()) <= max(1e-12 * abs(x.mean()), 1e-150)
        reach = math.inf if still else 6 * x.std()
        middle = 0.0 if still else x.mean()
        found.append(float(min(max(value, middle - reach), middle + reach)))
    return found


def news(values: Sequence[float]) -> list[float]:
    """What is new in every value but the first; the last one is that of the row itself."""
    held = [*drawn_in(values, drawn_in(values, values))[:-1], values[-1]]
    raw = [held[i] - foreseen(held[:i]) for i in range(1, len(held))]
    return [cut(value, raw[:i]) for i, value in enumerate(raw)]


def change(i: Row, j: Row, window: int) -> float | str:
    """The change of the correlation of two columns of news, the last one that of the row; or why there is none."""
    past, now = ([np.asarray(x[part]) for x in (i, j)] for part in (slice(-window), slice(-window, None)))
    spread = [x.var() for x in past]
    if min(spread) <= 1e-300 or any(x.var() <= 1e-12 * wide for x, wide in zip(now, spread, strict=True)):
        return "constant_baseline"
    alike = [max(-1.0, 1 - np.mean(np.diff(x) ** 2) / (2 * x.var())) for x in past]
    g = min(max(alike[0] * alike[1], 0.0), 0.95)
    freedom = [(1 - g) / (1 + g) * len(x[0]) - 3 for x in (now, past)]
    if min(freedom) < 1:
        return "too_few_rows"
    fisher = [np.arctanh(np.clip(np.corrcoef(x)[0, 1], -CLOSEST, CLOSEST)) for x in (now, past)]
    return float((fisher[0] - fisher[1]) / math.sqrt(sum(1 / m for m in freedom)))


def judged(
    before: Sequence[Row], own: Row, *, window: int = 30, min_rows: int = 30
) -> dict[tuple[int, int], float] | str:
    """The change of each pair of features, or the status of a row that has none.

    Args:
        before: the rows before it that count, in their order.
        own: the row.
        window: rows of which the last one is the row itself.
        min_rows: rows with something new before these.
    """
    if len(before) - window < min_rows:
        return "warm_up"
    columns = []
    for number, value in enumerate(own):
        values = [row[number] for row in before]
        columns.append(news([*values, value]))
    found = {(i, j): change(columns[i], columns[j], window) for i, j in combinations(range(len(own)), 2)}
    reasons = [one for one in found.values() if isinstance(one, str)]
    if reasons:
        return min(reasons)
    return {pair: one for pair, one in found.items() if not isinstance(one, str)}
