"""Plans of several steps: a fit on the client, what it may move, and that nothing stays behind."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

import sqlnomaly
from sqlnomaly.pushdown.client import ClientFit, Learned

CALL = "anomaly_score(x, y, detector => 'iforest', n_estimators => 5, max_samples => 16)"
QUERY = f"SELECT id, {CALL} AS score FROM points"
BY_KIND = f"SELECT id, {CALL} OVER (PARTITION BY kind) AS score FROM points"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(
            "CREATE TABLE points AS "
            "SELECT i AS id, i % 7 + 0.5 * (i % 3) AS x, CASE i WHEN 9 THEN 99 ELSE i % 5 END AS y, "
            "CASE i % 3 WHEN 0 THEN NULL ELSE 'k' || i % 3 END AS kind FROM range(60) AS t(i)"
        )
        yield opened


def left_behind(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Temporary relations and functions of ours that are still there."""
    tables = connection.sql("SELECT table_name FROM information_schema.tables").fetchall()
    functions = connection.sql("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()
    return [name for (name,) in [*tables, *functions] if name.lower().startswith("_sn_")]


def test_a_plan_that_is_not_sql_alone_names_its_steps() -> None:
    compiled = sqlnomaly.compile(QUERY)
    with pytest.raises(sqlnomaly.UnsupportedError, match="fit iforest on the client, then sql"):
        print(compiled.sql)  # noqa: T201


def test_a_script_has_every_step_in_order() -> None:
    lines = sqlnomaly.compile(QUERY).script.splitlines()
    heads = [line for line in lines if line.startswith("-- step")]
    assert heads == ["-- step 1 of 2: fit iforest on the client, on the rows of this query", "-- step 2 of 2: sql"]


def test_a_plan_says_how_many_rows_leave_before_it_runs() -> None:
    assert "at most 80 rows of each partition x 6 columns for iforest" in sqlnomaly.compile(BY_KIND).explain()


def test_the_odd_point_scores_highest(connection: duckdb.DuckDBPyConnection) -> None:
    found = sqlnomaly.connect(connection).sql(f"{QUERY} ORDER BY score DESC LIMIT 1").fetchall()
    assert found[0][0] == 9


def test_a_query_leaves_nothing_behind(connection: duckdb.DuckDBPyConnection) -> None:
    sqlnomaly.connect(connection).sql(BY_KIND)
    assert left_behind(connection) == []


def test_a_stream_leaves_nothing_behind_when_it_is_read(connection: duckdb.DuckDBPyConnection) -> None:
    assert sqlnomaly.connect(connection).stream(QUERY).read_all().num_rows == 60
    assert left_behind(connection) == []


def test_a_stream_that_is_dropped_unread_leaves_nothing_behind(connection: duckdb.DuckDBPyConnection) -> None:
    session = sqlnomaly.connect(connection)
    stream = session.stream(QUERY)
    del stream
    session.sql("SELECT 1")
    assert left_behind(connection) == []


def test_a_statement_that_fails_leaves_nothing_behind(connection: duckdb.DuckDBPyConnection) -> None:
    session = sqlnomaly.connect(connection)
    with pytest.raises(sqlnomaly.SqlnomalyError):
        session.sql(f"SELECT id, {CALL}, error('no') AS boom FROM points")
    assert left_behind(connection) == []


def test_a_fit_that_fails_leaves_nothing_behind(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: ClientFit, rows: object) -> Learned:
        raise KeyboardInterrupt

    monkeypatch.setattr(ClientFit, "learn", fail)
    with pytest.raises(KeyboardInterrupt):
        sqlnomaly.connect(connection).sql(QUERY)
    assert left_behind(connection) == []


def test_a_fit_on_the_client_fills_a_table(connection: duckdb.DuckDBPyConnection) -> None:
    session = sqlnomaly.connect(connection)
    session.sql(f"CREATE TABLE scored AS {BY_KIND}; INSERT INTO scored {QUERY}")
    assert session.sql("SELECT COUNT(*), COUNT(score) FROM scored").fetchall() == [(120, 120)]


def test_two_forests_and_a_median_stand_in_one_query(connection: duckdb.DuckDBPyConnection) -> None:
    other = "anomaly_score(y, detector => 'iforest', random_state => 1)"
    median = "anomaly_score(y, detector => 'mad')"
    sql = f"SELECT id, {CALL} AS a, {other} AS b, {median} AS c FROM points ORDER BY b DESC LIMIT 1"
    row = sqlnomaly.connect(connection).sql(sql).fetchall()[0]
    assert row[0] == 9
    assert None not in row


@pytest.mark.parametrize("rows", ["WHERE FALSE", "WHERE id = 1", "WHERE x IS NULL"])
def test_too_few_rows_give_no_score(rows: str, connection: duckdb.DuckDBPyConnection) -> None:
    result = sqlnomaly.connect(connection).sql(f"SELECT {CALL} AS score FROM points {rows}").fetchall()
    assert {score for (score,) in result} <= {None}


def test_no_row_leaves_where_none_may(connection: duckdb.DuckDBPyConnection) -> None:
    session = sqlnomaly.connect(connection, max_rows_out=0)
    with pytest.raises(sqlnomaly.UnsupportedError, match="max_rows_out is 0"):
        session.sql(QUERY)


def test_as_many_rows_leave_as_may(connection: duckdb.DuckDBPyConnection) -> None:
    session = sqlnomaly.connect(connection, max_rows_out=59)
    with pytest.raises(sqlnomaly.UnsupportedError, match="would move 60 rows"):
        session.sql(QUERY)
    assert sqlnomaly.connect(connection, max_rows_out=60).sql(QUERY).arrow().num_rows == 60


def test_sql_alone_runs_where_no_row_may_leave(connection: duckdb.DuckDBPyConnection) -> None:
    session = sqlnomaly.connect(connection, max_rows_out=0)
    assert session.sql("SELECT anomaly_score(x, detector => 'mad') FROM points").arrow().num_rows == 60


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (f"CREATE VIEW v AS {QUERY}", "a view cannot hold iforest"),
        (f"SELECT anomaly_score(score) FROM ({QUERY}) AS t", "in the same statement is not supported"),
        (f"WITH t AS ({QUERY}) SELECT anomaly_score(score) FROM t", "in the same statement is not supported"),
        (QUERY.replace("> 5", "> 0"), "n_estimators is a whole number from 1 to 1,000"),
        (QUERY.replace("max_samples", "samples"), "unknown option 'samples'"),
        (f"SELECT {CALL} OVER (ORDER BY id) FROM points", "iforest has no causal form"),
        (f"SELECT {CALL} FROM (SELECT * FROM points USING SAMPLE 10) AS t", "read twice"),
    ],
)
def test_what_a_fit_on_the_client_cannot_do_is_refused(
    sql: str, said: str, connection: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(sqlnomaly.SqlnomalyError, match=said):
        sqlnomaly.connect(connection).sql(sql)


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "databricks"])
def test_a_dialect_without_functions_from_the_client_refuses_a_forest(dialect: str) -> None:
    with pytest.raises(sqlnomaly.UnsupportedError, match="function that a session registers"):
        sqlnomaly.compile(QUERY, write=dialect)


def test_at_most_thirty_features_are_solved_in_sql() -> None:
    features = ", ".join(f"x{number}" for number in range(31))
    with pytest.raises(sqlnomaly.UnsupportedError, match="at most 30 features, not 31"):
        sqlnomaly.compile(f"SELECT anomaly_score({features}, detector => 'mahalanobis') FROM t")
