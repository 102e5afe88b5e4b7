"""Detectors that forecast each point of a series from those before it, and judge it by how far they were off so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Piece, Stored, ThresholdRule, deviation
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.along_series import AlongSeries
from sqlnomaly.udfs.sampled import check_whole

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.udfs.along_series import Known, Vector

FLAT = 1e-10
"""A scale of the errors below this share of the range of the forecasts so far is rounding."""
LONGEST = 100_000
"""The longest period, in points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts(AlongSeries):
    """Distance of a value from its forecast, in scales of the errors of the forecasts before it.

    Attributes:
        period: points of a season, 0 for none, ``'auto'`` to look for it in the first points of each series.
    """

    stats: ClassVar[tuple[str, ...]] = ("centre", "scale")
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=4.0)
    rows: ClassVar[int] = 10
    directed: ClassVar[bool] = True
    edges: ClassVar[tuple[str, ...]] = ("centre", "scale")
    forecasts: ClassVar[bool] = True
    several: ClassVar[frozenset[str]] = frozenset({"period"})

    period: int | str = "auto"
    direction: str = "both"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """period is 'auto', 0, or 2 to 100,000."""
        check_period(parameters)

    def ahead(self, values: Vector, period: int, horizon: int) -> tuple[Vector, Vector]:
        """Forecasts from each point, shape (points, horizon), and the robust scale of the errors up to it."""
        raise NotImplementedError(f"{self.name} does not forecast")

    def told(self, values: Vector, period: int, horizon: int) -> tuple[Vector, Vector]:
        """The same with the scale that a point is judged by: not below what the tail of the errors so far says."""
        from sqlnomaly.udfs.error_tails import with_tail

        ahead, scales = self.ahead(values, period, horizon)
        return ahead, with_tail(values, ahead[:, 0], scales)

    def period_of(self, values: Vector) -> int:
        """The period of a series in points; behind its end a season that does not fit twice is none."""
        from sqlnomaly.udfs.periods import found_period

        if isinstance(self.period, str):
            return found_period(values)
        return self.period if 2 * self.period <= len(values) else 0

    def sought(self, values: Vector, times: Vector | None, size: int) -> Sequence[int]:
        """The period, if there is one."""
        return [period] if (period := self.period_of(values)) else []

    def known(self, values: Vector) -> Known:
        """The forecast of each point, and the scale before it; how long the series gets says nothing of a point."""
        import numpy as np

        period = self.period_of(values) if isinstance(self.period, str) else self.period
        ahead, scales = self.told(values, period, 1)
        present = ~np.isnan(values)
        before = np.cumsum(present) - present
        low = np.fmin.accumulate(np.concatenate([[np.inf], values]))[:-1]
        high = np.fmax.accumulate(np.concatenate([[-np.inf], values]))[:-1]
        centre = np.concatenate([[np.nan], ahead[:-1, 0]])[: len(values)]
        told = np.fmax.accumulate(centre) - np.fmin.accumulate(centre)
        rounding = FLAT * np.where(told > 0.0, told, high - low)
        scale = np.maximum(np.concatenate([[np.nan], scales[:-1]])[: len(values)], rounding)
        same = (before > 0) & (low == high)
        return {"n": before, "centre": np.where(same, low, centre), "scale": np.where(same, 0.0, scale)}

    def foretold(
        self,
        rows: pa.Table,
        *,
        keys: Sequence[str],
        at: str,
        value: str,
        horizon: int,
        coverage: float,
        limit: float | None,
    ) -> pa.Table:
        """Forecasts with bands, or when the limit is reached."""
        from sqlnomaly.udfs.foretold import crossing_table, forecast_table

        if limit is None:
            return forecast_table(self, rows, keys, at, value, horizon, coverage)
        return crossing_table(self, rows, keys, at, value, horizon, coverage, limit)

    def lasting(self, rows: pa.Table, *, keys: Sequence[str], at: str, value: str, horizon: int) -> pa.Table:
        """What ``known`` gives for each point, and the same of the times behind the last one."""
        from sqlnomaly.udfs.foretold import lasting_table

        return lasting_table(self, rows, keys, at, value, horizon)

    @property
    def one_row(self) -> bool:
        """A stored model is one row a point of a series."""
        return True

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The row beside the numbers of its point."""
        (row,) = model["model"]
        return data.extend("model", {name: ops.constant(value) for name, value in row.items()})

    def term(self, feature: Feature) -> Expr:
        """|x - forecast| / scale."""
        return deviation(feature, self.direction)

    def unscored(self, features: Sequence[Feature]) -> Sequence[tuple[Expr, str]]:
        """Where too few forecasts were there to know how far they are off, or a phase is new."""
        few = (
            ops.and_(ops.not_null(f.value), ops.or_(ops.is_null(f.get("centre")), ops.is_null(f.get("scale"))))
            for f in features
        )
        return [(ops.or_(*few), "warm_up")]


def check_period(parameters: Mapping[str, object]) -> None:
    """Raises ValueError for a period that is no word and no number of points."""
    period = parameters.get("period", 0)
    if period in ("auto", 0):
        return
    if isinstance(period, str):
        raise ValueError("period is a number of points, 0 for none, or 'auto' to look for it in the data")
    check_whole(parameters, "period", 2, LONGEST)
