"""Five rows of each detector, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.reference.judge import DETECTORS, judge
from tests.reference.pyods import REFERENCES
from tests.reference.rows import column, scores
from tests.reference.values import quantile


def hand_rows(detector: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows that are worked out by hand, and how to judge them."""
    module = DETECTORS[detector]
    wide = [value if isinstance(value, tuple) else (value,) for value in module.HAND_ROWS]
    names = "xyz"[: len(wide[0])]
    rows = [{"id": i} | dict(zip(names, row, strict=True)) for i, row in enumerate(wide)]
    return rows, {"detector": detector, "features": list(names), **getattr(module, "HAND_OPTIONS", {})}


@pytest.mark.parametrize("detector", [name for name in DETECTORS if name not in REFERENCES])
def test_five_rows_have_the_scores_worked_out_by_hand(detector: str) -> None:
    rows, call = hand_rows(detector)
    found = scores(judge(rows, **call))
    expected = np.array(DETECTORS[detector].HAND_SCORES, dtype=np.float64)  # NaN where there is none
    near = getattr(DETECTORS[detector], "HAND_TOLERANCE", 1e-14)
    assert np.array(found, dtype=np.float64) == pytest.approx(expected, rel=near, abs=near, nan_ok=True)


def test_mahalanobis_terms_and_expectations_are_those_worked_out_by_hand() -> None:
    module = DETECTORS["mahalanobis"]
    rows, call = hand_rows("mahalanobis")
    said = [
        {part["feature"]: part for part in verdict.explanation or ()}
        for verdict in judge(rows, **call)
    ]
    for name, at in (("x", 0), ("y", 1)):
        terms = [row[at] for row in module.HAND_TERMS]
        centres = [row[at] for row in module.HAND_EXPECTED]
        assert [each[name]["contribution"] for each in said] == pytest.approx(terms, rel=1e-12, abs=1e-14)
        assert [each[name]["expected"] for each in said] == pytest.approx(centres, rel=1e-12)


def test_iforest_terms_are_those_worked_out_by_hand() -> None:
    rows, call = hand_rows("iforest")
    said = [(verdict.explanation or [])[0]["contribution"] for verdict in judge(rows, **call)]
    assert said == pytest.approx(list(DETECTORS["iforest"].HAND_TERMS), rel=1e-14)


@pytest.mark.parametrize("detector", ["hbos", "ecod"])
def test_rows_that_were_not_fitted_have_the_scores_worked_out_by_hand(detector: str) -> None:
    module = DETECTORS[detector]
    others = [x for x, _ in module.HAND_OTHERS]
    rows = column(*module.HAND_ROWS, *others)
    verdicts = judge(rows, detector=detector, features=["x"], where=lambda row: row["id"] < 5)
    assert scores(verdicts)[5:] == pytest.approx([score for _, score in module.HAND_OTHERS], rel=1e-14)


@pytest.mark.parametrize(("direction", "expected"), [("high", -3.0), ("low", 3.0), ("both", 3.0)])
@pytest.mark.parametrize("detector", ["zscore", "mad"])
def test_direction_is_the_sign_that_counts(detector: str, direction: str, expected: float) -> None:
    rows = column(*DETECTORS[detector].HAND_ROWS)
    unit = DETECTORS[detector].HAND_SCORES[0] / 3
    verdict = judge(rows, detector=detector, features=["x"], direction=direction)[0]
    assert verdict.score == pytest.approx(expected * unit, rel=1e-14)


def test_quantiles_are_type_seven() -> None:
    values = [7.0, 1.0, 4.0, 9.0]
    assert [quantile(values, q) for q in (0.0, 0.3, 0.5, 0.99, 1.0)] == pytest.approx(
        [float(np.quantile(values, q)) for q in (0.0, 0.3, 0.5, 0.99, 1.0)], rel=1e-14
    )
