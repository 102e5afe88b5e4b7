"""spectral_residual: how salient a point is in what its series' spectrum does not explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.sampled import check_whole
from sqlnomaly.udfs.whole_series import WholeSeries

if TYPE_CHECKING:
    from sqlnomaly.udfs.along_series import Known, Vector

SMOOTHED = 3
"""Neighboring frequencies that a logarithm of the spectrum is averaged over."""
BEYOND = 5
"""Points that are put behind the last one, so that an anomaly at the end is in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectralResidual(WholeSeries):
    """How far the saliency of a point is above the mean saliency of the points before it, in such means.

    The spectrum of the whole series is divided by its own moving average over three frequencies, and turned back with
    its phases: what is left, the saliency, is large where the series does what its frequencies do not say (Ren et al.
    2019, doi:10.1145/3292500.3330680). score = (S - mean S) / mean S, the mean over the ``window`` points up to the
    point; the largest of the features. Behind the last point five more are put, on the mean slope to it, as there.

    It needs ORDER BY, and unlike the paper's use of the last point of a sliding window it judges all points by the
    whole series, later ones too. Points, gaps and the client are as in ``holt_winters``; missing values are filled by
    a line. It has no centre and no sides.

    Edge cases: a constant series gives 0 to its own value and NULL to any other. A series of fewer than ``min_rows``
    (default 12) values gives NULL, and so does a row whose point has no fitted value, with ``too_few_rows``.

    Default threshold: 3, as in the paper.

    Attributes:
        window: points that the saliency is averaged over, 2 to 10,000.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i % 6 + CASE i WHEN 40 THEN 9 ELSE 0 END AS x FROM range(60) AS s(i))"
        >>> call = "anomaly_score(x, detector => 'spectral_residual') OVER (ORDER BY t)"
        >>> query = f"SELECT t, x FROM {rows} QUALIFY {call} > 3 ORDER BY t"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(40, 13)]
    """

    name: ClassVar[str] = "spectral_residual"
    finds: ClassVar[str] = "points that stand out of the rhythm of their series"
    choose: ClassVar[str] = "a whole series is judged after the fact, and its season is not known"
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=3.0)
    rows: ClassVar[int] = 12
    stats: ClassVar[tuple[str, ...]] = ("centre", "scale", "saliency")

    window: int = 21

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Window is 2 to 10,000."""
        check_whole(parameters, "window", 2, 10_000)

    def judged(self, filled: Vector, known: Vector) -> Known:
        """The score of each point."""
        import numpy as np

        size = len(filled)
        nothing = {"centre": np.zeros(size), "scale": np.ones(size)}
        if size < SMOOTHED + 1:
            return {**nothing, "saliency": np.full(size, np.nan)}
        saliency = residual_of(np.concatenate([filled, np.full(BEYOND, beyond(filled))]))[:size]
        total = np.cumsum(np.concatenate([[0.0], saliency]))
        ends = np.arange(1, size + 1)
        starts = np.maximum(ends - self.window, 0)
        mean = (total[ends] - total[starts]) / (ends - starts)
        score = np.where(mean > 0.0, (saliency - mean) / np.where(mean > 0.0, mean, 1.0), 0.0)
        return {**nothing, "saliency": np.where(known > 0.0, np.maximum(score, 0.0), np.nan)}

    def term(self, feature: Feature) -> Expr:
        """What the kernel gave the point; in a constant series 0 for its own value."""
        varies = ops.gt(feature.get("scale"), ops.number(0.0))
        own = ops.eq(feature.value, feature.get("centre"))
        there = ops.and_(varies, ops.not_null(feature.value))
        return ops.case((there, feature.get("saliency")), (own, ops.number(0.0)))

    def unscored(self, features: Sequence[Feature]) -> Sequence[tuple[Expr, str]]:
        """Where no fitted value stands at the point of the row, or in a series too short for a spectrum."""
        few = (
            ops.and_(ops.gt(f.get("scale"), ops.number(0.0)), ops.is_null(f.get("saliency"))) for f in features
        )
        return [(ops.or_(*few), "too_few_rows")]


def beyond(values: Vector) -> float:
    """The next value on the mean of the slopes from earlier points to the last one, as the paper has it."""
    import numpy as np

    reach = min(BEYOND, len(values) - 1)
    steps = np.arange(1, reach + 1)
    slopes = (values[-1] - values[-1 - steps]) / steps
    return float(values[-reach] + slopes.mean() * reach)


def residual_of(values: Vector) -> Vector:
    """The saliency of each point.

    Example:
        >>> import numpy as np
        >>> wave = np.sin(np.arange(64) / 4 * np.pi)
        >>> wave[20] += 3
        >>> int(residual_of(wave).argmax())
        20
    """
    import numpy as np

    spectrum = np.fft.fft(values)
    size = np.abs(spectrum)
    # What is rounding of a frequency that is not there has no phase either.
    there = size > 1e-9 * size.max()
    logarithm = np.log(np.where(there, size, 1e-9 * size.max()))
    ring = np.concatenate([logarithm[-1:], logarithm, logarithm[:1]])
    around = np.convolve(ring, np.ones(SMOOTHED) / SMOOTHED, "valid")
    left = np.exp(logarithm - around)
    phase = np.where(there, spectrum / np.where(there, size, 1.0), 0.0)
    found: Vector = np.abs(np.fft.ifft(left * phase))
    return found
