"""ClickHouse in this process, by chdb: Arrow tables in, Arrow tables out, default settings.

chdb has one engine a process: a second `ClickHouse` can be made when the first is closed. The data lives in a temporary
folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

TYPES: Mapping[pa.DataType, str] = {
    pa.float64(): "Float64",
    pa.int64(): "Int64",
    pa.string(): "String",
    pa.bool_(): "Bool",
    pa.date32(): "Date32",
}
"""What holds a column of an Arrow type."""


class ClickHouse:
    """One engine."""

    def __init__(self) -> None:
        from chdb import session

        self._folder = tempfile.TemporaryDirectory(prefix="clickhouse-")
        self._session = cast(Any, session).Session(str(Path(self._folder.name) / "data"))

    def run(self, sql: str) -> pa.Table:
        """The result of one query.

        Raises:
            RuntimeError: what ClickHouse says is wrong.
        """
        found = self._session.query(sql, "ArrowStream")
        data = bytes(found.bytes())
        return pa.ipc.open_stream(data).read_all() if data else pa.table({})

    def load(self, name: str, table: pa.Table, *, nullable: bool = False) -> None:
        """Makes a table of Arrow's rows.

        Args:
            name: of the table; one of that name is replaced.
            table: its rows.
            nullable: whether every column can hold NULL; if not, only those that do: what ClickHouse makes of a column
                unless told otherwise, and the harder case for generated SQL.

        Raises:
            KeyError: a type that `TYPES` lacks.
        """
        columns = ", ".join(
            f"{quoted(field.name)} {type_of(field.type, nullable or table.column(field.name).null_count > 0)}"
            for field in table.schema
        )
        target = quoted(name)
        self._session.query(f"DROP TABLE IF EXISTS {target}")
        self._session.query(f"CREATE TABLE {target} ({columns}) ENGINE = Memory")
        if not table.num_rows:
            return
        path = Path(self._folder.name) / "rows.arrow"
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        names = ", ".join(quoted(field.name) for field in table.schema)
        place = str(path).replace("'", "\\'")
        self._session.query(f"INSERT INTO {target} SELECT {names} FROM file('{place}', 'ArrowStream')")
        path.unlink()

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """The columns of a query, with ClickHouse's types."""
        rows = self.run(f"DESCRIBE ({sql})").to_pylist()
        return [(row["name"], row["type"]) for row in rows]

    def close(self) -> None:
        """Ends the engine."""
        self._session.close()
        self._folder.cleanup()


def type_of(kind: pa.DataType, nullable: bool) -> str:
    """ClickHouse's type of an Arrow type.

    Example:
        >>> type_of(pa.decimal128(18, 4), nullable=True)
        'Nullable(Decimal(18, 4))'
    """
    if pa.types.is_decimal(kind):
        plain = f"Decimal({kind.precision}, {kind.scale})"
    elif pa.types.is_timestamp(kind):
        plain = f"DateTime64(6, '{kind.tz or 'UTC'}')"
    else:
        plain = TYPES[kind]
    return f"Nullable({plain})" if nullable else plain


def quoted(name: str) -> str:
    """An identifier in quotes; ClickHouse reads escapes inside them."""
    return '"' + name.replace("\\", "\\\\").replace('"', '""') + '"'
