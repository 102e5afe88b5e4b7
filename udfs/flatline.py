"""flatline: a sensor that is stuck, by how unlikely it is that its value repeats so often."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.frames import SO_FAR
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.before_peers import before_peers, counts, last_known, numbered
from sqlnomaly.udfs.esd_rounds import Columns, each

ZERO, ONE = ops.integer(0), ops.integer(1)
DECADE = 1.0 / math.log(10.0)
MOST = 1e150


@dataclass(frozen=True, slots=True, kw_only=True)
class Flatline(Detector):
    """How unlikely it is that a value is repeated so often, as a number of zeros behind the point.

    score = max_j repeats_j × -log10 q_j, with q = (r + 1) / (n + 2)

    A row repeats where its value differs from the one before by at most ``epsilon``; repeats is how many rows in a row
    have done so up to this one: five equal values are four repeats. q is how usual that is: of the n values before the
    run r were repeats, and by Laplace's rule of succession one more of two more. The score is -log10 of the chance of
    so many repeats in a row if each came by itself, 3 for one in a thousand. A series that often stands still, of few
    whole numbers, has a large q, and takes a long run. A row that repeats nothing has 0.

    It needs ORDER BY: a row is compared with the last of the rows with a strictly smaller order key, never with its
    peers; of rows of one key, the largest value is the last, and equal ones are repeats of each other: PARTITION BY the
    sensor. A row that FILTER leaves out, or whose feature is missing, ends no run and is part of none. A frame is
    refused. It has no direction and expects no value.

    Fit and score are window functions: a run is the rows that share a number of changes so far.

    Edge cases: fewer than ``min_rows`` (default 10) values before the run give NULL and the status ``warm_up``: of a
    series that has always been constant nobody can say that it is stuck.

    Default threshold: 6, a chance of one in a million.

    Attributes:
        epsilon: the largest difference from the value before that is none, in the unit of the features; 0 or more.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, CASE WHEN i < 40 THEN i * i % 17 ELSE 5 END AS x FROM range(48) AS s(i))"
        >>> call = "(x, detector => 'flatline') OVER (ORDER BY t)"
        >>> query = f"SELECT t, ROUND(anomaly_score{call}, 3) FROM {rows} QUALIFY is_anomaly{call} ORDER BY t LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(46, 6.877), (47, 8.023)]
    """

    name: ClassVar[str] = "flatline"
    finds: ClassVar[str] = "a value that does not change any more"
    choose: ClassVar[str] = "a sensor may be stuck, or a feed may repeat its last value"
    shape: ClassVar[Shape] = Shape.WINDOW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=6.0)
    rows: ClassVar[int] = 10
    ordered: ClassVar[bool] = True

    epsilon: float = 0.0

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """epsilon is 0 or more."""
        epsilon = parameters.get("epsilon", 0.0)
        if not isinstance(epsilon, int | float) or isinstance(epsilon, bool) or not 0.0 <= epsilon <= MOST:
            raise ValueError("epsilon is 0 or more")

    def follow(self, data: Relation) -> Relation:
        """The rows beside the run that they would go on with."""
        rows = last_known(numbered(data))

        def changes(feature: Feature) -> Columns:
            again, fed = self._repeats(feature, "before"), counts(data, feature)
            return {
                "again": ops.case((ops.and_(fed, again), ONE), default=ZERO),
                "change": ops.case((ops.and_(fed, again), ZERO), (fed, ONE), default=ZERO),
            }

        rows = rows.extend("changes", each(rows.features, changes))
        so_far = SO_FAR.spec()

        def running(feature: Feature) -> Columns:
            sums = {"run": feature.get("change"), "repeated": feature.get("again")}
            return {name: rows.along(ops.sum_(part), frame=so_far) for name, part in sums.items()}

        ran = rows.extend("runs", each(rows.features, running))

        def starts(feature: Feature) -> Columns:
            """The values and the repeats before the run: those of its first row, without that row."""
            run, parts = feature.get("run"), {"start": feature.get("known"), "start_repeated": feature.get("repeated")}
            return {name: ops.window(ops.min_(part), partition=[*ran.lanes, run]) for name, part in parts.items()}

        started = ran.extend("starts", each(rows.features, starts))
        kept = ("known", "repeated", "start", "start_repeated")

        def found(feature: Feature) -> Columns:
            lagged = {name: started.along(ops.func("LAG", feature.get(name))) for name in kept}
            return {"before": feature.get("before"), **lagged}

        return before_peers(started, each(data.features, found)).extend("model", each(data.features, self._model))

    def _repeats(self, feature: Feature, before: str) -> Expr:
        """Whether the value is as good as another one."""
        return ops.le(ops.abs_(ops.sub(feature.value, feature.get(before))), ops.number(float(self.epsilon)))

    def _model(self, feature: Feature) -> Columns:
        """The repeats up to the row, and what was before its run: how many values, and how many repeats."""
        again = self._repeats(feature, "before_earlier")
        known, repeated, start, start_repeated = (
            feature.get(f"{name}_earlier") for name in ("known", "repeated", "start", "start_repeated")
        )
        more = ops.add(ops.sub(repeated, start_repeated), ONE)
        return {
            "n": ops.case((again, ops.sub(start, ONE)), default=ops.coalesce(known, ZERO)),
            "repeats": ops.case((again, more), default=ZERO),
            "usual": ops.case((again, start_repeated), default=repeated),
            "scale": ops.number(1.0),
        }

    def term(self, feature: Feature) -> Expr:
        """The zeros of the chance."""
        values, repeats = (ops.cast_double(feature.get(name)) for name in ("n", "usual"))
        chance = ops.div(ops.add(values, ops.number(2.0)), ops.add(repeats, ops.number(1.0)))
        zeros = ops.mul(ops.ln_positive(chance), ops.number(DECADE))
        return ops.case((ops.not_null(feature.value), ops.mul(ops.cast_double(feature.get("repeats")), zeros)))

    def constant(self, feature: Feature) -> Expr:
        """Never: what has always been constant has no values before its run."""
        return ops.false()
