"""A fitted model as scalar expressions: a row's features in, an answer out, every number of the model written out.

Each partition has expressions of its own; the keys of the row choose among them. What the model has of a partition
nobody fitted is NULL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.columns import as_category, as_double
from sqlnomaly.pushdown.contract import Piece, Stored
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.fitted import FittedModel, Parameter
from sqlnomaly.pushdown.in_place import POSSIBLE, inlined
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Relation, Source
from sqlnomaly.pushdown.scored import score
from sqlnomaly.pushdown.verdict import Answers, Rule

CALL = "_sn__call"
"""Qualifies a column that stands for another answer of the same row."""

LONG = 1_000
"""Nodes beyond which a score calls its terms as functions of their own."""

UNREACHABLE = 1.7e308
"""Stands for the threshold of a partition whose fitted rows have no score: no score is above it."""

CUTOFF = "_sn__threshold"
"""The column that stands for the threshold of a row's partition."""

COMPARED = frozenset({Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN, Kind.DATE})
"""Partition keys that can be written out and compared alike on every engine."""

OUTPUTS = ("score", "threshold", "is_anomaly", "reason", "status")
"""The answers that a stored model gives of a single row."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A model as expressions over its parameters.

    Attributes:
        answers: output, or ``term_1`` .. for one feature's contribution -> expression. A column qualified by CALL is
            another answer of the same row.
        values: the column of each feature -> its DOUBLE over the parameters, for pieces: what stands around a piece has
            seen to it that the value is clean, and a macro would write a longer text once for each comparison.
        pieces: parts of the answers that stand in them as columns of these names; their own expressions are over the
            columns of the features.
    """

    answers: Mapping[str, Expr]
    values: Mapping[str, Expr]
    pieces: Mapping[str, Piece]


def available(model: FittedModel) -> tuple[str, ...]:
    """The answers that a model can give as an expression.

    The reason needs the terms, which a forest has not; a verdict needs a threshold, which not every estimator has.
    """
    absent = {"reason"} if model.detector.by_function else set()
    return tuple(one for one in OUTPUTS if one not in absent | (set() if model.judges else {"threshold", "is_anomaly"}))


def parameter(part: Parameter) -> Expr:
    """A reference to a parameter of the function."""
    return exp.Column(this=exp.to_identifier(part.name, quoted=True))


def parameter_kinds(model: FittedModel) -> dict[str, Kind]:
    """The kind of each parameter of a model's functions: partition keys first, then features."""
    kinds = {key.name: key.kind for key in model.keys}
    pairs = zip(model.features, model.fit.features, strict=True)
    return kinds | {part.name: part.kind if feature.category else _number_kind(part) for part, feature in pairs}


def _number_kind(part: Parameter) -> Kind:
    """A number is a DOUBLE, whatever type it was fitted with."""
    if part.kind in (Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ):
        return part.kind
    return Kind.FLOAT


def freeze(model: FittedModel, outputs: Sequence[str], *, size: int, typed: bool = True) -> Frozen:
    """The answers of a model.

    Args:
        model: the model.
        outputs: which answers.
        size: the nodes or values of a piece.
        typed: whether the parameters have types; where not, a feature is cast to DOUBLE first.

    Raises:
        UnsupportedError: an answer that would be too long to be an expression, or that the detector cannot give.
    """
    check_keys(model)
    row = row_of(model, {part.name: (parameter(part), kind) for part, kind in _typed(model, typed)}, typed=typed)
    partitions = list(partitions_of(model))
    if not model.keys:
        (_, stored, threshold) = partitions[0]
        one = _one(model, row, outputs, stored, threshold, size)
        return Frozen(one.answers, row.values, one.pieces)
    chosen: dict[str, list[tuple[Expr, Expr]]] = {}
    pieces: dict[str, Piece] = {}
    for number, (key, stored, threshold) in enumerate(partitions, start=1):
        one = _one(model, row, outputs, stored, threshold, size, f"part_{number}_")
        here = ops.and_(*(is_key(parameter(part), value) for part, value in zip(model.keys, key, strict=True)))
        for output, answer in one.answers.items():
            chosen.setdefault(output, []).append((here, answer))
        pieces |= one.pieces
    unseen = unseen_answers(model, row)
    answers = {output: ops.case(*branches, default=unseen.get(output)) for output, branches in chosen.items()}
    return Frozen(answers, row.values, pieces)


@dataclass(frozen=True, slots=True)
class Row:
    """What a row brings to a stored model.

    Attributes:
        fit: the model's fit, whose raw columns are those that differ here from the clean ones.
        values: the column of each feature -> its DOUBLE, or its category.
        source: the columns of a training's source -> their expressions.
    """

    fit: Fit
    values: Mapping[str, Expr]
    source: Mapping[str, Expr]


def row_of(model: FittedModel, given: Mapping[str, tuple[Expr, Kind]], *, typed: bool = True) -> Row:
    """A row by the expression and the kind of each of the model's features, by name."""
    values: dict[str, Expr] = {}
    source: dict[str, Expr] = {}
    raws = []
    for feature, part in zip(model.fit.features, model.features, strict=True):
        expr, kind = given[part.name]
        value, clean = as_category(expr, kind, typed=typed) if feature.category else as_double(expr, kind)
        # A parameter may be out of range where the fitted column could not, so that the status needs both.
        raws.append(feature.column if value == clean else f"{feature.column}__raw")
        values[feature.column] = value
        source |= {raws[-1]: value, feature.column: clean}
    return Row(replace(model.fit, raw=tuple(raws)), values, source)


def _typed(model: FittedModel, typed: bool) -> list[tuple[Parameter, Kind]]:
    """The features with their kinds; one without a type is cast to DOUBLE first, as a DECIMAL is."""
    kinds = parameter_kinds(model)
    return [
        (part, Kind.DECIMAL if not (typed or feature.category) and kinds[part.name] is Kind.FLOAT else kinds[part.name])
        for feature, part in zip(model.fit.features, model.features, strict=True)
    ]


def check_keys(model: FittedModel) -> None:
    """Refuses partition keys that cannot be written out and compared alike on every engine.

    Raises:
        UnsupportedError: naming the key.
    """
    for key in model.keys:
        if key.kind not in COMPARED:
            raise UnsupportedError(
                f"partition key {key.name} is a {key.kind.value}; a function compares texts, integers, truth values "
                "and dates",
                hint="cast the key in the training query",
            )


def is_key(key: Expr, value: Any) -> Expr:
    """Whether a key has a value; NULL counts as no, and an engine need not know the type of a literal NULL."""
    if value is None:
        return ops.is_null(key)
    if isinstance(value, dt.datetime):
        zoned = exp.DataType.Type.TIMESTAMP if value.tzinfo is None else exp.DataType.Type.TIMESTAMPTZ
        return ops.eq(key, exp.cast(ops.text(value.isoformat(" ")), zoned))
    if isinstance(value, dt.date):
        return ops.eq(key, exp.cast(ops.text(value.isoformat()), exp.DataType.Type.DATE))
    return ops.eq(key, ops.constant(value))


def unseen_answers(model: FittedModel, row: Row) -> dict[str, Expr]:
    """The answers about a row of a partition that nobody fitted, where they are not NULL."""
    fit = row.fit
    answers: dict[str, Expr] = {"status": ops.text("unseen_group")}
    if model.threshold is not None:
        answers["threshold"] = ops.number(model.threshold)
    if fit.nulls == "anomalous":
        missing = [ops.rename(ops.is_null(ops.column(raw)), row.source) for raw in fit.raw]
        names = [ops.text(feature.name) for feature in fit.features]
        answers["is_anomaly"] = ops.case((ops.or_(*missing), ops.true()))
        answers["reason"] = ops.case(*zip(missing, names, strict=True))
    return answers


def _one(
    model: FittedModel,
    row: Row,
    outputs: Sequence[str],
    stored: Stored,
    threshold: float | Expr | None,
    size: int,
    prefix: str = "",
) -> Frozen:
    """One partition's answers."""
    fit, source = row.fit, row.source
    data = replace(fit.relation(Source("")), keys=())
    pieces = fit.detector.pieces(stored, fit.features, size)
    named = {name: ops.column(prefix + name) for name in pieces}
    # The client makes nothing of a partition that it draws no row of.
    nothing = fit.detector.on_client and not stored["model"]
    beside = nothing_of(fit, data) if nothing else fit.detector.frozen(data, stored, pieces)
    stats = ("n", "centre") if model.min_effect is not None else ("n", "scale")
    scored = score(fit, beside, set(outputs), stats)
    rule, limit = rule_at(model, threshold)
    answers = Answers(fit, scored, rule, CUTOFF)
    terms = {name: exp.column(f"term_{number}", table=CALL) for number, name in enumerate(scored.terms, start=1)}
    calls = {**terms, scored.score: exp.column("score", table=CALL)}
    wanted: dict[str, tuple[Expr, Mapping[str, Expr]]] = {}
    for output in outputs:
        answer = getattr(answers, output)()
        if threshold is None and output == "threshold":
            answer = ops.null()
        elif threshold is None and output == "is_anomaly" and model.min_effect is None and not model.may_abstain:
            answer = ops.case((answer, ops.true()))  # nothing is below a threshold that is not there
        wanted[output] = (answer, {} if output == "score" else calls)
    whole = {**source, **named, **limit}
    apart = len(terms) > 1 and fit.detector.score(fit.features) is None
    if apart and inlined(ops.column(scored.score), scored.node, whole, LONG) is None:
        wanted["score"] = (ops.column(scored.score), terms)
    if len(terms) > 1 and ("reason" in outputs or wanted["score"][1]):
        wanted |= {call.name: (ops.column(name), {}) for name, call in terms.items()}
    found = {}
    for output, (answer, called) in wanted.items():
        flat = inlined(answer, scored.node, whole, POSSIBLE, called)
        if flat is None:
            raise UnsupportedError(
                f"the {output} of {fit.detector.name} over {len(fit.features)} features is too long for a function",
                hint="fewer features, or score through a session",
            )
        found[output] = flat
    return Frozen(found, {}, {prefix + name: piece for name, piece in pieces.items()})


def rule_at(model: FittedModel, threshold: float | Expr | None) -> tuple[Rule, dict[str, Expr]]:
    """The rule of a model in a partition, and what stands for the column of its threshold, where it reads one.

    Args:
        model: the model.
        threshold: of the partition; None where no fitted row has a score, or too few rows speak of the rule.
    """
    if isinstance(threshold, ops.Expr):
        return Rule(None, model.contamination, model.min_effect, model.by), {CUTOFF: ops.cast_double(threshold)}
    if threshold is None and model.may_abstain:
        return Rule(None, None, model.min_effect, model.by), {CUTOFF: ops.cast_double(ops.null())}
    return Rule(UNREACHABLE if threshold is None else threshold, None, model.min_effect), {}


def nothing_of(fit: Fit, data: Relation) -> Relation:
    """The rows beside no model."""
    columns: dict[str, Expr] = {}
    for feature in fit.features:
        columns |= {feature.stat("n"): ops.integer(0), feature.stat("scale"): ops.null()}
    score_of = fit.detector.score(fit.features)
    read = {part.name for part in score_of.find_all(exp.Column)} if score_of is not None else set()
    return data.extend("model", {**{name: ops.null() for name in read}, **columns})


def partitions_of(model: FittedModel) -> list[tuple[tuple[Any, ...], Stored, float | Expr | None]]:
    """Key values, relations and threshold of each partition; one of missing values only may have no rows.

    A partition of which no row calibrates a merged model has no threshold by a rule, and NULL for its verdict.
    """
    keys = model.fit.keys
    limits: dict[tuple[Any, ...], float | Expr | None] = {}
    for row in model.calibration.to_pylist():
        key = tuple(row[column] for column in keys)
        limits[key] = row["threshold"] if model.threshold is None and model.judges else model.threshold
    found: dict[tuple[Any, ...], dict[str, list[Mapping[str, Any]]]] = {
        key: {name: [] for name in model.relations} for key in limits
    }
    for name, table in model.relations.items():
        for row in table.to_pylist():
            key = tuple(row.pop(column) for column in keys)
            if key not in found:
                found[key] = {one: [] for one in model.relations}
                limits[key] = ops.null() if model.threshold is None and model.judges else model.threshold
            found[key][name].append(row)
    return [(key, stored, limits[key]) for key, stored in found.items()]
