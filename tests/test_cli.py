"""The command line: data alone on standard output, messages on standard error, exit codes 0, 1 and 2."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from sqlnomaly.cli import app

pytestmark = pytest.mark.duckdb

ORDERS = "id,store,amount\n1,a,10\n2,a,11\n3,a,9\n4,a,10.5\n5,a,99\n6,b,\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").write_text(ORDERS)
    return tmp_path


def run(*arguments: str, stdin: str | bytes = "") -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments), input=stdin)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_query_finds_the_outlier_in_a_file() -> None:
    code, out, err = run(
        "query",
        "SELECT id FROM 'orders.csv' QUALIFY is_anomaly(amount, detector => 'mad') OVER (PARTITION BY store)",
        "--format",
        "csv",
    )
    assert (code, out, err) == (0, "id\n5\n", "")


def test_csv_keeps_null_apart_from_the_empty_text() -> None:
    sql = """SELECT NULL AS n, '' AS e, 'a,"b"' AS q, 1.5 AS d, 'nan'::DOUBLE AS f, [1, 2] AS l,
             DATE '2024-01-02' AS t"""
    assert run("query", sql, "--format", "csv")[1] == (
        'n,e,q,d,f,l,t\n,"","a,""b""",1.5,nan,"[1, 2]",2024-01-02\n'
    )


def test_json_is_one_array_and_knows_no_nan() -> None:
    sql = """SELECT 1 AS a, 2 AS a, 'x"ü' AS s, 'nan'::DOUBLE AS f, '-inf'::DOUBLE AS g, {'k': [1.5, NULL]} AS n,
             TRUE AS b, 1.50::DECIMAL(9, 2) AS d, TIMESTAMP '2024-01-02 03:04:05' AS t UNION ALL SELECT 3, 4, NULL,
             1e300, 0, NULL, NULL, NULL, NULL"""
    _, out, _ = run("query", sql, "--format", "json")
    assert json.loads(out) == [
        {
            "a": 1,
            "a_1": 2,
            "s": 'x"ü',
            "f": None,
            "g": None,
            "n": {"k": [1.5, None]},
            "b": True,
            "d": 1.5,
            "t": "2024-01-02 03:04:05",
        },
        {"a": 3, "a_1": 4, "s": None, "f": 1e300, "g": 0, "n": None, "b": None, "d": None, "t": None},
    ]


@pytest.mark.parametrize(("form", "empty"), [("csv", "a\n"), ("json", "[]\n")])
def test_no_rows_are_still_a_document(form: str, empty: str) -> None:
    assert run("query", "SELECT 1 AS a WHERE FALSE", "--format", form) == (0, empty, "")


def test_parquet_round_trips_through_standard_input() -> None:
    done = CliRunner().invoke(app, ["query", "SELECT * FROM 'orders.csv'", "--format", "parquet"])
    assert pq.read_table(io.BytesIO(done.stdout_bytes)).num_rows == 6
    assert (
        run("query", "SELECT COUNT(*) AS n FROM '-'", "--format", "csv", stdin=done.stdout_bytes)[1]
        == "n\n6\n"
    )


@pytest.mark.parametrize("data", ["a\n1\n2\n", '{"a": 1}\n{"a": 2}\n', '[{"a": 1}, {"a": 2}]'])
def test_data_comes_from_standard_input(data: str) -> None:
    assert run("query", "SELECT SUM(a) AS s FROM '-'", "--format", "csv", stdin=data) == (0, "s\n3\n", "")


def test_sql_comes_from_standard_input_or_a_file() -> None:
    Path("q.sql").write_text("SELECT 7 AS a")
    assert run("query", "-", "--format", "csv", stdin="SELECT 7 AS a")[1] == "a\n7\n"
    assert run("query", "@q.sql", "--format", "csv")[1] == "a\n7\n"


def test_a_table_shows_some_rows_and_says_how_many_more() -> None:
    code, out, err = run("query", "SELECT range AS a FROM range(1030)", "--rows", "5")
    assert code == 0
    assert out.split() == ["a", "─────", "0", "1", "2", "3", "4"] or out.split()[-1] == "4"
    assert err.startswith("1,025 more rows")


@pytest.mark.parametrize("name", ["out.csv", "out.json", "out.parquet", "out.txt"])
def test_the_ending_of_the_output_says_its_format(name: str) -> None:
    Path(name).write_text("old")
    assert run("query", "SELECT 1 AS a", "-o", name)[:2] == (0, "")
    assert Path(name).read_bytes() not in (b"", b"old")
    assert sorted(path.name for path in Path().iterdir()) == sorted([name, "orders.csv"])


def test_a_query_that_fails_leaves_the_old_file() -> None:
    Path("out.csv").write_text("old")
    sql = "SELECT CASE WHEN range > 250000 THEN error('late') ELSE 'x' END AS a FROM range(300000)"
    code, out, err = run("query", sql, "-o", "out.csv")
    assert (code, out, err) == (1, "", "error: late\n")
    assert Path("out.csv").read_text() == "old"
    assert sorted(path.name for path in Path().iterdir()) == ["orders.csv", "out.csv"]


def test_an_output_may_replace_its_own_input() -> None:
    assert run("query", "SELECT id FROM 'orders.csv'", "-o", "orders.csv")[0] == 0
    assert Path("orders.csv").read_text() == "id\n1\n2\n3\n4\n5\n6\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["query", "SELECT * FROM ordes"], "table 'ordes' does not exist"),
        (["query", "SELECT * FROM 'order.csv'"], "did you mean 'orders.csv'"),
        (["query", "SELECT amout FROM 'orders.csv'"], "did you mean 'amount'"),
        (["query", "SELECT ("], "does not parse"),
        (["query", "SELECT error('boom')"], "boom"),
        (
            ["query", "SELECT anomaly_score(amount, detector => 'x') OVER () FROM 'orders.csv'"],
            "unknown detector",
        ),
        (["query", "SELECT anomaly_score(store) OVER () FROM 'orders.csv'"], "store"),
        (["query", "SELECT * FROM '-'"], "standard input is empty"),
        (["query", "SELECT * FROM 'empty.csv'"], "is empty (0 bytes)"),
    ],
)
def test_a_query_that_fails_exits_with_1(arguments: list[str], message: str) -> None:
    Path("empty.csv").touch()
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["query"], "Missing argument"),
        (["query", " "], "there is no SQL"),
        (["query", "@none.sql"], "cannot read the SQL file"),
        (["query", "SELECT 1", "--on", "mysql://x"], "unknown engine"),
        (["query", "SELECT 1", "--on", "duckdb:///nofile.db"], "no database file"),
        (["query", "SELECT 1", "--format", "xml"], "xml"),
        (["query", "SELECT 1", "--from", "dukdb"], "did you mean 'duckdb'"),
        (["query", "SELECT 1", "-o", "out.xyz"], "which format"),
        (["query", "SELECT 1", "-o", "none/out.csv"], "no folder"),
        (["query", "SELECT 1", "-o", "."], "which format"),
        (["compile", "SELECT 1", "--to", "oracle"], "unknown dialect"),
        (["compile", "SELECT 1", "--schema", "orders.csv"], "is not JSON"),
        (["detectors", "zscor"], "did you mean 'zscore'"),
        (["dialects", "sparc"], "did you mean 'spark'"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], message: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_standard_input_cannot_be_both_sql_and_data() -> None:
    code, out, err = run("query", "-", stdin="SELECT * FROM '-'")
    assert (code, out) == (2, "")
    assert "@file.sql" in err


def test_reading_a_database_locks_nobody_out_and_writing_writes(folder: Path) -> None:
    import duckdb

    duckdb.connect(str(folder / "shop.db")).close()
    target = "duckdb:///shop.db"
    made = run("query", "CREATE TABLE t AS SELECT 1 AS a", "--on", target)
    assert made == (0, "", "done\n")
    reader = duckdb.connect(str(folder / "shop.db"), read_only=True)
    assert run("query", "SELECT a FROM t", "--on", target, "--format", "csv") == (0, "a\n1\n", "")
    reader.close()


def test_compile_prints_sql_and_says_what_it_assumes() -> None:
    code, out, err = run("compile", "SELECT anomaly_score(x) OVER () AS s FROM t", "--to", "bigquery")
    assert code == 0
    assert out.startswith("/* sqlnomaly")
    assert "assumed: x is numeric" in err


def test_compile_takes_types_from_a_schema() -> None:
    Path("schema.json").write_text('{"t": {"x": "DOUBLE", "name": "VARCHAR"}}')
    ok = run("compile", "SELECT *, anomaly_score(x) OVER () AS s FROM t", "--schema", "schema.json")
    assert (ok[0], ok[2]) == (0, "")
    bad = run("compile", "SELECT anomaly_score(nam) OVER () AS s FROM t", "--schema", "schema.json")
    assert bad[:2] == (1, "")


def test_explain_shows_the_plan_of_a_file_and_of_an_unknown_table() -> None:
    for table in ("'orders.csv'", "orders"):
        code, out, _ = run("explain", f"SELECT anomaly_score(amount, detector => 'mad') OVER () FROM {table}")
        assert code == 0
        assert "mad(amount)" in out


def test_detectors_and_dialects_are_listed_and_told_in_full() -> None:
    listed = [line.split() for line in run("detectors")[1].splitlines()]
    assert len(listed) > 50
    assert ["knn", "neighbor", "standard", "duckdb,", "spark"] in [words[:5] for words in listed]
    assert ["pyod.knn", "neighbor", "none", "duckdb,", "spark"] in [words[:5] for words in listed]
    assert ["ecod", "lookup", "own", "all"] in [words[:4] for words in listed]
    assert "snowflake" in run("dialects")[1]
    assert "contamination = 0.01" in run("detectors", "ecod")[1]
    assert "exact quantiles" in run("dialects", "bigquery")[1]


def test_the_version_is_the_package_s() -> None:
    import sqlnomaly

    assert run("--version")[1] == f"{sqlnomaly.__version__}\n"


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    sql = "SELECT range AS a, md5(range::VARCHAR) AS b FROM range(1000000)"
    with subprocess.Popen(
        [sys.executable, "-m", "sqlnomaly", "query", sql, "--format", "csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"a,b\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


@pytest.mark.parametrize(("sql", "code"), [("SELECT 1 AS a", 0), ("SELECT * FROM nope", 1), (" ", 2)])
def test_exit_codes_are_those_of_the_process(sql: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sqlnomaly", "query", sql], capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr


@pytest.mark.spark
@pytest.mark.slow
def test_query_runs_on_spark_with_data_from_standard_input() -> None:
    sql = "SELECT id, anomaly_score(amount, detector => 'mad') OVER (PARTITION BY store) AS s FROM '-' ORDER BY id"
    outputs = [
        run("query", sql, "--on", engine, "--format", "csv", stdin=ORDERS) for engine in ("duckdb", "spark")
    ]
    assert outputs[0][0] == 0
    assert outputs[0] == outputs[1]


@pytest.mark.slow
def test_the_demo_finds_what_it_planted() -> None:
    code, out, err = run("demo")
    assert (code, err) == (0, "")
    assert "false alarms" in out
    assert "snowflake" in out


def test_the_demo_query_is_printed_in_full() -> None:
    code, out, _ = run("demo", "--to", "snowflake")
    assert code == 0
    assert "QUALIFY" in out or "WHERE" in out


def test_ctrl_c_stops_a_query_that_runs() -> None:
    sql = "SELECT MAX(md5(range::VARCHAR)) AS n FROM range(2000000000000)"
    with subprocess.Popen(
        [sys.executable, "-m", "sqlnomaly", "query", sql],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell that starts the suite in the background has it ignore the signal, and children with it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    ) as process:
        time.sleep(8)
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (130, b"", b"stopped\n")
