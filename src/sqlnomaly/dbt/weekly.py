"""Whether the days of a week differ: the rank test of Kruskal and Wallis over counts a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from statistics import median

FEWEST = 3
"""Values that each weekday has to have."""
CRITICAL = 22.457744
"""What chi-squared with 6 degrees of freedom exceeds once in a thousand: scipy.stats.chi2.isf(0.001, 6)."""
EFFECT = 0.1
"""How far apart the medians of two weekdays have to be, as a share of the median of all days."""


def weekly(days: Mapping[date, int]) -> bool:
    """Whether the counts show a season of weekdays.

    Example:
        >>> from datetime import timedelta
        >>> every = [date(2025, 1, 6) + timedelta(days=at) for at in range(28)]
        >>> weekly({day: 100 + day.day % 5 for day in every})
        False
        >>> weekly({day: 9 if day.weekday() > 4 else 90 for day in every})
        True
    """
    groups: list[list[int]] = [[] for _ in range(7)]
    for day, count in days.items():
        groups[day.weekday()].append(count)
    if min(map(len, groups)) < FEWEST:
        return False
    medians = [median(group) for group in groups]
    apart = max(medians) - min(medians) >= EFFECT * median(days.values())
    return apart and kruskal(groups) > CRITICAL


def kruskal(groups: list[list[int]]) -> float:
    """H of groups, corrected for ties; 0 where all values are one.

    Source: Kruskal and Wallis 1952, Use of ranks in one-criterion variance analysis,
    doi:10.1080/01621459.1952.10483441.
    """
    values = sorted(value for group in groups for value in group)
    number = len(values)
    first = {value: place for place, value in reversed(list(enumerate(values, 1)))}
    tied = {value: values.count(value) for value in first}
    rank = {value: place + (tied[value] - 1) / 2 for value, place in first.items()}
    spread = sum(sum(rank[value] for value in group) ** 2 / len(group) for group in groups)
    height = 12 / (number * (number + 1)) * spread - 3 * (number + 1)
    correction = 1 - sum(ties**3 - ties for ties in tied.values()) / (number**3 - number)
    return height / correction if correction else 0.0
