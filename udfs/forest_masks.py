"""A forest as words of leaves: a row's value in a feature rules leaves out, and one leaf of each tree is left over.

The leaves of a tree are bits, from the left. Between two neighboring thresholds of a feature, all of the forest's
together, every value goes the same way at every node, so one row of words says which leaves such a value can reach.
The AND of these rows over the features has one bit a tree: the leaf. Walking down takes a dependent step a level;
this takes one AND a feature for 64 leaves, on contiguous memory. Comparisons are of the doubles themselves, once a
feature, so it is the same leaf.

The idea of leaves as bits is from Lucchese and others, QuickScorer (2015), doi:10.1145/2766462.2767733.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.udfs.forest import LEAF, Forest

BITS = 64
"""Leaves of a word."""

PLACES = BITS + 1
"""Paths of a word: of each leaf, then 0 for a word without one."""

TOGETHER = 6
"""Features whose words are joined in one pass."""

WORDS = 128
"""About as many words are kept together, so that they stay in the cache."""

PADDING = 16
"""The number of words is a multiple of it, so that they are read without a remainder."""

GAIN = 3
"""Words that are read in less time than a row takes down a level of a tree, with a margin."""

SPLITS = 65_536
"""More splits have no masks: each takes about a row of words, so that these are 64 MiB."""

ONES = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """Some trees of a forest, in their order, with the leaves of each in words of their own.

    Attributes:
        cuts: float64, the thresholds of each feature, ascending, then infinity up to a power of two.
        start: int64, the first threshold of each feature in ``cuts``.
        levels: int64, the logarithm of how many there are.
        bins: int64, the first row of each feature in ``words``; for a feature that only fills up a pass, the row of
            ones. A multiple of ``TOGETHER``.
        words: uint64, a row for each interval between thresholds, and a row of ones. The leaf furthest to the left is
            the highest bit.
        paths: float64, the path of each leaf, ``PLACES`` a word.
    """

    cuts: NDArray[np.float64]
    start: NDArray[np.int64]
    levels: NDArray[np.int64]
    bins: NDArray[np.int64]
    words: NDArray[np.uint64]
    paths: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Trees:
    """The nodes of a forest that its scores need.

    Attributes:
        inner: the nodes that split; right: their right children; end: the node behind those below each.
        leaf: how many leaves stand before each node, of all trees.
        first: the leaves before each tree, then their number.
        path: of each leaf.
    """

    inner: NDArray[np.int64]
    right: NDArray[np.int64]
    end: NDArray[np.int64]
    leaf: NDArray[np.int64]
    first: NDArray[np.int64]
    path: NDArray[np.float64]


def masks_of(forest: Forest) -> tuple[Masks, ...]:
    """The trees of a forest as masks, or none where rows walk down as fast: with many features, leaves or trees.

    Example:
        >>> from sqlnomaly.udfs.forest import grow
        >>> (masks,) = masks_of(grow(np.array([[0.0], [1.0], [5.0]]), n_estimators=2))
        >>> masks.levels.tolist(), sorted(masks.paths[:2].tolist()), sorted(masks.paths[PLACES:][:2].tolist())
        ([2], [1.0, 2.0], [1.0, 2.0])
    """
    count = len(forest.roots) - 1
    if not count:
        return ()
    trees = _shortened(forest)
    words = -(-np.diff(trees.first) // BITS)
    walk = count * (forest.psi - 1).bit_length()
    if len(forest.low) * words.sum() > GAIN * walk or len(trees.inner) > SPLITS:
        return ()
    parts = np.array_split(np.arange(count), max(1, round(int(words.sum()) / WORDS)))
    return tuple(_masks(forest, trees, words, int(part[0]), int(part[-1]) + 1) for part in parts)


def _shortened(forest: Forest) -> _Trees:
    """The trees without splits between two leaves of the same path, as between two rows alone: no score needs them."""
    size = len(forest.feature)
    root = np.repeat(forest.roots[:-1], np.diff(forest.roots))
    right = root + forest.right
    inside = forest.feature != LEAF
    path, end = forest.expected.copy(), np.empty(size, np.int64)
    end[forest.roots[:-1]] = forest.roots[1:]
    levels, level = [], forest.roots[:-1]
    while level.size:
        level = level[inside[level]]
        end[level + 1], end[right[level]] = right[level], end[level]
        levels.append(level)
        level = np.concatenate([level + 1, right[level]])
    for level in reversed(levels):
        left, other = level + 1, right[level]
        same = ~inside[left] & ~inside[other] & (path[left] == path[other])
        inside[level[same]] = False
        path[level[same]] = path[left[same]]
    alive = np.zeros(size, bool)
    alive[forest.roots[:-1]] = True
    for level in levels:
        kept = level[inside[level] & alive[level]]
        alive[kept + 1] = alive[right[kept]] = True
    leaf = alive & ~inside
    before = np.concatenate([[0], np.cumsum(leaf)])
    inner = np.flatnonzero(inside & alive)
    return _Trees(inner, right[inner], end[inner], before, before[forest.roots], path[leaf])


def _masks(forest: Forest, trees: _Trees, words: NDArray[np.int64], first: int, last: int) -> Masks:
    """The masks of the trees from first up to last."""
    mine = slice(*np.searchsorted(trees.inner, forest.roots[[first, last]]))
    nodes = trees.inner[mine]
    feature, threshold = forest.feature[nodes], forest.threshold[nodes]
    cuts = [np.unique(threshold[feature == j]) for j in range(len(forest.low))]
    levels = np.array([len(cut).bit_length() for cut in cuts])
    bins = np.cumsum([0, *(len(cut) + 1 for cut in cuts)])
    row = np.empty(len(nodes), np.int64)
    for j, cut in enumerate(cuts):
        own = feature == j
        row[own] = bins[j] + np.searchsorted(cut, threshold[own])

    slots = np.cumsum([0, *words[first:last]])
    width = -(-int(slots[-1]) // PADDING) * PADDING
    total = np.diff(trees.first[first : last + 1])
    before, leaf = _numbered(total)
    paths = np.zeros((width, PLACES))
    paths[slots[before] + leaf // BITS, leaf % BITS] = trees.path[trees.first[first] : trees.first[last]]
    held = np.zeros(width, np.uint64)
    of, number = _numbered(words[first:last])
    held[: len(of)] = _leaves(np.zeros_like(number), total[of] - BITS * number)

    # Each node once for each word of its tree.
    tree = np.searchsorted(forest.roots, nodes, side="right") - 1
    node, number = _numbered(words[tree])
    tree, row = tree[node], row[node]
    begin = trees.first[tree] + BITS * number
    here, middle, behind = (
        trees.leaf[at[mine][node]] - begin for at in (trees.inner, trees.right, trees.end)
    )
    right, left = np.full((2, bins[-1] + 1, width), ONES)
    slot = slots[tree - first] + number
    np.bitwise_and.at(right, (row + 1, slot), ~_leaves(here, middle))
    np.bitwise_and.at(left, (row, slot), ~_leaves(middle, behind))
    for j in range(len(cuts)):
        own = slice(bins[j], bins[j + 1])
        np.bitwise_and.accumulate(right[own], axis=0, out=right[own])
        np.bitwise_and.accumulate(left[own][::-1], axis=0, out=left[own][::-1])
    right &= left
    right[:-1] &= held
    return Masks(
        cuts=_padded(cuts, levels),
        start=np.cumsum([0, *(1 << levels)[:-1]]),
        levels=levels,
        bins=np.array([*bins[:-1], *[bins[-1]] * (-len(cuts) % TOGETHER)]),
        words=right.ravel(),
        paths=paths.ravel(),
    )


def _numbered(many: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For things that have so many parts each: of each part, which thing it is of, and its number there, from 0."""
    which = np.repeat(np.arange(len(many)), many)
    return which, np.arange(len(which)) - (np.cumsum(many) - many)[which]


def _leaves(first: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Words with the leaves from first up to end, as far as they are 0 to 63; leaf 0 is the highest bit."""
    return _after(first) & ~_after(end)


def _after(first: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Words with the leaves from first on."""
    shift = np.clip(first, 0, BITS).astype(np.uint64)
    return np.where(shift < BITS, ONES >> (shift % np.uint64(BITS)), np.uint64(0))


def _padded(cuts: Sequence[NDArray[np.float64]], levels: NDArray[np.int64]) -> NDArray[np.float64]:
    """The thresholds of each feature behind one another, with infinity between."""
    found = [np.full(1 << level, np.inf) for level in levels]
    for room, cut in zip(found, cuts, strict=True):
        room[: len(cut)] = cut
    return np.concatenate(found)
