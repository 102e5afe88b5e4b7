"""Three small tables with overlapping column names; every number is a small dyadic one, so that means agree exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from sqlnomaly.errors import BindError

SCHEMA: Mapping[str, Mapping[str, str]] = {
    "a": {"id": "INTEGER", "k": "VARCHAR", "v": "INTEGER", "w": "DOUBLE", "d": "DATE", "n": "INTEGER"},
    "b": {"id": "INTEGER", "k": "VARCHAR", "v": "INTEGER", "u": "BIGINT"},
    "c": {
        "id": "INTEGER",
        "Order": "INTEGER",
        "Mixed Case": "VARCHAR",
        "amount": "DECIMAL(10,2)",
        "v": "INTEGER",
    },
}

ROWS = """
INSERT INTO a VALUES (1, 'x', 3, 1.5, '2024-01-01', 1), (2, 'x', 7, 2.5, '2024-01-02', 2),
  (3, 'y', 5, NULL, '2024-01-03', 3), (4, NULL, 8, 0.5, '2024-01-03', 4), (5, NULL, 2, 4.0, NULL, 5),
  (6, 'y', NULL, 8.0, '2024-01-05', 6), (6, 'y', 9, 8.0, '2024-01-05', 7);
INSERT INTO b VALUES (1, 'x', 30, 100), (1, 'y', 50, 200), (2, 'x', 70, 300), (4, NULL, 10, 400),
  (7, 'z', 20, 500), (NULL, 'x', 90, 600);
INSERT INTO c VALUES (1, 10, 'A', 1.25, 4), (2, 20, 'a', 2.50, 6), (3, 30, 'B', NULL, 8), (9, 40, NULL, 100.00, 10);
"""

EXTRA = """
CREATE TABLE source AS SELECT id + 100 AS id, v FROM a;
CREATE TABLE ids AS SELECT id, v AS id_1 FROM a WHERE id < 4;
CREATE TABLE hostile (_sn_v INTEGER, v INTEGER, _sn__score INTEGER, _sn__p1 INTEGER);
INSERT INTO hostile VALUES (1, 2, 3, 4), (5, 9, 7, 8);
"""
"""Tables named like our CTEs, and columns named like our columns."""

EXTRA_SCHEMA: Mapping[str, Mapping[str, str]] = {
    "source": {"id": "INTEGER", "v": "INTEGER"},
    "ids": {"id": "INTEGER", "id_1": "INTEGER"},
    "hostile": dict.fromkeys(("_sn_v", "v", "_sn__score", "_sn__p1"), "INTEGER"),
}

ALL: Mapping[str, Mapping[str, str]] = {**SCHEMA, **EXTRA_SCHEMA}


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables in a DuckDB connection."""
    for table, columns in SCHEMA.items():
        named = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"CREATE TABLE {table} ({named})")
    connection.execute(ROWS)
    connection.execute(EXTRA)


class Duck:
    """A DuckDB connection with the tables."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        create(self.connection)

    def describe(self, query: str) -> list[tuple[str, str]]:
        """Names and types of a query's columns; what the compiler asks a live engine."""
        try:
            return self.columns(query)
        except duckdb.Error as error:
            raise BindError(str(error).splitlines()[0]) from None

    def columns(self, query: str) -> list[tuple[str, str]]:
        """Names and types of a query's columns."""
        return [(row[0], row[1]) for row in self.connection.execute(f"DESCRIBE {query}").fetchall()]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.connection.execute(query).fetchall()
