"""What an engine is: it runs SQL text to Arrow and knows its tables; differences are class flags."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from sqlglot import exp

from sqlnomaly.errors import EngineError, UnsupportedError

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.function import Function

TEMPORARY = "_sn_"
"""Every relation that sqlnomaly makes for itself begins with this, and is dropped when the query is over."""


CATALOG = "sqlnomaly."
"""What the names of the catalog's tables begin with: nobody's query names them."""


class Engine(ABC):
    """A connection that the session talks to. It is also the compiler's binder, by ``describe``.

    Class variables:
        dialect: the dialect it reads.
        names_files: whether it reads ``FROM 'orders.parquet'`` by itself; if not, ``open_file`` makes a view.
        transactional: whether CREATE FUNCTION can be rolled back.
        temporary_tables: whether CREATE TEMPORARY TABLE makes a table that only this connection sees.
        has_anomaly_sql: whether it has anomaly SQL of its own, which is then not read as that of another system.

    Every method raises BindError for a name or a type that does not fit, EngineError for anything else the
    engine refuses.
    """

    dialect: ClassVar[str]
    names_files: ClassVar[bool] = False
    transactional: ClassVar[bool] = False
    temporary_tables: ClassVar[bool] = False
    has_anomaly_sql: ClassVar[bool] = False

    @abstractmethod
    def run(self, sql: str) -> pa.Table:
        """Runs one statement to its end. A statement that returns nothing gives a table without columns."""

    def stream(self, sql: str) -> pa.RecordBatchReader:
        """Runs one statement and gives its rows batch by batch; the next statement ends it."""
        return self.run(sql).to_reader()

    @abstractmethod
    def describe(self, sql: str) -> list[tuple[str, str]]:
        """Name and type text of each column of a SELECT, without running it."""

    @abstractmethod
    def tables(self) -> list[str]:
        """The names of the tables and views that a query can read now."""

    @abstractmethod
    def columns(self, table: str) -> list[tuple[str, str]]:
        """Name and type text of each column of a table."""

    @abstractmethod
    def load(self, name: str, data: pa.Table) -> None:
        """Makes Arrow rows a temporary relation of that name, seen by this connection only; replaces one."""

    @abstractmethod
    def open_file(self, name: str, path: str) -> None:
        """Makes a Parquet, CSV or JSON file a temporary view of that name."""

    @abstractmethod
    def register(self, name: str, function: Function) -> None:
        """Registers a vectorized function for this session.

        Raises:
            UnsupportedError: on an engine that takes none.
        """

    @abstractmethod
    def unregister(self, names: Sequence[str]) -> None:
        """Takes registered functions away; a name that is gone is no error."""

    @abstractmethod
    def drop(self, names: Sequence[str]) -> None:
        """Drops temporary views made by ``load`` or ``open_file``; a name that is gone is no error."""

    def make_schema(self, name: str) -> None:
        """Makes a schema, where it is not there; the current schema stays what it is."""
        self.run(self._schema_of(name).sql(self.dialect))

    @staticmethod
    def _schema_of(name: str, *properties: exp.Expr) -> exp.Create:
        """The statement that makes one."""
        return exp.Create(
            this=exp.Table(db=exp.to_identifier(name)),
            kind="SCHEMA",
            exists=True,
            properties=exp.Properties(expressions=list(properties)) if properties else None,
        )

    def takes_walks(self, sql: str) -> bool:
        """Whether functions that walk along rows would make a statement faster that is printed with windows."""
        return False

    def lacked_memory(self, error: EngineError) -> bool:
        """Whether a statement failed because memory did not hold what functions are given at once."""
        return False

    def prepare(self, name: str, sql: str) -> None:
        """Plans a query with parameters ``$1``, ``$2`` .. under a name.

        Raises:
            UnsupportedError: on an engine that it is not done for.
        """
        raise UnsupportedError(
            f"queries are prepared on DuckDB only, not on {self.dialect}",
            hint="install the model's functions, and prepare a call of them with the engine's own driver",
        )

    def run_prepared(self, name: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """Runs it; the values are SQL."""
        raise UnsupportedError(f"nothing is prepared on {self.dialect}")

    def unprepare(self, name: str) -> None:
        """Forgets it; one that is gone is no error."""

    def functions(self, names: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
        """The functions of these names, written as in SQL, that are there: the comment, or None, of each overload.

        Raises:
            UnsupportedError: on an engine that nothing is installed in.
        """
        raise UnsupportedError(
            f"nothing can be installed in {self.dialect} from here", hint="sqlnomaly pack prints the script"
        )

    def check_install(self, schema: str | None) -> None:
        """Refuses, before anything is made, a schema that cannot be written to and an engine that is too old.

        Raises:
            UnsupportedError: with what to do.
        """

    def register_native(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Registers the native functions that last as long as the connection; their names, and what to know of them."""
        return (), ()

    def unregister_native(self) -> tuple[str, ...]:
        """Takes them away; the names of those that were there."""
        return ()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside or nothing, where the engine has that; a part of a transaction that is open already."""
        yield

    def progress(self) -> float | None:
        """The share of the running statement that is done, or None; asked from another thread."""
        return None

    def interrupt(self) -> None:
        """Stops the running statement, asked from another thread; does nothing where Ctrl-C does it by itself."""

    @abstractmethod
    def close(self) -> None:
        """Gives back what this engine opened; a connection that the user handed in stays open."""
