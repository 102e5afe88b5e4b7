"""Sessions: DuckDB in memory, a PostgreSQL server, the suite's Spark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sqlnomaly import connect
from sqlnomaly.errors import SqlnomalyError
from sqlnomaly.session import Session
from tests.conformance.on_spark import OnSpark
from tests.conftest import missing_engine
from tests.engines.postgres import Server


@pytest.fixture
def duck() -> Iterator[Session]:
    """A database of the test's own."""
    with connect() as session:
        yield session


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """A PostgreSQL server for the folder."""
    try:
        found = Server()
    except (ImportError, OSError) as error:
        missing_engine("postgres", str(error))
    yield found
    found.stop()


@pytest.fixture
def postgres(server: Server) -> Iterator[Session]:
    """A session whose database has no model."""
    with connect(server.url) as session:
        session.engine.run("DROP SCHEMA IF EXISTS sqlnomaly CASCADE")
        yield session


@pytest.fixture(scope="package")
def spark() -> Iterator[Session]:
    """A session of the shared JVM."""
    try:
        runner = OnSpark()
    except (ImportError, SqlnomalyError) as error:
        missing_engine("spark", str(error))
    session = Session(runner.engine)
    yield session
    session.engine.run("DROP SCHEMA IF EXISTS sqlnomaly CASCADE")
    runner.close()
