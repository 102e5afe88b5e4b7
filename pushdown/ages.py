"""Ages: what is known along an order is renewed from time to time, and read by all rows until the next time.

A baseline of all earlier rows that is computed for each row takes as many pairs of rows as there are. Renewed whenever
the earlier rows are a tenth more, it takes eleven pairs a row, however long the series, and no engine needs a quantile
of a frame for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Around, Earlier

FIRST = "_sn__first"
"""The place where an age begins."""
STRETCH = "_sn__stretch"
"""Which stretch of places a row lies in, or beside."""

Lower = Callable[..., Expr]


def age_of(before: Expr, growth: float, least: int) -> Expr:
    """The number of the age of a row with so many rows before it; NULL below ``least``.

    An age lasts until there are ``growth`` times more rows. The quarter keeps whole numbers off the edges, where
    engines round the logarithm to either side. No logarithm is of nothing: an engine may compute that of a NULL too.
    """
    one = ops.integer(1)
    some = ops.sub(ops.greatest(ops.coalesce(before, one), one), ops.number(0.25))
    ages = ops.div(ops.ln_positive(some), ops.number(round(math.log1p(growth), 12)))
    return ops.case((ops.ge(before, ops.integer(least)), ops.cast_integer(ops.floor(ages))))


def begun(node: Earlier, below: str, keys: Sequence[str]) -> exp.Select:
    """Where each age of a partition begins."""
    parts = [ops.column(name) for name in (*keys, *node.by, node.age)]
    first = exp.alias_(ops.min_(ops.column(node.place)), FIRST)
    ages = exp.select(*parts, first).from_(exp.to_table(below)).where(ops.not_null(ops.column(node.age)))
    return ages.group_by(*(part.copy() for part in parts))


def earlier(
    node: Earlier, below: str, ages: str, keys: Sequence[str], fitted: str | None, lower: Lower
) -> tuple[exp.Select, tuple[str, ...]]:
    """Each age beside the rows before it, and the columns of that."""
    same = (*keys, *node.by)
    rows = (*node.columns, *(() if fitted is None else (fitted,)))
    equal = [ops.same(ops.column(name, below), ops.column(name, ages)) for name in same]
    before = ops.lt(ops.column(node.place, below), ops.column(FIRST, ages))
    return _pairs(ages, (*same, node.age), below, rows, equal, before, lower), (*same, node.age, *rows)


def near(node: Around, below: str, keys: Sequence[str], lower: Lower) -> exp.Query:
    """The places of a partition; of a frame with a reach three times each, for the stretches that it may touch."""
    parts = [ops.column(name) for name in (*keys, *_read(node))]
    known = ops.not_null(ops.column(node.place))
    places = exp.select(*parts).from_(exp.to_table(below)).where(known)
    if node.reach is None:
        return places
    own = _stretch_of(node)
    first, *others = (
        places.select(exp.alias_(lower(ops.add(own, ops.integer(step))), STRETCH)) for step in (-1, 0, 1)
    )
    union: exp.Query = first
    for other in others:
        union = union.union(other, distinct=False)
    return union


def around(
    node: Around, below: str, places: str, keys: Sequence[str], fitted: str | None, lower: Lower
) -> tuple[exp.Select, tuple[str, ...]]:
    """Each place beside the rows around it, and the columns of that."""
    rows = (*node.columns, *(() if fitted is None else (fitted,)))
    equal = [ops.same(ops.column(name, below), ops.column(name, places)) for name in keys]
    here, there = ops.column(node.place, places), ops.column(node.place, below)
    if node.reach is not None:
        equal.append(ops.eq(_of(_stretch_of(node), below), ops.column(STRETCH, places)))
    near, there = [ops.ne(there, here)], ops.column(node.along, below)
    if node.low is not None:
        near.append(ops.ge(there, _of(node.low, places)))
    if node.high is not None:
        near.append(ops.le(there, _of(node.high, places)))
    names = (*keys, node.place)
    return _pairs(places, names, below, rows, equal, ops.and_(*near), lower), (*names, *rows)


def _read(node: Around) -> tuple[str, ...]:
    """The columns that say a row's place and the ends of its frame."""
    ends = [part for end in (node.low, node.high) if end is not None for part in end.find_all(exp.Column)]
    return tuple(dict.fromkeys((node.place, node.along, *(part.name for part in ends))))


def _of(expr: Expr, relation: str) -> Expr:
    """The expression over columns of a relation."""

    def rule(part: Expr) -> Expr:
        return ops.column(part.name, relation) if isinstance(part, exp.Column) else part

    return expr.transform(rule)


def _stretch_of(node: Around) -> Expr:
    """The stretch that a row lies in: a frame reaches no farther than into the next one."""
    assert node.reach is not None, "a frame with two ends"
    return ops.cast_integer(ops.floor(ops.div(ops.column(node.along), node.reach)))


def _pairs(
    left: str, names: Sequence[str], right: str, columns: Sequence[str], equal: list[Expr], where: Expr, lower: Lower
) -> exp.Select:
    """Columns of two relations whose rows meet by an equality, which an engine can hash, and by a condition."""
    pairs = exp.select(*(ops.column(name, left) for name in names), *(ops.column(name, right) for name in columns))
    pairs = pairs.from_(exp.to_table(left))
    if equal:
        on = lower(ops.and_(*equal), condition=True)
        pairs = pairs.join(exp.to_table(right), on=on, join_type="inner")
    else:
        pairs = pairs.join(exp.to_table(right), join_type="cross")
    # Not in ON: not every engine joins by an inequality.
    return pairs.where(lower(where, condition=True))
