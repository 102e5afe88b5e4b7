"""What the command line is given: SQL, data on standard input, a schema."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sqlnomaly.dialects import Dialect, get_dialect
from sqlnomaly.engines.files import STANDARD_INPUT, sniff
from sqlnomaly.errors import BindError, EngineError, SqlnomalyError, UsageError
from sqlnomaly.frontends import foreign
from sqlnomaly.pushdown.statements import (
    DescribeModel,
    ExplainAnomaly,
    ShowModels,
    model_name,
    read_statement,
)
from sqlnomaly.script import statements_of

if TYPE_CHECKING:
    from sqlnomaly.model import Model

_READING = (exp.Query, exp.Describe, exp.Show, exp.Summarize)
_TELLING = (ShowModels, DescribeModel, ExplainAnomaly)


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
    own = get_dialect(dialect)
    return all(_reads(statement, own) for statement in statements_of(sql, own.sqlglot))


def _reads(statement: str, dialect: Dialect) -> bool:
    """The same of one statement; one about a model writes unless it only tells."""
    try:
        told = read_statement(statement, dialect) or foreign(statement, dialect, _unknown)
    except SqlnomalyError:  # nothing will run, or it asks for a model, as queries do
        return re.match(r"\W*(create|insert|merge|update)\b", statement, re.IGNORECASE) is None
    if told is not None and not isinstance(told, str):
        return isinstance(told, _TELLING)
    try:
        trees = sqlglot.parse(told or statement, read=dialect.sqlglot)
    except SqlglotError:  # nothing will run
        return True
    return all(tree is None or isinstance(tree, _READING) for tree in trees)


def _unknown(name: str) -> Model:
    raise BindError(f"nobody knows the model {name!r} yet", hint="connect first")


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


def read_models(given: Sequence[str]) -> Mapping[str, Model] | None:
    """The models in files: ``NAME=FILE`` each; None where none is given.

    Raises:
        UsageError: for anything else, or a name that comes twice.
        ModelError: for a file that is no model.
    """
    from sqlnomaly.model import Model

    found: dict[str, Model] = {}
    for one in given:
        name, sign, file = one.partition("=")
        if not sign or not name or model_name(name) in found:
            raise UsageError(f"--model takes NAME=FILE, each name once, not {one!r}", hint="--model fraud=fraud.model")
        found[model_name(name)] = Model.load(file)
    return found or None


def explained(sql: str, dialect: str) -> str:
    """The script without the words EXPLAIN ANOMALY, which say what ``explain`` does anyway; as it is without them."""
    own = get_dialect(dialect)
    statements = statements_of(sql, own.sqlglot)
    told = [read_statement(statement, own) for statement in statements]
    if not any(isinstance(one, ExplainAnomaly) for one in told):
        return sql
    return ";\n".join(
        one.sql if isinstance(one, ExplainAnomaly) else statement
        for one, statement in zip(told, statements, strict=True)
    )


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
