"""The keys of partitions, compared as SQL groups them: NULL is one key, and so is NaN."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

NAN = "NaN", None
"""What stands for a key that does not equal itself."""


def keys_of(columns: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """The keys of rows as tuples that equal each other where their partitions do: NaN is one key, as NULL is."""
    for key in zip(*(column.to_pylist() for column in columns), strict=True):
        yield tuple(NAN if part != part else part for part in key)


def keys_in(table: pa.Table, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The key of each row; empty without columns."""
    return keys_of(table.select(names).columns) if names else repeat((), table.num_rows)
