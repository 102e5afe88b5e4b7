"""How well it finds labeled windows of series: ``python -m benchmarks.series --data DIR``.

DIR holds Parquet files, one a series, of ``ts``, ``value`` and ``label``, which is 1 inside the windows of an anomaly;
without it three series are made. Every detector has the same options for all series and is asked through DuckDB, one
series at a time, in the order of ``ts``. Printed are, for each detector, the mean over the series of the volume under
the surface of precision and recall (VUS-PR, buffers up to ``--buffer`` points), the NAB score of its own verdicts, each
event by its first alarm, the same with the highest 0.5 % of each series' scores as its verdicts, the share of windows
touched by the ``--budget`` highest events of a series, the alarms of its own verdicts on series without an anomaly, and
seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

import sqlnomaly
from benchmarks.series_metrics import (
    Labels,
    Nab,
    Scores,
    first_of_runs,
    nab,
    recall_at,
    together,
    vus_pr,
    windows,
)

ASKED: Mapping[str, str] = {
    "zscore": "detector => 'zscore', threshold => 4, min_rows => 20",
    "zscore, hour": "detector => 'zscore', threshold => 4, min_rows => 20, season => 'hour'",
    "zscore, hour of week": "detector => 'zscore', threshold => 4, min_rows => 20, season => 'hour_of_week'",
    "ewma": "detector => 'ewma', threshold => 4, min_rows => 20, alpha => 0.01",
    "ewma, hour": "detector => 'ewma', threshold => 4, min_rows => 20, alpha => 0.01, season => 'hour'",
    "holt_winters": "detector => 'holt_winters'",
    "arima": "detector => 'arima'",
    "seasonal": "detector => 'seasonal'",
    "seasonal, hour": "detector => 'seasonal', season => 'hour'",
    "sub_knn": "detector => 'sub_knn'",
    "sub_knn, whole series": "detector => 'sub_knn', causal => FALSE",
    "sub_pca": "detector => 'sub_pca'",
    "sub_pca, whole series": "detector => 'sub_pca', causal => FALSE",
    "matrix_profile": "detector => 'matrix_profile'",
    "series_decompose": "detector => 'series_decompose'",
    "series_decompose, hour": "detector => 'series_decompose', season => 'hour'",
    "series_decompose, hour of week": "detector => 'series_decompose', season => 'hour_of_week'",
}
"""What is printed -> the options of the call; all but series_decompose look at earlier rows alone."""
HIGHEST = 0.995
"""The quantile of a series' scores above which a point is an alarm where the threshold is its own."""
GAP = 100
"""Alarms that are no farther apart, in points, are one event."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series in the order of its times, and which points lie in the window of an anomaly."""

    name: str
    rows: pa.Table
    label: Labels


@dataclass(frozen=True, slots=True)
class Judged:
    """What a detector made of a series; ``vus`` and ``recall`` are NaN where nothing is labeled."""

    vus: float
    own: Nab
    highest: Nab
    recall: float
    alarms: int
    seconds: float


def read_series(folder: Path | None) -> Iterator[Series]:
    """The labeled series of a folder, or those that are made."""
    if folder is None:
        yield from made_series()
        return
    for path in sorted(folder.glob("*.parquet")):
        table = pq.read_table(path)
        yield series_of(path.stem, table.column("ts"), table.column("value"), table.column("label").to_numpy())


def series_of(name: str, times: pa.ChunkedArray, values: pa.ChunkedArray, label: np.ndarray) -> Series:
    """A series with its points numbered in the order of time."""
    rows = pa.table({"ts": times, "value": values, "label": pa.array(label.astype(np.int8))})
    rows = rows.sort_by([("ts", "ascending")])
    numbered = rows.append_column("point", pa.array(range(rows.num_rows), pa.int64()))
    return Series(name, numbered, rows.column("label").to_numpy().astype(bool))


def made_series() -> Iterator[Series]:
    """Four weeks of hours: a spike, a level that shifts for three days, and nothing odd."""
    random = np.random.default_rng(0)
    hours = np.arange(24 * 28)
    times = pa.chunked_array([pa.array(np.datetime64("2025-03-03", "us") + hours * np.timedelta64(1, "h"))])
    plain = 10.0 + 5.0 * np.sin(hours / 24 * 2 * np.pi) + random.normal(size=len(hours))
    for name, first, last, change in (("spike", 500, 502, 12.0), ("shift", 450, 520, 6.0), ("none", 0, -1, 0.0)):
        label = (hours >= first) & (hours <= last)
        yield series_of(name, times, pa.chunked_array([pa.array(plain + change * label)]), label)


def asked(series: Series, options: str) -> tuple[Scores, Labels, float]:
    """Scores and verdicts in the order of time, and seconds; a point without a score is as ordinary as any."""
    with sqlnomaly.connect() as session:
        session.load("series", series.rows)
        call = f"(value, {options}) OVER (ORDER BY ts)"
        start = time.perf_counter()
        query = f"SELECT point, anomaly_score{call} AS score, is_anomaly{call} AS odd FROM series"
        found = session.sql(query).arrow().sort_by([("point", "ascending")])
        seconds = time.perf_counter() - start
    scores = found.column("score").to_numpy().astype(np.float64)
    return np.nan_to_num(scores, nan=0.0), np.array(found.column("odd").to_pylist()) == np.True_, seconds


def judged(series: Series, options: str, buffer: int, budget: int) -> Judged:
    """Every measure of a detector on a series."""
    scores, odd, seconds = asked(series, options)
    found = windows(series.label)
    highest = scores > np.quantile(scores, HIGHEST)
    return Judged(
        vus_pr(series.label, scores, buffer) if found else float("nan"),
        nab(first_of_runs(odd, GAP), found),
        nab(first_of_runs(highest, GAP), found),
        recall_at(scores, found, budget, GAP),
        0 if found else int(first_of_runs(odd, GAP).sum()),
        seconds,
    )


def main(
    data: Annotated[Path | None, typer.Option(help="A folder of labeled series.", exists=True, file_okay=False)] = None,
    detector: Annotated[list[str] | None, typer.Option(help="Only those whose line begins so.")] = None,
    buffer: Annotated[int, typer.Option(help="The widest buffer of VUS-PR, in points.", min=0)] = 100,
    budget: Annotated[int, typer.Option(help="Events that somebody looks at.", min=1)] = 5,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a table of the documentation.")] = False,
) -> None:
    """Prints a line a detector."""
    chosen = {name: options for name, options in ASKED.items() if not detector or name.startswith(tuple(detector))}
    known = list(read_series(data))
    columns = (
        "detector", "VUS-PR", "NAB, own verdicts", f"NAB, highest {100 - 100 * HIGHEST:g} %",
        f"windows in {budget} events", "false events without anomaly", "seconds",
    )  # fmt: skip
    table = Table(*columns, title=f"{len(known)} series, {sum(len(one.label) for one in known):,} points")
    if markdown:
        table.box, table.title, table.show_edge = MARKDOWN, None, True
    for name, options in chosen.items():
        found = [judged(one, options, buffer, budget) for one in known]
        table.add_row(
            name,
            f"{np.nanmean([one.vus for one in found]):.3f}",
            f"{together([one.own for one in found]):.1f}",
            f"{together([one.highest for one in found]):.1f}",
            f"{np.nanmean([one.recall for one in found]):.3f}",
            str(sum(one.alarms for one in found)),
            f"{sum(one.seconds for one in found):.2f}",
        )
    Console(width=160).print(table)


if __name__ == "__main__":
    typer.run(main)
