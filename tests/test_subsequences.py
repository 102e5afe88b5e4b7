"""``sub_knn``, ``sub_pca`` and ``matrix_profile``: the kernels against plain Python, and what SQL makes of them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

import sqlnomaly
from sqlnomaly.errors import CallError, SqlnomalyError, UnsupportedError
from sqlnomaly.udfs.profile_kernel import matrix_profile
from sqlnomaly.udfs.subsequence_components import SINGULAR, Moments, sub_pca
from sqlnomaly.udfs.subsequence_kernels import LAGS, lags_of, sub_knn
from sqlnomaly.udfs.subsequences import standardized, windows_of
from tests.engines.sessions import on_postgres, on_spark
from tests.reference.along_series import subsequences as reference

Vector = NDArray[np.float64]

RANDOM = np.random.default_rng(7)
WALK = RANDOM.normal(size=90).cumsum()


def holes(values: Vector, places: list[int]) -> Vector:
    """The values without some."""
    found = values.copy()
    found[places] = np.nan
    return found


SERIES: dict[str, Vector] = {
    "walk": WALK,
    "offset": 1.7e9 + RANDOM.normal(size=90),
    "tiny": 1e-12 * WALK,
    "ties": RANDOM.integers(0, 3, 90).astype(float),
    "steps": np.repeat(RANDOM.integers(0, 3, 9), 10).astype(float),
    "constant": np.full(90, 3.25),
    "spike": np.where(np.arange(90) == 40, 1e8, WALK),
    "missing": holes(WALK, [0, 20, 21, 60]),
    "all missing": np.full(90, np.nan),
    "one window": WALK[:6],
    "short": WALK[:3],
    "empty": WALK[:0],
}
BOTH = pytest.mark.parametrize("causal", [False, True])


def assert_close(found: Vector, wanted: list[float], tolerance: float, what: str) -> None:
    """The same numbers in the same places."""
    known = np.array(wanted, float)
    assert found.shape == known.shape, what
    scale = np.nanmax(np.abs(known), initial=0.0) if np.isfinite(known).any() else 1.0
    np.testing.assert_allclose(found, known, rtol=tolerance, atol=tolerance * scale, err_msg=what)


@BOTH
def test_the_kth_nearest_window_is_that_of_plain_python(causal: bool) -> None:
    for name, values in SERIES.items():
        for window, k, exclusion in ((6, 1, None), (5, 200, None), (4, 2, 1)):
            found = sub_knn(values, window, k, causal=causal, exclusion=exclusion)
            wanted = reference.sub_knn(values.tolist(), window, k, causal, exclusion)
            assert_close(found, wanted, 1e-9, f"{name} {window} {k}")


@BOTH
def test_the_matrix_profile_is_that_of_plain_python(causal: bool) -> None:
    """Deviations of an offset of 1.7e9 are known to 7 digits, and those of windows beside a spike of 1e8 to 8."""
    for name, values in SERIES.items():
        for least in (0.0, 0.5):
            found = matrix_profile(values, 6, causal=causal, least=least)
            wanted = reference.matrix_profile(values.tolist(), 6, causal, None, least)
            assert_close(found, wanted, 1e-6, f"{name} {least}")


@BOTH
def test_components_are_the_inverse_of_the_covariance(causal: bool) -> None:
    for name, values in SERIES.items():
        found = sub_pca(values, 5, causal=causal, ridge=10.0)
        assert_close(found, reference.sub_pca(values.tolist(), 5, 10.0, causal), 1e-6, name)


def test_a_spike_leaves_no_trace() -> None:
    """After a spike of 1e12, windows that repeat exactly still have a distance of 0."""
    values = np.tile(RANDOM.normal(size=25), 24)
    values[300] = 1e12
    scores = sub_knn(values, 25, causal=False)
    clean = [place for place in range(len(scores)) if not 275 <= place <= 325]
    assert scores[clean].max() == 0.0
    assert matrix_profile(values, 25)[330:].max() < 1e-5


def test_a_long_series_is_compared_at_every_so_many_th_lag_or_the_nearest_ones() -> None:
    assert list(lags_of(30, 4, False)) == list(range(4, 30))
    lags = lags_of(100_000, 288, False)
    assert len(lags) <= LAGS
    assert (lags[0], set(np.diff(lags))) == (288, {5})
    lags = lags_of(100_000, 288, True)
    assert (len(lags), set(np.diff(lags))) == (LAGS, {1})


def test_windows_are_a_quarter_of_a_day_and_a_day() -> None:
    assert windows_of(np.arange(5_000) * 300.0, 5_000) == (72, 288)
    assert windows_of(np.arange(800) * 3_600.0, 800) == (16, 24)
    assert windows_of(np.arange(800) * 86_400.0, 800) == (16, 16)
    assert windows_of(np.arange(90_000) * 1.0, 90_000) == (128, 512)
    assert windows_of(None, 100) == (16, 16)
    assert windows_of(np.zeros(1), 1) == (16, 16)


def pieces(size: int = 420) -> list[dict[str, Any]]:
    """Three series of hours, one without a key; some points are missing, twice, or without a value."""
    random = np.random.default_rng(3)
    rows = []
    for key, shift in (("a", 0.0), ("b", 1e6), (None, -5.0)):
        for hour in range(size):
            value = shift + hour % 12 + random.normal() * 0.2 + (6.0 if key == "a" and 300 <= hour < 306 else 0.0)
            time = dt.datetime(2025, 3, 1) + dt.timedelta(hours=hour)
            rows.append({"k": key, "ts": time, "n": hour, "x": None if hour == 77 else value})
            if hour == 90:
                rows.append({"k": key, "ts": time, "n": hour, "x": value + 1.0})
    rows.append({"k": "a", "ts": None, "n": None, "x": 3.0})
    return [{"id": number, **row} for number, row in enumerate(rows)]


ROWS = pieces()
TABLE = pa.Table.from_pylist(
    ROWS,
    schema=pa.schema([("id", pa.int64()), ("k", pa.string()), ("ts", pa.timestamp("us")), ("n", pa.int64()),
                      ("x", pa.float64())]),
)  # fmt: skip


def by_hand(detector: str, windows: tuple[int, ...], *, causal: bool) -> dict[int, float | None]:
    """The score of each row: that of its point, the mean of whose rows is the value of a series."""
    found: dict[int, float | None] = {}
    for key in ("a", "b", None):
        own = [row for row in ROWS if row["k"] == key and row["n"] is not None]
        places = sorted({row["n"] for row in own})
        values = []
        for place in places:
            known = [row["x"] for row in own if row["n"] == place and row["x"] is not None]
            values.append(sum(known) / len(known) if known else math.nan)
        each = []
        for window in windows:
            if detector == "sub_knn":
                each.append(reference.sub_knn(values, window, 1, causal))
            elif detector == "sub_pca":
                each.append(reference.sub_pca(values, window, 10.0, causal))
            else:
                profile = reference.matrix_profile(values, window, causal)
                each.append(reference.at_points(profile, window, len(values), causal))
        scores = reference.standardized([sum(some) / len(some) for some in zip(*each, strict=True)], causal)
        at = dict(zip(places, scores, strict=True))
        for row in own:
            score = at[row["n"]]
            found[row["id"]] = None if math.isnan(score) or row["x"] is None else score
    return found | {row["id"]: None for row in ROWS if row["n"] is None}


def assert_scores(found: dict[int, float | None], wanted: dict[int, float | None]) -> None:
    """The same rows have scores, and the same ones."""
    assert {number for number, score in found.items() if score is None} == {
        number for number, score in wanted.items() if score is None
    }
    known = {number: score for number, score in wanted.items() if score is not None}
    assert len(known) > 500
    assert {number: found[number] for number in known} == pytest.approx(known, rel=1e-6, abs=1e-6)


@pytest.mark.duckdb
@BOTH
@pytest.mark.parametrize("detector", ["sub_knn", "sub_pca", "matrix_profile"])
def test_rows_have_the_scores_of_their_points(detector: str, causal: bool) -> None:
    option = "" if causal else ", causal => FALSE"
    with sqlnomaly.connect() as con:
        con.load("t", TABLE)
        for order, windows, own in (("n", (6,), ", window => 6"), ("ts", (16, 24), ""))[: 1 + (detector == "sub_knn")]:
            call = f"anomaly_score(x, detector => '{detector}'{own}{option}) OVER (PARTITION BY k ORDER BY {order})"
            found = dict(con.sql(f"SELECT id, {call} FROM t").fetchall())
            assert_scores(found, by_hand(detector, windows, causal=causal))


@pytest.mark.parametrize("engine", ["spark", "postgres"])
def test_other_engines_have_the_same_scores(engine: str) -> None:
    call = "anomaly_score(x, detector => 'sub_knn') OVER (PARTITION BY k ORDER BY ts)"
    with on_spark() if engine == "spark" else on_postgres() as other:
        other.engine.load("t", TABLE)
        try:
            found = dict(other.sql(f"SELECT id, {call} AS score FROM t").fetchall())
        finally:
            other.engine.drop("t")
    assert_scores(found, by_hand("sub_knn", (16, 24), causal=True))


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", ["sub_knn", "sub_pca", "matrix_profile"])
def test_what_comes_later_does_not_change_a_causal_score(detector: str) -> None:
    call = f"anomaly_score(x, detector => '{detector}', window => 8) OVER (PARTITION BY k ORDER BY n)"
    with sqlnomaly.connect() as con:
        con.load("t", TABLE)
        whole = dict(con.sql(f"SELECT id, {call} FROM t WHERE n < 400").fetchall())
        early = dict(con.sql(f"SELECT id, {call} FROM (SELECT * FROM t WHERE n < 290)").fetchall())
    assert sum(score is not None for score in early.values()) > 300
    assert {number: whole[number] for number in early} == early


@pytest.mark.duckdb
def test_the_odd_piece_is_found_and_a_constant_series_is_not() -> None:
    with sqlnomaly.connect() as con:
        con.load("t", TABLE)
        form = "features => ['x'], partition_by => ['k'], order_by => 'ts', detector => 'sub_knn'"
        for option in ("", ", causal => FALSE"):
            query = f"SELECT k, MIN(n), MAX(n) FROM detect_anomalies(t, {form}{option}) WHERE is_anomaly GROUP BY k"
            found = {key: (first, last) for key, first, last in con.sql(query).fetchall()}
            assert found["a"][0] <= 306
            assert found["a"][1] >= 300
        call = "anomaly_score(7, detector => 'sub_knn') OVER (ORDER BY n)"
        constant = con.sql(f"SELECT {call} FROM t WHERE k = 'a' AND n < 200").fetchall()
    assert {score for (score,) in constant} == {0.0, None}


@pytest.mark.duckdb
def test_a_row_without_a_score_says_why() -> None:
    call = "anomaly_status(x, detector => 'sub_knn', window => 12{}) OVER (PARTITION BY k ORDER BY n)"
    with sqlnomaly.connect() as con:
        con.load("t", TABLE)
        causal = dict(con.sql(f"SELECT id, {call.format('')} FROM t").fetchall())
        whole = dict(con.sql(f"SELECT id, {call.format(', causal => FALSE')} FROM t").fetchall())
    assert (causal[0], causal[10], causal[len(ROWS) - 1]) == ("warm_up", "warm_up", "missing_value")
    assert causal[400] == whole[400] == whole[0] == "ok"


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("anomaly_score(x, detector => 'sub_knn') OVER ()", UnsupportedError, "ORDER BY"),
        ("anomaly_score(x, detector => 'sub_knn', window => 1) OVER (ORDER BY n)", CallError, "2 to 10,000"),
        ("anomaly_score(x, detector => 'sub_knn', window => 'day') OVER (ORDER BY n)", CallError, "auto"),
        ("anomaly_score(x, detector => 'sub_knn', n_neighbors => 0) OVER (ORDER BY n)", CallError, "1 to 100"),
        ("anomaly_score(x, detector => 'sub_pca', ridge => -1) OVER (ORDER BY n)", CallError, "ridge"),
        ("anomaly_score(x, detector => 'matrix_profile', floor => -1) OVER (ORDER BY n)", CallError, "floor"),
        ("anomaly_score(x, detector => 'sub_knn', direction => 'high') OVER (ORDER BY n)", UnsupportedError, "sign"),
        ("anomaly_lower(x, detector => 'sub_knn') OVER (ORDER BY n)", UnsupportedError, "no band"),
        ("is_anomaly(x, detector => 'sub_knn', contamination => 0.1) OVER (ORDER BY n)", UnsupportedError, "later"),
    ],
)
def test_what_has_no_meaning_is_refused(call: str, error: type[SqlnomalyError], words: str) -> None:
    with sqlnomaly.connect() as con:
        con.load("t", TABLE)
        with pytest.raises(error) as raised:
            con.sql(f"SELECT {call} FROM t")
    assert words in str(raised.value)


def test_scores_are_in_robust_deviations() -> None:
    for causal in (False, True):
        for name in ("walk", "ties", "missing", "constant", "all missing", "empty"):
            scores = np.abs(SERIES[name])
            with np.errstate(all="ignore"):
                found = standardized(scores, causal=causal)
            np.testing.assert_allclose(found, reference.standardized(scores.tolist(), causal), rtol=1e-9, err_msg=name)


def test_moments_of_parts_are_those_of_the_whole() -> None:
    windows = 1e6 + np.random.default_rng(4).normal(size=(3000, 6)).cumsum(axis=1)
    whole = Moments(0.0, np.zeros(6), np.zeros((6, 6)))
    for part in (windows[:1], windows[1:40], windows[40:41], windows[41:]):
        whole = whole.and_of(part, 1.0)
    assert whole.n == 3000
    np.testing.assert_allclose(whole.mean, windows.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(whole.products / 2999, np.cov(windows.T), rtol=1e-9)
    twice = Moments(0.0, np.zeros(6), np.zeros((6, 6))).and_of(windows, 2.0)
    np.testing.assert_allclose(twice.products, 2.0 * whole.products, rtol=1e-9)


def test_a_distance_is_the_same_by_a_root_and_by_components() -> None:
    values = np.random.default_rng(5).normal(size=400).cumsum()
    root = sub_pca(values, 12, causal=True, ridge=SINGULAR)
    components = sub_pca(values, 12, causal=True, ridge=0.999 * SINGULAR)
    np.testing.assert_allclose(root, components, rtol=1e-5)
