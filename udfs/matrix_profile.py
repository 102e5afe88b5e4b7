"""matrix_profile: how far the shape of a piece of a series is from the most similar other piece."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.subsequences import Subsequences

if TYPE_CHECKING:
    from sqlnomaly.udfs.along_series import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixProfile(Subsequences):
    """How far the shape of a window is from the nearest one before it, in deviations of that distance so far.

    d is the distance of two windows, each with a mean of 0 and a standard deviation of 1, to the nearest one that
    begins at least a quarter of a window away: the matrix profile (Yeh et al. 2016, doi:10.1109/ICDM.2016.0179), the
    left one where it is causal. Level and size of a window do not count, so that the noise of a flat stretch is a
    shape like any other: where that is not wanted, ``floor`` is a deviation that is none, or ``sub_knn`` is the
    better choice.

    A point has the score of the window that ends at it, which is compared with the windows that end before it begins;
    with ``causal => FALSE`` all windows of the series are compared, later ones too, and a point has the mean of the
    windows that hold it. Scores are taken in robust deviations above their median, (d - median) 1.349 / (Q3 - Q1) and
    at least a tenth of the median, of the earlier points or of all: so one threshold fits every series.

    With ``window => 'auto'`` windows are a quarter of a day and a day long, of which the mean counts, from 16 to 512
    points and at most an eighth of the series; along what is not a time 64 and 256 points. It needs ORDER BY. Points,
    gaps and the client are as in ``holt_winters``; a window that misses a value has no score, so fill gaps with
    ``bucket`` and ``fill``. A window is compared at 20,000 lags at most: with the nearest ones before it, or with
    every so many-th one.

    Edge cases: as long as all values are equal, 0 for that value; a piece that differs then has a score of up to 1e9.
    A causal point needs two windows before its own and 50 scores before it, else it has ``warm_up``; otherwise a
    series shorter than a window has ``too_few_rows``. There are no sides, and no value is expected.

    Default threshold: 3.

    Attributes:
        window: points of a window, 2 to 10,000; ``'auto'`` for a quarter of a day and a day. causal: FALSE to compare
        all windows of a series, later ones too. least: the smallest deviation that counts, in the unit of the
        feature: smaller ones are taken for it. With 0, the
            default, the distances are those of stumpy.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i * i % 7 + CASE WHEN i // 3 = 130 THEN 9 ELSE 0 END AS x FROM range(500) AS s(i))"
        >>> call = "is_anomaly(x, detector => 'matrix_profile', window => 12) OVER (ORDER BY t)"
        >>> sqlnomaly.connect().sql(f"SELECT MIN(t), MAX(t) FROM (SELECT t FROM {rows} QUALIFY {call})").fetchall()
        [(390, 403)]
    """

    name: ClassVar[str] = "matrix_profile"
    finds: ClassVar[str] = "pieces of a series whose shape no other piece has"
    choose: ClassVar[str] = "the shape of a piece matters, whatever its level and size"

    floor: float = 0.0

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Window is 'auto' or 2 to 10,000, floor 0 or more."""
        Subsequences.validate(parameters)
        floor = parameters.get("floor", 0.0)
        if isinstance(floor, bool) or not isinstance(floor, int | float) or not floor >= 0.0:
            raise ValueError("floor is a deviation, 0 or more")

    def unlike(self, values: Vector, window: int, unit: float) -> Vector:
        """The distance to the most similar window."""
        from sqlnomaly.udfs.profile_kernel import matrix_profile
        from sqlnomaly.udfs.subsequence_kernels import at_points

        found = matrix_profile(values, window, causal=self.causal, least=self.floor * unit)
        return at_points(found, window, len(values), causal=self.causal)
