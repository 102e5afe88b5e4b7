"""A model goes to an engine that could not have fitted it, and scores there as it did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import sqlnomaly
from tests.conftest import missing_engine
from tests.engines.postgres import Server

pytestmark = pytest.mark.postgres


@pytest.fixture
def postgres() -> Iterator[sqlnomaly.Session]:
    try:
        server = Server()
    except (ImportError, OSError) as error:
        missing_engine("postgres", str(error))
    with sqlnomaly.connect(server.url) as session:
        yield session
    server.stop()


def test_a_forest_of_duckdb_scores_in_postgres(postgres: sqlnomaly.Session) -> None:
    with sqlnomaly.connect("duckdb:///shop.db") as shop:
        forest = shop.models().get("halves")
    models = postgres.models()
    models.add("halves", forest)
    assert models.verify("halves").holds
    assert models.diff(forest, "halves").same
