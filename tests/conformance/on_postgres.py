"""PostgreSQL as an engine of the matrix, and Redshift's words on it."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import sqlglot
from sqlglot import exp

from sqlnomaly.engines import open_engine
from sqlnomaly.session import Session
from tests.conformance.datasets import DataSet
from tests.conformance.runner import Runner, Statement, ViolationError, by_session, by_steps, verdicts
from tests.engines.postgres import Server
from tests.engines.snowflake_grammar import check
from tests.reference.judge import Verdict


class OnPostgres(Runner):
    """A server of this process; it is asked for the types."""

    name = "postgres"

    def __init__(self) -> None:
        self.server = Server()
        self.engine = open_engine(self.server.url)

    def load(self, data: DataSet) -> None:
        self.engine.load(data.name, data.table)

    def known(self, data: DataSet) -> dict[str, Any]:
        return {"describe": self.engine.describe}

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        if statement.sql is None:
            return by_session(Session(self.engine), statement)
        return verdicts(self.engine.run(statement.sql), statement.asked)

    def close(self) -> None:
        self.engine.close()
        self.server.stop()


class OnRedshift(OnPostgres):
    """Redshift's words, run by PostgreSQL; what it allows and Redshift does not is looked for in the text."""

    name = "redshift"

    STEP = re.compile(r"^(WITH |\), )(\w+) AS \($", re.MULTILINE)
    """Where a step of a generated statement begins."""
    PARSED = ("gaussian",)
    """Data sets whose statements another parser reads: it takes seconds."""
    SURPRISING = ("timestamptz", "hostile_columns", "decimal")
    """Data sets of which it reads the short ones."""
    SHORT = 5_000

    def __init__(self) -> None:
        super().__init__()
        self.engine.run("SET standard_conforming_strings = off")  # Redshift reads a backslash as an escape
        self.engine.run("SET escape_string_warning = off")

    def answers(self, statement: Statement, data: DataSet) -> dict[int, Verdict]:
        def run(sql: str) -> pa.Table:
            if bad := refused_by_redshift(sql):
                raise ViolationError("; ".join(bad))
            if data.name in self.PARSED or (data.name in self.SURPRISING and len(sql) < self.SHORT):
                check(sql, self.name)
            # Only the plan is another: PostgreSQL would write each step into the next one (see dialects/postgres.py).
            return self.engine.run(self.STEP.sub(r"\1\2 AS MATERIALIZED (", sql))

        return verdicts(by_steps(statement, run, self.engine.load), statement.asked)


RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.Lag, exp.Lead)
"""Window functions that take an order and no frame."""


def refused_by_redshift(sql: str) -> list[str]:
    """What Redshift's documentation rules out and PostgreSQL runs.

    Window function syntax summary: a frame is one of ROWS; an aggregate with ORDER BY needs one. PERCENTILE_CONT
    function: the sort-based aggregates of a SELECT all sort by the same. Comparison condition, WITH clause: neither
    IS DISTINCT FROM nor MATERIALIZED.
    """
    tree = sqlglot.parse_one(sql, read="redshift")
    found = []
    for window in tree.find_all(exp.Window):
        spec = window.args.get("spec")
        if spec is None and window.args.get("order") and not isinstance(window.this, RANKS):
            found.append(f"no frame: {window.sql('redshift')}")
        if spec is not None and str(spec.args["kind"]).upper() != "ROWS":
            found.append(f"not a ROWS frame: {window.sql('redshift')}")
    for select in tree.find_all(exp.Select):
        sorts = {
            within.expression.sql("redshift")
            for part in select.expressions
            for within in part.find_all(exp.WithinGroup)
        }
        if len(sorts) > 1:
            found.append(f"several sorts in a SELECT: {', '.join(sorted(sorts))}")
    found += [f"no such operator: {node.sql('redshift')}" for node in tree.find_all(*UNKNOWN)]
    return found


UNKNOWN = (exp.NullSafeEQ, exp.NullSafeNEQ, exp.Array)
"""Operators of PostgreSQL that Redshift does not have."""
