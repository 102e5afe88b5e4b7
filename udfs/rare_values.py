"""rare_values: how rare the rarest value of a row is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown.contract import Reduce
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.frequencies import Frequencies, surprisal


@dataclass(frozen=True, slots=True, kw_only=True)
class RareValues(Frequencies):
    """The surprisal of the rarest value of a row: -ln of the share of the rows that have it.

    score = max over the features of -ln(f_j(x_j) / n). The self-information of an event: Shannon, A Mathematical
    Theory of Communication (1948), doi:10.1002/j.1538-7305.1948.tb01338.x. ln(100) = 4.6 is a value that one row
    in a hundred has.

    Fit: one count a feature, by hashing. A fit and score of the same rows is one pass of windows; a model keeps
    the distinct values and their counts, which merge by adding up.

    Edge cases: features are categories, and a number is one by its value; fractions are refused. A value that was
    never fitted scores ln(n + 1), more than any fitted one. A feature of which every value is different says
    nothing: all its values score ln(n). Fewer than ``min_rows`` (default 3) values give NULL.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT CASE WHEN i = 7 THEN 'fax' ELSE 'mail' END AS channel FROM range(100) AS t(i))"
        >>> query = f"SELECT DISTINCT channel, ROUND(anomaly_score(channel, detector => 'rare_values'), 4) FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY channel").fetchall()
        [('fax', 4.6052), ('mail', 0.0101)]
    """

    name: ClassVar[str] = "rare_values"
    finds: ClassVar[str] = "values that hardly any other row has"
    choose: ClassVar[str] = "features are text or codes, and one unheard-of value is enough"
    reduce: ClassVar[Reduce] = Reduce.MAX

    def term(self, feature: Feature) -> Expr:
        """-ln(share)."""
        return surprisal(feature)
