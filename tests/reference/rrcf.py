"""rrcf: how many rows a row displaces when it is put into trees of random cuts (see sample).

Tree t has its own stream: it takes psi = min(max_samples, m) rows. A node is cut at a point uniform over the ranges of
its features laid end to end, the left one with all below it first, until its rows are equal. A row goes down the cuts.
In a node of ranges S whose box it leaves by B in all, it would be cut off with the chance B / (S + B), and displace the
node's w rows, or as many times its subtree as the largest ratio mass(sibling) / (mass(subtree) + 1) above. A row that
reaches a leaf of its equals has the largest ratio mass(sibling) / mass(subtree). score = mean of the expectations.

Source: S. Guha et al., Robust Random Cut Forest Based Anomaly Detection on Streams (2016), PMLR 48.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.chance import chosen
from tests.reference.iforest import Stream
from tests.reference.sample import Array, Sample, replaced, sample_of, score_of

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
PARAMETERS: Mapping[str, Any] = {"n_estimators": 5, "max_samples": 16, "scaling": "robust", "random_state": 3}
LEAN: Mapping[str, Any] = {"n_estimators": 9, "max_samples": 32}

# Five rows by hand: by key the sample of two is 4 and 7, of range S = 3. In a tree of two rows each is the other's
# sibling, 1 / 1. A row beyond by B is cut off at the root with the chance B / (S + B) and displaces 2, else beside the
# leaf that it falls to, and displaces 1. B is 3 for the row 1: (2 + 1) / 2; 2 for 2: (2 * 2 + 3) / 5; 4 for 11:
# (4 * 2 + 3) / 7.
HAND_ROWS = (1.0, 2.0, 4.0, 7.0, 11.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_estimators": 1, "max_samples": 2, "scaling": "none"}
HAND_SCORES: Sequence[float] = (1.5, 1.4, 1.0, 1.0, 11 / 7)


@dataclass(frozen=True, slots=True)
class Node:
    """A cut, or a leaf (both branches None)."""

    mass: int
    box: tuple[tuple[float, float], ...]
    feature: int = -1
    cut: float = 0.0
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
    n_estimators: int = 100,
    max_samples: int = 256,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, n_estimators * max_samples, scaling, random_state)
    if all(sample.constant):
        return Fit(sample, ())
    points = sample.reference.tolist()
    psi = min(max_samples, len(points))
    trees = []
    for number in range(n_estimators):
        stream = Stream(random_state, number)
        trees.append(grow([points[place] for place in chosen(stream, psi, len(points))], stream))
    return Fit(sample, tuple(trees))


def grow(rows: list[list[float]], stream: Stream) -> Node:
    """A node and all below it."""
    box = tuple((min(column), max(column)) for column in zip(*rows, strict=True))
    sides = [high - low for low, high in box]
    if sum(sides) <= 0:
        return Node(len(rows), box)
    goal = stream.uniform() * sum(sides)
    feature = 0
    for other, one in enumerate(sides):
        if one > 0:
            feature = other
            if goal < one:
                break
            goal -= one
    low, high = box[feature]
    cut = low + min(goal, sides[feature])
    cut = low if cut >= high else cut
    left = grow([row for row in rows if row[feature] <= cut], stream)
    return Node(len(rows), box, feature, cut, left, grow([row for row in rows if row[feature] > cut], stream))


def displacement(row: Row, node: Node) -> float:
    """The expected displacement in a tree."""
    reach, outside, inside, gathered = 1.0, 0.0, 0.0, 0.0
    while True:
        beyond = sum(max(low - x, x - high, 0.0) for x, (low, high) in zip(row, node.box, strict=True))
        chance = beyond / (sum(high - low for low, high in node.box) + beyond) if beyond > 0 else 0.0
        gathered += reach * chance * max(node.mass, outside)
        reach *= 1 - chance
        if node.left is None or node.right is None:
            return gathered + reach * inside
        child, other = (node.left, node.right) if row[node.feature] <= node.cut else (node.right, node.left)
        outside = max(outside, other.mass / (child.mass + 1))
        inside = max(inside, other.mass / child.mass)
        node = child


def scored(z: Array, model: Fit) -> float:
    """The mean displacement."""
    return float(sum(displacement(z.tolist(), tree) for tree in model.trees) / len(model.trees))


def terms(row: Row, model: Fit) -> list[float | None]:
    """What the score falls by when each value is replaced by the median."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
