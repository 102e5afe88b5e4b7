"""What is known of a relation: its columns and what is in them, from a database, or from YAML alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from sqlnomaly.dialects import get_dialect

if TYPE_CHECKING:
    from sqlnomaly.dbt.nodes import Node
    from sqlnomaly.session import Session

SAMPLE = 1_000_000
"""Rows of a relation whose values are looked at."""
LARGEST_VIEW = 1_000_000
"""Rows from which on a view is left alone: each test would compute all of it."""
DAYS = 84
"""Days before the newest row whose rows are counted."""
EVER, NEVER = date(1900, 1, 1), date(2200, 1, 1)
"""Times before the one and from the other on stand for none: 0001-01-01, 9999-12-31, infinity."""
_BY_NAME = re.compile(r"(?:^|_)(?:at|ts|time|timestamp|datetime|date|day|dt)$", re.IGNORECASE)


class Kind(StrEnum):
    """What can be measured of a column."""

    TIME = "time"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; numbers are None where no database was asked.

    Attributes:
        filled: the share of looked-at rows with a value.
        distinct: how many values they have.
        newest: the largest value of a time.
    """

    name: str
    type: str
    kind: Kind
    filled: float | None = None
    distinct: int | None = None
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A relation.

    Attributes:
        columns: its columns, in their order.
        rows: how many rows were looked at; None where no database was asked.
        days: rows a day of each time column, by its name.
        whole: whether the columns are all that there are.
    """

    columns: tuple[Column, ...]
    rows: int | None = None
    days: Mapping[str, Mapping[date, int]] = field(default_factory=dict)
    whole: bool = True


def from_yaml(node: Node) -> Profile:
    """What YAML says; a column without a type is a time where its name says so."""
    columns = []
    for name, kind in node.columns.items():
        known = kind_of(kind, "") if kind else Kind.TIME if _BY_NAME.search(name) else Kind.OTHER
        columns.append(Column(name, kind, known))
    return Profile(tuple(columns), whole=False)


def too_large(session: Session, node: Node) -> bool:
    """Whether it is a view of more rows than a test should compute."""
    if node.materialized != "view":
        return False
    query = exp.select(exp.Count(this=exp.Star()).as_("n")).from_(
        exp.select("1").from_(relation(session, node)).limit(LARGEST_VIEW + 1).subquery("sn_rows")
    )
    return int(_rows(session, query)[0][0]) > LARGEST_VIEW


def from_database(session: Session, node: Node) -> Profile:
    """What a database says: one scan of times, one of a sample, one of the days of each time column.

    Raises:
        BindError or EngineError: where the relation is not there.
    """
    table = relation(session, node)
    dialect = get_dialect(session.engine.dialect).sqlglot
    described = session.engine.describe(exp.select("*").from_(table).sql(dialect=dialect))
    columns = [Column(name, kind, kind_of(kind, dialect)) for name, kind in described]
    times = [column for column in columns if column.kind is Kind.TIME]
    newest: dict[str, datetime | None] = {}
    if times:
        query = exp.select(*(exp.Max(this=_dated(one)).as_(f"n{at}") for at, one in enumerate(times))).from_(table)
        newest = {one.name: _moment(value) for one, value in zip(times, _rows(session, query)[0], strict=True)}
    told = [column for column in columns if column.kind is not Kind.OTHER]
    sample = exp.select(*(_column(one).as_(f"c{at}") for at, one in enumerate(told))).from_(table).limit(SAMPLE)
    asked = [exp.Count(this=exp.Star()).as_("n")]
    for at in range(len(told)):
        asked.append(exp.Count(this=exp.column(f"c{at}")).as_(f"f{at}"))
        asked.append(exp.Count(this=exp.Distinct(expressions=[exp.column(f"c{at}")])).as_(f"d{at}"))
    query = exp.select(*asked).from_(sample.subquery("sn_rows"))
    counts = [*map(int, _rows(session, query)[0])] if told else []
    rows = counts[0] if told else None
    known = {
        one.name: replace(one, filled=filled / rows if rows else None, distinct=distinct, newest=newest.get(one.name))
        for one, filled, distinct in zip(told, counts[1::2], counts[2::2], strict=True)
    }
    return Profile(
        columns=tuple(known.get(column.name, column) for column in columns),
        rows=rows,
        days={one.name: _days(session, table, one, newest[one.name]) for one in times},
    )


def kind_of(text: str, dialect: str) -> Kind:
    """What a type is.

    Example:
        >>> [kind_of(text, "duckdb").value for text in ("TIMESTAMP WITH TIME ZONE", "DECIMAL(9, 2)", "VARCHAR", "JSON")]
        ['time', 'number', 'text', 'other']
    """
    try:
        found = exp.DataType.build(text, dialect=dialect or None)
    except SqlglotError:
        return Kind.OTHER
    kinds = (
        (Kind.BOOLEAN, {exp.DataType.Type.BOOLEAN}),
        (Kind.TEXT, exp.DataType.TEXT_TYPES),
        (Kind.NUMBER, exp.DataType.NUMERIC_TYPES),
        (Kind.TIME, exp.DataType.TEMPORAL_TYPES - {exp.DataType.Type.TIME, exp.DataType.Type.TIMETZ}),
    )
    return next((kind for kind, types in kinds if found.this in types), Kind.OTHER)


def relation(session: Session, node: Node) -> exp.Table:
    """The relation, by its schema; a DuckDB file and a Postgres server have no other database."""
    database, schema, name = node.place
    if session.engine.dialect in ("duckdb", "postgres", "redshift", "spark"):
        database = None
    parts = {"this": name, "db": schema, "catalog": database}
    return exp.Table(**{key: exp.to_identifier(part, quoted=True) for key, part in parts.items() if part})


def _days(session: Session, table: exp.Table, column: Column, newest: datetime | None) -> dict[date, int]:
    """Rows a day up to the newest row."""
    if newest is None:
        return {}
    day = exp.cast(_column(column), "DATE")
    within = exp.Between(this=day, low=_day(newest.date() - timedelta(days=DAYS - 1)), high=_day(newest.date()))
    inner = exp.select(day.as_("sn_day")).from_(table).where(within).subquery("sn_rows")
    query = exp.select("sn_day", exp.Count(this=exp.Star()).as_("n")).from_(inner).group_by("sn_day")
    found: dict[date, int] = {}
    for value, count in _rows(session, query):
        moment = _moment(value)
        if moment is not None:
            found[moment.date()] = int(count)
    return found


def _dated(column: Column) -> exp.Case:
    """A time, unless it stands for one that never was or comes."""
    day = exp.cast(_column(column), "DATE")
    known = exp.and_(exp.GTE(this=day, expression=_day(EVER)), exp.LT(this=day.copy(), expression=_day(NEVER)))
    return exp.Case(ifs=[exp.If(this=known, true=_column(column))])


def _day(day: date) -> exp.Cast:
    return exp.cast(exp.Literal.string(day.isoformat()), "DATE")


def _column(column: Column) -> exp.Column:
    return exp.column(exp.to_identifier(column.name, quoted=True))


def _rows(session: Session, query: exp.Expr) -> Sequence[tuple[Any, ...]]:
    """The rows of a query on tables alone."""
    table = session.engine.run(query.sql(dialect=get_dialect(session.engine.dialect).sqlglot))
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _moment(value: Any) -> datetime | None:
    """A date or a time without zone; infinity is none."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else None
