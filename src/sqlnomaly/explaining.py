"""What EXPLAIN tells of the rows at hand: the periods that a client would find in them, by a few series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlnomaly.errors import EngineError, UnsupportedError

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.client import ClientFit
    from sqlnomaly.pushdown.compiled import Compiled, Look

Read = Callable[["Look"], "pa.Table"]
"""Runs a look, or raises UnsupportedError where so many rows may not leave, EngineError where they cannot be read."""


NESTED = "not looked at: its rows have scores of another fit"


def periods(compiled: Compiled, read: Read) -> list[str]:
    """What each fit that looks for a period finds, in their order.

    Args:
        compiled: for the engine that has the rows.
        read: gives the first points of a few series.
    """
    from sqlnomaly.pushdown.client import ClientFit

    told: list[str] = []
    made: list[str] = []
    for step in compiled.steps:
        if step.fit is None:
            continue
        if isinstance(step.fit, ClientFit) and step.fit.detector.seeks:
            assert step.look is not None, "the compiler gives it one"
            nested = any(name in step.sql for name in made)
            told.append(NESTED if nested else _told(step.look, step.fit, read))
        made.append(step.fit.given.name)
    return told


def _told(look: Look, fit: ClientFit, read: Read) -> str:
    try:
        rows = read(look)
    except (UnsupportedError, EngineError) as refused:  # an engine has no values of parameters
        return f"not looked at: {refused.message}"
    return f"{words(fit.detector.found(rows, fit))} (EXPLAIN looked at {rows.num_rows:,} points)"


def words(found: Sequence[str]) -> str:
    """What series have in common, the most frequent first.

    Example:
        >>> words(["24 points", "none", "24 points"])
        'found 24 points in 2 of 3 series, none in 1 of 3 series'
        >>> words([])
        'no series to look at'
    """
    if not found:
        return "no series to look at"
    votes = sorted(Counter(found).items(), key=lambda one: (-one[1], one[0]))
    return "found " + ", ".join(f"{what} in {number} of {len(found)} series" for what, number in votes)
