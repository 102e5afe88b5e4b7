"""How the scores of a model's fitted rows are distributed, as far as the quantiles that it keeps can tell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import CallError, ModelError, nearest
from sqlnomaly.pushdown.fitted import LEVELS, Kept, level_name

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.catalog.shelf import Shelf

STEPS = len(LEVELS) - 1
"""The shares between two quantiles, all of one size."""
LAST = STEPS - 1
"""The quantile that the even bins end at: one row far out would squeeze all others into one bin."""
CLEAR = 1e-9
"""What a verdict keeps clear of the threshold by."""
SHOWN = 8
"""Partitions that an error names."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The share of the fitted rows whose scores lie between two values; the last bar of all has its upper end in it."""

    low: float
    high: float
    share: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """The scores of the fitted rows.

    Attributes:
        rows: how many fitted rows have a score.
        quantiles: ``q0`` .. ``q100``, never falling.
        threshold: what a score must exceed, or None.
    """

    rows: int
    quantiles: tuple[float, ...]
    threshold: float | None = None

    def bars(self, count: int = 12) -> list[Bar]:
        """The quantile function as a histogram: even bins up to the 99th percentile, and the rest in one.

        The rows of one hundredth are spread evenly between its two quantiles; those of a single value stay together.

        Example:
            >>> even = Distribution(101, tuple(float(n) for n in range(101)))
            >>> [round(bar.share, 2) for bar in even.bars(3)]
            [0.33, 0.33, 0.33, 0.01]
        """
        low, high, top = self.quantiles[0], self.quantiles[LAST], self.quantiles[-1]
        wide = (high - low) / count
        if not wide:
            even = [Bar(low, high, LAST / STEPS)]
        else:
            edges = [low + number * wide for number in range(count)] + [high]
            shares = [0.0] * count
            for start, end in zip(self.quantiles[:LAST], self.quantiles[1 : LAST + 1], strict=True):
                for number, share in self._spread(start, end, low, wide, count):
                    shares[number] += share / STEPS
            even = [Bar(edges[n], edges[n + 1], share) for n, share in enumerate(shares)]
        if top > high:
            return [*even, Bar(high, top, 1.0 / STEPS)]
        return [*even[:-1], Bar(even[-1].low, high, even[-1].share + 1.0 / STEPS)]

    def above(self) -> tuple[int, int]:
        """The fewest and the most rows that can be above the threshold; both are the same where the quantiles say so.

        Example:
            >>> Distribution(1_001, tuple(float(n) for n in range(101)), 90.0).above()
            (91, 100)
        """
        limit = math.inf if self.threshold is None else self.threshold
        limit += CLEAR * max(1.0, abs(limit))
        below = sum(quantile <= limit for quantile in self.quantiles) - 1
        if below == STEPS:
            return 0, 0
        fewest = self.rows - math.ceil((self.rows - 1) * (below + 1) / STEPS)
        if below < 0:
            return self.rows, self.rows
        most = self.rows - 1 - math.floor((self.rows - 1) * below / STEPS)
        return min(fewest, most), most

    def _spread(
        self, start: float, end: float, low: float, wide: float, count: int
    ) -> list[tuple[int, float]]:
        """The bins that a hundredth lies in, with the share of it in each."""
        first = min(int((start - low) / wide), count - 1)
        if end == start:
            return [(first, 1.0)]
        last = min(int((end - low) / wide), count - 1)
        ends = [start, *(low + number * wide for number in range(first + 1, last + 1)), end]
        parts = zip(range(first, last + 1), ends, ends[1:], strict=False)
        return [(number, max(right - left, 0.0) / (end - start)) for number, left, right in parts]


def distribution_of(kept: Kept, shelf: Shelf, partition: Mapping[str, str]) -> Distribution | str:
    """The distribution in one partition of a model, or why there is none.

    Args:
        kept: the model.
        shelf: reads its tables.
        partition: partition key -> value as text; none where the model has no keys, or one partition.

    Raises:
        CallError: for a key that the model lacks, or one that is missing.
        ModelError: for a partition that was not fitted.
    """
    model = kept.model
    names = [part.name for part in model.keys]
    for name in partition:
        if name not in names:
            hint = nearest(name, names) if names else "leave --partition out"
            raise CallError(f"the model {kept.name!r} has no partition key {name!r}", hint=hint)
    found = kept.table.get("calibration")
    rows: pa.Table = shelf.read(found.name) if found is not None else model.calibration
    if not {level_name(0), level_name(STEPS)} <= set(rows.column_names):
        return "no distribution is kept: the model has too many partitions, or came without one"
    listed = rows.to_pylist()
    if names and not partition and len(listed) != 1:
        keys = " ".join(f"--partition {name}=.." for name in names)
        return f"each of {len(listed):,} partitions has a distribution of its own: {keys} shows one"
    if partition and len(partition) < len(names):
        missing = ", ".join(name for name in names if name not in partition)
        raise CallError(f"a partition of {kept.name!r} has a value of {missing} too", hint=f"--partition {missing}=..")
    columns = dict(zip(names, model.fit.keys, strict=True))
    here = [row for row in listed if all(said(row[columns[key]]) == value for key, value in partition.items())]
    if not here:
        known = [", ".join(f"{key}={said(row[column])}" for key, column in columns.items()) for row in listed]
        more = f" and {len(known) - SHOWN:,} more" if len(known) > SHOWN else ""
        raise ModelError(
            f"the model {kept.name!r} fitted no partition {', '.join(f'{k}={v}' for k, v in partition.items())}",
            hint=f"there are: {'; '.join(sorted(known)[:SHOWN])}{more}",
        )
    row = here[0]
    quantiles = [row[level_name(number)] for number in range(STEPS + 1)]
    if any(quantile is None for quantile in quantiles):
        return "no fitted row has a score"
    threshold = model.threshold if model.threshold is not None else row.get("threshold")
    return Distribution(row["n"], tuple(map(float, quantiles)), threshold)


def said(value: Any) -> str:
    """A partition's value as text.

    Example:
        >>> said("north"), said(None), said(True)
        ('north', 'NULL', 'true')
    """
    if value is None:
        return "NULL"
    return str(value).lower() if isinstance(value, bool) else str(value)
