"""The answer of a stored model in the place of a call: its numbers written out, or the columns of joined relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.asked import HELD_ROWS
from sqlnomaly.pushdown.calls import Call
from sqlnomaly.pushdown.fitted import FittedModel, Kept
from sqlnomaly.pushdown.frozen import Row, is_key, partitions_of, unseen_answers
from sqlnomaly.pushdown.joined import Joined, ranks_of
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.select import Settings
from sqlnomaly.pushdown.written import Part, written


def decides(model: FittedModel, call: Call) -> str:
    """The answer that decides which relations of a model are joined."""
    if call.output == HELD_ROWS:
        return "probability"
    return "threshold" if call.output == "status" and model.may_abstain else call.output


def written_out(
    model: FittedModel, row: Row, call: Call, kept: Kept, keys: Mapping[str, Expr], settings: Settings
) -> Expr:
    """The answer with every number of the model written out."""
    held = _held_rows(model)
    outputs = [call.output]
    branches: list[tuple[Expr, Expr]] = []
    function: Expr | None = None
    if kept.function is not None:  # it has every other relation
        model = replace(model, relations={"model": model.relations["model"]})
        arguments = [expr.copy() for expr in (*keys.values(), *row.values.values())]
        function = exp.Anonymous(this=kept.function, expressions=arguments)
    partitions = partitions_of(model)
    for key, stored, threshold in partitions:
        part = Part(
            stored=stored, threshold=threshold, held=held.get(key), score=function, lookups=kept.lookups
        )
        if call.output == HELD_ROWS:
            answer: Expr = ops.integer(0 if part.held is None else part.held["held"])
        elif call.output == "probability" and part.held is None:
            answer = ops.null()
        else:
            answer = written(model, row, outputs, part, settings.dialect)[call.output]
        if not model.keys:
            return answer
        here = ops.and_(*(is_key(keys[one.name], value) for one, value in zip(model.keys, key, strict=True)))
        branches.append((here, answer))
    if kept.function is not None and call.output == "score":
        branches, usual = _apart(model, branches, [stored["model"] for _, stored, _ in partitions])
        return ops.case(*branches, default=usual) if branches else usual  # the function knows the partitions
    return ops.case(*branches, default=unseen_answers(model, row).get(_named_so(call.output)))


def _named_so(output: str) -> str:
    """The answer that says of an unseen row what this one does."""
    return "is_anomaly" if output == "certain" else output


def _apart(
    model: FittedModel, branches: list[tuple[Expr, Expr]], rows: Sequence[Sequence[Mapping[str, Any]]]
) -> tuple[list[tuple[Expr, Expr]], Expr]:
    """The branches of partitions with too few rows or a constant feature, and the score in all others."""
    fit = model.fit
    own, usual = [], ops.null()
    for branch, found in zip(branches, rows, strict=True):
        if found and all(
            (found[0][one.stat("n")] or 0) >= fit.min_rows and (found[0][one.stat("scale")] or 0) > 0
            for one in fit.features
        ):
            usual = branch[1]
        else:
            own.append(branch)
    return own, usual


def _held_rows(model: FittedModel) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """What was held out of each partition."""
    if model.held is None:
        return {}
    keys = model.fit.keys
    return {
        tuple(row[key] for key in keys): {name: value for name, value in row.items() if name not in keys}
        for row in model.held.to_pylist()
    }


def beside(model: FittedModel, row: Row, call: Call, held: Joined, settings: Settings) -> Expr:
    """The answer over the columns of the joined relations."""
    stored = {"model": [held.columns("model")]}
    threshold: float | Expr | None = model.threshold
    if call.output == HELD_ROWS:
        return held.columns(ranks_of(held.kept))["held"]
    if threshold is None and decides(model, call) in ("is_anomaly", "threshold"):
        threshold = held.columns("calibration")["threshold"]
    ranks = held.columns(ranks_of(held.kept)) if call.output == "probability" else None
    part = Part(stored=stored, threshold=threshold if threshold is not None else 0.0, held=ranks, joined=True)
    answer = written(model, row, [call.output], part, settings.dialect)[call.output]
    unseen = unseen_answers(model, row).get(_named_so(call.output))
    if call.output in ("status", "is_anomaly", "reason", "threshold", "certain"):
        there = ops.not_null(held.columns("model")[row.fit.features[0].stat("n")])
        return ops.case((there, answer), default=unseen)
    return answer
