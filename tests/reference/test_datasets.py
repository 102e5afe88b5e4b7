"""The data sets of the matrix, and what the reference may import."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conformance.datasets import DATASETS, DataSet
from tests.reference.judge import judge
from tests.reference.rows import SMALL, UNORDERED
from tests.reference.values import group_key


@pytest.mark.parametrize("data", DATASETS, ids=lambda data: data.name)
def test_a_data_set_is_small_and_has_unique_ids(data: DataSet) -> None:
    ids = data.table.column("id").to_pylist()
    assert len(ids) <= 300
    assert len(set(ids)) == len(ids)
    assert {*data.features, *data.keys, *([data.order] if data.order else [])} <= set(data.table.column_names)
    assert str(data.table.schema.field("id").type) == "int64"


@pytest.mark.parametrize("data", [one for one in DATASETS if not one.categories], ids=lambda data: data.name)
@pytest.mark.parametrize("detector", UNORDERED)
@pytest.mark.parametrize("keyed", [False, True], ids=["whole", "keyed"])
def test_the_planted_outlier_has_the_highest_score(data: DataSet, detector: str, keyed: bool) -> None:
    verdicts = judge(
        data.rows,
        detector=detector,
        features=data.features,
        partition=data.keys if keyed else (),
        **(SMALL if detector == "iforest" else {}),
    )
    assert len(verdicts) == data.table.num_rows
    if data.planted_id is not None:
        group = [group_key([row[key] for key in data.keys if keyed]) for row in data.rows]
        rivals = [v.score for v, g in zip(verdicts, group, strict=True) if g == group[data.planted_id]]
        highest = max(score for score in rivals if score is not None)
        assert verdicts[data.planted_id].score == pytest.approx(highest, rel=1e-12)


@pytest.mark.parametrize("data", [data for data in DATASETS if data.order], ids=lambda data: data.name)
@pytest.mark.parametrize("detector", ["zscore", "mad", "ewma"])
def test_every_ordered_data_set_has_a_causal_verdict(data: DataSet, detector: str) -> None:
    verdicts = judge(
        data.rows, detector=detector, features=data.features, partition=data.keys, order=data.order
    )
    for row, verdict in zip(data.rows, verdicts, strict=True):
        assert (verdict.score is None) or row[data.order or ""] is not None


def test_the_reference_imports_nothing_that_it_judges() -> None:
    allowed = {
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "fractions",
        "functools",
        "hashlib",
        "importlib",
        "itertools",
        "math",
        "numpy",
        "pathlib",
        "scipy",
        "statistics",
        "warnings",
    }
    allowed |= {"__future__", "tests", "types", "typing"}
    for file in Path(__file__).parent.glob("[!t]*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= allowed, file.name
