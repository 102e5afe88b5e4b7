"""A mixture of normal distributions, fitted by expectation and maximization from the groups of k-means."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.clusters import cluster

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

STARTS = 4
"""Runs of k-means, of which the best is the start."""
NOBODY = 10.0 * float(np.finfo(np.float64).eps)
"""Added to the rows of a component, so that one without rows has a mean."""
ROUNDING = 1e-10
"""The least that is added to a variance, as a share of it: less is lost in the rounding of a covariance."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Components.

    Attributes:
        whiten: of each an upper triangle R, or of a diagonal covariance its diagonal as one: R'R is the precision.
        means: shape (components, features).
        level: the logarithm of weight and density at the mean.
    """

    whiten: NDArray[np.float64]
    means: Matrix
    level: Vector


def mixture(
    rows: Matrix, count: int, *, diagonal: bool, reg_covar: float, max_iter: int, tol: float, random_state: int
) -> Mixture:
    """Fits a mixture: Dempster, Laird and Rubin (1977), doi:10.1111/j.2517-6161.1977.tb01600.x.

    Args:
        rows: shape (rows, features).
        count: components; fewer where the rows have fewer distinct values.
        diagonal: whether the features are independent within a component.
        reg_covar: added to every variance; ``ROUNDING`` of it where that is more.
        max_iter: rounds, at most.
        tol: ends them, once the mean logarithm of the density grows by less.
        random_state: the seed of the start.
    """
    start = cluster(rows, count, n_init=STARTS, random_state=random_state)
    shares = np.zeros((len(rows), len(start.centres)))
    shares[np.arange(len(rows)), start.which] = 1.0
    found = _maximize(rows, shares, diagonal, reg_covar)
    before = -math.inf
    for _ in range(max_iter):
        levels = log_densities(rows, found)
        top = levels.max(axis=1, keepdims=True)
        whole = top + np.log(np.exp(levels - top).sum(axis=1, keepdims=True))
        now = float(whole.mean())
        found = _maximize(rows, np.exp(levels - whole), diagonal, reg_covar)
        if abs(now - before) < tol:
            break
        before = now
    return found


def log_densities(rows: Matrix, model: Mixture) -> Matrix:
    """The logarithm of weight and density of each component at each row."""
    found = np.empty((len(rows), len(model.level)))
    for number, (whiten, mean, level) in enumerate(zip(model.whiten, model.means, model.level, strict=True)):
        found[:, number] = level - 0.5 * np.square((rows - mean) @ whiten.T).sum(axis=1)
    return found


def _maximize(rows: Matrix, shares: Matrix, diagonal: bool, reg_covar: float) -> Mixture:
    """The components that fit the shares of the rows best."""
    features = rows.shape[1]
    sizes = shares.sum(axis=0) + NOBODY
    means = shares.T @ rows / sizes[:, np.newaxis]
    whiten = np.empty((len(sizes), features, features))
    level = np.empty(len(sizes))
    for number, size in enumerate(sizes):
        off = rows - means[number]
        weighted = shares[:, number, np.newaxis] * off
        covariance = np.diag((weighted * off).sum(axis=0) / size) if diagonal else weighted.T @ off / size
        covariance = covariance + np.diag(np.maximum(reg_covar, ROUNDING * np.diag(covariance)))
        triangle = np.linalg.qr(np.linalg.inv(np.linalg.cholesky(covariance)), mode="r")
        whiten[number] = triangle
        spread = float(np.log(np.abs(np.diag(triangle))).sum())
        level[number] = math.log(size / len(rows)) + spread - 0.5 * features * math.log(2.0 * math.pi)
    return Mixture(whiten, means, level)
