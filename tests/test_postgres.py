"""PostgreSQL: the engine's contract on a real server, what it may write, and what it tells."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import BindError, EngineError, MissingDriverError, Session, UnsupportedError, UsageError
from sqlnomaly.engines import open_engine
from sqlnomaly.engines.postgres import Postgres
from tests.conftest import missing_engine
from tests.engines.postgres import Server

pytestmark = pytest.mark.postgres

ROWS = pa.table({"id": [1, 2, 3], "amount": [1.5, None, 2.5]})


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    try:
        started = Server()
    except (ImportError, OSError) as error:
        missing_engine("postgres", str(error))
    yield started
    started.stop()


@pytest.fixture
def engine(server: Server) -> Iterator[Postgres]:
    opened = open_engine(server.url)
    assert isinstance(opened, Postgres)
    opened.load("orders", ROWS)
    yield opened
    opened.close()


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    with sqlnomaly.connect(server.url) as connected:
        yield connected


@contextmanager
def meanwhile(action: Callable[[], object]) -> Iterator[None]:
    """Does something in another thread, a little later."""
    timer = threading.Timer(0.3, action)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def test_a_query_comes_back_as_arrow(engine: Postgres) -> None:
    found = engine.run("SELECT id, amount, id > 1 AS more, 'ü' AS word FROM orders ORDER BY id")
    assert found.schema.types == [pa.int64(), pa.float64(), pa.bool_(), pa.string()]
    assert found.to_pylist()[1] == {"id": 2, "amount": None, "more": True, "word": "ü"}


def test_a_result_without_rows_has_its_types(engine: Postgres) -> None:
    found = engine.run("SELECT id, amount, 1.5::numeric(9, 2) AS n FROM orders WHERE FALSE")
    assert found.schema.types == [pa.int64(), pa.float64(), pa.decimal128(9, 2)]


def test_numeric_is_decimal(engine: Postgres) -> None:
    (row,) = engine.run("SELECT 12.340::numeric(9, 3) AS a, SUM(id) AS b, NULL::numeric AS c FROM orders").to_pylist()
    assert row == {"a": Decimal("12.340"), "b": Decimal(6), "c": None}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e100"])
def test_a_numeric_that_no_decimal_holds_is_text(engine: Postgres, value: str) -> None:
    (found,) = engine.run(f"SELECT '{value}'::numeric AS a").column("a").to_pylist()
    assert float(found) == float(value) or value == "NaN"


def test_nan_in_a_whole_numeric_is_out_of_range_and_hides_nothing(session: Session) -> None:
    number = "(CASE WHEN i = 3 THEN 'NaN' ELSE i::text END)::numeric(10, 0)"
    session.engine.run(f"CREATE TABLE whole_numbers AS SELECT i, {number} AS x FROM generate_series(1, 20) AS g(i)")
    call = "(x, detector => 'mad') OVER ()"
    sql = f"SELECT i, anomaly_score{call}, anomaly_status{call} FROM whole_numbers ORDER BY i"
    try:
        found = session.sql(sql).fetchall()
    finally:
        session.engine.run("DROP TABLE whole_numbers")
    assert found[2] == (3, None, "out_of_range")
    assert {status for i, _, status in found if i != 3} == {"ok"}


def test_a_comment_and_a_semicolon_may_end_a_query(engine: Postgres) -> None:
    assert engine.run("SELECT id FROM orders -- all\n").num_rows == 3
    assert engine.run("SELECT id FROM orders;").num_rows == 3


def test_describe_names_and_types_without_running(engine: Postgres) -> None:
    sql = "SELECT id, amount, 1 / 0 AS bad, 1.5::numeric(9, 2) AS n, 'a'::char(3) AS c FROM orders"
    described = engine.describe(sql)
    assert described == [
        ("id", "bigint"),
        ("amount", "double precision"),
        ("bad", "integer"),
        ("n", "numeric(9,2)"),
        ("c", "character"),
    ]


def test_only_a_query_is_described(engine: Postgres) -> None:
    with pytest.raises(EngineError, match="only a single query"):
        engine.describe("CREATE TABLE never AS SELECT 1 AS a")
    assert "never" not in engine.tables()


def test_a_statement_that_returns_nothing_has_no_columns(engine: Postgres) -> None:
    assert engine.run("CREATE TABLE made AS SELECT 1 AS a").column_names == []
    assert engine.run("INSERT INTO made SELECT 2 AS a").column_names == []
    assert "made" in engine.tables()
    engine.run("DROP TABLE made")


def test_tables_and_columns_are_listed(engine: Postgres) -> None:
    engine.run('CREATE TABLE "Mixed Case" ("A b" numeric(9, 2), at timestamptz)')
    engine.run("CREATE SCHEMA apart")
    engine.run("CREATE VIEW apart.seen AS SELECT 1 AS one")
    try:
        assert {"orders", "Mixed Case", "apart.seen"} <= set(engine.tables())
        assert engine.columns("Mixed Case") == [("A b", "numeric(9,2)"), ("at", "timestamp with time zone")]
        assert engine.columns("apart.seen") == [("one", "integer")]
    finally:
        engine.run('DROP TABLE "Mixed Case"')
        engine.run("DROP SCHEMA apart CASCADE")


def test_loading_again_replaces(engine: Postgres) -> None:
    engine.load("orders", ROWS.slice(0, 1))
    assert engine.run("SELECT * FROM orders").num_rows == 1


def test_loading_never_touches_a_table_of_the_same_name(engine: Postgres, server: Server) -> None:
    engine.run("CREATE TABLE public.kept AS SELECT 7 AS a")
    try:
        engine.load("kept", ROWS)
        engine.load("kept", ROWS)
        engine.drop(["kept"])
        engine.drop(["kept"])
        assert engine.run("SELECT a FROM kept").to_pylist() == [{"a": 7}]
    finally:
        engine.run("DROP TABLE public.kept")


def test_types_that_postgres_lacks_are_loaded_as_their_nearest(engine: Postgres) -> None:
    data = pa.table(
        {
            "small": pa.array([200], pa.uint8()),
            "large": pa.array([2**64 - 1], pa.uint64()),
            "word": pa.array(["a"]).dictionary_encode(),
            "at": pa.array([1_700_000_000_123_456_789], pa.timestamp("ns", tz="Europe/Berlin")),
            "nothing": pa.nulls(1),
        }
    )
    engine.load("wide", data)
    (row,) = engine.run("SELECT small, large, word, EXTRACT(EPOCH FROM at) AS at, nothing FROM wide").to_pylist()
    at = Decimal("1700000000.123456")
    assert row == {"small": 200, "large": Decimal(2**64 - 1), "word": "a", "at": at, "nothing": None}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_is_a_table(session: Session, tmp_path: Path, ending: str) -> None:
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    path = tmp_path / f"orders.{ending}"
    (csv.write_csv if ending == "csv" else pq.write_table)(ROWS, path)
    assert session.sql(f"SELECT COUNT(amount) AS n FROM \"{path}\"").fetchall() == [(2,)]
    assert session.tables() == []


@pytest.mark.parametrize(
    ("sql", "message", "where", "hint"),
    [
        ("SELECT nope FROM orders", 'column "nope" does not exist', "nope", None),
        ("SELECT * FROM ordrs", 'relation "ordrs" does not exist', "ordrs", "did you mean 'orders'"),
        ("SELECT nofun(1)", "function nofun(integer) does not exist", "nofun", "explicit type casts"),
        ("SELECT id + 'a'::text FROM orders", "operator does not exist", "+", "explicit type casts"),
    ],
)
def test_a_name_or_type_that_does_not_fit_is_a_bind_error(
    engine: Postgres, sql: str, message: str, where: str, hint: str | None
) -> None:
    with pytest.raises(BindError) as caught:
        engine.run(sql)
    assert caught.value.message.startswith(message)
    assert caught.value.where == where
    assert hint is None or hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 1 / (id - 1) FROM orders", "division by zero"),
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT 1; SELECT 2", "multiple commands"),
        ("SELECT EXP(-1000::float8)", "value out of range: underflow"),
        (" ; ", "there is no statement"),
    ],
)
def test_what_else_fails_is_told_in_the_server_s_words(engine: Postgres, sql: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        engine.run(sql)
    assert engine.run("SELECT COUNT(*) AS n FROM orders").to_pylist() == [{"n": 3}]


def test_a_statement_that_fails_leaves_nothing_behind(engine: Postgres) -> None:
    with pytest.raises(EngineError, match="division"):
        engine.run("CREATE TABLE half AS SELECT 1 / (id - 3) AS a FROM orders")
    assert "half" not in engine.tables()


def test_a_query_cannot_write(engine: Postgres) -> None:
    with pytest.raises(EngineError, match="read-only transaction") as caught:
        engine.run("SELECT lo_create(0)")
    assert "INSERT" in str(caught.value.hint)


def test_a_transaction_is_all_or_nothing(engine: Postgres) -> None:
    def half() -> None:
        with engine.transaction():
            engine.run("CREATE TABLE first AS SELECT 1 AS a")
            with pytest.raises(BindError):
                engine.run("SELECT b FROM first")
            assert engine.run("SELECT a FROM first").num_rows == 1
            engine.run("CREATE TABLE second AS SELECT 1 / (id - 1) AS a FROM orders")

    with pytest.raises(EngineError, match="division"):
        half()
    assert "first" not in engine.tables()
    with engine.transaction():
        engine.run("CREATE TABLE first AS SELECT 1 AS a")
    assert "first" in engine.tables()
    engine.run("DROP TABLE first")


def test_a_query_that_says_so_can(engine: Postgres) -> None:
    engine.run("CREATE TABLE log (a int)")
    try:
        assert engine.run("WITH new AS (INSERT INTO log VALUES (1) RETURNING a) SELECT a FROM new").num_rows == 1
        assert engine.run("SELECT a FROM log FOR UPDATE").num_rows == 1
    finally:
        engine.run("DROP TABLE log")


def test_a_read_only_connection_writes_nothing_but_temporary_tables(server: Server) -> None:
    with closing(open_engine(server.url, read_only=True)) as engine:
        engine.load("orders", ROWS)
        assert engine.run("SELECT * FROM orders").num_rows == 3
        with pytest.raises(EngineError, match="only"):
            engine.run("CREATE TABLE written AS SELECT 1 AS a")


def test_functions_are_refused(engine: Postgres) -> None:
    with pytest.raises(UnsupportedError, match="no functions from a client"):
        engine.register("f", None)  # type: ignore[arg-type]
    engine.unregister(["f"])


def test_a_running_query_is_interrupted(engine: Postgres) -> None:
    began = time.monotonic()
    with meanwhile(engine.interrupt), pytest.raises(EngineError, match="canceling statement due to user request"):
        engine.run("SELECT pg_sleep(30)")
    assert time.monotonic() - began < 10
    assert engine.run("SELECT * FROM orders").num_rows == 3


def test_a_user_s_transaction_goes_on_where_it_was(server: Server) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(server.url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("CREATE TABLE undecided AS SELECT 1 AS a")
        engine = open_engine(connection)
        assert engine.run("SELECT a FROM undecided").to_pylist() == [{"a": 1}]
        with pytest.raises(BindError):
            engine.run("SELECT b FROM undecided")
        with pytest.raises(BindError):
            engine.describe("SELECT b FROM undecided")
        with pytest.raises(EngineError, match="read-only"):
            engine.run("SELECT lo_create(0)")
        engine.load("mine", ROWS)
        engine.drop(["mine"])
        engine.close()
        cursor.execute("INSERT INTO undecided VALUES (2)")
        cursor.execute("ROLLBACK")
        with closing(open_engine(server.url)) as other:
            assert "undecided" not in other.tables()


def test_a_user_s_connection_that_an_error_would_undo_is_refused(server: Server) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(server.url) as connection, pytest.raises(UsageError, match="not in autocommit"):
        open_engine(connection)


def test_a_user_s_connection_without_a_transaction_is_used_and_left_open(server: Server) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(server.url, autocommit=True) as connection:
        with sqlnomaly.connect(connection) as session:
            session.load("orders", ROWS)
            assert session.sql("SELECT COUNT(*) AS n FROM orders").fetchall() == [(3,)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 AS one")
            assert cursor.fetchall() == [(1,)]


def test_a_connection_that_is_ended_says_which_temporary_tables_it_took_along(server: Server) -> None:
    with closing(open_engine(server.url)) as engine, closing(open_engine(server.url)) as other:
        engine.load("_sn_model_1", ROWS)
        (number,) = engine.run("SELECT pg_backend_pid() AS p").column("p").to_pylist()
        with (
            meanwhile(lambda: other.run(f"SELECT pg_terminate_backend({number})")),
            pytest.raises(EngineError, match="the connection to PostgreSQL was lost") as caught,
        ):
            engine.run("SELECT pg_sleep(30)")
        assert "_sn_model_1" in str(caught.value.hint)
        assert "died with the session" in str(caught.value.hint)
        with pytest.raises(EngineError, match="the connection to PostgreSQL was lost"):
            engine.run("SELECT 1 AS one")
        engine.drop(["_sn_model_1"])


def test_a_server_that_is_killed_in_the_middle_is_a_lost_connection() -> None:
    with Server() as doomed, closing(open_engine(doomed.url)) as engine:
        engine.load("orders", ROWS)
        with meanwhile(doomed.stop), pytest.raises(EngineError, match="the connection to PostgreSQL was lost"):
            engine.run("SELECT pg_sleep(30)")


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    with pytest.raises(MissingDriverError) as caught:
        open_engine("postgresql://postgres@/postgres")
    assert "sqlnomaly[postgres]" in str(caught.value)


def test_a_score_is_the_same_as_on_duckdb(session: Session) -> None:
    amounts = [10.0, 11.0, 9.0, 10.5, 9.5, 10.2, 9.8, 90.0, None, float("nan"), float("inf"), -0.0]
    data = pa.table({"id": range(24), "store": ["a", None] * 12, "Amount": amounts * 2})
    query = """
        SELECT id, anomaly_score("Amount") OVER w AS score, anomaly_status("Amount") OVER w AS status
        FROM orders WINDOW w AS (PARTITION BY store) ORDER BY id"""
    found = {}
    with sqlnomaly.connect() as duckdb:
        for one in (session, duckdb):
            one.load("orders", data)
            found[one] = one.sql(query).fetchall()
        ours, theirs = found[session], found[duckdb]
    assert [(a, c) for a, _, c in ours] == [(a, c) for a, _, c in theirs]
    assert [b for _, b, _ in ours] == pytest.approx([b for _, b, _ in theirs], nan_ok=False)


def test_scores_are_kept_in_a_table(session: Session) -> None:
    session.load("orders", ROWS)
    session.sql("CREATE TABLE scored AS SELECT id, anomaly_score(amount, min_rows => 2) AS score FROM orders")
    assert session.sql("SELECT COUNT(score) AS n FROM scored").fetchall() == [(2,)]
    session.sql("DROP TABLE scored")


def test_qualify_gives_the_rows(session: Session) -> None:
    session.load("orders", pa.table({"id": range(20), "amount": [float(i % 5) for i in range(19)] + [90.0]}))
    query = "SELECT id FROM orders QUALIFY anomaly_score(amount) > 3"
    assert session.sql(query).fetchall() == [(19,)]
    assert session.sql(query + " OR ROW_NUMBER() OVER (ORDER BY id) = 2 ORDER BY id").fetchall() == [(1,), (19,)]


def test_a_forest_is_refused_by_name_before_a_row_moves(session: Session) -> None:
    session.load("orders", ROWS)
    with pytest.raises(UnsupportedError, match="iforest is scored by a function"):
        session.sql("SELECT anomaly_score(amount, detector => 'iforest') FROM orders")


def test_times_are_read_as_utc_whatever_the_session_s_zone(session: Session) -> None:
    rows = "2024-03-31 02:30:00", "2024-10-27 02:30:00.000001", "1969-12-31 23:59:59.5", "infinity"
    times = ", ".join(f"('{row}'::timestamp)" for row in rows)
    query = f"SELECT anomaly_explanation(at, min_rows => 2) AS why FROM (VALUES {times}) AS t(at)"
    values = []
    for zone in ("UTC", "Europe/Berlin", "Asia/Kathmandu"):
        session.sql(f"SET timezone = '{zone}'")
        values.append(session.sql(query).fetchall())
    assert values[0] == values[1] == values[2]
    assert '"value": 1729996200.000001' in str(values[0])
    assert '"value": -0.5' in str(values[0])
    assert values[0][3] == (None,)


def test_rows_meet_their_model_by_a_hash_join(session: Session) -> None:
    session.sql("CREATE TABLE many AS SELECT i % 5000 AS k, i::float8 AS x FROM generate_series(1, 20000) AS g(i)")
    try:
        sql = session.compile("SELECT anomaly_score(x, detector => 'mad') OVER (PARTITION BY k) AS s FROM many").sql
        plan = "\n".join(session.engine.run(f"EXPLAIN {sql}").column(0).to_pylist())
        assert "Hash" in plan
        assert "Nested Loop" not in plan
    finally:
        session.sql("DROP TABLE many")


def test_a_long_chain_of_steps_is_planned_at_once(session: Session) -> None:
    session.load("orders", pa.table({name: [1.0, 2.0, 4.0] for name in "abcd"}))
    sql = session.compile(
        "SELECT anomaly_explanation(a, b, c, d, detector => 'mahalanobis', leave_one_out => TRUE) AS why FROM orders"
    ).sql
    began = time.monotonic()
    session.engine.run(f"EXPLAIN {sql}")
    assert time.monotonic() - began < 10
