"""holt_winters: the distance from a forecast by level, trend and season, each smoothed exponentially."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.forecasts import Forecasts, check_period
from sqlnomaly.udfs.sampled import check_share

if TYPE_CHECKING:
    from sqlnomaly.udfs.along_series import Vector

WEIGHTS = {
    "alpha": (0.02, 0.1, 0.3, 0.7),
    "beta": (0.0, 0.05, 0.2),
    "gamma": (0.05, 0.2, 0.5),
    "damping": (0.98, 1.0),
}
"""What is tried for a weight that is not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoltWinters(Forecasts):
    """Distance from the forecast of exponential smoothing, in scales of its errors so far, the largest of the features.

    forecast = level + trend + season[phase]      error = x - forecast      score = |error| / scale
    level += trend + alpha error, trend = damping trend + alpha beta error, season[phase] += gamma (1 - alpha) error

    This is Holt-Winters smoothing with an additive, damped trend and an additive season (Winters 1960,
    doi:10.1287/mnsc.6.3.324; Gardner and McKenzie 1985, doi:10.1287/mnsc.31.10.1237) in its error form. Weights that
    are not given are chosen as the series goes: 72 combinations run side by side, and the forecast is that of the one
    whose forecasts have been off least over about the last 500. The scale is a robust deviation of the errors; an
    error beyond two scales teaches no more than one of two scales (Gelper, Fried and Croux 2010,
    doi:10.1002/for.1125). Eight in a row on one side are a new level, which is learned at once, and five of eight, some
    on either side, a new scale. The scale is no smaller than the error that one in two hundred of the newest 4,000
    exceeded, divided by the 3.29 deviations that one normal error in a thousand exceeds: normal errors never feel it,
    and where errors have heavy tails what happens every so often is no anomaly.

    It needs ORDER BY and is causal: forecast and scale of a point come from the points before it. The points of a
    series are its different order keys, each with the mean of its fitted values, and are taken to be equally far
    apart: where some are missing, ``detect_anomalies(.., bucket => '1 hour', fill => 'null')`` puts them in. With
    ``period => 'auto'``, the default, the period is looked for in the first 8,192 points of each series; it is the
    only thing that a point may know of later ones. A client runs it along each series: one row a point leaves the
    engine and comes back.

    Edge cases: a constant series gives 0 to its own value and NULL to any other. Fewer than ``min_rows`` (default 10)
    values before the row, fewer than 8 forecasts, or a phase that was not there before give NULL and ``warm_up``.

    Default threshold: 4.

    Attributes:
        period: points of a season, 0 for none, ``'auto'`` to look for it.
        alpha: the weight of an error in the level, between 0 and 1; None to choose it.
        beta: the share of that in the trend, from 0 to 1; None to choose it.
        gamma: the weight of what is left in the season, from 0 to 1; None to choose it.
        damping: what the trend is multiplied by with each point, from 0 to 1; 1 lets it go on, None chooses 0.98 or 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i % 4 + i % 3 / 10 + CASE i WHEN 37 THEN 5 ELSE 0 END AS x FROM range(48) AS s(i))"
        >>> call = "anomaly_score(x, detector => 'holt_winters', period => 4) OVER (ORDER BY t)"
        >>> query = f"SELECT t, x, ROUND({call}, 2) AS score FROM {rows} ORDER BY score DESC NULLS LAST LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(37, 6.1, 35.09), (18, 2.0, 1.37)]
    """

    name: ClassVar[str] = "holt_winters"
    finds: ClassVar[str] = "values far from what level, trend and season of their series lead to"
    choose: ClassVar[str] = "a series has a trend or a season that changes, and each point is judged as it comes"

    alpha: float | None = None
    beta: float | None = None
    gamma: float | None = None
    damping: float | None = None

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """The weights lie between 0 and 1, ends included but for alpha."""
        check_period(parameters)
        if parameters.get("alpha") is not None:
            check_share(parameters, "alpha")
        for name in ("beta", "gamma", "damping"):
            value = parameters.get(name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if value is not None and not (number and 0 <= float(str(value)) <= 1):
                raise ValueError(f"{name} lies between 0 and 1")

    def ahead(self, values: Vector, period: int, horizon: int) -> tuple[Vector, Vector]:
        """Forecasts of the grid's best."""
        import numpy as np

        from sqlnomaly.udfs.forecast_kernels import smoothed

        given = {
            "alpha": self.alpha,
            "beta": self.beta,
            "gamma": self.gamma if period else 0.0,
            "damping": 1.0 if self.beta == 0.0 else self.damping,
        }
        tried = [WEIGHTS[name] if value is None else (float(value),) for name, value in given.items()]
        found: tuple[Vector, Vector] = smoothed(values, np.array(list(product(*tried))), period, horizon)
        return found
