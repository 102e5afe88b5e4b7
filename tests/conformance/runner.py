"""What the matrix asks of an engine: it compiles an ask in its own dialect, and runs it or has it checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from sqlnomaly.dialects import get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.pushdown.compiled import Step
from sqlnomaly.pushdown.compiler import compile_sql
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.session import Session
from sqlnomaly.training import lower_names
from sqlnomaly.udfs import registry
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import FUNCTIONS, Ask, schema
from tests.conformance.datasets import DataSet
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
    """What to run: steps, of which all but the last are fits on the client."""

    asked: Ask
    query: str
    steps: tuple[Step, ...]
    registry: Registry

    @property
    def sql(self) -> str | None:
        """The SQL, or None where the plan is not SQL alone."""
        return self.steps[0].sql if len(self.steps) == 1 else None

    @property
    def text(self) -> str:
        """The SQL of a plan that is nothing else."""
        assert self.sql is not None, "the plan is not SQL alone"
        return self.sql


class Runner:
    """What the matrix asks of an engine. Types come from the data set's schema.

    Attributes:
        name: the engine.
        dialect: what it reads.
    """

    name: str
    dialect: str

    def __init_subclass__(cls) -> None:
        if "name" in vars(cls) and "dialect" not in vars(cls):
            cls.dialect = cls.name

    def load(self, data: DataSet) -> None:
        """Makes the data set a table."""

    def known(self, data: DataSet) -> dict[str, Any]:
        """How the compiler comes to know the columns."""
        return {"schema": schema(data, self.dialect)}

    def compile(
        self, data: DataSet, detector: str, ask: Ask, known: Registry | None = None, source: str | None = None
    ) -> Statement:
        """The statement; where types or structure may bring new functions, they are held to the list.

        Raises:
            ViolationError: naming the calls that are not as documented.
            SqlnomalyError: what the compiler refuses.
        """
        query = ask.sql(data, detector, self.dialect, source)
        compiled = compile_sql(
            query,
            read=self.dialect,
            write=self.dialect,
            registry=known or detectors(),
            form=ask.form,
            staged=ask.staged,
            **self.known(data),
        )
        if data.name in CHECKED and not any(step.fit and step.fit.given.functions for step in compiled.steps):
            self.check(compiled.steps)
        return Statement(ask, query, compiled.steps, known or detectors())

    def check(self, steps: tuple[Step, ...]) -> None:
        """Holds the statements to the dialect's list of functions.

        Raises:
            ViolationError: naming the calls that are not as documented.
        """
        dialect = get_dialect(self.dialect)
        problems = [
            problem for step in steps for problem in check_functions(step.sql, dialect.functions, dialect.sqlglot)
        ]
        if problems:
            raise ViolationError("; ".join(problems))

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
        {key: value if value is None or isinstance(value, str) else float(value) for key, value in part.items()}
        for part in parts
    ]


def by_session(session: Session, statement: Statement) -> dict[int, Verdict]:
    """The verdicts of a plan that takes more than one step. A session knows one registry, the package's."""
    with pytest.MonkeyPatch.context() as patch:
        if statement.registry is not detectors():
            patch.setattr(registry, "detectors", lambda: statement.registry)
        return verdicts(session.sql(statement.query).arrow(), statement.asked)


def by_steps(
    statement: Statement, run: Callable[[str], pa.Table], load: Callable[[str, pa.Table], None]
) -> pa.Table:
    """The result of a plan on an engine that has no session: the client fits between the statements.

    Args:
        statement: what to run.
        run: runs one statement.
        load: makes rows a table of that name, written without quotes.

    Raises:
        ViolationError: a fit that gives a function: nothing here registers one.
    """
    *before, last = statement.steps
    for step in before:
        assert step.fit is not None, "the step of a client"
        learned = step.fit.learn(lower_names(run(step.sql)))
        if learned.functions or learned.relation.column_names != list(step.fit.given.columns):
            raise ViolationError(f"learned {learned.relation.column_names}, functions {list(learned.functions)}")
        load(step.fit.given.name, learned.relation)
    return run(last.sql)
