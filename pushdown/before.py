"""Sums over the rows of a group, and over those before a row and its peers where there is an order."""

from __future__ import annotations

from collections.abc import Sequence

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.frames import HISTORY
from sqlnomaly.pushdown.plan import Relation

TINY = 1e-150
"""What is smaller counts as 0 where it is squared: an engine may refuse a square that vanishes."""


def squared(value: ops.Expr) -> ops.Expr:
    """The square, 0 where it would vanish."""
    return ops.case((ops.gt(ops.abs_(value), ops.number(TINY)), ops.mul(value, value)), default=ops.number(0.0))


def summed(rows: Relation, group: Relation, names: Sequence[str], step: str) -> Relation:
    """The rows with the sums of columns, each under its name with ``_sum`` behind it.

    Of the rows that share a key, the first in any order has just those before it in the frame that ends one row before;
    all its peers take that row's sums.

    Args:
        rows: the rows.
        group: the same rows with the keys, or the lanes and peers, of the group.
        names: the columns to add up.
        step: the name of the step.
    """
    if not group.lanes:
        return rows.extend(step, {f"{name}_sum": group.over(ops.sum_(ops.column(name))) for name in names})
    first = rows.features[0]
    peers, before = first.get(f"{step}_peers"), first.get(f"{step}_before")
    lanes, order, frame = group.lanes, group.peers, HISTORY.spec()
    columns = {
        f"{name}_first": ops.window(ops.sum_(ops.column(name)), partition=lanes, order=order, frame=frame)
        for name in names
    }
    columns[peers.name] = ops.window(ops.func("RANK"), partition=lanes, order=order)
    columns[before.name] = ops.window(ops.count(ops.integer(1)), partition=lanes, order=order, frame=frame)
    earlier = {
        f"{name}_sum": ops.window(
            ops.func("FIRST_VALUE", ops.column(f"{name}_first")), partition=[*lanes, peers], order=[before]
        )
        for name in names
    }
    return rows.extend(step, columns).extend(f"{step}_earlier", earlier)
