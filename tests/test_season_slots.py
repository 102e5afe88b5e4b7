"""Every slot of the calendar as each engine computes it, against Python's calendar, in a session of a far-away zone."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.season import SLOTS, Season, season_keys
from tests.conformance.on_printed import misplaced_conditions
from tests.conftest import missing_engine
from tests.engines.sessions import on_postgres, on_spark
from tests.engines.snowflake_grammar import check

UTC, BERLIN = dt.UTC, "Europe/Berlin"
FAR_AWAY = "America/New_York"
"""The zone of the session, which must not matter."""


COUNTRY = "DE"
"""Whose holidays the dated slots are about; the package knows Germany's from 1991 on."""
GERMAN = holidays.country_holidays(COUNTRY)


def dated_slots(day: dt.date, known: holidays.HolidayBase, first: int = 1991, last: int = 2050) -> dict[str, int]:
    """The slots of a day that are about dates, by the package itself; beyond the years only the week counts."""
    inside = first <= day.year <= last

    def works(one: dt.date) -> bool:
        return known.is_working_day(one) if inside else one.weekday() < 5

    ends = [15, (day.replace(day=28) + dt.timedelta(4)).replace(day=1).toordinal() - day.replace(day=1).toordinal()]
    paid = []
    for end in ends:
        end_day = day.replace(day=end)
        while not works(end_day):
            end_day -= dt.timedelta(1)
        paid.append(end_day)
    return {
        "holiday": int(inside and day in known),
        "business_day": int(works(day)),
        "payday": int(inside and day in paid),
    }


def slots_of(time: dt.datetime | dt.date) -> dict[str, int]:
    """Every slot of a time, by Python's calendar."""
    found = {
        **dated_slots(time.date() if isinstance(time, dt.datetime) else time, GERMAN),
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
    days += [dt.date(1990, 10, 3), dt.date(1991, 10, 3), dt.date(2017, 10, 31), dt.date(2050, 12, 26)]  # holidays
    days += [dt.date(2024, 4, 1), dt.date(2024, 12, 25), dt.date(2050, 12, 30), dt.date(2051, 1, 1)]
    days += [dt.date(2024, 6, 14), dt.date(2024, 6, 28), dt.date(2024, 3, 28), dt.date(2051, 1, 13)]  # paydays
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
    keys = season_keys(Season(slots, zone, COUNTRY), ops.column(name), kind, get_dialect(dialect), name)
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
    schema = {"t": {**PLAIN, **SCHEMAS.get(dialect, {})}}
    known = get_dialect(dialect)
    for column, kind in KINDS.items():
        names = ", ".join(name for name, slot in SLOTS.items() if kind is not Kind.DATE or not slot.timed)
        call = f"anomaly_score(x, season => '{names}', country => 'DE') OVER (PARTITION BY k ORDER BY {column})"
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
