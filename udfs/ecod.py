"""ecod: how far out in the tails of the features' own distributions a row lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.udfs.tails import Tails


@dataclass(frozen=True, slots=True, kw_only=True)
class Ecod(Tails):
    """Sum over the features of the larger of -ln of the two empirical tail shares.

    Li et al., ECOD: Unsupervised Outlier Detection Using Empirical Cumulative Distribution Functions (2022),
    doi:10.1109/TKDE.2022.3159580. With F the share of fitted values <= x and G the share >= x, a feature contributes
    max(-ln F, -ln G, U), where U is -ln G if the feature is skewed to the right, -ln F if to the left, and their sum if
    it is symmetric. This is what PyOD's ECOD computes on its training rows; PyOD scores new rows together with the
    training rows, ours never depend on the other rows scored. PyOD takes the sign of a skewness that may be pure
    rounding: below 1e-9 of the absolute third moment we call it symmetric.

    Fit: one sort a feature. A fit and score of the same rows is one pass of windows; a model keeps the distinct values
    and their counts, which merge by adding up.

    ``exact => FALSE`` takes values in classes. A feature's range is cut into 4,096 cells of equal width; a cell is one
    class if there are 20 times as many values below it, and also above it. The values of any other cell, as in the far
    tails, are told apart. Neither share is understated, nor overstated by more than 5 %: a feature contributes at most
    0.0488 too little, 0.0976 if it is symmetric, and never too much. The sign of the skewness is that of the middles of
    the classes. There is no sort, but four scans and two lookups a feature. A FILTER costs more than exact ranks, and
    so may a few values so far out that all others lie in one cell. A model keeps the classes, which do not merge. It is
    refused on engines that run a step anew for every step that reads it: all but DuckDB and PostgreSQL.

    Edge cases: a value beyond all fitted values takes the share 1/n; a constant baseline gives 0 to its own value and
    NULL to any other (PyOD: NaN); fewer than ``min_rows`` (default 3) values give NULL.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        exact: FALSE takes values in classes.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> query = f"SELECT x, ROUND(anomaly_score(x, detector => 'ecod'), 4) FROM {rows} ORDER BY x"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(1, 1.6094), (2, 0.9163), (3, 0.5108), (4, 0.9163), (100, 1.6094)]
    """

    name: ClassVar[str] = "ecod"
    finds: ClassVar[str] = "values far out in the tails, ranked"
    choose: ClassVar[str] = "nothing is known of the features: no parameter, no unit, no distribution"

    def depth(self, left: Expr, right: Expr, side: Expr) -> Expr:
        """-ln of the smaller share, or of both where the feature is symmetric."""
        symmetric = ops.eq(side, ops.integer(0))
        both = ops.case((symmetric, ops.mul(left, right)), default=ops.least(left, right))
        return ops.neg(ops.ln_positive(both))

    def level(self, left: float, right: float, side: int) -> float:
        """The same in Python."""
        return -math.log(left * right if side == 0 else min(left, right))
