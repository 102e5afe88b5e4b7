"""False discoveries: which of the rows that FILTER left out are anomalies, tested together.

Benjamini and Hochberg, Controlling the False Discovery Rate (1995), doi:10.1111/j.2517-6161.1995.tb02031.x, over the
conformal p-values p = (1 + b) / (n + 1), b the fitted scores of the partition that are not below the row's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.probability import not_below, scores
from sqlnomaly.pushdown.rules import FalseDiscoveries
from sqlnomaly.pushdown.scored import Scored

SLACK = 1.0 + 1e-9
"""A p-value on its bound is not decided by an ulp."""


def found_in(column: str) -> str:
    """The column that says of a row whether it is an anomaly: 1, 0, or NULL where nobody can say."""
    return f"{column}_found"


def least_in(column: str) -> str:
    """The column of the smallest score of an anomaly in the row's partition."""
    return f"{column}_least"


def with_discoveries(fit: Fit, scored: Scored, rule: FalseDiscoveries, column: str) -> Scored:
    """The rows beside the smallest score of an anomaly in the scope, and whether each is one.

    Args:
        fit: a fit of which FILTER leaves out rows.
        scored: rows with ranks.
        rule: the rule.
        column: gets the smallest score, and begins the names of the other columns.
    """
    assert fit.fitted is not None, "without FILTER every p-value is the row's own rank"
    value, rate = ops.column(scored.score), ops.number(rule.rate * SLACK)
    among = [ops.column(key) for key in fit.keys] if rule.scope == "partition" else []
    n, more = (ops.add(ops.cast_double(expr), ops.number(1.0)) for expr in (scores(fit), not_below(fit)))
    p, tested, places, tests, bound = (f"{column}_{name}" for name in ("p", "tested", "places", "tests", "bound"))
    new = ops.and_(ops.not_null(value), ops.eq(ops.column(fit.fitted), ops.integer(0)))

    def over(aggregate: Expr, order: Sequence[Expr] = ()) -> Expr:
        return ops.window(aggregate, partition=among, order=order)

    rows = fit.relation(scored.node).extend(
        "p_values", {p: ops.div(more, n), tested: ops.case((new, ops.integer(1)), default=ops.integer(0))}
    )
    test = ops.case((ops.eq(ops.column(tested), ops.integer(1)), ops.integer(1)))
    rows = rows.extend(
        "tests", {places: over(ops.count(test), [ops.column(p)]), tests: over(ops.count(test))}
    )
    share = ops.mul(ops.cast_double(ops.column(tests)), ops.column(p))
    allowed = ops.mul(rate, ops.cast_double(ops.column(places)))
    passes = ops.and_(ops.eq(ops.column(tested), ops.integer(1)), ops.le(share, allowed))
    rows = rows.extend("bounds", {bound: over(ops.max_(ops.case((passes, ops.column(p)))))})
    found = ops.case(
        (ops.is_null(value), ops.null()),
        (ops.eq(ops.column(fit.fitted), ops.integer(1)), ops.integer(0)),
        (ops.lt(ops.mul(rate, n), ops.number(1.0)), ops.null()),
        (ops.le(ops.column(p), ops.column(bound)), ops.integer(1)),
        default=ops.integer(0),
    )
    rows = rows.extend("found", {found_in(column): found})
    anomalous = ops.case((ops.eq(ops.column(found_in(column)), ops.integer(1)), value))
    rows = rows.extend(
        "limited", {column: over(ops.min_(anomalous)), least_in(column): rows.over(ops.min_(anomalous))}
    )
    return replace(scored, node=rows.node)
