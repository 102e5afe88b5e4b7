"""Divides an expression of an outer clause between the inner SELECT and the outer one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.ops import Expr

TRANSPARENT = (exp.If, exp.Ordered, exp.Alias, exp.Tuple, exp.Distinct, exp.PropertyEQ, exp.Kwarg)
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


@dataclass(frozen=True, slots=True)
class Lift:
    """How expressions of outer clauses are divided.

    Attributes:
        inner: collects what the inner SELECT must compute.
        answer: gives what stands for a call's root node, None for any other node.
        alone: checks that a subquery reads nothing of this SELECT's rows, and raises where it does.
    """

    inner: Inner
    answer: Callable[[Expr], Expr | None]
    alone: Callable[[Expr], None]

    def __call__(self, node: Expr) -> Expr:
        """The expression over the scored rows: calls by their answers, what names the source computed inside.

        The node is not changed.
        """
        replaced = self.answer(node)
        if replaced is not None:
            return replaced
        if not contains_call(node):
            if isinstance(node, exp.Any | exp.All) or _is_rows(node):
                self.alone(node)
                return node.copy()
            if _constant(node):
                return node.copy()
            if not isinstance(node, TRANSPARENT):
                return exp.column(self.inner.reserve(node))
        fresh = node.copy()
        for key, value in node.args.items():
            if key == "this" and isinstance(node, exp.PropertyEQ | exp.Kwarg):
                continue  # the name of a field or an argument
            if isinstance(value, exp.Expr):
                fresh.set(key, self(value))
            elif isinstance(value, list):
                fresh.set(key, [self(part) if isinstance(part, exp.Expr) else part for part in value])
        return fresh


def _is_rows(node: Expr) -> bool:
    """Whether the node is a query that gives rows, not one value: as it is, or behind IN."""
    if isinstance(node, exp.Subquery):
        return isinstance(node.parent, exp.In) and node.arg_key == "query"
    return isinstance(node, exp.Query)


def _constant(node: Expr) -> bool:
    """Whether the node names nothing of the source and computes nothing."""
    return not any(isinstance(part, NAMELESS) and not isinstance(part, HARMLESS) for part in node.walk())
