"""Sessions on the engines that have stored models beside DuckDB, each gone when the block ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlnomaly import Session, SqlnomalyError, connect
from tests.conformance.on_spark import OnSpark
from tests.conftest import missing_engine
from tests.engines.bigquery_peer import BigQueryPeer
from tests.engines.postgres import Server
from tests.engines.snowflake_peer import PeerMissingError, SnowflakePeer


@contextmanager
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server."""
    try:
        server = Server()
    except (ImportError, OSError) as error:
        missing_engine("postgres", str(error))
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def on_postgres() -> Iterator[Session]:
    """A session of a PostgreSQL server of its own."""
    with postgres_server() as server, connect(server.url) as session:
        yield session


@contextmanager
def on_spark() -> Iterator[Session]:
    """A session of the suite's Spark, which has no model when the block ends."""
    try:
        runner = OnSpark()
    except (ImportError, SqlnomalyError) as error:
        missing_engine("spark", str(error))
    try:
        yield Session(runner.engine)
    finally:
        runner.engine.run("DROP SCHEMA IF EXISTS sqlnomaly CASCADE")
        runner.close()


@contextmanager
def on_snowflake() -> Iterator[Session]:
    """A session of an emulated Snowflake of its own, through the vendor's connector."""
    try:
        import snowflake.connector

        peer = SnowflakePeer()
    except (ImportError, PeerMissingError) as error:
        missing_engine("snowflake", str(error))
    try:
        with closing(snowflake.connector.connect(**peer.parameters)) as connection, connect(connection) as session:
            yield session
    finally:
        peer.stop()


@contextmanager
def on_bigquery() -> Iterator[Session]:
    """A session of a BigQuery of its own that GoogleSQL answers for, through Google's client."""
    try:
        import google.cloud.bigquery  # noqa: F401
        import zetasql  # noqa: F401
    except ImportError as error:
        missing_engine("bigquery", str(error))
    peer = BigQueryPeer()
    try:
        with closing(peer.client()) as client, connect(client) as session:
            yield session
    finally:
        peer.stop()
