"""Models with a rule, over rows of several partitions, and what they are asked."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

import pyarrow as pa

from sqlnomaly import Session

TOLERANCE = 1e-9
SMALL = "small"
"""A partition of eight rows."""
Row = dict[str, Any]


def rows_of(partitions: int, *, each: int = 200, far: float = 0.0, seed: int = 1) -> list[Row]:
    """Rows in partitions, one of them NULL and, where there are several, one small; x has ties and missing values.

    Args:
        partitions: how many; 0 for one without a key.
        each: rows of a partition.
        far: the share of rows that lie far out.
        seed: another seed gives other rows.
    """
    random_ = random.Random(f"{partitions} {seed}")
    keys: list[str | None] = [f"p{number}" for number in range(max(1, partitions))]
    keys[-1:] = [None] if partitions else keys[-1:]
    keys += [SMALL] if partitions else []
    rows: list[Row] = []
    for place, key in enumerate(keys):
        for _ in range(8 if key == SMALL else each):
            x = random_.gauss(0, 1 + place % 3) + (
                random_.choice([15.0, 30.0]) if random_.random() < far else 0.0
            )
            rows.append(
                {
                    "id": len(rows),
                    "g": key,
                    "day": random_.randrange(5),
                    "x": None if random_.random() < 0.02 else round(x, 1),
                    "y": random_.gauss(5, 2),
                }
            )
    return rows


TYPES = pa.schema(
    [("id", pa.int64()), ("g", pa.string()), ("day", pa.int64()), ("x", pa.float64()), ("y", pa.float64())]
)


def load(session: Session, name: str, rows: Sequence[Row]) -> None:
    session.load(name, pa.Table.from_pylist(list(rows), schema=TYPES))


def create(
    session: Session, options: str, *, keyed: bool, features: str = "x", detector: str = "zscore"
) -> None:
    """A model m of the rows of t."""
    by, key = ("PARTITION BY g", "g, ") if keyed else ("", "")
    query = f"SELECT {key}{features} FROM t"
    session.sql(f"CREATE OR REPLACE ANOMALY MODEL m USING {detector} OPTIONS ({options}) {by} AS {query}")


def called(session: Session, table: str = "t", features: str = "x") -> dict[int, Row]:
    """What the calls of the model say of each row, by id."""
    names = {
        "anomaly_score": "score",
        "anomaly_threshold": "cut",
        "is_anomaly": "found",
        "anomaly_status": "status",
    }
    calls = ", ".join(f"{name}({features}, model => 'm') AS {short}" for name, short in names.items())
    found = session.sql(f"SELECT id, g, {calls} FROM {table}", read="duckdb").arrow().to_pylist()
    return {row["id"]: row for row in found}


def formed(session: Session, options: str = "", table: str = "new") -> dict[int, Row]:
    """What detect_anomalies says of each row, by id."""
    query = f"SELECT * FROM detect_anomalies({table}, model => 'm'{options})"
    return {row["id"]: row for row in session.sql(query, read="duckdb").arrow().to_pylist()}


def grouped(rows: Sequence[Row], value: str = "x") -> dict[Hashable, list[float]]:
    found: dict[Hashable, list[float]] = defaultdict(list)
    for row in rows:
        if row[value] is not None:
            found[row["g"]].append(row[value])
    return found
