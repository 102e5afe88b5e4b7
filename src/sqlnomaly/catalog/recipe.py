"""What a version of a model is made of: query, detector, options, and those that only a stored model has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import BindError, CallError, UnsupportedError, nearest
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind, kind_of
from sqlnomaly.pushdown.compiler import emit, parse
from sqlnomaly.pushdown.forecast_form import FARTHEST
from sqlnomaly.pushdown.names import identifier_of
from sqlnomaly.pushdown.sample import Fold
from sqlnomaly.training import MOST, plan_series, plan_training
from sqlnomaly.udfs.registry import detectors

if TYPE_CHECKING:
    from sqlnomaly.engines import Engine
    from sqlnomaly.pushdown.series_model import SeriesTraining
    from sqlnomaly.pushdown.trainer import Training

SHARE = 0.2
"""The share of a partition's rows that calibrates a model unless told otherwise."""
HORIZON = 30
"""How many times behind the last point a model of series has unless told otherwise."""
DAY = "_sn_day"
"""The column of a row's day, in states that are kept a day each."""
UNITS = {"day": 1, "days": 1, "week": 7, "weeks": 7}
"""Units of time, in days."""


@dataclass(frozen=True, slots=True)
class Days:
    """How much the days count that a model's rows are of.

    Attributes:
        column: the time of a row.
        window: the last so many days count, the newest of all rows among them; None for all.
        half_life: after so many days a row counts half; None for never.
    """

    column: str
    window: int | None
    half_life: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """That a model is one of series.

    Attributes:
        column: the time of a row.
        horizon: how many times behind the last point it has.
    """

    column: str
    horizon: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a version is made of.

    Attributes:
        keys: the partition keys.
        fold: which rows are held out, or None.
        days: how much they count by their day, or None.
        series: of a detector that forecasts: along which time, and how far; else None.
    """

    query: str
    detector: str | list[str]
    options: Mapping[str, Any]
    keys: tuple[str, ...]
    fold: Fold | None
    days: Days | None
    series: Series | None = None

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> Recipe:
        """The recipe that a version's definition tells.

        Raises:
            CallError: for options that do not fit.
            UnsupportedError: for an order that nothing is made of.
        """
        options = dict(definition["options"])
        kind = detectors().get(definition["detector"].strip().lower())
        if kind is not None and kind.forecasts:
            series = _series(options, definition.get("order_by") or [], kind.name)
            return cls(
                definition["query"], kind.name, options, tuple(definition["partition_by"]), None, None, series
            )
        fold = fold_of(options.pop("calibration", None))
        days = _days(options, definition.get("order_by") or [], definition["detector"])
        names = [one.strip() for one in definition["detector"].split(",")]
        keys = tuple(definition["partition_by"])
        return cls(definition["query"], names[0] if len(names) == 1 else names, options, keys, fold, days)

    def plan(self, engine: Engine, tag: str, **places: Any) -> Training:
        """The statements; the time of a row is none of its features."""
        query = self.query if self.days is None else self._timeless(engine, day=False)
        return plan_training(engine, query, self.detector, self.options, self.keys, tag, self.fold, **places)

    def plan_series(self, engine: Engine, tag: str) -> SeriesTraining:
        """The statement of a model of series."""
        assert self.series is not None, "asked only of a detector that forecasts"
        assert isinstance(self.detector, str), "it is one"
        column, horizon = self.series.column, self.series.horizon
        return plan_series(
            engine, self.query, self.detector, self.options, self.keys, tag, order_by=column, horizon=horizon
        )

    def plan_daily(self, engine: Engine, tag: str, **places: Any) -> Training:
        """The same with a partition for each day."""
        query = self._timeless(engine, day=True)
        keys = (*self.keys, DAY)
        fold = None if self.fold is None else replace(self.fold, keys=len(self.keys))  # a partition is not a day
        return plan_training(engine, query, self.detector, self.options, keys, tag, fold, **places)

    def _timeless(self, engine: Engine, *, day: bool) -> str:
        """The query without the time of its rows, perhaps with their day; rows without a time count for nothing."""
        assert self.days is not None, "asked only where days count"
        dialect = get_dialect(engine.dialect)
        (rows,) = parse(self.query, dialect)
        if not isinstance(rows, exp.Query):
            raise CallError("a model is fitted on the rows of one SELECT", where=self.query[:200])
        described = dict(engine.describe(self.query))
        names = list(described)
        same = [name for name in names if name.lower() == self.days.column.lower()]
        if len(same) != 1:
            column = self.days.column
            raise BindError(f"ORDER BY names no column {column!r} of the query", hint=nearest(column, names))
        (time,) = same
        held = exp.column(identifier_of(time))
        kept: list[exp.Expr] = [exp.column(identifier_of(name)) for name in names if name != time]
        if day:
            zoned = kind_of(described[time], dialect.sqlglot) is Kind.TIMESTAMPTZ
            utc = exp.AtTimeZone(this=held.copy(), zone=exp.Literal.string("UTC")) if zoned else held.copy()
            kept.append(exp.alias_(exp.cast(utc, exp.DataType.Type.DATE), DAY))
        table = exp.Subquery(this=rows, alias=exp.TableAlias(this=exp.to_identifier("timed")))
        select = exp.Select(expressions=kept).from_(table).where(ops.not_null(held))
        return emit(select, dialect)


def _series(options: dict[str, Any], order_by: list[str], detector: str) -> Series:
    """What a detector that forecasts is told beside its own options, which is taken out of them."""
    for name in ("window", "half_life"):
        if name in options:
            raise UnsupportedError(
                f"{name} is refused by {detector}: it forgets what is long ago by itself", hint="leave it out"
            )
    if options.pop("calibration", 0) not in (0, None):
        raise UnsupportedError(
            f"calibration is refused by {detector}: every point is judged by those before it, none is held out",
            hint="leave it out",
        )
    if len(order_by) != 1:
        raise CallError(
            f"a model of {detector} needs the time of each row, "
            + (f"and ORDER BY names {len(order_by)} columns" if order_by else "and there is no ORDER BY"),
            hint="ORDER BY ts, a column of the query, before AS",
        )
    horizon = options.pop("horizon", HORIZON)
    if type(horizon) is not int or not 1 <= horizon <= FARTHEST:
        raise CallError(f"horizon takes 1 to {FARTHEST:,} points, not {horizon!r}", hint=f"horizon = {HORIZON}")
    return Series(order_by[0], horizon)


def _days(options: dict[str, Any], order_by: list[str], detector: str) -> Days | None:
    """What window and half_life say, which are taken out of the options."""
    window, half_life = options.pop("window", None), options.pop("half_life", None)
    if window is None and half_life is None:
        if order_by:
            raise UnsupportedError(
                f"{detector} keeps no order: a stored model judges each row by itself",
                where=f"ORDER BY {', '.join(order_by)}",
                hint="OPTIONS (window = 90 days) or (half_life = 30 days) lets the last days count; a call in a query "
                "follows an order: OVER (ORDER BY ..)",
            )
        return None
    if len(order_by) != 1:
        raise CallError(
            "window and half_life need the time of each row", hint="ORDER BY day, a column of the query, before AS"
        )
    days = None if window is None else _amount("window", window)
    half = None if half_life is None else _amount("half_life", half_life)
    return Days(order_by[0], None if days is None else round(days), half)


def _amount(option: str, value: object) -> float:
    """An amount of time in days."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]+)", str(value).strip().lower())
    if found is None or found[2] not in UNITS or not 0 < float(found[1]) * UNITS[found[2]] <= 100_000:
        raise CallError(f"{option} takes a number of days, not {value!r}", hint=f"{option} = 90 days")
    days = float(found[1]) * UNITS[found[2]]
    if option == "window" and days != round(days):
        raise CallError(f"window takes whole days, not {value!r}", hint="window = 90 days")
    return days


def fold_of(calibration: object) -> Fold | None:
    """The rows to hold out by the option ``calibration``: a share, or 0 for none.

    Raises:
        CallError: for what is no share.
    """
    if calibration is None:
        return Fold(SHARE, MOST)
    if isinstance(calibration, bool) or not isinstance(calibration, int | float) or not 0 <= calibration <= 0.5:
        raise CallError(
            f"calibration takes a share of the rows, not {calibration!r}", hint="above 0, at most 0.5; 0 for none"
        )
    return Fold(float(calibration), MOST) if calibration else None
