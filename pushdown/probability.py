"""The probability of a score: one minus the share of fitted rows that score at least as high."""

from __future__ import annotations

from dataclasses import replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.scored import Scored


def scores(fit: Fit) -> Expr:
    """How many fitted scores the partition has."""
    return ops.column(f"{fit.prefix}__scores")


def not_below(fit: Fit) -> Expr:
    """How many of them are not below the row's own."""
    return ops.column(f"{fit.prefix}__not_below")


def with_ranks(fit: Fit, scored: Scored) -> Scored:
    """The rows with the number of fitted scores in their partition, and of those that are not below their own."""
    rows = fit.relation(scored.node)
    value = ops.column(scored.score)
    counted = rows.counted(value)
    order = [
        ops.case((ops.is_null(value), ops.integer(1)), default=ops.integer(0)),
        ops.descending(ops.coalesce(value, ops.number(0.0))),
    ]
    columns = {
        scores(fit).name: rows.over(counted),
        not_below(fit).name: rows.over(counted, order=order),
    }
    ranked = rows.extend("ranked", columns)
    return replace(scored, node=ranked.node)


def probability(fit: Fit, scored: Scored) -> Expr:
    """1 - p, NULL without a score.

    For a fitted row p = #{fitted scores >= its own} / n, valid because a fit treats its rows alike. A row that
    FILTER left out is counted once more: p = (1 + #{..}) / (n + 1). Vovk, Gammerman and Shafer, Algorithmic
    Learning in a Random World (2005), doi:10.1007/b106715.
    """
    n = ops.cast_double(scores(fit))
    beyond = ops.cast_double(not_below(fit))
    one = ops.number(1.0)
    inside = ops.sub(one, ops.div(beyond, n))
    value = ops.column(scored.score)
    if fit.fitted is None:
        return ops.case((ops.not_null(value), inside))
    outside = ops.sub(one, ops.div(ops.add(beyond, one), ops.add(n, one)))
    own = ops.eq(ops.column(fit.fitted), ops.integer(1))
    return ops.case((ops.and_(ops.not_null(value), own), inside), (ops.not_null(value), outside))
