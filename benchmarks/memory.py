"""How much memory it takes, relative to the table: ``python -m benchmarks.memory``.

Run ``python -m benchmarks.memory --gigabytes 1 --detector ecod``; without ``--detector`` every one. The table is in a
DuckDB file on disk, 8 bytes a value. Each measurement is a process of its own: the growth of its peak resident set
while it fits, scores and keeps the scores in a temporary table, over what it had when it was connected and idle. The
growth includes the blocks of the table that DuckDB keeps in its cache: the line ``scan`` is an AVG of each column.
The second run of each has a memory_limit, by default a quarter of the table, and a temp_directory to spill into; a
query that does not finish under it is printed with what DuckDB says.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks import data

SCANS = {"scan": "AVG({})", "sorts": "RANK() OVER (ORDER BY {})"}
"""What is measured beside the detectors: one expression a column."""

COLUMNS = ("MB", "x table", "spilled MB", "seconds")
HEADINGS = ("query", *COLUMNS, *(f"limit: {column}" for column in COLUMNS))


@dataclass(frozen=True, slots=True)
class Taken:
    """What one process took.

    Attributes:
        growth: bytes of the peak over the idle process.
        spilled: the most bytes seen in the temp_directory.
        seconds: of the statement.
        error: its last line, if it failed.
    """

    growth: int
    spilled: int
    seconds: float
    error: str = ""

    def cells(self, size: int) -> list[str]:
        """As printed: MB, tables, MB spilled, seconds."""
        if self.error:
            return ["fails", "", "", ""]
        spilled = f"{self.spilled / 1e6:,.0f}"
        return [f"{self.growth / 1e6:,.0f}", f"{self.growth / size:.2f}", spilled, f"{self.seconds:.2f}"]


def measure(file: Path, query: str, limit_mb: int | None = None) -> Taken:
    """Runs the query in a process of its own, and watches what it spills."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        command = [sys.executable, "-m", "benchmarks.peak", str(file), "--query", query, "--spill", folder]
        command += [] if limit_mb is None else ["--limit-mb", str(limit_mb)]
        spilled = 0
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            child = subprocess.Popen(command, stdout=out, stderr=err, text=True)
            while child.poll() is None:
                spilled = max(spilled, size_of(Path(folder)))
                time.sleep(0.02)
            out.seek(0)
            err.seek(0)
            if child.returncode:
                said = re.findall(r"\w+Error: [^\n│]+", err.read()) or [f"exit code {child.returncode}"]
                return Taken(0, spilled, 0.0, error=said[-1].strip())
            found = json.loads(out.read())
    return Taken(found["peak"] - found["idle"], spilled, found["seconds"])


def size_of(folder: Path) -> int:
    """Bytes of the files in it; those that vanish meanwhile do not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total


def queries(names: list[str], wanted: list[str]) -> dict[str, str]:
    """What is measured, by name: a scan and a sort of each column, then each detector."""
    found = {
        kind: f"SELECT {', '.join(f'{term.format(name)} AS {name}' for name in names)} FROM bench"
        for kind, term in SCANS.items()
    }
    found |= {detector: data.query(detector, names) for detector in wanted}
    return {name: data.SINK + query for name, query in found.items()}


def main(
    gigabytes: Annotated[float, typer.Option(help="size of the table")] = 1.0,
    columns: Annotated[int, typer.Option(help="features")] = 6,
    detector: Annotated[list[str] | None, typer.Option(help="only this one")] = None,
    limit_mb: Annotated[int | None, typer.Option(help="the memory_limit; a quarter of the table")] = None,
    folder: Annotated[Path | None, typer.Option(help="where the table and the spill go")] = None,
    parquet: Annotated[bool, typer.Option(help="the table is a Parquet file; with the limit only")] = False,
) -> None:
    """Prints the growth in tables, without a limit and under one."""
    rows = max(int(gigabytes * 1e9 / (8 * (columns + 1))), 1)
    size = rows * 8 * (columns + 1)
    bound = limit_mb or max(int(size / 4e6), 1)
    limits = (bound,) if parquet else (None, bound)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        file = Path(place) / "bench.duckdb"
        with duckdb.connect(str(file)) as connection:
            if parquet:
                names = data.make_parquet(connection, rows, columns, Path(place) / "bench.parquet")
                connection.execute(f"CREATE VIEW bench AS FROM '{Path(place) / 'bench.parquet'}'")
            else:
                names = data.make_table(connection, rows, columns)
        table = Table(title=f"{rows:,} rows x {columns} columns: {size / 1e6:,.0f} MB", box=None)
        for heading in HEADINGS if not parquet else ("query", *COLUMNS):
            table.add_column(heading, justify="left" if heading == "query" else "right")
        failures = []
        for name, query in queries(names, detector or data.benched()).items():
            if parquet and name == "sorts":
                continue  # of a table that is larger than the memory: minutes, and nothing to compare with
            cells = []
            for limit in limits:
                taken = measure(file, query, limit)
                cells += taken.cells(size)
                if taken.error:
                    failures.append(f"{name}, limit {limit or 'of DuckDB'} MB: {taken.error}")
            table.add_row(name, *cells)
        console = Console(width=110)
        console.print(table)
        console.print(f"the file: {file.stat().st_size / 1e6:,.0f} MB; the limit: {bound} MB")
        for failure in failures:
            console.print(failure, markup=False)


if __name__ == "__main__":
    typer.run(main)
