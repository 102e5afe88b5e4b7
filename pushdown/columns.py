"""Gives the drafts' expressions columns: features as clean DOUBLE, keys, order and the fitted flag."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from sqlnomaly.errors import BindError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import TIMES, Kind, kind_shown
from sqlnomaly.pushdown.calendars import DATE, own_days
from sqlnomaly.pushdown.contract import Categories, Detector
from sqlnomaly.pushdown.distances import Distance, ends_of, measured, place_of
from sqlnomaly.pushdown.drafts import Draft
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.names import slugs
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.pushdown.season import Season, season_keys, season_of
from sqlnomaly.pushdown.select import Scope
from sqlnomaly.pushdown.shrunk import Pool

COUNTABLE = frozenset((*TIMES, Kind.FLOAT, Kind.INTEGER, Kind.DECIMAL))
"""Kinds of order keys that a function orders as any engine does; texts may have a collation."""
Add = Callable[[Expr, str], str]
"""Adds an expression to the source under a wished name, and says its name."""


def name_columns(scope: Scope, drafts: list[Draft], add: Add) -> list[Fit]:
    """The fits over named columns of the source."""
    return [
        _fit(scope, number, draft, kinds, add)
        for number, (draft, kinds) in enumerate(zip(drafts, _kinds(scope, drafts), strict=True), start=1)
    ]


def _fit(scope: Scope, number: int, draft: Draft, kinds: list[Kind], add: Add) -> Fit:
    prefix = "_sn" if number == 1 else f"_sn{number}"
    features, raws = [], []
    apart = "status" in draft.outputs or draft.options.nulls == "anomalous"
    words = slugs(name for name, _ in draft.features)
    for word, (name, expr), kind in zip(words, draft.features, kinds, strict=False):
        category = is_category(draft.options.detector, kind)
        value, clean = as_category(expr, kind) if category else as_double(expr, kind)
        column = add(clean, f"{prefix}_{word}")
        raws.append(add(value, f"{prefix}_{word}__raw") if apart and value != clean else column)
        features.append(Feature(name, column, f"{prefix}_{word}", category))
    key_kinds = kinds[len(features) : len(features) + len(draft.keys)]
    keys = tuple(
        add(as_key(scope, key, kind), f"{prefix}__key{index}")
        for index, (key, kind) in enumerate(zip(draft.keys, key_kinds, strict=True), start=1)
    )
    slotted: tuple[str, ...] = ()
    if draft.order:
        time, kind = draft.order[0][0], kinds[len(features) + len(keys)]
        season = season_of(draft.options.season, draft.options.detector.seasons, time, kind, scope.show(time))
        if season is not None:
            draft.options = replace(draft.options, season=season)
            check_holidays(scope, season)
            slots = season_keys(season, time, kind, scope.settings.dialect, scope.show(time))
            slotted = tuple(add(slot, f"{prefix}__slot{index}") for index, slot in enumerate(slots, start=1))
    instant = None
    if draft.options.detector.timed and draft.order:
        time, kind = draft.order[0][0], kinds[len(features) + len(keys)]
        kind = kind_shown(time) if kind is Kind.UNKNOWN else kind
        if kind in TIMES:
            instant = add(ops.special(f"epoch_{kind.value}", time), f"{prefix}__time")
    apart = draft.options.detector.slotted
    order = tuple(
        (add(key, f"{prefix}__order{index}"), descending)
        for index, (key, descending) in enumerate(draft.order, start=1)
    )
    draft.countable = all(kind in COUNTABLE for kind in kinds[len(features) + len(keys) :])
    fitted = None
    if draft.condition is not None or draft.order:
        conditions = [] if draft.condition is None else [draft.condition.copy()]
        conditions += [ops.not_null(key) for key, _ in draft.order]
        flag = ops.case((ops.and_(*conditions), ops.integer(1)), default=ops.integer(0))
        fitted = add(flag, f"{prefix}__fitted")
    distance = None
    if draft.frame is not None and measured(draft.options.detector, draft.frame, scope.settings.dialect):
        (key, descending), kind = draft.order[0], kinds[len(features) + len(keys)]
        place = place_of(key, descending, kind, scope.show(key))
        distance = Distance(add(place, f"{prefix}__at"), *ends_of(draft.frame, scope.show(key)))
    return Fit(
        number=number,
        detector=draft.options.detector,
        features=tuple(features),
        raw=tuple(raws),
        keys=keys if apart else keys + slotted,
        order=order,
        frame=draft.frame,
        fitted=fitted,
        leave_one_out=draft.options.leave_one_out,
        nulls=draft.options.nulls,
        min_rows=draft.options.min_rows,
        slots=slotted if apart else (),
        time=instant,
        lists=scope.settings.dialect.lists,
        pool=_pool(scope, draft, keys, slotted),
        distance=distance,
        countable=draft.countable,
        seasonal=0 if apart else len(slotted),
    )


def _pool(scope: Scope, draft: Draft, keys: tuple[str, ...], slots: tuple[str, ...]) -> Pool | None:
    """The parent group of a fit: some of its keys, and slots of a season, the first one where slots are no keys."""
    pool = draft.options.pool
    if pool is None:
        return None
    shared = tuple(keys[place] for place in pool.places(draft.keys, scope.show(draft.keys[0])))
    return Pool((*shared, *(slots[:1] if draft.options.detector.slotted else slots)), pool.strength)


def check_holidays(scope: Scope, season: Season) -> None:
    """Refuses own holidays that a live engine knows to have no dates; without one nobody asks.

    Raises:
        BindError: naming the relation.
    """
    if not isinstance(season.whose, exp.Expr) or scope.settings.binder.describe is None:
        return
    rows = own_days(season.whose)
    found = scope.ask(exp.Select(expressions=[exp.Star()]).from_(rows))
    if found is None:
        return
    kinds = {name.lower(): kind for name, kind in zip(found.names, found.kinds, strict=True)}
    if kinds.get(DATE) not in TIMES:
        raise BindError(
            f"holidays => {scope.show(season.whose)} has no column {DATE} that is a date",
            where=scope.show(season.whose),
            hint="holidays => (SELECT day AS date FROM my_holidays)",
        )


def _kinds(scope: Scope, drafts: list[Draft]) -> list[list[Kind]]:
    """The kinds of each draft's features, keys and order keys: from the binder, else from the expression itself."""
    asked = [
        [expr for _, expr in draft.features] + draft.keys + [expr for expr, _ in draft.order] for draft in drafts
    ]
    flat = [expr for exprs in asked for expr in exprs]
    rest = [draft.condition for draft in drafts if draft.condition is not None]
    known = iter(kinds_of(scope, [*flat, *rest]))
    result = []
    for draft, exprs in zip(drafts, asked, strict=True):
        kinds = [next(known) for _ in exprs]
        for index, (name, expr) in enumerate(draft.features):
            kinds[index] = _feature_kind(scope, draft, name, expr, kinds[index])
        result.append(kinds)
    return result


def kinds_of(scope: Scope, exprs: Sequence[Expr]) -> list[Kind]:
    """The kinds of expressions over the rows, as the binder says."""
    named = scope.named()
    asks = [exp.alias_(expr.copy(), f"_sn__q{index}") for index, expr in enumerate(exprs)]
    found = scope.ask(scope.body([*named, *asks]))
    return list(found.kinds[len(named) :]) if found is not None else [Kind.UNKNOWN] * len(exprs)


def name_keys(scope: Scope, keys: Sequence[Expr], name: str, add: Add) -> tuple[str, ...]:
    """Columns of the source that tell groups of rows apart; all NaN are one group, and both zeros are."""
    kinds = kinds_of(scope, keys)
    return tuple(
        add(as_key(scope, key, kind), f"{name}{number}")
        for number, (key, kind) in enumerate(zip(keys, kinds, strict=True), start=1)
    )


def _feature_kind(scope: Scope, draft: Draft, name: str, expr: Expr, kind: Kind) -> Kind:
    if kind is Kind.UNKNOWN:
        kind = kind_shown(expr)
    means = draft.options.detector.categories
    if kind is Kind.UNKNOWN:
        assumption = f"{name} is {'text' if means is Categories.ALL else 'numeric'}"
        if assumption not in scope.assumptions:
            scope.assumptions.append(assumption)
    if means is Categories.ALL:
        if kind not in CATEGORICAL:
            number = kind in (Kind.FLOAT, Kind.DECIMAL)
            raise BindError(
                f"feature {name} is {'no category' if kind is Kind.OTHER else f'a {kind.value}'}, and "
                f"{draft.options.detector.name} takes text, whole numbers and booleans",
                where=scope.show(expr),
                hint="cast it to text" + (", or sort it into bins: CAST(FLOOR(x / 10) AS BIGINT)" if number else ""),
            )
        return kind
    if kind is Kind.OTHER or (kind is Kind.TEXT and means is Categories.NONE):
        raise BindError(
            f"feature {name} is {'text' if kind is Kind.TEXT else 'no number'}, and "
            f"{draft.options.detector.name} takes numbers, booleans, dates and timestamps",
            where=scope.show(expr),
            hint="cast it to DOUBLE, or put it into PARTITION BY",
        )
    return kind


def as_key(scope: Scope, key: Expr, kind: Kind) -> Expr:
    """The partition key; as text where the engine does not partition by floating point."""
    if "float_key" not in scope.settings.dialect.templates:
        return key
    if kind is Kind.FLOAT:
        return ops.special("float_key", key)
    if kind is Kind.UNKNOWN:
        assumption = f"{scope.show(key)} is no floating-point number"
        if assumption not in scope.assumptions:
            scope.assumptions.append(assumption)
    return key


CATEGORICAL = frozenset({Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN, Kind.UNKNOWN})
"""What is a category as it is: its text is the same on every engine."""


def is_category(detector: Detector, kind: Kind) -> bool:
    """Whether a detector takes a feature of this kind as a category."""
    means = detector.categories
    return means is Categories.ALL or (means is Categories.MIXED and kind is Kind.TEXT)


def as_category(expr: Expr, kind: Kind, *, typed: bool = True) -> tuple[Expr, Expr]:
    """The feature as the text of a category, twice: none is out of range.

    Args:
        expr: the feature.
        kind: its kind.
        typed: whether an integer is one to the engine, so that its text has no point: a macro may be given 3.0.
    """
    value = expr.copy()
    if kind is Kind.BOOLEAN:
        value = ops.case((value, ops.text("true")), (ops.not_(value), ops.text("false")))
    elif kind is Kind.INTEGER:
        value = ops.special("number_text" if typed else "integer_text", value)
    return value, value


def as_double(expr: Expr, kind: Kind) -> tuple[Expr, Expr]:
    """The feature as DOUBLE, and the same without what is out of range."""
    value = expr.copy()
    if kind is Kind.BOOLEAN:
        plain = ops.case((value, ops.number(1.0)), (ops.not_(value), ops.number(0.0)))
        return plain, plain
    if kind in TIMES:
        plain = ops.special(f"epoch_{kind.value}", value)
        return plain, plain
    double = value if kind is Kind.FLOAT and isinstance(value, exp.Column) else ops.cast_double(value)
    if kind is Kind.INTEGER:
        return double, double
    inside = ops.le(ops.abs_(double), ops.number(ops.LARGEST))
    return double, ops.case((inside, double))
