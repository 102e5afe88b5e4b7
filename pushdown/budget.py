"""An alert budget: the score that the rows beyond the budget have at most."""

from __future__ import annotations

from dataclasses import replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.rules import AlertBudget
from sqlnomaly.pushdown.scored import Scored


def with_budget(fit: Fit, scored: Scored, rule: AlertBudget, column: str) -> Scored:
    """The rows beside the first score that the budget has no place for; NULL where it has a place for each.

    A row has to exceed that score, so that of rows with the same score all are within the budget or none is.
    """
    value, place = ops.column(scored.score), f"{column}_place"
    among = rule.per or [ops.column(key) for key in fit.keys]
    order = [
        ops.case((ops.is_null(value), ops.integer(1)), default=ops.integer(0)),
        ops.descending(ops.coalesce(value, ops.number(0.0))),
    ]
    ranked = fit.relation(scored.node).extend(
        "places", {place: ops.window(ops.func("ROW_NUMBER"), partition=among, order=order)}
    )
    first_left = ops.case((ops.eq(ops.column(place), ops.integer(rule.rows + 1)), value))
    limited = ranked.extend("limited", {column: ops.window(ops.max_(first_left), partition=among)})
    return replace(scored, node=limited.node)
