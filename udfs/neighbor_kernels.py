"""Nearest rows of a bounded reference, for blocks of rows: numba kernels that hold no lock."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Places = NDArray[np.int64]


@numba.njit(nogil=True)
def _squares(row: Any, turned: Any, found: Any) -> None:
    """The squared distances of a row from the reference, whose features lie one after another in memory."""
    found[:] = 0.0
    for feature in range(turned.shape[0]):
        value = row[feature]
        for other in range(turned.shape[1]):
            step = turned[feature, other] - value
            found[other] += step * step


@numba.njit(nogil=True)
def _sift(keys: Any, places: Any, size: int) -> None:
    """Moves the first entry of a heap to where it belongs; the largest is first, of equal ones the last place."""
    key, place, at = keys[0], places[0], 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (
            keys[other] > keys[child] or (keys[other] == keys[child] and places[other] > places[child])
        ):
            child = other
        if keys[child] < key or (keys[child] == key and places[child] < place):
            break
        keys[at], places[at] = keys[child], places[child]
        at = child
    keys[at], places[at] = key, place


@numba.njit(nogil=True)
def _smallest(squares: Any, keys: Any, places: Any) -> None:
    """The smallest distances in ascending order with their places; of equal ones those of the first places."""
    size = keys.shape[0]
    keys[:] = np.inf
    places[:] = np.iinfo(np.int64).max
    for other in range(squares.shape[0]):
        if squares[other] < keys[0]:
            keys[0], places[0] = squares[other], other
            _sift(keys, places, size)
    for end in range(size - 1, 0, -1):
        keys[0], keys[end] = keys[end], keys[0]
        places[0], places[end] = places[end], places[0]
        _sift(keys, places, end)


@numba.njit(nogil=True)
def _search(rows: Any, turned: Any, distances: Any, places: Any) -> None:
    count = distances.shape[1]
    squares = np.empty(turned.shape[1])
    keys = np.empty(count + 1)
    found = np.empty(count + 1, np.int64)
    for number in range(rows.shape[0]):
        _squares(rows[number], turned, squares)
        _smallest(squares, keys, found)
        own = 1 if keys[0] == 0.0 else 0
        for place in range(count):
            distances[number, place] = np.sqrt(keys[place + own])
            places[number, place] = found[place + own]


def neighbors(rows: Matrix, reference: Matrix, count: int) -> tuple[Matrix, Places]:
    """The nearest rows of a reference, nearest first, but for one that coincides: a row's own copy is no neighbor.

    Args:
        rows: shape (n, d).
        reference: shape (m, d), at least two rows.
        count: how many; all others where there are fewer.

    Returns:
        Distances and places in the reference, shape (n, k), k the smaller of count and m - 1. Of equal distances the
        first places are taken.

    Example:
        >>> import numpy as np
        >>> line = np.array([[0.0], [1.0], [5.0]])
        >>> neighbors(line, line, 1)[0].ravel().tolist()
        [1.0, 1.0, 4.0]
    """
    size = min(count, len(reference) - 1)
    distances = np.empty((len(rows), size))
    places = np.empty((len(rows), size), np.int64)
    _search(np.ascontiguousarray(rows), np.ascontiguousarray(reference.T), distances, places)
    return distances, places


@numba.njit(nogil=True)
def chaining(rows: Any, reference: Any, places: Any) -> Any:
    """The average chaining distance of each row from its neighbors.

    The chain begins at the row and always takes the neighbor that lies nearest to what it holds; early steps weigh
    more.
    """
    count = places.shape[1]
    found = np.empty(rows.shape[0])
    near = np.empty(count)
    for number in range(rows.shape[0]):
        for place in range(count):
            near[place] = _distance(rows[number], reference[places[number, place]])
        total = 0.0
        for step in range(1, count + 1):
            best = 0
            for place in range(1, count):
                if near[place] < near[best]:
                    best = place
            total += 2.0 * (count + 1 - step) / ((count + 1) * count) * near[best]
            near[best] = np.inf
            taken = reference[places[number, best]]
            for place in range(count):
                if near[place] != np.inf:
                    near[place] = min(near[place], _distance(taken, reference[places[number, place]]))
        found[number] = total
    return found


@numba.njit(nogil=True)
def _distance(left: Any, right: Any) -> Any:
    total = 0.0
    for feature in range(left.shape[0]):
        step = left[feature] - right[feature]
        total += step * step
    return np.sqrt(total)


@numba.njit(nogil=True)
def angle_variance(rows: Any, reference: Any, places: Any) -> Any:
    """The variance of the weighted cosines between the neighbors as each row sees them; NaN for fewer than two."""
    count = places.shape[1]
    found = np.empty(rows.shape[0])
    steps = np.empty((count, rows.shape[1]))
    squares = np.empty(count)
    for number in range(rows.shape[0]):
        for place in range(count):
            squares[place] = 0.0
            for feature in range(rows.shape[1]):
                step = reference[places[number, place], feature] - rows[number, feature]
                steps[place, feature] = step
                squares[place] += step * step
        pairs, mean, spread = 0, 0.0, 0.0
        for left in range(count):
            for right in range(left):
                if squares[left] > 0.0 and squares[right] > 0.0:
                    product = 0.0
                    for feature in range(rows.shape[1]):
                        product += steps[left, feature] * steps[right, feature]
                    cosine = product / squares[left] / squares[right]
                    pairs += 1
                    change = cosine - mean
                    mean += change / pairs
                    spread += change * (cosine - mean)
        found[number] = spread / pairs if pairs > 1 else np.nan
    return found


@numba.njit(nogil=True)
def log_density(rows: Any, turned: Any, width: float) -> Any:
    """The log of the sum of exp(-d^2 / (2 width^2)) over the reference, but for one row that coincides."""
    found = np.empty(rows.shape[0])
    squares = np.empty(turned.shape[1])
    for number in range(rows.shape[0]):
        _squares(rows[number], turned, squares)
        nearest, own = np.inf, 0
        for other in range(squares.shape[0]):
            if squares[other] == 0.0 and own == 0:
                own = 1
                squares[other] = np.inf
            nearest = min(nearest, squares[other])
        total = 0.0
        for other in range(squares.shape[0]):
            if squares[other] < np.inf:
                total += np.exp((nearest - squares[other]) / (2.0 * width * width))
        found[number] = np.log(total) - nearest / (2.0 * width * width)
    return found


@numba.njit(nogil=True)
def unbound(rows: Any, turned: Any, sharpness: Any, mass: Any) -> Any:
    """The log of the probability that no row of the reference binds to each row.

    Args:
        rows: the rows.
        turned: the reference, a feature a row.
        sharpness: of the affinity of each row of the reference.
        mass: the sum of the affinities of each row of the reference to the others.
    """
    found = np.empty(rows.shape[0])
    squares = np.empty(turned.shape[1])
    for number in range(rows.shape[0]):
        _squares(rows[number], turned, squares)
        own = -1
        for other in range(squares.shape[0]):
            if squares[other] == 0.0:
                own = other
                break
        total = 0.0
        for other in range(squares.shape[0]):
            if other != own:
                affinity = np.exp(-np.sqrt(squares[other]) * sharpness[other])
                whole = mass[other] if own >= 0 else mass[other] + affinity
                share = affinity / whole if whole > 0.0 else 0.0
                total += np.log1p(-share) if share < 1.0 else -np.inf
        found[number] = total
    return found
