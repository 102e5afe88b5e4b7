"""The figure: panels on a grid, axes with names, one legend, and a file of it."""

from __future__ import annotations

import datetime as dt
import io
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sqlnomaly.plotting.cloud import draw_histogram, draw_scatter
from sqlnomaly.plotting.columns import Kind
from sqlnomaly.plotting.look import NAMES, QUIET, folded, plain
from sqlnomaly.plotting.rows import Rows
from sqlnomaly.plotting.series import draw_series

DPI = 120
"""Dots of an inch of a PNG."""
COLUMNS = (0, 1, 2, 3, 2, 3, 3, 3, 3, 3, 3, 3, 3)
"""Columns of so many panels of points or histograms; series are wide and have fewer."""


class Picture(Figure):
    """A figure that a notebook shows, whether or not pyplot was ever imported."""

    def _repr_png_(self) -> bytes:
        data = io.BytesIO()
        self.savefig(data, format="png", dpi=DPI)
        return data.getvalue()


@dataclass(frozen=True, slots=True)
class Names:
    """What the axes are called.

    Attributes:
        x: the horizontal axis.
        y: the vertical one.
        score: that of the scores, None where there are none.
        zone: the zone of x if it is a moment, else None.
        whole: whether x is an integer.
    """

    x: str
    y: str
    score: str | None
    zone: dt.tzinfo | None
    whole: bool


def picture(kind: Kind, panels: Sequence[tuple[str, Rows]], names: Names, title: str, note: str) -> Picture:
    """The figure of one or more panels, each with a title and its rows."""
    single, series = len(panels) == 1, kind is Kind.SERIES
    across = (1 if len(panels) <= 3 else 2 if len(panels) <= 8 else 3) if series else COLUMNS[len(panels)]
    down = -(-len(panels) // across)
    tall = (3.8 if single else 2.1 if series else 2.9) + (0 if names.score is None else 1.2 if single else 0.8)
    figure = Picture(figsize=(10 if across == 1 else 12, tall * down + 0.8), layout="constrained")
    lines = [plain(line, 120) for line in (*textwrap.wrap(title, 90), *textwrap.wrap(note, 120))]
    if lines:
        figure.suptitle("\n".join(lines), fontsize=11 if title else 9)
    for number, (main, below) in enumerate(_places(figure, kind, len(panels), across, down, names)):
        head, rows = panels[number]
        if head:
            main.set_title(plain(head, 140 // across), loc="left", fontsize=9)
        draw = {Kind.SCATTER: draw_scatter, Kind.HISTOGRAM: draw_histogram}.get(kind)
        if draw is None:
            draw_series(main, below, rows)
        else:
            draw(main, rows)
        last = number + across >= len(panels)
        _dress(main, below, names, across, down, last=last, shared=series)
    figure.align_ylabels()
    _legend(figure)
    return figure


def _places(
    figure: Figure, kind: Kind, many: int, across: int, down: int, names: Names
) -> Iterator[tuple[Axes, Axes | None]]:
    """The axes of each panel and of its scores; series share the horizontal one."""
    each = 1 if names.score is None else 2
    grid = figure.add_gridspec(down * each, across, height_ratios=[3, 1][:each] * down)
    first: Axes | None = None
    for number in range(many):
        row, column = divmod(number, across)
        main = figure.add_subplot(grid[row * each, column], sharex=first)
        first = main if kind is Kind.SERIES and first is None else first
        yield main, figure.add_subplot(grid[row * each + 1, column], sharex=first) if each == 2 else None


def _dress(
    main: Axes, below: Axes | None, names: Names, across: int, down: int, *, last: bool, shared: bool
) -> None:
    """Names, ticks and a light grid; what series share is said under the last of a column."""
    for axes in filter(None, (main, below)):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color=QUIET, alpha=0.2, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(labelsize=8)
        axes.xaxis.get_offset_text().set_fontsize(8)
        axes.yaxis.get_offset_text().set_fontsize(8)
        _ticks(axes, names, across)
        lowest = axes is (below or main)
        told = lowest and (last or not shared)
        axes.tick_params(labelbottom=told)
        axes.xaxis.get_offset_text().set_visible(told)
        if lowest and last:
            axes.set_xlabel(plain(names.x, 90 // across), fontsize=9)
    main.set_ylabel(folded(names.y, 40 if down == 1 else 24), fontsize=9)
    if below is not None:
        below.set_ylabel(folded(names.score or "", 15 if down == 1 else 9), fontsize=9 if down == 1 else 8)
        below.yaxis.set_major_locator(MaxNLocator(3))


def _ticks(axes: Axes, names: Names, across: int) -> None:
    if names.zone is not None:
        locator = AutoDateLocator(tz=names.zone, minticks=3, maxticks=12 // across)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=names.zone))
        axes.margins(x=0.01)
    elif names.whole:
        axes.xaxis.set_major_locator(MaxNLocator(12 // across, integer=True))


def _legend(figure: Figure) -> None:
    """One legend under the panels with what any of them holds."""
    found: Mapping[str, Artist] = {
        str(artist.get_label()): artist for axes in reversed(figure.axes) for artist in axes.get_children()
    }
    used = [name for name in NAMES if name in found]
    handles = [found[name] for name in used]
    figure.legend(handles, used, loc="outside lower center", ncols=len(used), frameon=False, fontsize=9)
