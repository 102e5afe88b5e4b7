"""The rows of one panel as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from sqlnomaly.plotting.columns import Chosen, Kind
from sqlnomaly.plotting.values import Bools, Floats, Places, drawable, is_moment, moments, numbers, verdicts

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Rows:
    """What is drawn of each row; NaN has no place, and a column that is not there is NaN.

    Attributes:
        x: the horizontal place.
        y: the value; it may still be infinite.
        odd: whether it is an anomaly.
        expected: the value that is expected.
        lower: the lower end of the band.
        upper: its upper end.
        score: the score.
        threshold: what the score is compared with.
    """

    x: Floats
    y: Floats
    odd: Bools
    expected: Floats
    lower: Floats
    upper: Floats
    score: Floats
    threshold: Floats

    def take(self, places: Places | Bools) -> Rows:
        """Some of the rows."""
        return Rows(**{item.name: getattr(self, item.name)[places] for item in fields(self)})

    @property
    def forecast(self) -> Bools:
        """Where there is no value, but one that is expected, or a band."""
        band = ~np.isnan(self.lower) | ~np.isnan(self.upper)
        return np.isnan(self.y) & (band | ~np.isnan(self.expected))


def rows_of(table: pa.Table, columns: Chosen) -> tuple[Rows, int]:
    """The rows that can be drawn, a series in the order of x, and how many rows have no x."""

    def of(role: str) -> Floats:
        number = columns.answers.get(role)
        return np.full(table.num_rows, np.nan) if number is None else drawable(numbers(table.column(number)))

    across = table.column(columns.x)
    flag = columns.answers.get("is_anomaly")
    rows = Rows(
        x=moments(across) if is_moment(across.type) else drawable(numbers(across)),
        y=np.full(table.num_rows, np.nan) if columns.y is None else numbers(table.column(columns.y)),
        odd=np.zeros(table.num_rows, bool) if flag is None else verdicts(table.column(flag)),
        **{role: of(role) for role in ("expected", "lower", "upper", "score", "threshold")},
    )
    return rows, int(np.isnan(rows.x).sum())


def in_place(rows: Rows, kind: Kind) -> Rows:
    """The rows that have a place across the picture, a series in the order of x."""
    there = rows.take(~np.isnan(rows.x))
    return there.take(np.argsort(there.x, kind="stable")) if kind is Kind.SERIES else there
