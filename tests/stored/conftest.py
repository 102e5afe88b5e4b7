"""Sessions: DuckDB in memory, a PostgreSQL server, the suite's Spark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sqlnomaly import connect
from sqlnomaly.session import Session
from tests.engines.postgres import Server
from tests.engines.sessions import on_spark, postgres_server


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
