"""half_space_trees: how thinly the half-spaces around a row are populated (see sample).

Tree t has its own stream, and a box around the sample: for each feature a point p uniform in the range of the rows, and
2.1 max(p - low, high - p) to either side. A node's box is halved in a feature uniform among all, the left node with all
below it first, until depth max_depth or at most max(1, floor(size_limit m)) rows. A leaf of r rows at depth k has the
level log2(m / (max(r, 1/2) 2^k)); score = mean level. A row goes to the left up to the middle.

Source: S. C. Tan, K. M. Ting, T. F. Liu, Fast Anomaly Detection for Streaming Data (2011),
doi:10.5591/978-1-57735-516-8/IJCAI11-254.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.iforest import Stream
from tests.reference.sample import Array, Sample, replaced, sample_of, score_of

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
UNPLANTED = True
PARAMETERS: Mapping[str, Any] = {
    "n_estimators": 5, "max_samples": 40, "max_depth": 4, "size_limit": 0.1, "random_state": 3,
}  # fmt: skip
LEAN: Mapping[str, Any] = {"n_estimators": 9}

# Five rows by hand: with a size limit above 4/5 of them, 4 rows, a box is halved until it has at most 4. One tree of
# depth 1 has the leaves r and 5 - r: -log2(2 r / 5) each. With stream 0 of seed 0 the point is .750 of the range, so
# the box is centred at 1 + 15 * .750 = 12.25 and 16 lies alone: levels log2(5 / 8) and log2(5 / 2).
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_estimators": 1, "max_depth": 1, "size_limit": 0.85, "scaling": "none"}
HAND_SCORES = (
    -0.6780719051126377, -0.6780719051126377, -0.6780719051126377, -0.6780719051126377, 1.3219280948873624
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A cut, or a leaf (both branches None)."""

    level: float
    feature: int = -1
    middle: float = 0.0
    left: Node | None = None
    right: Node | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample and the trees."""

    sample: Sample
    trees: tuple[Node, ...]

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    n_estimators: int = 50,
    max_samples: int = 5_000,
    max_depth: int = 15,
    size_limit: float = 0.02,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    if all(sample.constant):
        return Fit(sample, ())
    points = sample.reference.tolist()
    few = max(1, math.floor(size_limit * len(points)))
    trees = []
    for number in range(n_estimators):
        stream = Stream(random_state, number)
        box = []
        for column in zip(*points, strict=True):
            low, high = min(column), max(column)
            share = stream.uniform()
            reach = 2.1 * max(share, 1.0 - share) * (high - low)
            middle = low + share * (high - low)
            box.append((middle - reach, middle + reach))
        trees.append(grow(points, box, 0, (max_depth, few, len(points)), stream))
    return Fit(sample, tuple(trees))


def grow(
    rows: list[list[float]],
    box: list[tuple[float, float]],
    depth: int,
    limits: tuple[int, int, int],
    stream: Stream,
) -> Node:
    """A node and all below it; limits are the depth, the rows of a leaf and of the tree."""
    deepest, few, whole = limits
    if depth == deepest or len(rows) <= few:
        return Node(level=math.log2(whole / max(len(rows), 0.5)) - depth)
    feature = stream.below(len(box))
    low, high = box[feature]
    middle = (low + high) / 2.0
    left = [row for row in rows if row[feature] <= middle]
    right = [row for row in rows if row[feature] > middle]
    lower = [*box[:feature], (low, middle), *box[feature + 1 :]]
    upper = [*box[:feature], (middle, high), *box[feature + 1 :]]
    return Node(
        level=0.0,
        feature=feature,
        middle=middle,
        left=grow(left, lower, depth + 1, limits, stream),
        right=grow(right, upper, depth + 1, limits, stream),
    )


def level(row: Row, node: Node) -> float:
    """The level of a row's leaf."""
    while node.left is not None and node.right is not None:
        node = node.left if row[node.feature] <= node.middle else node.right
    return node.level


def scored(z: Array, model: Fit) -> float:
    """The mean level."""
    return float(sum(level(z.tolist(), tree) for tree in model.trees) / len(model.trees))


def terms(row: Row, model: Fit) -> list[float | None]:
    """What the score falls by when each value is replaced by the median."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
