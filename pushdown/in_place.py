"""The in-place form: a call is replaced by an expression of window functions, and nothing else moves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.columns import name_columns
from sqlnomaly.pushdown.drafts import Draft, Wish
from sqlnomaly.pushdown.fit import in_windows, stand
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Extend, Given, Match, Node, Source
from sqlnomaly.pushdown.scored import score
from sqlnomaly.pushdown.select import Scope
from sqlnomaly.pushdown.verdict import Answers

READABLE = 250
"""Nodes of an expression that is still pleasant to read in place of a call."""
POSSIBLE = 50_000
"""Nodes of an expression that still prints."""
OUTPUTS = ("score", "is_anomaly", "threshold")


def in_place(
    scope: Scope, drafts: list[Draft], wishes: Mapping[int, Wish], *, needed: bool
) -> exp.Select | None:
    """The SELECT with its calls written out, or None where that is not one level of windows.

    Args:
        scope: the SELECT.
        drafts: its fits.
        wishes: what its calls ask.
        needed: whether the rows may be read only once, so that length does not matter.
    """
    if scope.select.args.get("group") or scope.select.args.get("distinct"):
        return None
    if any(draft.options.detector.on_client or draft.options.lags is not None for draft in drafts):
        return None
    fixed = all(wish.call.output in OUTPUTS and wish.rule.threshold is not None for wish in wishes.values())
    if not fixed or not (needed or all(draft.order for draft in drafts)):
        return None
    dialect = scope.settings.dialect
    written: dict[str, Expr] = {}

    def add(expr: Expr, name: str) -> str:
        written[name] = lower(expr, dialect)
        return name

    scored = []
    for fit in name_columns(scope, drafts, add):
        source = Source("")
        beside = stand(fit, source, source) if fit.windowed() else in_windows(fit, source)
        if beside is None:
            return None
        scored.append((fit, score(fit, beside, set(OUTPUTS))))
    replacements: dict[int, Expr] = {}
    for key, wish in wishes.items():
        fit, rows = scored[wish.fit]
        answer = getattr(Answers(fit, rows, wish.rule, ""), wish.call.output)()
        flat = inlined(answer, rows.node, written, POSSIBLE if needed else READABLE)
        if flat is None:
            return None
        replacements[key] = order_defaults(lower(flat, dialect), dialect)
    return _replaced(scope.select, wishes, replacements)


def _replaced(select: exp.Select, wishes: Mapping[int, Wish], replacements: Mapping[int, Expr]) -> exp.Select:
    fresh = select.copy()
    pairs = list(zip(list(select.walk()), list(fresh.walk()), strict=True))
    for original, copied in pairs:
        if id(original) not in replacements:
            continue
        answer = replacements[id(original)]
        if copied.parent is fresh:
            answer = exp.alias_(answer, wishes[id(original)].call.function)
        elif not isinstance(copied.parent, exp.Alias):
            answer = exp.paren(answer)
        copied.replace(answer)
    return fresh


def inlined(
    expression: Expr,
    node: Node,
    source: Mapping[str, Expr],
    longest: int,
    named: Mapping[str, Expr] = MappingProxyType({}),
) -> Expr | None:
    """The expression with every column of the plan written out; None if windows nest or it grows too long.

    Args:
        expression: over the columns of node.
        node: a chain of Extend steps over a Source; a match with a given model counts as its rows.
        source: the expression of each column of the source.
        longest: the number of nodes that it may have.
        named: what stands for these columns, wherever they are computed.
    """
    while not isinstance(node, Source):
        if isinstance(node, Match) and isinstance(node.model, Given):  # its columns are written out below
            node = node.data
            continue
        if not isinstance(node, Extend) or _nests(expression, node.columns):
            return None
        expression = ops.rename(expression, {**node.columns, **named})
        if sum(1 for _ in expression.walk()) > longest:
            return None
        node = node.data
    return ops.rename(expression, source)


def _nests(expression: Expr, columns: Mapping[str, Expr]) -> bool:
    """Whether a window of the expression would hold another window."""
    return any(
        column.name in columns and columns[column.name].find(exp.Window)
        for window in expression.find_all(exp.Window)
        for column in window.find_all(exp.Column)
    )
