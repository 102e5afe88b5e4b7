"""How far a series lies above its parent: its level, before its slots have rows of their own.

A series of three days has no baseline for an hour of a day of the week, but its parent has one. What it needs of its
own is its level: the mean of its earlier values above those that the parent expected of their slots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.before import squared, summed
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation

FAR = 3.0
"""A value that is farther from the parent, in deviations of any of its series, counts as if it was so far."""

Columns = Mapping[str, Expr]
Each = Callable[[Callable[[Feature, Feature], Columns]], Columns]
"""The columns of every feature, by a rule of it and of the same feature of its series alone."""


def lifted(rows: Relation, each: Each, names: Callable[..., list[str]]) -> Relation:
    """The rows with what is expected of a series that lies above its parent, how unsure that is, and its own variance.

    Of the earlier values of the series, of all slots, q were beside a parent that knew enough. d is x - level of each,
    held within 3 sqrt(within + between).

        keep     = within / (within + q between)
        prior    = level + (1 - keep) mean of d
        unsure   = keep between
        apart    = sum of i / (i + 1) (d - mean of the i values of d before it)^2 / freedom        freedom = q - 1

    Where the slot has ``min_rows`` values of its own, freedom is n - 1 and apart the square of its scale.

    Args:
        rows: beside level, within, between and share of their parent.
        each: makes the columns of each feature.
        names: the names of statistics, for each feature.
    """
    rows = rows.extend("misses", each(lambda one, alone: _miss(rows, one, alone)))
    rows = summed(rows, rows, names("miss", "missed"), "lifts")
    rows = rows.extend("strays", each(lambda one, _: _stray(one)))
    rows = summed(rows, rows, names("stray"), "astray")
    rows = rows.extend("lifted", each(lambda one, _: _lift(one)))
    return rows.extend("priors", each(partial(_told, rows.enough)))


def unlifted(one: Feature, alone: Feature) -> Columns:
    """What a parent expects, how unsure that is, and the variance of the series with its degrees of freedom."""
    n, scale = ops.coalesce(alone.get("n"), ops.integer(0)), ops.coalesce(alone.get("scale"), ops.number(0.0))
    return {
        "prior": one.get("level"),
        "unsure": ops.mul(one.get("share"), one.get("between")),
        "freedom": ops.sub(ops.greatest(n, ops.integer(1)), ops.integer(1)),
        "apart": squared(scale),
    }


def _miss(rows: Relation, one: Feature, alone: Feature) -> Columns:
    """How far a value that counts is from what its parent expects of its slot."""
    counts = [ops.not_null(one.get("share")), ops.not_null(alone.value)]
    if not isinstance(rows.weight, ops.Literal):
        counts.append(ops.eq(rows.weight, ops.integer(1)))
    reach = ops.mul(ops.number(FAR), ops.sqrt(ops.add(one.get("within"), one.get("between"))))
    away = ops.sub(alone.value, one.get("level"))
    held = ops.case(
        (ops.gt(away, reach), reach), (ops.lt(away, ops.neg(reach)), ops.neg(reach)), default=away
    )
    known = ops.and_(*counts)
    return {"miss": ops.case((known, held)), "missed": ops.case((known, ops.number(1.0)))}


def _stray(one: Feature) -> Columns:
    """What a value adds to the sum of squares around the mean of its series (West, doi:10.1145/359146.359153)."""
    q = one.get("missed_sum")
    step = squared(ops.sub(one.get("miss"), ops.div(one.get("miss_sum"), q)))
    return {"stray": ops.mul(step, ops.div(q, ops.add(q, ops.number(1.0))))}


def _lift(one: Feature) -> Columns:
    """How many values tell of the level, how much of the parent's stays, and the level above it."""
    q = ops.coalesce(one.get("missed_sum"), ops.number(0.0))
    within, between = one.get("within"), one.get("between")
    return {
        "values": q,
        "keep": ops.div(within, ops.add(within, ops.mul(q, between))),
        "above": ops.coalesce(ops.div(one.get("miss_sum"), q), ops.number(0.0)),
    }


def _told(enough: int, one: Feature, alone: Feature) -> Columns:
    """The same as ``unlifted``; the spread around the level counts until a slot has rows enough of its own."""
    plain, q, keep = unlifted(one, alone), one.get("values"), one.get("keep")
    by_own = ops.ge(ops.coalesce(alone.get("n"), ops.integer(0)), ops.integer(enough))
    freedom = ops.sub(ops.greatest(q, ops.number(1.0)), ops.number(1.0))
    spread = ops.coalesce(ops.div(one.get("stray_sum"), freedom), ops.number(0.0))
    return {
        "prior": ops.add(one.get("level"), ops.mul(ops.sub(ops.number(1.0), keep), one.get("above"))),
        "unsure": ops.mul(keep, one.get("between")),
        "freedom": ops.case((by_own, plain["freedom"]), default=freedom),
        "apart": ops.case((by_own, plain["apart"]), default=spread),
    }
