"""The rows that every benchmark reads: a DuckDB table ``bench`` of seeded normal values, and a call over them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from sqlnomaly.pushdown.contract import Categories, Shape
from sqlnomaly.udfs.pyod_detector import PREFIX
from sqlnomaly.udfs.registry import detectors

SINK = "CREATE OR REPLACE TEMP TABLE _sn_bench AS "
"""Results stay in the engine: what is timed ends with a table, not with a transfer."""

OPTIONS: Mapping[str, str] = {"mahalanobis": "ddof => 0"}
"""Options that make our formula the peer's: EmpiricalCovariance divides by n."""


def benched() -> list[str]:
    """The detectors of numbers that are ours."""
    known = {name: kind for name, kind in detectors().items() if not name.startswith(PREFIX)}
    return sorted(name for name, kind in known.items() if kind.categories is not Categories.ALL)


def feature_names(columns: int) -> list[str]:
    """x1, x2, .."""
    return [f"x{number}" for number in range(1, columns + 1)]


def drawn(rows: int, names: list[str]) -> str:
    """The SELECT that draws the rows, with an ``id`` in their order."""
    draws = ", ".join(
        f"sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) * {number} + 100 AS {name}"
        for number, name in enumerate(names, start=1)
    )
    return f"SELECT range AS id, {draws} FROM range({rows})"


def make_table(connection: duckdb.DuckDBPyConnection, rows: int, columns: int) -> list[str]:
    """Makes the table ``bench``, and gives its feature columns."""
    names = feature_names(columns)
    connection.execute("SELECT setseed(0.42)")
    connection.execute(f"CREATE OR REPLACE TABLE bench AS {drawn(rows, names)}")
    return names


def make_parquet(connection: duckdb.DuckDBPyConnection, rows: int, columns: int, file: Path) -> list[str]:
    """Writes the same rows to a Parquet file, and gives its feature columns."""
    names = feature_names(columns)
    connection.execute("SELECT setseed(0.42)")
    connection.execute(f"COPY ({drawn(rows, names)}) TO '{file}' (FORMAT parquet)")
    return names


def score(detector: str, names: list[str]) -> str:
    """The call: one baseline for the table, in the order of ``id`` where the detector needs an order."""
    kind = detectors()[detector]
    ordered = kind.shape is Shape.WINDOW
    taken = names[: kind.most] if kind.least > 1 else names
    given = [*taken, f"detector => '{detector}'", *filter(None, [OPTIONS.get(detector)])]
    return f"anomaly_score({', '.join(given)}) OVER ({'ORDER BY id' if ordered else ''})"


def query(detector: str, names: list[str]) -> str:
    """The SELECT of each row's id and score."""
    return f"SELECT id, {score(detector, names)} AS score FROM bench"
