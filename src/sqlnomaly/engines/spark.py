"""Spark: a local session of our own, or the SparkSession that the user already has."""

from __future__ import annotations

import atexit
import gzip
import logging
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.engines.base import TEMPORARY, Engine
from sqlnomaly.engines.files import format_of
from sqlnomaly.engines.java import java_home
from sqlnomaly.errors import (
    BindError,
    EngineError,
    MissingDriverError,
    SqlnomalyError,
    UnsupportedError,
    nearest,
)
from sqlnomaly.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.function import Function

OLDEST = 4
"""The first version with SQL functions."""

WORTH_A_WALK = 100_000
"""Rows from which on a loop along them is faster than windows, with the time that data take to Python and back."""
BYTES_A_ROW = 10
"""Bytes of a row in a file, at least."""
SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "OFF",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""Settings of a session of our own; a user's session keeps the user's."""


class Spark(Engine):
    """A Spark session. Results come through Arrow and are read whole."""

    dialect: ClassVar[str] = "spark"

    def __init__(self, session: Any, *, owned: bool) -> None:
        self._session = session
        self._owned = owned
        self._walkers: bool | None = None

    @classmethod
    def open(cls) -> Spark:
        """The session that runs in this process, else a new one on two local cores."""
        with _quiet_python():
            try:
                from pyspark.sql import SparkSession
            except ImportError:
                raise MissingDriverError.named("pyspark", "spark") from None
            active = SparkSession.getActiveSession()
            if active is not None:
                if _Local.session is active:
                    _Local.users += 1
                return cls(active, owned=_Local.session is active)
            _Local.session, _Local.users = _start(SparkSession), 1
        return cls(_Local.session, owned=True)

    @classmethod
    def around(cls, session: Any) -> Spark:
        """The user's own session, its settings untouched and never stopped."""
        return cls(session, owned=False)

    def run(self, sql: str) -> pa.Table:
        """Runs one statement; Spark runs commands at once and queries when they are read."""
        with self._errors():
            return self._session.sql(_single(sql)).toArrow()

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """Analyzes a SELECT without a job."""
        with self._errors():
            fields = self._session.sql(_single(sql)).schema.fields
            return [(field.name, field.dataType.simpleString()) for field in fields]

    def tables(self) -> list[str]:
        """Tables and temporary views of the current database."""
        with self._errors():
            names = [table.name for table in self._session.catalog.listTables()]
        return sorted(name for name in names if not name.startswith(TEMPORARY))

    def check_install(self, schema: str | None) -> None:
        """Spark knows SQL functions, and the database is there."""
        if int(self._session.version.partition(".")[0]) < OLDEST:
            raise UnsupportedError(
                f"SQL functions need Spark {OLDEST} or later, this is {self._session.version}", hint="upgrade it"
            )
        with self._errors():
            if schema is not None and not self._session.catalog.databaseExists(schema):
                raise UnsupportedError(f"there is no database {schema!r}", hint="CREATE DATABASE, or another one")

    def functions(self, names: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
        """Functions of the catalog and of the session, and Spark's own."""
        found: dict[str, tuple[str | None, ...]] = {}
        with self._errors():
            for name in names:
                if self._session.catalog.functionExists(name):
                    said = self._session.sql(f"DESCRIBE FUNCTION EXTENDED {name}").collect()
                    lines = [row[0].partition(":") for row in said]
                    comments = [text.strip() for label, _, text in lines if label == "Comment"]
                    found[name] = (comments[0] if comments else None,)
        return found

    def register_native(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The table function ``detect_anomalies``, which lasts as long as the session."""
        from sqlnomaly.install.spark import RESTORE, register
        from sqlnomaly.pushdown.relation_words import NAME

        with self._errors():
            register(self._session)
        return (NAME,), (f"{NAME} lasts as long as the session; in a new one: {RESTORE}",)

    def unregister_native(self) -> tuple[str, ...]:
        """Takes ``detect_anomalies`` away."""
        from sqlnomaly.install.spark import unregister
        from sqlnomaly.pushdown.relation_words import NAME

        with self._errors():
            there = self._session.catalog.functionExists(NAME)
            unregister(self._session)
        return (NAME,) if there else ()

    def columns(self, table: str) -> list[tuple[str, str]]:
        """The columns of a table or view."""
        with self._errors():
            fields = self._session.table(table).schema.fields
            return [(field.name, field.dataType.simpleString()) for field in fields]

    def load(self, name: str, data: pa.Table) -> None:
        """Copies Arrow rows into a temporary view, types that Spark lacks as their nearest one."""
        with self._errors():
            self._frame(data).createOrReplaceTempView(name)

    def open_file(self, name: str, path: str) -> None:
        """A temporary view over Spark's own reader of that format."""
        with self._errors():
            self._read(path).createOrReplaceTempView(name)

    def takes_walks(self, sql: str) -> bool:
        """Where Spark expects so many rows that its Python workers pay, or cannot say, and they know sqlnomaly."""
        if not hasattr(self._session, "_jsparkSession"):  # Spark Connect shows no plan
            return False
        try:
            with self._errors():
                # Not of the optimized plan: what the driver holds is computed on while a plan is optimized.
                found = self._session.sql(_single(sql))._jdf.queryExecution().analyzed().collectLeaves()
                leaves = [found.apply(at) for at in range(found.size())]
                sizes = [_expected(leaf.stats()) for leaf in leaves if leaf.nodeName() != "CTERelationRef"]
        except SqlnomalyError:  # the statement itself will say so
            return False
        return max(sizes, default=0) >= WORTH_A_WALK and self._equipped()

    def _equipped(self) -> bool:
        """Whether the workers have this sqlnomaly; a worker is asked once."""
        if self._walkers is None:
            try:
                with self._errors():
                    from pyspark.sql.functions import arrow_udf  # type: ignore[attr-defined]
                    from pyspark.sql.types import StringType

                    asked = arrow_udf(_annotated(versions), StringType())
                    rows = self._session.range(1).select(asked("id")).collect()
                self._walkers = rows[0][0] == __version__
            except (SqlnomalyError, ImportError):  # they have none, or Spark is too old to ask
                self._walkers = False
        return self._walkers

    def register(self, name: str, function: Function) -> None:
        """Registers an Arrow UDF; the workers need sqlnomaly installed."""
        with self._errors():
            from pyspark.sql.functions import arrow_udf  # type: ignore[attr-defined]

            self._session.udf.register(name, arrow_udf(_annotated(function.call), _returned(function)))

    def unregister(self, names: Sequence[str]) -> None:
        """Drops temporary functions."""
        with self._errors():
            for name in names:
                self._session.sql(f"DROP TEMPORARY FUNCTION IF EXISTS {name}")

    def drop(self, names: Sequence[str]) -> None:
        """Drops temporary views."""
        with self._errors():
            for name in names:
                self._session.catalog.dropTempView(name)

    def close(self) -> None:
        """Stops a session of our own when its last user closes it."""
        if self._owned:
            self._owned = False
            _Local.users -= 1
            if _Local.users == 0:
                _stop()

    def _read(self, path: str) -> Any:
        reader = self._session.read
        match format_of(path):
            case "csv":
                tab = "tsv" in Path(path).name.lower().split(".")[1:]
                reader = reader.option("header", True).option("inferSchema", True)
                return reader.option("sep", "\t" if tab else ",").csv(path)
            case "json":
                return reader.option("multiLine", _is_json_array(path)).json(path)
            case _:
                if _has_nanoseconds(path):
                    import pyarrow.parquet as pq

                    return self._frame(pq.read_table(path))
                return reader.parquet(path)

    def _frame(self, data: pa.Table) -> Any:
        """The rows as a DataFrame; a timestamp without zone stays one, whatever the session's zone."""
        from pyspark.sql.pandas.types import from_arrow_schema

        data = _for_spark(data)
        return self._session.createDataFrame(data, from_arrow_schema(data.schema, prefer_timestamp_ntz=True))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        from pyspark.errors import PySparkException

        with _quiet_python():
            try:
                yield
            except PySparkException as error:
                raise self._translate(error) from None
            except _of_the_jvm() as error:
                raise EngineError(f"Spark failed: {_first_line(_cause(error))}") from None

    def _translate(self, error: Any) -> SqlnomalyError:
        """Spark's error class and its parameters as one of ours."""
        condition: str = error.getCondition() or ""
        parameters: dict[str, str] = error.getMessageParameters() or {}
        text = _first_line(str(error))
        if condition.startswith("TABLE_OR_VIEW_NOT_FOUND"):
            name = _plain(parameters.get("relationName", ""))
            return BindError(f"table {name!r} does not exist", hint=self._near(name))
        if condition.startswith("UNRESOLVED_COLUMN"):
            proposals = [_plain(name) for name in parameters.get("proposal", "").split(", ") if name][:3]
            hint = "did you mean " + " or ".join(map(repr, proposals)) + "?" if proposals else None
            return BindError(f"column {_plain(parameters.get('objectName', ''))!r} does not exist", hint=hint)
        if condition == "UNRESOLVED_ROUTINE":
            return BindError(f"function {_plain(parameters.get('routineName', ''))!r} does not exist")
        if condition == "PATH_NOT_FOUND":
            path = parameters.get("path", "").removeprefix("file:")
            return BindError(f"file {path!r} does not exist", where=path)
        fragment = error.getQueryContext()[0].fragment() if error.getQueryContext() else None
        ours = BindError if type(error).__name__ == "AnalysisException" else EngineError
        return ours(text, where=fragment or None)

    def _near(self, table: str) -> str:
        try:
            tables = self.tables()
        except SqlnomalyError:
            tables = []
        return nearest(table, tables) if tables else "there are no tables; a file is FROM 'file.parquet'"


class _Local:
    """The session that this process started by itself, and how many engines use it."""

    session: ClassVar[Any] = None
    users: ClassVar[int] = 0


def _start(builder_of: Any) -> Any:
    """A session on two local cores; whatever the JVM says while it starts is shown only if it does not."""
    from pyspark.errors import PySparkException

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    folder = tempfile.mkdtemp(prefix="sqlnomaly-spark-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    builder = builder_of.builder.master("local[2]").appName("sqlnomaly")
    made = {"spark.sql.warehouse.dir": f"{folder}/warehouse", "spark.driver.memory": f"{_memory()}m"}
    for name, value in {**SETTINGS, **made}.items():
        builder = builder.config(name, value)
    log = Path(folder, "start.log")
    failures: tuple[type[Exception], ...] = (PySparkException, OSError, *_of_the_jvm())
    try:
        with java_home(Path(folder)), _descriptors_to(log):
            session = builder.getOrCreate()
    except failures as error:
        tail = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-1:]
        raise EngineError(
            f"Spark does not start: {_first_line(str(error))}", where=tail[0] if tail else None
        ) from None
    return session


def _memory() -> int:
    """Megabytes for the JVM: a quarter of the machine's, at most 4 GB; Spark's own default is 1 GB of any machine."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    except (AttributeError, ValueError, OSError):  # not on Windows
        return 1024
    return min(max(whole // 4, 1024), 4096)


def _stop() -> None:
    with _quiet_python():
        _Local.session.stop()
    _Local.session = None


@contextmanager
def _descriptors_to(log: Path) -> Iterator[None]:
    """Sends what child processes inherit as standard output and error to a file."""
    with log.open("wb") as sink:
        saved = [(number, os.dup(number)) for number in (1, 2)]
        try:
            for number, _ in saved:
                os.dup2(sink.fileno(), number)
            yield
        finally:
            for number, copy in saved:
                os.dup2(copy, number)
                os.close(copy)


def _cause(error: Exception) -> str:
    """What went wrong in the JVM; py4j's own text names but the call."""
    inner = getattr(error, "java_exception", None)
    try:
        while inner is not None and inner.getCause() is not None:
            inner = inner.getCause()
        return str(error) if inner is None else str(inner.toString())
    except _of_the_jvm():  # a JVM that died answers nothing
        return "the JVM is gone, maybe for lack of memory"


def _of_the_jvm() -> tuple[type[Exception], ...]:
    """How a JVM in this process fails; nothing where pyspark came as the client of Spark Connect alone."""
    try:
        from py4j.protocol import Py4JError
    except ImportError:
        return ()
    return (Py4JError,)


@contextmanager
def _quiet_python() -> Iterator[None]:
    """Hides pyspark's warnings about the versions of its dependencies, and its log of errors that it also raises."""

    def drop(_: logging.LogRecord) -> bool:  # a new one each time, so that threads may overlap
        return False

    loggers = _loggers()
    for logger in loggers:
        logger.addFilter(drop)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"pyspark\..*")
            warnings.filterwarnings("ignore", category=FutureWarning, message=".*PySpark.*")
            yield
    finally:
        for logger in loggers:
            logger.removeFilter(drop)


def _loggers() -> list[logging.Logger]:
    """Where pyspark logs errors of statements; they are of a class of its own, which it has to make itself."""
    try:
        from pyspark.logger import PySparkLogger
    except ImportError:  # no pyspark: whoever asks says so
        return []
    return [PySparkLogger.getLogger(name) for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger")]


def _for_spark(data: pa.Table) -> pa.Table:
    """The same rows in types that Spark has."""
    import pyarrow as pa

    wider = {
        pa.uint8(): pa.int16(),
        pa.uint16(): pa.int32(),
        pa.uint32(): pa.int64(),
        pa.uint64(): pa.decimal128(20, 0),
        pa.float16(): pa.float32(),
        pa.large_string(): pa.string(),
        pa.large_binary(): pa.binary(),
    }

    def nearest_type(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_dictionary(kind):
            return nearest_type(kind.value_type)
        if pa.types.is_timestamp(kind):
            return pa.timestamp("us", kind.tz)
        return wider.get(kind, kind)

    schema = pa.schema([pa.field(field.name, nearest_type(field.type)) for field in data.schema])
    return data.cast(schema, safe=False)


def versions(rows: pa.Array) -> pa.Array:
    """The version of sqlnomaly where this runs, for each row."""
    import pyarrow as pa

    return pa.array([__version__] * len(rows), pa.string())


def _expected(statistics: Any) -> float:
    """How many rows Spark expects of a source, by its bytes where it has not counted them."""
    counted = statistics.rowCount()
    return float(counted.get() if counted.isDefined() else statistics.sizeInBytes() / BYTES_A_ROW)


def _returned(function: Function) -> Any:
    """The type of what a function gives, as an object: a text is parsed by a JVM, which a Connect session lacks."""
    from pyspark.sql.types import ArrayType, DoubleType, LongType, StructField, StructType

    kinds = {"BIGINT": LongType(), "DOUBLE": DoubleType(), "DOUBLE[]": ArrayType(DoubleType())}
    if not function.fields:
        return kinds[function.returns]
    return ArrayType(StructType([StructField(name, kinds[kind]) for name, kind in function.fields]))


def _annotated(call: Callable[..., Any]) -> Callable[..., Any]:
    """The function with the type hints by which Spark tells an Arrow function of columns."""
    import pyarrow as pa

    def columns(*arguments: Any) -> Any:
        return call(*arguments)

    columns.__annotations__ = {"arguments": pa.Array, "return": pa.Array}
    return columns


def _has_nanoseconds(path: str) -> bool:
    """Whether a Parquet file holds timestamps that Spark refuses to read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowException):  # a folder, a pattern, an address: Spark's to read
        return False
    return any(pa.types.is_timestamp(kind) and kind.unit == "ns" for kind in schema.types)


def _is_json_array(path: str) -> bool:
    opener: Any = gzip.open if path.lower().endswith(".gz") else open
    try:
        with opener(path, "rb") as file:
            return bool(file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[")
    except OSError:
        return False


def _single(sql: str) -> str:
    """The statement without the semicolon that Spark does not take."""
    return sql.strip().rstrip(";")


def _plain(name: str) -> str:
    return name.replace("`", "")


def _first_line(text: str) -> str:
    """The first sentence that says something, without the error class and the SQLSTATE."""
    line = next((line for line in text.splitlines() if line.strip()), "no message")
    line = re.sub(r"^\[[\w.]+\] | SQLSTATE: \w+.*$", "", line.strip())
    return re.split(r"\.(?:\s|$)", line)[0].strip()
