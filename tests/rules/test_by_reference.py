"""Every rule on every engine, against plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.dialects.signature import check_functions
from tests.conformance.on_printed import misplaced_conditions
from tests.conftest import missing_engine
from tests.engines.snowflake_grammar import check as check_grammar
from tests.rules.cases import (
    CASES,
    SCHEMA,
    Case,
    arrow,
    check,
    table,
)
from tests.thorough import some


@pytest.mark.duckdb
@pytest.mark.parametrize("kind", some(["plain", "ties", "duplicates", "skewed", "small"], every=2))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_says_what_its_reference_says(session: Session, case: Case, kind: str) -> None:
    """Over ties, missing values, NULL and NaN keys, and partitions of seven rows."""
    for seed in range(2):
        rows = table(kind, seed)
        session.load("t", arrow(rows))
        check(case, rows, session.sql(case.sql()).arrow().to_pylist())


def on_postgres() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.engines.postgres import Server

    try:
        server = Server()
    except (ImportError, OSError) as error:
        missing_engine("postgres", str(error))
    with sqlnomaly.connect(server.url) as connected:
        yield by_session(connected)
    server.stop()


def on_spark() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.conformance.on_spark import OnSpark

    runner = OnSpark()
    yield by_session(Session(runner.engine))
    runner.close()


def on_bigquery() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.engines.googlesql import GoogleSql

    types = {"id": "INT64", "g": "FLOAT64", "day": "DATE", "x": "FLOAT64", "y": "FLOAT64", "ref": "BOOL"}

    def run(sql: str, rows: pa.Table) -> list[dict[str, Any]]:
        return list(GoogleSql({"t": types}).execute(compiled(sql, "bigquery"), {"t": rows}).to_pylist())

    yield run


def on_clickhouse() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.engines.clickhouse import ClickHouse

    engine = ClickHouse()

    def run(sql: str, rows: pa.Table) -> list[dict[str, Any]]:
        engine.load("t", rows)
        return list(engine.run(compiled(sql, "clickhouse")).to_pylist())

    yield run
    engine.close()


def on_redshift() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.conformance.on_postgres import OnRedshift, refused_by_redshift

    runner = OnRedshift()

    def run(sql: str, rows: pa.Table) -> list[dict[str, Any]]:
        made = compiled(sql, "redshift")
        assert refused_by_redshift(made) == []
        runner.engine.load("t", rows)
        return list(runner.engine.run(runner.STEP.sub(r"\1\2 AS MATERIALIZED (", made)).to_pylist())

    yield run
    runner.close()


def on_snowflake() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.conformance.on_snowflake import exact
    from tests.engines.fakesnow import Fakesnow, FakesnowMissingError
    from tests.engines.snowflake_numbers import kind_of_type

    try:
        engine = Fakesnow()
    except FakesnowMissingError as error:
        missing_engine("snowflake", str(error))
    words = {"BIGINT": "NUMBER(38, 0)", "DOUBLE": "FLOAT"}
    types = {name.upper(): words.get(kind, kind) for name, kind in SCHEMA.items()}

    def run(sql: str, rows: pa.Table) -> list[dict[str, Any]]:
        made = compiled(sql, "snowflake")
        exact(made, {"T": {name: kind_of_type(kind) for name, kind in types.items()}})
        engine.load("T", rows.rename_columns(list(types)), list(types.values()))
        return [{name.lower(): value for name, value in row.items()} for row in engine.run(made).to_pylist()]

    yield run
    engine.close()


def compiled(sql: str, dialect: str) -> str:
    return sqlnomaly.compile(sql, read="duckdb", write=dialect, schema={"t": SCHEMA}).sql


def by_session(connected: Session) -> Callable[[str, pa.Table], list[dict[str, Any]]]:
    def run(sql: str, rows: pa.Table) -> list[dict[str, Any]]:
        connected.load("t", rows)
        return list(connected.sql(sql, read="duckdb").arrow().to_pylist())

    return run


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(on_postgres, marks=pytest.mark.postgres, id="postgres"),
        pytest.param(on_bigquery, marks=pytest.mark.bigquery, id="bigquery"),
        pytest.param(on_clickhouse, marks=pytest.mark.clickhouse, id="clickhouse"),
        pytest.param(on_redshift, marks=pytest.mark.redshift, id="redshift"),
        pytest.param(on_snowflake, marks=pytest.mark.snowflake, id="snowflake"),
        pytest.param(on_spark, marks=[pytest.mark.spark, pytest.mark.slow], id="spark"),
    ],
)
def test_every_engine_says_the_same(start: Callable[[], Iterator[Any]]) -> None:
    """Each rule over ties and over values without."""
    running = start()
    run = next(running)
    for case in CASES:
        rows = table("ties" if "fdr" in case.name else "plain", 5, size=200)
        check(case, rows, run(case.sql(), arrow(rows)))
    next(running, None)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_rule_calls_functions_that_the_engine_has(dialect: str) -> None:
    """With arguments of the kinds that they take; for T-SQL no condition stands where a value should."""
    record = get_dialect(dialect)
    for case in CASES:
        sql = compiled(case.sql(), dialect)
        assert check_functions(sql, record.functions, record.sqlglot) == [], case.name
        if record.sqlglot in ("tsql", "fabric"):
            assert misplaced_conditions(sql) == [], case.name


@pytest.mark.parametrize(
    ("dialect", "grammar"),
    [
        pytest.param("snowflake", "snowflake", marks=[pytest.mark.snowflake, pytest.mark.slow]),
        pytest.param("trino", "trino", marks=[pytest.mark.trino, pytest.mark.slow, pytest.mark.thorough]),
        pytest.param("redshift", "redshift", marks=[pytest.mark.redshift, pytest.mark.slow, pytest.mark.thorough]),
        pytest.param("synapse", "tsql", marks=[pytest.mark.synapse, pytest.mark.slow, pytest.mark.thorough]),
    ],
)
def test_a_rule_is_of_the_grammar_of_its_engine(dialect: str, grammar: str) -> None:
    """By an independent parser, which refuses what is nested too deeply."""
    for case in CASES:
        check_grammar(compiled(case.sql(), dialect), grammar)
