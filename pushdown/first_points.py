"""The first points of the longest series among those that a client would be sent: enough to tell a period by."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.season import POINTS, SERIES

TOTAL = "_sn__total"
"""The column that counts the points of a series."""
NUMBER = "_sn__series"


def first_points(points: exp.Query, keys: Sequence[str], place: str, dialect: Dialect) -> exp.Query:
    """The rows of a query, at most POINTS of each of the SERIES longest series, and TOTAL.

    Args:
        points: one row a point.
        keys: the columns that tell series apart.
        place: the column of a point's place in its series, from 1; NULL for what is none.
        dialect: where it runs.
    """

    def say(expr: Expr, *, condition: bool = False) -> Expr:
        return order_defaults(lower(expr, dialect, condition=condition), dialect)

    def over(query: exp.Query, name: str, *columns: Expr) -> exp.Select:
        rows = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))
        return exp.Select(expressions=[exp.Star(), *columns], from_=exp.From(this=rows))

    fresh = points.copy()
    with_ = fresh.args.pop("with_", None)
    parts = [ops.column(key) for key in keys]
    total = ops.window(ops.count(ops.column(place)), partition=parts)
    sized = over(fresh, "points", exp.alias_(say(total), TOTAL, copy=False))
    longest = ops.window(ops.func("DENSE_RANK"), order=[ops.descending(ops.column(TOTAL)), *parts])
    numbered = over(sized, "sized", exp.alias_(say(longest), NUMBER, copy=False))
    few = ops.and_(
        ops.le(ops.column(NUMBER), ops.integer(SERIES)), ops.le(ops.column(place), ops.number(float(POINTS)))
    )
    found = over(numbered, "numbered").where(say(few, condition=True), copy=False)
    found.set("with_", with_)
    return found
