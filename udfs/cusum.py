"""cusum: the cumulative sum of a small, lasting shift of the mean, in units of a standard normal distribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.cumulative import ZERO, Cumulative
from sqlnomaly.udfs.esd_rounds import Columns, each

FARTHEST, NEAREST = 1e100, 1e-100
"""Distances beyond count as this one, and those below as none: squares of both fit a double."""
NEAR = 1e-4
"""Below it ln(1 + s) is said by its series: 1 + s would lose the digits of s."""
STEEPEST = 18.0
"""The end of a band beyond it is no end: exp of its square is more than any value can be away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cusum(Cumulative):
    """The cumulative sum of how far values are above, or below, the mean of the rows before them.

    up = max(0, up + u - drift)        down = max(0, down - u - drift)        score = max_j max(up_j, down_j)

    Page's two-sided scheme (Continuous Inspection Schemes, 1954, doi:10.1093/biomet/41.1-2.100) over self-starting
    steps (Hawkins, Self-Starting Cusum Charts for Location and Scale, 1987, doi:10.2307/2348827), which need no history
    that is known to be good: t = (x - mean) / sd sqrt(n / (n + 1)), with mean and sd (over n - 1) of the n values
    before, follows Student's t with v = n - 1 degrees of freedom, and
    u = sign(t) (8v + 1) / (8v + 3) sqrt(v ln(1 + t^2 / v)) is nearly standard normal (Wallace, Bounds on Normal
    Approximations to Student's and the Chi-Square Distributions,
    Annals of Mathematical Statistics 30, 1959). It finds what no single row shows; ``direction => 'high'`` takes up
    alone, ``'low'`` down. One value far out is an alarm too, which lasts for about 2u rows: u is at most t, and grows
    like the root of a logarithm beyond the root of v. A shift that stays becomes the mean in time, and the sum falls
    again; an alarm resets nothing.

    It needs ORDER BY: a row is judged by the rows with a strictly smaller order key and by its own value, never by its
    peers. Of peers each one's step is measured by the rows before all of them, and the sums go on over them from the
    smallest value to the largest. A row that FILTER leaves out, or whose feature is missing, adds nothing. A frame is
    refused: the sum is the frame.

    Fit and score are window functions, without recursion: up is a running sum less its smallest value so far. Such sums
    fall by ``drift`` a row, and lose digits: over a million rows a score was off by 3e-10 at most.

    What is expected is the mean of the rows before, and the ends of the band are the values that bring the sum to the
    threshold; while a shift stands every value may be an alarm, and then the lower end is above the upper one.

    Edge cases: the value of a constant baseline (all values before are equal) is a step of 0, any other has a score of
    NULL and adds nothing; fewer than ``min_rows`` (default 10) values before give NULL and the status ``warm_up``, but
    they add from the third one on.

    Default threshold: 5, which rows without a shift, one a key, exceed for the first time after 465 rows on average.

    Attributes:
        drift: half of the shift that is found the fastest, in deviations, 0 to 5; also called k or the allowance.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i % 5 + CASE WHEN i >= 40 THEN 2 ELSE 0 END AS x FROM range(50) AS s(i))"
        >>> call = "(x, detector => 'cusum') OVER (ORDER BY t)"
        >>> query = f"SELECT t, ROUND(anomaly_score{call}, 3) FROM {rows} QUALIFY is_anomaly{call} ORDER BY t LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(44, 5.17), (47, 5.152)]
    """

    name: ClassVar[str] = "cusum"
    finds: ClassVar[str] = "a small shift of the mean that lasts"
    choose: ClassVar[str] = "a process drifts off by less than any one row shows"
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=5.0)
    rows: ClassVar[int] = 10
    edges: ClassVar[tuple[str, ...]] = ("centre", "scale", "up_earlier", "down_earlier", "freedom", "bend")

    drift: float = 0.5

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """drift lies between 0 and 5."""
        drift = parameters.get("drift", 0.5)
        if not isinstance(drift, int | float) or isinstance(drift, bool) or not 0.0 <= drift <= 5.0:
            raise ValueError("drift lies between 0 and 5")

    @property
    def slack(self) -> float:
        """The drift."""
        return float(self.drift)

    def steps(self, rows: Relation) -> Relation:
        """Student's t as a standard normal value."""

        def ratio(feature: Feature) -> Columns:
            n = ops.cast_double(feature.get("n"))
            v = ops.greatest(ops.number(1.0), ops.sub(n, ops.number(1.0)))
            share = ops.div(n, ops.mul(ops.add(n, ops.number(1.0)), v))
            far = ops.mul(ops.abs_(feature.get("away")), ops.func("SQRT", share))
            return {"freedom": v, "ratio": far}

        def square(feature: Feature) -> Columns:
            far = feature.get("ratio")
            huge = (ops.gt(far, ops.number(FARTHEST)), ops.number(FARTHEST**2))
            tiny = (ops.lt(far, ops.number(NEAREST)), ZERO)
            return {"square": ops.case(huge, tiny, default=ops.mul(far, far)), "bend": _bend(feature.get("freedom"))}

        def step(feature: Feature) -> Columns:
            below = ops.lt(feature.get("away"), ZERO)
            sign = ops.case((below, ops.number(-1.0)), default=ops.number(1.0))
            size = ops.func("SQRT", _log_of_more(feature.get("square")))
            return {"step": ops.mul(sign, ops.mul(feature.get("bend"), size))}

        for name, rule in (("ratios", ratio), ("squares", square), ("steps", step)):
            rows = rows.extend(name, each(rows.features, rule))
        return rows

    def band(self, feature: Feature, reach: Expr) -> tuple[Expr, Expr]:
        """The values whose steps bring the sums to ``reach``; none where no value does."""
        n, bend, centre = ops.cast_double(feature.get("n")), feature.get("bend"), feature.get("centre")
        share = ops.div(ops.mul(ops.add(n, ops.number(1.0)), feature.get("freedom")), n)
        wide = ops.mul(feature.get("scale"), ops.sqrt(share))

        def away(earlier: str) -> Expr:
            step = ops.sub(ops.add(reach, ops.number(self.slack)), feature.get(earlier))
            bent = ops.div(step, bend)
            grown = ops.func("EXP", ops.case((ops.le(ops.abs_(bent), ops.number(STEEPEST)), ops.mul(bent, bent))))
            size = ops.sqrt(ops.sub(grown, ops.number(1.0)))
            return ops.mul(wide, ops.case((ops.lt(step, ZERO), ops.neg(size)), default=size))

        return ops.sub(centre, away("down_earlier")), ops.add(centre, away("up_earlier"))


def _bend(v: Expr) -> Expr:
    """(8v + 1) / (8v + 3) sqrt(v)."""
    eight = ops.mul(ops.number(8.0), v)
    share = ops.div(ops.add(eight, ops.number(1.0)), ops.add(eight, ops.number(3.0)))
    return ops.mul(share, ops.func("SQRT", v))


def _log_of_more(s: Expr) -> Expr:
    """ln(1 + s) of what is never negative."""
    third = ops.sub(ops.number(1.0 / 3.0), ops.mul(s, ops.number(0.25)))
    series = ops.sub(ops.number(1.0), ops.mul(s, ops.sub(ops.number(0.5), ops.mul(s, third))))
    whole = ops.ln_positive(ops.add(ops.number(1.0), s))
    return ops.case((ops.lt(s, ops.number(NEAR)), ops.mul(s, series)), default=whole)
