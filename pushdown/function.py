"""What a session registers in an engine for as long as a query runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Function:
    """A vectorized function that an engine registers for as long as a query runs.

    Attributes:
        returns: its SQL type.
        call: Arrow arrays of equal length in, one of that length out.
        fields: where it gives lists of rows, the name and the type of each of their columns.
    """

    returns: str
    call: Callable[..., Any]
    fields: tuple[tuple[str, str], ...] = ()


def rows_of(fields: Sequence[tuple[str, str]]) -> str:
    """The type of a list of rows of these columns.

    Example:
        >>> rows_of([("n", "BIGINT"), ("centre", "DOUBLE")])
        'STRUCT("n" BIGINT, "centre" DOUBLE)[]'
    """
    columns = [f'"{name}" {kind}' for name, kind in fields]
    return f"STRUCT({', '.join(columns)})[]"
