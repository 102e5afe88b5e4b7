"""Divides an expression of an outer clause between the inner SELECT and the outer one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.ops import Expr

TRANSPARENT = (exp.If, exp.Ordered, exp.Alias, exp.Tuple, exp.Distinct)
"""Nodes that hold values but are none themselves: the division goes through them."""
NAMELESS = (exp.Column, exp.Func, exp.Query, exp.Star, exp.Placeholder, exp.Parameter)
HARMLESS = (exp.Cast, exp.Case, exp.Array, exp.And, exp.Or)
"""Functions to sqlglot that compute nothing by themselves."""


@dataclass(slots=True)
class Inner:
    """The projections of the inner SELECT, each distinct expression once.

    Attributes:
        items: (expression, name).
        taken: names in use, in lower case.
    """

    items: list[tuple[Expr, exp.Identifier]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    _known: dict[str, exp.Identifier] = field(default_factory=dict)

    def reserve(self, expr: Expr, wished: exp.Identifier | None = None) -> exp.Identifier:
        """The name of the expression inside: the wished one where it is free."""
        key = repr(expr)
        if wished is None and key in self._known:
            return self._known[key].copy()
        name = wished
        if name is None or name.name.lower() in self.taken or name.name.lower().startswith("_sn"):
            name = exp.to_identifier(f"_sn__p{len(self.items) + 1}")
        self._append(expr, name)
        self._known.setdefault(key, name)
        return name.copy()

    def add(self, expr: Expr, name: str) -> None:
        """Adds an expression under a generated name."""
        self._append(expr, exp.to_identifier(name))

    def _append(self, expr: Expr, name: exp.Identifier) -> None:
        self.items.append((expr.copy(), name.copy()))
        self.taken.add(name.name.lower())


def lift(node: Expr, inner: Inner, answer: Callable[[Expr], Expr | None]) -> Expr:
    """The expression over the scored rows: calls by their answers, what names the source computed inside.

    Args:
        node: an expression of an outer clause; not changed.
        inner: collects what the inner SELECT must compute.
        answer: gives what stands for a call's root node, None for any other node.
    """
    replaced = answer(node)
    if replaced is not None:
        return replaced
    if not contains_call(node):
        bare_query = isinstance(node, exp.Query) and not isinstance(node, exp.Subquery)
        if bare_query or _constant(node):
            return node.copy()
        if not isinstance(node, TRANSPARENT):
            return exp.column(inner.reserve(node))
    fresh = node.copy()
    for key, value in node.args.items():
        if isinstance(value, exp.Expr):
            fresh.set(key, lift(value, inner, answer))
        elif isinstance(value, list):
            fresh.set(
                key, [lift(part, inner, answer) if isinstance(part, exp.Expr) else part for part in value]
            )
    return fresh


def _constant(node: Expr) -> bool:
    """Whether the node names nothing of the source and computes nothing."""
    return not any(isinstance(part, NAMELESS) and not isinstance(part, HARMLESS) for part in node.walk())
