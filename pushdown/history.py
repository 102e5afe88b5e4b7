"""Fits along an order of detectors whose state is no window function: each place beside the rows that judge it.

Few engines have a quantile of a growing frame, but all have one of a group. So the detector's own plan runs once over
pairs of rows, a group for each place of a partition, and every row reads the state of its place: rows of equal order
keys share one. That takes n (n - 1) / 2 pairs for a partition of n rows, whatever the engine; where that is too many,
``pushdown/ages.py`` has a way for definitions that may lack the newest rows. A frame takes as many pairs a row as
it has rows: those of a RANGE frame lie at places in a row, too, from one that is counted to another.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.distances import Distance
from sqlnomaly.pushdown.frames import Bound, Frame
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


def beside_state(
    rows: Relation, state: Relation, place: str, frame: Frame | None = None, distance: Distance | None = None
) -> Relation:
    """The rows beside the state of the rows before them, or of the other rows of their frame.

    Args:
        rows: the rows; the column ``place`` is made here.
        state: the detector's state of a source.
        place: a name for the column that numbers the rows.
        frame: a frame, or None for all rows before a row and its peers.
        distance: how the frame is measured, if in numbers.
    """
    number = rank(rows) if frame is None else ops.case((_known(rows), rows.along(ops.func("ROW_NUMBER"))))
    placed = rows.extend("placed", {place: number})
    ends = None if frame is None else _ends(frame, place)
    if distance is not None:
        ends = _apart(distance)
    elif frame is not None and frame.kind == "RANGE":
        placed, ends = _counted(placed, frame, place)
    along = place if distance is None else distance.column
    values = tuple(dict.fromkeys(feature.column for feature in rows.features))
    numbers = count(1)

    def by_place(node: Node) -> Node:
        # Pairs that two steps read are said twice: an engine would keep them.
        if isinstance(node, Source) and ends is not None:
            return Around(placed.node, f"frame{next(numbers)}", place, values, *ends, along)
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


Ends = tuple[Expr | None, Expr | None, Expr | None]
"""The first and the last place of a frame, and its reach, as ``Around`` takes them."""


def _ends(frame: Frame, place: str) -> Ends:
    """The ends of a ROWS frame."""
    low, high = frame.ends
    here = ops.column(place)
    first = None if low is None else ops.add(here, ops.integer(low))
    last = None if high is None else ops.add(here, ops.integer(high))
    reach = None if low is None or high is None else ops.number(float(max(abs(low), abs(high), 1)))
    return first, last, reach


def _apart(distance: Distance) -> Ends:
    """The ends of a RANGE frame in numbers."""
    here, low, high = ops.column(distance.column), distance.low, distance.high
    first = None if low is None else ops.add(here, ops.number(low))
    last = None if high is None else ops.add(here, ops.number(high))
    reach = None if low is None or high is None else ops.number(max(abs(low), abs(high)) or 1.0)
    return first, last, reach


def _counted(placed: Relation, frame: Frame, place: str) -> tuple[Relation, Ends]:
    """The rows with the ends of their RANGE frames: as many rows as there are up to its end, less those within."""
    first, last, reach = (f"{place}_{end}" for end in ("low", "high", "reach"))
    upto = Frame("RANGE", Bound(-1, None), frame.end)
    within, before = (
        ops.window(ops.count(ops.integer(1)), partition=placed.lanes, order=placed.peers, frame=one.spec())
        for one in (frame, upto)
    )
    ended = placed.extend("ends", {last: before, first: ops.add(ops.sub(before, within), ops.integer(1))})
    low, high = ops.column(first), ops.column(last)
    if not _near(frame):
        return ended, (low, high, None)
    here = ops.coalesce(ops.column(place), low)
    farthest = ops.max_(ops.greatest(ops.sub(here, low), ops.sub(high, here), ops.integer(1)))
    reached = ended.extend("reach", {reach: ops.window(farthest, partition=placed.lanes)})
    return reached, (low, high, ops.cast_double(ops.column(reach)))


def _near(frame: Frame) -> bool:
    """Whether both ends of a frame lie at some distance, or at the row itself."""
    return all(bound.side == 0 or bound.offset is not None for bound in (frame.start, frame.end))
