"""A forest of isolation trees as flat arrays, and how it is grown."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
"""The constants of SplitMix64."""

EULER = 0.5772156649015329
"""Euler's constant."""

LEAF = -1
"""The feature of a leaf."""


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Isolation trees as arrays with one entry a node, tree after tree, each tree in preorder.

    The left child of node i is node i + 1. A forest whose sample is constant in every feature has no trees.

    Attributes:
        feature: int32, the feature a node splits on, ``LEAF`` for a leaf.
        threshold: float64, values up to it go to the left; 0 for a leaf.
        right: int32, the right child, counted from the root of its tree; 0 for a leaf.
        expected: float64, the mean path of the tree's own rows in the node. At a leaf it is the path of the
            leaf: its depth plus ``c`` of its size.
        roots: int64, the root of each tree, then the number of nodes; shape (trees + 1,).
        low: float64, the smallest value of each feature in the sample.
        high: float64, the largest.
        psi: rows of a tree.
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    right: NDArray[np.int32]
    expected: NDArray[np.float64]
    roots: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    psi: int

    @property
    def normal(self) -> float:
        """c(psi), the mean path that scores are measured in; 0 for a sample of one row."""
        return average_path(self.psi)

    @property
    def constant(self) -> bool:
        """Whether no feature varies in the sample."""
        return bool((self.low == self.high).all())


def average_path(size: int) -> float:
    """The mean depth c(size) of a leaf in a random binary search tree of so many rows.

    c(n) = 2 (ln(n - 1) + 0.5772156649015329) - 2 (n - 1)/n, c(2) = 1 and c(n) = 0 below.

    Example:
        >>> round(average_path(256), 3)
        10.245
    """
    if size <= 2:
        return float(max(size - 1, 0))
    return 2.0 * (math.log(size - 1) + EULER) - 2.0 * (size - 1) / size


def grow(
    sample: NDArray[np.float64], *, n_estimators: int = 100, max_samples: int = 256, random_state: int = 0
) -> Forest:
    """Grows isolation trees on random subsets of a sample.

    Tree t takes psi = min(max_samples, rows) rows by a partial Fisher-Yates shuffle and splits them until a
    node has one row, no feature that varies, or depth ceil(log2 psi). A split takes a varying feature, all
    alike, and a threshold uniform between its extremes. Random numbers are SplitMix64's, each tree with its
    own stream, so the same sample in the same order gives the same forest everywhere.

    Liu, Ting and Zhou 2008, doi:10.1109/ICDM.2008.17; Steele, Lea and Flood 2014,
    doi:10.1145/2660193.2660195.

    Args:
        sample: finite values of magnitude up to 1e150, shape (rows, features), at least one row and feature.
        n_estimators: trees.
        max_samples: rows of a tree, at most.
        random_state: the seed, 0 or more.

    Raises:
        ValueError: the sample has no row or no feature.

    Example:
        >>> forest = grow(np.array([[1.0], [2.0], [4.0]]), n_estimators=10)
        >>> forest.psi, len(forest.roots) - 1, forest.constant
        (3, 10, False)
    """
    # Adding 0 turns -0.0 into 0.0, so that no bit depends on which of two equal zeros came first.
    columns = np.ascontiguousarray(sample.T, dtype=np.float64) + 0.0
    if not columns.size:
        raise ValueError("a forest needs a sample of at least one row and one feature")
    low, high = columns.min(axis=1), columns.max(axis=1)
    psi = min(max_samples, columns.shape[1])
    trees = n_estimators if (low < high).any() else 0
    room = trees * (2 * psi - 1)
    feature, right = np.empty(room, np.int32), np.empty(room, np.int32)
    threshold, expected = np.empty(room), np.empty(room)
    roots = np.empty(trees + 1, np.int64)
    average = _average_paths(max_samples)
    _grower()(columns, psi, np.uint64(random_state), average, feature, threshold, right, expected, roots)
    used = roots[-1]
    return Forest(
        feature=feature[:used].copy(),
        threshold=threshold[:used].copy(),
        right=right[:used].copy(),
        expected=expected[:used].copy(),
        roots=roots,
        low=low,
        high=high,
        psi=psi,
    )


@lru_cache(maxsize=16)
def _average_paths(largest: int) -> NDArray[np.float64]:
    """c(0) to c(largest)."""
    return np.array([average_path(size) for size in range(largest + 1)])


@cache
def _grower() -> Callable[..., None]:
    """The kernel that grows trees, compiled at its first use."""
    import numba

    jit = numba.njit(nogil=True, error_model="numpy")

    @jit
    def mix(z: np.uint64) -> np.uint64:
        z = (z ^ (z >> np.uint64(30))) * FIRST
        z = (z ^ (z >> np.uint64(27))) * SECOND
        return z ^ (z >> np.uint64(31))

    @jit
    def uniform(stream: NDArray[np.uint64]) -> float:
        stream[0] += GOLDEN
        return (mix(stream[0]) >> np.uint64(11)) * 2.0**-53

    @jit
    def kernel(
        columns: NDArray[np.float64],
        psi: int,
        seed: np.uint64,
        average: NDArray[np.float64],
        feature: NDArray[np.int32],
        threshold: NDArray[np.float64],
        right: NDArray[np.int32],
        expected: NDArray[np.float64],
        roots: NDArray[np.int64],
    ) -> None:
        """Fills the last five; ``average`` is c(0), c(1) and so on."""
        features, m = columns.shape
        limit = 0
        while 1 << limit < psi:
            limit += 1
        positions = np.arange(m)  # shuffled for a tree, then put back
        swaps = np.empty(psi, np.int64)
        values = np.empty((features, psi))  # the tree's rows
        rows = np.empty(psi, np.int64)  # of values; a node is a part of it
        size = np.empty(2 * psi, np.int64)  # of each node of the tree
        total = np.empty(2 * psi)  # sum of its rows' paths
        stack = np.empty((2 * psi, 4), np.int64)  # first row, end, depth, parent if a right child
        candidates = np.empty(features, np.int64)
        lows, highs = np.empty(features), np.empty(features)
        stream = np.empty(1, np.uint64)
        roots[0] = 0
        for tree in range(roots.size - 1):
            root = roots[tree]
            stream[0] = mix(seed * GOLDEN + np.uint64(tree + 1))
            for i in range(psi):
                j = i + np.int64(uniform(stream) * (m - i))
                positions[i], positions[j] = positions[j], positions[i]
                swaps[i] = j
            for i in range(psi):
                rows[i] = i
                for f in range(features):
                    values[f, i] = columns[f, positions[i]]
            for i in range(psi - 1, -1, -1):
                j = swaps[i]
                positions[i], positions[j] = positions[j], positions[i]
            node, top = 0, 1
            stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, psi, 0, -1
            while top > 0:
                top -= 1
                first, end, depth, parent = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
                at = root + node
                if parent >= 0:
                    right[root + parent] = node
                size[node] = end - first
                feature[at], threshold[at], right[at] = LEAF, 0.0, 0
                expected[at] = depth + average[end - first]
                total[node] = (end - first) * expected[at]
                many = 0
                if depth < limit and end - first > 1:
                    for f in range(features):
                        low = high = values[f, rows[first]]
                        for i in range(first + 1, end):
                            x = values[f, rows[i]]
                            low = min(low, x)
                            high = max(high, x)
                        if low < high:
                            candidates[many], lows[many], highs[many] = f, low, high
                            many += 1
                if many > 0:
                    chosen = np.int64(uniform(stream) * many)
                    low, high = lows[chosen], highs[chosen]
                    cut = low + (high - low) * uniform(stream)
                    if cut >= high:
                        cut = low
                    feature[at], threshold[at] = candidates[chosen], cut
                    middle = first
                    for i in range(first, end):
                        row = rows[i]
                        if values[candidates[chosen], row] <= cut:
                            rows[i], rows[middle] = rows[middle], row
                            middle += 1
                    stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = middle, end, depth + 1, node
                    top += 1
                    stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = first, middle, depth + 1, -1
                    top += 1
                node += 1
            for i in range(node - 1, -1, -1):
                if feature[root + i] != LEAF:
                    total[i] = total[i + 1] + total[right[root + i]]
                    expected[root + i] = total[i] / size[i]
            roots[tree + 1] = root + node

    return kernel
