"""Engines: the same contract on DuckDB and Spark, what each target opens, and files as tables."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb as driver
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sqlnomaly.engines import Engine, open_engine
from sqlnomaly.engines.files import check_file, file_tables, format_of, sniff, splice
from sqlnomaly.engines.spark import _cause
from sqlnomaly.errors import BindError, EngineError, UsageError
from tests.conftest import missing_engine

ROWS = pa.table({"id": [1, 2, 3], "amount": [1.5, None, 2.5]})


@pytest.fixture(scope="module")
def started() -> Iterator[dict[str, Engine]]:
    """Engines that were started for this module, by name; Spark only if a test asks."""
    engines: dict[str, Engine] = {}
    yield engines
    for one in engines.values():
        one.close()


@pytest.fixture(params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest, started: dict[str, Engine]) -> Engine:
    name = str(request.param)
    if name not in started:
        try:
            started[name] = open_engine(name)
        except EngineError as error:
            missing_engine(name, str(error))
        started[name].load("orders", ROWS)
    return started[name]


def test_a_query_comes_back_as_arrow(engine: Engine) -> None:
    assert engine.run("SELECT id FROM orders ORDER BY id").column("id").to_pylist() == [1, 2, 3]


def test_a_stream_gives_every_row(engine: Engine) -> None:
    assert sum(batch.num_rows for batch in engine.stream("SELECT * FROM orders")) == 3


def test_a_statement_after_an_unread_stream_runs(engine: Engine) -> None:
    engine.stream("SELECT * FROM orders").read_next_batch()
    assert engine.run("SELECT COUNT(*) AS n FROM orders").to_pylist() == [{"n": 3}]


def test_describe_names_and_types_without_running(engine: Engine) -> None:
    described = engine.describe("SELECT id, amount, CAST(CAST('x' AS VARCHAR(9)) AS INT) AS bad FROM orders")
    assert [name for name, _ in described] == ["id", "amount", "bad"]
    assert described[1][1].upper() == "DOUBLE"


def test_a_statement_that_returns_nothing_has_no_columns(engine: Engine) -> None:
    assert engine.run("CREATE TABLE made AS SELECT 1 AS a").column_names == []
    assert engine.run("INSERT INTO made SELECT 2 AS a").column_names == []
    assert "made" in engine.tables()
    engine.run("DROP TABLE made")


def test_tables_and_columns_are_listed(engine: Engine) -> None:
    assert "orders" in engine.tables()
    assert [name for name, _ in engine.columns("orders")] == ["id", "amount"]


def test_loading_again_replaces(engine: Engine) -> None:
    engine.load("again", ROWS)
    engine.load("again", ROWS.slice(0, 1))
    assert engine.run("SELECT * FROM again").num_rows == 1
    engine.drop(["again"])


def test_a_timestamp_without_zone_keeps_its_clock_and_one_with_a_zone_its_instant(engine: Engine) -> None:
    moment = dt.datetime(2024, 3, 31, 2, 30)
    rows = pa.table(
        {
            "naive": pa.array([moment], pa.timestamp("ns")),
            "zoned": pa.array([moment.replace(tzinfo=dt.UTC)], pa.timestamp("us", "Europe/Berlin")),
        }
    )
    engine.load("moments", rows)
    (found,) = engine.run("SELECT * FROM moments").to_pylist()
    engine.drop(["moments"])
    assert found["naive"] == moment
    assert found["zoned"] == moment.replace(tzinfo=dt.UTC)


@pytest.mark.parametrize("method", ["run", "describe"])
def test_an_unknown_column_names_the_nearest(engine: Engine, method: str) -> None:
    with pytest.raises(BindError, match=r"column 'amout' does not exist\n.*'amount'"):
        getattr(engine, method)("SELECT amout FROM orders")


@pytest.mark.parametrize("method", ["run", "describe"])
def test_an_unknown_table_names_the_nearest(engine: Engine, method: str) -> None:
    with pytest.raises(BindError, match=r"table 'ordes' does not exist\n.*did you mean 'orders'"):
        getattr(engine, method)("SELECT * FROM ordes")


def test_an_ambiguous_column_is_a_bind_error(engine: Engine) -> None:
    with pytest.raises(BindError, match=r"(?i)ambiguous"):
        engine.run("SELECT id FROM orders AS a JOIN orders AS b ON a.id = b.id")


def test_a_failure_of_the_jvm_says_its_cause() -> None:
    class Thrown:
        def __init__(self, text: str, cause: object = None) -> None:
            self.toString, self.getCause = lambda: text, lambda: cause

    error = RuntimeError("An error occurred while calling o90.getResult.")
    error.java_exception = Thrown("failed", Thrown("OutOfMemoryError: Java heap space"))  # type: ignore[attr-defined]
    assert _cause(error) == "OutOfMemoryError: Java heap space"


def test_a_failure_while_running_is_one_line(engine: Engine) -> None:
    with pytest.raises(EngineError) as caught:
        engine.run("SELECT CAST('x' AS INT) AS n FROM orders")
    assert "\n" not in caught.value.message
    assert "SQLSTATE" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "a,b\n1,x\n2,\n"),
        ("t.tsv", "a\tb\n1\tx\n2\t\n"),
        ("t.json", '[{"a": 1, "b": "x"},\n {"a": 2, "b": null}]'),
        ("t.jsonl", '{"a": 1, "b": "x"}\n{"a": 2, "b": null}\n'),
    ],
)
def test_files_read_the_same_everywhere(engine: Engine, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    engine.open_file("_sn_t", str(tmp_path / name))
    try:
        assert engine.run("SELECT a, b FROM _sn_t ORDER BY a").to_pylist() == [
            {"a": 1, "b": "x"},
            {"a": 2, "b": None},
        ]
        assert "_sn_t" not in engine.tables()
    finally:
        engine.drop(["_sn_t"])


def test_parquet_with_nanoseconds_is_read(engine: Engine, tmp_path: Path) -> None:
    moment = dt.datetime(2024, 1, 1, 12)
    pq.write_table(pa.table({"t": pa.array([moment], pa.timestamp("ns"))}), tmp_path / "ns.parquet")
    engine.open_file("_sn_ns", str(tmp_path / "ns.parquet"))
    try:
        assert engine.run("SELECT CAST(t AS DATE) AS d FROM _sn_ns").to_pylist() == [{"d": moment.date()}]
    finally:
        engine.drop(["_sn_ns"])


@pytest.mark.duckdb
@pytest.mark.parametrize("target", [None, "duckdb", "duckdb:", "duckdb://", "duckdb:///:memory:"])
def test_duckdb_in_memory_has_many_spellings(target: str | None) -> None:
    engine = open_engine(target)
    assert engine.run("SELECT 1 AS a").to_pylist() == [{"a": 1}]
    engine.close()


@pytest.mark.duckdb
def test_a_database_file_is_made_kept_and_opened_read_only(tmp_path: Path) -> None:
    target = f"duckdb:///{tmp_path}/shop.db"
    first = open_engine(target)
    first.run("CREATE TABLE t AS SELECT 1 AS a")
    first.close()
    second = open_engine(target, must_exist=True, read_only=True)
    with pytest.raises(EngineError, match="read-only"):
        second.run("CREATE TABLE u AS SELECT 1 AS a")
    assert second.tables() == ["t"]
    second.close()


@pytest.mark.duckdb
def test_a_live_connection_keeps_its_temporary_tables_and_stays_open() -> None:
    connection = driver.connect()
    connection.execute("CREATE TEMP TABLE mine AS SELECT 7 AS a").fetchall()
    connection.execute("BEGIN").fetchall()
    connection.execute("CREATE TABLE uncommitted AS SELECT 8 AS a").fetchall()
    engine = open_engine(connection)
    assert engine.run("SELECT mine.a, u.a AS b FROM mine, uncommitted AS u").to_pylist() == [{"a": 7, "b": 8}]
    engine.close()
    assert connection.execute("SELECT 1").fetchall() == [(1,)]
    connection.close()


@pytest.mark.duckdb
def test_an_unread_result_of_the_user_is_named() -> None:
    connection = driver.connect()
    connection.execute("SELECT 1")
    with pytest.raises(EngineError, match="not read to its end"):
        open_engine(connection).run("SELECT 2")
    connection.fetchall()
    connection.close()


@pytest.mark.duckdb
@pytest.mark.parametrize("name", ["duckdb", "re", "sql", "self", "Engine"])
def test_a_variable_of_ours_is_no_table(name: str) -> None:
    with driver.connect() as connection, pytest.raises(BindError, match=f"table '{name}' does not exist"):
        open_engine(connection).run(f"SELECT * FROM {name}")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("mysql://shop", r"unknown engine.*\n.*duckdb:///file.db"),
        ("dukdb://", r"did you mean 'duckdb'"),
        ("orders.csv", r"is a data file.*\n.*FROM 'orders.csv'"),
        ("shop.duckdb", r"is a path.*\n.*duckdb:///shop.duckdb"),
        ("duckdb:/x", "cannot read the address"),
        ("spark://host", "cannot read the address"),
        (42, "cannot connect to a int"),
    ],
)
def test_a_target_that_is_none_says_what_is_allowed(target: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        open_engine(target)


def test_a_missing_database_file_is_refused_on_request(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no database file"):
        open_engine(f"duckdb:///{tmp_path}/nofile.db", must_exist=True)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("hello " * 1000)
    with pytest.raises(EngineError, match="cannot open"):
        open_engine(f"duckdb:///{tmp_path}/text.db")


def test_importing_the_package_loads_no_driver() -> None:
    code = (
        "import sys, sqlnomaly; sqlnomaly.compile; sqlnomaly.connect; import sqlnomaly.engines.registry;"
        "print(sorted({'duckdb', 'numba', 'pandas', 'pyspark', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.spark
def test_a_session_of_the_user_keeps_its_settings(started: dict[str, Engine]) -> None:
    if "spark" not in started:
        started["spark"] = open_engine("spark")
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    session.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    try:
        theirs = open_engine(session)
        assert theirs.run("SELECT 1 AS a").to_pylist() == [{"a": 1}]
        theirs.close()
        assert session.conf.get("spark.sql.session.timeZone") == "Europe/Berlin"
        assert started["spark"].run("SELECT 1 AS a").to_pylist() == [{"a": 1}]
    finally:
        session.conf.set("spark.sql.session.timeZone", "UTC")


def test_files_are_found_by_the_syntax_tree_not_by_the_text() -> None:
    sql = (
        "WITH o AS (SELECT a FROM 'data/orders.parquet') -- 'no.csv'\n"
        "SELECT 'no.csv' AS s, \"no.csv\" FROM o JOIN '-' USING (a), 'x.csv' AS z, shop.\"no.csv\", plain"
    )
    found = file_tables(sql, "duckdb")
    assert [(file.path, file.aliased) for file in found] == [
        ("data/orders.parquet", False),
        ("-", False),
        ("x.csv", True),
    ]
    assert [sql[file.start : file.end] for file in found] == ["'data/orders.parquet'", "'-'", "'x.csv'"]


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "databricks", "snowflake", "bigquery"])
def test_files_are_found_in_every_dialect(dialect: str) -> None:
    assert [file.path for file in file_tables("SELECT a FROM 'a/b.csv'", dialect)] == ["a/b.csv"]


def test_what_a_statement_writes_to_is_no_file() -> None:
    assert file_tables('CREATE TABLE "a.csv" AS SELECT 1 AS a', "duckdb") == []


def test_splicing_leaves_the_rest_as_written() -> None:
    assert splice("a 'x' b 'y'  c", [(2, 5, "LONGER"), (8, 11, "s")]) == "a LONGER b s  c"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a.PARQUET", "parquet"), ("a.csv.gz", "csv"), ("a.ndjson", "json"), ("a.txt", None), ("csv", None)],
)
def test_a_format_is_known_by_its_ending(path: str, expected: str | None) -> None:
    assert format_of(path) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [(b"PAR1..", "parquet"), (b'\xef\xbb\xbf \n{"a"', "json"), (b"[", "json"), (b"a,b", "csv")],
)
def test_a_stream_is_known_by_its_first_bytes(head: bytes, expected: str) -> None:
    assert sniff(head) == expected


def test_an_empty_and_a_missing_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").touch()
    with pytest.raises(EngineError, match="is empty"):
        check_file(str(tmp_path / "orders.csv"))
    with pytest.raises(BindError, match=r"did you mean 'orders.csv'"):
        check_file(str(tmp_path / "order.csv"))
    check_file(str(tmp_path / "*.csv"))
    check_file("https://example.org/orders.csv")


@pytest.mark.spark
@pytest.mark.slow
def test_spark_says_nothing_while_it_starts(tmp_path: Path) -> None:
    code = (
        "from sqlnomaly.engines import open_engine; e = open_engine('spark');"
        "print(e.run('SELECT 1 AS a').to_pylist()); e.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=os.environ
    )
    assert (done.stdout, done.stderr) == ("[{'a': 1}]\n", "")
    assert list(tmp_path.iterdir()) == []
