"""Histograms and tails: HBOS, ECOD, COPOD and LODA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.fitted.reading import Array, Reading, among, array, flat, unsupported
from sqlnomaly.udfs.fitted_front import Front, last_where
from sqlnomaly.udfs.fitted_steps import FittedCuts, FittedSteps, added

CLOSE = 1e-12
"""A projection this close to the smallest one of the training rows, relative to the largest, is that one."""


def hbos(estimator: Any, front: Front) -> Reading:
    """The bins of each feature with what lies outside of them."""
    if not isinstance(estimator.hist_, list):
        edges = list(array(estimator.bin_edges_, "bin_edges_").T)
        heights = list(array(estimator.hist_, "hist_").T)
    else:
        edges = [flat(one, "bin_edges_") for one in estimator.bin_edges_]
        heights = [flat(one, "hist_") for one in estimator.hist_]
    found = [_bins(own, height, estimator) for own, height in zip(edges, heights, strict=True)]
    reach = [np.linspace(own[0] - own[1] + own[0], 2 * own[-1] - own[-2], 41) for own in edges]
    order = np.random.default_rng(7)
    rows = np.column_stack([order.permutation(one) for one in reach])
    return _steps(found, front, float(estimator.threshold_), rows, estimator.decision_function)


def _bins(edges: Array, heights: Array, estimator: Any) -> tuple[Array, Array]:
    """Edges and levels of one feature: minus the logarithms of PyOD, which adds densities up and turns the sign."""
    with np.errstate(divide="ignore"):
        levels = array(-np.log2(heights + estimator.alpha), "an empty bin's score, as alpha is 0,")
    low, high = edges[0], edges[-1]
    below = (edges[1] - edges[0]) * estimator.tol
    above = (edges[-1] - edges[-2]) * estimator.tol
    first = last_where(lambda x: ~(low - x <= below), 1)
    last = last_where(lambda x: x - high <= above, 1)
    worst = [levels.max()]
    return np.concatenate([first, edges[1:-1], last]), np.concatenate([worst, levels, worst])


def ecod(estimator: Any, front: Front) -> Reading:
    """The tails among the training rows."""
    return _tails(estimator, front, lambda left, right, skewed: np.maximum(skewed, np.maximum(left, right)))


def copod(estimator: Any, front: Front) -> Reading:
    """The same, where the mean of both tails counts in the place of the larger one."""
    return _tails(estimator, front, lambda left, right, skewed: np.maximum(skewed, (left + right) / 2.0))


def _tails(estimator: Any, front: Front, join: Any) -> Reading:
    from scipy.stats import skew

    train = array(estimator.X_train, "X_train")
    with np.errstate(all="ignore"):
        sides = np.sign(np.nan_to_num(skew(train, axis=0)))
    found = [_feature_tail(column, side, join) for column, side in zip(train.T, sides.tolist(), strict=True)]
    numbers = _numbers(found)
    said = flat(estimator.decision_scores_, "decision_scores_")
    if not np.allclose(added(numbers, train), said, rtol=1e-9, atol=1e-9):
        raise unsupported(estimator, "does not score its training rows as its version is known to", "fit it again")
    return _steps(found, front, float(estimator.threshold_), among(train), lambda rows: added(numbers, rows))


def _feature_tail(values: Array, side: float, join: Any) -> tuple[Array, Array]:
    """The tail of one feature: a level on every training value, and one between two of them."""
    knots, counts = np.unique(values + 0.0, return_counts=True)
    total = float(len(values))
    upto = np.cumsum(counts)
    before = upto - counts
    # In turn: what lies just below a knot, and the knot itself; last what lies beyond all.
    below = np.append(np.column_stack([before, upto]).ravel(), upto[-1])
    above = np.append(np.column_stack([total - before, total - before]).ravel(), 0)
    left, right = (-np.log(np.maximum(share, 1) / total) for share in (below, above))
    skewed = left * -np.sign(side - 1.0) + right * np.sign(side + 1.0)
    levels = join(left, right, skewed)
    edges = np.column_stack([np.nextafter(knots, -np.inf), knots]).ravel()
    kept = levels[:-1] != levels[1:]
    return edges[kept], np.append(levels[:-1][kept], levels[-1])


def _numbers(found: Sequence[tuple[Array, Array]]) -> dict[str, Array]:
    counts = np.array([len(edges) for edges, _ in found], np.float64)
    edges = np.concatenate([edges for edges, _ in found])
    if not edges.size:
        raise UnsupportedError("no feature varies among the training rows", hint="fit it on features that vary")
    return {"counts": counts, "edges": edges, "levels": np.concatenate([levels for _, levels in found])}


def _steps(
    found: Sequence[tuple[Array, Array]], front: Front, threshold: float, rows: Array, score: Any
) -> Reading:
    folded = not front.rotates
    if folded:
        found = [(before(front, number, edges), levels) for number, (edges, levels) in enumerate(found)]
    return Reading(FittedSteps, _numbers(found), threshold, rows, score, folded=folded)


def before(front: Front, feature: int, edges: Array, cast: Any = None) -> Array:
    """The largest values of a feature that the steps, which never turn its order, bring up to each of the edges.

    Args:
        front: steps that scale and clip.
        feature: its number.
        edges: what it is compared with behind the steps.
        cast: rounds what is compared.
    """
    if not front.steps and cast is None:
        return edges

    def holds(values: Array) -> Any:
        for step in front.steps:
            first, second = step.first[feature], step.second[feature]
            values = type(step)(step.word, first, second).rows(values)
        return (values if cast is None else cast(values)) <= edges

    return last_where(holds, len(edges))


def loda(estimator: Any) -> Reading:
    """The bins of each projection, numbered as PyOD does: the first one holds the smallest training row alone."""
    directions = array(estimator.projections_, "projections_")
    count = len(directions)
    weights = flat(estimator.weights, "weights")
    found = []
    for limits, histogram, weight in zip(estimator.limits_, estimator.histograms_, weights, strict=True):
        own = flat(limits, "limits_")
        heights = flat(histogram, "histograms_")
        edges = own[: len(heights) - 1].copy()
        edges[:1] += CLOSE * np.abs(own).max()
        found.append((edges, -weight * np.log(heights) / count))
    spread = np.array([np.ptp(flat(one, "limits_")) for one in estimator.limits_])
    middle = np.array([np.mean(flat(one, "limits_")) for one in estimator.limits_])
    centre = np.linalg.lstsq(directions, middle, rcond=None)[0]
    reach = float(np.median(spread)) / max(float(np.abs(directions).max()), 1e-300)
    random = np.random.default_rng(7)
    rows = centre + random.standard_normal((48, len(centre))) * reach * 0.3
    numbers = {"directions": directions, **_numbers(found)}
    return Reading(FittedCuts, numbers, float(estimator.threshold_), rows, estimator.decision_function)
