"""Replaces the vocabulary's placeholders by one dialect's own SQL, and refuses what it does not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import sqlglot
from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.booleans import as_condition, as_value
from sqlnomaly.pushdown.ops import Expr, and_, case

PREFIX = "sn_"
SAME = "same"
"""The template of ``IS NOT DISTINCT FROM``, where an engine has to spell it out."""
TRUTH = "truth"
"""The template that makes a value of a condition, where an engine tells the two apart; there may be one for ``true``
and one for ``false`` besides."""
HOLDS = "holds"
"""The template that makes a condition of such a value."""
NATIONAL = "national"
"""The template that shows that a text with more than ASCII is written N'..'."""
NUMBER = "number"
"""The template that makes a DOUBLE of a literal, where ``1e0`` is an exact number."""
UNTYPED = ("NULLIF", "sn_quantile")
"""Functions whose literal argument does not decide the type of what they give."""
EXTREMES = ("GREATEST", "LEAST")
"""Functions of any number of arguments; their template is the comparison by which an argument goes before another."""
WHOLE = (exp.AggFunc, exp.WithinGroup, exp.RespectNulls, exp.IgnoreNulls)
"""What OVER stands behind."""


@lru_cache(maxsize=512)
def _template(sql: str, dialect: str) -> Expr:
    """The parsed template; its arguments are placeholders named a, b, .."""
    select = sqlglot.parse_one(f"SELECT {sql}", read=dialect)
    node: Expr = select.expressions[0]
    return node


def filled(sql: str, dialect: str, *arguments: Expr) -> Expr:
    """A template with its holes filled: a copy, as templates are shared between statements."""
    values = dict(zip("abcd", arguments, strict=False))

    def fill(hole: Expr) -> Expr:
        return _operand(values[hole.name].copy(), hole.parent) if isinstance(hole, exp.Placeholder) else hole

    return _template(sql, dialect).transform(fill)


def _operand(argument: Expr, parent: exp.Expr | None) -> Expr:
    """The argument, in parentheses where the operator around it binds tighter than its own."""
    loose: tuple[type[exp.Expr], ...] = ()
    if isinstance(argument, exp.Paren):
        return argument
    if isinstance(parent, exp.Not | exp.Connector):
        loose = (exp.Connector,)
    elif isinstance(parent, exp.Predicate):
        loose = (exp.Predicate, exp.Connector, exp.Not)
    elif isinstance(parent, exp.Binary | exp.Unary | exp.AtTimeZone) and not isinstance(parent, exp.Paren):
        loose = (exp.Binary, exp.Unary)
    return exp.paren(argument, copy=False) if isinstance(argument, loose) else argument


def lower(node: Expr, dialect: Dialect, *, condition: bool = False) -> Expr:
    """The expression in the dialect's own functions; the argument is not changed.

    A template whose key is in capitals replaces a function that other dialects have under that name; a number behind
    the key says that it is for so many arguments.

    Args:
        node: an expression, or a query.
        dialect: the dialect to say it in.
        condition: whether it stands where a condition does, rather than a value.

    Raises:
        UnsupportedError: for an operator that the dialect has no template for.
    """
    lowered = _lower(node.copy(), dialect)
    truth, holds = dialect.templates.get(TRUTH), dialect.templates.get(HOLDS)
    if truth is None or isinstance(node, exp.Query):
        return lowered

    def value_of(test: Expr) -> Expr:
        known = dialect.templates.get(str(bool(test.this)).lower()) if isinstance(test, exp.Boolean) else None
        return filled(known or truth, dialect.sqlglot, test)

    if holds is None:
        return lowered if condition else as_value(lowered, value_of)
    holding = holds

    def condition_of(value: Expr) -> Expr:
        return filled(holding, dialect.sqlglot, value)

    return as_condition(lowered, value_of, condition_of) if condition else as_value(lowered, value_of, condition_of)


def _lower(node: Expr, dialect: Dialect) -> Expr:
    templates = dialect.templates

    def rule(part: Expr) -> Expr:
        if isinstance(part, exp.Window):
            return _windowed(part, dialect)
        if isinstance(part, exp.NullSafeEQ) and SAME in templates:
            sides = (_lower(part.this, dialect), _lower(part.expression, dialect))
            return filled(templates[SAME], dialect.sqlglot, *sides)
        if isinstance(part, exp.Literal) and part.is_string and NATIONAL in templates and not part.name.isascii():
            return exp.National(this=part.name)
        if isinstance(part, exp.Literal) and NUMBER in templates and _decides(part):
            return filled(templates[NUMBER], dialect.sqlglot, part)
        if not isinstance(part, exp.Anonymous):
            return part
        name = str(part.this)
        known = name.removeprefix(PREFIX)
        template = templates.get(f"{known}_{len(part.expressions)}", templates.get(known))
        if template is None and name.startswith(PREFIX):
            raise _missing(name.removeprefix(PREFIX), dialect)
        if template is None or not (name.startswith(PREFIX) or name.isupper()):
            return part
        arguments = [_lower(argument, dialect) for argument in part.expressions]
        if name in EXTREMES:
            return _extreme(arguments, template, dialect)
        return filled(template, dialect.sqlglot, *arguments)

    return node.transform(rule, copy=False)


def _decides(literal: exp.Literal) -> bool:
    """Whether the type of what stands around a DOUBLE literal may be the literal's."""
    around = literal.parent
    # NULLIF has the type of its first argument.
    untyped = isinstance(around, exp.Anonymous) and str(around.this) in UNTYPED and literal.index != 0
    if isinstance(around, exp.Predicate) or untyped:
        return False
    return not literal.is_string and "e" in literal.name


def _missing(operator: str, dialect: Dialect) -> UnsupportedError:
    reason = dialect.refused.get(operator)
    said = f"{dialect.name} has no operator {operator}" + (f": {reason}" if reason else "")
    return UnsupportedError(said, hint="see `sqlnomaly dialects`")


def _extreme(arguments: Sequence[Expr], comparison: str, dialect: Dialect) -> Expr:
    """The first argument that goes before all behind it; none is NULL."""
    branches = []
    for number, one in enumerate(arguments[:-1], start=1):
        beats = [filled(comparison, dialect.sqlglot, one, other) for other in arguments[number:]]
        branches.append((and_(*beats), one))
    return case(*branches, default=arguments[-1])


def _windowed(window: exp.Window, dialect: Dialect) -> Expr:
    """The window of a lowered function; where its template is a formula, every aggregate in it has the window.

    The arguments stand aside meanwhile: a user's own aggregate in them, as in a query with GROUP BY, has none.
    """
    call = window.this
    if not isinstance(call, exp.Anonymous):
        return window
    arguments = {f"_sn__argument{at}": _lower(part, dialect) for at, part in enumerate(call.expressions)}
    held = exp.Anonymous(this=call.this, expressions=[exp.column(name) for name in arguments])
    function = _lower(held, dialect)
    if isinstance(function, WHOLE) or function.find(*WHOLE) is None:
        window.set("this", function)
        return _put(window, arguments)
    # No template has an aggregate inside another.
    for aggregate in [part for part in function.find_all(*WHOLE) if part.find_ancestor(*WHOLE) is None]:
        over = window.copy()
        over.set("this", aggregate.copy())
        aggregate.replace(_lower(over, dialect))
    return _put(exp.paren(function, copy=False) if isinstance(function, exp.Binary) else function, arguments)


def _put(node: Expr, arguments: Mapping[str, Expr]) -> Expr:
    """The node with the arguments in their places."""

    def rule(part: Expr) -> Expr:
        if isinstance(part, exp.Column) and part.name in arguments:
            return _operand(arguments[part.name].copy(), part.parent)
        return part

    return node.transform(rule, copy=False)


def order_defaults(node: Expr, dialect: Dialect) -> Expr:
    """Generated ORDER BY keys are never NULL, so each takes the engine's own NULL order and none is printed."""
    style = sqlglot.Dialect.get_or_raise(dialect.sqlglot).NULL_ORDERING

    for ordered in node.find_all(exp.Ordered):
        descending = bool(ordered.args.get("desc"))
        first = style == "nulls_are_small" and not descending or style == "nulls_are_large" and descending
        ordered.set("nulls_first", first)
    return node
