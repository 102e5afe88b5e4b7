"""Rows become a regular series: one row a bucket of time, by GROUP BY, and rows for the buckets that have none.

A bucket has a number (``clock``). The distance to the next number of the same partition says how many buckets have no
rows. The row is repeated for each of them, one decimal digit of its place after the other: six joins with ten rows, so
that no engine needs a generator of numbers or a recursion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.dialects.dialect import Quantiles
from sqlnomaly.errors import BindError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.buckets import COUNTS, Buckets, Measure
from sqlnomaly.pushdown.chain import Chain
from sqlnomaly.pushdown.clock import Clock
from sqlnomaly.pushdown.columns import as_double, as_key, kinds_of
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.places import check_select
from sqlnomaly.pushdown.relation_request import GIVEN, Request
from sqlnomaly.pushdown.select import Scope, Settings, visible_ctes

DIGITS = 6
"""As many digits as the number of missing buckets in a row may have."""
MOST = 10**DIGITS
KEY, SLOT, VALUE, RAW, EACH, RESULT = "_sn_key", "_sn_slot", "_sn_value", "_sn_raw", "_sn_each", "_sn_result"
NEXT, AFTER, SIZE, DIGIT, STEP = "_sn_next", "_sn_after", "_sn_size", "_sn_digit", "_sn_step"


def regular(request: Request, select: exp.Select, settings: Settings) -> Request:
    """The request over the series instead of the rows; as it is, if it asks for none.

    Args:
        request: the request.
        select: a star over what it reads, where the form stands.
        settings: of the statement.

    Raises:
        BindError: a time that is none, or a feature that cannot be aggregated so.
        UnsupportedError: what the dialect cannot do.
    """
    buckets = request.buckets
    if buckets is None:
        return request
    check_select(select, settings.read)
    scope = Scope(select, visible_ctes(select), settings)
    measured = [measure.of for measure in buckets.measures if measure.of is not None]
    found = kinds_of(scope, [*request.keys, *measured, buckets.time])
    key_kinds, kinds = found[: len(request.keys)], iter(found[len(request.keys) :])
    columns = _columns(buckets, kinds, request.shown)
    clock = Clock.of(buckets, next(kinds), request.source, settings.dialect, request.shown)
    chain = Chain(settings)
    _slots(chain, request, columns, clock)
    same = [
        ops.rename(as_key(scope, key, kind), {key.name: ops.column(f"{KEY}{number}")})
        for number, (key, kind) in enumerate(zip(request.keys, key_kinds, strict=True), start=1)
    ]
    _group(chain, request, columns, same)
    if buckets.fill != "none":
        _holes(chain, len(columns), same, buckets.fill)
    final = _series(chain, request, columns, clock, buckets.fill)
    return replace(request, source=exp.Subquery(this=final, alias=exp.TableAlias(this=exp.to_identifier(GIVEN))))


@dataclass(frozen=True, slots=True)
class Column:
    """One feature of the series on its way.

    Attributes:
        number: from 1, in the names of its columns.
        measure: what it is.
        value: what is aggregated.
        raw: the same with what is out of range, or None where nothing can be.
    """

    number: int
    measure: Measure
    value: Expr
    raw: Expr | None = None

    def at(self, name: str) -> str:
        """One of its columns."""
        return f"{name}{self.number}"


def _columns(buckets: Buckets, kinds: Iterator[Kind], shown: str) -> list[Column]:
    """The features, with what is aggregated as a number where it has to be one."""
    columns = []
    for number, measure in enumerate(buckets.measures, start=1):
        if measure.of is None:
            columns.append(Column(number, measure, ops.integer(1)))
            continue
        kind = next(kinds)
        if measure.aggregate in COUNTS:
            columns.append(Column(number, measure, measure.of))
            continue
        if kind in (Kind.TEXT, Kind.OTHER):
            raise BindError(
                f"feature {measure.name.name} is {'text' if kind is Kind.TEXT else 'no number'}, and "
                f"{measure.aggregate} takes numbers",
                where=shown,
                hint="aggregate => 'count' or 'count_distinct', or cast it in a parenthesized query",
            )
        raw, value = as_double(measure.of, kind)
        columns.append(Column(number, measure, value, None if raw == value else raw))
    return columns


def _slots(chain: Chain, request: Request, columns: Sequence[Column], clock: Clock) -> None:
    """The rows with the numbers of their buckets and what is aggregated; a row without a time is in no bucket."""
    items = [exp.alias_(key.copy(), f"{KEY}{number}") for number, key in enumerate(request.keys, start=1)]
    items.append(exp.alias_(chain.say(clock.number()), SLOT, copy=False))
    for column in columns:
        items.append(exp.alias_(chain.say(column.value), column.at(VALUE), copy=False))
        if column.raw is not None:
            items.append(exp.alias_(chain.say(column.raw), column.at(RAW), copy=False))
    chain.add("slots", exp.Select(expressions=items, from_=exp.From(this=request.source.copy())))


def _group(chain: Chain, request: Request, columns: Sequence[Column], same: Sequence[Expr]) -> None:
    """One row a bucket; a median is a step of its own where it is no aggregate."""
    dialect = chain.settings.dialect
    medians = [column for column in columns if column.measure.aggregate == "median"]
    if len(medians) > 1 and "several_sorts" in dialect.said_over:
        raise UnsupportedError(
            f"several medians are refused on {dialect.name}: {dialect.said_over['several_sorts']}",
            where=request.shown,
            hint="one median, or aggregate => 'mean'",
        )
    placed = ops.not_null(ops.column(SLOT))
    if medians and dialect.quantiles is Quantiles.ANALYTIC:
        within = [*same, ops.column(SLOT)]
        each = {
            column.at(EACH): ops.window(ops.quantile(ops.column(column.at(VALUE)), 0.5), partition=within)
            for column in medians
        }
        chain.extend("medians", each, where=placed)
    items, groups = [], []
    for number, key in enumerate(same, start=1):
        own = ops.column(f"{KEY}{number}")
        one = own if key == own else ops.cast_double(ops.min_(own))  # what is grouped by its text is a DOUBLE
        items.append(exp.alias_(chain.say(one), f"{KEY}{number}"))
        groups.append(chain.say(key))
    items.append(exp.alias_(ops.column(SLOT), SLOT))
    items += [
        exp.alias_(chain.say(_aggregated(column, dialect)), column.at(RESULT), copy=False) for column in columns
    ]
    chain.add("buckets", chain.over(*items, where=placed).group_by(*groups, ops.column(SLOT), copy=False))


def _aggregated(column: Column, dialect: Dialect) -> Expr:
    """The aggregate of a bucket; NULL where one of its values is out of range."""
    value = ops.column(column.at(VALUE))
    name = column.measure.aggregate
    if name in COUNTS:
        return ops.count(value if name == "count" else exp.Distinct(expressions=[value]))
    if name == "median":
        early = dialect.quantiles is Quantiles.ANALYTIC
        found = ops.min_(ops.column(column.at(EACH))) if early else ops.quantile(value, 0.5)
    else:
        found = {"sum": ops.sum_, "mean": ops.avg, "min": ops.min_, "max": ops.max_}[name](value)
    if column.raw is None:
        return found
    whole = ops.eq(ops.count(value), ops.count(ops.column(column.at(RAW))))
    return ops.case((whole, found))


def _holes(chain: Chain, features: int, same: Sequence[Expr], fill: str) -> None:
    """A row for each bucket up to the next one that has rows: STEP is 0 for its own, then 1, 2, .."""
    slot, order = ops.column(SLOT), [ops.column(SLOT)]
    ahead = {NEXT: ops.window(ops.func("LEAD", slot), partition=same, order=order)}
    if fill == "linear":
        for number in range(1, features + 1):
            value = ops.func("LEAD", ops.column(f"{RESULT}{number}"))
            ahead[f"{AFTER}{number}"] = ops.window(value, partition=same, order=order)
    chain.extend("ahead", ahead)
    size = ops.sub(ops.column(NEXT), slot)
    words = ops.concat(
        [
            ops.text(f"{MOST:,} buckets or more in a row have no rows: give a longer bucket; they follow bucket "),
            ops.special("number_text", slot),
        ]
    )
    sized = ops.case(
        (ops.is_null(ops.column(NEXT)), ops.integer(1)),
        (ops.gt(size, ops.integer(MOST)), ops.cast_integer(words)),  # fails, and the engine shows the words
        default=size,
    )
    chain.extend("sized", {SIZE: sized, f"{STEP}{DIGITS}": ops.integer(0)})
    rows = chain.last
    chain.add("digits", exp.union(*map(_digit, range(10)), distinct=False, copy=False))
    digits = chain.last
    for place in reversed(range(DIGITS)):
        before, digit = ops.column(f"{STEP}{place + 1}", rows), ops.column(DIGIT, digits)
        step = ops.add(before, ops.mul(digit, ops.integer(10**place)))
        every = exp.Column(this=exp.Star(), table=exp.to_identifier(rows))
        joined = exp.Select(expressions=[every, exp.alias_(chain.say(step), f"{STEP}{place}")])
        joined = joined.from_(exp.to_table(rows), copy=False).join(exp.to_table(digits), join_type="cross", copy=False)
        chain.add("steps", joined.where(chain.say(ops.lt(step, ops.column(SIZE, rows)), condition=True), copy=False))
        rows = chain.last


def _digit(value: int) -> exp.Select:
    return exp.Select(expressions=[exp.alias_(ops.integer(value), DIGIT)])


def _series(chain: Chain, request: Request, columns: Sequence[Column], clock: Clock, fill: str) -> exp.Select:
    """The rows of the series under the names of the user's columns."""
    own = ops.column(f"{STEP}0")
    number = ops.column(SLOT) if fill == "none" else ops.add(ops.column(SLOT), own)
    items = [
        exp.alias_(ops.column(f"{KEY}{index}"), key.this.copy()) for index, key in enumerate(request.keys, start=1)
    ]
    items.append(exp.alias_(chain.say(clock.begin(number)), clock.buckets.time.this.copy(), copy=False))
    for column in columns:
        value: Expr = ops.column(column.at(RESULT))
        if fill not in ("none", "previous"):
            value = ops.case((ops.eq(own, ops.integer(0)), value), default=_filled(column, fill))
        whole = column.measure.aggregate in COUNTS and fill != "linear"
        value = ops.cast_integer(value) if whole else ops.cast_double(value)
        items.append(exp.alias_(chain.say(value), column.measure.name.copy(), copy=False))
    return chain.closed(chain.over(*items))


def _filled(column: Column, fill: str) -> Expr | None:
    """What stands in a bucket without rows."""
    if fill == "zero":
        return ops.integer(0) if column.measure.aggregate in COUNTS else ops.number(0.0)
    if fill == "null":
        return None
    before, after = (ops.cast_double(ops.column(column.at(name))) for name in (RESULT, AFTER))
    share = ops.div(ops.cast_double(ops.column(f"{STEP}0")), ops.column(SIZE))
    return ops.add(before, ops.mul(ops.sub(after, before), share))
