"""DuckDB: in memory, in a file, or behind a connection that the user already has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import sqlglot
from sqlglot import exp

from sqlnomaly.engines.base import CATALOG, TEMPORARY, Engine
from sqlnomaly.engines.files import format_of
from sqlnomaly.errors import (
    BindError,
    EngineError,
    MissingDriverError,
    SqlnomalyError,
    UnsupportedError,
    nearest,
)

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from sqlnomaly.pushdown.function import Function

BATCH_ROWS = 100_000
"""Rows of one streamed batch."""

WORTH_A_WALK = 300_000
"""Rows from which on compiling a loop is won back in its first run."""
BYTES_A_ROW = 400
"""Memory that lists of rows may take, where a row has a few columns: windows can spill to disk, lists cannot."""

SETTINGS = (
    "SET python_enable_replacements = false",  # a Python variable is no table
    "SET enable_progress_bar = true",  # counted by DuckDB, drawn by the command line
    "SET enable_progress_bar_print = false",
)
"""Settings of a connection of our own."""


class DuckDB(Engine):
    """A DuckDB connection.

    Results are read to their end before anything else runs: DuckDB 2.0 refuses a query beside an unread
    result, and a cursor does not see its connection's temporary tables, registered data and transaction.
    """

    dialect: ClassVar[str] = "duckdb"
    names_files: ClassVar[bool] = True
    transactional: ClassVar[bool] = True
    temporary_tables: ClassVar[bool] = True

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, owned: bool) -> None:
        self._connection = connection
        self._owned = owned
        self._reader: pa.RecordBatchReader | None = None

    @classmethod
    def open(cls, path: Path | None, *, read_only: bool = False) -> DuckDB:
        """A connection of our own, to a file or in memory; Python variables are not tables in it."""
        duckdb = _driver()
        try:
            connection = duckdb.connect(":memory:" if path is None else str(path), read_only=read_only)
            for (
                setting
            ) in SETTINGS:  # not as config: DuckDB refuses a file that is open here with another one
                connection.execute(setting).fetchall()
        except duckdb.Error as error:
            raise EngineError(
                f"DuckDB cannot open {str(path)!r}: {_first_line(error)}", where=str(path)
            ) from None
        return cls(connection, owned=True)

    @classmethod
    def around(cls, connection: Any) -> DuckDB:
        """The user's own connection, used as it is and never closed."""
        return cls(connection, owned=False)

    def run(self, sql: str) -> pa.Table:
        """Runs one statement on the connection itself, so that its temporary tables are seen."""
        import pyarrow as pa

        kinds = self._kinds(sql)
        with self._errors():
            relation = _sn_ask(self._connection, sql)
            # INSERT and its like give a count, or the rows of RETURNING.
            silent = "QUERY_RESULT" not in kinds or (
                "CHANGED_ROWS" in kinds and relation.columns == ["Count"]
            )
            return pa.table({}) if silent else relation.to_arrow_table()

    def stream(self, sql: str) -> pa.RecordBatchReader:
        """Streams a query; any other statement runs to its end first."""
        import pyarrow as pa

        if self._kinds(sql) != {"QUERY_RESULT"}:
            return self.run(sql).to_reader()
        with self._errors():
            relation = _sn_ask(self._connection, sql)
            self._reader = relation.to_arrow_reader(BATCH_ROWS)
        return pa.RecordBatchReader.from_batches(self._reader.schema, self._batches(self._reader))

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """Binds a SELECT; DuckDB relations run only when they are read."""
        if self._kinds(sql) != {"QUERY_RESULT"} or len(self._connection.extract_statements(sql)) != 1:
            raise EngineError("only a single query can be described", where=sql)
        if self._connection.extract_statements(sql)[0].named_parameters:
            sql = _without_parameters(sql)
        with self._errors():
            relation = _sn_ask(self._connection, sql)
            return [(name, str(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)]

    def takes_walks(self, sql: str) -> bool:
        """Where DuckDB expects so many rows that compiling a loop pays, and so few that memory holds their lists."""
        try:
            rows = max(self._expected(sql), default=0)
        except SqlnomalyError:  # the statement itself will say so
            return False
        if rows < WORTH_A_WALK:
            return False
        (limit,) = self._asked("SELECT current_setting('memory_limit')")[0]
        return rows * BYTES_A_ROW <= _bytes_of(limit)

    def lacked_memory(self, error: EngineError) -> bool:
        """Where DuckDB says so."""
        return error.message.startswith("Out of Memory")

    def _expected(self, sql: str) -> list[int]:
        """How many rows DuckDB expects of each step of a statement."""
        ((_, plan),) = self._asked(f"EXPLAIN (FORMAT JSON) {sql}")
        return [int(rows) for rows in re.findall(r'"Estimated Cardinality": "(\d+)"', plan)]

    def _asked(self, sql: str) -> list[tuple[Any, ...]]:
        self._settle()
        with self._errors():
            return _sn_ask(self._connection, sql).fetchall()  # type: ignore[no-any-return]

    def prepare(self, name: str, sql: str) -> None:
        """Plans a query with parameters."""
        self._settle()
        with self._errors():
            self._connection.execute(f"PREPARE {name} AS {sql}")

    def run_prepared(self, name: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """Runs it; it is planned anew where the values have other types than before."""
        self._settle()
        with self._errors():
            return self._connection.execute(f"EXECUTE {name}({', '.join(values)})").fetchall()

    def unprepare(self, name: str) -> None:
        """Forgets it."""
        self._settle()
        with suppress(_driver().Error):
            self._connection.execute(f"DEALLOCATE {name}")

    def tables(self) -> list[str]:
        """Tables and views, with their schema where it is not the current one."""
        self._settle()
        with self._errors():
            rows = self._connection.sql(
                "SELECT CASE WHEN table_schema IN (current_schema(), 'main') THEN table_name "
                "ELSE table_schema || '.' || table_name END FROM information_schema.tables ORDER BY ALL"
            ).fetchall()
        return [name for (name,) in rows if not name.startswith((TEMPORARY, CATALOG))]

    def check_install(self, schema: str | None) -> None:
        """The database can be written to, and has the schema."""
        self._settle()
        with self._errors():
            rows = self._connection.sql(
                "SELECT d.readonly, s.schema_name FROM duckdb_databases() AS d "
                "JOIN duckdb_schemas() AS s ON s.database_name = d.database_name "
                "WHERE d.database_name = current_database()"
            ).fetchall()
        if any(read_only for read_only, _ in rows):
            raise UnsupportedError("the database is open for reading only", hint="open it for writing")
        if schema is not None and schema.lower() not in {name.lower() for _, name in rows}:
            raise UnsupportedError(f"there is no schema {schema!r}", hint=nearest(schema, sorted({n for _, n in rows})))

    def functions(self, names: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
        """Macros and functions of the current database, and DuckDB's own."""
        self._settle()
        with self._errors():
            here = self._connection.sql("SELECT current_schema()").fetchall()[0][0]
            rows = self._connection.sql(
                "SELECT schema_name, LOWER(function_name), comment, internal FROM duckdb_functions() "
                "WHERE internal OR database_name = current_database()"
            ).fetchall()
        found: dict[str, tuple[str | None, ...]] = {}
        for name in names:
            parts = [part.name for part in exp.to_table(name, dialect="duckdb").parts]
            schema, own = parts[0] if len(parts) > 1 else here, parts[-1].lower()
            for place, known, comment, internal in rows:
                if known == own and (place.lower() == schema.lower() or internal):
                    found[name] = (*found.get(name, ()), comment)
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction, or a part of the one that the user has begun."""
        self._settle()
        # Asked, not tried: DuckDB aborts a transaction for a BEGIN inside it. Each statement outside of one has
        # a number of its own.
        numbers = [self._connection.execute("SELECT txid_current()").fetchall() for _ in range(2)]
        if numbers[0] == numbers[1]:
            yield
            return
        self._connection.execute("BEGIN TRANSACTION").fetchall()
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK").fetchall()
            raise
        with self._errors():  # of two that write one key the second is told so here
            self._connection.execute("COMMIT").fetchall()

    def columns(self, table: str) -> list[tuple[str, str]]:
        """The columns of a table or view."""
        self._settle()
        with self._errors():
            relation = self._connection.table(table)
            return [(name, str(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)]

    def load(self, name: str, data: pa.Table) -> None:
        """Registers the Arrow rows without copying them."""
        self._settle()
        with self._errors():
            self._connection.register(name, data)

    def open_file(self, name: str, path: str) -> None:
        """A temporary view over what DuckDB's own reader of that format gives."""
        self._settle()
        reader = {"parquet": "read_parquet", "csv": "read_csv", "json": "read_json"}[format_of(path) or "csv"]
        with self._errors():
            self._connection.register(name, getattr(self._connection, reader)(path).to_arrow_table())

    def register(self, name: str, function: Function) -> None:
        """Registers it on chunks of Arrow arrays; NULLs are passed on."""
        self._settle()
        with self._errors():
            create: Any = self._connection.create_function
            create(name, function.call, None, function.returns, type="arrow", null_handling="special")

    def unregister(self, names: Sequence[str]) -> None:
        """Removes functions that ``register`` made."""
        duckdb = _driver()
        self._settle()
        for name in names:
            with suppress(duckdb.Error):
                self._connection.remove_function(name)

    def drop(self, names: Sequence[str]) -> None:
        """Unregisters what ``load`` and ``open_file`` registered; a transaction that failed takes it away itself."""
        duckdb = _driver()
        self._settle()
        for name in names:
            with suppress(duckdb.Error):
                self._connection.unregister(name)

    def progress(self) -> float | None:
        """DuckDB's own estimate; it has none for short queries and on connections where the bar is off."""
        share = float(self._connection.query_progress()) / 100.0
        return min(share, 1.0) if share >= 0.0 else None

    def interrupt(self) -> None:
        """Stops the running statement: Python cannot deliver Ctrl-C while DuckDB works."""
        self._connection.interrupt()

    def close(self) -> None:
        """Closes a connection of our own."""
        self._reader = None
        if self._owned:
            self._connection.close()

    def _settle(self) -> None:
        """Ends a stream that was not read to its end: it would block the connection."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _kinds(self, sql: str) -> set[str]:
        """What the last statement may give: QUERY_RESULT, CHANGED_ROWS, NOTHING. Ends an unread stream."""
        self._settle()
        with self._errors():
            statements = self._connection.extract_statements(sql)
        if not statements:
            raise EngineError("there is no statement to run", where=sql or None)
        return {kind.name for kind in statements[-1].expected_result_type}

    def _batches(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        with self._errors():
            yield from reader

    @contextmanager
    def _errors(self) -> Iterator[None]:
        import pyarrow as pa

        duckdb = _driver()
        try:
            yield
        except (
            duckdb.Error,
            pa.ArrowException,
            OSError,
        ) as error:  # a reader raises DuckDB's errors as OSError
            if "KeyboardInterrupt" in str(error):  # it reached a Python function inside the query
                raise KeyboardInterrupt from None
            raise self._translate(error) from None
        except RuntimeError as error:  # DuckDB 2.0 has no class of its own for this
            if "interrupted" not in str(error):
                raise
            raise EngineError("the query was interrupted") from None

    def _translate(self, error: Exception) -> SqlnomalyError:
        """The engine's first meaningful line as one of ours, its proposals as the hint."""
        text, where = str(error), _marked(str(error))
        kind = type(error).__name__
        if missing := re.search(r"Table with name (.+?) does not exist", text):
            return BindError(f"table {missing[1]!r} does not exist", where=where, hint=self._near(missing[1]))
        if column := re.search(r'Referenced column "(.+?)" not found', text):
            return BindError(f"column {column[1]!r} does not exist", where=where, hint=_proposals(text))
        if stray := re.search(r'Python Object "(\w+)" of type .* not suitable for replacement', text):
            return BindError(f"table {stray[1]!r} does not exist", where=where, hint=self._near(stray[1]))
        if pattern := re.search(r'No files found that match the pattern "(.+?)"', text):
            return BindError(f"file {pattern[1]!r} does not exist", where=where)
        if kind == "ResourceInUseException":
            return EngineError(
                "the DuckDB connection has a result that was not read to its end",
                hint="read it with fetchall(), or hand over a connection of its own: connection.cursor()",
            )
        ours = BindError if kind in {"BinderException", "CatalogException"} else EngineError
        return ours(_first_line(error), where=where, hint=_proposals(text))

    def _near(self, table: str) -> str:
        try:
            tables = self.tables()
        except SqlnomalyError:  # a transaction that failed answers nothing
            tables = []
        return nearest(table, tables) if tables else "there are no tables; a file is FROM 'file.parquet'"


def _driver() -> Any:
    try:
        import duckdb
    except ImportError:
        raise MissingDriverError("duckdb is not installed", hint="pip install duckdb") from None
    return duckdb


def _bytes_of(size: str) -> float:
    """The bytes of a size as DuckDB says it; of one that it says otherwise, none.

    Example:
        >>> _bytes_of("1.5 KiB"), _bytes_of("much")
        (1536.0, 0.0)
    """
    said = re.fullmatch(r"([\d.]+) (bytes?|[KMGTP]iB)", size)
    return float(said[1]) * 1024.0 ** "bKMGTP".index(said[2][0]) if said else 0.0


def _without_parameters(sql: str) -> str:
    """The query with NULL for each parameter: it has the same columns."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    return str(tree.transform(lambda node: exp.null() if isinstance(node, exp.Placeholder) else node).sql("duckdb"))


def _sn_ask(_sn_connection: Any, _sn_text: str) -> Any:
    """Asks in a frame whose variables are no table's name: DuckDB reads variables as tables."""
    return _sn_connection.sql(_sn_text)


def _proposals(text: str) -> str | None:
    """The names that DuckDB proposes, without those that we made."""
    lists = re.findall(r'(?:Candidate (?:bindings|tables)[: ]*|Did you mean )((?:"[^"\n]+"(?:, )?)+)', text)
    names = [name for name in re.findall(r'"([^"]+)"', " ".join(lists)) if not name.startswith(TEMPORARY)]
    return "did you mean " + " or ".join(map(repr, names)) + "?" if names else None


def _first_line(error: Exception) -> str:
    """The first line without the classes in front, ``Binder Error: ..``."""
    line = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return re.sub(r"^(?:[A-Z]\w+(?: [A-Z]\w+)* Error: )+", "", line.strip())


def _marked(text: str) -> str | None:
    """The fragment under the carets of ``LINE n: ..``."""
    lines = text.splitlines()
    for line, carets in pairwise(lines):
        if line.startswith("LINE ") and set(carets.strip()) == {"^"}:
            start = carets.index("^")
            # One caret marks only where it begins.
            end = start + len(carets.strip())
            fragment = line[start:end] if end - start > 1 else line[start : start + 40]
            return fragment.strip() or None
    return None
