"""BigQuery: a client with the application's default credentials, or the client that the user already has."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from sqlglot import exp

from sqlnomaly.engines.base import TEMPORARY, Engine
from sqlnomaly.engines.bigquery_errors import translate
from sqlnomaly.engines.bigquery_types import for_bigquery, type_text
from sqlnomaly.engines.duckdb import DuckDB
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

QUERY = "SELECT"
"""What the service calls a query."""
ANSWERING = frozenset({QUERY, "SCRIPT", "CALL", None})
"""Kinds of statements that may give rows."""
SESSION = "session_id"
PLACE = "_SESSION"
"""The dataset of a session's temporary tables."""


class BigQuery(Engine):
    """A BigQuery client. Tables without a dataset are those of the client's default dataset.

    What the client's default job configuration says holds for every query: ``maximum_bytes_billed`` above all. Rows
    come as JSON, or by the Storage API where google-cloud-bigquery-storage is installed. Nothing is written but by
    ``load``, and by statements that say so.
    """

    dialect: ClassVar[str] = "bigquery"
    has_anomaly_sql: ClassVar[bool] = True

    def __init__(self, client: Any, *, owned: bool, read_only: bool = False) -> None:
        self._client = client
        self._owned = owned
        self._read_only = read_only
        given = client.default_query_job_config or _driver().QueryJobConfig()
        self._dataset = given.default_dataset
        self._session = next((one.value for one in given.connection_properties if one.key == SESSION), None)
        self._location: str | None = None
        self._own_session = False
        self._loaded: dict[str, list[tuple[str, str]]] = {}
        self._job: Any = None

    @classmethod
    def open(cls, rest: str, *, read_only: bool = False) -> BigQuery:
        """A client of our own, with the application's default credentials.

        Args:
            rest: the address behind ``bigquery:``.
            read_only: whether to refuse what is no query; each statement is then asked for its kind first.
        """
        found = re.fullmatch(r"//([\w.:-]+)(?:/(\w+))?/?", rest)
        if found is None:  # not shown: it may hold a key
            raise UsageError(
                "a BigQuery address is bigquery://project/dataset",
                hint="no credentials go into it: gcloud auth application-default login; or connect(your_client)",
            )
        bigquery = _driver()
        project, dataset = found.groups()
        config = bigquery.QueryJobConfig()
        if dataset:
            config.default_dataset = bigquery.DatasetReference(project, dataset)
        try:
            client = bigquery.Client(project=project, default_query_job_config=config)
        except _failures() as error:
            raise translate(error, None, str) from None
        return cls(client, owned=True, read_only=read_only)

    @classmethod
    def around(cls, client: Any) -> BigQuery:
        """The user's own client, its defaults kept and never closed."""
        return cls(client, owned=False)

    def run(self, sql: str) -> pa.Table:
        """Runs one statement or script to its end."""
        import pyarrow as pa

        _check_said(sql)
        if self._read_only and (kind := self._dry(sql).statement_type) != QUERY:
            raise EngineError(f"the connection is read-only: {kind} is refused", where=sql)
        with self._asking(sql):
            job = self._job = self._query(sql)
            rows = job.result()
            if job.statement_type not in ANSWERING or not rows.schema:
                return pa.table({})
            found = rows.to_arrow(create_bqstorage_client=find_spec("google.cloud.bigquery_storage") is not None)
        return pa.Table.from_arrays(found.columns, found.column_names)  # without the client's notes on the columns

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """Has the service compile a SELECT, which costs nothing."""
        job = self._dry(sql)
        if job.statement_type != QUERY:
            raise EngineError("only a single query can be described", where=sql)
        return [(field.name, type_text(field)) for field in job.schema]

    def tables(self) -> list[str]:
        """Tables and views of the default dataset, and what was loaded."""
        with self._asking(None):
            listed = self._client.list_tables(self._dataset) if self._dataset else ()
            names = {table.table_id for table in listed} | set(self._loaded)
        return sorted(name for name in names if not name.startswith(TEMPORARY))

    def columns(self, table: str) -> list[tuple[str, str]]:
        """The columns of a table or view; ``dataset.table`` is one of another dataset."""
        if table in self._loaded:
            return self._loaded[table]
        with self._asking(None):
            found = self._client.get_table(self._reference(table))
            return [(field.name, type_text(field)) for field in found.schema]

    def functions(self, names: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
        """Functions and procedures of the default dataset, or of the one that a name says."""
        from google.api_core.exceptions import NotFound

        found: dict[str, tuple[str | None, ...]] = {}
        for name in names:
            parts = [part.name for part in exp.to_table(name, dialect=self.dialect).parts]
            reference = _driver().RoutineReference.from_string(".".join(self._full(parts)))
            with self._asking(None), suppress(NotFound):
                found[name] = (self._client.get_routine(reference).description,)
        return found

    def load(self, name: str, data: pa.Table) -> None:
        """Loads the rows, as Parquet, into a temporary table of a session.

        Such a table is seen by this session alone, needs no right to write into a dataset, and dies with the session;
        one with an expiration would stand in the user's dataset for everybody until then. The first load begins the
        session, where the default dataset is.
        """
        import pyarrow.parquet as pq

        bigquery = _driver()
        if not name.startswith(TEMPORARY) and name not in self._loaded:
            self._check_free(name)
        rows, kinds = for_bigquery(data)
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            schema=[bigquery.SchemaField(column, kind) for column, kind in kinds],
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
        )
        if self._session is None:
            config.create_session = True
        else:
            config.connection_properties = [bigquery.ConnectionProperty(SESSION, self._session)]
        file = io.BytesIO()
        pq.write_table(rows, file)
        table = bigquery.DatasetReference(self._client.project, PLACE).table(name)
        with self._asking(None):
            if self._location is None and self._dataset is not None and self._session is None:
                self._location = self._client.location or self._client.get_dataset(self._dataset).location
            job = self._job = self._client.load_table_from_file(
                file, table, rewind=True, size=file.tell(), job_config=config, location=self._location
            )
            job.result()
            if self._session is None:
                self._session, self._own_session = job.session_info.session_id, True
        self._loaded[name] = kinds

    def open_file(self, name: str, path: str) -> None:
        """Reads the file here, by DuckDB, and loads its rows."""
        with closing(DuckDB.open(None)) as reader:
            reader.open_file("file", path)
            rows = reader.run("SELECT * FROM file")
        self.load(name, rows)

    def register(self, name: str, function: Function) -> None:
        """Refused.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            "BigQuery takes no functions from a client", where=name, hint="fit a model, and install its functions"
        )

    def unregister(self, names: Sequence[str]) -> None:
        """There is none."""

    def drop(self, names: Sequence[str]) -> None:
        """Drops temporary tables of ``load``, and never another table of that name."""
        for name in names:
            if self._loaded.pop(name, None) is not None:
                self._tell(f"DROP TABLE IF EXISTS {PLACE}.{_quoted(name)}")

    def make_schema(self, name: str) -> None:
        """Makes a dataset, where the default dataset is: one query reads no two places."""
        place: list[exp.Expr] = []
        if self._dataset is not None:
            with self._asking(None):
                location = self._client.get_dataset(self._dataset).location
            place = [exp.Property(this="location", value=exp.Literal.string(location))]
        self.run(self._schema_of(name, *place).sql(self.dialect))

    def interrupt(self) -> None:
        """Cancels the running job."""
        if (job := self._job) is not None:
            with suppress(*_failures()):
                job.cancel()

    def close(self) -> None:
        """Ends a session, and closes a client, of our own."""
        with suppress(SqlnomalyError):
            if self._own_session:
                self._tell("CALL BQ.ABORT_SESSION()")
                self._session, self._own_session = None, False
            else:
                self.drop(list(self._loaded))
        self._loaded.clear()
        if self._owned:
            self._client.close()

    def _query(self, sql: str, **options: Any) -> Any:
        """Begins a job, in the session if there is one."""
        bigquery = _driver()
        config = bigquery.QueryJobConfig(**options)
        if self._session is not None:
            config.connection_properties = [bigquery.ConnectionProperty(SESSION, self._session)]
        return self._client.query(sql, job_config=config, location=self._location)

    def _dry(self, sql: str) -> Any:
        _check_said(sql)
        with self._asking(sql):
            return self._query(sql, dry_run=True, use_query_cache=False)

    def _tell(self, sql: str) -> None:
        with self._asking(sql):
            self._query(sql).result()

    @contextmanager
    def _asking(self, sql: str | None) -> Iterator[None]:
        """Errors as ours, but for what a caller looks for."""
        try:
            yield
        except _failures() as error:
            raise translate(error, sql, self._near) from None
        finally:
            self._job = None

    def _check_free(self, name: str) -> None:
        """Refuses the name of a table of the default dataset: what an unqualified name then reads is not documented."""
        if self._dataset is not None and name in self.tables():
            raise BindError(
                f"there is a table {name!r} in the default dataset", where=name, hint="load under another name"
            )

    def _full(self, parts: Sequence[str]) -> list[str]:
        """The parts of a name from the project on."""
        if len(parts) == 1:
            if self._dataset is None:
                raise EngineError("there is no default dataset", where=parts[0], hint="bigquery://project/dataset")
            return [self._dataset.project, self._dataset.dataset_id, *parts]
        return [self._client.project, *parts] if len(parts) == 2 else list(parts)

    def _reference(self, table: str) -> Any:
        return _driver().TableReference.from_string(".".join(self._full(table.split(".")[-3:])))

    def _near(self, table: str) -> str:
        try:
            tables = self.tables()
        except SqlnomalyError:
            tables = []
        return nearest(table, tables) if tables else "name it dataset.table, or connect to bigquery://project/dataset"


def _driver() -> Any:
    try:
        from google.cloud import bigquery
    except ImportError:
        raise MissingDriverError.named("google-cloud-bigquery", "bigquery") from None
    return bigquery


def _failures() -> tuple[type[Exception], ...]:
    """How the client fails: the service's answer, credentials, the network."""
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    return (GoogleAPIError, GoogleAuthError, RequestException)


def _check_said(sql: str) -> None:
    if not sql.strip(" \t\r\n;"):
        raise EngineError("there is no statement to run")


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect="bigquery")
