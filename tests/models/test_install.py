"""What installing a model leaves in an engine, and what it takes away again: its own functions, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sqlnomaly import connect
from sqlnomaly.engines import open_engine
from sqlnomaly.errors import EngineError, SqlnomalyError, UnsupportedError, UsageError
from sqlnomaly.model import Model
from sqlnomaly.session import Session
from sqlnomaly.verify import difference
from tests.conformance.on_spark import OnSpark
from tests.conftest import missing_engine
from tests.engines.postgres import Server

ROWS = "CREATE TABLE t AS SELECT i AS id, i % 7 * 1.5 AS x, i % 5 * 1.0 AS y, i % 2 AS k FROM range(60) AS r(i)"
MADE = {"fraud", "fraud_term_1", "fraud_term_2", "fraud_threshold", "fraud_is_anomaly", "fraud_reason", "fraud_status"}


@pytest.fixture
def session() -> Iterator[Session]:
    with connect() as made:
        made.engine.run(ROWS)
        yield made


@pytest.fixture(scope="module")
def model() -> Model:
    made = connect()
    made.engine.run(ROWS)
    return made.fit("SELECT x, y FROM t", detector="mad")


def own(session: Session) -> set[tuple[Any, ...]]:
    """Every function that is not DuckDB's, with its text, its comment and its place."""
    columns = "database_name, schema_name, function_name, function_type, macro_definition, comment"
    return {
        tuple(row.values())
        for row in session.engine.run(f"SELECT {columns} FROM duckdb_functions() WHERE NOT internal").to_pylist()
    }


@pytest.mark.duckdb
def test_what_is_installed_twice_is_there_once_and_is_gone_at_once(session: Session, model: Model) -> None:
    session.engine.run("CREATE MACRO fraud_of_mine(x) AS x + 1")
    session.engine.run("CREATE MACRO frau(x) AS x + 2")
    session.engine.run("CREATE TABLE fraud AS SELECT 1 AS a")
    before = own(session)

    first = session.install(model, name="fraud")
    once = own(session)
    second = session.install(model, name="fraud")

    assert (set(first.made), first.replaced) == (MADE, ())
    assert (second.made, set(second.replaced)) == ((), MADE)
    assert own(session) == once

    gone = session.uninstall(model, name="fraud")

    assert set(gone.removed) == MADE
    assert own(session) == before
    assert session.engine.run("SELECT a FROM fraud").num_rows == 1
    assert str(session.uninstall(model, name="fraud")) == "nothing to do"


@pytest.mark.duckdb
@pytest.mark.parametrize("taken", ["fraud", "FRAUD", "fraud_term_1", "Fraud_Status"])
@pytest.mark.parametrize("schema", [None, "main", "MAIN"])
def test_a_name_of_the_users_is_never_taken(taken: str, schema: str | None, session: Session, model: Model) -> None:
    session.engine.run(f"CREATE MACRO {taken}(x) AS 'mine'")
    before = own(session)

    with pytest.raises(UnsupportedError, match="is there already, and is not of sqlnomaly; nothing was made"):
        session.install(model, name="fraud", schema=schema)

    assert own(session) == before
    assert session.uninstall(model, name="fraud", schema=schema).removed == ()
    assert own(session) == before


@pytest.mark.duckdb
def test_a_table_macro_and_a_function_of_pythons_are_the_users_too(session: Session, model: Model) -> None:
    session.engine.run("CREATE MACRO fraud_reason(x) AS TABLE SELECT x AS a")
    with pytest.raises(UnsupportedError, match="fraud_reason is there already"):
        session.install(model, name="fraud")
    with pytest.raises(UnsupportedError, match="abs is there already"):
        session.install(model, name="abs")


@pytest.mark.duckdb
def test_half_an_installation_is_rolled_back(
    session: Session, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own(session)
    run, seen = session.engine.run, []

    def failing(sql: str) -> Any:
        seen.append(sql)
        return run("SELECT no_such_column") if "fraud_reason" in sql and "CREATE" in sql else run(sql)

    monkeypatch.setattr(session.engine, "run", failing)
    with pytest.raises(EngineError, match="the engine refused function fraud_reason") as caught:
        session.install(model, name="fraud")

    assert "everything was rolled back" in (caught.value.hint or "")
    assert any("CREATE OR REPLACE MACRO fraud_term_1(" in sql for sql in seen)
    assert own(session) == before


@pytest.mark.duckdb
def test_inside_the_users_transaction_it_is_the_users_to_roll_back(model: Model) -> None:
    connection = duckdb.connect()
    session = connect(connection)
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE kept AS SELECT 1 AS a")
    session.install(model, name="fraud")
    assert connection.execute("SELECT fraud(1, 1) IS NOT NULL").fetchall() == [(True,)]

    connection.execute("ROLLBACK")

    assert own(session) == set()
    session.install(model, name="fraud")
    assert session.verify(model, name="fraud").holds


@pytest.mark.duckdb
@pytest.mark.parametrize("schema", ['we"ird; DROP TABLE t; --', "order", "Mixed Case", "ünïcode"])
def test_a_schema_may_be_called_like_anything(schema: str, session: Session, model: Model) -> None:
    quoted = '"' + schema.replace('"', '""') + '"'
    session.engine.run(f"CREATE SCHEMA {quoted}")

    session.install(model, name="fraud", schema=schema)

    assert session.verify(model, name="fraud", schema=schema).holds
    assert {row[1] for row in own(session)} == {schema}
    assert len(session.uninstall(model, name="fraud", schema=schema).removed) == len(MADE)
    assert own(session) == set()
    assert "t" in session.tables()


@pytest.mark.duckdb
def test_a_schema_that_is_not_there_is_no_place(session: Session, model: Model) -> None:
    with pytest.raises(SqlnomalyError, match="nowhere"):
        session.install(model, name="fraud", schema="nowhere")

    assert own(session) == set()


@pytest.mark.duckdb
@pytest.mark.parametrize("name", ["", "two words", "x;y", 'a"b', "1st", "a.b", "naïve", "x\n"])
def test_a_name_that_is_none_is_refused(name: str, session: Session, model: Model) -> None:
    with pytest.raises(UsageError, match="is no name for a function"):
        session.install(model, name=name)


@pytest.mark.duckdb
@pytest.mark.parametrize(("dialect", "most"), [("postgres", 63), ("redshift", 127), ("snowflake", 255)])
def test_a_name_that_an_engine_would_cut_off_is_refused(dialect: str, most: int, model: Model) -> None:
    longest = "f" * (most - len("_is_anomaly"))
    assert model.pack(dialect, name=longest).items

    with pytest.raises(UnsupportedError, match=f"_is_anomaly has {most + 1} bytes"):
        model.pack(dialect, name=longest + "f")


@pytest.mark.duckdb
def test_a_read_only_database_says_so_and_stays_as_it_is(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with connect(f"duckdb:///{path}") as session:
        session.install(model, name="fraud")
    before = path.read_bytes()

    with connect(f"duckdb:///{path}", read_only=True) as session:
        assert session.verify(model, name="fraud").holds
        with pytest.raises(SqlnomalyError, match=r"reading only|read-only"):
            session.install(model, name="other")
        with pytest.raises(SqlnomalyError, match=r"reading only|read-only"):
            session.uninstall(model, name="fraud")

    assert path.read_bytes() == before


CLIENT = """
import sys
sys.path = [place for place in sys.path if "/src" not in place]
sys.modules["sqlnomaly"] = None
import duckdb
shop = duckdb.connect(sys.argv[1], read_only=True)
call = "SELECT fraud_score(x, y), fraud_score_is_anomaly(x, y), fraud_score_reason(x, y), fraud_score_status(x, y)"
print(shop.execute(call + " FROM (VALUES (3.0, 2.0), (1e6, 2.0), (NULL, 1.0)) AS v(x, y)").fetchall())
"""


@pytest.mark.duckdb
def test_a_client_without_sqlnomaly_calls_the_functions(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with connect(f"duckdb:///{path}") as session:
        session.install(model, name="fraud_score")

    done = subprocess.run([sys.executable, "-c", CLIENT, path], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    rows = eval(done.stdout, {"__builtins__": {}})  # noqa: S307  (the child's own tuples)
    assert [row[1:] for row in rows] == [(False, "x", "ok"), (True, "x", "ok"), (None, None, "missing_value")]


@pytest.mark.duckdb
def test_verify_finds_a_function_that_was_changed(session: Session, model: Model) -> None:
    session.install(model, name="fraud")
    assert session.verify(model, name="fraud").holds

    session.engine.run("CREATE OR REPLACE MACRO fraud(x, y) AS 1.5")

    found = session.verify(model, name="fraud")
    assert not found.holds
    assert found.difference > found.tolerance
    session.engine.run("DROP MACRO fraud")  # it bears no mark of ours any more
    session.install(model, name="fraud")
    assert session.verify(model, name="fraud").holds


@pytest.mark.duckdb
@pytest.mark.parametrize("wrong", ["NULL", "'nan'::DOUBLE", "'inf'::DOUBLE", "1e308", "1.5", "'text'"])
def test_verify_takes_no_answer_for_a_wrong_one(wrong: str, session: Session, model: Model) -> None:
    session.engine.run(f"CREATE MACRO fraud(x, y) AS {wrong}")

    assert not session.verify(model, name="fraud").holds


@pytest.mark.duckdb
def test_verify_says_that_there_is_no_such_function(session: Session, model: Model) -> None:
    with pytest.raises(SqlnomalyError, match="fraud"):
        session.verify(model, name="fraud")


@pytest.mark.duckdb
@pytest.mark.xfail(reason="install does not look for parts of the model that it replaces")
def test_a_smaller_model_under_the_same_name_leaves_nothing_of_the_larger_one(session: Session, model: Model) -> None:
    session.install(model, name="fraud")
    smaller = session.fit("SELECT x FROM t", detector="mad")
    session.install(smaller, name="fraud")

    session.uninstall(smaller, name="fraud")

    assert own(session) == set()


@pytest.mark.duckdb
def test_a_live_forest_lasts_as_long_as_the_connection(session: Session) -> None:
    forest = session.fit("SELECT x, y, k FROM t", detector="iforest", partition_by="k", n_estimators=5)
    session.install(forest, name="live", live=True)
    session.install(forest, name="kept")

    assert session.verify(forest, name="live").holds
    differing = "SELECT COUNT(*) AS n FROM t WHERE ABS(live(k, x, y) - kept(k, x, y)) > 1e-12"
    assert session.engine.run(differing).column("n").to_pylist() == [0]
    unseen = session.engine.run("SELECT live(7, 1.0, 1.0) AS a, live(0, NULL, 1.0) AS b").to_pylist()
    assert unseen == [{"a": None, "b": None}]
    with pytest.raises(UnsupportedError, match="live is there already"):
        session.install(forest, name="live", live=True)
    with pytest.raises(UsageError, match="no name for a function"):
        session.install(forest, name="f; DROP TABLE t", live=True)


@pytest.mark.duckdb
@pytest.mark.parametrize(
    "feature",
    [
        "TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR", "TIMESTAMPTZ '2024-01-01 00:00:00+02' + INTERVAL (i) MINUTE",
        "DATE '2024-01-01' + CAST(i AS INTEGER)", "i % 3 = 0", "CAST(i AS DECIMAL(9, 2))", "i", "SIN(i)",
    ],
)  # fmt: skip
def test_a_live_function_reads_every_type_as_the_language_does(session: Session, feature: str) -> None:
    rows = f"SELECT {feature} AS x, i % 7 * 1.5 AS y FROM range(60) AS r(i)"
    forest = session.fit(rows, detector="iforest", n_estimators=5)
    session.install(forest, name="live", live=True)
    session.install(forest, name="kept")
    odd = "SELECT CAST('infinity' AS TIMESTAMP) AS x, 1.0 AS y" if feature.startswith("TIMESTAMP '") else (
        "SELECT CAST('-infinity' AS DATE), 1.0" if feature.startswith("DATE") else f"SELECT x, 1e200 FROM ({rows})"
    )
    for asked in (rows, odd):
        found = session.engine.run(f"SELECT live(x, y) AS a, kept(x, y) AS b FROM ({asked}) AS t(x, y)").to_pylist()
        assert [row["a"] is None for row in found] == [row["b"] is None for row in found] == [asked is odd] * len(found)
        assert all(row["a"] is None or difference(row["a"], row["b"]) <= 1e-12 for row in found)


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", ["iforest", "knn", "pyod.knn"])
def test_a_live_function_knows_the_partition_of_nan_and_that_of_null(session: Session, detector: str) -> None:
    session.engine.run(
        "CREATE TABLE odd AS SELECT CASE WHEN i % 3 = 0 THEN CAST('nan' AS DOUBLE) WHEN i % 3 = 1 THEN 1.5 END AS k, "
        "SIN(i) AS x FROM range(90) AS r(i)"
    )
    model = session.fit("SELECT k, x FROM odd", detector=detector, partition_by="k")
    session.install(model, name="live", live=True)
    score = f"anomaly_score(x, detector => '{detector}') OVER (PARTITION BY k)"

    found = session.sql(f"SELECT k, live(k, x) AS a, {score} AS b FROM odd").arrow().to_pylist()

    assert len(found) == 90
    assert all(row["a"] == pytest.approx(row["b"], rel=1e-12) for row in found)


@pytest.mark.duckdb
def test_only_a_forest_is_live(session: Session, model: Model) -> None:
    with pytest.raises(UnsupportedError, match="mad has no vectorized function"):
        session.install(model, name="live", live=True)
    with pytest.raises(UsageError, match="under a name"):
        session.install(model, live=True)
    with pytest.raises(UsageError, match="need a name"):
        session.install(model)
    with pytest.raises(UsageError, match="belongs to a model"):
        session.uninstall(name="fraud")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Session]:
    """A server of the suite's own."""
    try:
        server = Server()
        engine = open_engine(server.url)
    except (ImportError, OSError, SqlnomalyError) as error:
        missing_engine("postgres", str(error))
    yield Session(engine)
    engine.close()
    server.stop()


def test_postgres_keeps_the_users_functions_and_rolls_back(postgres: Session, model: Model) -> None:
    names = ["mine", "mine_status", "mine_term_1"]
    postgres.engine.run("CREATE FUNCTION mine_status(a TEXT) RETURNS TEXT LANGUAGE SQL AS 'SELECT a'")
    with pytest.raises(UnsupportedError, match="mine_status is there already"):
        postgres.install(model, name="mine")
    assert set(postgres.engine.functions(names)) == {"mine_status"}

    assert set(postgres.install(model, name="fraud").made) == MADE
    assert set(postgres.install(model, name="fraud").replaced) == MADE
    assert postgres.verify(model, name="fraud").holds
    assert set(postgres.uninstall(model, name="fraud").removed) == MADE
    assert postgres.engine.functions(sorted(MADE)) == {}

    postgres.engine.run("CREATE SCHEMA shut")
    with pytest.raises(SqlnomalyError, match="nowhere"):
        postgres.install(model, name="fraud", schema="nowhere")


def test_postgres_rolls_half_an_installation_back(
    postgres: Session, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = postgres.engine.run
    with monkeypatch.context() as patched:
        patched.setattr(
            postgres.engine, "run", lambda sql: run("SELECT 1/0" if "CREATE" in sql and "half_reason" in sql else sql)
        )
        with pytest.raises(EngineError, match="refused function half_reason"):
            postgres.install(model, name="half")

    assert postgres.engine.functions(["half", "half_term_1", "half_threshold"]) == {}


@pytest.fixture(scope="module")
def spark() -> Iterator[Session]:
    """A session of the shared JVM."""
    try:
        runner = OnSpark()
    except (ImportError, SqlnomalyError) as error:
        missing_engine("spark", str(error))
    yield Session(runner.engine)
    runner.close()


def test_spark_names_what_half_an_installation_left(
    spark: Session, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = spark.engine.run
    with monkeypatch.context() as patched:
        patched.setattr(
            spark.engine, "run", lambda sql: run("SELECT nope" if "CREATE" in sql and "half_reason" in sql else sql)
        )
        with pytest.raises(EngineError, match="refused function half_reason") as caught:
            spark.install(model, name="half")

    assert "made: half_term_1" in (caught.value.hint or "")
    assert spark.engine.functions(["half_term_1", "half_reason"]).keys() == {"half_term_1"}
    assert "half_term_1" in spark.uninstall(model, name="half").removed
    assert spark.engine.functions(["half_term_1"]) == {}


def test_spark_keeps_the_users_functions(spark: Session, model: Model) -> None:
    spark.engine.run("CREATE OR REPLACE FUNCTION taken_reason(a INT) RETURNS INT RETURN a + 1")

    with pytest.raises(UnsupportedError, match="taken_reason is there already"):
        spark.install(model, name="taken")

    assert spark.uninstall(model, name="taken").removed == ()
    assert spark.engine.run("SELECT taken_reason(1) AS a").to_pylist() == [{"a": 2}]
