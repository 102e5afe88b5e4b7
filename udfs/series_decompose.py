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
"""Fences around a line that are this much closer than those before it are rounding: a constant baseline."""
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
    season. Fences of no width are a constant baseline, with linefit also those closer than 1e-10 of what they were
    without the line: 0 between them, NULL beyond. Fewer than ``min_rows`` (default 4) values give NULL. What is
    expected is season + trend, as there, which a huge value can drag beyond the fences; ``min_effect`` is measured from
    the middle between these.

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
        [(9, 6.0, 65.8494), (21, 1.0, 0.6932)]
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
    slotted: ClassVar[bool] = True

    period: int = 0
    trend: str = "avg"
    ad_method: str = "ctukey"
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """period is 0, or 2 to 100,000; trend and ad_method are of the lists."""
        period = parameters.get("period", 0)
        if period == -1:
            raise ValueError("no period is looked for in the data yet: period is the length of a season, 0 for none")
        if period != 0:
            check_whole(parameters, "period", 2, 100_000)
        for name, allowed in (("trend", TRENDS), ("ad_method", tuple(FENCES))):
            if parameters.get(name, allowed[0]) not in allowed:
                raise ValueError(f"{name} is one of {', '.join(map(repr, allowed))}")

    def follow(self, data: Relation) -> Relation:
        """The rows beside season and trend, and the fences of what is left."""
        place = ops.column(f"{data.features[0].stem}__place")
        known = ops.and_(*(ops.not_null(key.this) for key in data.peers))
        ranked = ops.window(ops.func("DENSE_RANK"), partition=data.lanes, order=data.peers)
        rows = data.extend("placed", {place.name: ops.case((known, ops.cast_double(ranked)))})
        rows = self._without_season(rows, place)
        if self.trend == "linefit":
            rows = self._without_line(rows, place)
        share, factor = FENCES[self.ad_method]

        def fences(feature: Feature) -> Columns:
            rest = self._rest(feature)
            found = {
                "n": ops.count(feature.value),
                "low": ops.quantile(rest, share),
                "high": ops.quantile(rest, 1.0 - share),
            }
            return found | ({"level": ops.avg(rest)} if self.trend == "avg" else {})

        def model(feature: Feature) -> Columns:
            anchor, low, high = self._anchor(feature), feature.get("low"), feature.get("high")
            width, level = ops.sub(high, low), feature.get("level")
            varies = ops.and_(ops.gt(width, ops.number(TINY)), ops.gt(width, self._rounding(feature)))
            return {
                "scale": ops.case((varies, ops.div(width, ops.number(factor))), default=ops.number(0.0)),
                "centre": ops.add(anchor, ops.mul(ops.number(0.5), ops.add(low, high))),
                "baseline": ops.add(anchor, level) if self.trend == "avg" else anchor,
            }

        found = each(rows.features, fences)
        beside = rows.match(rows.group("fences", found))
        return beside.extend("model", each(rows.features, model), carry=list(found))

    def _without_season(self, rows: Relation, place: Expr) -> Relation:
        """The rows beside the median of their phase, where it has several values, and what that leaves of the value."""
        phases = rows.slots
        if self.period:
            length, phase = ops.number(float(self.period)), f"{rows.features[0].stem}__phase"
            turns = ops.mul(length, ops.floor(ops.div(place, length)))
            rows = rows.extend("phases", {phase: ops.cast_integer(ops.sub(place, turns))})
            phases = (*phases, phase)
        flat = each(rows.features, lambda f: {"flat": ops.sub(f.value, f.get("season"))})
        if not phases:
            none = ops.case((ops.not_null(place), ops.number(0.0)))
            return rows.extend("seasons", each(rows.features, lambda _: {"season": none})).extend("unseasoned", flat)

        def median(feature: Feature) -> Columns:
            return {"median": ops.quantile(feature.value, 0.5), "copies": ops.count(feature.value)}

        def season(feature: Feature) -> Columns:
            several = ops.ge(feature.get("copies"), ops.integer(2))
            return {"season": ops.case((several, feature.get("median")))}

        seasons = each(rows.features, season)
        medians = rows.group("medians", each(rows.features, median), by=phases).extend("seasons", seasons)
        return rows.match(medians, by=phases).extend("unseasoned", flat, carry=list(seasons))

    def _without_line(self, rows: Relation, place: Expr) -> Relation:
        """The rows without a least-squares line too, and beside how wide the values were that it was drawn through."""
        share, _ = FENCES[self.ad_method]
        features = rows.features

        def means(feature: Feature) -> Columns:
            flat = feature.get("flat")
            return {
                "level": ops.avg(flat),
                "middle": ops.avg(ops.case((ops.not_null(flat), place))),
                "flat_low": ops.quantile(flat, share),
                "flat_high": ops.quantile(flat, 1.0 - share),
            }

        def apart(feature: Feature) -> Columns:
            ahead = ops.sub(place, feature.get("middle"))
            return {
                "ahead": ahead,
                "late": ops.case((ops.not_null(feature.get("flat")), ahead)),
                "above": ops.sub(feature.get("flat"), feature.get("level")),
            }

        def slope(feature: Feature) -> Columns:
            late = feature.get("late")
            together = ops.sum_(ops.mul(late, feature.get("above")))
            return {"slope": ops.coalesce(ops.div(together, ops.sum_(ops.mul(late, late))), ops.number(0.0))}

        def line(feature: Feature) -> Columns:
            risen = ops.add(feature.get("level"), ops.mul(feature.get("slope"), feature.get("ahead")))
            return {"line": ops.add(feature.get("season"), risen), "rest": ops.sub(feature.get("flat"), risen)}

        found = each(features, means)
        rows = rows.match(rows.group("levels", found)).extend("levelled", each(features, apart), carry=list(found))
        slopes = each(features, slope)
        beside = rows.match(rows.group("slopes", slopes))
        return beside.extend("unsloped", each(features, line), carry=list(slopes))

    def _anchor(self, feature: Feature) -> Expr:
        """What is taken away from a value before the fences: where these are known to no level, none is taken away."""
        return feature.get("line" if self.trend == "linefit" else "season")

    def _rest(self, feature: Feature) -> Expr:
        """What is left of it. A mean moves value and fences alike, and a huge value would take their digits."""
        return feature.get("rest" if self.trend == "linefit" else "flat")

    def _rounding(self, feature: Feature) -> Expr:
        """Fences as close as that are what rounding leaves of a line."""
        if self.trend != "linefit":
            return ops.number(0.0)
        spread = ops.sub(feature.get("flat_high"), feature.get("flat_low"))
        wide = ops.gt(spread, ops.number(TINY))
        return ops.case((wide, ops.mul(ops.number(FLAT), spread)), default=ops.number(0.0))

    def term(self, feature: Feature) -> Expr:
        """The distance beyond the nearer fence, 0 between them."""
        rest, low, high = self._rest(feature), feature.get("low"), feature.get("high")
        scale, zero = feature.get("scale"), ops.number(0.0)
        above, below = ops.sub(rest, high), ops.sub(low, rest)
        beyond = {"both": ops.greatest(above, below), "high": above, "low": below}[self.direction]
        varies, slack = ops.gt(scale, zero), self._rounding(feature)
        return ops.case(
            (ops.and_(varies, ops.gt(beyond, zero)), ops.div(beyond, scale)),
            (ops.and_(varies, ops.le(beyond, zero)), zero),
            (ops.and_(ops.le(above, slack), ops.le(below, slack)), zero),
        )

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Season and trend."""
        return [feature.get("baseline") for feature in features]

    def band(self, feature: Feature, reach: Expr) -> tuple[Expr, Expr]:
        """So far beyond the fences."""
        half = ops.mul(ops.number(0.5), ops.sub(feature.get("high"), feature.get("low")))
        away = ops.add(half, ops.mul(reach, feature.get("scale")))
        return ops.sub(feature.get("centre"), away), ops.add(feature.get("centre"), away)

    def unscored(self, features: Sequence[Feature]) -> Sequence[tuple[Expr, str]]:
        """A phase of one value has no season but that value."""
        few = (ops.and_(ops.not_null(f.value), ops.is_null(f.get("season"))) for f in features)
        return [(ops.or_(*few), "too_few_rows")]
