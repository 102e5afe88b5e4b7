"""seasonal: the distance from the median of the same hour or day so far, in robust deviations of slot and series."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ages import age_of
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule, deviation
from sqlnomaly.pushdown.history import rank
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.esd_rounds import Columns, each
from sqlnomaly.udfs.mad import NORMAL_QUARTILE
from sqlnomaly.udfs.zscore import TINY

if TYPE_CHECKING:
    from sqlnomaly.pushdown.walk import Lanes

GROWTH = 0.1
"""A baseline is renewed when the rows before it are that share more."""
TAIL = 0.98
"""The share of the earlier misses below their tail."""
NORMAL_TAIL = 2.3263478740408408
"""Beyond which a standard normal lies with probability 0.02, on both sides together."""
UNEVEN = 1e-10
"""Of two deviations, one that is this much smaller than the other does not count; its square could underflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seasonal(Detector):
    """Largest distance from the median of the same hour or day so far, in robust deviations, over the features.

    score = max_j |x_j - median_j| / scale_j        scale^2 = (s^2 + t^2) / 2

    median is that of the earlier values of the row's slot, s = MAD / 0.6744897501960817 their robust deviation, and t
    is that of the series: the 0.98 quantile of |x - median| over its earlier rows, each with the median that it was
    judged by, divided by 2.3263478740408408. Quantiles are Hyndman-Fan type 7. s tells quiet slots from busy ones; t
    keeps a slot of few values from looking too sure, and knows of heavy tails, which MAD does not see: where one value
    in fifty is far off, far off is not odd.

    ``season`` names the slots from the coarse to the fine. A slot is a value of the first alone, or of the first two
    together, and so on: the finest that has ``min_rows`` earlier values judges the row. With ``['hour', 'dow']`` that
    is the hour of the day, until there are enough values of that hour on that day of the week. Without the option it is
    ``['hour', 'dow']`` for timestamps and ``['weekend', 'dow']`` for dates; along anything else, such as a number, a
    series is one slot. Unlike with other detectors a slot is no partition: t belongs to rows of all slots.

    It needs ORDER BY, and is causal: a row is judged by rows with a strictly smaller order key. Medians and quantiles
    are renewed whenever the rows before a row are 10 % more than at the last time, not for each: what the row is judged
    by may lack the newest tenth. So it takes at most eleven pairs of rows a row, depth of the season and t, for a
    series of any length, on engines that have no quantile of a frame too. A frame is refused.

    With ``pool_by`` a new series takes the slots of its parent group, by the first part of the season, and the level
    of its own earlier values above them, so that it is judged from its first row on; a slot of its own counts from
    ``min_rows`` values on.

    Edge cases: MAD and t both 0 is a constant baseline: 0 for the median itself, NULL for any other value. Fewer than
    ``min_rows`` (default 20) values of the slot, or misses of the series, give NULL and the status ``warm_up``. A row
    that FILTER leaves out, or whose feature is missing, is in no median, but is a row before others.

    Default threshold: 4.5.

    Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993), ISBN 978-0873892476, for median and
    MAD. The scale of two parts, and the default threshold, were chosen on labeled series: ``benchmarks.series``.

    Example:
        >>> import sqlnomaly
        >>> hours = "SELECT TIMESTAMP '2025-03-03' + INTERVAL (i) HOUR AS ts, i FROM range(240) AS r(i)"
        >>> rows = f"(SELECT ts, i % 24 + i % 5 / 10 + CASE i WHEN 200 THEN 9 ELSE 0 END AS x FROM ({hours}))"
        >>> call = "anomaly_score(x, detector => 'seasonal', min_rows => 5) OVER (ORDER BY ts)"
        >>> query = f"SELECT ts::TEXT, x, ROUND({call}, 4) AS score FROM {rows} ORDER BY score DESC LIMIT 1"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [('2025-03-11 08:00:00', 17.0, 63.3347)]
    """

    name: ClassVar[str] = "seasonal"
    finds: ClassVar[str] = "values that are odd for their hour or day"
    choose: ClassVar[str] = "a time series has a daily or weekly rhythm, and each row is judged by what came before"
    shape: ClassVar[Shape] = Shape.WINDOW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=4.5)
    rows: ClassVar[int] = 20
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "scale")
    ordered: ClassVar[bool] = True
    slotted: ClassVar[bool] = True
    pools: ClassVar[bool] = True
    walks: ClassVar[bool] = True
    seasons: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "timestamp": ("hour", "dow"),
        "timestamptz": ("hour", "dow"),
        "date": ("weekend", "dow"),
    }

    direction: str = "both"

    def follow(self, data: Relation) -> Relation:
        """The rows beside the median of their slot, and both deviations."""
        prefix = data.features[0].stat("")
        depths = range(1, len(data.slots) + 1) or range(1)
        rows = aged = _aged(data, {f"{prefix}level{depth}": data.slots[:depth] for depth in {0, *depths}})
        for depth in depths:
            rows = _beside_slot(rows, aged, depth, f"{prefix}level{depth}")
        rows = rows.extend("judged", each(rows.features, lambda f: _finest(f, rows.enough, depths)))
        misses = each(rows.features, lambda f: {"miss": ops.abs_(ops.sub(f.value, f.get("centre")))})
        rows = rows.extend("missed", misses)
        age, place = f"{prefix}level0_age", f"{prefix}level0_place"
        found = each(rows.features, _tail)
        tails = rows.earlier("so_far", list(misses), age=age, place=place).group("tails", found, by=(age,))
        beside = rows.match(tails, by=(age,)).extend("spreads", each(rows.features, _spreads), carry=list(found))
        return beside.extend("ratios", each(rows.features, _ratio)).extend("model", each(rows.features, _model))

    def walk(self, lanes: Lanes) -> Mapping[str, Any]:
        """The same by loops along the slots and along the series."""
        from sqlnomaly.udfs.age_kernels import seasonal_before

        growth = round(math.log1p(GROWTH), 12)
        found = seasonal_before(
            lanes.values, lanes.starts, lanes.first, lanes.slots, lanes.enough, growth, TAIL, NORMAL_QUARTILE,
            NORMAL_TAIL, UNEVEN, TINY,
        )  # fmt: skip
        return dict(zip(self.walked, found, strict=True))

    def term(self, feature: Feature) -> Expr:
        """|x - median| / scale."""
        return deviation(feature, self.direction)


def _aged(data: Relation, levels: Mapping[str, Sequence[str]]) -> Relation:
    """The rows with how many come before them in each level, a set of slots, and the number of their age there."""
    places = {f"{level}_place": rank(data, tuple(slots)) for level, slots in levels.items()}
    ages = {f"{level}_age": age_of(ops.column(f"{level}_place"), GROWTH, data.enough) for level in levels}
    return data.extend("placed", places).extend("aged", ages)


def _beside_slot(rows: Relation, aged: Relation, depth: int, level: str) -> Relation:
    """The rows beside median and MAD of the earlier values of their slot, where it is of so many parts."""
    slots, age = rows.slots[:depth], f"{level}_age"
    by = (*slots, age)

    def median(feature: Feature) -> Columns:
        value = feature.value
        return {f"n{depth}": ops.count(value), f"median{depth}": ops.quantile(value, 0.5)}

    def spread(feature: Feature) -> Columns:
        away = ops.abs_(ops.sub(feature.value, feature.get(f"median{depth}")))
        return {f"mad{depth}": ops.quantile(away, 0.5)}

    medians, spreads = each(rows.features, median), each(rows.features, spread)
    def before(name: str) -> Relation:
        values = [feature.column for feature in rows.features]
        return aged.earlier(name, values, age=age, place=f"{level}_place", by=slots)

    # The pairs are said twice: an engine that keeps what two steps read would keep eleven pairs a row.
    middle = before(f"before{depth}").group(f"medians{depth}", medians, by=by)
    again = before(f"again{depth}").match(middle, by=by)
    baseline = again.group(f"mads{depth}", spreads, carry=list(medians), by=by)
    return rows.match(baseline, by=by).extend(f"beside{depth}", {}, carry=[*medians, *spreads])


def _finest(feature: Feature, enough: int, depths: Sequence[int]) -> Columns:
    """Median and MAD of the finest slot that has enough values."""
    fine = [(ops.ge(feature.get(f"n{depth}"), ops.integer(enough)), depth) for depth in reversed(depths)]
    picked = {
        name: ops.case(*((condition, feature.get(f"{name}{depth}")) for condition, depth in fine))
        for name in ("median", "mad", "n")
    }
    return {"centre": picked["median"], "mad": picked["mad"], "values": picked["n"]}


def _tail(feature: Feature) -> Columns:
    """How far all but a few of the earlier values of the series were from their medians."""
    miss = feature.get("miss")
    return {"tail": ops.quantile(miss, TAIL), "misses": ops.count(miss)}


def _spreads(feature: Feature) -> Columns:
    """The wider and the narrower of both deviations, and the fewer of their counts."""
    zero = ops.number(0.0)
    slot = ops.coalesce(ops.div(feature.get("mad"), ops.number(NORMAL_QUARTILE)), zero)
    series = ops.coalesce(ops.div(feature.get("tail"), ops.number(NORMAL_TAIL)), zero)
    none = ops.integer(0)
    n = ops.least(ops.coalesce(feature.get("values"), none), ops.coalesce(feature.get("misses"), none))
    return {"n": n, "wide": ops.greatest(slot, series), "narrow": ops.least(slot, series)}


def _ratio(feature: Feature) -> Columns:
    """The narrower deviation in units of the wider one."""
    return {"ratio": ops.coalesce(ops.div(feature.get("narrow"), feature.get("wide")), ops.number(0.0))}


def _model(feature: Feature) -> Columns:
    """The root of the mean square of both deviations."""
    wide, ratio = feature.get("wide"), feature.get("ratio")
    square = ops.case((ops.gt(ratio, ops.number(UNEVEN)), ops.mul(ratio, ratio)), default=ops.number(0.0))
    mean = ops.mul(ops.number(0.5), ops.add(ops.number(1.0), square))
    scale = ops.mul(wide, ops.func("SQRT", mean))
    return {"scale": ops.case((ops.gt(wide, ops.number(TINY)), scale), default=ops.number(0.0))}
