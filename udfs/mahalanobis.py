"""mahalanobis: the distance from the mean in units of the spread, with the correlations taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule, Tolerance
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.zscore import TINY

COLLINEAR = 1e-8
"""A feature of which the others leave less than this share of the variance is one of their sums."""
SPANNED = 1e-12
"""Where less than this is left of a direction without a row, the row alone made it."""
QUANTILE = 0.99


@cache
def chi_square_quantile(features: int) -> float:
    """The 0.99 quantile of the chi-square distribution with so many degrees of freedom."""
    from scipy.special import chdtri

    return float(chdtri(features, 1.0 - QUANTILE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mahalanobis(Detector):
    """Squared distance from the mean in the measure of the covariance: it finds odd combinations of ordinary values.

    score = (x - mean)' S^-1 (x - mean), S over n - ddof. Mahalanobis, On the Generalised Distance in Statistics
    (1936), reprint doi:10.1007/s13171-019-00164-5. With ``ddof => 0`` it is what scikit-learn's EmpiricalCovariance
    calls ``mahalanobis``. A feature contributes (x_j - mean_j) times its part of S^-1 (x - mean): the contributions
    add up to the score, and one below 0 says that the value fits the others better than its distance tells. The
    expected value of a feature is its mean given the row's other features.

    Fit: over the rows that have every feature, the range, then means, variances and covariances of what lies above the
    smallest value, so that large numbers that differ little lose no digits: two scans. The system is solved in SQL on
    one row a partition (a Cholesky decomposition of the correlations, written out). The length of the statement grows
    with the third power of the number of features: 12 take 130 kB, 30 (the most) 1.2 MB. Leave-one-out has a closed
    form (Sherman and Morrison, doi:10.1214/aoms/1177729893); which features are sums of others is decided with the row
    in, and a row that alone makes up all but 1e-12 of a direction leaves a constant baseline behind: no score.

    Edge cases: a feature that is a sum of others (at most 1e-8 of its variance left) adds nothing; its values are not
    compared with that sum. A constant feature adds 0 for its own value and makes the score NULL for any other. A row
    that misses a feature has no score, and is not fitted. Fewer rows than ``min_rows`` (default: two more than
    features) give NULL: with fewer, every fitted row is equally far.

    Default threshold: the 0.99 quantile of the chi-square distribution with as many degrees of freedom as features:
    6.63 for one feature, 9.21 for two, 26.2 for twelve. With ``significance => s`` it is what a row of a normal
    distribution exceeds with probability s, for the number of rows; a feature that is a sum of others counts as one.

    Attributes:
        ddof: the degrees of freedom taken from n, 0 or 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1, 1), (2, 2), (3, 3), (4, 5), (5, 4), (1, 5)) AS t(x, y)"
        >>> query = f"SELECT x, y, ROUND(anomaly_score(x, y, detector => 'mahalanobis'), 4) AS score FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY score DESC LIMIT 2").fetchall()
        [(1, 5, 3.6232), (1, 1, 2.2502)]
    """

    name: ClassVar[str] = "mahalanobis"
    finds: ClassVar[str] = "odd combinations of ordinary values"
    choose: ClassVar[str] = "features move together, and an anomaly is a row where they do not"
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.SUM
    tolerance: ClassVar[Tolerance] = Tolerance.SOLVED
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=6.6349)
    rows: ClassVar[int] = 3
    joint: ClassVar[bool] = True
    most: ClassVar[int | None] = 30
    removable: ClassVar[bool] = True

    ddof: int = 1

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """ddof is 0 or 1."""
        if parameters.get("ddof", 1) not in (0, 1):
            raise ValueError("ddof is 0 or 1")

    @classmethod
    def default_rule(cls, features: int) -> ThresholdRule:
        """The chi-square quantile for so many features."""
        return ThresholdRule(threshold=chi_square_quantile(features))

    @classmethod
    def default_rows(cls, features: int) -> int:
        """Two more rows than features."""
        return features + 2

    def significant(self, n: float, level: float, *, features: int, own: bool) -> float | None:
        """The squared distance that a row of a normal distribution exceeds with probability ``level``.

        With p features and S over n - 1 a row of its sample has n d^2 / (n - 1)^2 from Beta(p/2, (n - p - 1)/2); any
        other has d^2 n (n - p) / (p (n^2 - 1)) from F(p, n - p). Tracy, Young and Mason, Multivariate Control
        Charts for Individual Observations (1992), doi:10.1080/00224065.1992.12015232.
        """
        from scipy.special import betainccinv, betaincinv

        rest = n - features - (1.0 if own else 0.0)
        if rest < 1.0:
            return None
        unit = 1.0 if self.ddof else n / (n - 1.0)
        if own:
            return unit * (n - 1.0) ** 2 / n * float(betainccinv(features / 2.0, rest / 2.0, level))
        part = float(betainccinv(features / 2.0, rest / 2.0, level))
        left = 1.0 - part if part < 0.5 else float(betaincinv(rest / 2.0, features / 2.0, level))
        return unit * (n * n - 1.0) / n * (part if part < 0.5 else 1.0 - left) / left

    def state(self, data: Relation) -> Relation:
        """n, range, and mean, variance and covariances of what lies above the smallest value."""
        every = ops.and_(*(ops.not_null(feature.value) for feature in data.features))
        rows = data.extend("complete", {f.stat("x"): ops.case((every, f.value)) for f in data.features})
        bounds: dict[str, Expr] = {}
        shifted: dict[str, Expr] = {}
        columns: dict[str, Expr] = {}
        for number, feature in enumerate(data.features):
            x, above = feature.get("x"), feature.get("above")
            bounds[feature.stat("low")] = ops.min_(x)
            bounds[feature.stat("high")] = ops.max_(x)
            shifted[feature.stat("above")] = ops.sub(x, feature.get("low"))
            columns[feature.stat("n")] = ops.count(above)
            columns[feature.stat("mean")] = ops.avg(above)
            columns[feature.stat("variance")] = ops.var_pop(above)
            for other in range(number):
                columns[feature.stat(f"with_{other}")] = ops.covar_pop(above, data.features[other].get("above"))
        ranges = rows.group("bounds", bounds)
        return rows.match(ranges).extend("shifted", shifted, carry=tuple(bounds)).group(
            "moments", columns, carry=tuple(bounds)
        )

    def weighed(self, states: Relation, weight: Expr) -> Mapping[str, Expr]:
        """n is a number of rows, and everything else a mean over them."""
        names = [feature.stat("n") for feature in states.features]
        return {name: ops.mul(ops.column(name), weight) for name in names}

    def pool(self, states: Relation) -> Relation:
        """The range of all; the moments of what lies above its lower end, from those of the parts."""
        bounds: dict[str, Expr] = {}
        steps: dict[str, Expr] = {}
        totals: dict[str, Expr] = {}
        away: dict[str, Expr] = {}
        columns: dict[str, Expr] = {}
        for number, feature in enumerate(states.features):
            n = feature.get("n")
            bounds[feature.stat("least")] = ops.min_(feature.get("low"))
            bounds[feature.stat("most")] = ops.max_(feature.get("high"))
            lifted = ops.sub(feature.get("low"), feature.get("least"))
            steps[feature.stat("raised")] = ops.add(lifted, feature.get("mean"))
            totals[feature.stat("together")] = ops.div(
                ops.sum_(ops.mul(n, feature.get("raised"))), ops.sum_(n)
            )
            away[feature.stat("away")] = ops.sub(feature.get("raised"), feature.get("together"))
            columns[feature.stat("low")] = ops.min_(feature.get("least"))
            columns[feature.stat("high")] = ops.max_(feature.get("most"))
            columns[feature.stat("n")] = ops.cast_integer(ops.sum_(n))
            columns[feature.stat("mean")] = ops.min_(feature.get("together"))
            columns[feature.stat("variance")] = _pooled(feature, feature, feature.get("variance"))
            for other in range(number):
                name = f"with_{other}"
                columns[feature.stat(name)] = _pooled(feature, states.features[other], feature.get(name))
        placed = states.match(states.group("bounds", bounds)).extend("raised", steps, carry=tuple(bounds))
        return placed.match(placed.group("totals", totals)).extend("away", away, carry=tuple(totals)).group(
            "pooled", columns
        )

    def finish(self, state: Relation) -> Relation:
        """The whitening matrix: y = whiten (x - mean) has the identity as its covariance."""
        features = state.features
        scales: dict[str, Expr] = {}
        for feature in features:
            low, high, n = feature.get("low"), feature.get("high"), feature.get("n")
            freedom = ops.sub(n, ops.integer(self.ddof))
            variance = ops.div(ops.mul(feature.get("variance"), n), freedom)
            varies = ops.and_(ops.lt(low, high), ops.gt(variance, ops.number(TINY**2)))
            scales[feature.stat("scale")] = ops.case((varies, ops.sqrt(variance)), default=ops.number(0.0))
            scales[feature.stat("centre")] = ops.add(low, feature.get("mean"))
        model = state.extend("scales", scales)
        correlations: dict[str, Expr] = {}
        for number, feature in enumerate(features):
            for other in range(number):
                root = ops.mul(ops.sqrt(feature.get("variance")), ops.sqrt(features[other].get("variance")))
                both = ops.and_(*(ops.gt(f.get("scale"), ops.number(0.0)) for f in (feature, features[other])))
                correlations[feature.stat(f"r_{other}")] = ops.case(
                    (both, ops.div(feature.get(f"with_{other}"), root)), default=ops.number(0.0)
                )
        if correlations:
            model = model.extend("correlations", correlations)
        for number in range(len(features)):
            model = model.extend("elimination", self._eliminate(features, number))
        whiten: dict[str, Expr] = {}
        for number, feature in enumerate(features):
            gain = ops.sqrt(feature.get("gain"))
            for other in range(number + 1):
                scale = features[other].get("scale")
                weight = gain if other == number else ops.mul(gain, feature.get(f"u_{other}"))
                whiten[feature.stat(f"whiten_{other}")] = ops.case(
                    (ops.gt(scale, ops.number(0.0)), ops.div(weight, scale)), default=ops.number(0.0)
                )
        return model.extend("model", whiten)

    def _eliminate(self, features: Sequence[Feature], step: int) -> dict[str, Expr]:
        """Column ``step`` of the decomposition, and row ``step`` of the inverse of its unit triangle.

        c_i is what the features before it leave of r_i,step; gain is 1 over c_step, or 0 for a feature of which
        nothing is left.
        """
        own = features[step]

        def left(feature: Feature, start: Expr) -> Expr:
            parts = [
                ops.mul(ops.mul(feature.get(f"c_{k}"), own.get(f"c_{k}")), features[k].get("gain"))
                for k in range(step)
            ]
            return ops.sub(start, ops.total(parts)) if parts else start

        one = ops.case((ops.gt(own.get("scale"), ops.number(0.0)), ops.number(1.0)), default=ops.number(0.0))
        rest = left(own, one)
        columns = {
            own.stat("gain"): ops.case(
                (ops.gt(rest, ops.number(COLLINEAR)), ops.div(ops.number(1.0), rest)), default=ops.number(0.0)
            )
        }
        for feature in features[step + 1 :]:
            columns[feature.stat(f"c_{step}")] = left(feature, feature.get(f"r_{step}"))
        for k in range(step):
            parts = [ops.mul(own.get(f"c_{k}"), features[k].get("gain"))]
            for middle in range(k + 1, step):
                triangle = ops.mul(own.get(f"c_{middle}"), features[middle].get("gain"))
                parts.append(ops.mul(triangle, features[middle].get(f"u_{k}")))
            columns[own.stat(f"u_{k}")] = ops.neg(ops.total(parts))
        return columns

    def meet(self, data: Relation, model: Relation) -> Relation:
        """Each row with its whitened features."""
        columns: dict[str, Expr] = {}
        for number, feature in enumerate(data.features):
            parts = [
                ops.mul(feature.get(f"whiten_{other}"), _deviation(data.features[other]))
                for other in range(number + 1)
            ]
            columns[feature.stat("y")] = ops.total(parts)
        carried = [
            feature.stat(stat)
            for number, feature in enumerate(data.features)
            for stat in ("n", "low", "mean", "centre", "scale", *(f"whiten_{other}" for other in range(number + 1)))
        ]
        return data.match(model).extend("whitened", columns, carry=carried)

    def score(self, features: Sequence[Feature]) -> Expr:
        """The sum of the squares of the whitened features."""
        known = ops.and_(
            *(
                ops.or_(ops.gt(f.get("scale"), ops.number(0.0)), ops.eq(f.value, f.get("centre")))
                for f in features
            )
        )
        return ops.case((known, ops.total([ops.mul(f.get("y"), f.get("y")) for f in features])))

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """(x - mean) times its part of S^-1 (x - mean)."""
        return [
            ops.mul(_deviation(feature), _pull(features, number))
            for number, feature in enumerate(features)
        ]

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The mean given the other features; the plain mean of a feature that is a sum of those before it."""
        found = []
        for number, feature in enumerate(features):
            own = ops.total([ops.mul(w, w) for w, _ in _weights(features, number)])
            shifted = ops.sub(feature.value, ops.div(_pull(features, number), own))
            found.append(ops.case((ops.gt(own, ops.number(0.0)), shifted), default=feature.get("centre")))
        return found

    def expected_without_own(self, features: Sequence[Feature], score: Expr) -> Sequence[Expr]:
        """The same formula for the mean given the other features, of S without the row."""
        n = features[0].get("n")
        share = ops.div(ops.cast_double(n), ops.sub(n, ops.integer(1)))
        freedom = ops.sub(n, ops.integer(self.ddof))
        left = ops.sub(ops.number(1.0), ops.mul(share, ops.div(score, freedom)))
        found = []
        for number, feature in enumerate(features):
            pull = _pull(features, number)
            own = ops.total([ops.mul(w, w) for w, _ in _weights(features, number)])
            grown = ops.div(ops.mul(share, ops.mul(pull, pull)), freedom)
            below = ops.add(ops.mul(own, left), grown)
            shifted = ops.sub(feature.value, ops.div(ops.mul(share, pull), below))
            found.append(ops.case((ops.gt(own, ops.number(0.0)), shifted), default=feature.get("centre")))
        return found

    def without_own(self, score: Expr, n: Expr) -> Expr:
        """Sherman and Morrison's formula; NULL where the row alone spanned a direction."""
        rest = ops.sub(n, ops.integer(1))
        share = ops.div(ops.cast_double(n), rest)
        part = ops.div(score, ops.sub(n, ops.integer(self.ddof)))
        left = ops.sub(ops.number(1.0), ops.mul(share, part))
        freedom = ops.sub(rest, ops.integer(self.ddof))
        grown = ops.div(ops.mul(ops.mul(ops.mul(share, share), freedom), part), left)
        return ops.case((ops.gt(left, ops.number(SPANNED)), grown))


def _deviation(feature: Feature) -> Expr:
    """x - mean, by way of the smallest value: the mean itself, rounded to a double, may be too coarse."""
    return ops.sub(ops.sub(feature.value, feature.get("low")), feature.get("mean"))


def _weights(features: Sequence[Feature], number: int) -> list[tuple[Expr, Expr]]:
    """Column ``number`` of the whitening matrix, each entry with the whitened feature of its row."""
    return [(other.get(f"whiten_{number}"), other.get("y")) for other in features[number:]]


def _pull(features: Sequence[Feature], number: int) -> Expr:
    """One entry of S^-1 (x - mean)."""
    return ops.total([ops.mul(weight, y) for weight, y in _weights(features, number)])


def _pooled(left: Feature, right: Feature, within: Expr) -> Expr:
    """The covariance of all rows: that within each part, and that of the parts' means."""
    n = left.get("n")
    between = ops.mul(left.get("away"), right.get("away"))
    return ops.div(ops.sum_(ops.mul(n, ops.add(within, between))), ops.sum_(n))
