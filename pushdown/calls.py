"""Recognizes detection calls in a parsed query and reads their arguments; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.ops import Expr

BAND: Mapping[str, str] = {
    "anomaly_expected": "expected",
    "anomaly_lower": "lower",
    "anomaly_upper": "upper",
}
"""Functions of one feature: the value that is expected, and the ends of the band beyond which a value is an anomaly."""

OUTPUTS: Mapping[str, str] = {
    "anomaly_score": "score",
    "is_anomaly": "is_anomaly",
    "anomaly_threshold": "threshold",
    "anomaly_probability": "probability",
    "anomaly_reason": "reason",
    "anomaly_explanation": "explanation",
    "anomaly_status": "status",
    **BAND,
}
"""Function name -> what it computes."""


@dataclass(frozen=True, slots=True)
class Call:
    """One detection call as written.

    Attributes:
        root: the outermost node of the call, with FILTER and OVER.
        output: what it computes.
        function: its name.
        features: (expression, alias or None) in call order.
        options: option name in lower case -> literal node.
        condition: the FILTER condition or None.
        window: the OVER part or None.
    """

    root: Expr
    output: str
    function: str
    features: tuple[tuple[Expr, exp.Identifier | None], ...]
    options: Mapping[str, Expr]
    condition: Expr | None
    window: exp.Window | None


def name_of(node: Expr) -> str | None:
    """The detection function that this node calls, or None."""
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        if name in OUTPUTS:
            return name
    return None


def model_of(node: Expr) -> Expr | None:
    """What a detection call gives for ``model``, or None: such a call is a function of its row alone."""
    if name_of(node) is None:
        return None
    for argument in node.expressions:
        if isinstance(argument, exp.Kwarg | exp.PropertyEQ) and argument.this.name.lower() == "model":
            value: Expr = argument.expression
            return value
    return None


def contains_call(node: Expr) -> bool:
    """Whether a detection call stands in this node, however deep."""
    return any(name_of(part) for part in node.find_all(exp.Anonymous))


def root_of(node: Expr) -> Expr:
    """The node with its FILTER and OVER."""
    root = node
    while isinstance(
        root.parent, exp.Filter | exp.Window | exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup
    ):
        if root.parent.this is not root:
            break
        root = root.parent
    return root


def direct_calls(select: exp.Select) -> Iterator[exp.Anonymous]:
    """The calls whose nearest SELECT is this one."""
    for node in select.find_all(exp.Anonymous):
        if name_of(node) and node.find_ancestor(exp.Select) is select:
            yield node


def read_call(node: exp.Anonymous, window: exp.Window | None, options: frozenset[str], shown: str) -> Call:
    """Reads one call.

    Args:
        node: the function node.
        window: its OVER with named windows resolved, or None.
        options: every option name that some detector knows, for ``name = value``.
        shown: the call as the user wrote it, for messages.

    Raises:
        CallError: for a malformed argument.
        UnsupportedError: for a function or clause that is refused.
    """
    function = name_of(node) or ""
    root = root_of(node)
    features: list[tuple[Expr, exp.Identifier | None]] = []
    named: dict[str, Expr] = {}
    for argument in node.expressions:
        if isinstance(argument, exp.Kwarg | exp.PropertyEQ):
            key = argument.this.name.lower()
            if key in named:
                raise CallError(f"option {key} is given twice", where=shown, hint="keep one of them")
            named[key] = argument.expression
        elif (
            isinstance(argument, exp.EQ)
            and isinstance(argument.this, exp.Column)
            and not argument.this.table
            and argument.this.name.lower() in options
        ):
            key = argument.this.name.lower()
            raise CallError(
                f"{argument.sql()} compares a column with a value; it is no option",
                where=shown,
                hint=f"{key} => {argument.expression.sql()}",
            )
        elif named:
            raise CallError(
                f"{argument.sql()} stands behind the options", where=shown, hint="write the features first"
            )
        elif isinstance(argument, exp.Distinct):
            raise UnsupportedError(
                "DISTINCT is refused in a detection call", where=shown, hint="leave it out"
            )
        elif isinstance(argument, exp.Alias):
            features.append((argument.this, argument.args["alias"]))
        else:
            features.append((argument, None))
    if not features:
        raise CallError(f"{function} needs at least one feature", where=shown, hint=f"{function}(amount)")
    condition: Expr | None = None
    part: Expr | None = node
    while part is not None and part is not root:
        part = part.parent
        if isinstance(part, exp.Filter):
            condition = part.expression.this
        elif isinstance(part, exp.IgnoreNulls | exp.RespectNulls):
            raise UnsupportedError(
                "IGNORE NULLS and RESPECT NULLS are refused in a detection call",
                where=shown,
                hint="nulls => 'ignore' leaves missing features out",
            )
        elif isinstance(part, exp.WithinGroup):
            raise UnsupportedError(
                "WITHIN GROUP is refused in a detection call", where=shown, hint="use OVER"
            )
    return Call(root, OUTPUTS[function], function, tuple(features), named, condition, window)
