"""``FROM anomaly_events(..)``: runs of anomalous rows, one row each, by window functions over the rows' answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.causal import judged, options_of, read_causal
from sqlnomaly.pushdown.chain import Chain
from sqlnomaly.pushdown.columns import as_double, as_key, kinds_of
from sqlnomaly.pushdown.frames import SO_FAR
from sqlnomaly.pushdown.model_form import taken
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import literal
from sqlnomaly.pushdown.places import check_select
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.pushdown.relation_request import Request, read_columns
from sqlnomaly.pushdown.relation_words import EVENTS, EXAMPLES, Spell
from sqlnomaly.pushdown.select import Scope, Settings, visible_ctes
from sqlnomaly.pushdown.times import SECONDS, read_span, time_kind

COLUMNS = (
    "event_id",
    "event_start",
    "event_end",
    "peak_at",
    "peak_score",
    "direction",
    "points",
    "area",
    "severity",
    "reason",
)
"""What stands behind the partition columns, in this order."""
OPTIONS = ("merge_gap", "merge_within", "min_points")
"""Its own options beside those of detect_anomalies."""
LOWEST = -1.7e308
"""Ranks a point without a score behind every other."""
SLACK = 5e-7
"""Seconds that two times may be farther apart than they are: seconds since 1970 keep a microsecond to about half."""

KEY, TIME, AT = "_sn_key", "_sn_time", "_sn_at"
SCORE, THRESHOLD, ODD, REASON = "_sn_score", "_sn_threshold", "_sn_odd", "_sn_reason"
VALUE, EXPECTED = "_sn_value", "_sn_expected"
POINT, PLACE, RANK, OPENS = "_sn_point", "_sn_place", "_sn_rank", "_sn_opens"
EVENT, FIRST, LAST, POINTS, AREA, PEAK = "_sn_event", "_sn_first", "_sn_last", "_sn_points", "_sn_area", "_sn_peak"
IS_POINT = ops.eq(ops.column(POINT), ops.integer(1))


@dataclass(frozen=True, slots=True)
class EventRequest:
    """One anomaly_events as read.

    Attributes:
        request: what is judged.
        time: the column that the rows are in the order of.
        gap: how many ordinary rows may lie between two points of an event.
        within: how many seconds instead, or None.
        least: how many points an event has at least.
    """

    request: Request
    time: Expr
    gap: int
    within: float | None
    least: int

    def star(self) -> exp.Select:
        """Every column of the source: what stands in the form's place until its columns are known."""
        return self.request.star()


def read_events(source: Expr, given: dict[str, Expr], settings: Settings, spell: Spell, shown: str) -> EventRequest:
    """The form's arguments, checked.

    Raises:
        CallError: no order or several keys, two ways to merge, or an option out of range.
        BindError: a partition column with the name of one of COLUMNS.
        UnsupportedError: a stored model.
    """
    if "model" in given:
        raise UnsupportedError(
            f"model is refused in {EVENTS}: a stored model judges each row by itself, in no order",
            where=shown,
            hint="detect_anomalies(orders, model => 'fraud') has its verdicts; or leave model out",
        )
    if "merge_gap" in given and "merge_within" in given:
        raise CallError(
            "merge_gap and merge_within exclude each other",
            where=shown,
            hint="merge_gap counts the rows between two points, merge_within the time; keep one",
        )
    gap = _count("merge_gap", given, 0, 0, shown)
    least = _count("min_points", given, 1, 1, shown)
    within = None
    if "merge_within" in given:
        span = read_span("merge_within", given.pop("merge_within"), list(SECONDS), shown)
        within = float(span.number * SECONDS[span.unit])
    causal = read_causal(given, shown)
    if "order_by" not in given:
        raise CallError(
            f"{EVENTS} needs the order in which rows follow one another", where=shown, hint=EXAMPLES[EVENTS]
        )
    request = read_columns(EVENTS, source, given, spell, shown)
    if len(request.order) != 1:
        raise CallError(
            f"{EVENTS} takes one key in order_by, not {len(request.order)}",
            where=shown,
            hint="order_by => 'ts'; what else tells rows apart goes into partition_by",
        )
    if request.order[0].args.get("desc"):
        raise CallError("events are told in the order of time", where=shown, hint="leave DESC out of order_by")
    names = [key.name.lower() for key in request.keys]
    for key in request.keys:
        if key.name.lower() in COLUMNS:
            raise taken(key.name, shown, EVENTS)
        if names.count(key.name.lower()) > 1:
            raise CallError(f"partition_by names {key.name} twice", where=shown, hint="once is enough")
    time: Expr = request.order[0].this
    return EventRequest(judged(request, settings, causal=causal, ordered=True), time, gap, within, least)


def _count(option: str, given: dict[str, Expr], default: int, lowest: int, shown: str) -> int:
    """A count of rows among the options, taken out of them."""
    value: int = literal(option, "integer", given.pop(option), shown) if option in given else default
    if value < lowest:
        raise CallError(f"{option} => {value} is out of range", where=shown, hint=f"{lowest} or more")
    return value


def told(form: EventRequest, select: exp.Select, settings: Settings) -> exp.Select:
    """The SELECT of the events.

    Args:
        form: the form.
        select: what ``form.star`` gave, where the form stood.
        settings: of the statement.

    Raises:
        SqlnomalyError: for columns that are not there, or that are no time.
    """
    check_select(select, settings.read)
    request = form.request
    scope = Scope(select, visible_ctes(select), settings)
    asked = [part.unalias() for part in (*request.features, *request.keys, form.time)]
    *kinds, time = kinds_of(scope, asked)
    if form.within is not None:
        time = time_kind("merge_within", form.time, time, request.source, request.shown)
    chain = Chain(settings)
    sided = _sided(request, settings)
    chain.add("judged", _rows(form, sided, kinds[0], time, chain))
    same = [
        ops.rename(as_key(scope, key, kind), {key.name: ops.column(f"{KEY}{number}")})
        for number, (key, kind) in enumerate(zip(request.keys, kinds[len(request.features) :], strict=True), start=1)
    ]
    _number(chain, same, form)
    _join(chain, same, form)
    _measure(chain, [*same, ops.column(EVENT)], sided)
    return chain.closed(_columns(chain, same, form, sided))


def _sided(request: Request, settings: Settings) -> bool:
    """Whether a point lies above or below something: there is one feature, and the detector expects a value of it."""
    detector = options_of(request, settings).detector
    return len(request.features) == 1 and detector.expected([Feature("x", "x", "x")]) is not None


def _rows(form: EventRequest, sided: bool, kind: Kind, time: Kind, chain: Chain) -> exp.Select:
    """Keys, time and answers of every row."""
    request = form.request
    items = [exp.alias_(key.copy(), f"{KEY}{number}") for number, key in enumerate(request.keys, start=1)]
    items.append(exp.alias_(form.time.copy(), TIME))
    if form.within is not None:
        items.append(exp.alias_(chain.say(ops.special(f"epoch_{time.value}", form.time)), AT))
    asked = {SCORE: "anomaly_score", ODD: "is_anomaly", THRESHOLD: "anomaly_threshold", REASON: "anomaly_reason"}
    if sided:
        _, value = as_double(request.features[0].unalias(), kind)
        items.append(exp.alias_(chain.say(value), VALUE))
        asked[EXPECTED] = "anomaly_expected"
    items += [exp.alias_(request.ask(function), name) for name, function in asked.items()]
    return request.reading(items)


def _number(chain: Chain, same: Sequence[Expr], form: EventRequest) -> None:
    """Counts the rows of a partition, or its points alone where it is the time that divides them.

    Of one time points go first, so that it is no matter how the rest lie.
    """
    chain.extend(
        "placed",
        {
            POINT: ops.case((ops.column(ODD), ops.integer(1)), default=ops.integer(0)),
            RANK: ops.coalesce(ops.column(SCORE), ops.number(LOWEST)),
        },
        where=ops.not_null(ops.column(TIME)),
    )
    order = [ops.column(TIME), ops.descending(ops.column(POINT))]
    place = ops.window(ops.func("ROW_NUMBER"), partition=same, order=order)
    chain.extend("counted", {PLACE: place}, where=None if form.within is None else IS_POINT)


def _join(chain: Chain, same: Sequence[Expr], form: EventRequest) -> None:
    """Keeps the points, and numbers the events that they belong to."""
    measure, most = (PLACE, ops.integer(form.gap + 1))
    if form.within is not None:
        measure, most = (AT, ops.number(form.within + SLACK))
    place = [ops.column(PLACE)]
    before = ops.window(ops.func("LAG", ops.column(measure)), partition=same, order=place)
    near = ops.le(ops.sub(ops.column(measure), before), most)
    opens = ops.case((near, ops.integer(0)), default=ops.integer(1))
    chain.extend("points", {OPENS: opens}, where=IS_POINT if form.within is None else None)
    number = ops.window(ops.sum_(ops.column(OPENS)), partition=same, order=place, frame=SO_FAR.spec())
    chain.extend("runs", {EVENT: number})


def _measure(chain: Chain, event: Sequence[Expr], sided: bool) -> None:
    """What is said of a whole event, beside each of its points, and which point is its peak."""
    above = ops.sub(ops.column(SCORE), ops.column(THRESHOLD))
    highest = [ops.descending(ops.column(RANK)), ops.column(TIME)]
    if sided:
        highest.append(ops.coalesce(ops.column(VALUE), ops.number(0.0)))
    chain.extend(
        "measured",
        {
            FIRST: ops.window(ops.min_(ops.column(TIME)), partition=event),
            LAST: ops.window(ops.max_(ops.column(TIME)), partition=event),
            POINTS: ops.window(ops.count(ops.integer(1)), partition=event),
            AREA: ops.window(ops.sum_(above), partition=event),
            PEAK: ops.window(ops.func("ROW_NUMBER"), partition=event, order=highest),
        },
    )


def _columns(chain: Chain, same: Sequence[Expr], form: EventRequest, sided: bool) -> exp.Select:
    """The peak of each event that has points enough, with the columns of the form."""
    score, threshold = ops.column(SCORE), ops.column(THRESHOLD)
    side: Expr = exp.cast(exp.Null(), exp.DataType.Type.VARCHAR)
    if sided:
        value, expected = ops.column(VALUE), ops.column(EXPECTED)
        side = chain.say(
            ops.case((ops.gt(value, expected), ops.text("high")), (ops.lt(value, expected), ops.text("low")))
        )
    beyond = ops.and_(ops.gt(threshold, ops.number(0.0)), ops.gt(score, threshold))
    severity = ops.case((beyond, ops.sub(ops.number(1.0), ops.div(threshold, score))))
    number = ops.window(ops.func("ROW_NUMBER"), partition=same, order=[ops.column(EVENT)])
    found = (
        chain.say(number),
        *(ops.column(name) for name in (FIRST, LAST, TIME, SCORE)),
        side,
        ops.column(POINTS),
        ops.column(AREA),
        chain.say(severity),
        ops.column(REASON),
    )
    keys = [
        exp.alias_(ops.column(f"{KEY}{number}"), key.this.copy())
        for number, key in enumerate(form.request.keys, start=1)
    ]
    columns = [exp.alias_(expr, name) for name, expr in zip(COLUMNS, found, strict=True)]
    enough = ops.ge(ops.column(POINTS), ops.integer(form.least))
    return chain.over(*keys, *columns, where=ops.and_(ops.eq(ops.column(PEAK), ops.integer(1)), enough))
