"""Ellipses and mixtures: EllipticEnvelope, MCD, scikit-learn's PCA, GaussianMixture, GMM."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sqlnomaly.fitted.reading import Array, Reading, around, array, flat, unsupported
from sqlnomaly.udfs.fitted_gaussian import FittedEllipse, FittedMixture

LOG_2_PI = math.log(2.0 * math.pi)


def elliptic_envelope(estimator: Any) -> Reading:
    """The squared distance; the boundary is -offset_."""
    return _ellipse(estimator, lambda rows: -estimator.score_samples(rows), -float(estimator.offset_))


def mcd(estimator: Any) -> Reading:
    """The squared distance in PyOD's words."""
    return _ellipse(estimator.detector_, estimator.decision_function, float(estimator.threshold_))


def _ellipse(covariance: Any, score: Any, threshold: float) -> Reading:
    precision = array(covariance.get_precision(), "the precision matrix")
    centre = flat(covariance.location_, "location_")
    spread = np.sqrt(np.abs(np.diag(array(covariance.covariance_, "covariance_"))))
    numbers = {"centre": centre, "precision": precision, "form": np.array([1.0, 0.0])}
    return Reading(FittedEllipse, numbers, threshold, around(centre, spread), score)


def component_analysis(estimator: Any) -> Reading:
    """The negative log-likelihood of scikit-learn's PCA, which has no boundary."""
    try:
        precision = array(estimator.get_precision(), "the precision matrix")
    except np.linalg.LinAlgError:
        raise unsupported(estimator, "has a singular covariance", "fewer components than features") from None
    sign, determinant = np.linalg.slogdet(precision)
    if sign <= 0:
        raise unsupported(estimator, "has a singular covariance", "fewer components than features")
    centre = flat(estimator.mean_, "mean_")
    spread = np.sqrt(np.abs(np.diag(estimator.get_covariance())))
    constant = 0.5 * (len(centre) * LOG_2_PI - float(determinant))
    numbers = {"centre": centre, "precision": precision, "form": np.array([0.5, constant])}
    rows = around(centre, spread)
    return Reading(FittedEllipse, numbers, None, rows, lambda rows: -estimator.score_samples(rows))


def mixture(estimator: Any) -> Reading:
    """The negative log-likelihood of scikit-learn's GaussianMixture, which has no boundary."""
    return _mixture(estimator, lambda rows: -estimator.score_samples(rows), None)


def gmm(estimator: Any) -> Reading:
    """The same in PyOD's words."""
    return _mixture(estimator.detector_, estimator.decision_function, float(estimator.threshold_))


def _mixture(estimator: Any, score: Any, threshold: float | None) -> Reading:
    centres = array(estimator.means_, "means_")
    count, width = centres.shape
    cholesky = array(estimator.precisions_cholesky_, "precisions_cholesky_")
    form = estimator.covariance_type
    if form == "full":
        matrices = list(cholesky)
    elif form == "tied":
        matrices = [cholesky] * count
    elif form == "diag":
        matrices = [np.diag(row) for row in cholesky]
    elif form == "spherical":
        matrices = [np.eye(width) * one for one in cholesky]
    else:
        raise unsupported(estimator, f"has covariance_type {form!r}", "full, tied, diag or spherical")
    logs: Array = np.array([np.log(np.abs(np.diag(matrix))).sum() for matrix in matrices])
    weights = flat(estimator.weights_, "weights_")
    kept = np.flatnonzero(weights > 0.0)
    offsets = np.log(weights[kept]) + logs[kept] - 0.5 * width * LOG_2_PI
    numbers = {
        "centres": centres[kept],
        "factors": np.concatenate([matrices[number].T for number in kept]),
        "offsets": offsets,
    }
    spreads = [1.0 / np.abs(np.diag(matrices[number])) for number in kept]
    rows = np.concatenate([around(centres[k], spread) for k, spread in zip(kept, spreads, strict=True)])
    return Reading(FittedMixture, numbers, threshold, rows, score)
