"""The function tables know what each engine has, and the check finds a call that the engine would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import duckdb
import pytest
import sqlglot

from sqlnomaly.dialects import (
    DIALECTS,
    Quantiles,
    bigquery_functions,
    duckdb_functions,
    snowflake_functions,
    spark_functions,
)
from sqlnomaly.dialects.signature import Signature, calls, check_functions, scalars, table
from tests.engines.googlesql import GoogleSql, GoogleSqlError

TABLES: Mapping[str, Mapping[str, Signature]] = {
    "bigquery": bigquery_functions.FUNCTIONS,
    "snowflake": snowflake_functions.FUNCTIONS,
    "spark": spark_functions.FUNCTIONS,
    "databricks": spark_functions.FUNCTIONS,
    "duckdb": duckdb_functions.FUNCTIONS,
}

GOOD = [
    ("bigquery", "SELECT PERCENTILE_CONT(CASE WHEN ok THEN x END, 5e-1) OVER (PARTITION BY k) FROM t"),
    (
        "bigquery",
        "SELECT VAR_POP(x) OVER (PARTITION BY k ORDER BY d ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING) FROM t",
    ),
    (
        "bigquery",
        "SELECT TO_HEX(MD5(CONCAT('a', k))), COUNT(*) FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY k) = 1",
    ),
    (
        "snowflake",
        "SELECT MEDIAN(x), PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x), COUNT(DISTINCT k) FROM t",
    ),
    ("snowflake", "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY k) FROM t"),
    ("snowflake", "SELECT DATE_PART(EPOCH_MICROSECOND, d), CAST(x AS DECIMAL(38, 9)), x::VARCHAR(10) FROM t"),
    ("spark", "SELECT PERCENTILE(x, 0.5), MEDIAN(x) OVER (PARTITION BY k) FROM t"),
    ("spark", "SELECT PERCENTILE(x, 0.5) OVER (ORDER BY d ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING) FROM t"),
    ("spark", "SELECT TRY_ELEMENT_AT(ARRAY_SORT(TRANSFORM(COLLECT_LIST(x), v -> ABS(v - 1))), 1) FROM t"),
    ("spark", "SELECT AGGREGATE(a, 0e0, (s, v) -> s + v), FILTER(a, v -> v > 1) FROM t"),
    ("spark", "SELECT SUM(x) FILTER (WHERE x > 1) OVER (ORDER BY d ROWS 2 PRECEDING) FROM t"),
    ("spark", "SELECT TIMESTAMPDIFF(MICROSECOND, CAST('1970-01-01' AS TIMESTAMP_NTZ), d) FROM t"),
    (
        "duckdb",
        "SELECT QUANTILE_CONT(x, 0.5) OVER (ORDER BY d ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING) FROM t",
    ),
    ("duckdb", "SELECT LIST_SORT(LIST_FILTER(LIST(x), LAMBDA v : NOT v IS NULL)), MEDIAN(x) FROM t"),
    ("duckdb", "SELECT LIST_REDUCE(a, LAMBDA s, v : s + v, 0e0), LEN(a), EPOCH(d), ISNAN(x) FROM t"),
]

BAD = [
    ("bigquery", "SELECT MEDIAN(x) FROM t", "MEDIAN: no such function in the bigquery table"),
    (
        "bigquery",
        "SELECT k,\n  PERCENTILE_CONT(x, 0.5) FROM t GROUP BY k",
        "PERCENTILE_CONT: exists only with OVER (Navigation functions)",
    ),
    (
        "bigquery",
        "SELECT PERCENTILE_CONT(x, 0.5) OVER (PARTITION BY k ORDER BY d) FROM t",
        "PERCENTILE_CONT: takes no ORDER BY in OVER (Navigation functions)",
    ),
    (
        "bigquery",
        "SELECT PERCENTILE_CONT(x, 0.5) OVER w FROM t WINDOW w AS (PARTITION BY k)",
        "PERCENTILE_CONT: a named window hides whether it is legal (Navigation functions)",
    ),
    (
        "bigquery",
        "SELECT PERCENTILE_CONT(x, y) OVER () FROM t",
        "PERCENTILE_CONT: argument 2 is documented as constant, here y (Navigation functions)",
    ),
    (
        "bigquery",
        "SELECT FIRST_VALUE(x) OVER (PARTITION BY k) FROM t",
        "FIRST_VALUE: needs ORDER BY in OVER (Navigation functions)",
    ),
    (
        "bigquery",
        "SELECT LAG(x) OVER (ORDER BY d ROWS 1 PRECEDING) FROM t",
        "LAG: takes no frame (Navigation functions)",
    ),
    ("bigquery", "SELECT ABS(x) OVER () FROM t", "ABS: a scalar function with OVER (Mathematical functions)"),
    ("bigquery", "SELECT SQRT(x, 2) FROM t", "SQRT: 2 arguments, documented are 1 (Mathematical functions)"),
    ("bigquery", "SELECT IF(x > 1, 2) FROM t", "IF: 2 arguments, documented are 3 (Conditional expressions)"),
    ("bigquery", "SELECT SAFE.LN(x) FROM t", "SAFE.LN: no such function in the bigquery table"),
    ("bigquery", "SELECT MD5(1) FROM t", "MD5: argument 1 is documented as text, here 1 (Hash functions)"),
    ("snowflake", "SELECT IS_NAN(x) FROM t", "IS_NAN: no such function in the snowflake table"),
    (
        "snowflake",
        "SELECT QUANTILE_CONT(x, 0.5) FROM t",
        "QUANTILE_CONT: no such function in the snowflake table",
    ),
    (
        "snowflake",
        "SELECT PERCENTILE_CONT(x, 0.5) OVER () FROM t",
        "PERCENTILE_CONT: 2 arguments, documented are 1 (PERCENTILE_CONT, PERCENTILE_DISC)",
    ),
    (
        "snowflake",
        "SELECT PERCENTILE_CONT(0.5) OVER () FROM t",
        "PERCENTILE_CONT: needs WITHIN GROUP (PERCENTILE_CONT, PERCENTILE_DISC)",
    ),
    (
        "snowflake",
        "SELECT MEDIAN(x) OVER (ORDER BY d ROWS 1 PRECEDING) FROM t",
        "MEDIAN: takes no ORDER BY in OVER (MEDIAN)",
    ),
    (
        "snowflake",
        "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x) OVER (ORDER BY d) FROM t",
        "PERCENTILE_CONT: takes no ORDER BY in OVER (PERCENTILE_CONT, PERCENTILE_DISC)",
    ),
    (
        "snowflake",
        "SELECT COALESCE(x) FROM t",
        "COALESCE: 1 arguments, documented are 2 or more (Conditional expression functions)",
    ),
    ("snowflake", "SELECT ROW_NUMBER() FROM t", "ROW_NUMBER: exists only with OVER (Window functions)"),
    (
        "snowflake",
        "SELECT ROW_NUMBER() OVER () FROM t",
        "ROW_NUMBER: needs ORDER BY in OVER (Window functions)",
    ),
    ("spark", "SELECT QUANTILE_CONT(x, 0.5) FROM t", "QUANTILE_CONT: no such function in the spark table"),
    (
        "spark",
        "SELECT PERCENTILE_APPROX(x, 0.5) FROM t",
        "PERCENTILE_APPROX: no such function in the spark table",
    ),
    (
        "spark",
        "SELECT MEDIAN(x) OVER (PARTITION BY k ORDER BY d) FROM t",
        "MEDIAN: takes no ORDER BY in OVER (Aggregate Functions)",
    ),
    (
        "spark",
        "SELECT GREATEST(x) FROM t",
        "GREATEST: 1 arguments, documented are 2 or more (Mathematical Functions)",
    ),
    (
        "spark",
        "SELECT TRANSFORM(a, 1) FROM t",
        "TRANSFORM: argument 2 is documented as lambda, here 1 (Lambda Functions)",
    ),
    ("databricks", "SELECT EPOCH(d) FROM t", "EPOCH: no such function in the databricks table"),
    ("duckdb", "SELECT PERCENTILE(x, 0.5) FROM t", "PERCENTILE: no such function in the duckdb table"),
    (
        "duckdb",
        "SELECT QUANTILE_CONT(x) FROM t",
        "QUANTILE_CONT: 1 arguments, documented are 2 (Aggregate Functions)",
    ),
    (
        "duckdb",
        "SELECT LIST_TRANSFORM(a, 1) FROM t",
        "LIST_TRANSFORM: argument 2 is documented as lambda, here 1 (Lambda Functions)",
    ),
]


@pytest.mark.parametrize(("dialect", "sql"), GOOD)
def test_legal_calls_pass_the_check(dialect: str, sql: str) -> None:
    assert check_functions(sql, TABLES[dialect], dialect) == []


@pytest.mark.parametrize(("dialect", "sql", "violation"), BAD)
def test_an_illegal_call_is_named_with_its_page(dialect: str, sql: str, violation: str) -> None:
    found = check_functions(sql, TABLES[dialect], dialect)
    assert violation in [re.sub(r" at line \d+, position \d+", "", one) for one in found]


def test_a_violation_says_where_it_stands() -> None:
    assert check_functions("SELECT k,\n  MEDIAN(x) FROM t", TABLES["bigquery"], "bigquery") == [
        "MEDIAN at line 2, position 3: no such function in the bigquery table"
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO shop.orders (a, b) SELECT 1, 2",
        "WITH f (a) AS (SELECT 1), g(b, c) AS (SELECT 1, 2) SELECT * FROM f AS h(x)",
        "CREATE TABLE t (a DECIMAL(38, 9), b VARCHAR(10))",
        "SELECT CAST(a AS DECIMAL(10, 2)) FROM t WHERE a IN (1, 2) AND EXISTS (SELECT 1) AND NOT (a > 1)",
        "SELECT * EXCLUDE (a) REPLACE (b + 1 AS b) FROM t JOIN u USING (id)",
        "SELECT 'SUM(x' AS \"MEDIAN(\" FROM (VALUES (1)) AS v(x) -- MEDIAN(x)",
        "SELECT a FROM t WHERE a BETWEEN (1) AND (2) ORDER BY (a) LIMIT (3)",
        "SELECT a[OFFSET(0)], (a)[ORDINAL(b + 1)] FROM t",
        "SELECT CASE WHEN (a) THEN (b) ELSE (c) END FROM t GROUP BY (a), (b) HAVING (1 = 1)",
    ],
)
def test_a_parenthesis_behind_a_word_is_not_always_a_call(sql: str) -> None:
    assert list(calls(sql, "duckdb")) == []


def test_a_quoted_function_name_is_still_a_call() -> None:
    assert [call.name for call in calls('SELECT "median"(x) FROM t', "snowflake")] == ["MEDIAN"]


def test_a_tree_is_checked_as_it_prints() -> None:
    tree = sqlglot.parse_one("SELECT k, SUM(ABS(x)) AS s, MEDIAN(x) AS m FROM t GROUP BY k", read="bigquery")
    assert check_functions(tree, TABLES["bigquery"], "bigquery") == [
        "MEDIAN at line 1, position 29: no such function in the bigquery table"
    ]


def test_the_inner_calls_of_a_call_are_checked() -> None:
    sql = "SELECT SUM(COALESCE(IS_NAN(x), 0)) FROM t"
    assert [found.split(" ")[0] for found in check_functions(sql, TABLES["snowflake"], "snowflake")] == [
        "IS_NAN"
    ]


def test_one_name_has_one_signature() -> None:
    with pytest.raises(ValueError, match="ABS has two signatures"):
        table(scalars("a page", ("ABS", 1, 1, "number")), scalars("another", ("ABS", 2, 2, "number")))


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_every_template_of_a_dialect_calls_what_its_table_has(dialect: str) -> None:
    record = DIALECTS[dialect]
    found = []
    for name, template in record.templates.items():
        over = " OVER ()" if name == "quantile" and record.quantiles is Quantiles.ANALYTIC else ""
        over = " OVER (ORDER BY x)" if name in ("FIRST_VALUE", "LAG", "LAG_2", "LEAD", "LEAD_2") else over
        constants = {"quantile": "0.5e0", "quantile_at": "0.5e0", "LAG_2": "1", "LEAD_2": "1"}
        text = template.replace(":a", "x").replace(":b", constants.get(name, "x")).replace(":c", "1")
        found += check_functions(f"SELECT {text}{over}", record.functions, record.sqlglot)
    assert found == []


def samples(signature: Signature, values: Mapping[str, str]) -> Iterator[str]:
    """Calls with the least and the most arguments, legal by the signature."""
    least, most = signature.arguments
    for count in sorted({least, most if most is not None else max(least, 3)}):
        kinds = [signature.kinds[min(at, len(signature.kinds) - 1)] for at in range(count)]
        arguments = [values.get(f"{signature.name}.{at}", values[kind]) for at, kind in enumerate(kinds)]
        call = f"{signature.name}({', '.join(arguments)})"
        if signature.within_group:
            call += " WITHIN GROUP (ORDER BY x)"
        if not signature.analytic_only:
            yield call
        if signature.role in ("aggregate", "analytic_only"):
            order = " ORDER BY id" if signature.window_order == "required" else ""
            frame = " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW" if signature.window_frame_ok else ""
            order = " ORDER BY id" if frame else order
            yield f"{call} OVER (PARTITION BY k{order}{frame})"


BIGQUERY_VALUES = {
    "any": "x",
    "number": "x",
    "text": "k",
    "bool": "b",
    "time": "ts",
    "array": "[1, 2]",
    "constant": "1",
    "unit": "MICROSECOND",
    "MOD.0": "id",
    "MOD.1": "id",
    "DIV.0": "id",
    "DIV.1": "id",
    "ROUND.1": "2",
    "TRUNC.1": "2",
    "IF.0": "b",
    "NTH_VALUE.1": "2",
    "TIMESTAMP.0": "'2024-01-01'",
    "TIMESTAMP.1": "'UTC'",
    "CONCAT.0": "k",
    "CONCAT.1": "k",
    "CONCAT.2": "k",
    "SUBSTR.1": "1",
    "SUBSTR.2": "1",
    "SUBSTRING.1": "1",
    "SUBSTRING.2": "1",
    "LPAD.1": "2",
    "RPAD.1": "2",
    "STRING_AGG.1": "','",
    "TIMESTAMP_MICROS.0": "id",
    "TIMESTAMP_MILLIS.0": "id",
    "TIMESTAMP_SECONDS.0": "id",
    "UNIX_DATE.0": "d",
    "DATE_FROM_UNIX_DATE.0": "id",
    "TO_HEX.0": "MD5(k)",
    "DATE_DIFF.0": "d",
    "DATE_DIFF.1": "d",
    "DATE_DIFF.2": "DAY",
    "DATETIME.0": "ts",
    "DATETIME.1": "'UTC'",
    "EXTRACT.0": "HOUR FROM ts",
    "DATETIME_DIFF.0": "dt",
    "DATETIME_DIFF.1": "dt",
    "GENERATE_ARRAY.0": "1",
    "GENERATE_ARRAY.1": "3",
    "GENERATE_ARRAY.2": "1",
}


@pytest.fixture(scope="module")
def googlesql() -> GoogleSql:
    types = {
        "id": "INT64",
        "x": "FLOAT64",
        "k": "STRING",
        "b": "BOOL",
        "ts": "TIMESTAMP",
        "d": "DATE",
        "dt": "DATETIME",
    }
    return GoogleSql({"t": types})


@pytest.mark.bigquery
@pytest.mark.parametrize("name", list(bigquery_functions.FUNCTIONS))
def test_googlesql_accepts_every_bigquery_signature_and_no_argument_more_or_less(
    name: str, googlesql: GoogleSql
) -> None:
    signature = bigquery_functions.FUNCTIONS[name]
    for call in samples(signature, BIGQUERY_VALUES):
        assert googlesql.analyze(f"SELECT {call} AS v FROM t")
    least, most = signature.arguments
    window = " OVER (ORDER BY id)" if signature.analytic_only else ""
    for wrong in [least - 1] * (least > 0) + [most + 1 if most is not None else -1]:
        if wrong >= 0:
            arguments = ", ".join(["x"] * wrong)
            with pytest.raises(GoogleSqlError):
                googlesql.analyze(f"SELECT {name}({arguments}){window} AS v FROM t")


DUCKDB_VALUES = {
    "any": "x",
    "number": "id",
    "text": "k",
    "bool": "b",
    "time": "ts",
    "array": "a",
    "lambda": "LAMBDA v : v",
    "constant": "0.5",
    "LIST_FILTER.1": "LAMBDA v : v > 1",
    "LIST_REDUCE.1": "LAMBDA s, v : s + v",
    "LIST_SORT.1": "'ASC'",
    "LIST_SORT.2": "'NULLS LAST'",
    "LIST_AGGREGATE.1": "'sum'",
    "LIST_AGGREGATE.2": "1",
    "LIST_SLICE.3": "1",
    "RANGE.0": "1",
    "RANGE.1": "3",
    "RANGE.2": "1",
    "GENERATE_SERIES.0": "1",
    "GENERATE_SERIES.1": "3",
    "GENERATE_SERIES.2": "1",
    "LPAD.1": "3",
    "RPAD.1": "3",
    "REPLACE.0": "k",
    "REPLACE.1": "k",
    "REPLACE.2": "k",
    "SUBSTR.0": "k",
    "SUBSTRING.0": "k",
    "LOWER.0": "k",
    "UPPER.0": "k",
    "LENGTH.0": "k",
    "MD5.0": "k",
    "FORMAT.0": "'{} {}'",
    "PRINTF.0": "'%s %s'",
    "STRING_AGG.0": "k",
    "STRING_AGG.1": "','",
    "EPOCH.0": "ts",
    "EPOCH_US.0": "ts",
    "EPOCH_MS.0": "ts",
    "EPOCH_NS.0": "ts",
    "DATE_PART.0": "'day'",
    "DATE_DIFF.0": "'day'",
    "EXTRACT.0": "HOUR FROM ts",
    "ERROR.0": "k",
    "LOG.0": "2",
    "TRUNC.0": "x",
    "ROUND.0": "x",
    "ROUND.1": "1",
    "TRUNC.1": "1",
    "CONCAT_WS.0": "k",
}


@pytest.mark.duckdb
@pytest.mark.parametrize("name", list(duckdb_functions.FUNCTIONS))
def test_duckdb_binds_every_duckdb_signature(name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t (id BIGINT, x DOUBLE, k VARCHAR, b BOOLEAN, ts TIMESTAMP, a DOUBLE[]); "
            "INSERT INTO t SELECT NULL, NULL, NULL, NULL, NULL, NULL WHERE FALSE"
        )
        for call in samples(duckdb_functions.FUNCTIONS[name], DUCKDB_VALUES):
            assert connection.execute(f"SELECT {call} AS v FROM t").description
