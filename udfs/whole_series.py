"""Detectors of a client that judge each point of a series by the whole of it, later points too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.along_series import AlongSeries

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sqlnomaly.udfs.along_series import Known, Vector

SMALLEST = 5e-324
"""The smallest number above 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeSeries(AlongSeries):
    """A detector whose kernel gives something for each point of a series; ``scale`` is 0 where the series is constant.

    A point without a fitted value is filled from its neighbors by a straight line before the kernel sees it.
    """

    retrospective: ClassVar[bool] = True
    stats: ClassVar[tuple[str, ...]] = ("centre", "scale")

    def judged(self, filled: Vector, known: Vector) -> Known:
        """The statistics of each point but ``n``, where values differ.

        Args:
            filled: the points of a series, none of them missing.
            known: 1 where the value is the point's own, 0 where it is filled in.
        """
        raise NotImplementedError(f"{self.name} has no kernel")

    def periods_of(self, filled: Vector) -> Sequence[int]:
        """The periods of a series, the shortest first: those that are given or found."""
        raise NotImplementedError(f"{self.name} has no periods")

    def sought(self, values: Vector, times: Vector | None, size: int) -> Sequence[int]:
        """The periods that are found."""
        import numpy as np

        present = ~np.isnan(values)
        seen = values[present]
        return self.periods_of(in_units(values, present)[0]) if len(seen) and seen.min() < seen.max() else []

    def known(self, values: Vector) -> Known:
        """The statistics of each point; NaN where the series has too few values, its value where it is constant."""
        import numpy as np

        present = ~np.isnan(values)
        count = np.full(len(values), int(present.sum()))
        seen = values[present]
        if not len(seen) or seen.min() == seen.max():
            same = np.full(len(values), seen[0] if len(seen) else np.nan)
            nothing = np.zeros(len(values))
            return {"n": count} | {stat: same if stat == "centre" else nothing for stat in self.stats}
        filled, base, unit = in_units(values, present)
        found = dict(self.judged(filled, present.astype(np.float64)))
        for stat in self.stats:
            if stat == "centre":
                found[stat] = base + unit * found[stat]
            elif stat == "scale":
                found[stat] = unit * found[stat]
        return {"n": count, **found}


def in_units(values: Vector, present: NDArray[np.bool_]) -> tuple[Vector, float, float]:
    """The series with nothing missing, less its median and in units of its range; and both of these.

    In units of the series nothing overflows.
    """
    import numpy as np

    places, seen = np.arange(len(values)), values[present]
    base, unit = float(np.median(seen)), max(float(np.ptp(seen / 4.0)) * 4.0, SMALLEST)
    return np.interp(places, places[present], (seen - base) / unit), base, unit
