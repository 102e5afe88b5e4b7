"""Prepared queries: planned once, the same answers as the query with the values written out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import sqlnomaly
from sqlnomaly.errors import BindError, UnsupportedError, UsageError
from sqlnomaly.session import Session

pytestmark = pytest.mark.duckdb

ROWS = "SELECT i, 's' || (i % 20) AS store, SIN(i) * 10 AS x, COS(i * 1.7) + i % 5 AS y FROM range(400) AS r(i)"


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as opened:
        opened.sql(f"CREATE TABLE rows AS {ROWS}")
        for name in ("zscore", "hbos", "ecod", "iforest"):
            opened.sql(f"CREATE ANOMALY MODEL m_{name} USING {name} AS SELECT x, y FROM rows")
        opened.sql("CREATE ANOMALY MODEL stores USING zscore PARTITION BY store AS SELECT store, x, y FROM rows")
        yield opened


@pytest.mark.parametrize("output", ["anomaly_score", "anomaly_probability", "is_anomaly", "anomaly_status"])
@pytest.mark.parametrize("detector", ["zscore", "hbos", "ecod", "iforest"])
def test_a_prepared_query_says_what_the_query_says(session: Session, detector: str, output: str) -> None:
    query = f"SELECT {output}(?, ?, model => 'm_{detector}')"
    with session.prepare(query) as ask:
        for x, y in ((3.0, 1.0), (-55.5, 4), (None, 1.0), (1e200, 0.1), (float("nan"), 0)):
            given = [f"CAST('{value}' AS DOUBLE)" if value is not None else "CAST(NULL AS DOUBLE)" for value in (x, y)]
            written = query.replace("?", "{}").format(*given)
            assert repr(ask.run(x, y)) == repr(session.sql(written).fetchall())


def test_a_parameter_may_be_a_key_and_stand_in_a_query_of_a_table(session: Session) -> None:
    with session.prepare(
        "SELECT anomaly_score(?, ?, model => 'stores', partition => (CAST(? AS VARCHAR)))"
    ) as ask:
        assert ask.types == ["DOUBLE", "DOUBLE", "TEXT"]
        assert ask.run(3, 1, "it's none") == [(None,)]
        (expected,) = session.sql("SELECT anomaly_score(3, 1, model => 'stores', partition => ('s7'))").fetchall()
        assert ask.run(3, 1, "s7") == [expected]
    with session.prepare("WITH one AS (SELECT ? AS a, '?' AS b) SELECT a, b, ? FROM one -- ?") as ask:
        assert ask.run(1, 2) == [(1.0, "?", 2.0)]
    beyond = "SELECT i FROM rows WHERE anomaly_score(x, y, model => 'm_zscore') > ? ORDER BY i"
    with session.prepare(beyond) as ask:
        assert ask.run(1.5) == session.sql(beyond.replace("?", "1.5")).fetchall() != ask.run(9)


def test_two_prepared_queries_live_side_by_side_until_they_are_closed(session: Session) -> None:
    first = session.prepare("SELECT anomaly_score(?, ?, model => 'm_iforest')")
    with session.prepare("SELECT anomaly_score(?, ?, model => 'm_iforest')") as second:
        assert first.run(1, 2) == second.run(1, 2)
    assert first.run(1, 2) == session.sql("SELECT anomaly_score(1, 2, model => 'm_iforest')").fetchall()
    first.close()
    with pytest.raises(sqlnomaly.SqlnomalyError):
        first.run(1, 2)
    left = session.sql("SELECT COUNT(*) FROM duckdb_prepared_statements() WHERE name LIKE '_sn_%'").fetchall()
    assert left == [(0,)]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT 1; SELECT ?", UsageError),
        ("SELECT $x", UsageError),
        ("CREATE TABLE t AS SELECT 1", UsageError),
        ("SELECT anomaly_score(x, detector => 'iforest') OVER () FROM rows WHERE i < ?", UnsupportedError),
        ("SELECT anomaly_score(?, model => 'nobody')", BindError),
    ],
)
def test_what_cannot_be_prepared_is_refused(session: Session, query: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        session.prepare(query)


def test_values_are_counted_and_are_numbers_texts_or_dates(session: Session) -> None:
    with session.prepare("SELECT ? + 1, CAST(? AS DATE), CAST(? AS BOOLEAN)") as ask:
        import datetime as dt

        assert ask.run(1, dt.date(2026, 2, 3), True) == [(2.0, dt.date(2026, 2, 3), True)]
        for values in ((1,), (1, 2, 3, 4), (1, object(), True)):
            with pytest.raises(UsageError):
                ask.run(*values)
