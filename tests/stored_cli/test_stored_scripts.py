"""Statements about models on the command line: how query opens a file for them, and explain and compile."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlnomaly.cli.inputs import only_reads
from tests.stored_cli.conftest import Run

pytestmark = pytest.mark.duckdb


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SHOW ANOMALY MODELS", True),
        ("DESCRIBE ANOMALY MODEL week; SELECT 1", True),
        ("EXPLAIN ANOMALY SELECT anomaly_score(x) FROM rows", True),
        ("SELECT anomaly_score(x, model => 'week') FROM rows", True),
        ("CREATE ANOMALY MODEL a USING mad AS SELECT x FROM rows", False),
        ("SELECT 1; REFRESH ANOMALY MODEL week", False),
        ("ALTER ANOMALY MODEL week SET VERSION 1; DESCRIBE ANOMALY MODEL week", False),
        ("DROP ANOMALY MODEL week", False),
        ("CREATE MODEL a OPTIONS (MODEL_TYPE = 'KMEANS') AS SELECT x FROM rows", False),
        ("SELECT * FROM ML.DETECT_ANOMALIES(MODEL week, STRUCT(0.02 AS contamination), TABLE rows)", True),
        ("SELECT (", True),
        ("CREATE TABLE a AS SELECT 1", False),
    ],
)
def test_a_file_is_opened_for_writing_only_by_what_writes(sql: str, reads: bool) -> None:
    assert only_reads(sql, "bigquery" if "MODEL_TYPE" in sql or "ML." in sql else "duckdb") is reads


def test_a_script_makes_a_model_and_scores_with_it(run: Run) -> None:
    script = (
        "CREATE ANOMALY MODEL far USING mad OPTIONS (threshold = 5) AS SELECT x FROM rows; "
        "SELECT id FROM rows WHERE is_anomaly(x, model => 'far')"
    )
    assert run("query", script, "--format", "csv") == (0, "id\n7\n", "")


def test_refresh_alter_and_drop_are_statements_like_any_other(run: Run) -> None:
    script = "REFRESH ANOMALY MODEL week; ALTER ANOMALY MODEL week SET VERSION 1; DROP ANOMALY MODEL week VERSION 2"
    assert run("query", script, "--format", "csv") == (
        0,
        "model,status,version\nweek,version 2 dropped,1\n",
        "",
    )


def test_explain_takes_the_words_explain_anomaly_or_leaves_them(run: Run) -> None:
    query = "SELECT anomaly_score(x, model => 'week') FROM rows"
    plain = run("explain", query)
    assert plain[0] == 0
    assert "model week, version 1, over (x): written into the statement" in plain[1]
    assert run("explain", f"EXPLAIN ANOMALY {query}") == plain
    assert run("explain", "EXPLAIN ANOMALY SELECT anomaly_score(x) FROM t", on=None) == run(
        "explain", "SELECT anomaly_score(x) FROM t", on=None
    )


def test_compile_prints_sql_and_sends_a_plan_to_explain(run: Run) -> None:
    code, out, err = run("compile", "EXPLAIN ANOMALY SELECT anomaly_score(x) FROM t", on=None)
    assert (code, out) == (2, "")
    assert err == "error: compile prints SQL, and EXPLAIN ANOMALY asks for the plan\n  try: sqlnomaly explain\n"


def test_compile_writes_out_the_model_of_a_file(run: Run, folder: Path) -> None:
    query = "SELECT anomaly_score(x, model => 'week') AS score FROM rows"
    assert run("compile", query, on=None)[0] == 1
    run("models", "export", "week", "-o", "week.model")
    code, out, err = run("compile", query, "--model", "Week=week.model", "--to", "snowflake", on=None)
    assert (code, err) == (0, "assumed: x has the type that the model was fitted on\n")
    assert out.startswith("/* sqlnomaly")
    assert out.endswith("AS score\nFROM rows\n")
    assert run("compile", query, "--model", "week.model", on=None)[0] == 2


def test_a_plan_is_shown_whole(run: Run) -> None:
    code, out, _ = run("query", "EXPLAIN ANOMALY SELECT anomaly_score(x, model => 'week') FROM rows")
    assert (code, [line.rstrip() for line in out.splitlines()][4]) == (
        0,
        "model week, version 1, over (x): written into the statement",
    )
