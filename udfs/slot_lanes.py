"""A walk along each slot of a season as along a series of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlnomaly.pushdown.walk import Lanes


def along_slots(lanes: Lanes, walk: Callable[[Lanes], Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a walk says of the rows where rows of other slots do not count.

    Args:
        lanes: the rows of whole series.
        walk: says something of each row of series that have no slots.
    """
    import numpy as np

    from sqlnomaly.udfs.age_kernels import by_slot, numbers_of

    if not lanes.slots:
        return walk(lanes)
    order, starts, first = by_slot(lanes.starts, lanes.first, *numbers_of(lanes.slots, len(lanes.values)))
    said = walk(replace(lanes, values=lanes.values[order], starts=starts, first=first, slots=()))
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return {stat: found[back] for stat, found in said.items()}
