"""``FROM anomaly_calendar(..)``: one row a day, with what the slots of a season say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlglot import exp

from sqlnomaly.errors import CallError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.calendars import DATED, days_of, named_holidays, read_country, yyyymmdd
from sqlnomaly.pushdown.chain import Chain
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import literal
from sqlnomaly.pushdown.relation_words import CALENDAR, EXAMPLES
from sqlnomaly.pushdown.season import SLOTS
from sqlnomaly.pushdown.select import Settings

OPTIONS = ("country", "since", "until")
"""The options of the form, all of which are needed."""
DATE = "date"
PARTS: Mapping[str, str] = {
    "quarter": "quarter",
    "month": "month",
    "week": "week",
    "day": "day",
    "day_of_week": "dow",
    "weekend": "weekend",
}
"""A column -> the slot of a season that it shows; the year stands before them, the slots about dates behind."""
NUMBER, DIGIT = "_sn__number", "_sn__digit"
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The form as read.

    Attributes:
        country: whose holidays count.
        since, until: the first and the last day.
        settings: of the statement.
    """

    country: str
    since: date
    until: date
    settings: Settings = field(compare=False, repr=False)

    def star(self) -> exp.Select:
        """The whole calendar: it reads nothing."""
        return days(self)


def read_calendar(given: Mapping[str, Expr], settings: Settings, shown: str) -> Calendar:
    """The form's arguments, checked.

    Raises:
        CallError: an option that is missing or no date, no day, and days whose holidays nobody knows.
        UnsupportedError: without the package that knows holidays.
    """
    missing = [name for name in OPTIONS if name not in given]
    if missing:
        raise CallError(f"{CALENDAR} needs {missing[0]}", where=shown, hint=EXAMPLES[CALENDAR])
    country = read_country(literal("country", "text", given["country"], shown), shown)
    since, until = (_date(name, given[name], shown) for name in ("since", "until"))
    if since > until:
        raise CallError(f"until => {until} lies before since => {since}", where=shown, hint=EXAMPLES[CALENDAR])
    known = days_of("business_day", country)
    if not known.first <= since.year <= until.year <= known.last:
        raise CallError(
            f"holidays of {country} are known of {known.first} to {known.last}, not of {since} to {until}",
            where=shown,
            hint=f"since => '{max(since.year, known.first)}-01-01', until => '{min(until.year, known.last)}-12-31'",
        )
    return Calendar(country, since, until, settings)


def _date(name: str, node: Expr, shown: str) -> date:
    """The day that DATE '2025-12-31' or '2025-12-31' is."""
    inner = node.unnest()
    while isinstance(inner, exp.Cast):
        inner = inner.this.unnest()
    try:
        if not (isinstance(inner, exp.Literal) and inner.is_string):
            raise ValueError
        return date.fromisoformat(inner.name)
    except ValueError:
        hint = f"{name} => DATE '2025-12-31', or the same as text"
        raise CallError(f"{name} takes a day, not {node.sql()}", where=shown, hint=hint) from None


def days(asked: Calendar) -> exp.Select:
    """The SELECT of the days."""
    chain, day = Chain(asked.settings), ops.column(DATE)
    size = (asked.until - asked.since).days + 1
    _numbers(chain, size)
    since = ops.integer((asked.since - EPOCH).days)
    begun = chain.say(ops.special("date_at", ops.add(since, ops.column(NUMBER))))
    within = ops.lt(ops.column(NUMBER), ops.integer(size))
    chain.add("dates", chain.over(exp.alias_(begun, DATE), where=within))
    columns = {
        "year": ops.special("year_of", day),
        **{name: SLOTS[slot].of(day, None) for name, slot in PARTS.items()},
        **{
            slot: days_of(slot, asked.country).within(asked.since, asked.until).flag(day)
            for slot in DATED
            if slot != "holiday"
        },
        "holiday": _holiday(asked, day),
    }
    whole = [name for name in columns if name != "holiday"]
    told = [
        exp.alias_(chain.say(ops.cast_integer(expr) if name in whole else expr), name, copy=False)
        for name, expr in columns.items()
    ]
    return chain.closed(chain.over(day, *told))


def _holiday(asked: Calendar, day: Expr) -> Expr:
    """The name of a day's holiday, NULL on others."""
    names: dict[str, list[int]] = {}
    for one, name in named_holidays(asked.country, asked.since, asked.until):
        names.setdefault(name, []).append(one)
    if not names:
        return exp.cast(exp.Null(), exp.DataType.Type.TEXT)
    number = yyyymmdd(day)
    return ops.case(*((ops.among(number, dates), ops.text(name)) for name, dates in names.items()))


def _numbers(chain: Chain, size: int) -> None:
    """The last step: whole numbers from 0 in NUMBER, at least so many."""
    chain.add("digits", exp.union(*map(_digit, range(10)), distinct=False, copy=False))
    digits, places = chain.last, len(str(size - 1))
    names = [chain.settings.names.fresh(f"digit{place}") for place in range(places)]
    parts: Sequence[Expr] = [
        ops.mul(ops.column(DIGIT, name), ops.integer(10**place)) for place, name in enumerate(names)
    ]
    numbers = exp.Select(expressions=[exp.alias_(chain.say(ops.total(parts)), NUMBER)])
    numbers = numbers.from_(exp.alias_(exp.to_table(digits), names[0], table=True), copy=False)
    for name in names[1:]:
        numbers.join(exp.alias_(exp.to_table(digits), name, table=True), join_type="cross", copy=False)
    chain.add("numbers", numbers)


def _digit(value: int) -> exp.Select:
    return exp.Select(expressions=[exp.alias_(ops.integer(value), DIGIT)])

