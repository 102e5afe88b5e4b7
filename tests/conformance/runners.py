"""The engines of the matrix: each compiles an ask in its own dialect, and runs it or has it checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, cast

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


class ViolationError(Exception):
    """The SQL calls a function that the dialect's list lacks, or the result has other names or types."""


class Runner:
    """What the matrix asks of an engine. Types come from the data set's schema."""

    name: str

    def load(self, data: DataSet) -> None:
        """Makes the data set a table."""

    def known(self, data: DataSet) -> dict[str, Any]:
        """How the compiler comes to know the columns."""
        return {"schema": schema(data, self.name)}

    def compile(
        self, data: DataSet, detector: str, ask: Ask, registry: Registry | None = None, source: str | None = None
    ) -> str:
        """The statement; where types or structure may bring new functions, they are held to the list.

        Raises:
            ViolationError: naming the calls that are not as documented.
            SqlnomalyError: what the compiler refuses.
        """
        text = compile_sql(
            ask.sql(data, detector, self.name, source),
            read=self.name,
            write=self.name,
            registry=registry or detectors(),
            form=ask.form,
            staged=ask.staged,
            **self.known(data),
        ).sql
        dialect = get_dialect(self.name)
        if data.name in CHECKED and (problems := check_functions(text, dialect.functions, dialect.sqlglot)):
            raise ViolationError("; ".join(problems))
        return text

    def answers(self, sql: str, data: DataSet) -> dict[int, Verdict]:
        """The verdicts by id."""
        raise NotImplementedError(f"nothing runs {self.name}")

    def close(self) -> None:
        """Gives back what was opened."""


def verdicts(table: pa.Table) -> dict[int, Verdict]:
    """A result as verdicts by id.

    Raises:
        ViolationError: other names or types, or an id that comes twice.
    """
    if tuple(table.column_names) != COLUMNS:
        raise ViolationError(f"columns {table.column_names}")
    types = tuple(pa.string() if kind == pa.large_string() else kind for kind in table.schema.types)
    if types != ARROW_TYPES:
        raise ViolationError(f"types {[str(kind) for kind in types]}")
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    found = {row[0]: Verdict(*row[1:]) for row in rows}
    if len(found) < len(rows):
        raise ViolationError(f"{len(rows)} rows with {len(found)} ids")
    return found


class OnDuckDB(Runner):
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

    def known(self, data: DataSet) -> dict[str, Any]:
        return {"describe": self.describe}

    def table(self, sql: str) -> pa.Table:
        return self.connection.sql(sql).to_arrow_table()

    def answers(self, sql: str, data: DataSet) -> dict[int, Verdict]:
        return verdicts(self.table(sql))

    def close(self) -> None:
        self.connection.close()


class OnSpark(Runner):
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
        self._shared = cast(Any, SparkSession.getActiveSession())
        session = self._shared.newSession()
        for name, value in self.SETTINGS.items():
            session.conf.set(name, value)
        self.engine = Spark.around(session)

    def load(self, data: DataSet) -> None:
        self.engine.load(data.name, data.table)
        self._shared.createDataFrame([(1,)], "one INT")  # what made a frame last is the active session

    def answers(self, sql: str, data: DataSet) -> dict[int, Verdict]:
        return verdicts(self.engine.run(sql))

    def by_default(self, sql: str, data: DataSet) -> dict[int, Verdict]:
        """The verdicts from a session with Spark's own settings."""
        from sqlnomaly.engines.spark import Spark

        usual = Spark.around(self._shared)
        usual.load(data.name, data.table)
        try:
            return verdicts(usual.run(sql))
        finally:
            usual.drop([data.name])

    def close(self) -> None:
        self._owner.close()


class OnGoogleSql(Runner):
    """GoogleSQL's analyzer and evaluator, for BigQuery."""

    name = "bigquery"

    def __init__(self) -> None:
        self._engines: dict[str, GoogleSql] = {}
        self._tables: dict[str, pa.Table] = {}

    def load(self, data: DataSet) -> None:
        tables = schema(data, self.name)
        self._engines[data.name] = GoogleSql(tables)
        self._tables[data.name] = data.table

    def analyze(self, sql: str, data: DataSet) -> None:
        """Names and types by the analyzer.

        Raises:
            ViolationError: other names or types.
            GoogleSqlError: the statement does not analyze.
        """
        found = self._engines[data.name].analyze(sql)
        if found != list(zip(COLUMNS, GOOGLE_TYPES, strict=True)):
            raise ViolationError(f"analyzed as {found}")

    def answers(self, sql: str, data: DataSet) -> dict[int, Verdict]:
        return verdicts(self._engines[data.name].execute(sql, {data.name: self._tables[data.name]}))

    def close(self) -> None:
        self._engines.clear()


class OnSnowflake(Runner):
    """Snowflake's grammar by sqlfluff: nothing runs."""

    name = "snowflake"

    def parse(self, sql: str) -> None:
        """Parses the statement.

        Raises:
            GrammarError: where it does not parse.
        """
        check(sql, self.name)

RUNNERS: Mapping[str, type[Runner]] = {
    runner.name: runner for runner in (OnDuckDB, OnSpark, OnGoogleSql, OnSnowflake)
}

