"""Sums of exponentials over a bounded reference: numba kernels that hold no lock."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from sqlnomaly.udfs.neighbor_kernels import LANES, first_zero, least_of, leave_own_out, squares_of

SHIFT = np.int64(52)
ONE = np.int64(1023 << 52)
"""The bits of 1.0."""
ROUND = 1.5 * 2.0**52
"""Added to a number, it leaves the nearest whole number in the low bits of the sum."""
OCTAVE = 1.0 / math.log(2.0)
UPPER = 0.693147180369123816490
"""The leading bits of ln 2, so that their product with an exponent is exact."""
LOWER = 1.90821492927058770002e-10
LIMIT = 708.0
"""exp(-708) is the smallest power that is taken: a double still has it."""
FACTORS = tuple(1.0 / math.factorial(power) for power in range(14))
STEPS = 200
"""Of a search, at most."""
PRECISE = 1e-14
"""An entropy is as wanted."""
BLUNTEST, SHARPEST = 1e-12, 1e5
"""Limits of the sharpness, over the largest distance and over the smallest: beyond these, rounding would speak."""

jit = numba.njit(nogil=True, fastmath={"contract"}, error_model="numpy")


@jit
def _mantissas(values: Any, rounded: Any, found: Any) -> None:
    """exp(x - n ln 2) of each value, with n in the low bits of ``rounded``."""
    for place in range(values.shape[0]):
        x = values[place]
        x = max(x, -LIMIT)
        x = min(x, LIMIT)
        shifted = x * OCTAVE + ROUND
        whole = shifted - ROUND
        r = (x - whole * UPPER) - whole * LOWER
        power = FACTORS[13]
        power = power * r + FACTORS[12]
        power = power * r + FACTORS[11]
        power = power * r + FACTORS[10]
        power = power * r + FACTORS[9]
        power = power * r + FACTORS[8]
        power = power * r + FACTORS[7]
        power = power * r + FACTORS[6]
        power = power * r + FACTORS[5]
        power = power * r + FACTORS[4]
        power = power * r + FACTORS[3]
        power = power * r + FACTORS[2]
        power = power * r + 1.0
        found[place] = power * r + 1.0
        rounded[place] = shifted


@jit
def _scale(bits: Any, powers: Any, found: Any) -> None:
    """Multiplies each value by 2^n; ``powers`` are the same memory as ``bits``."""
    for place in range(bits.shape[0]):
        bits[place] = (bits[place] << SHIFT) + ONE
    for place in range(bits.shape[0]):
        found[place] *= powers[place]


@jit
def exponentials(values: Any, room: Any, found: Any) -> None:
    """exp of each value, between exp(-708) and exp(708), many at a time; ``room`` is as long and overwritten."""
    _mantissas(values, room, found)
    _scale(room.view(np.int64), room, found)


@numba.njit(nogil=True, fastmath={"contract", "reassoc"})
def _sum(values: Any) -> Any:
    total = 0.0
    for place in range(values.shape[0]):
        total += values[place]
    return total


@numba.njit(nogil=True, fastmath={"contract", "reassoc"})
def _dot(left: Any, right: Any) -> Any:
    total = 0.0
    for place in range(left.shape[0]):
        total += left[place] * right[place]
    return total


@numba.njit(nogil=True, fastmath={"contract", "reassoc"})
def _product(values: Any) -> Any:
    total = 1.0
    for place in range(values.shape[0]):
        total *= values[place]
    return total


@jit
def log_mean_kernel(rows: Any, turned: Any, width: float) -> Any:
    """The log of the mean of exp(-d^2 / (2 width^2)) over the reference, but for one row that coincides.

    Args:
        rows: shape (n, d).
        turned: the reference, shape (d, m), m at least 2.
        width: the standard deviation of a kernel.
    """
    size = turned.shape[1]
    found = np.empty(rows.shape[0])
    squares, powers, room, least = np.empty(size), np.empty(size), np.empty(size), np.empty(LANES)
    unit = 1.0 / (2.0 * width * width)
    for number in range(rows.shape[0]):
        squares_of(rows[number], turned, squares)
        least_of(squares, least)
        own = leave_own_out(squares, least)
        nearest = least.min()
        for place in range(size):
            squares[place] = (nearest - squares[place]) * unit
        exponentials(squares, room, powers)
        if own >= 0:
            powers[own] = 0.0
        found[number] = math.log(_sum(powers) / (size - (own >= 0))) - nearest * unit
    return found


@jit
def unbound(rows: Any, turned: Any, sharpness: Any, nearest: Any, mass: Any) -> Any:
    """The probability that no row of the reference binds to each row.

    Args:
        rows: shape (n, d).
        turned: the reference, shape (d, m).
        sharpness: of the affinity exp(-sharpness (distance - nearest)) of each row of the reference.
        nearest: the distance of each row of the reference from the nearest other one.
        mass: the sum of the affinities of each row of the reference to the others, at least 1.
    """
    size = turned.shape[1]
    found = np.empty(rows.shape[0])
    squares, powers, room = np.empty(size), np.empty(size), np.empty(size)
    for number in range(rows.shape[0]):
        squares_of(rows[number], turned, squares)
        own = first_zero(squares)
        for place in range(size):
            squares[place] = (nearest[place] - math.sqrt(squares[place])) * sharpness[place]
        exponentials(squares, room, powers)
        if own >= 0:
            for place in range(size):
                powers[place] = max(1.0 - powers[place] / mass[place], 0.0)
            powers[own] = 1.0
        else:
            for place in range(size):
                powers[place] = mass[place] / (mass[place] + powers[place])
        found[number] = _product(powers)
    return found


@jit
def _least_positive(steps: Any, nearest: Any) -> Any:
    """The distance of the nearest row that is no copy; all are ``nearest`` and a step away."""
    if nearest > 0.0:
        return nearest
    least = np.inf
    for place in range(steps.shape[0]):
        if 0.0 < steps[place] < least:
            least = steps[place]
    return least


@jit
def affinities(rows: Any, wanted: float) -> Any:
    """The sharpness at which the binding probabilities of each row to the others have an entropy.

    Found by Newton's method inside of a bracket: with p the probabilities and d the distances, the entropy falls by
    sharpness * var_p(d).

    Args:
        rows: shape (m, d), m at least 2.
        wanted: the entropy.

    Returns:
        Shape (3, m): sharpness, 0 where all others together have no larger entropy; the distance of the nearest other
        row; and the sum of the affinities beside it.
    """
    size = rows.shape[0]
    turned = np.ascontiguousarray(rows.T)
    found = np.empty((3, size))
    steps, scaled, powers, room = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    for number in range(size):
        squares_of(rows[number], turned, steps)
        steps[number] = np.inf
        nearest = math.sqrt(steps.min())
        for place in range(size):
            steps[place] = math.sqrt(steps[place]) - nearest
        steps[number] = 0.0
        whole = size - 1.0
        if wanted >= math.log(size - 1.0) - PRECISE:
            found[0, number], found[1, number], found[2, number] = 0.0, nearest, whole
            continue
        low, high = BLUNTEST / (nearest + steps.max()), SHARPEST / _least_positive(steps, nearest)
        total = _sum(steps)
        beta = min(max(whole / total, low), high) if total > 0.0 else high
        for _ in range(STEPS):
            for place in range(size):
                scaled[place] = -beta * steps[place]
            exponentials(scaled, room, powers)
            powers[number] = 0.0
            whole = _sum(powers)
            mean = _dot(powers, steps) / whole
            for place in range(size):
                scaled[place] = (steps[place] - mean) ** 2
            slope = beta * _dot(powers, scaled) / whole
            excess = math.log(whole) + beta * mean - wanted
            if abs(excess) < PRECISE:
                break
            if excess > 0.0:
                low = beta
            else:
                high = beta
            step = excess / slope if slope > 0.0 else np.inf
            following = beta + step
            if not low < following < high:
                following = math.sqrt(low * high)
            if following == beta or following in (low, high):
                break
            beta = following
        found[0, number], found[1, number], found[2, number] = beta, nearest, whole
    return found
