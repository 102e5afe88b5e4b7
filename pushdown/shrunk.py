"""Partial pooling: centre and scale of a series, shrunk towards what the series of its parent group have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.frames import HISTORY, SO_FAR
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation

STRENGTH = 10.0
"""The rows that the deviation of the parent counts for where a call does not say it."""
LEAST = 0.01
"""The smallest spread of the levels, in units of the variance of a series: a parent's level counts for 100 rows at
most."""
CROWDED = 0.4
"""The chance that two rows of a parent are of one series, above which series are too few to compare their levels: three
of equal length have a third, two have a half."""
TINY = 1e-150
"""A deviation below this is constant."""

Columns = Mapping[str, Expr]


@dataclass(frozen=True, slots=True)
class Pool:
    """The parent group of a fit.

    Attributes:
        keys: the columns that it shares, some of those of a partition.
        strength: the rows that it counts for; None where the series themselves say how many.
    """

    keys: tuple[str, ...]
    strength: float | None


def own(feature: Feature) -> Feature:
    """The feature under whose names stands what its series says alone."""
    return replace(feature, stem=feature.stat("own"))


def shrunk(rows: Relation, parents: Relation, features: Sequence[Feature], pool: Pool) -> Relation:
    """The rows with n, centre and scale of each feature, between what its series and what its parent says.

    A row speaks for its parent if its own series could judge it: it is fitted, has a value, and ``min_rows`` values
    judge it. Of the N rows that speak (with an order, those before the row and its peers) each has what it was judged
    by: n, centre c and scale s of its series. Then, with Buehlmann and Straub's estimators of credibility theory,

        level    m  = mean of c
        within   w  = sum of s^2 (1 - 1/n) / sum of (1 - 1/n)
        between  b  = (mean of (c - m)^2 - w (mean of 1/n - 1/N)) / (1 - h),    not below w / 100
        share    q  = w / (w + n b)
        centre      = c + q (m - c)
        scale^2     = ((n - 1) s^2 + k w) / (n - 1 + k) + q b

    where h is the chance that two of the N rows are of one series. With ``pool_strength => k`` b is w / k, so that
    q = k / (n + k); without it k is 10 in the scale. q b is how well the level of the series is known: that of a series
    without rows is any that the parent has seen, so that its first rows are judged by w + b.

    Source: Buehlmann and Gisler, A Course in Credibility Theory and its Applications (2005), doi:10.1007/3-540-29273-X,
    chapter 4, of which the first three lines are the estimators where no order is given; for the variance Smyth, Linear
    Models and Empirical Bayes Methods (2004), doi:10.2202/1544-6115.1027. Fewer than ``min_rows`` rows that speak, a parent that does not vary, or, without
    ``pool_strength``, fewer than three series of equal length leave a row to its series alone.

    Args:
        rows: beside the model of their own series.
        parents: the same rows as the parent sees them: its keys, or its lanes and peers.
        features: the features; ``rows`` has what their series say under the names of ``own``.
        pool: the parent group.
    """
    stats = [feature.get(stat).name for feature in rows.features for stat in ("n", "centre", "scale")]
    pairs = list(zip(features, rows.features, strict=True))

    def each(rule: Callable[[Feature, Feature], Columns]) -> Columns:
        return {one.stat(name): expr for one, alone in pairs for name, expr in rule(one, alone).items()}

    rows = rows.extend("spoken", each(lambda one, alone: _spoken(rows, parents, alone)), carry=stats)
    rows = rows.extend("said", each(_said))
    rows = rows.extend("crowds", each(lambda one, alone: {"crowd": _crowd(rows, one)}))
    sums = [one.stat(name) for one, _ in pairs for name in SUMS]
    rows = _over_parents(rows, parents, sums)
    rows = rows.extend("parents", each(_parents))
    rows = rows.extend("betweens", each(lambda one, alone: _between(one, pool.strength)))
    rows = rows.extend("shares", each(lambda one, alone: _share(one, alone, rows.enough, pool.strength)))
    rows = rows.extend("pooled", each(lambda one, alone: _model(one, alone, rows.enough, pool.strength)))
    return replace(rows, features=tuple(features))


SUMS = ("speaks", "away", "square", "free", "spread", "crowd")
"""What is added up over the rows of a parent."""


def _spoken(rows: Relation, parents: Relation, alone: Feature) -> Columns:
    """1 for a row that speaks for its parent, else NULL; and a level to measure from, the same in all its rows."""
    known = [ops.not_null(alone.value), ops.ge(alone.get("n"), ops.integer(rows.enough))]
    known += [ops.not_null(alone.get("centre")), ops.not_null(alone.get("scale"))]
    if not isinstance(rows.weight, ops.Literal):
        known.append(ops.eq(rows.weight, ops.integer(1)))
    return {
        "speaks": ops.case((ops.and_(*known), ops.number(1.0))),
        "pivot": ops.window(ops.avg(alone.value), partition=[ops.column(key) for key in parents.keys]),
    }


def _said(one: Feature, alone: Feature) -> Columns:
    """What a row that speaks was judged by."""
    speaks = ops.eq(one.get("speaks"), ops.number(1.0))
    away = ops.sub(alone.get("centre"), one.get("pivot"))
    scale = alone.get("scale")
    free = ops.sub(ops.number(1.0), ops.div(ops.number(1.0), alone.get("n")))
    return {
        "away": ops.case((speaks, away)),
        "square": ops.case((speaks, _squared(away))),
        "free": ops.case((speaks, free)),
        "spread": ops.case((speaks, ops.mul(_squared(scale), free))),
    }


def _squared(value: Expr) -> Expr:
    """The square, 0 where it would vanish: an engine may refuse that."""
    return ops.case((ops.gt(ops.abs_(value), ops.number(TINY)), ops.mul(value, value)), default=ops.number(0.0))


def _crowd(rows: Relation, one: Feature) -> Expr:
    """What a row that speaks adds to the sum of the squares of how many of each series do."""
    speaks = one.get("speaks")
    if not rows.lanes:
        return ops.mul(speaks, rows.over(ops.count(speaks)))
    so_far = rows.along(ops.count(speaks), frame=SO_FAR.spec())
    return ops.mul(speaks, ops.sub(ops.mul(ops.number(2.0), so_far), ops.number(1.0)))


def _over_parents(rows: Relation, parents: Relation, names: Sequence[str]) -> Relation:
    """The sums over the rows of a parent; with an order, over those before a row and its peers."""
    if not parents.lanes:
        return rows.extend("sums", {f"{name}_sum": parents.over(ops.sum_(ops.column(name))) for name in names})
    first = rows.features[0]
    peers, before = first.get("peers"), first.get("before")
    lanes, order = parents.lanes, parents.peers
    columns = {
        f"{name}_first": ops.window(ops.sum_(ops.column(name)), partition=lanes, order=order, frame=HISTORY.spec())
        for name in names
    }
    columns[peers.name] = ops.window(ops.func("RANK"), partition=lanes, order=order)
    columns[before.name] = ops.window(
        ops.count(ops.integer(1)), partition=lanes, order=order, frame=HISTORY.spec()
    )
    earlier = {
        f"{name}_sum": ops.window(
            ops.func("FIRST_VALUE", ops.column(f"{name}_first")), partition=[*lanes, peers], order=[before]
        )
        for name in names
    }
    return rows.extend("sums", columns).extend("earlier_sums", earlier)


def _parents(one: Feature, alone: Feature) -> Columns:
    """Level and deviation of the parent, and what their rows say of its series."""
    n = one.get("speaks_sum")
    mean = ops.div(one.get("away_sum"), n)
    return {
        "level": ops.add(one.get("pivot"), mean),
        "within": ops.div(one.get("spread_sum"), one.get("free_sum")),
        "mean_square": ops.div(one.get("square_sum"), n),
        "mean": mean,
        "noise": ops.sub(ops.number(1.0), ops.div(ops.add(one.get("free_sum"), ops.number(1.0)), n)),
        "crowded": ops.div(ops.div(one.get("crowd_sum"), n), n),
    }


def _between(one: Feature, strength: float | None) -> Columns:
    """The variance of the levels of a parent's series."""
    within = one.get("within")
    if strength is not None:
        return {"between": ops.div(within, ops.number(strength))}
    levels = ops.sub(one.get("mean_square"), _squared(one.get("mean")))
    beyond = ops.sub(levels, ops.mul(within, one.get("noise")))
    found = ops.div(beyond, ops.sub(ops.number(1.0), one.get("crowded")))
    least = ops.mul(ops.number(LEAST), within)
    return {"between": ops.case((ops.gt(found, least), found), default=least)}


def _share(one: Feature, alone: Feature, enough: int, strength: float | None) -> Columns:
    """How much of the centre is the parent's; NULL where the parent knows too little."""
    known = [ops.ge(one.get("speaks_sum"), ops.number(float(enough)))]
    known.append(ops.gt(one.get("within"), ops.number(TINY**2)))
    if strength is None:
        known.append(ops.le(one.get("crowded"), ops.number(CROWDED)))
    within, values = one.get("within"), ops.coalesce(alone.get("n"), ops.integer(0))
    share = ops.div(within, ops.add(within, ops.mul(values, one.get("between"))))
    return {"share": ops.case((ops.and_(*known), share))}


def _model(one: Feature, alone: Feature, enough: int, strength: float | None) -> Columns:
    """n, centre and scale as the detector reads them."""
    share, counts = one.get("share"), strength or STRENGTH
    pooled = ops.not_null(share)
    n = ops.coalesce(alone.get("n"), ops.integer(0))
    centre, scale = alone.get("centre"), alone.get("scale")
    moved = ops.add(centre, ops.mul(share, ops.sub(one.get("level"), centre)))
    rest = ops.sub(ops.greatest(n, ops.integer(1)), ops.integer(1))
    square = _squared(ops.coalesce(scale, ops.number(0.0)))
    weighed = ops.add(ops.mul(rest, square), ops.mul(ops.number(counts), one.get("within")))
    variance = ops.div(weighed, ops.add(rest, ops.number(counts)))
    unsure = ops.mul(share, one.get("between"))
    rows = ops.integer(max(enough, round(counts)))
    return {
        "n": ops.case((pooled, ops.add(n, rows)), default=alone.get("n")),
        "centre": ops.case((pooled, ops.coalesce(moved, one.get("level"))), default=centre),
        "scale": ops.case((pooled, ops.sqrt(ops.add(variance, unsure))), default=scale),
    }
