"""A DuckDB for each file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import sqlnomaly
from sqlnomaly import Session


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as connected:
        yield connected
