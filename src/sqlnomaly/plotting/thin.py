"""What a picture needs of many rows: gaps, runs, and few enough points that look the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sqlnomaly.plotting.values import Bools, Floats, Places

MOST = 5_000
"""Points of a panel that are drawn, beside the anomalies, which all are."""


def usual_step(x: Floats) -> float | None:
    """The step that nine of ten do not exceed, if x is regular: half the steps are within 15 % of the middle one.

    Months are regular, and so are working days, whose weekends are no gaps; times of events are not.

    Example:
        >>> usual_step(np.array([1.0, 2, 3, 4, 8])), usual_step(np.array([1.0, 2, 4, 8, 16, 32]))
        (1.0, None)
    """
    steps = np.diff(x)
    steps = steps[steps > 0]
    if len(steps) == 0:
        return None
    middle = np.median(steps)
    if np.mean(np.abs(steps - middle) <= 0.15 * middle) < 0.5:
        return None
    return float(np.quantile(steps, 0.9, method="lower"))


def segments(x: Floats, step: float | None) -> Places:
    """A number for each row that grows where steps are missing.

    Example:
        >>> segments(np.array([1.0, 2, 5]), 1.0).tolist()
        [0, 0, 1]
    """
    if step is None:
        return np.zeros(len(x), dtype=np.intp)
    return np.concatenate([[0], np.cumsum(np.diff(x) > 1.5 * step)]).astype(np.intp)[: len(x)]


def runs(odd: Bools, parts: Places) -> list[tuple[int, int]]:
    """The first and the last row of every two or more anomalies in a row, within a segment.

    Example:
        >>> runs(np.array([True, False, True, True]), np.zeros(4, dtype=int))
        [(2, 3)]
    """
    same = np.diff(parts) == 0
    joined = np.concatenate([[False], odd[1:] & odd[:-1] & same, [False]]).astype(np.int8)
    edges = np.diff(joined)
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


def thinned(x: Floats, lines: Sequence[Floats], keep: Bools, most: int = MOST) -> Places:
    """The rows to draw: of each column of pixels the first, the last, and the least and the largest of each line.

    x ascends. Rows under `keep` are drawn whatever they are. A line looks as if every row were drawn.

    Example:
        >>> x = np.arange(1e6)
        >>> rows = thinned(x, [np.sin(x)], x == 77)
        >>> len(rows) <= 5001, 77 in rows
        (True, True)
    """
    if len(x) <= most:
        return np.arange(len(x))
    pixels = most // (2 + 2 * len(lines))
    span = x[-1] - x[0]
    pixel = np.minimum((x - x[0]) / span * pixels, pixels - 1).astype(np.intp) if span > 0 else np.zeros(len(x), int)
    starts = np.flatnonzero(np.diff(pixel, prepend=-1))
    sizes = np.diff(np.append(starts, len(x)))
    chosen = [starts, starts + sizes - 1, np.flatnonzero(keep)]
    for line in lines:
        for reduce in (np.fmin, np.fmax):
            hits = np.flatnonzero(line == np.repeat(reduce.reduceat(line, starts), sizes))
            chosen.append(hits[np.flatnonzero(np.diff(pixel[hits], prepend=-1))])
    return np.unique(np.concatenate(chosen))


def spread(x: Floats, y: Floats, most: int = MOST) -> Places:
    """The points to draw of a cloud: one of each cell of a grid.

    Example:
        >>> x = np.tile(np.arange(10.0), 10_000)
        >>> len(spread(x, x))
        10
    """
    if len(x) <= most:
        return np.arange(len(x))
    side = int(most**0.5)
    cells = []
    for values in (x, y):
        low, span = values.min(), np.ptp(values)
        cells.append(np.minimum((values - low) / span * side, side - 1).astype(np.intp) if span > 0 else 0)
    _, first = np.unique(cells[0] * side + cells[1] + np.zeros(len(x), np.intp), return_index=True)
    return np.sort(first)


def broken(parts: Places, x: Floats, *lines: Floats) -> tuple[Floats, ...]:
    """x and the lines with a NaN of the lines wherever a new segment begins, so that they are drawn with a gap.

    Example:
        >>> [a.tolist() for a in broken(np.array([0, 1]), np.array([1.0, 5]), np.array([7.0, 8]))]
        [[1.0, 3.0, 5.0], [7.0, nan, 8.0]]
    """
    at = np.flatnonzero(np.diff(parts)) + 1
    between = x[at - 1] + (x[at] - x[at - 1]) / 2
    return (np.insert(x, at, between), *(np.insert(line, at, np.nan) for line in lines))


def alone(line: Floats) -> Places:
    """Where a value has no neighbor, so that a line does not show it.

    Example:
        >>> alone(np.array([1.0, np.nan, 2.0, 3.0])).tolist()
        [0]
    """
    there = np.concatenate([[False], ~np.isnan(line), [False]])
    return np.flatnonzero(there[1:-1] & ~there[:-2] & ~there[2:])
