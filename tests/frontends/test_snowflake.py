"""Snowflake: models of SNOWFLAKE.ML.ANOMALY_DETECTION are stored models of series, and have Snowflake's columns."""

from __future__ import annotations

import datetime as dt
from statistics import NormalDist

import pytest

from sqlnomaly import CallError, ParseError, UnsupportedError
from sqlnomaly.pushdown.statements import CreateModel, DropModel, ShowModels
from sqlnomaly.session import Session
from tests.engines.sessions import on_postgres
from tests.frontends.asked import ask, text_of, translated

COLUMNS = ["SERIES", "TS", "Y", "FORECAST", "LOWER_BOUND", "UPPER_BOUND", "IS_ANOMALY", "PERCENTILE", "DISTANCE"]
HOURS = """SELECT s AS store, TIMESTAMP '2025-01-01' + i * INTERVAL '1' HOUR AS ts, i = 100 AS known, 'x' AS other,
  10 + 5 * SIN(i / 12.0 * PI()) + i * 7 % 11 / 10.0
    + CASE i WHEN 100 THEN -50 WHEN 150 THEN s * 20 WHEN 220 THEN s * 20 ELSE 0 END AS y FROM """
TABLE = {
    "duckdb": HOURS + "range(240) AS r(i), range(2) AS q(s)",
    "postgres": HOURS + "generate_series(0, 239) AS r(i), generate_series(0, 1) AS q(s)",
}
NAMED = "TIMESTAMP_COLNAME => 'ts', TARGET_COLNAME => 'y'"
FIRST = "SELECT * FROM t WHERE ts < '2025-01-09 00:00:00'"
CREATE = f"""CREATE SNOWFLAKE.ML.ANOMALY_DETECTION ml.Load(INPUT_DATA => SYSTEM$QUERY_REFERENCE($${FIRST}$$),
  SERIES_COLNAME => 'store', {NAMED}, LABEL_COLNAME => 'known',
  CONFIG_OBJECT => {{'evaluate': FALSE, 'on_error': 'SKIP'}})
  WITH TAG (owner = 'me') COMMENT = 'hours'"""
ODD, LATER, LABELED = (dt.datetime(2025, 1, 1) + dt.timedelta(hours=hour) for hour in (150, 220, 100))


def check(session: Session) -> None:
    """The model is made, and both forms of the method give its answers."""
    session.sql(f"CREATE TABLE t AS {TABLE[session.engine.dialect]}")
    assert ask(session, CREATE, "snowflake").fetchall() == [("ml.load", "created", 1)]
    method = "ml.load!DETECT_ANOMALIES(INPUT_DATA => {}, SERIES_COLNAME => 'store', " + NAMED
    config = ", CONFIG_OBJECT => {'prediction_interval': 0.9999})"
    found = ask(session, f"CALL {method.format('TABLE(t)')}{config}", "snowflake")
    assert [name.upper() for name in found.columns] == COLUMNS
    rows = [tuple(row) for row in found.fetchall()]
    assert len(rows) == 480
    assert sorted(row[:2] for row in rows if row[6]) == [(1, ODD), (1, LATER)]
    assert {row[3:] for row in rows if row[1] == LABELED} == {(None,) * 6}, "what has a label is not fitted"
    reach = NormalDist().inv_cdf(0.99995)
    judged = [row for row in rows if row[6] is not None]
    assert len(judged) > 400
    for _, _, y, forecast, lower, upper, odd, percentile, distance in judged:
        assert distance == pytest.approx((y - forecast) / (upper - forecast) * reach)
        assert percentile == pytest.approx(NormalDist().cdf(distance), abs=2e-7)
        assert odd == (not lower <= y <= upper)
    table = f"SELECT * FROM TABLE({method.format('TABLE(SELECT * FROM t -- all' + chr(10) + ')')}{config}) AS d"
    again = ask(session, f"{table} WHERE is_anomaly ORDER BY ts", "snowflake").fetchall()
    assert [tuple(row) for row in again] == sorted((row for row in rows if row[6]), key=lambda row: row[1])


@pytest.mark.duckdb
def test_a_model_of_series_is_made_and_judges_past_and_future(duck: Session) -> None:
    check(duck)
    [shown] = ask(duck, "SHOW SNOWFLAKE.ML.ANOMALY_DETECTION", "snowflake").fetchall()
    assert (shown[0], shown[3], shown[5]) == ("ml.load", "holt_winters", "store, ts")
    assert ask(duck, "DROP SNOWFLAKE.ML.ANOMALY_DETECTION ml.load", "snowflake").fetchall() == [
        ("ml.load", "dropped", None)
    ]


@pytest.mark.postgres
def test_postgres_runs_the_same_statements() -> None:
    with on_postgres() as session:
        check(session)


@pytest.mark.duckdb
def test_a_model_of_one_series_has_no_series_and_a_level_of_99(duck: Session) -> None:
    duck.sql(f"CREATE TABLE t AS SELECT * FROM ({TABLE['duckdb']}) AS u WHERE store = 1")
    duck.sql("CREATE VIEW v AS SELECT ts AS at, y AS what FROM t")
    create = f"CREATE SNOWFLAKE.ML.ANOMALY_DETECTION m(INPUT_DATA => TABLE(t), {NAMED}, LABEL_COLNAME => '')"
    ask(duck, create, "snowflake")
    call = (
        "CALL m!DETECT_ANOMALIES(INPUT_DATA => SYSTEM$REFERENCE('VIEW', 'v'), TIMESTAMP_COLNAME => 'at', "
        "TARGET_COLNAME => 'what')"
    )
    rows = ask(duck, call, "snowflake").arrow().to_pylist()
    assert len(rows) == 240
    assert {row["SERIES"] for row in rows} == {None}
    for row in rows:
        assert row["IS_ANOMALY"] == (None if row["DISTANCE"] is None else abs(row["DISTANCE"]) > 2.5758293)


def test_the_statements_are_ours() -> None:
    create = "create or replace snowflake.ml.anomaly_detection m"
    given = f"INPUT_DATA => TABLE(db.s.t), {NAMED}, LABEL_COLNAME => 'l'"
    assert translated(f"{create}({given})", "snowflake") == CreateModel(
        name="m",
        detector="holt_winters",
        query="SELECT ts, y FROM db.s.t AS given WHERE NOT COALESCE(l, FALSE)",
        options={"horizon": 1000},
        order_by=("ts",),
        replace=True,
    )
    assert translated("SHOW SNOWFLAKE.ML.ANOMALY_DETECTION", "snowflake") == ShowModels()
    assert translated("DROP SNOWFLAKE.ML.ANOMALY_DETECTION IF EXISTS a.M", "snowflake") == DropModel(
        name="a.m", if_exists=True
    )


REFUSED = [
    ("ALTER SNOWFLAKE.ML.ANOMALY_DETECTION m SET COMMENT = 'x'", UnsupportedError, "ALTER SNOWFLAKE"),
    ("DESCRIBE SNOWFLAKE.ML.ANOMALY_DETECTION m", UnsupportedError, "DESCRIBE ANOMALY MODEL"),
    ("SHOW SNOWFLAKE.ML.ANOMALY_DETECTION IN SCHEMA s", UnsupportedError, "behind SHOW"),
    ("DROP SNOWFLAKE.ML.ANOMALY_DETECTION m CASCADE", ParseError, "CASCADE"),
    ("CALL m!SHOW_EVALUATION_METRICS()", UnsupportedError, "SHOW_EVALUATION_METRICS is a method"),
    ("CALL m!EXPLAIN_FEATURE_IMPORTANCE()", UnsupportedError, "anomaly_explanation"),
    ("SELECT * FROM TABLE(db.m!SHOW_TRAINING_LOGS())", UnsupportedError, "SHOW_TRAINING_LOGS"),
]
ARGUMENTS = [
    (NAMED, CallError, "INPUT_DATA is missing"),
    (f"INPUT_DATA => t, {NAMED}", CallError, "reference to a table or a query"),
    (f"INPUT_DATA => SYSTEM$REFERENCE('TABLE', '1 +'), {NAMED}", CallError, "no table and no query"),
    (f"INPUT_DATA => SYSTEM$QUERY_REFERENCE('DROP TABLE t'), {NAMED}", CallError, "no table and no query"),
    ("INPUT_DATA => TABLE(t), TARGET_COLNAME => 'y'", CallError, "TIMESTAMP_COLNAME names a column"),
    ("INPUT_DATA => TABLE(t), TARGET_COLNAME => y, TIMESTAMP_COLNAME => 'ts'", CallError, "TARGET_COLNAME names"),
    (f"INPUT_DATA => TABLE(t), {NAMED}, MORE => 1", CallError, "MORE is no argument"),
    (f"INPUT_DATA => TABLE(t), INPUT_DATA => TABLE(t), {NAMED}", CallError, "given twice"),
    (f"INPUT_DATA => TABLE(t), {NAMED}, CONFIG_OBJECT => 1", CallError, "CONFIG_OBJECT is an object"),
    (f"INPUT_DATA => TABLE(t), {NAMED}, CONFIG_OBJECT => {{'method': 'fast'}}", UnsupportedError, "method of CONFIG"),
    (f"INPUT_DATA => TABLE(t), {NAMED}, CONFIG_OBJECT => {{'on_error': 'GUESS'}}", CallError, "'ABORT' or 'SKIP'"),
    (f"TABLE(t), {NAMED}", CallError, "a name, => and a value"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "kind", "said"),
    [
        *REFUSED,
        *((f"CREATE SNOWFLAKE.ML.ANOMALY_DETECTION m({given})", kind, said) for given, kind, said in ARGUMENTS),
        ("CREATE SNOWFLAKE.ML.ANOMALY_DETECTION m", ParseError, "in parentheses"),
        (f"CREATE SNOWFLAKE.ML.ANOMALY_DETECTION m(INPUT_DATA => TABLE(t), {NAMED}) AS 1", ParseError, "not expected"),
    ],
)
def test_what_we_have_not_is_refused_by_name(sql: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        translated(sql, "snowflake")


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        *(
            (f"CALL m!DETECT_ANOMALIES({given})", kind, said)
            for given, kind, said in ARGUMENTS
            if "method" not in given
        ),
        (f"CALL other!DETECT_ANOMALIES(INPUT_DATA => TABLE(t), {NAMED})", CallError, "USING mad"),
        (f"CALL m!DETECT_ANOMALIES(INPUT_DATA => TABLE(t), SERIES_COLNAME => 'k', {NAMED})", CallError,
         "of one series"),
        (f"CALL m!DETECT_ANOMALIES(INPUT_DATA => TABLE(t), {NAMED}) x", ParseError, "X is not expected"),
        (f"SELECT m!DETECT_ANOMALIES(INPUT_DATA => TABLE(t), {NAMED})", UnsupportedError, "behind CALL"),
        (f"CALL m!DETECT_ANOMALIES(INPUT_DATA => TABLE(t), {NAMED}, CONFIG_OBJECT => {{'prediction_interval': 1}})",
         CallError, "from 0 to 1"),
    ],
)  # fmt: skip
def test_a_call_that_does_not_fit_is_refused(duck: Session, call: str, kind: type[Exception], said: str) -> None:
    duck.sql("CREATE TABLE t AS SELECT i AS ts, i % 5 + i % 3 / 10 AS y FROM range(60) AS r(i)")
    duck.sql("CREATE ANOMALY MODEL m USING holt_winters OPTIONS (period = 0) ORDER BY ts AS SELECT * FROM t")
    models = {"m": duck.models().get("m"), "other": duck.fit("SELECT y FROM t", detector="mad")}
    with pytest.raises(kind, match=said):
        translated(call, "snowflake", models)


@pytest.mark.duckdb
def test_two_forms_have_two_names_and_errors_name_the_place(duck: Session) -> None:
    duck.sql("CREATE TABLE t AS SELECT i AS ts, i % 5 + i % 3 / 10 AS y FROM range(60) AS r(i)")
    duck.sql("CREATE ANOMALY MODEL m USING holt_winters OPTIONS (period = 0) ORDER BY ts AS SELECT * FROM t")
    models = {"m": duck.models().get("m")}
    form = f"TABLE(m!DETECT_ANOMALIES(INPUT_DATA => TABLE(t), {NAMED}))"
    text = text_of(f"SELECT 1 FROM {form}, {form}", "snowflake", models)
    assert " AS detected," in text
    assert text.endswith(" AS detected_2")
    with pytest.raises(UnsupportedError, match="line 2, column 14"):
        translated("SELECT *\nFROM   TABLE(m!SHOW_TRAINING_LOGS())", "snowflake")


@pytest.mark.parametrize("sql", ["SHOW TABLES", "CALL p('m!DETECT_ANOMALIES(')", "SELECT anomaly_detection FROM t"])
def test_other_statements_stay_as_they_are(sql: str) -> None:
    assert translated(sql, "snowflake") is None
