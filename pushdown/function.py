"""What a session registers in an engine for as long as a query runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Function:
    """A vectorized function that an engine registers for as long as a query runs.

    Attributes:
        returns: its SQL type.
        call: Arrow arrays of equal length in, one of that length out.
    """

    returns: str
    call: Callable[..., Any]
