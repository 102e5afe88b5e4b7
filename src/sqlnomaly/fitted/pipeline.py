"""A pipeline taken apart: the steps that move, scale and rotate features, and the estimator behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.fitted.reading import Array, array, check_fitted, flat, title, unsupported
from sqlnomaly.udfs.fitted_front import Step

KERNELS = ("sklearn.Nystroem", "sklearn.RBFSampler")
"""Steps that an SGDOneClassSVM may have right before it: their features are part of its kernel."""


def taken_apart(estimator: Any) -> tuple[list[Any], Any]:
    """The transformers in their order, and what is behind them; pipelines in pipelines are one.

    Raises:
        ModelError: nothing is fitted.
        UnsupportedError: the last step is no estimator.
    """
    if title(estimator) != "sklearn.Pipeline":
        check_fitted(estimator)
        return [], estimator
    parts: list[Any] = []
    for _, step in estimator.steps:
        if step is None or (isinstance(step, str) and step == "passthrough"):
            continue
        before, last = taken_apart(step)
        parts += [*before, last]
    if not parts:
        raise UnsupportedError("the pipeline has no step", hint="end it with a detector")
    return parts[:-1], parts[-1]


def read_steps(transformer: Any) -> list[Step]:
    """A transformer as steps.

    Raises:
        UnsupportedError: it is none of those that are known.
    """
    reader = _READERS.get(title(transformer))
    if reader is None:
        raise UnsupportedError(
            f"{title(transformer)} before a detector cannot be written as SQL",
            hint="StandardScaler, RobustScaler, MinMaxScaler or PCA; or fit on columns that SQL has made",
        )
    return reader(transformer)


def _standard(scaler: Any) -> list[Step]:
    return [Step("scale", _given(scaler, "mean_", 0.0), _positive(scaler, "scale_"))]


def _robust(scaler: Any) -> list[Step]:
    return [Step("scale", _given(scaler, "center_", 0.0), _positive(scaler, "scale_"))]


def _range(scaler: Any) -> list[Step]:
    steps = [Step("range", _positive(scaler, "scale_"), _given(scaler, "min_", 0.0))]
    if scaler.clip:
        low, high = (np.full(int(scaler.n_features_in_), float(one)) for one in scaler.feature_range)
        steps.append(Step("clip", low, high))
    return steps


def _rotation(pca: Any) -> list[Step]:
    steps = [Step("rotate", flat(pca.mean_, "PCA.mean_"), array(pca.components_, "PCA.components_"))]
    if pca.whiten:
        units = np.sqrt(flat(pca.explained_variance_, "PCA.explained_variance_"))
        steps.append(Step("scale", np.zeros(len(units)), np.maximum(units, np.finfo(np.float64).eps)))
    return steps


def _given(scaler: Any, name: str, default: float) -> Array:
    value = getattr(scaler, name)
    return np.full(int(scaler.n_features_in_), default) if value is None else flat(value, f"{title(scaler)}.{name}")


def _positive(scaler: Any, name: str) -> Array:
    found = _given(scaler, name, 1.0)
    if not (found > 0.0).all():
        raise unsupported(scaler, f"has a {name} that is not positive", "fit it again")
    return found


_READERS: Mapping[str, Callable[[Any], list[Step]]] = {
    "sklearn.StandardScaler": _standard,
    "sklearn.RobustScaler": _robust,
    "sklearn.MinMaxScaler": _range,
    "sklearn.PCA": _rotation,
}
