"""Trino and T-SQL as engines of the matrix: their grammars, for nothing runs."""

from __future__ import annotations

from dataclasses import replace

import sqlglot
from sqlglot import exp

from tests.conformance.ask import Ask
from tests.conformance.datasets import DataSet
from tests.conformance.runner import Registry, Runner, Statement, ViolationError
from tests.engines.snowflake_grammar import check


class OnTrino(Runner):
    """Trino's grammar by sqlfluff."""

    name = "trino"

    def parse(self, statement: Statement) -> None:
        """Parses the statement.

        Raises:
            GrammarError: where it does not parse.
        """
        for step in statement.steps:
            check(step.sql, self.name)


class OnSynapse(Runner):
    """T-SQL's grammar by sqlfluff, which takes a condition for a value: that is looked at besides."""

    name = "synapse"

    def compile(
        self, data: DataSet, detector: str, ask: Ask, known: Registry | None = None, source: str | None = None
    ) -> Statement:
        """The statement; lists of options are texts, since [..] is an identifier here."""
        options = {
            name: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
            for name, value in ask.options.items()
        }
        statement = super().compile(data, detector, replace(ask, options=options), known, source)
        misplaced = [part for step in statement.steps for part in misplaced_conditions(step.sql)]
        if misplaced:
            raise ViolationError(f"conditions in the place of values, or the reverse: {misplaced[:3]}")
        return statement

    def parse(self, statement: Statement) -> None:
        """Parses the statement.

        Raises:
            GrammarError: where it does not parse.
        """
        for step in statement.steps:
            check(step.sql, "tsql")


CONDITIONS = (exp.Predicate, exp.Connector, exp.Not)
"""What is true, false or unknown."""
PLACES: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.Where, "this"),
    (exp.Having, "this"),
    (exp.Join, "on"),
    (exp.If, "this"),
    (exp.Not, "this"),
    (exp.Connector, "this"),
    (exp.Connector, "expression"),
)
"""Where a condition stands."""


def misplaced_conditions(sql: str) -> list[str]:
    """The conditions that stand where T-SQL wants a value, the values that stand where it wants a condition.

    Example:
        >>> misplaced_conditions("SELECT a > 1 AS b, CASE WHEN c THEN 1 END AS d FROM t WHERE NOT a = 1")
        ['a > 1', 'c']
    """
    found = []
    for node in sqlglot.parse_one(sql, read="tsql").walk():
        held: exp.Expr = node
        while isinstance(held.parent, exp.Paren):
            held = held.parent
        wanted = any(isinstance(held.parent, kind) and held.arg_key == place for kind, place in PLACES)
        if isinstance(node, exp.Paren) or not isinstance(node, exp.Condition) or isinstance(node, exp.If):
            continue
        if isinstance(node, exp.Boolean) or wanted != isinstance(node, CONDITIONS):
            found.append(node.sql("tsql"))
    return found
