"""How fast many series are judged in one statement: ``python3 -m benchmarks.many_series --series 10000 --points 1000``.

A table of hours with a daily season is made in DuckDB, and each line below is one statement over all of it, which
sums its scores. Beside it the same is computed on one copy of the rows by pandas and by polars, vectorized and
grouped, and by statsmodels one series after another, on as many series as ``--few`` says, scaled to all of them. The
floor is a difference to the row before, which has to sort each series too. Everything runs in this process, the lines
of a kind one after another; the time is the shortest of ``--runs``, and peers say how far their scores are from ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import typer
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

import sqlnomaly
from sqlnomaly.udfs.seasonal import NORMAL_TAIL, TAIL

WINDOW = "OVER (PARTITION BY series ORDER BY ts)"
ASKED: Mapping[str, str] = {
    "rolling z, 30 rows": "anomaly_score(v) OVER (PARTITION BY series ORDER BY ts ROWS BETWEEN 30 PRECEDING AND "
    "CURRENT ROW)",
    "ewma": f"anomaly_score(v, detector => 'ewma') {WINDOW}",
    "zscore by hour": f"anomaly_score(v, season => 'hour') {WINDOW}",
    "seasonal": f"anomaly_score(v, detector => 'seasonal', season => 'hour') {WINDOW}",
    "series_decompose": f"anomaly_score(v, detector => 'series_decompose', season => 'hour') {WINDOW}",
    "holt_winters": f"anomaly_score(v, detector => 'holt_winters', period => 24) {WINDOW}",
}
WARM = 400_000
"""Rows over which a session on DuckDB walks along the series, as it does over more."""
FLOOR = "v - LAG(v) OVER (PARTITION BY series ORDER BY ts)"

Frame = pd.DataFrame


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds, and the sum of the scores."""

    seconds: float
    total: float


def made(series: int, points: int) -> pa.Table:
    """So many series of hours with a daily season."""
    random = np.random.default_rng(0)
    hour = np.tile(np.arange(points), series)
    times = np.datetime64("2025-01-01", "us") + hour * np.timedelta64(3_600_000_000, "us")
    values = 10.0 + 5.0 * np.sin(hour / 24 * 2 * np.pi) + random.normal(size=series * points)
    return pa.table({"series": np.repeat(np.arange(series), points), "ts": times, "v": values})


def rolling_pandas(rows: Frame) -> Any:
    """By the mean and deviation of the 30 rows before."""
    before = rows.groupby("series")["v"].shift()
    found = before.groupby(rows["series"]).rolling(30, min_periods=3).agg(["mean", "std"])
    return (rows["v"].to_numpy() - found["mean"].to_numpy()) / found["std"].to_numpy()


def ewma_pandas(rows: Frame) -> Any:
    """By the exponentially weighted mean and deviation of the rows before."""
    found = rows.groupby("series")["v"].ewm(alpha=0.2)
    mean, deviation = (one.groupby(level=0).shift().to_numpy() for one in (found.mean(), found.std()))
    return _judged(rows, (rows["v"].to_numpy() - mean) / deviation, 10)


def hour_pandas(rows: Frame) -> Any:
    """By the mean and deviation of the same hour of the days before."""
    hours = rows.assign(hour=rows["ts"].dt.hour).sort_values(["series", "hour", "ts"])
    found = hours.groupby(["series", "hour"])["v"].expanding(3)
    mean, deviation = (one.groupby(level=[0, 1]).shift().to_numpy() for one in (found.mean(), found.std()))
    return (hours["v"].to_numpy() - mean) / deviation


def seasonal_pandas(rows: Frame) -> Any:
    """By the median of the hour so far, and how far all but a few rows were from theirs: no MAD, and anew each row."""
    hours = rows.assign(hour=rows["ts"].dt.hour).sort_values(["series", "hour", "ts"])
    found = hours.groupby(["series", "hour"])["v"].expanding(20).median()
    away = np.abs(hours["v"].to_numpy() - found.groupby(level=[0, 1]).shift().to_numpy())
    miss = pd.Series(away, index=hours.index).sort_index()
    tail = miss.groupby(rows["series"]).expanding(20).quantile(TAIL).groupby(level=0).shift().to_numpy()
    return NORMAL_TAIL * miss.to_numpy() / tail


def decompose_pandas(rows: Frame) -> Any:
    """Beyond the quantiles of what the median of the hour and the mean leave."""
    flat = rows["v"] - rows.groupby(["series", rows["ts"].dt.hour])["v"].transform("median")
    group = flat.groupby(rows["series"])
    rest = flat - group.transform("mean")
    ends = rest.groupby(rows["series"]).quantile([0.1, 0.9]).unstack()
    low, high = (rows["series"].map(ends[share]) for share in (0.1, 0.9))
    return 2.772605605507915 * np.maximum(np.maximum(rest - high, low - rest), 0.0) / (high - low)


def _judged(rows: Frame, score: Any, least: int) -> Any:
    """The scores of rows with so many before them."""
    return np.where(rows.groupby("series").cumcount().to_numpy() >= least, score, np.nan)


def rolling_polars(rows: Any) -> Any:
    """By the mean and deviation of the 30 rows before."""
    import polars as pl

    before = pl.col("v").shift()
    mean, deviation = before.rolling_mean(30, min_samples=3), before.rolling_std(30, min_samples=3)
    return rows.select(_over((pl.col("v") - mean) / deviation))["v"]


def ewma_polars(rows: Any) -> Any:
    """By the exponentially weighted mean and deviation of the rows before."""
    import polars as pl

    mean, deviation = pl.col("v").ewm_mean(alpha=0.2).shift(), pl.col("v").ewm_std(alpha=0.2).shift()
    return rows.select(_over(pl.when(pl.int_range(pl.len()) >= 10).then((pl.col("v") - mean) / deviation)))["v"]


def hour_polars(rows: Any) -> Any:
    """By the mean and deviation of the same hour of the days before, from sums of squares."""
    import polars as pl

    hours = rows.with_columns(hour=pl.col("ts").dt.hour())
    n = pl.int_range(pl.len()).cast(pl.Float64)
    total, squares = pl.col("v").cum_sum().shift(), (pl.col("v") ** 2).cum_sum().shift()
    deviation = ((squares - total**2 / n) / (n - 1)).sqrt()
    score = pl.when(n >= 3).then((pl.col("v") - total / n) / deviation)
    return hours.select(score.over("series", "hour", order_by="ts").alias("v"))["v"]


def decompose_polars(rows: Any) -> Any:
    """Beyond the quantiles of what the median of the hour and the mean leave."""
    import polars as pl

    flat = pl.col("v") - pl.col("v").median().over("series", pl.col("ts").dt.hour())
    rest = rows.with_columns(flat=flat).with_columns(rest=pl.col("flat") - pl.col("flat").mean().over("series"))
    low, high = (pl.col("rest").quantile(share, "linear").over("series") for share in (0.1, 0.9))
    beyond = pl.max_horizontal(pl.col("rest") - high, low - pl.col("rest"), 0.0)
    return rest.select((2.772605605507915 * beyond / (high - low)).alias("v"))["v"]


def _over(score: Any) -> Any:
    return score.over("series", order_by="ts").alias("v")


def holt_winters_statsmodels(rows: Frame) -> Any:
    """Errors of one step by a fitted Holt-Winters model, one series after another."""
    import warnings

    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pieces = [
            ExponentialSmoothing(group.to_numpy(), trend="add", seasonal="add", seasonal_periods=24).fit().resid
            for _, group in rows.groupby("series")["v"]
        ]
    return np.concatenate(pieces)


def stl_statsmodels(rows: Frame) -> Any:
    """What STL leaves, one series after another."""
    from statsmodels.tsa.seasonal import STL

    return np.concatenate([STL(group.to_numpy(), period=24).fit().resid for _, group in rows.groupby("series")["v"]])


PANDAS: Mapping[str, Callable[[Frame], Any]] = {
    "rolling z, 30 rows": rolling_pandas,
    "ewma": ewma_pandas,
    "zscore by hour": hour_pandas,
    "seasonal": seasonal_pandas,
    "series_decompose": decompose_pandas,
}
ALIKE = frozenset({"seasonal"})
"""Where a peer computes something like it, and less."""
POLARS: Mapping[str, Callable[[Any], Any]] = {
    "rolling z, 30 rows": rolling_polars,
    "ewma": ewma_polars,
    "zscore by hour": hour_polars,
    "series_decompose": decompose_polars,
}
ONE_BY_ONE: Mapping[str, Callable[[Frame], Any]] = {
    "series_decompose": stl_statsmodels,
    "holt_winters": holt_winters_statsmodels,
}


def timed(work: Callable[[], Any], runs: int) -> Measured:
    """The shortest of several runs."""
    seconds, total = [], float("nan")
    for _ in range(runs):
        start = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - start)
        total = float(np.nansum(np.abs(np.asarray(found, dtype=np.float64))))
    return Measured(min(seconds), total)


def main(
    series: Annotated[int, typer.Option(help="Series.", min=1)] = 1_000,
    points: Annotated[int, typer.Option(help="Points of each.", min=50)] = 1_000,
    few: Annotated[int, typer.Option(help="Series that peers which take one at a time see.", min=1)] = 20,
    runs: Annotated[int, typer.Option(help="Runs of each; the shortest counts.", min=1)] = 2,
    engine: Annotated[str, typer.Option(help="duckdb or spark.")] = "duckdb",
    peers: Annotated[bool, typer.Option(help="Whether pandas, polars and statsmodels run too.")] = True,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a table of the documentation.")] = False,
) -> None:
    """Prints a line a detector."""
    rows = made(series, points)
    size = rows.num_rows
    columns = ("call", "seconds", "points a second", "x floor", "pandas", "polars", "statsmodels, one by one")
    table = Table(*columns, title=f"{series:,} series x {points:,} points on {engine}")
    if markdown:
        table.box, table.title, table.show_edge = MARKDOWN, None, True
    with sqlnomaly.connect(None if engine == "duckdb" else engine) as session:
        session.load("many", rows)

        def ask(expression: str, table: str = "many") -> Callable[[], Any]:
            query = f"SELECT SUM(ABS(s)) AS total FROM (SELECT {expression} AS s FROM {table}) AS judged"
            return lambda: [session.sql(query).fetchall()[0][0]]

        if size >= WARM:  # loops are compiled once a process, and run over many rows only
            session.load("warm", made(-(-WARM // points), points))
        for expression in ASKED.values() if engine == "duckdb" else [ASKED["holt_winters"]]:
            timed(ask(expression, "warm" if size >= WARM else "many"), 1)
        floor = timed(ask(FLOOR), runs)
        table.add_row("floor: v - LAG(v)", f"{floor.seconds:.2f}", f"{size / floor.seconds:,.0f}", "1.0", "", "", "")
        frame = rows.to_pandas() if peers else None
        for name, expression in ASKED.items():
            ours = timed(ask(expression), runs)
            cells = [_peer(ours, kind.get(name), data, size, runs) for kind, data in _peers(frame, rows, few, points)]
            table.add_row(
                name,
                f"{ours.seconds:.2f}",
                f"{size / ours.seconds:,.0f}",
                f"{ours.seconds / floor.seconds:.1f}",
                *(cells or ["", "", ""]),
            )
    Console(width=150).print(table)


def _peers(frame: Frame | None, rows: pa.Table, few: int, points: int) -> list[tuple[Mapping[str, Any], Any]]:
    """The functions of each peer, and the rows that they see."""
    if frame is None:
        return []
    try:
        import polars as pl
    except ImportError:
        there: tuple[Mapping[str, Any], Any] = ({}, frame)
    else:
        there = (POLARS, pl.from_arrow(rows))
    return [(PANDAS, frame), there, (ONE_BY_ONE, frame.iloc[: few * points])]


def _peer(ours: Measured, work: Callable[[Any], Any] | None, data: Any, size: int, runs: int) -> str:
    """How long a peer takes, and how many times as long as ours."""
    if work is None:
        return ""
    found = timed(lambda: work(data), runs)
    seconds = found.seconds * size / len(data)
    near = len(data) < size or abs(found.total - ours.total) <= 1e-6 * ours.total
    return f"{seconds:.2f} s, {seconds / ours.seconds:.2g} x" + ("" if near else " (other scores)")


if __name__ == "__main__":
    typer.run(main)
