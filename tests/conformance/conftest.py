"""The matrix's engines, one of each a run, and its counts at the end of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from sqlnomaly.errors import SqlnomalyError
from tests.conformance.datasets import DATASETS
from tests.conformance.matrix import ENGINES, Outcome, tail
from tests.conformance.must_run import FILE, read
from tests.conformance.runners import RUNNERS, Runner
from tests.conftest import missing_engine

COUNTS = pytest.StashKey[Counter[tuple[str, str]]]()


class Ledger:
    """Counts what became of the cells."""

    def __init__(self, counts: Counter[tuple[str, str]]) -> None:
        self.counts = counts

    def enter(self, outcome: Outcome, failed: bool) -> None:
        """One cell that came to an end."""
        kind = "failed" if failed else "run" if outcome.refused is None else "refused"
        self.counts[outcome.cell.engine, kind] += 1


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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of several hands its counts to the one that prints them."""
    given = getattr(session.config, "workeroutput", None)
    if given is not None:
        counts = session.config.stash.get(COUNTS, Counter())
        given["matrix"] = [[*key, count] for key, count in counts.items()]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Adds up what the processes counted."""
    counts = node.config.stash.setdefault(COUNTS, Counter())
    for engine, kind, count in getattr(node, "workeroutput", {}).get("matrix", ()):
        counts[engine, kind] += count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints, by engine, how many cells ran, were refused by design, failed, and were not come to."""
    counts = config.stash.get(COUNTS, None)
    if not counts:
        return
    listed = Counter(cell.engine for cell in read(FILE.read_text()))
    terminalreporter.section("conformance matrix")
    for engine in ENGINES:
        run, refused, failed = (counts[engine, kind] for kind in ("run", "refused", "failed"))
        skipped = max(0, listed[engine] - run - refused - failed)
        terminalreporter.write_line(
            f"{engine:<10} {run:>5} run  {refused:>5} refused by design  {skipped:>5} skipped  {failed:>5} failed"
        )
