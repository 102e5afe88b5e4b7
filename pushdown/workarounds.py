"""Steps of a plan said over again for engines that lack a part of the vocabulary: more steps, the same columns."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.frames import SO_FAR
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Extend, Group, Match, Node

PEERS = "peer_frames"
"""Lacked by an engine whose aggregates in OVER (ORDER BY ..) end at the row itself, never at the last of its peers."""
SORTS = "several_sorts"
"""Lacked by an engine that sorts by one expression for all the quantiles of a SELECT."""
UNITS = "interval_units"
"""Lacked by an engine that takes no frame from INTERVAL 7 DAY to INTERVAL 1 HOUR, of two units."""
SECONDS: Mapping[str, int] = {"WEEK": 604_800, "DAY": 86_400, "HOUR": 3_600, "MINUTE": 60, "SECOND": 1}
"""How long a unit is, on such an engine."""
GROWING = frozenset({"COUNT", "SUM"})
"""What is asked up to the last peer: numbers of rows, and sums of weights, which never fall."""


def said_over(node: Node, lacked: Mapping[str, str]) -> Node:
    """The node in the words of an engine that lacks these features; itself where it has all it takes."""
    if isinstance(node, Extend) and PEERS in lacked:
        return without_peers(node)
    if isinstance(node, Extend) and UNITS in lacked:
        return one_unit(node)
    if isinstance(node, Group) and SORTS in lacked:
        return one_sort(node)
    return node


def without_peers(node: Extend) -> Extend:
    """Running numbers by ROWS one step earlier; of these the largest among peers is what the last of them has.

    FIRST_VALUE, which has no peers, takes the same frame where it stands.
    """
    early: dict[str, Expr] = {}

    def rule(part: Expr, column: str) -> Expr:
        if not isinstance(part, exp.Window) or not part.args.get("order") or part.args.get("spec") is not None:
            return part
        function, framed = part.this, part.copy()
        framed.set("spec", SO_FAR.spec())
        if isinstance(function, exp.Anonymous) and function.name == "FIRST_VALUE":
            return framed
        if not ops.is_aggregate(function):
            return part
        assert function.name in GROWING, f"{function.name} up to the last peer"
        name = f"{column}_running{len(early) + 1}"
        early[name] = framed
        keys = [key.this for key in part.args["order"].expressions]
        return ops.window(ops.max_(ops.column(name)), partition=[*(part.args.get("partition_by") or ()), *keys])

    columns = {name: expr.transform(rule, name) for name, expr in node.columns.items()}
    if columns == node.columns:
        return node
    if not early:
        return Extend(node.data, node.name, columns, node.carry)
    read = {column.name for expr in columns.values() for column in expr.find_all(exp.Column)}
    carried = tuple(sorted((read | set(node.carry)) - set(early)))
    return Extend(Extend(node.data, f"{node.name}_running", early, carried), node.name, columns, node.carry)


def one_sort(node: Group) -> Node:
    """The quantiles of each value in a step of their own, beside each other again in the last."""
    sorts: dict[str, dict[str, Expr]] = {}
    rest: dict[str, Expr] = {}
    for name, expr in node.columns.items():
        values = {repr(part.expressions[0]) for part in expr.find_all(exp.Anonymous) if part.name == "sn_quantile"}
        assert len(values) < 2, "quantiles of two values in one column"
        (sorts.setdefault(values.pop(), {}) if values else rest)[name] = expr
    if len(sorts) < 2:
        return node
    first, *others = sorts.values()
    found: Node = Group(node.data, node.name, {**rest, **first}, node.by)
    for number, columns in enumerate(others, start=2):
        match = Match(found, Group(node.data, f"{node.name}_{number}", columns, node.by), node.by)
        found = Extend(match, f"{node.name}_to_{number}", {}, tuple(columns))
    return found



def one_unit(node: Extend) -> Extend:
    """The frames with both offsets in the shorter of their units, where these are of days or less."""

    def rule(part: Expr) -> Expr:
        ends = [part.args.get("start"), part.args.get("end")] if isinstance(part, exp.WindowSpec) else []
        offsets = [one for one in ends if isinstance(one, exp.Interval) and one.name.isdigit()]
        units = {_unit(one) for one in offsets}
        if len(offsets) < 2 or len(units) < 2 or not units <= SECONDS.keys():
            return part
        unit, moved = min(units, key=SECONDS.__getitem__), part.copy()
        for end, one in zip(("start", "end"), offsets, strict=True):
            length = int(one.name) * SECONDS[_unit(one)] // SECONDS[unit]
            moved.set(end, exp.Interval(this=exp.Literal.string(str(length)), unit=exp.var(unit)))
        return moved

    columns = {name: expr.transform(rule) for name, expr in node.columns.items()}
    return node if columns == node.columns else Extend(node.data, node.name, columns, node.carry)


def _unit(interval: exp.Interval) -> str:
    """DAY, HOUR, ..; of INTERVAL '7 days' nothing."""
    unit = interval.args.get("unit")
    return "" if unit is None else unit.name.upper().removesuffix("S")
