"""The reference against other people's code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conformance.datasets import BY_NAME, DataSet
from tests.reference.judge import judge
from tests.reference.rows import scores

Matrix = np.ndarray[Any, np.dtype[np.float64]]


def matrix(data: DataSet) -> Matrix:
    return np.array([[row[name] for name in data.features] for row in data.rows], dtype=np.float64)


PLAIN = ["gaussian", "heavy_ties", "offset", "tiny", "huge", "collinear", "planted"]


def centred(x: Matrix) -> Matrix:
    """The same distances, without the offset that double arithmetic would lose them in."""
    return x - np.median(x, axis=0)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("ddof", [0, 1])
def test_zscore_agrees_with_numpy(name: str, ddof: int) -> None:
    data, x = BY_NAME[name], centred(matrix(BY_NAME[name]))
    expected = np.abs((x - x.mean(axis=0)) / x.std(axis=0, ddof=ddof)).max(axis=1)
    found = scores(judge(data.rows, detector="zscore", features=data.features, ddof=ddof))
    assert found == pytest.approx(expected.tolist(), rel=1e-9)


@pytest.mark.parametrize("name", PLAIN)
def test_zscore_of_one_group_agrees_with_scikit_learn(name: str) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    data, x = BY_NAME[name], centred(matrix(BY_NAME[name]))
    expected = np.abs(preprocessing.StandardScaler().fit_transform(x)).max(axis=1)
    found = scores(judge(data.rows, detector="zscore", features=data.features, ddof=0))
    assert found == pytest.approx(expected.tolist(), rel=1e-9)


@pytest.mark.parametrize("name", PLAIN)
def test_mad_agrees_with_pyod_up_to_its_rounded_constant(name: str) -> None:
    mad = pytest.importorskip("pyod.models.mad")
    data, x = BY_NAME[name], matrix(BY_NAME[name])
    columns = [mad.MAD().fit(x[:, [j]]).decision_scores_ for j in range(x.shape[1])]
    expected = np.max(columns, axis=0) * (0.6744897501960817 / 0.6745)
    found = scores(judge(data.rows, detector="mad", features=data.features))
    assert found == pytest.approx(expected.tolist(), rel=1e-9)


@pytest.mark.parametrize("name", [*PLAIN, "mostly_constant", "bin_edges"])
@pytest.mark.parametrize("params", [{}, {"n_bins": 5, "alpha": 0.3, "tol": 0.1}])
def test_hbos_agrees_with_pyod(name: str, params: dict[str, Any]) -> None:
    hbos = pytest.importorskip("pyod.models.hbos")
    data = BY_NAME[name]
    expected = hbos.HBOS(**params).fit(matrix(data)).decision_scores_
    found = scores(judge(data.rows, detector="hbos", features=data.features, **params))
    assert found == pytest.approx(expected.tolist(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", PLAIN)
def test_hbos_of_rows_that_were_not_fitted_agrees_with_pyod(name: str) -> None:
    hbos = pytest.importorskip("pyod.models.hbos")
    data, x = BY_NAME[name], matrix(BY_NAME[name])
    known = np.array([row["id"] % 4 != 0 for row in data.rows])
    expected = hbos.HBOS().fit(x[known]).decision_function(x)
    verdicts = judge(data.rows, detector="hbos", features=data.features, where=lambda row: row["id"] % 4 != 0)
    assert scores(verdicts) == pytest.approx(expected.tolist(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", [*PLAIN, "mostly_constant", "bin_edges"])
def test_ecod_agrees_with_pyod(name: str) -> None:
    ecod = pytest.importorskip("pyod.models.ecod")
    data = BY_NAME[name]
    expected = ecod.ECOD().fit(matrix(data)).decision_scores_
    found = scores(judge(data.rows, detector="ecod", features=data.features))
    assert found == pytest.approx(expected.tolist(), rel=1e-9)


def test_the_threshold_of_a_contamination_agrees_with_pyod() -> None:
    ecod = pytest.importorskip("pyod.models.ecod")
    data = BY_NAME["gaussian"]
    expected = ecod.ECOD(contamination=0.07).fit(matrix(data)).threshold_
    verdict = judge(data.rows, detector="ecod", features=data.features, contamination=0.07)[0]
    assert verdict.threshold == pytest.approx(expected, rel=1e-9)
