"""``FROM anomaly_forecast(..)`` and ``time_to_threshold(..)``: what comes next in each series, told by the client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlnomaly.errors import BindError, CallError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import TIMES, Kind
from sqlnomaly.pushdown.buckets import OPTIONS as BUCKETS
from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.causal import options_of
from sqlnomaly.pushdown.chain import Chain
from sqlnomaly.pushdown.client import Drawing, Learned
from sqlnomaly.pushdown.columns import as_double, kinds_of
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.model_form import taken
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import literal
from sqlnomaly.pushdown.places import check_select
from sqlnomaly.pushdown.plan import Given
from sqlnomaly.pushdown.relation_request import Request, read_columns
from sqlnomaly.pushdown.relation_words import CROSSING, EXAMPLES, FORECAST, Spell
from sqlnomaly.pushdown.select import Scope, Settings, visible_ctes

if TYPE_CHECKING:
    import pyarrow as pa

OWN = ("features", "partition_by", "order_by", "filter", "detector", "horizon", "coverage", "time_zone", *BUCKETS)
"""The options of both forms; the others are the detector's parameters."""
LIMIT = "limit"
"""What time_to_threshold has besides."""
FORETOLD = "foretold"
"""The mark of a SELECT of the points that a client foretells from: the ``Foretelling``."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    FORECAST: ("step", "forecast", "lower", "upper"),
    CROSSING: ("current_value", "slope", "steps", "crosses_at", "earliest", "latest", "health", "status"),
}
"""What stands behind the partition columns, and with forecasts the time."""
HORIZONS: Mapping[str, int] = {FORECAST: 14, CROSSING: 365}
"""How many steps are foretold where nobody says it."""
FARTHEST = 10_000
KEY, AT, VALUE = "_sn__key", "_sn__at", "_sn__x"


@dataclass(frozen=True, slots=True)
class Foretelling:
    """One form as read.

    Attributes:
        form: its name.
        request: the relation and its columns.
        detector: what forecasts.
        horizon: how many steps.
        coverage: the share of bands that hold the value which comes.
        limit: what a series reaches, or None.
    """

    form: str
    request: Request
    detector: Detector
    horizon: int
    coverage: float
    limit: float | None

    def star(self) -> exp.Select:
        """Every column of the source: what stands in the form's place until its columns are known."""
        return self.request.star()

    @property
    def time(self) -> Expr:
        """The column of the times."""
        column: Expr = self.request.order[0].this
        return column

    @property
    def keys(self) -> tuple[str, ...]:
        """The generated columns of the partition."""
        return tuple(f"{KEY}{number}" for number, _ in enumerate(self.request.keys, start=1))

    def made(self) -> tuple[str, ...]:
        """The columns of the relation that the client makes."""
        times = (AT,) if self.form == FORECAST else ()
        return (*self.keys, *times, *COLUMNS[self.form])


@dataclass(frozen=True, slots=True)
class ForecastFit:
    """What the client does for a form, as a session asks for it: see ``ClientFit``."""

    asked: Foretelling
    given: Given
    most: None = None

    @property
    def detector(self) -> Detector:
        """What forecasts."""
        return self.asked.detector

    @property
    def keys(self) -> tuple[str, ...]:
        """The partition columns of the points."""
        return self.asked.keys

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the points."""
        return (*self.keys, AT, VALUE)

    def learn(self, rows: pa.Table) -> Learned:
        """The forecasts."""
        asked = self.asked
        found = asked.detector.foretold(
            rows, keys=asked.keys, at=AT, value=VALUE, horizon=asked.horizon, coverage=asked.coverage, limit=asked.limit
        )
        return Learned(found.select(list(asked.made())), {}, {})


def read_foretold(
    form: str, source: Expr, given: dict[str, Expr], settings: Settings, spell: Spell, shown: str
) -> Foretelling:
    """The form's arguments, checked.

    Raises:
        CallError: no order, several features or keys of the order, or an option out of range.
        UnsupportedError: a detector that does not forecast.
        BindError: a partition column with the name of one of COLUMNS.
    """
    if "order_by" not in given:
        raise CallError(f"{form} needs the times of the values", where=shown, hint=EXAMPLES[form])
    horizon = literal("horizon", "integer", given.pop("horizon"), shown) if "horizon" in given else HORIZONS[form]
    if not 1 <= horizon <= FARTHEST:
        raise CallError(f"horizon => {horizon} is out of range", where=shown, hint=f"1 to {FARTHEST:,} steps")
    coverage = literal("coverage", "number", given.pop("coverage"), shown) if "coverage" in given else 0.95
    if not 0.0 < coverage < 1.0:
        raise CallError(f"coverage => {coverage:g} is out of range", where=shown, hint="between 0 and 1, such as 0.95")
    limit = literal(LIMIT, "number", given.pop(LIMIT), shown) if LIMIT in given else None
    if form == CROSSING and limit is None:
        raise CallError(f"{form} needs the limit that the values may reach", where=shown, hint=EXAMPLES[form])
    given.setdefault("detector", ops.text("holt_winters"))
    if form == CROSSING and given["detector"].name.lower() == "holt_winters":
        given.setdefault("damping", ops.number(1.0))
    request = read_columns(form, source, given, spell, shown)
    if len(request.features) != 1:
        raise CallError(
            f"{form} is about one feature, and here are {len(request.features)}", where=shown, hint="one call a feature"
        )
    if len(request.order) != 1 or request.order[0].args.get("desc"):
        raise CallError(f"{form} takes one time in order_by, ascending", where=shown, hint="order_by => 'day'")
    detector = options_of(request, settings).detector
    if not detector.forecasts:
        able = ", ".join(name for name, kind in settings.registry.items() if kind.forecasts)
        raise UnsupportedError(f"{detector.name} does not forecast", where=shown, hint=f"detector => one of {able}")
    names = [key.name.lower() for key in request.keys]
    for key in request.keys:
        if key.name.lower() in (*COLUMNS[form], request.order[0].this.name.lower() if form == FORECAST else ""):
            raise taken(key.name, shown, form)
        if names.count(key.name.lower()) > 1:
            raise CallError(f"partition_by names {key.name} twice", where=shown, hint="once is enough")
    if form == FORECAST and request.order[0].this.name.lower() in COLUMNS[form]:
        raise taken(request.order[0].this.name, shown, form)
    return Foretelling(form, request, detector, horizon, coverage, limit)


def points_of(asked: Foretelling, select: exp.Select, settings: Settings) -> exp.Select:
    """The SELECT of the points, a row a series and time, marked so that ``draw_points`` finds it.

    Args:
        asked: the form.
        select: what ``asked.star`` gave, where the form stood.
        settings: of the statement.

    Raises:
        BindError: for columns of the wrong kind.
    """
    check_select(select, settings.read)
    request, scope = asked.request, Scope(select, visible_ctes(select), settings)
    feature = request.features[0].unalias()
    value_kind, time_kind = kinds_of(scope, [feature, asked.time])
    if value_kind in (Kind.TEXT, Kind.OTHER, *TIMES):
        words = f"{asked.form} forecasts numbers, and {feature.name} is a {value_kind.value}"
        raise BindError(words, where=request.shown)
    if time_kind in (Kind.TEXT, Kind.BOOLEAN, Kind.OTHER):
        raise BindError(
            f"{asked.form} needs order_by to name a date, a timestamp or a number, and {asked.time.name} is "
            f"{'text' if time_kind is Kind.TEXT else 'none of them'}",
            where=request.shown,
            hint=f"cast it: CAST({asked.time.name} AS TIMESTAMP) AS at in a parenthesized query, with order_by => 'at'",
        )
    chain = Chain(settings)
    _, clean = as_double(feature, value_kind)
    keys = [key.copy() for key in request.keys]
    items = [
        *(exp.alias_(key, name) for key, name in zip(keys, asked.keys, strict=True)),
        exp.alias_(asked.time.copy(), AT),
        exp.alias_(chain.say(ops.avg(clean)), VALUE),
    ]
    points = exp.Select(expressions=items, from_=exp.From(this=request.source.copy()))
    wanted = [ops.not_null(asked.time)]
    if request.fitted is not None:
        wanted.append(request.fitted.copy())
    points = points.where(chain.say(ops.and_(*wanted), condition=True), copy=False)
    points = points.group_by(*(key.copy() for key in keys), asked.time.copy(), copy=False)
    points.meta[FORETOLD] = asked
    return points


def draw_points(tree: Expr, settings: Settings) -> tuple[Expr, list[Drawing]]:
    """The statement, which is changed, with a relation of the client in the place of each form, and what makes it.

    Raises:
        UnsupportedError: for points that are themselves answers of a detection call.
    """
    drawings: list[Drawing] = []
    for select in [node for node in tree.find_all(exp.Select) if FORETOLD in node.meta]:
        asked = select.meta[FORETOLD]
        scope = Scope(select, visible_ctes(select), settings)
        points = select.copy()
        points.meta.pop(FORETOLD)
        query = scope.with_visible(points, [])
        if contains_call(query):
            raise UnsupportedError(
                f"{asked.form} over the answers of a detection call is not supported",
                where=asked.request.shown,
                hint="write them to a table first",
            )
        given = Given(settings.names.fresh(f"_sn_forecast{settings.tag}"), asked.made(), {})
        drawings.append(Drawing(ForecastFit(asked, given), query))
        answer = _answer(asked, given)
        if select is tree:
            tree = answer
        else:
            select.replace(answer)
    return tree, drawings


def _answer(asked: Foretelling, given: Given) -> exp.Select:
    """The SELECT from the relation that the client makes, under the user's names."""
    named: Sequence[tuple[str, exp.Identifier]] = [
        *zip(asked.keys, (key.this for key in asked.request.keys), strict=True),
        *([(AT, asked.time.this)] if asked.form == FORECAST else []),
    ]
    items = [exp.alias_(ops.column(name), identifier.copy()) for name, identifier in named]
    items += [ops.column(name) for name in COLUMNS[asked.form]]
    return exp.Select(expressions=items, from_=exp.From(this=exp.to_table(given.name)))
