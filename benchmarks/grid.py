"""How the time grows with rows and columns, for every detector of ours: ``python -m benchmarks.grid``.

Run ``python -m benchmarks.grid --rows 100000 --rows 1000000 --columns 6 --columns 20``. Each cell is a process of its
own: compile, fit and score a table of a DuckDB file, or fetch it, fit and score for a peer. A cell is stopped after
``--seconds`` or when it needs more than ``--gigabytes``, and one that would take that long by the exponent of the
smaller ones is not started: both are printed. The exponent b is that of cost = a * rows^b, by least squares of the
logarithms.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from benchmarks import data, peers
from benchmarks.compile import slope


@dataclass(slots=True)
class Line:
    """What one way of computing a detector took, by rows.

    Attributes:
        seconds: of the cells that finished.
        stopped: why the others did not.
    """

    seconds: dict[int, float] = field(default_factory=dict)
    stopped: dict[int, str] = field(default_factory=dict)

    def expected(self, rows: int) -> float:
        """Seconds for so many rows, by the two largest cells before; at least as many as by a linear cost."""
        if not self.seconds:
            return 0.0
        known = sorted(self.seconds)[-2:]
        power = max([1.0, *(slope(pair, [self.seconds[n] for n in pair]) for pair in pairwise(known))])
        return self.seconds[known[-1]] * (rows / known[-1]) ** power

    def cell(self, rows: int) -> str:
        """As printed."""
        return f"{self.seconds[rows]:.3g}" if rows in self.seconds else self.stopped.get(rows, "")

    @property
    def exponent(self) -> str:
        """b of cost = a * rows^b."""
        known = sorted(self.seconds)
        return f"{slope(known, [self.seconds[n] for n in known]):.2f}" if len(known) > 1 else ""


@contextmanager
def table(rows: int, columns: int, folder: Path | None) -> Iterator[Path]:
    """A DuckDB file with the table."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        file = Path(place) / "bench.duckdb"
        with duckdb.connect(str(file)) as connection:
            data.make_table(connection, rows, columns)
        yield file


def run(file: Path, detector: str, what: str, seconds: float, gigabytes: float) -> float | str:
    """The seconds of a cell, or why there are none."""
    command = [sys.executable, "-m", "benchmarks.cell", str(file), detector, what, "--gigabytes", str(gigabytes)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60.0, check=False)
    except subprocess.TimeoutExpired:
        return f"> {seconds:g} s"
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        return f"> {gigabytes:g} GB" if done.returncode < 0 else f"exit code {done.returncode}"
    if "error" in found:
        error: str = found["error"]
        return f"> {gigabytes:g} GB" if "emory" in error else "refused" if "Unsupported" in error else error[:40]
    taken: float = found["seconds"]
    return taken if taken <= seconds else f"> {seconds:g} s"


def main(
    rows: Annotated[list[int] | None, typer.Option(help="rows of a table")] = None,
    columns: Annotated[list[int] | None, typer.Option(help="features")] = None,
    detector: Annotated[list[str] | None, typer.Option(help="only this one")] = None,
    seconds: Annotated[float, typer.Option(help="of a cell, at most")] = 120.0,
    gigabytes: Annotated[float, typer.Option(help="of a cell, at most")] = 10.0,
    folder: Annotated[Path | None, typer.Option(help="where the tables go")] = None,
) -> None:
    """Prints a table in Markdown for each number of columns."""
    sizes, widths = sorted(rows or [100_000, 1_000_000, 10_000_000]), columns or [6, 20, 100]
    wanted = detector or data.benched()
    for width in widths:
        lines: dict[str, dict[str, Line]] = {
            name: {what: Line() for what in ("ours", "floor", *(peer.name for peer in peers.peers(name)))}
            for name in wanted
        }
        for size in sizes:
            with table(size, width, folder) as file:
                for name in wanted:
                    fill(lines[name], file, name, size, seconds, gigabytes)
        show(width, sizes, lines)


def fill(lines: dict[str, Line], file: Path, name: str, rows: int, seconds: float, gigabytes: float) -> None:
    """Measures the cells of a detector on a table; one that must take too long is not started."""
    for what, line in lines.items():
        if line.stopped:
            line.stopped[rows] = next(reversed(line.stopped.values()))
        elif line.expected(rows) > seconds:
            line.stopped[rows] = f"(> {seconds:g} s)"
        else:
            found = run(file, name, what, seconds, gigabytes)
            if isinstance(found, float):
                line.seconds[rows] = found
            else:
                line.stopped[rows] = found


def show(width: int, sizes: Sequence[int], lines: dict[str, dict[str, Line]]) -> None:
    """Prints the table of a number of columns; a peer has a line below the detector."""
    heads = ["detector", "by", *(f"{size:,} rows" for size in sizes), "exponent", "x floor", "x faster"]
    print(f"\n{width} columns, seconds:\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}", flush=True)
    for name, found in lines.items():
        ours, floor = found["ours"], found["floor"]
        largest = max(ours.seconds.keys() & floor.seconds.keys(), default=None)
        above = f"{ours.seconds[largest] / floor.seconds[largest]:.3g}" if largest else ""
        print(f"| {name} | ours | {' | '.join(ours.cell(n) for n in sizes)} | {ours.exponent} | {above} | |")
        for what, peer in list(found.items())[2:]:
            both = max(ours.seconds.keys() & peer.seconds.keys(), default=None)
            faster = f"{peer.seconds[both] / ours.seconds[both]:.3g}" if both else ""
            cells = " | ".join(peer.cell(n) for n in sizes)
            print(f"| | {what} | {cells} | {peer.exponent} | | {faster} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
