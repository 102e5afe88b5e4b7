"""Every option and every parameter of a detector changes something, on the engines that run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sqlnomaly.pushdown.contract import Categories, Shape
from sqlnomaly.pushdown.options import COMMON
from sqlnomaly.pushdown.rules import MEANINGS, PARTS
from sqlnomaly.udfs.pyod_detector import PREFIX
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import SOME, Ask
from tests.conformance.compare import unlike
from tests.conformance.conftest import Runners
from tests.conformance.datasets import BY_NAME
from tests.conformance.matrix import FIRST, FULL, MATRIX
from tests.conformance.variants import IN_ORDER, LEAN, PARAMETERS, SHOWS, in_order

pytestmark = pytest.mark.slow

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

SHOWN_ON: Mapping[tuple[str, str], str] = {
    ("hbos", "tol"): "bin_edges", ("loda", "scaling"): "gaussian", ("loda", "random_state"): "gaussian",
    ("gmm", "max_iter"): "gaussian", ("gmm", "tol"): "gaussian",
}  # fmt: skip
"""Where an option of one detector shows that the planted outlier does not show."""
SHOWN_BY: Mapping[tuple[str, str], Any] = {
    ("hbos", "n_bins"): 5, ("hbos", "alpha"): 0.5, ("hbos", "tol"): 0.001, ("ewma", "alpha"): 0.6,
    ("iforest", "n_estimators"): 5, ("iforest", "max_samples"): 20, ("iforest", "random_state"): 1,
    ("feature_bagging", "n_estimators"): 5, ("pca", "n_components"): 1, ("kmeans", "n_init"): 1, ("cblof", "n_init"): 1,
    ("cblof", "beta"): 1.2,
}  # fmt: skip
"""Values for it other than those of the matrix: a FILTER lets values fall outside of the fitted range."""
UNSCALED = tuple(name for name, kind in detectors().items() if getattr(kind, "own_units", False))
"""Detectors to which ``scaling``, which they share with others, changes nothing."""


def refused(detector: str) -> frozenset[str]:
    """The options that a detector refuses."""
    kind = detectors()[detector]
    found = set() if kind.directed else {"direction", "min_effect"}
    found |= set() if kind.removable else {"leave_one_out"}
    return frozenset(found | ({"contamination"} if kind.shape is Shape.WINDOW else set()))


def wanted(detector: str) -> dict[str, tuple[str, Any]]:
    """The options that a detector takes, each with where it shows."""
    kind = detectors()[detector]
    common = {name: shows for name, shows in OPTIONS.items() if name not in refused(detector)}
    if detector not in FIRST:
        common = {name: common[name] for name in ("direction",) if name in common}
    if kind.categories is Categories.ALL:
        common = {}
    values = PARAMETERS.get(detector, {})
    values = {name: value for name, value in values.items() if detector not in UNSCALED or name != "scaling"}
    own = {name: SHOWN_BY.get((detector, name), value) for name, value in values.items()}
    return common | {name: (SHOWN_ON.get((detector, name), "planted"), value) for name, value in own.items()}


CASES = [
    (engine, detector, option)
    for engine in ("duckdb", "spark")
    for detector in MATRIX
    for option in wanted(detector)
    if engine == "duckdb" or (detector == FULL and option in ("threshold", "ddof"))
]
"""An option is read before anything knows the engine: that two of them reach Spark shows that the others do."""


@pytest.mark.parametrize(
    ("engine", "detector", "option"),
    [pytest.param(*case, marks=pytest.mark.thorough if number % 2 else ()) for number, case in enumerate(CASES)],
)
def test_an_option_changes_something(engine: str, detector: str, option: str, runners: Runners) -> None:
    runner = runners(engine)
    name, value = wanted(detector)[option]
    data = BY_NAME[name]
    base = {**LEAN.get(detector, {}), **SHOWS.get(detector, {}).get(option, {})}
    ask = Ask(partition=data.keys, where=SOME, options=base)
    ask = in_order(data, ask) if detector in IN_ORDER else ask
    changed = replace(ask, options={**ask.options, option: value})
    before, after = (runner.answers(runner.compile(data, detector, one), data) for one in (ask, changed))
    assert unlike(data, detector, ask, after, before) != []


@pytest.mark.parametrize("detector", [name for name in MATRIX if not name.startswith(PREFIX)])
def test_every_parameter_has_a_case(detector: str) -> None:
    own = set(detectors()[detector].options()) - {"direction"}
    assert set(PARAMETERS.get(detector, {})) | ({"scaling"} if detector in UNSCALED else set()) >= own


@pytest.mark.parametrize("detector", sorted(FIRST))
def test_every_common_option_has_a_case(detector: str) -> None:
    own = set(detectors()[detector].options())
    # tests/rules is about the rules of a verdict
    rules = ({*MEANINGS, *PARTS} - {"threshold", "contamination"}) & set(COMMON)
    # tests/test_season.py, tests/test_lags.py and tests/test_pool_by.py are about those
    elsewhere = rules | {"season", "time_zone", "country", "holidays", "lags", "pool_by", "pool_strength"}
    assert set(wanted(detector)) | refused(detector) - rules == own | set(COMMON) - elsewhere
