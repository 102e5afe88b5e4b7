"""gap: a point that comes late, by the steps between the points before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.frames import HISTORY
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.before_peers import before_peers, counted, last_known, numbered
from sqlnomaly.udfs.esd_rounds import Columns, each

ZERO = ops.number(0.0)
LEAST = math.log(1.5) / 3.0
"""The deviation of the logarithm of a step that even a clock has."""
LARGEST = 700.0
"""The exponential of more fits no double."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Detector):
    """How much longer the step from the point before is than the steps usually are, on a logarithmic scale.

    score = max_j ln(step_j / typical_j) / sqrt(s_j² + s0²)

    Its feature is the time itself: ``anomaly_score(ts, detector => 'gap') OVER (PARTITION BY sensor ORDER BY ts)``. A
    step is the time since the last row before, in seconds for dates and timestamps, in their own unit for numbers;
    typical is the geometric mean of the steps before, and s the deviation (over n - 1) of their logarithms. With
    s0 = ln(1.5) / 3 a series as regular as a clock reports a step of more than 1.5 times the usual one. By default,
    with ``direction => 'high'``, late points count; ``'low'`` is for those that come early, ``'both'`` for either.
    ``min_effect`` is a time beyond the expected one.

    What is expected is the last time before plus a typical step, and the upper end of the band is when a point is late:
    for timestamps in seconds since 1970-01-01 UTC. A series that has simply stopped has no late point; give it one, of
    now: ``FROM (SELECT sensor, ts FROM readings UNION ALL SELECT DISTINCT sensor, now() FROM readings)``.

    It needs ORDER BY, in ascending order: a row is judged by the rows with a strictly smaller order key, never by its
    peers, so that rows of one time are all late, or none. A row that FILTER leaves out, or whose feature is missing,
    begins and ends no step. A frame is refused. Fit and score are window functions.

    Edge cases: a row that is no later than the one before, as duplicates are and rows that are out of order, has no
    step: its score is 0, and it adds none. Fewer than ``min_rows`` (default 10) steps before give NULL and the status
    ``warm_up``. There is no constant baseline.

    Default threshold: 3.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i * 60 + CASE WHEN i >= 30 THEN 95 ELSE 0 END AS ts FROM range(40) AS s(i))"
        >>> call = "(ts, detector => 'gap') OVER (ORDER BY ts)"
        >>> told = f"ts, ROUND(anomaly_score{call}, 3), ROUND(anomaly_upper{call}, 3)"
        >>> sqlnomaly.connect().sql(f"SELECT {told} FROM {rows} QUALIFY is_anomaly{call}").fetchall()
        [(1895, 7.022, 1830.0)]
    """

    name: ClassVar[str] = "gap"
    finds: ClassVar[str] = "points of a series that come late, or are missing"
    choose: ClassVar[str] = "rows should arrive at a steady pace: the feature is the time itself"
    shape: ClassVar[Shape] = Shape.WINDOW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=3.0)
    rows: ClassVar[int] = 10
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("before_earlier", "typical", "scale")
    ordered: ClassVar[bool] = True

    direction: str = "high"

    def follow(self, data: Relation) -> Relation:
        """The rows beside the last time before their peers, and the steps up to it."""
        rows = last_known(numbered(data))

        def step(feature: Feature) -> Columns:
            return {"step": counted(data, _log_of_step(feature, "before"))}

        rows = rows.extend("steps", each(rows.features, step))
        history = HISTORY.spec()

        def found(feature: Feature) -> Columns:
            step = feature.get("step")
            moments = {"count": ops.count(step), "mean": ops.avg(step), "variance": ops.var_pop(step)}
            steps = {name: rows.along(aggregate, frame=history) for name, aggregate in moments.items()}
            return {"before": feature.get("before"), **steps}

        return before_peers(rows, each(rows.features, found)).extend("model", each(rows.features, _model))

    def term(self, feature: Feature) -> Expr:
        """The logarithm of the step in deviations, 0 where there is none."""
        step = _log_of_step(feature, "before_earlier")
        above = ops.div(ops.sub(step, feature.get("typical")), feature.get("scale"))
        sided = {"both": ops.abs_(above), "high": above, "low": ops.neg(above)}[self.direction]
        later = ops.gt(feature.value, feature.get("before_earlier"))
        return ops.case((later, sided), (ops.not_null(feature.value), ZERO))

    def constant(self, feature: Feature) -> Expr:
        """Never: steps are allowed to differ a little."""
        return ops.false()

    def band(self, feature: Feature, reach: Expr) -> tuple[Expr, Expr]:
        """The times after the shortest and the longest step that is none too short or too long."""
        away = ops.mul(reach, feature.get("scale"))
        typical, before = feature.get("typical"), feature.get("before_earlier")
        ends = (ops.sub(typical, away), ops.add(typical, away))
        low, high = (ops.add(before, _power(end)) for end in ends)
        return low, high


def _log_of_step(feature: Feature, before: str) -> Expr:
    """The logarithm of the time since a row before, NULL where no time has passed."""
    return ops.ln(ops.sub(feature.value, feature.get(before)))


def _model(feature: Feature) -> Columns:
    """How many steps there were before, their mean on the logarithmic scale, the deviation, and what is expected."""
    n, typical = feature.get("count_earlier"), feature.get("mean_earlier")
    freedom = ops.sub(ops.cast_double(n), ops.number(1.0))
    variance = ops.div(ops.mul(feature.get("variance_earlier"), ops.cast_double(n)), freedom)
    spread = ops.add(ops.coalesce(variance, ZERO), ops.number(LEAST**2))
    return {
        "n": ops.coalesce(n, ops.integer(0)),
        "typical": typical,
        "scale": ops.func("SQRT", spread),
        "centre": ops.add(feature.get("before_earlier"), _power(typical)),
    }


def _power(exponent: Expr) -> Expr:
    """The exponential, NULL where it fits no double."""
    fits = ops.le(ops.abs_(exponent), ops.number(LARGEST))
    return ops.func("EXP", ops.case((fits, exponent)))
