"""pca: the squared distance from the mean along principal components, in units of their variances.

    z_j = (x_j - mean_j) / sd_j (standardization) or x_j - mean_j      C = their covariance over n - 1 = V L V'
    score = sum_i (v_i . z)^2 / l_i, without l_i if not weighted       P = sum_i v_i v_i' / l_i
    term_j = z_j (P z)_j            expected_j = x_j - unit_j (P z)_j / P_jj
    form 'reconstruction': score = sum_i (v_i . z)^2 / d over the components that are not kept, also those left out; sd
    divides by n - 1; d features, constant ones too
    form 'pyod': score = sum_i |z - v_i| / r_i, r_i = l_i / sum of all l, 1 if not weighted; the largest entry of v_i is
    positive; term_j = sum_i (z_j - v_ij)^2 / |z - v_i| / r_i; nothing is expected

Fitted are the rows that have every feature; sd divides by n. A feature with one value, or with a variance of at most
1e-300, is constant and counts for nothing; if all are, a row equal to the baseline scores 0, another has no score.
Components with at most 1e-8 of the largest variance are left out; of the others the n_components largest are kept, no
more than the fewest that explain explained_variance of the sum of all l, and of these the n_selected_components
smallest scored (0 is all). Source: M.-L. Shyu, S.-C. Chen, K. Sarinnapakorn, L. Chang, A Novel Anomaly Detection Scheme
Based on Principal Component Classifier (2003); PyOD 3.6 for its form.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Row = Sequence[float]
Array = np.ndarray[Any, np.dtype[np.float64]]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
SIGNED = False
JOINT = True
AFFINE = True
TOLERANCE = 1e-6
PARAMETERS: Mapping[str, Any] = {
    "n_components": 2, "n_selected_components": 1, "weighted": False, "standardization": False, "form": "pyod",
    "explained_variance": 0.8,
}  # fmt: skip
SHOWS: Mapping[str, Mapping[str, Any]] = {"standardization": {"n_selected_components": 1}}
LEAN: Mapping[str, Any] = {}

# Five rows by hand: the mean is 4, the sum of squares 9 + 4 + 1 + 0 + 36 = 50. z^2 is d^2 / 10, and its variance over
# n - 1 is 5 / 4: the score is d^2 4 / 50.
HAND_ROWS = (1.0, 2.0, 3.0, 4.0, 10.0)
HAND_SCORES = (0.72, 0.32, 0.08, 0.0, 2.88)


@dataclass(frozen=True, slots=True)
class Fit:
    """The mean is pivot + shift; the components are rows over the features that vary, with what divides each."""

    pivot: Row
    shift: Row
    unit: Row
    constant: tuple[bool, ...]
    components: Array
    sizes: Array
    form: str


def default_min_rows(features: int) -> int:
    """Two more rows than features."""
    return features + 2


def fit(
    rows: Sequence[Row],
    *,
    n_components: int = 0,
    n_selected_components: int = 0,
    weighted: bool = True,
    standardization: bool = True,
    form: str = "projection",
    explained_variance: float = 0.0,
) -> Fit:
    """Fit on at least one complete row."""
    columns = list(zip(*rows, strict=True))
    pivot = [min(column) for column in columns]
    shift = [math.fsum(x - low for x in column) / len(rows) for column, low in zip(columns, pivot, strict=True)]
    off = np.array([[(x - a) - b for x, a, b in zip(row, pivot, shift, strict=True)] for row in rows])
    variance = [math.fsum(each * each for each in column) / len(rows) for column in off.T]
    constant = tuple(min(c) == max(c) or v <= 1e-300 for c, v in zip(columns, variance, strict=True))
    unit = [math.sqrt(v) if standardization else 1.0 for v in variance]
    kept = [j for j, flat in enumerate(constant) if not flat]
    if not kept:
        return Fit(pivot, shift, unit, constant, np.empty((0, 0)), np.empty(0), form)
    z = off[:, kept] / np.array([unit[j] for j in kept])
    sizes, vectors = np.linalg.eigh(z.T @ z / (len(rows) - 1))
    pairs = sorted(zip(sizes.tolist(), vectors.T.tolist(), strict=True), reverse=True)
    whole = math.fsum(sizes)
    most = n_components or len(pairs)
    if explained_variance:
        sums = [math.fsum(size for size, _ in pairs[: k + 1]) / whole for k in range(len(pairs))]
        most = min(most, next(k + 1 for k, share in enumerate(sums) if share >= explained_variance - 1e-8))
    if form == "reconstruction":
        longer = len(rows) / (len(rows) - 1) if standardization else 1.0
        components = np.array([vector for _, vector in pairs[most:]]).reshape(-1, len(kept))
        return Fit(pivot, shift, unit, constant, components, np.full(len(components), len(columns) * longer), form)
    pairs = [pair for pair in pairs if pair[0] > 1e-8 * pairs[0][0]]
    pairs = pairs[:most]
    pairs = pairs[-n_selected_components:]
    divisors = [size / (whole if form == "pyod" else 1.0) if weighted else 1.0 for size, _ in pairs]
    components = np.array([vector for _, vector in pairs])
    if form == "pyod":
        components = np.array([one * np.sign(one[np.argmax(abs(one))]) for one in components])
    return Fit(pivot, shift, unit, constant, components, np.array(divisors), form)


def scaled(row: Row, model: Fit) -> Array:
    """z of the features that vary."""
    quads = zip(row, model.pivot, model.shift, model.unit, strict=True)
    every = [((x - low) - mean, unit) for x, low, mean, unit in quads]
    pairs = zip(every, model.constant, strict=True)
    return np.array([off / unit for (off, unit), flat in pairs if not flat], dtype=np.float64)


def shares(row: Row, model: Fit) -> Array:
    """The terms of the features that vary."""
    z = scaled(row, model)
    if model.form != "pyod":
        found: Array = z * ((model.components @ z / model.sizes) @ model.components)
        return found
    steps = (z - model.components) ** 2
    distances = np.sqrt(steps.sum(axis=1))
    parts: Array = (steps / np.where(distances > 0, distances * model.sizes, 1.0)[:, np.newaxis]).sum(axis=0)
    return parts


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    if all(model.constant):
        return [0.0 if x == own else None for x, own in zip(row, model.pivot, strict=True)]
    found = iter(shares(row, model))
    return [0.0 if flat else float(next(found)) for flat in model.constant]


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    if all(model.constant):
        return 0.0
    z = scaled(row, model)
    if model.form != "pyod":
        return math.fsum((model.components @ z) ** 2 / model.sizes)
    return math.fsum(np.sqrt(((z - model.components) ** 2).sum(axis=1)) / model.sizes)


def expected(row: Sequence[float | None], model: Fit) -> list[float | None]:
    """What each feature would be, given the others; of a constant one its value."""
    if model.form == "pyod":
        return [None] * len(row)
    found: list[float | None] = [low if flat else None for low, flat in zip(model.pivot, model.constant, strict=True)]
    known = [x for x in row if x is not None]
    if len(known) < len(row):
        return found
    z = scaled(known, model)
    measure = (model.components / model.sizes[:, np.newaxis]).T @ model.components if len(z) else np.empty((0, 0))
    kept = [j for j, flat in enumerate(model.constant) if not flat]
    for a, j in enumerate(kept):
        if measure[a, a] > 0.0:
            found[j] = known[j] - model.unit[j] * float(measure[a] @ z) / float(measure[a, a])
        else:
            found[j] = model.pivot[j] + model.shift[j]
    return found
