"""What the command line is given: SQL, data on standard input, a schema."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sqlnomaly.dialects import get_dialect
from sqlnomaly.engines.files import STANDARD_INPUT, sniff
from sqlnomaly.errors import EngineError, UsageError

_READING = (exp.Query, exp.Describe, exp.Show, exp.Summarize)


def read_sql(argument: str) -> str:
    """The SQL that an argument means: itself, ``@file.sql``, or ``-`` for standard input.

    Raises:
        UsageError: for a file that cannot be read, or if there is no SQL.
    """
    if argument == STANDARD_INPUT:
        text = sys.stdin.read()
    elif argument.startswith("@"):
        text = _text_of(Path(argument[1:]), "SQL")
    else:
        text = argument
    if not text.strip():
        raise UsageError("there is no SQL", hint='sqlnomaly query "SELECT .." or @file.sql or -')
    return text


def only_reads(sql: str, dialect: str) -> bool:
    """Whether no statement can write, so that a database file may be opened for reading only."""
    try:
        statements = sqlglot.parse(sql, read=get_dialect(dialect).sqlglot)
    except SqlglotError:  # nothing will run
        return True
    return all(statement is None or isinstance(statement, _READING) for statement in statements)


def read_schema(path: Path | None) -> Mapping[str, Mapping[str, str]] | None:
    """The schema in a JSON file: ``{"orders": {"id": "INTEGER", "amount": "DOUBLE"}}``.

    Raises:
        UsageError: if it is not that.
    """
    if path is None:
        return None
    try:
        schema = json.loads(_text_of(path, "schema"))
    except json.JSONDecodeError as error:
        raise UsageError(f"{str(path)!r} is not JSON: {error}") from None
    tables = schema.values() if isinstance(schema, dict) else [None]
    if not all(
        isinstance(table, dict) and all(isinstance(t, str) for t in table.values()) for table in tables
    ):
        raise UsageError(
            f"{str(path)!r} is not a schema", hint='{"orders": {"id": "INTEGER", "amount": "DOUBLE"}}'
        )
    return dict(schema)


class StandardInput:
    """Standard input as a temporary file, whose ending says what is in it, removed after use."""

    def __init__(self, *, taken: bool) -> None:
        """Taken: whether the SQL came from standard input."""
        self._taken = taken
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._path: Path | None = None

    def __call__(self) -> Path:
        """The file, read from standard input the first time.

        Raises:
            UsageError: if the SQL came from there.
            EngineError: if nothing came.
        """
        if self._taken:
            raise UsageError(
                "standard input gives the SQL, so it cannot be the table '-' as well",
                hint="the SQL as @file.sql",
            )
        if self._path is None:
            self._path = self._copy(sys.stdin.buffer)
        return self._path

    def close(self) -> None:
        """Removes the copy."""
        if self._folder is not None:
            self._folder.cleanup()

    def _copy(self, source: IO[bytes]) -> Path:
        head = source.read(1 << 16)
        if not head:
            raise EngineError("standard input is empty (0 bytes)", where="'-'")
        self._folder = tempfile.TemporaryDirectory(prefix="sqlnomaly-")
        path = Path(self._folder.name, f"stdin.{sniff(head)}")
        with path.open("wb") as copy:
            while head:
                copy.write(head)
                head = source.read(1 << 20)
        return path


def _text_of(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise UsageError(f"cannot read the {what} file {str(path)!r}: {reason}") from None
