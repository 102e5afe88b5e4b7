"""The training of a model of series: the points that a client fits on, and the relation that it makes of them.

The model of a point is what a forecasting detector knew before it, and the relation has as many times behind the last
point of each series. The time of a row is then a key as those of its series are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.errors import BindError, CallError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.client import Drawing, Learned
from sqlnomaly.pushdown.columns import name_columns
from sqlnomaly.pushdown.compiled import Step
from sqlnomaly.pushdown.compiler import emit
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.fitted import Parameter
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import Options
from sqlnomaly.pushdown.plan import Given
from sqlnomaly.pushdown.rules import BESIDE
from sqlnomaly.pushdown.select import Settings
from sqlnomaly.pushdown.times import TIMES
from sqlnomaly.pushdown.training import check_alone, draft_call, read_training

if TYPE_CHECKING:
    import pyarrow as pa

VALUE = "_sn__x"
"""The column of a point's value."""
POINTS = "points"
"""The relation, of no use to a query, that has the points with their values beside the model."""
STATS = ("n", "centre", "scale", "step")
"""What the model has of each time: the values before it, forecast, scale, and how far behind the points it lies."""


@dataclass(frozen=True, slots=True)
class SeriesFit:
    """What the client does for a model of series, as a session asks for it: see ``ClientFit``.

    Attributes:
        series: the columns that tell series apart.
        time: the column of the times.
        stem: begins the names of the statistics.
        horizon: how many times behind the last point the model has.
    """

    detector: Detector
    series: tuple[str, ...]
    time: str
    stem: str
    horizon: int
    given: Given
    most: None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the points that the model is joined by."""
        return (*self.series, self.time)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the points."""
        return (*self.keys, VALUE)

    def learn(self, rows: pa.Table) -> Learned:
        """The model of every time, and the points beside it."""
        found = self.detector.lasting(rows, keys=self.series, at=self.time, value=VALUE, horizon=self.horizon)
        found = found.select([*self.columns, *STATS])
        found = found.rename_columns([*self.columns, *(f"{self.stem}__{stat}" for stat in STATS)])
        return Learned(found.drop_columns([VALUE]), {}, {POINTS: found})


@dataclass(frozen=True, slots=True)
class SeriesTraining:
    """What to run for a model of series.

    Attributes:
        fit: the fit, whose keys are those of the series and the time.
        options: the checked options.
        features, keys: the columns of the query, with the kinds of their types.
        client: the step that the client fits with.
    """

    fit: Fit
    options: Options
    features: tuple[Parameter, ...]
    keys: tuple[Parameter, ...]
    client: Step


def train_series(
    query: str,
    settings: Settings,
    *,
    detector: str,
    options: Mapping[str, Any],
    partition_by: tuple[str, ...],
    order_by: str,
    horizon: int,
) -> SeriesTraining:
    """The statement that a model of series is fitted on.

    Args:
        query: one SELECT in the settings' dialect: keys, a time, and the value.
        settings: as for a rewrite; somebody must know the columns.
        detector: the name of a detector that forecasts.
        options: its parameters and those of every call.
        partition_by: the columns that tell series apart.
        order_by: the column of the times.
        horizon: how many times behind the last point the model has.

    Raises:
        SqlnomalyError: for what a call with these arguments would raise, for several features, and for a rule that
            needs the scores of all points.
    """
    by = next((name for name in options if name.lower() in (*BESIDE, "contamination")), None)
    if by is not None:
        raise UnsupportedError(
            f"a model of {detector} keeps no distribution of scores, which {by} is about",
            hint="threshold = 4, in scales of the errors of the forecasts",
        )
    rows, features, keys = read_training(query, settings, options, (*partition_by, order_by))
    time = keys[-1]
    if len(features) != 1:
        raise UnsupportedError(
            f"a model of {detector} is about one feature, and the query has {len(features)}: "
            f"{', '.join(part.name for part in features)}",
            hint="a model for each, or a row for each feature and its name in PARTITION BY",
        )
    (feature,) = features
    if feature.kind in (Kind.BOOLEAN, *TIMES):
        raise BindError(f"{detector} forecasts numbers, and {feature.name} is a {feature.kind.value}", hint="CAST it")
    if time.kind in (Kind.TEXT, Kind.BOOLEAN, Kind.OTHER):
        raise BindError(
            f"ORDER BY needs a date, a timestamp or a number, and {time.name} is "
            f"{'text' if time.kind is Kind.TEXT else 'none of them'}",
            hint=f"CAST({time.name} AS TIMESTAMP) AS {time.name} in the query",
        )
    scope, draft = draft_call(rows, settings, detector, options, features, keys[:-1], time)
    check_alone(draft.options)
    if draft.options.threshold is None:
        raise CallError(f"a model of {detector} has a fixed threshold", hint="threshold = 4")
    said: dict[str, Expr] = {}

    def add(expr: Expr, name: str) -> str:
        said.setdefault(name, expr)
        return name

    drafted = name_columns(scope, [draft], add)[0]
    at = drafted.order[0][0]
    fit = replace(drafted, keys=(*drafted.keys, at), order=(), frame=None, fitted=None)
    items = [exp.alias_(lower(said[key], settings.dialect), key) for key in fit.keys]
    value = lower(ops.avg(said[fit.features[0].column]), settings.dialect)
    points = scope.body([*items, exp.alias_(value, VALUE)])
    points = points.where(lower(ops.not_null(said[at]), settings.dialect, condition=True))
    points = points.group_by(*(item.this.copy() for item in items))
    stem = fit.features[0].stem
    columns = (*fit.keys, *(f"{stem}__{stat}" for stat in STATS))
    given = Given(f"_sn_model{settings.tag}", columns, {})
    drawing = Drawing(SeriesFit(fit.detector, fit.keys[:-1], at, stem, horizon, given), points)
    count, work = emit(drawing.count(), settings.dialect), drawing.fit
    step = Step("fit", emit(drawing.query, settings.dialect), work, count)
    return SeriesTraining(fit, draft.options, features, keys, step)
