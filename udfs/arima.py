"""arima: the distance from a forecast by the values, the values of a season ago, and the error before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.forecasts import Forecasts, check_period
from sqlnomaly.udfs.sampled import check_whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sqlnomaly.udfs.along_series import Vector

MOST_P, MOST_SEASONAL_P = 3, 2
"""The most earlier values that the search tries, without and with a season."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arima(Forecasts):
    """Distance from the forecast of an ARIMA model, in scales of its errors so far, the largest of the features.

    score = |x - forecast| / scale, where the forecast is that of ARIMA(p, d, q)(P, D, 0) of the period (Box and
    Jenkins 1970). The coefficients are learned recursively by extended least squares with a memory of about a
    thousand points, and all orders with p up to 3 (2 with a season), d, q, P and D up to 1 run side by side: the
    forecast is that of the order which has been off least over about the last 500. Scale, heavy tails, outliers and new
    levels are treated as in ``holt_winters``.

    It needs ORDER BY and is causal; points, gaps, ``period``, missing values and the client are as in
    ``holt_winters``.

    Edge cases: a constant series gives 0 to its own value and NULL to any other. Fewer than ``min_rows`` (default 10)
    values before the row, or fewer than 8 forecasts, give NULL and ``warm_up``. A forecast never lies farther outside
    of the values so far than these are apart.

    Default threshold: 4.

    Attributes:
        period: points of a season, 0 for none, ``'auto'`` to look for it.
        p: earlier values, 0 to 5; None to choose it.
        d: 1 to model differences, 0 not to; None to choose it.
        q: 1 for the error before, 0 for none; None to choose it.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i * i % 7 + i % 5 / 9 + CASE i WHEN 44 THEN 15 ELSE 0 END AS x FROM range(48) s(i))"
        >>> call = "anomaly_score(x, detector => 'arima') OVER (ORDER BY t)"
        >>> query = f"SELECT t, x, ROUND({call}, 2) AS score FROM {rows} ORDER BY score DESC NULLS LAST LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(44, 19.444444444444443, 13.36), (45, 2.0, 0.89)]
    """

    name: ClassVar[str] = "arima"
    finds: ClassVar[str] = "values far from what the values before them lead to"
    choose: ClassVar[str] = "neighboring values of a series hang together, as loads and temperatures do"

    p: int | None = None
    d: int | None = None
    q: int | None = None

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """p is 0 to 5, d and q are 0 or 1."""
        check_period(parameters)
        for name, most in (("p", 5), ("d", 1), ("q", 1)):
            if parameters.get(name) is not None:
                check_whole(parameters, name, 0, most)

    def orders(self, period: int) -> NDArray[np.int64]:
        """The orders of the search, one a row: p, d, q, P, D."""
        import numpy as np

        most = MOST_SEASONAL_P if period else MOST_P
        tried = [
            range(most + 1) if self.p is None else (self.p,),
            (0, 1) if self.d is None else (self.d,),
            (0, 1) if self.q is None else (self.q,),
            (0, 1) if period else (0,),
            (0, 1) if period else (0,),
        ]
        return np.array(list(product(*tried)), dtype=np.int64)

    def ahead(self, values: Vector, period: int, horizon: int) -> tuple[Vector, Vector]:
        """Forecasts of the best order."""
        from sqlnomaly.udfs.arima_kernel import autoregressed

        found: tuple[Vector, Vector] = autoregressed(values, self.orders(period), period, horizon)
        return found
