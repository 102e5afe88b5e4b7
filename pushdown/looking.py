"""``season => 'auto'``: the first points of a few series are looked at, before the query is made."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.chain import Chain
from sqlnomaly.pushdown.client import counting
from sqlnomaly.pushdown.columns import as_double, as_key, kinds_of
from sqlnomaly.pushdown.drafts import Draft
from sqlnomaly.pushdown.season import POINTS, SERIES, Season, check_time
from sqlnomaly.pushdown.select import Scope

NUMBER, AT, VALUE = "_sn__series", "_sn__at", "_sn__x"
"""The columns that are looked at: which series, seconds, and the values of each feature, with a number behind."""


def seasoned(scope: Scope, draft: Draft) -> Draft:
    """The draft with the slots that its rows show, where it leaves them to the rows.

    Raises:
        UnsupportedError: where there is nobody to ask for the rows, or the rows are not known yet.
    """
    season = draft.options.season
    if season is None or not season.auto:
        return draft
    time = scope.show(draft.order[0][0])
    names = "name the slots: season => ['dow', 'hour']"
    if scope.settings.look is None:
        raise UnsupportedError(
            "season => 'auto' looks at the rows, and here is nobody to ask for them",
            where=time,
            hint=f"run it through a session on the engine that has them, or {names}",
        )
    query = points_of(scope, draft, season)
    unknown = "answers of a detection call" if contains_call(query) else "rows that parameters choose"
    if contains_call(query) or query.find(exp.Placeholder, exp.Parameter):
        raise UnsupportedError(f"season => 'auto' over {unknown} is not supported", where=time, hint=names)
    asked, counted = (one.sql(scope.settings.dialect.sqlglot) for one in (query, counting(query)))
    slots, found = scope.settings.look(asked, counted)
    return replace(draft, options=replace(draft.options, season=replace(season, slots=slots, found=found)))


def points_of(scope: Scope, draft: Draft, season: Season) -> exp.Query:
    """The query for NUMBER, AT and the features: at most SERIES series of POINTS points, equal times averaged.

    Args:
        scope: the SELECT of the call.
        draft: the fit.
        season: its season, for what may be no time.

    Raises:
        BindError: for an order that is no time.
        UnsupportedError: without a feature that is a number.
    """
    time = draft.order[0][0]
    features = [expr for _, expr in draft.features[:: 1 + (draft.options.lags or 0)]]
    kinds = kinds_of(scope, [*features, *draft.keys, time])
    check_time(season, time, kinds[-1], scope.show(time))
    wanted = [ops.not_null(time), *([] if draft.condition is None else [draft.condition])]
    numbers = [(expr, kind) for expr, kind in zip(features, kinds, strict=False) if kind not in (Kind.TEXT, Kind.OTHER)]
    if not numbers:
        raise UnsupportedError(
            "season => 'auto' looks at numbers, and here are none",
            where=scope.show(features[0]),
            hint="name the slots: season => ['dow', 'hour']",
        )
    own = zip(draft.keys, kinds[len(features) :], strict=False)
    keys = {f"_sn__key{number}": as_key(scope, key, kind) for number, (key, kind) in enumerate(own)}
    values = {f"{VALUE}{number}": as_double(expr, kind)[1] for number, (expr, kind) in enumerate(numbers)}
    seconds = ops.case((ops.and_(*wanted), as_double(time, kinds[-1])[0]))
    chain = Chain(scope.settings)
    rows = [exp.alias_(chain.say(expr), name) for name, expr in {**keys, AT: seconds, **values}.items()]
    chain.add("seen", scope.body([*scope.named(), *rows]))
    parts, at = [ops.column(name) for name in keys], ops.column(AT)
    means = [exp.alias_(chain.say(ops.avg(ops.column(name))), name) for name in values]
    points = chain.over(*parts, at, *means, where=ops.not_null(at)).group_by(*parts, at, copy=False)
    chain.add("points", points)
    place = ops.window(ops.func("ROW_NUMBER"), partition=parts, order=[at])
    total = ops.window(ops.count(ops.integer(1)), partition=parts)
    chain.extend("placed", {"_sn__place": place, "_sn__total": total})
    longest = ops.window(ops.func("DENSE_RANK"), order=[ops.descending(ops.column("_sn__total")), *parts])
    chain.extend("numbered", {NUMBER: longest}, where=ops.le(ops.column("_sn__place"), ops.integer(POINTS)))
    few = ops.le(ops.column(NUMBER), ops.integer(SERIES))
    query = chain.over(*(ops.column(name) for name in (NUMBER, AT, *values)), where=few)
    return scope.with_visible(query, chain.ctes)
