"""Peaks over a threshold: the score that is exceeded with a small probability, by the tail of the fitted scores.

Siffer et al., Anomaly Detection in Streams with Extreme Value Theory (2017), doi:10.1145/3097983.3098144: beyond a high
quantile scores follow a generalized Pareto distribution. It is fitted by probability weighted moments with the places
(j - 0.35) / N: Hosking and Wallis, Parameter and Quantile Estimation for the Generalized Pareto Distribution (1987),
doi:10.1080/00401706.1987.10488243.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Relation
from sqlnomaly.pushdown.rules import Peaks
from sqlnomaly.pushdown.scored import Scored

FEWEST = 10
"""Fewer excesses say nothing of a tail."""
SMALL = 1e-3
"""Below it (e^w - 1) / w loses digits that its series keeps."""
FAR = 300.0
"""An exponent beyond this is a threshold that no score reaches; engines raise errors on much larger ones."""

ONE, TWO = ops.number(1.0), ops.number(2.0)


def with_peaks(fit: Fit, scored: Scored, rule: Peaks, column: str) -> Scored:
    """The rows beside z = u + sigma / xi ((q n / N)^-xi - 1), and NULL where there are too few excesses.

    u is the quantile of the n fitted scores of the partition, N of which exceed it. Where many scores lie on u itself,
    so that fewer than the share q exceed it, the threshold is u.
    """
    tail = _Tail(fit, rule, column)
    rows = fit.relation(scored.node)
    threshold = tail.end(tail.moments(tail.excesses(rows, ops.column(scored.score))))
    limited = rows.match(threshold).extend("limited", {}, carry=[column])
    return replace(scored, node=limited.node)


@dataclass(frozen=True, slots=True)
class _Tail:
    """The steps from scores to a threshold; the names of their columns begin with ``column``."""

    fit: Fit
    rule: Peaks
    column: str

    def excesses(self, rows: Relation, value: Expr) -> Relation:
        """The rows beside u and n; the excesses of fitted rows, each with its place from the smallest."""
        start = rows.group(
            "level",
            {self._name("level"): ops.quantile(value, self.rule.level), self._name("n"): ops.count(value)},
        )
        level, y = self._get("level"), self._get("excess")
        above = [ops.not_null(value), ops.not_null(level), ops.gt(value, ops.add(level, self._slack()))]
        if self.fit.fitted is not None:
            above.append(ops.eq(ops.column(self.fit.fitted), ops.integer(1)))
        beside = rows.match(start).extend(
            "excesses",
            {self._name("excess"): ops.case((ops.and_(*above), ops.sub(value, level)))},
            carry=[self._name("level"), self._name("n")],
        )
        order = [
            ops.case((ops.is_null(y), ops.integer(1)), default=ops.integer(0)),
            ops.coalesce(y, ops.number(0.0)),
        ]
        return beside.extend("places", {self._name("place"): beside.over(ops.func("ROW_NUMBER"), order=order)})

    def moments(self, rows: Relation) -> Relation:
        """One row a partition: u, n, N, and the excesses' range, mean and sum weighted by place."""
        y = self._get("excess")
        weight = ops.sub(ops.cast_double(self._get("place")), ops.number(0.35))
        columns = {
            "found": ops.count(y),
            "mean": ops.avg(y),
            "placed": ops.sum_(ops.mul(y, weight)),
            "least": ops.min_(y),
            "most": ops.max_(y),
        }
        named = {self._name(name): expr for name, expr in columns.items()}
        return rows.group("tail", named, carry=[self._name("level"), self._name("n")])

    def end(self, tail: Relation) -> Relation:
        """The threshold of each partition.

        With the moments a0 = mean and a1, and r = 1 - 2 a1 / a0, which lies between 0 and 1:
        xi = 2 - 1 / r and sigma = a0 (1 - r) / r.
        """
        count, mean = ops.cast_double(self._get("found")), self._get("mean")
        varied = ops.gt(ops.sub(self._get("most"), self._get("least")), self._slack())
        sure = ops.and_(ops.ge(self._get("found"), ops.integer(FEWEST)), varied)
        ratio = ops.sub(ops.div(ops.mul(TWO, self._get("placed")), ops.mul(ops.mul(count, count), mean)), ONE)
        rarer = ops.div(count, ops.mul(ops.number(self.rule.rate), ops.cast_double(self._get("n"))))
        distance = ops.ln_positive(ops.greatest(rarer, ONE))
        shape = tail.extend(
            "tail_shape",
            {
                self._name("ratio"): ops.case((sure, ratio)),
                self._name("distance"): ops.case((sure, distance)),
            },
        )
        r, w, known = self._get("ratio"), self._get("exponent"), ops.not_null(self._get("ratio"))
        exponent = ops.mul(ops.sub(TWO, ops.div(ONE, r)), self._get("distance"))
        bounded = ops.least(ops.greatest(exponent, ops.number(-FAR)), ops.number(FAR))
        grown = shape.extend("tail_exponent", {self._name("exponent"): ops.case((known, bounded))})
        sigma = ops.div(ops.mul(mean, ops.sub(ONE, r)), r)
        reach = ops.mul(ops.mul(sigma, self._get("distance")), _grown(w))
        return grown.extend("tail_end", {self.column: ops.case((known, ops.add(self._get("level"), reach)))})

    def _slack(self) -> Expr:
        """What two scores may differ by and be the same."""
        size = ops.greatest(ONE, ops.abs_(self._get("level")))
        return ops.mul(ops.number(self.fit.detector.tolerance.relative), size)

    def _name(self, name: str) -> str:
        return f"{self.column}_{name}"

    def _get(self, name: str) -> Expr:
        return ops.column(self._name(name))


def _grown(w: Expr) -> Expr:
    """(e^w - 1) / w, near 0 by its series: at w = 0 the tail is exponential."""
    series = ops.number(1.0 / 24.0)
    for coefficient in (1.0 / 6.0, 0.5, 1.0):
        series = ops.add(ops.number(coefficient), ops.mul(w, series))
    exact = ops.div(ops.sub(ops.func("EXP", w), ONE), w)
    return ops.case((ops.lt(ops.abs_(w), ops.number(SMALL)), series), default=exact)
