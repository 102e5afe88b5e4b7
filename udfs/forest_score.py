"""Rows scored by forests: anomaly scores and what each feature contributed, one forest a group."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.forest import LEAF, Forest
from sqlnomaly.udfs.forest_masks import Masks, masks_of
from sqlnomaly.udfs.forest_paths import adder

BLOCK = 64
"""Rows that go down a tree side by side."""

LARGEST = 1e150
"""A larger magnitude is a missing value, and so are NaN and infinities."""

TWO = np.uint32(2)


@dataclass(frozen=True, slots=True, eq=False)
class Forests:
    """The forests of many groups, laid out for the kernels.

    Both children of a leaf are the leaf itself: a row that has reached it stays, so every row goes down for as
    many steps as the deepest leaf and no branch depends on the data.

    Attributes:
        feature: uint32, the feature that a node splits on, 0 for a leaf.
        threshold: float64, values up to it go to the left.
        child: uint32, the left and the right child of each node, shape (2 * nodes,).
        expected: float64, the mean path of the sample in the node; of a leaf, its path.
        roots: uint32, the root of each tree.
        trees: int64, the first tree of each group, then the number of trees; shape (groups + 1,). A constant
            group has no trees.
        depth: int64, the deepest a leaf of the group can be.
        normal: float64, c(psi) of each group.
        low: float64, the smallest values of each group's sample, shape (groups, features).
        masks: the trees again, where there is one forest and its scores are faster that way.
    """

    feature: NDArray[np.uint32]
    threshold: NDArray[np.float64]
    child: NDArray[np.uint32]
    expected: NDArray[np.float64]
    roots: NDArray[np.uint32]
    trees: NDArray[np.int64]
    depth: NDArray[np.int64]
    normal: NDArray[np.float64]
    low: NDArray[np.float64]
    masks: tuple[Masks, ...]


def pack(forests: Sequence[Forest]) -> Forests:
    """Lays out forests for ``score`` and ``contributions``; group g is the g-th forest.

    Raises:
        ValueError: there is no forest, or they differ in the number of features.
    """
    if len({len(forest.low) for forest in forests}) != 1:
        raise ValueError("forests are packed over the same features, and there must be at least one")
    _kernels(), adder()  # before any thread asks for them, so that each is compiled once
    nodes = np.cumsum([0, *(len(forest.feature) for forest in forests)])
    trees = np.cumsum([0, *(len(forest.roots) - 1 for forest in forests)], dtype=np.int64)
    feature = np.zeros(nodes[-1], np.uint32)
    child = np.empty((nodes[-1], 2), np.uint32)
    roots = np.empty(trees[-1], np.uint32)
    for g, forest in enumerate(forests):
        mine = slice(nodes[g], nodes[g + 1])
        own = np.arange(nodes[g], nodes[g + 1])
        inner = forest.feature != LEAF
        feature[mine] = np.where(inner, forest.feature, 0)
        child[mine, 0] = own + inner
        root = np.repeat(nodes[g] + forest.roots[:-1], np.diff(forest.roots))
        child[mine, 1] = np.where(inner, root + forest.right, own)
        roots[trees[g] : trees[g + 1]] = nodes[g] + forest.roots[:-1]
    return Forests(
        feature=feature,
        threshold=np.concatenate([forest.threshold for forest in forests]),
        child=child.ravel(),
        expected=np.concatenate([forest.expected for forest in forests]),
        roots=roots,
        trees=trees,
        depth=np.array([(forest.psi - 1).bit_length() for forest in forests], dtype=np.int64),
        normal=np.array([forest.normal for forest in forests]),
        low=np.stack([forest.low for forest in forests]),
        masks=masks_of(forests[0]) if len(forests) == 1 else (),
    )


def score(
    forests: Forests, columns: Sequence[NDArray[np.float64]], group: NDArray[np.int32] | None = None
) -> NDArray[np.float64]:
    """The anomaly score 2^(-mean path / c(psi)) of each row, shape (rows,).

    A group whose sample is constant gives 0 to a row equal to it and NaN to any other. NaN, infinities and
    magnitudes over 1e150 are missing, and a row with a missing value has no score: NaN. Paths are added in the
    order of the trees, so a score depends on nothing but its row: not on other rows, chunks or threads.

    Liu, Ting and Zhou 2008, doi:10.1109/ICDM.2008.17.

    Args:
        forests: what ``pack`` made.
        columns: one array a feature, each of shape (rows,).
        group: the forest of each row, below 0 for none: NaN. May be left out where there is one forest.

    Raises:
        ValueError: the number of columns is not the forests' number of features, or ``group`` is needed.

    Example:
        >>> from sqlnomaly.udfs.forest import grow
        >>> forests = pack([grow(np.arange(100.0).reshape(-1, 1))])
        >>> inside, outside, missing = score(forests, [np.array([50.0, 1000.0, np.nan])])
        >>> bool(inside < 0.5 < outside), bool(np.isnan(missing))
        (True, True)
    """
    x, of = _rows(forests, columns, group)
    result = np.zeros(x.shape[1])
    if not forests.masks:
        _kernels().scores(*_arrays(forests), x, of, result)
        return result
    for masks in forests.masks:
        adder()(*(getattr(masks, name) for name in masks.__slots__), x, result)
    _kernels().finish(forests.trees, forests.normal, forests.low, x, of, result)
    return result


def contributions(
    forests: Forests, columns: Sequence[NDArray[np.float64]], group: NDArray[np.int32] | None = None
) -> NDArray[np.float64]:
    """What each feature contributed to shortening the row's paths, in units of c(psi), shape (rows, features).

    Where a row goes from a node to a child, the feature of that split is given the mean path expected at the
    node less the one expected at the child (Saabas' decomposition). A row's contributions add up to
    (mean path expected at the roots - its mean path) / c(psi) and may be negative. They are NaN where the
    score is NaN and 0 for a constant group's own row.

    Args:
        forests: what ``pack`` made.
        columns: one array a feature, each of shape (rows,).
        group: the forest of each row, below 0 for none.

    Raises:
        ValueError: as ``score``.
    """
    x, of = _rows(forests, columns, group)
    result = np.zeros((x.shape[1], x.shape[0]))
    _kernels().terms(*_arrays(forests), x, of, result)
    return result


def _rows(
    forests: Forests, columns: Sequence[NDArray[np.float64]], group: NDArray[np.int32] | None
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The columns as one array of shape (features, rows), and the group of each row."""
    groups, features = forests.low.shape
    if len(columns) != features:
        raise ValueError(f"these forests take {features} features, not {len(columns)}")
    x = np.empty((features, len(columns[0])))
    for j, column in enumerate(columns):
        x[j] = column
    if group is None:
        if groups != 1:
            raise ValueError(f"there are {groups} forests: say which one each row belongs to")
        return x, np.zeros(x.shape[1], np.int32)
    of = np.array(group, dtype=np.int32)  # a copy: for a read-only array numba would compile anew
    if of.shape != x.shape[1:] or (of.size and of.max() >= groups):
        raise ValueError(f"a group is asked for each row, a number below {groups}")
    return x, of


def _arrays(forests: Forests) -> tuple[NDArray[np.generic], ...]:
    """The arrays of the forests, in the order that the kernels take them."""
    return tuple(getattr(forests, name) for name in forests.__slots__ if name != "masks")


class _Kernels(NamedTuple):
    scores: Callable[..., None]
    finish: Callable[..., None]
    terms: Callable[..., None]


@cache
def _kernels() -> _Kernels:
    """The kernels, each compiled at its first use.

    The rows of a block go down the first tree of their groups together, then the second, and so on. A row without
    a score, or whose group has no more trees, waits at the last leaf of all. Indexes are unsigned and a child is
    looked up, not chosen by a branch, so LLVM turns a step of a block into vector instructions.
    """
    import numba

    jit = numba.njit(nogil=True, error_model="numpy")

    @jit
    def usable(x: NDArray[np.float64], low: NDArray[np.float64], row: int, g: int, constant: bool) -> bool:
        """Whether the row has a score."""
        if g < 0:
            return False
        good = True
        for j in range(x.shape[0]):
            good &= x[j, row] == low[g, j] if constant else abs(x[j, row]) <= LARGEST
        return good

    @jit
    def scores(
        feature: NDArray[np.uint32],
        threshold: NDArray[np.float64],
        child: NDArray[np.uint32],
        expected: NDArray[np.float64],
        roots: NDArray[np.uint32],
        trees: NDArray[np.int64],
        depth: NDArray[np.int64],
        normal: NDArray[np.float64],
        low: NDArray[np.float64],
        x: NDArray[np.float64],
        of: NDArray[np.int32],
        result: NDArray[np.float64],
    ) -> None:
        """Fills result, shape (rows,)."""
        width = np.uint32(BLOCK)
        values = np.empty(x.shape[0] * BLOCK)
        at = np.empty(BLOCK, np.uint32)
        total = np.empty(BLOCK)
        first, count = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64)
        for start in range(0, of.size, BLOCK):
            n = min(BLOCK, of.size - start)
            most, steps = 0, 0
            for i in range(n):
                g = max(of[start + i], 0)
                first[i], count[i] = trees[g], trees[g + 1] - trees[g]
                if not usable(x, low, start + i, of[start + i], count[i] == 0):
                    count[i] = -1
                elif count[i] > 0:
                    most, steps = max(most, count[i]), max(steps, depth[g])
                total[i] = 0.0
                for j in range(x.shape[0]):
                    values[j * BLOCK + i] = x[j, start + i]
            for tree in range(most):
                for i in range(n):
                    at[i] = roots[first[i] + tree] if tree < count[i] else feature.size - 1
                for _ in range(steps):
                    for i in range(n):
                        node = at[i]
                        value = values[feature[node] * width + np.uint32(i)]
                        at[i] = child[TWO * node + np.uint32(value > threshold[node])]
                for i in range(n):
                    total[i] += expected[at[i]] if tree < count[i] else 0.0
            for i in range(n):
                if count[i] < 0:
                    result[start + i] = np.nan
                elif count[i] > 0:
                    result[start + i] = math.pow(2.0, -(total[i] / count[i]) / normal[of[start + i]])

    @jit
    def finish(
        trees: NDArray[np.int64],
        normal: NDArray[np.float64],
        low: NDArray[np.float64],
        x: NDArray[np.float64],
        of: NDArray[np.int32],
        result: NDArray[np.float64],
    ) -> None:
        """Makes the scores of one forest from the sums of its paths."""
        for i in range(of.size):
            if usable(x, low, i, of[i], False):
                result[i] = math.pow(2.0, -(result[i] / trees[1]) / normal[0])
            else:
                result[i] = np.nan

    @jit
    def terms(
        feature: NDArray[np.uint32],
        threshold: NDArray[np.float64],
        child: NDArray[np.uint32],
        expected: NDArray[np.float64],
        roots: NDArray[np.uint32],
        trees: NDArray[np.int64],
        depth: NDArray[np.int64],
        normal: NDArray[np.float64],
        low: NDArray[np.float64],
        x: NDArray[np.float64],
        of: NDArray[np.int32],
        result: NDArray[np.float64],
    ) -> None:
        """Adds to result, zeros of shape (rows, features)."""
        width = np.uint32(BLOCK)
        features = x.shape[0]
        values, sums = np.empty(features * BLOCK), np.empty(features * BLOCK)
        at = np.empty(BLOCK, np.uint32)
        first, count = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64)
        for start in range(0, of.size, BLOCK):
            n = min(BLOCK, of.size - start)
            most, steps = 0, 0
            for i in range(n):
                g = max(of[start + i], 0)
                first[i], count[i] = trees[g], trees[g + 1] - trees[g]
                if not usable(x, low, start + i, of[start + i], count[i] == 0):
                    count[i] = -1
                elif count[i] > 0:
                    most, steps = max(most, count[i]), max(steps, depth[g])
                for j in range(features):
                    values[j * BLOCK + i] = x[j, start + i]
                    sums[j * BLOCK + i] = 0.0
            for tree in range(most):
                for i in range(n):
                    at[i] = roots[first[i] + tree] if tree < count[i] else feature.size - 1
                for _ in range(steps):
                    for i in range(n):
                        node = at[i]
                        place = feature[node] * width + np.uint32(i)
                        below = child[TWO * node + np.uint32(values[place] > threshold[node])]
                        sums[place] += expected[node] - expected[below]
                        at[i] = below
            for i in range(n):
                for j in range(features):
                    if count[i] < 0:
                        result[start + i, j] = np.nan
                    elif count[i] > 0:
                        result[start + i, j] = sums[j * BLOCK + i] / count[i] / normal[of[start + i]]

    return _Kernels(scores, finish, terms)
