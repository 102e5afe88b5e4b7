"""Snowflake's m!DETECT_ANOMALIES: a query with its columns, over a stored model of series."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlnomaly.errors import CallError
from sqlnomaly.frontends.bigquery_series import probability
from sqlnomaly.frontends.snowflake_arguments import read_arguments
from sqlnomaly.frontends.text import Text, call, column, printed
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

if TYPE_CHECKING:
    from sqlnomaly.model import Model

GIVEN = "given"
"""The alias of the rows."""
TAKEN = frozenset({"INPUT_DATA", "SERIES_COLNAME", "TIMESTAMP_COLNAME", "TARGET_COLNAME"})
"""What the method takes beside CONFIG_OBJECT."""
EXAMPLE = "m!DETECT_ANOMALIES(INPUT_DATA => TABLE(t), TIMESTAMP_COLNAME => 'ts', TARGET_COLNAME => 'y')"
CALLS = {
    "FORECAST": "anomaly_expected",
    "LOWER_BOUND": "anomaly_lower",
    "UPPER_BOUND": "anomaly_upper",
    "IS_ANOMALY": "is_anomaly",
    "SCORE": "anomaly_score",
}
"""Columns that are answers of ours."""
BEFORE = ("SERIES", "TS", "Y", "FORECAST", "LOWER_BOUND", "UPPER_BOUND", "IS_ANOMALY")
"""Snowflake's columns, but for the last two."""


def answers(text: Text, span: tuple[int, int], place: int, name: str, model: Model) -> str:
    """The query that a call of the method is.

    A normal error exceeds the bounds with probability 1 - prediction_interval; the percentile is where the value lies
    in a normal distribution around the forecast, and the distance says so in standard deviations.

    Args:
        text: the statement.
        span: its arguments, from a token up to another.
        place: the token of the model's name.
        name: the model's name.
        model: the model.

    Raises:
        SqlnomalyError: for arguments that do not fit the method or the model.
    """
    dialect = text.dialect
    if not model.fitted.detector.forecasts:
        message = f"the model {name} (USING {model.detector}) is none of series"
        raise text.error(CallError, place, message, "CREATE SNOWFLAKE.ML.ANOMALY_DETECTION, or USING holt_winters")
    given = read_arguments(text, span, TAKEN, place, EXAMPLE)
    level = given.config({"on_error"}, {"prediction_interval": 0.99})["prediction_interval"]
    series = given.name("SERIES_COLNAME", needed=False)
    time, value = (column(given.name(one), dialect, GIVEN) for one in ("TIMESTAMP_COLNAME", "TARGET_COLNAME"))
    keys = [*([column(series, dialect, GIVEN)] if series else []), time]
    if len(keys) != len(model.keys):
        own = ", ".join(model.keys[:-1])
        message = f"the model {name} " + (f"is one of series by {own}" if own else "is of one series")
        hint = f"SERIES_COLNAME => '{own}'" if own else "leave SERIES_COLNAME out"
        raise text.error(CallError, place, message, hint)
    reach = NormalDist().inv_cdf((1.0 + level) / 2.0)

    def ask(function: str) -> Expr:
        options = {"model": name} if function == "anomaly_score" else {"model": name, "threshold": reach}
        asked = call(function, [value], options)
        by = exp.Tuple(expressions=[key.copy() for key in keys])
        asked.append("expressions", exp.Kwarg(this=exp.var("partition"), expression=by))
        return asked

    none = exp.cast(ops.null(), exp.DataType.Type.VARCHAR)
    columns = {
        "SERIES": keys[0].copy() if series else none,
        "TS": time.copy(),
        "Y": value.copy(),
        **{alias: ask(function) for alias, function in CALLS.items()},
    }
    inner = exp.Select(expressions=[exp.alias_(one, alias) for alias, one in columns.items()])
    score, below = exp.column("SCORE"), ops.lt(exp.column("Y"), exp.column("FORECAST"))
    inside = probability(score)
    percentile = ops.mul(
        ops.number(0.5), ops.case((below, ops.sub(ops.number(1.0), inside)), default=ops.add(ops.number(1.0), inside))
    )
    distance = ops.case((below, ops.neg(score)), default=score)
    last = [exp.alias_(percentile, "PERCENTILE"), exp.alias_(distance, "DISTANCE")]
    outer = exp.Select(expressions=[*map(exp.column, BEFORE), *last])
    return f"{printed(outer, dialect)} FROM ({printed(inner, dialect)} FROM {given.relation()} AS {GIVEN}) AS judged"
