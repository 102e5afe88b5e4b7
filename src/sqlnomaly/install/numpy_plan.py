"""A detector's plan for one feature of one partition, as statements of numpy: the formulas stay where they are said.

Every value is a float or an array of them; NaN stands for NULL, in truth values too. That is sound where no NaN comes
in: the feature is clean. The words that the statements use are defined in ``snowflake_vectorized``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.fit import Fit, stand
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Extend, Feature, Group, Match, Node, Source
from sqlnomaly.pushdown.scored import score
from sqlnomaly.udfs.registry import detectors

X = "x"
"""The clean feature, and the stem of its statistics."""

_INFIX: Mapping[type[Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_PREFIX: Mapping[type[Expr], str] = {
    exp.EQ: "eq",
    exp.NEQ: "ne",
    exp.LT: "lt",
    exp.LTE: "le",
    exp.GT: "gt",
    exp.GTE: "ge",
    exp.And: "both",
    exp.Or: "either",
}
_FUNCTIONS: Mapping[str, str] = {
    "ABS": "np.abs",
    "SQRT": "np.sqrt",
    "LN": "np.log",
    "NULLIF": "nullif",
    "GREATEST": "greatest",
    "LEAST": "least",
    "COALESCE": "coalesce",
    "COUNT": "count",
    "SUM": "total",
    "MIN": "smallest",
    "MAX": "largest",
    "sn_avg": "mean",
    "sn_var_pop": "variance",
    "sn_quantile": "quantile",
    "sn_count_if": "count_if",
    "sn_cast_double": "np.float64",
}
_WINDOWS: Mapping[str, str] = {"RANK": "rank", "COUNT": "running_count"}


def statements(detector: str) -> list[str]:
    """Assignments to ``v``, from ``v["x"]`` to ``v["x__term"]``, with ``v["x__n"]`` and ``v["x__scale"]`` on the way.

    Raises:
        UnsupportedError: for a plan with words that have no reading here.
    """
    kind = detectors()[detector]
    feature = Feature(X, X, X)
    fit = Fit(
        number=1,
        detector=kind(),
        features=(feature,),
        raw=(X,),
        keys=(),
        order=(),
        frame=None,
        fitted=None,
        leave_one_out=False,
        nulls="propagate",
        min_rows=kind.rows,
    )
    source = Source("rows")
    scored = score(fit, stand(fit, source, source), {"score"}, ("n", "scale"))
    found: dict[str, None] = dict.fromkeys(_assignments(scored.node))
    return list(found)


def _assignments(node: Node) -> Iterator[str]:
    """The statements of a plan step and of those before it; the same one may come more than once."""
    match node:
        case Source():
            return
        case Match():
            yield from _assignments(node.data)
            yield from _assignments(node.model)
        case Group() | Extend():
            yield from _assignments(node.data)
            for name, expression in node.columns.items():
                if expression != ops.min_(ops.column(name)):  # carried along: it is there
                    yield f"v[{name!r}] = {_text(expression)}"
        case _:
            raise _refused(type(node).__name__)


def _text(node: Expr) -> str:
    """An expression in Python."""
    if isinstance(node, exp.Paren):
        return _text(node.this)
    if isinstance(node, exp.Column):
        return f"v[{node.name!r}]"
    if isinstance(node, exp.Literal) and not node.is_string:
        return repr(float(node.name))
    if isinstance(node, exp.Null):
        return "np.nan"
    if isinstance(node, exp.Neg):
        return f"(-{_text(node.this)})"
    if isinstance(node, exp.Not):
        return f"(1.0 - {_text(node.this)})"
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return f"is_null({_text(node.this)})"
    if isinstance(node, exp.Case) and node.this is None:
        branches = "".join(f"({_text(one.this)}, {_text(one.args['true'])}), " for one in node.args["ifs"])
        default = node.args.get("default")
        return f"case([{branches}], {'np.nan' if default is None else _text(default)})"
    if isinstance(node, exp.Window):
        return _window(node)
    if type(node) in _INFIX:
        return f"({_text(node.this)} {_INFIX[type(node)]} {_text(node.expression)})"
    if type(node) in _PREFIX:
        return f"{_PREFIX[type(node)]}({_text(node.this)}, {_text(node.expression)})"
    if isinstance(node, exp.Anonymous) and str(node.this) in _FUNCTIONS:
        return f"{_FUNCTIONS[str(node.this)]}({', '.join(map(_text, node.expressions))})"
    raise _refused(node.sql())


def _window(node: exp.Window) -> str:
    """A function over the partition, up to the row and its peers by one key."""
    name, order = str(node.this.this), node.args.get("order")
    if (
        name not in _WINDOWS
        or order is None
        or len(order.expressions) != 1
        or node.args.get("spec") is not None
    ):
        raise _refused(node.sql())
    key = order.expressions[0]
    key = key.this if isinstance(key, exp.Ordered) and not key.args.get("desc") else key
    return f"{_WINDOWS[name]}({', '.join(map(_text, [*node.this.expressions, key]))})"


def _refused(what: str) -> UnsupportedError:
    return UnsupportedError(f"{what} has no reading in numpy", hint="use the procedure")
