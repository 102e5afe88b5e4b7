"""The engines of the matrix: each compiles an ask in its own dialect, and runs it or has it checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from sqlnomaly.dialects import get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.pushdown.compiler import compile_sql
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import FUNCTIONS, Ask, quoted, schema
from tests.conformance.datasets import DataSet
from tests.engines.googlesql import GoogleSql
from tests.engines.snowflake_grammar import check
from tests.reference.judge import Verdict

Registry = Mapping[str, type[Detector]]

COLUMNS = ("id", *FUNCTIONS.values())
GOOGLE_TYPES = ("INT64", "FLOAT64", "FLOAT64", "BOOL", "STRING", "STRING")
ARROW_TYPES = (pa.int64(), pa.float64(), pa.float64(), pa.bool_(), pa.string(), pa.string())
CHECKED = ("gaussian", "timestamptz", "decimal", "boolean", "hostile_columns", "all_null_group")
"""Data sets whose statements are held to the lists of functions: every variant and every type."""

SLICE = 60
"""The last rows of a data set are what GoogleSQL's evaluator is given: the oddities of most lie there."""


class Violation(Exception):
    """The SQL calls a function that the dialect's list lacks, or the result has other names or types."""


class Runner(Protocol):
    """What the matrix asks of an engine."""

    name: str

    def compile(
        self, data: DataSet, detector: str, ask: Ask, registry: Registry | None = None, source: str | None = None
    ) -> str:
        """The statement."""

    def answers(self, sql: str, data: DataSet) -> dict[int, Verdict]:
        """The verdicts by id."""

    def load(self, data: DataSet) -> None:
        """Makes the data set a table."""


def compiled(
    sql: str, dialect: str, data: DataSet, ask: Ask, registry: Registry | None = None, **known: Any
) -> str:
    """The statement of an ask; where types or structure may bring new functions, they are held to the list.

    Raises:
        Violation: naming the calls that are not as documented.
        SqlnomalyError: what the compiler refuses.
    """
    text = compile_sql(
        sql,
        read=dialect,
        write=dialect,
        registry=registry or detectors(),
        form=ask.form,
        staged=ask.staged,
        **known,
    ).sql
    if data.name not in CHECKED:
        return text
    found = get_dialect(dialect)
    if problems := check_functions(text, found.functions, found.sqlglot):
        raise Violation("; ".join(problems))
    return text


def verdicts(table: pa.Table) -> dict[int, Verdict]:
    """A result as verdicts by id.

    Raises:
        Violation: other names or types, or an id that comes twice.
    """
    if tuple(table.column_names) != COLUMNS:
        raise Violation(f"columns {table.column_names}")
    types = tuple(pa.string() if kind == pa.large_string() else kind for kind in table.schema.types)
    if types != ARROW_TYPES:
        raise Violation(f"types {[str(kind) for kind in types]}")
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    found = {row[0]: Verdict(*row[1:]) for row in rows}
    if len(found) < len(rows):
        raise Violation(f"{len(rows)} rows with {len(found)} ids")
    return found


class OnDuckDB:
    """DuckDB in this process; it is asked for the types."""

    name = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")

    def load(self, data: DataSet) -> None:
        self.connection.register("_arrow", data.table)
        self.connection.execute(f"CREATE OR REPLACE TABLE {quoted(data.name, self.name)} AS SELECT * FROM _arrow")
        self.connection.unregister("_arrow")

    def describe(self, sql: str) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in self.connection.execute("DESCRIBE " + sql).fetchall()]

    def compile(
        self, data: DataSet, detector: str, ask: Ask, registry: Registry | None = None, source: str | None = None
    ) -> str:
        sql = ask.sql(data, detector, self.name, source)
        return compiled(sql, self.name, data, ask, registry, describe=self.describe)

    def table(self, sql: str) -> pa.Table:
        return self.connection.sql(sql).to_arrow_table()

    def answers(self, sql: str, data: DataSet) -> dict[int, Verdict]:
        return verdicts(self.table(sql))

    def close(self) -> None:
        self.connection.close()


class OnSpark:
    """A Spark session of its own settings in the shared JVM; types come from the schema."""

    name = "spark"

    SETTINGS: Mapping[str, str] = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.lightweightPlanChangeValidation": "false",
    }
    """Small tables: planning and compiling of Java code take the time, not the rows."""
    JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    """No second compiler and no parallel collector: a JVM that lives for minutes does not win them back."""

    def __init__(self) -> None:
        from pyspark.sql import SparkSession

        from sqlnomaly.engines.spark import Spark

        before = os.environ.get("JAVA_TOOL_OPTIONS")
        os.environ["JAVA_TOOL_OPTIONS"] = " ".join(filter(None, (before, self.JAVA)))
        try:
            self._owner = Spark.open()
        finally:
            if before is None:
                del os.environ["JAVA_TOOL_OPTIONS"]
            else:
                os.environ["JAVA_TOOL_OPTIONS"] = before
        self._shared: Any = SparkSession.getActiveSession()
        session = self._shared.newSession()
        for name, value in self.SETTINGS.items():
            session.conf.set(name, value)
        self.engine = Spark.around(session)

    def load(self, data: DataSet) -> None:
        self.engine.load(data.name, data.table)
        self._shared.createDataFrame([(1,)], "one INT")  # what made a frame last is the active session

    def compile(
        self, data: DataSet, detector: str, ask: Ask, registry: Registry | None = None, source: str | None = None
    ) -> str:
        sql = ask.sql(data, detector, self.name, source)
        return compiled(sql, self.name, data, ask, registry, schema=schema(data, self.name))

    def answers(self, sql: str, data: DataSet) -> dict[int, Verdict]:
        return verdicts(self.engine.run(sql))

    def close(self) -> None:
        self._owner.close()


class OnGoogleSql:
    """GoogleSQL's analyzer and evaluator, for BigQuery."""

    name = "bigquery"

    def __init__(self) -> None:
        self._engines: dict[str, GoogleSql] = {}
        self._tables: dict[str, pa.Table] = {}

    def load(self, data: DataSet) -> None:
        tables = schema(data, self.name)
        self._engines[data.name] = GoogleSql(tables)
        self._tables[data.name] = data.table

    def compile(
        self, data: DataSet, detector: str, ask: Ask, registry: Registry | None = None, source: str | None = None
    ) -> str:
        sql = ask.sql(data, detector, self.name, source)
        return compiled(sql, self.name, data, ask, registry, schema=schema(data, self.name))

    def analyze(self, sql: str, data: DataSet) -> None:
        """Names and types by the analyzer.

        Raises:
            Violation: other names or types.
            GoogleSqlError: the statement does not analyze.
        """
        found = self._engines[data.name].analyze(sql)
        if found != list(zip(COLUMNS, GOOGLE_TYPES, strict=True)):
            raise Violation(f"analyzed as {found}")

    def answers(self, sql: str, data: DataSet) -> dict[int, Verdict]:
        return verdicts(self._engines[data.name].execute(sql, {data.name: self._tables[data.name]}))

    def close(self) -> None:
        self._engines.clear()


class OnSnowflake:
    """Snowflake's grammar by sqlfluff: nothing runs."""

    name = "snowflake"

    def load(self, data: DataSet) -> None:
        """Nothing to load."""

    def compile(
        self, data: DataSet, detector: str, ask: Ask, registry: Registry | None = None, source: str | None = None
    ) -> str:
        sql = ask.sql(data, detector, self.name, source)
        return compiled(sql, self.name, data, ask, registry, schema=schema(data, self.name))

    def parse(self, sql: str) -> None:
        """Parses the statement.

        Raises:
            GrammarError: where it does not parse.
        """
        check(sql, self.name)

    def answers(self, sql: str, data: DataSet) -> dict[int, Verdict]:
        raise NotImplementedError("nothing runs Snowflake's SQL here")

    def close(self) -> None:
        """Nothing to close."""


RUNNERS = {runner.name: runner for runner in (OnDuckDB, OnSpark, OnGoogleSql, OnSnowflake)}

