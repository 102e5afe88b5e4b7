"""BigQuery's AI.DETECT_ANOMALIES: its columns, over forecasts of ours."""

from __future__ import annotations

import datetime as dt
from math import erf, sqrt

import pytest

from sqlnomaly import CallError, UnsupportedError
from sqlnomaly.session import Session
from tests.frontends.asked import ask, text_of, translated

pytestmark = pytest.mark.duckdb

COLUMNS = [
    "store", "time_series_timestamp", "time_series_data", "is_anomaly", "lower_bound", "upper_bound",
    "anomaly_probability", "ai_detect_anomalies_status",
]  # fmt: skip
NAMED = "data_col => 'y', timestamp_col => 'ts', id_cols => ['store']"
ODD = dt.datetime(2025, 1, 8, 8)


@pytest.fixture
def series(duck: Session) -> Session:
    """Two stores of ten days of hours; an hour of store 1 is odd."""
    duck.sql("""CREATE TABLE t AS
      SELECT s AS store, TIMESTAMP '2025-01-01' + i * INTERVAL 1 HOUR AS ts,
             10 + 5 * SIN(i / 12.0 * PI()) + i * 7 % 11 / 10 + CASE WHEN s = 1 AND i = 176 THEN 20 ELSE 0 END AS y
      FROM range(240) AS r(i), range(2) AS q(s)""")
    return duck


def test_the_columns_are_bigquerys_and_the_odd_hour_is_found(series: Session) -> None:
    query = f"SELECT * FROM AI.DETECT_ANOMALIES(TABLE t, {NAMED}, anomaly_prob_threshold => 0.9999)"
    found = ask(series, query, "bigquery")
    assert found.columns == COLUMNS
    rows = found.arrow().to_pylist()
    assert len(rows) == 480
    assert [(row["store"], row["time_series_timestamp"]) for row in rows if row["is_anomaly"]] == [(1, ODD)]
    first = min(rows, key=lambda row: (row["store"], row["time_series_timestamp"]))
    assert (first["is_anomaly"], first["anomaly_probability"], first["ai_detect_anomalies_status"]) == (
        None, None, "warm_up",
    )  # fmt: skip
    judged = [row for row in rows if row["ai_detect_anomalies_status"] == ""]
    assert len(judged) > 400
    for row in judged:
        assert row["is_anomaly"] == (row["anomaly_probability"] > 0.9999)
        assert row["is_anomaly"] == (not row["lower_bound"] <= row["time_series_data"] <= row["upper_bound"])


def test_the_probability_is_that_of_a_normal_error(series: Session) -> None:
    query = f"SELECT * FROM AI.DETECT_ANOMALIES(TABLE t, {NAMED})"
    probabilities = {
        (row["store"], row["time_series_timestamp"]): row["anomaly_probability"]
        for row in ask(series, query, "bigquery").arrow().to_pylist()
    }
    call = "anomaly_score(y, detector => 'holt_winters') OVER (PARTITION BY store ORDER BY ts)"
    for store, time, score in series.sql(f"SELECT store, ts, {call} FROM t").fetchall():
        wanted = None if score is None else pytest.approx(erf(score / sqrt(2)), abs=2e-7)
        assert probabilities[store, time] == wanted


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ("TABLE t, {}, target_last_n_points => 10", 20),
        ("TABLE t, {}, target_start_timestamp => TIMESTAMP '2025-01-10 12:00:00'", 24),
        ("(SELECT * FROM t WHERE ts < '2025-01-10'), (SELECT * FROM t WHERE ts >= '2025-01-10'), {}", 48),
    ],
)
def test_points_to_judge_are_picked_and_judged_by_all_before_them(series: Session, arguments: str, count: int) -> None:
    every = {
        (row["store"], row["time_series_timestamp"]): row
        for row in ask(series, f"SELECT * FROM AI.DETECT_ANOMALIES(TABLE t, {NAMED})", "bigquery").arrow().to_pylist()
    }
    query = f"SELECT * FROM AI.DETECT_ANOMALIES({arguments.format(NAMED)}) AS d"
    found = ask(series, query, "bigquery").arrow().to_pylist()
    assert len(found) == count
    for row in found:
        assert row == every[row["store"], row["time_series_timestamp"]]


def test_two_forms_have_two_names() -> None:
    query = f"SELECT 1 FROM AI.DETECT_ANOMALIES(TABLE t, {NAMED}), AI.DETECT_ANOMALIES(TABLE u, {NAMED})"
    text = text_of(query, "bigquery")
    assert text.count(" AS detected") == 2
    assert " AS detected_2" in text


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ("TABLE t, timestamp_col => 'ts'", CallError, "data_col"),
        ("TABLE t, data_col => 'y'", CallError, "timestamp_col"),
        (f"TABLE t, TABLE u, TABLE v, {NAMED}", CallError, "first argument"),
        (f"TABLE t, {NAMED}, data_col => 'z'", CallError, "twice"),
        (f"TABLE t, {NAMED}, anomaly_prob_threshold => 1", CallError, "from 0 to 1"),
        (f"TABLE t, {NAMED}, anomaly_prob_threshold => 'x'", CallError, "from 0 to 1"),
        (f"TABLE t, {NAMED}, target_last_n_points => 0", CallError, "number of points"),
        (f"TABLE t, {NAMED}, target_last_n_points => 5, target_start_timestamp => TIMESTAMP '2025-01-01'",
         CallError, "given twice"),
        (f"TABLE t, TABLE u, {NAMED}, target_last_n_points => 5", CallError, "given twice"),
        (f"TABLE t, {NAMED}, horizon => 5", CallError, "no option"),
        (f"TABLE t, {NAMED}, model => 'TimesFM 2.0'", UnsupportedError, "only model here"),
        (f"TABLE t, {NAMED}, context_window => 64", UnsupportedError, "earlier point"),
        ("TABLE t, data_col => 'y', timestamp_col => 'ts', id_cols => [1]", CallError, "names columns"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(arguments: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        translated(f"SELECT * FROM AI.DETECT_ANOMALIES({arguments})", "bigquery")
