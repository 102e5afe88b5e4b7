"""Cells: the fitted values of a feature in few classes, so that no tail share is off by more than a stated part.

A feature's range is cut into cells of equal width. A cell is kept as one class if it holds one value only, or if there
are ``CROWD`` times as many values below it, and also above it; of any other cell every value is a class of its own. So
taking a class for a single value overstates neither tail share by more than that part, whatever the values are. Few
values are in cells that are not kept, unless a few are so far out that all others lie in one cell: then it costs what
ranks cost.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import COUNT, FEATURE, HIGH, VALUE, Feature, Relation

CELLS = 4096
"""Cells of equal width between a feature's smallest and largest value."""

CROWD = 20
"""A cell of several values has this many times as many below it, and above it: a tail share is overstated by at most
5 %, and -ln of it is at most ln 1.05 = 0.0488 too small."""

NARROW = 1e-290
"""The number of cells over a range that is not wider than this may be no double."""

CODE = -1e200
"""The key of the first cell, and the step to the next: no value is as large."""

CELL = "_sn__cell"
CLASS = "_sn__class"
LOW = "_sn__low"
BELOW = "_sn__below"
ABOVE = "_sn__above"
CROWDED = "_sn__crowded"


def classed(data: Relation) -> Relation:
    """The rows with the key of each value's class: the code of its cell, or the value itself."""
    ends: dict[str, Expr] = {}
    rates: dict[str, Expr] = {}
    cells: dict[str, Expr] = {}
    keys: dict[str, Expr] = {}
    for feature in data.features:
        ends[feature.stat("from")] = ops.min_(feature.value)
        ends[feature.stat("to")] = ops.max_(feature.value)
        width = ops.sub(feature.get("to"), feature.get("from"))
        rate = ops.div(ops.number(CELLS), width)
        wide = ops.gt(width, ops.number(NARROW))
        rates[feature.stat("rate")] = ops.case((wide, rate), default=ops.number(0.0))
        distance = ops.sub(feature.value, feature.get("from"))
        cells[feature.stat("cell")] = ops.floor(ops.mul(distance, feature.get("rate")))
        code = ops.mul(ops.number(CODE), ops.add(feature.get("cell"), ops.number(1.0)))
        crowded = ops.eq(feature.get("crowded"), ops.integer(1))
        keys[feature.stat("key")] = ops.case((crowded, feature.value), default=code)
    rows = data.match(data.group("ends", ends).extend("rates", rates)).extend("cells", cells)
    pairs = [(feature.stat("cell"), feature.column) for feature in data.features]
    crowded_cells = _crowded(rows.tally("cells_held", pairs, key=CELL, low=LOW))
    marks = [(feature.stat("cell"), feature.stat("crowded")) for feature in data.features]
    return rows.look_up("marked", crowded_cells, marks, key=CELL, value=CROWDED).extend("classed", keys)


def classes(rows: Relation) -> Relation:
    """The classes of each feature: from VALUE to HIGH, with COUNT values."""
    pairs = [(feature.stat("key"), feature.column) for feature in rows.features]
    return rows.tally("classes", pairs, key=CLASS, low=VALUE)


def ranked(classes: Relation, low: str) -> Relation:
    """Classes with the number of values at or below, and at or above, all of theirs."""
    within = [*(ops.column(key) for key in classes.keys), ops.column(FEATURE)]
    count, key = ops.sum_(ops.column(COUNT)), ops.column(low)
    sums = {
        BELOW: ops.window(count, partition=within, order=[key]),
        ABOVE: ops.window(count, partition=within, order=[ops.descending(key)]),
    }
    return classes.extend("ranked", sums)


def _crowded(cells: Relation) -> Relation:
    """The cells whose values must be told apart."""
    count = ops.column(COUNT)

    def few(total: str) -> Expr:
        others = ops.sub(ops.column(total), count)
        return ops.le(ops.mul(ops.integer(CROWD), count), others)

    several = ops.lt(ops.column(LOW), ops.column(HIGH))
    held = ranked(cells, LOW).keep("crowded", ops.and_(several, ops.not_(ops.and_(few(BELOW), few(ABOVE)))))
    return held.extend("crowded_cells", {CROWDED: ops.integer(1)})


def by_feature(features: Sequence[Feature], stat: str) -> Expr:
    """A statistic of the feature that a row of a long relation is about."""
    index = ops.column(FEATURE)
    return ops.case(
        *((ops.eq(index, ops.integer(number)), feature.get(stat)) for number, feature in enumerate(features))
    )


def middle(low: Expr, high: Expr) -> Expr:
    """The middle of a class, exactly its value where it has one."""
    return ops.add(low, ops.mul(ops.number(0.5), ops.sub(high, low)))
