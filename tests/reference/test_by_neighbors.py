"""Detectors by neighbors beside scikit-learn and PyOD, on rows that all of them see."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr

import sqlnomaly
from sqlnomaly.session import Session
from sqlnomaly.udfs.kernel_sums import exponentials
from sqlnomaly.udfs.lof import Lof
from sqlnomaly.udfs.neighbor_kernels import neighbors
from sqlnomaly.udfs.sampled_function import fit_rows, number_table, scores_of, stored_fits, stored_function
from tests.reference.sample import coarse

pytestmark = pytest.mark.duckdb

RANDOM = np.random.default_rng(5)
ROWS = np.vstack(
    [RANDOM.normal(size=(220, 3)), RANDOM.normal(4.0, 0.2, size=(60, 3)), RANDOM.uniform(-9, 9, (20, 3))]
)
ROWS[40:44] = ROWS[40]
COPIES = (41, 42, 43)
"""Rows that equal another one."""
SCALED = (ROWS - ROWS.mean(axis=0)) / ROWS.std(axis=0)


@pytest.fixture(scope="module")
def session() -> Session:
    opened = sqlnomaly.connect()
    # Another unit and place for each feature: the score must not see it.
    columns = {f"x{j}": ROWS[:, j] * 10.0**j + 5.0 * j for j in range(3)}
    opened.load("points", pa.table({"id": range(len(ROWS)), **columns}))
    return opened


def ours(session: Session, detector: str, **options: Any) -> np.ndarray:
    """The scores of the rows by id."""
    words = "".join(f", {name} => {value!r}" for name, value in options.items())
    call = f"anomaly_score(x0, x1, x2, detector => '{detector}'{words})"
    found = session.sql(f"SELECT {call} AS score FROM points ORDER BY id").arrow()
    return found.column("score").to_numpy()


@pytest.mark.parametrize("method", ["mean", "largest", "median"])
def test_knn_is_pyods_training_score(session: Session, method: str) -> None:
    from pyod.models.knn import KNN

    theirs = KNN(n_neighbors=7, method=method).fit(SCALED).decision_scores_
    np.testing.assert_allclose(
        ours(session, "knn", n_neighbors=7, method=method), theirs, rtol=1e-9, atol=1e-9
    )


def test_lof_is_scikit_learns_training_score(session: Session) -> None:
    from sklearn.neighbors import LocalOutlierFactor

    theirs = -LocalOutlierFactor(n_neighbors=9).fit(SCALED).negative_outlier_factor_
    np.testing.assert_allclose(ours(session, "lof", n_neighbors=9), theirs, rtol=1e-9)


def alone(session: Session, detector: str, **options: Any) -> tuple[np.ndarray, np.ndarray]:
    """The scores of the rows of which there are no copies, and these rows in standard deviations."""
    rows = ROWS[[row not in COPIES for row in range(len(ROWS))]]
    words = "".join(f", {name} => {value!r}" for name, value in options.items())
    call = f"anomaly_score(x0, x1, x2, detector => '{detector}'{words})"
    found = session.sql(f"SELECT {call} AS score FROM points WHERE id NOT IN {COPIES} ORDER BY id").arrow()
    return found.column("score").to_numpy(), (rows - rows.mean(axis=0)) / rows.std(axis=0)


def test_abod_is_pyods_in_another_unit_where_no_row_has_a_copy(session: Session) -> None:
    from pyod.models.abod import ABOD

    found, scaled = alone(session, "abod", n_neighbors=7)
    theirs = -ABOD(n_neighbors=8).fit(scaled).decision_scores_  # of which the row itself is one
    np.testing.assert_allclose(np.exp(-found), theirs, rtol=1e-7)


def test_kde_is_scikit_learns_without_the_row_itself(session: Session) -> None:
    from sklearn.neighbors import KernelDensity

    found = ours(session, "kde", bandwidth=0.4)
    for row in (0, 41, 250, 299):
        others = np.delete(SCALED, row, axis=0)
        log_density = KernelDensity(bandwidth=0.4).fit(others).score_samples(SCALED[row : row + 1])[0]
        assert found[row] == pytest.approx(-log_density, rel=1e-7)


def test_sos_ranks_and_counts_like_pyods(session: Session) -> None:
    from pyod.models.sos import SOS

    theirs = SOS(perplexity=6.0).fit(SCALED).decision_scores_
    np.testing.assert_allclose(ours(session, "sos", perplexity=6.0), theirs, atol=2e-4)


def test_cof_ranks_like_pyods_where_no_row_has_a_copy(session: Session) -> None:
    from pyod.models.cof import COF

    found, scaled = alone(session, "cof", n_neighbors=12)
    theirs = COF(n_neighbors=12).fit(scaled).decision_scores_
    assert spearmanr(found, theirs).statistic > 0.85


def test_sampling_is_the_distance_from_the_nearest_of_the_drawn_rows(session: Session) -> None:
    found = ours(session, "sampling", subset_size=300)
    distances = np.linalg.norm(SCALED[:, np.newaxis] - SCALED, axis=2)
    np.fill_diagonal(distances, np.inf)
    np.testing.assert_allclose(found, distances.min(axis=1), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("detector", ["knn", "lof", "cof", "abod", "kde", "sos", "sampling"])
def test_a_row_scores_alike_alone_and_among_others(session: Session, detector: str) -> None:
    call = f"anomaly_score(x0, x1, x2, detector => '{detector}') FILTER (WHERE id < 200)"
    batch = session.sql(f"SELECT id, {call} AS s FROM points ORDER BY id").arrow().column("s").to_numpy()
    few = (
        session.sql(f"SELECT id, {call} AS s FROM points WHERE id < 201 ORDER BY id")
        .arrow()
        .column("s")
        .to_numpy()
    )
    np.testing.assert_allclose(few, batch[:201], rtol=1e-12)


@pytest.mark.parametrize("detector", ["knn", "sampling"])
def test_contributions_to_a_distance_add_up_to_it(session: Session, detector: str) -> None:
    call = "({}(x0, x1, x2, detector => '" + detector + "'))"
    query = (
        f"SELECT {call.format('anomaly_score')} AS s, {call.format('anomaly_explanation')} AS e FROM points"
    )
    found = session.sql(query).arrow().to_pydict()
    parts = [sum(part["contribution"] for part in json.loads(said)) for said in found["e"]]
    assert parts == pytest.approx(found["s"], rel=1e-12)


@pytest.mark.parametrize("rule", ["scott", "silverman"])
def test_the_bandwidth_of_a_rule_is_scikit_learns(session: Session, rule: str) -> None:
    from sklearn.neighbors import KernelDensity

    width = KernelDensity(bandwidth=rule).fit(SCALED).bandwidth_
    np.testing.assert_allclose(
        ours(session, "kde", bandwidth=rule), ours(session, "kde", bandwidth=float(width)), rtol=1e-9
    )


@pytest.mark.parametrize(
    ("features", "size", "count"), [(1, 40, 3), (2, 700, 20), (5, 900, 1), (3, 3000, 50), (6, 800, 400)]
)
def test_neighbors_are_the_nearest_and_of_equally_near_ones_the_first(
    features: int, size: int, count: int
) -> None:
    reference = np.round(RANDOM.normal(size=(size, features)), 1 if features < 3 else 9)
    rows = np.vstack([reference[:50], RANDOM.normal(size=(50, features))])
    distances, places = neighbors(rows, reference, count)
    for row, found, chosen in zip(rows, distances, places, strict=True):
        squares = np.square(reference - row).sum(axis=1)
        if (squares == 0.0).any():
            squares[np.argmin(squares)] = np.inf
        expected = np.argsort(coarse(squares), kind="stable")[:count]
        assert sorted(chosen) == sorted(expected)
        np.testing.assert_allclose(found, np.sqrt(squares[chosen]), rtol=1e-12)


def test_exponentials_are_those_of_the_library() -> None:
    values = np.concatenate(
        [-np.logspace(-12, 2.85, 3000), np.linspace(-708, 708, 5000), [0.0, -1e300, -np.inf]]
    )
    found = np.empty_like(values)
    exponentials(values, np.empty_like(values), found)
    np.testing.assert_allclose(found, np.exp(np.maximum(values, -708.0)), rtol=1e-15)


def test_numbers_find_back_to_partitions_whose_keys_are_nan_or_null() -> None:
    keys = pa.table({"key": pa.array([math.nan, None, 1.0]), "name": ["a", None, "b"]})
    detector = Lof(n_neighbors=3)
    fits = [fit_rows(detector, RANDOM.normal(size=(size, 2))) for size in (10, 20, 30)]
    numbers = number_table(detector, fits, keys)
    found = stored_fits(detector, numbers.take(np.arange(numbers.num_rows)[::-1]), keys)
    for fit, other in zip(fits, found, strict=True):
        np.testing.assert_array_equal(fit.numbers["reference"], other.numbers["reference"])
        np.testing.assert_array_equal(fit.numbers["density"], other.numbers["density"])
        np.testing.assert_array_equal(fit.unit, other.unit)
    score = stored_function(partial(scores_of, detector), found, keys)
    given = [
        pa.array([1.0, math.nan, 2.0, None]),
        pa.array(["b", "a", "b", None]),
        *[pa.array([0.5] * 4)] * 2,
    ]
    expected = [scores_of(detector, fits[number], np.full((1, 2), 0.5))[0] for number in (2, 0, 1)]
    assert score(*given).to_pylist() == [expected[0], expected[1], None, expected[2]]


ODD: dict[str, Callable[[], np.ndarray]] = {
    "copies only": lambda: np.full((40, 3), 2.0),
    "nine in ten are copies": lambda: np.vstack([np.zeros((180, 3)), RANDOM.normal(size=(20, 3))]),
    "two rows": lambda: np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 5.0]]),
    "tiny": lambda: RANDOM.normal(size=(50, 3)) * 1e-12,
    "huge": lambda: RANDOM.normal(size=(50, 3)) * 1e12,
    "too small to square": lambda: RANDOM.normal(size=(50, 3)) * 1e-200,
    "far from 0": lambda: 1.7e9 + RANDOM.normal(size=(50, 3)),
}


@pytest.mark.parametrize("detector", ["knn", "lof", "cof", "abod", "kde", "sos", "sampling"])
@pytest.mark.parametrize("rows", ODD, ids=str)
def test_odd_rows_have_finite_scores(detector: str, rows: str) -> None:
    data = ODD[rows]()
    with sqlnomaly.connect() as session:
        session.load("odd", pa.table({f"x{j}": data[:, j] for j in range(3)}))
        call = f"anomaly_score(x0, x1, x2, detector => '{detector}', min_rows => 2)"
        scores = session.sql(f"SELECT {call} AS s FROM odd").arrow().column("s").to_numpy()
    assert np.isfinite(scores).all()
    if rows == "copies only":
        assert (scores == 0.0).all()
