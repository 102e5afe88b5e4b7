"""Detectors of one wide row beside scikit-learn and PyOD, through DuckDB, and what they say of odd rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import logsumexp
from scipy.stats import spearmanr

import sqlnomaly
from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.session import Session
from sqlnomaly.udfs.cblof import large_clusters
from sqlnomaly.udfs.clusters import cluster
from sqlnomaly.udfs.fourier import one_class, waves
from sqlnomaly.udfs.mixture import log_densities, mixture
from sqlnomaly.udfs.robust_covariance import concentrate, moments, starts
from tests.thorough import some

pytestmark = pytest.mark.duckdb

RANDOM = np.random.default_rng(7)
MIXED = RANDOM.normal(size=(400, 4)) @ RANDOM.normal(size=(4, 4))
ROWS = np.vstack([MIXED, RANDOM.normal(9.0, 0.3, size=(30, 4)), RANDOM.uniform(-20, 20, size=(20, 4))])
SCALED = (ROWS - ROWS.mean(axis=0)) / ROWS.std(axis=0)
WIDE = ("pca", "mcd", "gmm", "kmeans", "cblof", "ocsvm", "autoencoder")


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as opened:
        # Another unit and place for each feature: the score must not see it.
        columns = {f"x{j}": SCALED[:, j] * 10.0**j + 5.0 * j for j in range(4)}
        opened.load("points", pa.table({"id": range(len(ROWS)), **columns}))
        yield opened


def words(options: dict[str, Any]) -> str:
    return "".join(f", {name} => {value!r}" for name, value in options.items())


def ours(session: Session, detector: str, **options: Any) -> np.ndarray:
    """The scores of the rows by id."""
    call = f"anomaly_score(x0, x1, x2, x3, detector => '{detector}'{words(options)})"
    return session.sql(f"SELECT {call} AS score FROM points ORDER BY id").arrow().column("score").to_numpy()


def test_pca_over_all_components_is_mahalanobis(session: Session) -> None:
    np.testing.assert_allclose(ours(session, "pca"), ours(session, "mahalanobis"), rtol=1e-9)


@pytest.mark.parametrize("kept", [0, 3])
@pytest.mark.parametrize("chosen", [0, 2])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("standardization", [True, False])
def test_pca_has_pyods_form(session: Session, kept: int, chosen: int, weighted: bool, standardization: bool) -> None:
    from pyod.models.pca import PCA

    rows = SCALED * 10.0 ** np.arange(4) + 5.0 * np.arange(4)
    if not standardization:  # PyOD leaves the mean in the rows that it compares with directions
        rows = rows - rows.mean(axis=0)
    theirs = PCA(
        n_components=kept or None, n_selected_components=chosen or None, weighted=weighted,
        standardization=standardization,
    ).fit(rows)  # fmt: skip
    found = ours(
        session, "pca", form="pyod", n_components=kept, n_selected_components=chosen, weighted=weighted,
        standardization=standardization,
    )  # fmt: skip
    np.testing.assert_allclose(found, theirs.decision_scores_, rtol=1e-9)


def test_unweighted_pca_is_the_error_of_a_reconstruction(session: Session) -> None:
    from sklearn.decomposition import PCA

    model = PCA(n_components=3).fit(SCALED)
    error = np.square(SCALED - model.inverse_transform(model.transform(SCALED))).sum(axis=1)
    np.testing.assert_allclose(ours(session, "pca", weighted=False, n_selected_components=1), error, rtol=1e-9)


def test_mcd_is_nearly_scikit_learns() -> None:
    from sklearn.covariance import MinCovDet

    rows = np.random.default_rng(0).normal(size=(400, 3))
    rows[:40] += (30.0, 0.0, 0.2)
    theirs = MinCovDet(random_state=0).fit(rows).mahalanobis(rows)
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({"id": range(400), **{f"x{j}": rows[:, j] for j in range(3)}}))
        call = "anomaly_score(x0, x1, x2, detector => 'mcd', support_fraction => 0)"
        found = session.sql(f"SELECT {call} AS s FROM t ORDER BY id").arrow().column("s").to_numpy()
    # Both end in one of several subsets with nearly the same determinant.
    assert np.median(np.abs(found / theirs - 1.0)) < 0.1
    assert spearmanr(found, theirs).statistic > 0.99


def test_mcd_has_as_small_a_determinant_as_scikit_learns() -> None:
    from sklearn.covariance import MinCovDet

    theirs = MinCovDet(support_fraction=0.75, random_state=0).fit(SCALED)
    support = round(0.75 * len(SCALED))
    found = min(concentrate(SCALED, start, support)[0] for start in starts(SCALED))
    assert found < np.linalg.slogdet(theirs.raw_covariance_)[1] + 0.05


def test_mcd_finds_a_group_that_hides_itself_from_mahalanobis() -> None:
    random = np.random.default_rng(2)
    rows = random.normal(size=(200, 3))
    rows[:40] = random.normal(6.0, 0.1, size=(40, 3))
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({"id": range(200), **{f"x{j}": rows[:, j] for j in range(3)}}))
        found = {
            name: session.sql(f"SELECT is_anomaly(x0, x1, x2, detector => '{name}') AS a FROM t ORDER BY id").arrow()
            for name in ("mcd", "mahalanobis")
        }
    flags = {name: table.column("a").to_numpy(zero_copy_only=False)[:40] for name, table in found.items()}
    assert flags["mcd"].all()
    assert not flags["mahalanobis"].any()


def test_gmm_of_one_component_is_scikit_learns(session: Session) -> None:
    from sklearn.mixture import GaussianMixture

    theirs = -GaussianMixture(n_components=1).fit(SCALED).score_samples(SCALED)
    np.testing.assert_allclose(ours(session, "gmm"), theirs, rtol=1e-9)


@pytest.mark.parametrize("kind", ["full", "diag"])
def test_scikit_learn_finds_nothing_to_improve_in_a_mixture(kind: str) -> None:
    from sklearn.mixture import GaussianMixture

    found = mixture(
        SCALED, 3, diagonal=kind == "diag", reg_covar=1e-6, max_iter=1000, tol=1e-9, random_state=0
    )  # fmt: skip
    ours = logsumexp(log_densities(SCALED, found), axis=1)
    measures = np.swapaxes(found.whiten, 1, 2) @ found.whiten
    spread = np.array([np.log(np.abs(np.diag(one))).sum() for one in found.whiten])
    theirs = GaussianMixture(
        3, covariance_type=kind, tol=1e-12, means_init=found.means,
        weights_init=np.exp(found.level - spread + 2.0 * np.log(2.0 * np.pi)),
        precisions_init=measures if kind == "full" else np.diagonal(measures, axis1=1, axis2=2),
    ).fit(SCALED)  # fmt: skip
    np.testing.assert_allclose(ours, theirs.score_samples(SCALED), atol=1e-3)


def test_kmeans_is_the_smallest_distance_of_the_best_clustering(session: Session) -> None:
    from sklearn.cluster import KMeans

    theirs = KMeans(n_clusters=3, n_init=20, random_state=0).fit(SCALED).transform(SCALED).min(axis=1)
    np.testing.assert_allclose(ours(session, "kmeans", n_clusters=3, n_init=20), theirs, rtol=1e-6)


def test_clusters_are_as_good_as_scikit_learns() -> None:
    from sklearn.cluster import KMeans

    theirs = KMeans(n_clusters=8, n_init=4, random_state=0).fit(SCALED).inertia_
    assert cluster(SCALED, 8, n_init=4, random_state=0).inertia < 1.05 * theirs


@pytest.mark.parametrize("use_weights", [True, False])
def test_cblof_is_pyods_with_the_same_clusters(session: Session, use_weights: bool) -> None:
    from pyod.models.cblof import CBLOF
    from sklearn.cluster import KMeans

    same = KMeans(n_clusters=3, n_init=20, random_state=0)
    theirs = CBLOF(n_clusters=3, clustering_estimator=same, use_weights=use_weights).fit(SCALED).decision_scores_
    found = ours(session, "cblof", n_clusters=3, n_init=20, use_weights=use_weights)
    np.testing.assert_allclose(found, theirs, rtol=1e-6)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((50, 45, 3, 2), 2), ((97, 1, 1, 1), 1), ((30, 30, 30, 10), 3), ((25, 25, 25, 25), 4), ((60, 10, 10, 10, 10), 4)],
)
def test_large_clusters_are_those_of_the_paper(sizes: tuple[int, ...], expected: int) -> None:
    assert large_clusters(sizes, 0.9, 5.0) == expected


def test_ocsvm_ranks_like_scikit_learns(session: Session) -> None:
    from sklearn.svm import OneClassSVM

    theirs = -OneClassSVM(gamma="scale", nu=0.5).fit(SCALED).decision_function(SCALED)
    assert spearmanr(ours(session, "ocsvm"), theirs).statistic > 0.97
    assert spearmanr(ours(session, "ocsvm", n_components=300), theirs).statistic > 0.985


@pytest.mark.parametrize("nu", [0.05, 0.31, 0.5, 0.9])
def test_the_plane_of_a_one_class_svm_is_scikit_learns(nu: float) -> None:
    from sklearn.svm import OneClassSVM

    points = waves(SCALED, RANDOM.normal(size=(20, 4)))
    plane, rho = one_class(points, nu)
    theirs = OneClassSVM(kernel="linear", nu=nu, tol=1e-10).fit(points)
    scale = theirs.dual_coef_.sum()  # their weights add up to nu times the rows
    np.testing.assert_allclose(plane, theirs.coef_[0] / scale, rtol=1e-6, atol=1e-7)
    assert rho == pytest.approx(theirs.offset_[0] / scale, abs=1e-7)


@pytest.mark.parametrize("detector", [name for name in WIDE if name != "ocsvm"])
def test_the_contributions_add_up(session: Session, detector: str) -> None:
    options = {"kmeans": "n_clusters => 3", "cblof": "n_clusters => 3, use_weights => TRUE"}.get(detector, "")
    call = f"x0, x1, x2, x3, detector => '{detector}'" + (f", {options}" if options else "")
    query = f"SELECT anomaly_score({call}) AS s, anomaly_explanation({call}) AS e FROM points"
    rows = session.sql(query).arrow()
    scores = rows.column("s").to_numpy()
    sums = np.array([sum(one["contribution"] for one in json.loads(e)) for e in rows.column("e").to_pylist()])
    level = (scores - sums).mean() if detector == "gmm" else 0.0  # the logarithm of the density at the mean
    np.testing.assert_allclose(sums + level, scores, rtol=1e-7, atol=1e-9)


def test_a_contribution_of_ocsvm_is_what_the_score_falls_by(session: Session) -> None:
    count = len(ROWS)
    call = f"x0, x1, x2, x3, detector => 'ocsvm') FILTER (WHERE id < {count}"
    moved = f"SELECT id + {count} AS id, (SELECT AVG(x0) FROM points) AS x0, x1, x2, x3 FROM points"
    asked = f"SELECT id, anomaly_score({call}) AS s, anomaly_explanation({call}) AS e"
    rows = session.sql(f"{asked} FROM (FROM points UNION ALL {moved}) ORDER BY id").arrow()
    scores = rows.column("s").to_numpy()
    parts = [{one["feature"]: one["contribution"] for one in json.loads(e)} for e in rows.column("e").to_pylist()]
    np.testing.assert_allclose([part["x0"] for part in parts[:count]], scores[:count] - scores[count:], atol=1e-9)


@pytest.mark.parametrize("detector", WIDE)
def test_a_row_scores_alike_alone_and_among_others(session: Session, detector: str) -> None:
    call = f"anomaly_score(x0, x1, x2, x3, detector => '{detector}') FILTER (WHERE id < 300)"
    batch = session.sql(f"SELECT {call} AS s FROM points ORDER BY id").arrow().column("s").to_numpy()
    few = session.sql(f"SELECT {call} AS s FROM points WHERE id < 301 ORDER BY id").arrow().column("s").to_numpy()
    np.testing.assert_allclose(few, batch[:301], rtol=1e-9, atol=1e-12)


SMALL: dict[str, dict[str, Any]] = {
    "ocsvm": {"n_components": 16},
    "kmeans": {"n_clusters": 3},
    "cblof": {"n_clusters": 4},
    "autoencoder": {"hidden_layer_sizes": [2, 1, 2]},
}
"""Options with which a model's functions are short."""


@pytest.mark.parametrize("detector", some(WIDE))
def test_an_installed_model_scores_as_the_query_does(detector: str) -> None:
    with sqlnomaly.connect() as session:
        session.load("points", pa.table({f"x{j}": SCALED[:, j] for j in range(4)}))
        options = SMALL.get(detector, {})
        model = session.fit("SELECT x0, x1, x2, x3 FROM points", detector=detector, **options)
        session.install(model, name="odd")
        call = f"anomaly_score(x0, x1, x2, x3, detector => '{detector}'{words(options)})"
        rows = session.sql(f"SELECT odd(x0, x1, x2, x3) AS installed, {call} AS asked FROM points").arrow()
        reasons = session.sql("SELECT DISTINCT odd_reason(x0, x1, x2, x3) AS r FROM points").fetchall()
        assert session.verify(model, name="odd").difference < 1e-8
    installed, asked = (rows.column(name).to_numpy() for name in ("installed", "asked"))
    np.testing.assert_allclose(installed, asked, rtol=1e-8, atol=1e-9)
    assert {name for (name,) in reasons} <= {"x0", "x1", "x2", "x3"}


ODD: dict[str, Callable[[], np.ndarray]] = {
    "copies only": lambda: np.full((40, 3), 2.0),
    "nine in ten are copies": lambda: np.vstack([np.zeros((180, 3)), np.random.default_rng(1).normal(size=(20, 3))]),
    "a feature that does not vary": lambda: np.column_stack(
        [np.random.default_rng(1).normal(size=(60, 2)), np.ones(60)]
    ),
    "sums": lambda: np.random.default_rng(1).normal(size=(60, 1)) * [1.0, -2.0, 0.5],
    "two rows": lambda: np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 5.0]]),
    "one row": lambda: np.array([[0.0, 1.0, 2.0]]),
    "tiny": lambda: np.random.default_rng(1).normal(size=(50, 3)) * 1e-12,
    "huge": lambda: np.random.default_rng(1).normal(size=(50, 3)) * 1e12,
    "far from 0": lambda: 1.7e9 + np.random.default_rng(1).normal(size=(50, 3)),
    "one far away": lambda: np.vstack([np.random.default_rng(1).normal(size=(50, 3)), np.full((1, 3), 1e12)]),
}


@pytest.mark.parametrize("detector", WIDE)
@pytest.mark.parametrize("rows", ODD, ids=str)
def test_odd_rows_have_finite_scores(detector: str, rows: str) -> None:
    data = ODD[rows]()
    with sqlnomaly.connect() as session:
        session.load("odd", pa.table({f"x{j}": data[:, j] for j in range(3)}))
        call = f"anomaly_score(x0, x1, x2, detector => '{detector}', min_rows => 1)"
        scores = session.sql(f"SELECT {call} AS s FROM odd").arrow().column("s").to_numpy()
    assert np.isfinite(scores).all()
    if rows in ("copies only", "one row"):
        assert (scores == 0.0).all()


@pytest.mark.parametrize("detector", WIDE)
def test_rows_without_a_fit_stay_and_say_why(detector: str) -> None:
    with sqlnomaly.connect() as session:
        cases = {"(1.0, CAST(NULL AS DOUBLE)), (2.0, NULL)": "missing_value", "(1.0, 1.0), (2.0, 3.0)": "too_few_rows"}
        for rows, expected in cases.items():
            call = f"(x, y, detector => '{detector}', min_rows => 3)"
            query = f"SELECT anomaly_score{call}, anomaly_status{call} FROM (VALUES {rows}) AS t(x, y)"
            assert session.sql(query).fetchall() == [(None, expected)] * 2


@pytest.mark.parametrize("detector", ["mcd", "gmm", "kmeans", "cblof", "ocsvm", "autoencoder"])
def test_the_engine_draws_the_rows_of_a_fit(session: Session, detector: str) -> None:
    whole = ours(session, detector)
    assert not np.allclose(ours(session, detector, max_samples=150), whole)
    np.testing.assert_array_equal(
        ours(session, detector, max_samples=150, random_state=4),
        ours(session, detector, max_samples=150, random_state=4),
    )


@pytest.mark.parametrize(
    ("detector", "options", "features"),
    [("mcd", "", 60), ("gmm", ", n_components => 8", 20), ("kmeans", ", n_clusters => 100", 20), ("pca", "", 50),
        ("autoencoder", "", 40)],
)
def test_a_model_that_is_too_wide_is_refused_with_what_to_do(detector: str, options: str, features: int) -> None:
    columns = ", ".join(f"x{j}" for j in range(features))
    with pytest.raises(UnsupportedError, match="holds 1,200") as refused:
        sqlnomaly.compile(f"SELECT anomaly_score({columns}, detector => '{detector}'{options}) FROM t", write="duckdb")
    assert "fewer features" in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("detector", "option"),
    [
        ("mcd", "support_fraction => 0.3"), ("mcd", "support_fraction => 1.5"), ("gmm", "reg_covar => 0"),
        ("gmm", "covariance_type => 'tied'"), ("kmeans", "n_clusters => 0"), ("cblof", "n_clusters => 1"),
        ("cblof", "alpha => 1.0"), ("cblof", "beta => 1"), ("ocsvm", "nu => 0"), ("ocsvm", "nu => 1.5"),
        ("ocsvm", "gamma => -1"), ("pca", "form => 'other'"), ("pca", "n_components => 1, n_selected_components => 2"),
        ("pca", "max_samples => 10"), ("autoencoder", "hidden_layer_sizes => [2.5]"),
        ("autoencoder", "hidden_layer_sizes => [0]"), ("autoencoder", "hidden_layer_sizes => [1, 1, 1, 1, 1, 1, 1, 1]"),
        ("autoencoder", "activation => 'elu'"), ("autoencoder", "scaling => 'none'"), ("autoencoder", "alpha => -1"),
        ("autoencoder", "max_iter => 0"),
    ],
)  # fmt: skip
def test_options_out_of_range_are_refused(session: Session, detector: str, option: str) -> None:
    with pytest.raises(CallError):
        session.sql(f"SELECT anomaly_score(x0, detector => '{detector}', {option}) FROM points")


def both(detector: str, rows: np.ndarray, **options: Any) -> tuple[np.ndarray, np.ndarray]:
    """The scores of a session, and those of the reference."""
    reference = import_module(f"tests.reference.{detector}")
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({"id": range(len(rows)), **{f"x{j}": column for j, column in enumerate(rows.T)}}))
        features = ", ".join(f"x{j}" for j in range(rows.shape[1]))
        call = f"anomaly_score({features}, detector => '{detector}'{words(options)})"
        found = session.sql(f"SELECT {call} AS s FROM t ORDER BY id").arrow().column("s").to_numpy()
    model = reference.fit([tuple(map(float, row)) for row in rows], **options)
    return found, np.array([reference.score(tuple(map(float, row)), model) for row in rows])


WEEK = np.array([[300.0 if i == 7 else float(i % 10)] for i in range(200)])


@pytest.mark.parametrize("offset", [1.7e9, -4e6, 1e6])
def test_ocsvm_without_a_scaling_does_not_see_where_the_rows_lie(offset: float) -> None:
    (plain, _), (moved, reference) = (both("ocsvm", rows, scaling="none") for rows in (WEEK, WEEK + offset))
    assert np.argmax(moved) == 7
    assert np.ptp(moved) > 0.1
    np.testing.assert_allclose(moved, plain, rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(moved, reference, rtol=0.0, atol=1e-7)


def test_ocsvm_without_a_scaling_explains_by_the_median() -> None:
    rows = np.column_stack([WEEK[:, 0] + 1.7e9, np.arange(200) % 7 - 3e7, np.full(200, 2.5)])
    reference = import_module("tests.reference.ocsvm")
    model = reference.fit([tuple(row) for row in rows.tolist()], scaling="none")
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({f"x{j}": rows[:, j] for j in range(3)}))
        call = "anomaly_explanation(x0, x1, x2, detector => 'ocsvm', scaling => 'none')"
        for *row, told in session.sql(f"SELECT DISTINCT x0, x1, x2, {call} FROM t").fetchall():
            parts = {one["feature"]: one["contribution"] for one in json.loads(told)}
            expected = dict(zip(("x0", "x1", "x2"), reference.terms(tuple(row), model), strict=True))
            assert parts == pytest.approx({name: expected[name] for name in parts}, abs=1e-7)


@pytest.mark.parametrize("nu", [1, 1.0, 1.0 - 1e-12])
def test_ocsvm_with_a_nu_of_1_is_a_mean_of_kernels(nu: float) -> None:
    found, reference = both("ocsvm", ROWS[::3], nu=nu)
    np.testing.assert_allclose(found, reference, rtol=0.0, atol=1e-7)
    assert found.min() == pytest.approx(0.0, abs=1e-9)
    points = waves(SCALED, RANDOM.normal(size=(20, 4)))
    plane, rho = one_class(points, nu)
    kernels = (points @ points.T).mean(axis=1)
    np.testing.assert_allclose(rho - points @ plane, kernels.max() - kernels, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("nu", [1e-3, 1e-9, 1e-300])
def test_ocsvm_with_hardly_a_nu_leaves_no_row_outside(nu: float) -> None:
    found, _ = both("ocsvm", WEEK[:60], nu=nu)
    assert found.max() == pytest.approx(0.0, abs=1e-9)
    hard, _ = both("ocsvm", WEEK[:60], nu=1 / 120)
    np.testing.assert_allclose(found, hard, rtol=0.0, atol=1e-9)


def far_rows(above: int, below: int) -> np.ndarray:
    """60 rows that are equal in both features; some of them far away."""
    x = [1e10 * (i + 1) if i < above else -1e10 * i if i < above + below else float(i % 10) for i in range(60)]
    return np.column_stack([x, x])


@pytest.mark.parametrize(("above", "below", "support"), [(11, 8, 0.75), (8, 0, 1.0), (11, 8, 1.0)])
def test_mcd_has_an_inverse_where_far_rows_are_in_the_subset(above: int, below: int, support: float) -> None:
    found, reference = both("mcd", far_rows(above, below), support_fraction=support)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, reference, rtol=1e-5)


def test_mcd_sees_what_breaks_a_sum_that_far_rows_keep() -> None:
    rows = np.vstack([far_rows(11, 8), [[1e10, -1e10]]])
    found, reference = both("mcd", rows, support_fraction=1.0)
    assert found[-1] == found.max() > 10.0 * np.sort(found)[-2]
    np.testing.assert_allclose(found, reference, rtol=1e-5)


def test_a_ridge_is_relative_where_a_variance_is_large_alone() -> None:
    plain = np.cov(SCALED, rowvar=False, bias=True)
    np.testing.assert_allclose(moments(SCALED)[1], (1.0 - 1e-8) * plain + 1e-8 * np.eye(4), rtol=1e-12)
    ridged = plain.diagonal() * 1e12 * (1.0 - 1e-8 + 1e-10)
    np.testing.assert_allclose(moments(SCALED * 1e6)[1].diagonal(), ridged, rtol=1e-12)


def test_gmm_has_a_density_where_the_unit_is_small() -> None:
    x = 1e6 * np.arange(60.0) ** 2
    found, reference = both("gmm", np.column_stack([x, 2.0 * x]), scaling="none")
    np.testing.assert_allclose(found, reference, rtol=1e-5)
    further, _ = both("gmm", np.column_stack([x, 2.0 * x]) * 1e6, scaling="none")
    np.testing.assert_allclose(further - found, 2.0 * np.log(1e6), rtol=1e-5)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("kind", ["full", "diag"])
def test_gmm_of_far_groups_agrees_with_the_reference(count: int, kind: str) -> None:
    x = 1e6 * np.arange(60.0) ** 2
    options = {"n_components": count, "covariance_type": kind, "scaling": "none"}
    found, reference = both("gmm", np.column_stack([x, 2.0 * x, -x]), **options)
    np.testing.assert_allclose(found, reference, rtol=1e-5)


def curve(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows near a curve in three features, and as many ordinary values in every twentieth that is off it."""
    random = np.random.default_rng(seed)
    x = random.uniform(-2.0, 2.0, count)
    rows = np.column_stack([x, x**2, np.sin(2.0 * x)]) + random.normal(0.0, 0.1, (count, 3))
    off = np.arange(count) % 20 == 0
    rows[off] = np.column_stack([random.permutation(column[off]) for column in rows.T])
    return rows, off


@pytest.mark.parametrize("options", [{}, {"hidden_layer_sizes": [8, 1, 8]}])
def test_an_autoencoder_finds_rows_off_a_curve_that_pca_does_not_see(options: dict[str, Any]) -> None:
    rows, off = curve(1000, 3)
    areas = {}
    for detector, more in (("autoencoder", options), ("pca", {"form": "reconstruction", "n_components": 1})):
        found, _ = both(detector, rows, **more)
        ranks = np.argsort(np.argsort(found))
        areas[detector] = (ranks[off].sum() - off.sum() * (off.sum() - 1) / 2) / (off.sum() * (~off).sum())
    assert areas["autoencoder"] > 0.85
    assert areas["autoencoder"] > areas["pca"] + 0.1


def test_a_linear_autoencoder_is_the_reconstruction_of_pca() -> None:
    random = np.random.default_rng(5)
    rows = np.clip(random.normal(size=(300, 2)), -1.5, 1.5) @ random.normal(size=(2, 5))
    rows += 0.2 * np.clip(random.normal(size=(300, 5)), -1.0, 1.0)
    found, _ = both("autoencoder", rows, hidden_layer_sizes=[2], activation="identity", alpha=0.0, max_iter=2000)
    form, _ = both("pca", rows, form="reconstruction", n_components=2)
    # pca has its unit over n - 1, and no value is more than 3 units away
    np.testing.assert_allclose(found, form * 300 / 299, rtol=0.05, atol=2e-3)


@pytest.mark.parametrize("activation", ["tanh", "relu", "logistic", "identity"])
def test_an_autoencoder_agrees_with_the_reference_far_away(activation: str) -> None:
    rows = np.vstack([ROWS[:60, :3], np.full((1, 3), 1e9), [[1e140, -1e140, 0.0]]])
    found, reference = both("autoencoder", rows, activation=activation, scaling="robust", hidden_layer_sizes=[3, 2])
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, reference, rtol=1e-6, atol=1e-6)


def test_an_autoencoder_survives_its_file(tmp_path: Path) -> None:
    with sqlnomaly.connect() as session:
        session.load("points", pa.table({f"x{j}": SCALED[:, j] for j in range(3)}))
        query = "SELECT x0, x1, x2 FROM points"
        own = "hidden_layer_sizes = [2, 1], calibration = 0"
        session.sql(f"CREATE ANOMALY MODEL odd USING autoencoder OPTIONS ({own}) AS {query}")
        asked = session.sql("SELECT anomaly_score(x0, x1, x2, model => 'odd') AS s FROM points").arrow().column("s")
        model = session.fit(query, detector="autoencoder", hidden_layer_sizes=[2, 1])
        model.save(tmp_path / "odd.sqlnomaly")
        kept = sqlnomaly.Model.load(tmp_path / "odd.sqlnomaly")
        session.install(kept, name="odd")
        found = session.sql("SELECT odd(x0, x1, x2) AS s FROM points").arrow().column("s")
    assert kept.parameters["hidden_layer_sizes"] == (2.0, 1.0)
    np.testing.assert_allclose(found.to_numpy(), asked.to_numpy(), rtol=1e-8, atol=1e-9)


def test_a_stored_autoencoder_that_is_too_long_is_refused_with_what_to_do() -> None:
    columns = ", ".join(f"x{j}" for j in range(9))
    with sqlnomaly.connect() as session:
        session.load("wide", pa.table({f"x{j}": RANDOM.normal(size=60) for j in range(9)}))
        model = session.fit(f"SELECT {columns} FROM wide", detector="autoencoder", max_iter=5)
        with pytest.raises(UnsupportedError, match="9 features and the layers") as refused:
            session.install(model, name="odd")
        assert "hidden_layer_sizes" in (refused.value.hint or "")
        short = session.fit(f"SELECT {columns} FROM wide", detector="autoencoder", max_iter=5, hidden_layer_sizes=[3])
        session.install(short, name="odd")
        assert session.verify(short, name="odd").difference < 1e-8


@pytest.mark.parametrize(
    ("detector", "options", "seen"),
    [
        ("ocsvm", "", True), ("kmeans", "", True), ("cblof", "", True), ("gmm", ", n_components => 4", True),
        ("gmm", "", False), ("mcd", "", False), ("gmm", ", max_samples => 200", True),
        ("mcd", ", max_samples => 200", True), ("autoencoder", "", True),
    ],
)  # fmt: skip
def test_the_order_of_features_is_seen_where_it_is_said(
    session: Session, detector: str, options: str, seen: bool
) -> None:
    orders = ("x0, x1, x2, x3", "x3, x2, x0, x1")
    calls = [f"anomaly_score({order}, detector => '{detector}'{options})" for order in orders]
    rows = session.sql(f"SELECT {calls[0]} AS a, {calls[1]} AS b FROM points").arrow()
    first, second = (rows.column(name).to_numpy() for name in ("a", "b"))
    assert np.allclose(first, second, rtol=1e-7, atol=1e-9) is not seen
