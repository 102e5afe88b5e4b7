"""The data sets of the folder on DuckDB, in one database, and Snowflake without a server."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

import pytest

from sqlnomaly import connect
from sqlnomaly.session import Session
from tests.conformance.on_duckdb import OnDuckDB
from tests.conftest import missing_engine
from tests.engines.fakesnow import Fakesnow
from tests.models.asked import SETS


@pytest.fixture(scope="package")
def duck() -> Iterator[Session]:
    """A session with every data set as a table."""
    runner = OnDuckDB()
    for data in SETS.values():
        runner.load(data)
    yield connect(runner.connection)
    runner.close()


@pytest.fixture(scope="module")
def fakesnow() -> Iterator[Fakesnow]:
    """The emulator."""
    try:
        engine = Fakesnow()
    except ImportError as error:
        missing_engine("snowflake", str(error))
    yield engine
    engine.close()


@pytest.fixture
def _snowflake(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that Snowflake's handlers import."""
    stub = types.ModuleType("_snowflake")
    stub.vectorized = lambda **_: lambda function: function  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "_snowflake", stub)
