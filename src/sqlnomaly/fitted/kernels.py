"""One-class machines: OneClassSVM, OCSVM, SGDOneClassSVM, and SGDOneClassSVM behind Nystroem or RBFSampler."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlnomaly.fitted.reading import Array, Reading, among, around, array, flat, title, unsupported
from sqlnomaly.udfs.fitted_kernel import FittedKernel


def one_class_svm(estimator: Any) -> Reading:
    """Minus the sum over support vectors; the boundary is -offset_."""
    threshold = -float(np.ravel(estimator.offset_)[0])
    return _machine(estimator, 0.0, lambda rows: -estimator.score_samples(rows), threshold)


def ocsvm(estimator: Any) -> Reading:
    """Minus the decision function in PyOD's words."""
    inner = estimator.detector_
    shift = -float(np.ravel(inner.intercept_)[0])
    return _machine(inner, shift, estimator.decision_function, float(estimator.threshold_))


def sgd(estimator: Any) -> Reading:
    """Minus a weighted sum of the features; the boundary is -offset_."""
    weights = -flat(estimator.coef_, "coef_")
    spread = 1.0 / np.maximum(np.abs(weights), 1e-3 * max(float(np.abs(weights).max()), 1e-300))
    return Reading(
        FittedKernel,
        _linear(weights, 0.0),
        -float(np.ravel(estimator.offset_)[0]),
        around(np.zeros(len(weights)), spread),
        lambda rows: -estimator.score_samples(rows),
        {"kernel": "linear"},
    )


def sgd_behind(features: Any, estimator: Any) -> Reading:
    """SGDOneClassSVM on the features of a kernel: its weights become those of the kernel's own vectors."""
    weights = -flat(estimator.coef_, "coef_")
    threshold = -float(np.ravel(estimator.offset_)[0])

    def score(rows: Array) -> Any:
        return -estimator.score_samples(features.transform(rows))

    if title(features) == "sklearn.RBFSampler":
        directions = array(features.random_weights_, "random_weights_").T
        phases = flat(features.random_offset_, "random_offset_")
        vectors = np.column_stack([directions, phases])
        own = weights * np.sqrt(2.0 / len(phases))
        spread = np.full(directions.shape[1], 1.0 / max(float(np.abs(directions).mean()), 1e-300))
        rows = around(np.zeros(directions.shape[1]), spread)
        numbers = {"vectors": vectors, "weights": own, "form": np.array([0.0, 1.0, 0.0, 1.0])}
        return Reading(FittedKernel, numbers, threshold, rows, score, {"kernel": "cosine"})
    vectors = array(features.components_, "components_")
    own = array(features.normalization_, "normalization_").T @ weights
    gamma = features.gamma if features.gamma is not None else 1.0 / vectors.shape[1]
    coef0 = features.coef0 if features.coef0 is not None else 1.0
    degree = features.degree if features.degree is not None else 3.0
    kernel = _kernel(features, features.kernel)
    return _weighted(vectors, own, (0.0, gamma, coef0, degree), kernel, threshold, score)


def _machine(machine: Any, shift: float, score: Any, threshold: float) -> Reading:
    kernel = _kernel(machine, machine.kernel)
    vectors = array(machine.support_vectors_, "support_vectors_")
    weights = -flat(machine.dual_coef_, "dual_coef_")
    # scikit-learn resolves gamma="scale" from the training rows, and keeps the number there.
    form = (shift, float(machine._gamma), float(machine.coef0), float(machine.degree))
    return _weighted(vectors, weights, form, kernel, threshold, score)


def _weighted(
    vectors: Array,
    weights: Array,
    form: tuple[float, float, float, float],
    kernel: str,
    threshold: float,
    score: Any,
) -> Reading:
    rows = among(vectors)
    if kernel == "linear":
        return Reading(FittedKernel, _linear(weights @ vectors, form[0]), threshold, rows, score, {"kernel": kernel})
    numbers = {"vectors": vectors, "weights": weights, "form": np.array(form)}
    return Reading(FittedKernel, numbers, threshold, rows, score, {"kernel": kernel})


def _linear(direction: Array, shift: float) -> dict[str, Array]:
    return {
        "vectors": direction[np.newaxis, :],
        "weights": np.ones(1),
        "form": np.array([shift, 1.0, 0.0, 1.0]),
    }


def _kernel(owner: Any, kernel: Any) -> str:
    known = {"linear": "linear", "rbf": "rbf", "poly": "poly", "polynomial": "poly", "sigmoid": "sigmoid"}
    if not isinstance(kernel, str) or kernel not in known:
        raise unsupported(owner, f"has the kernel {kernel!r}", "linear, rbf, poly or sigmoid")
    return known[kernel]
