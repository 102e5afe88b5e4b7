"""On DuckDB: the functions of a model say what the compiled calls with the same options say, of any row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sqlnomaly.errors import SqlnomalyError
from sqlnomaly.session import Session
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import FEW, SOME, Ask
from tests.conformance.compare import unlike
from tests.models.asked import DETECTORS, FITTED, PROBE, SETS, by_functions, disagreements, fitted, outputs
from tests.thorough import some

pytestmark = pytest.mark.duckdb

SMALL: Mapping[str, Any] = {"n_estimators": 12, "max_samples": 32}
"""A forest that is quickly grown and printed."""

PLAIN = (
    "gaussian", "heavy_ties", "mostly_constant", "offset", "tiny", "huge", "constant", "collinear", "all_null_group",
    "negative_zero", "decimal", "boolean", "timestamptz", "nonfinite", "edge_of_range", "bin_edges", "hostile_columns",
    "constant_then_step",
)  # fmt: skip
"""Data sets, each for two of the detectors in turn."""

OPTIONS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "zscore": (
        {"direction": "high", "threshold": 1.0, "nulls": "anomalous"},
        {"direction": "low", "contamination": 0.25, "nulls": "ignore"},
        {"ddof": 0, "min_effect": [3.0, 0.5], "min_rows": 20},
        {"min_rows": 21, "contamination": 0.1, "nulls": "anomalous"},
    ),
    "mad": (
        {"direction": "low", "min_effect": [0.0, 1.0], "contamination": 0.1},
        {"direction": "high", "nulls": "ignore", "min_effect": [2.0, 2.0], "threshold": 0.5},
        {"nulls": "anomalous", "min_effect": [2.0, 0.0]},
    ),
    "iqr": (
        {"direction": "high", "nulls": "ignore"},
        {"direction": "low", "min_effect": [1.0, 1.0], "contamination": 0.05},
    ),
    "mahalanobis": ({"ddof": 0, "contamination": 0.1}, {"threshold": 0.5, "nulls": "anomalous", "min_rows": 5}),
    "hbos": (
        {"n_bins": 2, "nulls": "ignore"},
        {"n_bins": 17, "alpha": 0.5, "nulls": "anomalous"},
        {"tol": 0.01, "threshold": 3.0, "min_rows": 15},
    ),
    "ecod": (
        {"nulls": "ignore", "contamination": 0.3},
        {"nulls": "anomalous", "threshold": 2.0},
        {"exact": False, "min_rows": 19},
    ),
    "iforest": (
        {"n_estimators": 3, "max_samples": 5, "random_state": 7, "nulls": "anomalous"},
        {"n_estimators": 1, "max_samples": 256, "threshold": 0.5, "min_rows": 20},
    ),
}
"""Detector -> options to try on rows that nobody fitted; every parameter of the detector is among them."""

KEYS: tuple[tuple[str, ...], ...] = ((), ("store",), ("shelf",), ("store", "shelf"))
"""The keys of `PROBE`: texts and integers, both with NULL."""


class Cell(NamedTuple):
    """One model."""

    data: str
    detector: str
    ask: Ask

    def __str__(self) -> str:
        said = ",".join(f"{name}={value}" for name, value in self.ask.options.items())
        where = "" if self.ask.where is None else "-some"
        return "-".join(filter(None, (self.data, self.detector, "+".join(self.ask.partition), said))) + where


def cells() -> Iterator[Cell]:
    """Every data set with a detector, then every detector's options over `PROBE`."""
    for number, name in enumerate(PLAIN):
        detector = DETECTORS[number % len(DETECTORS)]
        keys = SETS[name].keys if number % 3 or name == "all_null_group" else ()
        options = SMALL if detector == "iforest" else {}
        yield Cell(name, detector, Ask(options=options, partition=keys, where=(None, SOME)[number % 2]))
    for number, detector in enumerate(DETECTORS):
        for turn, options in enumerate(({}, *OPTIONS[detector])):
            grown = {**SMALL, **options} if detector == "iforest" else options
            keys = KEYS[(number + turn) % len(KEYS)]
            yield Cell("probe", detector, Ask(options=grown, partition=keys, where=FITTED))
    yield Cell("all_null_group", "iforest", Ask(options={**SMALL, "nulls": "anomalous"}, partition=("store",)))
    yield Cell("gaussian", "iforest", Ask(where=FEW, options={"n_estimators": 40}))
    yield Cell("gaussian", "ecod", Ask(partition=("store",), where=FEW))
    for detector in ("zscore", "ecod", "iforest"):
        yield Cell("one_row", detector, Ask(options={"min_rows": 1}, partition=("store",)))


@pytest.mark.parametrize("cell", some(cells(), every=2), ids=str)
def test_functions_say_what_the_compiled_calls_say(cell: Cell, duck: Session, tmp_path: Path) -> None:
    ask = replace(cell.ask, functions=outputs(cell.detector))

    assert disagreements(duck, SETS[cell.data], cell.detector, ask, tmp_path) == []


@pytest.mark.parametrize("detector", DETECTORS)
def test_rows_that_nobody_fitted_get_what_the_reference_says(detector: str, duck: Session) -> None:
    options = SMALL if detector == "iforest" else {}
    ask = Ask(options=options, partition=("store",), where=FITTED, functions=outputs(detector))
    duck.install(fitted(duck, PROBE, detector, ask), name="apart")

    said = by_functions(duck, PROBE, ask, "apart")

    wanted = dict(zip(range(PROBE.table.num_rows), ask.reference(PROBE, detector), strict=True))
    assert unlike(PROBE, detector, ask, said, wanted) == []


def test_every_parameter_of_a_detector_is_tried() -> None:
    tried = {name: {option for options in OPTIONS[name] for option in options} for name in DETECTORS}

    assert {
        name: [one.name for one in fields(detectors()[name]) if one.name not in tried[name]] for name in DETECTORS
    } == {name: [] for name in DETECTORS}


@pytest.mark.parametrize(("kind", "first"), [("DATE", "DATE '2024-02-29'"), ("BOOLEAN", "TRUE"), ("HUGEINT", "1")])
def test_a_key_of_a_date_a_truth_value_or_a_huge_integer_is_compared(kind: str, first: str, duck: Session) -> None:
    duck.engine.run(
        f"CREATE OR REPLACE TABLE keyed_rows AS SELECT CAST(CASE WHEN i % 3 = 0 THEN {first} END AS {kind}) AS k, "
        "i % 7 + i % 3 AS x FROM range(60) AS r(i)"
    )
    model = duck.fit("SELECT k, x FROM keyed_rows", detector="ecod", partition_by="k")
    duck.install(model, name="keyed")

    found = duck.sql(
        "SELECT keyed(k, x), anomaly_score(x, detector => 'ecod') OVER (PARTITION BY k) FROM keyed_rows"
    ).fetchall()

    assert [kept for kept, _ in found] == pytest.approx([said for _, said in found], rel=1e-12)
    assert duck.verify(model, name="keyed").holds


@pytest.mark.parametrize(
    ("kind", "named"), [("DOUBLE", "float"), ("TIMESTAMP", "timestamp"), ("DECIMAL(9, 2)", "decimal")]
)
def test_a_key_that_engines_compare_differently_is_refused(kind: str, named: str, duck: Session) -> None:
    key = "TIMESTAMP '2024-01-01'" if kind == "TIMESTAMP" else f"CAST(i % 2 AS {kind})"
    model = duck.fit(f"SELECT {key} AS k, i % 7 AS x FROM range(60) AS r(i)", detector="mad", partition_by="k")

    with pytest.raises(SqlnomalyError, match=f"partition key k is a {named}"):
        duck.install(model, name="refused")


def test_a_feature_may_be_called_like_anything(duck: Session) -> None:
    names = ["at", "user", "offset", "1st", "x'y", 'a"b', "tail_1", "_sn_x", "score", "back\\slash", "two\nlines"]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    columns = ", ".join(f"(i * {number + 3}) % 17 AS {name}" for number, name in enumerate(quoted))
    model = duck.fit(f"SELECT {columns} FROM range(50) AS r(i)", detector="ecod")
    duck.install(model, name="called")

    assert duck.verify(model, name="called").holds
    far = ", ".join(["1", *["5"] * (len(names) - 2), "1e9"])
    assert duck.engine.run(f"SELECT called_reason({far}) AS r").column("r")[0].as_py() in names
