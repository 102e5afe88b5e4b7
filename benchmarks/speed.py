"""Fit and score of a DuckDB table, beside what no detector can go below: a scan, and a sort of each column.

Run ``python -m benchmarks.speed --rows 1000000 --columns 6``. Everything is timed in one process in turn, so that
ratios hold when the machine's speed drifts; seconds are the median of the runs.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

import sqlnomaly
from sqlnomaly.udfs.registry import detectors

SINK = "CREATE OR REPLACE TEMP TABLE _sn_bench AS "


def data(connection: duckdb.DuckDBPyConnection, rows: int, columns: int) -> list[str]:
    """Makes the table ``bench`` of seeded normal values, and gives its feature columns."""
    names = [f"x{index}" for index in range(1, columns + 1)]
    draws = ", ".join(
        f"sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) * {index} + 100 AS {name}"
        for index, name in enumerate(names, start=1)
    )
    connection.execute("SELECT setseed(0.42)")
    connection.execute(f"CREATE OR REPLACE TABLE bench AS SELECT range AS id, {draws} FROM range({rows})")
    return names


def statements(session: sqlnomaly.Session, names: list[str], wanted: list[str]) -> dict[str, str]:
    """What is timed, by name: the two floors, then each detector."""
    scan = ", ".join(f"AVG({name}) AS {name}" for name in names)
    sorts = ", ".join(f"RANK() OVER (ORDER BY {name}) AS {name}" for name in names)
    found = {"scan": f"SELECT {scan} FROM bench", "sorts": f"SELECT {sorts} FROM bench"}
    for detector in wanted:
        call = f"anomaly_score({', '.join(names)}, detector => '{detector}') OVER ()"
        found[detector] = session.compile(f"SELECT id, {call} AS score FROM bench").sql
    return found


def measure(connection: duckdb.DuckDBPyConnection, queries: dict[str, str], runs: int) -> dict[str, float]:
    """Median seconds of each query, all taken in turn, after one round that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in queries}
    for round_ in range(runs + 1):
        for name, sql in queries.items():
            start = time.perf_counter()
            connection.execute(SINK + sql)
            if round_:
                seconds[name].append(time.perf_counter() - start)
    return {name: median(taken) for name, taken in seconds.items()}


def main(
    rows: Annotated[int, typer.Option(help="rows of the table")] = 1_000_000,
    columns: Annotated[int, typer.Option(help="features")] = 6,
    detector: Annotated[list[str] | None, typer.Option(help="only this one")] = None,
    runs: Annotated[int, typer.Option(help="counted runs")] = 3,
) -> None:
    """Prints seconds and the ratios to both floors."""
    connection = duckdb.connect()
    names = data(connection, rows, columns)
    session = sqlnomaly.connect(connection)
    taken = measure(connection, statements(session, names, detector or sorted(detectors())), runs)
    table = Table(title=f"{rows:,} rows x {columns} columns, DuckDB {duckdb.__version__}", box=None)
    for heading in ("query", "seconds", "x scan", "x sorts"):
        table.add_column(heading, justify="left" if heading == "query" else "right")
    for name, seconds in taken.items():
        ratios = (f"{seconds / taken[floor]:.1f}" for floor in ("scan", "sorts"))
        table.add_row(name, f"{seconds:.3f}", *ratios)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
