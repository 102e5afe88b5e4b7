"""The matrix's counts: kept by each process of a run, added up, and printed at its end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.matrix import Outcome

COUNTS = pytest.StashKey[Counter[tuple[str, str]]]()


class Ledger:
    """Counts what became of the cells."""

    def __init__(self, counts: Counter[tuple[str, str]]) -> None:
        self.counts = counts

    def enter(self, outcome: Outcome, failed: bool) -> None:
        """One cell that came to an end."""
        kind = "failed" if failed else "run" if outcome.refused is None else "refused"
        self.counts[outcome.cell.engine, kind] += 1


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
    from tests.conformance.matrix import ENGINES
    from tests.conformance.must_run import FILE, read

    listed = Counter(cell.engine for cell in read(FILE.read_text()))
    terminalreporter.section("conformance matrix")
    for engine in ENGINES:
        run, refused, failed = (counts[engine, kind] for kind in ("run", "refused", "failed"))
        skipped = max(0, listed[engine] - run - refused - failed)
        terminalreporter.write_line(
            f"{engine:<10} {run:>5} run  {refused:>5} refused by design  {skipped:>5} skipped  {failed:>5} failed"
        )
