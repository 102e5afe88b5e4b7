"""Nearest rows of a bounded reference, and sums over it: numba kernels that hold no lock.

A row is compared with every row of the reference, feature by feature, which a processor does many at a time. Whether
two neighbors are equally near must not depend on rounding, or the order of the features would choose between them:
squares that agree in their leading ``KEPT`` bits are equal, and of equal ones the first places are taken.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Places = NDArray[np.int64]

KEPT = 30
"""Leading bits of a significand that decide which of two squares is the smaller."""
DROPPED = np.int64(52 - KEPT)
HALF = np.int64(1 << (52 - KEPT - 1))
SLACK = 1.0 + 2.0 ** (2 - KEPT)
"""More than what two squares that count as equal may differ by."""
BLOCK = 512
"""Squares that stay in the nearest cache while the features pass."""
LANES = 32
"""The number of groups is a multiple of this."""

jit = numba.njit(nogil=True, fastmath={"contract"}, error_model="numpy")


@jit
def squares_of(row: Any, turned: Any, found: Any) -> None:
    """The squared distances of a row from the reference, whose features lie one after another in memory."""
    features, size = turned.shape
    for first in range(0, size, BLOCK):
        end = min(first + BLOCK, size)
        here, feature = found[first:end], 0
        here[:] = 0.0
        while feature + 4 <= features:
            _add_four(
                here,
                turned[feature, first:end],
                turned[feature + 1, first:end],
                turned[feature + 2, first:end],
                turned[feature + 3, first:end],
                (row[feature], row[feature + 1], row[feature + 2], row[feature + 3]),
            )
            feature += 4
        while feature < features:
            _add(here, turned[feature, first:end], row[feature])
            feature += 1


@jit
def _add(here: Any, values: Any, value: Any) -> None:
    """Adds the squares of one feature."""
    for place in range(here.shape[0]):
        step = values[place] - value
        here[place] += step * step


@jit
def _add_four(here: Any, one: Any, two: Any, three: Any, four: Any, row: Any) -> None:
    """Adds the squares of four features in one pass."""
    w, x, y, z = row
    for place in range(here.shape[0]):
        a, b = one[place] - w, two[place] - x
        c, d = three[place] - y, four[place] - z
        here[place] += (a * a + b * b) + (c * c + d * d)


@jit
def first_zero(squares: Any) -> Any:
    """The first place with a square of 0, -1 where there is none."""
    for place in range(squares.shape[0]):
        if squares[place] == 0.0:
            return place
    return -1


@jit
def _part(values: Any, order: Any, size: Any, wanted: Any) -> None:
    """Puts the ``wanted`` entries first that come first by value, then by order; these are in no order."""
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) >> 1
        value, place = values[middle], order[middle]
        left, right = low, high
        while left <= right:
            while values[left] < value or (values[left] == value and order[left] < place):
                left += 1
            while values[right] > value or (values[right] == value and order[right] > place):
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                order[left], order[right] = order[right], order[left]
                left += 1
                right -= 1
        if wanted - 1 <= right:
            high = right
        elif wanted - 1 >= left:
            low = left
        else:
            break


@jit
def least_of(squares: Any, least: Any) -> None:
    """Fills in the smallest square of each group; group g has every place that leaves g."""
    groups = least.shape[0]
    least[:] = np.inf
    whole = squares.shape[0] // groups * groups
    for first in range(0, whole, groups):
        here = squares[first : first + groups]
        for group in range(groups):
            least[group] = min(least[group], here[group])
    for place in range(whole, squares.shape[0]):
        least[place - whole] = min(least[place - whole], squares[place])


@jit
def leave_own_out(squares: Any, least: Any) -> Any:
    """Takes out the first row that coincides; its place, -1 where there is none."""
    groups = least.shape[0]
    if groups and least.min() > 0.0:
        return -1
    own = first_zero(squares)
    if own >= 0:
        squares[own] = np.inf
        if groups:
            least[own % groups] = squares[own % groups :: groups].min()
    return own


@jit
def _bound(least: Any, keys: Any, order: Any, wanted: Any) -> Any:
    """A square that ``wanted`` rows reach, and few more: the smallest of each group is one of them."""
    for group in range(least.shape[0]):
        keys[group], order[group] = least[group], group
    _part(keys, order, least.shape[0], wanted)
    bound = 0.0
    for group in range(wanted):
        bound = max(bound, keys[group])
    return bound * SLACK


@jit
def _nearest(squares: Any, least: Any, keys: Any, order: Any, wanted: Any) -> None:
    """Puts the places of the ``wanted`` smallest squares but for the row's own copy first in ``order``."""
    size, groups, count = squares.shape[0], least.shape[0], 0
    bits = squares.view(np.int64)
    if groups:
        least_of(squares, least)
    leave_own_out(squares, least)
    if groups:
        bound = _bound(least, keys.view(np.float64), order, wanted)
        for group in range(groups):
            if least[group] <= bound:
                for place in range(group, size, groups):
                    keys[count], order[count] = bits[place], place
                    count += squares[place] <= bound
    else:
        count = size
        for place in range(size):
            keys[place], order[place] = bits[place], place
    for place in range(count):
        keys[place] = (keys[place] + HALF) >> DROPPED
    _part(keys, order, count, wanted)


@jit
def _search(rows: Any, turned: Any, groups: Any, distances: Any, places: Any) -> None:
    size, wanted = turned.shape[1], distances.shape[1]
    squares, least = np.empty(size), np.empty(groups)
    keys, order = np.empty(size + 1, np.int64), np.empty(size + 1, np.int64)
    for number in range(rows.shape[0]):
        squares_of(rows[number], turned, squares)
        _nearest(squares, least, keys, order, wanted)
        for place in range(wanted):
            places[number, place] = order[place]
            distances[number, place] = np.sqrt(squares[order[place]])


def neighbors(rows: Matrix, reference: Matrix, count: int) -> tuple[Matrix, Places]:
    """The nearest rows of a reference, in no order, but for one that coincides: a row's own copy is no neighbor.

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
    groups = (2 * size // LANES + 2) * LANES
    if len(reference) < 4 * groups:
        groups = 0
    _search(np.ascontiguousarray(rows), np.ascontiguousarray(reference.T), groups, distances, places)
    return distances, places


@jit
def chaining(rows: Any, reference: Any, places: Any) -> Any:
    """The average chaining distance of each row from its neighbors.

    The chain begins at the row and always takes the neighbor that lies nearest to what it holds, of equally near ones
    the first place; early steps weigh more.
    """
    count = places.shape[1]
    found = np.empty(rows.shape[0])
    near = np.empty(count)
    bits = near.view(np.int64)
    for number in range(rows.shape[0]):
        own = places[number]
        for place in range(count):
            near[place] = _square(rows[number], reference[own[place]])
        total = 0.0
        for step in range(count):
            best, least = 0, np.iinfo(np.int64).max
            for place in range(count):
                key = (bits[place] + HALF) >> DROPPED
                if key < least or (key == least and own[place] < own[best]):
                    best, least = place, key
            total += 2.0 * (count - step) / ((count + 1) * count) * np.sqrt(near[best])
            near[best] = np.inf
            taken = reference[own[best]]
            for place in range(count):
                if near[place] != np.inf:
                    near[place] = min(near[place], _square(taken, reference[own[place]]))
        found[number] = total
    return found


@jit
def _square(left: Any, right: Any) -> Any:
    """The squared distance of two rows."""
    total = 0.0
    for feature in range(left.shape[0]):
        step = left[feature] - right[feature]
        total += step * step
    return total


@jit
def angle_moments(rows: Any, reference: Any, places: Any) -> Any:
    """Of the weighted cosines <a, b> / (|a|^2 |b|^2) between pairs of neighbors as each row sees them.

    Returns:
        Shape (n, 3): how many pairs there are, the mean of 1 / (|a|^2 |b|^2), and the variance.
    """
    count = places.shape[1]
    found = np.zeros((rows.shape[0], 3))
    steps = np.empty((count, rows.shape[1]))
    squares = np.empty(count)
    for number in range(rows.shape[0]):
        for place in range(count):
            squares[place] = _square(rows[number], reference[places[number, place]])
            for feature in range(rows.shape[1]):
                steps[place, feature] = reference[places[number, place], feature] - rows[number, feature]
        pairs, size, mean, spread = 0, 0.0, 0.0, 0.0
        for left in range(count):
            for right in range(left):
                if squares[left] > 0.0 and squares[right] > 0.0:
                    product = 0.0
                    for feature in range(rows.shape[1]):
                        product += steps[left, feature] * steps[right, feature]
                    weighted = product / squares[left] / squares[right]
                    pairs += 1
                    size += 1.0 / squares[left] / squares[right]
                    change = weighted - mean
                    mean += change / pairs
                    spread += change * (weighted - mean)
        if pairs:
            found[number, 0], found[number, 1], found[number, 2] = pairs, size / pairs, spread / pairs
    return found


@jit
def shares(rows: Any, reference: Any, places: Any, weights: Any) -> Any:
    """Each feature's part of the weighted sum of the distances: a distance is its squared steps over itself.

    Args:
        rows: shape (n, d).
        reference: shape (m, d).
        places: of the neighbors, shape (n, k).
        weights: of the first neighbor, the second, and so on.
    """
    found = np.zeros(rows.shape)
    for number in range(rows.shape[0]):
        for neighbor in range(places.shape[1]):
            other = reference[places[number, neighbor]]
            square = _square(rows[number], other)
            if square > 0.0:
                weight = weights[neighbor] / np.sqrt(square)
                for feature in range(rows.shape[1]):
                    step = rows[number, feature] - other[feature]
                    found[number, feature] += step * step * weight
    return found


def ranked(distances: Matrix, places: Places) -> Places:
    """The order of each row's neighbors, nearest first; of equally near ones the first places."""
    keys = (np.square(distances).view(np.int64) + HALF) >> DROPPED
    return np.lexsort(np.stack([places, keys]), axis=-1)
