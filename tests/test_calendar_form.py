"""``FROM anomaly_calendar(..)`` and holidays of one's own, on every engine, against Python's calendar."""

from __future__ import annotations

import datetime as dt
from typing import Any

import holidays
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.errors import BindError, CallError, SqlnomalyError, UnsupportedError
from tests.conformance.on_printed import misplaced_conditions
from tests.engines.snowflake_grammar import check
from tests.test_season_slots import CALENDAR, ENGINES, MARKS, MOMENTS, PLAIN, SCHEMAS, dated_slots

SINCE, UNTIL = dt.date(2023, 12, 20), dt.date(2025, 1, 8)
FORM = f"anomaly_calendar(country => 'DE-BY', since => DATE '{SINCE}', until => '{UNTIL}')"
ON_ENGINES = [pytest.param(name, marks=MARKS.get(name, [])) for name in ENGINES]


def days() -> list[dict[str, Any]]:
    """The rows of the calendar, by Python and the package."""
    known = holidays.country_holidays("DE", subdiv="BY", language="de")
    found = []
    for number in range((UNTIL - SINCE).days + 1):
        day = SINCE + dt.timedelta(number)
        found.append(
            {
                "date": day,
                "year": day.year,
                "quarter": (day.month + 2) // 3,
                "month": day.month,
                "week": day.isocalendar().week,
                "day": day.day,
                "day_of_week": day.isoweekday(),
                "weekend": int(day.isoweekday() > 5),
                **{name: flag for name, flag in dated_slots(day, known).items() if name != "holiday"},
                "holiday": known.get(day),
            }
        )
    return found


@pytest.mark.parametrize("engine", ON_ENGINES)
def test_the_calendar_has_a_row_a_day(engine: str) -> None:
    sql = sqlnomaly.compile(f"SELECT * FROM {FORM} ORDER BY date", read="duckdb", write=engine).sql
    known = get_dialect(engine)
    assert check_functions(sql, known.functions, known.sqlglot) == []
    with ENGINES[engine]() as run:
        rows = run(sql).to_pylist()
    plain = ("date", "holiday")
    found = [{name: value if name in plain else int(value) for name, value in row.items()} for row in rows]
    wanted = days()
    assert [list(row) for row in found[:1]] == [list(row) for row in wanted[:1]]
    assert found == wanted
    assert {row["holiday"] for row in wanted} > {None, "Heilige Drei Könige", "Fronleichnam"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_the_calendar_and_holidays_of_ones_own(dialect: str) -> None:
    schema = {"t": {**PLAIN, **SCHEMAS.get(dialect, {})}}
    known = get_dialect(dialect)
    call = "anomaly_score(x, season => 'holiday, business_day', holidays => 'my.own') OVER (PARTITION BY k ORDER BY ts)"
    asked = {f"SELECT c.date, c.holiday FROM {FORM} AS c": "duckdb", f"SELECT id, {call} AS s FROM t": dialect}
    for query, read in asked.items():
        sql = sqlnomaly.compile(query, read=read, write=dialect, schema=schema).sql
        assert check_functions(sql, known.functions, known.sqlglot) == []
        if dialect in ("trino", "synapse", "fabric", "redshift", "databricks"):
            check(sql, "tsql" if dialect in ("synapse", "fabric") else dialect)
        if dialect in ("synapse", "fabric"):
            assert misplaced_conditions(sql) == []


@pytest.mark.duckdb
def test_the_calendar_is_joined_like_a_table_and_agrees_with_the_slots() -> None:
    query = f"""
        WITH c AS (SELECT date, business_day FROM {FORM})
        SELECT t.id, c.business_day AS b,
               anomaly_score(x, season => 'business_day', country => 'DE-BY') OVER (ORDER BY t.date) AS slotted,
               anomaly_score(x) OVER (PARTITION BY c.business_day ORDER BY t.date) AS joined
        FROM t JOIN c ON c.date = t.date
        ORDER BY t.id"""
    with sqlnomaly.connect() as session:
        session.sql(
            f"CREATE TABLE t AS SELECT i AS id, DATE '{SINCE}' + i::INT AS date, i * 37 % 11 AS x FROM range(300) r(i)"
        )
        rows = session.sql(query).arrow().to_pylist()
    assert len(rows) == 300
    assert [row["slotted"] for row in rows] == [row["joined"] for row in rows]
    assert {row["b"] for row in rows} == {0, 1}


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("since", "until", "rows"),
    [("2025-12-24", "2025-12-24", 1), ("2025-01-01", "2025-01-10", 10), ("1991-01-01", "2050-12-31", 21915)],
)
def test_both_ends_are_days_of_the_calendar(since: str, until: str, rows: int) -> None:
    form = f"anomaly_calendar(country => 'DE', since => '{since}', until => '{until}')"
    with sqlnomaly.connect() as session:
        found = session.sql(f"SELECT MIN(date), MAX(date), COUNT(*), COUNT(DISTINCT date) FROM {form} AS c").fetchall()
    assert found == [(dt.date.fromisoformat(since), dt.date.fromisoformat(until), rows, rows)]


@pytest.mark.parametrize("engine", ON_ENGINES)
def test_own_holidays_are_those_of_a_relation(engine: str) -> None:
    """The dates of every third row, with a NULL among them, over rows that have a column of that name themselves."""
    own = "(SELECT CASE WHEN id > 3 THEN d END AS date FROM calendar WHERE MOD(id, 3) = 0)"
    ranked = "anomaly_score(id, season => '{0}', holidays => {1}, threshold => 3) OVER (ORDER BY ts) AS {0}"
    source = "(SELECT id, ts, d AS date FROM calendar) AS c"
    query = f"SELECT id, {ranked.format('holiday', own)}, {ranked.format('business_day', own)} FROM {source}"
    types = {"id": "BIGINT", "ts": "TIMESTAMP", "d": "DATE"}
    sql = sqlnomaly.compile(query, read="duckdb", write=engine, schema={"calendar": types}).sql
    dates = {moment.date() for number, moment in enumerate(MOMENTS) if number % 3 == 0 and number > 3}
    flags: dict[str, list[int]] = {"holiday": [], "business_day": []}
    for moment in MOMENTS:
        flags["holiday"].append(int(moment.date() in dates))
        flags["business_day"].append(int(moment.date() not in dates and moment.isoweekday() < 6))
    with ENGINES[engine]() as run:
        found = {int(row["id"]): row for row in run(sql).to_pylist()}
    with sqlnomaly.connect() as session:
        table = CALENDAR
        for name, values in flags.items():
            table = table.append_column(name, pa.array(values, pa.int64()))
        session.load("flagged", table)
        calls = ", ".join(f"anomaly_score(id) OVER (PARTITION BY {name} ORDER BY ts) AS {name}" for name in flags)
        wanted = session.sql(f"SELECT id, {calls} FROM flagged").arrow().to_pylist()
    for row in wanted:
        for name in flags:
            score = row[name]
            assert found[row["id"]][name] == (None if score is None else pytest.approx(score, rel=1e-9)), (name, row)


BAD: list[tuple[str, type[SqlnomalyError], str, str]] = [
    ("anomaly_calendar(since => '2025-01-01', until => '2025-12-31')", CallError, "needs country", "DE-BY"),
    ("anomaly_calendar(country => 'DE', since => '2025-01-01')", CallError, "needs until", "until =>"),
    ("anomaly_calendar(country => 'DE', since => '2025-13-01', until => '2025-12-31')", CallError, "a day", "DATE"),
    ("anomaly_calendar(country => 'DE', since => 2025, until => '2025-12-31')", CallError, "a day", "DATE"),
    ("anomaly_calendar(country => 'DE', since => '2025-02-01', until => '2025-01-31')", CallError, "before", "since"),
    ("anomaly_calendar(country => 'DE', since => '1989-01-01', until => '2025-01-31')", CallError, "known", "1991"),
    ("anomaly_calendar(country => 'XX', since => '2025-01-01', until => '2025-01-31')", CallError, "XX", "code"),
    ("anomaly_calendar(country => 'DE', from => '2025-01-01', until => '2025-01-31')", CallError, "from", "since"),
    ("anomaly_calendar(t, country => 'DE', since => '2025-01-01', until => '2025-01-31')", CallError, "no rel", "FROM"),
]


@pytest.mark.parametrize(("form", "kind", "what", "remedy"), BAD, ids=[bad[0] for bad in BAD])
def test_a_bad_calendar_says_what_and_what_to_do(
    form: str, kind: type[SqlnomalyError], what: str, remedy: str
) -> None:
    with pytest.raises(kind) as caught:
        sqlnomaly.compile(f"SELECT * FROM {form}")
    assert what in caught.value.message
    assert remedy in (caught.value.hint or "")
    assert "anomaly_calendar(" in (caught.value.where or "")


def test_a_calendar_stands_in_from() -> None:
    with pytest.raises(CallError, match="stands in FROM"):
        sqlnomaly.compile(f"SELECT {FORM}")


BAD_HOLIDAYS: list[tuple[str, type[SqlnomalyError], str, str]] = [
    ("season => 'holiday', holidays => 'own', country => 'DE'", CallError, "both", "one of them"),
    ("season => 'hour', holidays => 'own'", CallError, "holidays is about", "holidays out"),
    ("holidays => 'own'", CallError, "part of season", "holiday"),
    ("season => 'payday', holidays => 'own'", UnsupportedError, "payday", "country"),
    ("season => 'holiday', holidays => 7", CallError, "a relation", "schema.table"),
    ("season => 'holiday', holidays => 'own; DROP TABLE t'", CallError, "a relation", "schema.table"),
    ("season => 'holiday'", CallError, "needs a country", "holidays => 'schema.table'"),
]


@pytest.mark.parametrize(("options", "kind", "what", "remedy"), BAD_HOLIDAYS, ids=[bad[0] for bad in BAD_HOLIDAYS])
def test_bad_holidays_say_what_and_what_to_do(options: str, kind: type[SqlnomalyError], what: str, remedy: str) -> None:
    with pytest.raises(kind) as caught:
        sqlnomaly.compile(f"SELECT anomaly_score(x, {options}) OVER (ORDER BY ts) AS s FROM t", schema={"t": PLAIN})
    assert what in caught.value.message
    assert remedy in (caught.value.hint or "")


@pytest.mark.duckdb
def test_a_relation_without_a_date_is_an_error_though_the_rows_have_one() -> None:
    with sqlnomaly.connect() as session:
        session.sql("CREATE TABLE t AS SELECT DATE '2025-01-01' AS date, 1.5 AS x")
        session.sql("CREATE TABLE own AS SELECT DATE '2025-01-01' AS day, 'new year' AS date_of")
        query = "SELECT anomaly_score(x, season => 'holiday', holidays => {}) OVER (ORDER BY date) FROM t"
        for relation in ("'own'", "(SELECT day FROM own)"):
            with pytest.raises(BindError, match="has no column date that is a date") as caught:
                session.sql(query.format(relation))
            assert caught.value.hint == "holidays => (SELECT day AS date FROM my_holidays)"
        with pytest.raises(BindError, match="nowhere"):
            session.sql(query.format("'nowhere'"))
        with pytest.raises(BindError, match="has no column date that is a date"):
            session.sql(query.format("(SELECT date_of AS date FROM own)"))
        assert session.sql(query.format("(SELECT day AS date FROM own)")).fetchall() == [(None,)]


def test_explain_says_whose_dates_they_are() -> None:
    call = "anomaly_score(x, season => 'holiday', holidays => 'my.own') OVER (ORDER BY ts)"
    told = sqlnomaly.compile(f"SELECT {call} FROM t", schema={"t": PLAIN}).explain()
    assert "every row of the same holiday of ts (by the dates of own) before it by ts" in told
