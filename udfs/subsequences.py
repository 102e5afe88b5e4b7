"""Detectors of the pieces of a series: how unlike all others the last hours are, or the hours around a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.along_series import AlongSeries
from sqlnomaly.udfs.sampled import check_whole

if TYPE_CHECKING:
    from sqlnomaly.udfs.along_series import Known, Vector

GROWTH = 1.01
"""By what factor the history grows before its scale is computed again."""
LEAST = 50
"""Earlier scores without which there is no scale."""
QUARTILES = 1.3489795003921634
"""How far apart the quartiles of a normal distribution are, in standard deviations."""
FLAT = 0.1
"""The least scale as a share of the median: a series that repeats itself has none of its own."""
FARTHEST = 1e9
"""The largest score: of a piece of a series that has only repeated itself so far."""
DAY = 86_400.0
"""Seconds of a day."""
POINTS = 256
"""A day in points where the order is not a time."""
SHORTEST, LONGEST = 16, 512
"""The fewest and the most points of a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsequences(AlongSeries):
    """A detector that compares windows of a series, and gives a point the score of those that hold it.

    Attributes:
        window: points of a window; ``'auto'`` for a quarter of a day and a day, of which the mean counts.
        causal: FALSE to compare all windows of a series, later ones too.
    """

    stats: ClassVar[tuple[str, ...]] = ("centre", "scale", "odd")
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=3.0)
    rows: ClassVar[int] = 50
    timed: ClassVar[bool] = True
    several: ClassVar[frozenset[str]] = frozenset({"window"})

    window: int | str = "auto"
    causal: bool = True

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Window is 'auto', or 2 to 10,000."""
        if isinstance(parameters.get("window", "auto"), str):
            if parameters.get("window", "auto") != "auto":
                raise ValueError("window is a number of points, or 'auto' for a quarter of a day and a day")
        else:
            check_whole(parameters, "window", 2, 10_000)

    @property
    def looks_ahead(self) -> bool:
        """Unless it is causal."""
        return not self.causal

    def unlike(self, values: Vector, window: int, unit: float) -> Vector:
        """How unlike others the windows of that length are, a number a point, NaN where there is none.

        Args:
            values: the series, in a unit in which no square overflows.
            window: points of a window.
            unit: what its values have been multiplied by for that.
        """
        raise NotImplementedError(f"{self.name} compares nothing")

    def sought(self, values: Vector, times: Vector | None, size: int) -> Sequence[int]:
        """The lengths of the windows."""
        return sorted(set(windows_of(times, size)))

    def known_at(self, values: Vector, times: Vector | None) -> Known:
        """The score of each point; where all values so far are equal, that value and a scale of 0."""
        import numpy as np

        present = np.isfinite(values)
        before = np.cumsum(present) - present if self.causal else np.full(len(values), int(present.sum()))
        if not present.any():
            nothing = np.full(len(values), np.nan)
            return {"n": before, "centre": nothing, "scale": nothing, "odd": nothing}
        seen = values if self.causal else values[present]
        low, high = np.fmin.accumulate(seen), np.fmax.accumulate(seen)
        same = low == high if self.causal else np.full(len(values), low[-1] == high[-1])
        centre = low if self.causal else np.full(len(values), low[-1])
        # A power of 2 changes no digit, and no square overflows.
        unit = 2.0 ** -np.frexp(np.abs(values[present]).max())[1]
        lengths = windows_of(times, len(values)) if isinstance(self.window, str) else (self.window,)
        with np.errstate(all="ignore"):
            unlike = np.mean([self.unlike(values * unit, length, unit) for length in lengths], axis=0)
            odd = np.minimum(standardized(unlike, causal=self.causal), FARTHEST)
        return {
            "n": before,
            "centre": np.where(same, centre, 0.0),
            "scale": np.where(same, 0.0, 1.0),
            "odd": np.where(same, 0.0, odd),
        }

    def term(self, feature: Feature) -> Expr:
        """What the kernel gave the point; where all values so far are equal, 0 for that value."""
        varies = ops.gt(feature.get("scale"), ops.number(0.0))
        own = ops.eq(feature.value, feature.get("centre"))
        there = ops.and_(varies, ops.not_null(feature.value))
        return ops.case((there, feature.get("odd")), (own, ops.number(0.0)))

    def unscored(self, features: Sequence[Feature]) -> Sequence[tuple[Expr, str]]:
        """Where too few windows were there before, or one misses a value."""
        few = (ops.and_(ops.not_null(f.value), ops.is_null(f.get("odd"))) for f in features)
        return [(ops.or_(*few), "warm_up" if self.causal else "too_few_rows")]


def windows_of(times: Vector | None, length: int) -> tuple[int, int]:
    """A quarter of a day and a day in points; a quarter of 256 points and these where the order is not a time.

    The day is at least 16 points and at most 512 or an eighth of the series, the quarter at least 16 points.

    Example:
        >>> import numpy as np
        >>> windows_of(np.arange(2_000) * 3_600.0, 2_000), windows_of(None, 5_000)
        ((16, 24), (64, 256))
    """
    import numpy as np

    step = float(np.median(np.diff(times))) if times is not None and len(times) > 1 else 0.0
    wished = round(DAY / step) if step > 0.0 else POINTS
    day = min(max(wished, SHORTEST), LONGEST, max(length // 8, SHORTEST))
    return max(day // 4, SHORTEST), day


def _scale(scores: Vector) -> tuple[float, float]:
    """Median, and the distance of the quartiles as a standard deviation, at least a tenth of the median."""
    import numpy as np

    low, middle, high = np.quantile(scores, [0.25, 0.5, 0.75])
    return float(middle), float(max((high - low) / QUARTILES, FLAT * middle))


def standardized(scores: Vector, *, causal: bool = False) -> Vector:
    """Scores in robust deviations above their median, so that one threshold fits all series.

    Args:
        scores: at least 0; NaN has none.
        causal: the median and the quartiles are of earlier scores, and are taken again when there are a hundredth
            more; the first ``LEAST`` have no score.

    Returns:
        Of the same shape; 0 where the scale is 0 and the score is the median, infinite where it is above.

    Example:
        >>> import numpy as np
        >>> standardized(np.array([1.0, 2.0, 3.0, 4.0, 20.0])).round(2).tolist()
        [-1.35, -0.67, 0.0, 0.67, 11.47]
    """
    import numpy as np

    known = np.flatnonzero(np.isfinite(scores))
    found = np.full(len(scores), np.nan)
    first = LEAST if causal else 0
    while first < len(known):
        end = min(max(int(first * GROWTH), first + 1), len(known)) if causal else len(known)
        middle, scale = _scale(scores[known[:first]] if causal else scores[known])
        here = known[first:end]
        away = scores[here] - middle
        found[here] = np.where(away == 0.0, 0.0, away / scale)
        first = end
    return found
