"""What a statement or a call of a stored model refuses: by name, with the remedy, and before anything is changed."""

# ruff: noqa: E501  (a table is read a row a line)

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sqlnomaly import connect
from sqlnomaly.errors import BindError, CallError, ModelError, SqlnomalyError, UnsupportedError
from sqlnomaly.session import Session

pytestmark = pytest.mark.duckdb


def made() -> Session:
    """A table, a keyless model a, one by k, one by store that is joined."""
    session = connect()
    session.sql(
        "CREATE TABLE t AS SELECT i AS id, i % 3 AS k, 's' || (i % 20) AS store, SIN(i) * 10 AS x, i % 11 AS y, "
        "CAST('2024-01-01' AS TIMESTAMP) + INTERVAL (i) HOUR AS at, i % 2 = 0 AS flag FROM range(300) AS r(i)"
    )
    session.sql("CREATE ANOMALY MODEL fraud USING zscore AS SELECT x, y FROM t")
    session.sql("CREATE ANOMALY MODEL by_k USING zscore PARTITION BY k AS SELECT k, x, y FROM t")
    session.sql("CREATE ANOMALY MODEL by_store USING zscore PARTITION BY store AS SELECT store, x, y FROM t")
    session.sql("CREATE ANOMALY MODEL times USING zscore AS SELECT at, flag FROM t")
    session.sql("CREATE ANOMALY MODEL forest USING iforest OPTIONS (n_estimators = 5) AS SELECT x, y FROM t")
    session.sql("CREATE ANOMALY MODEL bare USING zscore OPTIONS (calibration = 0) AS SELECT x, y FROM t")
    return session


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A session that the refusals leave as it is."""
    with made() as found:
        yield found


CALLS = [
    ("anomaly_score(x, model => 'fraud')", BindError, r"has 2 features \(x, y\), the call gives 1"),
    ("anomaly_score(x, y, id, model => 'fraud')", BindError, r"has 2 features \(x, y\), the call gives 3"),
    ("anomaly_score(y, x + 0, model => 'fraud')", BindError, "y is feature 2 of the model fraud and stands at 1"),
    ("anomaly_score(x + 0, x, model => 'fraud')", BindError, "x is feature 1 of the model fraud and stands at 2"),
    ("anomaly_score(x, x, model => 'fraud')", BindError, "feature x of the model fraud is given twice"),
    ("anomaly_score(x + 0 AS z, y, model => 'fraud')", BindError, "z is no feature of the model fraud"),
    ('anomaly_score(x + 0 AS "X", y, model => \'fraud\')', BindError, "X is no feature of the model fraud"),
    ("anomaly_score(store, y, model => 'fraud')", BindError, "x of the model fraud is a float, and here it is a text"),
    ("anomaly_score(x, store AS y, model => 'fraud')", BindError, "here it is a text"),
    ("anomaly_score(x, at AS y, model => 'fraud')", BindError, "here it is a timestamp"),
    ("anomaly_score(x, flag AS y, model => 'fraud')", BindError, "here it is a boolean"),
    ("anomaly_score(x AS at, flag, model => 'times')", BindError, "at of the model times is a timestamp, and here"),
    ("anomaly_score(at, y AS flag, model => 'times')", BindError, "flag of the model times is a boolean"),
    ("anomaly_score(x, y, model => 'frud')", BindError, "no model 'frud'\n  try: did you mean 'fraud'"),
    ("anomaly_score(x, y, model => '\"Fraud\"')", BindError, "no model 'Fraud'"),
    ("anomaly_score(x, y, model => fraud)", CallError, "name of a model in quotes"),
    ("anomaly_score(x, y, model => 1)", CallError, "name of a model in quotes"),
    ("anomaly_score(x, y, model => ' ')", CallError, "name of a model in quotes"),
    ("anomaly_score(x, y, model => 'fraud', version => 9)", ModelError, "has no version 9\n  try: its versions: 1"),
    ("anomaly_score(x, y, model => 'fraud', version => '1')", CallError, "version takes a whole number"),
    ("anomaly_score(x, y, model => 'fraud', version => -1)", CallError, "version takes a whole number"),
    ("anomaly_score(x, y, model => 'fraud', version => 1.5)", CallError, "version takes a whole number"),
    ("anomaly_score(x, y, model => 'fraud', nulls => 'ignore')", CallError, "nulls belongs to the fit"),
    ("anomaly_score(x, y, model => 'fraud', detector => 'mad')", CallError, "detector belongs to the fit"),
    ("anomaly_score(x, y, model => 'fraud', min_rows => 3)", CallError, "min_rows belongs to the fit"),
    ("is_anomaly(x, y, model => 'fraud', fdr => 0.1)", SqlnomalyError, "fdr"),
    ("is_anomaly(x, y, model => 'fraud', alert_budget => 5)", SqlnomalyError, "alert_budget"),
    ("is_anomaly(x, y, model => 'fraud', threshold => 1, contamination => 0.1)", CallError, "exclude each other"),
    ("is_anomaly(x, y, model => 'fraud', contamination => 0)", CallError, "out of range\n.*\n  try: above 0, at most 0.5"),
    ("is_anomaly(x, y, model => 'fraud', contamination => 0.51)", CallError, "out of range"),
    ("is_anomaly(x, y, model => 'fraud', contamination => -0.1)", CallError, "out of range"),
    ("is_anomaly(x, y, model => 'fraud', contamination => 'a')", CallError, "contamination takes a number"),
    ("is_anomaly(x, y, model => 'fraud', contamination => 0.013)", UnsupportedError, "lies between two"),
    ("is_anomaly(x, y, model => 'by_store', contamination => 0.1)", UnsupportedError, "give a threshold"),
    ("is_anomaly(x, y, model => 'fraud', threshold => 1e400)", CallError, "threshold takes a number"),
    ("is_anomaly(x, y, model => 'fraud', threshold => x)", CallError, "threshold takes a number"),
    ("is_anomaly(x, y, model => 'fraud', threshold => NULL)", CallError, "threshold takes a number"),
    ("anomaly_score(x, y, model => 'fraud') OVER ()", CallError, "a plain function.*\n.*\n  try: leave OVER and FILTER out"),
    ("anomaly_score(x, y, model => 'fraud') OVER (PARTITION BY store)", CallError, "leave OVER and FILTER out"),
    ("anomaly_score(x, y, model => 'fraud') FILTER (WHERE x > 0)", CallError, "leave OVER and FILTER out"),
    ("anomaly_score(x, y, model => 'fraud', partition => (1))", CallError, "has 0 partition keys, none; the call gives 1"),
    ("anomaly_score(x, y, model => 'by_k', partition => (1, 2))", CallError, r"has 1 partition keys, \(k\)"),
    ("anomaly_reason(x, y, model => 'forest')", UnsupportedError, "gives no reason"),
    ("anomaly_explanation(x, y, model => 'forest')", UnsupportedError, "gives no explanation"),
    ("anomaly_probability(x, y, model => 'bare')", UnsupportedError, "held no rows out.*\n.*\n  try: make it with calibration"),
    ("anomaly_expected(x, y, model => 'fraud')", CallError, "about one feature, and here are 2"),
    ("anomaly_score(model => 'fraud')", CallError, "needs at least one feature"),
    ("anomaly_score(x, y, model => 'fraud', model => 'by_k')", CallError, "model is given twice"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "message"), CALLS, ids=[call for call, _, _ in CALLS])
def test_a_call_that_does_not_fit_is_refused(
    session: Session, call: str, kind: type[SqlnomalyError], message: str
) -> None:
    with pytest.raises(kind, match=f"(?s:{message})") as caught:
        session.sql(f"SELECT {call} FROM t")

    assert caught.value.hint


QUERIES = [
    ("SELECT anomaly_score(x, y, model => 'by_store') FROM (SELECT x, y FROM t) AS q", BindError, "store of the model by_store is no column"),
    ("SELECT anomaly_score(x, y, model => 'by_k') FROM (SELECT x, y FROM t) AS q", BindError, "k"),
    ("SELECT anomaly_score(1.0, 2.0, model => 'by_store')", BindError, "store"),
    ("SELECT k, anomaly_score(AVG(x), MAX(y), model => 'by_store') FROM t GROUP BY k", BindError, "store of the model by_store is not in GROUP BY"),
    ("SELECT store, anomaly_score(AVG(x), MAX(y), model => 'by_k') FROM t GROUP BY store", BindError, "k.*GROUP BY"),
    ("SELECT COUNT(*) FROM t JOIN t AS u ON u.id = t.id AND is_anomaly(t.x, t.y, model => 'by_store', partition => (t.store))", UnsupportedError, "cannot be asked in ON"),
    ("UPDATE t SET x = anomaly_score(x, y, model => 'by_store')", UnsupportedError, "joined to the rows of a SELECT"),
    ("DELETE FROM t WHERE is_anomaly(x, y, model => 'by_store')", UnsupportedError, "joined to the rows of a SELECT"),
    ("SELECT anomaly_score(a.x, a.y, model => 'by_store') FROM t AS a JOIN t AS b ON a.id = b.id", BindError, "mbiguous"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "kind", "message"), QUERIES, ids=[sql for sql, _, _ in QUERIES])
def test_a_place_that_a_model_does_not_reach_is_refused(
    session: Session, sql: str, kind: type[SqlnomalyError], message: str
) -> None:
    before = session.engine.run("SELECT COUNT(*) AS n, SUM(x) AS s FROM t")

    with pytest.raises(kind, match=message):
        session.sql(sql)

    assert session.engine.run("SELECT COUNT(*) AS n, SUM(x) AS s FROM t") == before


NEW = "CREATE ANOMALY MODEL new USING zscore"
STATEMENTS = [
    (f"{NEW} OPTIONS (threshold = 2, contamination = 0.1) AS SELECT x FROM t", CallError, "exclude each other"),
    (f"{NEW} OPTIONS (contamination = 0) AS SELECT x FROM t", CallError, "at most 0.5"),
    (f"{NEW} OPTIONS (contamination = 0.6) AS SELECT x FROM t", CallError, "at most 0.5"),
    (f"{NEW} OPTIONS (calibration = 0.9) AS SELECT x FROM t", CallError, "calibration takes a share"),
    (f"{NEW} OPTIONS (calibration = TRUE) AS SELECT x FROM t", CallError, "calibration takes a share"),
    (f"{NEW} OPTIONS (detector = 'mad') AS SELECT x FROM t", CallError, "detector is given twice"),
    (f"{NEW} OPTIONS (treshold = 2) AS SELECT x FROM t", CallError, "treshold"),
    (f"{NEW} OPTIONS (threshold = 'a') AS SELECT x FROM t", CallError, "threshold"),
    (f"{NEW} OPTIONS (leave_one_out = TRUE) AS SELECT x FROM t", UnsupportedError, "leave_one_out"),
    (f"{NEW} ORDER BY id AS SELECT id, x FROM t", UnsupportedError, "keeps no order"),
    (f"{NEW} PARTITION BY shop AS SELECT store, x FROM t", BindError, "shop"),
    (f"{NEW} PARTITION BY store, Store AS SELECT store, x FROM t", SqlnomalyError, "twice"),
    (f"{NEW} PARTITION BY store AS SELECT store FROM t", SqlnomalyError, "no column beside the keys"),
    (f"{NEW} AS SELECT store FROM t", BindError, "store is text"),
    (f"{NEW} AS SELECT x FROM t WHERE FALSE", ModelError, "no row of the query has a score"),
    (f"{NEW} AS SELECT CAST(NULL AS DOUBLE) AS x FROM t", ModelError, "no row of the query has a score"),
    (f"{NEW} AS SELECT x, y AS X FROM t", SqlnomalyError, "two columns are called x"),
    (f"{NEW} AS SELECT x FROM nowhere", BindError, "nowhere"),
    (f"{NEW} AS SELECT RANDOM() AS x FROM t", UnsupportedError, "may differ each time"),
    (f"{NEW} AS SELECT anomaly_score(x) OVER () AS s FROM t", UnsupportedError, "detection call"),
    (f"{NEW} AS DELETE FROM t", SqlnomalyError, "one SELECT"),
    ("CREATE ANOMALY MODEL new USING zscroe AS SELECT x FROM t", CallError, "did you mean 'zscore'"),
    ("CREATE ANOMALY MODEL new USING ewma AS SELECT x FROM t", UnsupportedError, "keeps no model"),
    ("CREATE ANOMALY MODEL fraud USING mad AS SELECT x, y FROM t", ModelError, "a model 'fraud' already"),
    ("REFRESH ANOMALY MODEL frud", BindError, "did you mean 'fraud'"),
    ("REFRESH ANOMALY MODEL fraud AS SELECT x FROM t", ModelError, r"has the features \(x, y\), the query gives \(x\)"),
    ("REFRESH ANOMALY MODEL fraud AS SELECT x, y, id FROM t", ModelError, "has the features"),
    ("REFRESH ANOMALY MODEL fraud AS SELECT y, x FROM t", ModelError, "has the features"),
    ("REFRESH ANOMALY MODEL fraud AS SELECT x, id AS z FROM t", ModelError, "has the features"),
    ("REFRESH ANOMALY MODEL fraud AS SELECT at AS x, y FROM t", ModelError, "x of the model 'fraud' is a float"),
    ("REFRESH ANOMALY MODEL by_k AS SELECT x, y FROM t", SqlnomalyError, "k"),
    ("REFRESH ANOMALY MODEL by_k AS SELECT store AS k, x, y FROM t", ModelError, "k of the model 'by_k' is a integer"),
    ("ALTER ANOMALY MODEL fraud SET VERSION 9", ModelError, "no version 9"),
    ("ALTER ANOMALY MODEL nobody SET VERSION 1", BindError, "nobody"),
    ("ALTER ANOMALY MODEL fraud SET (threshold = 1e400)", CallError, "threshold takes a number"),
    ("ALTER ANOMALY MODEL fraud SET (threshold = '2')", CallError, "threshold takes a number"),
    ("ALTER ANOMALY MODEL fraud SET (threshold = TRUE)", CallError, "threshold takes a number"),
    ("ALTER ANOMALY MODEL fraud SET (contamination = 0.7)", CallError, "out of range"),
    ("ALTER ANOMALY MODEL fraud SET (contamination = 0)", CallError, "out of range"),
    ("ALTER ANOMALY MODEL fraud SET (contamination = 0.013)", UnsupportedError, "lies between two"),
    ("ALTER ANOMALY MODEL fraud SET (threshold = 1, contamination = 0.1)", CallError, "exclude each other"),
    ("ALTER ANOMALY MODEL fraud SET (nulls = 'ignore')", CallError, "cannot be altered"),
    ("ALTER ANOMALY MODEL fraud SET (fdr = 0.1)", SqlnomalyError, "fdr"),
    ("ALTER ANOMALY MODEL by_store SET (contamination = 0.1)", UnsupportedError, "partitions"),
    ("DROP ANOMALY MODEL nobody", BindError, "nobody"),
    ("DROP ANOMALY MODEL fraud VERSION 9", ModelError, "no version 9"),
    ("DROP ANOMALY MODEL fraud VERSION 1", ModelError, "is the current one"),
    ("DROP ANOMALY MODEL nobody VERSION 1", BindError, "nobody"),
    ("DESCRIBE ANOMALY MODEL nobody", BindError, "nobody"),
    ("DESCRIBE ANOMALY MODEL fraud VERSION 2", ModelError, "no version 2"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "kind", "message"), STATEMENTS, ids=[sql for sql, _, _ in STATEMENTS])
def test_a_statement_that_cannot_be_done_changes_nothing(
    session: Session, sql: str, kind: type[SqlnomalyError], message: str
) -> None:
    def state() -> list[object]:
        tables = session.engine.run(
            "SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL"
        )
        return [
            tables,
            session.sql("SHOW ANOMALY MODELS").arrow(),
            session.engine.run("SELECT COUNT(*) AS n FROM t"),
        ]

    before = state()

    with pytest.raises(kind, match=message):
        session.sql(sql)

    assert state() == before


@pytest.mark.parametrize("model", ["by_k", "by_store"])
def test_a_row_of_a_group_that_nobody_fitted_is_said_to_be_of_one(session: Session, model: str) -> None:
    key = "99" if model == "by_k" else "'nowhere'"
    functions = (
        "anomaly_status", "anomaly_score", "is_anomaly", "anomaly_probability", "anomaly_reason", "anomaly_explanation",
        "anomaly_threshold",
    )  # fmt: skip
    calls = ", ".join(f"{one}(x, y, model => '{model}', partition => ({key}))" for one in functions)

    assert set(session.sql(f"SELECT {calls} FROM t").fetchall()) == {("unseen_group", *[None] * 5, 3.0)}


TAMPERED = {
    "a number in the manifest": (
        "UPDATE sqlnomaly.model_versions SET manifest = REPLACE(manifest, '\"threshold\": 3.0', '\"threshold\": 4.0')",
        "manifest was changed",
    ),
    "no JSON": ("UPDATE sqlnomaly.model_versions SET manifest = LEFT(manifest, 100)", "no JSON"),
    "an empty manifest": ("UPDATE sqlnomaly.model_versions SET manifest = '{}'", "format version"),
    "another relation": (
        "UPDATE sqlnomaly.model_state SET data = (SELECT data FROM sqlnomaly.model_state WHERE relation = 'selftest' LIMIT 1) "
        "WHERE relation = 'calibration'",
        "calibration.parquet was changed",
    ),
    "no base64": ("UPDATE sqlnomaly.model_state SET data = '!' || data WHERE relation = 'model'", "model.parquet was changed"),
    "a part that is gone": ("DELETE FROM sqlnomaly.model_state WHERE relation = 'calibration'", "lacks calibration.parquet"),
    "a later format": ("UPDATE sqlnomaly.model_versions SET format = 99", "written by a later sqlnomaly"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_a_catalog_that_was_changed_is_not_believed(what: str, duck: Session) -> None:
    change, message = TAMPERED[what]
    duck.sql("CREATE TABLE t AS SELECT SIN(i) AS x FROM range(60) AS r(i)")
    duck.sql("CREATE ANOMALY MODEL m USING zscore AS SELECT x FROM t")
    duck.engine.run(change)
    fresh = Session(duck.engine)

    for sql in (
        "SELECT anomaly_score(x, model => 'm') FROM t",
        "DESCRIBE ANOMALY MODEL m",
        "REFRESH ANOMALY MODEL m",
    ):
        with pytest.raises(ModelError, match=message):
            fresh.sql(sql)
    with pytest.raises(ModelError, match=message):
        fresh.models().get("m")


@pytest.mark.parametrize(
    "again", ["DROP ANOMALY MODEL m; CREATE ANOMALY MODEL m", "CREATE OR REPLACE ANOMALY MODEL m"]
)
def test_a_model_that_cannot_be_read_is_dropped_or_replaced(again: str, duck: Session) -> None:
    duck.sql("CREATE TABLE t AS SELECT SIN(i) AS x FROM range(60) AS r(i)")
    duck.sql("CREATE ANOMALY MODEL m USING zscore AS SELECT x FROM t")
    duck.engine.run(TAMPERED["an empty manifest"][0])
    fresh = Session(duck.engine)

    fresh.sql(f"{again} USING zscore AS SELECT x FROM t")

    assert fresh.sql("SELECT COUNT(anomaly_score(x, model => 'm')) FROM t").fetchall() == [(60,)]


def test_the_manifest_is_json_that_names_what_was_fitted(session: Session) -> None:
    query = "SELECT manifest FROM sqlnomaly.model_versions WHERE name = 'fraud' AND version = 1"

    manifest = json.loads(session.engine.run(query).column(0)[0].as_py())

    assert (manifest["detector"], [one["name"] for one in manifest["features"]]) == ("zscore", ["x", "y"])
