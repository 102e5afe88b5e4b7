"""What a relation form knows of its time: the kind of the column, and spans such as '15 minutes'."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.errors import BindError, CallError, nearest
from sqlnomaly.pushdown.bind import TIMES, Kind, kind_shown
from sqlnomaly.pushdown.ops import Expr

SECONDS: Mapping[str, int] = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
"""Units of one length."""
_SPAN = re.compile(r"\s*(\d+)?\s*([a-z_]+)\s*", re.IGNORECASE)
_SHORT: Mapping[str, str] = {
    **dict.fromkeys(("s", "sec", "secs"), "second"),
    **dict.fromkeys(("m", "min", "mins"), "minute"),
    **dict.fromkeys(("h", "hr", "hrs"), "hour"),
    "d": "day",
    "w": "week",
    **dict.fromkeys(("mon", "mons"), "month"),
}
"""Short forms of units."""
_WORDS: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.INTEGER: "an integer",
    Kind.FLOAT: "a number",
    Kind.DECIMAL: "a number",
    Kind.BOOLEAN: "a boolean",
    Kind.OTHER: "none of them",
}


@dataclass(frozen=True, slots=True)
class Span:
    """So many of a unit: ``Span(15, 'minute')``."""

    number: int
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'s' if self.number != 1 else ''}"


def read_span(option: str, node: Expr, units: Sequence[str], shown: str) -> Span:
    """The span that an option gives: a text such as '15 minutes' or 'hour', or an INTERVAL.

    Raises:
        CallError: for anything else, for a unit that is not among these, and for none of it.

    Example:
        >>> read_span("bucket", exp.Literal.string("15 Minutes"), ["minute", "hour"], "f(..)")
        Span(number=15, unit='minute')
    """
    inner = node.unnest()
    text = inner.name if isinstance(inner, exp.Literal) and inner.is_string else None
    if isinstance(inner, exp.Interval) and isinstance(inner.this, exp.Literal):
        text = f"{inner.this.name} {inner.args['unit'].name if inner.args.get('unit') else ''}"
    found = _SPAN.fullmatch(text) if text is not None else None
    if found is None:
        raise CallError(
            f"{option} takes a text such as '1 hour', not {node.sql()}", where=shown, hint=f"{option} => '1 hour'"
        )
    word = found[2].lower()
    unit = _SHORT.get(word, word.removesuffix("s"))
    if unit not in units:
        raise CallError(f"{option} knows no unit {found[2]!r}", where=shown, hint=nearest(unit, units))
    number = int(found[1] or 1)
    if not 1 <= number <= 1_000_000:
        raise CallError(f"{option} => {text!r} is out of range", where=shown, hint="1 to 1,000,000 of a unit")
    return Span(number, unit)


def time_kind(option: str, column: Expr, kind: Kind, source: Expr, shown: str) -> Kind:
    """The kind of a column that has to be a date or a timestamp.

    Args:
        option: what needs it.
        column: the column.
        kind: what the binder says.
        source: what the form reads; where nobody knows the columns, a cast in its SELECT list is asked.
        shown: the form, for messages.

    Raises:
        BindError: for another kind, or if nobody knows.
    """
    name = column.name
    if kind is Kind.UNKNOWN:
        kind = _cast_in(source, name)
    cast = f"CAST({name} AS TIMESTAMP) AS at in a parenthesized query, with order_by => 'at'"
    if kind is Kind.UNKNOWN:
        raise BindError(
            f"{option} needs to know whether {name} is a date, a timestamp, or one with time zone",
            where=shown,
            hint=f"give a connection or a schema, or say it: {cast}",
        )
    if kind not in TIMES:
        raise BindError(
            f"{option} needs order_by to name a date or a timestamp, and {name} is {_WORDS[kind]}",
            where=shown,
            hint=f"cast it: {cast}",
        )
    return kind


def _cast_in(source: Expr, name: str) -> Kind:
    """The kind that a query shows its column to have."""
    query = source.unnest() if isinstance(source, exp.Subquery) else None
    for part in query.selects if isinstance(query, exp.Query) else ():
        if part.alias_or_name.lower() == name.lower():
            return kind_shown(part.unalias())
    return Kind.UNKNOWN
