"""``FROM lead_lag(..)``: which of two series moves first, and by how many points, in SQL alone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.errors import BindError, CallError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import TIMES, Kind
from sqlnomaly.pushdown.buckets import OPTIONS as BUCKETS
from sqlnomaly.pushdown.chain import Chain
from sqlnomaly.pushdown.columns import as_double, as_key, kinds_of
from sqlnomaly.pushdown.cross_correlation import (
    AT,
    AT_ZERO,
    BEST,
    FLAT,
    HAD,
    KEY,
    LAG,
    PAIR,
    PAIRED,
    RANK,
    VALUE,
    N,
    P,
    Points,
    R,
    add_chance,
    correlate,
)
from sqlnomaly.pushdown.model_form import taken
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import literal
from sqlnomaly.pushdown.places import check_select
from sqlnomaly.pushdown.relation_request import Request, read_columns
from sqlnomaly.pushdown.relation_words import EXAMPLES, LEADING, Spell
from sqlnomaly.pushdown.select import Scope, Settings, visible_ctes

OWN = ("features", "partition_by", "order_by", "filter", "max_lag", "time_zone", *BUCKETS)
"""The options of the form."""
COLUMNS = ("leader", "laggard", "lag", "correlation", "correlation_at_0", "p_value", "n", "status")
"""What stands behind the partition columns, in this order."""
FARTHEST, USUAL = 100, 12
"""The largest ``max_lag``, and the one where nobody says it."""
FEATURES = 8
LEAST = PAIRED + 2
"""How many rows more than the farthest lag have both features at least: two values before each are looked at too."""
STATUS, OK, TIME = "_sn_status", "ok", "_sn_time"


@dataclass(frozen=True, slots=True)
class LeadRequest:
    """One lead_lag as read.

    Attributes:
        request: the relation and its columns.
        most: the farthest lag.
    """

    request: Request
    most: int

    def star(self) -> exp.Select:
        """Every column of the source: what stands in the form's place until its columns are known."""
        return self.request.star()


def read_leading(source: Expr, given: dict[str, Expr], spell: Spell, shown: str) -> LeadRequest:
    """The form's arguments, checked.

    Raises:
        CallError: no order or several keys, one feature or too many, or a lag out of range.
        BindError: a partition column with the name of one of COLUMNS.
    """
    if "order_by" not in given:
        raise CallError(f"{LEADING} needs the times of the values", where=shown, hint=EXAMPLES[LEADING])
    most = literal("max_lag", "integer", given.pop("max_lag"), shown) if "max_lag" in given else USUAL
    if not 1 <= most <= FARTHEST:
        raise CallError(f"max_lag => {most} is out of range", where=shown, hint=f"1 to {FARTHEST} points")
    request = read_columns(LEADING, source, given, spell, shown)
    if not 2 <= len(request.features) <= FEATURES:
        raise CallError(
            f"{LEADING} is about 2 to {FEATURES} features, and here are {len(request.features)}",
            where=shown,
            hint=EXAMPLES[LEADING],
        )
    if len(request.order) != 1 or request.order[0].args.get("desc"):
        raise CallError(f"{LEADING} takes one time in order_by, ascending", where=shown, hint="order_by => 'day'")
    names = [key.name.lower() for key in request.keys]
    for key in request.keys:
        if key.name.lower() in COLUMNS:
            raise taken(key.name, shown, LEADING)
        if names.count(key.name.lower()) > 1:
            raise CallError(f"partition_by names {key.name} twice", where=shown, hint="once is enough")
    return LeadRequest(request, most)


def led(form: LeadRequest, select: exp.Select, settings: Settings) -> exp.Select:
    """The SELECT of the pairs of each series.

    Args:
        form: the form.
        select: what ``form.star`` gave, where the form stood.
        settings: of the statement.

    Raises:
        BindError: for a feature that is no number.
    """
    check_select(select, settings.read)
    request, scope = form.request, Scope(select, visible_ctes(select), settings)
    time: Expr = request.order[0].this
    features = [part.unalias() for part in request.features]
    kinds = kinds_of(scope, [*features, time, *request.keys])
    for feature, kind in zip(features, kinds, strict=False):
        if kind in (Kind.TEXT, Kind.OTHER, *TIMES):
            words = f"{LEADING} compares numbers, and {feature.name} is a {kind.value}"
            raise BindError(words, where=request.shown)
    chain = Chain(settings)
    keys = []
    for number, (key, kind) in enumerate(zip(request.keys, kinds[len(features) + 1 :], strict=True), start=1):
        name = f"{KEY}{number}"
        keys.append((name, ops.rename(as_key(scope, key, kind), {key.name: ops.column(name)})))
    points = Points(keys, len(features), form.most)
    items = [exp.alias_(key.copy(), f"{KEY}{number}") for number, key in enumerate(request.keys, start=1)]
    items.append(exp.alias_(time.copy(), TIME))
    for number, (feature, kind) in enumerate(zip(features, kinds, strict=False), start=1):
        items.append(exp.alias_(chain.say(as_double(feature, kind)[1]), f"{VALUE}{number}"))
    wanted = [ops.not_null(time), *([] if request.fitted is None else [request.fitted.copy()])]
    rows = exp.Select(expressions=items, from_=exp.From(this=request.source.copy()))
    chain.add("rows_given", rows.where(chain.say(ops.and_(*wanted), condition=True), copy=False))
    _average(chain, points, ops.rename(as_key(scope, time, kinds[len(features)]), {time.name: ops.column(TIME)}))
    correlate(chain, points)
    add_chance(chain, 2 * form.most + 1)
    return chain.closed(_columns(chain, form, points))


def _average(chain: Chain, points: Points, time: Expr) -> None:
    """One row a series and time: the mean of its rows."""
    items, groups = points.grouped(chain)
    items.append(exp.alias_(chain.say(ops.min_(ops.column(TIME))), AT))
    for number in range(1, points.features + 1):
        items.append(exp.alias_(chain.say(ops.avg(ops.column(f"{VALUE}{number}"))), f"{VALUE}{number}"))
    chain.add("points", chain.over(*items).group_by(*groups, chain.say(time), copy=False))


def _columns(chain: Chain, form: LeadRequest, points: Points) -> exp.Select:
    """The best lag of each pair, with the columns of the form."""
    short = ops.lt(ops.column(f"{HAD}_all"), ops.integer(form.most + LEAST))
    still = ops.and_(ops.is_null(ops.column(R)), ops.ge(ops.column(N), ops.integer(PAIRED)))
    flat = ops.or_(ops.eq(ops.column(FLAT), ops.integer(1)), still)
    few, constant = ops.text("too_few_rows"), ops.text("constant")
    none = ops.lt(ops.column(RANK), ops.number(0.0))
    chain.extend("told", {STATUS: ops.case((short, few), (flat, constant), (none, few), default=ops.text(OK))})
    known = ops.eq(ops.column(STATUS), ops.text(OK))
    behind = ops.and_(known, ops.lt(ops.column(LAG), ops.integer(0)))
    names = [part.alias_or_name for part in form.request.features]

    def name_of(side: int) -> Expr:
        texts = [ops.text(names[pair[side] - 1]) for pair in points.pairs]
        numbers = range(1, len(texts) + 1)
        named = [(ops.eq(ops.column(PAIR), ops.integer(k)), text) for k, text in zip(numbers, texts, strict=True)]
        return texts[0] if len(texts) == 1 else ops.case(*named)

    found = (
        ops.case((behind, name_of(1)), default=name_of(0)),
        ops.case((behind, name_of(0)), default=name_of(1)),
        ops.case((known, ops.abs_(ops.column(LAG)))),
        ops.case((known, ops.column(R))),
        ops.case((known, ops.column(AT_ZERO))),
        ops.case((known, ops.column(P))),
        ops.case((known, ops.column(N))),
        ops.column(STATUS),
    )
    keys = [
        exp.alias_(ops.column(name), key.this.copy())
        for (name, _), key in zip(points.keys, form.request.keys, strict=True)
    ]
    columns = [exp.alias_(chain.say(expr), name) for name, expr in zip(COLUMNS, found, strict=True)]
    return chain.over(*keys, *columns, where=ops.eq(ops.column(BEST), ops.integer(1)))
