"""How far a series lies above its parent: its level, before its slots have rows of their own.

A series of three days has no baseline for an hour of a day of the week, but its parent has one. What it needs of its
own is its level: the mean of its earlier values above those that the parent expected of their slots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
    """The rows with the level of their series above that of their parent, how unsure it is, and its spread around it.

    Of the earlier values of the series, of all slots, q were beside a parent that knew enough; d is x - level of each,
    held within 3 sqrt(within + between), and

        keep    = within / (within + q between)
        lift    = (1 - keep) mean of d
        unsure  = keep between
        apart   = sum of q' / (q' + 1) (d - mean of the q' values of d before it)^2 / (q - 1)

    Args:
        rows: beside level, within, between and share of their parent.
        each: makes the columns of each feature.
        names: the names of statistics, for each feature.
    """
    rows = rows.extend("misses", each(lambda one, alone: _miss(rows, one, alone)))
    rows = summed(rows, rows, names("miss", "missed"), "lifts")
    rows = rows.extend("strays", each(_stray))
    rows = summed(rows, rows, names("stray"), "astray")
    return rows.extend("lifted", each(_lift))


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


def _stray(one: Feature, alone: Feature) -> Columns:
    """What a value adds to the sum of squares around the mean of its series (West, doi:10.1145/359146.359153)."""
    q = one.get("missed_sum")
    step = squared(ops.sub(one.get("miss"), ops.div(one.get("miss_sum"), q)))
    return {"stray": ops.mul(step, ops.div(q, ops.add(q, ops.number(1.0))))}


def _lift(one: Feature, alone: Feature) -> Columns:
    """Level, doubt and spread."""
    q = ops.coalesce(one.get("missed_sum"), ops.number(0.0))
    within, between = one.get("within"), one.get("between")
    keep = ops.div(within, ops.add(within, ops.mul(q, between)))
    mean = ops.coalesce(ops.div(one.get("miss_sum"), q), ops.number(0.0))
    return {
        "values": q,
        "lift": ops.mul(ops.sub(ops.number(1.0), keep), mean),
        "unsure": ops.mul(keep, between),
        "apart": ops.coalesce(ops.div(one.get("stray_sum"), ops.sub(q, ops.number(1.0))), ops.number(0.0)),
    }
