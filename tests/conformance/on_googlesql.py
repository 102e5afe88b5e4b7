"""GoogleSQL, the engine behind BigQuery, as an engine of the matrix."""

from __future__ import annotations

import pyarrow as pa

from tests.conformance.ask import TYPES, schema
from tests.conformance.datasets import DataSet
from tests.conformance.runner import Runner, Statement, ViolationError, by_steps, verdicts
from tests.engines.googlesql import GoogleSql
from tests.reference.judge import Verdict


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
        if statement.sql is not None:
            table = self._engines[data.name].execute(statement.sql, {data.name: self._tables[data.name]})
            return verdicts(table, statement.asked)
        types, tables = schema(data, self.name), {data.name: self._tables[data.name]}

        def given(name: str, rows: pa.Table) -> None:
            types[name] = {field.name: TYPES[self.name][field.type] for field in rows.schema}
            tables[name] = rows

        table = by_steps(statement, lambda sql: GoogleSql(types).execute(sql, tables), given)
        return verdicts(table, statement.asked)

    def close(self) -> None:
        self._engines.clear()
