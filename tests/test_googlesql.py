"""GoogleSQL as the suite uses it: names and types, values in and out, and facts BigQuery output relies on."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import os
import random
import statistics
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from tests.engines import googlesql
from tests.engines.googlesql import ROW_LIMIT, GoogleSql, GoogleSqlError, cache_file

pytestmark = pytest.mark.bigquery

NAN = math.nan

DATA = pa.table(
    {
        "id": pa.array(range(1, 9), pa.int64()),
        "x": pa.array([1.0, 2.0, 3.0, 10.0, None, NAN, -0.0, 0.0]),
        "k": ["a", "a", "a", "b", None, None, "c", "c"],
        "f": pa.array([NAN, NAN, None, None, 0.0, -0.0, 1.0, 1.0]),
    }
)


@pytest.fixture(scope="module")
def engine() -> GoogleSql:
    return GoogleSql(
        {"t": {"id": "INT64", "x": "FLOAT64", "k": "STRING", "f": "DOUBLE"}, "shop.orders": {"x": "FLOAT64"}}
    )


def values(engine: GoogleSql, sql: str) -> list[object]:
    """The first column of the result over `DATA`."""
    return list(engine.execute(sql, {"t": DATA}).column(0).to_pylist())


# --- The analyzer.


def test_analyze_gives_names_and_types(engine: GoogleSql) -> None:
    sql = "SELECT x > 1 AS big, id, ['a'] AS list, STRUCT(1 AS n) AS record FROM t"
    assert engine.analyze(sql) == [
        ("big", "BOOL"),
        ("id", "INT64"),
        ("list", "ARRAY<STRING>"),
        ("record", "STRUCT<n INT64>"),
    ]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT y FROM t", "Unrecognized name: y"),
        ("SELECT k + 1 FROM t", "No matching signature for operator +"),
        ("SELECT SQRT(x, 2) FROM t", "No matching signature for function SQRT"),
        ("SELECT MEDIAN(x) FROM t", "Function not found: MEDIAN"),
        ("SELECT x FROM nowhere", "Table not found: nowhere"),
        ("SELECT x FROM t WHERE ROW_NUMBER() OVER () = 1", "Analytic function not allowed in WHERE clause"),
        ("SELECT MAX(x) FILTER (WHERE id > 1) FROM t", "Syntax error"),
        ("SELECT PERCENTILE_CONT(x, 0.5) OVER (ORDER BY id) FROM t", "Window ORDER BY is not allowed"),
        (
            "SELECT COUNT(*) OVER (PARTITION BY x) FROM t",
            "Partitioning by expressions of type FLOAT64 is not allowed",
        ),
        ("SELECT x::FLOAT64 FROM t", "Syntax error"),
        ("SELECT 1; SELECT 2", "Syntax error"),
    ],
)
def test_the_analyzer_refuses_with_its_own_message(engine: GoogleSql, sql: str, message: str) -> None:
    with pytest.raises(GoogleSqlError) as refused:
        engine.analyze(sql)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "sql",
    [
        "(WITH a AS (SELECT 1 AS x) SELECT x FROM a) UNION ALL (SELECT 2)",
        "SELECT * EXCEPT (id, k, f) FROM t",
        "SELECT x FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY id) <= 2",
        "SELECT x FROM t WHERE TRUE QUALIFY ROW_NUMBER() OVER (ORDER BY id) <= 2",
        "CREATE OR REPLACE TABLE u AS WITH a AS (SELECT x FROM t) SELECT x FROM a",
        "CREATE TEMP TABLE u AS SELECT x FROM t",
        "CREATE OR REPLACE VIEW u AS SELECT x FROM t",
        "SELECT x FROM shop.orders;",
        "SELECT x FROM `shop.orders`",
    ],
)
def test_one_column_named_x_comes_out(engine: GoogleSql, sql: str) -> None:
    assert [name for name, _ in engine.analyze(sql)] == ["x"]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t (id) WITH a AS (SELECT 1 AS id) SELECT id FROM a",
        "MERGE INTO t USING (SELECT 1 AS i) AS s ON id = i WHEN NOT MATCHED THEN INSERT (id) VALUES (i)",
    ],
)
def test_statements_that_write_have_no_columns(engine: GoogleSql, sql: str) -> None:
    assert engine.analyze(sql) == []


@pytest.mark.parametrize("literal", ["0.1e0", "1e150", "-1e0", "0.1", "CAST(NULL AS FLOAT64)"])
def test_float_literals_are_float64(engine: GoogleSql, literal: str) -> None:
    assert engine.analyze(f"SELECT {literal} AS v") == [("v", "FLOAT64")]


def test_a_statement_with_sixty_nested_scopes_is_analyzed(engine: GoogleSql) -> None:
    ctes = ", ".join(f"c{at} AS (SELECT * FROM {f'c{at - 1}' if at else 't'})" for at in range(60))
    assert len(engine.analyze(f"CREATE TABLE u AS WITH {ctes} SELECT * FROM c59")) == 4


def test_too_deep_a_statement_breaks_only_itself() -> None:
    # A process of its own: ClickHouse in this one takes the signal by which the runtime knows that its stack is full.
    code = """
import pytest
from tests.engines.googlesql import GoogleSql, GoogleSqlError
engine = GoogleSql({})
with pytest.raises(GoogleSqlError, match="the evaluator broke"):
    engine.analyze("SELECT " + "1 + " * 4000 + "1 AS v")
assert engine.analyze("SELECT 1 AS v") == [("v", "INT64")]
"""
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=120)


# --- Values in and out.


def test_null_nan_infinities_and_signed_zero_survive() -> None:
    given = pa.table({"x": pa.array([None, NAN, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308])})
    found = (
        GoogleSql({"t": {"x": "FLOAT64"}}).execute("SELECT x FROM t", {"t": given}).column("x").to_pylist()
    )
    assert repr(found) == repr([None, NAN, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308])


def test_every_type_survives() -> None:
    types = {
        "i": "INT64",
        "b": "BOOL",
        "s": "STRING",
        "d": "DATE",
        "ts": "TIMESTAMP",
        "dt": "DATETIME",
        "n": "NUMERIC",
        "bn": "BIGNUMERIC",
        "by": "BYTES",
    }
    row = {
        "i": -(2**63),
        "b": False,
        "s": "naïve 'x' 日本",
        "d": dt.date(1969, 12, 31),
        "ts": dt.datetime(1969, 12, 31, 23, 59, 59, 999999, dt.UTC),
        "dt": dt.datetime(2024, 2, 29, 23, 59, 58, 123456),
        "n": decimal.Decimal("-12.345"),
        "bn": decimal.Decimal(128),
        "by": b"\x00\xff",
    }
    empty = dict.fromkeys(types)
    given = pa.Table.from_pylist([row, empty])
    found = GoogleSql({"t": types}).execute("SELECT * FROM t", {"t": given}).to_pylist()
    assert found == [row, empty]


def test_a_table_left_out_is_empty(engine: GoogleSql) -> None:
    assert engine.execute("SELECT COUNT(*) AS n, VAR_POP(x) AS v FROM t").to_pylist() == [{"n": 0, "v": None}]


def test_a_dataset_is_read_by_its_quoted_name(engine: GoogleSql) -> None:
    given = {"shop.orders": pa.table({"x": [1.0, 2.0]})}
    assert engine.execute("SELECT SUM(x) AS s FROM `shop.orders`", given).to_pylist() == [{"s": 3.0}]


def test_too_many_rows_are_refused(engine: GoogleSql) -> None:
    given = pa.table({"x": [0.0] * (ROW_LIMIT + 1)})
    with pytest.raises(ValueError, match="501 rows; the evaluator is held to 500"):
        engine.execute("SELECT 1", {"shop.orders": given})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"nope": pa.table({"x": [0.0]})}, "no such table: nope"),
        ({"t": pa.table({"x": [0.0]})}, "t has columns"),
    ],
)
def test_data_must_fit_the_declared_tables(
    engine: GoogleSql, given: dict[str, pa.Table], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        engine.execute("SELECT 1", given)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="no GoogleSQL type 'MONEY'"):
        GoogleSql({"t": {"x": "MONEY"}})


def test_a_timestamp_without_zone_is_utc() -> None:
    sql = "SELECT UNIX_MICROS(TIMESTAMP('2024-03-10 02:30:00.123456')) AS v"
    assert GoogleSql({}).execute(sql).to_pylist() == [{"v": 1710037800123456}]


def test_the_compiled_module_is_cached_where_the_user_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_file().parent == tmp_path / "sqlnomaly"
    assert cache_file().name.startswith("zetasql-")


def test_a_second_process_starts_from_the_cache(engine: GoogleSql) -> None:
    engine.analyze("SELECT 1")
    before = cache_file().stat().st_mtime_ns
    code = "from tests.engines.googlesql import GoogleSql; assert GoogleSql({}).analyze('SELECT 1 AS v')"
    root = Path(googlesql.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, env=dict(os.environ), timeout=60)
    assert cache_file().stat().st_mtime_ns == before


# --- Facts that BigQuery output relies on.


def test_variance_far_from_zero_is_exact() -> None:
    generator = random.Random(1)
    numbers = [1.7e9 + generator.random() for _ in range(300)]
    found = GoogleSql({"t": {"x": "FLOAT64"}}).execute(
        "SELECT VAR_POP(x) AS v FROM t", {"t": pa.table({"x": numbers})}
    )
    assert found.column("v")[0].as_py() == pytest.approx(statistics.pvariance(numbers), rel=1e-9)


def test_group_by_joins_nan_with_nan_and_minus_zero_with_zero(engine: GoogleSql) -> None:
    sql = "SELECT n FROM (SELECT f, COUNT(*) AS n FROM t GROUP BY f) ORDER BY f"
    assert values(engine, sql) == [2, 2, 2, 2]


def test_is_not_distinct_from_joins_null_nan_and_signed_zero_keys(engine: GoogleSql) -> None:
    fitted = "(SELECT f, MIN(id) AS first FROM t GROUP BY f)"
    sql = f"SELECT m.first FROM t LEFT JOIN {fitted} AS m ON t.f IS NOT DISTINCT FROM m.f ORDER BY t.id"
    assert values(engine, sql) == [1, 1, 3, 3, 5, 5, 7, 7]


def test_equality_joins_neither_null_nor_nan_keys(engine: GoogleSql) -> None:
    fitted = "(SELECT f, MIN(id) AS first FROM t GROUP BY f)"
    sql = f"SELECT m.first FROM t LEFT JOIN {fitted} AS m ON t.f = m.f ORDER BY t.id"
    assert values(engine, sql) == [None, None, None, None, 5, 5, 7, 7]


def test_the_analytic_quantile_leaves_out_what_a_case_makes_null(engine: GoogleSql) -> None:
    large = "CASE WHEN x > 1e0 THEN x END"
    sql = f"SELECT PERCENTILE_CONT({large}, 5e-1) OVER (PARTITION BY k) AS m FROM t ORDER BY id"
    assert values(engine, sql) == [2.5, 2.5, 2.5, 10.0, None, None, None, None]


def test_qualify_needs_no_where(engine: GoogleSql) -> None:
    assert values(engine, "SELECT id FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY id) <= 2") == [1, 2]


def test_the_range_guard_drops_nan_because_comparing_it_is_false(engine: GoogleSql) -> None:
    sql = "SELECT CASE WHEN ABS(x) <= 1e150 THEN x END AS v FROM t ORDER BY id"
    assert values(engine, sql) == [1.0, 2.0, 3.0, 10.0, None, None, 0.0, 0.0]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("1e0 / 0e0", "division by zero"),
        ("LN(0e0)", "Floating point error in function: LN"),
        ("SQRT(-1e0)", "Argument to SQRT cannot be negative"),
        ("1e200 * 1e200", "double overflow"),
        ("EXP(1000e0)", "Floating point error in function: EXP"),
    ],
)
def test_the_evaluator_raises_where_other_engines_return_inf(
    engine: GoogleSql, expression: str, message: str
) -> None:
    with pytest.raises(GoogleSqlError, match=message):
        engine.execute(f"SELECT {expression} AS v")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1e0 / NULLIF(0e0, 0e0)", None),
        ("LN(CASE WHEN 0e0 > 0e0 THEN 0e0 END)", None),
        ("GREATEST(1e0, CAST(NULL AS FLOAT64))", None),
        ("NULLIF(0e0, -0e0)", None),
        ("LOG(8e0, 2e0)", 3.0),
    ],
)
def test_guarded_arithmetic_gives_null(engine: GoogleSql, expression: str, value: float | None) -> None:
    assert engine.execute(f"SELECT {expression} AS v").to_pylist() == [{"v": value}]
