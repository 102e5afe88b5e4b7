"""ClickHouse as an engine of the matrix."""

from __future__ import annotations

import pyarrow as pa

from tests.conformance.datasets import DataSet
from tests.conformance.runner import Runner, Statement, by_steps, verdicts
from tests.engines.clickhouse import ClickHouse
from tests.reference.judge import Verdict

NULLABLE = frozenset("heavy_ties offset constant one_row boolean null_order timestamptz planted".split())
"""Data sets whose columns are all Nullable; of the others only those are that hold NULL, as ClickHouse has it."""


class OnClickHouse(Runner):
    """ClickHouse with its own settings; types come from the schema."""

    name = "clickhouse"

    def __init__(self) -> None:
        self.engine = ClickHouse()

    def load(self, data: DataSet) -> None:
        self.engine.load(data.name, data.table, nullable=data.name in NULLABLE)

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        return verdicts(by_steps(statement, self.engine.run, self.given), statement.asked)

    def given(self, name: str, rows: pa.Table) -> None:
        """Makes the relation of a model a table."""
        self.engine.load(name, rows, nullable=True)

    def close(self) -> None:
        self.engine.close()
