"""The checks of the matrix: each runs one ask on one engine, and says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import cast

from tests.conformance.ask import VERDICT, Ask
from tests.conformance.compare import differences
from tests.conformance.datasets import BY_NAME, DataSet
from tests.conformance.laws import Law
from tests.conformance.on_googlesql import OnGoogleSql
from tests.conformance.on_snowflake import OnSnowflake
from tests.conformance.on_spark import OnSpark
from tests.conformance.runner import SLICE, Runner
from tests.reference.judge import Verdict

Check = Callable[[Runner], list[str]]
"""Runs a cell and says what is wrong; empty if nothing is. Raises what the compiler refuses."""


@cache
def tail_of(name: str) -> DataSet:
    data = BY_NAME[name]
    return replace(data, table=data.table.slice(max(0, data.table.num_rows - SLICE)))


def tail(data: DataSet) -> DataSet:
    """The last rows of a data set."""
    return tail_of(data.name)


_expected: dict[str, list[Verdict]] = {}


def expected(data: DataSet, detector: str, ask: Ask) -> list[Verdict]:
    """The reference's answers, computed once for all engines."""
    key = repr((data.name, data.table.num_rows, detector, replace(ask, staged=False, form=None, functions=VERDICT)))
    if key not in _expected:
        _expected[key] = ask.reference(data, detector)
    return _expected[key]


def agrees(data: DataSet, detector: str, ask: Ask, runner: Runner) -> list[str]:
    """The engine's answers equal the reference's."""
    statement = runner.compile(data, detector, ask)
    return differences(data, detector, ask, runner.answers(statement, data), expected(data, detector, ask))


def agrees_by_default(data: DataSet, detector: str, ask: Ask, runner: Runner) -> list[str]:
    """The same with the settings that a user's session has."""
    statement = runner.compile(data, detector, ask)
    found = cast(OnSpark, runner).by_default(statement, data)
    return differences(data, detector, ask, found, expected(data, detector, ask))


def analyzes(data: DataSet, detector: str, ask: Ask, runner: Runner) -> list[str]:
    """GoogleSQL's analyzer finds the names and types of the result."""
    statement = runner.compile(data, detector, ask)
    cast(OnGoogleSql, runner).analyze(statement, data)
    return []


def prints(data: DataSet, detector: str, ask: Ask, runner: Runner) -> list[str]:
    """It compiles, and calls only functions on the dialect's list."""
    runner.compile(data, detector, ask)
    return []


def parses(data: DataSet, detector: str, ask: Ask, runner: Runner) -> list[str]:
    """An independent parser reads the statement."""
    statement = runner.compile(data, detector, ask)
    cast(OnSnowflake, runner).parse(statement)
    return []


def holds(law: Law, data: DataSet, detector: str, runner: Runner) -> list[str]:
    """The law holds."""
    return law(runner, data, detector)
