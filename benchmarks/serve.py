"""What a score of a stored model costs where it is served: ``python -m benchmarks.serve``.

Three tables, all on DuckDB and a table of ``--columns`` features: one row at a time by a prepared query, beside a bare
prepared ``SELECT 1`` in the same loop; a stream of Arrow batches through a model, batches in and batches out; and many
rows by a model without keys, whose numbers are written into the query, beside the same arithmetic written by hand, the
two in turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Annotated

import duckdb
import numpy as np
import pyarrow as pa
import typer

import sqlnomaly
from benchmarks import data
from benchmarks.calibration import show

ONE = ("zscore", "mad", "mahalanobis", "hbos", "ecod", "iforest")
"""Whose single rows are timed."""
STREAMED = ("zscore", "mad", "mahalanobis", "hbos", "iforest", "extended_iforest")
"""Whose streams are."""
HAND = ("zscore", "iqr", "mahalanobis")
"""Whose arithmetic is also written by hand."""


FITTED = 100_000
"""Rows that a model is fitted on whose many rows are scored."""


def fitted(session: sqlnomaly.Session, detector: str, names: Sequence[str]) -> str:
    """Makes a model on the first rows of the table ``bench``; its name."""
    rows = f"SELECT {', '.join(names)} FROM bench WHERE id < {FITTED}"
    session.sql(f"CREATE OR REPLACE ANOMALY MODEL {detector} USING {detector} OPTIONS (calibration = 0) AS {rows}")
    return detector


def seconds(run: Callable[[], object]) -> float:
    """What a call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def one_row(session: sqlnomaly.Session, detector: str, names: Sequence[str], runs: int) -> list[str]:
    """Median and 99th percentile of a row in milliseconds, those of SELECT 1, and the ratio of the medians."""
    rows = np.random.default_rng(1).normal(100.0, 3.0, (runs, len(names))).tolist()
    score = f"SELECT anomaly_score({', '.join('?' * len(names))}, model => '{fitted(session, detector, names)}')"
    ours, bare = [], []
    with session.prepare(score) as ask, session.prepare("SELECT 1") as nothing:
        for row in (*rows[: runs // 10], *rows):  # the first tenth warms up
            ours.append(seconds(lambda values=row: ask.run(*values)) * 1e3)  # type: ignore[misc]
            bare.append(seconds(nothing.run) * 1e3)
    ours, bare = ours[-runs:], bare[-runs:]
    p99 = [f"{np.quantile(one, 0.99):.2f}" for one in (ours, bare)]
    return [f"{median(ours):.3f}", p99[0], f"{median(bare):.3f}", p99[1], f"{median(ours) / median(bare):.1f}"]


def stream(session: sqlnomaly.Session, detector: str, names: Sequence[str], rows: int, batch: int) -> list[str]:
    """Rows a second of a stream of batches, and of the same stream with its sum alone, in thousands."""
    name = fitted(session, detector, names)
    table = session.sql(f"SELECT {', '.join(names)} FROM bench LIMIT {batch}").arrow()
    schema = pa.schema([("id", pa.int64()), *table.schema])

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(rows // batch):
            ids = pa.array(range(number * batch, (number + 1) * batch))
            (only,) = table.to_batches()
            yield pa.record_batch([ids, *only.columns], schema=schema)

    def through(query: str) -> float:
        taken = []
        for _ in range(3):
            session.load("arriving", pa.RecordBatchReader.from_batches(schema, batches()))
            leaving = session.stream(query)  # compiled; nothing has been read
            taken.append(seconds(lambda done=leaving: sum(part.num_rows for part in done)))  # type: ignore[misc]
        return rows / median(taken)

    scored = through(f"SELECT id, anomaly_score({', '.join(names)}, model => '{name}') AS score FROM arriving")
    floor = through(f"SELECT id, {' + '.join(names)} AS score FROM arriving")
    return [f"{scored / 1e3:,.0f}", f"{floor / 1e3:,.0f}"]


def by_hand(connection: duckdb.DuckDBPyConnection, detector: str, names: Sequence[str]) -> str:
    """The score as somebody writes it who has looked the numbers up."""

    def numbers(form: str) -> list[float]:
        asked = ", ".join(form.format(name) for name in names)
        (row,) = connection.execute(f"SELECT {asked} FROM bench WHERE id < {FITTED}").fetchall()
        return [float(value) for value in row]

    if detector == "zscore":
        centres, scales = numbers("AVG({0})"), numbers("STDDEV_SAMP({0})")
        terms = [f"ABS({n} - {_said(c)}) / {_said(s)}" for n, c, s in zip(names, centres, scales, strict=True)]
        return f"GREATEST({', '.join(terms)})"
    if detector == "iqr":
        low, high = numbers("QUANTILE_CONT({0}, 0.25)"), numbers("QUANTILE_CONT({0}, 0.75)")
        terms = [
            f"GREATEST({n} - {_said(b)}, {_said(a)} - {n}, 0e0) / {_said(b - a)}"
            for n, a, b in zip(names, low, high, strict=True)
        ]
        return f"GREATEST({', '.join(terms)})"
    centres = numbers("AVG({0})")
    pairs = ", ".join(f"COVAR_SAMP({a}, {b})" for a in names for b in names)
    (flat,) = connection.execute(f"SELECT {pairs} FROM bench WHERE id < {FITTED}").fetchall()
    whiten = np.linalg.inv(np.linalg.cholesky(np.reshape(flat, (len(names), len(names)))))
    sums = []
    for row in range(len(names)):
        parts = [f"{_said(whiten[row, at])} * ({names[at]} - {_said(centres[at])})" for at in range(row + 1)]
        sums.append(f"({' + '.join(parts)}) * ({' + '.join(parts)})")
    return " + ".join(sums)


def _said(value: float) -> str:
    """A number as a DOUBLE: without an exponent it would be a DECIMAL."""
    text = repr(float(value))
    return f"({text})" if "e" in text else f"({text}e0)"


def inline(session: sqlnomaly.Session, connection: duckdb.DuckDBPyConnection, detector: str, names: Sequence[str],
           runs: int) -> list[str]:  # fmt: skip
    """Seconds of ours and by hand, the median ratio of the pairs, and how far the sums are apart."""
    call = f"anomaly_score({', '.join(names)}, model => '{fitted(session, detector, names)}')"
    mine = session.compile(f"SELECT SUM({call}) FROM bench").sql
    theirs = f"SELECT SUM({by_hand(connection, detector, names)}) FROM bench"
    results: dict[str, float] = {}

    def ask(text: str) -> None:
        results[text] = connection.execute(text).fetchall()[0][0]

    pairs = [(seconds(lambda: ask(mine)), seconds(lambda: ask(theirs))) for _ in range(runs + 1)][1:]
    apart = abs(results[mine] / results[theirs] - 1.0)
    ratio = median(a / b for a, b in pairs)
    return [*(f"{median(one):.3f}" for one in zip(*pairs, strict=True)), f"{ratio:.2f}", f"{apart:.0e}"]


def main(
    rows: Annotated[int, typer.Option(help="rows scored with the numbers in the query")] = 10_000_000,
    columns: Annotated[int, typer.Option(help="features")] = 6,
    runs: Annotated[int, typer.Option(help="single rows")] = 2_000,
    streamed: Annotated[int, typer.Option(help="rows of a stream")] = 1_000_000,
    batch: Annotated[int, typer.Option(help="rows of a batch")] = 1_000,
    fit: Annotated[int, typer.Option(help="rows that the models for single rows and streams are fitted on")] = 100_000,
    pairs: Annotated[int, typer.Option(help="rounds of ours and by hand")] = 5,
    markdown: Annotated[bool, typer.Option(help="tables in Markdown")] = False,
) -> None:
    """Prints milliseconds a row, thousands of rows a second, and the ratio to SQL by hand."""
    connection = duckdb.connect()
    session = sqlnomaly.connect(connection)
    names = data.make_table(connection, fit, columns)
    title = f"One row at a time, {columns} features, ms"
    heads = ["median", "p99", "SELECT 1", "its p99", "ratio"]
    lines = ((detector, one_row(session, detector, names, runs)) for detector in ONE)
    show(title, heads, lines, markdown=markdown)
    lines = ((detector, stream(session, detector, names, streamed, batch)) for detector in STREAMED)
    title = f"A stream of batches of {batch:,} rows, {columns} features, thousand rows a second"
    show(title, ["scored", "a sum instead"], lines, markdown=markdown)
    data.make_table(connection, rows, columns)
    lines = ((detector, inline(session, connection, detector, names, pairs)) for detector in HAND)
    title = f"{rows:,} rows by a model written into the query, {columns} features, seconds"
    show(title, ["ours", "by hand", "ratio", "apart"], lines, markdown=markdown)


if __name__ == "__main__":
    typer.run(main)
