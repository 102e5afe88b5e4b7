"""How the scores of several detectors become one, as an expression; one that is NULL is left out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

COMBINATIONS = ("mean", "max", "median", "aom", "moa")
"""Aggarwal and Sathe (2015), doi:10.1145/2830544.2830549: aom is the mean of buckets' maxima, moa the other way."""
LOWEST = -1e300


def combined(scores: Sequence[Expr], weights: Sequence[float], how: str, buckets: int) -> Expr:
    """One score of several.

    Args:
        scores: columns, so that each may be written several times.
        weights: of each: of its part in a mean, or what it is multiplied by before a maximum or a median.
        how: one of ``COMBINATIONS``.
        buckets: of aom and moa; the i-th score goes to the (i mod buckets)-th.
    """
    if how == "mean":
        return mean(scores, weights)
    heavy = [
        score if weight == 1.0 else ops.mul(ops.number(weight), score)
        for score, weight in zip(scores, weights, strict=True)
    ]
    if how == "max":
        return largest(heavy)
    if how == "median":
        return median(heavy)
    parts = [heavy[start::buckets] for start in range(min(buckets, len(heavy)))]
    if how == "aom":
        return mean([largest(part) for part in parts], [1.0] * len(parts))
    return largest([mean(part, [1.0] * len(part)) for part in parts])


def mean(scores: Sequence[Expr], weights: Sequence[float]) -> Expr:
    """The weighted mean of those that are known."""
    zero = ops.number(0.0)
    pairs = list(zip(scores, weights, strict=True))
    above = ops.total([ops.coalesce(ops.mul(ops.number(weight), score), zero) for score, weight in pairs])
    return ops.div(above, known_weight(scores, weights))


def known_weight(scores: Sequence[Expr], weights: Sequence[float]) -> Expr:
    """The sum of the weights of those that are known."""
    pairs = zip(scores, weights, strict=True)
    zero = ops.number(0.0)
    return ops.total([ops.case((ops.not_null(score), ops.number(weight)), default=zero) for score, weight in pairs])


def largest(scores: Sequence[Expr]) -> Expr:
    """The largest of those that are known."""
    known = ops.or_(*(ops.not_null(score) for score in scores))
    return ops.case((known, ops.greatest(*(ops.coalesce(score, ops.number(LOWEST)) for score in scores))))


def median(scores: Sequence[Expr]) -> Expr:
    """The middle of those that are known, or the mean of the two in the middle."""
    one, none = ops.integer(1), ops.integer(0)
    count = ops.total([ops.case((ops.not_null(score), one), default=none) for score in scores])
    zero = ops.number(0.0)
    above: list[Expr] = []
    below: list[Expr] = []
    for number, score in enumerate(scores):
        ahead = []
        for other, rival in enumerate(scores):
            if other != number:
                first = ops.le(rival, score) if other < number else ops.lt(rival, score)
                ahead.append(ops.case((first, one), default=none))
        place = ops.total(ahead) if ahead else none  # from 0, in ascending order
        twice = ops.mul(ops.integer(2), place)
        middle = ops.and_(ops.not_null(score), ops.ge(twice, ops.sub(count, ops.integer(2))), ops.le(twice, count))
        above.append(ops.case((middle, score), default=zero))
        below.append(ops.case((middle, ops.number(1.0)), default=zero))
    return ops.div(ops.total(above), ops.total(below))
