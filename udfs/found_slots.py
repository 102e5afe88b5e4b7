"""The slots of the calendar by which series repeat themselves: hours of a day, days of a week, months of a year."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlnomaly.udfs.periods import LOOKED_AT, SURE, TURNS, repeats_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

SPANS = {"hour": 86_400.0, "dow": 604_800.0, "month": 365.25 * 86_400.0}
"""A slot, and the seconds after which it comes again."""
NEAR = 0.03
"""The share by which a span may differ from a whole number of points."""
BETTER = 0.9
"""A span is one of its own if its autocorrelation times this is above those of the shorter ones."""
UNITS = {"day": 86_400.0, "hour": 3_600.0, "minute": 60.0, "second": 1.0}


@dataclass(frozen=True, slots=True)
class Repeats:
    """How one series repeats itself.

    Attributes:
        slots: the slots whose span it repeats itself after, the longest span first.
        lags: those spans in points.
        step: seconds between two points.
    """

    slots: tuple[str, ...]
    lags: tuple[int, ...]
    step: float


def found_slots(rows: pa.Table) -> tuple[tuple[str, ...], str]:
    """The slots that most series show, of those that can show any, and that in words.

    Args:
        rows: the number of the series, the time in seconds, and then features; each is a series of its own.

    Example:
        >>> import pyarrow as pa
        >>> hours = range(240)
        >>> at = [3600.0 * hour for hour in hours]
        >>> found_slots(pa.table({"n": [1] * 240, "at": at, "x": [hour % 24 for hour in hours]}))
        (('hour',), 'auto, found hour (period 24 points of 1 hour in 1 of 1 series)')
    """
    import numpy as np

    numbers, times, *features = (np.asarray(column.to_numpy(), dtype=np.float64) for column in rows.columns)
    series = [numbers == number for number in np.unique(numbers)]
    seen = [one for rows_of in series for x in features if (one := repeats(times[rows_of], x[rows_of])) is not None]
    if not seen:
        return (), "auto, found none: no series varies over three days, weeks or years"
    votes = Counter(one.slots for one in seen)
    slots = max(votes, key=lambda one: (votes[one], len(one), one))
    alike = [one for one in seen if one.slots == slots]
    share = f"in {len(alike)} of {len(seen)} series"
    if not slots:
        return (), f"auto, found none {share}"
    step, lags = Counter((one.step, one.lags) for one in alike).most_common(1)[0][0]
    period = f"period{'s' * (len(lags) > 1)} {' and '.join(map(str, lags))} points of {_words(step)}"
    return slots, f"auto, found {', '.join(slots)} ({period} {share})"


def repeats(times: Vector, values: Vector) -> Repeats | None:
    """How a series repeats itself, None where it is too short or too constant to say.

    A span counts where the autocorrelation has a peak: at least 0.3, and by as much above the lowest at shorter lags.
    A week is a multiple of a day and repeats it just as well, so that a longer span must be higher by a tenth. Values
    are put on a grid of the median step.

    Args:
        times: in seconds, in any order.
        values: one a time.
    """
    import numpy as np

    known = np.isfinite(times)
    order = np.argsort(times[known])
    times, values = times[known][order], values[known][order]
    if len(times) < 2 or not (step := float(np.median(np.diff(times)))) > 0.0:
        return None
    places = np.rint((times - times[0]) / step)
    inside = places < LOOKED_AT
    grid = np.full(int(places[inside][-1]) + 1, np.nan)
    grid[places[inside].astype(np.int64)] = values[inside]
    lags = {slot: round(span / step) for slot, span in SPANS.items() if _fits(span / step, len(grid))}
    if not lags:
        return None
    again = repeats_of(grid)
    if again is None:
        return None
    found: dict[str, int] = {}
    highest = 0.0
    for slot, lag in lags.items():
        height = _peak(again, lag)
        if height >= SURE and BETTER * height > highest:
            found[slot] = lag
            highest = height
    slots = tuple(reversed(found))
    return Repeats(slots, tuple(found[slot] for slot in slots), step)


def _fits(points: float, size: int) -> bool:
    """Whether a span of so many points is a whole number of them, and there are three in the series."""
    return round(points) > 1 and abs(points - round(points)) <= NEAR * points and TURNS * round(points) <= size


def _peak(again: Vector, lag: int) -> float:
    """The height of a peak of the autocorrelation near a lag; 0 without one."""
    import numpy as np

    wide = 1 + int(NEAR * lag / 2)
    first, last = lag - wide, min(lag + wide, len(again) - 1)
    top = first + int(np.argmax(again[first : last + 1]))
    if not (max(first, 1) < top < last or last == lag == top):
        return 0.0
    height = float(again[top])
    return height if height - again[1:top].min() >= SURE else 0.0


def _words(seconds: float) -> str:
    """A step in words: ``1 hour``, ``15 minutes``."""
    unit, size = next(((name, size) for name, size in UNITS.items() if seconds >= size), ("second", 1.0))
    return f"{seconds / size:g} {unit}{'s' * (seconds != size)}"
