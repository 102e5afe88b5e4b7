"""stl and mstl: the distance from season and trend, which LOESS finds in a whole series, in deviations of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.contract import ThresholdRule, deviation
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.forecasts import LONGEST, check_period
from sqlnomaly.udfs.mad import MEDIAN
from sqlnomaly.udfs.whole_series import WholeSeries

if TYPE_CHECKING:
    from sqlnomaly.udfs.along_series import Known, Vector

ROUGH, ROUNDING = 1e-5, 1e-14
"""What no curve can say: a share of the median distance of the values from their median, and of their range."""
LINE = 0.3
"""The share of a series without a season that a piece of its trend is drawn through."""
TWO = 2
"""Seasons that mstl looks for, at most; turns that a season must have; robust rounds, and rounds of seasons."""
JUMP = 0.01
"""The share of a series within which its line without a season is straight, as of R's lowess."""
SEASONAL, TURNS = 25, 3
"""Turns that a piece of a season's change is drawn through, and turns that a piece of the trend is."""
GROSS, NEAR = 10.0, 3.0
"""Deviations from medians, then from the first curve, beyond which a value draws no curve nearer to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decomposed(WholeSeries):
    """A detector that takes trend and seasons of a whole series away and judges what is left."""

    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=5.0)
    rows: ClassVar[int] = 8
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "scale")

    direction: str = "both"

    def periods_of(self, filled: Vector) -> Sequence[int]:
        """The periods of a series, the shortest first; none where it has none."""
        raise NotImplementedError(f"{self.name} decomposes nothing")

    def judged(self, filled: Vector, known: Vector) -> Known:
        """Season and trend of each point, and one scale: the median distance of the rest from its median."""
        import numpy as np

        fitted = decomposed(filled, self.periods_of(filled))
        rest = filled - fitted
        own = rest[known > 0.0]
        middle = np.median(own)
        away = float(np.median(np.abs(filled - np.median(filled))))
        scale = max(MEDIAN * float(np.median(np.abs(own - middle))), ROUGH * away, ROUNDING)
        return {"centre": fitted + middle, "scale": np.full(len(filled), scale)}

    def term(self, feature: Feature) -> Expr:
        """|x - season - trend - middle| / scale."""
        return deviation(feature, self.direction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stl(Decomposed):
    """Distance from season and trend, in robust deviations of what they leave, the largest of the features.

    r = x - season - trend        score = |r - median r| / (1.4826 median |r - median r|)

    Season and trend are those of STL, the decomposition by LOESS with its robust iterations (Cleveland et al. 1990,
    Journal of Official Statistics 6, 3-73), as statsmodels computes it: ``pip install 'sqlnomaly[series]'``. A piece
    of the season is drawn through 25 turns of a phase, one of the trend through three turns; the latter in steps of a
    tenth. Without a season the trend is a robust LOESS line over 30 % of the points (Cleveland 1979,
    doi:10.1080/01621459.1979.10481038). Values beyond ten deviations from medians of their neighbors and their phase
    are drawn in before, and then, for a second curve, those beyond three deviations from the first one.

    It needs ORDER BY, and it is not causal: a row is judged by its whole series, later rows and itself included.
    Points, gaps, ``period`` and the client are as in ``holt_winters``; missing values are filled by a line before,
    and rows that FILTER leaves out are judged, but not fitted.

    Edge cases: a constant series gives 0 to its own value and NULL to any other; a scale is at least 1e-5 of the
    median distance of the values from their median. Fewer than ``min_rows`` (default 8) values give NULL.

    Default threshold: 5.

    Attributes:
        period: points of a season, 0 for none, ``'auto'`` to look for it. One that does not fit twice is none.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i % 7 + i % 3 / 10 + CASE i WHEN 30 THEN 4 ELSE 0 END AS x FROM range(63) AS s(i))"
        >>> call = "anomaly_score(x, detector => 'stl', period => 7) OVER (ORDER BY t)"
        >>> query = f"SELECT t, x FROM {rows} QUALIFY {call} > 5"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(30, 6.0)]
    """

    name: ClassVar[str] = "stl"
    finds: ClassVar[str] = "values far from the season and the trend of their series, both of which may change"
    choose: ClassVar[str] = "a whole series is judged after the fact, and its season or its trend changes"
    several: ClassVar[frozenset[str]] = frozenset({"period"})

    period: int | str = "auto"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """period is 'auto', 0, or 2 to 100,000."""
        check_period(parameters)

    def periods_of(self, filled: Vector) -> Sequence[int]:
        """The one that is given or found."""
        return found_seasons(filled, 1) if isinstance(self.period, str) else turning([self.period], filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mstl(Decomposed):
    """The same as ``stl`` with several seasons, such as days and weeks of hours.

    Seasons are taken away one after another, the shortest first, and over again (MSTL: Bandara, Hyndman and Bergmeir
    2021, doi:10.1504/IJOR.2022.10048281), each by STL as in ``stl``: ``pip install 'sqlnomaly[series]'``. All else is
    as in ``stl``.

    Default threshold: 5.

    Attributes:
        periods: points of each season, a list or one number; 0, the default, looks for at most two.

    Example:
        >>> import sqlnomaly
        >>> x = "i % 4 + 3 * (i // 4 % 3) + i % 5 / 10 + CASE i WHEN 50 THEN 6 ELSE 0 END"
        >>> call = "anomaly_score(x, detector => 'mstl', periods => [4, 12]) OVER (ORDER BY t)"
        >>> query = f"SELECT t, x FROM (SELECT i AS t, {x} AS x FROM range(96) AS s(i)) QUALIFY {call} > 5"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(50, 8.0)]
    """

    name: ClassVar[str] = "mstl"
    finds: ClassVar[str] = "values far from the seasons and the trend of their series"
    choose: ClassVar[str] = "a whole series is judged after the fact, and it has several seasons, as of day and week"

    periods: tuple[float, ...] = (0.0,)

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """periods are different whole numbers from 2 to 100,000, or 0 alone."""
        given = parameters.get("periods", (0.0,))
        assert isinstance(given, tuple), "several numbers"
        if given == (0.0,):
            return
        whole = all(2 <= one <= LONGEST and one == int(one) for one in given)
        if not given or not whole or len(set(given)) < len(given):
            raise ValueError(f"periods are different whole numbers from 2 to {LONGEST:,}, or 0 to look for them")

    def periods_of(self, filled: Vector) -> Sequence[int]:
        """Those that are given or found."""
        if self.periods == (0.0,):
            return found_seasons(filled, TWO)
        return turning([int(one) for one in self.periods], filled)


def turning(periods: Sequence[int], values: Vector) -> list[int]:
    """The periods that fit twice into a series, the shortest first."""
    return sorted(period for period in periods if period and TWO * period <= len(values))


def found_seasons(values: Vector, most: int) -> list[int]:
    """The periods of a series, each looked for in what those before it leave, the shortest first."""
    from sqlnomaly.udfs.periods import found_period, in_phase

    found: list[int] = []
    left = values
    for _ in range(most):
        period = found_period(left, finest=most > 1)
        if not period or period in found:
            break
        found.append(period)
        left = left - in_phase(left, period)
    return sorted(found)


def decomposed(values: Vector, periods: Sequence[int]) -> Vector:
    """Trend and seasons of a series: of robust LOESS, and once more of what lies within three deviations of that.

    Robust weights alone leave rests that are many deviations, since what they pass over cannot draw the curve near.

    Raises:
        UnsupportedError: without statsmodels.
    """
    import numpy as np

    from sqlnomaly.udfs.periods import calmed

    first = curve(calmed(values, max(periods, default=0), GROSS), periods, robust=True)
    rest = values - first
    middle = np.median(rest)
    reach = NEAR * MEDIAN * float(np.median(np.abs(rest - middle)))
    return curve(first + middle + np.clip(rest - middle, -reach, reach), periods, robust=False)


def curve(values: Vector, periods: Sequence[int], *, robust: bool) -> Vector:
    """Trend and seasons by LOESS; of several seasons each in turn without the others, twice."""
    try:
        from statsmodels.nonparametric.smoothers_lowess import lowess
        from statsmodels.tsa.seasonal import STL
    except ImportError:
        raise UnsupportedError(
            "stl and mstl need statsmodels, which is not installed",
            hint="pip install 'sqlnomaly[series]', or use series_decompose or holt_winters",
        ) from None
    import numpy as np

    size = len(values)
    if not periods:
        line: Vector = lowess(
            values, np.arange(size), frac=LINE, it=TWO if robust else 0, delta=JUMP * size, return_sorted=False
        )
        return line
    trend = np.zeros(size)
    seasons = {period: np.zeros(size) for period in periods}
    for _ in range(TWO if len(periods) > 1 else 1):
        for period in periods:
            others = np.sum([season for one, season in seasons.items() if one != period] or [trend * 0.0], axis=0)
            wide, low = TURNS * period + 1 - TURNS * period % 2, period + 1 + period % 2
            jumps = {"trend_jump": max(1, wide // 10), "low_pass_jump": max(1, low // 10)}
            model = STL(values - others, period=period, seasonal=SEASONAL, trend=wide, robust=robust, **jumps)
            found = model.fit(outer_iter=TWO if robust else 0)
            seasons[period], trend = found.seasonal, found.trend
    total: Vector = trend + np.sum(list(seasons.values()), axis=0)
    return total
