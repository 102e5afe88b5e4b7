"""Peaks over a threshold: the score that is exceeded with a small probability, by the tail of the fitted scores.

Siffer et al., Anomaly Detection in Streams with Extreme Value Theory (2017), doi:10.1145/3097983.3098144: beyond a high
quantile scores follow a generalized Pareto distribution. It is fitted by probability weighted moments with the places
(j - 0.35) / N: Hosking and Wallis, Parameter and Quantile Estimation for the Generalized Pareto Distribution (1987),
doi:10.1080/00401706.1987.10488243.
"""

from __future__ import annotations

from dataclasses import replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.rules import Peaks
from sqlnomaly.pushdown.scored import Scored

FEWEST = 10
"""Fewer excesses say nothing of a tail."""
SMALL = 1e-3
"""Below it (e^w - 1) / w loses digits that its series keeps."""
FAR = 300.0
"""An exponent beyond this is a threshold that no score reaches; engines raise errors on much larger ones."""


def with_peaks(fit: Fit, scored: Scored, rule: Peaks, column: str) -> Scored:
    """The rows beside z = u + sigma / xi ((q n / N)^-xi - 1), and NULL where there are too few excesses.

    u is the quantile of the n fitted scores of the partition, N of which exceed it. Where many scores lie on u itself,
    so that fewer than the share q exceed it, the threshold is u.
    """
    value = ops.column(scored.score)
    names = ("level", "n", "excess", "place", "found", "mean", "placed", "least", "most", "part", "far", "power", "own")
    level, n, excess, place, found, mean, placed, least, most, part, far, power, own = (
        f"{column}_{name}" for name in names
    )
    rows = fit.relation(scored.node)
    level_of = rows.group("level", {level: ops.quantile(value, rule.level), n: ops.count(value)})
    slack = ops.mul(
        ops.number(fit.detector.tolerance.relative),
        ops.greatest(ops.number(1.0), ops.abs_(ops.column(level))),
    )
    above = [ops.not_null(value), ops.not_null(ops.column(level)), ops.gt(value, ops.add(ops.column(level), slack))]
    if fit.fitted is not None:
        above.append(ops.eq(ops.column(fit.fitted), ops.integer(1)))
    beside = rows.match(level_of).extend(
        "excesses",
        {excess: ops.case((ops.and_(*above), ops.sub(value, ops.column(level))))},
        carry=(level, n),
    )
    y = ops.column(excess)
    order = [
        ops.case((ops.is_null(y), ops.integer(1)), default=ops.integer(0)),
        ops.coalesce(y, ops.number(0.0)),
    ]
    placed_rows = beside.extend("places", {place: beside.over(ops.func("ROW_NUMBER"), order=order)})
    weighted = ops.mul(y, ops.sub(ops.cast_double(ops.column(place)), ops.number(0.35)))
    tail = placed_rows.group(
        "tail",
        {
            found: ops.count(y),
            mean: ops.avg(y),
            placed: ops.sum_(weighted),
            least: ops.min_(y),
            most: ops.max_(y),
        },
        carry=(level, n),
    )
    count = ops.cast_double(ops.column(found))
    varied = ops.gt(ops.sub(ops.column(most), ops.column(least)), slack)
    sure = ops.and_(ops.ge(ops.column(found), ops.integer(FEWEST)), varied)
    doubled = ops.div(ops.mul(ops.number(2.0), ops.column(placed)), ops.mul(ops.mul(count, count), ops.column(mean)))
    rarer = ops.div(count, ops.mul(ops.number(rule.rate), ops.cast_double(ops.column(n))))
    shape = tail.extend(
        "tail_shape",
        {
            part: ops.case((sure, ops.sub(doubled, ops.number(1.0)))),
            far: ops.case((sure, ops.ln_positive(ops.greatest(rarer, ops.number(1.0))))),
        },
    )
    xi = ops.sub(ops.number(2.0), ops.div(ops.number(1.0), ops.column(part)))
    exponent = ops.least(ops.greatest(ops.mul(xi, ops.column(far)), ops.number(-FAR)), ops.number(FAR))
    known = ops.not_null(ops.column(part))
    powers = shape.extend("tail_power", {power: ops.case((known, exponent))})
    sigma = ops.div(ops.mul(ops.column(mean), ops.sub(ops.number(1.0), ops.column(part))), ops.column(part))
    reach = ops.mul(ops.mul(sigma, ops.column(far)), _grown(ops.column(power)))
    threshold = powers.extend("tail_end", {own: ops.case((known, ops.add(ops.column(level), reach)))})
    limited = rows.match(threshold).extend("limited", {column: ops.column(own)})
    return replace(scored, node=limited.node)


def _grown(w: Expr) -> Expr:
    """(e^w - 1) / w, near 0 by its series: with w = xi times the distance it is the limit of the exponential tail."""
    series = ops.number(1.0 / 24.0)
    for coefficient in (1.0 / 6.0, 0.5, 1.0):
        series = ops.add(ops.number(coefficient), ops.mul(w, series))
    exact = ops.div(ops.sub(ops.func("EXP", w), ops.number(1.0)), w)
    return ops.case((ops.lt(ops.abs_(w), ops.number(SMALL)), series), default=exact)
