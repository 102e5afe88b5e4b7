"""Random numbers of detectors that take them: SplitMix64's streams (see iforest), choices and normal numbers."""

from __future__ import annotations

import math

from tests.reference.iforest import Stream


def chosen(stream: Stream, many: int, count: int) -> list[int]:
    """So many of 0 .. count - 1: a partial Fisher-Yates shuffle."""
    places = list(range(count))
    for place in range(many):
        other = place + stream.below(count - place)
        places[place], places[other] = places[other], places[place]
    return places[:many]


def coarse(value: float) -> float:
    """The first 32 bits of a number."""
    large = value * (2.0**21 + 1.0)
    return large - (large - value)


def normal(stream: Stream) -> float:
    """A standard normal number by the method of Box and Muller, doi:10.1214/aoms/1177706645."""
    radius = math.sqrt(-2.0 * math.log(1.0 - stream.uniform()))
    return radius * math.cos(2.0 * math.pi * stream.uniform())
