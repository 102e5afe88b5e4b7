"""Rows of one column, and what is read of verdicts about them."""

from __future__ import annotations

from typing import Any

from tests.reference.judge import Verdict

UNORDERED = ["zscore", "mad", "hbos", "ecod", "iqr", "mahalanobis", "iforest"]
"""Detectors that show what all of them share, without an order."""
SMALL: dict[str, Any] = {"n_estimators": 20, "max_samples": 64}
"""A forest that is grown in no time."""


def column(*values: Any, name: str = "x") -> list[dict[str, Any]]:
    """The rows of a column, with their places as ids."""
    return [{"id": i, name: value} for i, value in enumerate(values)]


def scores(verdicts: list[Verdict]) -> list[float | None]:
    """The scores."""
    return [verdict.score for verdict in verdicts]


def statuses(verdicts: list[Verdict]) -> list[str]:
    """The statuses."""
    return [verdict.status for verdict in verdicts]
