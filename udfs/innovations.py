"""What is new in each value of a series: what the last one, and how alike neighbors have been, did not tell."""

from __future__ import annotations

from functools import partial

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.frames import SO_FAR
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.esd_rounds import Columns, each
from sqlnomaly.udfs.zscore import TINY

ZERO, ONE = ops.number(0.0), ops.number(1.0)
FED = "fed"
"""The statistic of the first feature that is 1 for a fitted row which has every feature."""
FLAT = 1e-12
"""A deviation below this share of the mean is rounding."""
REACH = 6.0
"""A value is taken to be no farther from the mean of those before it, in their deviations."""
FAR = 2.0
"""What is new counts as so many times its usual size at most."""


def fed(data: Relation) -> Relation:
    """The rows with 1 in ``FED`` where they are fitted and have every feature, else 0."""
    known = [ops.not_null(feature.value) for feature in data.features]
    if not isinstance(data.weight, ops.Literal):
        known.append(ops.eq(data.weight, ops.integer(1)))
    flag = ops.case((ops.and_(*known), ops.integer(1)), default=ops.integer(0))
    return data.extend("complete", {data.features[0].stat(FED): flag})


def held(data: Relation) -> Relation:
    """Fed rows with each value as ``held``: no farther than ``REACH`` deviations from the mean of those before it.

    Else one row far out would be in the mean and the deviation of all that follow. Twice, the second time by what the
    first one has left, so that a second such row is measured by the deviation that was usual before the first.
    """
    first = data.features[0].get(FED)
    for source, name in (("", "drawn"), ("drawn", "held")):
        data = data.extend(f"usual_{name}", each(data.features, partial(_usual, data, first, source, name)))
        data = data.extend(f"before_{name}", each(data.features, partial(_before, data, first, name)))
        data = data.extend(name, each(data.features, partial(_hold, name)))
    return data


def _usual(data: Relation, first: Expr, source: str, name: str, feature: Feature) -> Columns:
    """Mean and variance of the values up to each."""
    x = feature.get(source) if source else feature.value
    found = {"usual": ops.avg(x), "wide": ops.var_pop(x)}
    return {f"{key}_{name}": data.along(one, within=[first], frame=SO_FAR.spec()) for key, one in found.items()}


def _before(data: Relation, first: Expr, name: str, feature: Feature) -> Columns:
    """Mean and variance of the values before each."""
    lags = {key: ops.func("LAG", feature.get(f"{key}_{name}")) for key in ("usual", "wide")}
    return {f"{key}_before_{name}": data.along(lag, within=[first]) for key, lag in lags.items()}


def _hold(name: str, feature: Feature) -> Columns:
    """The value, or the end of what is near enough."""
    x, mean, variance = feature.value, feature.get(f"usual_before_{name}"), feature.get(f"wide_before_{name}")
    reach, moves = ops.mul(ops.number(REACH), ops.sqrt(variance)), _moves(mean, variance)
    above, below = ops.add(mean, reach), ops.sub(mean, reach)
    sides = [(ops.and_(moves, ops.gt(x, above)), above), (ops.and_(moves, ops.lt(x, below)), below)]
    return {name: ops.case(*sides, default=x)}


def _moves(mean: Expr, variance: Expr) -> Expr:
    """Whether values vary, but for rounding."""
    still = ops.mul(ops.number(FLAT), ops.abs_(mean))
    return ops.and_(ops.gt(ops.sqrt(variance), still), ops.gt(variance, ops.number(TINY**2)))


def innovations(data: Relation) -> Relation:
    """Fed rows with what is new in each feature, and what the value behind them is foreseen to be.

    foreseen = x + (1 - a) (mean - x), and new = x - foreseen of the fed row before. mean is that of the values so far,
    and a their autocorrelation by von Neumann's ratio, 1 - mean squared step / (2 variance): 0 for noise, near 1 for a
    random walk, of which new is the first difference. Of a series that has been constant the last value is foreseen.
    It is cut at twice its root mean square before: one row far out would decide every correlation that it is part of.
    Rows that are not fed get numbers that mean nothing.

    Args:
        data: rows with ``FED``, in a settled order, and ``held`` values, which stand for x.

    Returns:
        The rows with ``foreseen``, ``bound``, ``new`` and ``turn`` of each feature: where what is new in the next row
        is cut, and the change of ``new``, squared.
    """
    first = data.features[0].get(FED)

    def before(value: Expr) -> Expr:
        return data.along(ops.func("LAG", value), within=[first])

    def so_far(aggregate: Expr) -> Expr:
        return data.along(aggregate, within=[first], frame=SO_FAR.spec())

    def moments(feature: Feature) -> Columns:
        x = feature.get("held")
        step = ops.sub(x, before(x))
        return {"mean": so_far(ops.avg(x)), "spread": so_far(ops.var_pop(x)), "step": step}

    def squares(feature: Feature) -> Columns:
        return {"square": squared(feature.get("step"))}

    def rough(feature: Feature) -> Columns:
        return {"rough": so_far(ops.avg(feature.get("square")))}

    def foreseen(feature: Feature) -> Columns:
        x, mean, variance = feature.get("held"), feature.get("mean"), feature.get("spread")
        back = ops.mul(ops.sub(ONE, likeness(feature.get("rough"), variance)), ops.sub(mean, x))
        return {"foreseen": ops.case((_moves(mean, variance), ops.add(x, back)), default=x)}

    def surprise(feature: Feature) -> Columns:
        return {"surprise": ops.sub(feature.get("held"), before(feature.get("foreseen")))}

    def power(feature: Feature) -> Columns:
        return {"power": squared(feature.get("surprise"))}

    def bound(feature: Feature) -> Columns:
        return {"bound": ops.mul(ops.number(FAR), ops.func("SQRT", so_far(ops.avg(feature.get("power")))))}

    def limit(feature: Feature) -> Columns:
        return {"limit": before(feature.get("bound"))}

    def new(feature: Feature) -> Columns:
        return {"new": cut(feature.get("surprise"), feature.get("limit"))}

    def change(feature: Feature) -> Columns:
        return {"change": ops.sub(feature.get("new"), before(feature.get("new")))}

    def turn(feature: Feature) -> Columns:
        return {"turn": squared(feature.get("change"))}

    rules = {
        "moments": moments, "squares": squares, "rough": rough, "foreseen": foreseen, "surprises": surprise,
        "powers": power, "bounds": bound, "limits": limit, "innovations": new, "changes": change, "turns": turn,
    }  # fmt: skip
    for name, rule in rules.items():
        data = data.extend(name, each(data.features, rule))
    return data


def cut(value: Expr, bound: Expr) -> Expr:
    """The value, no farther from 0 than a bound that is perhaps not known."""
    above, below = ops.gt(value, bound), ops.lt(value, ops.neg(bound))
    return ops.case((above, bound), (below, ops.neg(bound)), default=value)


def likeness(square: Expr, variance: Expr) -> Expr:
    """The correlation of neighbors, from -1 to 1, by their mean squared step and their variance, which is not 0."""
    ratio = ops.div(square, ops.mul(ops.number(2.0), variance))
    return ops.greatest(ops.number(-1.0), ops.sub(ONE, ratio))


def squared(value: Expr) -> Expr:
    """The square, of what is too small for one 0: PostgreSQL refuses to round it to that."""
    return ops.case((ops.lt(ops.abs_(value), ops.number(TINY)), ZERO), default=ops.mul(value, value))
