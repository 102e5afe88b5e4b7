"""gmm: minus the logarithm of the density of a mixture of normal distributions, on a sample in units (see sample).

    score = -ln sum_k w_k N(z; m_k, S_k)        term_j = (z_j - m_j) (S^-1 (z - m))_j / 2 for the likeliest component
    expected_j = the mean of the likeliest component, in the feature's unit

Expectation and maximization start from the groups of kmeans (n_init = 4, see there). The shares of a component count 10
machine epsilons of a row more; to every variance reg_covar is added, or 1e-10 of it if that is more. A round computes
the mean logarithm of the density and the shares, then the components; it is the last where that mean grew by less than
tol, or by max_iter. Source: A. Dempster, N. Laird, D. Rubin (1977), doi:10.1111/j.2517-6161.1977.tb01600.x.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logsumexp

from tests.reference.kmeans import grouped, unscaled
from tests.reference.sample import Array, Sample, in_units, sample_of, unvaried

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
AFFINE = True
TOLERANCE = 1e-6
PARAMETERS: Mapping[str, Any] = {
    "n_components": 2, "covariance_type": "diag", "reg_covar": 0.01, "max_iter": 3, "tol": 0.01, "scaling": "robust",
    "max_samples": 30, "random_state": 3,
}  # fmt: skip
SHOWS: Mapping[str, Mapping[str, Any]] = {
    "max_iter": {"n_components": 2}, "tol": {"n_components": 2}, "random_state": {"max_samples": 30},
}  # fmt: skip
LEAN: Mapping[str, Any] = {}
OWN_RIDGE = 1e-10

# Five rows by hand, one component: the mean is 4, the variance (9 + 4 + 1 + 0 + 36) / 5 + 1 = 11. The count that is
# added, 10 machine epsilons, is beyond the digits that are compared.
HAND_ROWS = (1.0, 2.0, 3.0, 4.0, 10.0)
HAND_OPTIONS: Mapping[str, Any] = {"scaling": "none", "reg_covar": 1.0}
HAND_SCORES = tuple(0.5 * math.log(2 * math.pi * 11) + d / 22 for d in (9.0, 4.0, 1.0, 0.0, 36.0))


def default_min_rows(features: int) -> int:
    """Two more rows than features."""
    return features + 2


@dataclass(frozen=True, slots=True)
class Component:
    """Weight, mean and covariance."""

    weight: float
    mean: Array
    covariance: Array

    def log_density(self, z: Array) -> float:
        """The logarithm of weight and density."""
        away = z - self.mean
        distance = float(away @ np.linalg.solve(self.covariance, away))
        spread = float(np.linalg.slogdet(self.covariance)[1])
        return math.log(self.weight) - 0.5 * (distance + spread + len(z) * math.log(2 * math.pi))


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample and the mixture."""

    sample: Sample
    components: list[Component]

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    n_components: int = 1,
    covariance_type: str = "full",
    reg_covar: float = 1e-6,
    max_iter: int = 100,
    tol: float = 1e-3,
    scaling: str = "standard",
    max_samples: int = 10_000,
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    if all(sample.constant):
        return Fit(sample, [])
    points = sample.reference
    centres, groups = grouped(points, n_components, 4, random_state)
    shares = np.array([[float(own == k) for own in groups] for k in range(len(centres))])
    components = best(points, shares, covariance_type, reg_covar)
    before = -math.inf
    for _ in range(max_iter):
        logs = np.array([[one.log_density(z) for z in points] for one in components])
        whole = logsumexp(logs, axis=0)
        components = best(points, np.exp(logs - whole), covariance_type, reg_covar)
        now = math.fsum(whole) / len(points)
        if abs(now - before) < tol:
            break
        before = now
    return Fit(sample, components)


def best(points: Array, shares: Array, covariance_type: str, reg_covar: float) -> list[Component]:
    """The components that fit the shares best."""
    found = []
    for own in shares:
        count = math.fsum(own) + 10 * float(np.finfo(float).eps)
        mean = (own[:, np.newaxis] * points).sum(axis=0) / count
        away = points - mean
        covariance = (own[:, np.newaxis] * away).T @ away / count
        if covariance_type == "diag":
            covariance = np.diag(np.diag(covariance))
        added = [max(reg_covar, OWN_RIDGE * float(variance)) for variance in covariance.diagonal()]
        found.append(Component(count / len(points), mean, covariance + np.diag(added)))
    return found


def likeliest(z: Array, model: Fit) -> Component:
    """The component of the largest density at a place, the first of equal ones."""
    return max(model.components, key=lambda one: one.log_density(z))


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    if not model.components:
        return unvaried(row, model.sample)
    z = in_units(row, model.sample)
    own = likeliest(z, model)
    away = z - own.mean
    shares = iter(0.5 * away * np.linalg.solve(own.covariance, away))
    return [0.0 if flat else float(next(shares)) for flat in model.constant]


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    z = in_units(row, model.sample)
    return -float(logsumexp([one.log_density(z) for one in model.components])) if model.components else 0.0


def expected(row: Sequence[float | None], model: Fit) -> list[float | None]:
    """The mean of the likeliest component; None where the row misses a feature."""
    known = [x for x in row if x is not None]
    if len(known) < len(row):
        return [None] * len(row)
    if not model.components:
        return list(model.sample.only)
    return unscaled(likeliest(in_units(known, model.sample), model).mean, model.sample)
