"""copod: how far out in the tails of a copula of the features' own distributions a row lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.udfs.tails import Tails


@dataclass(frozen=True, slots=True, kw_only=True)
class Copod(Tails):
    """Sum over the features of -ln of the tail share on the side of the skewness, or of the mean of both if larger.

    Li et al., COPOD: Copula-Based Outlier Detection, ICDM 2020, doi:10.1109/ICDM50108.2020.00135. With F the share of
    fitted values <= x and G the share >= x, a feature contributes max(U, -(ln F + ln G) / 2), where U is -ln G if the
    feature is skewed to the right, -ln F if to the left, and their sum if it is symmetric. This is what PyOD's COPOD
    computes on its training rows; PyOD scores new rows together with the training rows, ours never depend on the other
    rows scored. PyOD takes the sign of a skewness that may be pure rounding: below 1e-9 of the absolute third moment we
    call it symmetric.

    Half as much as the other tail of a skewed feature counts for is all that sets it apart from ecod: its authors
    recommend ecod. The two agree where no feature is skewed.

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
    NULL to any other; fewer than ``min_rows`` (default 3) values give NULL.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        exact: FALSE takes values in classes.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> query = f"SELECT x, ROUND(anomaly_score(x, detector => 'copod'), 4) FROM {rows} ORDER BY x"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(1, 0.8047), (2, 0.5697), (3, 0.5108), (4, 0.9163), (100, 1.6094)]
    """

    name: ClassVar[str] = "copod"
    finds: ClassVar[str] = "values far out in the tail that a feature is skewed to, ranked"
    choose: ClassVar[str] = "only the long tail of skewed features is suspicious; otherwise ecod"

    def depth(self, left: Expr, right: Expr, side: Expr) -> Expr:
        """-ln of the share on the skewed side, or its mean with the other if that is larger; the sum if symmetric."""
        long = ops.case((ops.gt(side, ops.integer(0)), right), default=left)
        # The mean exceeds U where the other share is the smaller one: both are half of -ln of one product.
        skewed = ops.mul(long, ops.least(left, right))
        symmetric = ops.eq(side, ops.integer(0))
        weight = ops.case((symmetric, ops.number(-1.0)), default=ops.number(-0.5))
        both = ops.case((symmetric, ops.mul(left, right)), default=skewed)
        return ops.mul(weight, ops.ln_positive(both))

    def level(self, left: float, right: float, side: int) -> float:
        """The same in Python."""
        if side == 0:
            return -math.log(left * right)
        return -0.5 * math.log((right if side > 0 else left) * min(left, right))
