"""spectral_residual: the saliency map of Ren et al. 2019, with the Fourier sums written out.

A = |F(x)|, L = log A, R = L - mean of L over three neighboring frequencies, S = |F^-1(exp(R + i phase))|;
score = (S - m) / m, m the mean of S over ``window`` points up to the point, at least 0. Before it five points are put
behind the last one: x[-5] + 5 g, g the mean slope from each of the five points before the last one to it. A frequency
of less than 1e-9 of the largest has that size and no phase.
"""

from __future__ import annotations

import cmath
import math
from statistics import fmean

from tests.reference.along_series.whole import in_units


def transform(values: list[complex], sign: int) -> list[complex]:
    n = len(values)
    turns = [cmath.exp(sign * 2j * math.pi * k / n) for k in range(n)]
    return [sum(x * turns[at * k % n] for at, x in enumerate(values)) for k in range(n)]


def saliency(values: list[float]) -> list[float]:
    spectrum = transform(list(values), -1)
    n, floor = len(values), 1e-9 * max(abs(f) for f in spectrum)
    logs = [math.log(max(abs(f), floor)) for f in spectrum]
    left = [math.exp(logs[k] - (logs[k - 1] + logs[k] + logs[(k + 1) % n]) / 3) for k in range(n)]
    phased = [one * f / abs(f) if abs(f) > floor else 0.0 for one, f in zip(left, spectrum, strict=True)]
    return [abs(x) / n for x in transform(phased, 1)]


def known(values: list[float | None], *, window: int = 21) -> list[dict[str, float | None]]:
    """n, centre, scale and score of each point: None where the value is missing, or where there are under four."""

    def judged(series: list[float]) -> list[dict[str, float | None]]:
        if len(series) < 4:
            return [{"centre": 0.0, "scale": 1.0, "score": None}] * len(series)
        reach = min(5, len(series) - 1)
        slope = fmean((series[-1] - series[-1 - k]) / k for k in range(1, reach + 1))
        s = saliency([*series, *[series[-reach] + slope * reach] * 5])[: len(series)]
        means = [fmean(s[max(0, at + 1 - window) : at + 1]) for at in range(len(s))]
        scores = [max(one / mean - 1, 0.0) if mean else 0.0 for one, mean in zip(s, means, strict=True)]
        return [
            {"centre": 0.0, "scale": 1.0, "score": None if x is None else score}
            for x, score in zip(values, scores, strict=True)
        ]

    return in_units(values, judged)
