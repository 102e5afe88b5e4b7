"""arima: forecasts by ARIMA(p, d, q)(P, D, 0) of a period, of the order that has been off least lately.

w = (1 - B)^d (1 - B^period)^D x; w is forecast from w of p places before, of a period before if P, the last error if q,
and a constant if d = D = 0. The coefficients are those of least squares with weights 0.999^age and a ridge of 1 / 100,
in units of the series: A <- 0.999 A + z z', theta <- theta + A^-1 z e', e' as learned. A coefficient of the last
error stays within 0.98.

The unit is the scaled median distance of the first 8 values from their median (or the largest, or the distance of the
first value that differs). As an earlier value an error counts as far as it is learned, but for a second one in a row
beyond the reach on one side, which makes the one before count too; the eighth one moves the base by the median
of the eight. A forecast lies within the range so far, made longer by itself at both ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from statistics import median

from tests.reference.along_series.errors import NORMAL, Errors, first_best, model, settled

UNSURE = 5.0
"""Units that stand for the scale before there is one."""


@dataclass
class Order:
    """One model."""

    p: int
    d: int
    q: int
    seasonal_p: int
    seasonal_d: int
    period: int
    theta: list[float] = field(default_factory=list)
    normal: list[list[float]] = field(default_factory=list)
    error: float = 0.0
    loss: float = 0.0
    guess: float = 0.0
    z: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        width = self.p + self.seasonal_p + self.q + (self.back == 0)
        self.theta = [0.0] * width
        self.normal = [[0.01 * (i == k) for k in range(width)] for i in range(width)]

    @property
    def back(self) -> int:
        return self.d + self.seasonal_d * self.period

    def lags(self) -> list[tuple[int, int]]:
        """What x lacks of w, as (lag, sign): w = x + sum sign x[lag]."""
        ordinary = [(0, 1), (1, -1)] if self.d else [(0, 1)]
        seasonal = [(0, 1), (self.period, -1)] if self.seasonal_d else [(0, 1)]
        return [(a + b, s * t) for (a, s), (b, t) in product(ordinary, seasonal)][1:]

    def w(self, x: list[float], at: int) -> float:
        return x[at] + sum(sign * x[at - lag] for lag, sign in self.lags()) if at >= self.back else 0.0

    def tell(self, x: list[float], at: int, low: float, high: float) -> float:
        """The forecast of a place from those before it; keeps what it is made of."""
        if at < self.back:
            return x[at - 1]
        places = [at - 1 - k for k in range(self.p)] + [at - self.period] * self.seasonal_p
        self.z = [self.w(x, place) if place >= 0 else 0.0 for place in places]
        self.z += [self.error] * self.q + [1.0] * (self.back == 0)
        told = sum(a * b for a, b in zip(self.theta, self.z, strict=True))
        told -= sum(sign * x[at - lag] for lag, sign in self.lags())
        return min(max(told, 2 * low - high), 2 * high - low)

    def learn(self, at: int) -> None:
        if at < self.back:
            return
        width = range(len(self.theta))
        self.normal = [[0.999 * self.normal[i][k] + self.z[i] * self.z[k] for k in width] for i in width]
        step = solved(self.normal, [z * self.error for z in self.z])
        self.theta = [a + b for a, b in zip(self.theta, step, strict=True)]
        if self.q:
            place = self.p + self.seasonal_p
            self.theta[place] = min(max(self.theta[place], -0.98), 0.98)


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of linear equations, by elimination."""
    rows = [[*row, b] for row, b in zip(matrix, right, strict=True)]
    size = len(rows)
    for k in range(size):
        pivot = max(range(k, size), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(k + 1, size):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (rows[i][size] - sum(rows[i][k] * found[k] for k in range(i + 1, size))) / rows[i][i]
    return found


def known(
    values: list[float | None], *, period: int = 0, p: int | None = None, d: int | None = None, q: int | None = None
) -> list[tuple[int, float | None, float | None]]:
    """(values before, forecast, scale before) of each point."""
    seen = [x for x in values if x is not None]
    if not seen:
        return model(values, [None] * len(values), [None] * len(values))
    base, distances = median(seen[:8]), sorted(abs(x - median(seen[:8])) for x in seen[:8])
    unit = NORMAL * median(distances) or distances[-1] or next((abs(x - base) for x in seen if x != base), 0.0)
    begun = next(at for at, x in enumerate(values) if x is not None)
    if not unit or len(seen) < 8:
        return model(values, [None] * len(values), [None] * len(values))
    ready = [at for at, x in enumerate(values) if x is not None][7]
    both = (0, 1)
    orders = [
        Order(*one, period)
        for one in product(
            range(3 if period else 4) if p is None else (p,), both if d is None else (d,),
            both if q is None else (q,), both if period else (0,), both if period else (0,),
        )
    ]  # fmt: skip
    errors, best, x, low, high, first, raw = Errors(), orders[0], [], float("inf"), float("-inf"), 0, 0.0
    told: list[float | None] = [None] * begun
    scales: list[float | None] = [None] * begun
    for at, value in enumerate(values[begun:]):
        own = None if value is None else (value - base) / unit
        if at == 0:
            x.append(min(max(own, -2 * UNSURE), 2 * UNSURE))
        else:
            for one in orders:
                one.guess = one.tell(x, at, low, high)
            if own is None:
                x.append(best.guess)
                for one in orders:
                    one.error = 0.0
            else:
                off = own - best.guess
                errors.see(off)
                if abs(errors.run) < 2:
                    x.append(best.guess + errors.learned(off, UNSURE))
                    first, raw = at, own
                else:
                    x.append(own)
                    x[first] = raw
                for one in orders:
                    one.loss = 0.998 * one.loss + errors.bad(own - one.guess)
                    one.error = errors.learned(own - one.guess, UNSURE)
                    one.learn(at)
                errors.add(off)
                if errors.count == 8:
                    for one in orders:
                        one.loss = settled(one.loss, errors)
                best = orders[first_best([one.loss for one in orders])]
        if own is not None:
            low, high = min(low, own), max(high, own)
        if abs(errors.run) == 8:
            moved = median(errors.newest)
            base += unit * moved
            x[first:] = [one - moved for one in x[first:]]
            low, high = low - moved, high - moved
            errors.restart()
        early = at + begun < ready
        z = best.z
        told.append(None if early else base + unit * best.tell(x, at + 1, low, high))
        best.z = z
        scales.append(None if early or errors.scale is None else unit * errors.scale)
    return model(values, told, scales)
