"""Fitted estimators of scikit-learn and PyOD, the rows to ask them about, and what they say themselves."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.linear_model import SGDOneClassSVM
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.svm import OneClassSVM

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pyod.models import cblof, copod, ecod, gmm, hbos, iforest, knn, loda, lof, mcd, ocsvm, pca

Array = NDArray[np.float64]
NAMES = ("amount", "unit price", "items")
SEED: Mapping[str, int] = {"random_state": 0}
SMALL: Mapping[str, int] = {"random_state": 0, "n_estimators": 25}

MADE: Mapping[str, Callable[[], Any]] = {
    "envelope": lambda: EllipticEnvelope(**SEED),
    "standard_envelope": lambda: make_pipeline(StandardScaler(), EllipticEnvelope(**SEED)),
    "rotated_envelope": lambda: make_pipeline(StandardScaler(), PCA(2, whiten=True), EllipticEnvelope(**SEED)),
    "mcd": lambda: mcd.MCD(**SEED),
    "likelihood": lambda: PCA(2),
    "standard_likelihood": lambda: make_pipeline(RobustScaler(), PCA(2, whiten=True)),
    "mixture_full": lambda: GaussianMixture(3, **SEED),
    "mixture_tied": lambda: GaussianMixture(3, covariance_type="tied", **SEED),
    "mixture_diag": lambda: GaussianMixture(2, covariance_type="diag", **SEED),
    "mixture_spherical": lambda: GaussianMixture(2, covariance_type="spherical", **SEED),
    "gmm": lambda: gmm.GMM(n_components=2, **SEED),
    "forest": lambda: IsolationForest(**SMALL),
    "standard_forest": lambda: make_pipeline(StandardScaler(), IsolationForest(**SMALL)),
    "clipped_forest": lambda: make_pipeline(RobustScaler(), MinMaxScaler(clip=True), IsolationForest(**SMALL)),
    "forest_of_pairs": lambda: IsolationForest(max_features=2, bootstrap=True, contamination=0.05, **SMALL),
    "iforest": lambda: iforest.IForest(**SMALL),
    "machine": lambda: make_pipeline(StandardScaler(), OneClassSVM(nu=0.1)),
    "machine_poly": lambda: make_pipeline(StandardScaler(), OneClassSVM(nu=0.1, kernel="poly", coef0=1.0)),
    "machine_sigmoid": lambda: make_pipeline(StandardScaler(), OneClassSVM(nu=0.1, kernel="sigmoid", gamma=0.1)),
    "machine_linear": lambda: make_pipeline(MinMaxScaler(), OneClassSVM(nu=0.1, kernel="linear")),
    "ocsvm": lambda: make_pipeline(StandardScaler(), ocsvm.OCSVM(nu=0.1, contamination=0.05)),
    "descent": lambda: make_pipeline(StandardScaler(), SGDOneClassSVM(**SEED)),
    "descent_nystroem": lambda: make_pipeline(
        StandardScaler(), Nystroem(n_components=20, **SEED), SGDOneClassSVM(**SEED)
    ),
    "descent_fourier": lambda: make_pipeline(
        StandardScaler(), RBFSampler(n_components=20, **SEED), SGDOneClassSVM(**SEED)
    ),
    "centres": lambda: KMeans(5, **SEED),
    "robust_centres": lambda: make_pipeline(RobustScaler(), MiniBatchKMeans(4, **SEED)),
    "cblof": lambda: cblof.CBLOF(**SEED),
    "cblof_weighted": lambda: cblof.CBLOF(use_weights=True, **SEED),
    "axes": pca.PCA,
    "axes_plain": lambda: pca.PCA(standardization=False, weighted=False, n_selected_components=2),
    "hbos": hbos.HBOS,
    "hbos_auto": lambda: hbos.HBOS(n_bins="auto", tol=0.2),
    "standard_hbos": lambda: make_pipeline(StandardScaler(), hbos.HBOS()),
    "rotated_hbos": lambda: make_pipeline(StandardScaler(), PCA(2), hbos.HBOS()),
    "loda": lambda: loda.LODA(**SEED),
    "loda_auto": lambda: loda.LODA(n_bins="auto", n_random_cuts=20, **SEED),
    "ecod": ecod.ECOD,
    "standard_ecod": lambda: make_pipeline(StandardScaler(), ecod.ECOD()),
    "copod": copod.COPOD,
    "factor": lambda: LocalOutlierFactor(novelty=True),
    "standard_factor": lambda: make_pipeline(StandardScaler(), LocalOutlierFactor(35, novelty=True)),
    "lof": lof.LOF,
    "knn_largest": knn.KNN,
    "knn_mean": lambda: knn.KNN(n_neighbors=9, method="mean"),
    "knn_median": lambda: make_pipeline(MinMaxScaler(), knn.KNN(n_neighbors=4, method="median")),
    "rotated_forest": lambda: make_pipeline(PCA(2), IsolationForest(**SMALL)),
}
"""Name -> an estimator that is not fitted."""

LIVE_ONLY = ("factor", "standard_factor", "lof", "knn_largest", "knn_mean", "knn_median", "rotated_forest")
"""Those that have no SQL."""
BY_TRAINING = ("ecod", "standard_ecod", "copod")
"""Those whose own scores depend on the rows that are scored together: they are asked about the training rows."""


def training(scale: float = 1.0, offset: float = 0.0) -> Array:
    """Three hundred rows of three features that move together, a few of them far out."""
    random = np.random.default_rng(3)
    rows = random.normal(size=(300, 3)) @ np.array([[1.0, 0.4, 0.0], [0.0, 1.0, 0.3], [0.0, 0.0, 0.7]])
    rows[::40] *= 5.0
    return rows * scale + offset


def asked(rows: Array) -> Array:
    """Training rows, rows beyond them, and rows close to them."""
    random = np.random.default_rng(5)
    middle, spread = rows.mean(axis=0), rows.std(axis=0)
    far = middle + 1.7 * (rows[:60] - middle)
    return np.concatenate([rows[:80], far, rows[:60] + 0.3 * spread * random.normal(size=(60, 3))])


def fitted(name: str, rows: Array) -> Any:
    """The estimator of that name, fitted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MADE[name]().fit(rows)


def last_of(estimator: Any) -> Any:
    """The detector behind the steps of a pipeline."""
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator


def own_scores(estimator: Any, rows: Array) -> Array:
    """What the estimator itself says, the higher the more anomalous."""
    last = last_of(estimator)
    behind = estimator[:-1].transform(rows) if last is not estimator else rows
    if hasattr(last, "decision_scores_"):
        found = last.decision_function(behind)
    elif hasattr(last, "cluster_centers_"):
        found = last.transform(behind).min(axis=1)
    else:
        found = -last.score_samples(behind)
    return np.asarray(found, np.float64)


def said(name: str, estimator: Any, rows: Array) -> tuple[Array, Array]:
    """Rows and the estimator's scores of them."""
    if name in BY_TRAINING:
        return rows, np.asarray(last_of(estimator).decision_scores_)
    more = asked(rows)
    return more, own_scores(estimator, more)


def boundary(estimator: Any) -> float | None:
    """The estimator's own threshold."""
    last = last_of(estimator)
    if hasattr(last, "threshold_"):
        return float(last.threshold_)
    return -float(np.ravel(last.offset_)[0]) if hasattr(last, "offset_") else None


def difference(found: Array, wanted: Array) -> float:
    """The largest difference, relative to the score itself or to what scores are like."""
    usual = np.maximum(np.abs(wanted), np.median(np.abs(wanted)))
    return float(np.max(np.abs(found - wanted) / np.where(usual > 0.0, usual, 1.0)))
