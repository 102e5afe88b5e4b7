"""The independent grammars accept what the vendors document and refuse what they do not, with the place."""

from __future__ import annotations

import pytest

from tests.engines.snowflake_grammar import GrammarError, check

pytestmark = pytest.mark.snowflake

GOOD = [
    "SELECT a, MEDIAN(x) OVER (PARTITION BY k) AS m FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY x) <= 2",
    "WITH f AS (SELECT k, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x) AS m FROM t GROUP BY k) "
    "SELECT t.*, f.m FROM t LEFT JOIN f ON t.k IS NOT DISTINCT FROM f.k",
    "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY k) FROM t",
    "SELECT SUM(x) OVER (PARTITION BY k ORDER BY d NULLS LAST ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING)",
    "SELECT * EXCLUDE (a, b) FROM t",
    "SELECT CAST(x AS DOUBLE), x::DOUBLE, 1e0, -1.5e-10, 1e150 FROM t",
    "SELECT DATE_PART(EPOCH_MICROSECOND, ts) / 1000000e0 FROM t",
    "CREATE OR REPLACE TABLE a AS WITH b AS (SELECT 1 AS x) SELECT x FROM b",
    "INSERT INTO a (x) WITH b AS (SELECT 1 AS x) SELECT x FROM b",
    "(WITH a AS (SELECT 1 AS x) SELECT x FROM a) UNION ALL (SELECT 2)",
    'SELECT "select", "a ""b" AS "ü" FROM "My Table"',
    "SELECT 1;\nSELECT 2;",
    "/* a header */ SELECT -- and a comment\n 1",
]

BAD = [
    ("SELECT x\nFROM t QUALIFY", (2, 8)),
    ("SELECT `x` FROM t", (1, 8)),
    ("SELECT * EXCEPT (x) FROM t", (1, 10)),
    ("SELECT MAX(x) FILTER (WHERE x > 1) FROM t", (1, 22)),
    ("SELECT SUM(x) OVER (ORDER BY x ROWS 1 PRECEDING EXCLUDE CURRENT ROW) FROM t", (1, 49)),
    ("SELECT SUM(x) OVER (ORDER BY x GROUPS 1 PRECEDING) FROM t", (1, 32)),
    ("SELECT (1 FROM t", (1, 8)),
    ("SELECT CASE WHEN x THEN 1 FROM t", (1, 13)),
    ("SELEC 1", (1, 1)),
    ("", (1, 1)),
]


@pytest.mark.parametrize("sql", GOOD)
def test_snowflake_statements_parse(sql: str) -> None:
    check(sql)


@pytest.mark.parametrize(("sql", "place"), BAD)
def test_what_snowflake_has_not_is_refused_at_its_place(sql: str, place: tuple[int, int]) -> None:
    with pytest.raises(GrammarError) as refused:
        check(sql)
    assert refused.value.problems[0][:2] == place


def test_the_error_text_names_dialect_line_and_position() -> None:
    with pytest.raises(GrammarError, match=r"^snowflake: line 1, position 10: "):
        check("SELECT * EXCEPT (x) FROM t")


@pytest.mark.parametrize("dialect", ["databricks", "sparksql"])
def test_spark_grammars_are_offered_too(dialect: str) -> None:
    check("SELECT TRANSFORM(COLLECT_LIST(x), v -> v + 1) FROM t", dialect)
    with pytest.raises(GrammarError, match=dialect):
        check("SELECT PERCENTILE_CONT(0.5) WITHIN (ORDER BY x) FROM t", dialect)


def test_an_unknown_grammar_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no grammar 'oracle'; known: snowflake"):
        check("SELECT 1", "oracle")
