"""pyod.NAME: what PyOD itself says of rows, fitted on the drawn ones (see sample) in the order of their keys.

Where no feature varies a row equal to the sample scores 0, another has no score; where PyOD's score is not finite there
is none. A feature contributes what the score falls by when its value is replaced by the median, 0 where that row has
none.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from tests.reference.iforest import drawn
from tests.reference.values import quantile

Row = Sequence[float]

NAMED: Mapping[str, tuple[str, int, Mapping[str, Any]]] = {
    "abod.ABOD": ("pyod.abod", 7, {"n_neighbors": 4}),
    "cblof.CBLOF": ("pyod.cblof", 16, {"use_weights": True}),
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
SMALL: Mapping[str, Mapping[str, Any]] = {
    "pyod.iforest": {"n_estimators": 10}, "pyod.inne": {"n_estimators": 10},
}  # fmt: skip
"""Options that make a model small."""
SEEDED = frozenset({"CBLOF", "GMM", "IForest", "INNE", "KPCA", "LODA", "MCD", "PCA", "Sampling"})


@dataclass(frozen=True, slots=True)
class Fit:
    """The estimator, None where no feature varies, and the sample's values."""

    estimator: Any
    only: tuple[float, ...]
    median: tuple[float, ...]
    constant: tuple[bool, ...]
    said: dict[Row, tuple[float, ...]] = field(default_factory=dict)

    def scores(self, row: Row) -> tuple[float, ...]:
        """The score of the row, and of the row with each value replaced by the median; asked once."""
        if row not in self.said:
            rows = [row, *((*row[:j], self.median[j], *row[j + 1 :]) for j in range(len(row)))]
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.said[row] = tuple(float(score) for score in self.estimator.decision_function(np.array(rows)))
        return self.said[row]


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
        if name in SMALL:
            self.LEAN = SMALL[name]

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
        found = model.scores(tuple(row))[0]
        return found if math.isfinite(found) else None

    def terms(self, row: Row, model: Fit) -> list[float | None]:
        """The contribution of each feature."""
        whole = self.plain(row, model)
        if whole is None or model.estimator is None:
            return [None if whole is None else 0.0] * len(row)
        return [whole - other if math.isfinite(other) else 0.0 for other in model.scores(tuple(row))[1:]]

    def score(self, row: Row, model: Fit) -> float | None:
        """The score of a row whose terms are all known."""
        return self.plain(row, model)

    def expected(self, row: Row, model: Fit) -> list[float | None]:
        """It has no centre."""
        return [None] * len(row)


REFERENCES: Mapping[str, ModuleType] = {
    name: Reference(kind, name, rows, parameters) for kind, (name, rows, parameters) in NAMED.items()
}
