"""Scores by masks are those of a walk down the trees, to the bit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sqlnomaly.udfs import forest_masks
from sqlnomaly.udfs.forest import LEAF, Forest, grow
from sqlnomaly.udfs.forest_masks import BITS, PLACES, masks_of
from sqlnomaly.udfs.forest_score import pack, score

SHAPES = (  # features, trees, max_samples
    (1, 100, 256),
    (1, 3, 2),
    (2, 40, 3000),
    (3, 150, 256),
    (6, 100, 256),
    (7, 5, 64),
    (13, 100, 256),
)
KINDS = ("normal", "ties", "tiny", "large", "far", "huge")


def sample_of(kind: str, features: int) -> NDArray[np.float64]:
    x = np.random.default_rng([len(kind), features]).normal(size=(4000, features))
    scales = {"tiny": 1e-12, "large": 1e12, "huge": 1e149}
    if kind == "ties":
        return np.round(x * 2) / 2
    return 1.7e9 + x if kind == "far" else x * scales.get(kind, 1.0)


def edges(forest: Forest, sample: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of the sample, with thresholds and their neighbors, and values that are missing or far out."""
    random = np.random.default_rng(5)
    x = sample[:1000].copy()
    for j in range(x.shape[1]):
        cuts = forest.threshold[forest.feature == j]
        near = [cuts, np.nextafter(cuts, -np.inf), np.nextafter(cuts, np.inf)]
        given = np.concatenate([*near, [0.0, -0.0, 1e150, -1e150, math.nan, math.inf, -math.inf, 1.1e150]])
        places = random.choice(len(x), 300, replace=False)
        x[places, j] = random.choice(given, 300)
    return x


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_masks_give_the_scores_of_a_walk_to_the_bit(
    kind: str, shape: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    features, trees, max_samples = shape
    monkeypatch.setattr(forest_masks, "GAIN", 1000)
    sample = sample_of(kind, features)
    forest = grow(sample, n_estimators=trees, max_samples=max_samples)
    x = list(np.ascontiguousarray(edges(forest, sample).T))
    packed = pack([forest])
    walked = score(replace(packed, masks=()), x)
    assert packed.masks
    assert np.isfinite(walked).sum() > 500
    np.testing.assert_array_equal(score(packed, x).view(np.uint64), walked.view(np.uint64))


@pytest.mark.parametrize("rows", [1, 3, 4, 255, 256, 257, 1000])
def test_any_number_of_rows_is_scored(rows: int) -> None:
    sample = sample_of("normal", 6)
    packed = pack([grow(sample)])
    x = list(np.ascontiguousarray(sample[:rows].T))
    assert score(packed, x).tolist() == score(replace(packed, masks=()), x).tolist()


def test_a_row_without_a_forest_has_no_score() -> None:
    sample = sample_of("normal", 2)
    packed = pack([grow(sample)])
    x = list(np.ascontiguousarray(sample[:4].T))
    found = score(packed, x, np.array([0, -1, 0, -(2**31)], np.int32))
    assert packed.masks
    assert np.isnan(found).tolist() == [False, True, False, True]


def test_every_interval_of_values_leaves_one_leaf_of_each_tree() -> None:
    forest = grow(sample_of("normal", 1), n_estimators=50)
    (masks,) = masks_of(forest)
    rows = masks.words.reshape(-1, masks.paths.size // PLACES)[:-1]
    assert len(rows) == len(np.unique(forest.threshold[forest.feature != LEAF])) + 1 - removed(forest)
    assert np.bitwise_count(rows).sum(axis=1).tolist() == [50] * len(rows)


def removed(forest: Forest) -> int:
    """Thresholds that part leaves of one path: rows alone on either side."""
    count = 0
    for tree in range(len(forest.roots) - 1):
        first, end = forest.roots[tree], forest.roots[tree + 1]
        alike = [forest.expected[i] if forest.feature[i] == LEAF else None for i in range(first, end)]
        for i in range(end - first - 1, -1, -1):
            if forest.feature[first + i] != LEAF:
                left, right = alike[i + 1], alike[forest.right[first + i]]
                if left is not None and left == right:
                    alike[i] = left
                    count += 1
    return count


def test_a_tree_with_more_leaves_than_bits_has_several_words() -> None:
    forest = grow(sample_of("normal", 1), n_estimators=2, max_samples=1024)
    (masks,) = masks_of(forest)
    paths = masks.paths.reshape(-1, PLACES)
    assert (paths[:, BITS] == 0.0).all()
    assert (paths[:, 0] > 0.0).sum() > 4


def test_more_trees_are_kept_in_several_parts() -> None:
    sample = sample_of("normal", 2)
    assert len(masks_of(grow(sample, n_estimators=400))) > 2


@pytest.mark.parametrize(
    ("features", "trees", "max_samples"), [(60, 20, 256), (16, 20, 4000), (1, 1000, 600)], ids=str
)
def test_where_a_walk_is_as_fast_or_masks_are_large_there_are_none(
    features: int, trees: int, max_samples: int
) -> None:
    sample = sample_of("normal", features)
    assert masks_of(grow(sample, n_estimators=trees, max_samples=max_samples)) == ()


def test_a_constant_sample_has_no_masks() -> None:
    assert pack([grow(np.full((5, 2), 3.0))]).masks == ()


def test_forests_of_several_groups_have_no_masks() -> None:
    forest = grow(sample_of("normal", 2))
    assert pack([forest]).masks
    assert pack([forest, forest]).masks == ()
