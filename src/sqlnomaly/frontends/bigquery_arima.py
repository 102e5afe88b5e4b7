"""BigQuery's ARIMA_PLUS: CREATE MODEL becomes a stored model of series, ML.DETECT_ANOMALIES a call of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.frontends.bigquery_series import probability
from sqlnomaly.frontends.context import Context
from sqlnomaly.frontends.text import Text, call, column, printed
from sqlnomaly.pushdown.ops import Expr

if TYPE_CHECKING:
    from sqlnomaly.model import Model

Options = Mapping[str, tuple[Any, int]]

TYPES = frozenset({"ARIMA", "ARIMA_PLUS"})
"""MODEL_TYPE of a series alone."""
GIVEN = "given"
"""The alias of the rows."""
HORIZON, FARTHEST = 1_000, 10_000
"""BigQuery's default, and the most that it takes."""
COLUMNS = ("TIME_SERIES_TIMESTAMP_COL", "TIME_SERIES_DATA_COL", "TIME_SERIES_ID_COL")
ADMINISTRATIVE = frozenset({"MODEL_TYPE", "MODEL_REGISTRY", "KMS_KEY_NAME"})
"""Options that change no number: accepted, and without effect."""
FIXED: Mapping[str, tuple[tuple[Any, ...], str]] = {
    "AUTO_ARIMA": ((True,), "what NON_SEASONAL_ORDER does not give is chosen here"),
    "AUTO_ARIMA_MIN_ORDER": ((0,), "the search begins at 0 here"),
    "DATA_FREQUENCY": (("AUTO_FREQUENCY",), "the distance of the points is found in their times here"),
    "INCLUDE_DRIFT": ((False,), "a trend is what a difference of the values leaves here"),
    "CLEAN_SPIKES_AND_DIPS": ((True,), "a value far off teaches no more than one of two scales here"),
    "ADJUST_STEP_CHANGES": ((True,), "a new level is learned at once here"),
    "DECOMPOSE_TIME_SERIES": ((True,), "every point of the past can be judged here"),
    "TIME_SERIES_LENGTH_FRACTION": ((1, 1.0), "every point counts here"),
}
"""Options of which we have some values: these, and why no other."""
ABSENT: Mapping[str, str] = {
    "AUTO_ARIMA_MAX_ORDER": "orders up to 3, and up to 2 with a season, are tried here; NON_SEASONAL_ORDER gives one",
    "HOLIDAY_REGION": "no holidays are known to arima",
    "HIERARCHICAL_TIME_SERIES_COLS": "series are not added up here: give a query of the sums",
    **dict.fromkeys(
        ("MIN_TIME_SERIES_LENGTH", "MAX_TIME_SERIES_LENGTH"), "every point counts here; take the newest in the query"
    ),
    "TREND_SMOOTHING_WINDOW_SIZE": "no trend is taken apart here",
    **dict.fromkeys(
        ("FORECAST_LIMIT_LOWER_BOUND", "FORECAST_LIMIT_UPPER_BOUND"), "forecasts have no limits but those of the values"
    ),
}
"""Options that change numbers and that we have not -> why."""
EXAMPLE = "OPTIONS (MODEL_TYPE = 'ARIMA_PLUS', TIME_SERIES_TIMESTAMP_COL = 'ts', TIME_SERIES_DATA_COL = 'y')"
RANGE = "STRUCT(0.95 AS anomaly_prob_threshold), from 0 to 1, 1 left out"


@dataclass(frozen=True, slots=True)
class Series:
    """What CREATE MODEL says of its series.

    Attributes:
        options: ours.
        ids, time, value: the columns.
    """

    options: Mapping[str, Any]
    ids: tuple[str, ...]
    time: str
    value: str

    def query(self, rows: str, text: Text) -> str:
        """The columns of a query."""
        names = (*self.ids, self.time, self.value)
        select = exp.Select(expressions=[column(name, text.dialect) for name in names])
        return f"{printed(select, text.dialect)} FROM ({rows}\n) AS {GIVEN}"


def series_of(text: Text, kind: str, options: Options, place: int) -> Series:
    """The options of a model of series.

    Raises:
        UnsupportedError: an option that we do not have, naming it.
        CallError: an option that is missing or out of range.
    """
    known = (*COLUMNS, "HORIZON", "NON_SEASONAL_ORDER", "SEASONALITIES", *FIXED, *ABSENT)
    for name, (value, at) in options.items():
        if name in ABSENT:
            raise text.error(UnsupportedError, at, f"{name} is not supported: {ABSENT[name]}", f"leave {name} out")
        if name in FIXED:
            values, reason = FIXED[name]
            given = name == "AUTO_ARIMA" and value is False and "NON_SEASONAL_ORDER" in options
            if not given and (value.upper() if isinstance(value, str) else value) not in values:
                raise text.error(UnsupportedError, at, f"{name} = {value}: {reason}", f"{name} = {values[0]}")
        elif name not in known and name not in ADMINISTRATIVE:
            raise text.error(CallError, at, f"option {name} is not known", f"options of {kind}: {', '.join(known)}")
    ours: dict[str, Any] = {"horizon": HORIZON}
    if "HORIZON" in options:
        ours["horizon"] = _horizon(text, *options["HORIZON"])
    if "NON_SEASONAL_ORDER" in options:
        ours |= _order(text, *options["NON_SEASONAL_ORDER"])
    if "SEASONALITIES" in options:
        ours |= _season(text, *options["SEASONALITIES"])
    time, value = (_name(text, options, name, place) for name in COLUMNS[:2])
    return Series(ours, _ids(text, options), time, value)


def _name(text: Text, options: Options, name: str, place: int) -> str:
    value, at = options.get(name, (None, place))
    if not isinstance(value, str):
        raise text.error(CallError, at, f"{name} names a column", EXAMPLE)
    return value


def _ids(text: Text, options: Options) -> tuple[str, ...]:
    value, at = options.get("TIME_SERIES_ID_COL", ([], 0))
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise text.error(CallError, at, "TIME_SERIES_ID_COL names a column, or a list of them", "['store', 'item']")
    return tuple(names)


def _horizon(text: Text, value: Any, at: int) -> int:
    if type(value) is not int or not 1 <= value <= FARTHEST:
        raise text.error(CallError, at, f"HORIZON is {value}, and lies from 1 to {FARTHEST}", f"HORIZON = {HORIZON}")
    return value


def _order(text: Text, value: Any, at: int) -> dict[str, int]:
    """p, d and q."""
    if not isinstance(value, list) or len(value) != 3 or not all(type(one) is int and 0 <= one <= 5 for one in value):
        raise text.error(CallError, at, "NON_SEASONAL_ORDER is three numbers", "NON_SEASONAL_ORDER = (2, 1, 1)")
    p, d, q = value
    if d > 1 or q > 1:
        message = f"NON_SEASONAL_ORDER = ({p}, {d}, {q}): one difference and one error before are the most here"
        raise text.error(UnsupportedError, at, message, "p up to 5, d and q up to 1; or leave it out")
    return {"p": p, "d": d, "q": q}


def _season(text: Text, value: Any, at: int) -> dict[str, int]:
    """What is said of the season: that it is looked for, as by default, or that there is none."""
    said = [str(one).upper() for one in value] if isinstance(value, list) else [str(value).upper()]
    if said == ["AUTO"]:
        return {}
    if said == ["NO_SEASONALITY"]:
        return {"period": 0}
    message = f"SEASONALITIES = {', '.join(said)}: a season is a number of points here"
    hint = "leave it out to have it found, or CREATE ANOMALY MODEL .. USING arima OPTIONS (period = 24) .."
    raise text.error(UnsupportedError, at, message, hint)


def level_of(text: Text, parts: list[tuple[int, int]]) -> float:
    """The second argument of ML.DETECT_ANOMALIES, 0.95 unless it is given."""
    if len(parts) < 2:
        return 0.95
    begin, end = parts[1]
    if not text.says(begin, "STRUCT", "("):
        raise text.error(CallError, begin, "the second argument is the probability", RANGE)
    if end == begin + 3:
        return 0.95
    name = text.word(end - 2)
    if name != "ANOMALY_PROB_THRESHOLD" or not text.says(end - 3, "AS"):
        raise text.error(CallError, begin, f"{name} is no setting for a model of series", RANGE)
    value = text.value(begin + 2, end - 3)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise text.error(CallError, begin + 2, f"anomaly_prob_threshold is {value}, and lies from 0 to 1", RANGE)
    return float(value)


def detected(text: Text, name: str, model: Model, level: float) -> list[Expr]:
    """The rows and BigQuery's columns of them: a normal error exceeds the bounds with probability 1 - level."""
    (feature,) = model.features
    value = [column(feature, text.dialect, GIVEN)]
    keys = exp.Tuple(expressions=[column(key, text.dialect, GIVEN) for key in model.keys])
    given = {"model": name, "threshold": NormalDist().inv_cdf((1.0 + level) / 2.0)}

    def ask(function: str) -> Expr:
        asked = call(function, value, given if function != "anomaly_score" else {"model": name})
        asked.append("expressions", exp.Kwarg(this=exp.var("partition"), expression=keys.copy()))
        return asked

    answers = {
        "is_anomaly": ask("is_anomaly"),
        "lower_bound": ask("anomaly_lower"),
        "upper_bound": ask("anomaly_upper"),
        "anomaly_probability": probability(ask("anomaly_score")),
    }
    rows = exp.Column(this=exp.Star(), table=exp.to_identifier(GIVEN))
    return [rows, *(exp.alias_(answer, alias) for alias, answer in answers.items())]


def own_rows(text: Text, number: int, name: str, context: Context) -> str:
    """The query that a model was fitted on, in the dialect of the statement.

    Raises:
        UnsupportedError: where nobody knows it.
    """
    import sqlglot

    query = None if context.queries is None else context.queries(name)
    if query is None:
        message = f"nobody knows the rows that the model {name} was fitted on"
        hint = f"ML.DETECT_ANOMALIES(MODEL {name}, STRUCT(0.95 AS anomaly_prob_threshold), TABLE t)"
        raise text.error(UnsupportedError, number, message, hint)
    tree = sqlglot.parse_one(query, read=context.write.sqlglot)
    return f"({printed(tree, text.dialect)})"
