"""Two explanations of one row: the reason first, the same numbers, and the same order but for ties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from tests.conformance.datasets import DataSet
from tests.reference.call import tolerance_of
from tests.reference.values import valued

Explanation = Sequence[dict[str, Any]] | None

def likewise(
    data: DataSet,
    found: Explanation,
    wanted: Explanation,
    reason: str | None,
    detector: str,
    allowed: Callable[[float], float],
) -> bool:
    """Whether two explanations say the same.

    Args:
        reason: the feature that comes first, where that was asked too.
        allowed: the relative difference of two contributions.
    """
    if found is None or wanted is None:
        return found is wanted
    known = {part["feature"]: part for part in wanted}
    if sorted(part["feature"] for part in found) != sorted(known):
        return False
    if found[0]["feature"] != (reason or wanted[0]["feature"]):
        return False
    terms = [part["contribution"] for part in wanted if part["contribution"] is not None]
    size = max((abs(term) for term in terms), default=0.0)
    room = allowed(size) * max(1.0, size)
    for part in found:
        other = known[part["feature"]]
        largest = extent(data, part["feature"])
        off = tolerance_of(detector) * largest
        if not (
            within(part["value"], other["value"], 1e-15 * largest)
            and within(part["expected"], other["expected"], off)
            and within(part["contribution"], other["contribution"], room)
        ):
            return False
    return all(falls(left, right, data.features) for left, right in pairwise(found[1:]))


def falls(left: dict[str, Any], right: dict[str, Any], call: Sequence[str]) -> bool:
    """Whether one part comes before another: by its contribution, none last, where equal in call order."""
    mine, theirs = left["contribution"], right["contribution"]
    if mine == theirs:
        return call.index(left["feature"]) < call.index(right["feature"])
    return theirs is None or (mine is not None and mine > theirs)


def within(left: float | str | None, right: float | str | None, room: float) -> bool:
    """Whether two numbers are that close; None equals None only, and a text itself."""
    if left is None or right is None:
        return left is right
    if isinstance(left, str) or isinstance(right, str):
        return left == right
    return abs(left - right) <= room


def extent(data: DataSet, feature: str) -> float:
    """The largest usable magnitude of a feature."""
    values = [valued(row[feature]) for row in data.rows]
    return max((abs(value) for value in values if isinstance(value, float)), default=0.0)
