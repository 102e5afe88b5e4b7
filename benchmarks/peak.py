"""One statement in a process of its own, and how much memory it took at most: the child of ``benchmarks.memory``.

``python -m benchmarks.peak FILE [--query SQL] [--limit-mb N] [--spill FOLDER]`` prints one line of JSON: the peak of
the resident set before (connected, compiled once) and after, in bytes, and the seconds.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import duckdb
import typer

import sqlnomaly

STATUS = Path("/proc/self/status")


def peak() -> int:
    """The largest resident set of this process so far, in bytes.

    Linux's VmHWM starts anew with the program; ru_maxrss, elsewhere, may be what the parent had before.
    """
    if STATUS.is_file():
        lines = dict(line.split(":", 1) for line in STATUS.read_text(encoding="utf-8").splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def main(
    file: Annotated[Path, typer.Argument(help="the DuckDB file")],
    query: Annotated[str, typer.Option(help="one statement")] = "SELECT 1",
    limit_mb: Annotated[int | None, typer.Option(help="DuckDB's memory_limit")] = None,
    spill: Annotated[Path | None, typer.Option(help="DuckDB's temp_directory")] = None,
) -> None:
    """Runs the query through a session and prints what it took."""
    connection = duckdb.connect(str(file), read_only=True)
    if spill is not None:
        connection.execute(f"SET temp_directory = '{spill}'")
    if limit_mb is not None:
        connection.execute(f"SET memory_limit = '{limit_mb}MB'")
    session = sqlnomaly.connect(connection)
    session.compile(query)
    idle, start = peak(), time.perf_counter()
    session.sql(query)
    typer.echo(json.dumps({"idle": idle, "peak": peak(), "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    typer.run(main)
