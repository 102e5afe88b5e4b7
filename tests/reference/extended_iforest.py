"""extended_iforest: how few random slanted cuts part a row from the others (see sample and iforest).

Tree t has its own stream: it takes psi = min(max_samples, m) rows, and cuts node by node, the left one with all below
it first. A cut takes level + 1 features by a shuffle, for each a normal number and a point uniform in the node's range;
a row goes to the left if sum(slope x) <= sum(slope point). A node of one row, of equal rows or at depth ceil(log2 psi)
is a leaf of path depth + c(its rows). score = 2^(-mean path / c(psi)).

Source: S. Hariri, M. Carrasco Kind, R. J. Brunner, Extended Isolation Forest (2019), doi:10.1109/TKDE.2019.2947676.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.chance import chosen, normal
from tests.reference.iforest import Stream, average_path
from tests.reference.sample import Array, Sample, replaced, sample_of, score_of

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
PARAMETERS: Mapping[str, Any] = {
    "n_estimators": 5, "max_samples": 16, "extension_level": 0, "scaling": "robust", "random_state": 3,
}  # fmt: skip
LEAN: Mapping[str, Any] = {"n_estimators": 9, "max_samples": 32}

# Five rows by hand would need fifty random numbers: c(2) = 1, so that a tree of two rows scores 2^-1 for both of them,
# and for a row beyond either: it lies in one of two leaves of depth 1.
HAND_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0)
HAND_OPTIONS: Mapping[str, Any] = {"n_estimators": 3, "max_samples": 2}
HAND_SCORES = (0.5, 0.5, 0.5, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Node:
    """A cut, or a leaf (both branches None)."""

    path: float
    slope: tuple[float, ...] = ()
    offset: float = 0.0
    left: Node | None = None
    right: Node | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample and the trees."""

    sample: Sample
    trees: tuple[Node, ...]
    psi: int

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    n_estimators: int = 100,
    max_samples: int = 256,
    extension_level: int = -1,
    scaling: str = "standard",
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, n_estimators * max_samples, scaling, random_state)
    points = sample.reference.tolist()
    psi = min(max_samples, len(points))
    if all(sample.constant):
        return Fit(sample, (), psi)
    most = len(points[0]) - 1
    level = most if extension_level < 0 else min(extension_level, most)
    limit = (psi - 1).bit_length()
    trees = []
    for number in range(n_estimators):
        stream = Stream(random_state, number)
        taken = [points[place] for place in chosen(stream, psi, len(points))]
        trees.append(grow(taken, 0, limit, level, stream))
    return Fit(sample, tuple(trees), psi)


def grow(rows: list[list[float]], depth: int, limit: int, level: int, stream: Stream) -> Node:
    """A node and all below it."""
    columns = list(zip(*rows, strict=True))
    if len(rows) <= 1 or depth == limit or all(min(column) == max(column) for column in columns):
        return Node(path=depth + average_path(len(rows)))
    slope, offset = [0.0] * len(columns), 0.0
    for feature in chosen(stream, level + 1, len(columns)):
        slope[feature] = normal(stream)
        low, high = min(columns[feature]), max(columns[feature])
        offset += slope[feature] * (low + (high - low) * stream.uniform())
    left = [row for row in rows if side(row, slope) <= offset]
    right = [row for row in rows if side(row, slope) > offset]
    return Node(
        path=-1.0,
        slope=tuple(slope),
        offset=offset,
        left=grow(left, depth + 1, limit, level, stream),
        right=grow(right, depth + 1, limit, level, stream),
    )


def side(row: Row, slope: Sequence[float]) -> float:
    return float(sum(x * weight for x, weight in zip(row, slope, strict=True)))


def path(row: Row, node: Node) -> float:
    """The path of a row."""
    while node.left is not None and node.right is not None:
        node = node.left if side(row, node.slope) <= node.offset else node.right
    return node.path


def scored(z: Array, model: Fit) -> float:
    """The score of a row in units."""
    mean = sum(path(z.tolist(), tree) for tree in model.trees) / len(model.trees)
    return float(2.0 ** (-mean / average_path(model.psi)))


def terms(row: Row, model: Fit) -> list[float | None]:
    """What the score falls by when each value is replaced by the median."""
    return replaced(row, model, scored)


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return score_of(row, model, scored)


def expected(row: Row, model: Fit) -> list[float | None]:
    """It has no centre."""
    return [None] * len(row)
