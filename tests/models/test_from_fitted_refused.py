"""What cannot become a model is refused: by the name of what is wrong, and with what to do."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.cluster import KMeans
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.linear_model import SGDOneClassSVM
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import OneClassSVM

import sqlnomaly
from sqlnomaly.errors import ModelError, SqlnomalyError, UnsupportedError, UsageError
from tests.models.estimators import LIVE_ONLY, NAMES, fitted, training

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pyod.models import abod, ecod, hbos, knn, ocsvm
    from pyod.models import lof as pyod_lof

pytestmark = [pytest.mark.duckdb, pytest.mark.filterwarnings("ignore::UserWarning")]


def changed(estimator: Any, **attributes: Any) -> Any:
    """The estimator with other attributes; None takes one away."""
    found = copy.deepcopy(estimator)
    for name, value in attributes.items():
        if value is None:
            delattr(found, name)
        else:
            setattr(found, name, value)
    return found


ROWS = training()
REFUSED: tuple[tuple[Callable[[], Any], type[SqlnomalyError], str], ...] = (
    (IsolationForest, ModelError, "sklearn.IsolationForest is not fitted"),
    (knn.KNN, ModelError, "pyod.KNN is not fitted"),
    (lambda: make_pipeline(StandardScaler(), IsolationForest()), ModelError, "is not fitted"),
    (lambda: RandomForestClassifier().fit(ROWS, ROWS[:, 0] > 0), UnsupportedError, "no estimator that can become"),
    (lambda: abod.ABOD().fit(ROWS), UnsupportedError, "pyod.ABOD is no estimator that can become a model"),
    (lambda: StandardScaler().fit(ROWS), UnsupportedError, "sklearn.StandardScaler is no estimator"),
    (lambda: make_pipeline(PolynomialFeatures(), KMeans(2)).fit(ROWS), UnsupportedError, "PolynomialFeatures before"),
    (lambda: LocalOutlierFactor().fit(ROWS), UnsupportedError, "novelty=False"),
    (lambda: pyod_lof.LOF(novelty=False).fit(ROWS), UnsupportedError, "novelty=False"),
    (lambda: knn.KNN(metric="manhattan").fit(ROWS), UnsupportedError, "has the metric 'manhattan'"),
    (lambda: LocalOutlierFactor(p=1, novelty=True).fit(ROWS), UnsupportedError, "has the metric"),
    (lambda: OneClassSVM().fit(csr_matrix(ROWS)), UnsupportedError, "is sparse"),
    (lambda: OneClassSVM(kernel=lambda a, b: a @ b.T).fit(ROWS), UnsupportedError, "has the kernel"),
    (
        lambda: ocsvm.OCSVM(kernel="precomputed").fit(ROWS[:3] @ ROWS[:3].T),
        UnsupportedError,
        "has the kernel 'precomputed'",
    ),
    (lambda: changed(hbos.HBOS().fit(ROWS), alpha=0.0), UnsupportedError, "an empty bin's score, as alpha is 0"),
    (lambda: ecod.ECOD().fit(ROWS[:1]), UnsupportedError, "no feature varies"),
    (lambda: changed(EllipticEnvelope().fit(ROWS), location_=None), UnsupportedError, "is not as this version knows"),
    (lambda: changed(SGDOneClassSVM().fit(ROWS), coef_=np.array([np.nan] * 3)), UnsupportedError, "not finite"),
    (lambda: KMeans(2, random_state=0).fit(ROWS * 1e-3 + 1e12), UnsupportedError, "its own are rounded too much"),
    (object, UsageError, "object is no estimator"),
)


@pytest.mark.parametrize(("made", "error", "said"), REFUSED, ids=[said for *_, said in REFUSED])
def test_what_cannot_become_a_model_is_refused_by_name(
    made: Callable[[], Any], error: type[SqlnomalyError], said: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = made()
    names = [f"x{number}" for number in range(getattr(estimator, "n_features_in_", 3))]

    with pytest.raises(error, match=said) as caught:
        sqlnomaly.from_fitted(estimator, features=names)

    assert caught.value.hint


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (None, "without column names"),
        (["a", "b"], "takes 3 features, not 2"),
        (["a", "b", "A"], "two features are called a"),
        ("abc", "features is 'abc'"),
        ([], "names of columns"),
        (["a", "b", 3], "names of columns"),
        (["a", "b", ""], "names of columns"),
    ],
)
def test_features_are_as_many_names_as_there_are_columns(features: Any, said: str) -> None:
    for name in ("envelope", "ecod", "hbos", "standard_forest", "knn_largest", "loda"):
        with pytest.raises(UsageError, match=said):
            sqlnomaly.from_fitted(fitted(name, ROWS), features=features)


@pytest.mark.parametrize("threshold", [float("nan"), float("inf"), "3", True])
def test_a_threshold_is_a_finite_number(threshold: Any) -> None:
    with pytest.raises(UsageError, match="threshold is"):
        sqlnomaly.from_fitted(fitted("envelope", ROWS), features=NAMES, threshold=threshold)


@pytest.mark.parametrize("name", LIVE_ONLY)
def test_what_has_no_sql_says_so(name: str) -> None:
    model = sqlnomaly.from_fitted(fitted(name, ROWS), features=NAMES)

    for dialect in ("duckdb", "postgres", "bigquery", "snowflake"):
        with pytest.raises(UnsupportedError, match="has no SQL of its own") as caught:
            model.pack(dialect, name="f")
        assert caught.value.hint == "install it with live=True on DuckDB or Spark"


@pytest.mark.thorough
def test_a_machine_of_many_vectors_has_no_sql() -> None:
    rows = np.random.default_rng(0).normal(size=(3000, 6))
    model = sqlnomaly.from_fitted(OneClassSVM(nu=0.5).fit(rows), features=list("abcdef"))

    for dialect in ("duckdb", "snowflake"):
        with pytest.raises(UnsupportedError, match="bytes of SQL, which is too long for functions"):
            model.pack(dialect, name="f")
