"""One model a group, for a million groups, in one statement: ``python -m benchmarks.groups``.

Each measurement is a process of its own on a DuckDB file: CREATE ANOMALY MODEL .. PARTITION BY, and scoring every row
by the join that a call with ``model`` becomes. Beside them the floor, a scan that
groups and counts, and what people write by hand: a table of means and deviations, and a join to it. ``x hand`` compares
with that; memory is how far the peak resident set grows over the connected process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Annotated

import duckdb
import typer

import sqlnomaly
from benchmarks.calibration import show
from benchmarks.peak import peak

FIT = (
    "CREATE ANOMALY MODEL judge USING {detector} OPTIONS (calibration = {share}) "
    "PARTITION BY k AS SELECT k, x, y FROM t"
)
STEPS: Mapping[str, tuple[str, ...]] = {
    "floor": ("CREATE TABLE a AS SELECT k, COUNT(x) AS n, AVG(x) AS m, AVG(y) AS o FROM t GROUP BY k",
              "SELECT SUM(x), SUM(y) FROM t"),
    "by hand": ("CREATE TABLE a AS SELECT k, AVG(x) AS m, STDDEV_SAMP(x) AS s, AVG(y) AS o, STDDEV_SAMP(y) AS u FROM t "
                "GROUP BY k",
                "SELECT SUM(GREATEST(ABS(x - m) / s, ABS(y - o) / u)) FROM t JOIN a USING (k)"),
    "ours, calibration = 0": (FIT, "SELECT SUM(anomaly_score(x, y, model => 'judge')) FROM t"),
    "ours, calibration = 0.2": (FIT, "SELECT SUM(anomaly_score(x, y, model => 'judge')) FROM t"),
    "ours, probability": (FIT, "SELECT SUM(anomaly_probability(x, y, model => 'judge')) FROM t"),
}  # fmt: skip
"""What is measured -> the statement that fits and the one that scores."""


def make_table(file: Path, rows: int, groups: int) -> None:
    """Two features in groups of about equal size, in no order."""
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            f"CREATE TABLE t AS SELECT CAST(hash(i) % {groups} AS BIGINT) AS k, SIN(i * 1.7) * 10 + i % 7 AS x, "
            f"(i * 7919) % 1001 / 10.0 AS y FROM range({rows}) AS r(i)"
        )


def measured(file: Path, what: str, detector: str) -> dict[str, float]:
    """Seconds of the fit and of scoring, and bytes that the process grew by: in a process of its own."""
    share = 0 if what.endswith("= 0") else 0.2
    with duckdb.connect(str(file)) as connection:
        session = sqlnomaly.connect(connection)
        small = "SELECT i % 20 AS k, CAST(i AS DOUBLE) AS x, SIN(i) AS y FROM range(1000) AS r(i)"
        session.sql(f"CREATE OR REPLACE ANOMALY MODEL warm USING {detector} PARTITION BY k AS {small}")
        idle, taken = peak(), []
        for statement in STEPS[what]:
            start = time.perf_counter()
            session.sql(statement.format(detector=detector, share=share))
            taken.append(time.perf_counter() - start)
        return {"fit": taken[0], "score": taken[1], "bytes": peak() - idle}


def child(file: Path, what: str, detector: str) -> dict[str, float]:
    """The same, by a process."""
    command = [sys.executable, "-m", "benchmarks.groups", "--file", str(file), "--what", what, "--detector", detector]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(
    rows: Annotated[float, typer.Option(help="of the table")] = 1e7,
    groups: Annotated[float, typer.Option(help="one model each")] = 1e6,
    detector: Annotated[str, typer.Option(help="of the models")] = "zscore",
    runs: Annotated[int, typer.Option(help="rounds; the medians are printed")] = 3,
    folder: Annotated[Path | None, typer.Option(help="where the table goes")] = None,
    markdown: Annotated[bool, typer.Option(help="a table in Markdown")] = False,
    file: Annotated[Path | None, typer.Option(hidden=True)] = None,
    what: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Prints seconds to fit and to score, both by hand, and memory."""
    if file is not None:
        typer.echo(json.dumps(measured(file, what, detector)))
        return
    found: dict[str, list[dict[str, float]]] = {name: [] for name in STEPS}
    for _ in range(runs):
        for name, results in found.items():
            with tempfile.TemporaryDirectory(dir=folder) as place:
                table = Path(place) / "groups.duckdb"
                make_table(table, int(rows), int(groups))
                results.append(child(table, name, detector))
    lines = {}
    for name, results in found.items():
        line = []
        for part in ("fit", "score"):
            pairs = zip(results, found["by hand"], strict=True)
            line += [f"{median(one[part] for one in results):.2f}"]
            line += [f"{median(one[part] / hand[part] for one, hand in pairs):.1f}"]
        lines[name] = [*line, f"{max(one['bytes'] for one in results) / 1e6:,.0f}"]
    title = f"{int(groups):,} groups of {rows / groups:g} rows, {detector} of 2 features, seconds"
    show(title, ["fit", "x hand", "score", "x hand", "MB"], lines.items(), markdown=markdown)


if __name__ == "__main__":
    typer.run(main)
