"""Isolation forests: scikit-learn's IsolationForest and PyOD's IForest, tree by tree in the order of their nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from sqlnomaly.fitted.histograms import before
from sqlnomaly.fitted.reading import Array, Reading, unsupported
from sqlnomaly.udfs.fitted_forest import FittedForest
from sqlnomaly.udfs.fitted_front import Front
from sqlnomaly.udfs.forest import LEAF, average_path
from sqlnomaly.udfs.forest_model import NODE


def isolation_forest(estimator: Any, front: Front) -> Reading:
    """The score of the paper, minus ``score_samples``; the boundary is -offset_."""
    return _forest(estimator, 0.0, lambda rows: -estimator.score_samples(rows), -float(estimator.offset_), front)


def iforest(estimator: Any, front: Front) -> Reading:
    """The score of the paper plus offset_ in PyOD's words."""
    inner = estimator.detector_
    return _forest(inner, float(inner.offset_), estimator.decision_function, float(estimator.threshold_), front)


def _forest(forest: Any, shift: float, score: Any, threshold: float, front: Front) -> Reading:
    psi, width = int(forest.max_samples_), int(forest.n_features_in_)
    trees = list(zip(forest.estimators_, forest.estimators_features_, strict=True))
    found = [_tree(tree.tree_, np.asarray(features), forest) for tree, features in trees]
    deepest = (max(psi, 2) - 1).bit_length()
    if max(depth for _, depth in found) > deepest:
        raise unsupported(forest, f"has a tree deeper than {deepest}", "fit it again")
    columns = [np.concatenate(part) for part in zip(*(nodes for nodes, _ in found), strict=True)]
    feature, value = columns[0].astype(np.int64), columns[1]
    for number in range(width):
        own = feature == number
        steps = Front() if front.rotates else front
        value[own] = before(steps, number, value[own], cast=_single)
    sizes = [len(nodes[0]) for nodes, _ in found]
    arrays = [np.repeat(np.arange(len(found)), sizes), feature, value, columns[2].astype(np.int64)]
    total = len(found) * average_path(psi)
    return Reading(
        FittedForest,
        {"form": np.array([float(psi), total, shift, float(width)])},
        threshold,
        _rows([nodes for nodes, _ in found], width),
        score,
        nodes=pa.table([pa.array(one) for one in arrays], names=NODE),
        folded=not front.rotates,
    )


def _single(values: Array) -> Any:
    """The values as scikit-learn's trees see them."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32).astype(np.float64)


def _tree(tree: Any, features: Any, forest: Any) -> tuple[tuple[Array, Array, Array], int]:
    """Feature, value and right child of each node in preorder, and the depth."""
    left, right = tree.children_left, tree.children_right
    found: list[tuple[int, float, int]] = []
    deepest = 0
    # Each with its depth, and the place of the node that it is the right child of.
    waiting: list[tuple[int, int, int]] = [(0, 0, -1)]
    while waiting:
        node, depth, parent = waiting.pop()
        place = len(found)
        if parent >= 0:
            found[parent] = (*found[parent][:2], place)
        if left[node] < 0:
            found.append((LEAF, depth + average_path(int(tree.n_node_samples[node])), 0))
            deepest = max(deepest, depth)
            continue
        if tree.n_features > len(features):
            raise unsupported(forest, "has trees over features that it does not name", "fit it again")
        found.append((int(features[tree.feature[node]]), float(tree.threshold[node]), 0))
        waiting += [(int(right[node]), depth + 1, place), (int(left[node]), depth + 1, -1)]
    columns = np.array(found, np.float64).T
    return (columns[0], columns[1], columns[2]), deepest


def _rows(trees: list[tuple[Array, Array, Array]], width: int) -> Array:
    """Rows between and beyond the thresholds, rounded to 32 bits."""
    random = np.random.default_rng(7)
    rows = np.zeros((48, width))
    for number in range(width):
        own = np.concatenate([value[feature == number] for feature, value, _ in trees])
        if own.size:
            low, high = float(own.min()), float(own.max())
            reach = max(high - low, abs(high) * 1e-3)
            rows[:, number] = _single(random.uniform(low - 0.3 * reach, high + 0.3 * reach, len(rows)))
    return rows
