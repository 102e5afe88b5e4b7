"""Spark: ``detect_anomalies(TABLE(t) PARTITION BY .., ..)`` as a Python table function of a live session.

The workers judge their rows by the compiled statement in DuckDB, so that every detector gives the numbers of the
language. They need this package installed: in local mode they share the driver's environment.

Facts of Spark 4.3 that shape it, each with a test:

* ``analyze`` sees the columns and the options, never the clauses behind TABLE(..). A call without PARTITION BY and
  without a demand of ``analyze`` gives each task the rows it happens to hold, silently. So the keys are an option,
  ``partition_by``, that ``analyze`` turns into a demand; or they stand in PARTITION BY, which the worker sees; a call
  with neither is refused.
* Rows of equal keys are told apart in Python by ``!=``: a NaN is a group of its own there, and times of the repeated
  hour in autumn are one. Such keys are refused behind TABLE(..), and right in ``partition_by``.
* A TIMESTAMP reaches Python in the worker's own time zone, which loses an hour each autumn. It travels as
  microseconds here, where ``analyze`` can select it.
* ``arrow_udtf`` takes no ``analyze`` (SPARK-53286), so its columns cannot follow the table's.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.install.pack import Pack
from sqlnomaly.install.rows import PART, PLACE
from sqlnomaly.install.spark_plan import DIALECT, EXAMPLE, Plan, options_of, plan_of
from sqlnomaly.pushdown.relation_form import COLUMNS
from sqlnomaly.pushdown.relation_words import NAME

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.udtf import AnalyzeArgument, AnalyzeResult

RESTORE = "from sqlnomaly.install.spark import register; register(spark)"
"""The line that brings the function back in a new session."""


EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

DIVIDER = "UDTFWithPartitions"
"""The class of pyspark's worker that cuts the rows where a key of PARTITION BY changes."""
TOLD_APART = (str, bool, int, Decimal, bytes, bytearray, dt.date, type(None))
"""Keys whose values are equal to it where they are in SQL. Not float, for NaN; nor datetime, which is a date too."""


class DetectAnomalies:
    """The table function; an instance sees the rows of one task, or of one group where the call has PARTITION BY."""

    def __init__(self, analyzed: AnalyzeResult) -> None:
        self._columns = analyzed.schema.fields[: -len(COLUMNS)]
        self._plan: Plan | None = None
        self._rows: list[Sequence[Any]] = []

    @staticmethod
    def analyze(table: AnalyzeArgument, *given: AnalyzeArgument, **named: AnalyzeArgument) -> AnalyzeResult:
        """The columns of the result, what to read of the table, and how to divide it.

        Raises:
            SqlnomalyError: what the compiler would refuse, before any row is read.
        """
        from pyspark.sql.types import BooleanType, DoubleType, StringType, StructField, StructType
        from pyspark.sql.udtf import AnalyzeResult, PartitioningColumn, SelectedColumn

        if not table.isTable:
            raise CallError(f"{NAME} takes a table first", hint=EXAMPLE)
        for name, argument in named.items():
            if not argument.isConstantExpression:
                raise CallError(f"option {name} is no constant", hint=f"write its value: {name} => ..")
        values = {name: argument.value for name, argument in named.items()}
        options = options_of([argument.value for argument in given], values)
        columns = table.dataType
        assert isinstance(columns, StructType), "a table has columns"
        plan = plan_of(columns.json(), options)
        kinds = {"is_anomaly": BooleanType(), "anomaly_reason": StringType(), "anomaly_status": StringType()}
        answers = [StructField(name, kinds.get(name, DoubleType())) for name in COLUMNS]
        return AnalyzeResult(
            schema=StructType([*columns.fields, *answers]),
            withSinglePartition=plan.keys == 0,
            partitionBy=[PartitioningColumn(plan.bucket)] if plan.bucket else [],
            select=[SelectedColumn(sql, alias) for sql, alias in plan.select],
        )

    def eval(self, table: Sequence[Any], *given: Any, **named: Any) -> None:
        """Keeps a row."""
        if self._plan is None:
            from pyspark.sql.types import StructType

            self._plan = plan_of(StructType(self._columns).json(), options_of(given, named))
            if self._plan.keys is None:
                _check_keys(sys._getframe(1))
        self._rows.append(table)

    def terminate(self) -> Iterator[tuple[Any, ...]]:
        """The rows with their answers."""
        if self._plan is not None:
            yield from judged(self._plan, self._rows)


def judged(plan: Plan, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Rows as the plan selects them, each as its own columns and the answers."""
    import pyarrow as pa

    keys = plan.keys or 0
    parts: dict[tuple[Any, ...], int] = {}
    at = plan.width
    table = {
        PLACE: pa.array(range(len(rows)), pa.int64()),
        PART: pa.array(
            [parts.setdefault(tuple(row[at : at + keys]), len(parts)) for row in rows], pa.int64()
        ),
    }
    at += keys
    for number in range(1, plan.judgement.features + 1):
        table[f"f{number}"] = pa.array([row[at] for row in rows], pa.float64())
        at += 1
    for number, kind in enumerate(plan.judgement.orders, start=1):
        table[f"o{number}"] = pa.array([row[at] for row in rows], _arrow(kind))
        at += 1
    answers = plan.judgement.answers(pa.table(table))
    for row, added in zip(rows, zip(*answers.values(), strict=True), strict=True):
        kept = list(row[: plan.width])
        for place in plan.instants:
            if kept[place] is not None:
                kept[place] = EPOCH + dt.timedelta(microseconds=kept[place])
        yield (*kept, *added)


def register(spark: Any) -> None:
    """Makes the function callable in a session, classic or Connect, for as long as it lives."""
    connect = type(spark).__module__.startswith("pyspark.sql.connect")
    functions = import_module(f"pyspark.sql{'.connect' * connect}.functions")
    spark.udtf.register(NAME, functions.udtf(DetectAnomalies, useArrow=False))


def unregister(spark: Any) -> None:
    """Takes it out of the session; nothing happens where it is not there."""
    spark.sql(f"DROP TEMPORARY FUNCTION IF EXISTS {NAME}")


def pack(schema: str | None = None, dialect: str = DIALECT) -> Pack:
    """No object of the catalog: a Python table function lives in a session only.

    CREATE FUNCTION of Spark SQL takes a class of the JVM or an expression; neither fits a table, and SQL functions
    that return tables take no table and no name of one. So ``schema`` says nothing here.
    """
    del schema
    return Pack(
        dialect,
        f"sqlnomaly for {dialect}: no objects to install",
        (
            "Detection on a table itself is a Python table function, which Spark keeps for a session only.",
            "In each session, once, in Python:",
            f"    {RESTORE}",
            "then in SQL, as often as you like:",
            f"    {EXAMPLE}",
            "Several keys take parentheses: PARTITION BY (store, day).",
            "partition_by => array('store') in the place of PARTITION BY judges many groups by one statement, and",
            "takes keys of floating point and TIMESTAMP; partition_by => array() is every row in one group.",
            "order_by => 'day' judges each row by the rows before it. ORDER BY behind TABLE(..) only sorts.",
            "The workers need the Python package sqlnomaly. In local mode they share the driver's environment.",
            "A task holds its groups in memory.",
        ),
        (),
    )


def _check_keys(frame: FrameType | None) -> None:
    """Refuses rows that PARTITION BY does not divide, or not in the way of the language.

    Only the worker knows of the clause: it stands between the rows and the function then, and looks at the keys.

    Raises:
        CallError, UnsupportedError: with the option that does it right.
    """
    while frame is not None and type(frame.f_locals.get("self")).__name__ != DIVIDER:
        frame = frame.f_back
    if frame is None:
        raise CallError(
            f"{NAME} was not told how the rows are divided, and Spark hands it any of them",
            hint="TABLE(orders) PARTITION BY store, or partition_by => array('store'), "
            "or partition_by => array() for all rows as one group",
        )
    divider: Any = frame.f_locals["self"]
    (row,) = (part for part in divider._prev_arguments if isinstance(part, tuple))
    for key in (row[at] for at in divider._partition_child_indexes):
        if not isinstance(key, TOLD_APART) or isinstance(key, dt.datetime):
            raise UnsupportedError(
                f"PARTITION BY a {type(key).__name__}: Spark's worker does not tell these keys apart as SQL does",
                hint="name the columns instead: partition_by => array('store')",
            )


def _arrow(kind: str) -> pa.DataType:
    """The Arrow type of an order key, by its name in DuckDB."""
    import pyarrow as pa

    if kind.startswith("DECIMAL"):
        digits, scale = kind.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return pa.decimal128(int(digits), int(scale))
    return {"BIGINT": pa.int64(), "DOUBLE": pa.float64(), "VARCHAR": pa.string(), "BOOLEAN": pa.bool_()}[kind]
