"""Every cell of the matrix: it equals the reference, holds its law, or is refused for the listed reason."""

from __future__ import annotations

import pytest

from sqlnomaly.udfs.registry import detectors
from tests.conformance.conftest import Ledger, Runners
from tests.conformance.datasets import BY_NAME
from tests.conformance.matrix import APART, MATRIX, Cell, cells, everyday, outcomes
from tests.conformance.must_run import FILE, problems, read

pytestmark = pytest.mark.slow
"""Once, on the compiled build of sqlglot; the pure build runs the rest of this folder."""

LISTED = read(FILE.read_text())


TABLES = [
    pytest.param(engine, data, detector, marks=() if everyday(engine, detector, data) else pytest.mark.thorough)
    for engine, data, detector in dict.fromkeys((cell.engine, cell.data, cell.detector) for cell in cells())
]
"""What has cells."""


@pytest.mark.parametrize(("engine", "data", "detector"), TABLES)
def test_cells_agree(engine: str, data: str, detector: str, runners: Runners, ledger: Ledger) -> None:
    wrong = []
    for found in outcomes(engine, detector, BY_NAME[data], runners(engine)):
        bad = problems(LISTED, found)
        ledger.enter(found, bool(bad))
        wrong += [f"{found.cell.check}: {line}" for line in bad]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def test_every_detector_is_in_the_matrix_or_held_elsewhere() -> None:
    assert sorted({*MATRIX, *APART}) == sorted(detectors())
    assert len([name for name in MATRIX if any(cell.detector == name for cell in LISTED)]) > 50


def test_every_listed_cell_is_a_cell_of_the_matrix() -> None:
    assert sorted(LISTED.keys() - set(cells())) == []


def test_every_cell_of_the_matrix_is_listed() -> None:
    assert sorted(set(cells()) - LISTED.keys()) == []


def test_a_listed_cell_that_is_refused_fails() -> None:
    from tests.conformance.matrix import Outcome

    cell = Cell("duckdb", "zscore", "gaussian", "plain")
    assert problems({cell: ""}, Outcome(cell, refused="no")) == ["it must run, and is refused: no"]


def test_a_refused_cell_that_runs_fails() -> None:
    from tests.conformance.matrix import Outcome

    cell = Cell("duckdb", "mad", "gaussian", "causal")
    assert problems({cell: "no"}, Outcome(cell)) == ["it runs, and is listed as refused: no"]
