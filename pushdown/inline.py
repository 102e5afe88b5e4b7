"""Writes an expression over a plan's last step as one expression over the rows, where windows do not nest."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Extend, Node, Source

LONGEST = 1500
"""Nodes of an expression that is still readable in place."""


def inlined(expression: Expr, node: Node, source: Mapping[str, Expr]) -> Expr | None:
    """The expression with every column of the plan written out; None if it nests windows or grows too long.

    Args:
        expression: over the columns of node.
        node: a chain of Extend steps over a Source.
        source: the expression of each column of the source.
    """
    while not isinstance(node, Source):
        if not isinstance(node, Extend):
            return None
        if _nests(expression, node.columns):
            return None
        expression = ops.rename(expression, node.columns)
        if sum(1 for _ in expression.walk()) > LONGEST:
            return None
        node = node.data
    return ops.rename(expression, source)


def _nests(expression: Expr, columns: Mapping[str, Expr]) -> bool:
    """Whether a window of the expression would hold another window."""
    for window in expression.find_all(exp.Window):
        for column in window.find_all(exp.Column):
            if column.name in columns and columns[column.name].find(exp.Window):
                return True
    return False
