"""Neighbors: PyOD's KNN, and the local outlier factor of scikit-learn and PyOD."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.fitted.reading import Array, Reading, array, flat, title, unsupported
from sqlnomaly.udfs.fitted_neighbors import METHODS, FittedDensity, FittedNeighbors


def knn(estimator: Any) -> Reading:
    """The fitted rows, and which distances count."""
    reference = _reference(estimator.neigh_)
    if estimator.method not in METHODS:
        raise unsupported(estimator, f"has the method {estimator.method!r}", ", ".join(METHODS))
    options = {"n_neighbors": int(estimator.n_neighbors), "method": estimator.method}
    rows = _apart(reference)
    threshold = float(estimator.threshold_)
    return Reading(FittedNeighbors, {"reference": reference}, threshold, rows, estimator.decision_function, options)


def local_outlier_factor(estimator: Any) -> Reading:
    """The factor, minus ``score_samples``; the boundary is -offset_."""
    return _density(estimator, lambda rows: -estimator.score_samples(rows), -float(estimator.offset_))


def lof(estimator: Any) -> Reading:
    """The factor in PyOD's words."""
    return _density(estimator.detector_, estimator.decision_function, float(estimator.threshold_))


def _density(factor: Any, score: Any, threshold: float) -> Reading:
    if not factor.novelty:
        raise UnsupportedError(
            f"{title(factor)} with novelty=False scores its training rows alone", hint="fit it with novelty=True"
        )
    count = int(factor.n_neighbors_)
    reference = _reference(factor)
    numbers = {
        "reference": reference,
        "reach": flat(factor._distances_fit_X_[:, count - 1], "_distances_fit_X_"),
        "density": flat(factor._lrd, "_lrd"),
    }
    return Reading(FittedDensity, numbers, threshold, _apart(reference), score, {"n_neighbors": count})


def _reference(neighbors: Any) -> Array:
    """The fitted rows.

    Raises:
        UnsupportedError: distances are not Euclidean, or rows are sparse.
    """
    metric = neighbors.effective_metric_
    power = (neighbors.effective_metric_params_ or {}).get("p", neighbors.p)
    if metric not in ("euclidean", "l2") and not (metric == "minkowski" and power == 2):
        raise unsupported(neighbors, f"has the metric {metric!r}", "the Euclidean metric")
    if (neighbors.effective_metric_params_ or {}).get("w") is not None:
        raise unsupported(neighbors, "has weights in its metric", "the Euclidean metric, and scaled features")
    return array(neighbors._fit_X, "the fitted rows")


def _apart(reference: Array) -> Array:
    """Rows near the fitted ones and far from them, none equally far from two."""
    random = np.random.default_rng(7)
    chosen = reference[random.integers(0, len(reference), 32)]
    spread = reference.std(axis=0)
    spread = np.where(spread > 0.0, spread, np.maximum(np.abs(reference).max(axis=0), 1.0) * 1e-3)
    reach = np.geomspace(0.05, 4.0, len(chosen))[:, np.newaxis]
    found: Array = chosen + random.standard_normal(chosen.shape) * spread * reach
    return found
