"""The committed list of cells that must run, and of those that are refused and why.

    run      ENGINE DETECTOR CHECK  DATA ..
    refused  ENGINE DETECTOR CHECK  DATA ..  -- REASON

DATA is names of data sets, ``all``, or ``all but`` names. A cell of the matrix that is not in the list, one
that is refused though it must run, one that runs though it is refused, and a line without a cell: each fails.

``python -m tests.conformance.must_run`` prints the list as the compiler has it now. A line that moves from run
to refused is a decision, not a correction.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.conformance.datasets import BY_NAME, DATASETS, DataSet
from tests.conformance.matrix import ENGINES, Cell, Outcome, cells, checks, outcome
from tests.conformance.on_duckdb import OnDuckDB
from tests.conformance.runner import Runner
from tests.conformance.runners import RUNNERS

FILE = Path(__file__).with_name("must_run.txt")
RUN = ""
"""What the list says of a cell that must run: no reason against it."""


def read(text: str) -> dict[Cell, str]:
    """Cell -> the reason why it is refused, or RUN.

    Raises:
        ValueError: a line that cannot be read, or a cell that is listed twice.
    """
    found: dict[Cell, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        words, _, reason = line.partition(" -- ")
        kind, engine, detector, check, *names = words.split()
        if kind not in ("run", "refused") or (kind == "refused") != bool(reason.strip()):
            raise ValueError(f"not a line of the list: {line}")
        for name in data_sets(names):
            cell = Cell(engine, detector, name, check)
            if cell in found:
                raise ValueError(f"listed twice: {cell}")
            found[cell] = reason.strip() or RUN
    return found


def data_sets(names: list[str]) -> list[str]:
    """The data sets that a line names."""
    if names[:1] != ["all"]:
        return names
    return [name for name in BY_NAME if name not in names[2:]]


def shown(names: Iterable[str]) -> str:
    """The shortest way to name these data sets."""
    wanted = set(names)
    if wanted == set(BY_NAME):
        return "all"
    left_out = [name for name in BY_NAME if name not in wanted]
    if len(left_out) < len(wanted) / 2:
        return "all but " + " ".join(left_out)
    return " ".join(name for name in BY_NAME if name in wanted)


def write(listed: Mapping[Cell, str]) -> str:
    """The list as text: one line for each engine, detector, check and reason."""
    lines: dict[tuple[str, str, str, str], list[str]] = {}
    for cell, reason in listed.items():
        lines.setdefault((cell.engine, cell.detector, cell.check, reason), []).append(cell.data)
    text = []
    for (engine, detector, check, reason), names in lines.items():
        kind, tail = ("refused", f" -- {reason}") if reason else ("run", "")
        text.append(f"{kind:<8} {engine:<9} {detector:<7} {check:<24} {shown(names)}{tail}\n")
    return "".join(sorted(text))


def problems(listed: Mapping[Cell, str], found: Outcome) -> list[str]:
    """What is wrong with a cell, given what the list says of it."""
    wanted = listed.get(found.cell)
    if found.problems:
        return list(found.problems)
    if wanted is None:
        return ["it is not in must_run.txt"]
    if found.refused is None and wanted:
        return [f"it runs, and is listed as refused: {wanted}"]
    if found.refused is not None and not wanted:
        return [f"it must run, and is refused: {found.refused}"]
    if found.refused is not None and found.refused != wanted:
        return [f"it is refused, but not with the listed reason: {found.refused}"]
    return []


class OnlyCompiles(Runner):
    """A runner that stops where a statement would be run or checked: enough to see what is refused."""

    def __init__(self, engine: str) -> None:
        self.name = engine
        self.dialect = RUNNERS[engine].dialect
        self._asked = OnDuckDB() if engine == "duckdb" else None

    def load(self, data: DataSet) -> None:
        if self._asked is not None:
            self._asked.load(data)

    def known(self, data: DataSet) -> dict[str, Any]:
        return super().known(data) if self._asked is None else self._asked.known(data)


def current() -> Iterator[tuple[Cell, str]]:
    """Every cell with the reason why the compiler refuses it now, or RUN; nothing is executed but DuckDB."""
    for engine in ENGINES:
        runner = OnlyCompiles(engine)
        for data in DATASETS:
            runner.load(data)
        seen: dict[tuple[str, str], str] = {}
        for cell in cells():
            if cell.engine != engine:
                continue
            if cell.check.startswith("law:"):
                yield cell, RUN
                continue
            key = (cell.detector, cell.check)
            if key not in seen or seen[key]:
                check = checks(engine, cell.detector, BY_NAME[cell.data])[cell.check]
                seen[key] = outcome(cell, check, runner).refused or RUN
            yield cell, seen[key]


if __name__ == "__main__":
    sys.stdout.write(write(dict(current())))
