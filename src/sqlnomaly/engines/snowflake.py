"""Snowflake: a named connection of the driver's own configuration, or the session that the user already has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, ClassVar

from sqlglot import exp, tokenize
from sqlglot.errors import SqlglotError

from sqlnomaly.engines.base import TEMPORARY, Engine
from sqlnomaly.engines.duckdb import DuckDB
from sqlnomaly.engines.snowflake_errors import scrubbed, secrets_of, translate, words
from sqlnomaly.engines.snowflake_types import declared, rows_of, texts_of, type_text
from sqlnomaly.errors import (
    BindError,
    EngineError,
    MissingDriverError,
    SqlnomalyError,
    UnsupportedError,
    UsageError,
    nearest,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.function import Function

ANSWERING = frozenset("SELECT WITH VALUES ( SHOW DESC DESCRIBE EXPLAIN LIST LS".split())
"""First words of statements that give rows and write nothing; CALL gives rows and may write."""

VALUES_AT_ONCE = 50_000
"""Values of one INSERT; up to 65,280 the server takes them with the statement."""

TABLES = """
SELECT table_schema, table_name, table_schema = CURRENT_SCHEMA() FROM information_schema.tables
WHERE table_schema <> 'INFORMATION_SCHEMA'
"""
HERE = "SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()"


class Snowflake(Engine):
    """A connection of Snowflake's Python connector, which a Snowpark session has too. Results come through Arrow.

    Names are Snowflake's: an unquoted one is in upper case. So are those of rows that are loaded, where they are plain
    words: ``load("orders", ..)`` makes ORDERS, which ``FROM orders`` reads. Nothing is written but by ``load``, and by
    statements that say so.
    """

    dialect: ClassVar[str] = "snowflake"
    has_anomaly_sql: ClassVar[bool] = True

    def __init__(self, connection: Any, *, owned: bool, read_only: bool = False) -> None:
        self._connection = connection
        self._owned = owned
        self._read_only = read_only
        self._loaded: set[str] = set()
        self._running = 0

    @classmethod
    def open(cls, rest: str, *, read_only: bool = False) -> Snowflake:
        """The connection of that name in the driver's connections.toml or environment; without one, its default.

        Args:
            rest: the address behind ``snowflake:``.
            read_only: whether to refuse every statement that is no query; Snowflake has no such sessions.
        """
        name = rest.removeprefix("//")
        if not re.fullmatch(r"[\w.-]*", name):  # not shown: it may hold a password
            raise UsageError(
                "a Snowflake address is snowflake://name, of a connection that connections.toml has",
                hint="no account, user or password goes into it; or connect(your_connection)",
            )
        connector = _driver()
        try:
            connection = connector.connect(**({"connection_name": name} if name else {}))
        except (connector.Error, OSError, ValueError) as error:
            text = scrubbed(words(error), secrets_of(name))
            raise EngineError(f"Snowflake does not let us in: {text}", where=name or None) from None
        return cls(connection, owned=True, read_only=read_only)

    @classmethod
    def around(cls, given: Any) -> Snowflake:
        """The user's own connection, or that of a Snowpark session, used as it is and never closed."""
        connection = given.connection if hasattr(given, "create_dataframe") else given
        if "mock" in type(connection).__module__:
            raise UsageError("a Snowpark session for local testing runs no SQL", hint="one with an account")
        return cls(connection, owned=False)

    def run(self, sql: str) -> pa.Table:
        """Runs one statement to its end; whole numbers are int64 where they fit, times are of microseconds."""
        import pyarrow as pa

        word = _first_word(sql)
        if self._read_only and word not in ANSWERING:
            raise EngineError(f"the connection is read-only: {word} is refused", where=sql)
        with self._asking() as cursor:
            cursor.execute(sql)
            return rows_of(cursor) if word in ANSWERING or word == "CALL" else pa.table({})

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """Has the server compile a SELECT."""
        if _first_word(sql) not in {"SELECT", "WITH", "VALUES", "("}:
            raise EngineError("only a single query can be described", where=sql)
        with self._asking() as cursor:
            return [(column.name, type_text(column)) for column in cursor.describe(sql)]

    def tables(self) -> list[str]:
        """Tables and views of the database in use, with their schema where it is not the current one."""
        return [name for name in self._tables() if not name.rpartition(".")[2].startswith(TEMPORARY.upper())]

    def columns(self, table: str) -> list[tuple[str, str]]:
        """The columns of a table or view."""
        known = self._tables()
        if table not in known:
            raise BindError(f"table {table!r} does not exist", hint=self._near(table))
        return self.describe(f"SELECT * FROM {'.'.join(map(_quoted, known[table]))}")  # noqa: S608  (from the catalog)

    def functions(self, names: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
        """Functions and procedures of the database in use, or of the one that a name says."""
        here = self._ask(HERE)[0]
        found: dict[str, tuple[str | None, ...]] = {}
        for name in names:
            parts = [_exact(part) for part in exp.to_table(name, dialect=self.dialect).parts]
            place = [*here[: 3 - len(parts)], *parts]
            if None in place:
                raise EngineError("no schema is in use", where=name, hint="USE SCHEMA .., or schema='database.schema'")
            for kind in ("USER FUNCTIONS", "PROCEDURES"):
                text = f"SHOW {kind} IN SCHEMA {'.'.join(map(_quoted, place[:2]))}"
                with self._asking() as cursor:
                    at = {column.name: number for number, column in enumerate(cursor.execute(text).description)}
                    rows = cursor.fetchall()
                for row in rows:
                    if row[at["name"]] == place[2]:
                        found[name] = (*found.get(name, ()), row[at["description"]] or None)
        return found

    def load(self, name: str, data: pa.Table) -> None:
        """Makes a temporary table and inserts the rows as bound values.

        Each value is bound as its text, which is exact for numbers and needs no right to a stage, as COPY INTO of a
        Parquet file would; that one reads a number through a VARIANT, which knows no NaN. It is slower: for millions
        of rows use the driver's own ``write_pandas`` into a table.
        """
        table = _quoted(_folded(name))
        columns = [_folded(column) for column in data.column_names]
        if len(set(columns)) < len(columns):
            raise EngineError("two columns have one name in upper case", where=", ".join(columns))
        kinds = ", ".join(
            f"{_quoted(column)} {declared(field)}" for column, field in zip(columns, data.schema, strict=True)
        )
        self.drop([name])
        self._ask(f"CREATE TEMPORARY TABLE {table} ({kinds})")
        self._loaded.add(name)
        holes = ", ".join("?" for _ in columns)
        size = max(1, VALUES_AT_ONCE // max(1, len(columns)))
        for start in range(0, data.num_rows, size):
            values = [texts_of(column) for column in data.slice(start, size).columns]
            with self._asking() as cursor:
                insert = f"INSERT INTO {table} VALUES ({holes})"  # noqa: S608  (a quoted name)
                cursor.execute(insert, values, _force_qmark_paramstyle=True)

    def open_file(self, name: str, path: str) -> None:
        """Reads the file here, by DuckDB, and loads its rows."""
        with closing(DuckDB.open(None)) as reader:
            reader.open_file("file", path)
            rows = reader.run("SELECT * FROM file")
        self.load(name, rows)

    def make_schema(self, name: str) -> None:
        """Makes a schema, which Snowflake then makes the current one, and goes back to the one before."""
        here = self._ask(HERE)[0]
        super().make_schema(name)
        if None not in here:
            self._ask(f"USE SCHEMA {'.'.join(map(_quoted, here))}")

    def register(self, name: str, function: Function) -> None:
        """Refused.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            "Snowflake takes no functions from a client", where=name, hint="fit a model, and install its functions"
        )

    def unregister(self, names: Sequence[str]) -> None:
        """There is none."""

    def drop(self, names: Sequence[str]) -> None:
        """Drops temporary tables of ``load``, and never another table of that name."""
        for name in names:
            if name in self._loaded:
                self._loaded.discard(name)
                self._ask(f"DROP TABLE IF EXISTS {_quoted(_folded(name))}")

    def interrupt(self) -> None:
        """Has the server stop what the session runs, if it runs something of ours."""
        if self._running:
            with suppress(_driver().Error), closing(self._connection.cursor()) as cursor:
                cursor.execute(f"SELECT SYSTEM$CANCEL_ALL_QUERIES({int(self._connection.session_id)})")

    def close(self) -> None:
        """Closes a connection of our own; a user's keeps no table of ours."""
        if self._owned:
            self._connection.close()
            return
        with suppress(SqlnomalyError):
            self.drop(sorted(self._loaded))

    def _tables(self) -> dict[str, tuple[str, ...]]:
        found = {name if here else f"{schema}.{name}": (schema, name) for schema, name, here in self._ask(TABLES)}
        return dict(sorted({**found, **{_folded(name): (_folded(name),) for name in self._loaded}}.items()))

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self._asking() as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(sql).fetchall()
            return rows

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        """A cursor, whose exact numbers stay exact, and errors as ours."""
        connector = _driver()
        before = self._connection.arrow_number_to_decimal
        self._running += 1
        try:
            self._connection.arrow_number_to_decimal_setter = True
            with closing(self._connection.cursor()) as cursor:
                yield cursor
        except connector.Error as error:
            raise translate(error, self._near) from None
        finally:
            self._running -= 1
            self._connection.arrow_number_to_decimal_setter = before

    def _near(self, table: str) -> str:
        try:
            tables = self.tables()
        except SqlnomalyError:
            tables = []
        return nearest(table, tables) if tables else "there are no tables; a file is FROM 'file.parquet'"


def _driver() -> Any:
    try:
        import snowflake.connector as connector
    except ImportError:
        raise MissingDriverError.named("snowflake-connector-python", "snowflake") from None
    return connector


def _first_word(sql: str) -> str:
    try:
        tokens = tokenize(sql, read="snowflake")
    except SqlglotError:  # the server is the one to say so
        return "SELECT"
    if not tokens:
        raise EngineError("there is no statement to run")
    return tokens[0].text.split()[0].upper()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _folded(name: str) -> str:
    """A name of ours or of a file as Snowflake would read it without quotes."""
    return name.upper() if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*", name) else name


def _exact(part: Any) -> str:
    """An identifier as Snowflake folds it."""
    return str(part.name) if part.args.get("quoted") else str(part.name).upper()
