"""``lags``: earlier values as further features, the same as LAG written out, on every engine."""

from __future__ import annotations

import random

import pytest

import sqlnomaly
from sqlnomaly.errors import CallError, SqlnomalyError, UnsupportedError
from tests.engines.sessions import on_postgres, on_spark

ROWS = [
    (number, number // 2 if number % 9 else None, number % 3, value if number % 11 else None)
    for number, value in enumerate(random.Random(5).sample(range(1000), 90))
]


def row_of(number: int, t: int | None, k: int, x: int | None) -> str:
    """A row of VALUES."""
    time, value = ("NULL" if one is None else one for one in (t, x))
    return f"({number}, CAST({time} AS INT), {k}, CAST({value} AS DOUBLE PRECISION))"


TABLE = "(VALUES " + ", ".join(row_of(*row) for row in ROWS) + ") AS s(id, t, k, x)"


def earlier(lags: int) -> dict[int, list[float | None]]:
    """Value and earlier values of each row, by brute force: NULL orders are no series, ties by value, NULLs last."""
    found: dict[int, list[float | None]] = {}
    for key in range(3):
        own = [row for row in ROWS if row[2] == key and row[1] is not None]
        own.sort(key=lambda row: (row[1], row[3] is None, row[3] or 0.0))
        for place, row in enumerate(own):
            found[row[0]] = [own[place - lag][3] if place >= lag else None for lag in range(lags + 1)]
        found |= {row[0]: [None] * (lags + 1) for row in ROWS if row[2] == key and row[1] is None}
    return found


def assert_alike(found: dict[int, float | None], wanted: dict[int, float | None]) -> None:
    """The same rows have scores, and the same ones."""
    scored = {number: score for number, score in found.items() if score is not None}
    assert len(scored) > 30
    assert scored == pytest.approx({number: score for number, score in wanted.items() if score is not None}, rel=1e-9)


@pytest.mark.parametrize("detector", ["mahalanobis", "ecod", "knn"])
def test_lags_are_the_same_as_earlier_values_given_as_features(detector: str) -> None:
    with sqlnomaly.connect() as con:
        call = f"anomaly_score(x, lags => 2, detector => '{detector}') OVER (PARTITION BY k ORDER BY t)"
        found = dict(con.sql(f"SELECT id, {call} FROM {TABLE}").fetchall())
        values = ", ".join(
            f"({number}, {number % 3}, " + ", ".join("NULL::DOUBLE" if x is None else f"{x}::DOUBLE" for x in own) + ")"
            for number, own in earlier(2).items()
        )
        plain = f"anomaly_score(a, b, c, detector => '{detector}') OVER (PARTITION BY k)"
        wanted = dict(con.sql(f"SELECT id, {plain} FROM (VALUES {values}) AS s(id, k, a, b, c)").fetchall())
    assert_alike(found, wanted)


@pytest.mark.parametrize("engine", ["spark", "postgres"])
def test_lags_score_alike_on_other_engines(engine: str) -> None:
    call = "anomaly_score(x, lags => 2, detector => 'zscore', min_rows => 2) OVER (PARTITION BY k ORDER BY t)"
    query = f"SELECT id, {call} AS score FROM {TABLE}"
    with sqlnomaly.connect() as con, on_spark() if engine == "spark" else on_postgres() as other:
        wanted, found = (dict(session.sql(query).fetchall()) for session in (con, other))
    assert_alike(found, wanted)


def test_a_detector_with_a_causal_form_stays_causal() -> None:
    call = "anomaly_score(x, lags => 1, detector => 'zscore', min_rows => 2) OVER (ORDER BY t)"
    rows = [(1, 4.0), (2, 6.0), (3, 5.0), (4, 9.0), (5, 1.0), (6, 7.0)]
    answers = []
    for last in (7.0, 1000.0):
        values = ", ".join(f"({t}, {x if t < 6 else last})" for t, x in rows)
        with sqlnomaly.connect() as con:
            answers.append(con.sql(f"SELECT t, {call} FROM (VALUES {values}) AS s(t, x) ORDER BY t").fetchall()[:5])
    assert answers[0] == answers[1]
    assert answers[0][4][1] is not None


def test_the_reason_says_which_earlier_value() -> None:
    call = "anomaly_reason(x, lags => 2, detector => 'zscore') OVER (ORDER BY t)"
    rows = "(SELECT i AS t, CASE i WHEN 30 THEN 50 ELSE i % 5 END AS x FROM range(40) AS r(i))"
    with sqlnomaly.connect() as con:
        found = dict(con.sql(f"SELECT t, {call} FROM {rows}").fetchall())
    assert [found[30], found[31], found[32]] == ["x", "x 1 before", "x 2 before"]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("anomaly_score(x, lags => 2, detector => 'knn') OVER ()", CallError, "lags needs the order"),
        ("anomaly_score(x, lags => 0, detector => 'knn') OVER (ORDER BY t)", CallError, "1 to 500"),
        ("anomaly_score(x, lags => -3, detector => 'knn') OVER (ORDER BY t)", CallError, "1 to 500"),
        ("anomaly_score(x, lags => 501, detector => 'knn') OVER (ORDER BY t)", CallError, "1 to 500"),
        ("anomaly_score(x, lags => 'a', detector => 'knn') OVER (ORDER BY t)", CallError, "whole number"),
        ("anomaly_score(x, lags => 2, detector => 'ewma') OVER (ORDER BY t)", UnsupportedError, "follows the order"),
        (
            "anomaly_score(x, lags => 2, season => 'dow', detector => 'knn') OVER (ORDER BY t)",
            UnsupportedError,
            "season with lags",
        ),
    ],
)
def test_bad_lags_are_refused_by_name(call: str, error: type[SqlnomalyError], words: str) -> None:
    with sqlnomaly.connect() as con, pytest.raises(error) as raised:
        con.sql(f"SELECT {call} FROM (VALUES (1, 2.0)) AS s(t, x)")
    assert words in str(raised.value)


def test_a_stored_model_refuses_lags() -> None:
    with sqlnomaly.connect() as con, pytest.raises(UnsupportedError, match="lags is refused in a stored model"):
        con.sql("CREATE ANOMALY MODEL m USING zscore OPTIONS (lags = 3) AS SELECT 1.0 AS x")
