"""How compile time and SQL size grow with columns and calls: ``python -m benchmarks.compile``.

Run ``python -m benchmarks.compile --detector zscore --dialect duckdb``; without them every detector and every dialect.
Seconds are the processor's, the median of the runs; the sizes after one that took longer than ``--enough`` are left
out (``-``). The exponent is the slope on log-log paper over all sizes, and ``last`` the one between the two largest:
1 is linear, 2 quadratic; what every compilation costs makes the first a little small.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from statistics import linear_regression, median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

import sqlnomaly
from benchmarks import data
from sqlnomaly.dialects import DIALECTS

COLUMNS = [5, 10, 20, 50, 100, 200, 500]
CALLS = [1, 2, 5, 10]
FEATURES = 5
"""Columns of each call where calls are counted; no two calls share one, so that none share a fit."""

Point = tuple[float, int]
"""Median seconds, and bytes of SQL."""


def query(detector: str, calls: int, columns: int) -> str:
    """A SELECT with that many calls, each over features of its own."""
    names = data.feature_names(calls * columns)
    scores = [data.score(detector, names[at : at + columns]) for at in range(0, len(names), columns)]
    return "SELECT id, " + ", ".join(f"{score} AS s{number}" for number, score in enumerate(scores)) + " FROM bench"


def measure(text: str, dialect: str, runs: int) -> Point:
    """Compiles it that often."""
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        compiled = sqlnomaly.compile(text, write=dialect)
        seconds.append(time.process_time() - start)
    return median(seconds), sum(len(step.sql.encode()) for step in compiled.steps)


def grow(
    detector: str, dialect: str, shapes: Mapping[int, tuple[int, int]], *, runs: int, enough: float
) -> dict[int, Point]:
    """Every size up to the first that takes longer than enough."""
    measure(query(detector, 1, 2), dialect, 1)  # imports, and tables that are made once
    points: dict[int, Point] = {}
    for size, shape in shapes.items():
        points[size] = measure(query(detector, *shape), dialect, runs)
        if points[size][0] > enough:
            break
    return points


def slope(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The exponent of the power of the size that the values follow."""
    if len(sizes) < 2:
        return math.nan
    return linear_regression([math.log(size) for size in sizes], [math.log(value) for value in values]).slope


def exponents(points: Mapping[int, Point]) -> list[str]:
    """Of the seconds and of the bytes, over all and over the last two sizes."""
    sizes, found = list(points), []
    for values in zip(*points.values(), strict=True):
        found += [f"{slope(sizes, values):.2f}", f"{slope(sizes[-2:], values[-2:]):.2f}"]
    return found


def table(title: str, sizes: Sequence[int]) -> Table:
    """An empty table with a column a size."""
    made = Table(title=title, box=None, title_justify="left")
    for heading in ("detector", "dialect"):
        made.add_column(heading)
    for heading in (*(f"{size}" for size in sizes), "s exp", "last", "KB exp", "last"):
        made.add_column(heading, justify="right", no_wrap=True)
    return made


def main(
    detector: Annotated[list[str] | None, typer.Option(help="only this one")] = None,
    dialect: Annotated[list[str] | None, typer.Option(help="only this one")] = None,
    columns: Annotated[list[int] | None, typer.Option(help="numbers of columns of one call")] = None,
    calls: Annotated[list[int] | None, typer.Option(help="numbers of calls")] = None,
    runs: Annotated[int, typer.Option(help="compilations of each query")] = 3,
    enough: Annotated[float, typer.Option(help="no larger size after one of that many seconds")] = 5.0,
) -> None:
    """Prints seconds and KB of SQL by columns and by calls, and their exponents."""
    parts = {
        "one call, by its columns": {size: (1, size) for size in columns or COLUMNS},
        f"{FEATURES} columns a call, by calls": {size: (size, FEATURES) for size in calls or CALLS},
    }
    for name in detector or data.benched():
        for title, shapes in parts.items():
            printed = table(f"{name}, {title}: seconds / KB of SQL", list(shapes))
            for write in dialect or sorted(DIALECTS):
                try:
                    points = grow(name, write, shapes, runs=runs, enough=enough)
                except sqlnomaly.SqlnomalyError as error:
                    printed.add_row(name, write, f"refused: {type(error).__name__}")
                    continue
                cells = [f"{seconds:.3f} / {size / 1e3:.0f}" for seconds, size in points.values()]
                cells += ["-"] * (len(shapes) - len(cells))
                printed.add_row(name, write, *cells, *exponents(points))
            Console(width=180).print(printed)


if __name__ == "__main__":
    typer.run(main)
