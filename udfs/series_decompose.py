"""series_decompose: how far beyond its fences a value is, once season and trend of its series are taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.esd_rounds import Columns, each
from sqlnomaly.udfs.sampled import check_whole
from sqlnomaly.udfs.zscore import TINY

FLAT = 1e-10
"""Fences closer than this share of the range of the values are rounding: a constant baseline."""
FENCES: Mapping[str, tuple[float, float]] = {"ctukey": (0.1, 2.772605605507915), "tukey": (0.25, 1.0)}
"""Method -> the share of the residuals below the lower fence, and what a distance in fence widths is multiplied by."""
TRENDS = ("avg", "linefit", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDecompose(Detector):
    """Largest distance beyond the fences of what is left of a value without season and trend, over the features.

    r = x - season - trend        score = f max(r - high, low - r, 0) / (high - low)

    season is the median of the values of the same phase, trend the mean of x - season or a least-squares line through
    it, and low and high are quantiles of r over the whole series (Hyndman-Fan type 7): with ``ad_method => 'ctukey'``
    those at 10 and 90 %, with ``'tukey'`` at 25 and 75 %. These are the decomposition, the baseline and the scores of
    ``series_decompose_anomalies`` in Azure Data Explorer, where a decline has a negative score: here it is positive,
    and ``direction`` tells the sides apart. f is 1 for tukey; for ctukey it is 2.7726, so that 1.5 means about the same
    for both. That product publishes no formula: f is read off scores that its users published, and gives all of their
    digits.

    It needs ORDER BY, and unlike other detectors it is not causal: a row is judged by its whole series, the rows after
    it and itself included. FILTER leaves rows out of season, trend and fences, as ``Test_points`` does there. The place
    of a row is that of its order key among the different ones, from 1: rows of equal keys share a place, and what is
    missing in a series takes none, so that a series with gaps wants ``season``, whose slots come from the clock. A
    phase is the place modulo ``period``, together with the slots of ``season => ['dow', 'hour']`` where these are
    given; unlike with other detectors, rows of all slots share trend and fences.

    Fit: a median for each phase, then a mean or two sums, then two quantiles; each is one scan and a join.

    Edge cases: a phase with fewer than 2 fitted values has the status ``too_few_rows``: a value would be its own
    season. Fences closer than 1e-10 of the range of the values are a constant baseline: 0 between them, NULL beyond.
    Fewer than ``min_rows`` (default 4) values give NULL.

    Default threshold: 1.5.

    Attributes:
        period: places of a season, 2 to 100,000; 0 for none. It is not looked for in the data.
        trend: ``'avg'``, ``'linefit'`` or ``'none'``.
        ad_method: ``'ctukey'`` or ``'tukey'``.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i % 4 + i % 3 / 10 + CASE i WHEN 9 THEN 5 ELSE 0 END AS x FROM range(24) AS s(i))"
        >>> call = "anomaly_score(x, detector => 'series_decompose', period => 4) OVER (ORDER BY t)"
        >>> query = f"SELECT t, x, ROUND({call}, 4) AS score FROM {rows} ORDER BY score DESC LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(9, 6.0, 65.1562), (2, 2.2, 0.0)]
    """

    name: ClassVar[str] = "series_decompose"
    finds: ClassVar[str] = "values far from the season and the trend of their series"
    choose: ClassVar[str] = "a whole series is judged after the fact, and it has a season of a known length"
    shape: ClassVar[Shape] = Shape.WINDOW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=1.5)
    rows: ClassVar[int] = 4
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "low", "high", "scale")
    ordered: ClassVar[bool] = True
    retrospective: ClassVar[bool] = True

    period: int = 0
    trend: str = "avg"
    ad_method: str = "ctukey"
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """period is 0, or 2 to 100,000; trend and ad_method are of the lists."""
        if parameters.get("period", 0) != 0:
            check_whole(parameters, "period", 2, 100_000)
        for name, allowed in (("trend", TRENDS), ("ad_method", tuple(FENCES))):
            if parameters.get(name, allowed[0]) not in allowed:
                raise ValueError(f"{name} is one of {', '.join(map(repr, allowed))}")

    def follow(self, data: Relation) -> Relation:
        """The rows beside season and trend, and the fences of what is left."""
        place = ops.column(f"{data.features[0].stem}__place")
        ranked = ops.window(ops.func("DENSE_RANK"), partition=data.lanes, order=data.peers)
        rows = data.extend("placed", {place.name: ops.cast_double(ranked)})
        left = self._without_trend(self._without_season(rows, place), place)
        share, factor = FENCES[self.ad_method]

        def fences(feature: Feature) -> Columns:
            rest, x = feature.get("rest"), feature.value
            return {
                "n": ops.count(x),
                "low": ops.quantile(rest, share),
                "high": ops.quantile(rest, 1.0 - share),
                "reach": ops.mul(ops.number(FLAT), ops.sub(ops.max_(x), ops.min_(x))),
            }

        found = left.group("fences", each(left.features, fences))
        carry = [feature.stat(stat) for feature in left.features for stat in ("n", "low", "high", "reach")]

        def model(feature: Feature) -> Columns:
            width, reach = ops.sub(feature.get("high"), feature.get("low")), feature.get("reach")
            varies = ops.and_(ops.gt(width, reach), ops.gt(width, ops.number(TINY)))
            return {"scale": ops.case((varies, ops.div(width, ops.number(factor))), default=ops.number(0.0))}

        return left.match(found).extend("model", each(left.features, model), carry=carry)

    def _without_season(self, rows: Relation, place: Expr) -> Relation:
        """The rows beside the median of their phase, where it has several values, and what that leaves of the value."""
        phases = rows.slots
        if self.period:
            length, phase = ops.number(float(self.period)), f"{rows.features[0].stem}__phase"
            turns = ops.mul(length, ops.floor(ops.div(place, length)))
            rows = rows.extend("phases", {phase: ops.cast_integer(ops.sub(place, turns))})
            phases = (*phases, phase)
        if not phases:
            zero = ops.number(0.0)
            return rows.extend("unseasoned", each(rows.features, lambda f: {"season": zero, "flat": f.value}))
        medians = rows.group(
            "medians",
            each(rows.features, lambda f: {"median": ops.quantile(f.value, 0.5), "copies": ops.count(f.value)}),
            by=phases,
        )
        several = each(
            rows.features, lambda f: {"season": ops.case((ops.ge(f.get("copies"), ops.integer(2)), f.get("median")))}
        )
        beside = rows.match(medians.extend("seasons", several), by=phases)
        return beside.extend(
            "unseasoned",
            each(rows.features, lambda f: {"flat": ops.sub(f.value, f.get("season"))}),
            carry=list(several),
        )

    def _without_trend(self, rows: Relation, place: Expr) -> Relation:
        """The rows beside what is expected in their place, and how far the value is from it."""
        features = rows.features
        trends: dict[str, Expr] = {feature.stem: ops.number(0.0) for feature in features}
        if self.trend != "none":
            here = ops.case((ops.not_null(features[0].get("flat")), place))
            at = {feature: ops.rename(here, {features[0].stat("flat"): feature.get("flat")}) for feature in features}
            means = rows.group(
                "levels", each(features, lambda f: {"level": ops.avg(f.get("flat")), "middle": ops.avg(at[f])})
            )
            rows = rows.match(means).extend(
                "levelled",
                each(features, lambda f: {"late": ops.sub(place, f.get("middle"))}),
                carry=[feature.stat(stat) for feature in features for stat in ("level", "middle")],
            )
            trends = {feature.stem: feature.get("level") for feature in features}
        if self.trend == "linefit":
            rows = rows.match(rows.group("slopes", each(features, _slope))).extend(
                "sloped", {}, carry=[feature.stat("slope") for feature in features]
            )
            trends = {
                feature.stem: ops.add(feature.get("level"), ops.mul(feature.get("slope"), feature.get("late")))
                for feature in features
            }
        rows = rows.extend("baseline", each(features, lambda f: {"centre": ops.add(f.get("season"), trends[f.stem])}))
        return rows.extend("residuals", each(features, lambda f: {"rest": ops.sub(f.value, f.get("centre"))}))

    def term(self, feature: Feature) -> Expr:
        """The distance beyond the nearer fence, 0 between them."""
        rest, low, high = feature.get("rest"), feature.get("low"), feature.get("high")
        scale, reach, zero = feature.get("scale"), feature.get("reach"), ops.number(0.0)
        above, below = ops.sub(rest, high), ops.sub(low, rest)
        beyond = {"both": ops.greatest(above, below), "high": above, "low": below}[self.direction]
        varies = ops.gt(scale, zero)
        return ops.case(
            (ops.and_(varies, ops.gt(beyond, zero)), ops.div(beyond, scale)),
            (ops.and_(varies, ops.le(beyond, zero)), zero),
            (ops.and_(ops.le(above, reach), ops.le(below, reach)), zero),
        )

    def band(self, feature: Feature, reach: Expr) -> tuple[Expr, Expr]:
        """So far beyond the fences around what is expected."""
        centre, away = feature.get("centre"), ops.mul(reach, feature.get("scale"))
        low, high = ops.sub(feature.get("low"), away), ops.add(feature.get("high"), away)
        return ops.add(centre, low), ops.add(centre, high)

    def unscored(self, features: Sequence[Feature]) -> Sequence[tuple[Expr, str]]:
        """A phase of one value has no season but that value."""
        few = (ops.and_(ops.not_null(f.value), ops.is_null(f.get("season"))) for f in features)
        return [(ops.or_(*few), "too_few_rows")]


def _slope(feature: Feature) -> Columns:
    """The slope of the line; 0 where all values have one place."""
    late = ops.case((ops.not_null(feature.get("flat")), feature.get("late")))
    together = ops.sum_(ops.mul(late, ops.sub(feature.get("flat"), feature.get("level"))))
    return {"slope": ops.coalesce(ops.div(together, ops.sum_(ops.mul(late, late))), ops.number(0.0))}
