"""``anomaly_expected``, ``anomaly_lower`` and ``anomaly_upper``: a value at an end scores the threshold."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.udfs.registry import BUILT_IN
from tests.engines.sessions import on_postgres

BANDED = [kind.name for kind in BUILT_IN if kind.edges and kind.name != "gap"]
"""Detectors that have a band; gap's is about times, in tests/test_gap.py."""
IN_ORDER = {kind.name for kind in BUILT_IN if kind.shape is Shape.WINDOW}
WINDOWS = {"whole": "PARTITION BY k", "causal": "PARTITION BY k ORDER BY t"}
CASES = [
    *((kind.name, "causal" if kind.ordered else "whole") for kind in BUILT_IN if kind.name in BANDED),
    ("zscore", "whole"),
]  # fmt: skip
OPTIONS = (
    "", ", direction => 'high'", ", direction => 'low'", ", threshold => 0.5", ", min_effect => 9",
    ", min_effect => 2, threshold => 0.25",
)  # fmt: skip


FEW = {"seasonal": ", min_rows => 4"}
"""Options without which the series are too short."""


def series(seed: int = 3) -> list[dict[str, Any]]:
    """Two skewed series; every row is fitted."""
    rng = random.Random(seed)
    values = [50 + 4 * abs(rng.gauss(0, 1)) ** 1.5 + i % 3 - (30 if i == 47 else 0) for i in range(80)]
    return [{"t": 10 * i, "k": i % 2, "x": x, "fitted": True} for i, x in enumerate(values)]


def asked(session: Session, rows: list[dict[str, Any]], calls: dict[str, str]) -> list[dict[str, Any]]:
    """The rows with the answers, in their order."""
    table = pa.Table.from_pylist([{"n": number, **row} for number, row in enumerate(rows)])
    session.load("t", table)
    columns = ", ".join(f"{call} AS {name}" for name, call in calls.items())
    found: list[dict[str, Any]] = (
        session.sql(f"SELECT *, {columns} FROM t ORDER BY n", read="duckdb").arrow().to_pylist()
    )
    return found


def calls(detector: str, window: str, option: str) -> dict[str, str]:
    """Everything that is asked of one fit."""
    wanted = {
        "score": "anomaly_score", "odd": "is_anomaly", "cut": "anomaly_threshold", "expected": "anomaly_expected",
        "lower": "anomaly_lower", "upper": "anomaly_upper",
    }  # fmt: skip
    options = f"detector => '{detector}'{FEW.get(detector, '')}{option}"
    rest = f"(x, {options}) FILTER (WHERE fitted) OVER ({WINDOWS[window]})"
    return {name: function + rest for name, function in wanted.items()}


def check(session: Session, detector: str, window: str, option: str) -> None:
    """The ends of the band, asked again as values that are judged beside the rows and not fitted."""
    rows = series()
    question = calls(detector, window, option)
    told = asked(session, rows, question)
    banded = [row for row in told if row["lower"] is not None or row["upper"] is not None]
    assert len(banded) >= 40
    high, low = "'low'" not in option, "'high'" not in option
    for row in banded:
        assert (row["upper"] is not None, row["lower"] is not None) == (high, low)
        inside = (not low or row["x"] >= row["lower"] - 1e-6) and (not high or row["x"] <= row["upper"] + 1e-6)
        assert inside or row["odd"]
    # Rows of equal order keys do not judge each other, and these are not fitted; but for these two they make time pass.
    alone, probes = detector in ("ewma", "seasonal"), []
    for row in banded[:: 30 if alone else 7]:
        for end, sign in (("lower", -1), ("upper", 1)):
            if row[end] is not None:
                for step, odd in ((-1e-4 * sign, False), (1e-4 * sign, True)):
                    probe = {"t": row["t"], "k": row["k"], "x": row[end] + step, "fitted": False}
                    probes.append((probe, odd, row))
    groups = [[probe] for probe in probes] if alone else [probes]
    for group in groups:
        found = asked(session, [*rows, *(probe for probe, _, _ in group)], question)[len(rows) :]
        for (probe, odd, row), answer in zip(group, found, strict=True):
            assert answer["odd"] is odd, (probe, row)
            if "min_effect" not in option:
                assert answer["score"] == pytest.approx(row["cut"], abs=1e-3)


@pytest.mark.duckdb
@pytest.mark.parametrize(("detector", "window"), CASES)
def test_beyond_the_band_is_an_anomaly_and_inside_is_none(detector: str, window: str) -> None:
    with sqlnomaly.connect() as session:
        for option in OPTIONS if detector in ("zscore", "iqr") else OPTIONS[:2]:
            check(session, detector, window, option)


@pytest.mark.postgres
def test_so_it_is_on_postgres() -> None:
    with on_postgres() as session:
        for detector, window in (("mad", "whole"), ("series_decompose", "causal")):
            check(session, detector, window, "")


@pytest.mark.duckdb
@pytest.mark.parametrize("option", ["contamination => 0.05", "significance => 0.01", "leave_one_out => TRUE"])
def test_the_band_follows_the_rule_and_the_baseline(option: str) -> None:
    with sqlnomaly.connect() as session:
        rows = asked(session, series(), calls("zscore", "whole", f", {option}"))
    decided = [row for row in rows if row["cut"] is not None]
    assert len(decided) == 80
    for row in decided:
        assert row["upper"] - row["lower"] > 0
        assert row["odd"] == (not row["lower"] - 1e-9 <= row["x"] <= row["upper"] + 1e-9)


@pytest.mark.duckdb
def test_a_row_without_a_baseline_has_no_band_and_one_without_a_value_has() -> None:
    rows = [{"t": t, "k": 0, "x": None if t == 6 else 5.0 + t % 3, "fitted": True} for t in range(9)]
    rows.append({"t": None, "k": 0, "x": 5.0, "fitted": True})
    with sqlnomaly.connect() as session:
        for detector in ("zscore", "series_decompose"):
            found = asked(session, rows, calls(detector, "causal", ", threshold => 2"))
            bands = [[row[name] for name in ("expected", "lower", "upper")] for row in found]
            assert bands[9] == [None] * 3, detector
            assert None not in bands[6] + bands[8], detector
            assert (bands[0] == [None] * 3) == (detector == "zscore")


@pytest.mark.duckdb
def test_a_constant_baseline_has_a_band_of_its_own_value() -> None:
    rows = [{"t": t, "k": 0, "x": 7.0, "fitted": True} for t in range(20)]
    with sqlnomaly.connect() as session:
        for detector in BANDED:
            window = "causal" if detector in IN_ORDER else "whole"
            found = asked(session, rows, calls(detector, window, ", threshold => 3"))[-1]
            assert (found["expected"], found["lower"], found["upper"]) == (7.0, 7.0, 7.0), detector


@pytest.mark.duckdb
def test_what_is_expected_is_what_the_explanation_says() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", pa.Table.from_pylist(series()))
        for detector in (*BANDED, "pca", "mahalanobis"):
            order = " ORDER BY t" if detector in IN_ORDER else ""
            call = f"(x, detector => '{detector}'{FEW.get(detector, '')}) OVER (PARTITION BY k{order})"
            explained = f"CAST(anomaly_explanation{call} AS JSON)->0->'expected'"
            rows = session.sql(f"SELECT anomaly_expected{call} AS value, {explained} AS told FROM t").fetchall()
            told = [(value, float(text)) for value, text in rows if text is not None]
            assert len(told) >= 50
            assert [value for value, _ in told] == pytest.approx([text for _, text in told], rel=1e-12)


@pytest.mark.duckdb
def test_a_stored_model_has_a_band() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", pa.Table.from_pylist(series()))
        options = "OPTIONS (threshold = 3, calibration = 0)"
        session.sql(f"CREATE ANOMALY MODEL usual USING mad {options} PARTITION BY k AS SELECT k, x FROM t")
        names = ("anomaly_expected", "anomaly_lower", "anomaly_upper", "is_anomaly")
        stored = ", ".join(f"{name}(x, model => 'usual')" for name in names)
        plain = ", ".join(f"{name}(x, detector => 'mad', threshold => 3) OVER (PARTITION BY k)" for name in names)
        assert session.sql(f"SELECT {stored} FROM t").fetchall() == [
            tuple(pytest.approx(value, rel=1e-12) for value in row)
            for row in session.sql(f"SELECT {plain} FROM t").fetchall()
        ]
        session.sql("CREATE ANOMALY MODEL rare USING ecod AS SELECT x FROM t")
        with pytest.raises(UnsupportedError, match="no band"):
            session.sql("SELECT anomaly_upper(x, model => 'rare') FROM t")


@pytest.mark.postgres
@pytest.mark.parametrize(("direction", "end"), [("high", "lower"), ("low", "upper")])
def test_an_end_that_is_not_there_is_a_number_to_a_table_made_of_it(direction: str, end: str) -> None:
    with on_postgres() as session:
        call = f"anomaly_{end}(x, direction => '{direction}') OVER (PARTITION BY k ORDER BY t)"
        found = session.sql(f"SELECT {call} AS far FROM (VALUES (1, 1, 2), (1, 2, 3)) AS points(k, t, x)").arrow()
    assert found["far"].type == pa.float64()
    assert found["far"].to_pylist() == [None, None]
