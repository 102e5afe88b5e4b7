"""``correlation_break``: beside numpy, planted breaks, false alarms, and series of which nothing can be said."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binom

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.errors import CallError, SqlnomalyError, UnsupportedError
from tests.engines.sessions import on_postgres, on_spark
from tests.reference.correlation_break import judged

pytestmark = pytest.mark.duckdb
NAME = "detector => 'correlation_break'"
ODD = {"nan": float("nan"), "inf": float("inf"), "none": None, "huge": 1e140, "tiny": 1e-140}


def series(seed: int, rows: int = 150) -> list[dict[str, Any]]:
    """Two series with peers, missing and unusable values, and rows that are not fitted; a follows b in one half."""
    rng = random.Random(seed)
    found: list[dict[str, Any]] = []
    for i in range(rows):
        a, b, c = rng.gauss(1e6, 2), rng.gauss(0, 1), rng.gauss(0, 1)
        values: list[float | None] = [a, b + (a - 1e6 if i < rows / 2 else 0), i / 10 + c]
        if rng.random() < 0.06:
            values[rng.randrange(3)] = rng.choice(list(ODD.values()))
        found.append({
            "id": i, "k": rng.choice("xy"), "t": None if rng.random() < 0.03 else i // rng.choice([1, 1, 1, 3]),
            **dict(zip("abc", values, strict=True)), "fitted": rng.random() < 0.85,
        })  # fmt: skip
    return found


def usable(row: dict[str, Any], features: str) -> tuple[float, ...] | None:
    """The features of a row that has each of them."""
    values = [row[name] for name in features]
    return None if any(x is None or not abs(x) <= 1e150 for x in values) else tuple(values)


def wanted(rows: list[dict[str, Any]], features: str, **options: Any) -> list[tuple[float | None, str | None, str]]:
    """Score, reason and status of each row, row by row."""
    direction = options.pop("direction", "both")
    sign = {"both": abs, "high": lambda z: z, "low": lambda z: -z}[direction]
    found: list[tuple[float | None, str | None, str]] = []
    for row in rows:
        own = usable(row, features)
        if row["t"] is None or own is None:
            missing = row["t"] is None or any(row[name] is None for name in features)
            found.append((None, None, "missing_value" if missing else "out_of_range"))
            continue
        earlier = [
            (other["t"], usable(other, features), other["id"]) for other in rows
            if other["k"] == row["k"] and other["t"] is not None and other["t"] < row["t"] and other["fitted"]
        ]  # fmt: skip
        before = [values for _, values, _ in sorted(part for part in earlier if part[1] is not None) if values]
        answer = judged(before, own, **options)
        if isinstance(answer, str):
            found.append((None, None, answer))
            continue
        pair = max(answer, key=lambda one: sign(answer[one]))
        found.append((sign(answer[pair]), f"{features[pair[0]]} and {features[pair[1]]}", "ok"))
    return found


def told(session: Session, rows: list[dict[str, Any]], features: str, options: str, window: str) -> list[Any]:
    """The same of the statement."""
    session.load("series", pa.Table.from_pylist(rows))
    call = f"({', '.join(features)}, {NAME}{options}) {window}"
    names = ("anomaly_score", "anomaly_reason", "anomaly_status")
    asked = ", ".join(f"{name}{call}" for name in names)
    return [tuple(row) for row in session.sql(f"SELECT {asked} FROM series ORDER BY id", read="duckdb").fetchall()]


def agree(session: Session, seed: int, features: str, **options: Any) -> None:
    """The statement says what numpy says, for enough rows."""
    rows = series(seed)
    words = "".join(f", {name} => {value!r}" for name, value in options.items())
    found = told(session, rows, features, words, "FILTER (WHERE fitted) OVER (PARTITION BY k ORDER BY t)")
    expected = wanted(rows, features, **options)
    assert [row[1:] for row in found] == [row[1:] for row in expected]
    assert sum(row[0] is not None for row in expected) > len(rows) / 3
    near = [None if row[0] is None else pytest.approx(row[0], rel=1e-6, abs=1e-6) for row in expected]
    assert [row[0] for row in found] == near


@pytest.mark.parametrize(
    ("features", "options"),
    [
        ("ab", {"window": 8, "min_rows": 8}),
        ("abc", {"window": 10, "min_rows": 5}),
        ("bc", {"window": 12, "min_rows": 6, "direction": "high"}),
        ("cab", {"window": 8, "min_rows": 9, "direction": "low"}),
    ],
)
def test_it_says_what_numpy_says_of_series_with_peers_gaps_and_rows_not_fitted(
    features: str, options: dict[str, Any]
) -> None:
    with sqlnomaly.connect() as session:
        for seed in range(3):
            agree(session, seed, features, **options)


@pytest.mark.postgres
def test_so_it_is_on_postgres() -> None:
    with on_postgres() as session:
        agree(session, 4, "abc", window=8, min_rows=8)


@pytest.mark.spark
@pytest.mark.slow
def test_so_it_is_on_spark() -> None:
    with on_spark() as session:
        agree(session, 5, "ab", window=8, min_rows=8)
