"""hbos: how empty the histogram bins are that a row falls into, summed over the features.

    edge_i = lo + i * ((hi - lo) / bins), the last edge is hi
    density_i = count_i / (edge_(i+1) - edge_i) / n        term = -log2(density + alpha)

Two conventions meet here, and PyOD 3.6 is followed in both. Counting closes a bin on the left, [a, b), and
the last one on both sides (numpy.histogram). Looking up closes it on the right, (a, b] (numpy.digitize,
right=True), so a value on an inner edge is counted above the edge and scored below it; the minimum is
scored by the first bin. Outside the fitted range by at most tol widths of the nearest bin the edge bin
answers; farther out, the emptiest bin of the feature. Source: M. Goldstein and A. Dengel, Histogram-based
Outlier Score, KI-2012.

A range of only a few doubles, hi - lo <= bins * 2^-51 * max(|lo|, |hi|), cannot be cut (numpy refuses it).
It is a constant baseline: term 0 within lo .. hi, none outside. Such is every feature with one distinct
value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 2
SIGNED = False
TWINNED = True
PARAMETERS = {"n_bins": 3, "alpha": 0.3, "tol": 0.9}
LEAN = {"n_bins": 4}
REDUCE = math.fsum

# Five rows by hand, 10 bins of width 1 over 0 .. 10. Counts: [0,1) 1, [1,2) 3, [9,10] 1, else 0; over n = 5
# the densities are 0.2, 0.6, 0.2, else 0. Looked up: 0 is the minimum, so bin (0,1]: 0.2; 1 is an inner
# edge, so also (0,1]: 0.2, twice; 1.5 in (1,2]: 0.6; 10 in (9,10]: 0.2. With alpha 0.1 that is -log2(0.3),
# and once -log2(0.7).
HAND_ROWS = (0.0, 1.0, 1.0, 1.5, 10.0)
HAND_SCORES = (1.736965594166206, 1.736965594166206, 1.736965594166206, 0.5145731728297583, 1.736965594166206)
HAND_OTHERS = (  # values that were not fitted
    (10.5, 1.736965594166206),  # half a width outside: the edge bin, -log2(0.3)
    (10.6, 3.321928094887362),  # farther out: the emptiest bin, -log2(0.1)
    (-0.5, 1.736965594166206),
    (-0.6, 3.321928094887362),
    (5.0, 3.321928094887362),  # an empty bin
)


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's histogram; edges are one more than terms."""

    edges: tuple[float, ...]
    terms: tuple[float, ...]
    tol: float
    constant: bool


def fit(values: Sequence[float], *, n_bins: int = 10, alpha: float = 0.1, tol: float = 0.5) -> Fit:
    """Fit one feature on at least one value."""
    low, high = min(values), max(values)
    if high - low <= n_bins * 2.0**-51 * max(abs(low), abs(high)):
        return Fit(edges=(low, high), terms=(), tol=tol, constant=True)
    step = (high - low) / n_bins
    edges = [low + i * step for i in range(n_bins)] + [high]
    counts = [0] * n_bins
    for value in values:
        counts[max(i for i in range(n_bins) if edges[i] <= value)] += 1
    widths = [right - left for left, right in pairwise(edges)]
    densities = [count / width / len(values) for count, width in zip(counts, widths, strict=True)]
    return Fit(
        edges=tuple(edges), terms=tuple(-math.log2(d + alpha) for d in densities), tol=tol, constant=False
    )


def term(x: float, model: Fit, direction: str) -> float | None:
    """The contribution of one value; None where a constant baseline cannot say. It has no direction."""
    edges, terms = model.edges, model.terms
    if model.constant:
        return 0.0 if edges[0] <= x <= edges[1] else None
    if x <= edges[0]:
        return terms[0] if edges[0] - x <= (edges[1] - edges[0]) * model.tol else max(terms)
    if x > edges[-1]:
        return terms[-1] if x - edges[-1] <= (edges[-1] - edges[-2]) * model.tol else max(terms)
    return terms[min(i for i in range(len(terms)) if x <= edges[i + 1])]
