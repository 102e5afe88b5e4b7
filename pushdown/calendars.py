"""Public holidays, business days and paydays, as dates that the package ``holidays`` knows."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError, nearest
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

if TYPE_CHECKING:
    from holidays import HolidayBase

DATED: Mapping[str, bool] = MappingProxyType({"holiday": True, "business_day": True, "payday": False})
"""Slots that are about dates, and whether they need a country."""
OWN: Mapping[str, int] = MappingProxyType({"holiday": 1, "business_day": 0})
"""Slots that one's own holidays can say, and what they are on a holiday."""
DATE, HOLIDAYS = "date", "_sn_holidays"
"""The column of one's own holidays, and what the relation is called beside the rows."""
WEEK = (1, 2, 3, 4, 5)
"""The days that are worked where no country says it."""
FIRST, LAST = 1990, 2050
"""The years whose dates are written out, of a country those among them that the package knows."""
HALF = 15
"""The day of the month on which the first half is paid."""


@dataclass(frozen=True, slots=True)
class Days:
    """Some days of the calendar.

    Attributes:
        weekdays: those days of the week, 1 (Monday) to 7, ..
        but: .. without these dates, ..
        also: .. and these dates.
        first: the first year whose dates are known.
        last: the last one.
    """

    weekdays: tuple[int, ...]
    but: tuple[date, ...]
    also: tuple[date, ...]
    first: int
    last: int

    def within(self, since: date, until: date) -> Days:
        """The same days, of which those of a stretch are written out."""
        but, also = (tuple(day for day in days if since <= day <= until) for days in (self.but, self.also))
        return replace(self, but=but, also=also)

    def flag(self, time: Expr) -> Expr:
        """1 on these days and 0 on others, NULL where the time is NULL or infinite.

        Args:
            time: a date or a timestamp without zone.
        """
        day = yyyymmdd(time)
        dated = [
            (ops.among(day, [_number(one) for one in dates]), answer)
            for dates, answer in ((self.but, 0), (self.also, 1))
            if dates
        ]
        return _flag(time, dated, self.weekdays)


def _flag(time: Expr, dated: Sequence[tuple[Expr, int]], weekdays: Sequence[int]) -> Expr:
    """The answer of the first condition that holds; else 1 on these days of the week and 0 on others."""
    weekday, no, yes = ops.special("dow_of", time), ops.integer(0), ops.integer(1)
    branches = [(condition, ops.integer(answer)) for condition, answer in dated]
    if weekdays:
        branches.append((ops.among(weekday, weekdays), yes))
    return ops.case(*branches, (ops.ge(weekday, yes), no))


def own_days(relation: Expr) -> Expr:
    """A relation of one's own holidays as it stands in FROM."""
    days = relation.copy()
    days.set("alias", exp.TableAlias(this=exp.to_identifier(HOLIDAYS)))
    return days


def own_flag(slot: str, relation: Expr, time: Expr) -> Expr:
    """The same of one's own holidays: of the days in the column ``date`` of a relation.

    A business day is a Monday to Friday that is none of them.

    Args:
        slot: of OWN.
        relation: a table or a query in parentheses.
        time: a date or a timestamp without zone.
    """
    days = own_days(relation)
    date_of = ops.column(DATE, HOLIDAYS)  # said in full: else the rows' own column of that name would do
    known = exp.Select(expressions=[yyyymmdd(date_of)]).from_(days).where(ops.not_null(date_of))
    among = exp.In(this=yyyymmdd(time), query=exp.Subquery(this=known))
    return _flag(time, [(among, OWN[slot])], WEEK if slot == "business_day" else ())


def yyyymmdd(time: Expr) -> Expr:
    """The date as a whole number, 20251231."""
    year, month, day = (ops.special(f"{part}_of", time) for part in ("year", "month", "day"))
    return ops.total([ops.mul(year, ops.integer(10_000)), ops.mul(month, ops.integer(100)), day])


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


@lru_cache(maxsize=64)
def days_of(slot: str, country: str | None) -> Days:
    """The days on which a slot of DATED is 1.

    Holidays are the public ones of ``holidays``. A business day is a working day there: no holiday and no day of the
    country's weekend, or a day of the weekend that is worked in exchange. Of a weekend that moved, the last one is kept
    in words of weekdays, and the years before it in dates. Paydays are the 15th and the last day of the month, each
    moved back to the business day before where it is none (the semi-monthly custom of the US); without a country every
    Monday to Friday is a business day.

    Args:
        slot: which.
        country: what ``read_country`` gave.

    Example:
        >>> days = days_of("payday", None)
        >>> days.first, days.last, [str(day) for day in days.also if day.year == 2025][:6]
        (1990, 2050, ['2025-01-15', '2025-01-31', '2025-02-14', '2025-02-28', '2025-03-14', '2025-03-31'])
    """
    known = None if country is None else _calendar(country)
    first = FIRST if known is None else max(FIRST, known.start_year)
    last = LAST if known is None else min(LAST, known.end_year)

    def works(day: date) -> bool:
        return day.isoweekday() <= 5 if known is None else known.is_working_day(day)

    if slot == "payday":
        ends = [date(year, month, end) for year in range(first, last + 1) for month, end in _ends(year)]
        return Days((), (), tuple(_moved_back(day, works) for day in ends), first, last)
    assert known is not None, "read_season asks for the country"
    every = [date(first, 1, 1) + timedelta(n) for n in range((date(last + 1, 1, 1) - date(first, 1, 1)).days)]
    if slot == "holiday":
        return Days((), (), tuple(day for day in every if day in known), first, last)
    usual = tuple(weekday for weekday in range(1, 8) if _mostly(works, weekday, every[-365:]))
    but = tuple(day for day in every if day.isoweekday() in usual and not works(day))
    also = tuple(day for day in every if day.isoweekday() not in usual and works(day))
    return Days(usual, but, also, first, last)


def named_holidays(country: str, since: date, until: date) -> list[tuple[int, str]]:
    """The public holidays of a stretch of days as whole numbers, 20251225, with their names in the country's words.

    Example:
        >>> from datetime import date
        >>> named_holidays("DE", date(2025, 12, 24), date(2026, 1, 1))
        [(20251225, 'Erster Weihnachtstag'), (20251226, 'Zweiter Weihnachtstag'), (20260101, 'Neujahr')]
    """
    known = _calendar(country)
    every = (since + timedelta(n) for n in range((until - since).days + 1))
    return [(_number(day), known[day]) for day in every if day in known]


def _mostly(works: Callable[[date], bool], weekday: int, days: Sequence[date]) -> bool:
    """Whether most days of this weekday are worked."""
    mine = [works(day) for day in days if day.isoweekday() == weekday]
    return 2 * sum(mine) > len(mine)


def _ends(year: int) -> list[tuple[int, int]]:
    """Month and day of every 15th and every last day of a month."""
    return [(month, end) for month in range(1, 13) for end in (HALF, monthrange(year, month)[1])]


def _moved_back(day: date, works: Callable[[date], bool]) -> date:
    while not works(day):
        day -= timedelta(1)
    return day


def read_country(country: str, shown: str) -> str:
    """The country as the package spells it, ``DE`` or ``DE-BY``.

    Raises:
        CallError: a country or a subdivision that the package does not know.
        UnsupportedError: without the package.
    """
    try:
        from holidays import country_holidays
        from holidays.registry import COUNTRIES
    except ImportError:
        raise UnsupportedError(
            "country needs the package holidays, which is not installed",
            where=shown,
            hint="pip install 'sqlnomaly[calendar]'",
        ) from None
    code, _, part = country.strip().partition("-")
    code = code.upper()
    names = {name: codes[1] for name, codes in COUNTRIES.items()}
    if not any(code in codes[1:] for codes in COUNTRIES.values()):
        meant = get_close_matches(country.lower().replace(" ", "_"), names, n=1)
        alike = ", ".join(sorted(one for one in names.values() if code and one[0] == code[0]))
        raise CallError(
            f"country => {country!r} is not known to the package holidays",
            where=shown,
            hint=f"did you mean {names[meant[0]]!r}?" if meant else f"a code such as {alike or 'DE, US'}",
        )
    if not part:
        return code
    known = country_holidays(code)
    parts = {one.lower(): one for one in (*known.subdivisions, *known.subdivisions_aliases)}
    if part.lower() not in parts:
        raise CallError(
            f"country => {country!r}: {code} has no part {part!r} in the package holidays",
            where=shown,
            hint=nearest(part, known.subdivisions) if parts else f"country => '{code}'",
        )
    return f"{code}-{parts[part.lower()]}"


def _calendar(country: str) -> HolidayBase:
    """The public holidays of a country that ``read_country`` gave, in its own language, whatever the machine speaks."""
    from holidays import country_holidays

    code, _, part = country.partition("-")
    return country_holidays(code, subdiv=part or None, language=country_holidays(code).default_language)
