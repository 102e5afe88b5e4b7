"""A BigQuery client: Google's own over a loopback service that GoogleSQL answers for."""

from __future__ import annotations

import datetime as dt
import random
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
from sqlnomaly.engines.bigquery import BigQuery
from tests.conftest import missing_engine
from tests.engines.bigquery_peer import LEAST_BILLED, LOCATION, PROJECT, BigQueryPeer

pytestmark = pytest.mark.bigquery

ROWS = pa.table({"id": [1, 2, 3], "amount": [1.5, None, float("nan")]})
POINTS = pa.table(
    {
        "id": range(40),
        "x": [*(float(i % 7) for i in range(38)), 900.0, None],
        "y": [(i * 7919 % 101) / 10 for i in range(40)],
        "store": ["a", "b"] * 20,
    }
)
TYPES = {"id": "INT64", "x": "FLOAT64", "y": "FLOAT64", "store": "STRING"}


@pytest.fixture
def peer() -> Iterator[BigQueryPeer]:
    try:
        import google.cloud.bigquery  # noqa: F401
        import zetasql  # noqa: F401
    except ImportError as error:
        missing_engine("bigquery", str(error))
    started = BigQueryPeer()
    started.tables["orders"] = ({"id": "INT64", "amount": "FLOAT64"}, ROWS)
    started.tables["points"] = (TYPES, POINTS)
    yield started
    started.stop()


@pytest.fixture
def client(peer: BigQueryPeer) -> Iterator[Any]:
    with closing(peer.client()) as made:
        yield made


@pytest.fixture
def engine(client: Any) -> Iterator[BigQuery]:
    opened = open_engine(client)
    assert isinstance(opened, BigQuery)
    yield opened
    opened.close()


@pytest.fixture
def session(client: Any) -> Iterator[Session]:
    with sqlnomaly.connect(client) as connected:
        yield connected


@pytest.fixture
def address(peer: BigQueryPeer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The peer by its address: credentials of the environment, which are nobody's, and its endpoint."""
    from google.auth.credentials import AnonymousCredentials

    monkeypatch.setattr("google.auth.default", lambda *_, **__: (AnonymousCredentials(), PROJECT))
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", peer.url)
    return f"bigquery://{PROJECT}/shop"


def test_a_dataset_is_made_where_the_default_one_is(engine: BigQuery, peer: BigQueryPeer) -> None:
    engine.make_schema("sqlnomaly")
    engine.make_schema("sqlnomaly")
    assert peer.schemas == {"sqlnomaly": LOCATION}


def test_a_query_comes_back_as_arrow(engine: BigQuery) -> None:
    found = engine.run("SELECT id, amount, id > 1 AS more, 'ü' AS word FROM orders ORDER BY id")
    assert found.schema == pa.schema(
        {"id": pa.int64(), "amount": pa.float64(), "more": pa.bool_(), "word": pa.string()}
    )
    assert found.to_pylist()[1] == {"id": 2, "amount": None, "more": True, "word": "ü"}
    assert repr(found.column("amount").to_pylist()) == "[1.5, None, nan]"


def test_a_result_of_many_pages_is_whole(engine: BigQuery) -> None:
    found = engine.run("SELECT n, 1 / (n - 250) AS x FROM UNNEST(GENERATE_ARRAY(1, 249)) AS n ORDER BY n")
    assert found.column("n").to_pylist() == list(range(1, 250))
    assert found.column("x").to_pylist()[0] == 1 / -249


TYPED = pa.table(
    {
        "whole": pa.array([2**53 + 1, None, -1]),
        "small": pa.array([200, None, 0], pa.uint8()),
        "real": pa.array([float("nan"), None, float("-inf")]),
        "tiny": pa.array([5e-324, 0.1 + 0.2, 1e150]),
        "word": pa.array(["it's", None, 'a "b" `c` \\ ?']).dictionary_encode(),
        "flag": pa.array([True, None, False]),
        "day": pa.array([dt.date(2024, 2, 29), None, dt.date(1, 1, 1)]),
        "clock": pa.array([dt.datetime(2024, 3, 31, 2, 30, 0, 1), None, dt.datetime(1969, 12, 31)], pa.timestamp("us")),
        "instant": pa.array([dt.datetime(2024, 1, 1, tzinfo=dt.UTC)] * 2 + [None], pa.timestamp("ns", "Europe/Berlin")),
        "money": pa.array([Decimal("1.50"), None, Decimal("-0.01")], pa.decimal128(9, 2)),
    }
)


def test_what_is_loaded_comes_back_as_it_was(engine: BigQuery) -> None:
    engine.load("typed", TYPED)
    found = engine.run("SELECT * FROM typed")
    stamps = [pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.decimal128(38, 9)]
    plain = [pa.int64(), pa.int64(), pa.float64(), pa.float64(), pa.string(), pa.bool_(), pa.date32()]
    assert found.schema.types == plain + stamps
    assert engine.run("SELECT * FROM typed WHERE FALSE").schema == found.schema
    assert repr(found.to_pylist()) == repr(TYPED.cast(found.schema).to_pylist())
    assert engine.columns("typed")[-2:] == [("instant", "TIMESTAMP"), ("money", "NUMERIC")]
    assert engine.describe("SELECT * FROM typed") == engine.columns("typed")


def test_a_type_that_bigquery_lacks_is_refused_by_name(engine: BigQuery) -> None:
    with pytest.raises(EngineError, match="cannot be loaded into BigQuery") as caught:
        engine.load("nested", pa.table({"deep": [[1], [2]]}))
    assert caught.value.where == "deep"


def test_a_load_is_seen_by_its_session_alone_and_ends_with_it(peer: BigQueryPeer, client: Any) -> None:
    with sqlnomaly.connect(client) as session, sqlnomaly.connect(client) as other:
        session.load("mine", ROWS)
        session.load("more", ROWS)
        assert session.tables() == ["mine", "more", "orders", "points"]
        assert other.tables() == ["orders", "points"]
        with pytest.raises(BindError, match="table 'mine' does not exist"):
            other.sql("SELECT * FROM mine")
        assert session.sql("SELECT COUNT(*) AS n FROM mine JOIN more USING (id)").fetchall() == [(3,)]
        assert len(peer.sessions) == 1
    assert peer.sessions == {}
    assert [table.table_id for table in client.list_tables("shop")] == ["orders", "points"]


def test_a_session_begins_where_the_dataset_is(peer: BigQueryPeer, engine: BigQuery) -> None:
    engine.load("mine", ROWS)
    assert engine._location == LOCATION
    assert "createSession" in peer.asked[-1]["load"]
    assert peer.asked[-1]["load"]["destinationTable"]["datasetId"] == "_SESSION"


def test_a_user_s_session_is_used_and_left_open(peer: BigQueryPeer, engine: BigQuery) -> None:
    from google.cloud import bigquery

    engine.load("theirs", ROWS)
    (number,) = peer.sessions
    theirs = bigquery.QueryJobConfig(connection_properties=[bigquery.ConnectionProperty("session_id", number)])
    with sqlnomaly.connect(peer.client(default_query_job_config=theirs)) as session:
        session.load("mine", ROWS)
        assert session.sql("SELECT COUNT(*) AS n FROM mine JOIN theirs USING (id)").fetchall() == [(3,)]
    assert set(peer.sessions[number]) == {"theirs"}


def test_a_name_of_the_default_dataset_is_not_loaded_over(engine: BigQuery) -> None:
    with pytest.raises(BindError, match="there is a table 'orders'"):
        engine.load("orders", ROWS)
    engine.drop(["orders"])
    assert "orders" in engine.tables()


def test_loading_again_replaces(engine: BigQuery) -> None:
    engine.load("again", ROWS)
    engine.load("again", ROWS.slice(0, 1))
    assert engine.run("SELECT * FROM again").num_rows == 1
    engine.drop(["again", "again"])
    assert engine.tables() == ["orders", "points"]


def test_a_large_file_goes_in_a_request_of_its_own(peer: BigQueryPeer, engine: BigQuery) -> None:
    words = [random.Random(number).randbytes(15_000).hex() for number in range(400)]
    engine.load("large", pa.table({"word": words}))
    assert len(peer.uploads) == 1
    assert engine.run("SELECT MIN(LENGTH(word)) AS least FROM large").to_pylist() == [{"least": 30_000}]


def test_describe_names_and_types_without_running(peer: BigQueryPeer, engine: BigQuery) -> None:
    described = engine.describe("SELECT id, amount, 1 / 0 AS bad, NUMERIC '1' AS n, 'a' AS c FROM orders")
    wanted = [("id", "INT64"), ("amount", "FLOAT64"), ("bad", "FLOAT64"), ("n", "NUMERIC"), ("c", "STRING")]
    assert described == wanted
    assert all(job["dryRun"] for job in peer.asked)
    with pytest.raises(EngineError, match="only a single query"):
        engine.describe("CREATE TABLE shop.never AS SELECT 1 AS a")
    assert "never" not in engine.tables()


def test_a_statement_that_returns_nothing_has_no_columns(engine: BigQuery) -> None:
    assert engine.run("CREATE TABLE shop.made AS SELECT 1 AS a").column_names == []
    assert engine.run("INSERT INTO shop.made SELECT 2 AS a").column_names == []
    assert engine.columns("made") == engine.columns("shop.made") == [("a", "INT64")]
    assert engine.run("SELECT SUM(a) AS s FROM shop.made").to_pylist() == [{"s": 3}]
    engine.run("DROP TABLE shop.made")
    with pytest.raises(EngineError, match="Not found"):
        engine.columns("made")


def test_a_file_is_a_table(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    csv.write_csv(ROWS, path)
    assert session.sql(f"SELECT COUNT(amount) AS n FROM `{path}`").fetchall() == [(2,)]
    assert session.tables() == ["orders", "points"]


@pytest.mark.parametrize(
    ("sql", "message", "where", "hint"),
    [
        ("SELECT amout\nFROM orders", "column 'amout' does not exist", "amout", "did you mean 'amount'?"),
        ("SELECT * FROM ordrs", "table 'ordrs' does not exist", None, "did you mean 'orders'?"),
        ("SELECT id,\n  nofun(1) FROM orders", "Function not found: nofun", "nofun", None),
        ("SELECT id + TRUE FROM orders", "No matching signature for operator +", "id", "Argument types: INT64, BOOL"),
        ("SELECT id FROM orders AS a JOIN orders AS b ON a.id = b.id", "Column name id is ambiguous", "id", None),
    ],
)
@pytest.mark.parametrize("method", ["run", "describe"])
def test_a_name_or_type_that_does_not_fit_is_a_bind_error(
    engine: BigQuery, method: str, sql: str, message: str, where: str | None, hint: str | None
) -> None:
    with pytest.raises(BindError) as caught:
        getattr(engine, method)(sql)
    assert caught.value.message.startswith(message)
    assert caught.value.where == where
    assert hint is None or str(caught.value.hint).startswith(hint)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 1 / (id - 1) AS a FROM orders", "division by zero"),
        ("SELEC 1", "Syntax error"),
        (" ; ", "there is no statement"),
    ],
)
def test_what_else_fails_is_told_in_the_service_s_words(engine: BigQuery, sql: str, message: str) -> None:
    with pytest.raises(EngineError, match=message) as caught:
        engine.run(sql)
    assert "http" not in str(caught.value)
    assert engine.run("SELECT COUNT(*) AS n FROM orders").to_pylist() == [{"n": 3}]


def test_the_most_bytes_that_the_client_may_cost_are_kept_to(peer: BigQueryPeer) -> None:
    from google.cloud import bigquery

    with closing(peer.client(default_query_job_config=bigquery.QueryJobConfig(maximum_bytes_billed=5))) as poor:
        engine = open_engine(poor)
        with pytest.raises(EngineError, match=f"exceeded limit for bytes billed: 5. {LEAST_BILLED} or higher"):
            engine.run("SELECT 1 AS a")
    assert {job["query"]["maximumBytesBilled"] for job in peer.asked} == {"5"}


def test_without_a_default_dataset_names_are_full(peer: BigQueryPeer) -> None:
    with closing(peer.client(default_query_job_config=None)) as plain:
        engine = open_engine(plain)
        assert engine.tables() == []
        assert engine.run("SELECT COUNT(*) AS n FROM shop.orders").to_pylist() == [{"n": 3}]
        assert engine.columns(f"{PROJECT}.shop.orders")[0] == ("id", "INT64")
        with pytest.raises(EngineError, match="no default dataset"):
            engine.columns("orders")
        with pytest.raises(BindError, match="table 'orders' does not exist") as caught:
            engine.run("SELECT * FROM orders")
        assert "dataset.table" in str(caught.value.hint)


def test_functions_are_refused(engine: BigQuery) -> None:
    with pytest.raises(UnsupportedError, match="no functions from a client") as caught:
        engine.register("f", None)  # type: ignore[arg-type]
    assert "fit a model" in str(caught.value.hint)
    engine.unregister(["f"])


def test_a_running_query_is_interrupted(peer: BigQueryPeer, engine: BigQuery) -> None:
    engine.interrupt()
    peer.held = True
    timer = threading.Timer(0.5, engine.interrupt)
    timer.start()
    began = time.monotonic()
    with pytest.raises(EngineError, match="interrupted"):
        engine.run("SELECT 1 AS a")
    timer.join()
    assert time.monotonic() - began < 10
    peer.held = False
    assert engine.run("SELECT 1 AS a").to_pylist() == [{"a": 1}]


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


def test_a_forest_is_refused_by_name_before_a_row_leaves(peer: BigQueryPeer, session: Session) -> None:
    with pytest.raises(UnsupportedError, match=r"iforest.*bigquery"):
        session.sql("SELECT anomaly_score(x, detector => 'iforest') AS s FROM points")
    assert all(job.get("dryRun") for job in peer.asked)


def test_a_model_is_fitted_installed_verified_and_taken_away(peer: BigQueryPeer, session: Session) -> None:
    model = session.fit("SELECT x FROM points", detector="mad")
    made = session.install(model, name="fraud", schema="shop").made
    assert "shop.fraud" in made
    assert set(peer.routines) == {name.removeprefix("shop.") for name in made}
    assert session.install(model, name="fraud", schema="shop").replaced == made
    assert session.verify(model, name="fraud", schema="shop").difference == 0.0
    sql = "SELECT id FROM points WHERE shop.fraud_is_anomaly(x)"
    assert session.sql(sql).fetchall() == [(38,)]
    peer.routines["fraud"] = "somebody's"
    with pytest.raises(UnsupportedError, match=r"shop.fraud is there already"):
        session.install(model, name="fraud", schema="shop")
    removed = session.uninstall(model, name="fraud", schema="shop").removed
    assert set(removed) == set(made) - {"shop.fraud"}
    assert set(peer.routines) == {"fraud"}


def test_the_native_pack_is_installed_and_taken_away(peer: BigQueryPeer, session: Session) -> None:
    made = session.install(schema="shop").made
    assert "detect_anomalies" in peer.routines
    assert len(peer.routines) == len(made)
    assert set(session.uninstall(schema="shop").removed) == set(made)
    assert peer.routines == {}


def test_an_address_takes_the_application_s_credentials(address: str) -> None:
    with closing(open_engine(address)) as engine:
        assert engine.tables() == ["orders", "points"]
        assert engine.run("SELECT COUNT(*) AS n FROM orders").to_pylist() == [{"n": 3}]


def test_a_read_only_connection_refuses_what_writes(peer: BigQueryPeer, address: str) -> None:
    with closing(open_engine(address, read_only=True)) as engine:
        engine.load("mine", ROWS)
        assert engine.run("WITH o AS (SELECT * FROM mine) SELECT * FROM o").num_rows == 3
        with pytest.raises(EngineError, match="read-only"):
            engine.run("/* SELECT */ CREATE TABLE shop.written AS SELECT 1 AS a")
    assert "written" not in peer.tables


def test_the_command_line_queries_an_address(address: str) -> None:
    sql = "SELECT id FROM points QUALIFY is_anomaly(x, detector => 'mad')"
    done = CliRunner().invoke(app, ["query", "--on", address, sql, "--format", "csv"])
    assert (done.exit_code, done.stdout) == (0, "id\n38\n"), done.output


def test_without_credentials_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("google.cloud.bigquery")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(EngineError, match="Google does not let us in") as caught:
        open_engine("bigquery://a-project/shop")
    assert "gcloud auth application-default login" in str(caught.value.hint)


@pytest.mark.parametrize("target", ["bigquery://", "bigquery:project", "bigquery://u:hunter2@p/d/e", "bigquery://p/d?key=hunter2"])
def test_an_address_that_is_none_is_not_shown(target: str) -> None:
    with pytest.raises(UsageError, match="bigquery://project/dataset") as caught:
        open_engine(target)
    assert "hunter2" not in str(caught.value)


def test_a_token_is_in_no_message() -> None:
    from google.auth.exceptions import RefreshError

    from sqlnomaly.engines.bigquery_errors import translate

    found = translate(RefreshError("refused: Bearer abc.def, ya29.a0Af_x-y"), None, str)
    assert found.message == "Google does not let us in: refused: Bearer *** ***"


def test_importing_the_package_loads_no_driver() -> None:
    code = "import sys, sqlnomaly; sqlnomaly.connect().close(); print('google.cloud.bigquery' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import google.cloud

    monkeypatch.setitem(sys.modules, "google.cloud.bigquery", None)
    monkeypatch.delattr(google.cloud, "bigquery", raising=False)
    with pytest.raises(MissingDriverError, match=r"sqlnomaly\[bigquery\]"):
        open_engine("bigquery://a-project/shop")
