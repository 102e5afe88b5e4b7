"""A forest as rows of a model, and back: one row a node, and pieces of its score as expressions and arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Piece
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.partition_keys import keys_in

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.udfs.forest import Forest

NODE = ("tree", "feature", "value", "right")
"""The columns of a node, in preorder; ``value`` is the threshold of a split and the path of a leaf."""


def node_table(forests: Sequence[Forest], keys: pa.Table) -> pa.Table:
    """The nodes of each forest, with the keys of its partition.

    Args:
        forests: in the order of the keys.
        keys: one row a forest; perhaps without columns.
    """
    import numpy as np
    import pyarrow as pa

    from sqlnomaly.udfs.forest import LEAF

    sizes = [len(forest.feature) for forest in forests]
    which = np.repeat(np.arange(len(forests)), sizes)
    columns = {name: keys.column(name).take(pa.array(which)) for name in keys.column_names}
    trees = [np.repeat(np.arange(len(forest.roots) - 1), np.diff(forest.roots)) for forest in forests]
    joined = [np.concatenate(parts) if parts else np.empty(0) for parts in (
        trees,
        [forest.feature for forest in forests],
        [np.where(forest.feature == LEAF, forest.expected, forest.threshold) for forest in forests],
        [forest.right for forest in forests],
    )]
    for name, values in zip(NODE, joined, strict=True):
        columns[name] = pa.array(values, pa.float64() if name == "value" else pa.int64())
    return pa.table(columns)


def forests_of(model: pa.Table, nodes: pa.Table, keys: Sequence[str], low: Sequence[str]) -> list[Forest]:
    """The forests of a model, in the order of its rows; what only contributions need is left 0.

    Args:
        model: one row a forest.
        nodes: their nodes.
        keys: the partition columns of both.
        low: the columns of the features' smallest values.
    """
    import numpy as np

    from sqlnomaly.udfs.forest import LEAF, Forest

    grown: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for key, node in zip(keys_in(nodes, keys), nodes.to_pylist(), strict=True):
        grown.setdefault(key, []).append(node)
    found = []
    for key, row in zip(keys_in(model, keys), model.to_pylist(), strict=True):
        own = grown.get(key, [])
        feature = np.array([node["feature"] for node in own], np.int32)
        value = np.array([node["value"] for node in own], np.float64)
        sizes = [len(tree) for tree in split(own)]
        least = np.array([row[name] for name in low], np.float64)
        found.append(
            Forest(
                feature=feature,
                threshold=np.where(feature == LEAF, 0.0, value),
                right=np.array([node["right"] for node in own], np.int32),
                expected=np.where(feature == LEAF, value, 0.0),
                roots=np.cumsum([0, *sizes], dtype=np.int64),
                low=least,
                high=least,
                psi=row["psi"],
            )
        )
    return found


def split(nodes: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """The nodes of each tree."""
    tree: list[Mapping[str, Any]] = []
    for node in nodes:
        if tree and node["tree"] != tree[0]["tree"]:
            yield tree
            tree = []
        tree.append(node)
    if tree:
        yield tree


def pieces_of(
    nodes: Sequence[Mapping[str, Any]], features: Sequence[Feature], size: int
) -> dict[str, Piece]:
    """The sums of the paths of a few trees each, by name: as many as have so many nodes, or a single larger one."""
    found: dict[str, Piece] = {}
    held: list[list[Mapping[str, Any]]] = []

    def close() -> None:
        if held:
            sql = _sum([_path(tree, 0, features) for tree in held])
            columns = tuple(feature.column for feature in features)
            found[f"paths_{len(found) + 1}"] = Piece("trees", columns, sql, _arrays(held))
            held.clear()

    for tree in split(nodes):
        if sum(map(len, held)) + len(tree) > size:
            close()
        held.append(tree)
    close()
    return found


def _sum(parts: Sequence[Expr]) -> Expr:
    """The balanced sum of the parts themselves."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return exp.Add(this=exp.Paren(this=_sum(parts[:middle])), expression=exp.Paren(this=_sum(parts[middle:])))


def _path(tree: Sequence[Mapping[str, Any]], at: int, features: Sequence[Feature]) -> Expr:
    """The path of a row through the tree, as nested CASEs as deep as the tree."""
    node = tree[at]
    if node["feature"] < 0:
        return ops.number(node["value"])
    inside = ops.le(features[node["feature"]].value, ops.number(node["value"]))
    left = _path(tree, at + 1, features)
    return ops.branch(inside, left, _path(tree, node["right"], features))


def _arrays(trees: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, list[float]]:
    """Roots, and of each node the feature (-1 for a leaf), the value and the right child; the left one follows it.

    ``steps`` counts from 1 to the depth of the deepest leaf.
    """
    deepest = max(_depth(tree) for tree in trees)
    arrays: dict[str, list[float]] = {"roots": [], "feature": [], "value": [], "right": []}
    for tree in trees:
        start = len(arrays["feature"])
        arrays["roots"].append(start)
        for node in tree:
            arrays["feature"].append(int(node["feature"]))
            arrays["value"].append(float(node["value"]))
            arrays["right"].append(start + int(node["right"]) if node["feature"] >= 0 else 0)
    return arrays | {"steps": list(range(1, deepest + 1))}


def _depth(tree: Sequence[Mapping[str, Any]], at: int = 0) -> int:
    node = tree[at]
    return 0 if node["feature"] < 0 else 1 + max(_depth(tree, at + 1), _depth(tree, node["right"]))
