"""The markers of anomalies: each at its place, or at the edge of the picture if it has none."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from sqlnomaly.plotting.look import ANOMALY
from sqlnomaly.plotting.rows import Rows
from sqlnomaly.plotting.values import Bools, Floats, drawable


def mark(axes: Axes, rows: Rows) -> None:
    """A dot on each anomaly; a cross at the lower edge where it has no value, at the upper where it is too large."""
    seen = rows.odd & ~np.isnan(drawable(rows.y))
    if seen.any():
        axes.plot(
            rows.x[seen], rows.y[seen], linestyle="none", marker="o", markersize=5, markeredgecolor="white",
            markeredgewidth=0.5, color=ANOMALY, label="anomaly", zorder=4,
        )  # fmt: skip
    unseen, edge = without_value(rows.odd, rows.y)
    if unseen.any():
        axes.plot(
            rows.x[unseen], edge, linestyle="none", marker="x", markersize=5, color=ANOMALY, label="no value",
            transform=axes.get_xaxis_transform(), zorder=4,
        )  # fmt: skip


def without_value(odd: Bools, y: Floats) -> tuple[Bools, Floats]:
    """The anomalies whose value has no place, and the edge each is drawn at, as a share of the height.

    Example:
        >>> rows, edge = without_value(np.array([True, True, True]), np.array([1.0, np.nan, np.inf]))
        >>> rows.tolist(), edge.tolist()
        ([False, True, True], [0.03, 0.97])
    """
    rows = odd & np.isnan(drawable(y))
    return rows, np.where(y[rows] > 0, 0.97, 0.03)
