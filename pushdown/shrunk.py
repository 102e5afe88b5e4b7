"""Partial pooling: centre and scale of a series, shrunk towards what the series of its parent group have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.before import TINY, squared, summed
from sqlnomaly.pushdown.frames import SO_FAR
from sqlnomaly.pushdown.lifted import Columns, lifted
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


def shrunk(
    rows: Relation, parents: Relation, features: Sequence[Feature], pool: Pool, *, lifts: bool = False
) -> Relation:
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
        lifts: whether rows of other slots tell the level of a series (``lifted``).
    """
    pairs = list(zip(features, rows.features, strict=True))

    def each(rule: Callable[[Feature, Feature], Columns]) -> Columns:
        return {one.stat(name): expr for one, alone in pairs for name, expr in rule(one, alone).items()}

    def names(*stats: str) -> list[str]:
        return [one.stat(name) for one in features for name in stats]

    carry = [feature.stat(name) for feature in rows.features for name in ("n", "centre", "scale")]
    rows = rows.extend("spoken", each(lambda one, alone: _spoken(rows, parents, alone)), carry=carry)
    rows = rows.extend("said", each(_said))
    rows = rows.extend("crowds", each(lambda one, alone: {"crowd": _crowd(rows, one)}))
    rows = summed(rows, parents, names(*SUMS), "sums")
    rows = rows.extend("parents", each(_parents))
    rows = rows.extend("betweens", each(lambda one, alone: _between(one, pool.strength)))
    rows = rows.extend("shares", each(lambda one, alone: _share(one, alone, rows.enough, pool.strength)))
    rows = lifted(rows, each, names) if lifts else rows.extend("doubts", each(_unlifted))
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
        "square": ops.case((speaks, squared(away))),
        "free": ops.case((speaks, free)),
        "spread": ops.case((speaks, ops.mul(squared(scale), free))),
    }


def _crowd(rows: Relation, one: Feature) -> Expr:
    """What a row that speaks adds to the sum of the squares of how many of each series do."""
    speaks = one.get("speaks")
    if not rows.lanes:
        return ops.mul(speaks, rows.over(ops.count(speaks)))
    slots = [ops.column(slot) for slot in rows.slots]
    so_far = rows.along(ops.count(speaks), within=slots, frame=SO_FAR.spec())
    return ops.mul(speaks, ops.sub(ops.mul(ops.number(2.0), so_far), ops.number(1.0)))


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
    levels = ops.sub(one.get("mean_square"), squared(one.get("mean")))
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


def _unlifted(one: Feature, alone: Feature) -> Columns:
    """The level of a series as its own rows and its parent say it, and its spread around it."""
    n = ops.coalesce(alone.get("n"), ops.integer(0))
    return {
        "values": n,
        "lift": ops.number(0.0),
        "unsure": ops.mul(one.get("share"), one.get("between")),
        "apart": squared(ops.coalesce(alone.get("scale"), ops.number(0.0))),
    }


def _model(one: Feature, alone: Feature, enough: int, strength: float | None) -> Columns:
    """n, centre and scale as the detector reads them."""
    share, counts = one.get("share"), strength or STRENGTH
    pooled = ops.not_null(share)
    n = ops.coalesce(alone.get("n"), ops.integer(0))
    centre, scale = alone.get("centre"), alone.get("scale")
    level = ops.add(one.get("level"), one.get("lift"))
    moved = ops.add(centre, ops.mul(share, ops.sub(level, centre)))
    by_own = ops.ge(n, ops.integer(enough))
    values = ops.case((by_own, n), default=one.get("values"))
    square = ops.case((by_own, squared(ops.coalesce(scale, ops.number(0.0)))), default=one.get("apart"))
    free = ops.sub(ops.greatest(values, ops.integer(1)), ops.integer(1))
    weighed = ops.add(ops.mul(free, square), ops.mul(ops.number(counts), one.get("within")))
    variance = ops.div(weighed, ops.add(free, ops.number(counts)))
    rows = ops.integer(max(enough, round(counts)))
    return {
        "n": ops.case((pooled, ops.add(n, rows)), default=alone.get("n")),
        "centre": ops.case((pooled, ops.coalesce(moved, level)), default=centre),
        "scale": ops.case((pooled, ops.sqrt(ops.add(variance, one.get("unsure")))), default=scale),
    }
