"""ewma: the distance from the exponentially weighted mean of the rows before, in exponentially weighted deviations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule, deviation
from sqlnomaly.pushdown.frames import SO_FAR
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.before_peers import before_peers, counts, numbered

if TYPE_CHECKING:
    from sqlnomaly.pushdown.walk import Lanes

FORGOTTEN = 1e-30
"""A weight that is left out of a sum: beside a deviation that counts, `FLAT` of the range, it is below 1e-10."""
FLAT = 1e-10
"""A deviation below this share of the range so far is what an older level left behind: a constant baseline."""
TINY = 1e-135
"""A deviation below this is constant: its square times a forgotten weight would vanish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ewma(Detector):
    """Distance from the exponentially weighted mean of the rows before, in exponentially weighted deviations.

    score = max_j |x_j - mean_j| / sd_j, where a row k steps back weighs (1 - alpha)^k. Roberts, Control Chart Tests
    Based on Geometric Moving Averages (1959), doi:10.1080/00401706.1959.10489860. Mean and deviation are those of
    pandas' ``ewm(alpha=alpha)``: ``.mean()`` and ``.std()``. It follows a level that moves, and forgets: about
    1/alpha rows count. ``direction`` works as for zscore.

    It needs ORDER BY: a row is judged by the rows with a strictly smaller order key, never by itself or its peers. Ties
    in the order are settled by the feature values. A row that FILTER leaves out, or whose feature is missing, weighs
    nothing, but time passes. A frame is refused: the weights are the frame.

    Fit and score are window functions, without recursion: rows are cut into blocks of as many rows as a weight takes
    to fall below 1e-30, and a sum is that of the block so far plus that of the block before. The deviation adds up
    West's terms (doi:10.1145/359146.359153), none of them negative, so that nothing cancels.

    Edge cases: a constant baseline (all values so far equal, or a deviation below 1e-10 of their range) gives 0 to the
    mean itself and NULL to any other value; fewer than ``min_rows`` (default 10) values before the row give NULL and
    the status ``warm_up``.

    Default threshold: 3.

    Attributes:
        alpha: the weight of the newest row, 0.001 to 0.99.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1, 9), (2, 11), (3, 9), (4, 11), (5, 20)) AS t(day, x)"
        >>> call = "anomaly_score(x, detector => 'ewma', alpha => 0.5, min_rows => 3) OVER (ORDER BY day)"
        >>> sqlnomaly.connect().sql(f"SELECT day, ROUND({call}, 4) FROM {rows} ORDER BY day DESC LIMIT 2").fetchall()
        [(5, 8.0877), (4, 1.1952)]
    """

    name: ClassVar[str] = "ewma"
    finds: ClassVar[str] = "values that leave a level which moves"
    choose: ClassVar[str] = "rows are a time series with a drift; recent rows count more than old ones"
    shape: ClassVar[Shape] = Shape.WINDOW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=3.0)
    rows: ClassVar[int] = 10
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "scale")
    ordered: ClassVar[bool] = True
    pools: ClassVar[bool] = True
    walks: ClassVar[bool] = True
    settled: ClassVar[bool] = True

    alpha: float = 0.2
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """alpha lies between 0.001 and 0.99."""
        alpha = parameters.get("alpha", 0.2)
        if not isinstance(alpha, int | float) or not 0.001 <= alpha <= 0.99:
            raise ValueError("alpha lies between 0.001 and 0.99")

    @property
    def block(self) -> int:
        """Rows until a weight falls below 1e-30."""
        return math.ceil(math.log(FORGOTTEN) / math.log1p(-self.alpha))

    def follow(self, data: Relation) -> Relation:
        """The rows beside mean and deviation of the rows before their peers."""
        features = data.features
        block, back = (features[0].get(name) for name in ("block", "back"))
        size = ops.number(float(self.block))
        rows = numbered(data)
        (place,) = rows.order
        before = ops.sub(place, ops.integer(1))
        rows = rows.extend("blocks", {block.name: ops.cast_integer(ops.floor(ops.div(before, size)))})
        # How many rows of a full block come after the row: weights grow up to 1, and never overflow.
        after = ops.sub(ops.mul(ops.add(block, ops.number(1.0)), size), place)
        decay = ops.func("POWER", ops.number(1.0 - self.alpha), after)
        rows = rows.extend("weights", {back.name: decay})
        present = {f: counts(data, f) for f in features}
        sums: dict[str, Expr] = {}
        for feature in features:
            sums[feature.stat("sum")] = ops.case((present[feature], ops.mul(back, feature.value)))
            sums[feature.stat("mass")] = ops.case((present[feature], back))
        rows = self._faded(rows, sums, block, set())
        levels: dict[str, Expr] = {}
        for feature in features:
            levels[feature.stat("level")] = ops.div(feature.get("sum_all"), feature.get("mass_all"))
        rows = rows.extend("levels", levels)
        lagged: dict[str, Expr] = {}
        for feature in features:
            lagged[feature.stat("level_old")] = rows.along(ops.func("LAG", feature.get("level")))
            lagged[feature.stat("mass_old")] = rows.along(ops.func("LAG", ops.div(feature.get("mass_all"), back)))
        rows = rows.extend("lagged", lagged)
        gains: dict[str, Expr] = {}
        for feature in features:
            step = ops.sub(feature.value, feature.get("level_old"))
            old = ops.mul(ops.number(1.0 - self.alpha), feature.get("mass_old"))
            share = ops.div(ops.mul(old, back), feature.get("mass_all"))
            gains[feature.stat("gain")] = ops.case(
                (present[feature], ops.mul(ops.mul(back, share), ops.mul(step, step)))
            )
            # W^2 - sum of squared weights, as the sum of what each row adds to it.
            pairs = ops.mul(ops.number(2.0), ops.mul(old, ops.mul(back, back)))
            gains[feature.stat("pairs")] = ops.case((present[feature], pairs))
        rows = self._faded(rows, gains, block, {f.stat("pairs") for f in features})
        return self._model(rows, present)

    def _faded(self, rows: Relation, terms: Mapping[str, Expr], block: Expr, squared: set[str]) -> Relation:
        """The weighted sums up to each row in units of its own weight, under the names of the terms with ``_all``."""
        first: dict[str, Expr] = {}
        for name, term in terms.items():
            summed = ops.coalesce(rows.along(ops.sum_(term), within=[block], frame=SO_FAR.spec()), ops.number(0.0))
            first[name] = summed
        rows = rows.extend("sums", first)
        last = {f"{name}_last": rows.along(ops.func("LAG", ops.column(name))) for name in terms}
        rows = rows.extend("ends", last)
        carried = {
            f"{name}_before": rows.along(ops.func("FIRST_VALUE", ops.column(f"{name}_last")), within=[block])
            for name in terms
        }
        rows = rows.extend("carried", carried)
        fade = (1.0 - self.alpha) ** self.block
        whole: dict[str, Expr] = {}
        for name in terms:
            old = ops.coalesce(ops.column(f"{name}_before"), ops.number(0.0))
            kept = ops.mul(ops.number(fade**2 if name in squared else fade), old)
            whole[f"{name}_all"] = ops.add(ops.column(name), kept)
        return rows.extend("faded", whole)

    def _model(self, rows: Relation, present: Mapping[Feature, Expr]) -> Relation:
        """Each row with the state that the first of its peers found."""
        history = SO_FAR.spec()
        state: dict[str, Expr] = {}
        for feature in rows.features:
            value = ops.case((present[feature], feature.value))
            # V W^2 / (W^2 - W2) with V = M2 / W, in units in which the row's own weight cancels.
            # Not gain * mass / pairs: the product of two tiny sums underflows, which PostgreSQL refuses.
            mass = feature.get("mass_all")
            share = ops.div(ops.mul(mass, mass), feature.get("pairs_all"))
            state[feature.stat("variance")] = ops.mul(ops.div(feature.get("gain_all"), mass), share)
            state[feature.stat("count")] = rows.along(ops.count(value), frame=history)
            state[feature.stat("low")] = rows.along(ops.min_(value), frame=history)
            state[feature.stat("high")] = rows.along(ops.max_(value), frame=history)
        rows = rows.extend("state", state)
        stats = ("level", "variance", "count", "low", "high")
        names = [feature.stat(stat) for feature in rows.features for stat in stats]
        rows = before_peers(rows, {name: rows.along(ops.func("LAG", ops.column(name))) for name in names})
        model: dict[str, Expr] = {}
        for feature in rows.features:
            low, high, variance = (feature.get(f"{stat}_earlier") for stat in ("low", "high", "variance"))
            least = ops.greatest(ops.number(TINY), ops.mul(ops.number(FLAT), ops.sub(high, low)))
            varies = ops.and_(ops.lt(low, high), ops.gt(ops.sqrt(variance), least))
            level = feature.get("level_earlier")
            model[feature.stat("n")] = ops.coalesce(feature.get("count_earlier"), ops.integer(0))
            model[feature.stat("centre")] = ops.case((ops.eq(low, high), low), default=level)
            model[feature.stat("scale")] = ops.case((varies, ops.sqrt(variance)), default=ops.number(0.0))
        return rows.extend("model", model)

    def walk(self, lanes: Lanes) -> Mapping[str, Any]:
        """The recursion itself, along each series."""
        from sqlnomaly.udfs.slot_lanes import along_slots

        return along_slots(lanes, self._walk)

    def _walk(self, lanes: Lanes) -> Mapping[str, Any]:
        from sqlnomaly.udfs.walk_kernels import faded_before

        n, centre, scale = faded_before(
            lanes.values, lanes.starts, lanes.first, self.alpha, self.block, FLAT, TINY
        )
        return {"n": n, "centre": centre, "scale": scale}

    def term(self, feature: Feature) -> Expr:
        """|x - mean| / sd."""
        return deviation(feature, self.direction)
