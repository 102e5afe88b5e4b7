"""Confluent: ML_DETECT_ANOMALIES as our arima, over the rows before each."""

from __future__ import annotations

import random
from statistics import NormalDist
from typing import Any

import pyarrow as pa
import pytest

from sqlnomaly import CallError, UnsupportedError
from sqlnomaly.session import Session
from tests.engines.sessions import on_spark
from tests.frontends.asked import ask, text_of, translated

SETTINGS = "'minTrainingSize' VALUE 50, 'confidencePercentage' VALUE 99.0"
CALL = f"ML_DETECT_ANOMALIES(CAST(v AS DOUBLE), ts, JSON_OBJECT({SETTINGS}))"
WHOLE = "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
LAB = """
SELECT
    machine_id,
    ts,
    vibration_avg,
    anomaly.is_anomaly,
    anomaly.forecast_value,
    anomaly.lower_bound,
    anomaly.upper_bound
FROM (
    SELECT
        machine_id,
        ts,
        vibration_avg,
        ML_DETECT_ANOMALIES(
            vibration_avg,
            ts,
            JSON_OBJECT(
                'minTrainingSize'      VALUE 50,
                'maxTrainingSize'      VALUE 300,
                'confidencePercentage' VALUE 99.9
            )
        ) OVER (
            PARTITION BY machine_id
            ORDER BY ts
            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS anomaly
    FROM machine_health_features
)
WHERE anomaly.is_anomaly = TRUE
  AND vibration_avg > anomaly.upper_bound
  AND vibration_avg > 0.1;  -- severity floor: real bearing-wear vibration is ~30x the noise floor
"""
"""The query of Confluent's quick-start, behind CREATE OR ALTER MATERIALIZED TABLE .. AS."""


def features() -> pa.Table:
    """Windows of 5 seconds of two machines; one is worn for a while, the other has a gap of power."""
    rng = random.Random(6)
    rows: list[dict[str, Any]] = []
    for machine in ("CNC-1", "CNC-2"):
        for i in range(160):
            value = 0.03 + 0.002 * rng.gauss(0, 1)
            value += 0.9 * (machine == "CNC-1" and i == 120) - 0.02 * (machine == "CNC-2" and i == 90)
            rows.append({"machine_id": machine, "ts": 1_700_000_000 + 5 * i, "vibration_avg": value})
    table = pa.Table.from_pylist(rows)
    return table.set_column(1, "ts", table.column("ts").cast(pa.timestamp("s")).cast(pa.timestamp("us")))


@pytest.mark.duckdb
def test_the_query_of_the_quick_start_finds_the_worn_spindle(duck: Session) -> None:
    duck.load("machine_health_features", features())
    found = ask(duck, LAB, "duckdb").arrow().to_pylist()
    assert [(row["machine_id"], round(row["vibration_avg"], 1)) for row in found] == [("CNC-1", 0.9)]
    (row,) = found
    assert row["lower_bound"] < 0.03 < row["upper_bound"] < 0.1
    assert row["forecast_value"] == pytest.approx((row["lower_bound"] + row["upper_bound"]) / 2)


def fields(session: Session, reads: str) -> None:
    """Each field is what our own call gives, and no row has one before there are enough."""
    session.load("s", features().rename_columns(["k", "ts", "v"]))
    struct = f"{CALL} OVER (PARTITION BY k ORDER BY ts {WHOLE}) AS a"
    options = f"detector => 'arima', period => 0, min_rows => 50, threshold => {NormalDist().inv_cdf(0.995)}"
    window = "OVER (PARTITION BY k ORDER BY ts)"
    ours = {"forecast_value": "anomaly_expected", "lower_bound": "anomaly_lower", "upper_bound": "anomaly_upper"}
    calls = ", ".join(f"{name}(v, {options}) {window} AS {field}" for field, name in ours.items())
    wanted = session.sql(
        f"SELECT k, ts AS timestamp, v AS actual_value, {calls}, is_anomaly(v, {options}) {window} AS is_anomaly "
        "FROM s ORDER BY k, ts",
        read="duckdb",
    ).arrow()
    names = [name for name in wanted.column_names if name != "k"]
    read = ", ".join(f"a.{name}" for name in names)
    query = f"SELECT k, {read} FROM (SELECT k, ts, {struct} FROM s) AS t ORDER BY k, ts"
    found = ask(session, query, reads).arrow().to_pylist()
    assert found == wanted.to_pylist()
    assert [row["is_anomaly"] is None for row in found] == ([True] * 50 + [False] * 110) * 2
    assert sum(bool(row["is_anomaly"]) for row in found) >= 2


@pytest.mark.duckdb
def test_each_field_is_what_our_own_call_gives(duck: Session) -> None:
    fields(duck, "duckdb")


@pytest.mark.spark
@pytest.mark.slow
def test_spark_gives_the_same_fields() -> None:
    with on_spark() as session:
        fields(session, "spark")


def test_orders_seasons_and_the_level_are_options_of_arima() -> None:
    given = "'p' VALUE 2, 'd' VALUE 1, 'q' VALUE 0, 'enableStl' VALUE TRUE, 'm' VALUE 24, 'horizon' VALUE 1"
    sql = f"SELECT ML_DETECT_ANOMALIES(v, ts, JSON_OBJECT({SETTINGS}, {given})) OVER (ORDER BY ts {WHOLE}) AS a FROM s"
    options = (
        "detector => 'arima', p => 2, d => 1, q => 0, period => 24, min_rows => 50, threshold => 2.5758293035489"
    )
    assert f"is_anomaly(v, {options}) OVER (ORDER BY ts)" in text_of(sql, "spark")
    looked_for = sql.replace(", 'm' VALUE 24", "")
    assert "period" not in text_of(looked_for, "spark")
    none = sql.replace("'enableStl' VALUE TRUE, 'm' VALUE 24", "'enableStl' VALUE FALSE")
    assert "period => 0" in text_of(none, "spark")


BAD: list[tuple[str, str, type[Exception], str]] = [
    ("'minTrainingSize' VALUE 50", "", CallError, "confidencePercentage is needed"),
    ("'p' VALUE 1, 'q' VALUE 1, 'd' VALUE 1, 'confidencePercentage' VALUE 9.5", "", CallError, "minTrainingSize is"),
    (SETTINGS + ", 'p' VALUE 6", "", UnsupportedError, "5 is the most"),
    (SETTINGS + ", 'd' VALUE 2", "", UnsupportedError, "1 is the most"),
    (SETTINGS + ", 'q' VALUE -1", "", CallError, "whole number"),
    (SETTINGS + ", 'horizon' VALUE 5", "", UnsupportedError, "one step"),
    (SETTINGS + ", 'm' VALUE 12", "", CallError, "enableStl"),
    (SETTINGS + ", 'enableStl' VALUE 1", "", CallError, "TRUE or FALSE"),
    (SETTINGS + ", 'enableStl' VALUE TRUE, 'm' VALUE 1", "", CallError, "2 or more"),
    (SETTINGS + ", 'maxTrainingSize' VALUE 20", "", CallError, "maxTrainingSize is 20"),
    (SETTINGS + ", 'maxTrainingSize' VALUE 'all'", "", CallError, "number of rows"),
    (SETTINGS + ", 'window' VALUE 4", "", UnsupportedError, "setting window"),
    ("'minTrainingSize' VALUE 50, 'confidencePercentage' VALUE 100", "", CallError, "between 0 and 100"),
    ("'minTrainingSize' VALUE 0, 'confidencePercentage' VALUE 99", "", CallError, "number of rows"),
    (SETTINGS, "(ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)", UnsupportedError, "frame"),
    (SETTINGS, "(PARTITION BY k)", CallError, "ORDER BY"),
]


@pytest.mark.parametrize(("settings", "window", "kind", "said"), BAD)
def test_what_is_not_ours_is_refused_by_name(settings: str, window: str, kind: type[Exception], said: str) -> None:
    call = f"ML_DETECT_ANOMALIES(v, ts, JSON_OBJECT({settings})) OVER {window or '(ORDER BY ts)'}"
    with pytest.raises(kind, match=said):
        translated(f"SELECT {call} AS a FROM s", "duckdb")


@pytest.mark.parametrize("field", ["rmse", "AIC", "score"])
def test_a_field_that_we_do_not_have_is_refused_where_it_is_read(field: str) -> None:
    sql = f"WITH q AS (SELECT {CALL} OVER (ORDER BY ts) AS a FROM s)\nSELECT a.{field} FROM q"
    with pytest.raises(UnsupportedError, match="line 2, column 10"):
        translated(sql, "duckdb")


def test_a_field_by_number_is_refused_with_its_name() -> None:
    """Confluent's tutorial reads ``anomaly_results[6]``."""
    inner = f"SELECT {CALL} OVER (ORDER BY ts {WHOLE}) AS anomaly_results FROM s"
    sql = f"SELECT anomaly_results[6] AS is_anomaly FROM ({inner})"
    with pytest.raises(UnsupportedError, match="fields have names") as caught:
        translated(sql, "duckdb")
    assert caught.value.hint == "anomaly_results.is_anomaly"


def test_an_engine_without_named_fields_is_refused_with_our_call() -> None:
    with pytest.raises(UnsupportedError, match="postgres has no value with fields") as caught:
        translated(f"SELECT {CALL} OVER (ORDER BY ts) AS a FROM s", "duckdb", write="postgres")
    assert "is_anomaly(v, detector => 'arima', period => 0, min_rows => 50" in (caught.value.hint or "")


def test_a_column_of_that_name_stays_what_it_is() -> None:
    sql = "SELECT t.ML_DETECT_ANOMALIES, ML_DETECT_ANOMALIES FROM t"
    assert translated(sql, "duckdb") is None
