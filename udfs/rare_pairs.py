"""rare_pairs: two common values that hardly ever come together."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Reduce, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.frequencies import Frequencies

ESCAPE, ESCAPED, BETWEEN = "~", "~0", "~1"
"""A pair is one text: what could be taken for the end of its first value is written in another way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RarePairs(Frequencies):
    """How much rarer a pair of a row's values is than it would be if they had nothing to do with each other.

    For features i and j, O = f_ij(x_i, x_j) fitted rows have both values, and E = f_i(x_i) f_j(x_j) / n would have both
    if the features were independent. The score is the largest signed deviance residual of the Poisson distribution
    over the pairs, sqrt(2 (E - O + O ln(O / E))) where O < E, else 0: standard deviations, so to speak. Pierce and
    Schafer, Residuals in Generalized Linear Models (1986), doi:10.1080/01621459.1986.10478361. A rare value alone
    scores 0: E is small then.

    Fit: one count a feature and one a pair of features, by hashing: d (d + 1) / 2 counts for d features, at most 12.
    A fit and score of the same rows is one pass of windows; a model keeps the values and pairs with their counts,
    which merge by adding up.

    Edge cases: features are categories, and a number is one by its value; fractions are refused. A row that misses a
    value has no score, and is not fitted. One feature has no pairs: its score is 0. A pair that was never fitted, of
    values that were, has O = 0 and scores sqrt(2 E). Fewer rows than ``min_rows`` (default 3) give NULL.

    Default threshold: 3.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i, i % 2 AS a, CASE WHEN i = 7 THEN 0 ELSE i % 2 END AS b FROM range(100) AS t(i))"
        >>> query = f"SELECT i, ROUND(anomaly_score(a, b, detector => 'rare_pairs'), 4) AS score FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY score DESC, i LIMIT 2").fetchall()
        [(7, 6.5209), (0, 0.0)]
    """

    name: ClassVar[str] = "rare_pairs"
    finds: ClassVar[str] = "unlikely combinations of common categories"
    choose: ClassVar[str] = "each value of a row is ordinary, and two of them do not go together"
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=3.0)
    joint: ClassVar[bool] = True
    most: ClassVar[int | None] = 12

    def judged(self, features: Sequence[Feature]) -> Sequence[Feature]:
        """The features of complete rows, then their pairs."""
        return [*map(_whole, features), *(_pair(features, i, j) for i, j in _places(features))]

    def prepared(self, data: Relation) -> Relation:
        """The values of complete rows, and their pairs as one text each."""
        features = data.features
        every = ops.and_(*(ops.not_null(feature.value) for feature in features))
        columns = {_whole(feature).column: ops.case((every, feature.value)) for feature in features}
        for i, j in _places(features):
            both = ops.concat([_escaped(features[i]), ops.text(BETWEEN), _escaped(features[j])])
            columns[_pair(features, i, j).column] = ops.case((every, both))
        return data.extend("pairs", columns)

    def counted(self, rows: Relation) -> Relation:
        """How much rarer each pair is than expected."""
        features = rows.features
        columns: dict[str, Expr] = {}
        for feature in features:
            columns[feature.stat("n")] = _whole(feature).get("n")
            columns[feature.stat("scale")] = ops.number(1.0)
        for i, j in _places(features):
            pair = _pair(features, i, j)
            known = ops.not_null(pair.value)
            counts = [ops.cast_double(_whole(features[k]).get("count")) for k in (i, j)]
            columns[pair.stat("expected")] = ops.case((known, ops.div(ops.mul(*counts), pair.get("n"))))
            columns[pair.stat("observed")] = ops.case((known, ops.cast_double(pair.get("count"))))
        missing = {
            _pair(features, i, j).stat("missing"): _deficit(_pair(features, i, j)) for i, j in _places(features)
        }
        return rows.extend("independent", columns).extend("deficits", missing)

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The rarest pair of each feature."""
        found: list[Expr] = []
        every = ops.and_(*(ops.not_null(feature.value) for feature in features))
        for k in range(len(features)):
            pairs = [_pair(features, i, j).get("missing") for i, j in _places(features) if k in (i, j)]
            found.append(ops.case((every, ops.greatest(ops.number(0.0), *pairs))))
        return found


def _places(features: Sequence[Feature]) -> list[tuple[int, int]]:
    return list(itertools.combinations(range(len(features)), 2))


def _whole(feature: Feature) -> Feature:
    """The feature in complete rows."""
    return Feature(feature.name, feature.stat("whole"), feature.stat("whole"), category=True)


def _pair(features: Sequence[Feature], i: int, j: int) -> Feature:
    """Two features as one."""
    column = features[i].stat(f"with_{j}")
    return Feature(f"{features[i].name} and {features[j].name}", column, column, category=True)


def _escaped(feature: Feature) -> Expr:
    return ops.func("REPLACE", feature.value, ops.text(ESCAPE), ops.text(ESCAPED))


def _deficit(pair: Feature) -> Expr:
    """The deviance residual where fewer rows than expected have the pair, else 0; NULL where it is missing."""
    observed, expected = pair.get("observed"), pair.get("expected")
    ratio = ops.case(
        (ops.gt(observed, ops.number(0.0)), ops.mul(observed, ops.ln(ops.div(observed, expected)))),
        default=ops.number(0.0),
    )
    half = ops.add(ops.sub(expected, observed), ratio)
    # Rounding may leave a little less than nothing.
    root = ops.sqrt(ops.mul(ops.number(2.0), ops.greatest(half, ops.number(0.0))))
    fewer = ops.lt(observed, expected)
    return ops.case((fewer, root), (ops.not_null(observed), ops.number(0.0)))
