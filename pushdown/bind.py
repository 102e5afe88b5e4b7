"""What the tables behind a query say: column names and types, from a connection, a schema, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlglot import exp
from sqlglot.errors import OptimizeError, SchemaError, SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from sqlnomaly.dialects import DIALECTS, Dialect
from sqlnomaly.errors import BindError, nearest
from sqlnomaly.pushdown.ops import Expr

Schema = Mapping[str, Mapping[str, str]]
Describe = Callable[[str], list[tuple[str, str]]]


class Kind(StrEnum):
    """What a feature's type means to a detector."""

    FLOAT = "float"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"
    TEXT = "text"
    OTHER = "other"
    UNKNOWN = "unknown"


TIMES = (Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ)
"""Kinds that a calendar knows."""

_T = exp.DataType.Type
_KINDS: Mapping[Any, Kind] = {
    **dict.fromkeys((_T.DOUBLE, _T.FLOAT), Kind.FLOAT),
    **dict.fromkeys(exp.DataType.INTEGER_TYPES - {_T.BIT}, Kind.INTEGER),
    **dict.fromkeys(
        (_T.DECIMAL, _T.BIGDECIMAL, _T.UDECIMAL, _T.DECIMAL32, _T.DECIMAL64, _T.DECIMAL128), Kind.DECIMAL
    ),
    _T.BOOLEAN: Kind.BOOLEAN,
    **dict.fromkeys((_T.DATE, _T.DATE32), Kind.DATE),
    **dict.fromkeys(
        (
            _T.TIMESTAMP,
            _T.TIMESTAMPNTZ,
            _T.DATETIME,
            _T.DATETIME2,
            _T.DATETIME64,
            _T.TIMESTAMP_S,
            _T.TIMESTAMP_MS,
            _T.TIMESTAMP_NS,
            _T.SMALLDATETIME,
        ),
        Kind.TIMESTAMP,
    ),
    **dict.fromkeys((_T.TIMESTAMPTZ, _T.TIMESTAMPLTZ), Kind.TIMESTAMPTZ),
    **dict.fromkeys(exp.DataType.TEXT_TYPES, Kind.TEXT),
    _T.UNKNOWN: Kind.UNKNOWN,
    _T.NULL: Kind.UNKNOWN,
}


BITS = frozenset(dialect.sqlglot for dialect in DIALECTS.values() if dialect.bits_are_boolean)
"""What sqlglot calls the dialects whose BIT is a truth value."""
WHOLE = frozenset(dialect.sqlglot for dialect in DIALECTS.values() if not dialect.decimals_hold_nan)
"""What sqlglot calls the dialects whose DECIMAL without digits behind the point is an integer."""


def kind_of(type_text: str, dialect: str) -> Kind:
    """The kind of an engine's type name; OTHER for nested and binary types. Snowflake's BIGINT is a NUMBER(38, 0).

    Example:
        >>> kind_of("DECIMAL(18,2)", "duckdb").value, kind_of("NUMBER(38,0)", "snowflake").value
        ('decimal', 'integer')
    """
    try:
        return _kind(exp.DataType.build(type_text, dialect=dialect), dialect)
    except SqlglotError:
        return Kind.OTHER


def _kind(data_type: exp.DataType, dialect: str = "") -> Kind:
    if data_type.this is _T.BIT and dialect in BITS:
        return Kind.BOOLEAN
    if data_type.this is _T.DECIMAL and dialect in WHOLE:
        digits = [size.name for size in data_type.expressions]
        return Kind.INTEGER if digits and digits[1:] in ([], ["0"]) else Kind.DECIMAL
    return _KINDS.get(data_type.this, Kind.OTHER)


def kind_shown(node: Expr) -> Kind:
    """The kind that an expression shows by itself: a cast, a literal, a comparison; else UNKNOWN."""
    inner = node.unnest()
    if isinstance(inner, exp.Cast | exp.TryCast):
        return _kind(inner.to)
    if isinstance(inner, exp.Literal):
        return Kind.TEXT if inner.is_string else Kind.FLOAT
    if isinstance(inner, exp.Predicate | exp.Boolean | exp.Connector | exp.Not):
        return Kind.BOOLEAN
    return Kind.UNKNOWN


@dataclass(frozen=True, slots=True)
class Columns:
    """What a SELECT would return."""

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Binder:
    """Answers what a SELECT returns.

    Attributes:
        dialect: the dialect written.
        describe: asks a live engine, or None.
        schema: table -> column -> type in the dialect read, or None.
        read: the dialect that types in schema are written in.
    """

    dialect: Dialect
    read: str
    describe: Describe | None = None
    schema: Schema | None = None

    @property
    def knows(self) -> bool:
        """Whether there is anybody to ask."""
        return self.describe is not None or self.schema is not None

    def table(self, name: str) -> tuple[str, ...] | None:
        """The columns of a table as the schema spells them; None with an engine, or for an unknown table."""
        if self.describe is not None or self.schema is None:
            return None
        return next((tuple(own) for table, own in self.schema.items() if table.lower() == name.lower()), None)

    def columns(self, select: exp.Query) -> Columns | None:
        """The columns of a query; None without a connection and a schema.

        Raises:
            BindError: for names that do not resolve.
        """
        if self.describe is not None:
            found = self.describe(select.sql(self.dialect.sqlglot))
            return Columns(
                tuple(name for name, _ in found),
                tuple(kind_of(type_text, self.dialect.sqlglot) for _, type_text in found),
            )
        if self.schema is not None:
            return _from_schema(select, self.schema, self.read)
        return None


def _from_schema(select: exp.Query, schema: Schema, read: str) -> Columns:
    try:
        qualified = qualify(select.copy(), schema=dict(schema), dialect=read, quote_identifiers=False)
        typed = annotate_types(qualified, schema=dict(schema), dialect=read)
    except (OptimizeError, SchemaError) as error:
        raise _unresolved(str(error), select, schema) from None
    first = typed.selects
    return Columns(
        tuple(column.alias_or_name for column in first),
        tuple(_kind(column.type, read) if column.type is not None else Kind.UNKNOWN for column in first),
    )


def _unresolved(message: str, select: exp.Query, schema: Schema) -> BindError:
    short = message.split(". Line")[0].split("\n")[0]
    tables = {table.name for table in select.find_all(exp.Table)}
    ctes = {cte.alias for cte in select.find_all(exp.CTE)}
    for table in tables - ctes:
        if table.lower() not in {name.lower() for name in schema}:
            return BindError(f"table {table} is not in the schema", hint=nearest(table, schema))
    quoted = short.split("'")
    named = (
        quoted[1] if len(quoted) > 1 else short.split("Unknown column: ")[-1] if "column: " in short else ""
    )
    name = named.split(".")[-1].strip('"`')
    holders = [table for table in sorted(tables - ctes) if name.lower() in _columns_of(schema, table)]
    if len(holders) > 1:
        where = ", ".join(f"{table}.{name}" for table in holders)
        return BindError(
            f"column {name} is ambiguous", where=where, hint=f"name the table: {holders[0]}.{name}"
        )
    columns = sorted({column for table in tables - ctes for column in _columns_of(schema, table)})
    return BindError(short, hint=nearest(name, columns) if columns else "name a table in FROM")


def _columns_of(schema: Schema, table: str) -> list[str]:
    return [
        column.lower()
        for name, columns in schema.items()
        if name.lower() == table.lower()
        for column in columns
    ]
