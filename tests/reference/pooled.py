"""Partial pooling in plain Python: what a series and its parent say together.

The rows that speak, those of the parent (before the row, with an order) whose own series had min_rows values, each with
n, c, s of its series; N of them:

    m = mean of c
    w = sum s^2 (1 - 1/n) / sum (1 - 1/n)
    b = max(w / 100, (mean (c - m)^2 - w (mean 1/n - 1/N)) / (1 - h)),    h = sum over the series of (its share of N)^2
    q = w / (w + n b)
    centre = c + q (m - c)
    scale^2 = ((n - 1) s^2 + k w) / (n - 1 + k) + q b

k = 10; with a strength k is that, and b = w / k. Own n, c, s alone count where N < min_rows, w = 0, or, without a
strength, h > 0.4. Lifted: tests/test_pool_by.py.

Source: H. Buehlmann and A. Gisler, A Course in Credibility Theory and its Applications (2005),
doi:10.1007/3-540-29273-X.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True, slots=True)
class Own:
    """What the rows of a series say of one of its rows: centre None where there is no value."""

    n: int
    centre: float | None
    scale: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row: order None where it has no key, value None where it has none that counts."""

    series: Hashable
    parent: Hashable
    order: float | None
    value: float | None
    fitted: bool = True


@dataclass(frozen=True, slots=True)
class Parent:
    """What the rows that speak say."""

    level: float
    within: float
    between: float


def parent_of(spoken: Sequence[tuple[Hashable, Own]], *, min_rows: int, strength: float | None) -> Parent | None:
    """The parent by the rows that speak, or None where they know too little."""
    total = len(spoken)
    if total < min_rows:
        return None
    centres = [own.centre for _, own in spoken if own.centre is not None]
    level = fmean(centres)
    freedom = math.fsum(1 - 1 / own.n for _, own in spoken)
    within = math.fsum(own.scale**2 * (1 - 1 / own.n) for _, own in spoken) / freedom if freedom else 0.0
    if within <= 1e-300:
        return None
    if strength is not None:
        return Parent(level, within, within / strength)
    crowded = math.fsum((count / total) ** 2 for count in Counter(series for series, _ in spoken).values())
    if crowded > 0.4:
        return None
    levels = fmean((centre - level) ** 2 for centre in centres)
    noise = within * (fmean(1 / own.n for _, own in spoken) - 1 / total)
    return Parent(level, within, max(within / 100, (levels - noise) / (1 - crowded)))


def parents(
    rows: Mapping[int, Row], own: Mapping[int, Own], *, min_rows: int, strength: float | None = None, causal: bool
) -> dict[int, Parent | None]:
    """The parent of each row."""
    speak = {
        key: row.fitted and row.value is not None and own[key].n >= min_rows and own[key].centre is not None
        for key, row in rows.items()
    }

    def spoken(row: Row) -> list[tuple[Hashable, Own]]:
        found = []
        for key, other in rows.items():
            before = not causal or (other.order is not None and row.order is not None and other.order < row.order)
            if speak[key] and other.parent == row.parent and before:
                found.append((other.series, own[key]))
        return found

    return {key: parent_of(spoken(row), min_rows=min_rows, strength=strength) for key, row in rows.items()}


def shrunk(own: Own, parent: Parent | None, *, min_rows: int, strength: float | None = None) -> Own:
    """Own and parent as one."""
    if parent is None:
        return own
    k = 10.0 if strength is None else strength
    share = parent.within / (parent.within + own.n * parent.between)
    centre = parent.level if own.centre is None else own.centre + share * (parent.level - own.centre)
    free = max(own.n, 1) - 1
    variance = (free * own.scale**2 + k * parent.within) / (free + k) + share * parent.between
    return Own(own.n + max(min_rows, round(k)), centre, math.sqrt(variance))


def lifted(
    key: int, rows: Mapping[int, Row], above: Mapping[int, Parent | None], own: Own, *, min_rows: int, k: float = 10.0
) -> Own:
    """Own and parent as one, where earlier values of the series say how far it lies above its parent.

    d = x - m, held within 3 sqrt(w + b), of its q earlier values with a parent; keep = w / (w + q b):
    the parent's level is m + (1 - keep) mean d, q b of the variance is keep b, and before there are min_rows own values
    the variance of the series is that of d around the mean of those before it, i / (i + 1) (d - mean)^2 each.
    """
    parent, row = above[key], rows[key]
    if parent is None:
        return own
    held = []
    for other_key, other in rows.items():
        known = above[other_key]
        early = other.order is not None and row.order is not None and other.order < row.order
        if known is None or not early or other.series != row.series or not other.fitted or other.value is None:
            continue
        reach = 3 * math.sqrt(known.within + known.between)
        held.append((other.order, max(-reach, min(reach, other.value - known.level))))
    q = len(held)
    keep = parent.within / (parent.within + q * parent.between)
    prior = parent.level + (1 - keep) * (fmean(d for _, d in held) if held else 0.0)
    free, variance = max(own.n, 1) - 1, own.scale**2
    if own.n < min_rows:
        strays = 0.0
        for order, d in held:
            before = [e for other, e in held if other is not None and order is not None and other < order]
            strays += len(before) / (len(before) + 1) * (d - fmean(before)) ** 2 if before else 0.0
        free = max(q, 1) - 1
        variance = strays / free if free else 0.0
    share = parent.within / (parent.within + own.n * parent.between)
    centre = prior if own.centre is None else own.centre + share * (prior - own.centre)
    pooled = (free * variance + k * parent.within) / (free + k) + keep * parent.between
    return Own(own.n + max(min_rows, round(k)), centre, math.sqrt(pooled))
