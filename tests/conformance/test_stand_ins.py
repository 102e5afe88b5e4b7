"""A fit that a client makes or finishes, and that SQL scores, gives the reference's answers on every engine."""

from __future__ import annotations

import pytest

from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import SOME, Ask
from tests.conformance.checks import expected, tail
from tests.conformance.compare import differences
from tests.conformance.conftest import Runners
from tests.conformance.datasets import BY_NAME
from tests.conformance.stand_ins import REACH, STAND_INS
from tests.reference.call import DETECTORS

ENGINES = ("duckdb", "spark", "connect", "postgres", "bigquery", "clickhouse", "snowflake", "redshift")
DATA = ("gaussian", "nonfinite", "hostile_columns", "null_and_nan_keys", "constant", "one_row", "empty", "decimal")
CASES = [
    pytest.param(engine, name, marks=() if name in DATA[: 4 if engine == "duckdb" else 2] else pytest.mark.thorough)
    for engine in ENGINES
    for name in DATA
    if engine != "connect" or name == "gaussian"
]
PAPER = ("synapse", "trino")


@pytest.mark.parametrize("detector", STAND_INS)
@pytest.mark.parametrize(("engine", "name"), CASES)
def test_a_fit_of_the_client_is_scored_in_sql(
    engine: str, name: str, detector: str, runners: Runners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DETECTORS, "reach", REACH)
    runner = runners(engine)
    data = tail(BY_NAME[name]) if engine == "bigquery" else BY_NAME[name]
    registry = {**detectors(), detector: STAND_INS[detector]}
    for asked in (Ask(), Ask(partition=data.keys, where=SOME)):
        statement = runner.compile(data, detector, asked, registry)
        assert statement.sql is None, "a plan of two steps"
        wanted = expected(data, detector, asked)
        assert differences(data, detector, asked, runner.answers(statement, data), wanted) == []


@pytest.mark.parametrize("detector", STAND_INS)
@pytest.mark.parametrize("engine", PAPER)
def test_both_steps_print_where_nothing_runs(engine: str, detector: str, runners: Runners) -> None:
    registry = {**detectors(), detector: STAND_INS[detector]}
    data = BY_NAME["gaussian"]
    statement = runners(engine).compile(data, detector, Ask(partition=data.keys, where=SOME), registry)
    assert [step.kind for step in statement.steps] == ["fit", "sql"]
