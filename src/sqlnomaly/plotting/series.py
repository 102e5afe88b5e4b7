"""A series: its line, what was expected, the band, the anomalies and their runs; below it the score."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sqlnomaly.plotting import look
from sqlnomaly.plotting.marks import mark
from sqlnomaly.plotting.rows import Rows
from sqlnomaly.plotting.thin import MOST, alone, broken, runs, segments, thinned, usual_step
from sqlnomaly.plotting.values import Floats, Places, drawable

CROWDED = 0.9
"""Where fewer of the rows than this have an x of their own, no line joins them."""


def draw_series(axes: Axes, below: Axes | None, rows: Rows, most: int = MOST) -> None:
    """Draws the rows, which ascend by x, and their scores below if there is a place for them."""
    step = usual_step(rows.x)
    parts = segments(rows.x, step)
    joined = len(np.unique(rows.x)) >= CROWDED * len(rows.x)
    _events(axes, rows, parts, step)
    values = drawable(rows.y)
    _room(axes, rows, values)

    lines = [line for line in (values, rows.lower, rows.upper, rows.expected) if not np.isnan(line).all()]
    drawn = thinned(rows.x, lines, rows.odd, most)
    few, part, y = rows.take(drawn), parts[drawn], values[drawn]
    _band(axes, few, part)
    ahead = few.forecast & ~np.isnan(few.expected)
    if not np.isnan(few.expected).all():
        _line(axes, part, few.x, np.where(ahead, np.nan, few.expected), "expected", look.EXPECTED, width=1.0)
    if ahead.any():
        near = np.concatenate([ahead[1:], [False]]) | np.concatenate([[False], ahead[:-1]])
        bridge = np.where(np.isnan(few.expected), y, few.expected)
        dashed = np.where(ahead, few.expected, np.where(near, bridge, np.nan))
        _line(axes, part, few.x, dashed, "forecast", look.VALUE, dashed=True)
    _line(axes, part, few.x, y, "value", look.VALUE, joined=joined)
    mark(axes, few)
    if below is not None:
        _scores(below, rows, parts, joined=joined, most=most)


def _line(
    axes: Axes,
    parts: Places,
    x: Floats,
    y: Floats,
    label: str,
    color: str,
    *,
    width: float = 1.3,
    dashed: bool = False,
    joined: bool = True,
) -> None:
    """A line with gaps; a value between two gaps is a dot."""
    x, y = broken(parts, x, y)
    if np.isnan(y).all():
        return
    dots = list(range(len(y))) if not joined else alone(y).tolist()
    style = "none" if not joined else "--" if dashed else "-"
    axes.plot(
        x, y, color=color, linewidth=width, linestyle=style, label=label, zorder=2 if label == "expected" else 3,
        marker="." if dots else "none", markersize=4, markevery=dots or None,
    )  # fmt: skip


def _band(axes: Axes, rows: Rows, parts: Places) -> None:
    """The band; a side that is open goes to the edge of the picture."""
    x, lower, upper = broken(parts, rows.x, rows.lower, rows.upper)
    there = ~np.isnan(lower) | ~np.isnan(upper)
    if not there.any():
        return
    bottom, top = axes.get_ylim()
    low, high = np.where(np.isnan(lower), bottom, lower), np.where(np.isnan(upper), top, upper)
    axes.fill_between(
        x, low, high, where=there.tolist(), color=look.BAND, alpha=0.25, linewidth=0, label="band", zorder=1
    )


def _events(axes: Axes, rows: Rows, parts: Places, step: float | None) -> None:
    """Two and more anomalies in a row, half a step wider on either side."""
    half = (step or 0.0) / 2
    spans = [(rows.x[a] - half, rows.x[b] - rows.x[a] + 2 * half) for a, b in runs(rows.odd, parts)]
    if spans:
        axes.broken_barh(
            spans, (0, 1), transform=axes.get_xaxis_transform(), color=look.EVENT, alpha=0.3, linewidth=0,
            label="event", zorder=0,
        )  # fmt: skip


def _scores(axes: Axes, rows: Rows, parts: Places, *, joined: bool, most: int) -> None:
    drawn = thinned(rows.x, [rows.score], rows.odd, most)
    few, part = rows.take(drawn), parts[drawn]
    _line(axes, part, few.x, few.score, "score", look.SCORE, width=1.1, joined=joined)
    x, limit = broken(part, few.x, few.threshold)
    if not np.isnan(limit).all():
        axes.plot(x, limit, color=look.ANOMALY, linewidth=1.0, linestyle="--", label="threshold", zorder=2)


def _room(axes: Axes, rows: Rows, values: Floats) -> None:
    """The ends of the vertical axis, fixed before a band that is open is drawn."""
    ends = look.room(np.concatenate([values, rows.expected]), np.concatenate([rows.lower, rows.upper]))
    if ends is not None:
        axes.set_ylim(*ends)
