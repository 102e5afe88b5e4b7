"""Detectors that follow an order in SQL alone, beside their plain-Python references over random series."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.udfs.registry import BUILT_IN
from tests.engines.sessions import on_postgres, on_spark
from tests.reference.judge import Verdict, judge

FOLLOWED = tuple(
    kind.name
    for kind in BUILT_IN
    if kind.shape is Shape.WINDOW and not (kind.retrospective or kind.summarized or kind.joint)
)
OWN: dict[str, str] = {"cusum": "drift => 0.1", "flatline": "epsilon => 1", "page_hinkley": "delta => 0.1"}
"""Detector -> an own option that is not the default."""


def series(seed: int, *, rows: int = 140) -> list[dict[str, Any]]:
    """Three series with peers, missing and unusable values, rows that are not fitted, runs, and a shift."""
    rng = random.Random(seed)
    found: list[dict[str, Any]] = []
    for i in range(rows):
        key = rng.choice("abc")
        last = next((row["x"] for row in reversed(found) if row["k"] == key), None)
        x = round(rng.gauss(10.0, 2.0) + (4.0 if i > 2 * rows // 3 else 0.0), 3)
        if rng.random() < 0.25 and last is not None:
            x = last
        if rng.random() < 0.1:
            x = rng.choice([None, float("inf"), float("nan"), 1e140, -1e140, 1e-140])
        found.append({
            "id": i, "k": key, "t": None if rng.random() < 0.04 else i // rng.choice([1, 1, 1, 4]), "x": x,
            "y": 3.0 if key == "a" and i < rows // 2 else round(rng.uniform(0, 5)), "fitted": rng.random() < 0.8,
        })  # fmt: skip
    return found


def told(session: Session, rows: list[dict[str, Any]], call: str) -> list[tuple[Any, ...]]:
    """Score, verdict, reason and status of each row."""
    session.load("series", pa.Table.from_pylist(rows))
    names = ("anomaly_score", "is_anomaly", "anomaly_reason", "anomaly_status")
    columns = ", ".join(f"{name}{call}" for name in names)
    return [tuple(row) for row in session.sql(f"SELECT {columns} FROM series ORDER BY id", read="duckdb").fetchall()]


def check(session: Session, detector: str, rows: list[dict[str, Any]], options: dict[str, Any]) -> None:
    """The answers equal the reference's."""
    words = "".join(f", {name} => {value!r}" for name, value in options.items())
    filtered = "FILTER (WHERE fitted) OVER (PARTITION BY k ORDER BY t)"
    found = told(session, rows, f"(x, y, detector => '{detector}'{words}) {filtered}")
    wanted = judge(
        rows, detector=detector, features=["x", "y"], partition=["k"], order="t", where=lambda row: row["fitted"],
        **options,
    )  # fmt: skip
    assert [unscored(row) for row in found] == [unscored(answers(verdict)) for verdict in wanted]
    scores = [verdict.score for verdict in wanted]
    assert sum(score is not None for score in scores) > len(rows) / 4
    assert [row[0] for row in found] == [score if score is None else pytest.approx(score, rel=1e-9, abs=1e-9)
                                         for score in scores]


def answers(verdict: Verdict) -> tuple[Any, ...]:
    """What is told of a row."""
    return verdict.score, verdict.is_anomaly, verdict.reason, verdict.status


def unscored(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Whether there is a score, and the other answers."""
    return (row[0] is None, *row[1:])


def cases(detector: str) -> Iterator[dict[str, Any]]:
    """Options, each time others."""
    name, _, value = OWN.get(detector, "").partition(" => ")
    yield {"min_rows": 3}
    yield {"min_rows": 2, "nulls": "ignore", "threshold": 1.0, **({name: float(value)} if name else {})}
    for direction in ("high", "low", "both") if detector != "flatline" else ():
        yield {"min_rows": 3, "direction": direction, "min_effect": [1.5, 0.5], "threshold": 0.5}


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", FOLLOWED)
def test_random_series_have_the_answers_of_the_reference(detector: str) -> None:
    with sqlnomaly.connect() as session:
        for seed, options in enumerate(cases(detector)):
            check(session, detector, series(seed), options)


@pytest.mark.postgres
@pytest.mark.parametrize("detector", FOLLOWED)
def test_so_it_is_on_postgres(detector: str) -> None:
    with on_postgres() as session:
        check(session, detector, series(7), {"min_rows": 3})


@pytest.mark.spark
@pytest.mark.slow
def test_so_it_is_on_spark() -> None:
    with on_spark() as session:
        for detector in FOLLOWED:
            check(session, detector, series(8), {"min_rows": 3})


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", FOLLOWED)
def test_later_rows_and_peers_change_nothing(detector: str) -> None:
    rows = series(9)
    call = f"(x, detector => '{detector}', min_rows => 3) FILTER (WHERE fitted) OVER (PARTITION BY k ORDER BY t)"
    early = [row for row in rows if row["t"] is None or row["t"] <= 20]
    odd = {"id": 500, "k": "a", "t": 20, "x": 77.0, "y": 1.0, "fitted": True}
    with sqlnomaly.connect() as session:
        whole = dict(zip((row["id"] for row in rows), told(session, rows, call), strict=True))
        assert dict(zip((row["id"] for row in early), told(session, early, call), strict=True)).items() <= whole.items()
        assert told(session, [*early, odd], call)[:-1] == [whole[row["id"]] for row in early]


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", FOLLOWED)
def test_a_row_of_its_own_time_is_judged_by_the_rows_before_it_alone(detector: str) -> None:
    rows = [{"id": i, "t": i, "x": float(i * i % 7)} for i in range(30)]
    call = f"(x, detector => '{detector}', min_rows => 5)"
    with sqlnomaly.connect() as session:
        whole = told(session, rows, f"{call} OVER (ORDER BY t)")
        assert told(session, rows[:23], f"{call} OVER (ORDER BY t)") == whole[:23]


@pytest.mark.parametrize("detector", FOLLOWED)
@pytest.mark.parametrize(
    ("window", "said"),
    [("", "needs ORDER BY"), ("ORDER BY t ROWS BETWEEN 5 PRECEDING AND CURRENT ROW", "cannot follow a frame")],
)
def test_it_needs_an_order_and_no_frame(detector: str, window: str, said: str) -> None:
    with pytest.raises(UnsupportedError, match=said):
        sqlnomaly.compile(f"SELECT anomaly_score(x, detector => '{detector}') OVER ({window}) FROM t")
