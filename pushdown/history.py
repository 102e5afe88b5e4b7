"""Fits along an order of detectors whose state is no window function: each place beside the rows that judge it.

Few engines have a quantile of a growing frame, but all have one of a group. So the detector's own plan runs once over
pairs of rows, a group for each place of a partition, and every row reads the state of its place: rows of equal order
keys share one. That takes n (n - 1) / 2 pairs for a partition of n rows, whatever the engine; where that is too many,
``pushdown/ages.py`` has a way for definitions that may lack the newest rows. A ROWS frame takes as many pairs a row as
it has rows.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.frames import Frame
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Around, Earlier, Extend, Group, Match, Node, Relation, Source


def rank(rows: Relation, slots: tuple[str, ...] = ()) -> Expr:
    """How many rows of the partition, and of the same slots, come before a row and its peers; NULL without a key."""
    lanes = [*rows.lanes, *(ops.column(slot) for slot in slots)]
    before = ops.sub(ops.window(ops.func("RANK"), partition=lanes, order=rows.peers), ops.integer(1))
    return ops.case((_known(rows), before))


def _known(rows: Relation) -> Expr:
    """Whether a row has every order key."""
    return ops.and_(*(ops.not_null(key.this) for key in rows.peers))


def beside_state(rows: Relation, state: Relation, place: str, frame: Frame | None = None) -> Relation:
    """The rows beside the state of the rows before them, or of the other rows of their ROWS frame.

    Args:
        rows: the rows; the column ``place`` is made here.
        state: the detector's state of a source.
        place: a name for the column that numbers the rows.
        frame: a ROWS frame, or None for all rows before a row and its peers.
    """
    number = rank(rows) if frame is None else ops.case((_known(rows), rows.along(ops.func("ROW_NUMBER"))))
    placed = rows.extend("placed", {place: number})
    values = tuple(dict.fromkeys(feature.column for feature in rows.features))
    numbers = count(1)

    def by_place(node: Node) -> Node:
        # Pairs that two steps read are said twice: an engine would keep them.
        if isinstance(node, Source) and frame is not None:
            return Around(placed.node, f"frame{next(numbers)}", place, values, *frame.ends)
        if isinstance(node, Source):
            return Earlier(placed.node, f"history{next(numbers)}", place, place, values)
        if isinstance(node, Match):
            return replace(node, data=by_place(node.data), model=by_place(node.model), by=(*node.by, place))
        if isinstance(node, Group):
            return replace(node, data=by_place(node.data), by=(*node.by, place))
        assert isinstance(node, Extend), f"{type(node).__name__} has no form along an order"
        return replace(node, data=by_place(node.data))

    fitted = by_place(state.node)
    assert isinstance(fitted, Group), "a state is grouped"
    found = list(fitted.columns)
    return placed.match(replace(rows, node=fitted), by=(place,)).extend("earlier", {}, carry=found)
