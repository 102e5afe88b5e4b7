"""A stored model gives the scores of an independent computation on the rows that were fitted, wherever it is asked."""

# ruff: noqa: E501  (a table is read a row a line)

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from sqlnomaly import connect
from sqlnomaly.session import Session
from tests.conformance.datasets import BY_NAME, DataSet, table
from tests.reference.call import tolerance_of
from tests.stored.asked import ask, create
from tests.stored.held import answers, held_out, unlike

pytestmark = pytest.mark.duckdb


def shops() -> DataSet:
    """Forty shops: of NULL, of a few rows, of one value, of no value, of numbers out of range."""
    random = Random(5)
    rows: list[tuple[Any, ...]] = []
    for i in range(600):
        shop = None if i % 40 == 7 else f"shop {i % 40}"
        x: float | None = round(random.gauss(10.0, 2.0), 2)
        y: float | None = round(random.gauss(-3.0, 1.0), 1)
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
SMALL: dict[str, dict[str, Any]] = {
    "iforest": {"n_estimators": 10, "max_samples": 32},
    "knn": {"n_neighbors": 5},
}
LONG = ("kmeans", "cblof", "ocsvm")
"""Their reasons over joined numbers are too long."""
CASES = [
    *(
        (data, detector, keyed)
        for data, keyed, chosen in (
            ("gaussian", True, "zscore mad iqr hbos mahalanobis ecod pca iforest knn"),
            ("gaussian", False, "zscore ecod iforest"),
            ("heavy_ties", True, "mad hbos ecod knn"),
            ("nonfinite", False, "zscore ecod pca iforest"),
        )
        for detector in chosen.split()
    ),
    *(("shops", detector, True) for detector in ("zscore", "mad", "iqr", "mahalanobis")),
    *(("shops", detector, True) for detector in ("pca", "mcd", "gmm", "kmeans", "cblof", "ocsvm")),
    *(("shops", detector, False) for detector in ("zscore", "ecod", "hbos")),
    *(
        (data, detector, False)
        for detector in ("zscore", "ecod")
        for data in ("boolean", "decimal", "timestamptz", "constant", "constant_then_step", "mostly_constant")
    ),
    *(
        (data, "mad", False)
        for data in ("edge_of_range", "negative_zero", "offset", "tiny", "huge", "hostile_columns")
    ),
    *(("all_null_group", detector, True) for detector in ("zscore", "ecod", "mahalanobis", "iforest")),
    *(("null_and_nan_keys", detector, True) for detector in ("zscore", "iqr", "pca")),
    ("words", "avf", True),
    ("words", "avf", False),
]
"""Data set, detector, whether its keys are partition keys."""
PLAIN = (
    "heavy_ties", "boolean", "decimal", "constant_then_step", "mostly_constant", "negative_zero", "huge", "tiny",
    "edge_of_range", "offset", "timestamptz", "all_null_group",
)  # fmt: skip
"""Data sets on which the matrix has shown the same of the query."""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A database with every data set."""
    with connect() as found:
        for data in SETS.values():
            found.load("loaded", data.table)
            found.engine.run(f'CREATE TABLE "{data.name}" AS SELECT * FROM loaded')
        yield found


@pytest.mark.parametrize(
    ("name", "detector", "keyed"),
    [
        pytest.param(*case, marks=pytest.mark.thorough if case[0] in PLAIN or number % 2 else ())
        for number, case in enumerate(CASES)
    ],
)
def test_a_model_says_what_the_rows_that_were_fitted_say(
    session: Session, name: str, detector: str, keyed: bool
) -> None:
    data = SETS[name]
    keys = data.keys if keyed else ()
    options = SMALL.get(detector, {})
    reasons = detector not in {*SMALL, *LONG}

    create(session, "m", detector, data.name, data.features, keys, **options)

    found = ask(session, "m", data.name, data.features, reasons=reasons)
    wanted = answers(data.rows, detector, data.features, keys, **options)
    assert unlike(found, wanted, tolerance_of(detector) * 10, reasons=reasons) == []


@pytest.mark.parametrize("detector", ["zscore", "pca", "mcd", "gmm", "kmeans", "cblof"])
def test_numbers_of_many_partitions_are_joined(session: Session, detector: str) -> None:
    create(session, "m", detector, "shops", ("x", "y"), ("shop",))
    plan = session.sql("EXPLAIN ANOMALY SELECT anomaly_score(x, y, model => 'm') AS s FROM shops").fetchall()
    assert "joined by shop" in str(plan)


def test_a_partition_of_too_few_rows_or_one_value_says_nothing_of_the_others(session: Session) -> None:
    rows = [
        (["a", "b", "c", "d"][0 if i < 2 else 1 if i < 14 else 2 + i % 2], 4.0 if 2 <= i < 14 else math.sin(i), i % 11 * 1.0)
        for i in range(90)
    ]  # fmt: skip
    data = DataSet(
        "uneven", table({"k": pa.string(), "x": pa.float64(), "y": pa.float64()}, rows), ("x", "y"), ("k",)
    )
    session.load("loaded", data.table)
    session.engine.run("CREATE OR REPLACE TABLE uneven AS SELECT * FROM loaded")
    for detector in ("iforest", "knn"):
        create(session, "m", detector, "uneven", ("x", "y"), ("k",), **SMALL[detector])

        found = ask(session, "m", "uneven", ("x", "y"), reasons=False)

        wanted = answers(data.rows, detector, ("x", "y"), ("k",), **SMALL[detector])
        assert unlike(found, wanted, tolerance_of(detector) * 10, reasons=False) == []


@pytest.mark.parametrize("keyed", [False, True])
@pytest.mark.parametrize("detector", ["zscore", "mahalanobis", "pca", "mad"])
def test_a_refresh_by_new_rows_is_the_fit_of_all_or_of_the_new_ones(
    session: Session, detector: str, keyed: bool
) -> None:
    data = SETS["shops" if keyed else "gaussian"]
    keys = data.keys if keyed else ()
    columns = ", ".join((*keys, *data.features))
    by = f" PARTITION BY {keys[0]}" if keys else ""
    session.sql(
        f"CREATE OR REPLACE ANOMALY MODEL m USING {detector} OPTIONS (threshold = 2){by} "
        f"AS SELECT {columns} FROM {data.name} WHERE id % 3 > 0"
    )

    [told] = session.sql(
        f"REFRESH ANOMALY MODEL m AS SELECT {columns} FROM {data.name} WHERE id % 3 = 0"
    ).fetchall()

    old, new = ([row for row in data.rows if (row["id"] % 3 > 0) is first] for first in (True, False))
    parts = {"merged": [old, new], "refitted": [new]}[told[1]]
    wanted = answers(data.rows, detector, data.features, keys, parts=parts, threshold=2.0)
    found = ask(session, "m", data.name, data.features)
    assert told[1] == ("refitted" if detector == "mad" else "merged")
    assert unlike(found, wanted, tolerance_of(detector) * 10, reasons=True) == []


@pytest.mark.parametrize("share", [0, 0.1, 0.5])
def test_calibration_is_the_share_of_rows_held_out(session: Session, share: float) -> None:
    data = SETS["heavy_ties"]

    create(session, "m", "zscore", data.name, data.features, calibration=share)

    wanted = answers(data.rows, "zscore", data.features, share=share)
    if share == 0:
        query = "SELECT anomaly_score(hits, size, model => 'm') FROM heavy_ties ORDER BY id"
        assert session.sql(query).fetchall() == [
            (pytest.approx(wanted[row["id"]].score),) for row in data.rows
        ]
    else:
        assert unlike(ask(session, "m", data.name, data.features), wanted, 1e-9, reasons=True) == []


@pytest.mark.parametrize(
    "rule", [{"threshold": 1.25}, {"contamination": 0.1}, {"min_rows": 40}, {"min_effect": [30.0, 3.0, 2.0]}]
)
def test_the_rules_of_the_fit_hold_in_the_model(session: Session, rule: dict[str, Any]) -> None:
    data = SETS["gaussian"]

    create(session, "m", "mad", data.name, data.features, data.keys, **rule)

    found = ask(session, "m", data.name, data.features)
    assert (
        unlike(found, answers(data.rows, "mad", data.features, data.keys, **rule), 1e-9, reasons=True) == []
    )


def test_two_thousand_rows_are_held_out_at_most_and_far_ranks_count_too_many_never_too_few(
    session: Session,
) -> None:
    rows = [(float(i * 7919 % 10_007),) for i in range(10_500)]
    data = DataSet("many", table({"x": pa.float64()}, rows), ("x",))
    session.load("loaded", data.table)
    session.engine.run("CREATE OR REPLACE TABLE many AS SELECT * FROM loaded")
    create(session, "m", "zscore", "many", ("x",))
    held = held_out(data.rows, ("x",), ())
    assert len(held) == 2_000

    found = ask(session, "m", "many", ("x",))

    known = [score for number in held if (score := found[number].score) is not None]
    for number in range(0, 10_500, 7):
        score, chance = found[number].score, found[number].probability
        assert score is not None
        assert chance is not None
        count = sum(other >= score - 1e-12 for other in known)
        counted = round((1 - chance) * 2_001) - 1
        assert count <= counted <= max(count, 24) * 1.05 + 1
