"""``from_fitted``: an estimator of scikit-learn or PyOD that is fitted already becomes a model, as numbers only."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import ModelError, UnsupportedError, UsageError

if TYPE_CHECKING:
    from sqlnomaly.fitted.reading import Array, Reading
    from sqlnomaly.model import Model
    from sqlnomaly.udfs.fitted_front import Front

CLOSE = 1e-6
"""How far the estimator's own score may be from its formula, in units of what scores are like: rounding far from 0."""
TESTED = 16
"""Rows that the model keeps for its test."""


def from_fitted(
    estimator: Any, features: Sequence[str] | None = None, *, threshold: float | None = None
) -> Model:
    """A model whose score is that of a fitted estimator.

    Higher is more anomalous, always: PyOD's ``decision_function`` as it is, scikit-learn's ``score_samples`` with its
    sign turned. The threshold is the estimator's own boundary: ``threshold_`` of PyOD, ``-offset_`` of scikit-learn.

    Args:
        estimator: the estimator, or a Pipeline that ends with it.
        features: the names of its columns in their order; ``feature_names_in_`` if left out.
        threshold: scores above it are anomalies, in the place of the estimator's own boundary.

    Raises:
        ModelError: it is not fitted.
        UnsupportedError: it cannot be written as numbers that give the same score.
        UsageError: features or threshold are wrong.

    Example:
        >>> import numpy as np
        >>> from sklearn.covariance import EllipticEnvelope
        >>> rows = np.random.default_rng(0).normal(size=(200, 2))
        >>> model = from_fitted(EllipticEnvelope(random_state=0).fit(rows), features=["amount", "items"])
        >>> model.detector, model.features
        ('fitted.ellipse', ('amount', 'items'))
    """
    from sqlnomaly.fitted.pipeline import taken_apart
    from sqlnomaly.fitted.reading import title

    if threshold is not None and not (_is_number(threshold) and math.isfinite(threshold)):
        raise UsageError(f"threshold is {threshold!r}", hint="a finite number")
    if not hasattr(estimator, "get_params"):
        raise UsageError(f"{type(estimator).__name__} is no estimator", hint="give a fitted one")
    transformers, last = taken_apart(estimator)
    names = _names(estimator, transformers, last, features)
    with warnings.catch_warnings():  # a row without column names
        warnings.simplefilter("ignore")
        try:
            return _model(transformers, last, names, threshold)
        except AttributeError as error:
            raise UnsupportedError(
                f"{title(last)} is not as this version knows it: {error}",
                hint="fit it with scikit-learn 1.5 or PyOD 3.6, or a later version",
            ) from error


def _model(transformers: Sequence[Any], last: Any, names: Sequence[str], threshold: float | None) -> Model:
    import numpy as np

    from sqlnomaly.fitted.assembled import assembled
    from sqlnomaly.fitted.reading import title
    from sqlnomaly.udfs.fitted_front import Front

    front, reading = _read(transformers, last)
    rows, wanted = _tested(transformers, reading)
    kept = Front() if reading.folded else front
    limit = float(threshold) if threshold is not None else reading.threshold
    model = assembled(reading, kept, names, limit, f"{title(last)} {_version(last)}")
    score = model.fitted.detector.score_matrix(model.fitted.relations)  # type: ignore[attr-defined]
    with np.errstate(all="ignore"):
        found = score(rows)
    known = np.isfinite(wanted) & np.isfinite(found)
    if not known.any():
        raise ModelError(f"{title(last)} gives no finite score", hint="fit it again")
    sizes = np.abs(wanted[known])
    usual = np.maximum(sizes, np.median(sizes))
    worst = float(np.max(np.abs(found - wanted)[known] / np.where(usual > 0.0, usual, 1.0)))
    if worst > CLOSE:
        raise UnsupportedError(
            f"{title(last)} gives scores that differ by {worst:.1g} from its formula: its own are rounded too much, or "
            "its version is unknown",
            hint="fit it on 64-bit numbers behind a StandardScaler",
        )
    return _with_tests(model, rows[known], found[known])


def _read(transformers: Sequence[Any], last: Any) -> tuple[Front, Reading]:
    """The steps before the estimator, and what is read of it."""
    from sqlnomaly.fitted import centres, forests, gaussian, histograms, kernels, neighbors
    from sqlnomaly.fitted.pipeline import KERNELS, read_steps
    from sqlnomaly.fitted.reading import SUPPORTED, title
    from sqlnomaly.udfs.fitted_front import Front

    name = title(last)
    if transformers and title(transformers[-1]) in KERNELS:
        if name != "sklearn.SGDOneClassSVM":
            raise UnsupportedError(f"{title(transformers[-1])} before {name} cannot be written as SQL", hint="PCA")
        front = Front(tuple(step for one in transformers[:-1] for step in read_steps(one)))
        return front, kernels.sgd_behind(transformers[-1], last)
    front = Front(tuple(step for one in transformers for step in read_steps(one)))
    with_front: Mapping[str, Callable[[Any, Front], Reading]] = {
        "sklearn.IsolationForest": forests.isolation_forest,
        "pyod.IForest": forests.iforest,
        "pyod.HBOS": histograms.hbos,
        "pyod.ECOD": histograms.ecod,
        "pyod.COPOD": histograms.copod,
    }
    alone: Mapping[str, Callable[[Any], Reading]] = {
        "sklearn.EllipticEnvelope": gaussian.elliptic_envelope,
        "sklearn.PCA": gaussian.component_analysis,
        "sklearn.GaussianMixture": gaussian.mixture,
        "sklearn.KMeans": centres.k_means,
        "sklearn.MiniBatchKMeans": centres.k_means,
        "sklearn.OneClassSVM": kernels.one_class_svm,
        "sklearn.SGDOneClassSVM": kernels.sgd,
        "sklearn.LocalOutlierFactor": neighbors.local_outlier_factor,
        "pyod.MCD": gaussian.mcd,
        "pyod.GMM": gaussian.gmm,
        "pyod.OCSVM": kernels.ocsvm,
        "pyod.CBLOF": centres.cblof,
        "pyod.LODA": histograms.loda,
        "pyod.KNN": neighbors.knn,
        "pyod.LOF": neighbors.lof,
    }
    if name == "pyod.PCA":
        own, reading = centres.principal_axes(last)
        return Front((*front.steps, *own)), reading
    if name in with_front:
        return front, with_front[name](last, front)
    if name in alone:
        return front, alone[name](last)
    raise UnsupportedError(f"{name} is no estimator that can become a model", hint=SUPPORTED)


def _tested(transformers: Sequence[Any], reading: Reading) -> tuple[Array, Array]:
    """Likely raw rows, and the estimator's own scores of them."""
    import numpy as np

    from sqlnomaly.fitted.pipeline import KERNELS, read_steps
    from sqlnomaly.fitted.reading import title

    scalers = [one for one in transformers if title(one) not in KERNELS]
    rows = reading.rows
    for one in reversed(scalers):
        for step in reversed(read_steps(one)):
            rows = step.back(rows)
    behind = rows
    for one in scalers:
        behind = one.transform(behind)
    wanted = np.asarray(reading.score(behind), np.float64).ravel()
    return rows, wanted


def _with_tests(model: Model, rows: Array, scores: Array) -> Model:
    """The model with rows at even steps of the order of their scores."""
    from dataclasses import replace

    import numpy as np
    import pyarrow as pa

    from sqlnomaly.model import Model
    from sqlnomaly.pushdown.fitted import SCORE

    order = np.argsort(scores, kind="stable")
    places = order[np.unique(np.linspace(0, len(order) - 1, TESTED).round().astype(int))]
    columns = {name: pa.array(rows[places, number]) for number, name in enumerate(model.features)}
    return Model(replace(model.fitted, selftest=pa.table({**columns, SCORE: pa.array(scores[places])})))


def _names(estimator: Any, transformers: Sequence[Any], last: Any, features: Sequence[str] | None) -> tuple[str, ...]:
    """The names of the features.

    Raises:
        UsageError: they are not known, or not as many as the estimator takes.
    """
    from sqlnomaly.fitted.reading import title

    first = transformers[0] if transformers else last
    if features is None:
        given = [getattr(one, "feature_names_in_", None) for one in (estimator, first)]
        features = next((one for one in given if one is not None), None)
        if features is None:
            raise UsageError(f"{title(last)} was fitted without column names", hint='features=["amount", "items"]')
    if isinstance(features, str):
        raise UsageError(f"features is {features!r}", hint=f'a list: features=["{features}"]')
    names = tuple(features)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise UsageError("features are the names of columns", hint='features=["amount", "items"]')
    lowered = [name.lower() for name in names]
    twice = next((name for name in names if lowered.count(name.lower()) > 1), None)
    if twice is not None:
        raise UsageError(f"two features are called {twice}", hint="give each a name of its own, whatever its case")
    width = _width(first)
    if width is not None and len(names) != width:
        raise UsageError(f"{title(last)} takes {width} features, not {len(names)}", hint="one name for each column")
    return names


def _width(first: Any) -> int | None:
    """How many features the first step takes, as far as it says so."""
    for one in (first, getattr(first, "detector_", None), getattr(first, "neigh_", None)):
        width = getattr(one, "n_features_in_", None)
        if width is not None:
            return int(width)
    for name, axis in (("X_train", 1), ("hist_", 1), ("projections_", 1), ("cluster_centers_", 1)):
        value = getattr(first, name, None)
        if value is not None:
            return len(value) if isinstance(value, list) else int(value.shape[axis])
    return None


def _version(estimator: Any) -> str:
    from importlib.metadata import version

    root = type(estimator).__module__.partition(".")[0]
    return version({"sklearn": "scikit-learn"}.get(root, root))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
