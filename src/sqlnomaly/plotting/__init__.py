"""Pictures of a result: a series with its anomalies, points, or a histogram. matplotlib is loaded when one is drawn."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sqlnomaly.errors import MissingDriverError, SqlnomalyError, UsageError
from sqlnomaly.plotting.columns import Chosen, Kind, chosen
from sqlnomaly.plotting.rows import in_place, rows_of
from sqlnomaly.plotting.values import drawable, is_moment, is_whole, zone_of
from sqlnomaly.replacing import replaced

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.figure import Figure

    from sqlnomaly.plotting.picture import Names

PANELS = 12
"""Panels of a picture, at most."""
ENDINGS = ("png", "svg", "pdf")
"""What a picture can be written as."""


def plot(
    table: pa.Table,
    *,
    x: str | None = None,
    y: str | None = None,
    by: str | Sequence[str] | None = None,
    title: str | None = None,
    answers: Mapping[str, str | None] | None = None,
) -> Figure:
    """The picture of some rows; `sqlnomaly.result.Result.plot` says what it shows.

    Raises:
        MissingDriverError: without matplotlib.
        UsageError: for a column that is not there or cannot be drawn.
        SqlnomalyError: if there are no rows, or none that has a place.
    """
    _needs_matplotlib()
    from sqlnomaly.plotting.picture import picture

    if table.num_rows == 0:
        raise SqlnomalyError("there are no rows to draw", hint="look at the WHERE and QUALIFY of the query")
    columns = chosen(table, x=x, y=y, by=by, answers=answers)
    rows, left_out = rows_of(table, columns)
    across = table.column_names[columns.x]
    drawn = ~np.isnan(rows.x)
    if columns.kind is not Kind.HISTOGRAM:
        drawn = drawn & (~np.isnan(drawable(rows.y)) | rows.forecast | rows.odd)
    if not drawn.any():
        named = across if columns.y is None else f"{across}, {table.column_names[columns.y]}"
        raise SqlnomalyError(
            "no row can be drawn: each is NULL, NaN, infinite or beyond 1e150", where=f"columns: {named}"
        )
    groups = columns.groups
    there = np.isin(np.arange(groups.count), groups.codes[drawn])
    ranked = [group for group in groups.ranked(rows.odd, rows.score) if there[group]]
    panels = [
        (groups.title(group), in_place(rows.take(groups.codes == group), columns.kind))
        for group in ranked[:PANELS]
    ]
    note = []
    if len(ranked) > PANELS:
        note.append(
            f"{PANELS} of {len(ranked):,} panels, those with most anomalies first; {len(ranked) - PANELS:,} more"
        )
    if left_out:
        note.append(f"{left_out:,} row{'s' if left_out > 1 else ''} without a usable {across} left out")
    return picture(columns.kind, panels, _names(table, columns), title or "", "; ".join(note))


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Writes the picture as PNG, SVG or PDF by the ending of the path; a file there is replaced at the end.

    Raises:
        UsageError: for another ending.
        EngineError: if it cannot be written.
    """
    from sqlnomaly.plotting.picture import DPI

    target = Path(path)
    form = ending(target)
    undated = {"png": "Software", "svg": "Date", "pdf": "CreationDate"}[form]
    with replaced(target) as file:
        figure.savefig(file, format=form, dpi=DPI, metadata={undated: None})


def ending(path: str | os.PathLike[str]) -> str:
    """png, svg or pdf.

    Raises:
        UsageError: for another ending.

    Example:
        >>> ending("week.SVG")
        'svg'
    """
    found = Path(path).suffix.lower().removeprefix(".")
    if found not in ENDINGS:
        raise UsageError(
            f"which kind of picture is {str(path)!r}?", hint="a name that ends with .png, .svg or .pdf"
        )
    return found


def check_picture(path: str | os.PathLike[str]) -> None:
    """Refuses a picture that could not be written, before anything runs.

    Raises:
        UsageError: for another ending than those of ``ENDINGS``.
        MissingDriverError: without matplotlib.
    """
    ending(path)
    _needs_matplotlib()


def _needs_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401  (asked for here, so that the error names the extra)
    except ImportError:
        raise MissingDriverError.named("matplotlib", "plot") from None


def _names(table: pa.Table, columns: Chosen) -> Names:
    from sqlnomaly.plotting.picture import Names

    names, kind = table.column_names, table.schema.types[columns.x]
    zone, said = zone_of(kind)
    score = columns.answers.get("score") if columns.kind is Kind.SERIES else None
    up = columns.y if columns.y is not None else columns.answers.get("expected")
    return Names(
        x=f"{names[columns.x]} ({said})" if said else names[columns.x],
        y="rows" if columns.kind is Kind.HISTOGRAM or up is None else names[up],
        score=None if score is None else names[score],
        zone=zone if is_moment(kind) else None,
        whole=is_whole(kind) and columns.kind is Kind.SERIES,
    )
