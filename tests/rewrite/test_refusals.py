# ruff: noqa: E501 (a query is one line)
"""Calls where none may stand, and names that do not bind: one clear error each, and nothing is changed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

import sqlnomaly
from sqlnomaly.errors import BindError, CallError, ParseError, SqlnomalyError, UnsupportedError
from sqlnomaly.pushdown.compiler import compile_sql
from sqlnomaly.udfs.registry import detectors
from tests.rewrite.tables import ALL, Duck


@dataclass(frozen=True, slots=True)
class Bad:
    """A query that is refused.

    Attributes:
        kind: the class of the error.
        what, where, hint: words that its parts hold, in any case.
        knows: whether a schema is needed to see it.
    """

    sql: str
    kind: type[SqlnomalyError] | tuple[type[SqlnomalyError], ...]
    what: str
    where: str = ""
    hint: str = ""
    knows: bool = False


S = "anomaly_score(v)"
PLACES = [
    Bad(f"SELECT id FROM a WHERE {S} > 3", CallError, "where", S, "QUALIFY ANOMALY_SCORE(v) > 3"),
    Bad(f"SELECT id FROM a WHERE k = 'x' AND {S} > 3", CallError, "where", S, "WHERE k = 'x' QUALIFY"),
    Bad(f"SELECT id FROM a WHERE k = 'x' OR {S} > 3", CallError, "where", S, "QUALIFY k = 'x' OR"),
    Bad(f"SELECT id, {S} AS s FROM a WHERE s > 3", CallError, "where", S, "QUALIFY", knows=True),
    Bad(f"SELECT COUNT(*) FROM a GROUP BY {S} > 3", CallError, "group by", S, "FROM (SELECT"),
    Bad(f"SELECT {S} > 3 AS h, COUNT(*) FROM a GROUP BY 1", CallError, "group by", S, "FROM (SELECT"),
    Bad(
        f"SELECT {S} > 3 AS h, COUNT(*) FROM a GROUP BY h",
        CallError,
        "group by",
        S,
        "FROM (SELECT",
        knows=True,
    ),
    Bad(
        "SELECT k FROM a GROUP BY k HAVING anomaly_score(SUM(v)) > 3",
        CallError,
        "having",
        "SUM(v)",
        "QUALIFY",
    ),
    Bad(
        "SELECT k, anomaly_score(SUM(v)) AS s FROM a GROUP BY k HAVING s > 3",
        CallError,
        "having",
        "SUM(v)",
        "QUALIFY",
        knows=True,
    ),
    Bad(
        "SELECT a.id FROM a JOIN b ON a.id = b.id AND anomaly_score(a.v) > 3",
        CallError,
        "on",
        "a.v",
        "FROM (SELECT",
    ),
    Bad(f"SELECT AVG({S}) FROM a", CallError, "aggregate", S, "FROM (SELECT"),
    Bad(f"SELECT MAX(1 + {S}) FROM a", CallError, "aggregate", S, "FROM (SELECT"),
    Bad(f"SELECT kurtosis({S}) FROM a", CallError, "aggregate", S, "FROM (SELECT"),
    Bad(f"SELECT product({S}) FROM a", CallError, "aggregate", S, "FROM (SELECT"),
    Bad(
        "SELECT COUNT(*) FILTER (WHERE is_anomaly(v)) FROM a",
        CallError,
        "aggregate",
        "is_anomaly(v)",
        "FROM (SELECT",
    ),
    Bad(
        "SELECT SUM(v) FILTER (WHERE is_anomaly(v)) OVER () FROM a",
        CallError,
        "",
        "is_anomaly(v)",
        "FROM (SELECT",
    ),
    Bad(f"SELECT k, string_agg({S}::TEXT, ',') FROM a GROUP BY k", CallError, "aggregate", S, "FROM (SELECT"),
    Bad("SELECT anomaly_score(anomaly_score(v)) FROM a", CallError, "feature", S, "FROM (SELECT"),
    Bad("SELECT anomaly_score(v + anomaly_score(id)) FROM a", CallError, "feature", "id", "FROM (SELECT"),
    Bad(f"SELECT {S} AS s, anomaly_score(s) FROM a", CallError, "feature", S, "FROM (SELECT", knows=True),
    Bad(f"SELECT anomaly_score(v) OVER (PARTITION BY {S} > 1) FROM a", CallError, "", S, "FROM (SELECT"),
    Bad(f"SELECT anomaly_score(v) FILTER (WHERE {S} > 1) FROM a", CallError, "", S, "FROM (SELECT"),
    Bad(f"SELECT SUM({S}) OVER () FROM a", CallError, "", S, "FROM (SELECT"),
    Bad(
        f"SELECT id FROM a QUALIFY ROW_NUMBER() OVER (ORDER BY {S}) = 1",
        CallError,
        "window",
        S,
        "FROM (SELECT",
    ),
    Bad(
        f"SELECT id, {S} AS s FROM a QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY s DESC) = 1",
        CallError,
        "window",
        S,
        "FROM (SELECT",
        knows=True,
    ),
    Bad(f"SELECT SUM(v) OVER w FROM a WINDOW w AS (ORDER BY {S})", CallError, "window", S, "FROM (SELECT"),
    Bad(f"SELECT list_transform([1], lambda x: x + {S}) FROM a", CallError, "lambda", S, "FROM (SELECT"),
    Bad(f"SELECT id FROM a LIMIT {S}", CallError, "limit", S),
    Bad(
        "SELECT id, (SELECT anomaly_score(a.v) FROM b LIMIT 1) FROM a",
        UnsupportedError,
        "correlated",
        "a.v",
        "CTE",
    ),
    Bad(
        "SELECT id FROM a WHERE v > (SELECT MAX(s) FROM (SELECT anomaly_score(v) AS s FROM b WHERE b.id = a.id) q)",
        UnsupportedError,
        "correlated",
        "a.id",
        "CTE",
    ),
    Bad(
        "SELECT id FROM a WHERE v > (SELECT MAX(s) FROM (SELECT anomaly_score(b.v) AS s FROM b WHERE u > w) q)",
        (UnsupportedError, BindError),
        "",
        "",
        "",
        knows=True,
    ),
    Bad(
        "SELECT a.id FROM a, LATERAL (SELECT anomaly_score(b.v) AS s FROM b WHERE b.id = a.id) l",
        UnsupportedError,
        "lateral",
        "",
        "CTE",
    ),
    Bad(
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r QUALIFY anomaly_score(n) < 3) SELECT * FROM r",
        UnsupportedError,
        "recursive",
        "",
        "recursion",
    ),
    Bad(f"SELECT id FROM a UNION ALL SELECT id FROM b ORDER BY {S}", UnsupportedError, "outside", S),
]

NAMES = [
    Bad("SELECT anomaly_score(amout) FROM c", BindError, "amout", "", "amount", knows=True),
    Bad("SELECT anomaly_score(c.amout) FROM c", BindError, "amout", "", "amount", knows=True),
    Bad("SELECT anomaly_score(v) OVER (PARTITION BY kk) FROM a", BindError, "kk", "", "k", knows=True),
    Bad("SELECT anomaly_score(v) FILTER (WHERE idd > 1) FROM a", BindError, "idd", "", "id", knows=True),
    Bad("SELECT anomaly_score(v) FROM hostil", BindError, "hostil", "", "hostile", knows=True),
    Bad("SELECT anomaly_score(z.v) FROM a", BindError, "z", "", "", knows=True),
    Bad(
        "SELECT anomaly_score(v) FROM a JOIN b ON a.id = b.id", BindError, "ambiguous", "", "a.v", knows=True
    ),
    Bad("SELECT anomaly_score(k) FROM a", BindError, "text", "k", "", knows=True),
    Bad("SELECT anomaly_score('amount') FROM c", (BindError, CallError), "text", "'amount'", ""),
    Bad("SELECT anomaly_score([v]) FROM a", BindError, "number", "v", "", knows=True),
    Bad("SELECT *, anomaly_score(a.v) FROM a JOIN b ON a.id = b.id", UnsupportedError, "*", "JOIN", "schema"),
    Bad("SELECT anomaly_score(*) FROM a", BindError, "*", "anomaly_score(*)", "schema"),
    Bad("SELECT anomaly_score(a.*) FROM a", UnsupportedError, "*", "a.*", "name the columns"),
    Bad("SELECT v + 1 AS v, anomaly_score(v) FROM a", BindError, "projection", "v", "schema"),
    Bad("SELECT anomaly_score(v) OVER w FROM a", CallError, "window w", "OVER w", ""),
    Bad("SELECT anomaly_score(v)", (BindError, CallError), "", "", "", knows=True),
]

SOURCES = [
    Bad("SELECT anomaly_score(v + random()) FROM a", UnsupportedError, "twice", "RANDOM()", "table"),
    Bad(
        "SELECT random() AS r, anomaly_score(r) FROM a",
        UnsupportedError,
        "twice",
        "RANDOM()",
        "table",
        knows=True,
    ),
    Bad(
        "SELECT anomaly_score(v) OVER (PARTITION BY random() > 0.5) FROM a",
        UnsupportedError,
        "",
        "RANDOM()",
        "table",
    ),
    Bad(
        "SELECT anomaly_score(v) FILTER (WHERE random() > 0.5) FROM a",
        UnsupportedError,
        "",
        "RANDOM()",
        "table",
    ),
    Bad(
        "SELECT anomaly_reason(v) FROM a WHERE random() > 0.5", UnsupportedError, "twice", "RANDOM()", "table"
    ),
    Bad(
        "SELECT anomaly_reason(v) FROM (SELECT * FROM a LIMIT 3)", UnsupportedError, "twice", "LIMIT", "order"
    ),
    Bad("SELECT anomaly_reason(v) FROM a TABLESAMPLE 50%", UnsupportedError, "twice", "SAMPLE", "table"),
    Bad(
        "WITH q AS (SELECT *, uuid() AS u FROM a) SELECT anomaly_reason(v) FROM q",
        UnsupportedError,
        "twice",
        "UUID()",
        "table",
    ),
    Bad(
        "SELECT * FROM a PIVOT (MAX(anomaly_score(v)) FOR k IN ('x'))",
        (CallError, UnsupportedError),
        "",
        "",
        "",
    ),
    Bad(
        "SELECT id, anomaly_score(v) FROM a USING SAMPLE 3", UnsupportedError, "sample", "SAMPLE", "subquery"
    ),
]

FRAMES = [
    Bad(
        "SELECT anomaly_score(v) OVER (ORDER BY n ROWS 3 PRECEDING EXCLUDE TIES) FROM a",
        UnsupportedError,
        "exclude",
    ),
    Bad(
        "SELECT anomaly_score(v) OVER (ORDER BY n GROUPS 3 PRECEDING) FROM a",
        (UnsupportedError, ParseError),
        "",
    ),
    Bad("SELECT anomaly_score(v) OVER (ROWS 3 PRECEDING) FROM a", CallError, "ORDER BY"),
    Bad("SELECT anomaly_score(v) OVER (ORDER BY n ROWS CURRENT ROW) FROM a", CallError, "current one"),
    Bad("SELECT anomaly_score(v) OVER (ORDER BY n ROWS id PRECEDING) FROM a", CallError, "whole numbers"),
    Bad(
        "SELECT anomaly_score(v) OVER (ORDER BY n ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM a",
        CallError,
        "no row",
    ),
    Bad(
        "SELECT anomaly_score(v, detector => 'ecod') OVER (ORDER BY n) FROM a",
        UnsupportedError,
        "ecod",
        "ecod",
        "zscore",
    ),
    Bad(
        "SELECT anomaly_score(v, detector => 'hbos') OVER (ORDER BY n ROWS 3 PRECEDING) FROM a",
        UnsupportedError,
        "hbos",
    ),
    Bad(
        "SELECT anomaly_score(v, detector => 'hbos') OVER (ORDER BY n) FROM a",
        UnsupportedError,
        "hbos",
        "hbos",
        "zscore",
    ),
    Bad("SELECT anomaly_score(v IGNORE NULLS) OVER () FROM a", (UnsupportedError, ParseError), ""),
    Bad("SELECT anomaly_score(v) IGNORE NULLS OVER () FROM a", (UnsupportedError, ParseError), ""),
    Bad("SELECT anomaly_score(DISTINCT v) FROM a", UnsupportedError, "distinct"),
    Bad("SELECT anomaly_score(v) WITHIN GROUP (ORDER BY n) FROM a", UnsupportedError, "within group"),
]

TEXTS = [
    Bad("SELECT anomaly_score(v FROM a", ParseError, "parse", "line 1"),
    Bad("SELECT id,\n  anomaly_score(v) OVER (PARTITION k) FROM a", ParseError, "parse", "line 2"),
    Bad("", ParseError, "no statement"),
    Bad(
        "EXPLAIN SELECT anomaly_score(v) FROM a",
        (UnsupportedError, CallError),
        "explain",
        "",
        "sqlnomaly explain",
    ),
    Bad("PREPARE p AS SELECT anomaly_score(v) FROM a", (UnsupportedError, CallError), "prepare", "", ""),
]

EVERY = [*PLACES, *NAMES, *SOURCES, *FRAMES, *TEXTS]
ALWAYS = [bad for bad in EVERY if bad.sql and (bad not in NAMES or bad.knows)]
"""Without those that only a lack of knowledge makes bad."""


def raised(bad: Bad, *, knows: bool) -> SqlnomalyError:
    """The error of compiling; fails the test if there is none or another kind."""
    schema = ALL if knows else None
    with pytest.raises(bad.kind) as caught:
        compile_sql(bad.sql, read="duckdb", write="duckdb", registry=detectors(), schema=schema)
    return caught.value


@pytest.mark.parametrize("bad", EVERY, ids=lambda bad: bad.sql or "nothing")
def test_bad_input_says_what_where_and_what_to_do(bad: Bad) -> None:
    """In the parts of the error, not only somewhere in its text."""
    error = raised(bad, knows=bad.knows)

    assert bad.what.lower() in error.message.lower(), error
    assert bad.where.lower() in (error.where or error.message).lower(), error
    assert error.hint, error
    assert bad.hint.lower() in error.hint.lower(), error
    assert "_sn" not in str(error), error


@pytest.mark.parametrize("bad", ALWAYS, ids=lambda bad: bad.sql)
def test_bad_input_changes_nothing(bad: Bad) -> None:
    """With a live engine it is refused before anything is written, even as the middle of a script."""
    duck = Duck()
    before = (
        duck.rows("SELECT * FROM a"),
        duck.rows("SELECT table_name, sql FROM duckdb_tables() ORDER BY ALL"),
    )
    engine = sqlnomaly.connect(duck.connection)
    text = f"CREATE OR REPLACE TABLE a AS {bad.sql}" if bad.knows or bad in PLACES else bad.sql

    with pytest.raises(SqlnomalyError):
        engine.sql(text)

    assert (
        duck.rows("SELECT * FROM a"),
        duck.rows("SELECT table_name, sql FROM duckdb_tables() ORDER BY ALL"),
    ) == before


@pytest.mark.parametrize("bad", [bad for bad in PLACES if "QUALIFY" in bad.hint], ids=lambda bad: bad.sql)
def test_the_query_with_qualify_that_an_error_prints_runs(bad: Bad) -> None:
    """The reader can paste it."""
    error = raised(bad, knows=bad.knows)
    written = re.search(r"SELECT.*", error.hint or "", re.DOTALL)
    assert written is not None

    rows = sqlnomaly.connect(Duck().connection).sql(written[0]).fetchall()

    assert isinstance(rows, list)


@pytest.mark.parametrize(
    ("sql", "near"),
    [
        ("SELECT anomaly_score(amout) FROM c", "amount"),
        ("SELECT anomaly_score(v) FROM hostil", "hostile"),
        ("SELECT anomaly_score(v) FROM a JOIN b ON a.id = b.id", "a.v"),
    ],
)
def test_a_live_engine_names_what_is_near(sql: str, near: str) -> None:
    """Missing and ambiguous names are found before anything runs."""
    with pytest.raises(BindError) as caught:
        sqlnomaly.connect(Duck().connection).sql(sql)

    assert near in str(caught.value)
