"""What PyOD's detectors take, as data: nothing of PyOD is imported to know it.

Parameters are those of PyOD 3.6 that a literal can say, with its defaults; ``random_state`` is 0, so that a fit can be
repeated. ``contamination`` is an option of every call, and jobs and caches are no part of a definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One detector of PyOD.

    Attributes:
        module: in ``pyod.models``.
        parameters: name -> default.
        several: parameters that take literals of several types.
        most: features that it takes, or None.
        rows: the least rows that it can be fitted on.
    """

    module: str
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    several: frozenset[str] = frozenset()
    most: int | None = None
    rows: int = 3


_TREE: Mapping[str, Any] = {"algorithm": "auto", "leaf_size": 30, "metric": "minkowski", "p": 2}

SCORED: Mapping[str, Entry] = {
    "ABOD": Entry("abod", {"n_neighbors": 5, "method": "fast", **_TREE}, rows=7),
    "CBLOF": Entry("cblof", {"n_clusters": 8, "alpha": 0.9, "beta": 5.0, "use_weights": False}, rows=16),
    "GMM": Entry(
        "gmm",
        {
            "n_components": 1, "covariance_type": "full", "tol": 1e-3, "reg_covar": 1e-6, "max_iter": 100,
            "n_init": 1, "init_params": "kmeans",
        },
    ),
    "HBOS": Entry("hbos", {"n_bins": 10, "alpha": 0.1, "tol": 0.5}, frozenset({"n_bins"})),
    "HDBSCAN": Entry(
        "hdbscan",
        {
            "min_cluster_size": 5, "min_samples": None, "metric": "euclidean", "alpha": 1.0, "algorithm": "auto",
            "leaf_size": 40,
        },
        frozenset({"min_samples"}),
        rows=7,
    ),
    "IForest": Entry(
        "iforest",
        {"n_estimators": 100, "max_samples": "auto", "max_features": 1.0, "bootstrap": False},
        frozenset({"max_samples", "max_features"}),
    ),
    "INNE": Entry("inne", {"n_estimators": 200, "max_samples": "auto"}, frozenset({"max_samples"})),
    "KDE": Entry(
        "kde", {"bandwidth": 1.0, "algorithm": "auto", "leaf_size": 30, "metric": "minkowski"}
    ),
    "KNN": Entry("knn", {"n_neighbors": 5, "method": "largest", "radius": 1.0, **_TREE}, rows=7),
    "KPCA": Entry(
        "kpca",
        {
            "n_components": None, "n_selected_components": None, "kernel": "rbf", "gamma": None, "degree": 3,
            "coef0": 1.0, "alpha": 1.0, "eigen_solver": "auto", "tol": 0.0, "max_iter": None,
            "remove_zero_eig": False, "sampling": False, "subset_size": 20,
        },
        frozenset({"n_components", "n_selected_components", "gamma", "max_iter", "subset_size"}),
    ),
    "LODA": Entry("loda", {"n_bins": 10, "n_random_cuts": 100}, frozenset({"n_bins"})),
    "LOF": Entry("lof", {"n_neighbors": 20, **_TREE}, rows=4),
    "MAD": Entry("mad", most=1),
    "MCD": Entry("mcd", {"assume_centered": False, "support_fraction": None}, frozenset({"support_fraction"}), rows=6),
    "OCSVM": Entry(
        "ocsvm",
        {
            "kernel": "rbf", "degree": 3, "gamma": "auto", "coef0": 0.0, "tol": 1e-3, "nu": 0.5, "shrinking": True,
            "max_iter": -1,
        },
        frozenset({"gamma"}),
    ),
    "PCA": Entry(
        "pca",
        {
            "n_components": None, "n_selected_components": None, "whiten": False, "svd_solver": "auto",
            "weighted": True, "standardization": True,
        },
        frozenset({"n_components", "n_selected_components"}),
    ),
    "QMCD": Entry("qmcd"),
    "Sampling": Entry("sampling", {"subset_size": 20, "metric": "minkowski"}, frozenset({"subset_size"}), rows=21),
}  # fmt: skip
"""Name -> what it takes, of those whose score of a row depends on that row and the fit alone."""

SEEDED = frozenset({"CBLOF", "GMM", "IForest", "INNE", "KPCA", "LODA", "MCD", "PCA", "Sampling"})
"""Those that take a ``random_state``."""

_OTHERS = "its score of a row depends on the other rows that are scored with it"
_TORCH = "it is a network of torch, whose weights are code and numbers that no model file holds yet"
_LABELS = "it learns from labels"

REFUSED: Mapping[str, tuple[str, str]] = {
    "COPOD": (_OTHERS, "use copod: the same score, frozen to the fitted rows"),
    "ECOD": (_OTHERS, "use ecod: the same score, frozen to the fitted rows"),
    "CD": (_OTHERS, "use mahalanobis, which finds rows that break a linear relation"),
    "COF": (_OTHERS, "use cof: the chains of the paper, frozen to the fitted rows"),
    "LMDD": ("it cannot be kept: a fit holds a running generator", "use zscore or mad"),
    "LOCI": (_OTHERS, "use lof"),
    "RGraph": (_OTHERS, "use knn or pca"),
    "ROD": (_OTHERS, "use mad or copod"),
    "SOD": (_OTHERS, "use lof, or feature_bagging for subspaces"),
    "SOS": (_OTHERS, "use sos: the same idea, frozen to a sample"),
    "FeatureBagging": ("it needs the package combo, which is not kept any more", "use feature_bagging"),
    "LSCP": ("it is made of other detectors", "give detector => ['knn', 'lof', ..]"),
    "SUOD": ("it is made of other detectors", "give detector => ['knn', 'lof', ..]"),
    "XGBOD": (_LABELS, "use iforest"),
    "DevNet": (_LABELS, "use iforest"),
    **dict.fromkeys(
        (
            "AE1SVM", "ALAD", "AnoGAN", "AutoEncoder", "DeepSVDD", "DIF", "LUNAR", "MO_GAAL", "SO_GAAL", "VAE",
        ),
        (_TORCH, "use pca, knn or iforest"),
    ),
}  # fmt: skip
"""Name -> why it is refused, and what to use."""
