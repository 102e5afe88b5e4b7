"""BigQuery's ARIMA_PLUS: a stored model of series, and ML.DETECT_ANOMALIES over it with BigQuery's columns."""

from __future__ import annotations

import datetime as dt
from math import erf, sqrt

import pytest

from sqlnomaly import CallError, ParseError, UnsupportedError
from sqlnomaly.errors import SqlnomalyError
from sqlnomaly.pushdown.statements import CreateModel
from sqlnomaly.session import Session
from tests.engines.sessions import on_postgres
from tests.frontends.asked import ask, translated

HOURS = """SELECT s AS store, TIMESTAMP '2025-01-01' + i * INTERVAL '1' HOUR AS ts,
  10 + 5 * SIN(i / 12.0 * PI()) + i * 7 % 11 / 10.0 + CASE WHEN s = 1 AND i IN (176, 220) THEN 20 ELSE 0 END AS y
  FROM """
TABLE = {
    "duckdb": HOURS + "range(240) AS r(i), range(2) AS q(s)",
    "postgres": HOURS + "generate_series(0, 239) AS r(i), generate_series(0, 1) AS q(s)",
}
COLUMNS = "TIME_SERIES_TIMESTAMP_COL='ts', TIME_SERIES_DATA_COL='y'"
CREATE = f"""CREATE MODEL `shop.Load` OPTIONS(MODEL_TYPE='ARIMA_PLUS', {COLUMNS}, TIME_SERIES_ID_COL='store',
  HORIZON=24, AUTO_ARIMA=FALSE, NON_SEASONAL_ORDER=(2, 1, 1), DATA_FREQUENCY='AUTO_FREQUENCY', KMS_KEY_NAME='key')
AS SELECT ts, y, store FROM t WHERE ts < TIMESTAMP '2025-01-10 00:00:00' -- nine days"""
ODD, LATER, END = (dt.datetime(2025, 1, day, hour) for day, hour in ((8, 8), (10, 4), (11, 0)))


def check(session: Session) -> None:
    """The model is made, judges new rows as far as its horizon, and its own."""
    session.sql(f"CREATE TABLE t AS {TABLE[session.engine.dialect]}")
    assert ask(session, CREATE, "bigquery").fetchall() == [("shop.load", "created", 1)]
    query = "SELECT * FROM ML.DETECT_ANOMALIES(MODEL `shop.load`, STRUCT(0.9999 AS anomaly_prob_threshold), {}) AS d"
    found = ask(session, query.format("TABLE t"), "bigquery")
    judged = ["is_anomaly", "lower_bound", "upper_bound", "anomaly_probability"]
    assert found.columns == ["store", "ts", "y", *judged]
    rows = found.arrow().to_pylist()
    assert len(rows) == 480
    assert [(row["store"], row["ts"]) for row in rows if row["is_anomaly"]] == [(1, ODD), (1, LATER)]
    last = dt.datetime(2025, 1, 11)
    assert {tuple(row[name] for name in judged) for row in rows if row["ts"] >= last} <= {(None,) * 4}
    for row in rows:
        if row["anomaly_probability"] is not None:
            assert row["is_anomaly"] == (row["anomaly_probability"] > 0.9999)
            assert row["is_anomaly"] == (not row["lower_bound"] <= row["y"] <= row["upper_bound"])
    own = ask(session, "SELECT * FROM ML.DETECT_ANOMALIES(MODEL shop.load)", "bigquery")
    assert own.columns == found.columns
    assert own.arrow().num_rows == 2 * 9 * 24


@pytest.mark.duckdb
def test_a_model_of_series_is_made_and_judges_past_and_future(duck: Session) -> None:
    check(duck)


@pytest.mark.postgres
def test_postgres_runs_the_same_statements() -> None:
    with on_postgres() as session:
        check(session)


@pytest.mark.duckdb
def test_the_probability_is_that_of_a_normal_error_and_the_level_is_95_unless_given(duck: Session) -> None:
    duck.sql(f"CREATE TABLE t AS {TABLE['duckdb']}")
    ask(duck, CREATE, "bigquery")
    scores = {
        row[:2]: row[2]
        for row in duck.sql("SELECT store, ts, anomaly_score(y, model => 'shop.load') FROM t").fetchall()
    }
    rows = ask(duck, "SELECT * FROM ML.DETECT_ANOMALIES(MODEL shop.load)", "bigquery").arrow().to_pylist()
    for row in rows:
        score = scores[row["store"], row["ts"]]
        wanted = None if score is None else pytest.approx(erf(score / sqrt(2)), abs=2e-7)
        assert row["anomaly_probability"] == wanted
        assert row["is_anomaly"] == (None if score is None else score > 1.959964)
    assert ask(duck, "DROP MODEL shop.load", "bigquery").fetchall() == [("shop.load", "dropped", None)]


def test_the_statement_is_ours() -> None:
    said = translated(
        f"CREATE OR REPLACE MODEL m OPTIONS(MODEL_TYPE='ARIMA', {COLUMNS}, TIME_SERIES_ID_COL=['a', 'b'], "
        "SEASONALITIES=['NO_SEASONALITY'], CLEAN_SPIKES_AND_DIPS=TRUE) AS SELECT * FROM t",
        "bigquery",
    )
    assert said == CreateModel(
        name="m",
        detector="arima",
        query="SELECT a, b, ts, y FROM (SELECT * FROM t\n) AS given",
        options={"horizon": 1000, "period": 0},
        partition_by=("a", "b"),
        order_by=("ts",),
        replace=True,
    )


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ("TIME_SERIES_DATA_COL='y'", CallError, "TIME_SERIES_TIMESTAMP_COL names a column"),
        ("TIME_SERIES_TIMESTAMP_COL='ts'", CallError, "TIME_SERIES_DATA_COL names a column"),
        (f"{COLUMNS}, TIME_SERIES_ID_COL=3", CallError, "names a column, or a list"),
        (f"{COLUMNS}, HORIZON=0", CallError, "from 1 to 10000"),
        (f"{COLUMNS}, HORIZON=3.5", CallError, "from 1 to 10000"),
        (f"{COLUMNS}, NON_SEASONAL_ORDER=(1, 2)", CallError, "three numbers"),
        (f"{COLUMNS}, NON_SEASONAL_ORDER=(1, 2, 0)", UnsupportedError, "one difference"),
        (f"{COLUMNS}, AUTO_ARIMA=FALSE", UnsupportedError, "AUTO_ARIMA = False"),
        (f"{COLUMNS}, AUTO_ARIMA_MAX_ORDER=5", UnsupportedError, "AUTO_ARIMA_MAX_ORDER"),
        (f"{COLUMNS}, DATA_FREQUENCY='DAILY'", UnsupportedError, "found in their times"),
        (f"{COLUMNS}, HOLIDAY_REGION='US'", UnsupportedError, "HOLIDAY_REGION"),
        (f"{COLUMNS}, CLEAN_SPIKES_AND_DIPS=FALSE", UnsupportedError, "CLEAN_SPIKES_AND_DIPS"),
        (f"{COLUMNS}, SEASONALITIES=['DAILY', 'WEEKLY']", UnsupportedError, "number of points"),
        (f"{COLUMNS}, HIERARCHICAL_TIME_SERIES_COLS=['a']", UnsupportedError, "HIERARCHICAL"),
        (f"{COLUMNS}, NUM_CLUSTERS=3", CallError, "not known"),
    ],
)
def test_an_option_that_we_do_not_have_is_refused_by_name(options: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        translated(f"CREATE MODEL m OPTIONS(MODEL_TYPE='ARIMA_PLUS', {options}) AS SELECT ts, y FROM t", "bigquery")


def test_custom_holidays_are_refused() -> None:
    query = "(training_data AS (SELECT ts, y FROM t), custom_holiday AS (SELECT 1))"
    with pytest.raises(UnsupportedError, match="no holidays"):
        translated(f"CREATE MODEL m OPTIONS(MODEL_TYPE='ARIMA_PLUS', {COLUMNS}) AS {query}", "bigquery")
    with pytest.raises(ParseError, match="needs AS"):
        translated(f"CREATE MODEL m OPTIONS(MODEL_TYPE='ARIMA_PLUS', {COLUMNS})", "bigquery")


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ("STRUCT(1 AS anomaly_prob_threshold)", CallError, "from 0 to 1"),
        ("STRUCT(0.1 AS contamination), TABLE t", CallError, "CONTAMINATION is no setting"),
        ("TABLE t", CallError, "second argument is the probability"),
        ("STRUCT(0.9 AS anomaly_prob_threshold), t", CallError, "TABLE and a name"),
        ("STRUCT(0.9 AS anomaly_prob_threshold), TABLE t, TABLE t", CallError, "are the most"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    duck: Session, arguments: str, kind: type[Exception], said: str
) -> None:
    duck.sql("CREATE TABLE t AS SELECT i AS ts, i % 5 + i % 3 / 10 AS y FROM range(60) AS r(i)")
    options = "(p = 1, d = 0, q = 0, period = 0)"
    duck.sql(f"CREATE ANOMALY MODEL m USING arima OPTIONS {options} ORDER BY ts AS SELECT * FROM t")
    with pytest.raises(kind, match=said):
        ask(duck, f"SELECT * FROM ML.DETECT_ANOMALIES(MODEL m, {arguments})", "bigquery")
    models = {"m": duck.models().get("m")}
    with pytest.raises(SqlnomalyError, match="nobody knows the rows"):
        translated("SELECT * FROM ML.DETECT_ANOMALIES(MODEL m)", "bigquery", models)
