"""Rows without an order: points of two columns, or the histogram of one."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sqlnomaly.plotting import look
from sqlnomaly.plotting.marks import mark
from sqlnomaly.plotting.rows import Rows
from sqlnomaly.plotting.thin import MOST, spread
from sqlnomaly.plotting.values import Floats, drawable

BINS = 60
"""Bars of a histogram, at most."""


def draw_scatter(axes: Axes, rows: Rows, most: int = MOST) -> None:
    """A dot for each row, and a marker on each anomaly; of many rows one in each small cell, and every anomaly."""
    here = rows.take(~np.isnan(drawable(rows.y)) & ~rows.odd)
    usual = here.take(spread(here.x, here.y, most))
    if len(usual.x):
        axes.plot(
            usual.x, usual.y, linestyle="none", marker="o", markersize=3.5, markeredgewidth=0, alpha=0.6,
            color=look.VALUE, label="value", zorder=3,
        )  # fmt: skip
    mark(axes, rows)


def draw_histogram(axes: Axes, rows: Rows) -> None:
    """How many rows have which value, and a tick under the bars for each anomaly."""
    edges = edges_of(rows.x)
    counts, _ = np.histogram(rows.x, edges)
    axes.stairs(counts, edges, fill=True, color=look.VALUE, alpha=0.6, label="value", zorder=2)
    if rows.odd.any():
        odd = rows.x[rows.odd]
        axes.plot(
            odd, np.full(len(odd), 0.03), linestyle="none", marker="|", markersize=12, markeredgewidth=1.6,
            color=look.ANOMALY, transform=axes.get_xaxis_transform(), label="anomaly", zorder=4,
        )  # fmt: skip


def edges_of(values: Floats) -> Floats:
    """The ends of the bars: as many bars as the square root of the rows, from 20 to 60; fewer where doubles lack room.

    Example:
        >>> len(edges_of(np.arange(400.0))), edges_of(np.array([2.0, 2.0])).tolist()
        (21, [1.5, 2.5])
    """
    low, high = float(values.min()), float(values.max())
    if high == low:
        half = max(0.5, abs(low) * 0.05)
        return np.array([low - half, high + half])
    bars = int(np.clip(len(values) ** 0.5, 20, BINS))
    return np.unique(np.linspace(low, high, bars + 1))
