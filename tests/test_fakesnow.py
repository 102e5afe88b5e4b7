"""fakesnow runs Snowflake's SQL, and where it lies is known: what a green cell of the matrix does not prove."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import missing_engine
from tests.engines.fakesnow import Fakesnow, FakesnowError, FakesnowMissingError
from tests.engines.snowflake_numbers import Kind, rounded

pytestmark = pytest.mark.snowflake

TABLES = {"T": {"X": Kind.FLOAT, "N": Kind.WHOLE, "D": Kind.FIXED, "K": Kind.OTHER}}


@pytest.fixture(scope="module")
def fakesnow() -> Iterator[Fakesnow]:
    try:
        engine = Fakesnow()
    except FakesnowMissingError as error:
        missing_engine("snowflake", str(error))
    rows = pa.table({"X": [1.0, 2.0, 4.0, None], "N": [1, 2, 3, 4], "K": ["a", "a", "b", None]})
    engine.load("T", rows, ["FLOAT", "NUMBER(38, 0)", "VARCHAR"])
    yield engine
    engine.close()


def one(fakesnow: Fakesnow, expression: str) -> object:
    """The value of an expression over one row."""
    return fakesnow.run(f"SELECT {expression} AS v").column(0)[0].as_py()


def test_a_name_without_quotes_is_in_upper_case(fakesnow: Fakesnow) -> None:
    assert fakesnow.run('SELECT x AS first, "X" AS "second" FROM t LIMIT 1').column_names == ["FIRST", "second"]


def test_a_refused_statement_names_its_error_and_the_next_one_runs(fakesnow: Fakesnow) -> None:
    with pytest.raises(FakesnowError, match="nowhere"):
        fakesnow.run('SELECT * FROM "nowhere"')
    assert one(fakesnow, "1") == 1


def test_a_missing_environment_is_named() -> None:
    with pytest.raises(FakesnowMissingError, match="make fakesnow"):
        Fakesnow(Path("no", "such", "python"))


TRUE = [
    ("GREATEST(1, NULL)", None),
    ("LEAST(1, NULL)", None),
    ("MD5('a')", "0cc175b9c0f1b6a831c399e269772661"),
    ("'NaN'::FLOAT = 'NaN'::FLOAT", True),
    ("'NaN'::FLOAT > 'inf'::FLOAT", True),
    ("CAST(DATE_PART(EPOCH_SECOND, '2024-01-02'::DATE) AS DOUBLE)", 1704153600.0),
    ("CAST(DATE_PART(EPOCH_MICROSECOND, '2024-01-02 03:04:05.678901'::TIMESTAMP_NTZ) AS DOUBLE)", 1704164645678901.0),
    ("DATE_PART(EPOCH_MICROSECOND, '2024-01-02 03:04:05 +0200'::TIMESTAMP_TZ)", 1704157445000000),
]


@pytest.mark.parametrize(("expression", "value"), TRUE)
def test_what_the_templates_rely_on_is_as_documented(
    expression: str, value: object, fakesnow: Fakesnow
) -> None:
    assert one(fakesnow, expression) == value


LIES = [
    ("1 / 3", 1 / 3, "Arithmetic operators: 0.333333"),
    ("1e0 / 3e0", 1 / 3, "SYSTEM$TYPEOF(1e10) is NUMBER(11,0), so 0.333333"),
    ("1 / 0", float("inf"), "division by zero is an error"),
    ("LIST_VALUE(1, 2)", [1, 2], "there is no LIST_VALUE"),
    ("ISNAN(1e0)", False, "there is no ISNAN"),
    ("COUNT_IF(FALSE)", Decimal(0), "COUNT_IF: NULL if no records satisfy the condition"),
]


@pytest.mark.parametrize(("expression", "value", "truth"), LIES)
def test_a_known_lie_about_a_value_is_still_one(
    expression: str, value: object, truth: str, fakesnow: Fakesnow
) -> None:
    assert one(fakesnow, expression) == value, f"Snowflake's pages: {truth}"


ACCEPTED = [
    ("SELECT MEDIAN(x) OVER (ORDER BY n ROWS 1 PRECEDING) FROM t", "MEDIAN: no ORDER BY or frame"),
    ("SELECT COVAR_POP(x, n) OVER (ORDER BY n) FROM t", "COVAR_POP: no ORDER BY or frame"),
    ("SELECT ROW_NUMBER() OVER () FROM t", "ROW_NUMBER needs ORDER BY"),
    ("SELECT SUM(x) FILTER (WHERE n > 1) FROM t", "no FILTER"),
    ("SELECT SUM(x) OVER (ORDER BY n ROWS 1 PRECEDING EXCLUDE CURRENT ROW) FROM t", "no EXCLUDE"),
    ("SELECT QUANTILE_CONT(x, 0.5) FROM t", "no QUANTILE_CONT"),
    ('SELECT "x" FROM "t"', "names in quotes are exact"),
]


@pytest.mark.parametrize(("sql", "truth"), ACCEPTED)
def test_a_statement_that_snowflake_refuses_is_still_accepted(sql: str, truth: str, fakesnow: Fakesnow) -> None:
    assert fakesnow.run(sql).num_columns == 1, f"Snowflake's pages: {truth}"


ROUNDED = [
    ("SELECT COUNT(x) / COUNT(n) AS v FROM t", ["COUNT(x) / COUNT(n)"]),
    ("SELECT n / NULLIF(n, 0e0) AS v FROM t", ["n / NULLIF(n, 0e0)"]),
    ("SELECT AVG(CASE WHEN k = 'a' THEN 1.0e0 ELSE 0.0e0 END) AS v FROM t",
     ["AVG(CASE WHEN k = 'a' THEN 1.0e0 ELSE 0.0e0 END)"]),
    ("WITH a AS (SELECT *, RANK() OVER (ORDER BY x) AS r FROM t), b AS (SELECT a.* FROM a) SELECT r / 7 AS v FROM b",
     ["r / 7"]),
    ("SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY d) AS v FROM t",
     ["PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY d)"]),
    ("SELECT VAR_POP(x) AS v FROM t", ["VARIANCE_POP(x)"]),
    ("SELECT d * 0.25 AS v FROM t", ["d * 0.25"]),
    ("SELECT * FROM t QUALIFY DATE_PART(EPOCH_SECOND, k) / 60 > 1", ["DATE_PART(EPOCH_SECOND, k) / 60"]),
]  # fmt: skip

EXACT = [
    "SELECT x / 3 AS v, n / CAST(3 AS DOUBLE) AS w, AVG(CAST(d AS DOUBLE)) AS y FROM t",
    "SELECT (n + 1) * n - COUNT(*) OVER () AS v, 1e300 / 3 AS w FROM t",
    "SELECT POWER(STDDEV_POP(d), 2) / n AS v FROM t",
    "SELECT q.y / 2 AS v FROM (SELECT CAST(n AS FLOAT) AS y FROM t) AS q",
]


@pytest.mark.parametrize(("sql", "places"), ROUNDED)
def test_what_snowflake_rounds_is_found(sql: str, places: list[str]) -> None:
    assert rounded(sql, TABLES) == places


@pytest.mark.parametrize("sql", EXACT)
def test_what_is_a_float_is_not_rounded(sql: str) -> None:
    assert rounded(sql, TABLES) == []
