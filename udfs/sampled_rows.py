"""Drawn rows as numbers: one matrix for each partition, in the order of the sample key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.pushdown.client import PART, ROWS, ClientFit
from sqlnomaly.pushdown.sample import PLACE

if TYPE_CHECKING:
    import pyarrow as pa


def partitions(rows: pa.Table) -> list[pa.Table]:
    """The drawn rows of each partition, in the order of the sample key."""
    import pyarrow.compute as pc

    order = [(name, "ascending") for name in (PART, PLACE) if name in rows.column_names]
    ordered = rows.take(pc.sort_indices(rows, sort_keys=order))
    starts = np.flatnonzero(ordered.column(PLACE).to_numpy() == 1).tolist()
    ends = [*starts[1:], ordered.num_rows][: len(starts)]
    return [ordered.slice(start, end - start) for start, end in zip(starts, ends, strict=True)]


def enough(group: pa.Table, fit: ClientFit) -> bool:
    """Whether a partition has as many complete rows as a fit needs."""
    return bool(group.column(ROWS)[0].as_py() >= fit.least)


def values_of(rows: pa.Table, columns: Sequence[str]) -> NDArray[np.float64]:
    """The columns of a table side by side, shape (rows, columns)."""
    return np.column_stack([rows.column(name).to_numpy().astype(np.float64) for name in columns])


def heads_of(groups: Sequence[pa.Table], rows: pa.Table) -> pa.Table:
    """The first row of each partition; no row of ``rows`` without partitions."""
    import pyarrow as pa

    firsts = [group.slice(0, 1) for group in groups]
    return pa.concat_tables(firsts) if firsts else rows.slice(0, 0)
