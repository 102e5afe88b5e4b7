"""The rows of each panel: one for each value of the columns that split the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sqlnomaly.errors import UsageError
from sqlnomaly.plotting.values import Bools, Floats, Places
from sqlnomaly.result import shown

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Groups:
    """Which group a row is in; NULL is a group.

    Attributes:
        names: the columns that split, none for a single group.
        codes: the group of each row, numbered as they first appear.
        values: the values of each group, one for each name.
    """

    names: tuple[str, ...]
    codes: Places
    values: Sequence[tuple[object, ...]]

    @property
    def count(self) -> int:
        """How many groups."""
        return len(self.values)

    def title(self, group: int) -> str:
        """The values of a group in words, empty for the only one.

        Example:
            >>> Groups(("store", "dow"), np.array([0]), [("north", None)]).title(0)
            'store = north, dow = NULL'
        """
        pairs = zip(self.names, self.values[group], strict=True)
        return ", ".join(f"{name} = {_word(value)}" for name, value in pairs)

    def ranked(self, odd: Bools, score: Floats | None) -> list[int]:
        """The groups, those with most anomalies first, then by their largest score, then as they appear.

        Example:
            >>> Groups(("a",), np.array([0, 1, 1]), [(1,), (2,)]).ranked(np.array([False, True, False]), None)
            [1, 0]
        """
        counts = np.bincount(self.codes, weights=odd, minlength=self.count)
        largest = np.full(self.count, -np.inf)
        if score is not None:
            np.fmax.at(largest, self.codes, score)
        return [int(group) for group in np.lexsort((-largest, -counts))]


def grouped(table: pa.Table, by: Sequence[int]) -> Groups:
    """The groups by those columns; all rows are one without any.

    Raises:
        UsageError: for a column that has no order of its values, such as a list.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    names = tuple(table.column_names[number] for number in by)
    if not by:
        return Groups((), np.zeros(table.num_rows, dtype=np.intp), [()])
    keys = np.zeros(table.num_rows, dtype=np.int64)
    for number, name in zip(by, names, strict=True):
        column = table.column(number)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        try:
            coded = pc.dictionary_encode(column.combine_chunks())
        except pa.ArrowNotImplementedError:
            hint = "a column of text, numbers, dates or booleans"
            raise UsageError(f"by: {name!r} is {column.type}, which cannot be grouped", hint=hint) from None
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        own = np.array(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64) + 1
        keys = np.unique(keys * (len(coded.dictionary) + 1) + own, return_inverse=True)[1]
    _, first, codes = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    values = zip(*(table.column(number).take(first[order]).to_pylist() for number in by), strict=True)
    return Groups(names, place[codes], list(values))


def _word(value: object) -> str:
    return "NULL" if value is None else value if isinstance(value, str) else shown(value)
