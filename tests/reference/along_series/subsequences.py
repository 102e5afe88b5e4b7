"""Pieces of a series in plain Python, slow and without a trick: nearest windows, the matrix profile, components."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from statistics import fmean

NAN = math.nan


def parts(values: Sequence[float], window: int) -> list[list[float] | None]:
    """The windows of a series; None is one with a missing value."""
    found = [list(values[first : first + window]) for first in range(len(values) - window + 1)]
    return [part if all(math.isfinite(value) for value in part) else None for part in found]


def at_points(scores: Sequence[float], window: int, length: int, causal: bool, history: int = 2) -> list[float]:
    """Scores of windows as scores of points."""
    found = []
    for place in range(length):
        if causal:
            found.append(scores[place - window + 1] if place >= (history + 1) * window else NAN)
            continue
        held = [scores[first] for first in range(max(place - window + 1, 0), min(place + 1, len(scores)))]
        held = [score for score in held if math.isfinite(score)]
        found.append(fmean(held) if held else NAN)
    return found


def others(place: int, count: int, exclusion: int, causal: bool) -> list[int]:
    """The windows that one is compared with."""
    return [other for other in range(place if causal else count) if abs(place - other) >= exclusion]


def sub_knn(values: Sequence[float], window: int, k: int, causal: bool, exclusion: int | None = None) -> list[float]:
    """The root of the mean squared difference from the k-th nearest window."""
    windows, scores = parts(values, window), []
    for place, part in enumerate(windows):
        near = others(place, len(windows), window if exclusion is None else exclusion, causal) if part else []
        squares = sorted(
            sum((a - b) ** 2 for a, b in zip(part, other, strict=True))
            for other in (windows[number] for number in near)
            if part and other
        )
        scores.append(math.sqrt(squares[min(k, len(squares)) - 1] / window) if squares else NAN)
    return at_points(scores, window, len(values), causal)


def scaled(part: Sequence[float], least: float) -> list[float]:
    """Mean 0 and deviation 1, at most; zeros of a constant. The moments are exact."""
    exact = [Fraction(value) for value in part]
    mean = sum(exact) / len(exact)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in exact) / len(exact))
    scale = max(deviation, least)
    return [float(value - mean) / scale if scale else 0.0 for value in exact]


def matrix_profile(
    values: Sequence[float], window: int, causal: bool, exclusion: int | None = None, least: float = 0.0
) -> list[float]:
    """The distance from the nearest window, both scaled."""
    windows = [scaled(part, least) if part else None for part in parts(values, window)]
    away = math.ceil(window / 4) + 1 if exclusion is None else exclusion
    found = []
    for place, part in enumerate(windows):
        near = [windows[number] for number in others(place, len(windows), away, causal)] if part else []
        found.append(min((math.dist(part, other) for other in near if part and other), default=NAN))
    return found


def sub_pca(values: Sequence[float], window: int, ridge: float, causal: bool) -> list[float]:
    """The distance by the inverse of the covariance with a ridge, found by elimination and not by components."""
    windows, scores = parts(values, window), []
    taken = end = 2 * window + 1
    for place, part in enumerate(windows):
        if causal and place >= end:
            taken, end = end, max(int(end * 1.1), end + 1)
        elif causal and place == taken:
            end = max(int(taken * 1.1), taken + 1)
        known = [other for other in (windows[: taken - window + 1] if causal else windows) if other]
        missing = not part or not known or (causal and place < 2 * window + 1)
        scores.append(NAN if missing else from_mean(part, known, ridge))
    return at_points(scores, window, len(values), causal)


def from_mean(part: Sequence[float], known: Sequence[Sequence[float]], ridge: float) -> float:
    """The distance of a window from the mean of others."""
    window = len(part)
    mean = [fmean(column) for column in zip(*known, strict=True)]
    away = [[a - b for a, b in zip(other, mean, strict=True)] for other in known]
    shared = [[fmean(row[a] * row[b] for row in away) for b in range(window)] for a in range(window)]
    added = ridge * fmean(shared[a][a] for a in range(window))
    for a in range(window):
        shared[a][a] += added
    step = [a - b for a, b in zip(part, mean, strict=True)]
    solved = solve(shared, step[:])
    return math.sqrt(max(sum(a * b for a, b in zip(step, solved, strict=True)), 0.0) / window)


def solve(left: list[list[float]], right: list[float]) -> list[float]:
    """Gauss with pivots; zeros where the matrix is zero."""
    size = len(right)
    for step in range(size):
        pivot = max(range(step, size), key=lambda row: abs(left[row][step]))
        if left[pivot][step] == 0.0:
            return [0.0] * size
        left[step], left[pivot], right[step], right[pivot] = left[pivot], left[step], right[pivot], right[step]
        for row in range(step + 1, size):
            share = left[row][step] / left[step][step]
            left[row] = [a - share * b for a, b in zip(left[row], left[step], strict=True)]
            right[row] -= share * right[step]
    found = [0.0] * size
    for step in reversed(range(size)):
        known = sum(left[step][other] * found[other] for other in range(step + 1, size))
        found[step] = (right[step] - known) / left[step][step]
    return found


def quantile(ordered: Sequence[float], share: float) -> float:
    """Between two values in proportion."""
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def standardized(scores: Sequence[float], causal: bool) -> list[float]:
    """Robust deviations above the median of all scores, or of those before the last time the scale was taken."""
    known = [score for score in scores if math.isfinite(score)]
    found, number, taken = [], 0, 50
    for score in scores:
        if not math.isfinite(score):
            found.append(NAN)
            continue
        if causal and number >= max(int(taken * 1.01), taken + 1):
            taken = number
        number += 1
        if causal and number <= 50:
            found.append(NAN)
            continue
        ordered = sorted(known[:taken] if causal else known)
        low, middle, high = (quantile(ordered, share) for share in (0.25, 0.5, 0.75))
        scale, away = max((high - low) / 1.3489795003921634, 0.1 * middle), score - middle
        found.append(0.0 if away == 0.0 else away / scale if scale else math.copysign(math.inf, away))
    return found
