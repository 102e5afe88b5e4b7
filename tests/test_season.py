"""``season``: a row is judged by the earlier rows of its own slot of the calendar, against brute force in Python."""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pyarrow as pa
import pytest
from sqlglot import exp

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.errors import BindError, CallError, SqlnomalyError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.calendars import DATED, days_of, read_country
from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.season import SLOTS
from sqlnomaly.udfs.registry import BUILT_IN
from tests.engines.sessions import on_postgres, on_spark
from tests.test_season_slots import BERLIN, COUNTRY, FAR_AWAY, PLAIN, SCHEMAS, UTC, dated_slots, slots_of


def metric() -> list[dict[str, Any]]:
    """A year on both sides of 1970 of two stores, with equal times, missing times and missing values."""
    rng = random.Random(3)
    start = dt.datetime(1969, 7, 1)
    rows = []
    for number in range(400):
        time = start + dt.timedelta(hours=6 * rng.randrange(1460), seconds=rng.randrange(21600))
        if number % 50 == 7:
            time = rows[-1]["ts"] or time
        rows.append(
            {
                "id": number,
                "store": rng.choice(["n", "s", None]),
                "ts": None if number % 40 == 11 else time,
                "x": None if number % 60 == 13 else 10 * (time.weekday() > 4) + rng.gauss(0, 1),
            }
        )
    return rows


ROWS = metric()


def arrow(rows: Sequence[Mapping[str, Any]], *, zoned: bool) -> pa.Table:
    """The rows with times with or without zone."""
    return pa.table(
        {
            "id": pa.array([row["id"] for row in rows], pa.int64()),
            "store": pa.array([row["store"] for row in rows], pa.string()),
            "ts": pa.array([row["ts"] for row in rows], pa.timestamp("us", tz="UTC" if zoned else None)),
            "x": pa.array([row["x"] for row in rows], pa.float64()),
        }
    )


def expected(rows: Sequence[Mapping[str, Any]], slots: Sequence[str], zone: str = "UTC") -> dict[int, Any]:
    """The z-score of each row among the earlier rows of its store and slots, and the status."""

    def group(row: Mapping[str, Any]) -> Any:
        there = row["ts"].replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        return row["store"], [slots_of(there)[slot] for slot in slots]

    groups = {row["id"]: group(row) for row in rows if row["ts"] is not None}
    found = {}
    for row in rows:
        if row["ts"] is None or row["x"] is None:
            found[row["id"]] = (None, "missing_value")
            continue
        known = [one for one in rows if one["ts"] is not None and one["x"] is not None and one["ts"] < row["ts"]]
        before = [one["x"] for one in known if groups[one["id"]] == groups[row["id"]]]
        if len(before) < 3:
            found[row["id"]] = (None, "warm_up")
        else:
            found[row["id"]] = (abs(row["x"] - fmean(before)) / stdev(before), "ok")
    return found


CASES: Sequence[tuple[tuple[str, ...], str | None]] = (
    *(((slot,), None) for slot in SLOTS),
    (("dow", "hour"), None),
    (("hour",), BERLIN),
)


def compare(session: Session, cases: Sequence[tuple[tuple[str, ...], str | None]] = CASES) -> None:
    """The scores and the statuses of an engine beside those of Python, over times with and without zone."""
    for zoned in (False, True):
        session.load("t", arrow(ROWS, zoned=zoned))
        for slots, zone in cases:
            if zone is not None and not zoned:
                continue
            option = f"season => '{', '.join(slots)}'" + (f", time_zone => '{zone}'" if zone else "")
            option += f", country => '{COUNTRY}'" if DATED.keys() & slots else ""
            answers = session.sql(
                f"SELECT id, anomaly_score(x, {option}) OVER w AS s, anomaly_status(x, {option}) OVER w AS why FROM t "
                "WINDOW w AS (PARTITION BY store ORDER BY ts)",
                read="duckdb",
            )
            wanted = expected(ROWS, slots, zone or "UTC")
            got = {row["id"]: (row["s"], row["why"]) for row in answers.arrow().to_pylist()}
            assert got.keys() == wanted.keys()
            assert {why for _, why in wanted.values()} >= {"ok", "missing_value"} or "minute_of_day" in slots
            for number, (score, why) in wanted.items():
                assert got[number][1] == why, (slots, zone, number)
                assert got[number][0] == (None if score is None else pytest.approx(score, rel=1e-9)), (slots, number)


@pytest.mark.duckdb
def test_duckdb_judges_a_row_by_the_earlier_rows_of_its_slot() -> None:
    with sqlnomaly.connect() as session:
        session.sql(f"SET TimeZone = '{FAR_AWAY}'")
        compare(session)


@pytest.mark.postgres
def test_postgres_judges_a_row_by_the_earlier_rows_of_its_slot() -> None:
    with on_postgres() as session:
        session.sql(f"SET TIME ZONE '{FAR_AWAY}'")
        compare(session)


@pytest.mark.spark
@pytest.mark.slow
def test_spark_judges_a_row_by_the_earlier_rows_of_its_slot() -> None:
    with on_spark() as session:
        session.sql(f"SET TIME ZONE '{FAR_AWAY}'")
        compare(session, [*CASES[::4], (("dow", "hour"), None), (("hour",), BERLIN)])


ORDERED = [
    kind
    for kind in BUILT_IN
    if (kind.ordered or kind.framed or kind.shape is Shape.WINDOW) and not kind.slotted
]
WINDOWS = {
    "causal": "",
    "rows": "ROWS BETWEEN 6 PRECEDING AND 2 FOLLOWING",
    "range": "RANGE BETWEEN INTERVAL 60 DAY PRECEDING AND CURRENT ROW",
}


@pytest.mark.duckdb
@pytest.mark.parametrize("frame", WINDOWS)
@pytest.mark.parametrize("kind", ORDERED, ids=lambda kind: kind.name)
def test_a_season_is_a_partition_key_of_every_ordered_detector(kind: Any, frame: str) -> None:
    call = "anomaly_{}(x, detector => '{}'{}) OVER (PARTITION BY store{} ORDER BY ts {})"
    outputs = ("score", "status", "reason", "explanation")

    def answers(option: str, keys: str) -> list[dict[str, Any]] | str:
        """The rows, or why they are refused."""
        calls = [f"{call.format(name, kind.name, option, keys, WINDOWS[frame])} AS {name}" for name in outputs]
        with sqlnomaly.connect() as session:
            session.load("t", arrow(ROWS, zoned=False))
            try:
                found = session.sql(f"SELECT id, {', '.join(calls)} FROM t ORDER BY id").arrow().to_pylist()
            except UnsupportedError as error:
                return error.message
        assert any(row["score"] is not None for row in found)
        return found

    by_hand = answers("", ", EXTRACT(ISODOW FROM ts) > 5, EXTRACT(QUARTER FROM ts)")
    assert answers(", season => ['weekend', 'quarter']", "") == by_hand


@pytest.mark.duckdb
def test_the_relation_form_has_seasons() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", arrow(ROWS, zoned=False))
        form = "detect_anomalies(t, features => 'x', partition_by => 'store', order_by => 'ts', season => ['weekend'])"
        rows = session.sql(f"SELECT * FROM {form}").arrow().to_pylist()
    wanted = expected(ROWS, ["weekend"])
    for row in rows:
        score, why = wanted[row["id"]]
        assert row["anomaly_status"] == why
        assert row["anomaly_score"] == (None if score is None else pytest.approx(score, rel=1e-9))
        assert row["anomaly_probability"] is None


@pytest.mark.duckdb
def test_an_infinite_time_and_an_expression_have_their_slots() -> None:
    with sqlnomaly.connect() as session:
        days = "TIMESTAMP '2024-01-01' + i * INTERVAL 1 DAY"
        session.sql(f"CREATE TABLE t AS SELECT LN(3 + i * 37 % 11) AS x, {days} AS ts FROM range(40) AS r(i)")
        session.sql("INSERT INTO t VALUES (3, 'infinity'), (3, '-infinity')")
        session.sql("SET TimeZone = 'UTC'")
        moved = "ts + INTERVAL 36 HOUR"
        query = (
            "SELECT anomaly_score(x, season => 'dow') OVER (ORDER BY {}) AS score, "
            "anomaly_score(x) OVER (PARTITION BY EXTRACT(ISODOW FROM {}) ORDER BY ts) AS by_hand FROM t"
        )
        for time, day in (("ts", "ts"), (moved, moved), (f"CAST({moved} AS TIMESTAMPTZ)", moved)):
            rows = session.sql(query.format(time, day)).arrow().to_pylist()
            assert [row["score"] for row in rows] == [row["by_hand"] for row in rows]
            assert sum(row["score"] is not None for row in rows) == 40 - 7 * 3


BAD: Sequence[tuple[str, type[SqlnomalyError], str, str]] = (
    ("season => 'hour') OVER (PARTITION BY k)", CallError, "a time", "ORDER BY ts"),
    ("season => 'hour')", CallError, "a time", "order_by => 'ts'"),
    ("season => 'huor') OVER (ORDER BY ts)", CallError, "'huor' is not known", "did you mean 'hour'"),
    ("season => ['dow', 'day_of_month']) OVER (ORDER BY ts)", CallError, "not known", "'day' is our word"),
    ("season => ['dow', 'DOW']) OVER (ORDER BY ts)", CallError, "dow twice", "once"),
    ("season => []) OVER (ORDER BY ts)", CallError, "nothing", "season =>"),
    ("season => '') OVER (ORDER BY ts)", CallError, "nothing", "season =>"),
    ("season => dow) OVER (ORDER BY ts)", CallError, "names in quotes", "'dow'"),
    ("season => 7) OVER (ORDER BY ts)", CallError, "names in quotes", "season"),
    ("season => 'auto') OVER (ORDER BY ts)", UnsupportedError, "nobody to ask", "name the slots"),
    ("season => 'auto') OVER (PARTITION BY k)", CallError, "a time", "ORDER BY ts"),
    ("season => ['auto', 'dow']) OVER (ORDER BY ts)", CallError, "finds the slots itself", "alone"),
    ("season => 'auto', country => 'DE') OVER (ORDER BY ts)", CallError, "season names auto", "leave"),
    ("season => 'aito') OVER (ORDER BY ts)", CallError, "'aito' is not known", "did you mean 'auto'"),
    ("season => 'business_day') OVER (ORDER BY ts)", CallError, "needs a country", "country => 'DE'"),
    ("season => 'payday, holiday') OVER (ORDER BY ts)", CallError, "'holiday' needs a country", "'DE-BY'"),
    ("season => 'workday', country => 'DE') OVER (ORDER BY ts)", CallError, "not known", "'business_day' is our word"),
    ("season => 'hour', country => 'DE') OVER (ORDER BY ts)", CallError, "country is about holiday", "leave"),
    ("country => 'DE') OVER (ORDER BY ts)", CallError, "country is a part of season", "season => ['business_day']"),
    ("season => 'holiday', country => 'DX') OVER (ORDER BY ts)", CallError, "'DX' is not known", "such as DE, DJ, DK"),
    ("season => 'holiday', country => 'Germany') OVER (ORDER BY ts)", CallError, "not known", "mean 'DE'"),
    ("season => 'holiday', country => 'United States') OVER (ORDER BY ts)", CallError, "not known", "'US'"),
    ("season => 'holiday', country => '') OVER (ORDER BY ts)", CallError, "not known", "DE, US"),
    ("season => 'holiday', country => 'utils') OVER (ORDER BY ts)", CallError, "not known", "a code such as"),
    ("season => 'holiday', country => 'DE-BX') OVER (ORDER BY ts)", CallError, "no part 'BX'", "allowed: BB, BE"),
    ("season => 'holiday', country => 49) OVER (ORDER BY ts)", CallError, "country takes a quoted", "'mad'"),
    ("season => 'hour') OVER (ORDER BY d)", BindError, "d is a date, and a date has no hour", "dow"),
    ("season => 'hour_of_week') OVER (ORDER BY d)", BindError, "no hour_of_week", "timestamp"),
    ("season => 'dow') OVER (ORDER BY id)", BindError, "id is an integer", "cast it"),
    ("season => 'dow') OVER (ORDER BY w, ts)", BindError, "w is text", "first key"),
    ("season => 'dow') OVER (ORDER BY x)", BindError, "x is a number", "cast it"),
    ("season => 'dow', time_zone => 'Europe/Berlin') OVER (ORDER BY ts)", BindError, "ts has none", "AT TIME ZONE"),
    ("season => 'dow', time_zone => 'Europe/Berlin') OVER (ORDER BY d)", BindError, "d has none", "leave"),
    ("season => 'dow', time_zone => 'Europe/Berln') OVER (ORDER BY tz)", CallError, "no place", "Europe/Berlin"),
    ("season => 'dow', time_zone => '+02:00') OVER (ORDER BY tz)", CallError, "no place", "Europe/Berlin"),
    ("season => 'dow', time_zone => 2) OVER (ORDER BY tz)", CallError, "time_zone takes a quoted text", "quoted"),
    ("time_zone => 'UTC') OVER (ORDER BY tz)", CallError, "part of season", "season =>"),
    ("sesaon => 'dow') OVER (ORDER BY ts)", CallError, "sesaon", "did you mean 'season'"),
    ("season => 'dow', detector => 'ecod') OVER (ORDER BY ts)", UnsupportedError, "causal", "zscore"),
)


@pytest.mark.parametrize(("rest", "kind", "what", "remedy"), BAD, ids=[bad[0] for bad in BAD])
def test_a_bad_season_says_what_where_and_what_to_do(
    rest: str, kind: type[SqlnomalyError], what: str, remedy: str
) -> None:
    with pytest.raises(kind) as caught:
        sqlnomaly.compile(f"SELECT id, anomaly_score(x, {rest} AS s FROM t", schema={"t": PLAIN})
    assert what in caught.value.message
    assert remedy in (caught.value.hint or "")
    assert caught.value.where


def test_a_time_of_unknown_type_is_refused_and_a_cast_says_it() -> None:
    """A wrong guess would go by the session's clock."""
    call = "SELECT anomaly_score(x, season => 'hour') OVER (ORDER BY {}) AS s FROM t"
    with pytest.raises(BindError, match="season needs to know whether ts is a date") as caught:
        sqlnomaly.compile(call.format("ts"))
    assert "CAST(ts AS TIMESTAMP)" in str(caught.value.hint)
    assert "EXTRACT(HOUR FROM CAST(ts AS TIMESTAMP))" in sqlnomaly.compile(call.format("CAST(ts AS TIMESTAMP)")).sql


def test_explain_names_the_slots() -> None:
    call = "anomaly_score(x, season => ['dow', 'hour']) OVER (PARTITION BY k ORDER BY ts)"
    told = sqlnomaly.compile(f"SELECT {call} FROM t", schema={"t": PLAIN}).explain()
    assert "baseline: every row of the same k, dow of ts, hour of ts before it by ts" in told


def test_explain_names_the_country_and_the_years_of_its_dates() -> None:
    season = "season => ['business_day', 'payday'], country => 'de-by'"
    call = f"anomaly_score(x, {season}) OVER (PARTITION BY k ORDER BY ts)"
    told = sqlnomaly.compile(f"SELECT {call} FROM t", schema={"t": PLAIN}).explain()
    assert "business_day of ts (DE-BY, 1991 to 2050), payday of ts (DE-BY, 1991 to 2050) before it" in told
    call = "anomaly_score(x, season => 'payday') OVER (PARTITION BY k ORDER BY ts)"
    told = sqlnomaly.compile(f"SELECT {call} FROM t", schema={"t": PLAIN}).explain()
    assert "payday of ts (1990 to 2050) before it" in told


@pytest.mark.duckdb
@pytest.mark.parametrize("country", ["DE", "DE-BY", "US", "GB", "GB-SCT", "TW", "SA"])
def test_holidays_business_days_and_paydays_are_those_of_the_package(country: str) -> None:
    code, _, part = country.partition("-")
    known = holidays.country_holidays(code, subdiv=part or None)
    first, last = max(1990, known.start_year), min(2050, known.end_year)
    days = [dt.date(first, 1, 1), *(dt.date(year, 1, 1) for year in (2010, 2011, 2012, 2013, 2024, 2025, 2050))]
    days = [day + dt.timedelta(number) for day in days for number in range(365)]
    wanted = [dated_slots(day, known, first, last) for day in days]
    columns = [
        exp.alias_(lower(SLOTS[slot].of(ops.column("d"), country), get_dialect("duckdb")), slot).sql("duckdb")
        for slot in DATED
    ]
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({"n": range(len(days)), "d": pa.array(days, pa.date32())}))
        assert session.sql(f"SELECT {', '.join(columns)} FROM t ORDER BY n").arrow().to_pylist() == wanted
    assert {one["holiday"] for one in wanted} == {one["payday"] for one in wanted} == {0, 1}


@pytest.mark.duckdb
def test_a_holiday_is_compared_with_holidays_of_the_local_date() -> None:
    """In Berlin Christmas begins at 23:00 of the 24th by the clock of UTC, and in summer a day at 22:00."""
    start = dt.datetime(2020, 1, 1, tzinfo=UTC)
    times = [start + dt.timedelta(hours=hour) for hour in range(0, 24 * 366 * 2, 1)]
    known = holidays.country_holidays("DE")
    slots = [dated_slots(time.astimezone(ZoneInfo(BERLIN)).date(), known) for time in times]
    rng = random.Random(5)
    table = pa.table(
        {
            "ts": pa.array(times, pa.timestamp("us", tz="UTC")),
            "k": [slot["holiday"] for slot in slots],
            "b": [slot["business_day"] for slot in slots],
            "x": [rng.gauss(slot["holiday"] * 5, 1) for slot in slots],
        }
    )
    option = f"season => ['holiday', 'business_day'], country => 'DE', time_zone => '{BERLIN}'"
    with sqlnomaly.connect() as session:
        session.sql(f"SET TimeZone = '{FAR_AWAY}'")
        session.load("t", table)
        answers = session.sql(
            f"SELECT anomaly_score(x, {option}) OVER (ORDER BY ts) AS score, "
            "anomaly_score(x) OVER (PARTITION BY k, b ORDER BY ts) AS by_hand FROM t"
        ).arrow().to_pylist()
    assert [row["score"] for row in answers] == [row["by_hand"] for row in answers]


def test_without_the_package_a_country_is_refused_and_a_payday_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    days_of.cache_clear()
    call = "SELECT anomaly_score(x, season => {}) OVER (ORDER BY ts) AS s FROM t"
    with pytest.raises(UnsupportedError, match="country needs the package holidays") as caught:
        sqlnomaly.compile(call.format("'holiday', country => 'DE'"), schema={"t": PLAIN})
    assert caught.value.hint == "pip install 'sqlnomaly[calendar]'"
    assert "20250131" in sqlnomaly.compile(call.format("'payday'"), schema={"t": PLAIN}).sql


def test_a_country_is_found_in_any_case_and_by_the_name_of_its_part() -> None:
    assert [read_country(name, "") for name in ("de", " DE-by ", "DE-Bayern", "gb-eng")] == [
        "DE",
        "DE-BY",
        "DE-Bayern",
        "GB-ENG",
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_calendar_is_far_from_the_longest_statement(dialect: str) -> None:
    schema = {"t": {**PLAIN, **SCHEMAS.get(dialect, {})}}
    call = f"anomaly_score(x, season => '{', '.join(DATED)}', country => 'VA') OVER (PARTITION BY k ORDER BY ts)"
    sql = sqlnomaly.compile(f"SELECT id, {call} AS s FROM t", read=dialect, write=dialect, schema=schema).sql
    assert len(sql) < min(100_000, get_dialect(dialect).max_sql_bytes / 2)


@pytest.mark.duckdb
def test_a_stored_model_has_no_season() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", arrow(ROWS, zoned=False))
        create = "CREATE ANOMALY MODEL m USING zscore OPTIONS (season = 'dow') AS SELECT x FROM t"
        with pytest.raises(UnsupportedError, match="season is refused in a stored model") as caught:
            session.sql(create)
        assert "PARTITION BY hour" in str(caught.value.hint)
        session.sql("CREATE ANOMALY MODEL m USING zscore AS SELECT x FROM t")
        with pytest.raises(CallError, match="option season belongs to the fit"):
            session.sql("SELECT anomaly_score(x, model => 'm', season => 'dow') FROM t")
