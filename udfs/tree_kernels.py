"""Trees of random cuts as flat arrays: how they are grown on rows, and how rows walk through them.

Nodes stand in preorder, tree after tree: the left child of node i is node i + 1, ``right`` the other one, 0 at a leaf.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from sqlnomaly.udfs.splitmix import below, chosen, normal, stream, uniform


@numba.njit(nogil=True)
def coarse(value: Any) -> Any:
    """The first 32 bits of a number, so that no decision hangs on the last: Dekker (1971), doi:10.1007/BF01397083."""
    large = value * (2.0**21 + 1.0)
    return large - (large - value)


@numba.njit(nogil=True)
def average_path(size: Any) -> Any:
    """The mean depth of a leaf in a random binary search tree of so many rows."""
    if size <= 2:
        return float(max(size - 1, 0))
    return 2.0 * (math.log(size - 1.0) + 0.5772156649015329) - 2.0 * (size - 1.0) / size


@numba.njit(nogil=True)
def _parted(order: Any, first: Any, end: Any, left: Any) -> Any:
    """Puts the rows of a node that go to the left before the others; where the others begin."""
    middle = first
    for place in range(first, end):
        if left[place]:
            order[place], order[middle] = order[middle], order[place]
            left[place], left[middle] = left[middle], left[place]
            middle += 1
    return middle


@numba.njit(nogil=True)
def grow_slanted(rows: Any, trees: Any, psi: Any, seed: Any, level: Any) -> Any:
    """Isolation trees whose cuts are hyperplanes of ``level + 1`` features.

    Returns:
        slope: (nodes, features), the normal of the cut; offset: where it lies; right; path: of a leaf, else -1; roots.
    """
    count, features = rows.shape
    limit = 0
    while 1 << limit < psi:
        limit += 1
    room = trees * 2 ** (limit + 1)
    slope = np.zeros((room, features))
    offset, path = np.zeros(room), np.full(room, -1.0)
    right = np.zeros(room, np.int64)
    roots = np.empty(trees + 1, np.int64)
    stack = np.empty((2 * limit + 4, 4), np.int64)
    left = np.empty(psi, np.bool_)
    low, high = np.empty(features), np.empty(features)
    node = 0
    for tree in range(trees):
        state = stream(seed, tree)
        order = chosen(state, psi, count)
        roots[tree] = node
        top = 1
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, psi, 0, -1
        while top > 0:
            top -= 1
            first, end, depth, parent = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
            if parent >= 0:
                right[parent] = node
            varies = False
            if end - first > 1 and depth < limit:
                for feature in range(features):
                    low[feature] = high[feature] = rows[order[first], feature]
                    for place in range(first + 1, end):
                        value = rows[order[place], feature]
                        low[feature] = min(low[feature], value)
                        high[feature] = max(high[feature], value)
                    varies = varies or low[feature] < high[feature]
            if not varies:
                path[node] = depth + average_path(end - first)
                node += 1
                continue
            kept = chosen(state, level + 1, features)
            for place in range(level + 1):
                feature = kept[place]
                slope[node, feature] = normal(state)
                point = low[feature] + (high[feature] - low[feature]) * uniform(state)
                offset[node] += slope[node, feature] * point
            for place in range(first, end):
                total = 0.0
                for feature in range(features):
                    total += rows[order[place], feature] * slope[node, feature]
                left[place] = total <= offset[node]
            middle = _parted(order, first, end, left)
            stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = middle, end, depth + 1, node
            top += 1
            stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = first, middle, depth + 1, -1
            top += 1
            node += 1
    roots[trees] = node
    return slope[:node].copy(), offset[:node].copy(), right[:node].copy(), path[:node].copy(), roots


@numba.njit(nogil=True)
def walk_slanted(rows: Any, slope: Any, offset: Any, right: Any, path: Any, roots: Any) -> Any:
    """The mean path of each row."""
    trees = roots.size - 1
    found = np.zeros(rows.shape[0])
    for number in range(rows.shape[0]):
        total = 0.0
        for tree in range(trees):
            node = roots[tree]
            while path[node] < 0.0:
                side = 0.0
                for feature in range(rows.shape[1]):
                    side += rows[number, feature] * slope[node, feature]
                node = node + 1 if side <= offset[node] else right[node]
            total += path[node]
        found[number] = total / trees
    return found


@numba.njit(nogil=True)
def _longer(array: Any, room: Any, rest: Any) -> Any:
    """The array with room for more."""
    found = np.full(room, rest, array.dtype)
    found[: array.size] = array
    return found


@numba.njit(nogil=True)
def grow_halves(rows: Any, trees: Any, depth_limit: Any, size_limit: Any, seed: Any) -> Any:
    """Half-space trees: each cut halves a random box around the rows, in a random feature.

    Returns:
        feature: of the cut, -1 at a leaf; cut; right; level: of a leaf, log2(rows / (its rows 2^depth)); roots.
    """
    count, features = rows.shape
    room = 1024
    feature_of = np.full(room, -1, np.int64)
    cut, level = np.zeros(room), np.zeros(room)
    right = np.zeros(room, np.int64)
    roots = np.empty(trees + 1, np.int64)
    stack = np.empty((2 * depth_limit + 4, 4), np.int64)
    lows, highs = np.empty((2 * depth_limit + 4, features)), np.empty((2 * depth_limit + 4, features))
    left = np.empty(count, np.bool_)
    node = 0
    for tree in range(trees):
        state = stream(seed, tree)
        order = np.arange(count)
        roots[tree] = node
        for feature in range(features):
            low, high = rows[:, feature].min(), rows[:, feature].max()
            point = uniform(state)
            reach = 2.1 * max(point, 1.0 - point) * (high - low)  # 2 would halve at the extreme row itself
            middle_of = low + point * (high - low)
            lows[0, feature], highs[0, feature] = middle_of - reach, middle_of + reach
        top = 1
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, count, 0, -1
        while top > 0:
            top -= 1
            first, end, depth, parent = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
            if node == room:
                room *= 2
                feature_of, right = _longer(feature_of, room, -1), _longer(right, room, 0)
                cut, level = _longer(cut, room, 0.0), _longer(level, room, 0.0)
            if parent >= 0:
                right[parent] = node
            if depth == depth_limit or end - first <= size_limit:
                level[node] = math.log2(count / max(end - first, 0.5)) - depth
                node += 1
                continue
            feature = below(state, features)
            low, high = lows[top].copy(), highs[top].copy()
            value = (low[feature] + high[feature]) / 2.0
            feature_of[node], cut[node] = feature, value
            for place in range(first, end):
                left[place] = rows[order[place], feature] <= value
            middle = _parted(order, first, end, left)
            lows[top], highs[top] = low, high
            lows[top, feature] = value
            stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = middle, end, depth + 1, node
            top += 1
            lows[top], highs[top] = low, high
            highs[top, feature] = value
            stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = first, middle, depth + 1, -1
            top += 1
            node += 1
    roots[trees] = node
    return feature_of[:node].copy(), cut[:node].copy(), right[:node].copy(), level[:node].copy(), roots


@numba.njit(nogil=True)
def walk_halves(rows: Any, feature_of: Any, cut: Any, right: Any, level: Any, roots: Any) -> Any:
    """The mean level of each row."""
    trees = roots.size - 1
    found = np.zeros(rows.shape[0])
    for number in range(rows.shape[0]):
        total = 0.0
        for tree in range(trees):
            node = roots[tree]
            while feature_of[node] >= 0:
                node = node + 1 if rows[number, np.int64(feature_of[node])] <= cut[node] else right[node]
            total += level[node]
        found[number] = total / trees
    return found


@numba.njit(nogil=True)
def grow_boxes(rows: Any, trees: Any, psi: Any, seed: Any) -> Any:
    """Robust random cut trees: a feature is cut with a chance in proportion to its range, until rows are equal.

    Returns:
        feature: of the cut, -1 at a leaf; cut; right; mass: its rows; low, high: (nodes, features), its box; roots.
    """
    count, features = rows.shape
    room = trees * 2 * psi
    feature_of = np.full(room, -1, np.int64)
    cut, mass = np.zeros(room), np.zeros(room)
    right = np.zeros(room, np.int64)
    lows, highs = np.zeros((room, features)), np.zeros((room, features))
    roots = np.empty(trees + 1, np.int64)
    stack = np.empty((psi + 2, 3), np.int64)
    left = np.empty(psi, np.bool_)
    node = 0
    for tree in range(trees):
        state = stream(seed, tree)
        order = chosen(state, psi, count)
        roots[tree] = node
        top = 1
        stack[0, 0], stack[0, 1], stack[0, 2] = 0, psi, -1
        while top > 0:
            top -= 1
            first, end, parent = stack[top, 0], stack[top, 1], stack[top, 2]
            if parent >= 0:
                right[parent] = node
            mass[node] = end - first
            span = 0.0
            for feature in range(features):
                low = high = rows[order[first], feature]
                for place in range(first + 1, end):
                    value = rows[order[place], feature]
                    low, high = min(low, value), max(high, value)
                lows[node, feature], highs[node, feature] = low, high
                span += high - low
            if span <= 0.0:
                node += 1
                continue
            goal = uniform(state) * span
            feature = 0
            for other in range(features):
                side = highs[node, other] - lows[node, other]
                if side > 0.0:
                    feature = other
                    if goal < side:
                        break
                    goal -= side
            value = lows[node, feature] + min(goal, highs[node, feature] - lows[node, feature])
            if value >= highs[node, feature]:
                value = lows[node, feature]
            feature_of[node], cut[node] = feature, value
            for place in range(first, end):
                left[place] = rows[order[place], feature] <= value
            middle = _parted(order, first, end, left)
            stack[top, 0], stack[top, 1], stack[top, 2] = middle, end, node
            top += 1
            stack[top, 0], stack[top, 1], stack[top, 2] = first, middle, -1
            top += 1
            node += 1
    roots[trees] = node
    return (
        feature_of[:node].copy(), cut[:node].copy(), right[:node].copy(), mass[:node].copy(), lows[:node].copy(),
        highs[:node].copy(), roots,
    )  # fmt: skip


@numba.njit(nogil=True)
def displacement(
    rows: Any, feature_of: Any, cut: Any, right: Any, mass: Any, lows: Any, highs: Any, roots: Any
) -> Any:
    """The expected collusive displacement of each row: over where it would be cut off, the mean of the trees."""
    trees = roots.size - 1
    features = rows.shape[1]
    found = np.zeros(rows.shape[0])
    for number in range(rows.shape[0]):
        total = 0.0
        for tree in range(trees):
            node = roots[tree]
            reach, outside, inside, gathered = 1.0, 0.0, 0.0, 0.0
            while True:
                beyond, span = 0.0, 0.0
                for feature in range(features):
                    value = rows[number, feature]
                    low, high = lows[node, feature], highs[node, feature]
                    span += high - low
                    if value < low:
                        beyond += low - value
                    elif value > high:
                        beyond += value - high
                chance = beyond / (span + beyond) if beyond > 0.0 else 0.0
                gathered += reach * chance * max(mass[node], outside)
                reach *= 1.0 - chance
                if feature_of[node] < 0:
                    gathered += reach * inside
                    break
                if rows[number, np.int64(feature_of[node])] <= cut[node]:
                    child, other = node + 1, np.int64(right[node])
                else:
                    child, other = np.int64(right[node]), node + 1
                outside = max(outside, mass[other] / (mass[child] + 1.0))
                inside = max(inside, mass[other] / mass[child])
                node = child
            total += gathered
        found[number] = total / trees
    return found


@numba.njit(nogil=True)
def grow_spheres(rows: Any, sets: Any, psi: Any, seed: Any) -> Any:
    """Hyperspheres around a few rows at a time, each as far as its nearest neighbor among them.

    Returns:
        places: (sets, psi), which rows; radius: squared; isolation: 1 - radius(nearest) / radius, of each.
    """
    count = rows.shape[0]
    places = np.empty((sets, psi), np.int64)
    radius, isolation = np.empty((sets, psi)), np.empty((sets, psi))
    for number in range(sets):
        state = stream(seed, number)
        places[number] = chosen(state, psi, count)
        nearest = np.zeros(psi, np.int64)
        for one in range(psi):
            radius[number, one] = np.inf
            for other in range(psi):
                if one != other:
                    square = 0.0
                    for feature in range(rows.shape[1]):
                        step = rows[places[number, one], feature] - rows[places[number, other], feature]
                        square += step * step
                    square = coarse(square)
                    if square < radius[number, one]:
                        radius[number, one], nearest[one] = square, other
        for one in range(psi):
            whole = radius[number, one]
            share = math.sqrt(radius[number, nearest[one]] / whole) if whole > 0.0 else 1.0
            isolation[number, one] = 1.0 - share
    return places, radius, isolation


@numba.njit(nogil=True)
def covered(rows: Any, centres: Any, radius: Any, isolation: Any, psi: Any) -> Any:
    """The mean over the sets of the isolation of the smallest sphere around each row; 1 where there is none."""
    sets = radius.size // psi
    found = np.zeros(rows.shape[0])
    for number in range(rows.shape[0]):
        total = 0.0
        for one in range(sets):
            smallest, value = np.inf, 1.0
            for place in range(one * psi, (one + 1) * psi):
                square = 0.0
                for feature in range(rows.shape[1]):
                    step = rows[number, feature] - centres[place, feature]
                    square += step * step
                if coarse(square) <= radius[place] and radius[place] < smallest:
                    smallest, value = radius[place], isolation[place]
            total += value
        found[number] = total / sets
    return found
