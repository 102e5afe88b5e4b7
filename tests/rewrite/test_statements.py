# ruff: noqa: E501 (a query is one line)
"""Calls inside statements that write: the table is as it would be with the native windows."""

from __future__ import annotations

import pytest

from sqlnomaly.pushdown.compiler import compile_sql
from tests.rewrite.judge import same_rows
from tests.rewrite.standin import REGISTRY, as_calls, as_native
from tests.rewrite.tables import ALL, Duck

MADE = """
CREATE TABLE made AS SELECT id, {{v}} AS s FROM a
CREATE TABLE made AS SELECT *, {{v | (PARTITION BY k)}} AS s FROM a
CREATE TABLE made AS SELECT k, COUNT(*) AS c, {{SUM(v)}} AS s FROM a GROUP BY ALL
CREATE OR REPLACE TABLE made AS WITH q AS (SELECT * FROM a) SELECT id, {{v}} AS s FROM q
CREATE TEMP TABLE made AS SELECT id, {{v}} AS s FROM a QUALIFY {{v}} > 0
CREATE TABLE made AS FROM (SELECT id, {{v}} AS s FROM a)
CREATE TABLE made AS (SELECT id, {{v}} AS s FROM a) UNION ALL (SELECT id, {{v}} FROM b)
CREATE VIEW made AS SELECT *, {{v}} AS s FROM a
CREATE VIEW made (p, q) AS SELECT id, {{v}} FROM a
CREATE VIEW made AS SELECT * FROM (SELECT id, {{v}} AS s FROM a) JOIN source ON source.id = 100 + s
""".strip().splitlines()

WRITTEN = """
INSERT INTO target SELECT id, {{v}} FROM a
INSERT INTO target (y, x) SELECT {{v}}, id FROM a
INSERT INTO target BY NAME SELECT {{v}} AS y, id AS x FROM a
INSERT INTO target BY NAME SELECT v AS y, id AS x FROM (SELECT id, {{v}} AS v FROM a)
WITH q AS (SELECT * FROM a) INSERT INTO target SELECT id, {{v}} FROM q
INSERT INTO target WITH q AS (SELECT * FROM a) SELECT id, {{v}} FROM q UNION ALL SELECT id, {{v}} FROM b
INSERT INTO target SELECT x, {{y}} FROM target
DELETE FROM target WHERE y IN (SELECT y FROM target QUALIFY {{y}} > 0)
UPDATE target SET y = 0 WHERE y IN (SELECT y FROM target QUALIFY {{y}} > 0)
UPDATE target SET y = s FROM (SELECT id AS i, {{v}} AS s FROM a) q WHERE q.i = target.x
UPDATE target SET y = (SELECT MAX(s) FROM (SELECT {{v}} AS s FROM a) q)
MERGE INTO target USING (SELECT id AS i, {{v}} AS s FROM a WHERE id < 6) q ON q.i = target.x WHEN MATCHED THEN UPDATE SET y = q.s
""".strip().splitlines()


def written(statement: str) -> tuple[list[tuple[str, str]], list[tuple[object, ...]]]:
    """Columns and rows of the table after the statement, in a database of its own."""
    duck = _fresh()
    duck.connection.execute(statement)
    table = "made" if " made " in statement else "target"
    return duck.columns(f"SELECT * FROM {table}"), duck.rows(f"SELECT * FROM {table}")


def _fresh() -> Duck:
    duck = Duck()
    duck.connection.execute(
        "CREATE TABLE target (x INTEGER, y DOUBLE); INSERT INTO target SELECT id, v FROM a"
    )
    return duck


@pytest.mark.parametrize("knowledge", ["live", "schema", "none"])
@pytest.mark.parametrize("template", [*MADE, *WRITTEN])
def test_a_written_table_is_as_with_native_windows(template: str, knowledge: str) -> None:
    """Names and types of a new table, rows of an old one."""
    known = {
        "live": {"describe": _fresh().describe},
        "schema": {"schema": {**ALL, "target": {"x": "INTEGER", "y": "DOUBLE"}}},
        "none": {},
    }[knowledge]
    compiled = compile_sql(as_calls(template), read="duckdb", write="duckdb", registry=REGISTRY, **known)  # type: ignore[arg-type]

    columns, rows = written(compiled.sql)

    wanted_columns, wanted_rows = written(as_native(template))
    assert columns == wanted_columns
    assert same_rows(rows, wanted_rows, ordered=False)


def test_every_statement_of_a_script_is_compiled() -> None:
    """In order, those without calls too."""
    script = "CREATE TABLE made AS SELECT * FROM a; INSERT INTO made SELECT * FROM a; SELECT id, {{v}} AS s FROM made"

    compiled = compile_sql(as_calls(script), read="duckdb", write="duckdb", registry=REGISTRY)

    assert len(compiled.steps) == 3
    left, right = Duck(), Duck()
    left.connection.execute(compiled.sql)
    assert same_rows(left.connection.fetchall(), right.rows(as_native(script)), ordered=False)
