"""Snowflake as an engine of the matrix: run on fakesnow, and its grammar by sqlfluff."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from tests.conformance.ask import TYPES, Ask
from tests.conformance.datasets import DATASETS, DataSet
from tests.conformance.runner import CHECKED, Registry, Runner, Statement, ViolationError, by_steps, verdicts
from tests.engines.fakesnow import Fakesnow
from tests.engines.snowflake_grammar import check
from tests.engines.snowflake_numbers import Kind, kind_of_type, rounded
from tests.reference.judge import Verdict

KINDS = {
    data.name: {part.name: kind_of_type(TYPES["snowflake"][part.type]) for part in data.table.schema}
    for data in DATASETS
}
"""The kinds of numbers in the columns of each table."""


def exact(sql: str, kinds: Mapping[str, Mapping[str, Kind]]) -> None:
    """Looks a statement through for what Snowflake would round.

    Raises:
        ViolationError: naming what is rounded.
    """
    if found := rounded(sql, kinds):
        raise ViolationError("rounded to a NUMBER: " + "; ".join(sorted(set(found))))


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
        if data.name in CHECKED:
            exact(statement.steps[0].sql, KINDS)
        return statement

    def load(self, data: DataSet) -> None:
        types = TYPES[self.dialect]
        self.engine.load(data.name, data.table, [types[field.type] for field in data.table.schema])

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        """The verdicts by id; a name without quotes comes back in upper case.

        Raises:
            ViolationError: other names.
        """
        kinds = dict(KINDS)

        def run(sql: str) -> pa.Table:
            if data.name in CHECKED and len(kinds) > len(KINDS):
                exact(sql, kinds)
            return self.engine.run(sql)

        def given(name: str, rows: pa.Table) -> None:
            types = [TYPES[self.dialect][field.type] for field in rows.schema]
            names = [column.upper() for column in rows.column_names]
            kinds[name.upper()] = dict(zip(names, map(kind_of_type, types), strict=True))
            self.engine.load(name.upper(), rows.rename_columns(names), types)

        rows = by_steps(statement, run, given)
        names = ["id", *(output.alias for output in statement.asked.outputs)]
        if rows.column_names != ["id", *(name.upper() for name in names[1:])]:
            raise ViolationError(f"columns {rows.column_names}")
        return verdicts(rows.rename_columns(names), statement.asked)

    def parse(self, statement: Statement) -> None:
        """Parses the statement.

        Raises:
            GrammarError: where it does not parse.
        """
        for step in statement.steps:
            check(step.sql, self.name)

    def close(self) -> None:
        self.engine.close()
