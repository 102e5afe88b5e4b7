"""DuckDB as an engine of the matrix."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from sqlnomaly import connect
from tests.conformance.ask import quoted
from tests.conformance.datasets import DataSet
from tests.conformance.runner import Runner, Statement, by_session, verdicts
from tests.reference.judge import Verdict


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
