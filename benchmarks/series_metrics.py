"""How good the scores of a labeled series are: the volume under the curve, the NAB score, events within a budget.

All of them judge by windows in which something was odd, not by points: no label says at which minute a machine broke.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Labels = NDArray[np.bool_]
Window = tuple[int, int]
"""First and last place of an anomaly, both included."""

THRESHOLDS = 250
"""How many thresholds a curve is made of."""


def windows(label: Labels) -> list[Window]:
    """The runs of a label.

    Example:
        >>> windows(np.array([False, True, True, False, True]))
        [(1, 2), (4, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], label.astype(np.int8), [0]])))
    return [(int(first), int(behind) - 1) for first, behind in zip(edges[::2], edges[1::2], strict=True)]


def widened(label: Labels, buffer: int) -> Scores:
    """The label with slopes of half a buffer on either side of each window, down from 1 like a square root."""
    soft = label.astype(np.float64)
    for first, last in windows(label):
        behind = np.arange(last + 1, min(last + buffer // 2 + 1, len(label)))
        soft[behind] += np.sqrt(1.0 - (behind - last) / buffer)
        before = np.arange(max(first - buffer // 2, 0), first)
        soft[before] += np.sqrt(1.0 - (first - before) / buffer)
    return np.minimum(soft, 1.0)


def vus_pr(label: Labels, scores: Scores, buffer: int) -> float:
    """The volume under the surface of precision and recall, over buffers from 0 to ``buffer``: 1 is perfect.

    Paparrizos, Boniol, Palpanas, Tsay, Elmore and Franklin, Volume Under the Surface (2022),
    doi:10.14778/3551793.3551830: precision and recall against the widened label, recall times the share of windows that
    are touched at all, averaged over the buffers. Recall counts as positive the label and half of what is found beside
    it, as the authors' code does.

    Args:
        label: which points lie in a window; some must and some must not.
        scores: higher is odder; finite.
        buffer: the widest, about the length of a period.

    Example:
        >>> label = np.arange(100) // 10 == 4
        >>> round(vus_pr(label, label.astype(float), 0), 3), round(vus_pr(label, 1.0 - label, 0), 3)
        (1.0, 0.0)
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    cuts = ranked[np.linspace(0, len(scores) - 1, THRESHOLDS).astype(int)]
    counts = len(scores) - np.searchsorted(np.sort(scores), cuts, side="left")
    areas = []
    for width in range(buffer + 1):
        soft = widened(label, width)
        hits = np.concatenate([[0.0], np.cumsum(soft[order])])[counts]
        beside = np.concatenate([[0.0], np.cumsum(np.where(label, 0.0, soft)[order])])[counts]
        recall = np.minimum(hits / (label.sum() + beside / 2.0), 1.0)
        highest = np.array([scores[first : last + 1].max() for first, last in windows(soft > 0.0)])
        touched = (highest[:, None] >= cuts).mean(axis=0)
        recall, precision = recall * touched, hits / counts
        areas.append(float(np.sum(np.diff(np.concatenate([[0.0], recall])) * precision)))
    return float(np.mean(areas))


@dataclass(frozen=True, slots=True)
class Nab:
    """The points of one series in the Numenta Anomaly Benchmark, and those of no alarm and of perfect ones."""

    points: float
    none: float
    perfect: float


def nab(alarms: Labels, found: Sequence[Window], false_alarm: float = 0.11) -> Nab:
    """The standard profile: the first alarm in a window counts, the earlier the more, and every false one costs.

    Lavin and Ahmad, Evaluating Real-time Anomaly Detection Algorithms (2015), doi:10.1109/ICMLA.2015.141. The first
    15 % of a series, at most 750 points, are there to learn from and do not count.

    Args:
        alarms: where an anomaly is said to be.
        found: the windows of the series.
        false_alarm: what one costs.

    Example:
        >>> alarms = np.zeros(1000, bool)
        >>> nab(alarms, [(500, 599)])
        Nab(points=-1.0, none=-1.0, perfect=1.0)
        >>> alarms[500] = True
        >>> round(nab(alarms, [(500, 599)]).points, 3)
        1.0
    """
    learned = min(int(0.15 * len(alarms)), 750)
    places = np.flatnonzero(alarms)
    places = places[places >= learned]
    points = 0.0
    for first, last in found:
        inside = places[(places >= first) & (places <= last)]
        if len(inside):
            points += _sigmoid(-(last - inside[0] + 1) / (last - first + 1)) / _sigmoid(-1.0)
        else:
            points -= 1.0
    for place in places:
        if any(first <= place <= last for first, last in found):
            continue
        before = [one for one in found if one[1] < place]
        away = (place - before[-1][1]) / max(before[-1][1] - before[-1][0], 1) if before else np.inf
        points += false_alarm * (_sigmoid(float(away)) if away <= 3.0 else -1.0)
    return Nab(points, -float(len(found)), float(len(found)))


def _sigmoid(away: float) -> float:
    return float(2.0 / (1.0 + np.exp(5.0 * away)) - 1.0)


def together(parts: Sequence[Nab]) -> float:
    """The score of several series: 0 for no alarm at all, 100 for perfect ones.

    Example:
        >>> together([Nab(1.0, -1.0, 1.0), Nab(-1.0, -1.0, 1.0)])
        50.0
    """
    none = sum(one.none for one in parts)
    return 100.0 * (sum(one.points for one in parts) - none) / (sum(one.perfect for one in parts) - none)


def first_of_runs(alarms: Labels, gap: int) -> Labels:
    """The alarms that begin an event: none within ``gap`` points before.

    Example:
        >>> first_of_runs(np.array([True, True, False, True, False, False, True]), 2).nonzero()[0].tolist()
        [0, 6]
    """
    places = np.flatnonzero(alarms)
    kept = np.zeros(len(alarms), dtype=bool)
    kept[places[np.diff(places, prepend=-gap - 1) > gap]] = True
    return kept


def recall_at(scores: Scores, found: Sequence[Window], budget: int, gap: int) -> float:
    """The share of windows touched by the ``budget`` highest events, of which each has ``gap`` points on either side.

    Example:
        >>> recall_at(np.array([0.0, 9.0, 8.0, 0.0, 0.0, 5.0]), [(1, 2), (5, 5)], budget=2, gap=1)
        1.0
    """
    left, chosen = scores.copy(), []
    for _ in range(budget):
        place = int(np.argmax(left))
        if not np.isfinite(left[place]):
            break
        chosen.append(place)
        left[max(place - gap, 0) : place + gap + 1] = -np.inf
    hit = [any(first <= place <= last for place in chosen) for first, last in found]
    return float(np.mean(hit)) if hit else float("nan")
