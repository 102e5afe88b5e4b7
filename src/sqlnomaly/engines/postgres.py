"""PostgreSQL: a connection of our own, or the ADBC connection that the user already has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, ClassVar

from sqlglot import TokenType, exp, tokenize
from sqlglot.errors import SqlglotError

from sqlnomaly.engines.base import CATALOG, TEMPORARY, Engine
from sqlnomaly.engines.duckdb import DuckDB
from sqlnomaly.engines.postgres_errors import LOST, secrets_of, translate
from sqlnomaly.engines.postgres_types import for_postgres, from_postgres, type_text
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

SETTINGS = (
    "SET extra_float_digits = 1",  # a number as text is the shortest one that reads back
    "SET standard_conforming_strings = on",
)
"""Settings of a connection of our own, whatever the server's are."""

READ, WRITE, USUAL = "READ ONLY", "READ WRITE", ""
"""What a transaction may do: a query reads; temporary tables are written even on a read-only connection."""

ROW_BY_ROW = {"adbc.postgresql.use_copy": "false"}
"""For EXPLAIN, SHOW and the like: COPY, by which the driver reads the rows of a query, does not take them."""

OLDEST = 140_000
"""The first version whose functions may have SQL for a body."""

POINT = "_sn_statement"
"""The savepoint around a statement inside a transaction of the user's."""

TABLES = """
SELECT (CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname || '.' END || c.relname)::text, c.oid::bigint
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND NOT pg_is_other_temp_schema(n.oid)
  AND n.nspname <> 'information_schema' AND (n.nspname !~ '^pg_' OR n.oid = pg_my_temp_schema())
  AND has_table_privilege(c.oid, 'SELECT')
ORDER BY 1
"""
COLUMNS = """
SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""

FUNCTIONS = """
SELECT n.nspname::text, p.proname::text, obj_description(p.oid, 'pg_proc'), n.nspname = current_schema()
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE p.proname = $1
"""


class Postgres(Engine):
    """A PostgreSQL connection, by ADBC: results are Arrow from the server's binary rows on, and read whole.

    Every statement is a transaction of its own, or a savepoint in the one that the user has open; what fails is rolled
    back, and nothing else is. A query runs read-only, so that no function in it writes.
    """

    dialect: ClassVar[str] = "postgres"
    transactional: ClassVar[bool] = True
    temporary_tables: ClassVar[bool] = True

    def __init__(self, connection: Any, *, owned: bool, secrets: Sequence[str] = ()) -> None:
        self._connection = connection
        self._owned = owned
        self._secrets = tuple(secrets)
        self._loaded: set[str] = set()
        self._inside = False

    @classmethod
    def open(cls, address: str, *, read_only: bool = False) -> Postgres:
        """A connection of our own; what the address leaves out comes from PG* variables and ~/.pgpass, as in psql."""
        dbapi = _driver()
        secrets = secrets_of(address)
        try:
            connection = dbapi.connect(address, autocommit=True)
        except dbapi.Error as error:
            raise translate(error, secrets, doing="PostgreSQL does not let us in") from None
        engine = cls(connection, owned=True, secrets=secrets)
        try:
            for setting in (*SETTINGS, *(["SET default_transaction_read_only = on"] if read_only else ())):
                engine._ask(setting)
        except BaseException:
            engine.close()
            raise
        return engine

    @classmethod
    def around(cls, connection: Any) -> Postgres:
        """The user's own connection, used as it is and never closed.

        Raises:
            UsageError: where the driver keeps a transaction open: it would let nothing but an error end it.
        """
        if connection.adbc_connection.get_option("adbc.connection.autocommit") != "true":
            raise UsageError(
                "the connection is not in autocommit, so that an error in a query would undo what was done in it",
                hint="adbc_driver_postgresql.dbapi.connect(address, autocommit=True); BEGIN and COMMIT work there",
            )
        return cls(connection, owned=False)

    def run(self, sql: str) -> pa.Table:
        """Runs one statement; NUMERIC comes back as DECIMAL."""
        import pyarrow as pa

        text = _single(sql)
        mode = READ if _reads(text) else USUAL
        with self._transaction(sql, mode=mode), self._cursor() as cursor:
            if mode is USUAL:
                cursor.adbc_statement.set_options(**ROW_BY_ROW)
            cursor.execute(text)
            found = cursor.fetch_arrow_table()
        return from_postgres(found) if found.column_names else pa.table({})

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """Prepares a SELECT."""
        with self._transaction(sql), self._cursor() as cursor:
            fields = cursor.adbc_execute_schema(_single(sql))
        if not fields.names:
            raise EngineError("only a single query can be described", where=sql)
        return [(field.name, type_text(field)) for field in fields]

    def tables(self) -> list[str]:
        """Tables and views that the role may read, with their schema where a plain name does not reach them."""
        names = [name for name in self._tables() if not name.startswith(CATALOG)]
        return [name for name in names if not name.rpartition(".")[2].startswith(TEMPORARY)]

    def check_install(self, schema: str | None) -> None:
        """The server knows SQL in the bodies of functions, and the role may create in the schema."""
        (version,) = self._rows("SELECT current_setting('server_version_num')::int")[0]
        if version < OLDEST:
            raise UnsupportedError(
                f"functions need PostgreSQL {OLDEST // 10_000} or later, this is {version // 10_000}", hint="upgrade it"
            )
        found = self._rows(
            "SELECT n.nspname::text, has_schema_privilege(n.oid, 'CREATE') FROM pg_namespace AS n "
            "WHERE n.nspname = COALESCE($1, current_schema())",
            schema,
        )
        if not found:
            raise UnsupportedError(f"there is no schema {schema!r}", hint="CREATE SCHEMA, or another one")
        if not found[0][1]:
            raise UnsupportedError(
                f"this role may not create in schema {found[0][0]}", hint="GRANT CREATE ON SCHEMA, or another schema"
            )

    def functions(self, names: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
        """Functions and procedures of the schema, and PostgreSQL's own."""
        found: dict[str, tuple[str | None, ...]] = {}
        for name in names:
            parts = [part.name for part in exp.to_table(name, dialect="postgres").parts]
            for schema, _, comment, current in self._rows(FUNCTIONS, parts[-1]):
                if schema == "pg_catalog" or (schema == parts[0] if len(parts) > 1 else current):
                    found[name] = (*found.get(name, ()), comment)
        return found

    def columns(self, table: str) -> list[tuple[str, str]]:
        """The columns of a table or view."""
        known = self._tables()
        if table not in known:
            raise BindError(f"table {table!r} does not exist", hint=self._near(table))
        return [(name, kind) for name, kind in self._rows(COLUMNS, known[table])]

    def load(self, name: str, data: pa.Table) -> None:
        """Copies Arrow rows into a temporary table, types that PostgreSQL lacks as their nearest one."""
        data = for_postgres(data)
        with self._transaction(None, mode=WRITE), self._cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {_temporary(name)}")
            cursor.adbc_ingest(name, data, mode="create", temporary=True)
        self._loaded.add(name)

    def open_file(self, name: str, path: str) -> None:
        """Reads the file here, by DuckDB, and copies its rows into a temporary table."""
        with closing(DuckDB.open(None)) as reader:
            reader.open_file("file", path)
            rows = reader.run("SELECT * FROM file")
        self.load(name, rows)

    def register(self, name: str, function: Function) -> None:
        """Refused.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("PostgreSQL takes no functions from a client", where=name)

    def unregister(self, names: Sequence[str]) -> None:
        """There is none."""

    def drop(self, names: Sequence[str]) -> None:
        """Drops temporary tables; those of a lost connection are gone with it."""
        for name in names:
            try:
                self._ask(f"DROP TABLE IF EXISTS {_temporary(name)}", mode=WRITE)
            except EngineError as error:
                if not error.message.startswith(LOST):
                    raise
            self._loaded.discard(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Statements as one transaction, or as a part of the user's."""
        with self._transaction(None, mode=USUAL):
            self._inside = True
            try:
                yield
            finally:
                self._inside = False

    def interrupt(self) -> None:
        """Has the server stop the running statement."""
        self._connection.adbc_cancel()

    def close(self) -> None:
        """Closes a connection of our own."""
        if self._owned:
            self._connection.close()

    def _tables(self) -> dict[str, int]:
        return dict(self._rows(TABLES))

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._transaction(None), self._cursor() as cursor:
            cursor.execute(_single(sql), values or None)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def _ask(self, sql: str, *, mode: str = USUAL) -> None:
        with self._transaction(None, mode=mode), self._cursor() as cursor:
            cursor.execute(sql)

    def _cursor(self) -> Any:
        return closing(self._connection.cursor())

    @contextmanager
    def _transaction(self, sql: str | None, *, mode: str = READ) -> Iterator[None]:
        """One statement as a transaction, its errors as ours."""
        dbapi = _driver()
        try:
            inside = self._begin(mode)
            try:
                yield
            except BaseException:
                with suppress(dbapi.Error):  # a lost connection has nothing to end: the first error is the one to tell
                    self._end(*((f"ROLLBACK TO {POINT}", f"RELEASE {POINT}") if inside else ("ROLLBACK",)))
                raise
            self._end(f"RELEASE {POINT}" if inside else "COMMIT")
        except dbapi.Error as error:
            raise self._translate(error, sql) from None

    def _begin(self, mode: str) -> bool:
        """Begins one; whether it is a savepoint in the user's."""
        dbapi = _driver()
        with self._cursor() as cursor:
            if not self._owned or self._inside:
                try:
                    cursor.execute(f"SAVEPOINT {POINT}")
                except dbapi.Error as error:
                    if error.sqlstate != NO_TRANSACTION:
                        raise
                else:
                    if mode is READ:
                        cursor.execute(f"SET TRANSACTION {mode}")
                    return True
            cursor.execute(f"BEGIN {mode}")
        return False

    def _end(self, *words: str) -> None:
        with self._cursor() as cursor:
            for word in words:
                cursor.execute(word)

    def _translate(self, error: Any, sql: str | None) -> SqlnomalyError:
        found = translate(error, self._secrets, sql=sql, near=self._near)
        if found.message.startswith(LOST) and self._loaded:
            names = ", ".join(sorted(self._loaded))
            found.hint = f"connect again; temporary tables died with the session: {names}"
            return EngineError(found.message, where=found.where, hint=found.hint)
        return found

    def _near(self, table: str) -> str:
        try:
            tables = self.tables()
        except SqlnomalyError:
            tables = []
        return nearest(table, tables) if tables else "there are no tables; a file is FROM 'file.parquet'"


NO_TRANSACTION = "25P01"
"""The SQLSTATE of a savepoint where no transaction is open."""


QUERIES = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.VALUES, TokenType.L_PAREN})
"""How a query begins."""
WRITING = frozenset(
    {TokenType.INSERT, TokenType.UPDATE, TokenType.DELETE, TokenType.MERGE, TokenType.INTO, TokenType.FOR}
)
"""What a query holds that writes: in WITH, SELECT INTO, or FOR UPDATE."""


def _driver() -> Any:
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise MissingDriverError.named("adbc-driver-postgresql", "postgres") from None
    return dbapi


def _reads(sql: str) -> bool:
    """Whether a statement is a query and nothing in it is written to."""
    try:
        kinds = [token.token_type for token in tokenize(sql, read="postgres")]
    except SqlglotError:  # the server is the one to say so
        return False
    return bool(kinds) and kinds[0] in QUERIES and WRITING.isdisjoint(kinds)


def _single(sql: str) -> str:
    """The statement without its semicolon, and a line that ends: the driver writes it into COPY (..) TO."""
    text = sql.strip().rstrip(";")
    if not text:
        raise EngineError("there is no statement to run")
    return text + "\n"


def _temporary(name: str) -> str:
    """A temporary table's name, in the schema that holds nothing else: no other table is ever dropped."""
    return 'pg_temp."' + name.replace('"', '""') + '"'
