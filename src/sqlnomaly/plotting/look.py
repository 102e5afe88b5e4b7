"""How it looks: colors that color-blind readers tell apart, words that stay words."""

from __future__ import annotations

import numpy as np

from sqlnomaly.plotting.values import Floats

VALUE, EXPECTED, BAND, ANOMALY, EVENT, SCORE, QUIET = (
    "#0072B2",  # blue
    "#009E73",  # bluish green
    "#56B4E9",  # sky blue
    "#D55E00",  # vermillion
    "#E69F00",  # orange
    "#CC79A7",  # reddish purple
    "#767676",
)
"""The palette of Okabe and Ito, https://jfly.uni-koeln.de/color; the last is a gray for lines that only help."""

NAMES = ("value", "expected", "forecast", "band", "anomaly", "no value", "event", "score", "threshold")
"""The words of the legend, in its order; artists carry them as labels."""


def plain(text: str, most: int) -> str:
    r"""A text that matplotlib draws as it is: no formula, no control characters, cut in the middle if too long.

    Example:
        >>> plain("price in $ and $", 40), plain("number 1 of a long list", 11)
        ('price in \\$ and \\$', 'numbe… list')
    """
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    if len(line) > most:
        line = line[: most // 2] + "…" + line[len(line) - (most - 1) // 2 :]
    return line.replace("$", r"\$")


def folded(text: str, most: int) -> str:
    r"""The same on two lines, parted where words end, if one is too short.

    Example:
        >>> folded("anomaly_score", 9)
        'anomaly_\nscore'
    """
    ends = [place + 1 for place, sign in enumerate(text[:-1]) if sign in "_ "]
    if len(text) <= most or not ends:
        return plain(text, most)
    middle = min(ends, key=lambda place: abs(2 * place - len(text)))
    return f"{plain(text[:middle], most)}\n{plain(text[middle:], most)}"


def room(values: Floats, band: Floats) -> tuple[float, float] | None:
    """The ends of a vertical axis: all values, and of a wide band as much again on either side; None without any.

    Example:
        >>> room(np.array([0.0, 10.0]), np.array([-1000.0, 12.0]))
        (-11.1, 13.1)
    """
    core = values[~np.isnan(values)]
    edges = band[~np.isnan(band)]
    if len(core) == 0:
        core = edges
    if len(core) == 0:
        return None
    low, high = float(core.min()), float(core.max())
    reach = high - low if high > low else np.inf
    if len(edges):
        low, high = min(low, max(edges.min(), low - reach)), max(high, min(edges.max(), high + reach))
    pad = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return float(low - pad), float(high + pad)
