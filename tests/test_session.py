"""The Python front door: sessions, results, and compiling without a connection."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb as driver
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import BindError, CallError, MissingDriverError, ParseError, Result, Session, UsageError
from sqlnomaly.result import more_rows, shown
from sqlnomaly.script import identifier, statements_of, table_names, type_in

pytestmark = pytest.mark.duckdb

SCORED = "SELECT id, anomaly_score(amount, detector => 'mad') OVER () AS score FROM orders ORDER BY id"


@pytest.fixture
def session() -> Session:
    session = sqlnomaly.connect()
    amounts = [10.0, 11.0, 9.0, 10.5, 9.5, 10.2, 9.8, 90.0, None]
    session.load("orders", pa.table({"id": list(range(9)), "amount": amounts}))
    return session


def test_a_query_with_a_detection_call_runs(session: Session) -> None:
    scores = session.sql(SCORED).fetchall()
    assert max((score, number) for number, score in scores if score is not None)[1] == 7
    assert scores[8] == (8, None)


def test_a_result_is_arrow_pandas_and_tuples(session: Session) -> None:
    result = session.sql("SELECT id, amount FROM orders WHERE id >= 7 ORDER BY id")
    assert result.arrow().column_names == result.columns == ["id", "amount"]
    assert result.fetchall() == list(result) == [(7, 90.0), (8, None)]
    assert list(result.df()["id"]) == [7, 8]
    assert len(result) == 2


def test_repeated_column_names_keep_their_values(session: Session) -> None:
    assert session.sql("SELECT 1 AS a, 2 AS a").fetchall() == [(1, 2)]


def test_show_says_how_many_rows_it_leaves_out(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    session.sql("SELECT id, amount FROM orders ORDER BY id DESC").show(2)
    printed = capsys.readouterr().out
    assert "NULL" in printed
    assert "90" in printed
    assert "7 more rows" in printed


def test_pandas_is_asked_for_by_name(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    result = session.sql("SELECT 1 AS a")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingDriverError, match=r"pip install 'sqlnomaly\[pandas\]'"):
        result.df()


def test_a_missing_spark_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(MissingDriverError, match=r"sqlnomaly\[spark\]"):
        sqlnomaly.connect("spark")


def test_a_script_runs_in_order_and_gives_the_last_rows(session: Session) -> None:
    script = f"CREATE TABLE s AS {SCORED}; SELECT COUNT(*) AS n, anomaly_score(COUNT(*)) OVER () FROM s;"
    assert session.sql(script).fetchall() == [(9, None)]


def test_nothing_runs_of_a_script_that_does_not_parse(session: Session) -> None:
    with pytest.raises(ParseError):
        session.sql("CREATE TABLE made AS SELECT 1 AS a; SELECT (")
    assert "made" not in session.tables()


def test_nothing_runs_where_a_call_is_malformed(session: Session) -> None:
    with pytest.raises(CallError, match=r"did you mean 'threshold'"):
        session.sql(
            "CREATE TABLE made AS SELECT is_anomaly(amount, threshhold => 3) OVER () AS a FROM orders"
        )
    assert "made" not in session.tables()


def test_a_stream_gives_the_same_rows(session: Session) -> None:
    assert session.stream(SCORED).read_all().equals(session.sql(SCORED).arrow())


def test_a_query_may_be_written_in_another_dialect(session: Session) -> None:
    assert session.sql(
        "SELECT IFF(id > 7, 'y', 'n') AS a FROM orders WHERE id = 8", read="snowflake"
    ).fetchall() == [("y",)]


def test_compile_takes_the_columns_from_the_engine(session: Session) -> None:
    compiled = session.compile("SELECT *, anomaly_score(amount) OVER () AS s FROM orders", write="snowflake")
    assert compiled.write == "snowflake"
    assert compiled.assumptions == ()


def test_explain_runs_nothing(session: Session) -> None:
    assert "mad(amount)" in session.explain(SCORED)


def test_compile_needs_no_connection() -> None:
    assert "sqlnomaly" in sqlnomaly.compile(SCORED, write="bigquery").sql


def test_an_unknown_dialect_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"did you mean 'duckdb'"):
        sqlnomaly.compile(SCORED, write="dukdb")


def test_a_file_is_a_table_under_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("16 orders.csv").write_text("id,amount\n1,10\n2,11\n3,9\n4,99\n")
    sql = (
        "SELECT \"16 orders\".id, anomaly_score(amount, detector => 'mad') OVER () AS s "
        "FROM '16 orders.csv' ORDER BY s DESC"
    )
    with sqlnomaly.connect() as session:
        assert session.sql(sql).fetchall()[0][0] == 4


@pytest.mark.parametrize("read", ["duckdb", "spark", "bigquery", "snowflake"])
def test_a_file_is_a_table_in_every_dialect(tmp_path: Path, read: str) -> None:
    (tmp_path / "orders.csv").write_text("id,amount\n1,10\n")
    with sqlnomaly.connect() as session:
        assert session.sql(f"SELECT orders.id FROM '{tmp_path}/orders.csv'", read=read).fetchall() == [(1,)]
        assert session.tables() == []


def test_a_table_named_like_a_file_comes_first(session: Session) -> None:
    session.sql('CREATE TABLE "orders.csv" AS SELECT 42 AS a')
    assert session.sql("SELECT a FROM 'orders.csv'").fetchall() == [(42,)]


def test_standard_input_is_no_table_in_python(session: Session) -> None:
    with pytest.raises(BindError, match="only on the command line"):
        session.sql("SELECT * FROM '-'")


def test_a_live_connection_is_used_and_left_open() -> None:
    connection = driver.connect()
    connection.register("mine", pa.table({"x": [1.0, 2.0, 3.0, 50.0]}))
    with sqlnomaly.connect(connection) as session:
        assert len(session.sql("SELECT x, anomaly_score(x) OVER () FROM mine")) == 4
    assert connection.execute("SELECT COUNT(*) FROM mine").fetchall() == [(4,)]
    connection.close()


def test_the_public_names_are_there() -> None:
    assert {name for name in sqlnomaly.__all__ if not hasattr(sqlnomaly, name)} == set()
    assert isinstance(sqlnomaly.connect().sql("SELECT 1"), Result)
    with pytest.raises(AttributeError):
        _ = sqlnomaly.nothing


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (0.1 + 0.2, "0.3000"),
        (12.0, "12"),
        (1e-12, "1e-12"),
        (float("nan"), "nan"),
        ("", "''"),
        ("a\x1b[2J\nb", "a [2J b"),
        ("x" * 99, "x" * 39 + "…"),
    ],
)
def test_values_are_shown_short_and_harmless(value: object, expected: str) -> None:
    assert shown(value) == expected


def test_rows_left_out_are_counted() -> None:
    assert (more_rows(20, 20), more_rows(21, 20)) == (None, "1 more row")


def test_a_script_is_split_by_tokens() -> None:
    assert statements_of("SELECT ';'; ;\n-- a;\nSELECT 2;", "duckdb") == ["SELECT ';'", "-- a;\nSELECT 2"]


def test_tables_of_a_query_are_those_that_exist() -> None:
    sql = "WITH a AS (SELECT * FROM t) SELECT * FROM a, u, s.v"
    assert sorted(table_names(sql, "duckdb")) == ["t", "u"]


def test_words_are_said_in_another_dialect() -> None:
    assert type_in("DOUBLE", "duckdb", "bigquery") == "FLOAT64"
    assert identifier("order", "spark") == "`order`"
