"""Sessions: DuckDB in memory, a PostgreSQL server, the suite's Spark, what stands for Snowflake and BigQuery."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sqlnomaly import connect
from sqlnomaly.session import Session
from tests.engines.postgres import Server
from tests.engines.sessions import on_bigquery, on_snowflake, on_spark, postgres_server


@pytest.fixture
def duck() -> Iterator[Session]:
    """A database of the test's own."""
    with connect() as session:
        yield session


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """A PostgreSQL server for the folder."""
    with postgres_server() as found:
        yield found


@pytest.fixture
def postgres(server: Server) -> Iterator[Session]:
    """A session whose database has no model."""
    with connect(server.url) as session:
        session.engine.run("DROP SCHEMA IF EXISTS sqlnomaly CASCADE")
        yield session


@pytest.fixture(scope="package")
def spark() -> Iterator[Session]:
    """A session of the shared JVM."""
    with on_spark() as session:
        yield session


@pytest.fixture
def snowflake() -> Iterator[Session]:
    """A session of an emulated Snowflake."""
    with on_snowflake() as session:
        yield session


@pytest.fixture
def bigquery() -> Iterator[Session]:
    """A session of a BigQuery that GoogleSQL answers for."""
    with on_bigquery() as session:
        yield session
