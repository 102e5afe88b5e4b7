"""What explain says a statement costs: scans, its length against the engine's limit, and rows that leave."""

from __future__ import annotations

import pytest

import sqlnomaly
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.pushdown.cost import Reads, reads

QUERY = "SELECT anomaly_score(x, detector => 'mad') OVER (PARTITION BY k) AS s FROM t"


def test_a_source_is_counted_once_for_each_path_to_it() -> None:
    import sqlglot

    ctes = {
        name: sqlglot.parse_one(sql)
        for name, sql in {
            "source": "SELECT 1 AS x FROM t",
            "centre": "SELECT MIN(x) FROM source",
            "spread": "SELECT 1 FROM source CROSS JOIN centre",
            "terms": "SELECT 1 FROM source CROSS JOIN spread",
        }.items()
    }
    assert reads(ctes, "terms", "source") == Reads(once=1, each=4 - 1)


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_every_dialect_says_its_scans_and_its_limit(dialect: str) -> None:
    told = sqlnomaly.compile(QUERY, write=dialect).explain()
    size = f"of the {get_dialect(dialect).max_sql_bytes:,} bytes of {dialect}"
    assert size in told
    several = f"1, or up to 3 where {dialect} computes a CTE again for each reference"
    assert f"scans of the rows: {'1' if get_dialect(dialect).ctes_once else several}" in told


@pytest.mark.duckdb
def test_duckdb_reads_the_table_once_whatever_the_number_of_references() -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT i % 3 AS k, i * 1.5 AS x FROM range(100) AS r(i)")
        plan = connection.execute(f"EXPLAIN {sqlnomaly.compile(QUERY).sql}").fetchall()[0][1]
    assert plan.count("SEQ_SCAN") + plan.count("Table:") > 0
    assert plan.count("Table:") == 1


def test_window_functions_in_place_read_the_rows_once_everywhere() -> None:
    sql = "SELECT anomaly_score(x) OVER (ORDER BY d ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) AS s FROM t"
    assert "scans of the rows: 1\n" in sqlnomaly.compile(sql, write="spark").explain()


def test_a_forest_counts_the_sample_and_the_counting_too() -> None:
    told = sqlnomaly.compile("SELECT anomaly_score(x, detector => 'iforest') AS s FROM t").explain()
    assert "scans of the rows: 3" in told


@pytest.mark.duckdb
def test_a_failing_step_is_named_with_its_sql_and_the_engines_own_words() -> None:
    session = sqlnomaly.connect()
    session.sql("CREATE TABLE t AS SELECT i AS id, i * 1.5 AS x FROM range(10) AS r(i)")
    with pytest.raises(sqlnomaly.EngineError, match="boom") as failed:
        session.sql("SELECT anomaly_score(x) AS s, error('boom') AS e FROM t")
    error = failed.value
    assert (error.engine, error.step) == ("duckdb", "step 1 of 1, sql,")
    assert error.sql == session.compile("SELECT anomaly_score(x) AS s, error('boom') AS e FROM t").sql
    assert "in: step 1 of 1, sql, on duckdb" in str(error)


@pytest.mark.duckdb
def test_what_the_users_own_sql_breaks_is_told_as_it_is() -> None:
    with pytest.raises(sqlnomaly.EngineError) as failed:
        sqlnomaly.connect().sql("SELECT error('boom')")
    assert failed.value.step is None
