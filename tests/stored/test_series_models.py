"""Stored models of series: what a detector that forecasts knew of each point, and of the times behind the last."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Model, Session
from sqlnomaly.errors import BindError, CallError, ModelError, SqlnomalyError, UnsupportedError
from sqlnomaly.udfs.forecasts import Forecasts
from sqlnomaly.udfs.foretold import foretell, later_scales
from sqlnomaly.udfs.holt_winters import HoltWinters

START = dt.datetime(2025, 1, 1)
SEEN, HORIZON = 96, 24
CREATE = """CREATE ANOMALY MODEL m USING holt_winters OPTIONS (horizon = 24, period = 24)
PARTITION BY k ORDER BY ts AS SELECT k, ts, y FROM t"""
OVER = "anomaly_{}(y, detector => 'holt_winters', period => 24) OVER (PARTITION BY k ORDER BY ts)"


def hours(first: int, last: int) -> pa.Table:
    """Three series of hours, one without a key: a hole, an hour twice, a spike in what is seen and in what comes."""
    rows: list[tuple[str | None, dt.datetime | None, float | None]] = []
    for number, key in enumerate(("a", "b", None)):
        rng = random.Random(number)
        for hour in range(140):
            value = 10 + number + 3 * math.sin(hour / 24 * 2 * math.pi) + rng.random()
            value += 9 if hour in (70, 110) else 0
            if first <= hour < last and hour != 40:
                rows.append((key, START + dt.timedelta(hours=hour), None if hour == 50 else value))
            if first <= hour < last and hour == 55:
                rows.append((key, START + dt.timedelta(hours=hour), value + 0.5))
    rows.append(("a", None, 5.0))
    keys, times, values = zip(*rows, strict=True)
    kinds = {"k": pa.string(), "ts": pa.timestamp("us"), "y": pa.float64()}
    columns = zip(kinds, kinds.values(), (keys, times, values), strict=True)
    return pa.table({name: pa.array(column, kind) for name, kind, column in columns})


def fill(session: Session) -> None:
    """``t`` is what was seen, ``later`` what comes."""
    for name, rows in (("t", hours(0, SEEN)), ("later", hours(SEEN, 140))):
        session.sql(f"DROP TABLE IF EXISTS {name}")
        session.load(f"{name}_rows", rows)
        session.sql(f"CREATE TABLE {name} AS SELECT * FROM {name}_rows")


@pytest.fixture
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as con:
        fill(con)
        yield con


def asked(session: Session, outputs: str, name: str = "m", table: str = "t") -> list[tuple[object, ...]]:
    """The answers about each row, in one order on every engine."""
    calls = ", ".join(f"{one}(y, model => '{name}')" for one in outputs.split())
    rows = session.sql(f"SELECT k, ts, y, {calls} FROM {table}").fetchall()
    return sorted((tuple(row) for row in rows), key=lambda row: repr(row[:3]))


def check_history(session: Session) -> None:
    """The model says of each point what the query says that it was fitted on."""
    mine = asked(session, "anomaly_score anomaly_status is_anomaly anomaly_expected anomaly_lower anomaly_upper")
    calls = [OVER.format(one) for one in ("score", "status", "expected", "lower", "upper")]
    calls.insert(2, OVER.format("score").replace("anomaly_score", "is_anomaly"))
    theirs = session.sql(f"SELECT k, ts, y, {', '.join(calls)} FROM t").fetchall()
    known = [tuple(row) for row in theirs if row[1] is not None]
    assert [row for row in mine if row[1] is not None] == sorted(known, key=lambda row: repr(row[:3]))
    assert Counter(row[4] for row in mine)["ok"] == 3 * (SEEN - 1 - 24 - 8), "no value; a season, then 8 forecasts"
    assert [row[3:6] for row in mine if row[1] is None] == [(None, "unseen_group", None)]


def check_future(session: Session) -> None:
    """The rows of the horizon are judged, and the others are not seen."""
    rows = asked(session, "anomaly_score anomaly_status is_anomaly", table="later")
    found = [row for row in rows if row[1] is not None]
    end = START + dt.timedelta(hours=SEEN + HORIZON)
    assert {row[4] for row in found if row[1] < end} == {"ok"}  # type: ignore[operator]
    assert {row[3:] for row in found if row[1] >= end} == {(None, "unseen_group", None)}  # type: ignore[operator]
    assert {row[:2] for row in found if row[5]} == {(key, START + dt.timedelta(hours=110)) for key in (None, "a", "b")}


@pytest.mark.duckdb
def test_a_point_of_the_past_has_the_score_that_the_query_gives_it(session: Session) -> None:
    assert session.sql(CREATE).fetchall() == [("m", "created", 1)]
    check_history(session)


@pytest.mark.duckdb
def test_times_behind_the_last_point_are_judged_as_far_as_the_horizon(session: Session) -> None:
    session.sql(CREATE)
    check_future(session)


@pytest.mark.postgres
def test_postgres_has_the_same_models_of_series(postgres: Session) -> None:
    fill(postgres)
    postgres.sql(CREATE)
    check_history(postgres)
    check_future(postgres)
    assert postgres.models().verify("m").holds


@pytest.mark.spark
@pytest.mark.slow
def test_spark_has_the_same_models_of_series(spark: Session) -> None:
    fill(spark)
    spark.engine.run("DROP SCHEMA IF EXISTS sqlnomaly CASCADE")
    spark.sql(CREATE)
    check_future(spark)


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", ["holt_winters", "arima"])
def test_the_first_time_to_come_is_judged_as_a_query_judges_the_next_row(session: Session, detector: str) -> None:
    wave = "sin(i / 12.0 * 2 * pi()) + (i * 7919 % 101) / 100.0"
    session.sql(f"CREATE TABLE one AS SELECT i, {wave} AS y FROM range(81) AS r(i)")
    session.sql(
        f"CREATE ANOMALY MODEL m USING {detector} OPTIONS (period = 12) ORDER BY i AS SELECT i, y FROM one WHERE i < 80"
    )
    mine = session.sql("SELECT anomaly_score(y, model => 'm') FROM one WHERE i = 80").fetchall()
    call = f"anomaly_score(y, detector => '{detector}', period => 12) OVER (ORDER BY i)"
    assert mine == session.sql(f"SELECT {call} FROM one QUALIFY i = 80").fetchall()
    assert mine[0][0] is not None


@pytest.mark.duckdb
def test_later_times_have_the_forecasts_of_the_forecast_form_and_scales_that_grow(session: Session) -> None:
    session.sql(CREATE)
    steps = session.sql("SELECT anomaly_expected(y, model => 'm'), anomaly_upper(y, model => 'm') FROM later "
                        "WHERE k = 'b' AND anomaly_status(y, model => 'm') = 'ok' ORDER BY ts").fetchall()  # fmt: skip
    form = ("SELECT forecast FROM anomaly_forecast(t, features => 'y', partition_by => 'k', order_by => 'ts', "
            "horizon => 24, period => 24) WHERE k = 'b' ORDER BY step")  # fmt: skip
    assert [row[0] for row in steps] == [row[0] for row in session.sql(form).fetchall()]
    reach = [upper - centre for centre, upper in steps]
    assert all(after >= before - 1e-9 for before, after in itertools.pairwise(reach))
    rows = [row for row in hours(0, SEEN).to_pylist() if row["k"] == "b"]
    times = sorted({row["ts"] for row in rows})
    values = [[row["y"] for row in rows if row["ts"] == time and row["y"] is not None] for time in times]
    means = np.array([sum(own) / len(own) if own else np.nan for own in values])
    one = foretell(HoltWinters(period=24), np.array(times, "datetime64[us]"), means, HORIZON, 0.6827)
    scales = [max(one.scale, one.scale * step / one.reach[0]) for step in one.reach]
    assert [upper - centre for centre, upper in steps] == pytest.approx([4 * scale for scale in scales])


def test_scales_of_later_times_never_fall_and_are_there_where_nobody_knows_the_errors() -> None:
    nothing = np.full(3, np.nan)
    assert later_scales(2.0, nothing).tolist() == [2.0, 2.0, 2.0]
    assert later_scales(2.0, np.array([0.0, 1.0, 5.0])).tolist() == [2.0, 2.0, 5.0]
    assert later_scales(0.5, np.array([1.0, 1.0, 4.0])).tolist() == [0.5, 0.5, 2.0]
    assert np.isnan(later_scales(np.nan, nothing)).all()


@pytest.mark.duckdb
def test_a_model_of_series_lives_as_any_other(session: Session, tmp_path: Path) -> None:
    session.sql(CREATE)
    before = asked(session, "anomaly_score anomaly_status", table="later")
    models = session.models()
    assert models.verify("m").holds
    assert models.verify("m").rows == 16
    lines = dict(session.sql("DESCRIBE ANOMALY MODEL m").fetchall())
    assert lines["partition_by"] == "k text, ts timestamp"
    assert lines["points"] == f"{3 * (SEEN - 1 + HORIZON):,}"

    models.save("m", tmp_path / "m.model")
    models.add("copy", Model.load(tmp_path / "m.model"))
    assert asked(session, "anomaly_score anomaly_status", "copy", "later") == before
    assert models.verify("copy").holds
    assert models.diff("m", "copy").same

    session.sql("INSERT INTO t SELECT * FROM later")
    assert session.sql("REFRESH ANOMALY MODEL m").fetchall() == [("m", "refitted", 2)]
    judged = asked(session, "anomaly_score anomaly_status", table="later")
    assert "unseen_group" not in {row[4] for row in judged if row[1] is not None}
    assert session.sql("REFRESH ANOMALY MODEL copy AS SELECT k, ts, y FROM t").fetchall() == [("copy", "refitted", 2)]
    assert models.diff("m", "copy").same, "the horizon of a file's model is known"

    assert session.sql("ALTER ANOMALY MODEL m SET VERSION 1").fetchall() == [("m", "altered", 1)]
    assert asked(session, "anomaly_score anomaly_status", table="later") == before
    assert session.sql("ALTER ANOMALY MODEL m SET (threshold = 20)").fetchall() == [("m", "altered", 3)]
    assert {row[3] for row in asked(session, "is_anomaly", table="later")} == {False, None}
    session.sql("ALTER ANOMALY MODEL m SET VERSION 2")
    assert list(models.prune("m")) == [1]
    session.sql("DROP ANOMALY MODEL m")
    session.sql("DROP ANOMALY MODEL copy")
    assert list(models.prune("m", keep=0)) == [2, 3]
    assert list(models.prune("copy", keep=0)) == [1, 2]
    left = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'm\\_%' ESCAPE '\\'"
    assert session.engine.run(left).num_rows == 0


@pytest.mark.duckdb
@pytest.mark.parametrize("kind", ["DATE", "TIMESTAMP", "TIMESTAMPTZ", "INTEGER", "DOUBLE", "DECIMAL(9, 2)"])
def test_times_of_every_type_meet_their_rows_joined_or_written_out(session: Session, kind: str) -> None:
    day = kind.startswith(("DATE", "TIME"))
    time = "CAST(DATE '2025-01-01' + CAST(i AS INTEGER) AS {})" if day else "CAST(i AS {})"
    columns = f"i, {time.format(kind)} AS at, i % 5 + i % 3 / 10 AS y"
    session.sql(f"CREATE TABLE typed AS SELECT {columns} FROM range(60) AS r(i)")
    session.sql("CREATE ANOMALY MODEL m USING holt_winters OPTIONS (horizon = 6, period = 5) ORDER BY at "
                "AS SELECT at, y FROM typed WHERE i < 50")  # fmt: skip
    query = "SELECT i, anomaly_status(y, model => 'm'), anomaly_score(y, model => 'm') FROM typed ORDER BY i"
    found = [tuple(row) for row in session.sql(query).fetchall()]
    assert Counter(row[1] for row in found) == {"warm_up": 13, "ok": 43, "unseen_group": 4}
    call = "anomaly_score(y, detector => 'holt_winters', period => 5) OVER (ORDER BY at)"
    over = f"SELECT i, {call} FROM typed QUALIFY i < 50"
    assert {row[0]: row[2] for row in found[:50]} == dict(session.sql(over).fetchall())
    assert session.models().verify("m").holds
    written = sqlnomaly.compile(query, models={"m": session.models().get("m")})
    assert [tuple(row.values()) for row in session.engine.run(written.sql).to_pylist()] == found


@pytest.mark.duckdb
def test_short_and_constant_series_say_why_they_have_no_score(session: Session) -> None:
    session.sql("CREATE TABLE odd AS SELECT 'flat' AS k, i, 3.0 AS y FROM range(30) AS r(i) "
                "UNION ALL SELECT 'short', 1, 2.0 UNION ALL SELECT 'empty', i, NULL FROM range(5) AS r(i) "
                "UNION ALL SELECT 'fine', i, i % 7 + i % 3 / 10 FROM range(60) AS r(i)")  # fmt: skip
    session.sql("CREATE ANOMALY MODEL m USING holt_winters OPTIONS (horizon = 2) PARTITION BY k ORDER BY i "
                "AS SELECT * FROM odd")  # fmt: skip
    probes = ("(VALUES ('flat', 30, 3.0), ('flat', 31, 4.0), ('short', 1, 2.0), ('short', 2, 2.0), ('empty', 5, 1.0), "
              "('fine', 60, 4.0)) AS p(k, i, y)")  # fmt: skip
    calls = "anomaly_status(y, model => 'm'), anomaly_score(y, model => 'm')"
    found = {row[:2]: row[2:] for row in session.sql(f"SELECT k, i, {calls} FROM {probes}").fetchall()}
    assert found["flat", 30] == ("constant_baseline", 0.0)
    assert found["flat", 31] == ("constant_baseline", None)
    assert found["short", 1] == ("warm_up", None)
    assert found["short", 2] == ("unseen_group", None), "one point does not say when the next one comes"
    assert found["empty", 5] == ("warm_up", None)
    assert found["fine", 60][0] == "ok"


@pytest.mark.duckdb
def test_direction_min_rows_and_threshold_are_kept(session: Session) -> None:
    options = "direction = 'low', threshold = 6, min_rows = 60, period = 24, horizon = 24"
    session.sql(CREATE.replace("horizon = 24, period = 24", options))
    rows = asked(session, "anomaly_score is_anomaly anomaly_threshold", table="later")
    assert not any(row[4] for row in rows), "spikes are not low"
    assert {row[5] for row in rows} == {6.0}
    kept = asked(session, "anomaly_status")
    assert Counter(row[3] for row in kept)["warm_up"] == 3 * (60 + 1), "one point has two rows"
    assert session.models().verify("m").holds
    assert session.sql("SELECT COUNT(*) FROM t WHERE anomaly_score(y, model => 'm') < 0").fetchall()[0][0] > 0


REFUSED = [
    ("USING holt_winters AS SELECT ts, y FROM t", CallError, "needs the time of each row, and there is no ORDER BY"),
    ("USING holt_winters ORDER BY k, ts AS SELECT k, ts, y FROM t", CallError, "ORDER BY names 2 columns"),
    ("USING arima ORDER BY ts AS SELECT ts, y, 1 AS z FROM t", UnsupportedError, "the query has 2: y, z"),
    ("USING arima ORDER BY ts AS SELECT ts FROM t", SqlnomalyError, "no column beside the keys"),
    ("USING arima ORDER BY no AS SELECT ts, y FROM t", BindError, "names no column 'no'"),
    ("USING arima ORDER BY k AS SELECT k, y FROM t", BindError, "a number, and k is text"),
    ("USING arima ORDER BY ts AS SELECT ts, y > 1 AS y FROM t", BindError, "numbers, and y is a boolean"),
    ("USING arima ORDER BY ts AS SELECT ts, k FROM t", BindError, "k is text"),
    ("USING arima OPTIONS (horizon = 0) ORDER BY ts AS SELECT ts, y FROM t", CallError, "horizon takes 1 to 10,000"),
    ("USING arima OPTIONS (horizon = 1.5) ORDER BY ts AS SELECT ts, y FROM t", CallError, "horizon takes"),
    ("USING arima OPTIONS (p = 9) ORDER BY ts AS SELECT ts, y FROM t", CallError, "p "),
    ("USING arima OPTIONS (contamination = 0.1) ORDER BY ts AS SELECT ts, y FROM t", UnsupportedError, "contamination"),
    ("USING arima OPTIONS (fdr = 0.1) ORDER BY ts AS SELECT ts, y FROM t", UnsupportedError, "which fdr is about"),
    ("USING arima OPTIONS (calibration = 0.1) ORDER BY ts AS SELECT ts, y FROM t", UnsupportedError, "calibration"),
    ("USING arima OPTIONS (window = 9 days) ORDER BY ts AS SELECT ts, y FROM t", UnsupportedError, "window is refused"),
    ("USING ewma ORDER BY ts AS SELECT ts, y FROM t", UnsupportedError, "ewma keeps no"),
    ("USING mad OPTIONS (horizon = 3) AS SELECT y FROM t", CallError, "horizon"),
]  # fmt: skip


@pytest.mark.duckdb
@pytest.mark.parametrize(("said", "kind", "message"), REFUSED)
def test_what_is_no_model_of_series_is_refused_by_name(
    session: Session, said: str, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        session.sql(f"CREATE ANOMALY MODEL m {said}")
    assert session.models().names() == []


@pytest.mark.duckdb
def test_a_refresh_with_other_columns_and_a_rule_over_scores_are_refused(session: Session) -> None:
    session.sql(CREATE)
    with pytest.raises(ModelError, match="the query gives"):
        session.sql("REFRESH ANOMALY MODEL m AS SELECT k, ts, y AS z FROM t")
    with pytest.raises(UnsupportedError, match="keeps no distribution of scores"):
        session.sql("SELECT is_anomaly(y, model => 'm', contamination => 0.1) FROM t")
    with pytest.raises(UnsupportedError, match="keeps no distribution of scores"):
        session.sql("ALTER ANOMALY MODEL m SET (contamination = 0.1)")
    with pytest.raises(UnsupportedError, match="held no rows out"):
        session.sql("SELECT anomaly_probability(y, model => 'm') FROM t")


@pytest.mark.duckdb
def test_no_more_rows_leave_than_the_session_allows(session: Session) -> None:
    with pytest.raises(UnsupportedError, match="would move 285 rows out"):
        Session(session.engine, max_rows_out=100).sql(CREATE)


def test_a_model_of_series_is_one_row_a_point() -> None:
    assert HoltWinters().one_row
    assert issubclass(HoltWinters, Forecasts)
