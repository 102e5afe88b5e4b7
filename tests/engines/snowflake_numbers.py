"""Where Snowflake would round: fixed-point arithmetic in generated SQL, found by the types that its pages give.

A literal is a NUMBER, with an exponent too (SYSTEM$TYPEOF(1e10) is NUMBER(11,0)). NUMBER / NUMBER keeps six digits more
than the numerator has and at most twelve, AVG does the same, and VAR_POP returns a NUMBER ("Arithmetic operators",
"Numeric data types", the functions' own pages). fakesnow's DuckDB divides whole numbers as DOUBLE and shows none of it,
so this reads the statement: every column gets a kind, through CTEs and stars.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import IntEnum

import sqlglot
from sqlglot import exp

Columns = Mapping[str, "Kind"]


class Kind(IntEnum):
    """What a column is; of several operands the largest decides."""

    OTHER = 0
    WHOLE = 1
    FIXED = 2
    FLOAT = 3


WHOLE_FUNCTIONS = frozenset("COUNT RANK DENSE_RANK ROW_NUMBER COUNT_IF DATE_PART LENGTH EXTRACT".split())
FLOAT_FUNCTIONS = frozenset("LN EXP SQRT POWER STDDEV_POP STDDEV_SAMP STDDEV".split())
ROUNDED = frozenset("AVG VARIANCE_POP VARIANCE COVAR_POP COVAR_SAMP MEDIAN".split())
"""Functions that keep few digits of a NUMBER."""
ALWAYS_FIXED = frozenset({"VARIANCE_POP", "VARIANCE"})
"""Functions whose page says that they return a NUMBER."""


def rounded(sql: str, tables: Mapping[str, Columns]) -> list[str]:
    """The places where a value is rounded to a NUMBER's few digits, each as its SQL.

    Args:
        sql: a SELECT in Snowflake's SQL.
        tables: kinds of the columns of each table, by exact name.

    Example:
        >>> rounded('SELECT COUNT(x) / 3e0 AS a, x / 3e0 AS b FROM t', {"T": {"X": Kind.FLOAT}})
        ['COUNT(x) / 3e0']
    """
    reader = _Reader()
    reader.query(sqlglot.parse_one(sql, read="snowflake"), dict(tables))
    return reader.found


def kind_of_type(text: str) -> Kind:
    """The kind of a column type.

    Example:
        >>> kind_of_type("NUMBER(38, 0)").name, kind_of_type("NUMBER(18, 4)").name, kind_of_type("FLOAT").name
        ('WHOLE', 'FIXED', 'FLOAT')
    """
    if text in ("FLOAT", "DOUBLE"):
        return Kind.FLOAT
    if text.startswith(("NUMBER", "DECIMAL", "BIGINT", "INT")):
        return Kind.FIXED if "," in text and not text.rstrip(")").endswith(" 0") else Kind.WHOLE
    return Kind.OTHER


class _Reader:
    """Walks a query from the inside out; `found` holds the roundings."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def query(self, node: exp.Expr, known: dict[str, Columns]) -> Columns:
        """The kinds of a query's columns."""
        if isinstance(node, exp.Subquery):
            return self.query(node.this, known)
        if with_ := node.args.get("with_"):
            known = dict(known)
            for cte in with_.expressions:
                known[_name(cte.args["alias"].this)] = self.query(cte.this, known)
        if isinstance(node, exp.SetOperation):
            self.query(node.expression, known)
            return self.query(node.this, known)
        assert isinstance(node, exp.Select), f"{type(node).__name__} is no query"
        return self.select(node, known)

    def select(self, node: exp.Select, known: dict[str, Columns]) -> Columns:
        """The kinds of a SELECT's columns, every clause looked through."""
        scope: dict[str, Columns] = {}
        joins = node.args.get("joins") or []
        from_ = node.args.get("from_")
        for source in [*([from_.this] if from_ else []), *(join.this for join in joins)]:
            is_query = isinstance(source, exp.Subquery)
            alias = source.args.get("alias")
            name = _name(alias.this if alias else source.this)
            scope[name] = self.query(source, known) if is_query else known[_name(source.this)]
        found: dict[str, Kind] = {}
        for item in node.expressions:
            found |= self.item(item, scope)
        lateral = {**scope, "": found}
        for clause in ("where", "group", "having", "qualify", "order"):
            if inner := node.args.get(clause):
                self.kind(inner, lateral)
        for join in joins:
            if on := join.args.get("on"):
                self.kind(on, scope)
        return found

    def item(self, item: exp.Expr, scope: Mapping[str, Columns]) -> dict[str, Kind]:
        """The columns that one item of a SELECT list gives."""
        if isinstance(item, exp.Star):
            return {name: kind for columns in scope.values() for name, kind in columns.items()}
        if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
            return dict(scope[_name(item.args["table"])])
        inner = item.this if isinstance(item, exp.Alias) else item
        name = item.args["alias"] if isinstance(item, exp.Alias) else item.this
        return {_name(name): self.kind(inner, scope)}

    def kind(self, node: exp.Expr, scope: Mapping[str, Columns]) -> Kind:
        """The kind of an expression."""
        if isinstance(node, exp.Column):
            places = [scope[_name(node.args["table"])]] if node.args.get("table") else list(scope.values())
            return next((columns[_name(node.this)] for columns in places if _name(node.this) in columns), Kind.OTHER)
        if isinstance(node, exp.Literal):
            return _literal(node)
        if isinstance(node, exp.Cast):
            self.kind(node.this, scope)
            return kind_of_type(node.to.sql(dialect="snowflake"))
        if isinstance(node, exp.Query):
            raise AssertionError(f"a query inside an expression: {node.sql(dialect='snowflake')}")
        if isinstance(node, exp.Case):
            values = [branch.args["true"] for branch in node.args["ifs"]]
            values += [node.args["default"]] if node.args.get("default") else []
            for branch in node.args["ifs"]:
                self.kind(branch.this, scope)
            return max(self.kind(value, scope) for value in values)
        if isinstance(node, exp.Window):
            self.each([*node.args.get("partition_by", ()), node.args.get("order")], scope)
            return self.kind(node.this, scope)
        if isinstance(node, exp.WithinGroup):
            kind = self.kind(node.expression.expressions[0].this, scope)
            return self.round(node, kind)
        kinds = self.each(node.iter_expressions(), scope)
        return self.combined(node, kinds)

    def each(self, nodes: Iterator[exp.Expr] | list[exp.Expr | None], scope: Mapping[str, Columns]) -> list[Kind]:
        """The kinds of several expressions."""
        return [self.kind(node, scope) for node in nodes if node is not None]

    def combined(self, node: exp.Expr, kinds: list[Kind]) -> Kind:
        """The kind of an operator or a function over its operands."""
        largest = max(kinds, default=Kind.OTHER)
        if isinstance(node, exp.Div):
            return self.round(node, largest)
        if isinstance(node, exp.Mul) and min(kinds) == Kind.FIXED:
            return self.round(node, largest)
        if isinstance(node, exp.Predicate | exp.Connector | exp.Not):
            return Kind.OTHER
        if isinstance(node, exp.Nullif):
            return kinds[0]
        name = _function(node)
        name = {"VAR_POP": "VARIANCE_POP", "POW": "POWER", "AVERAGE": "AVG"}.get(name, name)
        if name in WHOLE_FUNCTIONS:
            return Kind.WHOLE
        if name in FLOAT_FUNCTIONS:
            return Kind.FLOAT
        if name in ROUNDED:
            return self.round(node, Kind.FIXED if name in ALWAYS_FIXED else largest)
        return largest

    def round(self, node: exp.Expr, kind: Kind) -> Kind:
        """Notes a rounding, if the value is a NUMBER."""
        if kind in (Kind.WHOLE, Kind.FIXED):
            self.found.append(node.sql(dialect="snowflake"))
            return Kind.FIXED
        return kind


def _function(node: exp.Expr) -> str:
    """The name of a function, else nothing."""
    if isinstance(node, exp.Anonymous):
        return str(node.name).upper()
    return node.sql_name() if isinstance(node, exp.Func) and not isinstance(node, exp.Binary) else ""


def _name(identifier: exp.Expr) -> str:
    """An identifier as Snowflake folds it."""
    text = str(identifier.name)
    return text if identifier.args.get("quoted") else text.upper()


def _literal(node: exp.Literal) -> Kind:
    """A number of at most 38 digits is a NUMBER, whatever way it is written."""
    if node.is_string:
        return Kind.OTHER
    value = Decimal(node.name).normalize()
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "no special value is a literal"
    if max(len(digits), -exponent, len(digits) + exponent) > 38:
        return Kind.FLOAT
    return Kind.FIXED if exponent < 0 else Kind.WHOLE
