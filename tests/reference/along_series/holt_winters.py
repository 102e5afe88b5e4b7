"""holt_winters: forecasts by level, damped trend and season, of the model that has been off least lately.

forecast = l + b + s[phase]; of an error e, learned as e' (see `errors`):
l <- l + b + w e', w = max(alpha, 1 / points of the level); b <- phi b + beta max(alpha, 1 / points) e';
s[phase] <- s[phase] + gamma (1 - w) e'. A new level: l <- x - s[phase], and its points are counted anew.
A phase that is seen first: the level becomes the mean with it, the seasons go down by that step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

from tests.reference.along_series.errors import Errors, first_best, model, settled

GRID = {"alpha": (0.02, 0.1, 0.3, 0.7), "beta": (0.0, 0.05, 0.2), "gamma": (0.05, 0.2, 0.5), "damping": (0.98, 1.0)}


@dataclass
class Smoother:
    """One model."""

    alpha: float
    beta: float
    gamma: float
    phi: float
    level: float = 0.0
    trend: float = 0.0
    season: dict[int, float] = field(default_factory=dict)
    loss: float = 0.0

    def forecast(self, phase: int) -> float:
        return self.level + self.trend + self.season[phase]

    def pass_by(self) -> None:
        self.level, self.trend = self.level + self.trend, self.phi * self.trend


def known(
    values: list[float | None], *, period: int = 0, **weights: float
) -> list[tuple[int, float | None, float | None]]:
    """(values before, forecast, scale before) of each point."""
    given = {**weights, **({} if period else {"gamma": 0.0}), **({"damping": 1.0} if weights.get("beta") == 0 else {})}
    grid = product(*((given[name],) if name in given else choice for name, choice in GRID.items()))
    models = [Smoother(*one) for one in grid]
    errors, points, of_level, best = Errors(), 0, 0, models[0]
    told: list[float | None] = []
    scales: list[float | None] = []
    for at, x in enumerate(values):
        phase = at % period if period else 0
        if x is None:
            for one in models:
                one.pass_by()
        elif not points:
            points = of_level = 1
            for one in models:
                one.level, one.season[phase] = x, 0.0
        elif phase not in best.season:
            points, of_level = points + 1, of_level + 1
            for one in models:
                one.pass_by()
                step = (x - one.level) / points
                rest = x - one.level - step
                one.level += step
                one.season = {place: s - step for place, s in one.season.items()} | {phase: rest}
        else:
            points, of_level = points + 1, of_level + 1
            off = x - best.forecast(phase)
            errors.see(off)
            new = abs(errors.run) == 8
            if new:
                of_level = 1
                errors.restart()
            for one in models:
                e = x - one.forecast(phase)
                one.loss = 0.998 * one.loss + errors.bad(e)
                taught = errors.learned(e)
                w = max(one.alpha, 1 / of_level)
                one.level += one.trend + (e if new else w * taught)
                one.trend = one.phi * one.trend + one.beta * max(one.alpha, 1 / points) * taught
                if not new:
                    one.season[phase] += one.gamma * (1 - w) * taught
            errors.add(off)
            if errors.count == 8:
                for one in models:
                    one.loss = settled(one.loss, errors)
            best = models[first_best([one.loss for one in models])]
        after = (at + 1) % period if period else 0
        told.append(best.forecast(after) if after in best.season else None)
        scales.append(errors.scale)
    return model(values, told, scales)
