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
from sqlnomaly.pushdown.plan import Earlier

FIRST = "_sn__first"
"""The place where an age begins."""

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
    pairs = exp.select(
        *(ops.column(name, ages) for name in (*same, node.age)), *(ops.column(name, below) for name in rows)
    ).from_(exp.to_table(ages))
    if same:
        equal = ops.and_(*(ops.same(ops.column(name, below), ops.column(name, ages)) for name in same))
        pairs = pairs.join(exp.to_table(below), on=lower(equal, condition=True), join_type="inner")
    else:
        pairs = pairs.join(exp.to_table(below), join_type="cross")
    # Not in ON: not every engine joins by an inequality.
    before = ops.lt(ops.column(node.place, below), ops.column(FIRST, ages))
    return pairs.where(before), (*same, node.age, *rows)
