"""Projects of dbt, one a test or module, on engines that the suite has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import missing_engine
from tests.engines.dbt import HOME, Project
from tests.engines.postgres import Server
from tests.engines.sessions import postgres_server


@pytest.fixture(scope="module")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Project]:
    """Makes a project for an adapter in a folder of its own; a test's module shares what it makes."""
    if not (HOME / "bin" / "dbt").exists():
        missing_engine("dbt", f"no {HOME}; `make dbt` makes it")

    def make(target: str = "duckdb", folder: Path | None = None, **environment: str) -> Project:
        return Project(folder or tmp_path_factory.mktemp("dbt"), target, environment)

    return make


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server of a module's own."""
    with postgres_server() as started:
        yield started
