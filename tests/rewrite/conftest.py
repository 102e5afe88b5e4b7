"""A DuckDB connection with the tables of these tests."""

from __future__ import annotations

import pytest

from tests.rewrite.tables import Duck


@pytest.fixture(scope="session")
def duck() -> Duck:
    """Read only by the tests that share it."""
    return Duck()
