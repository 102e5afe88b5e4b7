"""The data sets of the folder on DuckDB, in one database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sqlnomaly import connect
from sqlnomaly.session import Session
from tests.conformance.on_duckdb import OnDuckDB
from tests.models.asked import SETS


@pytest.fixture(scope="package")
def duck() -> Iterator[Session]:
    """A session with every data set as a table."""
    runner = OnDuckDB()
    for data in SETS.values():
        runner.load(data)
    yield connect(runner.connection)
    runner.close()
