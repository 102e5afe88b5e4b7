# ruff: noqa: E501 (a query is one line)
"""``FROM detect_anomalies(..)``: the columns of the relation, then the six of the calls that it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.dialects import get_dialect
from sqlnomaly.engines.files import FORMATS, file_tables
from sqlnomaly.errors import BindError, CallError, ParseError, SqlnomalyError, UnsupportedError
from sqlnomaly.pushdown.bind import Binder
from sqlnomaly.pushdown.names import Names
from sqlnomaly.pushdown.relation_form import COLUMNS, expand_relations
from sqlnomaly.pushdown.select import Settings
from sqlnomaly.script import table_names
from sqlnomaly.udfs.registry import detectors

TABLES = """
CREATE TABLE orders AS SELECT i AS id, CASE WHEN i % 3 = 0 THEN NULL WHEN i % 2 = 0 THEN 'n' ELSE 's' END AS store,
  DATE '2024-01-01' + CAST(i // 2 AS INT) AS day, CASE WHEN i <> 7 THEN (i * 37 % 11) / 4.0 + CASE WHEN i = 20 THEN 90 ELSE 0 END END AS amount,
  i * 7 % 5 AS items, i * 3 AS "Unit Price", i % 4 AS "order" FROM range(40) AS r(i);
CREATE SCHEMA shop;
CREATE TABLE shop.sales AS SELECT id, amount AS x FROM orders;
CREATE TABLE "Odd Name" AS SELECT id, amount AS x FROM orders;
CREATE TABLE names AS SELECT * FROM (VALUES ('n', 'North'), ('s', 'South')) AS v(store, name);
CREATE TABLE source AS SELECT id, amount AS source FROM orders;
CREATE TABLE judged AS SELECT id, amount, FALSE AS "Is_Anomaly" FROM orders;
"""
SHAPE = {"id": "INT", "store": "VARCHAR", "day": "DATE", "amount": "DOUBLE", "items": "INT"}


def by_calls(features: str, over: str = "", options: str = "", table: str = "orders") -> str:
    """The query with calls that the relation form stands for."""
    rest = f", {options}" if options else ""
    blank = "ORDER BY" in over or "leave_one_out => TRUE" in options
    answers = [
        "CAST(NULL AS DOUBLE) AS anomaly_probability"
        if name == "anomaly_probability" and blank
        else f"{name}({features}{rest}) OVER ({over}) AS {name}"
        for name in COLUMNS
    ]
    return f"SELECT *, {', '.join(answers)} FROM {table}"


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as session:
        session.sql(TABLES)
        session.sql(f"CREATE TABLE scored AS {by_calls('amount, items', 'PARTITION BY store')}")
        yield session


def facts(session: Session, sql: str, read: str | None = None) -> tuple[Any, list[str]]:
    """Names and types of the columns, and the rows in an order of their own; sums of two runs may differ by an ulp."""
    table = session.sql(sql, read=read).arrow()
    rows = [[round(v, 12) if isinstance(v, float) else v for v in row.values()] for row in table.to_pylist()]
    return table.schema, sorted(map(repr, rows))


@pytest.mark.parametrize(
    ("form", "calls"),
    [
        ("orders, features => ['amount']", by_calls("amount")),
        ("orders, FEATURES := 'Amount , items'", by_calls("Amount, items")),
        (
            "orders, features => ['amount'], partition_by => ['store']",
            by_calls("amount", "PARTITION BY store"),
        ),
        (
            "orders, features => 'amount', partition_by => 'store, items'",
            by_calls("amount", "PARTITION BY store, items"),
        ),
        (
            "orders, features => 'amount', partition_by => [], detector => 'mad', threshold => 2.5",
            by_calls("amount", "", "detector => 'mad', threshold => 2.5"),
        ),
        (
            "orders, features => ['amount', 'items'], detector => 'ecod', contamination => 0.1",
            by_calls("amount, items", "", "detector => 'ecod', contamination => 0.1"),
        ),
        (
            "orders, features => 'amount', partition_by => 'store', order_by => 'day desc'",
            by_calls("amount", "PARTITION BY store ORDER BY day DESC"),
        ),
        (
            "orders, features => 'amount', order_by => ['day', 'items ASC'], min_rows => 5",
            by_calls("amount", "ORDER BY day, items", "min_rows => 5"),
        ),
        (
            "orders, features => 'amount', leave_one_out => TRUE",
            by_calls("amount", "", "leave_one_out => TRUE"),
        ),
        (
            "orders, features => 'amount', nulls => 'anomalous'",
            by_calls("amount", "", "nulls => 'anomalous'"),
        ),
        (
            "orders, features => 'amount, items', min_effect => [1, 2], direction => 'high'",
            by_calls("amount, items", "", "min_effect => [1, 2], direction => 'high'"),
        ),
        ("""orders, features => '"Unit Price", order'""", by_calls('"Unit Price", "order"')),
        ("""orders, features => ['"Unit Price"']""", by_calls('"Unit Price"')),
        ("shop.sales, features => 'x'", by_calls("x", table="shop.sales")),
        ("memory.shop.sales, features => 'x'", by_calls("x", table="shop.sales")),
        ("'orders', features => 'amount'", by_calls("amount")),
        ("'shop.sales', features => 'x'", by_calls("x", table="shop.sales")),
        ("\"Odd Name\", features => 'x'", by_calls("x", table='"Odd Name"')),
        ("'\"Odd Name\"', features => 'x'", by_calls("x", table='"Odd Name"')),
        ("source, features => 'source'", by_calls("source.source", table="source")),
        (
            "(SELECT id, amount / items AS price FROM orders WHERE items > 0), features => 'price'",
            by_calls("price", table="(SELECT id, amount / items AS price FROM orders WHERE items > 0) AS q"),
        ),
        (
            "(WITH q AS (SELECT id, items FROM orders) SELECT * FROM q UNION ALL SELECT id, 9 FROM source) AS u, features => 'items'",
            by_calls("items", table="(SELECT id, items FROM orders UNION ALL SELECT id, 9 FROM source) AS u"),
        ),
        ("((FROM orders)), features => 'amount'", by_calls("amount")),
    ],
)
def test_the_relation_form_gives_what_the_calls_give(session: Session, form: str, calls: str) -> None:
    assert facts(session, f"SELECT * FROM detect_anomalies({form})") == facts(session, calls)


PLACES = [
    "SELECT * FROM {}",
    "FROM {} SELECT id, anomaly_score",
    "SELECT * FROM TABLE({}) AS d",
    "SELECT detect_anomalies.id FROM {} WHERE is_anomaly",
    "SELECT d.id, d.anomaly_score AS s FROM {} AS d WHERE d.anomaly_score > 1 ORDER BY s, d.id LIMIT 3",
    "SELECT * FROM {} AS d (a, b)",
    "SELECT * FROM {} AS d JOIN names USING (store)",
    "SELECT names.*, d.* FROM names LEFT JOIN {} AS d ON d.store = names.store",
    "SELECT * FROM (names JOIN {} AS d ON d.store = names.store)",
    "SELECT * FROM ({} AS d JOIN names AS m ON d.store = m.store) JOIN names AS n ON n.store = d.store",
    "SELECT a.id, b.anomaly_reason FROM {} AS a, {} AS b WHERE a.id = b.id + 1",
    "WITH d AS (SELECT * FROM {}) SELECT store, COUNT(*), SUM(CASE WHEN is_anomaly THEN 1 END) FROM d GROUP BY ALL",
    "WITH orders AS (SELECT * FROM orders WHERE id >= 0) SELECT * FROM {}",
    "SELECT * FROM (SELECT id, anomaly_status FROM {}) AS q WHERE id < 5",
    "SELECT id FROM orders WHERE id IN (SELECT id FROM {} WHERE is_anomaly)",
    "SELECT id, (SELECT MAX(anomaly_score) FROM {}) AS m FROM orders",
    "SELECT id, anomaly_score FROM {} UNION ALL SELECT id, -anomaly_score FROM {} EXCEPT SELECT 1, 2.0",
    "SELECT id, anomaly_score(anomaly_score) OVER () AS again FROM {} AS d",
    "SELECT *, anomaly_score(d.items) OVER () AS again FROM {} AS d JOIN names ON d.store = names.store",
    "SELECT * EXCLUDE (items), ROW_NUMBER() OVER (ORDER BY id) AS n FROM {} QUALIFY n < 4",
    "SELECT * FROM {} AS d TABLESAMPLE (100 PERCENT)",
    "SELECT store, one FROM {} AS d PIVOT (MAX(anomaly_score) FOR items IN (1 AS one, 2 AS two)) WHERE store = 'n'",
    "SELECT * FROM (SELECT store, items, anomaly_score FROM {}) PIVOT (MAX(anomaly_score) FOR items IN (1, 2))",
]


@pytest.mark.parametrize("place", PLACES)
def test_it_stands_wherever_a_table_may(session: Session, place: str) -> None:
    form = "detect_anomalies(orders, features => ['amount', 'items'], partition_by => ['store'])"
    table = place.replace("{}", "scored").replace("TABLE(scored)", "scored")
    expected = table.replace("scored WHERE is_anomaly", "scored AS detect_anomalies WHERE is_anomaly")
    assert facts(session, place.replace("{}", form)) == facts(session, expected)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE OR REPLACE TABLE made AS SELECT * FROM {} AS d",
        "CREATE OR REPLACE TABLE made AS SELECT * FROM scored LIMIT 0; INSERT INTO made SELECT * FROM {} AS d",
        "CREATE OR REPLACE VIEW v AS SELECT * FROM {} AS d; CREATE OR REPLACE TABLE made AS SELECT * FROM v",
        "CREATE OR REPLACE TABLE made AS SELECT * REPLACE (NULL::DOUBLE AS anomaly_score) FROM scored; "
        "UPDATE made SET anomaly_score = d.anomaly_score FROM {} AS d WHERE d.id = made.id",
        "CREATE OR REPLACE TABLE made AS SELECT * FROM scored LIMIT 0; "
        "MERGE INTO made USING {} AS d ON d.id = made.id WHEN NOT MATCHED THEN INSERT",
    ],
)
def test_statements_that_write_may_read_it(session: Session, statement: str) -> None:
    form = "detect_anomalies(orders, features => 'amount, items', partition_by => 'store')"
    session.sql(statement.replace("{}", form))
    assert facts(session, "SELECT * FROM made") == facts(session, "SELECT * FROM scored")


def test_a_form_may_read_another(session: Session) -> None:
    inner = "SELECT id, anomaly_score AS first FROM detect_anomalies(orders, features => 'amount')"
    rows = facts(session, f"SELECT * FROM detect_anomalies(({inner}), features => 'first')")
    session.sql(f"CREATE OR REPLACE TABLE once AS {inner}")
    assert rows == facts(session, by_calls("first", table="once"))


READS = [
    ("duckdb", 'detect_anomalies("orders", features => [\'amount\', \'items\'], partition_by => [\'store\'])'),
    ("snowflake", "TABLE(DETECT_ANOMALIES('orders', features => ARRAY_CONSTRUCT('amount', 'items'), partition_by => 'store'))"),
    ("snowflake", "detect_anomalies(orders, features => ['amount', 'items'], partition_by => ['store'])"),
    ("spark", "detect_anomalies(`orders`, features => array('amount', 'items'), partition_by => array('store'))"),
    ("databricks", "detect_anomalies(\"orders\", features => ['amount', 'items'], partition_by => 'store')"),
    ("bigquery", "detect_anomalies(`memory.main.orders`, features => ['amount', 'items'], partition_by => \"store\")"),
    ("bigquery", "detect_anomalies(memory.main.orders, features => 'amount, items', partition_by => 'store')"),
    ("postgres", "detect_anomalies(main.orders, features => ARRAY['amount', 'items'], partition_by => 'store')"),
    ("redshift", "detect_anomalies(orders, features => array('amount', 'items'), partition_by => ('store'))"),
    ("tsql", "detect_anomalies([orders], features => 'amount, items', partition_by => 'store')"),
    ("tsql", "detect_anomalies(orders, features => ('amount', 'items'), partition_by => 'store')"),
]  # fmt: skip


@pytest.mark.parametrize(("read", "form"), READS)
def test_every_dialect_parses_it(session: Session, read: str, form: str) -> None:
    (tree,) = sqlglot.parse(f"SELECT * FROM {form} AS d", read=read)
    assert tree is not None
    before = repr(tree)
    expanded = expand_relations(tree, settings(read))
    assert repr(tree) == before
    query = expanded.sql("duckdb", normalize_functions=False)
    assert facts(session, query) == facts(session, "SELECT * FROM scored")


def settings(read: str) -> Settings:
    duckdb = get_dialect("duckdb")
    return Settings(read, duckdb, detectors(), Binder(duckdb, read), Names([]))


def test_a_statement_without_the_form_is_given_back_as_it_is() -> None:
    tree = sqlglot.parse_one("SELECT 1 AS detect_anomalies")
    assert expand_relations(tree, settings("duckdb")) is tree


def test_it_becomes_one_select_of_calls() -> None:
    sql = "SELECT * FROM detect_anomalies(orders, features => 'a', partition_by => 'k', order_by => 'day DESC', detector => 'mad')"
    text = expand_relations(sqlglot.parse_one(sql), settings("duckdb")).sql(
        "duckdb", normalize_functions=False
    )
    assert text.startswith(
        "SELECT * FROM (SELECT *, anomaly_score(a, detector => 'mad') OVER (PARTITION BY k ORDER BY day DESC"
    )
    assert "CAST(NULL AS DOUBLE) AS anomaly_probability, is_anomaly(a, " in text
    assert text.endswith(" AS anomaly_status FROM orders) AS detect_anomalies")


@pytest.mark.parametrize("write", ["duckdb", "snowflake", "spark", "databricks", "bigquery"])
def test_it_compiles_for_every_engine_with_and_without_a_schema(write: str) -> None:
    sql = "SELECT * FROM detect_anomalies(orders, features => ['amount', 'items'], partition_by => 'store') AS d"
    blind = sqlnomaly.compile(sql, write=write)
    assert any("no column named anomaly_score" in one for one in blind.assumptions)
    assert len(blind.fits) == 1
    assert len(sqlnomaly.compile(sql, write=write, schema={"orders": SHAPE}).fits) == 1


def test_a_reserved_word_names_a_feature_as_the_user_wrote_it() -> None:
    text = sqlnomaly.compile(
        "SELECT * FROM detect_anomalies(t, features => 'select, amount')", write="snowflake"
    ).sql
    assert '"SELECT"' in text
    assert "THEN 'select'" in text


@pytest.mark.parametrize("ending", FORMATS)
def test_a_text_that_ends_like_a_file_is_one_name(ending: str) -> None:
    text = sqlnomaly.compile(f"SELECT * FROM detect_anomalies('a{ending}', features => 'x')").sql
    assert f'FROM "a{ending}"' in text


def test_a_file_is_a_relation(tmp_path: Path, session: Session) -> None:
    session.sql(f"COPY orders TO '{tmp_path}/o.parquet'")
    for read in ("duckdb", "bigquery", "spark", "snowflake"):
        form = (
            f"detect_anomalies('{tmp_path}/o.parquet', features => 'amount, items', partition_by => 'store')"
        )
        assert facts(session, f"SELECT * FROM {form}", read) == facts(session, "SELECT * FROM scored")
    with pytest.raises(BindError, match="does not exist"):
        session.sql("SELECT * FROM detect_anomalies('none.csv', features => 'x')")


def test_tables_and_files_are_seen_inside_it() -> None:
    sql = "SELECT 'no.csv' FROM detect_anomalies(orders, features => 'x') AS a, detect_anomalies('a.csv', features => 'x')"
    assert table_names(sql, "duckdb") == ["orders", "a.csv"]
    found = file_tables(sql, "duckdb")
    assert [(file.path, file.aliased, sql[file.start : file.end]) for file in found] == [
        ("a.csv", True, "'a.csv'")
    ]


def test_explain_and_other_dialects_know_its_table(session: Session) -> None:
    sql = "SELECT * FROM detect_anomalies(orders, features => 'amount')"
    assert "zscore(amount)" in session.explain(sql)
    assert session.compile(sql, write="snowflake").assumptions == ()
    with pytest.raises(BindError, match="amount"):
        session.compile("SELECT * FROM detect_anomalies(orders, features => 'amout')", write="snowflake")


F = "features => 'amount'"
REFUSED = [
    ("detect_anomalies()", CallError, "needs a relation"),
    (f"detect_anomalies({F})", CallError, "needs a relation"),
    ("detect_anomalies(orders)", CallError, "needs the features"),
    ("detect_anomalies(orders, features => '*')", CallError, "no choice of features"),
    ("detect_anomalies(orders, features => [])", CallError, "no choice of features"),
    ("detect_anomalies(orders, features => '')", CallError, "no choice of features"),
    ("detect_anomalies(orders, features => ['a', ''])", CallError, "'' is not the plain name"),
    ("detect_anomalies(orders, features => 'amount/items')", CallError, "'amount/items' is not .*\n.*\n.*parenthesized"),
    ("detect_anomalies(orders, features => 'o.amount')", CallError, "not the plain name"),
    ("detect_anomalies(orders, features => '\"a\" \"b\"')", CallError, "not the plain name"),
    ("detect_anomalies(orders, features => [amount, items])", CallError, "names in quotes.*\n.*\n.*features => 'amount, items'"),
    ("detect_anomalies(orders, features => 3)", CallError, "names in quotes"),
    (f"detect_anomalies(orders, {F}, order_by => 'day NULLS FIRST')", CallError, "not the plain name"),
    (f"detect_anomalies(orders, {F}, partition_bye => 'k')", CallError, "did you mean 'partition_by'"),
    (f"detect_anomalies(orders, {F}, contaminaton => 0.1)", CallError, "did you mean 'contamination'"),
    (f"detect_anomalies(orders, {F}, bins => 3)", CallError, r"unknown option 'bins'"),
    (f"detect_anomalies(orders, {F}, n_bins => 3)", CallError, r"of zscore\n  at: detect_anomalies\(orders"),
    (f"detect_anomalies(orders, {F}, detector => 'ecdo')", CallError, r"detect_anomalies\(orders.*\n.*mean 'ecod'"),
    ("detect_anomalies(orders, data_col => 'amount')", CallError, r"features => \['..'\]"),
    (f"detect_anomalies(orders, {F}, {F})", CallError, "features is given twice"),
    (f"detect_anomalies(orders, {F}, min_rows => 3, Min_Rows => 4)", CallError, "min_rows is given twice"),
    (f"detect_anomalies({F}, orders)", CallError, "behind the options"),
    ("detect_anomalies(orders, features = ['amount'])", CallError, r"try: features => \['amount'\]"),
    ("detect_anomalies(orders, 'amount')", CallError, r"second relation.*\n.*\n.*features => "),
    (f"detect_anomalies(3, {F})", CallError, "3 is no relation"),
    (f"detect_anomalies(orders.*, {F})", CallError, "no relation"),
    (f"detect_anomalies('SELECT 1', {F})", CallError, "no relation"),
    (f"detect_anomalies(my-project.d.orders, {F})", CallError, "no relation"),
    (f"detect_anomalies(orders, {F}, filter => 'id > 3')", CallError, "plain name of a column"),
    (f"detect_anomalies(orders, {F}, filter => 'a, b')", CallError, "filter is one column"),
    (f"detect_anomalies(orders, {F}, filter => 'is_anomaly')", BindError, "has a column is_anomaly"),
    (f"detect_anomalies(orders, {F}, fdr => 0.05)", UnsupportedError, "its own rank"),
    (f"detect_anomalies(orders, {F}, frame => '7 rows')", UnsupportedError, "call form"),
    (f"detect_anomalies(orders, {F}, model => 'm')", BindError, "there is no model 'm'"),
    (f"detect_anomalies(orders, {F}, order_by => 'day', detector => 'ecod')", UnsupportedError, "no causal form"),
    ("detect_anomalies(orders, features => 'is_anomaly')", BindError, "has a column is_anomaly"),
    ("detect_anomalies(judged, features => 'amount')", BindError, "has a column Is_Anomaly"),
    ("detect_anomalies(orders, features => 'amout')", BindError, "amout"),
    (f"detect_anomalies((SELECT * FROM orders LIMIT 9), {F})", UnsupportedError, "read twice"),
    (f"detect_anomalies((SELECT * FROM orders TABLESAMPLE 10%), {F})", UnsupportedError, "read twice"),
    (f"detect_anomalies(orders, {F}) WITH ORDINALITY", UnsupportedError, "ORDINALITY"),
    (f"ai.detect_anomalies(orders, {F})", CallError, "another schema"),
    (f"names, LATERAL detect_anomalies(names.x, {F})", UnsupportedError, "LATERAL"),
    (f"names AS n, detect_anomalies(n.store, {F})", UnsupportedError, "column of n"),
    (f"names AS n, LATERAL (SELECT * FROM detect_anomalies(orders, {F}))", UnsupportedError, "LATERAL"),
    (f"names AS n JOIN detect_anomalies((SELECT * FROM orders WHERE store = n.store), {F}) ON TRUE", UnsupportedError, "correlated"),
    (f"detect_anomalies(orders, {F}) JOIN detect_anomalies(orders, {F}) USING (id)", CallError, "alias each"),
    (f"names WHERE detect_anomalies(orders, {F})", CallError, "stands in FROM"),
    (f"detect_anomalies(detect_anomalies(orders, {F}), {F})", CallError, "stands in FROM"),
    (f"detect_anomalies(TABLE orders, {F})", ParseError, "name alone"),
    (f"detect_anomalies(SELECT * FROM orders, {F})", ParseError, "parentheses"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "kind", "words"), REFUSED)
def test_what_it_cannot_say_is_refused_by_name(
    session: Session, source: str, kind: type[SqlnomalyError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        session.compile(f"SELECT * FROM {source}")


@pytest.mark.parametrize(
    "statement",
    [
        f"SELECT detect_anomalies(orders, {F}) FROM orders",
        f"SELECT detect_anomalies(orders, {F}) OVER () FROM orders",
        f"PIVOT detect_anomalies(orders, {F}) ON items USING COUNT(id)",
        f"DELETE FROM detect_anomalies(orders, {F})",
        f"CALL detect_anomalies(orders, {F})",
        f"PREPARE p AS SELECT * FROM detect_anomalies(orders, {F})",
    ],
)
def test_outside_from_it_is_refused(session: Session, statement: str) -> None:
    with pytest.raises((CallError, UnsupportedError), match=r"stands in FROM|in \w+ is not supported"):
        session.compile(statement)


@pytest.mark.parametrize("read", ["tsql", "fabric"])
def test_a_list_in_brackets_gets_the_text_form_as_its_hint_in_tsql(read: str) -> None:
    tree = sqlglot.parse_one("SELECT * FROM detect_anomalies(orders, features => ['a', 'b'])", read=read)
    with pytest.raises(CallError, match="try: features => 'a, b'"):
        expand_relations(tree, settings(read))


@pytest.mark.spark
def test_it_runs_on_spark(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(
        "id,k,x\n" + "".join(f"{i},{i % 2},{(i * 7) % 5}\n" for i in range(20)) + "20,0,99\n"
    )
    with sqlnomaly.connect("spark") as spark:
        form = f"detect_anomalies('{tmp_path}/o.csv', features => array('x'), partition_by => 'k')"
        rows = facts(spark, f"SELECT * FROM {form}")
        assert rows == facts(spark, by_calls("x", "PARTITION BY k", table=f"'{tmp_path}/o.csv'"))
        assert spark.sql(f"SELECT d.id FROM {form} AS d WHERE d.is_anomaly").fetchall() == [(20,)]
