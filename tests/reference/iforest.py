"""iforest: how few random cuts part a row from the others, as the mean over trees grown on samples of rows.

    c(n) = 0 for n <= 1, 1 for n = 2, else 2 (ln(n - 1) + 0.5772156649015329) - 2 (n - 1) / n
    path = depth of the leaf + c(its rows)        score = 2^(-mean path / c(psi))
    E(node) = mean path of the tree's own rows in the node
    term_j = sum of E(node) - E(child) over the cuts of feature j on the way / n_estimators / c(psi)

Everything that is random is said to the bit. Of the complete fitted rows the first n_estimators * max_samples
by sample key are drawn, m of them; psi = min(max_samples, m), and no leaf is deeper than ceil(log2 psi). Tree
t has its own SplitMix64 stream: it takes psi rows by a partial Fisher-Yates shuffle, and cuts node by node,
the left one with all below it first. The sample key is the MD5 of `seed|ordinal|k(x1)|..|k(xd)` in hex, where
k is sign and leading 41 bits of the significand, a colon and the binary exponent, and rows with equal k are
numbered by their values. If no feature varies in the sample, a row equal to it has score 0, another none.
Sources: F. T. Liu, K. M. Ting, Z.-H. Zhou, Isolation Forest, ICDM 2008, doi:10.1109/ICDM.2008.17; G. L.
Steele, D. Lea, C. H. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
FEATURE_ORDER = True
JOINT = True
PARAMETERS = {"n_estimators": 7, "max_samples": 16, "random_state": 3}
LEAN = {"n_estimators": 9, "max_samples": 32}
EULER = 0.5772156649015329
MASK = 2**64 - 1
GAMMA = 0x9E3779B97F4A7C15


# Five rows by hand, two trees of four rows, random_state 0. By key the sample is 4, 7, 2, 1, 11.
# Tree 0 draws .750 .372 .438 .954: the swaps 0-3, 1-2, 2-3, 3-4 leave the places 3, 2, 0, 4, rows 1, 2, 4, 11.
# .202 picks the only feature, .596 cuts 1 .. 11 at 6.96; left of it .456 picks, .186 cuts 1 .. 4 at 1.56.
# Leaves: {1} at depth 2; {2, 4} at 2, the limit, so 2 + c(2) = 3; {11} at 1. Paths: 2, 3, 3, 1, 1.
# Tree 1 draws .254 .895 .374 .747: rows 7, 11, 1, 4. .910 cuts at 10.1, then .574 cuts 1 .. 7 at 4.44.
# Leaves: {1, 4} at 2, so 3; {7} at 2; {11} at 1. Paths: 3, 3, 3, 2, 1. c(4) = 2 (ln 3 + 0.5772..) - 3/2.
HAND_ROWS = (1.0, 2.0, 4.0, 7.0, 11.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_estimators": 2, "max_samples": 4}
HAND_SCORES = (
    0.3922532052568066,  # 2^(-2.5 / c(4))
    0.3252968076440812,  # 2^(-3 / c(4))
    0.3252968076440812,
    0.5703479706671019,  # 2^(-1.5 / c(4))
    0.6877436677788327,  # 2^(-1 / c(4))
)
# Either root expects (2 + 2 * 3 + 1) / 4 = 9/4, so the terms are (9/4 - mean path) / c(4).
HAND_TERMS = (
    -0.13501428588113723, -0.4050428576434117, -0.4050428576434117, 0.4050428576434117, 0.6750714294056862
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A cut at ``x[feature] <= threshold``, or a leaf (both branches None)."""

    size: int
    depth: int
    expected: float
    feature: int = -1
    threshold: float = math.nan
    left: Node | None = None
    right: Node | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """The trees; ``constant`` says of each feature whether all of the sample is."""

    trees: tuple[Node, ...]
    psi: int
    only: tuple[float, ...]
    constant: tuple[bool, ...]


def mix64(state: int) -> int:
    """SplitMix64's output of a state."""
    z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


class Stream:
    """SplitMix64."""

    def __init__(self, seed: int, tree: int) -> None:
        self.state = mix64((seed * GAMMA + tree + 1) & MASK)

    def uniform(self) -> float:
        """The next number in [0, 1)."""
        self.state = (self.state + GAMMA) & MASK
        return math.ldexp(mix64(self.state) >> 11, -53)

    def below(self, count: int) -> int:
        """The next of 0 .. count - 1."""
        return math.floor(self.uniform() * count)


def key_text(x: float) -> str:
    """k(x)."""
    if x == 0:
        return "0:0"
    significand, exponent = math.frexp(abs(x))  # 0.5 <= significand < 1
    return f"{'-' if x < 0 else ''}{math.floor(math.ldexp(significand, 41))}:{exponent - 1}"


def drawn(rows: Sequence[Row], size: int, seed: int) -> list[Row]:
    """The first rows by sample key; the first feature makes the key, and rows equal in it are numbered in order."""
    copies: Counter[tuple[str, ...]] = Counter()
    keyed = []
    for row in sorted(tuple(row) for row in rows):
        texts = (key_text(row[0]),)
        copies[texts] += 1
        text = "|".join([str(seed), str(copies[texts]), *texts])
        keyed.append((hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(), row))
    return [row for _, row in sorted(keyed)[:size]]


def average_path(count: int) -> float:
    """c(n): the mean path of an unsuccessful search in a tree of so many rows."""
    if count <= 2:
        return float(max(count - 1, 0))
    return 2 * (math.log(count - 1) + EULER) - 2 * (count - 1) / count


def grow(rows: Sequence[Row], depth: int, limit: int, random: Stream) -> Node:
    """A node and all below it."""
    columns = list(zip(*rows, strict=True))
    varying = [j for j, column in enumerate(columns) if min(column) < max(column)]
    if depth == limit or len(rows) == 1 or not varying:
        return Node(size=len(rows), depth=depth, expected=depth + average_path(len(rows)))
    feature = varying[random.below(len(varying))]
    low, high = min(columns[feature]), max(columns[feature])
    threshold = low + (high - low) * random.uniform()
    if threshold >= high:
        threshold = low
    left = grow([row for row in rows if row[feature] <= threshold], depth + 1, limit, random)
    right = grow([row for row in rows if row[feature] > threshold], depth + 1, limit, random)
    mean = (left.size * left.expected + right.size * right.expected) / len(rows)
    return Node(len(rows), depth, mean, feature, threshold, left, right)


def fit(
    rows: Sequence[Row], *, n_estimators: int = 100, max_samples: int = 256, random_state: int = 0
) -> Fit:
    """Fit on at least one complete row."""
    sample = drawn(rows, n_estimators * max_samples, random_state)
    psi = min(max_samples, len(sample))
    constant = tuple(min(column) == max(column) for column in zip(*sample, strict=True))
    if all(constant):
        return Fit(trees=(), psi=psi, only=tuple(sample[0]), constant=constant)
    limit = (psi - 1).bit_length()  # ceil(log2 psi)
    trees = []
    for tree in range(n_estimators):
        random = Stream(random_state, tree)
        places = list(range(len(sample)))
        for i in range(psi):
            j = i + random.below(len(sample) - i)
            places[i], places[j] = places[j], places[i]
        trees.append(grow([sample[place] for place in places[:psi]], 0, limit, random))
    return Fit(trees=tuple(trees), psi=psi, only=tuple(sample[0]), constant=constant)


def way(row: Row, tree: Node) -> Iterator[Node]:
    """The nodes from the root to the row's leaf."""
    node: Node | None = tree
    while node is not None:
        yield node
        node = node.left if node.left is not None and row[node.feature] <= node.threshold else node.right


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    if not model.trees:
        return [0.0 if x == own else None for x, own in zip(row, model.only, strict=True)]
    found: list[list[float]] = [[] for _ in row]
    for tree in model.trees:
        nodes = list(way(row, tree))
        for node, child in pairwise(nodes):
            found[node.feature].append(node.expected - child.expected)
    return [math.fsum(parts) / len(model.trees) / average_path(model.psi) for parts in found]


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    if not model.trees:
        return 0.0
    leaves = [list(way(row, tree))[-1] for tree in model.trees]
    mean = math.fsum(leaf.depth + average_path(leaf.size) for leaf in leaves) / len(leaves)
    return 2.0 ** (-mean / average_path(model.psi))


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
