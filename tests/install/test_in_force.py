"""Procedures about stored models: what they say and change is what sessions say and see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import sqlnomaly
from sqlnomaly import EngineError, Session
from sqlnomaly.errors import BindError
from sqlnomaly.install import bigquery, in_force, postgres, snowflake
from tests.engines.googlesql import GoogleSql
from tests.engines.sessions import on_bigquery, on_postgres, on_snowflake
from tests.engines.snowflake_grammar import check

CREATE = "CREATE OR REPLACE ANOMALY MODEL {} USING zscore AS SELECT x FROM t"
ROWS = "SELECT 1.5 AS x UNION ALL SELECT 2.5 UNION ALL SELECT 4.0 UNION ALL SELECT 7.5 UNION ALL SELECT 9.0"
SESSIONS = {"duckdb": sqlnomaly.connect, "postgres": on_postgres, "snowflake": on_snowflake, "bigquery": on_bigquery}
ALL = [
    pytest.param(name, marks=[getattr(pytest.mark, name), *([pytest.mark.thorough] if name == "bigquery" else [])])
    for name in SESSIONS
]
NOT_THERE = [("fraud", 2), ("fraud", 9), ("none", 1), ("gone", 1), ("gone", None)]
"""Models and versions that nothing can put in force, or out of it."""


@pytest.fixture(scope="module", params=ALL)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """Three versions of fraud, the second one dropped; one of another model; one that is out of force."""
    with SESSIONS[request.param]() as made:
        made.sql(f"CREATE TABLE t AS {ROWS}")
        for _ in range(3):
            made.sql(CREATE.format("fraud"))
        made.sql("DROP ANOMALY MODEL fraud VERSION 2")
        made.sql(CREATE.format("other"))
        made.sql(CREATE.format("gone"))
        made.sql("DROP ANOMALY MODEL gone")
        yield made


def shown(session: Session) -> list[tuple[object, ...]]:
    """Model, version and number of versions by a session."""
    return [(row[0], row[1], row[2]) for row in session.sql("SHOW ANOMALY MODELS").fetchall()]


def change(session: Session, model: str, version: int | None) -> None:
    """The statement of a procedure, as the engine runs it there, with its arguments written out."""
    places = in_force.PLACES[session.engine.dialect]
    text = in_force.change(
        model=f"'{model}'",
        version=None if version is None else str(version),
        now=places["now"],
        token=places["token"],
    )
    session.engine.run(text)


def test_what_is_in_force_is_what_a_session_says_and_what_is_changed_a_session_sees(session: Session) -> None:
    at_first = [("fraud", 3, 2), ("other", 1, 1)]
    found = session.engine.run(f"{in_force.IN_FORCE} ORDER BY 1")
    assert [tuple(row.values())[:3] for row in found.to_pylist()] == shown(session) == at_first
    if session.engine.dialect == "duckdb":  # whose macros write nothing
        return
    for model, version in NOT_THERE:
        change(session, model, version)
    assert shown(session) == at_first
    for said in ("fraud", "FRAUD"):
        change(session, said, 1)
        assert shown(session) == [("fraud", 1, 2), ("other", 1, 1)]
        session.sql("ALTER ANOMALY MODEL fraud SET VERSION 3")  # the number of the change was the next one
        assert shown(session) == at_first
    change(session, "fraud", None)
    assert shown(session) == [("other", 1, 1)]
    with pytest.raises(BindError, match="no model 'fraud'"):
        session.sql("SELECT anomaly_score(x, model => 'fraud') FROM t")


@pytest.mark.duckdb
def test_duckdb_says_it_without_a_session_of_ours() -> None:
    with sqlnomaly.connect() as made:
        made.install()
        with pytest.raises(BindError, match="sqlnomaly"):
            made.engine.run("FROM show_anomaly_models()")
        made.sql(f"CREATE TABLE t AS {ROWS}")
        made.sql(CREATE.format("fraud"))
        assert made.engine.run("SELECT model, version, versions FROM show_anomaly_models()").to_pylist() == [
            {"model": "fraud", "version": 1, "versions": 1}
        ]
        assert made.engine.run("FROM show_anomaly_models(pattern := 'g%')").num_rows == 0


@pytest.mark.postgres
def test_the_procedures_of_postgresql_change_what_is_in_force_and_refuse_by_name() -> None:
    with on_postgres() as made:
        for statement in postgres.pack().statements():
            made.engine.run(statement)
        made.sql(f"CREATE TABLE t AS {ROWS}")
        for _ in range(2):
            made.sql(CREATE.format("fraud"))
        made.engine.run("CALL set_anomaly_model_version('fraud', 1)")
        assert shown(made) == [("fraud", 1, 2)]
        found = made.engine.run("SELECT model, version, versions FROM show_anomaly_models()").to_pylist()
        assert found == [{"model": "fraud", "version": 1, "versions": 2}]
        with pytest.raises(EngineError, match="there is no model fraud with a version 3"):
            made.engine.run("CALL set_anomaly_model_version('fraud', 3)")
        made.engine.run("CALL drop_anomaly_model('fraud')")
        assert shown(made) == []
        with pytest.raises(EngineError, match="there is no model fraud"):
            made.engine.run("CALL drop_anomaly_model('fraud')")


@pytest.mark.bigquery
@pytest.mark.parametrize("name", list(in_force.BIGQUERY))
def test_googlesql_reads_the_procedures(name: str) -> None:
    (text,) = [item.create for item in bigquery.pack().items if item.name.endswith(f".{name}")]
    assert GoogleSql({}).analyze(text) == []


@pytest.mark.snowflake
@pytest.mark.parametrize("name", list(in_force.SNOWFLAKE))
def test_the_grammar_reads_the_procedures(name: str) -> None:
    (text,) = [item.create for item in snowflake.pack().items if item.name == name.upper()]
    check(f"{text};")
