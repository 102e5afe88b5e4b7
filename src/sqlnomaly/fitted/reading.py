"""What is read of a fitted estimator, and the words in which one that cannot be read is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.errors import ModelError, UnsupportedError

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.udfs.fitted_detector import Carried

Array = NDArray[np.float64]
SUPPORTED = (
    "scikit-learn's IsolationForest, LocalOutlierFactor, OneClassSVM, SGDOneClassSVM, EllipticEnvelope, KMeans, "
    "GaussianMixture and PCA, PyOD's IForest, LOF, OCSVM, MCD, KNN, HBOS, ECOD, COPOD, LODA, CBLOF, GMM and PCA, and a "
    "Pipeline of StandardScaler, RobustScaler, MinMaxScaler or PCA before them"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read.

    Attributes:
        kind: the detector that scores with these numbers.
        numbers: its arrays by name.
        threshold: the estimator's own boundary, or None where it has none.
        rows: likely rows, as the estimator takes them: behind the steps of its pipeline.
        score: the estimator's own score of such rows, the higher the more anomalous.
        options: fields of the detector.
        nodes: the trees of a forest.
        folded: whether the steps before it are part of the numbers.
    """

    kind: type[Carried]
    numbers: Mapping[str, Array]
    threshold: float | None
    rows: Array
    score: Callable[[Array], Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    nodes: pa.Table | None = None
    folded: bool = False


def title(estimator: Any) -> str:
    """The library and class: ``sklearn.IsolationForest``."""
    return f"{type(estimator).__module__.partition('.')[0]}.{type(estimator).__name__}"


def array(value: Any, what: str) -> Array:
    """A fitted attribute as an array.

    Raises:
        UnsupportedError: it is sparse, or holds what is no finite number.
    """
    if hasattr(value, "tocsr"):
        raise UnsupportedError(f"{what} is sparse", hint="fit on a dense array")
    try:
        found = np.array(value, np.float64)
    except (TypeError, ValueError):
        raise UnsupportedError(f"{what} holds no numbers", hint="fit on numbers") from None
    if not np.isfinite(found).all():
        raise UnsupportedError(f"{what} has values that are not finite", hint="fit again on other rows or parameters")
    return found


def flat(value: Any, what: str) -> Array:
    """A fitted attribute as an array of one dimension."""
    return array(value, what).ravel()


def unsupported(estimator: Any, why: str, hint: str) -> UnsupportedError:
    """The refusal of an estimator."""
    return UnsupportedError(f"{title(estimator)} {why}", hint=hint)


def check_fitted(estimator: Any) -> None:
    """Refuses an estimator without a fit.

    Raises:
        ModelError: naming it.
    """
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    of_pyod = title(estimator).startswith("pyod.")
    try:
        if of_pyod and getattr(estimator, "decision_scores_", None) is None:
            raise NotFittedError
        check_is_fitted(estimator)
    except NotFittedError:
        raise ModelError(f"{title(estimator)} is not fitted", hint="call its fit(X) first") from None


def around(centre: Array, spread: Array, count: int = 32) -> Array:
    """Rows around a centre, the first close to it and the last far away, always the same ones."""
    random = np.random.default_rng(7)
    reach = np.geomspace(0.05, 8.0, count)[:, np.newaxis]
    return centre + random.standard_normal((count, len(centre))) * reach * spread


def among(rows: Array, count: int = 32) -> Array:
    """Some of the rows, at even steps, and rows between and beyond them."""
    chosen = rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]
    middle = chosen.mean(axis=0)
    return np.concatenate([chosen, 0.5 * (chosen + chosen[::-1]), middle + 3.0 * (chosen - middle)])
