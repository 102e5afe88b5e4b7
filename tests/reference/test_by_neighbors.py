"""Detectors by neighbors beside scikit-learn and PyOD, on rows that all of them see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr

import sqlnomaly
from sqlnomaly.session import Session

pytestmark = pytest.mark.duckdb

RANDOM = np.random.default_rng(5)
ROWS = np.vstack([RANDOM.normal(size=(220, 3)), RANDOM.normal(4.0, 0.2, size=(60, 3)), RANDOM.uniform(-9, 9, (20, 3))])
ROWS[40:44] = ROWS[40]  # four copies of a row
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
    np.testing.assert_allclose(ours(session, "knn", n_neighbors=7, method=method), theirs, rtol=1e-9, atol=1e-9)


def test_lof_is_scikit_learns_training_score(session: Session) -> None:
    from sklearn.neighbors import LocalOutlierFactor

    theirs = -LocalOutlierFactor(n_neighbors=9).fit(SCALED).negative_outlier_factor_
    np.testing.assert_allclose(ours(session, "lof", n_neighbors=9), theirs, rtol=1e-9)


def test_abod_is_pyods_in_another_unit(session: Session) -> None:
    from pyod.models.abod import ABOD

    theirs = -ABOD(n_neighbors=8).fit(SCALED).decision_scores_  # of which the row itself is one
    np.testing.assert_allclose(np.exp(-ours(session, "abod", n_neighbors=7)), theirs, rtol=1e-7)


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


def test_cof_finds_what_pyods_does(session: Session) -> None:
    from pyod.models.cof import COF

    theirs = COF(n_neighbors=12).fit(SCALED).decision_scores_
    found = ours(session, "cof", n_neighbors=12)
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
    few = session.sql(f"SELECT id, {call} AS s FROM points WHERE id < 201 ORDER BY id").arrow().column("s").to_numpy()
    np.testing.assert_allclose(few, batch[:201], rtol=1e-12)


ODD: dict[str, Callable[[], np.ndarray]] = {
    "copies only": lambda: np.full((40, 3), 2.0),
    "nine in ten are copies": lambda: np.vstack([np.zeros((180, 3)), RANDOM.normal(size=(20, 3))]),
    "two rows": lambda: np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 5.0]]),
    "tiny": lambda: RANDOM.normal(size=(50, 3)) * 1e-12,
    "huge": lambda: RANDOM.normal(size=(50, 3)) * 1e12,
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
