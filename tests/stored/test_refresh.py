"""REFRESH: states that merge are the fit on all rows, days that leave the window count for nothing, older ones less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import sqlnomaly
from sqlnomaly.errors import BindError, CallError, ModelError, SqlnomalyError, UnsupportedError
from sqlnomaly.session import Session
from tests.engines.sessions import on_postgres

ROWS = """
SELECT i AS id, i % 3 AS part, CAST(i % 40 AS VARCHAR(3)) AS store, i % 4 AS kind, SIN(i) * 10 + i % 7 + i / 900.0 AS x,
  i % 11 AS y, CAST(TIMESTAMP '2025-01-01 00:00:00' + (i % 600) * 2 * INTERVAL '1' HOUR AS TIMESTAMP) AS ts
FROM {numbers}
"""
MERGING = {
    "zscore": "x, y",
    "mahalanobis": "x, y",
    "pca": "x, y",
    "grubbs": "x, y",
    "ecod": "x, y",
    "copod": "x, y",
    "benford": "x, y",
    "avf": "kind, y",
    "rare_values": "kind, y",
}
"""The detectors whose states merge, with features that they take; rare_pairs is too long to be written out."""


@pytest.fixture(scope="module")
def duck() -> Iterator[Session]:
    """A session with the rows."""
    with sqlnomaly.connect() as session:
        session.sql(f"CREATE TABLE t AS {ROWS.format(numbers='range(1200) AS r(i)')}")
        yield session


@pytest.fixture(scope="module")
def postgres() -> Iterator[Session]:
    """The same on PostgreSQL."""
    with on_postgres() as session:
        session.sql(f"CREATE TABLE t AS {ROWS.format(numbers='generate_series(0, 1199) AS r(i)')}")
        yield session


def largest_difference(session: Session, features: str, one: str, other: str) -> float:
    """Between the scores of two models, over all rows, which both score."""
    query = (
        f"SELECT anomaly_score({features}, model => '{one}') AS a, anomaly_score({features}, model => '{other}') AS b "
        "FROM t"
    )
    scores = np.array(session.sql(query).fetchall(), float)
    assert np.isfinite(scores).all()
    return float(np.abs(scores[:, 0] - scores[:, 1]).max())


def merged(session: Session, detector: str, features: str, by: str = "", options: str = "") -> list[Any]:
    """Models ``parts``, of two halves, and ``whole``, of all rows; what the refresh said."""
    keys, own = (f"PARTITION BY {by}", f"{by}, ") if by else ("", "")
    given = f"OPTIONS (calibration = 0, threshold = 3{options}) {keys}"
    rows = f"SELECT {own}{features} FROM t"
    session.sql(f"CREATE OR REPLACE ANOMALY MODEL parts USING {detector} {given} AS {rows} WHERE id < 500")
    said = session.sql(f"REFRESH ANOMALY MODEL parts AS {rows} WHERE id >= 500").fetchall()
    session.sql(f"CREATE OR REPLACE ANOMALY MODEL whole USING {detector} {given} AS {rows}")
    return said


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("detector", "by"),
    [
        *((one, "" if one == "benford" else "part") for one in MERGING),
        ("zscore", "store"),
        ("zscore", ""),
    ],
)
def test_a_model_and_new_rows_are_the_model_of_all_rows(duck: Session, detector: str, by: str) -> None:
    said = merged(duck, detector, MERGING[detector], by)
    assert said[0][1] == "merged"
    assert largest_difference(duck, MERGING[detector], "parts", "whole") < 1e-9


@pytest.mark.postgres
@pytest.mark.parametrize("detector", ["zscore", "ecod", "mahalanobis"])
def test_it_is_on_postgresql(postgres: Session, detector: str) -> None:
    assert merged(postgres, detector, "x, y", "store")[0][1] == "merged"
    assert largest_difference(postgres, "x, y", "parts", "whole") < 1e-9


@pytest.mark.duckdb
def test_a_detector_without_such_states_is_fitted_on_the_new_rows_and_says_so(duck: Session) -> None:
    said = merged(duck, "mad", "x, y")
    duck.sql(
        "CREATE OR REPLACE ANOMALY MODEL whole USING mad OPTIONS (calibration = 0) "
        "AS SELECT x, y FROM t WHERE id >= 500"
    )
    assert said[0][1] == "refitted"
    assert largest_difference(duck, "x, y", "parts", "whole") < 1e-9


@pytest.mark.duckdb
def test_a_refresh_reads_the_new_rows_and_the_states_and_nothing_else(duck: Session) -> None:
    duck.sql(
        "CREATE OR REPLACE ANOMALY MODEL plan USING zscore PARTITION BY store AS SELECT store, x FROM t WHERE id < 500"
    )
    duck.sql("CREATE OR REPLACE TABLE fresh AS SELECT store, x FROM t WHERE id >= 500")
    ran: list[str] = []
    run = duck.engine.run
    duck.engine.run = lambda sql: (ran.append(sql), run(sql))[1]  # type: ignore[method-assign]
    try:
        duck.sql("REFRESH ANOMALY MODEL plan AS SELECT store, x FROM fresh")
    finally:
        duck.engine.run = run  # type: ignore[method-assign]
    assert [sql for sql in ran if re.search(r"FROM t\b", sql) and not sql.startswith("INSERT")] == []
    assert sum("FROM fresh" in sql for sql in ran) == 1  # the new rows once, too


@pytest.mark.duckdb
def test_without_a_query_the_model_is_fitted_anew_on_its_own(duck: Session) -> None:
    duck.sql("CREATE OR REPLACE TABLE grows AS SELECT x FROM t WHERE id < 100")
    duck.sql(
        "CREATE OR REPLACE ANOMALY MODEL own USING zscore OPTIONS (calibration = 0) AS SELECT x FROM grows"
    )
    duck.sql("INSERT INTO grows SELECT x FROM t WHERE id >= 100")
    assert duck.sql("REFRESH ANOMALY MODEL own").fetchall()[0][1] == "refitted"
    duck.sql(
        "CREATE OR REPLACE ANOMALY MODEL whole USING zscore OPTIONS (calibration = 0) AS SELECT x FROM t"
    )
    assert largest_difference(duck, "x", "own", "whole") < 1e-9


@pytest.mark.duckdb
def test_rows_that_were_held_out_are_never_fitted(duck: Session) -> None:
    # Eight of ten rows of each body are fitted, and two calibrate: so it is after three refreshes.
    duck.sql("CREATE OR REPLACE ANOMALY MODEL kept USING zscore AS SELECT x FROM t WHERE id < 300")
    for start in (300, 600, 900):
        duck.sql(f"REFRESH ANOMALY MODEL kept AS SELECT x FROM t WHERE id BETWEEN {start} AND {start + 299}")
    model = duck.models().get("kept").fitted
    assert model.relations["model"].column("_sn_x__n").to_pylist() == [4 * 240]
    assert model.held is not None
    assert model.held.column("held").to_pylist() == [4 * 60]


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("detector", "by"),
    [("zscore", "store"), ("zscore", ""), ("mahalanobis", "part"), ("pca", ""), ("avf", "part")],
)
def test_days_before_the_window_count_for_nothing(duck: Session, detector: str, by: str) -> None:
    features = MERGING[detector]
    check_window(duck, detector, features, by)


@pytest.mark.postgres
def test_days_before_the_window_count_for_nothing_on_postgresql(postgres: Session) -> None:
    check_window(postgres, "zscore", "x, y", "store")


def check_window(session: Session, detector: str, features: str, by: str) -> None:
    """A model with a window is the model of the rows of its days: 1,200 hours are fifty."""
    keys, own = (f"PARTITION BY {by}", f"{by}, ") if by else ("", "")
    given = "OPTIONS (calibration = 0, threshold = 3, window = 20 days)"
    rows = f"SELECT {own}ts, {features} FROM t"
    session.sql(
        f"CREATE OR REPLACE ANOMALY MODEL parts USING {detector} {given} {keys} ORDER BY ts AS {rows} "
        "WHERE ts < TIMESTAMP '2025-02-10 00:00:00'"
    )
    said = session.sql(
        f"REFRESH ANOMALY MODEL parts AS {rows} WHERE ts >= TIMESTAMP '2025-02-10 00:00:00'"
    ).fetchall()
    session.sql(
        f"CREATE OR REPLACE ANOMALY MODEL whole USING {detector} OPTIONS (calibration = 0, threshold = 3) {keys} "
        f"AS SELECT {own}{features} FROM t WHERE CAST(ts AS DATE) > DATE '2025-02-19' - 20"
    )
    assert said[0][1] == "merged"
    assert largest_difference(session, features, "parts", "whole") < 1e-9


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.thorough
def test_spark_merges_too_and_lets_days_leave_and_fade(spark: Session) -> None:
    numbers = "(SELECT CAST(id AS INT) AS i FROM range(1200))"
    spark.sql("DROP TABLE IF EXISTS t")
    spark.sql(f"CREATE TABLE t AS {ROWS.format(numbers=numbers)}")
    try:
        assert merged(spark, "zscore", "x, y", "store")[0][1] == "merged"
        assert largest_difference(spark, "x, y", "parts", "whole") < 1e-9
        check_window(spark, "zscore", "x, y", "part")
        check_half_life(spark)
    finally:
        spark.sql("DROP TABLE t")


@pytest.mark.duckdb
def test_after_a_half_life_a_row_counts_half(duck: Session) -> None:
    check_half_life(duck)


@pytest.mark.postgres
def test_after_a_half_life_a_row_counts_half_on_postgresql(postgres: Session) -> None:
    check_half_life(postgres)


def check_half_life(session: Session) -> None:
    """zscore with weights, beside numpy: the mean and the variance of rows that count (1/2)^(age / 5 days)."""
    given = "OPTIONS (calibration = 0, half_life = 5 days) ORDER BY ts"
    session.sql(
        f"CREATE OR REPLACE ANOMALY MODEL fades USING zscore {given} AS SELECT ts, x FROM t WHERE id % 2 = 0"
    )
    session.sql("REFRESH ANOMALY MODEL fades AS SELECT ts, x FROM t WHERE id % 2 = 1")
    rows = session.sql("SELECT x, CAST(ts AS DATE), anomaly_score(x, model => 'fades') FROM t").fetchall()
    x = np.array([float(row[0]) for row in rows])
    newest = max(row[1] for row in rows)
    weight = 0.5 ** (np.array([(newest - row[1]).days for row in rows]) / 5.0)
    mean = (weight * x).sum() / weight.sum()
    scale = np.sqrt((weight * (x - mean) ** 2).sum() / (weight.sum() - 1.0))
    assert np.abs(np.array([row[2] for row in rows]) - np.abs(x - mean) / scale).max() < 1e-9


REFUSED: list[tuple[str, type[SqlnomalyError], str]] = [
    ("USING mad OPTIONS (window = 9 days) ORDER BY ts AS SELECT ts, x FROM t", UnsupportedError, "mad"),
    ("USING ecod OPTIONS (half_life = 9 days) ORDER BY ts AS SELECT ts, x FROM t", UnsupportedError, "ecod"),
    ("USING zscore OPTIONS (window = 9 days) AS SELECT ts, x FROM t", CallError, "time of each row"),
    ("USING zscore OPTIONS (window = 9) ORDER BY ts AS SELECT ts, x FROM t", CallError, "number of days"),
    ("USING zscore OPTIONS (window = '9 moons') ORDER BY ts AS SELECT ts, x FROM t", CallError, "number of days"),
    ("USING zscore OPTIONS (window = 0 days) ORDER BY ts AS SELECT ts, x FROM t", CallError, "number of days"),
    ("USING zscore OPTIONS (window = 9 days) ORDER BY day AS SELECT ts, x FROM t", BindError, "day"),
    ("USING zscore ORDER BY ts AS SELECT ts, x FROM t", UnsupportedError, "keeps no order"),
    (
        "USING ecod OPTIONS (calibration = 0, window = 9 days) ORDER BY ts AS SELECT ts, x FROM t",
        UnsupportedError,
        "holds",
    ),
]  # fmt: skip


@pytest.mark.duckdb
@pytest.mark.parametrize(("statement", "kind", "said"), REFUSED)
def test_days_that_cannot_count_are_refused(
    duck: Session, statement: str, kind: type[SqlnomalyError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        duck.sql(f"CREATE OR REPLACE ANOMALY MODEL never {statement}")
    assert "never" not in duck.models().names()


@pytest.mark.duckdb
def test_an_altered_threshold_keeps_the_state(duck: Session) -> None:
    duck.sql(
        "CREATE OR REPLACE ANOMALY MODEL kept USING zscore OPTIONS (calibration = 0) AS SELECT x FROM t WHERE id < 500"
    )
    duck.sql("ALTER ANOMALY MODEL kept SET (threshold = 5)")
    assert (
        duck.sql("REFRESH ANOMALY MODEL kept AS SELECT x FROM t WHERE id >= 500").fetchall()[0][1] == "merged"
    )
    assert duck.models().get("kept").fitted.relations["model"].column("_sn_x__n").to_pylist() == [1200]


@pytest.mark.duckdb
def test_few_rows_a_day_are_held_out_by_partition_and_not_by_day(duck: Session) -> None:
    given = "OPTIONS (window = 20 days) ORDER BY ts"
    rows = "SELECT ts, x FROM t WHERE id % 4 = 0 AND id < 600"  # three rows a day
    duck.sql(f"CREATE OR REPLACE ANOMALY MODEL few USING zscore {given} AS {rows}")
    model = duck.models().get("few").fitted
    assert model.held is not None
    held, fitted = (
        model.held.column("held").to_pylist()[0],
        model.relations["model"].column("_sn_x__n").to_pylist()[0],
    )
    assert held + fitted == 60
    assert held > 0


@pytest.mark.duckdb
def test_a_model_that_was_rolled_back_is_not_remembered(duck: Session) -> None:
    duck.sql("BEGIN")
    duck.sql("CREATE ANOMALY MODEL undone USING zscore AS SELECT x FROM t WHERE id < 100")
    duck.sql("SELECT anomaly_score(x, model => 'undone') FROM t")
    duck.sql("ROLLBACK")
    duck.sql("CREATE ANOMALY MODEL undone USING zscore OPTIONS (calibration = 0) AS SELECT x FROM t")
    duck.sql(
        "CREATE OR REPLACE ANOMALY MODEL whole USING zscore OPTIONS (calibration = 0) AS SELECT x FROM t"
    )
    assert largest_difference(duck, "x", "undone", "whole") == 0.0


@pytest.mark.duckdb
def test_nothing_is_left_of_a_refresh_that_fails(duck: Session) -> None:
    duck.sql(
        "CREATE OR REPLACE ANOMALY MODEL stays USING zscore PARTITION BY store AS SELECT store, x FROM t"
    )
    before = tables_of(duck)
    with pytest.raises(ModelError, match="features"):
        duck.sql("REFRESH ANOMALY MODEL stays AS SELECT store, x, y FROM t")
    with pytest.raises(SqlnomalyError):
        duck.sql("REFRESH ANOMALY MODEL stays AS SELECT store, CAST('a' || store AS DOUBLE) AS x FROM t")
    assert tables_of(duck) == before
    assert duck.sql("SELECT count(anomaly_score(x, model => 'stays')) FROM t").fetchall() == [(1200,)]


def tables_of(session: Session) -> list[Any]:
    """The tables of every schema."""
    return session.sql(
        "SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL"
    ).fetchall()
