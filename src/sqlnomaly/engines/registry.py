"""Which engine a target means: nothing, an address, or a live connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from sqlnomaly.engines.base import Engine
from sqlnomaly.engines.files import format_of
from sqlnomaly.errors import UsageError, nearest

FORMS = (
    "duckdb:// (in memory), duckdb:///file.db, duckdb:////absolute/file.db, spark, postgresql://user@host/database, "
    "snowflake://connection_name, bigquery://project/dataset"
)
"""The addresses that ``open_engine`` takes."""

LIVE = (
    "a DuckDB connection, a SparkSession, an ADBC connection to PostgreSQL, a Snowpark session, a connection of "
    "Snowflake's connector, or a BigQuery client"
)
"""The live objects that it takes."""


def open_engine(target: object = None, *, must_exist: bool = False, read_only: bool = False) -> Engine:
    """The engine behind a target.

    Args:
        target: None for a DuckDB in memory, an address, or a live object: a DuckDB connection, a SparkSession, an ADBC
            connection to PostgreSQL, a Snowpark session, a connection of Snowflake's connector, a BigQuery client.
        must_exist: whether a database file that is not there is an error; otherwise it is made.
        read_only: whether to open a database file without the right to write to it.

    Raises:
        UsageError: for a target that is none of these.
        MissingDriverError: if the engine's Python package is not installed.
        EngineError: if the engine does not start or refuses the file.
    """
    if target is None:
        return _duckdb("", must_exist, read_only)
    if isinstance(target, str):
        return OPENERS[scheme_of(target)](target.partition(":")[2], must_exist, read_only)
    packages = {kind.__module__.partition(".")[0] for kind in type(target).__mro__}
    if packages & {"duckdb", "_duckdb"} and hasattr(target, "execute"):
        from sqlnomaly.engines.duckdb import DuckDB

        return DuckDB.around(target)
    if "pyspark" in packages and hasattr(target, "createDataFrame"):
        from sqlnomaly.engines.spark import Spark

        return Spark.around(target)
    if "adbc_driver_manager" in packages and target.adbc_get_info()["vendor_name"] == "PostgreSQL":  # type: ignore[attr-defined]
        from sqlnomaly.engines.postgres import Postgres

        return Postgres.around(target)
    modules = {kind.__module__ for kind in type(target).__mro__}
    if modules & {"snowflake.snowpark.session", "snowflake.connector.connection"}:
        from sqlnomaly.engines.snowflake import Snowflake

        return Snowflake.around(target)
    if "google.cloud.bigquery.client" in modules:
        from sqlnomaly.engines.bigquery import BigQuery

        return BigQuery.around(target)
    raise UsageError(f"cannot connect to a {type(target).__name__}", hint=f"one of: {FORMS}; or {LIVE}")


def scheme_of(target: str) -> str:
    """The scheme of an address, which is also the dialect of the engine behind it.

    Raises:
        UsageError: for one that no engine has.

    Example:
        >>> scheme_of("duckdb:///file.db")
        'duckdb'
    """
    scheme = target.partition(":")[0].strip().lower()
    scheme = ALIASES.get(scheme, scheme)
    if scheme not in OPENERS:
        raise _unknown(target)
    return scheme


def _duckdb(rest: str, must_exist: bool, read_only: bool) -> Engine:
    from sqlnomaly.engines.duckdb import DuckDB

    if rest in {"", "//", "///", ":memory:", "//:memory:", "///:memory:"}:
        return DuckDB.open(None)
    if not rest.startswith("///"):
        raise UsageError(f"cannot read the address 'duckdb:{rest}'", hint=f"one of: {FORMS}")
    path = Path(rest.removeprefix("///")).expanduser()
    if must_exist and not path.exists():
        raise UsageError(f"there is no database file {str(path)!r}", hint=_near_database(path))
    return DuckDB.open(path, read_only=read_only and path.exists())


def _spark(rest: str, must_exist: bool, read_only: bool) -> Engine:  # noqa: ARG001  (one signature for all)
    from sqlnomaly.engines.spark import Spark

    if rest not in {"", "//"}:
        raise UsageError(f"cannot read the address 'spark:{rest}'", hint="spark, or connect(your_session)")
    return Spark.open()


def _postgres(rest: str, must_exist: bool, read_only: bool) -> Engine:  # noqa: ARG001
    from sqlnomaly.engines.postgres import Postgres

    if not rest.startswith("//"):
        raise UsageError("cannot read the address", hint="postgresql://user@host/database")
    return Postgres.open(f"postgresql:{rest}", read_only=read_only)


def _snowflake(rest: str, must_exist: bool, read_only: bool) -> Engine:  # noqa: ARG001
    from sqlnomaly.engines.snowflake import Snowflake

    return Snowflake.open(rest, read_only=read_only)


def _bigquery(rest: str, must_exist: bool, read_only: bool) -> Engine:  # noqa: ARG001
    from sqlnomaly.engines.bigquery import BigQuery

    return BigQuery.open(rest, read_only=read_only)


def _unknown(target: str) -> UsageError:
    target = re.sub(r"(?<=://).*@", "***@", target)  # it may be a password that stands there
    if format_of(target):
        return UsageError(
            f"{target!r} is a data file, not an engine", hint=f"name it in the query: FROM '{target}'"
        )
    if "://" not in target and (Path(target).exists() or Path(target).suffix in {".db", ".duckdb", ".ddb"}):
        return UsageError(f"{target!r} is a path, not an address", hint=f"duckdb:///{target}")
    guess = nearest(target.partition(":")[0], OPENERS).partition(" allowed: ")[0]
    start = f"{guess} " if guess.startswith("did") else ""
    return UsageError(f"unknown engine {target!r}", hint=f"{start}one of: {FORMS}")


def _near_database(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {str(folder)!r}"
    names = sorted(entry.name for entry in folder.iterdir() if entry.suffix in {".db", ".duckdb", ".ddb"})
    return nearest(path.name, names) if names else f"there is no database file in {str(folder)!r}"


OPENERS: Mapping[str, Callable[[str, bool, bool], Engine]] = MappingProxyType(
    {"duckdb": _duckdb, "spark": _spark, "postgres": _postgres, "snowflake": _snowflake, "bigquery": _bigquery}
)
"""Scheme of an address -> what opens it."""

ALIASES: Mapping[str, str] = MappingProxyType({"postgresql": "postgres"})
"""Another scheme for one of them."""
