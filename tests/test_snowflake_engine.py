"""A Snowflake connection: the vendor's connector and Snowpark over fakesnow's server, and the words of its errors."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import pytest
from typer.testing import CliRunner

import sqlnomaly
from sqlnomaly import BindError, EngineError, MissingDriverError, Session, UnsupportedError, UsageError
from sqlnomaly.cli import app
from sqlnomaly.engines import open_engine
from sqlnomaly.engines.snowflake import Snowflake
from sqlnomaly.engines.snowflake_errors import scrubbed, secrets_of, translate
from tests.conftest import missing_engine
from tests.engines.snowflake_peer import PeerMissingError, SnowflakePeer

pytestmark = pytest.mark.snowflake

ROWS = pa.table({"id": [1, 2, 3], "amount": [1.5, None, 2.5]})
POINTS = pa.table(
    {
        "id": range(40),
        "x": [*(float(i % 7) for i in range(38)), 900.0, None],
        "y": [(i * 7919 % 101) / 10 for i in range(40)],
        "store": ["a", "b"] * 20,
    }
)
NAMED = """
[peer]
account = "fakesnow"
user = "fake"
password = "hunter2"
host = "127.0.0.1"
port = {port}
protocol = "http"
database = "TESTS"
schema = "PUBLIC"
[nowhere]
account = "fakesnow"
user = "fake"
password = "hunter2"
host = "127.0.0.1"
port = 1
protocol = "http"
login_timeout = 1
"""


@pytest.fixture(scope="module")
def peer() -> Iterator[SnowflakePeer]:
    try:
        import snowflake.connector  # noqa: F401

        started = SnowflakePeer()
    except ImportError as error:
        missing_engine("snowflake", str(error))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def connection(peer: SnowflakePeer) -> Iterator[Any]:
    from snowflake import connector

    with closing(connector.connect(**peer.parameters)) as opened:
        yield opened


@pytest.fixture
def engine(connection: Any) -> Iterator[Snowflake]:
    opened = open_engine(connection)
    assert isinstance(opened, Snowflake)
    opened.load("orders", ROWS)
    yield opened
    opened.close()


@pytest.fixture
def session(connection: Any) -> Iterator[Session]:
    with sqlnomaly.connect(connection) as connected:
        connected.load("points", POINTS)
        yield connected


@pytest.fixture
def named(peer: SnowflakePeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections where the driver looks for them."""
    monkeypatch.setenv("SNOWFLAKE_CONNECTIONS", NAMED.format(port=peer.parameters["port"]))


def test_a_schema_is_made_and_the_current_one_stays(engine: Snowflake) -> None:
    engine.make_schema("made")
    assert engine.run("SELECT CURRENT_SCHEMA() AS here").to_pylist() == [{"HERE": "PUBLIC"}]
    engine.run("CREATE TABLE made.t AS SELECT 1 AS one")
    assert engine.run("SELECT one FROM made.t").to_pylist() == [{"ONE": 1}]
    engine.run("DROP TABLE made.t")


def test_a_query_comes_back_as_arrow(engine: Snowflake) -> None:
    found = engine.run("SELECT id, amount, id > 1 AS more, 'ü' AS word, 1.5 AS n FROM orders ORDER BY id")
    assert found.column_names == ["ID", "AMOUNT", "MORE", "WORD", "N"]
    assert found.schema.types == [pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.decimal128(38, 1)]
    assert found.to_pylist()[1] == {"ID": 2, "AMOUNT": None, "MORE": True, "WORD": "ü", "N": Decimal("1.5")}


TYPED = pa.table(
    {
        "whole": pa.array([2**53 + 1, None, -1]),
        "real": pa.array([float("nan"), None, float("-inf")]),
        "tiny": pa.array([5e-324, 0.1 + 0.2, 1e150]),
        "word": pa.array(["it's", None, 'a "b" %s ?']),
        "flag": pa.array([True, None, False]),
        "day": pa.array([dt.date(2024, 2, 29), None, dt.date(1, 1, 1)]),
        "clock": pa.array([dt.datetime(2024, 3, 31, 2, 30, 0, 1), None, dt.datetime(1969, 12, 31)], pa.timestamp("us")),
        "instant": pa.array([dt.datetime(2024, 1, 1, tzinfo=dt.UTC)] * 2 + [None], pa.timestamp("ns", "Europe/Berlin")),
    }
)


def test_what_is_loaded_comes_back_as_it_was(engine: Snowflake) -> None:
    engine.load("typed", TYPED)
    found = engine.run("SELECT * FROM typed")
    clock, instant = pa.timestamp("us"), pa.timestamp("us", "UTC")
    kinds = [pa.int64(), pa.float64(), pa.float64(), pa.string(), pa.bool_(), pa.date32(), clock, instant]
    assert found.schema.types == kinds
    assert engine.run("SELECT * FROM typed WHERE FALSE").schema == found.schema
    wanted = TYPED.rename_columns(found.column_names).cast(found.schema)
    assert repr(found.to_pylist()) == repr(wanted.to_pylist())


def test_more_rows_than_one_statement_takes_are_loaded(engine: Snowflake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlnomaly.engines.snowflake.VALUES_AT_ONCE", 3)
    engine.load("many", pa.table({"a": range(7), "b": [None] * 7}))
    assert engine.run("SELECT a FROM many ORDER BY a").column("A").to_pylist() == list(range(7))


def test_a_whole_number_over_int64_is_a_decimal(engine: Snowflake) -> None:
    found = engine.run("SELECT 99999999999999999999999999 AS n")
    assert found.column("N").to_pylist() == [Decimal(99999999999999999999999999)]


def test_a_statement_s_percent_and_question_marks_are_its_own(engine: Snowflake) -> None:
    assert engine.run("SELECT 'a%sb?' AS a, MOD(5, 3) AS m, 5 % 3 AS n").to_pylist() == [{"A": "a%sb?", "M": 2, "N": 2}]


def test_the_user_s_setting_for_exact_numbers_is_kept(engine: Snowflake, connection: Any) -> None:
    engine.run("SELECT 1.5 AS n")
    assert connection.arrow_number_to_decimal is False


def test_a_type_that_snowflake_lacks_is_refused_by_name(engine: Snowflake) -> None:
    with pytest.raises(EngineError, match="cannot be loaded into Snowflake") as caught:
        engine.load("nested", pa.table({"deep": [[1], [2]]}))
    assert caught.value.where == "deep"
    with pytest.raises(EngineError, match="one name in upper case"):
        engine.load("twice", pa.table({"a": [1], "A": [2]}))


def test_describe_names_and_types_without_running(engine: Snowflake) -> None:
    described = engine.describe("SELECT id, amount, 'a' AS word, CAST(1 AS NUMBER(9, 2)) AS n FROM orders")
    assert described == [("ID", "NUMBER(38,0)"), ("AMOUNT", "FLOAT"), ("WORD", "VARCHAR"), ("N", "NUMBER(9,2)")]
    with pytest.raises(EngineError, match="only a single query"):
        engine.describe("CREATE TABLE never AS SELECT 1 AS a")
    assert "NEVER" not in engine.tables()


def test_a_statement_that_returns_nothing_has_no_columns(engine: Snowflake) -> None:
    assert engine.run("CREATE TABLE made AS SELECT 1 AS a").column_names == []
    assert engine.run("INSERT INTO made SELECT 2 AS a").column_names == []
    assert {"MADE", "ORDERS"} <= set(engine.tables())
    assert engine.columns("MADE") == [("A", "NUMBER(38,0)")]
    engine.run("DROP TABLE made")
    with pytest.raises(BindError, match="table 'MADE' does not exist"):
        engine.columns("MADE")


def test_show_gives_rows(engine: Snowflake) -> None:
    assert "name" in engine.run("SHOW TABLES").column_names


def test_loading_again_replaces_and_dropping_is_of_ours_alone(engine: Snowflake) -> None:
    engine.run("CREATE TABLE kept AS SELECT 7 AS a")
    try:
        engine.load("orders", ROWS.slice(0, 1))
        assert engine.run("SELECT * FROM orders").num_rows == 1
        engine.drop(["orders", "orders", "kept"])
        assert engine.tables() == ["KEPT"]
    finally:
        engine.run("DROP TABLE kept")


def test_a_file_is_a_table(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    csv.write_csv(ROWS, path)
    assert session.sql(f"SELECT COUNT(amount) AS n FROM '{path}'").fetchall() == [(2,)]
    assert session.tables() == ["POINTS"]


@pytest.mark.parametrize("sql", ["SELECT amout FROM orders", "SELECT * FROM ordrs", "SELECT nofun(1)"])
def test_a_name_that_does_not_fit_is_a_bind_error(engine: Snowflake, sql: str) -> None:
    with pytest.raises(BindError):
        engine.run(sql)
    with pytest.raises(BindError):
        engine.describe(sql)
    assert engine.run("SELECT COUNT(*) AS n FROM orders").to_pylist() == [{"N": 3}]


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT CAST('x' AS INT) AS n FROM orders", " ; ", "-- nothing"])
def test_what_else_fails_is_an_engine_error(engine: Snowflake, sql: str) -> None:
    with pytest.raises(EngineError):
        engine.run(sql)


# What the server says, in the words of Snowflake's pages, where fakesnow has DuckDB's.
SAID = [
    (
        2003,
        "002003 (42S02): 01b2c3d4-0303-7b0e-0000-0001e2f3a4b5: SQL compilation error:\n"
        "Object 'TESTS.PUBLIC.ORDRS' does not exist or not authorized.",
        BindError,
        "table 'ORDRS' does not exist, or may not be seen",
    ),
    (
        904,
        "000904 (42000): SQL compilation error: error line 1 at position 7\ninvalid identifier 'AMOUT'",
        BindError,
        "column 'AMOUT' does not exist",
    ),
    (
        2140,
        "002140 (42601): SQL compilation error:\nUnknown function NOFUN",
        BindError,
        "Unknown function NOFUN",
    ),
    (100051, "100051 (22012): Division by zero", EngineError, "Division by zero"),
    (
        1003,
        "001003 (42000): SQL compilation error:\nsyntax error line 1 at position 0 unexpected 'SELEC'.",
        EngineError,
        "syntax error line 1 at position 0 unexpected 'SELEC'.",
    ),
    (604, "000604 (57014): SQL execution canceled", EngineError, "the query was interrupted"),
    (
        390114,
        "390114 (08001): Authentication token has expired.",
        EngineError,
        "the connection to Snowflake was lost: Authentication token has expired.",
    ),
]


@pytest.mark.parametrize(("number", "said", "kind", "message"), SAID)
def test_the_server_s_words_are_kept_without_numbers(number: int, said: str, kind: type, message: str) -> None:
    connector = pytest.importorskip("snowflake.connector")
    found = translate(connector.ProgrammingError(msg=said, errno=number), lambda name: f"near {name}")
    assert (type(found), found.message) == (kind, message)
    assert number != 2003 or found.hint == "near ORDRS"


def test_functions_are_refused(engine: Snowflake) -> None:
    with pytest.raises(UnsupportedError, match="no functions from a client") as caught:
        engine.register("f", None)  # type: ignore[arg-type]
    assert "fit a model" in str(caught.value.hint)
    engine.unregister(["f"])


def test_no_function_is_there(engine: Snowflake) -> None:
    assert engine.functions(["fraud_score", 'PUBLIC."x y"', "TESTS.PUBLIC.DETECT_ANOMALIES"]) == {}


def test_a_running_query_is_interrupted(engine: Snowflake) -> None:
    engine.load("points", POINTS)
    engine.interrupt()
    timer = threading.Timer(0.5, engine.interrupt)
    timer.start()
    began = time.monotonic()
    tables = ", ".join(f"points AS p{n}" for n in range(7))
    with pytest.raises(EngineError, match="interrupted"):
        engine.run(f"SELECT COUNT(*) AS n FROM {tables} WHERE MOD(p0.id * p1.id + p2.id * p3.id + p4.id, 97) = 5")
    timer.join()
    assert time.monotonic() - began < 20
    assert engine.run("SELECT COUNT(*) AS n FROM orders").to_pylist() == [{"N": 3}]


def test_a_user_s_connection_stays_open_and_keeps_nothing_of_ours(connection: Any) -> None:
    with sqlnomaly.connect(connection) as session:
        session.load("mine", ROWS)
    with connection.cursor() as cursor, pytest.raises(Exception, match="MINE"):
        cursor.execute("SELECT * FROM mine")


CALLS = [
    "x",
    "x, detector => 'mad'",
    "x, y, detector => 'ecod'",
    "x, y, detector => 'mahalanobis'",
    "y, detector => 'hbos'",
]


@pytest.mark.parametrize("call", CALLS)
def test_a_score_is_the_same_as_on_duckdb(session: Session, call: str) -> None:
    sql = f"SELECT id, anomaly_score({call}) OVER (PARTITION BY store) AS s FROM points ORDER BY id"
    here = session.sql(sql).fetchall()
    with sqlnomaly.connect() as other:
        other.load("points", POINTS)
        there = other.sql(sql).fetchall()
    assert [row[0] for row in here] == [row[0] for row in there]
    assert [row[1] for row in here] == [row[1] and pytest.approx(row[1], rel=1e-9, abs=1e-12) for row in there]
    assert sum(row[1] is not None for row in here) >= 39


def test_a_snowpark_session_scores(connection: Any) -> None:
    from snowflake.snowpark import Session as Snowpark

    snowpark = Snowpark.builder.config("connection", connection).create()
    with sqlnomaly.connect(snowpark) as session:
        session.load("points", POINTS)
        (row,) = session.sql("SELECT id FROM points QUALIFY is_anomaly(x, detector => 'mad')").fetchall()
        assert row == (38,)
        assert snowpark.sql("SELECT COUNT(*) AS n FROM points").collect()[0]["N"] == 40


def test_a_snowpark_session_without_an_account_is_refused() -> None:
    pytest.importorskip("snowflake.snowpark")
    from snowflake.snowpark import Session as Snowpark

    local = Snowpark.builder.config("local_testing", True).create()
    with closing(local), pytest.raises(UsageError, match="local testing"):
        open_engine(local)


def test_a_forest_is_refused_by_name_before_a_row_leaves(session: Session) -> None:
    with pytest.raises(UnsupportedError, match=r"iforest.*snowflake"):
        session.sql("SELECT anomaly_score(x, detector => 'iforest') AS s FROM points")


def test_a_named_connection_is_the_driver_s(named: None) -> None:
    with closing(open_engine("snowflake://peer")) as engine:
        assert engine.run("SELECT 1 AS a").to_pylist() == [{"A": 1}]


def test_a_read_only_connection_refuses_what_writes(named: None) -> None:
    with closing(open_engine("snowflake://peer", read_only=True)) as engine:
        engine.load("orders", ROWS)
        assert engine.run("WITH o AS (SELECT * FROM orders) SELECT * FROM o").num_rows == 3
        for sql in ("CREATE TABLE written AS SELECT 1", "/* SELECT */ INSERT INTO orders VALUES (1, 1)", "CALL p()"):
            with pytest.raises(EngineError, match="read-only"):
                engine.run(sql)


def test_the_command_line_queries_a_named_connection(named: None, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    csv.write_csv(POINTS, path)
    sql = f"SELECT id FROM '{path}' QUALIFY is_anomaly(x, detector => 'mad')"
    done = CliRunner().invoke(app, ["query", "--on", "snowflake://peer", sql, "--format", "csv"])
    assert (done.exit_code, done.stdout) == (0, "ID\n38\n"), done.output


@pytest.mark.parametrize("target", ["snowflake://other", "snowflake://nowhere", "snowflake://fake:hunter2@peer/x"])
def test_a_connection_that_is_none_is_told_without_a_secret(named: None, target: str) -> None:
    with pytest.raises((EngineError, UsageError)) as caught:
        open_engine(target)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_every_secret_of_the_configuration_is_known(named: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "s3cret")
    assert {"hunter2", "s3cret"} <= set(secrets_of("peer"))
    assert scrubbed("hunter2 is no s3cret", secrets_of("peer")) == "*** is no ***"


def test_importing_the_package_loads_no_driver() -> None:
    code = "import sys, sqlnomaly; sqlnomaly.connect().close(); print('snowflake.connector' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("snowflake.connector")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "snowflake.connector", None)
    with pytest.raises(MissingDriverError, match=r"sqlnomaly\[snowflake\]"):
        open_engine("snowflake://peer")


def test_a_missing_server_is_named() -> None:
    with pytest.raises(PeerMissingError, match="make fakesnow"):
        SnowflakePeer(Path(os.devnull, "python"))


def test_a_model_is_fitted_as_on_duckdb(session: Session) -> None:
    model = session.fit("SELECT x FROM points", detector="mad")
    assert model.fitted.relations["model"].column("_sn_x__centre").to_pylist() == [3.0]
