"""Errors of forecasts: their scale, what a model learns of one, how bad it was, and which model is the best.

scale: the median of the sizes of the first 8 errors x 1.4826; then s^2 <- s^2 (1 - w + w rho(e / s)), w = 1 / count but
at least 0.02, rho(u) = 2.52 (1 - (1 - (u / 2)^2)^3), 2.52 beyond 2 (Gelper, Fried, Croux 2010). Where five of the
newest eight lie beyond 2 scales, two of them on either side, it is the scaled median of these eight; so it is where,
among the first 50, all of them lie within 0.1 scales.
A model learns an error within 2 scales; the eighth in a row beyond 2 on one side is a new level.
A point is judged by s, but by no less than q / 3.29: q is the largest of the newest 4,000 errors but for 0.5 % of them,
at least one. Errors count from the first scale above 0 on, and anew after one where s falls below a quarter of itself;
of those in a row beyond 2 s on one side the first two count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median

NORMAL = 1.482602218505602


@dataclass
class Errors:
    """The errors of the forecasts that were told."""

    scale: float | None = None
    count: int = 0
    newest: list[float] = field(default_factory=list)
    run: int = 0

    def beyond(self, error: float) -> int:
        """1 above the reach, -1 below it, 0 within."""
        return 0 if not self.scale or abs(error) <= 2 * self.scale else (1 if error > 0 else -1)

    def see(self, error: float) -> None:
        """Counts a run."""
        side = self.beyond(error)
        self.run = self.run + side if side * self.run > 0 else side

    def learned(self, error: float, unsure: float = 0.0) -> float:
        scale = unsure if self.scale is None else self.scale
        return math.copysign(min(abs(error), 2 * scale), error) if scale else error

    def bad(self, error: float) -> float:
        if self.scale is None:
            return abs(error)
        return min(abs(error) / self.scale, 4.0) if self.scale else 4.0 * (error != 0)

    def add(self, error: float) -> None:
        """The scale after an error."""
        self.count += 1
        self.newest = [*self.newest, error][-8:]
        if self.count < 8:
            return
        if self.count == 8:
            self.scale = NORMAL * median(abs(e) for e in self.newest)
        elif not self.scale:
            self.scale = abs(error) * math.sqrt(0.02)
        else:
            sizes, sides = [abs(e) for e in self.newest], [self.beyond(e) for e in self.newest]
            loud = self.beyond(error) and min(sides.count(1), sides.count(-1)) >= 2 and sides.count(0) <= 3
            if (loud or (self.count <= 50 and max(sizes) < 0.1 * self.scale)) and median(sizes):
                self.scale = NORMAL * median(sizes)
                return
            u = min(abs(error) / self.scale / 2, 1.0)
            weight = max(1 / self.count, 0.02)
            self.scale *= math.sqrt(1 - weight + weight * 2.52 * (1 - (1 - u * u) ** 3))

    def restart(self) -> None:
        """After a new level."""
        self.run, self.newest = 0, [0.0] * 8


def settled(loss: float, errors: Errors) -> float:
    """A loss in scales, once there is one."""
    return min(loss / errors.scale, 32.0) if errors.scale else 32.0 * (loss > 0)


def first_best(losses: list[float]) -> int:
    return losses.index(min(losses))


def tail(errors: list[float]) -> float:
    """The scale that the tail of errors says, from their sizes."""
    newest = sorted(errors[-4000:])
    beyond = max(1, math.floor(0.005 * len(newest) + 0.5))
    return newest[-1 - beyond] / 3.2905267314919255 if len(newest) > beyond else 0.0


def model(
    values: list[float | None], told: list[float | None], scales: list[float | None]
) -> list[tuple[int, float | None, float | None]]:
    """What each point is judged by: values before it, its forecast, and the scale before it.

    Args:
        values: the series.
        told: the forecast from each point for the next one.
        scales: the robust scale up to each point.
    """
    found, centres, errors, run = [], [], [], 0
    for at in range(len(values)):
        before = [x for x in values[:at] if x is not None]
        if at and told[at - 1] is not None:
            centres.append(told[at - 1])
        if before and min(before) == max(before):
            found.append((len(before), before[0], 0.0))
        elif at and scales[at - 1] is not None:
            reach = (max(centres) - min(centres) if centres else 0.0) or max(before) - min(before)
            found.append((len(before), told[at - 1], max(scales[at - 1], tail(errors), 1e-10 * reach)))
        else:
            found.append((len(before), told[at - 1] if at else None, None))
        if not at or None in (values[at], told[at - 1]) or not scales[at - 1]:
            run = 0
            continue
        off, scale = values[at] - told[at - 1], scales[at - 1]
        side = (off > 2 * scale) - (off < -2 * scale)
        run = run + side if side * run > 0 else side
        if abs(run) <= 2:
            errors.append(abs(off))
        if scales[at] < 0.25 * scale:
            errors = []
    return found
