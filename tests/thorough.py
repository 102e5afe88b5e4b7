"""Which parameters of a test run each time: the others, which say the same of more, run with ``--thorough``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def some(values: Iterable[Any], *, every: int | None = 3, and_also: Collection[Any] = ()) -> list[Any]:
    """Every so many of the values, or none, and some by name, as they are; the others marked ``thorough``.

    Example:
        >>> [getattr(one, "values", one) for one in some("abcd", every=3)]
        ['a', ('b',), ('c',), 'd']
    """
    return [
        value
        if (every is not None and number % every == 0) or value in and_also
        else pytest.param(value, marks=pytest.mark.thorough)
        for number, value in enumerate(values)
    ]
