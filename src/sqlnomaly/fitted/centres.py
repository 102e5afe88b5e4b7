"""Clusters and axes: KMeans, CBLOF, PyOD's PCA."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlnomaly.fitted.pipeline import read_steps
from sqlnomaly.fitted.reading import Array, Reading, among, around, array, flat, title, unsupported
from sqlnomaly.udfs.fitted_centres import FittedAxes, FittedNearest
from sqlnomaly.udfs.fitted_front import Step

NEAREST = ("sklearn.KMeans", "sklearn.MiniBatchKMeans", "sklearn.BisectingKMeans")


def k_means(estimator: Any) -> Reading:
    """The distance from the nearest centre, the smallest of ``transform``; there is no boundary."""
    centres = array(estimator.cluster_centers_, "cluster_centers_")
    return Reading(
        FittedNearest,
        {"centres": centres, "large": np.ones(len(centres)), "sizes": np.ones(len(centres))},
        None,
        _between(centres),
        lambda rows: estimator.transform(rows).min(axis=1),
    )


def cblof(estimator: Any) -> Reading:
    """The distance from the nearest large cluster in PyOD's words."""
    inner = estimator.clustering_estimator_
    if title(inner) not in NEAREST[:2]:
        raise unsupported(estimator, f"has clusters of {title(inner)}", "KMeans or MiniBatchKMeans")
    centres = array(estimator.cluster_centers_, "cluster_centers_")
    large = np.zeros(len(centres))
    large[np.asarray(estimator.large_cluster_labels_, int)] = 1.0
    sizes = flat(estimator.cluster_sizes_, "cluster_sizes_")
    kept = slice(None) if estimator.use_weights else large > 0
    numbers = {"centres": centres[kept], "large": large[kept], "sizes": sizes[kept]}
    threshold = float(estimator.threshold_)
    options = {"weighted": bool(estimator.use_weights)}
    return Reading(FittedNearest, numbers, threshold, _between(centres), estimator.decision_function, options)


def principal_axes(estimator: Any) -> tuple[list[Step], Reading]:
    """The distances from the selected axes in PyOD's words, and the scaler that it has of its own."""
    own = read_steps(estimator.scaler_) if estimator.standardization else []
    points = array(estimator.selected_components_, "selected_components_")
    weights = flat(estimator.selected_w_components_, "selected_w_components_")
    if not (weights > 0.0).all():
        raise unsupported(estimator, "has a component without variance", "fewer n_components, or weighted=False")
    centre, spread = np.zeros(points.shape[1]), np.ones(points.shape[1])
    if not own:
        centre = flat(estimator.detector_.mean_, "mean_")
        spread = np.sqrt(np.abs(np.diag(estimator.detector_.get_covariance())))
    rows = around(centre, spread)
    for step in own:
        rows = step.back(rows)
    numbers = {"points": points, "weights": weights}
    return own, Reading(FittedAxes, numbers, float(estimator.threshold_), rows, estimator.decision_function)


def _between(centres: Array) -> Array:
    """Rows between and around the centres, none of them on one: there a distance is all rounding."""
    if len(centres) == 1:
        return around(centres[0], np.maximum(np.abs(centres[0]), 1.0))
    inside = among(centres) * 0.75 + 0.25 * centres[-1]
    return np.concatenate([inside, around(centres[0], np.ptp(centres, axis=0))])
