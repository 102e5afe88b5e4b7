"""Significance: the score that a row without anomaly exceeds with a small probability, by the detector's own test."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.curve import HIGHEST, Curve, curve, squares
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.pushdown.rules import Significance
from sqlnomaly.pushdown.scored import LOWEST, Scored

TABLE = 12
"""Up to so many rows each critical score is written out, and two more for each feature that is judged with others."""


def with_critical(
    fit: Fit, scored: Scored, rule: Significance, column: str, *, own: bool | None = None
) -> Scored:
    """The rows beside the score that they may have by chance; NULL where the baseline has too few rows for the test.

    A row of its own baseline is held to another score than one that the baseline does not hold. The number of rows of
    each feature counts; the largest of the critical scores is the threshold.

    Args:
        fit: the fit.
        scored: its scored rows, beside the number of rows of each feature.
        rule: the level.
        column: what the threshold is called, and how the names of other columns begin.
        own: whether rows are held to the score of their own baseline; None for what each row is.
    """
    features = fit.features[:1] if fit.detector.joint else fit.features
    rows = fit.relation(scored.node)
    inside, outside = (_curve(fit.detector, rule.level, len(fit.features), own=each) for each in (True, False))
    counts = {f"{column}_n{number}": _rows(fit, each) for number, each in enumerate(features, start=1)}
    rows = rows.extend("counted", counts)
    rows = rows.extend("places", {f"{name}_place": inside.place(ops.column(name)) for name in counts})
    powers = {name: squares(ops.column(f"{name}_place"), HIGHEST) for name in counts}
    raised = {f"{name}_{power}": expr for name, each in powers.items() for power, expr in each.items()}
    rows = rows.extend("powers", raised)
    criticals: list[Expr] = []
    for name, feature in zip(counts, features, strict=True):
        columns = [ops.column(f"{name}_{power}") for power in powers[name]]
        within, beside = (each.at(ops.column(name), columns) for each in (inside, outside))
        critical = _which(fit, within, beside) if own is None else within if own else beside
        if fit.nulls == "ignore":
            critical = ops.case((ops.is_null(feature.value), ops.number(LOWEST)), default=critical)
        criticals.append(critical)
    named = {f"{name}_critical": expr for name, expr in zip(counts, criticals, strict=True)}
    rows = rows.extend("criticals", named)
    parts = [ops.column(name) for name in named]
    known = [ops.not_null(part) for part in parts]
    if fit.nulls == "ignore":
        known.append(ops.or_(*(ops.not_null(feature.value) for feature in features)))
    rows = rows.extend("limited", {column: ops.case((ops.and_(*known), ops.greatest(*parts)))})
    return replace(scored, node=rows.node)


def _rows(fit: Fit, feature: Feature) -> Expr:
    """How many rows the baseline has."""
    n = ops.coalesce(feature.get("n"), ops.integer(0))
    if fit.leave_one_out and fit.detector.joint:  # n still counts the row itself
        return ops.sub(n, ops.integer(1) if fit.fitted is None else ops.column(fit.fitted))
    return n


def _which(fit: Fit, within: Expr, beside: Expr) -> Expr:
    """The critical score of a row: of its own baseline or not."""
    if fit.windowed() or fit.leave_one_out:
        return beside
    if fit.fitted is None:
        return within
    return ops.case((ops.eq(ops.column(fit.fitted), ops.integer(1)), within), default=beside)


@lru_cache(maxsize=64)
def _curve(detector: Detector, level: float, features: int, *, own: bool) -> Curve:
    last = TABLE + (2 * features if detector.joint else 0)
    return curve(lambda n: detector.significant(n, level, features=features, own=own), last)
