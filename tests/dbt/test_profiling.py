"""What a database says of a relation, for the proposals: edge rows, odd names, views that are large."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import duckdb
import pytest

import sqlnomaly
from sqlnomaly.dbt import profiling
from sqlnomaly.dbt.nodes import Node
from sqlnomaly.dbt.profiling import Column, Kind, from_database, too_large
from sqlnomaly.errors import SqlnomalyError
from sqlnomaly.session import Session

TABLES = '''
    CREATE TABLE "Odd ""Name" AS
    SELECT * FROM (VALUES
        (TIMESTAMP '2025-01-01 10:00', DATE '2025-01-02', NULL::TIMESTAMP, '2025-01-03 00:00+00'::TIMESTAMPTZ,
            1.5::DECIMAL(9, 2), 'a', [1]),
        (TIMESTAMP '2025-01-01 11:00', 'infinity'::DATE, NULL, NULL, NULL, 'a', NULL),
        ('infinity'::TIMESTAMP, DATE '9999-12-31', NULL, NULL, 2.5, 'b', NULL)
    ) AS t("at ""all""", day, never, zoned, amount, kind, list);
    CREATE TABLE empty AS SELECT NOW() AS created_at, 1 AS x WHERE FALSE;
    CREATE TABLE ancient AS
    SELECT TIMESTAMP '0001-01-01' AS first, TIMESTAMP '0044-03-15 (BC)' AS before, '-infinity'::DATE AS never;
    CREATE TABLE lists AS SELECT [1] AS list;
    CREATE VIEW large AS SELECT range AS x FROM range(30);
'''


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield sqlnomaly.connect(connection)


def node(name: str, materialized: str = "table") -> Node:
    return Node("model.shop.x", None, name, ("elsewhere", "main", name), materialized, {}, "m.yml", False, False, ())


def test_times_that_never_end_and_columns_that_are_empty_are_told(session: Session) -> None:
    found = from_database(session, node('Odd "Name'))
    assert found.rows == 3
    assert [(one.name, one.kind) for one in found.columns] == [
        ('at "all"', Kind.TIME), ("day", Kind.TIME), ("never", Kind.TIME), ("zoned", Kind.TIME),
        ("amount", Kind.NUMBER), ("kind", Kind.TEXT), ("list", Kind.OTHER),
    ]  # fmt: skip
    columns = {one.name: one for one in found.columns}
    assert columns["amount"] == Column("amount", "DECIMAL(9,2)", Kind.NUMBER, 2 / 3, 2)
    assert (columns["never"].filled, columns["never"].newest) == (0, None)
    assert columns['at "all"'].newest == datetime(2025, 1, 1, 11)
    assert found.days['at "all"'] == {date(2025, 1, 1): 2}
    assert found.days["day"] == {date(2025, 1, 2): 1}
    assert found.days["never"] == {}


def test_times_that_never_were_are_told(session: Session) -> None:
    found = from_database(session, node("ancient"))
    assert [(one.filled, one.newest) for one in found.columns] == [(1, None)] * 3
    assert found.days == {"first": {}, "before": {}, "never": {}}


def test_a_table_of_nothing_that_can_be_counted_is_not_an_empty_one(session: Session) -> None:
    assert from_database(session, node("lists")).rows is None


def test_an_empty_table_has_no_rows(session: Session) -> None:
    assert from_database(session, node("empty")).rows == 0


def test_a_relation_that_is_not_there_is_said(session: Session) -> None:
    with pytest.raises(SqlnomalyError, match="does not exist"):
        from_database(session, node("nowhere"))


def test_a_view_is_large_from_a_number_of_rows_on(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not too_large(session, node("large", "view"))
    monkeypatch.setattr(profiling, "LARGEST_VIEW", 29)
    assert too_large(session, node("large", "view"))
    assert not too_large(session, node("large"))
