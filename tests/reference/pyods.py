"""pyod.NAME: what PyOD itself says of rows, fitted on the drawn ones (see sample) in the order of their keys.

Where no feature varies a row equal to the sample scores 0, another has no score; where PyOD's score is not finite there
is none. A feature contributes what the score falls by when its value is replaced by the median.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from tests.reference.iforest import drawn
from tests.reference.values import quantile

Row = Sequence[float]

NAMED: Mapping[str, tuple[str, int, Mapping[str, Any]]] = {
    "abod.ABOD": ("pyod.abod", 7, {"n_neighbors": 4}),
    "cblof.CBLOF": ("pyod.cblof", 16, {"n_clusters": 4}),
    "gmm.GMM": ("pyod.gmm", 3, {"n_components": 2}),
    "hbos.HBOS": ("pyod.hbos", 3, {"n_bins": 5}),
    "hdbscan.HDBSCAN": ("pyod.hdbscan", 7, {"min_cluster_size": 4}),
    "iforest.IForest": ("pyod.iforest", 3, {"n_estimators": 7}),
    "inne.INNE": ("pyod.inne", 3, {"n_estimators": 9}),
    "kde.KDE": ("pyod.kde", 3, {"bandwidth": 0.7}),
    "knn.KNN": ("pyod.knn", 7, {"n_neighbors": 3, "method": "mean"}),
    "kpca.KPCA": ("pyod.kpca", 3, {"kernel": "linear"}),
    "loda.LODA": ("pyod.loda", 3, {"n_bins": 5}),
    "lof.LOF": ("pyod.lof", 4, {"n_neighbors": 5}),
    "mad.MAD": ("pyod.mad", 3, {}),
    "mcd.MCD": ("pyod.mcd", 6, {"support_fraction": 0.8}),
    "ocsvm.OCSVM": ("pyod.ocsvm", 3, {"nu": 0.2}),
    "pca.PCA": ("pyod.pca", 3, {"weighted": False}),
    "qmcd.QMCD": ("pyod.qmcd", 3, {}),
    "sampling.Sampling": ("pyod.sampling", 21, {"subset_size": 10}),
}
"""PyOD's class -> the detector, its least rows, and parameters that are not the defaults."""
SEEDED = frozenset({"CBLOF", "GMM", "IForest", "INNE", "KPCA", "LODA", "MCD", "PCA", "Sampling"})


@dataclass(frozen=True, slots=True)
class Fit:
    """The estimator, None where no feature varies, and the sample's values."""

    estimator: Any
    only: tuple[float, ...]
    median: tuple[float, ...]
    constant: tuple[bool, ...]


class Reference(ModuleType):
    """A detector of PyOD as a module of this folder."""

    DEFAULT_THRESHOLD: float | None = None
    DEFAULT_CONTAMINATION: float | None = 0.01
    SIGNED = False
    JOINT = True
    TOLERANCE = 1e-9

    def __init__(self, kind: str, name: str, rows: int, parameters: Mapping[str, Any]) -> None:
        super().__init__(name)
        self.kind = kind
        self.DEFAULT_MIN_ROWS = rows
        self.PARAMETERS = parameters

    def fit(self, rows: Sequence[Row], *, max_rows: int = 10_000, random_state: int = 0, **options: Any) -> Fit:
        """Fit on at least one complete row."""
        module, called = self.kind.split(".")
        chosen = drawn(rows, max_rows, random_state)
        columns = list(zip(*chosen, strict=True))
        constant = tuple(min(column) == max(column) for column in columns)
        estimator = None
        if len(chosen) >= self.DEFAULT_MIN_ROWS and not all(constant):
            seed = {"random_state": random_state} if called in SEEDED else {}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made = getattr(import_module(f"pyod.models.{module}"), called)(**options, **seed)
                estimator = made.fit(np.array(chosen))
        return Fit(estimator, tuple(chosen[0]), tuple(quantile(column, 0.5) for column in columns), constant)

    def plain(self, row: Row, model: Fit) -> float | None:
        """The score, or None."""
        if model.estimator is None:
            return 0.0 if tuple(row) == model.only else None
        with np.errstate(all="ignore"):
            found = float(model.estimator.decision_function(np.array([row]))[0])
        return found if math.isfinite(found) else None

    def terms(self, row: Row, model: Fit) -> list[float | None]:
        """The contribution of each feature."""
        whole = self.plain(row, model)
        if whole is None or model.estimator is None:
            return [None if whole is None else 0.0] * len(row)
        found: list[float | None] = []
        for j in range(len(row)):
            moved = [model.median[i] if i == j else x for i, x in enumerate(row)]
            with np.errstate(all="ignore"):
                found.append(whole - float(model.estimator.decision_function(np.array([moved]))[0]))
        return found

    def score(self, row: Row, model: Fit) -> float | None:
        """The score of a row whose terms are all known."""
        return self.plain(row, model)

    def expected(self, row: Row, model: Fit) -> list[float | None]:
        """It has no centre."""
        return [None] * len(row)


REFERENCES: Mapping[str, ModuleType] = {
    name: Reference(kind, name, rows, parameters) for kind, (name, rows, parameters) in NAMED.items()
}
