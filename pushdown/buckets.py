"""``bucket``, ``aggregate`` and ``fill`` of a relation form: which regular series is made of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError, nearest
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import literal
from sqlnomaly.pushdown.relation_words import Spell, column_of, texts_of, word_of
from sqlnomaly.pushdown.season import check_place
from sqlnomaly.pushdown.times import SECONDS, Span, read_span

UNITS: Mapping[str, tuple[int, ...]] = {
    "minute": (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30),
    "hour": (1, 2, 3, 4, 6, 8, 12),
    "day": (1,),
    "week": (1,),
    "month": (1,),
}
"""Unit -> how many of it are a bucket: what divides an hour or a day, so that buckets begin with those."""
AGGREGATES = ("sum", "mean", "count", "count_distinct", "min", "max", "median")
_MEANT: Mapping[str, str] = {
    **dict.fromkeys(("avg", "average"), "mean"),
    **dict.fromkeys(("distinct", "nunique"), "count_distinct"),
}
"""What else an aggregate is called."""
COUNTS = ("count", "count_distinct")
FILLS = ("none", "zero", "null", "previous", "linear")
OPTIONS = ("bucket", "aggregate", "fill")
ROWS = "count"
"""The column that counts the rows of a bucket, whatever is in them."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One feature of a bucket.

    Attributes:
        of: the column that is aggregated; None for the rows themselves.
        aggregate: one of AGGREGATES.
        feature: the column of the bucket, as the calls name it.
    """

    of: Expr | None
    aggregate: str
    feature: Expr

    @property
    def name(self) -> exp.Identifier:
        """What the column of the bucket is called."""
        identifier: exp.Identifier = self.feature.unalias().this
        return identifier


@dataclass(frozen=True, slots=True)
class Buckets:
    """The series.

    Attributes:
        time: the column that says when a row was.
        span: how long a bucket is.
        measures: its features.
        fill: what stands in a bucket without rows, one of FILLS.
        time_zone: by whose calendar days, weeks and months go, where times have a zone; None for UTC.
    """

    time: Expr
    span: Span
    measures: tuple[Measure, ...]
    fill: str
    time_zone: str | None = None

    @property
    def timed(self) -> bool:
        """Whether a bucket is shorter than a day."""
        return self.span.unit in ("minute", "hour")

    @property
    def seconds(self) -> int:
        """The length of a bucket that is shorter than a day."""
        return self.span.number * SECONDS[self.span.unit]


def read_buckets(
    given: dict[str, Expr], keys: Sequence[Expr], order: Sequence[exp.Ordered], spell: Spell, shown: str
) -> Buckets | None:
    """The series that the options ask for, or None; its options, and the features, are taken out.

    Args:
        given: the options.
        keys: the partition columns.
        order: the keys of ``order_by``.
        spell: spells a plain name.
        shown: the form as the user wrote it.

    Raises:
        CallError: a part without ``bucket``, an unknown word, a length that does not divide an hour or a day.
        UnsupportedError: what has no meaning beside it.
    """
    if "bucket" not in given:
        for part in OPTIONS[1:]:
            if part in given:
                raise CallError(f"{part} is a part of bucket", where=shown, hint="bucket => '1 hour', or leave it out")
        return None
    if "filter" in given:
        raise UnsupportedError(
            "filter is refused beside bucket: it says of a row whether it is fitted, and a bucket is made of many",
            where=shown,
            hint="make the series in a parenthesized query, with a column for filter",
        )
    if len(order) != 1:
        raise CallError(
            f"bucket takes one key in order_by, the time, not {len(order)}",
            where=shown,
            hint="order_by => 'ts'; what else tells rows apart goes into partition_by",
        )
    span = _span(given.pop("bucket"), shown)
    measures = _measures(given, spell, shown)
    fill = str(literal("fill", "text", given.pop("fill"), shown)).lower() if "fill" in given else "none"
    if fill not in FILLS:
        raise CallError(f"fill => {fill!r} is not known", where=shown, hint=nearest(fill, FILLS))
    time: Expr = order[0].this
    _check_names([*(key.name for key in keys), time.name, *(measure.name.name for measure in measures)], shown)
    return Buckets(time, span, measures, fill, _time_zone(span, given, shown))


def _span(node: Expr, shown: str) -> Span:
    """The length of a bucket."""
    span = read_span("bucket", node, list(UNITS), shown)
    allowed = UNITS[span.unit]
    if span.number not in allowed:
        larger = {"minute": "hours: '1 hour'", "hour": "days: '1 day'"}.get(span.unit)
        listed = ", ".join(map(str, allowed))
        raise CallError(
            f"bucket => '{span}' does not divide {'an hour' if span.unit == 'minute' else 'a day'} into equal parts"
            if larger
            else f"bucket => '{span}' has no natural beginning",
            where=shown,
            hint=f"{listed} of a {span.unit}; or {larger}" if larger else f"bucket => '1 {span.unit}'",
        )
    return span


def _measures(given: dict[str, Expr], spell: Spell, shown: str) -> tuple[Measure, ...]:
    """The features of a bucket."""
    asked = texts_of("aggregate", given.pop("aggregate"), shown) if "aggregate" in given else ["sum"]
    words = [_MEANT.get(word.strip().lower(), word.strip().lower()) for word in asked]
    for word in words:
        if word not in AGGREGATES:
            raise CallError(f"aggregate => {word!r} is not known", where=shown, hint=nearest(word, AGGREGATES))
    if "features" not in given and words != ["count"]:
        raise CallError(
            "bucket needs the features to aggregate",
            where=shown,
            hint="features => ['amount']; or aggregate => 'count'",
        )
    texts = texts_of("features", given.pop("features"), shown) if "features" in given else ["*"]
    if not texts:
        raise CallError("features names nothing", where=shown, hint="features => ['amount']; or aggregate => 'count'")
    if len(words) == 1:
        words *= len(texts)
    if len(words) != len(texts):
        raise CallError(
            f"aggregate names {len(words)} and features {len(texts)}",
            where=shown,
            hint="one aggregate for all features, or one each: aggregate => 'sum, mean'",
        )
    return tuple(_measure(text, word, spell, shown) for text, word in zip(texts, words, strict=True))


def _measure(text: str, aggregate: str, spell: Spell, shown: str) -> Measure:
    if text.strip() != "*":
        feature = column_of(word_of(text, shown), spell)
        return Measure(feature.unalias(), aggregate, feature)
    if aggregate != "count":
        raise CallError(
            f"'*' are the rows of a bucket, and they have no {aggregate}",
            where=shown,
            hint="aggregate => 'count', or name a column",
        )
    return Measure(None, aggregate, column_of(ROWS, spell))


def _time_zone(span: Span, given: dict[str, Expr], shown: str) -> str | None:
    """The place by whose calendar days go; the season of a call takes the clock of it for shorter buckets."""
    if "time_zone" not in given:
        return None
    zone = str(literal("time_zone", "text", given["time_zone"], shown))
    check_place(zone, shown)
    if span.unit in ("minute", "hour"):
        if "season" not in given:
            raise CallError(
                f"time_zone says when days begin, and a bucket of {span} is shorter: it is the same everywhere",
                where=shown,
                hint="leave time_zone out, or give season => ['hour']",
            )
        return None
    del given["time_zone"]
    return zone


def _check_names(names: Sequence[str], shown: str) -> None:
    """Refuses a series with two columns of one name."""
    lowered = [name.lower() for name in names]
    for name in names:
        if lowered.count(name.lower()) > 1:
            raise CallError(
                f"the series would have two columns named {name}",
                where=shown,
                hint=f"give one of them another name in a parenthesized query: {name} AS {name}_2",
            )
