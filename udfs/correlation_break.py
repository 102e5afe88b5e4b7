"""correlation_break: two metrics that went together and come apart, or that begin to go together."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule, Tolerance
from sqlnomaly.pushdown.frames import SO_FAR, Bound, Frame
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.before_peers import before_peers, numbered
from sqlnomaly.udfs.innovations import FED, ONE, ZERO, cut, fed, held, innovations, likeness
from sqlnomaly.udfs.zscore import TINY

MOST = 8
CLOSEST = 1.0 - 1e-6
"""A correlation beyond counts as this one."""
LASTING = 0.95
"""The largest product of two autocorrelations: beyond, a piece says nothing."""
STILL = 1e-12
"""A piece with less than this share of the variance of the rows before stands still."""
CHANCE = 6.334248366623996e-05
"""The probability that a standard normal value is farther than 4 from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationBreak(Detector):
    """How much the correlation of two features in the last rows differs from that of all rows before, in deviations.

    score = max over pairs |atanh r_recent - atanh r_before| / sqrt(1 / (f m - 3) + 1 / (f n - 3))

    r_recent is the correlation over the last ``window`` rows, the row itself among them (m of them), r_before that
    over the n rows before these: no row is in both. Fisher's transform makes their difference nearly standard normal
    (On the "Probable Error" of a Coefficient of Correlation, 1921, Metron 1). The score is the largest one over the
    pairs of features, and the reason names the pair. ``direction => 'high'`` is for correlations that rise,
    ``'low'`` for those that fall.

    Two series that drift have a large correlation by chance alone (Yule, Why Do We Sometimes Get Nonsense-Correlations
    between Time-Series?, 1926, doi:10.2307/2341482). So it is not the values that are correlated, but what is new in
    them (Haugh, Checking the Independence of Two Covariance-Stationary Time Series, 1976,
    doi:10.1080/01621459.1976.10480353): x - (mean + a (last - mean)), mean and a, the autocorrelation of neighbors, by
    the rows before each. For noise that is its distance from the mean, for a random walk its first difference. It is
    cut at twice its root mean square before, so that one row far out is no correlation of its own. Where
    neighbors are still alike, or opposed, there is less in them: f = (1 - g) / (1 + g), with g the product of the
    autocorrelations of both features over the n rows before, if it is above 0 (Bartlett, Some Aspects of the
    Time-Correlation Problem in Regard to Tests of Significance, 1935, doi:10.2307/2342284).

    It needs ORDER BY: a row is judged by the rows with a strictly smaller order key and by its own values, never by its
    peers, which follow one another by their values for the rows behind. A row that FILTER leaves out, or that misses a
    feature, is in no correlation, and counts for none of the ``window`` rows. A frame is refused. Fit and score are
    window functions, for d (d - 1) / 2 pairs; it takes 2 to 8 features. It expects no values.

    Edge cases: fewer than ``min_rows`` (default 30) rows before the last ``window`` ones, or where f leaves less than 4
    of them, or of these, give NULL. So does a feature that has always been constant; one that gets stuck has come
    apart. Correlations beyond 0.999999 count as that. A value counts as no farther than 6 deviations from the mean of
    those before it; of a random walk a row far out in several features at once may yet leave alarms behind it: leave it
    out by FILTER. Tails as heavy as those of Student's t with 3 degrees of freedom, of features that go together, give
    more alarms.

    Default threshold: 4 for two features, for more of them what one of all pairs exceeds as rarely.

    Attributes:
        window: how many rows are compared with those before, 8 to 10,000. Few find a break soon, many a small one.
        direction: ``'both'``, ``'high'`` or ``'low'``: correlations that change, that rise or that fall.

    Example:
        >>> import sqlnomaly
        >>> noise = "SELECT i AS t, i * i % 101 AS clicks, i * i * 7 % 103 AS other FROM range(150) AS s(i)"
        >>> orders = "CASE WHEN t < 110 THEN clicks + other / 4 ELSE other END AS orders"
        >>> call = "(clicks, orders, detector => 'correlation_break') OVER (ORDER BY t)"
        >>> told = f"t, ROUND(anomaly_score{call}, 2), anomaly_reason{call}"
        >>> query = f"SELECT {told} FROM (SELECT t, clicks, {orders} FROM ({noise}) AS n) QUALIFY is_anomaly{call}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY t LIMIT 1").fetchall()
        [(114, 4.69, 'clicks and orders')]
    """

    name: ClassVar[str] = "correlation_break"
    finds: ClassVar[str] = "metrics that went together and come apart, or begin to go together"
    choose: ClassVar[str] = "each series looks as always, and how they move together does not"
    shape: ClassVar[Shape] = Shape.WINDOW
    reduce: ClassVar[Reduce] = Reduce.MAX
    tolerance: ClassVar[Tolerance] = Tolerance.SOLVED
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=4.0)
    rows: ClassVar[int] = 30
    joint: ClassVar[bool] = True
    least: ClassVar[int] = 2
    most: ClassVar[int | None] = MOST
    ordered: ClassVar[bool] = True

    window: int = 30
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """window lies between 8 and 10,000."""
        window = parameters.get("window", 30)
        if not isinstance(window, int) or isinstance(window, bool) or not 8 <= window <= 10_000:
            raise ValueError("window is a number of rows, 8 to 10,000")

    @classmethod
    def default_rule(cls, features: int) -> ThresholdRule:
        """What the largest of so many pairs exceeds as rarely as one pair exceeds 4."""
        from scipy.special import ndtri

        pairs = max(1, features * (features - 1) // 2)
        return cls.default if pairs == 1 else ThresholdRule(threshold=-float(ndtri(CHANCE / 2.0 / pairs)))

    def significant(self, n: float, level: float, *, features: int, own: bool) -> float | None:
        """The quantile of a standard normal distribution, for every pair and side."""
        from scipy.special import ndtri

        pairs, sides = features * (features - 1) / 2.0, 2.0 if self.direction == "both" else 1.0
        return -float(ndtri(level / (pairs * sides)))

    def follow(self, data: Relation) -> Relation:
        """The rows beside what is new in them, and the moments of what was new before."""
        rows = self._moments(innovations(held(fed(numbered(data)))))
        flag = ops.column(data.features[0].stat(FED))
        known = ops.column(data.features[0].stat("known"))
        rows = rows.extend("counts", {known.name: rows.along(ops.sum_(flag), frame=SO_FAR.spec())})
        names = _kept(data.features)
        inside = ops.eq(flag, ops.integer(1))
        # Of the rows that share a count, the first alone is fed.
        kept = {
            name: ops.window(ops.max_(ops.case((inside, ops.column(name)))), partition=[*rows.lanes, known])
            for name in names
        }
        rows = rows.extend("held", {f"{name}_held": expr for name, expr in kept.items()})
        before = {name: rows.along(ops.func("LAG", ops.column(f"{name}_held"))) for name in names}
        return self._compared(before_peers(rows, before))

    def _moments(self, rows: Relation) -> Relation:
        """Of each row: moments of what is new in the last rows, it among them, and in those before."""
        features, flag = rows.features, rows.features[0].get(FED)
        far, near = Bound(-1, ops.integer(self.window - 1)), Bound(-1, ops.integer(self.window - 2))
        frames = {"past": Frame("ROWS", Bound(-1, None), far), "now": Frame("ROWS", near, Bound(0, None))}
        columns: dict[str, Expr] = {}
        products = {
            features[i].stat(f"product_{j}"): _product(features[i].get("new"), features[j].get("new"))
            for i, j in _pairs(features)
        }

        def over(aggregate: Expr, part: str) -> Expr:
            return rows.along(aggregate, within=[flag], frame=frames[part].spec())

        for part in frames:
            columns[features[0].stat(f"{part}_count")] = over(ops.count(features[0].get("new")), part)
            for feature in features:
                columns[feature.stat(f"{part}_variance")] = over(ops.var_pop(feature.get("new")), part)
                columns[feature.stat(f"{part}_mean")] = over(ops.avg(feature.get("new")), part)
            for i, j in _pairs(features):
                columns[features[i].stat(f"{part}_product_{j}")] = over(ops.avg(features[i].get(f"product_{j}")), part)
        for feature in features:
            columns[feature.stat("past_turn")] = over(ops.avg(feature.get("turn")), "past")
        found = rows.extend("products", products).extend("pieces", columns)
        # What is new lies around 0. Not every engine has covariances along an order.
        covariances: dict[str, Expr] = {}
        for i, j in _pairs(features):
            for part in frames:
                means = _product(*(features[k].get(f"{part}_mean") for k in (i, j)))
                covariance = ops.sub(features[i].get(f"{part}_product_{j}"), means)
                covariances[features[i].stat(f"{part}_with_{j}")] = covariance
        return found.extend("covariances", covariances)

    def _compared(self, rows: Relation) -> Relation:
        """The correlations with the row itself, and how far they are from those before."""
        features = rows.features
        first = features[0]
        past, rest = (ops.cast_double(first.get(f"{part}_count_earlier")) for part in ("past", "now"))
        all_of = ops.add(rest, ONE)
        own: dict[str, Expr] = {}
        for feature in features:
            new = cut(ops.sub(feature.value, feature.get("foreseen_earlier")), feature.get("bound_earlier"))
            away = ops.sub(new, feature.get("now_mean_earlier"))
            variance = feature.get("past_variance_earlier")
            varies = ops.gt(variance, ops.number(TINY**2))
            own[feature.stat("away")] = ops.case((ops.lt(ops.abs_(away), ops.number(TINY)), ZERO), default=away)
            own[feature.stat("scale")] = ops.case((varies, ops.func("SQRT", variance)), default=ZERO)
            own[feature.stat("n")] = ops.coalesce(first.get("past_count_earlier"), ops.integer(0))
            own[feature.stat("alike")] = ops.case((varies, likeness(feature.get("past_turn_earlier"), variance)))
        rows = rows.extend("own", own)

        def joined(moment: Expr, i: int, j: int) -> Expr:
            """A moment of the last rows, with the row itself."""
            more = ops.mul(features[i].get("away"), features[j].get("away"))
            share = ops.div(rest, all_of)
            return ops.mul(share, ops.add(moment, ops.div(more, all_of)))

        moments = {f.stat("whole"): joined(f.get("now_variance_earlier"), k, k) for k, f in enumerate(features)}
        for i, j in _pairs(features):
            left, right = features[i], features[j]
            shared = ops.mul(left.get("alike"), right.get("alike"))
            moments[left.stat(f"whole_with_{j}")] = joined(left.get(f"now_with_{j}_earlier"), i, j)
            moments[left.stat(f"shared_{j}")] = ops.least(ops.number(LASTING), ops.greatest(ZERO, shared))
        rows = rows.extend("joined", moments)
        parts: dict[str, Expr] = {}
        for i, j in _pairs(features):
            left, right, shared = features[i], features[j], features[i].get(f"shared_{j}")
            less = ops.div(ops.sub(ONE, shared), ops.add(ONE, shared))
            moves = ops.and_(_moves(left), _moves(right))
            for part, count in (("past", past), ("now", all_of)):
                freedom = ops.sub(ops.mul(less, count), ops.number(3.0))
                parts[left.stat(f"{part}_freedom_{j}")] = ops.case((ops.and_(moves, ops.ge(freedom, ONE)), freedom))
            wide = [ops.sqrt(feature.get("whole")) for feature in (left, right)]
            before = _within(left.get(f"past_with_{j}_earlier"), left.get("scale"), right.get("scale"))
            parts[left.stat(f"past_r_{j}")] = before
            parts[left.stat(f"now_r_{j}")] = _within(left.get(f"whole_with_{j}"), *wide)
        return rows.extend("correlations", parts).extend("model", self._changes(features))

    def _changes(self, features: Sequence[Feature]) -> dict[str, Expr]:
        """The change of each pair's correlation in deviations, NULL where there is none."""
        found: dict[str, Expr] = {}
        for i, j in _pairs(features):
            recent, before = (_fisher(features[i].get(f"{part}_r_{j}")) for part in ("now", "past"))
            variances = [ops.div(ONE, features[i].get(f"{part}_freedom_{j}")) for part in ("now", "past")]
            change = ops.div(ops.sub(recent, before), ops.func("SQRT", ops.add(*variances)))
            sided = {"both": ops.abs_(change), "high": change, "low": ops.neg(change)}[self.direction]
            found[_change(features, i, j)] = sided
        return found

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The largest difference of each feature's pairs."""
        found: list[Expr] = []
        for k in range(len(features)):
            parts = [ops.column(_change(features, i, j)) for i, j in _pairs(features) if k in (i, j)]
            found.append(ops.case((ops.and_(*map(ops.not_null, parts)), ops.greatest(*parts))))
        return found

    def reasons(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The pair of each feature that differs most."""
        found: list[Expr] = []
        for k, feature in enumerate(features):
            *others, last = [(i, j) for i, j in _pairs(features) if k in (i, j)]
            term = feature.get("term")
            named = [(ops.ge(ops.column(_change(features, i, j)), term), _both(features, i, j)) for i, j in others]
            found.append(ops.case(*named, default=_both(features, *last)) if named else _both(features, *last))
        return found

    def unscored(self, features: Sequence[Feature]) -> Sequence[tuple[Expr, str]]:
        """Rows that follow one another too closely to say anything."""
        every = [_moves(feature) for feature in features]
        some = [ops.is_null(ops.column(_change(features, i, j))) for i, j in _pairs(features)]
        return [(ops.and_(*every, ops.or_(*some)), "too_few_rows")]


def _pairs(features: Sequence[Feature]) -> list[tuple[int, int]]:
    return list(itertools.combinations(range(len(features)), 2))


def _change(features: Sequence[Feature], i: int, j: int) -> str:
    """The column of a pair's difference."""
    return features[i].stat(f"change_{j}")


def _both(features: Sequence[Feature], i: int, j: int) -> Expr:
    """What a pair is called."""
    return ops.text(f"{features[i].name} and {features[j].name}")


def _kept(features: Sequence[Feature]) -> list[str]:
    """The columns of a row that the rows behind it read."""
    own = ("foreseen", "bound", "now_mean", "now_variance", "past_variance", "past_turn")
    counts = [features[0].stat(f"{part}_count") for part in ("past", "now")]
    pairs = [features[i].stat(f"{part}_with_{j}") for i, j in _pairs(features) for part in ("past", "now")]
    return [*counts, *(feature.stat(name) for feature in features for name in own), *pairs]


def _product(left: Expr, right: Expr) -> Expr:
    """The product, 0 where either is too small to be squared: PostgreSQL refuses to round a product to that."""
    small = [ops.lt(ops.abs_(side), ops.number(TINY)) for side in (left, right)]
    return ops.case((ops.or_(*small), ZERO), default=ops.mul(left, right))


def _moves(feature: Feature) -> Expr:
    """Whether a feature varies in both parts."""
    least = ops.mul(ops.number(STILL), feature.get("past_variance_earlier"))
    return ops.and_(ops.gt(feature.get("scale"), ZERO), ops.gt(feature.get("whole"), least))


def _within(covariance: Expr, left: Expr, right: Expr) -> Expr:
    """A correlation, kept away from 1."""
    ratio = ops.div(ops.div(covariance, left), right)
    edge = ops.number(CLOSEST)
    return ops.case((ops.gt(ratio, edge), edge), (ops.lt(ratio, ops.neg(edge)), ops.neg(edge)), default=ratio)


def _fisher(correlation: Expr) -> Expr:
    """atanh of a correlation."""
    odds = ops.div(ops.add(ONE, correlation), ops.sub(ONE, correlation))
    return ops.mul(ops.number(0.5), ops.ln_positive(odds))
