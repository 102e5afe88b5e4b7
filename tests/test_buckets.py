"""``bucket``, ``aggregate`` and ``fill``: rows become a regular series in the same statement, against plain Python."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.errors import BindError, CallError, EngineError, SqlnomalyError, UnsupportedError
from sqlnomaly.pushdown.buckets import UNITS
from tests.conformance.on_printed import misplaced_conditions
from tests.conftest import missing_engine
from tests.engines.sessions import on_postgres, on_spark
from tests.engines.snowflake_grammar import check
from tests.thorough import some

UTC, BERLIN = dt.UTC, "Europe/Berlin"
FAR_AWAY = "America/New_York"
"""The zone of the session, which must not matter."""
HOUR = dt.timedelta(hours=1)
Row = Mapping[str, Any]
AGGREGATES: Mapping[str, str] = {
    "a": "sum",
    "b": "mean",
    "c": "count",
    "e": "min",
    "f": "max",
    "g": "median",
    "h": "count_distinct",
}
"""Each column of the table, all of the same values, and what is asked of it."""


def happened(count: int = 160) -> list[dict[str, Any]]:
    """Events of three shops on the days when clocks change, and the same over years on both sides of 1970."""
    rng = random.Random(11)
    first, early = dt.datetime(2024, 3, 30, 20), dt.datetime(1968, 12, 20)
    rows = []
    for number in range(count):
        near = first + dt.timedelta(seconds=rng.randrange(36 * 3600), microseconds=rng.choice([0, 1, 999999]))
        if number % 20 == 9:
            near = near.replace(minute=0, second=0, microsecond=0)
        far = early + dt.timedelta(seconds=rng.randrange(700 * 86400))
        lost = number % 25 == 7
        rows.append(
            {
                "k": rng.choice(["a", "b", None]),
                "ts": None if lost else near,
                "tz": None if lost else near.replace(tzinfo=UTC),
                "far": None if lost else far,
                "d": None if lost else far.date(),
                "x": None if number % 9 == 4 else float(rng.randrange(-8, 40)) / 4,
            }
        )
    return rows


ROWS = happened()


def arrow(rows: Sequence[Row]) -> pa.Table:
    """The rows as a table, the value in a column an aggregate."""
    times = {
        "k": pa.string(),
        "ts": pa.timestamp("us"),
        "tz": pa.timestamp("us", tz="UTC"),
        "far": pa.timestamp("us"),
        "d": pa.date32(),
    }
    columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in times.items()}
    return pa.table({**columns, **{name: pa.array([row["x"] for row in rows], pa.float64()) for name in AGGREGATES}})


def begin(time: Any, number: int, unit: str, zone: str | None) -> Any:
    """The bucket's start, by Python's calendar."""
    if unit in ("minute", "hour"):
        of = time.hour * 60 + time.minute
        size = number if unit == "minute" else 60 * number
        utc = time.astimezone(UTC) if time.tzinfo else time
        of = utc.hour * 60 + utc.minute
        return (utc - dt.timedelta(minutes=of % size)).replace(second=0, microsecond=0)
    zoned = isinstance(time, dt.datetime) and time.tzinfo is not None
    day = time.astimezone(ZoneInfo(zone or "UTC")).date() if zoned else time
    day = day.date() if isinstance(day, dt.datetime) else day
    day = {"day": day, "week": day - dt.timedelta(days=day.weekday()), "month": day.replace(day=1)}[unit]
    return dt.datetime.combine(day, dt.time()) if isinstance(time, dt.datetime) and not zoned else day


def following(start: Any, number: int, unit: str) -> Any:
    """The start of the next bucket."""
    if unit == "month":
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start + dt.timedelta(**{f"{unit}s": number})


def aggregated(values: Sequence[float | None]) -> dict[str, Any]:
    """Each aggregate of a bucket's values, and the count of its rows."""
    there = [value for value in values if value is not None]
    some = {"a": sum(there), "b": fmean(there), "e": min(there), "f": max(there), "g": median(there)} if there else {}
    none = dict.fromkeys("abefg")
    return {**none, **some, "c": len(there), "h": len(set(there)), "count": len(values)}


def series(rows: Sequence[Row], time: str, number: int, unit: str, fill: str, zone: str | None = None) -> list[Row]:
    """The rows of the series, made one bucket after another."""
    told: list[Row] = []
    for key in {row["k"] for row in rows}:
        found: dict[Any, list[float | None]] = {}
        for row in rows:
            if row["k"] == key and row[time] is not None:
                found.setdefault(begin(row[time], number, unit, zone), []).append(row["x"])
        starts = sorted(found)
        for at, start in enumerate(starts):
            own = aggregated(found[start])
            told.append({"k": key, "at": start, **own})
            if at + 1 == len(starts) or fill == "none":
                continue
            after = aggregated(found[starts[at + 1]])
            missing = []
            step = following(start, number, unit)
            while step != starts[at + 1]:
                missing.append(step)
                step = following(step, number, unit)
            for place, step in enumerate(missing, start=1):
                share = place / (len(missing) + 1)
                told.append({"k": key, "at": step, **{n: filled(fill, own[n], after[n], share) for n in own}})
    return told


def filled(fill: str, before: Any, after: Any, share: float) -> Any:
    """What stands in a bucket without rows."""
    if fill == "linear":
        return None if before is None or after is None else before + (after - before) * share
    return {"zero": 0, "null": None, "previous": before}[fill]


def form(time: str, span: str, fill: str, more: str = "") -> str:
    """A form that asks for every aggregate."""
    names, words = ", ".join(AGGREGATES), ", ".join(AGGREGATES.values())
    return (
        f"detect_anomalies(t, features => '{names}, *', aggregate => '{words}, count', partition_by => 'k', "
        f"order_by => '{time}', bucket => '{span}', fill => '{fill}', causal => FALSE, nulls => 'ignore'{more})"
    )


def query(time: str, span: str, fill: str, zone: str | None = None) -> str:
    """The series alone."""
    more = f", time_zone => '{zone}'" if zone else ""
    return f"SELECT k, {time}, {', '.join(AGGREGATES)}, count FROM {form(time, span, fill, more)} AS r"


def plain(value: Any) -> Any:
    """A moment without its zone, a number as one."""
    if isinstance(value, dt.datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return float(value) if isinstance(value, int) else value


def same(got: pa.Table, wanted: Sequence[Row]) -> None:
    """Compares two series whatever their order."""
    mine = [[plain(value) for value in row.values()] for row in got.to_pylist()]
    theirs = [[plain(row[name]) for name in ("k", "at", *AGGREGATES, "count")] for row in wanted]
    assert len(mine) == len(theirs)
    for one, other in zip(sorted(mine, key=repr_of), sorted(theirs, key=repr_of), strict=True):
        assert one[:2] == other[:2]
        assert type(one[1]) is type(other[1])
        assert one[2:] == [pytest.approx(value, rel=1e-12) if value is not None else None for value in other[2:]]


def repr_of(row: Sequence[Any]) -> tuple[str, str]:
    """A key to sort by."""
    return str(row[0]), str(row[1])


CASES: Sequence[tuple[str, int, str, str, str | None]] = (
    ("ts", 15, "minute", "zero", None),
    ("ts", 1, "hour", "none", None),
    ("ts", 6, "hour", "previous", None),
    ("ts", 1, "day", "null", None),
    ("tz", 1, "hour", "zero", None),
    ("tz", 1, "day", "none", BERLIN),
    ("tz", 1, "month", "none", BERLIN),
    ("tz", 1, "day", "none", None),
    ("far", 1, "day", "linear", None),
    ("far", 1, "week", "null", None),
    ("far", 1, "month", "linear", None),
    ("d", 1, "day", "zero", None),
    ("d", 1, "week", "previous", None),
    ("d", 1, "month", "zero", None),
)
Run = Callable[[str], pa.Table]
SCHEMAS: Mapping[str, Mapping[str, str]] = {
    "bigquery": {"ts": "DATETIME", "far": "DATETIME", "tz": "TIMESTAMP"},
    "spark": {"ts": "TIMESTAMP_NTZ", "far": "TIMESTAMP_NTZ", "tz": "TIMESTAMP"},
    "databricks": {"ts": "TIMESTAMP_NTZ", "far": "TIMESTAMP_NTZ", "tz": "TIMESTAMP"},
    "snowflake": {"ts": "TIMESTAMP_NTZ", "far": "TIMESTAMP_NTZ", "tz": "TIMESTAMP_TZ"},
    "clickhouse": {
        **dict.fromkeys(("ts", "far", "tz"), "Nullable(DateTime64(6))"),
        **dict.fromkeys(AGGREGATES, "Nullable(Float64)"),
        "k": "Nullable(String)",
        "d": "Nullable(Date32)",
    },
    "trino": {"tz": "TIMESTAMP WITH TIME ZONE"},
    "synapse": {"ts": "DATETIME2", "far": "DATETIME2", "tz": "DATETIMEOFFSET", **dict.fromkeys(AGGREGATES, "FLOAT")},
    "fabric": {"ts": "DATETIME2", "far": "DATETIME2", "tz": "DATETIMEOFFSET", **dict.fromkeys(AGGREGATES, "FLOAT")},
}
PLAIN = {
    "k": "VARCHAR",
    "ts": "TIMESTAMP",
    "tz": "TIMESTAMPTZ",
    "far": "TIMESTAMP",
    "d": "DATE",
    **dict.fromkeys(AGGREGATES, "DOUBLE"),
}


def compiled(dialect: str, sql: str) -> str:
    """The statement of a dialect, over its own types."""
    schema = {"t": {**PLAIN, **SCHEMAS.get(dialect, {})}}
    return sqlnomaly.compile(sql, read=dialect, write=dialect, schema=schema).sql


@contextmanager
def on_session(opened: Any, zone: str) -> Iterator[Run]:
    with opened as session:
        session.load("t", arrow(ROWS))
        session.sql(zone)
        yield session.engine.run


@contextmanager
def on_bigquery() -> Iterator[Run]:
    from tests.engines.googlesql import GoogleSql

    kinds = {"DOUBLE": "FLOAT64", "VARCHAR": "STRING"}
    types = {name: kinds.get(kind, kind) for name, kind in {**PLAIN, **SCHEMAS["bigquery"]}.items()}
    engine = GoogleSql({"t": types})
    yield lambda sql: engine.execute(sql, {"t": arrow(ROWS)})


@contextmanager
def on_clickhouse() -> Iterator[Run]:
    from tests.engines.clickhouse import ClickHouse

    engine = ClickHouse()
    try:
        engine.load("t", arrow(ROWS), nullable=True)
        engine.run(f"SET session_timezone = '{FAR_AWAY}'")
        yield engine.run
    finally:
        engine.close()


@contextmanager
def on_snowflake() -> Iterator[Run]:
    from tests.engines.fakesnow import Fakesnow, FakesnowMissingError

    try:
        engine = Fakesnow()
    except FakesnowMissingError as error:
        missing_engine("snowflake", str(error))
    kinds = {**PLAIN, **SCHEMAS["snowflake"]}
    try:
        engine.load("T", arrow(ROWS).rename_columns([name.upper() for name in kinds]), list(kinds.values()))
        yield engine.run
    finally:
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
FEW: Mapping[str, Sequence[tuple[str, int, str, str, str | None]]] = {
    "spark": [CASES[0], CASES[4], CASES[5], CASES[10], CASES[12]],
    "bigquery": [CASES[0], CASES[4], CASES[5], CASES[10], CASES[12]],
    "snowflake": [CASES[0], CASES[4], CASES[5], CASES[10], CASES[12]],
}
"""Cases of the engines that take seconds for each."""
MARKS = {name: [pytest.mark.slow] for name in ("spark", "bigquery", "redshift", "snowflake", "clickhouse")}


@pytest.mark.parametrize("engine", [pytest.param(name, marks=MARKS.get(name, [])) for name in ENGINES])
def test_every_engine_makes_the_series_that_python_makes(engine: str) -> None:
    with ENGINES[engine]() as run:
        for time, number, unit, fill, zone in FEW.get(engine, CASES):
            sql = compiled(engine, query(time, f"{number} {unit}", fill, zone))
            wanted = series(ROWS, time, number, unit, fill, zone)
            if engine == "clickhouse" and unit in ("day", "week", "month"):  # each of its times is an instant
                wanted = [{**row, "at": row["at"].date() if time in ("ts", "far") else row["at"]} for row in wanted]
            same(run(sql), wanted)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", some(DIALECTS))
def test_every_dialect_says_every_bucket_in_words_that_it_has(dialect: str) -> None:
    known = get_dialect(dialect)
    for number, (time, size, unit, _, zone) in enumerate(CASES):
        fill = ("none", "zero", "null", "previous", "linear")[number % 5]
        name, aggregate = list(AGGREGATES.items())[number % len(AGGREGATES)]
        place = f", time_zone => '{zone}'" if zone and "time_zone" not in known.refused else ""
        sql = compiled(
            dialect,
            f"SELECT * FROM detect_anomalies(t, features => '{name}, *', aggregate => '{aggregate}, count', "
            f"partition_by => 'k', order_by => '{time}', bucket => '{size} {unit}', fill => '{fill}', "
            f"causal => FALSE{place})",
        )
        assert check_functions(sql, known.functions, known.sqlglot) == []
        # sqlfluff does not know how sqlglot spells Snowflake's TIMESTAMP_TZ.
        parsed = number in (6, 9) and (dialect, time) != ("snowflake", "tz")
        if parsed and dialect in ("snowflake", "trino", "redshift", "databricks", "synapse", "fabric"):
            check(sql, "tsql" if dialect in ("synapse", "fabric") else dialect)
        if dialect in ("synapse", "fabric"):
            assert misplaced_conditions(sql) == []


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as session:
        session.load("t", arrow(ROWS))
        made = series(ROWS, "ts", 1, "hour", "zero")
        table = {
            "k": pa.array([row["k"] for row in made], pa.string()),
            "ts": pa.array([row["at"] for row in made], pa.timestamp("us")),
            "a": pa.array([row["a"] for row in made], pa.float64()),
        }
        session.load("made", pa.table(table))
        yield session


def rows_of(session: Session, sql: str) -> tuple[list[str], list[str]]:
    """The columns of a query, and its rows in an order of their own, numbers to nine digits."""
    table = session.sql(sql).arrow()
    rows = [[round(v, 9) if isinstance(v, float) else v for v in row.values()] for row in table.to_pylist()]
    return table.column_names, sorted(map(repr, rows))


JUDGED = [
    ("detect_anomalies", "detector => 'ewma', min_rows => 5"),
    ("detect_anomalies", "detector => 'zscore', season => 'hour', min_rows => 1"),
    ("detect_anomalies", "detector => 'mad', causal => FALSE, contamination => 0.1"),
    ("anomaly_events", "threshold => 1, merge_gap => 1"),
    ("anomaly_events", "threshold => 1, merge_within => '3 hours'"),
    ("anomaly_events", "detector => 'ecod', causal => FALSE, contamination => 0.2"),
]


@pytest.mark.duckdb
@pytest.mark.parametrize(("form", "options"), JUDGED)
def test_a_series_is_judged_as_a_table_of_it_is(session: Session, form: str, options: str) -> None:
    names = "features => 'a', partition_by => 'k', order_by => 'ts'"
    bucket = "bucket => 'hour', aggregate => 'sum', fill => 'zero'"
    got = rows_of(session, f"SELECT * FROM {form}(t, {names}, {bucket}, {options})")
    assert got == rows_of(session, f"SELECT * FROM {form}(made, {names}, {options})")
    assert len(got[1]) > 3


@pytest.mark.duckdb
def test_the_default_is_the_sum_without_filling(session: Session) -> None:
    short = "SELECT * FROM detect_anomalies(t, features => 'a', order_by => 'ts', bucket => '1 hour'{})"
    told = rows_of(session, short.format(", aggregate => ['sum'], fill => 'none'"))
    assert rows_of(session, short.format("")) == told


@pytest.mark.duckdb
@pytest.mark.parametrize("features", ["", "features => '*', ", "features => ['*'], "])
def test_rows_are_counted_without_a_feature(session: Session, features: str) -> None:
    sql = f"SELECT * FROM detect_anomalies(t, {features}order_by => 'ts', bucket => '1 day', aggregate => 'count')"
    found = session.sql(sql).arrow()
    assert found.column_names[:3] == ["ts", "count", "anomaly_score"]
    assert sum(found.column("count").to_pylist()) == sum(row["ts"] is not None for row in ROWS)


@pytest.mark.duckdb
def test_an_hour_that_comes_twice_is_two_buckets_and_a_day_of_25_hours_is_one() -> None:
    with sqlnomaly.connect() as session:
        session.sql(
            "CREATE TABLE t AS SELECT TIMESTAMPTZ '2024-10-26 22:00:00+00' + i * INTERVAL 30 MINUTE AS tz, 1 AS x "
            "FROM range(50) AS r(i)"
        )
        count = "detect_anomalies(t, aggregate => 'count', order_by => 'tz', bucket => '{}'{})"
        hours = session.sql(f"SELECT count FROM {count.format('1 hour', '')}").fetchall()
        assert hours == [(2,)] * 25
        there = count.format("1 day", f", time_zone => '{BERLIN}'")
        days = session.sql(f"SELECT tz, count FROM {there}").fetchall()
        assert days == [(dt.date(2024, 10, 27), 50)]
        days = session.sql(f"SELECT tz, count FROM {count.format('1 day', '')} ORDER BY tz").fetchall()
        assert days == [(dt.date(2024, 10, 26), 4), (dt.date(2024, 10, 27), 46)]


@pytest.mark.duckdb
def test_the_season_of_hours_goes_by_the_clock_of_a_place() -> None:
    with sqlnomaly.connect() as session:
        session.sql(
            "CREATE TABLE t AS SELECT TIMESTAMPTZ '2024-03-20 00:00:00+00' + i * INTERVAL 10 MINUTE AS tz, "
            "i * 7919 % 101 AS x FROM range(3000) AS r(i)"
        )
        options = f"season => 'hour', time_zone => '{BERLIN}'"
        got = rows_of(
            session,
            f"SELECT * FROM detect_anomalies(t, features => 'x', order_by => 'tz', bucket => '1 hour', {options})",
        )
        hours = "SELECT TO_TIMESTAMP(FLOOR(EPOCH(tz) / 3600) * 3600) AS tz, SUM(x)::DOUBLE AS x FROM t GROUP BY 1"
        form = f"detect_anomalies(({hours}), features => 'x', order_by => 'tz', {options})"
        by_hand = rows_of(session, f"SELECT * FROM {form}")
        assert got == by_hand


@pytest.mark.duckdb
def test_hostile_names_are_names() -> None:
    with sqlnomaly.connect() as session:
        session.sql(
            "CREATE TABLE slots AS SELECT i % 2 AS \"select\", DATE '2024-01-01' + CAST(i // 2 AS INT) AS "
            '"Order ""By", i AS "Unit Price", i AS digits, i AS _sn_slot FROM range(40) AS r(i)'
        )
        found = session.sql(
            "SELECT * FROM detect_anomalies(slots, features => '\"Unit Price\", digits, _sn_slot', aggregate => 'max', "
            "partition_by => 'select', order_by => '\"Order \"\"By\"', bucket => '1 week', fill => 'zero') ORDER BY ALL"
        ).arrow()
    names = ["select", 'Order "By', "Unit Price", "digits", "_sn_slot"]
    assert found.column_names[:5] == names
    assert [tuple(row.values())[2:5] for row in found.to_pylist() if row["select"] == 1] == [
        (value,) * 3 for value in (13.0, 27.0, 39.0)
    ]


@pytest.mark.duckdb
@pytest.mark.parametrize("fill", ["none", "zero", "null", "previous"])
def test_tables_of_a_row_or_none_are_series_of_as_many(fill: str) -> None:
    with sqlnomaly.connect() as session:
        for count in (0, 1):
            session.load("t", arrow([row for row in ROWS if row["ts"] is not None][:count]))
            sql = f"detect_anomalies(t, features => 'a', order_by => 'ts', bucket => '1 hour', fill => '{fill}')"
            assert len(session.sql(f"SELECT * FROM {sql}").fetchall()) == count
            assert session.sql(f"SELECT * FROM {sql.replace('detect_anomalies', 'anomaly_events')}").fetchall() == []


@pytest.mark.duckdb
def test_a_bucket_with_a_value_out_of_range_has_no_aggregate() -> None:
    values = "(0, 1.0), (1, 2.0), (2, 3.0), (3, 4.0), (4, 5.0), (5, {}), (6, NULL)"
    for odd in ("'nan'::DOUBLE", "'-inf'::DOUBLE", "2e150"):
        with sqlnomaly.connect() as session:
            session.sql(
                "CREATE TABLE v AS SELECT DATE '2024-01-01' + CAST(n // 2 AS INT) AS d, x "
                f"FROM (VALUES {values.format(odd)}) AS v(n, x)"
            )
            for aggregate in ("sum", "mean", "min", "max", "median"):
                rows = session.sql(
                    "SELECT x, anomaly_status FROM detect_anomalies(v, features => 'x', order_by => 'd', "
                    f"bucket => 'day', aggregate => '{aggregate}', min_rows => 1) ORDER BY d"
                ).fetchall()
                assert [value is None for value, _ in rows] == [False, False, True, True]
                statuses = ["warm_up", "constant_baseline", "missing_value", "missing_value"]
                assert [status for _, status in rows] == statuses


@pytest.mark.duckdb
@pytest.mark.parametrize("kind", ["DECIMAL(9, 2)", "INTEGER", "BOOLEAN", "REAL"])
def test_numbers_of_every_type_are_added_up(kind: str) -> None:
    with sqlnomaly.connect() as session:
        session.sql(f"CREATE TABLE t AS SELECT DATE '2024-01-01' AS d, (i % 2)::{kind} AS x FROM range(9) AS r(i)")
        sql = "SELECT x FROM detect_anomalies(t, features => 'x', order_by => 'd', bucket => 'day', aggregate => '{}')"
        assert session.sql(sql.format("sum")).fetchall() == [(4.0,)]
        assert session.sql(sql.format("count_distinct")).fetchall() == [(2,)]


@pytest.mark.duckdb
def test_texts_are_counted() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", arrow(ROWS))
        sql = "detect_anomalies(t, features => 'k', order_by => 'd', bucket => 'month', aggregate => '{}')"
        told = session.sql(f"SELECT SUM(k) FROM {sql.format('count')}").fetchall()
        assert told[0][0] == sum(row["k"] is not None and row["d"] is not None for row in ROWS)
        distinct = session.sql(f"SELECT MAX(k) FROM {sql.format('count_distinct')}").fetchall()
        assert distinct == [(2,)]


@pytest.mark.duckdb
def test_keys_that_are_numbers_missing_or_not_a_number_are_groups() -> None:
    with sqlnomaly.connect() as session:
        session.sql(
            "CREATE TABLE t AS SELECT k, DATE '2024-01-01' + CAST(i * 2 AS INT) AS d, 1.0 AS x "
            "FROM range(3) AS r(i), (VALUES (1.5), (NULL), ('nan'::DOUBLE)) AS v(k)"
        )
        names = "features => 'x', partition_by => 'k', order_by => 'd'"
        sql = f"detect_anomalies(t, {names}, bucket => 'day', fill => 'zero')"
        assert session.sql(f"SELECT COUNT(*), SUM(x) FROM {sql} GROUP BY k").fetchall() == [(5, 3.0)] * 3


@pytest.mark.bigquery
def test_keys_of_floating_point_are_groups_on_bigquery() -> None:
    from tests.engines.googlesql import GoogleSql

    sql = (
        "SELECT * FROM detect_anomalies(t, features => 'x', partition_by => 'k', order_by => 'd', bucket => '1 day', "
        "fill => 'zero', aggregate => 'median')"
    )
    types = {"k": "FLOAT64", "d": "DATE", "x": "FLOAT64"}
    text = sqlnomaly.compile(sql, read="bigquery", write="bigquery", schema={"t": types}).sql
    day = dt.date(2024, 1, 1)
    days = pa.array([day, day + dt.timedelta(days=3), day])
    table = pa.table({"k": [1.5, 1.5, None], "d": days, "x": [1.0, 2.0, 3.0]})
    rows = GoogleSql({"t": types}).execute(text, {"t": table}).to_pylist()
    assert sorted((str(row["k"]), row["d"].day, row["x"]) for row in rows) == [
        *(("1.5", number + 1, value) for number, value in enumerate((1.0, 0.0, 0.0, 2.0))),
        ("None", 1, 3.0),
    ]


@pytest.mark.duckdb
def test_an_infinite_time_is_in_no_bucket_on_duckdb() -> None:
    with sqlnomaly.connect() as session:
        infinite(session)


@pytest.mark.postgres
def test_an_infinite_time_is_in_no_bucket_on_postgres() -> None:
    with on_postgres() as session:
        infinite(session)


def infinite(session: Session) -> None:
    """Asks for the series of a table with infinite times."""
    session.sql("CREATE TABLE t (ts TIMESTAMP, d DATE, x INT)")
    session.sql("INSERT INTO t VALUES ('2024-01-01', '2024-01-01', 1)")
    session.sql("INSERT INTO t VALUES ('infinity', 'infinity', 1), ('-infinity', '-infinity', 1), (NULL, NULL, 1)")
    for time, span in (("ts", "1 hour"), ("ts", "1 day"), ("d", "1 week"), ("ts", "1 month")):
        form = f"detect_anomalies(t, features => 'x', order_by => '{time}', bucket => '{span}', fill => 'zero')"
        assert len(session.sql(f"SELECT * FROM {form}", read="duckdb").fetchall()) == 1


@pytest.mark.duckdb
def test_a_hole_of_a_million_buckets_is_filled_and_one_of_more_fails_with_words() -> None:
    with sqlnomaly.connect() as session:
        form = "detect_anomalies(t, features => 'x', order_by => 'ts', bucket => '1 minute', fill => 'zero')"
        for gap, fails in ((1_000_000, False), (1_000_001, True)):
            session.sql(
                "CREATE OR REPLACE TABLE t AS SELECT TIMESTAMP '2024-01-01' + i * INTERVAL 1 MINUTE AS ts, 1 AS x "
                f"FROM (VALUES (0), ({gap})) AS v(i)"
            )
            if fails:
                with pytest.raises(EngineError, match="1,000,000 buckets or more in a row have no rows: give a longer"):
                    session.sql(f"SELECT COUNT(*), SUM(x) FROM {form}").fetchall()
            else:
                assert session.sql(f"SELECT COUNT(*), SUM(x) FROM {form}").fetchall() == [(gap + 1, 2.0)]


@pytest.mark.duckdb
def test_it_stands_in_ctes_joins_and_other_forms(session: Session) -> None:
    names = "features => 'a', partition_by => 'k', order_by => 'ts'"
    bucket = "bucket => '1 hour', fill => 'zero'"
    inner = f"SELECT k, ts, anomaly_score FROM detect_anomalies(t, {names}, {bucket})"
    made = f"SELECT k, ts, anomaly_score FROM detect_anomalies(made, {names})"
    for around in (
        "WITH d AS ({}) SELECT k, COUNT(*), MAX(anomaly_score) FROM d GROUP BY k",
        "SELECT t.a, d.anomaly_score FROM t JOIN ({}) AS d ON d.k = t.k AND DATE_TRUNC('hour', t.ts) = d.ts",
        "WITH made AS (SELECT * FROM made), t AS (SELECT * FROM t WHERE TRUE) {}",
        "SELECT * FROM detect_anomalies(({}), features => 'anomaly_score')",
    ):
        mine, theirs = (around.format(part) for part in (inner, made))
        if "features => 'anomaly_score'" in around:
            mine, theirs = (
                text.replace(", anomaly_score FROM", ", anomaly_score AS s FROM").replace("'anomaly_score'", "'s'")
                for text in (mine, theirs)
            )
        assert rows_of(session, mine) == rows_of(session, theirs)


B = "features => 'a', order_by => 'ts', bucket => "
REFUSED: Sequence[tuple[str, type[SqlnomalyError], str]] = (
    (f"t, {B}'1 houre'", CallError, "no unit 'houre'.*\n.*\n.*mean 'hour'"),
    (f"t, {B}'1 year'", CallError, "no unit 'year'.*\n.*\n.*allowed: minute, hour, day, week, month"),
    (f"t, {B}'30 seconds'", CallError, "no unit 'seconds'"),
    (f"t, {B}'7 minutes'", CallError, "'7 minutes' does not divide an hour.*\n.*\n.*15, 20, 30 of a minute"),
    (f"t, {B}'60 minutes'", CallError, "divide an hour .*\n.*\n.*'1 hour'"),
    (f"t, {B}'5 hours'", CallError, "divide a day .*\n.*\n.*'1 day'"),
    (f"t, {B}'2 months'", CallError, "no natural beginning.*\n.*\n.*'1 month'"),
    (f"t, {B}3600", CallError, "bucket takes a text such as '1 hour'"),
    (f"t, {B}''", CallError, "bucket takes a text"),
    (f"t, {B}'1 hour', aggregate => 'summ'", CallError, "'summ' is not known.*\n.*\n.*mean 'sum'"),
    (f"t, {B}'1 hour', aggregate => 'sum, mean'", CallError, "aggregate names 2 and features 1"),
    (f"t, {B}'1 hour', fill => 'zeros'", CallError, "'zeros' is not known.*\n.*\n.*mean 'zero'"),
    (f"t, {B}'1 hour', fill => 0", CallError, "fill takes a quoted text"),
    (f"t, {B}'1 hour', fill => 'linear'", UnsupportedError, "next bucket.*\n.*\n.*fill => 'previous'"),
    (f"t, {B}'1 hour', filter => 'k'", UnsupportedError, "filter is refused beside bucket"),
    (f"t, {B}'1 hour', model => 'm'", UnsupportedError, "a stored model is found by a session"),
    ("t, features => 'a', bucket => '1 hour'", CallError, "one key in order_by, the time, not 0"),
    ("t, features => 'a', order_by => 'ts, k', bucket => '1 hour'", CallError, "one key in order_by, the time, not 2"),
    ("t, order_by => 'ts', bucket => '1 hour'", CallError, "needs the features to aggregate"),
    ("t, features => [], order_by => 'ts', bucket => '1 hour'", CallError, "features names nothing"),
    ("t, features => '*', order_by => 'ts', bucket => '1 hour'", CallError, "rows of a bucket, and they have no sum"),
    ("t, features => 'a, a', order_by => 'ts', bucket => '1 hour'", CallError, "two columns named a"),
    ("t, features => 'ts', order_by => 'ts', bucket => '1 hour', aggregate => 'count'", CallError, "named ts"),
    ("t, features => 'a', aggregate => 'sum'", CallError, "aggregate is a part of bucket"),
    ("t, features => 'a', fill => 'zero'", CallError, "fill is a part of bucket"),
    ("t, features => 'a', order_by => 'd', bucket => '1 hour'", BindError, "d is a date, and a date has no hour"),
    ("t, features => 'a', order_by => 'k', bucket => '1 hour'", BindError, "k is text.*\n.*\n.*CAST"),
    ("t, features => 'a', order_by => 'b', bucket => '1 hour'", BindError, "b is a number"),
    ("t, features => 'k', order_by => 'ts', bucket => '1 hour'", BindError, "feature k is text, and sum takes numbers"),
    ("t, features => 'x', order_by => 'ts', bucket => '1 hour'", BindError, "x"),
    (f"t, {B}'1 day', time_zone => 'Europe/Berlin'", BindError, "ts has none"),
    ("t, features => 'a', order_by => 'tz', bucket => '1 day', time_zone => 'Berlin'", CallError, "no place"),
    ("t, features => 'a', order_by => 'tz', bucket => '1 hour', time_zone => 'UTC'", CallError, "the same everywhere"),
    (f"t, {B}'1 hour', detector => 'ecod'", UnsupportedError, "no causal form.*\n.*\n.*causal => FALSE"),
    (f"t, {B}'1 hour', buckets => 3", CallError, "unknown option 'buckets'.*\n.*\n.*mean 'bucket'"),
)  # fmt: skip


@pytest.mark.parametrize(("arguments", "kind", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_what_it_cannot_say_is_refused_by_name(arguments: str, kind: type[SqlnomalyError], words: str) -> None:
    for form in ("detect_anomalies", "anomaly_events"):
        if form == "anomaly_events" and ("model" in arguments or "order_by" not in arguments):
            continue
        with pytest.raises(kind, match=words) as caught:
            sqlnomaly.compile(f"SELECT * FROM {form}({arguments})", schema={"t": PLAIN})
        assert caught.value.hint


def test_a_time_of_unknown_type_is_refused_and_a_cast_says_it() -> None:
    sql = "SELECT * FROM detect_anomalies({}, features => 'x', order_by => 'ts', bucket => '1 hour')"
    with pytest.raises(BindError, match="bucket needs to know whether ts is a date"):
        sqlnomaly.compile(sql.format("t"))
    assert "EPOCH(" in sqlnomaly.compile(sql.format("(SELECT CAST(w AS TIMESTAMP) AS ts, x FROM t)")).sql


def test_several_medians_are_refused_where_each_needs_a_sort() -> None:
    sql = (
        "SELECT * FROM detect_anomalies(t, features => 'a, b', order_by => 'ts', bucket => '1 hour', "
        "aggregate => 'median', causal => FALSE)"
    )
    with pytest.raises(UnsupportedError, match="several medians are refused on redshift"):
        compiled("redshift", sql)


def test_buckets_divide_what_they_begin_with() -> None:
    assert all(60 % number == 0 for number in UNITS["minute"])
    assert all(24 % number == 0 for number in UNITS["hour"])
    assert all(60 % number for number in range(1, 60) if number not in UNITS["minute"])
    assert all(24 % number for number in range(1, 24) if number not in UNITS["hour"])
