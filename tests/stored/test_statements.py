"""Statements about models are found and read on tokens of any dialect, and nothing of a bad script runs."""

# ruff: noqa: E501  (a table is read a row a line)

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import ParseError, SqlnomalyError
from sqlnomaly.pushdown.statements import (
    CreateModel,
    DescribeModel,
    DropModel,
    ExplainAnomaly,
    RefreshModel,
    SetOptions,
    SetVersion,
    ShowModels,
    model_name,
    read_statement,
)
from sqlnomaly.script import statements_of
from sqlnomaly.session import Session

DIALECTS = (
    "duckdb",
    "postgres",
    "spark",
    "databricks",
    "snowflake",
    "bigquery",
    "clickhouse",
    "redshift",
    "trino",
)
BACKTICKS = ("spark", "databricks", "bigquery")
QUERY = "SELECT amount, items FROM orders"
ALL = pytest.mark.parametrize("dialect", DIALECTS)


def read(sql: str, dialect: str = "duckdb") -> Any:
    """The statement."""
    return read_statement(sql, get_dialect(dialect))


def quote(name: str, dialect: str) -> str:
    """A name in the quotes of a dialect."""
    mark = "`" if dialect in BACKTICKS else '"'
    return f"{mark}{name}{mark}"


STATEMENTS = {
    f"CREATE ANOMALY MODEL fraud USING iforest AS {QUERY}": CreateModel(
        name="fraud", detector="iforest", query=QUERY, options={}
    ),
    f"CREATE OR REPLACE ANOMALY MODEL Fraud USING ecod, knn PARTITION BY store, Region AS {QUERY}": CreateModel(
        name="fraud",
        detector="ecod, knn",
        query=QUERY,
        options={},
        partition_by=("store", "Region"),
        replace=True,
    ),
    f"CREATE ANOMALY MODEL IF NOT EXISTS ml.fraud USING 'ecod, knn' ORDER BY day AS {QUERY}": CreateModel(
        name="ml.fraud", detector="ecod, knn", query=QUERY, options={}, order_by=("day",), if_not_exists=True
    ),
    "REFRESH ANOMALY MODEL fraud": RefreshModel(name="fraud"),
    f"REFRESH ANOMALY MODEL fraud AS {QUERY}": RefreshModel(name="fraud", query=QUERY),
    "SHOW ANOMALY MODELS": ShowModels(),
    "DESCRIBE ANOMALY MODEL fraud": DescribeModel(name="fraud"),
    "DESC ANOMALY MODEL fraud VERSION 3": DescribeModel(name="fraud", version=3),
    "ALTER ANOMALY MODEL fraud SET VERSION 2": SetVersion(name="fraud", version=2),
    "ALTER ANOMALY MODEL fraud SET (threshold = 2.5)": SetOptions(name="fraud", options={"threshold": 2.5}),
    "DROP ANOMALY MODEL fraud": DropModel(name="fraud"),
    "DROP ANOMALY MODEL IF EXISTS fraud VERSION 7": DropModel(name="fraud", version=7, if_exists=True),
    "EXPLAIN ANOMALY SELECT anomaly_score(a) FROM t": ExplainAnomaly(sql="SELECT anomaly_score(a) FROM t"),
}


@ALL
@pytest.mark.parametrize("sql", STATEMENTS)
def test_every_statement_is_read_in_every_dialect(sql: str, dialect: str) -> None:
    assert read(sql, dialect) == STATEMENTS[sql]


@ALL
@pytest.mark.parametrize("sql", STATEMENTS)
def test_case_newlines_and_comments_change_nothing(sql: str, dialect: str) -> None:
    head, mark, query = sql.partition("SELECT")
    lower = head.replace("Region", "REGION_").lower().replace("region_", "Region")
    spread = lower.replace(" ", "\n\t ").replace("partition\n\t by", "partition\n by")

    found = read(f"-- a; 'word\n/* another; \" */ {spread}{mark}{query}", dialect)

    if isinstance(found, CreateModel):
        found = replace(found, detector=" ".join(found.detector.split()))
    assert found == STATEMENTS[sql]


@pytest.mark.parametrize(
    ("comment", "dialect"),
    [
        ("# a; b\n", "bigquery"),
        ("// a\n", "snowflake"),
        ("/* a /* b */ c */", "postgres"),
        ("/* a /* b */ c */", "duckdb"),
        ("#! x\n", "clickhouse"),
    ],
)
def test_comments_are_those_of_the_dialect(comment: str, dialect: str) -> None:
    assert read(f"{comment} SHOW ANOMALY MODELS", dialect) == ShowModels()


@ALL
def test_options_are_literals_of_every_kind(dialect: str) -> None:
    options = (
        "a = 1, B => 0.5, c := -2, d = 1e-3, e = 'it''s; \"x\"', f = TRUE, g = false, h = NULL, i = [1, 2.5], "
        "j = ('p', 'q'), k = 90 days, l = 0"
    )
    if dialect in BACKTICKS:
        options = options.replace("it''s", "it\\'s")

    found = read(f"CREATE ANOMALY MODEL m USING mad OPTIONS ({options}) AS {QUERY}", dialect)

    assert found.options == {
        "a": 1, "b": 0.5, "c": -2, "d": 0.001, "e": "it's; \"x\"", "f": True, "g": False, "h": None, "i": [1, 2.5],
        "j": ["p", "q"], "k": "90 days", "l": 0,
    }  # fmt: skip
    assert [type(value) for value in found.options.values()][:3] == [int, float, int]


@ALL
@pytest.mark.parametrize(
    "name", ["Fraud Model", "größe", "日本", "select", "USING", "a.b", "AS", "model", "9lives", "it's"]
)
def test_a_quoted_name_is_exact(name: str, dialect: str) -> None:
    sql = f"CREATE ANOMALY MODEL {quote(name, dialect)} USING mad PARTITION BY {quote(name, dialect)} AS {QUERY}"

    found = read(sql, dialect)

    assert (found.name, found.partition_by, found.detector, found.query) == (name, (name,), "mad", QUERY)


@ALL
@pytest.mark.parametrize("name", ["Größe", "日本", "model", "VERSION", "options", "table", "_x1", "date"])
def test_a_plain_name_may_be_a_keyword_and_is_folded(name: str, dialect: str) -> None:
    assert read(f"DROP ANOMALY MODEL {name}", dialect) == DropModel(name=name.lower())


@ALL
def test_parts_of_a_name_are_quoted_each_for_itself(dialect: str) -> None:
    sql = f"DESCRIBE ANOMALY MODEL Ml.{quote('My Fraud', dialect)}.V2 VERSION 10"

    assert read(sql, dialect) == DescribeModel(name="ml.My Fraud.v2", version=10)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Fraud", "fraud"),
        ('"Fraud"', "Fraud"),
        ('ml."My ""x"""', 'ml.My "x"'),
        ("GRÖSSE", "grösse"),
        ('a."b.C".D', "a.b.C.d"),
    ],
)
def test_a_name_in_a_call_is_folded_like_one_in_a_statement(text: str, name: str) -> None:
    assert model_name(text) == name


@ALL
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT anomaly FROM model",
        "SELECT * FROM anomaly",
        "DESCRIBE anomaly",
        "DROP TABLE anomaly",
        "CREATE TABLE anomaly (model INT)",
        "CREATE OR REPLACE VIEW anomaly AS SELECT 1 AS model",
        "ALTER TABLE anomaly ADD COLUMN model INT",
        "EXPLAIN SELECT anomaly FROM t",
        "CREATE ANOMALY",
        "SHOW TABLES",
        "'CREATE ANOMALY MODEL m USING mad AS SELECT 1'",
        "-- CREATE ANOMALY MODEL m USING mad AS SELECT 1",
        "/* DROP ANOMALY MODEL m */ SELECT 1",
        "",
        "'",
        "WITH anomaly AS (SELECT 1 AS model) SELECT model FROM anomaly",
        "INSERT INTO anomaly VALUES (1)",
        "DROP SCHEMA anomaly",
    ],
)
def test_what_only_names_an_anomaly_is_not_ours(sql: str, dialect: str) -> None:
    assert read(sql, dialect) is None


@pytest.mark.parametrize(
    ("sql", "line", "column", "message"),
    [
        ("CREATE ANOMALY MODEL\n  'fraud' USING mad AS SELECT 1", 2, 3, "is no name of a model"),
        ("CREATE ANOMALY MODEL fraud\n\nAS SELECT 1", 3, 1, "USING is expected here"),
        ("CREATE ANOMALY MODEL fraud USING AS SELECT 1", 1, 34, "USING needs a detector"),
        ("CREATE ANOMALY MODEL fraud USING mad + 1 AS SELECT 1", 1, 34, "is no detector"),
        ("CREATE OR REPLACE ANOMALY MODEL IF NOT EXISTS f USING mad AS SELECT 1", 1, 47, "exclude each other"),
        ("CREATE ANOMALY MODEL f USING mad OPTIONS (a = 1,\n a = 2) AS SELECT 1", 2, 2, "a is given twice"),
        ("CREATE ANOMALY MODEL f USING mad OPTIONS (a 1) AS SELECT 1", 1, 45, "a needs a value"),
        ("CREATE ANOMALY MODEL f USING mad OPTIONS (a = b) AS SELECT 1", 1, 47, "b is no value"),
        ("CREATE ANOMALY MODEL f USING mad OPTIONS (a = -'b') AS SELECT 1", None, None, "a minus stands before"),
        ("CREATE ANOMALY MODEL f USING mad OPTIONS (a = 1 b = 2) AS SELECT 1", None, None, "commas"),
        ("CREATE ANOMALY MODEL f USING mad OPTIONS (a = (1, 2", None, None, "ends too early"),
        ("CREATE ANOMALY MODEL f USING mad OPTIONS a = 1 AS SELECT 1", None, None, "needs AS|stand in parentheses|no detector"),
        ("CREATE ANOMALY MODEL f USING mad PARTITION BY lower(a) AS SELECT 1", 1, 52, "names columns"),
        ("CREATE ANOMALY MODEL f USING mad PARTITION BY t.a AS SELECT 1", 1, 48, "names columns"),
        ("CREATE ANOMALY MODEL f USING mad PARTITION BY 'a' AS SELECT 1", 1, 47, "names columns"),
        ("CREATE ANOMALY MODEL f USING mad ORDER BY a PARTITION BY b AS SELECT 1", 1, 45, "needs AS and a query"),
        ("CREATE ANOMALY MODEL f USING mad AS", None, None, "ends before a query"),
        ("REFRESH ANOMALY MODEL f AS", None, None, "ends before a query"),
        ("REFRESH ANOMALY MODEL f SELECT 1", 1, 25, "SELECT is not expected here"),
        ("EXPLAIN ANOMALY", None, None, "ends before a query to explain"),
        ("ALTER ANOMALY MODEL f SET VERSION two", 1, 35, "a version is a whole number"),
        ("ALTER ANOMALY MODEL f SET VERSION -2", 1, 35, "a version is a whole number"),
        ("ALTER ANOMALY MODEL f SET VERSION 1.5", 1, 35, "a version is a whole number"),
        ("ALTER ANOMALY MODEL f SET VERSION '2'", 1, 35, "a version is a whole number"),
        ("ALTER ANOMALY MODEL f RENAME TO g", 1, 23, "SET is expected here"),
        ("ALTER ANOMALY MODEL f SET threshold = 2", 1, 27, "options stand in parentheses"),
        ("DROP ANOMALY MODEL", None, None, "ends too early"),
        ("DROP ANOMALY MODEL a, b", 1, 21, "is not expected here"),
        ("DROP ANOMALY MODEL f CASCADE", 1, 22, "CASCADE is not expected here"),
        ("SHOW ANOMALY MODELS LIKE 'f'", 1, 21, "LIKE is not expected here"),
        ("SHOW ANOMALY MODEL f", 1, 14, "MODELS is expected here"),
        ("DESCRIBE ANOMALY MODEL f VERSION", None, None, "ends too early"),
    ],
)  # fmt: skip
def test_a_head_that_is_not_complete_says_where(
    sql: str, line: int | None, column: int | None, message: str
) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        read(f"/* one line;\n */ {sql}" if line is None else sql)

    if line is not None:
        assert (caught.value.where or "").startswith(f"line {line}, column {column},")
    assert caught.value.hint


@ALL
def test_a_script_is_split_at_its_own_semicolons_only(dialect: str) -> None:
    name = quote("a;b", dialect)
    parts = [
        "SELECT ';' AS a",
        "EXPLAIN ANOMALY SELECT ';' FROM t",
        "SHOW ANOMALY MODELS",
        f"CREATE ANOMALY MODEL {name} USING mad OPTIONS (nulls = ';') AS SELECT x FROM t WHERE y <> ';'",
        "REFRESH ANOMALY MODEL f AS SELECT x /* ; */ FROM t",
        "DESCRIBE ANOMALY MODEL f",
        f"DROP ANOMALY MODEL {name}",
        "DROP TABLE anomaly",
    ]

    assert statements_of(" ;\n".join(parts) + ";;", get_dialect(dialect).sqlglot) == parts


SCRIPTS = [
    "CREATE ANOMALY MODEL m USING mad AS SELEC x FORM t",
    "CREATE ANOMALY MODEL m USING mad AS SELECT x FROM (t",
    "CREATE ANOMALY MODEL m USING AS SELECT x FROM t",
    "REFRESH ANOMALY MODEL m AS SELECT FROM WHERE",
    "EXPLAIN ANOMALY SELECT (",
    "DROP ANOMALY MODEL",
    "SELECT (",
    "ALTER ANOMALY MODEL m SET VERSION x",
]


@pytest.mark.duckdb
@pytest.mark.parametrize("bad", SCRIPTS)
def test_nothing_of_a_script_runs_where_one_statement_does_not_parse(duck: Session, bad: str) -> None:
    duck.sql("CREATE TABLE t AS SELECT i * 1.0 AS x FROM range(50) AS r(i)")
    script = f"CREATE TABLE made AS SELECT 1 AS a; CREATE ANOMALY MODEL n USING mad AS SELECT x FROM t; {bad}; SELECT 1"

    with pytest.raises(SqlnomalyError):
        duck.sql(script)

    assert duck.tables() == ["t"]
    assert duck.models().names() == []


@pytest.mark.duckdb
def test_a_script_mixes_statements_about_models_with_others(duck: Session) -> None:
    found = duck.sql(
        """
        CREATE TABLE t AS SELECT i AS id, i * 1.0 AS x, ';' AS s FROM range(50) AS r(i); -- a; b
        CREATE ANOMALY MODEL "a;b" USING mad OPTIONS (threshold = 2) AS SELECT x FROM t WHERE s = ';';
        INSERT INTO t VALUES (50, 500.0, ';');
        SELECT id, anomaly_threshold(x, model => '"a;b"') FROM t WHERE is_anomaly(x, model => '"a;b"') AND s = ';' ;
        """
    ).fetchall()

    assert found == [(50, 2.0)]
