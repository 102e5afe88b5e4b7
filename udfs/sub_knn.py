"""sub_knn: how far a piece of a series is from the nearest other piece."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.sampled import check_whole
from sqlnomaly.udfs.subsequences import Subsequences

if TYPE_CHECKING:
    from sqlnomaly.udfs.along_series import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class SubKnn(Subsequences):
    """How far a window is from the k-th nearest one before it, in deviations of that distance so far.

    d = the root of the mean squared difference of two windows, to the ``n_neighbors``-th nearest (Ramaswamy, Rastogi
    and Shim 2000, doi:10.1145/342009.335437, over windows).

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
        window: points of a window, 2 to 10,000; ``'auto'`` for a quarter of a day and a day.
        causal: FALSE to compare all windows of a series, later ones too.
        n_neighbors: which neighbor counts, 1 to 100; the farthest where there are fewer.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i * i % 7 + CASE WHEN i // 3 = 130 THEN 9 ELSE 0 END AS x FROM range(500) AS s(i))"
        >>> call = "is_anomaly(x, detector => 'sub_knn', window => 12) OVER (ORDER BY t)"
        >>> sqlnomaly.connect().sql(f"SELECT MIN(t), MAX(t) FROM (SELECT t FROM {rows} QUALIFY {call})").fetchall()
        [(390, 403)]
    """

    name: ClassVar[str] = "sub_knn"
    finds: ClassVar[str] = "pieces of a series unlike any other piece, in shape or level"
    choose: ClassVar[str] = "a series repeats itself, and its shape matters, not single values"

    n_neighbors: int = 1

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Window is 'auto' or 2 to 10,000, n_neighbors 1 to 100."""
        Subsequences.validate(parameters)
        check_whole(parameters, "n_neighbors", 1, 100)

    def unlike(self, values: Vector, window: int, unit: float) -> Vector:
        """The distance to the k-th nearest window."""
        from sqlnomaly.udfs.subsequence_kernels import sub_knn

        return sub_knn(values, window, self.n_neighbors, causal=self.causal)
