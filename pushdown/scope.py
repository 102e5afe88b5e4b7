"""The rewrite of one SELECT: the calls become columns, and everything else keeps its meaning, order, type and name.

Two forms. *In place*: the call is replaced by an expression of window functions. *Wrap*: an inner SELECT keeps FROM to
HAVING and computes, under generated names, whatever the outer clauses need; the outer one restores names, DISTINCT,
QUALIFY, ORDER BY and LIMIT over the scored rows. Stars are listed from what the binder says of them, or kept as
``* EXCEPT`` over a single source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.names import is_plain
from sqlnomaly.pushdown.ops import Expr

TRANSPARENT = (exp.If, exp.Ordered, exp.Alias, exp.PropertyAlias if hasattr(exp, "PropertyAlias") else exp.Alias)
"""Nodes that hold values but are none themselves: the rewrite goes through them."""


def is_star(node: Expr) -> bool:
    """Whether a projection is ``*`` or ``t.*``."""
    return isinstance(node, exp.Star) or isinstance(node, exp.Column) and isinstance(node.this, exp.Star)


@dataclass(slots=True)
class Inner:
    """The projections of the inner SELECT, each distinct expression once.

    Attributes:
        taken: output names in use, in lower case.
    """

    items: list[tuple[Expr, exp.Identifier]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    _known: dict[str, exp.Identifier] = field(default_factory=dict)

    def reserve(self, expr: Expr, wished: exp.Identifier | None) -> exp.Identifier:
        """The name of the expression in the inner SELECT: the wished one if it is plain and free."""
        key = repr(expr)
        if wished is None and key in self._known:
            return self._known[key].copy()
        name = wished
        if name is None or name.name.lower() in self.taken or name.name.lower().startswith("_sn"):
            name = exp.to_identifier(f"_sn__p{len(self.items) + 1}")
        assert name is not None
        self.items.append((expr.copy(), name.copy()))
        self.taken.add(name.name.lower())
        self._known.setdefault(key, name)
        return name.copy()

    def named(self, expr: Expr, name: str) -> None:
        """Adds an expression under a generated name."""
        self.items.append((expr.copy(), exp.to_identifier(name)))
        self.taken.add(name.lower())


def lift(node: Expr, inner: Inner, answer: Callable[[Expr], Expr | None]) -> Expr:
    """The expression over the scored rows: calls by their columns, the rest computed inside.

    Args:
        node: an expression of an outer clause; not changed.
        inner: collects what the inner SELECT must compute.
        answer: gives the replacement of a call's root node, None for any other node.
    """
    replaced = answer(node)
    if replaced is not None:
        return replaced
    if not contains_call(node):
        if _constant(node):
            return node.copy()
        if isinstance(node, exp.Query) and not isinstance(node, exp.Subquery):
            return node.copy()
        if not isinstance(node, TRANSPARENT):
            return exp.Column(this=inner.reserve(node, None))
    fresh = node.copy()
    for key, value in node.args.items():
        if isinstance(value, exp.Expr):
            fresh.set(key, lift(value, inner, answer))
        elif isinstance(value, list):
            fresh.set(key, [lift(part, inner, answer) if isinstance(part, exp.Expr) else part for part in value])
    return fresh


def _constant(node: Expr) -> bool:
    """Whether the node names nothing of the source and computes nothing."""
    return not any(
        isinstance(part, exp.Column | exp.Func | exp.Query | exp.Star | exp.Placeholder | exp.Parameter)
        and not isinstance(part, exp.Cast | exp.Case | exp.Array | exp.Tuple | exp.And | exp.Or)
        for part in node.walk()
    )


@dataclass(frozen=True, slots=True)
class Output:
    """One projection of the outer SELECT: a star, or an expression with its name (None where nobody can know it)."""

    expression: Expr
    name: exp.Identifier | None


def visible_name(projection: Expr, known: str | None) -> exp.Identifier | None:
    """The name under which a projection would come out of the user's query."""
    if isinstance(projection, exp.Alias):
        alias: exp.Identifier = projection.args["alias"].copy()
        return alias
    if isinstance(projection, exp.Column) and isinstance(projection.this, exp.Identifier) and known is None:
        return projection.this.copy()
    if isinstance(projection, exp.Column) and known is not None and known == projection.name:
        return projection.this.copy()
    return exp.to_identifier(known, quoted=True) if known is not None else None


def order_target(
    ordered: exp.Ordered, aliases: Mapping[str, Expr], projections: Sequence[tuple[Expr, exp.Identifier | None]]
) -> Expr | None:
    """The ORDER BY key as it stays in the outer SELECT: a position or an output's name; None if it must be computed."""
    key = ordered.this
    if isinstance(key, exp.Literal) and not key.is_string:
        return key.copy()
    if isinstance(key, exp.Column) and not key.table and key.name.lower() in aliases:
        return key.copy()
    return None


def restrict_star(star: Expr, generated: Sequence[str], table: str) -> Expr:
    """``*`` over the scored rows without the generated columns, keeping the user's own EXCEPT and REPLACE."""
    inside = star.this if isinstance(star, exp.Column) else star
    fresh = inside.copy()
    except_ = [*(fresh.args.get("except_") or []), *(exp.to_identifier(name) for name in generated)]
    fresh.set("except_", except_)
    return fresh


def single_source(select: exp.Select) -> str | None:
    """The name of the only source in FROM, or None."""
    if select.args.get("joins") or select.args.get("laterals") or not select.args.get("from_"):
        return None
    name: str = select.args["from_"].this.alias_or_name
    return name or None


def unquoted(identifier: exp.Identifier) -> bool:
    """Whether the identifier can stand as it is in generated SQL."""
    return is_plain(identifier)


def no_star(select: exp.Select, dialect: str) -> UnsupportedError:
    """The error for a star whose columns nobody can name."""
    return UnsupportedError(
        "* over a join cannot be kept without knowing its columns",
        where=select.sql(dialect)[:200],
        hint="name the columns, or give a schema or a connection",
    )
