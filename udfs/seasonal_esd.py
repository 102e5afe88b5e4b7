"""seasonal_esd: seasonal hybrid ESD, a test for several outliers in what season and median leave of a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.forecasts import FLAT, check_period
from sqlnomaly.udfs.mad import MEDIAN
from sqlnomaly.udfs.sampled import check_share
from sqlnomaly.udfs.stl import found_seasons, turning
from sqlnomaly.udfs.whole_series import WholeSeries

if TYPE_CHECKING:
    from sqlnomaly.udfs.along_series import Known, Vector

MOST = 500
"""Rounds of the test, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonalEsd(WholeSeries):
    """By how much a value exceeds what the seasonal hybrid ESD test allows: above 1 it is an outlier of the test.

    r = x - median of its phase, then rounds over what is left: the value with the largest R = |r - median| / MAD
    goes, and R is divided by the critical value of the generalized ESD test (Rosner 1983,
    doi:10.1080/00401706.1983.10487848) for the values that were left. score = the largest such quotient from the
    value's own round on, since the test calls every value of the rounds up to the last significant one an outlier; a
    value that no round takes has that of the last round's median, MAD and critical value. Median and MAD in the place
    of mean and deviation, on a series without its season, are S-H-ESD (Hochenbaum, Vallis and Kejariwal 2017,
    arXiv:1704.07706), which takes the season from STL: here it is the median of each phase.

    It needs ORDER BY, and it is not causal. Points, gaps, ``period`` and the client are as in ``holt_winters``;
    FILTER leaves rows out of the test, so that they have no score.

    Edge cases: a constant series gives 0 to its own value and NULL to any other; a MAD below 1e-10 of the range
    counts as that much. Fewer than ``min_rows`` (default 12) values give NULL.

    Default threshold: 1.

    Attributes:
        period: points of a season, 0 for none, ``'auto'`` to look for it. One that does not fit twice is none.
        max_share: the largest share of the values that may be outliers, above 0 and below 0.5; 500 rounds at most.
        alpha: how often a series of normal values has an outlier, between 0 and 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i % 6 + i % 5 / 10 + CASE i WHEN 40 THEN 4 ELSE 0 END AS x FROM range(60) AS s(i))"
        >>> call = "is_anomaly(x, detector => 'seasonal_esd', period => 6) OVER (ORDER BY t)"
        >>> sqlnomaly.connect().sql(f"SELECT t, x FROM {rows} QUALIFY {call}").fetchall()
        [(40, 8.0)]
    """

    name: ClassVar[str] = "seasonal_esd"
    finds: ClassVar[str] = "outliers of a series with a season, at a level of significance"
    choose: ClassVar[str] = "a whole series is judged after the fact, and false alarms are to be rare"
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=1.0)
    rows: ClassVar[int] = 12
    directed: ClassVar[bool] = True
    several: ClassVar[frozenset[str]] = frozenset({"period"})
    stats: ClassVar[tuple[str, ...]] = ("centre", "scale", "ratio")

    period: int | str = "auto"
    max_share: float = 0.1
    alpha: float = 0.05
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """period is 'auto', 0, or 2 to 100,000; max_share and alpha are shares."""
        check_period(parameters)
        check_share(parameters, "max_share", 0.0, 0.5)
        check_share(parameters, "alpha")

    def periods_of(self, filled: Vector) -> Sequence[int]:
        """The one that is given or found."""
        return found_seasons(filled, 1) if isinstance(self.period, str) else turning([self.period], filled)

    def judged(self, filled: Vector, known: Vector) -> Known:
        """The signed quotient of each point, and the value that is expected there."""
        import numpy as np

        own = np.flatnonzero(known > 0.0)
        season = np.zeros(len(filled))
        for period in self.periods_of(filled):
            phase = np.arange(len(filled)) % period
            medians = [
                np.median(filled[own][phase[own] == one]) if np.any(phase[own] == one) else np.nan
                for one in range(period)
            ]
            season = np.array(medians)[phase]
        rest = filled - season
        ratio = np.full(len(filled), np.nan)
        ratio[own] = quotients(rest[own], self.max_share, self.alpha)
        middle = float(np.median(rest[own]))
        return {"centre": season + middle, "scale": np.ones(len(filled)), "ratio": np.sign(rest - middle) * ratio}

    def term(self, feature: Feature) -> Expr:
        """The quotient, on the sides that count; in a constant series 0 for its own value."""
        ratio = feature.get("ratio")
        signed = {"both": ops.abs_(ratio), "high": ratio, "low": ops.neg(ratio)}[self.direction]
        there = ops.and_(ops.gt(feature.get("scale"), ops.number(0.0)), ops.not_null(feature.value))
        own = ops.eq(feature.value, feature.get("centre"))
        return ops.case((there, signed), (own, ops.number(0.0)))


def quotients(values: Vector, share: float, alpha: float) -> Vector:
    """The quotient of each value: its distance in MADs over the critical one, the largest from its round on.

    Example:
        >>> import numpy as np
        >>> quotients(np.array([1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0, 30.0]), 0.2, 0.05).argmax()
        np.int64(9)
    """
    import numpy as np
    size = len(values)
    rounds = min(max(int(share * size), 1), MOST, max(size - 3, 0))
    left, taken, found = np.arange(size), [], []
    for _ in range(rounds):
        away = _away(values[left], alpha)
        place = int(away.argmax())
        found.append(float(away[place]))
        taken.append(int(left[place]))
        left = np.delete(left, place)
    ratio = np.zeros(size)
    ratio[left] = _away(values[left], alpha)
    if taken:
        ratio[taken] = np.maximum.accumulate(np.array(found)[::-1])[::-1]
    return ratio


def _away(values: Vector, alpha: float) -> Vector:
    """The distance of each value from the median of all, in MADs, over the critical value for as many values."""
    import numpy as np
    from scipy.stats import t as student

    size = len(values)
    middle = np.median(values)
    away = np.abs(values - middle)
    scale = max(MEDIAN * float(np.median(away)), FLAT)
    share = 1.0 - alpha / (2.0 * size)
    quantile = float(student.ppf(share, size - 2))
    critical = (size - 1) * quantile / np.sqrt((size - 2 + quantile**2) * size)
    found: Vector = away / (scale * critical)
    return found
