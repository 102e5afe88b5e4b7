"""avf: how rare the values of a row are on the average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Reduce
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.frequencies import Frequencies, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Avf(Frequencies):
    """One less the mean share of the rows that have the same value, over the features: 0 is common, 1 is unheard of.

    score = mean over the features of 1 - f_j(x_j) / n. Koufakou et al., A Scalable and Efficient Outlier Detection
    Strategy for Categorical Data (2007), doi:10.1109/ICTAI.2007.125, whose attribute value frequency is the mean
    of the counts f_j(x_j), small for outliers: the same order, turned around and free of n.

    Fit: one count a feature, by hashing. A fit and score of the same rows is one pass of windows; a model keeps
    the distinct values and their counts, which merge by adding up.

    Edge cases: features are categories, and a number is one by its value; fractions are refused. A value that was
    never fitted has share 0. Missing values are not counted. Fewer than ``min_rows`` (default 3) values give NULL.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES ('a', 'x'), ('a', 'x'), ('a', 'y'), ('b', 'y')) AS t(kind, place)"
        >>> query = f"SELECT kind, place, anomaly_score(kind, place, detector => 'avf') AS score FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY score DESC, place DESC LIMIT 2").fetchall()
        [('b', 'y', 0.625), ('a', 'y', 0.375)]
    """

    name: ClassVar[str] = "avf"
    finds: ClassVar[str] = "rows of rare categories"
    choose: ClassVar[str] = "features are text or codes, and a row is odd when several of its values are unusual"
    reduce: ClassVar[Reduce] = Reduce.SUM

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Each feature's part of the mean."""
        width = ops.number(float(len(features)))
        return [ops.div(ops.sub(ops.number(1.0), share(feature)), width) for feature in features]
