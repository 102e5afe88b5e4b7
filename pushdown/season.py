"""Seasons: slots of the calendar, computed from the time that a call is ordered by, as partition keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn
from zoneinfo import available_timezones

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import BindError, CallError, UnsupportedError, nearest
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import TIMES, Kind, kind_shown
from sqlnomaly.pushdown.calendars import DATED, OWN, days_of, own_flag, read_country
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.relation_words import texts_of

_ZONE = re.compile(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)+")


Whose = str | Expr | None
"""A country as ``holidays`` spells it, a relation of one's own holidays, or nobody."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One part of the calendar.

    Attributes:
        of: the slot of a date or a timestamp without zone, a whole number; the second argument says whose holidays
            count.
        timed: whether a date alone does not have it.
    """

    of: Callable[[Expr, Whose], Expr]
    timed: bool = False


def _minute_of_day(time: Expr) -> Expr:
    hour, minute = ops.special("hour_of", time), ops.special("minute_of", time)
    return ops.add(ops.mul(ops.integer(60), hour), minute)


def _hour_of_week(time: Expr) -> Expr:
    hour, dow = ops.special("hour_of", time), ops.special("dow_of", time)
    return ops.add(ops.mul(ops.integer(24), ops.sub(dow, ops.integer(1))), hour)


def _weekend(time: Expr) -> Expr:
    dow, saturday = ops.special("dow_of", time), ops.integer(6)
    return ops.case((ops.ge(dow, saturday), ops.integer(1)), (ops.lt(dow, saturday), ops.integer(0)))


def _part(name: str, *, timed: bool = False) -> Slot:
    """What each dialect has a template for."""
    return Slot(lambda time, _: ops.special(name, time), timed)


def _dated(name: str) -> Slot:
    """What is about dates that are written out."""

    def flag(time: Expr, whose: Whose) -> Expr:
        return own_flag(name, whose, time) if isinstance(whose, exp.Expr) else days_of(name, whose).flag(time)

    return Slot(flag)


SLOTS: Mapping[str, Slot] = {
    "hour": _part("hour_of", timed=True),
    "minute_of_day": Slot(lambda time, _: _minute_of_day(time), timed=True),
    "hour_of_week": Slot(lambda time, _: _hour_of_week(time), timed=True),
    "dow": _part("dow_of"),
    "weekend": Slot(lambda time, _: _weekend(time)),
    "day": _part("day_of"),
    "week": _part("week_of"),
    "month": _part("month_of"),
    "quarter": _part("quarter_of"),
    **{name: _dated(name) for name in DATED},
}
"""Name -> the slot: hour 0 to 23, minute_of_day 0 to 1439, hour_of_week 0 (Monday, 00:00) to 167, dow 1 (Monday) to 7,
weekend 0 or 1 (Saturday, Sunday), day of the month, ISO week, month, quarter; holiday, business_day, payday 0 or 1."""
MEANT: Mapping[str, str] = {
    **dict.fromkeys(("hour_of_day", "hod"), "hour"),
    **dict.fromkeys(("day_of_week", "dayofweek", "weekday", "isodow", "dayname"), "dow"),
    **dict.fromkeys(("day_of_month", "dayofmonth", "dom"), "day"),
    **dict.fromkeys(("week_of_year", "weekofyear", "isoweek", "weekiso"), "week"),
    **dict.fromkeys(("month_of_year", "monthofyear"), "month"),
    **dict.fromkeys(("public_holiday", "is_holiday", "holidays"), "holiday"),
    **dict.fromkeys(("workday", "working_day", "businessday", "is_business_day"), "business_day"),
    **dict.fromkeys(("pay_day", "is_payday"), "payday"),
    "minute": "minute_of_day",
}
"""What other systems call a slot."""
AUTO = "auto"
"""What stands for the slots where the rows say which."""
POINTS, SERIES = 8_192, 20
"""Points of a series that are looked at then, the first ones, and how many series, the longest ones."""


@dataclass(frozen=True, slots=True)
class Season:
    """The slots that a row shares with its baseline.

    Attributes:
        slots: names of SLOTS.
        time_zone: where the clock hangs that timestamps with a zone are read by; None for UTC.
        whose: whose holidays count.
        found: what was found where the rows said the slots, in words.
    """

    slots: tuple[str, ...]
    time_zone: str | None = None
    whose: Whose = None
    found: str | None = None

    @property
    def auto(self) -> bool:
        """Whether the rows are still to say the slots."""
        return self.slots == (AUTO,)

    def words(self, time: str) -> list[str]:
        """Each slot in a phrase.

        Example:
            >>> Season(("dow", "hour"), "Europe/Berlin").words("ts")
            ['dow of ts in Europe/Berlin', 'hour of ts in Europe/Berlin']
        """
        place = "" if self.time_zone is None else f" in {self.time_zone}"
        return [f"{slot} of {time}{place}{self._known(slot)}" for slot in self.slots]

    def _known(self, slot: str) -> str:
        """Of which country and years, or of which relation, a slot knows the dates."""
        if slot not in DATED:
            return ""
        if isinstance(self.whose, exp.Expr):
            return f" (by the dates of {self.whose.name or 'a query'})"
        days = days_of(slot, self.whose)
        return f" ({'' if self.whose is None else f'{self.whose}, '}{days.first} to {days.last})"


def read_slots(node: Expr, shown: str) -> tuple[str, ...]:
    """The slots that an option names: a list of texts, or one text with commas; AUTO alone leaves them to the rows.

    Raises:
        CallError: an unknown name, none, or one twice; 'auto' beside others.
    """
    names = [text.strip().lower() for text in texts_of("season", node, shown)]
    if not names:
        raise CallError("season names nothing", where=shown, hint="season => ['dow', 'hour']")
    for name in names:
        if name == AUTO and len(names) > 1:
            raise CallError("season => 'auto' finds the slots itself", where=shown, hint="give it alone, or no 'auto'")
        if name not in (AUTO, *SLOTS):
            ours = MEANT.get(name)
            allowed = (*SLOTS, AUTO)
            hint = f"'{ours}' is our word for it; allowed: {', '.join(allowed)}" if ours else nearest(name, allowed)
            raise CallError(f"season => {name!r} is not known", where=shown, hint=hint)
        if names.count(name) > 1:
            raise CallError(f"season names {name} twice", where=shown, hint="once is enough")
    return tuple(names)


def read_season(given: Mapping[str, Any], shown: str) -> Season | None:
    """The season that a call's options give, or None.

    Args:
        given: the values of ``season``, ``time_zone``, ``country`` and ``holidays``, as far as they are given.
        shown: the call, for messages.

    Raises:
        CallError: a zone, a country or holidays without a season that they are for, or a zone or a country that nobody
            knows; neither country nor holidays for slots that need one, or both.
        UnsupportedError: a country without the package that knows it, and own holidays for what needs more than them.
    """
    for name, example in (("time_zone", "hour"), ("country", "business_day"), ("holidays", "holiday")):
        if "season" not in given and name in given:
            hint = f"give season => ['{example}'], or leave it out"
            raise CallError(f"{name} is a part of season", where=shown, hint=hint)
    if "season" not in given:
        return None
    slots, time_zone = given["season"], given.get("time_zone")
    if time_zone is not None:
        check_place(time_zone, shown)
    return Season(slots, time_zone, _read_whose(slots, given.get("country"), given.get("holidays"), shown))


def _read_whose(slots: tuple[str, ...], country: str | None, holidays: Expr | None, shown: str) -> Whose:
    """Whose holidays count in the slots that are about dates."""
    dated = [slot for slot in slots if slot in DATED]
    needing = [slot for slot in dated if DATED[slot]]
    name = "holidays" if country is None else "country"
    if country is not None and holidays is not None:
        raise CallError("country and holidays both say whose holidays count", where=shown, hint="keep one of them")
    if country is None and holidays is None and needing:
        raise CallError(
            f"season => {needing[0]!r} needs a country, whose holidays count",
            where=shown,
            hint="country => 'DE', or with a part of it 'DE-BY'; or dates of your own: holidays => 'schema.table'",
        )
    if (country is not None or holidays is not None) and not dated:
        raise CallError(
            f"{name} is about {', '.join(DATED)}, and season names {', '.join(slots)}",
            where=shown,
            hint=f"add one of them to season, or leave {name} out",
        )
    if holidays is None:
        return None if country is None else read_country(country, shown)
    for slot in dated:
        if slot not in OWN:
            raise UnsupportedError(
                f"{slot} is not found by holidays of your own: it is moved back over any number of them",
                where=shown,
                hint=f"country => 'DE', or leave {slot} out; or make it a column and name it in PARTITION BY",
            )
    return holidays


def check_place(time_zone: str, shown: str) -> None:
    """Refuses what is no place of the time zone database.

    Raises:
        CallError: with the nearest place.
    """
    places = available_timezones()
    if time_zone != "UTC" and not (_ZONE.fullmatch(time_zone) and time_zone in (places or {time_zone})):
        close = get_close_matches(time_zone, places, n=1, cutoff=0.5)
        raise CallError(
            f"time_zone => {time_zone!r} is no place of the time zone database",
            where=shown,
            hint=f"did you mean {close[0]!r}?" if close else "time_zone => 'Europe/Berlin'",
        )


def season_of(
    given: Season | None, usual: Mapping[str, tuple[str, ...]], time: Expr, kind: Kind, shown: str
) -> Season | None:
    """The season that a call gave, or the detector's usual one for a time of this kind; None where there is neither.

    Raises:
        BindError: if the detector has a usual season and nobody knows the kind.
    """
    if given is not None or not usual:
        return given
    kind = kind_shown(time) if kind is Kind.UNKNOWN else kind
    if kind is Kind.UNKNOWN:
        _refuse_unknown(shown)
    slots = usual.get(kind.value)
    return None if slots is None else Season(slots)


def season_keys(season: Season, time: Expr, kind: Kind, dialect: Dialect, shown: str) -> list[Expr]:
    """The slots of a time as whole numbers, NULL where the time is NULL or infinite.

    A timestamp with zone is read by the clock of UTC or of the season's zone, never by that of the session.

    Args:
        season: the slots.
        time: the expression that the call is ordered by.
        kind: its kind, if anybody knows it.
        dialect: where it runs.
        shown: the time as the user wrote it, for messages.

    Raises:
        BindError: for what is no date and no timestamp, and for a date that has no hour.
        UnsupportedError: for a time zone where the dialect has none.
    """
    kind = check_time(season, time, kind, shown)
    wall = wall_time(time, kind, season.time_zone, dialect, shown)
    return [SLOTS[slot].of(wall, season.whose) for slot in season.slots]


def wall_time(time: Expr, kind: Kind, time_zone: str | None, dialect: Dialect, shown: str) -> Expr:
    """The time as a calendar and a clock show it: by those of the place, or of UTC, where it has a zone.

    Raises:
        BindError: a place for a time without zone.
        UnsupportedError: a place where the dialect has none.
    """
    clock = f"wall_{kind.value}"
    if time_zone is not None:
        _check_zone(clock, dialect, shown)
    return ops.special(clock, time, ops.text(time_zone or "UTC")) if clock in dialect.templates else time


def check_time(season: Season, time: Expr, kind: Kind, shown: str) -> Kind:
    """The kind of a time, shown by itself where nobody knows it.

    Raises:
        BindError: for what is no date and no timestamp, and for a date that has no hour.
    """
    kind = kind_shown(time) if kind is Kind.UNKNOWN else kind
    if kind is Kind.UNKNOWN:
        _refuse_unknown(shown)
    if kind not in TIMES:
        raise BindError(
            f"season needs ORDER BY a date or a timestamp, and {shown} is {_WORDS.get(kind, f'a {kind.value}')}",
            where=shown,
            hint="season reads the first key of ORDER BY; cast it, or put a slot of your own into PARTITION BY",
        )
    timed = [slot for slot in season.slots if slot != AUTO and SLOTS[slot].timed]
    if kind is Kind.DATE and timed:
        plain = ", ".join(name for name, slot in SLOTS.items() if not slot.timed)
        raise BindError(
            f"{shown} is a date, and a date has no {timed[0]}",
            where=shown,
            hint=f"ORDER BY a timestamp, or use {plain}",
        )
    return kind


def _refuse_unknown(shown: str) -> NoReturn:
    """Refuses a time of which nobody knows what it is."""
    raise BindError(
        f"season needs to know whether {shown} is a date, a timestamp, or one with time zone",
        where=shown,
        hint=f"give a connection or a schema, or say it: ORDER BY CAST({shown} AS TIMESTAMP)",
    )


_WORDS = {Kind.INTEGER: "an integer", Kind.TEXT: "text", Kind.OTHER: "neither", Kind.FLOAT: "a number"}


def _check_zone(clock: str, dialect: Dialect, shown: str) -> None:
    """Refuses a time zone for what is no instant, and where the dialect has no names of places."""
    if "time_zone" in dialect.refused:
        raise UnsupportedError(
            f"time_zone is refused on {dialect.name}: {dialect.refused['time_zone']}",
            where=shown,
            hint="leave it out: slots are those of UTC; or put a slot of your own into PARTITION BY",
        )
    if clock not in dialect.templates:
        raise BindError(
            f"time_zone is about timestamps with time zone, and {shown} has none: it is read as it is written",
            where=shown,
            hint=f"leave time_zone out, or say which instant it is: ORDER BY {shown} AT TIME ZONE 'UTC'",
        )
