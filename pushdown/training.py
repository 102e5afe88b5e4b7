"""The training of a model: the statements that fit it, calibrate it and draw the rows that test it.

A model is fitted over a query: its columns are the features and the partition keys. Three statements follow: the
model's relation, the distribution of the fitted rows' scores in each partition, and a few rows with their scores.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from sqlnomaly.errors import BindError, CallError, UnsupportedError, UsageError, nearest
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.compiler import parse
from sqlnomaly.pushdown.contract import Detector, Shape
from sqlnomaly.pushdown.drafts import Draft, draft_fits
from sqlnomaly.pushdown.fitted import SCORE, Parameter
from sqlnomaly.pushdown.names import Names, identifier, identifiers
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import Options, read_by
from sqlnomaly.pushdown.places import volatile_part
from sqlnomaly.pushdown.relation_words import column_names, column_of, forms_in
from sqlnomaly.pushdown.rules import BESIDE, By, FalseDiscoveries
from sqlnomaly.pushdown.sample import Fold
from sqlnomaly.pushdown.select import Scope, Settings
from sqlnomaly.pushdown.trainer import Merged, Trainer, quoted_column


def train(
    query: str,
    settings: Settings,
    *,
    detector: str | Sequence[str],
    options: Mapping[str, Any],
    partition_by: tuple[str, ...] = (),
    fold: Fold | None = None,
    staged: exp.Table | None = None,
    stored: exp.Table | None = None,
    merged: Merged | None = None,
) -> Trainer:
    """What makes the statements that fit a model on the rows of a query.

    Args:
        query: one SELECT in the settings' dialect; every column is a feature or a partition key.
        settings: as for a rewrite; somebody must know the columns.
        detector: the detector's name.
        options: its parameters and those of every call.
        partition_by: the columns that are keys.
        fold: the rows to hold out of the fit, or None for none.
        staged: where the rows with their folds are written down before anything else runs, or None.
        stored: where the model's relation will lie, a row for each partition: the rows to test with are then those of
            a few partitions.
        merged: a model that was made of states: the other statements are about the rows that ``staged`` has of it.

    Raises:
        SqlnomalyError: for what a call with these arguments would raise, and for a detector that keeps no model.
    """
    rows, features, keys = read_training(query, settings, options, partition_by)
    known = settings.registry.get(detector.lower()) if isinstance(detector, str) else None
    if known is not None and known.shape is Shape.WINDOW:
        along = "its series" if known.retrospective else "the rows before it"
        hint = "CREATE ANOMALY MODEL .. ORDER BY day keeps its series" if known.forecasts else None
        raise UnsupportedError(
            f"{detector} keeps no model: it judges a row by {along}",
            hint=hint or "call it with OVER (.. ORDER BY ..)",
        )
    stated = {name: value for name, value in options.items() if name.lower() in BESIDE}
    plain = {name: value for name, value in options.items() if name not in stated}
    scope, draft = draft_call(rows, settings, detector, plain, features, keys)
    made = draft.options.detector
    by = _rule(options, made, len(features), settings)
    if by is not None:
        draft.options = replace(draft.options, threshold=None, contamination=None, by=by)
    if isinstance(by, FalseDiscoveries) and fold is None:
        raise UnsupportedError(
            "fdr needs rows that were held out of the fit to compare with",
            hint="CREATE ANOMALY MODEL .. OPTIONS (fdr = 0.05, calibration = 0.2)",
        )
    if made.no_model is not None:
        raise UnsupportedError(
            f"{made.name} keeps no model: {made.no_model}", hint="call it in a query over both tables"
        )
    check_alone(draft.options)
    return Trainer(scope, draft, features, keys, fold, staged, stored, merged)


def check_alone(options: Options) -> None:
    """Refuses what is about the rows that were fitted."""
    if options.leave_one_out:
        raise UnsupportedError(
            "leave_one_out is about the rows that were fitted, and a model scores any row",
            hint="leave it out",
        )


def read_training(
    query: str, settings: Settings, options: Mapping[str, Any], partition_by: tuple[str, ...]
) -> tuple[exp.Query, tuple[Parameter, ...], tuple[Parameter, ...]]:
    """The parsed query, and its features and keys.

    Raises:
        SqlnomalyError: for a query or keys that no model is fitted by, and for options that no model has.
    """
    rows = _query(query, settings)
    columns = settings.binder.columns(rows.copy())
    if columns is None:
        raise UsageError("a model needs to know the columns of its query", hint="connect to an engine")
    twice = [name for name, number in Counter(map(str.lower, columns.names)).items() if number > 1]
    if twice:
        raise UsageError(f"two columns are called {twice[0]}", hint="give each a name of its own, whatever its case")
    kinds = dict(zip(columns.names, columns.kinds, strict=True))
    keys = tuple(Parameter(name, kinds[name]) for name in _keys(partition_by, columns.names))
    features = tuple(
        Parameter(name, kind) for name, kind in kinds.items() if name not in {key.name for key in keys}
    )
    if not features:
        raise UsageError("the query has no column beside the keys", hint="SELECT the features too")
    if any(name.lower() == "lags" for name in options):
        raise UnsupportedError(
            "lags is refused in a stored model: a model scores rows one by one",
            hint="put the earlier values into the query: AS SELECT amount, LAG(amount) OVER (ORDER BY ts) AS before ..",
        )
    if any(name.lower() in ("season", "time_zone", "country", "holidays") for name in options):
        raise UnsupportedError(
            "season is refused in a stored model: it judges a row by the rows of its slot before it, and a model by "
            "rows that it was fitted on",
            hint="make the slot a partition key: PARTITION BY hour AS SELECT EXTRACT(HOUR FROM ts) AS hour, amount ..",
        )
    return rows, features, keys


def _rule(options: Mapping[str, Any], detector: Detector, features: int, settings: Settings) -> By | None:
    """The rule of a model that is neither a threshold nor a contamination."""
    given = {name.lower(): _literal(value) for name, value in options.items()}
    if "budget_per" in given:
        shown = "budget_per"
        words = column_names(shown, given[shown], shown)
        columns = [column_of(word, lambda name: identifier(name, settings), named=False) for word in words]
        given[shown] = exp.Tuple(expressions=columns)
    return read_by(given, detector, features, ", ".join(f"{name} = {options[name]!r}" for name in options))


def _query(text: str, settings: Settings) -> exp.Query:
    """The parsed query."""
    statements = parse(text, settings.dialect)
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise UsageError("a model is fitted on the rows of one SELECT", hint="SELECT amount, items FROM orders")
    rows = statements[0]
    if contains_call(rows) or any(True for _ in forms_in(rows)):
        raise UnsupportedError(
            "a model over the answers of a detection call is not supported", hint="write them to a table first"
        )
    volatile = volatile_part(iter([rows]))
    if volatile is not None:
        raise UnsupportedError(
            "the rows to fit on would be read several times, and may differ each time",
            where=volatile.sql(settings.read),
            hint="write them to a table first",
        )
    return rows


def _keys(wanted: tuple[str, ...], columns: tuple[str, ...]) -> list[str]:
    """The partition columns as the query spells them."""
    found = []
    for name in wanted:
        same = [column for column in columns if column.lower() == name.lower()]
        exact = [column for column in same if column == name] or same
        if len(exact) != 1:
            raise BindError(f"partition_by names no column {name!r} of the query", hint=nearest(name, columns))
        if exact[0] in found:
            raise UsageError(f"partition_by names {exact[0]} twice", hint="once is enough")
        found.append(exact[0])
    return found


def draft_call(
    rows: exp.Query,
    settings: Settings,
    detector: str | Sequence[str],
    options: Mapping[str, Any],
    features: tuple[Parameter, ...],
    keys: tuple[Parameter, ...],
    time: Parameter | None = None,
) -> tuple[Scope, Draft]:
    """The draft of one call over the query's columns, in the order of a time if one is given."""
    if "detector" in options:
        raise CallError("detector is given twice", hint="it is no option here")
    arguments: list[Expr] = [quoted_column(feature.name) for feature in features]
    for name, value in {"detector": detector, **options}.items():
        arguments.append(exp.Kwarg(this=exp.var(name), expression=_literal(value)))
    call = exp.Window(
        this=exp.Anonymous(this="anomaly_score", expressions=arguments),
        partition_by=[quoted_column(key.name) for key in keys] or None,
    )
    if time is not None:
        call.set("order", exp.Order(expressions=[exp.Ordered(this=quoted_column(time.name))]))
    table = exp.Subquery(this=rows.copy(), alias=exp.TableAlias(this=exp.to_identifier("training")))
    select = exp.Select(expressions=[exp.alias_(call, SCORE)]).from_(table)
    scope = Scope(select, [], replace(settings, names=Names(identifiers(rows))))
    drafts, _ = draft_fits(scope)
    return scope, drafts[0]


def _literal(value: Any) -> Expr:
    """An option's value as a literal."""
    if value is None:
        return ops.null()
    if isinstance(value, bool):
        return ops.true() if value else ops.false()
    if isinstance(value, int):
        return ops.integer(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise CallError(f"an option is a finite number, not {value}")
        return ops.number(value)
    if isinstance(value, str):
        return ops.text(value)
    if isinstance(value, list | tuple):
        return exp.Array(expressions=[_literal(part) for part in value])
    raise CallError(f"an option is a number, a text, a truth value or a list of numbers, not {value!r}")
