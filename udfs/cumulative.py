"""Cumulative sums of steps against the rows before: what cusum and page_hinkley share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape
from sqlnomaly.pushdown.frames import HISTORY, SO_FAR
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.before_peers import before_peers, counted, numbered
from sqlnomaly.udfs.esd_rounds import Columns, each
from sqlnomaly.udfs.zscore import TINY

ZERO = ops.number(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cumulative(Detector):
    """A detector that adds up how far values are from the mean of the rows before them.

    Every row has a step, NULL where the baseline cannot say. With the sums P of step - slack and Q of -step - slack
    over the rows before, up = P - min P and down = Q - min Q: Page's recursion max(0, up + step - slack), written out.
    """

    shape: ClassVar[Shape] = Shape.WINDOW
    reduce: ClassVar[Reduce] = Reduce.MAX
    directed: ClassVar[bool] = True
    ordered: ClassVar[bool] = True

    direction: str = "both"

    @property
    @abstractmethod
    def slack(self) -> float:
        """What each step loses."""

    @abstractmethod
    def steps(self, rows: Relation) -> Relation:
        """The rows with the column ``step`` of each feature.

        ``away`` is the distance from the mean of the rows before the peers in their deviations: 0 for the value of a
        constant baseline, NULL for any other. Beside it are ``n``, ``centre`` and ``scale``.
        """

    def follow(self, data: Relation) -> Relation:
        """The rows beside their steps, and the sums of the rows before their peers."""
        rows = self.steps(_measured(numbered(data)))
        slack = ops.number(self.slack)

        def sums(feature: Feature) -> Columns:
            step = feature.get("step")
            sides = {"up": ops.sub(step, slack), "down": ops.sub(ops.neg(step), slack)}
            return {
                f"{name}_sum": ops.coalesce(rows.along(ops.sum_(counted(rows, side)), frame=HISTORY.spec()), ZERO)
                for name, side in sides.items()
            }

        summed = rows.extend("sums", each(rows.features, sums))

        def found(feature: Feature) -> Columns:
            parts = {name: feature.get(f"{name}_sum") for name in ("up", "down")}
            return {
                name: ops.sub(part, summed.along(ops.min_(part), frame=SO_FAR.spec())) for name, part in parts.items()
            }

        return before_peers(summed, each(rows.features, found), "risen")

    def term(self, feature: Feature) -> Expr:
        """The larger one of the sums that go on with the row's own step."""
        step, slack = feature.get("step"), ops.number(self.slack)
        up = ops.add(feature.get("up_earlier"), ops.sub(step, slack))
        down = ops.sub(feature.get("down_earlier"), ops.add(step, slack))
        sides = {"both": (up, down), "high": (up,), "low": (down,)}[self.direction]
        return ops.case((ops.not_null(step), ops.greatest(ZERO, *sides)))


def _measured(rows: Relation) -> Relation:
    """The rows beside number, mean and deviation of the values before their peers, and how far away they are."""
    history = HISTORY.spec()

    def moments(feature: Feature) -> Columns:
        value = counted(rows, feature.value)
        aggregates = {
            "count": ops.count(value), "mean": ops.avg(value), "variance": ops.var_pop(value),
            "low": ops.min_(value), "high": ops.max_(value),
        }  # fmt: skip
        return {name: rows.along(aggregate, frame=history) for name, aggregate in aggregates.items()}

    def model(feature: Feature) -> Columns:
        n, low, high = (feature.get(f"{name}_earlier") for name in ("count", "low", "high"))
        varies = ops.and_(ops.lt(low, high), ops.gt(feature.get("variance_earlier"), ops.number(TINY**2)))
        share = ops.div(ops.cast_double(n), ops.cast_double(ops.sub(n, ops.integer(1))))
        scale = ops.func("SQRT", ops.mul(feature.get("variance_earlier"), share))
        return {
            "n": ops.coalesce(n, ops.integer(0)),
            "centre": ops.case((ops.eq(low, high), low), default=feature.get("mean_earlier")),
            "scale": ops.case((varies, scale), default=ZERO),
        }

    def away(feature: Feature) -> Columns:
        value, centre, scale = feature.value, feature.get("centre"), feature.get("scale")
        far = ops.div(ops.sub(value, centre), scale)
        return {"away": ops.case((ops.gt(scale, ZERO), far), (ops.eq(value, centre), ZERO))}

    found = before_peers(rows, each(rows.features, moments))
    return found.extend("model", each(rows.features, model)).extend("distances", each(rows.features, away))
