"""Bugs that any detector can have, put into every one: each must turn the comparison with the reference red."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sqlnomaly.errors import EngineError
from sqlnomaly.pushdown import columns
from sqlnomaly.pushdown.contract import Categories
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.udfs.pyod_detector import PREFIX
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import SOME, Ask
from tests.conformance.bugs import bugs, bugs_of_expressions
from tests.conformance.checks import expected
from tests.conformance.compare import differences
from tests.conformance.conftest import Runners
from tests.conformance.datasets import BY_NAME
from tests.conformance.matrix import FIRST, MATRIX, lean
from tests.conformance.runner import Registry, Runner
from tests.conformance.stand_ins import REACH, STAND_INS
from tests.conformance.variants import FORMLESS, IN_ORDER, in_order
from tests.reference.call import DETECTORS
from tests.thorough import some

pytestmark = pytest.mark.slow

NUMBERS = ("gaussian", "heavy_ties", "constant_then_step", "planted")
WORDS = ("words",)

PEERS = ("pyod.knn", "pyod.hbos", "pyod.gmm")
"""Three of PyOD's, which share one fit and one function."""
OTHERS = tuple(name for name in MATRIX if name not in FIRST and (not name.startswith(PREFIX) or name in PEERS))
"""Detectors whose bugs are not written by hand (see test_seeded_bugs.py)."""
CASES = [(name, bug) for name in OTHERS for bug in bugs(detectors()[name])]
IN_SQL = tuple(name for name in OTHERS if name not in FORMLESS)
SIMPLE = {"duplicates": "a count: it has neither a comparison nor a number"}
"""Detectors that only one bug in their expressions fits, and why."""
STANDING = [(name, bug) for name in STAND_INS for bug in bugs(STAND_INS[name])]


def red(runner: Runner, detector: str, ask: Ask, registry: Registry | None = None) -> str | None:
    """The first data set on which the answers differ from the reference's, or there are none; None without one."""
    kind = (registry or detectors())[detector]
    for name in WORDS if kind.categories is Categories.ALL else NUMBERS:
        data = BY_NAME[name]
        if not kind.least <= len(data.features) <= (kind.most or len(data.features)):
            continue
        asked = lean(detector, in_order(data, ask) if detector in IN_ORDER else ask)
        try:
            found = runner.answers(runner.compile(data, detector, asked, registry), data)
        except EngineError:
            return name
        if differences(data, detector, asked, found, expected(data, detector, asked)):
            return name
    return None


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("detector", "bug"),
    [pytest.param(*case, marks=pytest.mark.thorough if number % 4 else ()) for number, case in enumerate(CASES)],
)
def test_a_bug_is_red(detector: str, bug: str, runners: Runners) -> None:
    registry = {**detectors(), detector: bugs(detectors()[detector])[bug]}
    assert red(runners("duckdb"), detector, Ask(), registry) is not None


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", some(IN_SQL, every=2))
def test_bugs_in_its_expressions_are_red(detector: str, runners: Runners) -> None:
    found = {
        bug: red(runners("duckdb"), detector, Ask(), {**detectors(), detector: kind})
        for bug, kind in bugs_of_expressions(detectors()[detector]).items()
    }
    least = 1 if detector in SIMPLE else 2
    assert sum(name is not None for name in found.values()) >= least, f"a formula may lack what one changes: {found}"


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", OTHERS)
def test_a_fit_on_all_rows_is_red(
    detector: str, runners: Runners, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfiltered(*values: Any, **parts: Any) -> Fit:
        return replace(Fit(*values, **parts), fitted=None)

    monkeypatch.setattr(columns, "Fit", unfiltered)
    assert red(runners("duckdb"), detector, Ask(where=SOME)) is not None


@pytest.mark.duckdb
@pytest.mark.parametrize(("detector", "bug"), STANDING)
def test_a_bug_of_a_stand_in_is_red(
    detector: str, bug: str, runners: Runners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DETECTORS, "reach", REACH)
    registry = {**detectors(), detector: bugs(STAND_INS[detector])[bug]}
    assert red(runners("duckdb"), detector, Ask(), registry) is not None


@pytest.mark.parametrize("detector", OTHERS)
def test_every_detector_can_have_two_bugs_and_a_fit_on_all_rows(detector: str) -> None:
    assert sum(name == detector for name, _ in CASES) >= 2 or detector in IN_SQL
