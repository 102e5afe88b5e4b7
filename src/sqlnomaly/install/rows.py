"""Rows that a Python function of an engine holds, judged by the compiled statement in a DuckDB beside it.

No detector is written anew: the function's call is made a query of the language, compiled like any other, and run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.errors import CallError, SqlnomalyError, UsageError
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.relation_form import COLUMNS
from sqlnomaly.pushdown.relation_request import Request
from sqlnomaly.pushdown.relation_words import NAME

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

RELATION = "_sn_given"
"""The relation that the query reads."""
PLACE, PART = "place", "part"
"""Its columns: the row's number, and its partition's; the features f1, f2, .. and the order keys o1, o2, .. follow."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a call asks of rows, compiled.

    Attributes:
        query: in the language, over RELATION.
        sql: for DuckDB; None where a client fits, so that a session has to run the query.
        orders: the DuckDB types of the order keys.
        features: how many there are.
    """

    query: str
    sql: str | None
    features: int
    orders: tuple[str, ...]

    def answers(self, rows: pa.Table) -> dict[str, list[Any]]:
        """The answers by name, in the order of the rows.

        Args:
            rows: PLACE (0, 1, ..), PART, the features as DOUBLE, and the order keys.
        """
        connection = _connection()
        connection.register(RELATION, rows)
        try:
            if self.sql is not None:
                found = connection.sql(self.sql).to_arrow_table()
            else:
                from sqlnomaly.session import Session, connect

                session: Session = connect(connection)
                found = session.sql(self.query).arrow()
        finally:
            connection.unregister(RELATION)
        ordered = found.sort_by(PLACE)
        return {name: ordered.column(name).to_pylist() for name in COLUMNS}


def judgement(
    features: Sequence[str], orders: Sequence[tuple[str, bool]], options: Mapping[str, Any], shown: str
) -> Judgement:
    """The call as a compiled query.

    Args:
        features: the names that reasons give.
        orders: DuckDB type of each order key, and whether it descends.
        options: every other option of the call, as Python values.
        shown: the call, for messages.

    Raises:
        SqlnomalyError: whatever the compiler refuses.
    """
    from sqlnomaly.pushdown.compiler import compile_sql
    from sqlnomaly.udfs.registry import detectors

    names = [exp.to_identifier(name, quoted=True) for name in features]
    request = Request(
        source=exp.to_table(RELATION),
        features=tuple(exp.alias_(exp.column(f"f{at}"), name) for at, name in enumerate(names, start=1)),
        keys=(exp.column(PART),),
        order=tuple(
            exp.Ordered(this=exp.column(f"o{at}"), desc=descending, nulls_first=False)
            for at, (_, descending) in enumerate(orders, start=1)
        ),
        options={name: literal(name, value) for name, value in options.items()},
        shown=shown,
    )
    select = request.select()
    select.set("expressions", [exp.column(PLACE), *select.expressions[1:]])
    query = select.sql("duckdb")
    columns = {PLACE: "BIGINT", PART: "BIGINT"}
    columns |= {f"f{at}": "DOUBLE" for at in range(1, len(features) + 1)}
    columns |= {f"o{at}": kind for at, (kind, _) in enumerate(orders, start=1)}
    try:
        compiled = compile_sql(
            query, read="duckdb", write="duckdb", registry=detectors(), schema={RELATION: columns}
        )
    except SqlnomalyError as error:  # where it stands in our own query says nothing to the caller
        raise type(error)(error.message, where=shown, hint=error.hint) from None
    steps = compiled.steps
    sql = steps[0].sql if len(steps) == 1 and steps[0].fit is None else None
    return Judgement(query, sql, len(features), tuple(kind for kind, _ in orders))


def literal(name: str, value: Any) -> Expr:
    """An option's value in the language.

    Raises:
        CallError: for a type that no option has.
    """
    match value:
        case bool():
            return exp.true() if value else exp.false()
        case int() | float() | Decimal():
            number = exp.Literal.number(
                format(abs(value), "f") if isinstance(value, Decimal) else repr(abs(value))
            )
            return exp.Neg(this=number) if value < 0 else number
        case str():
            return exp.Literal.string(value)
        case list() | tuple():
            return exp.Array(expressions=[literal(name, part) for part in value])
        case _:
            raise CallError(
                f"option {name} is {value!r}", hint="a number, a text, TRUE, FALSE, or an array of them"
            )


def refuse_taken(columns: Sequence[str], shown: str) -> None:
    """Refuses a relation that has one of the columns that are added.

    Raises:
        UsageError: naming the column.
    """
    for name in columns:
        if name.lower() in COLUMNS:
            raise UsageError(
                f"the relation has a column {name}, and {NAME} adds one of that name",
                where=shown,
                hint="rename it in a query in the place of the table",
            )


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """This process's database in memory, on one thread: the engine runs a process for each of its cores."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("SET TimeZone = 'UTC'")
    return connection
