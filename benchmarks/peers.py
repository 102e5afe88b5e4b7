"""Who else computes it: for each detector the package that people use, on rows that are in memory already.

Each peer takes one numpy array a feature, fits, and gives a score for each row. It runs the way its package normally
does; between ways of writing it in numpy the faster one is taken (a loop over contiguous columns).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import Any

import numpy as np

Columns = list[np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What another package does with the same rows.

    Attributes:
        name: as printed.
        module: what has to be installed.
        run: fit and score.
        same: whether its formula is ours, so that scores can be compared.
        ordered: whether it needs the rows in order.
    """

    name: str
    module: str
    run: Callable[[Columns, int], np.ndarray]
    same: bool = True
    ordered: bool = False


def matrix(columns: Columns) -> np.ndarray:
    """Rows x features, column by column in memory: scikit-learn and PyOD are faster on it than row by row."""
    rows = np.empty((len(columns[0]), len(columns)), order="F")
    for number, column in enumerate(columns):
        rows[:, number] = column
    return rows


def zscore(columns: Columns, _jobs: int) -> np.ndarray:
    worst = np.zeros(len(columns[0]))
    for x in columns:
        np.maximum(worst, np.abs(x - x.mean()) / x.std(ddof=1), out=worst)
    return worst


def mad(columns: Columns, _jobs: int) -> np.ndarray:
    worst = np.zeros(len(columns[0]))
    for x in columns:
        distance = np.abs(x - np.median(x))
        np.maximum(worst, distance / (np.median(distance) / 0.6744897501960817), out=worst)
    return worst


def iqr(columns: Columns, _jobs: int) -> np.ndarray:
    worst = np.zeros(len(columns[0]))
    for x in columns:
        q1, q3 = np.quantile(x, [0.25, 0.75])
        np.maximum(worst, np.maximum(x - q3, q1 - x) / (q3 - q1), out=worst)
    return worst


def mahalanobis(columns: Columns, _jobs: int) -> np.ndarray:
    from sklearn.covariance import EmpiricalCovariance

    rows = matrix(columns)
    return EmpiricalCovariance().fit(rows).mahalanobis(rows)


def ewma(columns: Columns, _jobs: int) -> np.ndarray:
    import pandas as pd

    worst = np.zeros(len(columns[0]))
    for values in columns:
        x = pd.Series(values)
        before = x.ewm(alpha=0.2)
        with np.errstate(invalid="ignore", divide="ignore"):
            np.maximum(worst, (x - before.mean().shift(1)).abs() / before.std().shift(1), out=worst)
    return worst


def pyod(name: str, columns: Columns, jobs: int) -> np.ndarray:
    """PyOD's detector with its defaults, and jobs and a seed where it takes them."""
    module, kind = name.split(".")
    made = getattr(import_module(f"pyod.models.{module}"), kind)
    taken = signature(made.__init__).parameters
    options = {"n_jobs": jobs, "random_state": 0}
    return made(**{key: value for key, value in options.items() if key in taken}).fit(matrix(columns)).decision_scores_


def isotree_iforest(columns: Columns, jobs: int) -> np.ndarray:
    from isotree import IsolationForest

    rows = matrix(columns)
    forest = IsolationForest(ntrees=100, sample_size=256, ndim=1, nthreads=jobs, random_seed=1)
    return forest.fit(rows).predict(rows)


def isotree_extended(columns: Columns, jobs: int) -> np.ndarray:
    from isotree import IsolationForest

    rows = matrix(columns)
    forest = IsolationForest(ntrees=100, sample_size=256, ndim=len(columns), nthreads=jobs, random_seed=1)
    return forest.fit(rows).predict(rows)


def sklearn_iforest(columns: Columns, jobs: int) -> np.ndarray:
    from sklearn.ensemble import IsolationForest

    rows = matrix(columns)
    return -IsolationForest(n_estimators=100, n_jobs=jobs, random_state=0).fit(rows).score_samples(rows)


PEERS: Mapping[str, tuple[Peer, ...]] = {
    "zscore": (Peer(name="numpy", module="numpy", run=zscore),),
    "mad": (Peer(name="numpy", module="numpy", run=mad),),
    "iqr": (Peer(name="numpy", module="numpy", run=iqr),),
    "mahalanobis": (Peer(name="scikit-learn", module="sklearn", run=mahalanobis),),
    "hbos": (Peer(name="PyOD", module="pyod", run=partial(pyod, "hbos.HBOS")),),
    "ecod": (Peer(name="PyOD", module="pyod", run=partial(pyod, "ecod.ECOD")),),
    "copod": (Peer(name="PyOD", module="pyod", run=partial(pyod, "copod.COPOD")),),
    "ewma": (Peer(name="pandas", module="pandas", run=ewma, ordered=True),),
    "iforest": (
        Peer(name="PyOD", module="pyod", run=partial(pyod, "iforest.IForest"), same=False),
        Peer(name="scikit-learn", module="sklearn", run=sklearn_iforest, same=False),
        Peer(name="isotree", module="isotree", run=isotree_iforest, same=False),
    ),
    "extended_iforest": (Peer(name="isotree", module="isotree", run=isotree_extended, same=False),),
    **{
        name: (Peer(name="PyOD", module="pyod", run=partial(pyod, kind), same=False),)
        for name, kind in {
            "abod": "abod.ABOD", "cblof": "cblof.CBLOF", "cof": "cof.COF",
            "gmm": "gmm.GMM", "inne": "inne.INNE",
            "kde": "kde.KDE", "knn": "knn.KNN", "loda": "loda.LODA", "lof": "lof.LOF", "mcd": "mcd.MCD",
            "ocsvm": "ocsvm.OCSVM", "pca": "pca.PCA", "sampling": "sampling.Sampling", "sos": "sos.SOS",
        }.items()
    },
}


def peers(detector: str) -> list[Peer]:
    """The peers of a detector that are installed here."""
    return [peer for peer in PEERS.get(detector, ()) if find_spec(peer.module)]


def fetched(connection: Any, names: list[str], *, ordered: bool) -> Columns:
    """The table's features as a peer needs them: out of DuckDB as Arrow, into one numpy array each."""
    order = " ORDER BY id" if ordered else ""
    table = connection.sql(f"SELECT {', '.join(names)} FROM bench{order}").to_arrow_table()
    return [table.column(name).to_numpy() for name in names]


def difference(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, int]:
    """The largest relative difference over the rows that we score, and how many we do not score."""
    scored = ~np.isnan(ours)
    a, b = ours[scored], theirs[scored]
    apart, size = np.abs(a - b), np.maximum(np.abs(a), np.abs(b))
    relative = np.divide(apart, size, out=np.zeros_like(apart), where=size > 0)
    return float(relative.max(initial=0.0)), int((~scored).sum())
