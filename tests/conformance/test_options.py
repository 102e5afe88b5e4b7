"""Every option and every parameter of a detector changes something, on the engines that run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pytest

from sqlnomaly.pushdown.options import COMMON
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import SOME, Ask
from tests.conformance.compare import unlike
from tests.conformance.conftest import Runners
from tests.conformance.datasets import BY_NAME
from tests.conformance.matrix import LATER
from tests.conformance.variants import IN_ORDER, LEAN, in_order

OPTIONS: Mapping[str, tuple[str, Any]] = {
    "threshold": ("planted", 2.0),
    "contamination": ("gaussian", 0.2),
    "direction": ("planted", "low"),
    "nulls": ("all_null_group", "anomalous"),
    "min_rows": ("all_null_group", 30),
    "min_effect": ("planted", [1000.0, 1000.0]),
    "leave_one_out": ("planted", True),
}
"""Option -> a data set on which this value of it shows."""

PARAMETERS: Mapping[tuple[str, str], tuple[str, Any]] = {
    ("zscore", "ddof"): ("planted", 0),
    ("hbos", "n_bins"): ("planted", 5),
    ("hbos", "alpha"): ("planted", 0.5),
    ("hbos", "tol"): ("bin_edges", 0.001),
    ("mahalanobis", "ddof"): ("planted", 0),
    ("ewma", "alpha"): ("planted", 0.6),
    ("iforest", "n_estimators"): ("planted", 5),
    ("iforest", "max_samples"): ("planted", 20),
    ("iforest", "random_state"): ("planted", 1),
}
"""The same for what is one detector's own; a FILTER lets values fall outside of the fitted range."""

REFUSED: Mapping[str, frozenset[str]] = {
    "zscore": frozenset(),
    "mad": frozenset({"leave_one_out"}),
    "hbos": frozenset({"direction", "min_effect", "leave_one_out"}),
    "ecod": frozenset({"direction", "min_effect", "leave_one_out"}),
    "iqr": frozenset({"leave_one_out"}),
    "mahalanobis": frozenset({"direction", "min_effect"}),
    "ewma": frozenset({"contamination", "leave_one_out"}),
    "iforest": frozenset({"direction", "min_effect", "leave_one_out"}),
}


def wanted(detector: str) -> dict[str, tuple[str, Any]]:
    """The options that a detector takes, each with where it shows."""
    common = {name: shows for name, shows in OPTIONS.items() if name not in REFUSED[detector]}
    return common | {name: shows for (owner, name), shows in PARAMETERS.items() if owner == detector}


CASES = [
    (engine, detector, option)
    for engine in ("duckdb", "spark")
    for detector in detectors()
    for option in wanted(detector)
    if engine == "duckdb" or detector not in LATER or (detector, option) in PARAMETERS
]
"""What all detectors share is seen on Spark by the first ones."""


@pytest.mark.parametrize(("engine", "detector", "option"), CASES)
def test_an_option_changes_something(engine: str, detector: str, option: str, runners: Runners) -> None:
    runner = runners(engine)
    name, value = wanted(detector)[option]
    data = BY_NAME[name]
    ask = Ask(partition=data.keys, where=SOME, options=LEAN.get(detector, {}))
    ask = in_order(data, ask) if detector in IN_ORDER else ask
    changed = replace(ask, options={**ask.options, option: value})
    before, after = (runner.answers(runner.compile(data, detector, one), data) for one in (ask, changed))
    assert unlike(data, detector, ask, after, before) != []


@pytest.mark.parametrize("detector", detectors())
def test_every_parameter_has_a_case(detector: str) -> None:
    own = {field.name for field in fields(detectors()[detector])}
    assert set(wanted(detector)) | REFUSED[detector] == own | set(COMMON) - {"detector"}
