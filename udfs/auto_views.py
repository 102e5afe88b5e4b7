"""The views that auto takes of rows, each a score with its own distribution, and the rule that chooses among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs import normal_scores
from sqlnomaly.udfs.neighbor_kernels import neighbors
from sqlnomaly.udfs.tree_kernels import average_path, grow_slanted, walk_slanted

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Numbers = Mapping[str, NDArray[np.float64]]

VIEWS = ("forest", "tails", "near", "copula")
RULES: Mapping[str, tuple[str, ...]] = {
    "one feature": ("tails",),
    "fewer than two rows a feature": ("forest", "tails", "near"),
    "most features are discrete": VIEWS,
    "general": VIEWS,
}
"""Rule -> the views that it takes the mean of; the last one that of the two largest of three, see ``score``."""
DISCRETE = 20
"""A feature of at most so many distinct values is discrete."""
TREES, TREE_ROWS = 100, 256
NEAR_ROWS, COPULA_ROWS, SUPPORT = 1_000, 2_000, 0.75


def rule(rows: Matrix) -> str:
    """The first rule that applies to rows whose features vary."""
    count, features = rows.shape
    if features == 1:
        return "one feature"
    if count < 2 * features:
        return "fewer than two rows a feature"
    discrete = np.mean([len(np.unique(column)) <= DISCRETE for column in rows.T])
    return "most features are discrete" if discrete > 0.5 else "general"


def learn(rows: Matrix, seed: int) -> dict[str, NDArray[np.float64]]:
    """What the views keep of the sample, and the scores of each on it in ascending order."""
    chosen = rule(rows)
    numbers: dict[str, NDArray[np.float64]] = {"rule": np.array([float(list(RULES).index(chosen))])}
    makers: dict[str, Callable[[Matrix], dict[str, NDArray[np.float64]]]] = {
        "forest": partial(_forest, seed=seed),
        "tails": _tails,
        "near": _near,
        "copula": _copula,
    }
    for view in RULES[chosen]:
        numbers |= makers[view](rows)
    for view in RULES[chosen]:
        numbers[f"{view}_scores"] = np.sort(_score(view, numbers, rows))
    return numbers


def score(numbers: Numbers, rows: Matrix) -> Vector:
    """The rule's combination of the views' tails."""
    chosen = list(RULES)[int(numbers["rule"][0])]
    parts = {view: _rarity(numbers[f"{view}_scores"], _score(view, numbers, rows)) for view in RULES[chosen]}
    if chosen != "general":
        mean: Vector = np.mean(list(parts.values()), axis=0)
        return mean
    views = np.stack([(parts["forest"] + parts["tails"]) / 2.0, parts["near"], parts["copula"]])
    found: Vector = np.sort(views, axis=0)[-2:].mean(axis=0)
    return found


def _rarity(fitted: Vector, found: Vector) -> Vector:
    """-ln of the share of the sample that scores as high or higher."""
    above = len(fitted) - np.searchsorted(fitted, found, side="left")
    rarity: Vector = np.log(len(fitted)) - np.log(np.maximum(above, 1))
    return rarity


def _score(view: str, numbers: Numbers, rows: Matrix) -> Vector:
    """A view's score in its first 32 bits, so that scores that are equal but for rounding are equal."""
    made = {"forest": _paths, "tails": _depths, "near": _distances, "copula": normal_scores.distances}
    plain = made[view](numbers, rows)
    large = plain * (2.0**21 + 1.0)
    found: Vector = large - (large - plain)
    return found


def _forest(rows: Matrix, *, seed: int) -> dict[str, NDArray[np.float64]]:
    psi = min(TREE_ROWS, len(rows))
    grown = grow_slanted(np.ascontiguousarray(rows), TREES, psi, np.uint64(seed), 0)
    names = ("slope", "offset", "right", "path", "roots")
    found = {name: array.astype(np.float64) for name, array in zip(names, grown, strict=True)}
    return {**found, "psi": np.array([float(psi)])}


def _paths(numbers: Numbers, rows: Matrix) -> Vector:
    right, roots = numbers["right"].astype(np.int64), numbers["roots"].astype(np.int64)
    slope = np.ascontiguousarray(numbers["slope"])
    mean = walk_slanted(np.ascontiguousarray(rows), slope, numbers["offset"], right, numbers["path"], roots)
    found: Vector = np.exp2(-mean / average_path(int(numbers["psi"][0])))
    return found


def _tails(rows: Matrix) -> dict[str, NDArray[np.float64]]:
    off = rows - rows.mean(axis=0)
    skew, bulk = (off**3).mean(axis=0), (np.abs(off) ** 3).mean(axis=0)
    return {"sorted": np.sort(rows, axis=0), "side": np.where(np.abs(skew) <= 1e-9 * bulk, 0.0, np.sign(skew))}


def _depths(numbers: Numbers, rows: Matrix) -> Vector:
    """What ecod says."""
    total = np.zeros(len(rows))
    for column, fitted, side in zip(rows.T, numbers["sorted"].T, numbers["side"], strict=True):
        n = len(fitted)
        left = np.log(n) - np.log(np.maximum(np.searchsorted(fitted, column, side="right"), 1))
        right = np.log(n) - np.log(np.maximum(n - np.searchsorted(fitted, column, side="left"), 1))
        total += np.maximum(left, right) if side else left + right
    return total


def _near(rows: Matrix) -> dict[str, NDArray[np.float64]]:
    reference = rows[:NEAR_ROWS]
    quartiles = np.quantile(reference, [0.25, 0.75], axis=0)
    unit = (quartiles[1] - quartiles[0]) / 1.349
    deviation = reference.std(axis=0)
    unit = np.where(unit > 1e-9 * deviation, unit, deviation)
    middle = np.median(reference, axis=0)
    scaled = (reference - middle) / np.where(unit > 0.0, unit, np.inf)
    return {"reference": scaled, "near_middle": middle, "near_unit": unit}


def _distances(numbers: Numbers, rows: Matrix) -> Vector:
    """What knn says."""
    reference = np.ascontiguousarray(numbers["reference"])
    unit = np.where(numbers["near_unit"] > 0.0, numbers["near_unit"], np.inf)
    count = min(20, max(5, len(reference) // 20))
    found, _ = neighbors(np.ascontiguousarray((rows - numbers["near_middle"]) / unit), reference, count)
    mean: Vector = found.mean(axis=1)
    return mean


def _copula(rows: Matrix) -> dict[str, NDArray[np.float64]]:
    part = rows[:COPULA_ROWS]
    return normal_scores.learn(part, SUPPORT)
