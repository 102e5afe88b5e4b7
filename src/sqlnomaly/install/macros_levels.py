"""Detectors as window functions of one level, for macros: a macro may hold a window, but no window in a window.

A detector's own ``finish``, ``term``, ``terms`` and ``score`` are used as they are. Built anew here is what ``state``
says with a second look at the rows: the median distance from the median (DuckDB's own ``mad``), the side of ecod's
skewness and the moments of mahalanobis, both with a bound on what one look can get wrong, beyond which they refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Given, Group, Relation, Source
from sqlnomaly.udfs.ecod import Ecod
from sqlnomaly.udfs.registry import detectors
from sqlnomaly.udfs.tails import SYMMETRIC

PARTITION = "partition"
"""The macro's parameter that divides the rows."""
MOST = 8
"""The most features of a macro."""
MOST_JOINT = 4
"""The most features of mahalanobis: the text of its closed form grows with their third power."""

CALL = "CALL detect_anomalies(..)"
CUBES = 2.0**-47
"""A bound on the error of a third moment from compensated sums of x, x² and x³, in units of the mean of |x|³: some
thirty roundings, each of at most 2^-53."""
SMALLEST, LARGEST = 1e-280, 1e280
"""Third moments outside have lost digits to the range of a double."""
MOMENTS = 2.0**-53
"""A bound on the error of a running covariance for each row, in units of sd·sd·(2 + both means in sd): sorted values
come within a factor of two (measured for 10 to 1,000,000 rows, means of 0 to 1e8 sd)."""
LEEWAY = 1e-7
"""How far a whitened value may be off, and twice the share of a distance: half the tolerance of a solved system."""

Level = Callable[[Fit, Relation], Relation]


def features(number: int) -> tuple[Feature, ...]:
    """The features of a macro with so many."""
    return tuple(
        Feature(f"feature_{index}", f"_sn_x{index}", f"_sn_x{index}") for index in range(1, number + 1)
    )


def fit_of(detector: str, number: int) -> Fit:
    """The fit of a macro: every option at its default."""
    kind = detectors()[detector]
    held = features(number)
    return Fit(
        number=1,
        detector=kind(),
        features=held,
        raw=tuple(f"{feature.column}__raw" for feature in held),
        keys=(PARTITION,),
        order=(),
        frame=None,
        fitted=None,
        leave_one_out=False,
        nulls="propagate",
        min_rows=kind.default_rows(number),
    )


def beside(fit: Fit) -> Relation:
    """The rows beside their model, its first step the only one with windows."""
    return LEVELS[fit.detector.name](fit, fit.relation(Source("")))


def over(rows: Relation, columns: Mapping[str, Expr]) -> dict[str, Expr]:
    """The columns with every aggregate as a window over the partition."""

    def rule(part: Expr) -> Expr:
        return rows.over(part) if ops.is_aggregate(part) or part.name in MORE else part

    return {
        name: rule(expr) if _whole(expr) else expr.transform(rule) for name, expr in columns.items()
    }


MORE = frozenset({"sn_mad"})
"""Aggregates that only DuckDB has, beside those of the vocabulary."""


def _whole(expr: Expr) -> bool:
    return ops.is_aggregate(expr) or expr.name in MORE


def _one_look(fit: Fit, rows: Relation) -> Relation:
    """A state that is one aggregation."""
    node = fit.detector.state(rows).node
    assert isinstance(node, Group), "one aggregation"
    return fit.detector.finish(rows.extend("windows", over(rows, node.columns)))


def _mad(fit: Fit, rows: Relation) -> Relation:
    """Median and median distance from it: DuckDB's mad() interpolates both as its quantile_cont() does."""
    columns: dict[str, Expr] = {}
    for feature in fit.features:
        columns[feature.stat("n")] = ops.count(feature.value)
        columns[feature.stat("centre")] = ops.quantile(feature.value, 0.5)
        columns[feature.stat("mad")] = ops.special("mad", feature.value)
    return fit.detector.finish(rows.extend("windows", over(rows, columns)))


def _ecod(fit: Fit, rows: Relation) -> Relation:
    """Ranks, range, and the side of the skewness from moments of one look."""
    detector = cast(Ecod, fit.detector)
    windows: dict[str, Expr] = {}
    third: dict[str, Expr] = {}
    doubts: dict[str, Expr] = {}
    model: dict[str, Expr] = {}
    tails: dict[str, Expr] = {}
    for feature in fit.features:
        x = feature.value
        order = [ops.coalesce(x, ops.number(1e300))]
        windows |= over(
            rows,
            {
                feature.stat("n"): ops.count(x),
                feature.stat("low"): ops.min_(x),
                feature.stat("high"): ops.max_(x),
                feature.stat("mean"): ops.avg(x),
                feature.stat("variance"): ops.var_pop(x),
                feature.stat("squares"): ops.avg(ops.mul(x, x)),
                feature.stat("cubes"): ops.avg(ops.mul(ops.mul(x, x), x)),
            },
        )
        windows[feature.stat("rank")] = rows.over(ops.func("RANK"), order=order)
        windows[feature.stat("below")] = rows.over(ops.count(x), order=order)
        third |= _third_moment(feature)
        doubts[feature.stat("doubt")] = _doubt(feature)
        low, high = feature.get("low"), feature.get("high")
        varies = ops.gt(high, low)
        model[feature.stat("scale")] = ops.case((varies, ops.sub(high, low)), default=ops.number(0.0))
        above = ops.sub(ops.add(feature.get("n"), ops.integer(1)), feature.get("rank"))
        model[feature.stat("side")] = _side(feature, varies, fit.min_rows)
        tails[feature.stat("tail")] = detector.tail(feature, above)
    chain = rows.extend("windows", windows).extend("third", third).extend("doubts", doubts)
    return chain.extend("model", model).extend("tails", tails)


def _third_moment(feature: Feature) -> dict[str, Expr]:
    """The third central moment over sd³, how far it may be off, and the largest distance from the mean in sd.

    mean of (x - mean)³ = mean of x³ - 3·mean·mean of x² + 2·mean³, where DuckDB's favg() is compensated, so that its
    error does not grow with the rows. In sd the cubic mean of |x| is at most |mean| + far^(1/3), since the mean of
    |x - mean|³ is at most far·sd².
    """
    mean, variance = feature.get("mean"), feature.get("variance")
    deviation = ops.sqrt(variance)
    cube = ops.mul(variance, deviation)
    moment = ops.total(
        [
            feature.get("cubes"),
            ops.neg(ops.mul(ops.mul(ops.number(3.0), mean), feature.get("squares"))),
            ops.mul(ops.mul(ops.mul(ops.number(2.0), mean), mean), mean),
        ]
    )
    inside = ops.and_(
        ops.gt(cube, ops.number(SMALLEST)),
        ops.lt(cube, ops.number(LARGEST)),
        ops.le(ops.abs_(moment), ops.number(LARGEST)),  # DuckDB has NaN above every number
    )
    far = ops.greatest(ops.sub(feature.get("high"), mean), ops.sub(mean, feature.get("low")))
    sizes = {
        "far": ops.div(far, deviation),
        "ratio": ops.div(ops.abs_(mean), deviation),
        "skew": ops.div(moment, cube),
    }
    return {feature.stat(name): ops.case((inside, value)) for name, value in sizes.items()}


def _doubt(feature: Feature) -> Expr:
    """How far the third moment over sd³ may be off."""
    root = ops.func("POW", ops.greatest(ops.number(0.0), feature.get("far")), ops.number(1.0 / 3.0))
    size = ops.add(feature.get("ratio"), root)
    return ops.mul(ops.number(CUBES), ops.mul(ops.mul(size, size), size))


def _side(feature: Feature, varies: Expr, least: int) -> Expr:
    """1, -1 or 0 as in ecod, an error where the moments do not tell.

    ecod calls a feature symmetric if |skew| <= 1e-9 of the mean of |x - mean|³ / sd³, which is at least 1 and at most
    the largest distance.
    """
    skew, doubt = feature.get("skew"), feature.get("doubt")
    size = ops.abs_(skew)
    least_bulk, most_bulk = ops.number(SYMMETRIC), ops.mul(ops.number(SYMMETRIC), feature.get("far"))
    known = ops.and_(ops.not_null(skew), ops.not_null(doubt))
    skewed = ops.gt(size, ops.add(most_bulk, doubt))
    message = (
        f"ecod: whether {feature.name} is skewed cannot be told in one look at its values, which differ too little "
        f"for their size or are close to symmetric: use detect_anomalies(..), or subtract a constant near their mean"
    )
    return ops.case(
        (ops.not_(ops.and_(varies, ops.ge(feature.get("n"), ops.integer(least)))), ops.integer(0)),
        (ops.and_(known, skewed, ops.gt(skew, ops.number(0.0))), ops.integer(1)),
        (ops.and_(known, skewed), ops.integer(-1)),
        (ops.and_(known, ops.le(ops.add(size, doubt), least_bulk)), ops.integer(0)),
        default=ops.func("ERROR", ops.text(message)),
    )


def _mahalanobis(fit: Fit, rows: Relation) -> Relation:
    """Moments of the values themselves; an error where their size costs the digits that the distance needs."""
    raws = [ops.column(raw) for raw in fit.raw]
    every = ops.and_(*(ops.le(ops.abs_(raw), ops.number(ops.LARGEST)) for raw in raws))
    xs = [ops.case((every, raw)) for raw in raws]
    windows: dict[str, Expr] = {}
    shifted: dict[str, Expr] = {}
    for number, (feature, x) in enumerate(zip(fit.features, xs, strict=True)):
        windows[feature.stat("n")] = ops.count(x)
        windows[feature.stat("low")] = ops.min_(x)
        windows[feature.stat("high")] = ops.max_(x)
        windows[feature.stat("average")] = ops.avg(x)
        windows[feature.stat("variance")] = ops.var_pop(x)
        for other in range(number):
            windows[feature.stat(f"with_{other}")] = ops.covar_pop(x, xs[other])
        flat = ops.eq(feature.get("low"), feature.get("high"))
        above = ops.sub(feature.get("average"), feature.get("low"))
        shifted[feature.stat("mean")] = ops.case((flat, ops.number(0.0)), default=above)
    state = rows.extend("windows", over(rows, windows)).extend("shifted", shifted)
    model = fit.detector.finish(state)
    met = fit.detector.meet(model, replace(model, node=Given("model", (), {})))
    return met.extend("sure", {SURE: _sure(fit)})


SURE = "_sn__sure"
"""Whether the score is good to its tolerance; read before it is given."""


def _sure(fit: Fit) -> Expr:
    """TRUE, or an error.

    A mean is good to a few units in its last place, which whitening may magnify. A change d of the correlations changes
    the distance by at most d times the square of the norm of what turns values in sd into whitened ones.
    """
    fine, squares, ratios = [], [], []
    for number, feature in enumerate(fit.features):
        scale = feature.get("scale")
        ratios.append(ops.coalesce(ops.div(ops.abs_(feature.get("average")), scale), ops.number(0.0)))
        parts = []
        for other in range(number + 1):
            weight, beside = feature.get(f"whiten_{other}"), fit.features[other]
            parts.append(ops.mul(ops.abs_(weight), ops.abs_(beside.get("average"))))
            in_sd = ops.mul(weight, beside.get("scale"))
            squares.append(ops.mul(in_sd, in_sd))
        off = ops.mul(ops.number(2.0**-51), ops.total(parts))
        fine.append(ops.le(off, ops.number(LEEWAY)))
    rows = ops.mul(ops.number(MOMENTS), ops.cast_double(fit.features[0].get("n")))
    change = ops.mul(rows, ops.add(ops.number(2.0), ops.mul(ops.number(2.0), ops.total(ratios))))
    fine.append(ops.le(ops.mul(change, ops.total(squares)), ops.number(2.0 * LEEWAY)))
    message = (
        "mahalanobis: the values differ too little for their size, or follow from each other too closely, and digits "
        "of the distance would be lost: subtract a constant near the mean of each feature, or use the command "
        "sqlnomaly query"
    )
    short = ops.lt(fit.features[0].get("n"), ops.integer(fit.min_rows))
    return ops.case(
        (ops.or_(short, ops.and_(*fine)), ops.true()), default=ops.func("ERROR", ops.text(message))
    )


LEVELS: Mapping[str, Level] = MappingProxyType(
    {"zscore": _one_look, "mad": _mad, "iqr": _one_look, "mahalanobis": _mahalanobis, "ecod": _ecod}
)
"""Detector -> its fit in one level."""


def most(kind: type[Detector]) -> int:
    """The most features of a detector's macros."""
    return MOST_JOINT if kind.joint else MOST
