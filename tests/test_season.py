"""``season``: a row is judged by the earlier rows of its own slot of the calendar, against brute force in Python."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from statistics import fmean, stdev
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.errors import BindError, CallError, SqlnomalyError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.season import SLOTS, Season, season_keys
from sqlnomaly.udfs.registry import BUILT_IN
from tests.conftest import missing_engine
from tests.engines.sessions import on_postgres, on_spark

UTC, BERLIN = dt.UTC, "Europe/Berlin"
FAR_AWAY = "America/New_York"
"""The zone of the session, which must not matter."""


def slots_of(time: dt.datetime | dt.date) -> dict[str, int]:
    """Every slot of a time, by Python's calendar."""
    found = {
        "dow": time.isoweekday(),
        "weekend": int(time.isoweekday() > 5),
        "day": time.day,
        "week": time.isocalendar().week,
        "month": time.month,
        "quarter": (time.month + 2) // 3,
    }
    if isinstance(time, dt.datetime):
        found["hour"] = time.hour
        found["minute_of_day"] = time.hour * 60 + time.minute
        found["hour_of_week"] = time.weekday() * 24 + time.hour
    return found


def moments() -> list[dt.datetime]:
    """Ends of days, months and years on both sides of 1970, leap days, ISO weeks 1 and 53, hours that clocks change."""
    rng = random.Random(7)
    days = [dt.date(year, 1, 1) for year in (1903, 1969, 1970, 1971, 1977, 1999, 2000, 2005, 2010, 2016, 2021, 2026)]
    days += [dt.date(2000, 2, 29), dt.date(2024, 2, 29), dt.date(1968, 2, 29), dt.date(2023, 3, 1), dt.date(2024, 3, 1)]
    days += [dt.date(2004, 12, 31), dt.date(2008, 12, 29), dt.date(2020, 12, 31)]
    days += [dt.date(2100, 2, 28), dt.date(2100, 3, 1)]
    step = dt.timedelta(microseconds=1)
    found = []
    for day in days:
        midnight = dt.datetime.combine(day, dt.time())
        found += [midnight - step, midnight, midnight + dt.timedelta(hours=12, minutes=59, seconds=59.999999)]
    for clock in ("2024-03-31T00:59:59.999999", "2024-03-31T01:00:00", "2024-10-27T00:30:00", "2024-10-27T01:30:00"):
        found.append(dt.datetime.fromisoformat(clock))
    first, last = dt.datetime(1950, 1, 1), dt.datetime(2150, 1, 1)
    found += [first + (last - first) * rng.random() for _ in range(300)]
    return found


MOMENTS = moments()
CALENDAR = pa.table(
    {
        "id": pa.array(range(len(MOMENTS)), pa.int64()),
        "ts": pa.array(MOMENTS, pa.timestamp("us")),
        "tz": pa.array([time.replace(tzinfo=UTC) for time in MOMENTS], pa.timestamp("us", tz="UTC")),
        "d": pa.array([time.date() for time in MOMENTS], pa.date32()),
    }
)
KINDS = {"ts": Kind.TIMESTAMP, "tz": Kind.TIMESTAMPTZ, "d": Kind.DATE}
Run = Callable[[str], pa.Table]


@contextmanager
def on_session(opened: Any, zone: str | None) -> Iterator[Run]:
    with opened as session:
        session.load("calendar", CALENDAR)
        if zone is not None:
            session.sql(zone)
        yield session.engine.run


@contextmanager
def on_bigquery() -> Iterator[Run]:
    from tests.engines.googlesql import GoogleSql

    engine = GoogleSql({"calendar": {"id": "INT64", "ts": "DATETIME", "tz": "TIMESTAMP", "d": "DATE"}})
    yield lambda sql: engine.execute(sql, {"calendar": CALENDAR})


@contextmanager
def on_clickhouse() -> Iterator[Run]:
    from tests.engines.clickhouse import ClickHouse

    engine = ClickHouse()
    engine.load("calendar", CALENDAR)
    engine.run(f"SET session_timezone = '{FAR_AWAY}'")
    yield engine.run
    engine.close()


@contextmanager
def on_snowflake() -> Iterator[Run]:
    from tests.engines.fakesnow import Fakesnow, FakesnowMissingError

    try:
        engine = Fakesnow()
    except FakesnowMissingError as error:
        missing_engine("snowflake", str(error))
    types = ["NUMBER(38, 0)", "TIMESTAMP_NTZ", "TIMESTAMP_TZ", "DATE"]
    engine.load("CALENDAR", CALENDAR.rename_columns([name.upper() for name in CALENDAR.column_names]), types)
    yield lambda sql: engine.run(sql).rename_columns([name.lower() for name in engine.run(sql).column_names])
    engine.close()


ENGINES: Mapping[str, Callable[[], Any]] = {
    "duckdb": lambda: on_session(sqlnomaly.connect(), f"SET TimeZone = '{FAR_AWAY}'"),
    "postgres": lambda: on_session(on_postgres(), f"SET TIME ZONE '{FAR_AWAY}'"),
    "redshift": lambda: on_session(on_postgres(), f"SET TIME ZONE '{FAR_AWAY}'"),
    "spark": lambda: on_session(on_spark(), f"SET TIME ZONE '{FAR_AWAY}'"),
    "bigquery": on_bigquery,
    "clickhouse": on_clickhouse,
    "snowflake": on_snowflake,
}
MARKS = {"spark": [pytest.mark.slow]}


def written(dialect: str, name: str, zone: str | None) -> str:
    """A query for every slot of a column."""
    kind = KINDS[name]
    slots = tuple(slot for slot, facts in SLOTS.items() if kind is not Kind.DATE or not facts.timed)
    keys = season_keys(Season(slots, zone), ops.column(name), kind, get_dialect(dialect), name)
    known = get_dialect(dialect)
    columns = [f"{lower(key, known).sql(known.sqlglot)} AS {slot}_" for slot, key in zip(slots, keys, strict=True)]
    sql = f"SELECT id, {', '.join(columns)} FROM calendar"
    assert check_functions(sql, known.functions, known.sqlglot) == []
    return sql


@pytest.mark.parametrize("engine", [pytest.param(name, marks=MARKS.get(name, [])) for name in ENGINES])
def test_every_slot_is_that_of_the_calendar_whatever_the_session_says(engine: str) -> None:
    with ENGINES[engine]() as run:
        for name, zone in (("ts", None), ("tz", None), ("tz", BERLIN), ("d", None)):
            found = {int(row.pop("id")): row for row in run(written(engine, name, zone)).to_pylist()}
            assert len(found) == len(MOMENTS)
            for number, moment in enumerate(MOMENTS):
                there = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone or "UTC"))
                wanted = slots_of(moment.date() if name == "d" else there)
                got = {slot.removesuffix("_"): int(value) for slot, value in found[number].items()}
                assert got == wanted, (name, zone, moment)


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

    found = {}
    for row in rows:
        if row["ts"] is None or row["x"] is None:
            found[row["id"]] = (None, "missing_value")
            continue
        known = [one for one in rows if one["ts"] is not None and one["x"] is not None and one["ts"] < row["ts"]]
        before = [one["x"] for one in known if group(one) == group(row)]
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


ORDERED = [kind for kind in BUILT_IN if kind.ordered or kind.framed or kind.shape is Shape.WINDOW]
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


SCHEMAS: Mapping[str, Mapping[str, str]] = {
    "bigquery": {"x": "FLOAT64", "ts": "DATETIME", "tz": "TIMESTAMP"},
    "spark": {"ts": "TIMESTAMP_NTZ", "tz": "TIMESTAMP"},
    "databricks": {"ts": "TIMESTAMP_NTZ", "tz": "TIMESTAMP"},
    "snowflake": {"ts": "TIMESTAMP_NTZ", "tz": "TIMESTAMP_TZ"},
    "clickhouse": {"x": "Float64", "ts": "DateTime64(6)", "tz": "DateTime64(6)"},
    "trino": {"tz": "TIMESTAMP WITH TIME ZONE"},
    "synapse": {"x": "FLOAT", "ts": "DATETIME2", "tz": "DATETIMEOFFSET"},
    "fabric": {"x": "FLOAT", "ts": "DATETIME2", "tz": "DATETIMEOFFSET"},
}
PLAIN = {"id": "INT", "x": "DOUBLE", "k": "INT", "ts": "TIMESTAMP", "tz": "TIMESTAMPTZ", "d": "DATE", "w": "VARCHAR"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_every_slot(dialect: str) -> None:
    from tests.conformance.on_printed import misplaced_conditions
    from tests.engines.snowflake_grammar import check

    schema = {"t": {**PLAIN, **SCHEMAS.get(dialect, {})}}
    known = get_dialect(dialect)
    for column, kind in KINDS.items():
        names = ", ".join(name for name, slot in SLOTS.items() if kind is not Kind.DATE or not slot.timed)
        call = f"anomaly_score(x, season => '{names}') OVER (PARTITION BY k ORDER BY {column})"
        sql = sqlnomaly.compile(f"SELECT id, {call} AS s FROM t", read=dialect, write=dialect, schema=schema).sql
        assert check_functions(sql, known.functions, known.sqlglot) == []
        if dialect in ("trino", "synapse", "fabric", "redshift", "databricks"):
            check(sql, "tsql" if dialect in ("synapse", "fabric") else dialect)
        if dialect in ("synapse", "fabric"):
            assert misplaced_conditions(sql) == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_time_zone_is_known_or_refused_by_name(dialect: str) -> None:
    schema = {"t": {**PLAIN, **SCHEMAS.get(dialect, {})}}
    call = "anomaly_score(x, season => 'hour', time_zone => 'Europe/Berlin') OVER (ORDER BY tz)"
    query = f"SELECT id, {call} AS s FROM t"
    if "time_zone" in get_dialect(dialect).refused:
        with pytest.raises(UnsupportedError, match=f"time_zone is refused on {dialect}"):
            sqlnomaly.compile(query, read=dialect, write=dialect, schema=schema)
    else:
        sql = sqlnomaly.compile(query, read=dialect, write=dialect, schema=schema).sql
        assert check_functions(sql, get_dialect(dialect).functions, get_dialect(dialect).sqlglot) == []
        assert "'Europe/Berlin'" in sql


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
    ("season => 'auto') OVER (ORDER BY ts)", UnsupportedError, "not available yet", "name the slots"),
    ("season => 'business_day') OVER (ORDER BY ts)", UnsupportedError, "holidays", "weekend"),
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
        with suppress(SqlnomalyError):
            session.sql("DROP ANOMALY MODEL m")
