"""The number of the bucket that a time lies in, and the time that a bucket begins at."""

from __future__ import annotations

from dataclasses import dataclass

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import BindError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.buckets import Buckets
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.season import wall_time
from sqlnomaly.pushdown.times import time_kind

DAY = 86400
MONDAY = 3
"""Days from a Monday to 1970-01-01, which was a Thursday."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Buckets as whole numbers: of the seconds since 1970, of the days since then, or of the months since the year 0.

    What is shorter than a day is cut from the seconds, so that a change of clocks neither doubles a bucket nor leaves
    one out; days, weeks and months of an instant (a timestamp with zone) are those of a place's calendar, and dates.

    Attributes:
        buckets: how long they are, and of which time.
        kind: the kind of the time.
        dialect: where it runs.
    """

    buckets: Buckets
    kind: Kind
    dialect: Dialect

    @classmethod
    def of(cls, buckets: Buckets, kind: Kind, source: Expr, dialect: Dialect, shown: str) -> Clock:
        """The clock of a time.

        Raises:
            BindError: for what is no time, and for hours of a date.
        """
        kind = time_kind("bucket", buckets.time, kind, source, shown)
        if kind is Kind.DATE and buckets.timed:
            name = buckets.time.name
            raise BindError(
                f"{name} is a date, and a date has no {buckets.span.unit}",
                where=shown,
                hint="bucket => '1 day', '1 week' or '1 month', or order_by a timestamp",
            )
        return cls(buckets, kind, dialect)

    def number(self) -> Expr:
        """The number of the bucket that a row lies in; NULL without a time."""
        time, span = self.buckets.time, self.buckets.span
        if self.buckets.timed:
            seconds = ops.special(f"epoch_{self.kind.value}", time)
            return ops.cast_integer(ops.floor(ops.div(seconds, ops.number(float(self.buckets.seconds)))))
        wall = wall_time(time, self.kind, self.buckets.time_zone, self.dialect, time.name)
        if span.unit == "month":
            months = ops.mul(ops.special("year_of", wall), ops.integer(12))
            return ops.cast_integer(ops.sub(ops.add(months, ops.special("month_of", wall)), ops.integer(1)))
        days = ops.special("days_of", wall)
        if span.unit == "day":
            return ops.cast_integer(days)
        return ops.cast_integer(ops.floor(ops.div(ops.add(days, ops.integer(MONDAY)), ops.number(7.0))))

    def begin(self, number: Expr) -> Expr:
        """The time at which a bucket begins, of the kind of the time; a date for days of what is an instant."""
        if self.buckets.timed:
            return ops.special(f"{self.kind.value}_at", ops.mul(number, ops.integer(self.buckets.seconds)))
        days = {"day": number, "week": _week(number), "month": _month(number)}[self.buckets.span.unit]
        if self.kind is Kind.TIMESTAMP and f"wall_{self.kind.value}" not in self.dialect.templates:
            return ops.special("timestamp_at", ops.mul(days, ops.integer(DAY)))
        return ops.special("date_at", days)


def _week(number: Expr) -> Expr:
    """The day of a Monday."""
    return ops.sub(ops.mul(number, ops.integer(7)), ops.integer(MONDAY))


def _month(number: Expr) -> Expr:
    """The day of the first of a month.

    Of years that begin in March the leap day is the last, and the months have 31, 30, 31, 30, 31 days in turn
    (``days_from_civil`` in Hinnant's chrono-Compatible Low-Level Date Algorithms).
    """
    since = ops.sub(number, ops.integer(2))
    year = _whole(since, 12)
    month = ops.sub(since, ops.mul(year, ops.integer(12)))
    leaps = ops.add(ops.sub(_whole(year, 4), _whole(year, 100)), _whole(year, 400))
    days = ops.add(ops.mul(year, ops.integer(365)), leaps)
    within = _whole(ops.add(ops.mul(month, ops.integer(153)), ops.integer(2)), 5)
    return ops.sub(ops.add(days, within), ops.integer(719468))


def _whole(value: Expr, size: int) -> Expr:
    """How many times size goes into the value."""
    return ops.cast_integer(ops.floor(ops.div(value, ops.number(float(size)))))
