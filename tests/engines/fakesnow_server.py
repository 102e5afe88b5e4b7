"""Snowflake's SQL on fakesnow, as a child process: requests on standard input, answers on standard output.

A message is a line of JSON, and behind it as many bytes of an Arrow stream as its ``bytes`` says:

    {"do": "load", "name": .., "types": [..], "bytes": n}   makes a table of these types, with the rows that follow
    {"do": "run", "sql": ..}                                runs a statement, whose rows come back
    {"do": "duckdb", "sql": ..}                             what DuckDB was given last for it, as text

An answer is ``{"bytes": n}`` with rows, ``{"text": ..}``, or ``{"error": .., "kind": ..}``. This file imports nothing
of the project: it runs in fakesnow's own environment, which has another sqlglot. Nothing here opens a socket.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, BinaryIO

import pyarrow as pa

Message = dict[str, Any]


def read(source: BinaryIO) -> tuple[Message, pa.Table | None] | None:
    """The next message and its rows, or None at the end."""
    line = source.readline()
    if not line:
        return None
    message: Message = json.loads(line)
    size = message.get("bytes", 0)
    return message, pa.ipc.open_stream(source.read(size)).read_all() if size else None


def write(sink: BinaryIO, message: Message, rows: pa.Table | None = None) -> None:
    """Sends a message and its rows."""
    body = b""
    if rows is not None:
        buffer = pa.BufferOutputStream()
        with pa.ipc.new_stream(buffer, rows.schema) as stream:
            stream.write_table(rows)
        body = buffer.getvalue().to_pybytes()
    sink.write(json.dumps({**message, "bytes": len(body)}).encode() + b"\n" + body)
    sink.flush()


def quoted(name: str) -> str:
    """An identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


class Server:
    """One database of fakesnow in this process."""

    def __init__(self) -> None:
        from fakesnow.instance import FakeSnow  # type: ignore[import-not-found]

        self._duckdb = FakeSnow()
        self._connection = self._duckdb.connect(database="TESTS", schema="PUBLIC")
        self._cursor = self._connection.cursor()

    def load(self, name: str, types: list[str], rows: pa.Table) -> None:
        """Makes the table in Snowflake's words, and fills it behind them."""
        columns = ", ".join(
            f"{quoted(column)} {kind}" for column, kind in zip(rows.column_names, types, strict=True)
        )
        self._cursor.execute(f"CREATE OR REPLACE TABLE {quoted(name)} ({columns})")
        behind = self._connection._duck_conn
        behind.register("_rows", rows)
        try:
            behind.execute(f"INSERT INTO {quoted(name)} SELECT * FROM _rows")
        finally:
            behind.unregister("_rows")

    def run(self, sql: str) -> pa.Table:
        """The rows of one statement."""
        rows: pa.Table = self._cursor.execute(sql)._arrow_table
        return rows

    def given(self, sql: str) -> str:
        """What DuckDB gets for a statement."""
        self._cursor.execute(sql)
        return str(self._cursor._last_sql)

    def answer(self, message: Message, rows: pa.Table | None) -> tuple[Message, pa.Table | None]:
        """What to send back."""
        match message["do"]:
            case "load":
                self.load(message["name"], message["types"], rows)
                return {}, None
            case "run":
                return {}, self.run(message["sql"])
            case _:
                return {"text": self.given(message["sql"])}, None


def main() -> None:
    """Answers until the input ends. What libraries print goes to standard error."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        server = Server()
    except ImportError as error:
        write(sink, {"error": str(error), "kind": "ImportError"})
        return
    write(sink, {})
    while (got := read(source)) is not None:
        try:
            reply, rows = server.answer(*got)
        except Exception as error:  # noqa: BLE001  (whatever a statement does, the next one runs)
            reply, rows = {"error": str(error), "kind": type(error).__name__}, None
        write(sink, reply, rows)
    os._exit(0)  # nothing is kept, so nothing is taken down


if __name__ == "__main__":
    main()
