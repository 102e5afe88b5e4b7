"""Bugs that any detector can have: each makes a detector of another one, with something wrong in it.

    otherwise    its own options are not the defaults
    fewer        it is fitted on one row less of each partition
    off          the numbers of its model are one per cent too large
    opposite     > for <=, < for >= and the reverse, in every expression that it gives
    one_more     every count and sum of its expressions is one too large
    larger       every number of its expressions is one per cent too large
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.client import ClientFit, Learned
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Append, Around, Earlier, Extend, Group, Keep, Knots, Match, Node, Relation
from sqlnomaly.pushdown.sample import PLACE
from sqlnomaly.udfs.sampled import Sampled
from tests.conformance.variants import PARAMETERS

Kind = type[Detector]
Rule = Callable[[Expr], Expr]

GIVES = ("state", "summary", "finish", "fused", "meet", "follow", "term", "terms", "score")
"""The methods by which a detector gives expressions."""
OPPOSITE: Mapping[type[Expr], type[Expr]] = {
    exp.GT: exp.LTE, exp.LTE: exp.GT, exp.LT: exp.GTE, exp.GTE: exp.LT,
}  # fmt: skip
COUNTS = frozenset({"COUNT", "SUM", "sn_count_if"})
TOO_LARGE = 1.01
DONE = "changed by a bug"
"""What marks a part of an expression: a method passes on what another one gave."""
LEFT_OUT = 3
"""The place in the sample of the row that is left out: every partition but the smallest has one."""


def bugs(kind: Kind) -> dict[str, Kind]:
    """The detector with each of the bugs that it can have, by their names."""
    found = {"otherwise": with_options(kind, PARAMETERS.get(kind.name, {}))} if PARAMETERS.get(kind.name) else {}
    if kind().sample is not None:
        found["fewer"] = with_learn(kind, fewer)
    if issubclass(kind, Sampled):
        found["off"] = with_numbers(kind)
    elif not kind.by_function and kind().on_client:
        found["off"] = with_learn(kind, too_large)
    return found


def bugs_of_expressions(kind: Kind) -> dict[str, Kind]:
    """The detector with each of the bugs that are made in its expressions; it need not have what they change."""
    return {rule.__name__: with_rule(kind, rule) for rule in (opposite, one_more, larger)}


def made(kind: Kind, what: str, methods: Mapping[str, Any]) -> Kind:
    """A detector of the same name with other methods."""
    return type(f"{kind.__name__}{what.title()}", (kind,), {"__module__": __name__, **methods})


def with_options(kind: Kind, options: Mapping[str, Any]) -> Kind:
    """The detector with other defaults."""

    def init(self: Detector, **given: Any) -> None:
        kind.__init__(self, **{**options, **given})

    return made(kind, "otherwise", {"__init__": init})


def with_learn(kind: Kind, learn: Callable[[Detector, Kind, pa.Table, ClientFit], Learned]) -> Kind:
    """The detector with another fit on the client."""
    return made(
        kind, learn.__name__, {"learn": lambda self, rows, fit: learn(self, kind, rows, fit)}
    )


def fewer(detector: Detector, kind: Kind, rows: pa.Table, fit: ClientFit) -> Learned:
    """The fit without one of the drawn rows of each partition."""
    return kind.learn(detector, rows.filter(pc.not_equal(rows.column(PLACE), LEFT_OUT)), fit)


def too_large(detector: Detector, kind: Kind, rows: pa.Table, fit: ClientFit) -> Learned:
    """The fit with each of its numbers too large."""
    learned = kind.learn(detector, rows, fit)
    relation = learned.relation
    for number, field in enumerate(relation.schema):
        if field.name not in fit.keys and pa.types.is_floating(field.type):
            relation = relation.set_column(number, field.name, pc.multiply(relation.column(field.name), TOO_LARGE))
    return replace(learned, relation=relation)


def with_numbers(kind: type[Sampled]) -> Kind:
    """The detector with each number that it keeps too large."""

    def learn_rows(self: Sampled, rows: Any) -> Any:
        return {name: array * TOO_LARGE for name, array in kind.learn_rows(self, rows).items()}

    return made(kind, "off", {"learn_rows": learn_rows})


def with_rule(kind: Kind, rule: Rule) -> Kind:
    """The detector with every expression rewritten."""

    def rewritten(name: str) -> Callable[..., Any]:
        def method(self: Detector, *arguments: Any) -> Any:
            return applied(getattr(kind, name)(self, *arguments), rule)

        return method

    return made(kind, rule.__name__, {name: rewritten(name) for name in GIVES if hasattr(kind, name)})


def opposite(part: Expr) -> Expr:
    """A comparison that is true where it was false; once."""
    turned = OPPOSITE.get(type(part))
    if turned is None or part.meta.get(DONE):
        return part
    found = turned(this=part.this, expression=part.expression)
    found.meta[DONE] = True
    return found


def one_more(part: Expr) -> Expr:
    """A count or a sum, over a window too, with one added; once."""
    counted = part.this if isinstance(part, exp.Window) else part
    if not isinstance(counted, exp.Anonymous) or str(counted.this) not in COUNTS or counted.meta.get(DONE):
        return part
    counted.meta[DONE] = True
    return ops.add(part, ops.integer(1))


def larger(part: Expr) -> Expr:
    """A DOUBLE literal that is one per cent too large; once. A whole number counts or is a place."""
    if not isinstance(part, exp.Literal) or part.is_string or "e" not in part.name or part.meta.get(DONE):
        return part
    found = ops.number(float(part.name) * TOO_LARGE)
    found.meta[DONE] = True
    return found


def applied(given: Any, rule: Rule) -> Any:
    """What a method gave, rewritten: an expression, several, a relation, or nothing."""
    if isinstance(given, Relation):
        return replace(given, node=through(given.node, rule))
    if isinstance(given, exp.Expr):
        return given.copy().transform(rule)
    return None if given is None else [applied(one, rule) for one in given]


def through(node: Node, rule: Rule) -> Node:
    """The plan with each of its expressions rewritten."""
    if isinstance(node, Group | Extend | Append):
        columns = {name: expr.copy().transform(rule) for name, expr in node.columns.items()}
        node = replace(node, columns=columns)
    if isinstance(node, Keep):
        node = replace(node, condition=node.condition.copy().transform(rule))
    if isinstance(node, Match):
        node = replace(node, model=through(node.model, rule))
    if isinstance(node, Append):
        node = replace(node, other=through(node.other, rule))
    if isinstance(node, Group | Extend | Append | Keep | Match | Knots | Earlier | Around):
        node = replace(node, data=through(node.data, rule))
    return node
