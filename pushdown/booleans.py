"""Conditions where a value stands, and values where a condition stands, for engines that tell the two apart."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from sqlnomaly.pushdown.ops import Expr

Turn = Callable[[Expr], Expr]
"""Makes a value of a condition, or a condition of a value."""

JOINED = (exp.Connector, exp.Not, exp.Paren)
"""What passes on what it is made of: its parts are conditions where it is one."""


def is_condition(node: Expr) -> bool:
    """Whether the node is true, false or unknown, and no value that says so."""
    if isinstance(node, exp.Paren):
        return is_condition(node.this)
    return isinstance(node, exp.Predicate | exp.Connector | exp.Not | exp.Boolean)


def tells(node: Expr) -> bool:
    """Whether the node is a condition, or a CASE or COALESCE that gives one."""
    if isinstance(node, exp.Paren):
        return tells(node.this)
    if isinstance(node, exp.Case):
        return any(tells(part) for part in _results(node))
    if isinstance(node, exp.Coalesce):
        return any(tells(part) for part in (node.this, *node.expressions))
    return is_condition(node)


def as_value(node: Expr, value_of: Turn, condition_of: Turn | None = None) -> Expr:
    """The expression where a value stands; the argument may be changed.

    Args:
        node: a lowered expression.
        value_of: makes a value of a condition; NULL must stay NULL.
        condition_of: makes a condition of such a value; None where the engine takes one for the other, so that only
            the whole expression matters, by its type.
    """
    if condition_of is None:
        return value_of(node) if tells(node) else node
    return _value(node, value_of, condition_of)


def as_condition(node: Expr, value_of: Turn, condition_of: Turn) -> Expr:
    """The expression where a condition stands; the argument may be changed."""
    if isinstance(node, JOINED):
        for key, child in _children(node):
            node.set(key, as_condition(child, value_of, condition_of))
        return node
    if isinstance(node, exp.Boolean):
        return node
    if is_condition(node):
        return _inner(node, value_of, condition_of)
    return condition_of(_value(node, value_of, condition_of))


def _value(node: Expr, value_of: Turn, condition_of: Turn) -> Expr:
    if is_condition(node):
        return value_of(as_condition(node, value_of, condition_of))
    return _inner(node, value_of, condition_of)


def _inner(node: Expr, value_of: Turn, condition_of: Turn) -> Expr:
    """The node with what stands in it put right: a WHEN is a condition, everything else a value."""
    for part in [*node.args.get("ifs", ()), *([node] if isinstance(node, exp.If) else [])]:
        if not (isinstance(node, exp.Case) and node.this is not None):
            part.set("this", as_condition(part.this, value_of, condition_of))
        part.set("true", _value(part.args["true"], value_of, condition_of))
    for key, child in _children(node):
        if key not in ("ifs", "true") and not (isinstance(node, exp.If) and key == "this"):
            node.set(key, _value(child, value_of, condition_of))
    for key, several in list(node.args.items()):
        if key != "ifs" and isinstance(several, list):
            parts = [_value(p, value_of, condition_of) if isinstance(p, exp.Expr) else p for p in several]
            node.set(key, parts)
    return node


def _children(node: Expr) -> list[tuple[str, Expr]]:
    return [(key, value) for key, value in node.args.items() if isinstance(value, exp.Expr)]


def _results(node: exp.Case) -> list[Expr]:
    results = [part.args["true"] for part in node.args["ifs"]]
    default = node.args.get("default")
    return results if default is None else [*results, default]
