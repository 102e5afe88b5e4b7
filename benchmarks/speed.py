"""How fast it is, beside the floor and beside the package that people use: ``python -m benchmarks.speed``.

Run ``python -m benchmarks.speed --rows 1000000 --columns 6 --detector zscore --detector mad``; without ``--detector``
every one. In each round and for each detector, in turn: the floor (what the SQL cannot go below: a scan with an AVG a
column; a RANK a column for ecod; the bare quantiles for mad and iqr), our query into a temporary table, compiled
and fitted anew, and each peer: the rows fetched from DuckDB as Arrow, fitted and scored. Ratios are taken within a
round, so that they hold when the machine's speed drifts.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from statistics import median
from typing import Annotated

import duckdb
import numpy as np
import typer
from rich.console import Console
from rich.table import Table

import sqlnomaly
from benchmarks import data, peers, restart

FLOORS: Mapping[str, str] = {"ecod": "sorts", "copod": "sorts", "mad": "quantiles", "iqr": "quantiles"}
"""What a detector cannot go below, where that is more than a scan."""

Seconds = dict[str, list[float]]


def floor(kind: str, detector: str, names: list[str]) -> str:
    """The bare work on each column, without a detector."""
    if kind == "sorts":
        return "SELECT " + ", ".join(f"RANK() OVER (ORDER BY {name}) AS {name}" for name in names) + " FROM bench"
    if kind == "scan":
        return "SELECT " + ", ".join(f"AVG({name}) AS {name}" for name in names) + " FROM bench"
    if detector == "iqr":
        both = ", ".join(f"QUANTILE_CONT({name}, [0.25, 0.75]) AS {name}" for name in names)
        return f"SELECT {both} FROM bench"
    first = ", ".join(f"QUANTILE_CONT({name}, 0.5) AS {name}_m" for name in names)
    second = ", ".join(f"QUANTILE_CONT(ABS({name} - {name}_m), 0.5) AS {name}" for name in names)
    return f"WITH medians AS (SELECT {first} FROM bench) SELECT {second} FROM bench CROSS JOIN medians"


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Seconds that it takes, and what it gives."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


class Bench:
    """One table, one session, and everything that is timed on them.

    Attributes:
        taken: the seconds of each round, by what was done.
        apart: the largest relative difference of the scores, by peer, as text.
    """

    def __init__(self, rows: int, columns: int, jobs: int) -> None:
        self.connection = duckdb.connect()
        self.names = data.make_table(self.connection, rows, columns)
        self.session = sqlnomaly.connect(self.connection)
        self.jobs = jobs
        self.taken: dict[str, Seconds] = defaultdict(lambda: defaultdict(list))
        self.apart: dict[tuple[str, str], str] = {}

    def round(self, detector: str, *, counted: bool) -> None:
        """Floors, ours, peers, once each."""
        query, seconds = data.query(detector, self.names), {}
        for kind in dict.fromkeys(["scan", FLOORS.get(detector, "scan")]):
            sql = data.SINK + floor(kind, detector, self.names)
            seconds[kind], _ = timed(lambda sql=sql: self.connection.execute(sql))
        seconds["compile"], _ = timed(lambda: self.session.compile(data.SINK + query))
        seconds["ours"], _ = timed(lambda: self.session.sql(data.SINK + query))
        for peer in peers.peers(detector):
            start = time.perf_counter()
            columns = peers.fetched(self.connection, self.names, ordered=peer.ordered)
            seconds[f"fetch {peer.name}"] = time.perf_counter() - start
            scores = peer.run(columns, self.jobs)
            seconds[f"peer {peer.name}"] = time.perf_counter() - start
            if not counted and peer.same:
                self.apart[detector, peer.name] = self._apart(scores)
        if counted:
            for what, value in seconds.items():
                self.taken[detector][what].append(value)

    def _apart(self, theirs: np.ndarray) -> str:
        ours = self.connection.sql("SELECT score FROM _sn_bench ORDER BY id").to_arrow_table()
        relative, missing = peers.difference(ours.column(0).to_numpy(), theirs)
        return f"{relative:.1e}" + (f" ({missing} unscored)" if missing else "")

    def rows(self, detector: str) -> list[list[str]]:
        """A printed line for each peer of the detector, or one without."""
        taken, own = self.taken[detector], FLOORS.get(detector, "scan")
        front = [detector, shown(taken["ours"]), shown(taken["compile"]), f"{own} {shown(taken[own])}"]
        front += [ratio(taken["ours"], taken["scan"]), ratio(taken["ours"], taken[own])]
        lines = []
        for peer in peers.peers(detector):
            theirs = taken[f"peer {peer.name}"]
            back = [peer.name, shown(theirs), shown(taken[f"fetch {peer.name}"]), ratio(theirs, taken["ours"])]
            back.append(self.apart.get((detector, peer.name), ""))
            lines.append([*(front if not lines else [""] * len(front)), *back])
        return lines or [[*front, "none", "", "", "", ""]]


def shown(seconds: list[float]) -> str:
    """The median, and the smallest."""
    return f"{median(seconds):.3f} ({min(seconds):.3f})"


def ratio(above: list[float], below: list[float]) -> str:
    """The median over the rounds."""
    return f"{median(a / b for a, b in zip(above, below, strict=True)):.2f}"


def main(
    rows: Annotated[int, typer.Option(help="rows of the table")] = 1_000_000,
    columns: Annotated[int, typer.Option(help="features")] = 6,
    detector: Annotated[list[str] | None, typer.Option(help="only this one")] = None,
    runs: Annotated[int, typer.Option(help="counted rounds, after one that is not")] = 3,
    jobs: Annotated[int, typer.Option(help="n_jobs of the peers that take it; 1 is their default")] = 1,
) -> None:
    """Prints seconds, the ratios to the floor and to the peer, and how far the scores are apart."""
    bench = Bench(rows, columns, jobs)
    wanted = detector or data.benched()
    for number in range(runs + 1):
        for name in wanted:
            bench.round(name, counted=number > 0)
    threads = bench.connection.execute("SELECT current_setting('threads')").fetchall()[0][0]
    title = f"{rows:,} rows x {columns} columns, DuckDB {duckdb.__version__}, {threads} threads; seconds: median (min)"
    table = Table(title=title, box=None, title_justify="left")
    headings = ("detector", "ours", "compile", "floor", "x scan", "x floor")
    for heading in (*headings, "peer", "peer's", "fetch", "x faster", "apart"):
        table.add_column(heading, justify="left" if heading in ("detector", "peer") else "right", no_wrap=True)
    for name in wanted:
        for line in bench.rows(name):
            table.add_row(*line)
    Console(width=180).print(table)


if __name__ == "__main__":
    restart.without_slow_settings()
    typer.run(main)
