"""A stored model gives the scores of an independent computation on the rows that were fitted, wherever it is asked."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from sqlnomaly import connect
from sqlnomaly.session import Session
from tests.conformance.datasets import BY_NAME, DataSet, table
from tests.reference.call import DETECTORS, tolerance_of
from tests.stored.asked import ask, create
from tests.stored.held import Answer, answers, held_out, unlike

pytestmark = pytest.mark.duckdb


def shops() -> DataSet:
    """Forty shops: of NULL, of a few rows, of one value, of no value, of numbers out of range."""
    random = Random(5)
    rows: list[tuple[Any, ...]] = []
    for i in range(600):
        shop = None if i % 40 == 7 else f"shop {i % 40}"
        x, y = round(random.gauss(10.0, 2.0), 2), round(random.gauss(-3.0, 1.0), 1)
        if i % 40 == 11:
            x, y = 4.0, 4.0
        if i % 40 == 12:
            x, y = None, None
        if i % 40 == 13 and i > 100:
            continue
        if i % 97 == 5:
            x = [math.nan, math.inf, -math.inf, 1.1e150, None, 1e9][i % 6]
        rows.append((shop, x, y))
    types = {"shop": pa.string(), "x": pa.float64(), "y": pa.float64()}
    return DataSet("shops", table(types, rows), ("x", "y"), ("shop",))


SETS = {**BY_NAME, "shops": shops()}
SMALL = {"iforest": {"n_estimators": 10, "max_samples": 32}, "knn": {"n_neighbors": 5}}
CASES = [
    *(
        (data, detector, keyed)
        for detector in ("zscore", "mad", "iqr", "hbos", "mahalanobis", "ecod", "pca", "iforest", "knn")
        for data, keyed in [("gaussian", True), ("gaussian", False), ("heavy_ties", True), ("nonfinite", False)]
    ),
    *(("shops", detector, True) for detector in ("zscore", "mad", "iqr", "mahalanobis")),
    *(("shops", detector, False) for detector in ("zscore", "ecod", "hbos")),
    *(
        (data, detector, False)
        for detector in ("zscore", "ecod")
        for data in ("boolean", "decimal", "timestamptz", "constant", "constant_then_step", "mostly_constant")
    ),
    *((data, "mad", False) for data in ("edge_of_range", "negative_zero", "offset", "tiny", "huge", "hostile_columns")),
    *(("all_null_group", detector, True) for detector in ("zscore", "ecod", "mahalanobis", "iforest")),
    *(("null_and_nan_keys", detector, True) for detector in ("zscore", "iqr")),
    ("words", "avf", True),
    ("words", "avf", False),
]
"""Data set, detector, whether its keys are partition keys."""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A database with every data set."""
    with connect() as found:
        for data in SETS.values():
            found.load("loaded", data.table)
            found.engine.run(f'CREATE TABLE "{data.name}" AS SELECT * FROM loaded')
        yield found


@pytest.mark.parametrize(("name", "detector", "keyed"), CASES)
def test_a_model_says_what_the_rows_that_were_fitted_say(
    session: Session, name: str, detector: str, keyed: bool
) -> None:
    data = SETS[name]
    keys = data.keys if keyed else ()
    options = SMALL.get(detector, {})
    reasons = detector not in SMALL

    create(session, "m", detector, data.name, data.features, keys, **options)

    found = ask(session, "m", data.name, data.features, reasons=reasons)
    wanted = answers(data.rows, detector, data.features, keys, **options)
    assert unlike(found, wanted, tolerance_of(detector) * 10, reasons=reasons) == []
