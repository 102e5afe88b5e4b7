"""Medians along an order: over lists of a frame, and over pairs of rows where an engine has no lists."""

from __future__ import annotations

import random
from statistics import median
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.frames import Bound, Frame
from sqlnomaly.session import Session
from tests.engines.sessions import on_postgres

FRAMES = (
    "ROWS BETWEEN 6 PRECEDING AND CURRENT ROW", "ROWS BETWEEN 3 PRECEDING AND 9 FOLLOWING",
    "ROWS BETWEEN 9 PRECEDING AND 2 PRECEDING", "ROWS BETWEEN 1 FOLLOWING AND 8 FOLLOWING",
    "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
    "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING", "",
)  # fmt: skip


def series() -> pa.Table:
    """Two partitions, one of them NULL; some rows share a day, some have none, some no value."""
    rng = random.Random(4)
    rows = [
        {
            "id": i,
            "k": None if i % 2 else "a",
            "day": None if i % 29 == 0 else i // 3,
            "x": None if i % 13 == 0 else rng.gauss(0, 1),
        }
        for i in range(120)
    ]
    types = [("id", pa.int64()), ("k", pa.string()), ("day", pa.int64()), ("x", pa.float64())]
    return pa.Table.from_pylist(rows, pa.schema(types))


def asked(session: Session, detector: str, frame: str) -> dict[int, Any]:
    call = f"(x, detector => '{detector}') FILTER (WHERE id % 7 > 0) OVER (PARTITION BY k ORDER BY day DESC {frame})"
    query = f"SELECT id, anomaly_score{call} AS s, anomaly_status{call} AS why FROM series"
    return {row["id"]: (row["s"], row["why"]) for row in session.sql(query, read="duckdb").arrow().to_pylist()}


@pytest.mark.postgres
@pytest.mark.parametrize("detector", ["mad", "iqr"])
def test_pairs_of_rows_give_what_lists_give(detector: str) -> None:
    with sqlnomaly.connect() as lists, on_postgres() as pairs:
        for session in (lists, pairs):
            session.load("series", series())
        for frame in FRAMES:
            wanted, found = asked(lists, detector, frame), asked(pairs, detector, frame)
            for part, same in ((0, pytest.approx), (1, dict)):
                expected = same({key: answer[part] for key, answer in wanted.items()})
                assert {key: answer[part] for key, answer in found.items()} == expected, frame


@pytest.mark.duckdb
def test_without_a_frame_a_row_is_judged_by_all_rows_before_it_and_by_no_peer() -> None:
    table = series()
    with sqlnomaly.connect() as session:
        session.load("series", table)
        call = "anomaly_score(x, detector => 'mad') OVER (PARTITION BY k ORDER BY day)"
        found = dict(session.sql(f"SELECT id, {call} FROM series").fetchall())
    rows = table.to_pylist()
    for row in rows:
        known = [
            other["x"]
            for other in rows
            if other["k"] == row["k"]
            and None not in (other["x"], other["day"], row["day"])
            and other["day"] < row["day"]
        ]
        if len(known) < 3 or row["x"] is None:
            assert found[row["id"]] is None
            continue
        spread = median(abs(x - median(known)) for x in known) / 0.6744897501960817
        assert found[row["id"]] == pytest.approx(abs(row["x"] - median(known)) / spread)


@pytest.mark.parametrize(
    ("start", "end", "ends"),
    [
        (Bound(-1, ops.integer(6)), Bound(0, None), (-6, 0)),
        (Bound(-1, None), Bound(-1, ops.integer(2)), (None, -2)),
        (Bound(1, ops.integer(1)), Bound(1, None), (1, None)),
        (Bound(0, None), Bound(1, ops.integer(3)), (0, 3)),
    ],
)
def test_the_ends_of_a_frame_are_counted_from_the_row(start: Bound, end: Bound, ends: tuple[int | None, ...]) -> None:
    assert Frame("ROWS", start, end).ends == ends
