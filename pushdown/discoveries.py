"""False discoveries: which of the rows that FILTER left out are anomalies, tested together.

Benjamini and Hochberg, Controlling the False Discovery Rate (1995), doi:10.1111/j.2517-6161.1995.tb02031.x, over the
conformal p-values p = (1 + b) / (n + 1), b the fitted scores of the partition that are not below the row's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Relation
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


@dataclass(frozen=True, slots=True)
class Tests:
    """What there is to test.

    Attributes:
        value: the score.
        p: its p-value, never NULL.
        n: what 1 is divided by in the smallest p-value that the row could have, as a DOUBLE.
        new: whether the row is tested.
        known: whether it is one of those that others are compared with, which are never anomalies; None without such.
        among: the columns of the scope.
    """

    value: Expr
    p: Expr
    n: Expr
    new: Expr
    known: Expr | None
    among: Sequence[Expr]


def with_discoveries(fit: Fit, scored: Scored, rule: FalseDiscoveries, column: str) -> Scored:
    """The rows beside the smallest score of an anomaly in the scope, and whether each is one.

    Args:
        fit: a fit of which FILTER leaves out rows.
        scored: rows with ranks.
        rule: the rule.
        column: gets the smallest score, and begins the names of the other columns.
    """
    assert fit.fitted is not None, "without FILTER every p-value is the row's own rank"
    value, fitted = ops.column(scored.score), ops.column(fit.fitted)
    n, more = (ops.add(ops.cast_double(expr), ops.number(1.0)) for expr in (scores(fit), not_below(fit)))
    tests = Tests(
        value=value,
        p=ops.div(more, n),
        n=n,
        new=ops.and_(ops.not_null(value), ops.eq(fitted, ops.integer(0))),
        known=ops.eq(fitted, ops.integer(1)),
        among=[ops.column(key) for key in fit.keys] if rule.scope == "partition" else [],
    )
    return replace(scored, node=discovered(fit.relation(scored.node), tests, rule.rate, column).node)


def discovered(rows: Relation, tested: Tests, rate_of: float, column: str) -> Relation:
    """The rows beside the smallest score of an anomaly in the scope and in the partition, and whether each is one."""
    value, rate = tested.value, ops.number(rate_of * SLACK)
    p, flag, places, tests, bound = (f"{column}_{name}" for name in ("p", "tested", "places", "tests", "bound"))

    def over(aggregate: Expr, order: Sequence[Expr] = ()) -> Expr:
        return ops.window(aggregate, partition=tested.among, order=order)

    rows = rows.extend(
        "p_values", {p: tested.p, flag: ops.case((tested.new, ops.integer(1)), default=ops.integer(0))}
    )
    test = ops.case((ops.eq(ops.column(flag), ops.integer(1)), ops.integer(1)))
    rows = rows.extend(
        "tests", {places: over(ops.count(test), [ops.column(p)]), tests: over(ops.count(test))}
    )
    share = ops.mul(ops.cast_double(ops.column(tests)), ops.column(p))
    allowed = ops.mul(rate, ops.cast_double(ops.column(places)))
    passes = ops.and_(ops.eq(ops.column(flag), ops.integer(1)), ops.le(share, allowed))
    rows = rows.extend("bounds", {bound: over(ops.max_(ops.case((passes, ops.column(p)))))})
    known = [] if tested.known is None else [(tested.known, ops.integer(0))]
    found = ops.case(
        (ops.is_null(value), ops.null()),
        *known,
        (ops.lt(ops.mul(rate, tested.n), ops.number(1.0)), ops.null()),
        (ops.le(ops.column(p), ops.column(bound)), ops.integer(1)),
        default=ops.integer(0),
    )
    rows = rows.extend("found", {found_in(column): found})
    anomalous = ops.case((ops.eq(ops.column(found_in(column)), ops.integer(1)), value))
    return rows.extend(
        "limited", {column: over(ops.min_(anomalous)), least_in(column): rows.over(ops.min_(anomalous))}
    )
