"""What is said of a scored row beyond its score: reason, explanation, verdict, probability.

    probability   1 - p: p = #{fitted scores >= s} / n for a fitted row, (1 + #{..}) / (n + 1) for one that
                  FILTER left out; none with ORDER BY or leave-one-out, where the language refuses it
    explanation   a feature each: the reason first, then by contribution, in call order where equal, those
                  without one last; none where there is no reason
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.call import Call


@dataclass(frozen=True, slots=True)
class Part:
    """One feature of one row: its value and its term (None where there is none), the baseline's centre, from which
    effects are measured, and what is expected: the same for most detectors.

    ``unscored`` is the detector's own reason against a score: its module has a function of that name.
    """

    name: str
    value: float | None
    term: float | None
    centre: float | None
    constant: bool
    rows: int
    effect: float
    expected: float | None
    unscored: str | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """One row before its threshold is known."""

    status: str
    score: float | None
    parts: tuple[Part, ...]
    first_missing: str | None


def exceeds(score: float, threshold: float, tolerance: float) -> bool:
    """Whether a score lies above its threshold by more than the tolerance."""
    return score > threshold + tolerance * max(1.0, abs(threshold))


def is_anomaly(row: Scored, threshold: float | None, call: Call) -> bool | None:
    """Whether a score, or with min_effect the largest term that is large enough, exceeds the threshold."""
    if call.nulls == "anomalous" and row.first_missing is not None:
        return True
    if row.score is None:
        return True if surprising(row, call) is not None else None
    if threshold is None:
        return None
    if call.effects is None:
        return exceeds(row.score, threshold, call.tolerance)
    large = [part for part in row.parts if effect(part, call.direction) >= part.effect]
    return any(exceeds(part.term, threshold, call.tolerance) for part in large if part.term is not None)


def effect(part: Part, direction: str) -> float:
    """How far a value is from its centre, in the direction that counts; nothing without a value."""
    if part.value is None or part.centre is None:
        return float("-inf")
    difference = part.value - part.centre
    return {"both": abs(difference), "high": difference, "low": -difference}[direction]


def surprising(row: Scored, call: Call) -> str | None:
    """The first feature that is far enough from a constant baseline, if only such kept the row from a score."""
    if call.effects is None or row.status != "constant_baseline":
        return None
    broken = [part for part in row.parts if part.value is not None and part.term is None]
    return next((part.name for part in broken if effect(part, call.direction) >= part.effect), None)


def reason(row: Scored, call: Call) -> str | None:
    """The feature with the largest term, the first in call order among those within the tolerance of it."""
    if call.nulls == "anomalous" and row.first_missing is not None:
        return row.first_missing
    if row.score is None:
        return surprising(row, call)
    terms = [(part.name, part.term) for part in row.parts if part.term is not None]
    largest = max(term for _, term in terms)
    least = largest - call.tolerance * max(1.0, abs(largest))
    return next(name for name, term in terms if term >= least)


def explanation(row: Scored, first: str | None) -> list[dict[str, Any]] | None:
    """What each feature adds, the reason first."""
    if first is None:
        return None

    def place(part: Part) -> tuple[bool, bool, float]:
        return (part.name != first, part.term is None, -(part.term or 0.0))

    return [
        {"feature": part.name, "value": part.value, "expected": part.expected, "contribution": part.term}
        for part in sorted(row.parts, key=place)
    ]


def probability(score: float | None, fitted: bool, scores: Sequence[float], call: Call) -> float | None:
    """1 - p among the fitted rows' scores."""
    if score is None or call.keys or call.leave_one_out:
        return None
    above = sum(other >= score for other in scores)
    return 1 - (above / len(scores) if fitted else (1 + above) / (len(scores) + 1))
