"""A session with a table, and models of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import sqlnomaly
from sqlnomaly.model import Model
from sqlnomaly.session import Session
from tests.frontends.asked import TABLE


@pytest.fixture
def duck() -> Iterator[Session]:
    """A database of its own with ``payments(id, amount, items)``."""
    session = sqlnomaly.connect()
    session.sql(f"CREATE TABLE payments AS SELECT * FROM {TABLE}")
    yield session
    session.close()


@pytest.fixture(scope="module")
def models() -> dict[str, Model]:
    """A model of each kind by name: clusters ``k``, components ``p``, trees ``f``, and ``other``, a mad."""
    with sqlnomaly.connect() as session:
        session.sql(f"CREATE TABLE t AS SELECT amount, items FROM {TABLE}")
        query = "SELECT amount, items FROM t"
        return {
            "k": session.fit(query, detector="kmeans", n_clusters=2, normalized=True),
            "p": session.fit(query, detector="pca", n_components=1, form="reconstruction"),
            "f": session.fit(query, detector="iforest", n_estimators=10),
            "other": session.fit(query, detector="mad"),
        }
