"""Confluent: ML_DETECT_ANOMALIES_ROBUST over the rows before, by hand."""

from __future__ import annotations

import statistics

import pytest

from sqlnomaly import CallError, UnsupportedError
from sqlnomaly.session import Session
from tests.frontends.asked import ask, text_of, translated

pytestmark = pytest.mark.duckdb

VALUES = (10.0, 11.0, 10.5, 9.5, 30.0, 10.2, 10.1, 9.9, -5.0, 10.3)
OPTIONS = "JSON_OBJECT('window' VALUE 4, 'threshold' VALUE 3.0)"
CALL = f"ML_DETECT_ANOMALIES_ROBUST(CAST(v AS DOUBLE), ts, {OPTIONS})"
WHOLE = "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"


def by_hand(values: tuple[float, ...], size: int, limit: float) -> list[bool | None]:
    """Whether each value is far from the median of the few before it; None where there are fewer than three."""
    found: list[bool | None] = []
    for number, value in enumerate(values):
        before = values[max(number - size, 0) : number]
        if len(before) < 3:
            found.append(None)
            continue
        centre = statistics.median(before)
        scale = statistics.median(abs(one - centre) for one in before) / 0.6744897501960817
        found.append(abs(value - centre) / scale > limit)
    return found


def test_a_value_is_judged_by_the_rows_before_it_in_its_partition(duck: Session) -> None:
    rows = ", ".join(f"('{k}', {ts}, {v + shift})" for k, shift in (("a", 0), ("b", 5)) for ts, v in enumerate(VALUES))
    duck.sql(f"CREATE TABLE s AS SELECT * FROM (VALUES {rows}) AS t(k, ts, v)")
    sql = f"""
        SELECT k, ts, anomaly.is_anomaly FROM (
          SELECT k, ts, {CALL} OVER (PARTITION BY k ORDER BY ts {WHOLE}) AS anomaly FROM s
        ) ORDER BY k, ts"""
    wanted = by_hand(VALUES, 4, 3.0)
    found = ask(duck, sql, "duckdb").fetchall()
    assert [odd for _, _, odd in found] == wanted * 2
    assert True in wanted


def test_what_runs_is_mad_over_so_many_rows() -> None:
    found = text_of(f"SELECT {CALL} OVER (PARTITION BY k ORDER BY ts) AS a FROM s", "spark")
    assert found == (
        "SELECT STRUCT(is_anomaly(CAST(v AS DOUBLE), detector => 'mad', threshold => 3.0) OVER "
        "(PARTITION BY k ORDER BY ts ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS is_anomaly) AS a FROM s"
    )


@pytest.mark.parametrize(
    ("sql", "kind", "said"),
    [
        ("AI_DETECT_ANOMALIES(v, ts) OVER (ORDER BY ts)", UnsupportedError, "hosts"),
        (f"ML_DETECT_ANOMALIES_ROBUST(ROW(v, w), ts, {OPTIONS}) OVER (ORDER BY ts)", UnsupportedError, "several"),
        (f"{CALL} OVER (ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)", UnsupportedError, "frame"),
        (f"{CALL} OVER (PARTITION BY k)", CallError, "ORDER BY"),
        (CALL, CallError, "OVER"),
        ("ML_DETECT_ANOMALIES_ROBUST(v, ts, JSON_OBJECT('window' VALUE 4)) OVER (ORDER BY ts)", CallError, "threshold"),
        ("ML_DETECT_ANOMALIES_ROBUST(v, ts) OVER (ORDER BY ts)", CallError, "JSON_OBJECT"),
        ("ML_DETECT_ANOMALIES_ROBUST(v, ts, JSON_OBJECT('window' VALUE 4, 'threshold' VALUE 3, 'imputeOutliers' VALUE "
         "TRUE)) OVER (ORDER BY ts)", UnsupportedError, "imputeOutliers"),
    ],
)  # fmt: skip
def test_what_is_not_ours_is_refused_by_name(sql: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        translated(f"SELECT {sql} AS a FROM s", "duckdb")


@pytest.mark.parametrize("field", ["upper_bound", "forecast_value", "RMSE"])
def test_a_field_that_we_do_not_have_is_refused_where_it_is_read(field: str) -> None:
    sql = f"WITH q AS (SELECT {CALL} OVER (ORDER BY ts) AS a FROM s)\nSELECT a.{field} FROM q"
    with pytest.raises(UnsupportedError, match="line 2, column 10"):
        translated(sql, "duckdb")


def test_an_engine_without_named_fields_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="postgres has no value with fields"):
        translated(f"SELECT {CALL} OVER (ORDER BY ts) AS a FROM s", "duckdb", write="postgres")
