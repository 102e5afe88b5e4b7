"""What no model can be fitted on, or with: each is refused by name before a file is written."""

from __future__ import annotations

from typing import Any

import pytest

from sqlnomaly import connect
from sqlnomaly.errors import BindError, CallError, ModelError, SqlnomalyError, UnsupportedError, UsageError
from sqlnomaly.session import Session

pytestmark = pytest.mark.duckdb

ROWS = "CREATE TABLE t AS SELECT i AS id, i % 7 * 1.0 AS x, i % 5 * 1.0 AS y, i % 2 AS k FROM range(60) AS r(i)"


@pytest.fixture(scope="module")
def session() -> Session:
    made = connect()
    made.engine.run(ROWS)
    return made


@pytest.mark.parametrize(
    ("query", "error", "said"),
    [
        ("SELECT x, y AS x FROM t", UsageError, "two columns are called"),
        ("SELECT x, x FROM t", UsageError, "two columns are called"),
        ('SELECT x, y AS "X" FROM t', UsageError, "two columns are called"),
        ("SELECT x FROM t LIMIT 5", UnsupportedError, "may differ each time"),
        ("SELECT * FROM (SELECT x FROM t LIMIT 5)", UnsupportedError, "may differ each time"),
        ("WITH a AS (SELECT RANDOM() AS x FROM t) SELECT x FROM a", UnsupportedError, "may differ each time"),
        ("SELECT x FROM t USING SAMPLE 10", UnsupportedError, "may differ each time"),
        ("SELECT anomaly_score(x) AS x FROM t", UnsupportedError, "answers of a detection call"),
        ("SELECT * FROM detect_anomalies(t, features => ['x'])", UnsupportedError, "answers of a detection call"),
        ("SELECT x FROM t WHERE FALSE", ModelError, "no row of the query has a score"),
        ("SELECT CAST(NULL AS DOUBLE) AS x FROM t", ModelError, "no row of the query has a score"),
        ("SELECT 'a' AS word, x FROM t", BindError, "feature word is text"),
        ("SELECT zz FROM t", BindError, "column 'zz' does not exist"),
        ("DROP TABLE t", UsageError, "one SELECT"),
        ("SELECT x FROM t; SELECT y FROM t", UsageError, "one SELECT"),
        ("", UsageError, "one SELECT"),
    ],
)
def test_a_query_that_is_no_training_set_is_refused(
    query: str, error: type[SqlnomalyError], said: str, session: Session
) -> None:
    with pytest.raises(error, match=said):
        session.fit(query, detector="mad")


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"detector": "ewma"}, UnsupportedError, "ewma keeps no model"),
        ({"detector": "nope"}, CallError, "unknown detector"),
        ({"leave_one_out": True}, UnsupportedError, "leave_one_out is about the rows that were fitted"),
        ({"nope": 1}, CallError, "unknown option 'nope'"),
        ({"threshold": float("nan")}, CallError, "threshold|finite"),
        ({"threshold": float("inf")}, CallError, "threshold|finite"),
        ({"threshold": "3"}, CallError, "threshold takes a number"),
        ({"threshold": None}, CallError, "not NULL"),
        ({"threshold": 1.0, "contamination": 0.1}, CallError, "exclude each other"),
        ({"contamination": 2}, CallError, "out of range"),
        ({"min_rows": 1000}, ModelError, "needs 1000 rows"),
        ({"min_effect": [1.0, 2.0, 3.0]}, CallError, "3 values for 2 features"),
        ({"detector": "hbos", "direction": "low"}, UnsupportedError, "direction is refused"),
        ({"detector": "iforest", "nulls": "ignore"}, UnsupportedError, "'ignore' is refused"),
        ({"detector": "hbos", "n_bins": 1}, CallError, "2 to 100"),
        ({"threshold => 1, nulls": 3}, CallError, "unknown option"),
    ],
)
def test_an_option_that_a_model_cannot_have_is_refused(
    options: dict[str, Any], error: type[SqlnomalyError], said: str, session: Session
) -> None:
    with pytest.raises(error, match=said):
        session.fit("SELECT x, y FROM t", **{"detector": "zscore", **options})


@pytest.mark.parametrize(
    ("keys", "error", "said"),
    [
        ("nope", BindError, "does not exist|no column 'nope'"),
        ("", BindError, "no column ''"),
        (("k", "k"), UsageError, "twice"),
        (("k", "x", "y", "id"), UsageError, "no column beside the keys"),
    ],
)
def test_a_partition_that_is_none_is_refused(
    keys: Any, error: type[SqlnomalyError], said: str, session: Session
) -> None:
    with pytest.raises(error, match=said):
        session.fit("SELECT * FROM t", detector="mad", partition_by=keys)


def test_a_forest_over_rows_that_may_not_leave_is_refused_before_one_does() -> None:
    session = connect(max_rows_out=0)
    session.engine.run(ROWS)

    with pytest.raises(UnsupportedError, match="max_rows_out is 0"):
        session.fit("SELECT x, y FROM t", detector="iforest")


def test_a_training_query_is_any_query(session: Session) -> None:
    queries = (
        "FROM t SELECT x;",
        "WITH source AS (SELECT x FROM t) SELECT * FROM source",
        "SELECT x FROM t UNION ALL SELECT y FROM t",
        "SELECT x FROM t ORDER BY id LIMIT 30",
        "SELECT x -- the last line is a comment\nFROM t -- so",
    )

    assert [session.fit(query, detector="mad").features for query in queries] == [("x",)] * len(queries)
