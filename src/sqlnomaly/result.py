"""What a query gave: Arrow rows in memory, and the ways to look at them."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import MissingDriverError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from matplotlib.figure import Figure
    from rich.table import Table

SHOWN_ROWS = 20
"""Rows that ``show`` prints unless told otherwise."""

CELL_WIDTH = 40
"""Characters of one shown value."""

READ = (["plan"], ["property", "value"])
"""The columns of what EXPLAIN ANOMALY and DESCRIBE ANOMALY MODEL say, which is for reading: no value is cut."""


class Result:
    """The rows of one query, read to their end; a statement that returns nothing has no columns and no rows.

    Example:
        >>> import sqlnomaly
        >>> sqlnomaly.connect().sql("SELECT 1 AS a, 'x' AS b").fetchall()
        [(1, 'x')]
    """

    def __init__(self, table: pa.Table, *, sql: str = "") -> None:
        self._table = table
        self.sql = sql

    @property
    def columns(self) -> list[str]:
        """The column names, in order; names may repeat."""
        return list(self._table.column_names)

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table, without a copy."""
        return self._table

    def df(self) -> pd.DataFrame:
        """The rows as a pandas DataFrame.

        Raises:
            MissingDriverError: without pandas.
        """
        try:
            import pandas  # noqa: F401  (asked for here, so that the error names the extra)
        except ImportError:
            raise MissingDriverError.named("pandas", "pandas") from None
        return self._table.to_pandas()

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows as tuples of Python values, NULL as None."""
        return list(zip(*(column.to_pylist() for column in self._table.columns), strict=True))

    def show(self, limit: int = SHOWN_ROWS) -> None:
        """Prints the first rows as a table, and how many more there are."""
        from rich.console import Console

        console = Console()
        console.print(
            table_of(self._table.slice(0, limit), width=console.width if console.is_terminal else None),
            soft_wrap=not console.is_terminal,
        )
        if note := more_rows(len(self), limit):
            console.print(note, style="dim")

    def plot(
        self,
        x: str | None = None,
        y: str | None = None,
        by: str | Sequence[str] | None = None,
        path: str | os.PathLike[str] | None = None,
        title: str | None = None,
        *,
        expected: str | None = None,
        lower: str | None = None,
        upper: str | None = None,
        is_anomaly: str | None = None,
        score: str | None = None,
        threshold: str | None = None,
    ) -> Figure:
        """A picture of the rows, with matplotlib; columns that are not named are found by name and type.

        With a date, a timestamp or an ascending integer it is a series: its line, with gaps where values or steps are
        missing; the expected value, and dashed where there is no other; the band; a marker on each anomaly, and two
        or more in a row shaded; the score below, with its threshold. Without, it is two numbers as points, or the
        histogram of one. Many rows are thinned to about 5,000 points a panel, which keep each peak and each anomaly.

        Args:
            x: the horizontal axis; else the first date or timestamp, else the first integer that ascends.
            y: the vertical axis; else the first number that no detector said.
            by: a column, or several, that split the picture into panels, at most 12, those with most anomalies first.
                If left out, and x repeats: the first text column within whose values it does not. ``()`` for none.
            path: a file to write too: .png, .svg or .pdf.
            title: stands above the picture.
            expected: the expected value, else ``anomaly_expected``, ``expected``, ``forecast`` or ``baseline``.
            lower: the lower end of the band, else ``anomaly_lower``, ``lower`` or ``lower_bound``.
            upper: its upper end, else ``anomaly_upper``, ``upper`` or ``upper_bound``.
            is_anomaly: the verdict, else ``is_anomaly``, ``anomaly``, ``is_outlier``, ``outlier``, ``odd``, ``alert``.
            score: the score, else ``anomaly_score`` or ``score``.
            threshold: what it is compared with, else ``anomaly_threshold`` or ``threshold``.

        Returns:
            A matplotlib Figure that belongs to no window and no state of pyplot.

        Raises:
            MissingDriverError: without matplotlib.
            UsageError: for a column that is not there or cannot be drawn, or another ending of the path.
            SqlnomalyError: if no row can be drawn.

        Example:
            >>> import sqlnomaly
            >>> rows = sqlnomaly.connect().sql("SELECT i, i % 7 AS y, i = 40 AS odd FROM range(50) AS t(i) ORDER BY i")
            >>> [line.get_label() for line in rows.plot().axes[0].lines]
            ['value', 'anomaly']
        """
        from sqlnomaly import plotting

        if path is not None:
            plotting.check_picture(path)
        answers = {
            "expected": expected,
            "lower": lower,
            "upper": upper,
            "is_anomaly": is_anomaly,
            "score": score,
            "threshold": threshold,
        }
        figure = plotting.plot(self._table, x=x, y=y, by=by, title=title, answers=answers)
        if path is not None:
            plotting.save(figure, path)
        return figure

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())

    def __repr__(self) -> str:
        return f"<Result: {len(self):,} rows x {len(self.columns)} columns>"


def more_rows(total: int, shown: int) -> str | None:
    """A line about the rows that are not shown, or None.

    Example:
        >>> more_rows(1234, 20)
        '1,214 more rows'
    """
    hidden = total - shown
    return f"{hidden:,} more row{'s' if hidden > 1 else ''}" if hidden > 0 else None


def table_of(rows: pa.Table, *, width: int | None) -> Table:
    """The rows as a rich table; if a width is given, columns in the middle give way until the rest fits.

    The first columns say which row it is and the last are often the scores, so both ends are kept.
    """
    from rich import box
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    names = rows.column_names
    whole = names in READ
    cells = [[_whole(value) if whole else shown(value) for value in column.to_pylist()] for column in rows.columns]
    kept = _fitting(
        [max(map(len, [name, *column])) for name, column in zip(names, cells, strict=True)], width
    )
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    gap = next((place for place, number in enumerate(kept) if number != place), None)
    left_out = len(names) - len(kept)
    for place, number in enumerate(kept):
        if left_out and place == gap:
            table.add_column(f"({left_out} more)", style="dim", justify="center")
        right = _is_number(rows.schema.field(number).type)
        table.add_column(escape(names[number]), justify="right" if right else "left", no_wrap=not whole)
    for row in range(rows.num_rows):
        line = [Text("NULL", style="dim") if cells[n][row] == "" else Text(cells[n][row]) for n in kept]
        if left_out and gap is not None:
            line.insert(gap, Text(".."))
        table.add_row(*line)
    return table


def shown(value: object) -> str:
    """A value as a reader wants to see it in a table: short, on one line; NULL is the empty text.

    Example:
        >>> shown(3.14159265358979), shown(12.5), shown(1e-12)
        ('3.1416', '12.5', '1e-12')
    """
    match value:
        case None:
            return ""
        case float():
            text = repr(value)
            if len(text) > 10:
                text = f"{value:.4f}" if 1e-3 <= abs(value) < 1e15 else f"{value:.4g}"
            return text.removesuffix(".0")
        case dt.datetime():
            text = value.isoformat(sep=" ")
            return text.removesuffix(" 00:00:00")
        case str() if value.strip() == "":
            return repr(value)
        case _:
            text = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split(" "))
            return text if len(text) <= CELL_WIDTH else text[: CELL_WIDTH - 1] + "…"


def _whole(value: object) -> str:
    """The same of a text that is not cut."""
    return value if isinstance(value, str) and value.strip() else shown(value)


def _fitting(widths: Sequence[int], limit: int | None) -> list[int]:
    """The columns to show, taken from both ends until the next would not fit."""
    everything = list(range(len(widths)))
    if limit is None or sum(widths) + 2 * len(widths) <= limit:
        return everything
    left, right, room = [0], [len(widths) - 1] if len(widths) > 1 else [], limit - 12
    room -= sum(widths[n] + 2 for n in left + right)
    while left[-1] + 1 < (right[0] if right else 0):
        number = left[-1] + 1 if len(left) <= len(right) else right[0] - 1
        room -= widths[number] + 2
        if room < 0:
            break
        if number == left[-1] + 1:
            left.append(number)
        else:
            right.insert(0, number)
    return left + right


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
