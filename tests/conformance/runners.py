"""The engines of the matrix: each compiles an ask in its own dialect, and runs it or has it checked."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import duckdb
import pyarrow as pa
import pytest

from sqlnomaly import connect
from sqlnomaly.dialects import get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.engines import Engine
from sqlnomaly.pushdown.compiler import compile_sql
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.session import Session
from sqlnomaly.udfs import registry
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import FUNCTIONS, Ask, quoted, schema
from tests.conformance.datasets import DataSet
from tests.engines.googlesql import GoogleSql
from tests.engines.snowflake_grammar import check
from tests.reference.judge import Verdict

Registry = Mapping[str, type[Detector]]

CHECKED = ("gaussian", "timestamptz", "decimal", "boolean", "hostile_columns", "all_null_group")
"""Data sets whose statements are held to the lists of functions: every variant and every type."""

SLICE = 60
"""The last rows of a data set are what GoogleSQL's evaluator is given: the oddities of most lie there."""


KEYS = ["feature", "value", "expected", "contribution"]
"""The keys of one feature of an explanation, in their order."""


class ViolationError(Exception):
    """The SQL calls a function that the dialect's list lacks, or the result has other names or types."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What to run: the SQL, or None where the plan is not SQL alone and the engine's session has to run it."""

    asked: Ask
    query: str
    sql: str | None
    registry: Registry

    @property
    def text(self) -> str:
        """The SQL of a plan that is nothing else."""
        assert self.sql is not None, "the plan is not SQL alone"
        return self.sql


class Runner:
    """What the matrix asks of an engine. Types come from the data set's schema."""

    name: str

    def load(self, data: DataSet) -> None:
        """Makes the data set a table."""

    def known(self, data: DataSet) -> dict[str, Any]:
        """How the compiler comes to know the columns."""
        return {"schema": schema(data, self.name)}

    def compile(
        self, data: DataSet, detector: str, ask: Ask, known: Registry | None = None, source: str | None = None
    ) -> Statement:
        """The statement; where types or structure may bring new functions, they are held to the list.

        Raises:
            ViolationError: naming the calls that are not as documented.
            SqlnomalyError: what the compiler refuses.
        """
        query = ask.sql(data, detector, self.name, source)
        compiled = compile_sql(
            query,
            read=self.name,
            write=self.name,
            registry=known or detectors(),
            form=ask.form,
            staged=ask.staged,
            **self.known(data),
        )
        if any(step.kind != "sql" for step in compiled.steps):
            return Statement(ask, query, None, known or detectors())
        dialect = get_dialect(self.name)
        if data.name in CHECKED and (
            problems := check_functions(compiled.sql, dialect.functions, dialect.sqlglot)
        ):
            raise ViolationError("; ".join(problems))
        return Statement(ask, query, compiled.sql, known or detectors())

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        """The verdicts by id."""
        raise NotImplementedError(f"nothing runs {self.name}")

    def close(self) -> None:
        """Gives back what was opened."""


def verdicts(table: pa.Table, asked: Ask) -> dict[int, Verdict]:
    """A result as verdicts by id; what was not asked is None.

    Raises:
        ViolationError: other names or types, an id that comes twice, or an explanation of another form.
    """
    if table.column_names != ["id", *(output.alias for output in asked.outputs)]:
        raise ViolationError(f"columns {table.column_names}")
    types = [pa.string() if kind == pa.large_string() else kind for kind in table.schema.types]
    if types != [pa.int64(), *(output.arrow for output in asked.outputs)]:
        raise ViolationError(f"types {[str(kind) for kind in types]}")
    fields = [output.field for output in asked.outputs]
    nothing = dict.fromkeys((output.field for output in FUNCTIONS.values()), None)
    found = {}
    for key, *values in zip(*(column.to_pylist() for column in table.columns), strict=True):
        said: dict[str, Any] = nothing | dict(zip(fields, values, strict=True))
        if said["explanation"] is not None:
            said["explanation"] = explained(said["explanation"])
        found[key] = Verdict(**said)
    if len(found) < table.num_rows:
        raise ViolationError(f"{table.num_rows} rows with {len(found)} ids")
    return found


def explained(text: str) -> list[dict[str, Any]]:
    """The JSON of an explanation.

    Raises:
        ViolationError: it is no JSON, or its keys are others or in another order.
    """

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if [key for key, _ in found] != KEYS:
            raise ViolationError(f"keys {[key for key, _ in found]}")
        return dict(found)

    try:
        parts: list[dict[str, Any]] = json.loads(text, object_pairs_hook=pairs, parse_constant=float)
    except json.JSONDecodeError as error:
        raise ViolationError(f"no JSON: {text}") from error
    return [
        {key: value if key == "feature" or value is None else float(value) for key, value in part.items()}
        for part in parts
    ]


def by_session(session: Session, statement: Statement) -> dict[int, Verdict]:
    """The verdicts of a plan that takes more than one step. A session knows one registry, the package's."""
    with pytest.MonkeyPatch.context() as patch:
        if statement.registry is not detectors():
            patch.setattr(registry, "detectors", lambda: statement.registry)
        return verdicts(session.sql(statement.query).arrow(), statement.asked)


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

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        if statement.sql is None:
            return by_session(connect(self.connection), statement)
        return verdicts(self.table(statement.sql), statement.asked)

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

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        return self.by(self.engine, statement)

    def by(self, engine: Engine, statement: Statement) -> dict[int, Verdict]:
        """The verdicts from one of its sessions."""
        if statement.sql is None:
            return by_session(Session(engine), statement)
        return verdicts(engine.run(statement.sql), statement.asked)

    def by_default(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        """The verdicts from a session with Spark's own settings."""
        from sqlnomaly.engines.spark import Spark

        usual = Spark.around(self._shared)
        usual.load(data.name, data.table)
        try:
            return self.by(usual, statement)
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

    def analyze(self, statement: Statement, data: DataSet) -> None:
        """Names and types by the analyzer.

        Raises:
            ViolationError: other names or types.
            GoogleSqlError: the statement does not analyze.
        """
        found = self._engines[data.name].analyze(statement.text)
        if found != [("id", "INT64"), *((output.alias, output.google) for output in statement.asked.outputs)]:
            raise ViolationError(f"analyzed as {found}")

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        table = self._engines[data.name].execute(statement.text, {data.name: self._tables[data.name]})
        return verdicts(table, statement.asked)

    def close(self) -> None:
        self._engines.clear()


class OnSnowflake(Runner):
    """Snowflake's grammar by sqlfluff: nothing runs."""

    name = "snowflake"

    def parse(self, statement: Statement) -> None:
        """Parses the statement.

        Raises:
            GrammarError: where it does not parse.
        """
        check(statement.text, self.name)


RUNNERS: Mapping[str, type[Runner]] = {
    runner.name: runner for runner in (OnDuckDB, OnSpark, OnGoogleSql, OnSnowflake)
}

