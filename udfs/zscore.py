"""zscore: the largest distance from the mean over the features, in standard deviations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, Stats, ThresholdRule, deviation
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation

if TYPE_CHECKING:
    from sqlnomaly.pushdown.walk import Lanes

TINY = 1e-150
"""A scale below this is constant: a deviation divided by it could overflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zscore(Detector):
    """Largest distance from the mean over the features, in standard deviations.

    score = max_j |x_j - mean_j| / sd_j, with sd over n - ddof. ``direction => 'high'`` drops the bars and keeps only
    values above the mean, ``'low'`` only those below.

    Fit: n, mean, M2, smallest and largest value of each feature: one scan. States merge (Chan, Golub and LeVeque,
    doi:10.1080/00031305.1983.10483115). Leave-one-out takes the row's own value out of a fitted row's baseline by
    the closed form M2' = M2 - n/(n-1)·(x - mean)²; what is left below 1e-12·M2 counts as constant.

    Edge cases: a constant baseline (largest = smallest) gives 0 to its own value and NULL to any other; fewer
    than ``min_rows`` (default 3) baseline values give NULL. NULL, NaN, infinities and magnitudes over 1e150 are in no
    baseline. Without leave_one_out or ORDER BY a row is in its own baseline, so no score can exceed (n-1)/√n.

    Default threshold: 3. With ``significance => s`` it is what a normal value exceeds with probability s, by Student's
    t for the number of rows.

    Attributes:
        ddof: the degrees of freedom taken from n, 0 or 1. scikit-learn's StandardScaler and scipy's zscore use 0.

    Example:
        >>> import sqlnomaly
        >>> query = "SELECT x, anomaly_score(x) FROM (VALUES (8), (10), (12)) AS t(x) ORDER BY x"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(8, 1.0), (10, 0.0), (12, 1.0)]
    """

    name: ClassVar[str] = "zscore"
    finds: ClassVar[str] = "values far from the mean"
    choose: ClassVar[str] = (
        "features are roughly symmetric and anomalies few; each row is to be judged by the rows before it"
    )
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=3.0)
    rows: ClassVar[int] = 3
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "scale")
    ordered: ClassVar[bool] = True
    framed: ClassVar[bool] = True
    pools: ClassVar[bool] = True
    ranged: ClassVar[bool] = True
    removable: ClassVar[bool] = True
    walks: ClassVar[bool] = True

    ddof: int = 1
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """ddof is 0 or 1."""
        if parameters.get("ddof", 1) not in (0, 1):
            raise ValueError("ddof is 0 or 1")

    def state(self, data: Relation) -> Relation:
        """n, mean, M2, smallest and largest value of each feature."""
        columns: dict[str, Expr] = {}
        for feature in data.features:
            x = feature.value
            columns[feature.stat("n")] = ops.count(x)
            columns[feature.stat("mean")] = ops.avg(x)
            columns[feature.stat("m2")] = ops.mul(ops.var_pop(x), ops.count(x))
            columns[feature.stat("low")] = ops.min_(x)
            columns[feature.stat("high")] = ops.max_(x)
        return data.group("baseline", columns)

    def pool(self, states: Relation) -> Relation:
        """Sums of n, and of M2 around the common mean."""
        totals: dict[str, Expr] = {}
        columns: dict[str, Expr] = {}
        for feature in states.features:
            n, mean = feature.get("n"), feature.get("mean")
            totals[feature.stat("together")] = ops.div(ops.sum_(ops.mul(n, mean)), ops.sum_(n))
            away = ops.sub(mean, feature.get("together"))
            columns[feature.stat("n")] = ops.cast_integer(ops.sum_(n))
            columns[feature.stat("mean")] = ops.min_(feature.get("together"))
            columns[feature.stat("m2")] = ops.sum_(ops.add(feature.get("m2"), ops.mul(n, ops.mul(away, away))))
            columns[feature.stat("low")] = ops.min_(feature.get("low"))
            columns[feature.stat("high")] = ops.max_(feature.get("high"))
        beside = states.match(states.group("totals", totals)).extend("beside", {}, carry=tuple(totals))
        return beside.group("pooled", columns)

    def weighed(self, states: Relation, weight: Expr) -> Mapping[str, Expr]:
        """n and M2 are sums over the rows."""
        names = [feature.stat(stat) for feature in states.features for stat in ("n", "m2")]
        return {name: ops.mul(ops.column(name), weight) for name in names}

    def merge(self, left: Stats, right: Stats) -> Mapping[str, Expr]:
        """Chan, Golub and LeVeque's pairwise update; either side may be empty."""
        n = ops.add(left("n"), right("n"))
        delta = ops.sub(right("mean"), left("mean"))
        shift = ops.div(ops.mul(delta, right("n")), n)
        cross = ops.div(ops.mul(ops.mul(delta, delta), ops.mul(left("n"), right("n"))), n)
        only = (
            (ops.eq(left("n"), ops.integer(0)), "right"),
            (ops.eq(right("n"), ops.integer(0)), "left"),
        )

        def pick(stat: str, both: Expr) -> Expr:
            sides = {"left": left, "right": right}
            return ops.case(*((empty, sides[side](stat)) for empty, side in only), default=both)

        return {
            "n": n,
            "mean": pick("mean", ops.add(left("mean"), shift)),
            "m2": pick("m2", ops.total([left("m2"), right("m2"), cross])),
            "low": pick("low", ops.least(left("low"), right("low"))),
            "high": pick("high", ops.greatest(left("high"), right("high"))),
        }

    def remove(self, state: Stats, value: Expr) -> Mapping[str, Expr]:
        """The closed form without one value; a remainder below 1e-12·M2 is rounding, so constant."""
        n, mean, m2 = state("n"), state("mean"), state("m2")
        rest = ops.sub(n, ops.integer(1))
        distance = ops.sub(value, mean)
        left = ops.sub(m2, ops.div(ops.mul(n, ops.mul(distance, distance)), rest))
        shifted = ops.sub(mean, ops.div(distance, rest))
        constant = ops.eq(state("low"), state("high"))
        vanished = ops.le(left, ops.mul(ops.number(1e-12), m2))
        return {
            "n": rest,
            "mean": ops.case((constant, state("low")), default=shifted),
            "m2": ops.case((constant, ops.number(0.0)), (vanished, ops.number(0.0)), default=left),
            "low": ops.case((constant, state("low")), (vanished, shifted), default=state("low")),
            "high": ops.case((constant, state("high")), (vanished, shifted), default=state("high")),
        }

    def finish(self, state: Relation) -> Relation:
        """The centre and the scale of each feature."""
        columns: dict[str, Expr] = {}
        for feature in state.features:
            low, high = feature.get("low"), feature.get("high")
            variance = ops.div(feature.get("m2"), ops.sub(feature.get("n"), ops.integer(self.ddof)))
            varies = ops.and_(ops.lt(low, high), ops.gt(variance, ops.number(TINY**2)))
            columns[feature.stat("centre")] = ops.case((ops.eq(low, high), low), default=feature.get("mean"))
            columns[feature.stat("scale")] = ops.case((varies, ops.sqrt(variance)), default=ops.number(0.0))
        return state.extend("model", columns)

    def walk(self, lanes: Lanes) -> Mapping[str, Any]:
        """The moments of the values before each row, or of its frame, and what ``finish`` makes of them."""
        from sqlnomaly.udfs.slot_lanes import along_slots

        return along_slots(lanes, self._walk)

    def _walk(self, lanes: Lanes) -> Mapping[str, Any]:
        from sqlnomaly.udfs.walk_kernels import baselines, framed, moments_before

        if lanes.frame is None:
            moments = moments_before(lanes.values, lanes.starts, lanes.first)
        else:
            moments = framed(lanes.values, lanes.starts, lanes.frame)
        n, centre, scale = baselines(*moments, self.ddof, TINY**2)
        return {"n": n, "centre": centre, "scale": scale}

    def term(self, feature: Feature) -> Expr:
        """|x - mean| / sd."""
        return deviation(feature, self.direction)

    def significant(self, n: float, level: float, *, features: int, own: bool) -> float | None:
        """The studentized deviation that a normal value exceeds with probability ``level``.

        A value of its own sample: (n - 1) / sqrt(n) sqrt(t^2 / (n - 2 + t^2)) with n - 2 degrees of freedom (Thompson,
        On a Criterion for the Rejection of Observations, 1935, doi:10.1214/aoms/1177732567); any other: t sqrt(1 + 1/n)
        with n - 1. Several features share the level (Bonferroni).
        """
        from scipy.special import stdtrit

        freedom = n - 2.0 if own else n - 1.0
        if freedom < 1.0:
            return None
        t = -float(stdtrit(freedom, level / features / (2.0 if self.direction == "both" else 1.0)))
        unit = 1.0 if self.ddof else math.sqrt(n / (n - 1.0))
        if own:
            return unit * (n - 1.0) / math.sqrt(n) * t / math.sqrt(freedom + t * t)
        return unit * t * math.sqrt(1.0 + 1.0 / n)
