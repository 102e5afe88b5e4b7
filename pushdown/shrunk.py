"""Partial pooling: centre and scale of a series, shrunk towards what the series of its parent group have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.before import TINY, squared, summed
from sqlnomaly.pushdown.frames import SO_FAR
from sqlnomaly.pushdown.lifted import Columns, lifted, unlifted
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
    rows: Relation,
    parents: Relation,
    features: Sequence[Feature],
    pool: Pool,
    *,
    lifts: bool = False,
    models: bool = False,
) -> Relation:
    """The rows with n, centre and scale of each feature, between what its series and what its parent says.

    A row speaks for its parent if its own series can judge it: it is fitted, and has a value and ``min_rows`` values to
    judge it by. Of the N rows that speak, with an order those before the row and its peers, each has what it was judged
    by: n, centre c and scale s of its series.

        level    m  = mean of c
        within   w  = sum of s^2 (1 - 1/n) / sum of (1 - 1/n)
        between  b  = (mean of (c - m)^2 - w (mean of 1/n - 1/N)) / (1 - h),    w / 100 at least
        share    q  = w / (w + n b)
        centre      = c + q (m - c)
        scale^2     = ((n - 1) s^2 + k w) / (n - 1 + k) + q b

    h is the chance that two of the N rows are of one series, and k is 10. With ``pool_strength => k`` it is that, and b
    is w / k, so that q = k / (n + k). q b is how unsure the level of a series is: one without rows may have any level
    that the parent has seen, so that its first row is judged by w + b.

    Without an order, and with mean and deviation for c and s, these are the estimators of Buehlmann and Straub:
    Buehlmann and Gisler, A Course in Credibility Theory and its Applications (2005), doi:10.1007/3-540-29273-X, chapter
    4. The variance is shrunk as by Smyth, Linear Models and Empirical Bayes Methods for Assessing Differential
    Expression (2004), doi:10.2202/1544-6115.1027, with given k.

    A row is left to its series alone where fewer than ``min_rows`` rows speak, where they say that nothing varies, and,
    without ``pool_strength``, where h is over 0.4: series are too few to tell how much their levels differ.

    Args:
        rows: beside the model of their own series.
        parents: the same rows as the parent sees them: its keys, or its lanes and peers.
        features: the features; ``rows`` has what their series say under the names of ``own``.
        pool: the parent group.
        lifts: whether rows of other slots tell the level of a series (``lifted``).
        models: whether ``rows`` are the models of the series, each of which speaks for its n rows.
    """
    pairs = list(zip(features, rows.features, strict=True))

    def each(rule: Callable[[Feature, Feature], Columns]) -> Columns:
        return {one.stat(name): expr for one, alone in pairs for name, expr in rule(one, alone).items()}

    def names(*stats: str) -> list[str]:
        return [one.stat(name) for one in features for name in stats]

    carry = [feature.stat(name) for feature in rows.features for name in ("n", "centre", "scale")]
    rows = rows.extend("spoken", each(lambda _, alone: _spoken(rows, parents, alone, models)), carry=carry)
    rows = rows.extend("said", each(_said))
    rows = rows.extend("crowds", each(lambda one, _: {"crowd": _crowd(rows, one, pool, models)}))
    rows = summed(rows, parents, names(*SUMS), "sums")
    rows = rows.extend("parents", each(lambda one, _: _parents(one)))
    rows = rows.extend("betweens", each(lambda one, _: _between(one, pool.strength)))
    rows = rows.extend("shares", each(lambda one, alone: _share(one, alone, rows.enough, pool.strength)))
    rows = lifted(rows, each, names) if lifts else rows.extend("priors", each(unlifted))
    counts = pool.strength or STRENGTH
    rows = rows.extend("variances", each(lambda one, _: _variance(one, counts)))
    least = max(rows.enough, round(counts))  # a parent that knows enough ends the warm-up
    rows = rows.extend("pooled", each(lambda one, alone: _model(one, alone, least)))
    if models:
        kept = names("n", "centre", "scale")
        rows = rows.group("model", {name: ops.min_(ops.column(name)) for name in kept}, every=True)
    return replace(rows, features=tuple(features))


SUMS = ("speaks", "away", "square", "free", "spread", "crowd")
"""What is added up over the rows of a parent."""


def _spoken(rows: Relation, parents: Relation, alone: Feature, models: bool) -> Columns:
    """How many rows a row speaks for, NULL if for none; and a level to measure from, the same for all of a parent."""
    n, centre = alone.get("n"), alone.get("centre")
    known = [ops.ge(n, ops.integer(rows.enough)), ops.not_null(centre), ops.not_null(alone.get("scale"))]
    if not models:
        known.append(ops.not_null(alone.value))
        known += [] if isinstance(rows.weight, ops.Literal) else [ops.eq(rows.weight, ops.integer(1))]
    return {
        "speaks": ops.case((ops.and_(*known), ops.cast_double(n) if models else ops.number(1.0))),
        "pivot": _pivot(parents, centre),
    }


def _pivot(parents: Relation, centre: Expr) -> Expr:
    """The mean of the centres; along an order the first one, so that no later row has a part in any digit."""
    if not parents.lanes:
        return ops.window(ops.avg(centre), partition=[ops.column(key) for key in parents.keys])
    last = ops.case((ops.is_null(centre), ops.integer(1)), default=ops.integer(0))
    order = [last, *parents.peers, ops.coalesce(centre, ops.number(0.0))]
    return ops.window(ops.func("FIRST_VALUE", centre), partition=parents.lanes, order=order)


def _said(one: Feature, alone: Feature) -> Columns:
    """What a row that speaks was judged by."""
    speaks = one.get("speaks")
    away = ops.sub(alone.get("centre"), one.get("pivot"))
    free = ops.mul(speaks, ops.sub(ops.number(1.0), ops.div(ops.number(1.0), alone.get("n"))))
    return {
        "away": ops.mul(speaks, away),
        "square": ops.mul(speaks, squared(away)),
        "free": free,
        "spread": ops.mul(squared(alone.get("scale")), free),
    }


def _crowd(rows: Relation, one: Feature, pool: Pool, models: bool) -> Expr:
    """What a row that speaks adds to the sum of the squares of how many of each series do."""
    speaks = one.get("speaks")
    if models:
        return ops.mul(speaks, speaks)
    if not rows.lanes:
        return ops.mul(speaks, rows.over(ops.count(speaks)))
    slots = [ops.column(slot) for slot in rows.slots if slot in pool.keys]
    so_far = rows.along(ops.count(speaks), within=slots, frame=SO_FAR.spec())
    return ops.mul(speaks, ops.sub(ops.mul(ops.number(2.0), so_far), ops.number(1.0)))


def _parents(one: Feature) -> Columns:
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


def _variance(one: Feature, counts: float) -> Columns:
    """The variance of the series, shrunk towards that of its parent."""
    freedom, rows = one.get("freedom"), ops.number(counts)
    both = ops.add(ops.mul(freedom, one.get("apart")), ops.mul(rows, one.get("within")))
    return {"variance": ops.add(ops.div(both, ops.add(freedom, rows)), one.get("unsure"))}


def _model(one: Feature, alone: Feature, rows: int) -> Columns:
    """n, centre and scale as the detector reads them."""
    pooled = ops.not_null(one.get("share"))
    centre, prior = alone.get("centre"), one.get("prior")
    moved = ops.add(centre, ops.mul(one.get("share"), ops.sub(prior, centre)))
    n = ops.add(ops.coalesce(alone.get("n"), ops.integer(0)), ops.integer(rows))
    return {
        "n": ops.case((pooled, n), default=alone.get("n")),
        "centre": ops.case((pooled, ops.coalesce(moved, prior)), default=centre),
        "scale": ops.case((pooled, ops.sqrt(one.get("variance"))), default=alone.get("scale")),
    }
