"""Snowflake as an engine of the matrix: run on fakesnow, and its grammar by sqlfluff."""

from __future__ import annotations

from tests.conformance.ask import TYPES, Ask
from tests.conformance.datasets import DATASETS, DataSet
from tests.conformance.runner import CHECKED, Registry, Runner, Statement, ViolationError, verdicts
from tests.engines.fakesnow import Fakesnow
from tests.engines.snowflake_grammar import check
from tests.engines.snowflake_numbers import kind_of_type, rounded
from tests.reference.judge import Verdict

KINDS = {
    data.name: {part.name: kind_of_type(TYPES["snowflake"][part.type]) for part in data.table.schema}
    for data in DATASETS
}
"""The kinds of numbers in the columns of each table."""


class OnSnowflake(Runner):
    """fakesnow in a child process; types come from the schema."""

    name = "snowflake"

    def __init__(self) -> None:
        self.engine = Fakesnow()

    def compile(
        self, data: DataSet, detector: str, ask: Ask, known: Registry | None = None, source: str | None = None
    ) -> Statement:
        """The statement, where types may bring it also looked through for what Snowflake would round.

        Raises:
            ViolationError: naming what is rounded.
        """
        statement = super().compile(data, detector, ask, known, source)
        if data.name in CHECKED and statement.sql is not None and (found := rounded(statement.sql, KINDS)):
            raise ViolationError("rounded to a NUMBER: " + "; ".join(sorted(set(found))))
        return statement

    def load(self, data: DataSet) -> None:
        types = TYPES[self.dialect]
        self.engine.load(data.name, data.table, [types[field.type] for field in data.table.schema])

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        """The verdicts by id; a name without quotes comes back in upper case.

        Raises:
            ViolationError: other names.
        """
        rows = self.engine.run(statement.text)
        names = ["id", *(output.alias for output in statement.asked.outputs)]
        if rows.column_names != ["id", *(name.upper() for name in names[1:])]:
            raise ViolationError(f"columns {rows.column_names}")
        return verdicts(rows.rename_columns(names), statement.asked)

    def parse(self, statement: Statement) -> None:
        """Parses the statement.

        Raises:
            GrammarError: where it does not parse.
        """
        check(statement.text, self.name)

    def close(self) -> None:
        self.engine.close()
