"""The matrix's engines, one of each a process, and where its cells are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from sqlnomaly.errors import SqlnomalyError
from tests.conformance.checks import tail
from tests.conformance.datasets import DATASETS
from tests.conformance.ledger import COUNTS, Ledger
from tests.conformance.runner import Runner
from tests.conformance.runners import RUNNERS
from tests.conftest import missing_engine


class Runners:
    """The engines of the run, each started at first use, with every data set loaded."""

    def __init__(self) -> None:
        self._running: dict[str, Runner] = {}

    def __call__(self, engine: str) -> Runner:
        """The engine of that name; a test on one that cannot start is skipped."""
        if engine not in self._running:
            try:
                runner = RUNNERS[engine]()
            except (ImportError, SqlnomalyError) as error:
                missing_engine(engine, str(error))
            for data in DATASETS:
                runner.load(tail(data) if engine == "bigquery" else data)
            self._running[engine] = runner
        return self._running[engine]

    def close(self) -> None:
        """Ends all of them."""
        for runner in self._running.values():
            runner.close()


@pytest.fixture(scope="package")
def runners() -> Iterator[Runners]:
    started = Runners()
    yield started
    started.close()


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> Ledger:
    return Ledger(request.config.stash.setdefault(COUNTS, Counter()))
