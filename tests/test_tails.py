"""ecod and copod: against PyOD, against the reference, and as stored models."""

from __future__ import annotations

import pytest

from tests.conformance.datasets import BY_NAME
from tests.reference import copod
from tests.reference.judge import judge
from tests.reference.rows import column, scores
from tests.reference.test_by_others import PLAIN, matrix


@pytest.mark.parametrize("name", [*PLAIN, "mostly_constant", "bin_edges"])
def test_copod_agrees_with_pyod(name: str) -> None:
    peer = pytest.importorskip("pyod.models.copod")
    data = BY_NAME[name]
    expected = peer.COPOD().fit(matrix(data)).decision_scores_
    found = scores(judge(data.rows, detector="copod", features=data.features))
    assert found == pytest.approx(expected.tolist(), rel=1e-9)


def test_copod_of_rows_that_were_not_fitted_has_the_scores_worked_out_by_hand() -> None:
    rows = column(*copod.HAND_ROWS, *(x for x, _ in copod.HAND_OTHERS))
    verdicts = judge(rows, detector="copod", features=["x"], where=lambda row: row["id"] < 5)
    assert scores(verdicts)[5:] == pytest.approx([score for _, score in copod.HAND_OTHERS], rel=1e-14)


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_tail_on_the_side_of_the_skewness_counts_whole_and_the_other_half(mirrored: bool) -> None:
    sign = -1.0 if mirrored else 1.0
    rows = column(*(sign * x for x in copod.HAND_ROWS))
    found = scores(judge(rows, detector="copod", features=["x"]))
    assert found == pytest.approx(copod.HAND_SCORES, rel=1e-14)
