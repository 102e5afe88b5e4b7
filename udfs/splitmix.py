"""Random numbers that are the same everywhere: SplitMix64, a stream for each part of a fit.

Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014), doi:10.1145/2660193.2660195.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)


@numba.njit(nogil=True)
def mix(z: Any) -> Any:
    """A bijection of 64 bits that looks like chance."""
    z = (z ^ (z >> np.uint64(30))) * FIRST
    z = (z ^ (z >> np.uint64(27))) * SECOND
    return z ^ (z >> np.uint64(31))


@numba.njit(nogil=True)
def stream(seed: Any, number: Any) -> Any:
    """The state of a stream: one cell that ``uniform`` moves on."""
    state = np.empty(1, np.uint64)
    state[0] = mix(np.uint64(seed) * GOLDEN + np.uint64(number + 1))
    return state


@numba.njit(nogil=True)
def uniform(state: Any) -> Any:
    """The next number in [0, 1)."""
    state[0] += GOLDEN
    return (mix(state[0]) >> np.uint64(11)) * 2.0**-53


@numba.njit(nogil=True)
def normal(state: Any) -> Any:
    """The next standard normal number. Box and Muller (1958), doi:10.1214/aoms/1177706645."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(state)))
    return radius * math.cos(2.0 * math.pi * uniform(state))


@numba.njit(nogil=True)
def below(state: Any, count: Any) -> Any:
    """The next of 0 .. count - 1."""
    return np.int64(uniform(state) * count)


@numba.njit(nogil=True)
def chosen(state: Any, many: Any, count: Any) -> Any:
    """So many of 0 .. count - 1, each at most once, in the order in which they are drawn."""
    places = np.arange(count)
    for place in range(many):
        other = place + below(state, count - place)
        places[place], places[other] = places[other], places[place]
    return places[:many].copy()


@numba.njit(nogil=True)
def _normals(state: Any, found: Any) -> None:
    for place in range(found.size):
        found[place] = normal(state)


def normals(seed: int, number: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Standard normal numbers of a stream.

    Example:
        >>> normals(0, 0, (2, 2)).round(3).tolist() == normals(0, 0, (2, 2)).round(3).tolist()
        True
    """
    found = np.empty(math.prod(shape))
    _normals(stream(np.uint64(seed), number), found)
    return found.reshape(shape)
