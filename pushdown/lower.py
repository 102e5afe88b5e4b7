"""Replaces the vocabulary's placeholders by one dialect's own SQL, and refuses what it does not have."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.ops import Expr

PREFIX = "sn_"


@lru_cache(maxsize=512)
def _template(sql: str, dialect: str) -> Expr:
    """The parsed template; its arguments are placeholders named a, b, .."""
    select = sqlglot.parse_one(f"SELECT {sql}", read=dialect)
    node: Expr = select.expressions[0]
    return node


def lower(node: Expr, dialect: Dialect) -> Expr:
    """The expression in the dialect's own functions; the argument is not changed.

    Raises:
        UnsupportedError: for an operator that the dialect has no template for.
    """
    return _lower(node.copy(), dialect)


def _lower(node: Expr, dialect: Dialect) -> Expr:
    def rule(part: Expr) -> Expr:
        if not isinstance(part, exp.Anonymous) or not str(part.this).startswith(PREFIX):
            return part
        name = str(part.this)[len(PREFIX) :]
        template = dialect.templates.get(name)
        if template is None:
            raise UnsupportedError(f"{dialect.name} has no operator {name}", hint="see `sqlnomaly dialects`")
        arguments = {letter: _lower(argument, dialect) for letter, argument in zip("abcd", part.expressions)}  # noqa: B905

        def fill(hole: Expr) -> Expr:
            if isinstance(hole, exp.Placeholder):
                return arguments[hole.name].copy()
            return hole

        # Own copies: the template is shared between statements.
        return _template(template, dialect.sqlglot).copy().transform(fill)

    return node.transform(rule, copy=False)


def order_defaults(node: Expr, dialect: Dialect) -> Expr:
    """Generated ORDER BY keys are never NULL, so each takes the engine's own NULL order and none is printed."""
    style = sqlglot.Dialect.get_or_raise(dialect.sqlglot).NULL_ORDERING

    for ordered in node.find_all(exp.Ordered):
        descending = bool(ordered.args.get("desc"))
        first = style == "nulls_are_small" and not descending or style == "nulls_are_large" and descending
        ordered.set("nulls_first", first)
    return node
