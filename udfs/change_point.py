"""change_point: how sharply the level of a series changes where a new level begins."""

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
from sqlnomaly.udfs.sampled import check_whole
from sqlnomaly.udfs.stl import ROUNDING
from sqlnomaly.udfs.whole_series import WholeSeries

if TYPE_CHECKING:
    from sqlnomaly.udfs.along_series import Known, Vector
    from sqlnomaly.udfs.change_kernel import Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint(WholeSeries):
    """The step of the level at the first point of a new level, in deviations of a mean; 0 at all other points.

    score = |mean after - mean before| sqrt(n m / (n + m)) / sigma, of the n points of the level before and the m of
    the new one. The places are found by seeded binary segmentation (Kovacs, Buehlmann, Li and Munk 2023,
    doi:10.1093/biomet/asac052): a step counts where it is above sqrt(2 log N) + 1 deviations of N points. So are those
    of lines, above sqrt(3 log N) + 1, and whichever says the series at less cost, the squares that are left and those
    of the limit for each change, are its pieces. A trend makes no stairs; a step on it is that between two lines, in
    deviations of their difference there, and a bend is none.

    sigma is a robust deviation of the values around their level that allows for neighbors which hang together, by the
    second differences of blocks (Dette, Eckle and Vetter 2020, doi:10.1214/19-AOS1866). Steps nearer than these blocks
    look the same: where half of the steps are 2.5 times beyond the limit by the deviation of neighbors, that is sigma.
    A season is taken away first, by the median of its phase around the mean of a period; one that was looked for is
    none where steps without it cost less, log N for each of its phases: regular stairs are a trend and a season too.
    Values beyond three deviations from the median of their ``min_size`` neighbors on each side are drawn in: a spike is
    no level.

    It needs ORDER BY, and it is not causal: where a level changes is known only later. ``anomaly_expected`` is the
    level or line before at a change, and the own one elsewhere. Points, gaps, ``period`` and the client are
    as in ``holt_winters``.

    Edge cases: a constant series gives 0 to its own value and NULL to any other. Fewer than ``min_rows`` (default 10)
    values give NULL. Values that do not vary but for steps have a sigma of 1e-10 of their range.

    Default threshold: 5.

    Attributes:
        period: points of a season, 0 for none, ``'auto'`` to look for it. One that does not fit twice is none.
        min_size: points that a level must last, 2 to 10,000.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i * i % 7 + CASE WHEN i >= 25 THEN 9 ELSE 0 END AS x FROM range(60) AS s(i))"
        >>> call = "is_anomaly(x, detector => 'change_point') OVER (ORDER BY t)"
        >>> sqlnomaly.connect().sql(f"SELECT t FROM {rows} QUALIFY {call}").fetchall()
        [(25,)]
    """

    name: ClassVar[str] = "change_point"
    finds: ClassVar[str] = "the points at which a new level begins"
    choose: ClassVar[str] = "a level shifts and stays, and the question is when"
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=5.0)
    rows: ClassVar[int] = 10
    directed: ClassVar[bool] = True
    several: ClassVar[frozenset[str]] = frozenset({"period"})
    stats: ClassVar[tuple[str, ...]] = ("centre", "scale", "step")

    period: int | str = "auto"
    min_size: int = 5
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """period is 'auto', 0, or 2 to 100,000; min_size is 2 to 10,000."""
        check_period(parameters)
        check_whole(parameters, "min_size", 2, 10_000)

    def periods_of(self, filled: Vector) -> Sequence[int]:
        """The one that is given or found."""
        from sqlnomaly.udfs.stl import found_seasons, turning

        return found_seasons(filled, 1) if isinstance(self.period, str) else turning([self.period], filled)

    def judged(self, filled: Vector, known: Vector) -> Known:
        """The level or line that each point is compared with, and the signed step where a new one begins."""
        import numpy as np

        size = len(filled)
        season = np.zeros(size)
        found, sigma = self.pieces_of(filled)
        for period in self.periods_of(filled):
            own = season_of(filled, period)
            pieces, scale = self.pieces_of(filled - own)
            levels = len(found.places) > 0 and not found.sloped
            stairs = levels and found.cost_in(sigma / scale) < pieces.cost + period * float(np.log(size))
            if not (stairs and isinstance(self.period, str)):
                season, found, sigma = own, pieces, scale
        level, step = sigma * found.fit, np.zeros(size)
        step[found.places] = found.steps
        level[found.places] = sigma * found.before
        return {"centre": level + season, "scale": np.full(size, sigma), "step": step}

    def pieces_of(self, values: Vector) -> tuple[Pieces, float]:
        """The pieces of a series without a season, in deviations, and the deviation."""
        import numpy as np

        from sqlnomaly.udfs.change_kernel import found_pieces

        flat = drawn_in(values, self.min_size)
        return found_pieces(flat, self.min_size, max(FLAT * float(np.ptp(flat)), ROUNDING))

    def term(self, feature: Feature) -> Expr:
        """The size of the step, on the sides that count; in a constant series 0 for its own value."""
        step = feature.get("step")
        signed = {"both": ops.abs_(step), "high": step, "low": ops.neg(step)}[self.direction]
        there = ops.and_(ops.gt(feature.get("scale"), ops.number(0.0)), ops.not_null(feature.value))
        own = ops.eq(feature.value, feature.get("centre"))
        return ops.case((there, signed), (own, ops.number(0.0)))

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The level before a change, else the own one."""
        return [feature.get("centre") for feature in features]


def season_of(values: Vector, period: int) -> Vector:
    """The median of each phase around the mean of a period, less the median of the phases; a trend is no season.

    Args:
        values: two periods at least.
        period: points of a period.

    Example:
        >>> import numpy as np
        >>> season_of(4.0 * np.arange(8) + np.array([6.0, 2.0] * 4), 2).tolist()
        [2.0, -2.0, 2.0, -2.0, 2.0, -2.0, 2.0, -2.0]
    """
    import numpy as np

    total = np.concatenate([[0.0], np.cumsum(values)])
    means = (total[period:] - total[:-period]) / period
    if period % 2 == 0:
        means = (means[1:] + means[:-1]) / 2.0
    away, half = np.full(-(-len(values) // period) * period, np.nan), period // 2
    away[half : half + len(means)] = values[half : half + len(means)] - means
    phases = np.nanmedian(away.reshape(-1, period), axis=0)
    found: Vector = np.resize(phases - np.median(phases), len(values))
    return found


def drawn_in(values: Vector, reach: int) -> Vector:
    """The values, none farther than three robust deviations from the median of their neighbors on each side."""
    import numpy as np
    from scipy.ndimage import median_filter

    middle: Vector = median_filter(values, size=2 * reach + 1, mode="nearest")
    away = values - middle
    spread = MEDIAN * float(np.median(np.abs(away)))
    if not spread > 0.0:
        return middle
    found: Vector = middle + np.clip(away, -3.0 * spread, 3.0 * spread)
    return found
