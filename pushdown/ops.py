"""The closed vocabulary of scalar, aggregate and window expressions that generated SQL is made of.

Every function takes and returns sqlglot expressions and never changes its arguments. A node that prints the
same on every engine is a stock sqlglot node; one that does not is an ``sn_*`` placeholder that the dialect's
table of templates replaces (see ``lower``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sqlglot import exp

Expr = exp.Expr
Literal = exp.Literal
Array = exp.Array

LARGEST = 1e150
"""Magnitudes beyond this are out of range: their squares still fit a double."""


def column(name: str, table: str | None = None) -> Expr:
    """A reference to a generated column."""
    return exp.column(name, table=table)


def number(value: float) -> Expr:
    """A DOUBLE literal, always with an exponent: ``0.1`` alone is a DECIMAL on DuckDB and Spark.

    Raises:
        ValueError: for NaN and infinities, which are no SQL literals.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    text = repr(abs(float(value)))
    literal = exp.Literal.number(text if "e" in text else text + "e0")
    return exp.Neg(this=literal) if math.copysign(1.0, value) < 0 and value != 0 else literal


def integer(value: int) -> Expr:
    """An integer literal."""
    literal = exp.Literal.number(str(abs(value)))
    return exp.Neg(this=literal) if value < 0 else literal


def text(value: str) -> Expr:
    """A text literal."""
    return exp.Literal.string(value)


def constant(value: float | str | bool | Expr | None) -> Expr:
    """The literal of a Python value; what is an expression already stays it."""
    if isinstance(value, exp.Expr):
        return value.copy()
    if value is None:
        return null()
    if isinstance(value, bool):
        return true() if value else false()
    if isinstance(value, str):
        return text(value)
    return integer(value) if isinstance(value, int) else number(value)


def true() -> Expr:
    """The literal TRUE."""
    return exp.true()


def false() -> Expr:
    """The literal FALSE."""
    return exp.false()


def null() -> Expr:
    """The literal NULL."""
    return exp.null()


def _wrap(node: Expr) -> Expr:
    """A copy as an operand of arithmetic: any operator goes into parentheses."""
    copied = node.copy()
    return (
        exp.paren(copied, copy=False)
        if isinstance(copied, exp.Binary | exp.Unary) and not isinstance(copied, exp.Paren)
        else copied
    )


def _side(node: Expr) -> Expr:
    """A copy as a side of a comparison: only conditions go into parentheses."""
    copied = node.copy()
    return (
        exp.paren(copied, copy=False)
        if isinstance(copied, exp.Predicate | exp.Connector | exp.Not)
        else copied
    )


def add(left: Expr, right: Expr) -> Expr:
    """left + right."""
    return exp.Add(this=_wrap(left), expression=_wrap(right))


def sub(left: Expr, right: Expr) -> Expr:
    """left - right."""
    return exp.Sub(this=_wrap(left), expression=_wrap(right))


def mul(left: Expr, right: Expr) -> Expr:
    """left * right."""
    return exp.Mul(this=_wrap(left), expression=_wrap(right))


def div(left: Expr, right: Expr) -> Expr:
    """left / right, NULL where right is 0."""
    return exp.Div(this=_wrap(left), expression=func("NULLIF", right, number(0.0)))


def neg(value: Expr) -> Expr:
    """-value."""
    return exp.Neg(this=_wrap(value))


def func(name: str, *arguments: Expr) -> Expr:
    """A function whose name and meaning are the same everywhere, printed as it is."""
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def special(name: str, *arguments: Expr) -> Expr:
    """A placeholder ``sn_<name>`` that each dialect's templates replace."""
    return func(f"sn_{name}", *arguments)


def abs_(value: Expr) -> Expr:
    """The absolute value."""
    return func("ABS", value)


def sqrt(value: Expr) -> Expr:
    """The square root, NULL for a negative argument (engines raise or return NaN there)."""
    return func("SQRT", case((ge(value, number(0.0)), value)))


def ln(value: Expr) -> Expr:
    """The natural logarithm, NULL for an argument that is not positive."""
    return func("LN", case((gt(value, number(0.0)), value)))


def ln_positive(value: Expr) -> Expr:
    """The natural logarithm of what is positive by construction."""
    return func("LN", value)


def floor(value: Expr) -> Expr:
    """The largest whole number not above value."""
    return func("FLOOR", value)


def cast_double(value: Expr) -> Expr:
    """The value as DOUBLE."""
    return special("cast_double", value)


def cast_integer(value: Expr) -> Expr:
    """A whole number as an integer: not every engine partitions by floating point."""
    return special("cast_integer", value)


def eq(left: Expr, right: Expr) -> Expr:
    """left = right."""
    return exp.EQ(this=_side(left), expression=_side(right))


def ne(left: Expr, right: Expr) -> Expr:
    """left <> right."""
    return exp.NEQ(this=_side(left), expression=_side(right))


def lt(left: Expr, right: Expr) -> Expr:
    """left < right."""
    return exp.LT(this=_side(left), expression=_side(right))


def le(left: Expr, right: Expr) -> Expr:
    """left <= right."""
    return exp.LTE(this=_side(left), expression=_side(right))


def gt(left: Expr, right: Expr) -> Expr:
    """left > right."""
    return exp.GT(this=_side(left), expression=_side(right))


def ge(left: Expr, right: Expr) -> Expr:
    """left >= right."""
    return exp.GTE(this=_side(left), expression=_side(right))


def among(value: Expr, numbers: Sequence[int]) -> Expr:
    """value IN (1, 2, ..), of whole numbers."""
    return exp.In(this=_side(value), expressions=[integer(one) for one in numbers])


def is_null(value: Expr) -> Expr:
    """value IS NULL."""
    return exp.Is(this=_side(value), expression=exp.null())


def not_null(value: Expr) -> Expr:
    """value IS NOT NULL."""
    return exp.Not(this=is_null(value))


def same(left: Expr, right: Expr) -> Expr:
    """Equal, or both NULL."""
    return exp.NullSafeEQ(this=_side(left), expression=_side(right))


def _nary(kind: type[Expr], parts: Sequence[Expr]) -> Expr:
    """A balanced tree: a chain of 1,000 operands would overflow the stack of parsers and printers."""
    if len(parts) == 1:
        only = parts[0].copy()
        if kind is exp.Add:
            return _wrap(only)
        return (
            exp.paren(only, copy=False)
            if isinstance(only, exp.Connector) and not isinstance(only, kind)
            else only
        )
    middle = len(parts) // 2
    node: Expr = kind(this=_nary(kind, parts[:middle]), expression=_nary(kind, parts[middle:]))
    return node


def and_(*conditions: Expr) -> Expr:
    """All conditions; TRUE for none."""
    return _nary(exp.And, conditions) if len(conditions) != 1 else conditions[0].copy()


def or_(*conditions: Expr) -> Expr:
    """Any condition."""
    return _nary(exp.Or, conditions) if len(conditions) != 1 else conditions[0].copy()


def not_(condition: Expr) -> Expr:
    """NOT condition."""
    return exp.Not(
        this=_side(condition)
        if not isinstance(condition, exp.Connector)
        else exp.paren(condition.copy(), copy=False)
    )


def concat(parts: Sequence[Expr]) -> Expr:
    """The texts one after another; none may be NULL."""
    if len(parts) == 1:
        return parts[0].copy()
    middle = len(parts) // 2
    return exp.DPipe(this=concat(parts[:middle]), expression=concat(parts[middle:]), safe=True)


def total(parts: Sequence[Expr]) -> Expr:
    """The sum of the parts, balanced."""
    return _nary(exp.Add, parts) if len(parts) != 1 else parts[0].copy()


def case(*branches: tuple[Expr, Expr], default: Expr | None = None) -> Expr:
    """CASE WHEN condition THEN value .. [ELSE default] END; NULL without a default."""
    ifs = [exp.If(this=condition.copy(), true=value.copy()) for condition, value in branches]
    return exp.Case(ifs=ifs, default=default.copy() if default is not None else None)


def branch(condition: Expr, yes: Expr, no: Expr) -> Expr:
    """CASE WHEN condition THEN yes ELSE no END of the arguments themselves, which are given away: for deep trees."""
    return exp.Case(ifs=[exp.If(this=condition, true=yes)], default=no)


def steps(value: Expr, edges: Sequence[float], levels: Sequence[Expr]) -> Expr:
    """levels[i] for edges[i - 1] < value <= edges[i]: a balanced tree of comparisons.

    Args:
        value: never NULL.
        edges: in ascending order.
        levels: one more than edges; they are given away.
    """
    if not edges:
        return levels[0]
    middle = len(edges) // 2
    left = steps(value, edges[:middle], levels[: middle + 1])
    right = steps(value, edges[middle + 1 :], levels[middle + 1 :])
    return branch(le(value, number(edges[middle])), left, right)


def coalesce(*values: Expr) -> Expr:
    """The first value that is not NULL."""
    return func("COALESCE", *values)


def greatest(*values: Expr) -> Expr:
    """The largest value. Only for values that are never NULL: engines disagree on NULL."""
    return func("GREATEST", *values) if len(values) > 1 else values[0].copy()


def least(*values: Expr) -> Expr:
    """The smallest value. Only for values that are never NULL: engines disagree on NULL."""
    return func("LEAST", *values) if len(values) > 1 else values[0].copy()


def count(value: Expr) -> Expr:
    """Rows in which value is not NULL."""
    return func("COUNT", value)


def count_if(condition: Expr) -> Expr:
    """Rows that meet the condition."""
    return special("count_if", condition)


def sum_(value: Expr) -> Expr:
    """The sum, NULL over no rows."""
    return func("SUM", value)


def avg(value: Expr) -> Expr:
    """The arithmetic mean, compensated where the engine can: a plain sum of a million values near 1.7e9 loses 1e-5."""
    return special("avg", value)


def var_pop(value: Expr) -> Expr:
    """The population variance, by the engine's own two-pass or Welford algorithm."""
    return special("var_pop", value)


def covar_pop(left: Expr, right: Expr) -> Expr:
    """The population covariance, by the engine's own two-pass or Welford algorithm."""
    return special("covar_pop", left, right)


def min_(value: Expr) -> Expr:
    """The smallest value."""
    return func("MIN", value)


def max_(value: Expr) -> Expr:
    """The largest value."""
    return func("MAX", value)


def quantile(value: Expr, share: float) -> Expr:
    """The Hyndman-Fan type 7 quantile, interpolated between neighbours (doi:10.2307/2684934)."""
    return special("quantile", value, number(share))


def window(
    aggregate: Expr,
    *,
    partition: Sequence[Expr] = (),
    order: Sequence[Expr] = (),
    frame: Expr | None = None,
) -> Expr:
    """aggregate OVER (PARTITION BY .. ORDER BY .. frame); the order keys must never be NULL."""
    ordered = [
        exp.Ordered(this=key.copy()) if not isinstance(key, exp.Ordered) else key.copy() for key in order
    ]
    return exp.Window(
        this=aggregate.copy(),
        partition_by=[key.copy() for key in partition] or None,
        order=exp.Order(expressions=ordered) if ordered else None,
        spec=frame.copy() if frame is not None else None,
    )


def descending(key: Expr) -> Expr:
    """An ORDER BY key from the largest to the smallest."""
    return exp.Ordered(this=key.copy(), desc=True)


def rename(node: Expr, names: Mapping[str, Expr]) -> Expr:
    """The expression with each unqualified column in names replaced."""

    def rule(part: Expr) -> Expr:
        if isinstance(part, exp.Column) and not part.table and part.name in names:
            meaning = names[part.name]
            return (
                _wrap(meaning)
                if not isinstance(meaning, exp.Predicate)
                else exp.paren(meaning.copy(), copy=False)
            )
        return part

    return node.transform(rule)


AGGREGATES = frozenset(
    {"COUNT", "SUM", "MIN", "MAX", "sn_count_if", "sn_avg", "sn_var_pop", "sn_covar_pop", "sn_quantile"}
)
"""The aggregate functions of the vocabulary."""


def is_aggregate(node: Expr) -> bool:
    """Whether the node is a call of one of the vocabulary's aggregates."""
    return isinstance(node, exp.Anonymous) and str(node.this) in AGGREGATES
