"""The answers of a stored model written out over a row's expressions: what stands in a query for a call with model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Piece, Stored
from sqlnomaly.pushdown.explanation import Explained
from sqlnomaly.pushdown.fitted import FittedModel
from sqlnomaly.pushdown.frozen import CUTOFF, Row, nothing_of, rule_at
from sqlnomaly.pushdown.in_place import POSSIBLE, inlined
from sqlnomaly.pushdown.looked import LEVEL, Lookups, level, steps
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Source
from sqlnomaly.pushdown.scored import Scored, score
from sqlnomaly.pushdown.verdict import Answers

LOWEST = -1e300
"""Stands for a held-out score that a partition does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a model knows of one partition; a number may be an expression, such as a column of a joined relation.

    Attributes:
        stored: the rows of its relations.
        threshold: of this partition, or None where no fitted row has a score.
        held: ``held`` and the held-out scores by rank, or None without them.
        joined: whether the model's numbers are columns of a joined row.
        score: what gives the score, where that is a function.
        lookups: the lists that a function of the client looks numbers up in, or None.
    """

    stored: Stored
    threshold: float | Expr | None
    held: Mapping[str, Any] | None = None
    joined: bool = False
    score: Expr | None = None
    lookups: Lookups | None = None


def written(
    model: FittedModel, row: Row, outputs: Sequence[str], part: Part, dialect: Dialect
) -> dict[str, Expr]:
    """The answers of one partition, in the vocabulary.

    Raises:
        UnsupportedError: an answer that would be too long, or that the detector or the model cannot give.
    """
    fit = row.fit
    data = replace(fit.relation(Source("")), keys=())
    pieces: Mapping[str, Piece] = {}
    if fit.detector.on_client and not part.stored["model"]:
        beside = nothing_of(fit, data)
    elif part.score is not None:
        (held,) = part.stored["model"]
        columns = {name: ops.constant(value) for name, value in held.items()}
        read = fit.detector.score(fit.features)
        assert read is not None, "a function gives the whole score"
        beside = data.extend("model", {**columns, read.name: ops.column("_sn__called")})
    elif part.joined:
        (joined,) = part.stored["model"]
        beside = fit.detector.joined(data, joined)
    else:
        pieces = fit.detector.pieces(part.stored, fit.features, POSSIBLE)
        beside = fit.detector.frozen(data, part.stored, pieces)
    source = dict(row.source)
    for name, piece in pieces.items():
        values = {column: row.source[column] for column in piece.features}
        source[name] = ops.rename(_said(piece, dialect, part.lookups), values)
    if part.score is not None:
        source["_sn__called"] = part.score
    source |= rule_at(model, part.threshold)[1]
    stats = ["n", "centre" if model.min_effect is not None else "scale"]
    if {"lower", "upper"} & set(outputs):
        stats = list(dict.fromkeys([*stats, *fit.detector.edges]))
    wanted = set(outputs) - {"probability"} | ({"score"} if "probability" in outputs else set())
    scored = score(fit, beside, wanted, stats)
    found: dict[str, Expr] = {}
    for output in outputs:
        answer, last = _answer(model, scored, output, part, fit_of=row)
        flat = inlined(answer, last.node, source, POSSIBLE)
        if flat is None:
            raise UnsupportedError(
                f"the {output} of {fit.detector.name} over {len(fit.features)} features is too long to be written out",
                hint="fewer features, or ask for score and status",
            )
        if output == "probability":
            flat = chance(flat, part, fit.detector.tolerance.relative, dialect)
        found[output] = flat
    return found


def _said(piece: Piece, dialect: Dialect, by: Lookups | None) -> Expr:
    """A piece as an expression over its features."""
    if piece.program == "steps" and len(piece.features) == 1:
        (value,) = piece.features
        return steps(piece.arrays["edges"], piece.arrays["levels"], ops.column(value), dialect, by)
    said = piece.said()
    if said is None:
        raise UnsupportedError("the score has no SQL of its own", hint="score it on DuckDB or Spark")
    return said


def _answer(
    model: FittedModel, scored: Scored, output: str, part: Part, *, fit_of: Row
) -> tuple[Expr, Scored]:
    """The expression of an answer, and the relation that it is over; of a probability the score."""
    fit, threshold = fit_of.fit, part.threshold
    answers = Answers(fit, scored, rule_at(model, threshold)[0], CUTOFF)
    if output == "explanation":
        told = Explained(answers, "1")
        return told.text(), told.scored
    if output == "probability":
        return answers.score(), scored
    if threshold is None and output == "threshold":
        return ops.null(), scored
    answer: Expr = getattr(answers, output)()
    if threshold is None and output == "is_anomaly" and model.min_effect is None and not model.may_abstain:
        answer = ops.case((answer, ops.true()))  # nothing is below a threshold that is not there
    return answer, scored


def chance(value: Expr, part: Part, tolerance: float, dialect: Dialect) -> Expr:
    """1 - (1 + #{held-out scores >= value}) / (held + 1), in steps that never count too few.

    A model keeps the highest held-out scores and, further down, one in a few (``trainer.ranks``): a value between two
    that are kept counts all down to the lower one. What lies within the detector's tolerance below a held-out score
    counts as reaching it, so that two engines count the same.

    Args:
        value: the score.
        part: the partition, which has held-out scores.
        tolerance: of the detector, relative.
        dialect: where it will stand.
    """
    assert part.held is not None, "asked only of a model that held rows out"
    held = part.held
    n = held["held"]
    if n is None or (not isinstance(n, ops.Expr) and n == 0):
        return ops.null()
    there = [ops.not_null(value)]
    if isinstance(n, ops.Expr):
        there.append(ops.gt(n, ops.integer(0)))
    if "limits" in held:
        known = ops.special(LEVEL, held["limits"], held["levels"], value)
    else:
        known = level(*_steps(held, tolerance), value, dialect, part.lookups)
    return ops.case((ops.and_(*there), known))


HELD_LISTS = ("held", "limits", "levels")
"""What is known of the held-out scores of a partition, as lists: how many, the scores, and what they mean."""


def held_lists(held: Mapping[str, Any], tolerance: float) -> dict[str, Expr]:
    """The same from the scores by rank."""
    limits, levels = _steps(held, tolerance)
    lists = (ops.Array(expressions=[ops.constant(one) for one in part]) for part in (limits, levels))
    return dict(zip(HELD_LISTS, (ops.constant(held["held"]), *lists), strict=True))


def _steps(held: Mapping[str, Any], tolerance: float) -> tuple[list[float | Expr], list[float | Expr]]:
    """The held-out scores from the lowest that is kept on, and one level more."""
    n = held["held"]
    kept = sorted((int(name[1:]), limit) for name, limit in held.items() if re.fullmatch(r"h\d+", name))
    kept = [(rank, limit) for rank, limit in kept if limit is not None]
    # Below all every held-out score counts, above the one of rank r at most r - 1.
    limits = [_slack(limit, tolerance) for _, limit in reversed(kept)]
    return limits, [_level(n, count) for count in (n, *(rank - 1 for rank, _ in reversed(kept)))]


def _level(n: int | Expr, count: int | Expr) -> float | Expr:
    """1 - (1 + count) / (n + 1)."""
    if not isinstance(n, ops.Expr) and not isinstance(count, ops.Expr):
        return (n - count) / (n + 1)
    whole = ops.cast_double(ops.constant(n))
    counted = whole if isinstance(count, ops.Expr) else ops.least(whole, ops.number(float(count)))
    return ops.div(ops.sub(whole, counted), ops.add(whole, ops.number(1.0)))


def _slack(limit: float | Expr, tolerance: float) -> float | Expr:
    if not isinstance(limit, ops.Expr):
        return limit + tolerance * max(1.0, abs(limit))
    slack = ops.mul(ops.number(tolerance), ops.greatest(ops.number(1.0), ops.abs_(limit)))
    return ops.coalesce(ops.add(limit, slack), ops.number(LOWEST))
