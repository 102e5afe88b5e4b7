"""Isolation forests: the kernels grow, score and explain exactly what a plain-Python forest does."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

from sqlnomaly.udfs.forest import LEAF, Forest, grow
from sqlnomaly.udfs.forest_score import contributions, pack, score

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
NAN = math.nan

Row = tuple[float, ...]


# The plain forest: recursive, one row at a time, from the paper and the definition of the random numbers.


@dataclass(frozen=True)
class Node:
    """A node of a plain tree; ``feature`` is None for a leaf."""

    mean: float
    total: float
    size: int
    feature: int | None = None
    threshold: float = 0.0
    children: tuple[Node, ...] = ()


def mix64(z: int) -> int:
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def uniforms(state: int) -> Iterator[float]:
    while True:
        state = (state + GOLDEN) & MASK
        yield (mix64(state) >> 11) * 2.0**-53


def c(n: int) -> float:
    if n <= 2:
        return (0.0, 0.0, 1.0)[n]
    return 2.0 * (math.log(n - 1) + 0.5772156649015329) - 2.0 * (n - 1) / n


def plain_tree(rows: list[Row], depth: int, limit: int, random: Iterator[float]) -> Node:
    ranges = [(min(column), max(column)) for column in zip(*rows, strict=True)]
    candidates = [j for j, (low, high) in enumerate(ranges) if low < high]
    if depth == limit or len(rows) == 1 or not candidates:
        path = depth + c(len(rows))
        return Node(path, len(rows) * path, len(rows))
    feature = candidates[math.floor(next(random) * len(candidates))]
    low, high = ranges[feature]
    threshold = low + (high - low) * next(random)
    if threshold >= high:
        threshold = low
    left = plain_tree([row for row in rows if row[feature] <= threshold], depth + 1, limit, random)
    right = plain_tree([row for row in rows if row[feature] > threshold], depth + 1, limit, random)
    total = left.total + right.total
    return Node(total / len(rows), total, len(rows), feature, threshold, (left, right))


def plain_forest(sample: list[Row], trees: int, max_samples: int, seed: int) -> list[Node]:
    m = len(sample)
    psi = min(max_samples, m)
    roots = []
    for t in range(trees):
        random = uniforms(mix64((seed * GOLDEN + t + 1) & MASK))
        p = list(range(m))
        for i in range(psi):
            j = i + math.floor(next(random) * (m - i))
            p[i], p[j] = p[j], p[i]
        roots.append(
            plain_tree([sample[i] for i in p[:psi]], 0, math.ceil(math.log2(psi)) if psi > 1 else 0, random)
        )
    return roots


def way_down(root: Node, row: Row) -> list[Node]:
    way = [root]
    while way[-1].feature is not None:
        way.append(way[-1].children[row[way[-1].feature] > way[-1].threshold])
    return way


def plain_score(roots: list[Node], row: Row, psi: int) -> float:
    total = 0.0
    for root in roots:
        total += way_down(root, row)[-1].mean
    return math.pow(2.0, -(total / len(roots)) / c(psi))


def plain_contributions(roots: list[Node], row: Row, psi: int) -> list[float]:
    terms = [0.0] * len(row)
    for root in roots:
        way = way_down(root, row)
        for node, child in pairwise(way):
            assert node.feature is not None
            terms[node.feature] += node.mean - child.mean
    return [term / len(roots) / c(psi) for term in terms]


def preorder(node: Node) -> list[Node]:
    return [node, *(below for child in node.children for below in preorder(child))]


def flat(roots: list[Node]) -> tuple[list[int], list[float], list[int], list[float], list[int]]:
    feature, threshold, right, expected, starts = [], [], [], [], [0]
    for root in roots:
        nodes = preorder(root)
        for i, node in enumerate(nodes):
            feature.append(LEAF if node.feature is None else node.feature)
            threshold.append(node.threshold)
            right.append(i + 1 + len(preorder(node.children[0])) if node.children else 0)
            expected.append(node.mean)
        starts.append(starts[-1] + len(nodes))
    return feature, threshold, right, expected, starts


# The data.


def columns(rows: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    return [np.ascontiguousarray(column) for column in rows.T]


def random_rows(kind: str, rows: int, features: int) -> NDArray[np.float64]:
    random = np.random.default_rng([len(kind), rows, features])
    x = random.normal(size=(rows, features))
    if kind == "ties":
        x = np.round(x)
    elif kind == "duplicates":
        x = x[np.arange(rows) % max(rows // 10, 2)]
    elif kind == "one varying":
        x[:, 1:] = 7.0
    elif kind == "huge":
        x = np.clip(x * 5e149, -1e150, 1e150)
    elif kind == "tiny":
        x *= 1e-300
    elif kind == "denormal":
        x = np.round(x * 3) * 5e-324
    elif kind == "zeros":
        x = np.where(x > 0.5, 1.0, np.where(x > 0, 0.0, -0.0))
    elif kind == "far":
        x = 1.7e9 + x * 1e-6
    return x


KINDS = ("normal", "ties", "duplicates", "one varying", "huge", "tiny", "denormal", "zeros", "far")
SIZES = (  # rows, features, trees, max_samples, random_state
    (2, 3, 4, 256, 0),
    (3, 1, 5, 2, 1),
    (40, 3, 7, 256, 2**31 - 1),
    (300, 4, 6, 64, 42),
    (700, 2, 3, 600, 5),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_growth_scores_and_contributions_equal_the_plain_forest_bit_for_bit(
    kind: str, size: tuple[int, int, int, int, int]
) -> None:
    rows, features, trees, max_samples, seed = size
    sample = random_rows(kind, rows, features)
    sample[:2] = [[0.0] * features, [0.0] * (features - 1) + [1.0]] if kind == "zeros" else sample[:2]
    forest = grow(sample, n_estimators=trees, max_samples=max_samples, random_state=seed)
    plain = plain_forest([tuple(row) for row in sample.tolist()], trees, max_samples, seed)
    feature, threshold, right, expected, roots = flat(plain)
    assert forest.feature.tolist() == feature
    assert forest.threshold.tolist() == threshold
    assert forest.right.tolist() == right
    assert forest.expected.tolist() == expected
    assert forest.roots.tolist() == roots

    seen = np.concatenate([sample[:60], random_rows("normal", 70, features), sample[:5] * 1.5])
    seen = np.clip(seen, -1e150, 1e150)
    rows_seen = [tuple(row) for row in seen.tolist()]
    psi = min(max_samples, rows)
    wanted = [plain_score(plain, row, psi) for row in rows_seen]
    np.testing.assert_allclose(score(pack([forest]), columns(seen)), wanted, rtol=4e-16)
    grouped = score(pack([forest]), columns(seen), np.zeros(len(seen), np.int32))
    assert grouped.tolist() == score(pack([forest]), columns(seen)).tolist()
    terms = contributions(pack([forest]), columns(seen))
    assert terms.tolist() == [plain_contributions(plain, row, psi) for row in rows_seen]


def test_a_tree_of_two_rows_is_known_by_hand() -> None:
    forest = grow(np.array([[0.0], [1.0]]), n_estimators=1)
    assert (forest.feature.tolist(), forest.right.tolist()) == ([0, LEAF, LEAF], [2, 0, 0])
    assert (forest.expected.tolist(), forest.roots.tolist()) == ([1.0, 1.0, 1.0], [0, 3])
    assert 0.0 <= forest.threshold[0] < 1.0
    assert (forest.psi, forest.normal, forest.constant) == (2, 1.0, False)
    assert score(pack([forest]), [np.array([-5.0, 0.0, 1.0, 9.0])]).tolist() == [0.5] * 4


def test_three_rows_are_scored_as_worked_out_by_hand() -> None:
    # 0, 0 and 1: every tree splits the 1 off at depth 1 and leaves the pair at depth 1 with c(2) = 1.
    forest = grow(np.array([[0.0], [0.0], [1.0]]), n_estimators=25, random_state=3)
    normal = 2 * (math.log(2) + 0.5772156649015329) - 4 / 3
    scores = score(pack([forest]), [np.array([0.0, 1.0])])
    np.testing.assert_allclose(scores, [2 ** (-2 / normal), 2 ** (-1 / normal)], rtol=1e-15)
    terms = contributions(pack([forest]), [np.array([0.0, 1.0])])
    np.testing.assert_allclose(terms, [[(5 / 3 - 2) / normal], [(5 / 3 - 1) / normal]], rtol=1e-13)


def test_random_numbers_are_those_of_splitmix64() -> None:
    # The first outputs of the published splitmix64.c from the seed 1234567.
    known = (6457827717110365317, 3203168211198807973, 9817491932198370423)
    assert [mix64((1234567 + k * GOLDEN) & MASK) for k in (1, 2, 3)] == list(known)


@pytest.fixture(scope="module")
def forest() -> Forest:
    return grow(random_rows("normal", 3000, 6))


@pytest.fixture(scope="module")
def seen() -> NDArray[np.float64]:
    return random_rows("normal", 5000, 6) * 1.3


def test_a_score_does_not_depend_on_chunks(forest: Forest, seen: NDArray[np.float64]) -> None:
    packed = pack([forest])
    whole = score(packed, columns(seen)).tolist()
    for size in (1, 63, 64, 65, 2048):
        parts = [score(packed, columns(seen[i : i + size])) for i in range(0, 700, size)]
        assert np.concatenate(parts)[:700].tolist() == whole[:700]


def test_a_score_does_not_depend_on_threads(forest: Forest, seen: NDArray[np.float64]) -> None:
    packed = pack([forest])
    chunks = [columns(seen[i : i + 500]) for i in range(0, 5000, 500)]
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda chunk: score(packed, chunk), chunks))
    assert np.concatenate(parts).tolist() == score(packed, columns(seen)).tolist()


def test_a_score_does_not_depend_on_the_layout(forest: Forest, seen: NDArray[np.float64]) -> None:
    packed = pack([forest])
    group = np.zeros(len(seen), np.int32)
    assert score(packed, columns(seen), group).tolist() == score(packed, columns(seen)).tolist()


def test_strided_columns_and_a_two_dimensional_array_are_read(
    forest: Forest, seen: NDArray[np.float64]
) -> None:
    packed = pack([forest])
    wanted = score(packed, columns(seen)).tolist()
    assert score(packed, list(seen.T)).tolist() == wanted
    assert score(packed, seen.T).tolist() == wanted


def test_no_rows_give_no_scores(forest: Forest) -> None:
    nothing = [np.empty(0)] * 6
    assert score(pack([forest]), nothing).shape == (0,)
    assert score(pack([forest]), nothing, np.empty(0, np.int32)).shape == (0,)
    assert contributions(pack([forest]), nothing).shape == (0, 6)


def test_each_row_is_scored_by_the_forest_of_its_group(seen: NDArray[np.float64]) -> None:
    samples = [random_rows(kind, rows, 6) for kind, rows in (("normal", 500), ("ties", 9), ("far", 70))]
    forests = [grow(sample, n_estimators=t, max_samples=100) for sample, t in zip(samples, (50, 3, 17))]  # noqa: B905
    constant = grow(np.full((4, 6), 2.0))
    packed = pack([forests[0], constant, *forests[1:]])
    group = np.arange(len(seen), dtype=np.int32) % 5 - 1
    wanted = np.full(len(seen), NAN)
    terms = np.full(seen.shape, NAN)
    for g, alone in ((0, forests[0]), (2, forests[1]), (3, forests[2])):
        wanted[group == g] = score(pack([alone]), columns(seen[group == g]))
        terms[group == g] = contributions(pack([alone]), columns(seen[group == g]))
    np.testing.assert_array_equal(score(packed, columns(seen), group), wanted)
    np.testing.assert_array_equal(contributions(packed, columns(seen), group), terms)


@pytest.mark.parametrize("group", [None, np.zeros(3, np.int32)], ids=["alone", "group"])
def test_a_constant_sample_scores_its_own_row_0_and_no_other(group: NDArray[np.int32] | None) -> None:
    forest = grow(np.array([[2.0, -0.0]] * 5))
    own, other, missing = (2.0, 0.0), (2.0, 1.0), (2.0, NAN)
    x = columns(np.array([own, other, missing]))
    assert (forest.constant, len(forest.feature)) == (True, 0)
    np.testing.assert_array_equal(score(pack([forest]), x, group), [0.0, NAN, NAN])
    np.testing.assert_array_equal(
        contributions(pack([forest]), x, group), [[0.0, 0.0], [NAN, NAN], [NAN, NAN]]
    )


@pytest.mark.parametrize("layout", ["alone", "group"])
@pytest.mark.parametrize("value", [NAN, math.inf, -math.inf, 1.1e150, -1e308])
def test_a_row_with_a_missing_value_has_no_score(
    forest: Forest, seen: NDArray[np.float64], value: float, layout: str
) -> None:
    x = seen[:200].copy()
    x[7, 0] = x[130, 5] = value
    group = np.zeros(200, np.int32) if layout == "group" else None
    scores = score(pack([forest]), columns(x), group)
    terms = contributions(pack([forest]), columns(x), group)
    whole = score(pack([forest]), columns(seen[:200]), group)
    whole[[7, 130]] = NAN
    np.testing.assert_array_equal(scores, whole)
    np.testing.assert_array_equal(np.isnan(terms), np.isnan(whole)[:, None] * np.ones(6, bool))


def test_a_group_below_zero_has_no_forest(forest: Forest, seen: NDArray[np.float64]) -> None:
    group = np.array([-1, -(2**31), 0], np.int32)
    assert np.isnan(score(pack([forest]), columns(seen[:3]), group)).tolist() == [True, True, False]


def test_contributions_add_up_to_the_path_saved(forest: Forest, seen: NDArray[np.float64]) -> None:
    packed = pack([forest])
    mean_path = -np.log2(score(packed, columns(seen)))
    expected = forest.expected[forest.roots[:-1]].mean() / forest.normal
    np.testing.assert_allclose(
        contributions(packed, columns(seen)).sum(axis=1), expected - mean_path, atol=1e-12
    )


def test_the_feature_that_stands_out_contributes_most(forest: Forest) -> None:
    rows = np.zeros((6, 6))
    np.fill_diagonal(rows, 9.0)
    assert contributions(pack([forest]), columns(rows)).argmax(axis=1).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_constant_feature_is_never_split_on() -> None:
    sample = random_rows("normal", 300, 3)
    sample[:, 1] = 4.0
    forest = grow(sample)
    assert set(forest.feature.tolist()) == {LEAF, 0, 2}
    assert (forest.low[1], forest.high[1], forest.constant) == (4.0, 4.0, False)


def test_the_same_sample_grows_the_same_forest_and_another_seed_another() -> None:
    sample = random_rows("normal", 400, 3)
    first, again, other = grow(sample), grow(sample.copy(order="F")), grow(sample, random_state=1)
    assert first.threshold.tolist() == again.threshold.tolist()
    assert first.threshold.tolist() != other.threshold.tolist()


def test_a_negative_zero_leaves_no_sign_behind() -> None:
    forest = grow(np.array([[-0.0], [5e-324]]), n_estimators=20)
    assert not np.signbit(np.concatenate([forest.threshold, forest.low, forest.high])).any()


def test_more_trees_begin_with_the_same_trees() -> None:
    sample = random_rows("normal", 400, 3)
    few, many = grow(sample, n_estimators=3), grow(sample, n_estimators=10)
    assert many.threshold.tolist()[: len(few.threshold)] == few.threshold.tolist()
    assert many.roots.tolist()[:4] == few.roots.tolist()


def test_deep_trees_stop_at_their_limit() -> None:
    sample = random_rows("normal", 20_000, 2)
    forest = grow(sample, n_estimators=2, max_samples=16_384)
    assert forest.psi == 16_384
    inside, outside = score(pack([forest]), columns(np.array([[0.0, 0.0], [6.0, -6.0]])))
    assert inside < 0.5 < outside


def test_outliers_are_ranked_as_by_scikit_learn() -> None:
    random = np.random.default_rng(7)
    x = np.concatenate([random.normal(size=(3000, 5)), random.uniform(-4, 4, size=(150, 5))])
    planted = np.arange(len(x)) >= 3000
    ours = roc_auc_score(planted, score(pack([grow(x)]), columns(x)))
    theirs = roc_auc_score(planted, -IsolationForest(random_state=0).fit(x).score_samples(x))
    assert ours > 0.9
    assert ours == pytest.approx(theirs, abs=0.02)


def test_a_row_farther_out_never_scores_lower(forest: Forest) -> None:
    away = np.linspace(0.0, 1.0, 40)[:, None] * np.array([3.0, 4.0, 5.0, 6.0, 7.0, 8.0]) + 4.0
    assert (np.diff(score(pack([forest]), columns(away))) >= 0).all()


def _empty_samples() -> Sequence[NDArray[np.float64]]:
    return np.empty((0, 2)), np.empty((3, 0))


@pytest.mark.parametrize("sample", _empty_samples(), ids=["rows", "features"])
def test_an_empty_sample_is_refused(sample: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="at least one row and one feature"):
        grow(sample)


def test_arguments_that_do_not_fit_are_refused(forest: Forest) -> None:
    x = [np.zeros(2)] * 6
    with pytest.raises(ValueError, match="take 6 features, not 5"):
        score(pack([forest]), x[:5])
    with pytest.raises(ValueError, match="say which one"):
        score(pack([forest, forest]), x)
    with pytest.raises(ValueError, match="a number below 1"):
        score(pack([forest]), x, np.array([0, 1], np.int32))
    with pytest.raises(ValueError, match="same features"):
        pack([forest, grow(np.zeros((2, 3)))])
    with pytest.raises(ValueError, match="at least one"):
        pack([])


def test_importing_the_forest_does_not_import_numba() -> None:
    code = "import sys, sqlnomaly.udfs.forest_score; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
