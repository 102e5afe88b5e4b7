"""What an engine's type names mean to the language."""

from __future__ import annotations

import duckdb
import pytest

import sqlnomaly
from sqlnomaly.pushdown.bind import kind_of


@pytest.mark.parametrize(
    ("name", "dialect", "kind"),
    [
        ("NUMBER(38,0)", "snowflake", "integer"),
        ("NUMBER(38,2)", "snowflake", "decimal"),
        ("DECIMAL(18)", "duckdb", "integer"),
        ("HUGEINT", "duckdb", "integer"),
        ("numeric(10,0)", "postgres", "decimal"),  # may hold NaN
        ("numeric", "postgres", "decimal"),
        ("Decimal(9, 0)", "clickhouse", "integer"),
        ("Decimal32(2)", "clickhouse", "decimal"),
        ("Nullable(Decimal64(4))", "clickhouse", "decimal"),
        ("decimal(38,0)", "spark", "integer"),
        ("BLOB", "duckdb", "other"),
    ],
)
def test_a_type_is_a_kind(name: str, dialect: str, kind: str) -> None:
    assert kind_of(name, dialect).value == kind


@pytest.mark.duckdb
@pytest.mark.parametrize("kind", ["HUGEINT", "UBIGINT", "DECIMAL(38, 0)"])
def test_an_integer_beyond_64_bits_is_a_category(kind: str) -> None:
    with sqlnomaly.connect(duckdb.connect()) as session:
        text = "CASE WHEN i < 9 THEN '18446744073709551615' ELSE '1' END"
        rows = f"(SELECT CAST({text} AS {kind}) AS x FROM range(10) AS r(i))"
        score = "anomaly_score(x, detector => 'rare_values')"
        found = dict(session.sql(f"SELECT DISTINCT x, {score} AS s FROM {rows}").fetchall())
    assert len(found) == 2
    assert found[1] > found[18446744073709551615]
