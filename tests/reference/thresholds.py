"""The rules beside threshold and contamination, over scores in plain Python: sets of rows, tails, and tests.

It calls nothing of the package under test; None is NULL.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

from scipy import stats

from tests.reference.outputs import exceeds
from tests.reference.values import quantile

SLACK = 1e-9
"""What the rules allow two floating-point numbers to differ by, relatively."""

Scores = Sequence[float | None]


def false_discoveries(
    scores: Scores,
    fitted: Sequence[bool],
    partitions: Sequence[Hashable],
    *,
    rate: float,
    scope: str = "partition",
) -> tuple[list[bool | None], list[float | None]]:
    """Whether each row is an anomaly by Benjamini and Hochberg, and the smallest score of one in its scope."""
    found: list[bool | None] = [None] * len(scores)
    p_values: dict[int, float] = {}
    for i, score in enumerate(scores):
        if score is None:
            continue
        known = [
            other
            for other, inside, group in zip(scores, fitted, partitions, strict=True)
            if other is not None and inside and group == partitions[i]
        ]
        if fitted[i]:
            found[i] = False
            continue
        p_values[i] = (1 + sum(other >= score for other in known)) / (len(known) + 1)
        if rate * (len(known) + 1) * (1 + SLACK) >= 1:
            found[i] = False
    scopes = partitions if scope == "partition" else [None] * len(scores)
    for each in set(scopes):
        tested = [i for i in p_values if scopes[i] == each]
        if tested:
            adjusted = stats.false_discovery_control([p_values[i] for i in tested], method="bh")
            for i, value in zip(tested, adjusted, strict=True):
                if found[i] is not None:
                    found[i] = bool(value <= rate * (1 + SLACK))
    smallest: dict[Hashable, float] = {}
    for score, one, each in zip(scores, found, scopes, strict=True):
        if one and score is not None:
            smallest[each] = min(score, smallest.get(each, score))
    return found, [smallest.get(each) for each in scopes]


def alert_budget(
    scores: Scores, groups: Sequence[Hashable], *, rows: int, tolerance: float
) -> tuple[list[bool | None], list[float | None]]:
    """Whether each row is among the highest scores of its group, and what it had to exceed."""
    limits: dict[Hashable, float | None] = {}
    for group in set(groups):
        known = [score for score, own in zip(scores, groups, strict=True) if own == group and score is not None]
        limits[group] = sorted(known, reverse=True)[rows] if len(known) > rows else None
    found: list[bool | None] = []
    for score, group in zip(scores, groups, strict=True):
        limit = limits[group]
        found.append(None if score is None else limit is None or exceeds(score, limit, tolerance))
    return found, [limits[group] for group in groups]


def pareto(excesses: Sequence[float]) -> tuple[float, float]:
    """Shape xi and scale sigma of a generalized Pareto distribution by probability weighted moments."""
    ordered = sorted(excesses)
    n = len(ordered)
    mean = math.fsum(ordered) / n
    weighted = math.fsum((1 - (j - 0.35) / n) * y for j, y in enumerate(ordered, start=1)) / n
    return 2 - mean / (mean - 2 * weighted), 2 * mean * weighted / (mean - 2 * weighted)


def peaks(scores: Sequence[float], *, rate: float, level: float = 0.98, tolerance: float) -> float | None:
    """The threshold that the tail of the fitted scores of a partition gives."""
    if not scores:
        return None
    start = quantile(scores, level)
    slack = tolerance * max(1.0, abs(start))
    excesses = [score - start for score in scores if exceeds(score, start, tolerance)]
    if len(excesses) < 10 or max(excesses) - min(excesses) <= slack:
        return None
    xi, sigma = pareto(excesses)
    share = min(1.0, rate * len(scores) / len(excesses))
    if abs(xi) < 1e-9:
        return start - sigma * math.log(share)
    return start + sigma / xi * math.expm1(-xi * math.log(share))


def student(
    n: int, level: float, *, features: int = 1, own: bool, ddof: int = 1, direction: str = "both"
) -> float | None:
    """The distance from the mean in standard deviations that a normal value exceeds with a probability."""
    if n - (2 if own else 1) < 1:
        return None
    tail = level / features / (2 if direction == "both" else 1)
    unit = 1.0 if ddof == 1 else math.sqrt(n / (n - 1))
    if own:
        t = stats.t.isf(tail, n - 2)
        return float(unit * (n - 1) / math.sqrt(n) * t / math.sqrt(n - 2 + t * t))
    return float(unit * stats.t.isf(tail, n - 1) * math.sqrt(1 + 1 / n))


def hotelling(n: int, level: float, *, features: int, own: bool, ddof: int = 1) -> float | None:
    """The squared distance from the mean that a row of a normal distribution exceeds with a probability."""
    rest = n - features - (1 if own else 0)
    if rest < 1:
        return None
    unit = 1.0 if ddof == 1 else n / (n - 1)
    if own:
        return float(unit * (n - 1) ** 2 / n * stats.beta.isf(level, features / 2, rest / 2))
    return float(unit * features * (n * n - 1) / n / rest * stats.f.isf(level, features, rest))


