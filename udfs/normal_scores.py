"""Robust distances of normal scores: each feature through its own distribution to the normal one, then all together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import ndtri

from sqlnomaly.udfs.robust_covariance import robust_covariance

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

ARRAYS = ("knot_feature", "knot_value", "knot_normal", "location", "root")
"""What is kept: the knots of every feature, the centre of the normal scores, and a root of their covariance."""


def learn(rows: Matrix, support_fraction: float) -> dict[str, NDArray[np.float64]]:
    """The knots, and the robust moments of the normal scores.

    Args:
        rows: shape (rows, features); every feature varies.
        support_fraction: the share of the rows that the covariance is fitted to.
    """
    features, values, normals = [], [], []
    for number, column in enumerate(rows.T):
        value, count = np.unique(column, return_counts=True)
        share = (np.cumsum(count) - count / 2.0) / len(rows)
        features.append(np.full(len(value), float(number)))
        values.append(value)
        normals.append(ndtri(share))
    kept = dict(zip(ARRAYS, map(np.concatenate, (features, values, normals)), strict=False))
    location, covariance = robust_covariance(normal_scores(kept, rows), support_fraction)
    return {**kept, "location": location, "root": np.linalg.cholesky(covariance)}


def normal_scores(numbers: Mapping[str, NDArray[np.float64]], rows: Matrix) -> Matrix:
    """Each feature's normal score: linear between the fitted values, that of the last one beyond."""
    found = np.empty(rows.shape)
    for number in range(rows.shape[1]):
        own = numbers["knot_feature"] == number
        found[:, number] = np.interp(rows[:, number], numbers["knot_value"][own], numbers["knot_normal"][own])
    return found


def distances(numbers: Mapping[str, NDArray[np.float64]], rows: Matrix) -> Vector:
    """The squared distance of each row's normal scores from their centre."""
    off = normal_scores(numbers, rows) - numbers["location"]
    found: Vector = np.square(solve_triangular(numbers["root"], off.T, lower=True)).sum(axis=0)
    return found
