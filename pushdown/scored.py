"""From the rows beside their model to their scores, under the policy for missing features."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Reduce
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Node, Relation

LOWEST = -1e300
"""Stands for a feature that is left out of a maximum."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows with a score, and the names of what was computed.

    Attributes:
        node: the relation.
        terms: the column of each feature's contribution.
        score: the score's column.
        best: the column of the largest contribution.
    """

    node: Node
    terms: tuple[str, ...]
    score: str
    best: str


def enough(fit: Fit) -> Expr:
    """How many values the baseline of each feature has to have."""
    least = ops.integer(fit.min_rows)
    if fit.leave_one_out and fit.detector.joint:  # n still counts the row itself
        return ops.add(least, ops.integer(1) if fit.fitted is None else ops.column(fit.fitted))
    return least


def score(fit: Fit, beside: Relation, outputs: Set[str], stats: Collection[str] = ()) -> Scored:
    """Terms, and their reduction under the policy for missing features.

    Args:
        fit: the fit.
        beside: the rows beside their model.
        outputs: what the calls ask.
        stats: the statistics of each feature that the answers will read.
    """
    terms = tuple(feature.stat("term") for feature in fit.features)
    columns = {
        name: ops.case((ops.ge(feature.get("n"), enough(fit)), term))
        for name, feature, term in zip(terms, fit.features, fit.detector.terms(fit.features), strict=True)
    }
    carry = [feature.stat(stat) for feature in fit.features for stat in stats]
    expected = _expected(fit) if outputs & {"explanation", "expected"} else {}
    reasons = _unscored(fit) if "status" in outputs else {}
    whole = fit.detector.score(fit.features)
    if whole is not None:
        asked = columns if outputs & {"reason", "explanation"} else {}
        return _scored_whole(fit, beside, whole, asked, expected, reasons, carry)
    named = beside.extend("terms", columns | expected | reasons, carry=carry)
    value, best = f"{fit.prefix}__score", f"{fit.prefix}__best"
    summed = fit.detector.reduce is Reduce.SUM and len(terms) > 1
    reductions = {value: _reduce(fit, terms, Reduce.SUM if summed else Reduce.MAX)}
    if summed:
        reductions[best] = _reduce(fit, terms, Reduce.MAX)
    scored = named.extend("scored", reductions)
    return Scored(scored.node, terms, value, best if summed else value)


def _expected(fit: Fit) -> dict[str, Expr]:
    """What the model expects of each feature, where it expects anything."""
    values = fit.detector.expected(fit.features)
    if values is None:
        return {}
    return {feature.stat("expected"): value for feature, value in zip(fit.features, values, strict=True)}


def unscored(fit: Fit) -> str:
    """The column of the detector's own reason against a score."""
    return f"{fit.prefix}__unscored"


def _unscored(fit: Fit) -> dict[str, Expr]:
    """The detector's own reason against a score, where it has any."""
    reasons = [(condition, ops.text(status)) for condition, status in fit.detector.unscored(fit.features)]
    return {unscored(fit): ops.case(*reasons)} if reasons else {}


def _scored_whole(
    fit: Fit,
    beside: Relation,
    whole: Expr,
    terms: Mapping[str, Expr],
    expected: Mapping[str, Expr],
    reasons: Mapping[str, Expr],
    carry: Sequence[str],
) -> Scored:
    """The rows with a score that is no reduction of terms; these are computed only where somebody asks."""
    first = fit.features[0]
    value, best = f"{fit.prefix}__score", f"{fit.prefix}__best"
    columns = {value: ops.case((ops.ge(first.get("n"), enough(fit)), whole)), **terms}
    names = tuple(feature.stat("term") for feature in fit.features)
    if not fit.leave_one_out:
        node = beside.extend("scored", columns | dict(expected) | dict(reasons), carry=carry)
    else:
        full = {f"{name}_full": expr for name, expr in (columns | dict(expected)).items()}
        held = beside.extend("with_own", full | dict(reasons), carry=list(dict.fromkeys([*carry, first.stat("n")])))
        node = held.extend("scored", _without_own(fit, value, terms, expected))
    if terms:
        parts = [ops.column(name) for name in names]
        known = ops.and_(*(ops.not_null(part) for part in parts))
        node = node.extend("largest", {best: ops.case((known, ops.greatest(*parts)))})
    return Scored(node.node, names, value, best)


def _without_own(
    fit: Fit, value: str, terms: Mapping[str, Expr], expected: Mapping[str, Expr]
) -> dict[str, Expr]:
    """Score and terms of a fitted row without itself in the baseline; the terms shrink or grow with the score."""
    full = ops.column(f"{value}_full")
    rest = fit.detector.without_own(full, fit.features[0].get("n"))
    assert rest is not None, "a removable detector with a score of its own says what is left without a row"
    own = [] if fit.fitted is None else [ops.eq(ops.column(fit.fitted), ops.integer(1))]

    def apart(changed: Expr, unchanged: Expr) -> Expr:
        return ops.case((ops.and_(*own), changed), default=unchanged) if own else changed

    columns = {value: apart(rest, full)}
    for name in terms:
        term = ops.column(f"{name}_full")
        grown = ops.case((ops.gt(full, ops.number(0.0)), ops.mul(term, ops.div(rest, full))), default=term)
        columns[name] = apart(grown, term)
    changed = fit.detector.expected_without_own(fit.features, full) if expected else None
    for name, expr in zip(expected, changed or (), strict=True):
        columns[name] = apart(expr, ops.column(f"{name}_full"))
    return columns


def _reduce(fit: Fit, terms: tuple[str, ...], how: Reduce) -> Expr:
    parts = [ops.column(term) for term in terms]
    if len(parts) == 1:
        return parts[0]
    if fit.nulls != "ignore":
        joined = ops.total(parts) if how is Reduce.SUM else ops.greatest(*parts)
        return ops.case((ops.and_(*(ops.not_null(part) for part in parts)), joined))
    answers = [
        ops.or_(ops.is_null(feature.value), ops.not_null(part))
        for feature, part in zip(fit.features, parts, strict=True)
    ]
    some = ops.or_(*(ops.not_null(part) for part in parts))
    empty = ops.number(0.0 if how is Reduce.SUM else LOWEST)
    filled = [ops.coalesce(part, empty) for part in parts]
    joined = ops.total(filled) if how is Reduce.SUM else ops.greatest(*filled)
    return ops.case((ops.and_(some, *answers), joined))
