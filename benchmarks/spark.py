"""On Spark, beside scikit-learn in a pandas function: ``python -m benchmarks.spark --rows 1000000``.

The same table, a Parquet file, on a local session. Ours: the forest is fitted on a sample that the client draws, and a
vectorized function scores the rows. The peer is what people write: a sample to pandas, IsolationForest fitted on it,
and mapInPandas with its score_samples. Each in turn into an aggregate over all scores, so that the rows are scored and
none is collected.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import duckdb
import typer

import sqlnomaly
from benchmarks import data, restart


def ours(session: sqlnomaly.Session, names: list[str]) -> None:
    """Fit and score."""
    session.sql(f"SELECT AVG(score) AS mean FROM ({data.query('iforest', names)}) AS scored").arrow()


def theirs(spark: Any, names: list[str]) -> None:
    """The same by hand."""
    from pyspark.sql.functions import avg
    from sklearn.ensemble import IsolationForest

    rows = spark.table("bench")
    drawn = rows.select(*names).sample(fraction=min(1.0, 40_000 / rows.count()), seed=0).toPandas()
    forest = IsolationForest(n_estimators=100, random_state=0).fit(drawn.to_numpy())

    def score(batches: Iterator[Any]) -> Iterator[Any]:
        import pandas as pd

        for batch in batches:
            yield pd.DataFrame({"score": -forest.score_samples(batch.to_numpy())})

    rows.select(*names).mapInPandas(score, "score DOUBLE").select(avg("score")).collect()


def main(
    rows: Annotated[int, typer.Option(help="rows of the table")] = 1_000_000,
    columns: Annotated[int, typer.Option(help="features")] = 6,
    runs: Annotated[int, typer.Option(help="counted rounds, after one that is not")] = 3,
) -> None:
    """Prints the seconds of both, and the median of their ratios."""
    with tempfile.TemporaryDirectory() as place, sqlnomaly.connect("spark") as session:
        file = Path(place) / "bench.parquet"
        with duckdb.connect() as connection:
            names = data.make_parquet(connection, rows, columns, file)
        from pyspark.sql import SparkSession

        spark = SparkSession.getActiveSession()
        assert spark is not None, "the session has just been opened"
        spark.read.parquet(str(file)).createOrReplaceTempView("bench")
        taken = [
            (timed(lambda: ours(session, names)), timed(lambda: theirs(spark, names))) for _ in range(runs + 1)
        ]
    for own, peer in taken[1:]:
        print(f"iforest {own:.2f} s, scikit-learn in a pandas function {peer:.2f} s: x {peer / own:.2f}")
    print(f"{rows:,} rows x {columns} columns: x {median(peer / own for own, peer in taken[1:]):.2f}")


def timed(work: Callable[[], None]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    restart.without_slow_settings()
    typer.run(main)
