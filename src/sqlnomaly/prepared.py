"""A query that is planned once and run often, each time with other values: for rows that come one by one."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from sqlnomaly.errors import UnsupportedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlnomaly.engines import Engine
    from sqlnomaly.pushdown.compiled import Compiled

GIVEN = "_sn_given"
"""The relation of one row that holds the parameters of a SELECT without FROM."""
BARE = "DOUBLE"
"""The type of a parameter without CAST."""

_numbers = itertools.count(1)


class Prepared:
    """A query with parameters. ``Session.prepare`` gives it; use it in ``with``, or close it.

    It scores by the version of a model that was in force when it was prepared.

    Attributes:
        types: the type of each parameter, in the order of the question marks.

    Example:
        >>> import sqlnomaly
        >>> session = sqlnomaly.connect()
        >>> rows = "SELECT i % 7 AS x FROM range(100) AS t(i)"
        >>> done = session.sql(f"CREATE ANOMALY MODEL week USING zscore OPTIONS (calibration = 0) AS {rows}")
        >>> with session.prepare("SELECT ROUND(anomaly_score(?, model => 'week'), 2)") as ask:
        ...     ask.run(3), ask.run(12)
        ([(0.02,)], [(4.48,)])
    """

    def __init__(
        self, engine: Engine, sql: str, compiled: Callable[[str, ExitStack], Compiled]
    ) -> None:
        query, self.types = _with_types(sql)
        kinds = [exp.DataType.build(kind, dialect="duckdb") for kind in self.types]
        self._casts = [exp.Cast(this=exp.null(), to=kind) for kind in kinds]
        self._print = Dialect.get_or_raise("duckdb").generator().generate  # one for all calls: it is slow to make
        self._engine = engine
        self._name = f"_sn_prepared_{os.getpid()}_{next(_numbers)}"
        with ExitStack() as stack:
            made = compiled(query, stack)
            if len(made.steps) != 1:
                raise UnsupportedError(
                    "a detector that is fitted on the client is fitted anew each time the query runs",
                    hint="CREATE ANOMALY MODEL, and prepare a call with model => '..'",
                )
            engine.prepare(self._name, made.steps[0].sql)
            stack.callback(engine.unprepare, self._name)
            self._stack = stack.pop_all()

    def run(self, *values: object) -> list[tuple[Any, ...]]:
        """The rows for these values, one for each parameter.

        Raises:
            UsageError: too few or too many values, or one that no parameter can be.
        """
        if len(values) != len(self.types):
            raise UsageError(f"the query has {len(self.types)} parameters, and {len(values)} values are given")
        for cast, value in zip(self._casts, values, strict=True):
            cast.set("this", _literal(value))
        return self._engine.run_prepared(self._name, [self._print(cast, copy=False) for cast in self._casts])

    def close(self) -> None:
        """Forgets the query, and takes the functions away that it called."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _with_types(sql: str) -> tuple[str, list[str]]:
    """The query with each parameter numbered and typed, and the types.

    A plan is kept only while the types of the values stay, so each parameter has one: that of the CAST around it. A
    SELECT without FROM gets its parameters from a relation of one row, as an expression writes a feature several times.
    """
    try:
        text, number = _numbered(sql)
        trees = sqlglot.parse(text, read="duckdb")
    except SqlglotError as error:
        raise UsageError(str(error).splitlines()[0], where=sql) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise UsageError("only a single query can be prepared", where=sql)
    tree = trees[0]
    select = tree if isinstance(tree, exp.Select) and not tree.args.get("from_") else None
    types = [BARE] * number
    for hole in list(tree.find_all(exp.Placeholder)):
        place = int(hole.name)
        around = hole.parent if isinstance(hole.parent, exp.Cast) else hole
        if isinstance(around, exp.Cast):
            types[place - 1] = around.to.sql("duckdb")
        around.replace(exp.column(f"p{place}", table=GIVEN) if select is not None else _cast(place, types[place - 1]))
    if select is not None and types:
        columns = [exp.alias_(_cast(place, kind), f"p{place}") for place, kind in enumerate(types, start=1)]
        tree = select.from_(exp.Select(expressions=columns).subquery(GIVEN))
    return tree.sql("duckdb"), types


def _numbered(sql: str) -> tuple[str, int]:
    """The query with $1, $2 .. for its question marks, in the order that they are read in, and how many there are."""
    tokens = Dialect.get_or_raise("duckdb").tokenize(sql)
    for token in tokens:
        if token.token_type is TokenType.PARAMETER:
            raise UsageError("a parameter is a question mark", where=sql[token.start :], hint="CAST(? AS DOUBLE)")
    marks = [token for token in tokens if token.token_type is TokenType.PLACEHOLDER]
    for number, mark in reversed(list(enumerate(marks, start=1))):
        sql = f"{sql[: mark.start]}${number}{sql[mark.end + 1 :]}"
    return sql, len(marks)


def _cast(number: int, kind: str) -> exp.Expr:
    return exp.cast(exp.Placeholder(this=str(number)), exp.DataType.build(kind, dialect="duckdb"), dialect="duckdb")


def _literal(value: object) -> exp.Expr:
    """A value as a literal that a cast reads back exactly."""
    if value is None:
        return exp.null()
    if isinstance(value, bool):
        return exp.Literal.string("true" if value else "false")
    if isinstance(value, int | float):
        return exp.Literal.string(repr(value))
    if isinstance(value, str):
        return exp.Literal.string(value)
    if isinstance(value, dt.date):
        return exp.Literal.string(value.isoformat())
    raise UsageError(f"{type(value).__name__} is no value of a parameter", hint="a number, a text or a date")
