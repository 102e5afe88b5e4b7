"""Confluent's ML_DETECT_ANOMALIES: our arima, which judges each row by the forecast from the rows before it."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.frontends.confluent import Form, check_fields, read_form, window_of, with_fields
from sqlnomaly.frontends.context import Context, Edit
from sqlnomaly.frontends.text import Text, call
from sqlnomaly.pushdown.ops import Expr

NAME = "ML_DETECT_ANOMALIES"
OURS = frozenset({"TIMESTAMP", "ACTUAL_VALUE", "FORECAST_VALUE", "LOWER_BOUND", "UPPER_BOUND", "IS_ANOMALY"})
"""The fields of Confluent's result that ours has."""
ASKED: Mapping[str, str] = {
    "forecast_value": "anomaly_expected",
    "lower_bound": "anomaly_lower",
    "upper_bound": "anomaly_upper",
    "is_anomaly": "is_anomaly",
}
"""A field -> our function."""
ORDERS: Mapping[str, int] = {"p": 5, "d": 1, "q": 1}
"""The order of the model: the most that we have of each."""
TRAINING = frozenset({"maxTrainingSize", "evalWindowSize"})
"""On which rows a model is trained and tested anew. Ours learns from each row as it comes, and forgets by degrees."""
NEEDED: Mapping[str, str] = {"minTrainingSize": "50", "confidencePercentage": "99.0"}
KNOWN = (*NEEDED, *ORDERS, *sorted(TRAINING), "enableStl", "m", "horizon")
EXAMPLE = (
    f"{NAME}(v, ts, JSON_OBJECT('minTrainingSize' VALUE 50, 'confidencePercentage' VALUE 99.0)) "
    "OVER (PARTITION BY k ORDER BY ts)"
)


def forecast(text: Text, number: int, context: Context) -> Edit | None:
    """ML_DETECT_ANOMALIES(v, ts, JSON_OBJECT(..)) OVER (..): a value with the fields of OURS.

    The bounds are as many scales of the errors so far from the forecast as a normal error exceeds with a probability of
    100 - confidencePercentage percent.

    Raises:
        CallError: settings or a window that are missing or wrong.
        UnsupportedError: settings and fields that we do not have, naming them, and a dialect without fields.
    """
    if text.word(number - 1) == ".":
        return None
    form = read_form(text, number, EXAMPLE)
    if form is None:
        return None
    options = _options(text, form)
    if not context.write.structs:
        told = ", ".join(f"{name} => {value!r}" for name, value in options.items())
        hint = f"is_anomaly(v, {told}) OVER (PARTITION BY k ORDER BY ts); anomaly_upper(..) for a bound"
        raise text.error(UnsupportedError, number, f"{context.write.name} has no value with fields", hint)
    check_fields(text, form.close + 1, OURS)
    value, window = text.expression(*form.value), window_of(text, form, EXAMPLE)

    def ask(function: str) -> Expr:
        asked = window.copy()
        asked.set("this", call(function, [value], options))
        return asked

    given = {
        "timestamp": text.expression(*form.time),
        "actual_value": exp.cast(value.copy(), exp.DataType.Type.DOUBLE),
    }
    answers = {field: ask(function) for field, function in ASKED.items()}
    return Edit(number, form.close + 1, with_fields({**given, **answers}, text))


def _options(text: Text, form: Form) -> dict[str, Any]:
    """Our options."""
    found = form.settings
    for name, (_, at) in found.items():
        if name not in KNOWN:
            hint = f"leave it out; there are {', '.join(KNOWN)}"
            raise text.error(UnsupportedError, at, f"setting {name} is not available here", hint)
    for name, example in NEEDED.items():
        if name not in found:
            message = f"{name} is needed: its default could not be verified"
            raise text.error(CallError, form.begin, message, f"'{name}' VALUE {example}")
    level, at = found["confidencePercentage"]
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 100:
        hint = "'confidencePercentage' VALUE 99.0"
        raise text.error(CallError, at, f"confidencePercentage is {level}, and lies between 0 and 100", hint)
    least = _whole(text, "minTrainingSize", *found["minTrainingSize"])
    for name in TRAINING & found.keys():
        size = _whole(text, name, *found[name])
        if name == "maxTrainingSize" and size < least:
            message = f"maxTrainingSize is {size}, and minTrainingSize {least}"
            raise text.error(CallError, found[name][1], message, "the most is no fewer than the least")
    if found.get("horizon", (1, 0))[0] != 1:
        message = "each row is judged by a forecast of one step here"
        raise text.error(UnsupportedError, found["horizon"][1], message, "'horizon' VALUE 1, or leave it out")
    return {
        "detector": "arima",
        **{name: _order(text, name, *found[name]) for name in ORDERS if name in found},
        **_season(text, found),
        "min_rows": least,
        "threshold": NormalDist().inv_cdf((1.0 + level / 100.0) / 2.0),
    }


def _whole(text: Text, name: str, value: Any, at: int) -> int:
    if type(value) is not int or value < 1:
        raise text.error(CallError, at, f"{name} is a number of rows, not {value}", f"'{name}' VALUE 50")
    return value


def _order(text: Text, name: str, value: Any, at: int) -> int:
    """p, d or q."""
    most = ORDERS[name]
    if type(value) is not int or value < 0:
        raise text.error(CallError, at, f"{name} is a whole number, not {value}", f"'{name}' VALUE 1")
    if value > most:
        hint = f"0 to {most}; without it the best one is chosen"
        raise text.error(UnsupportedError, at, f"{name} is {value}, and {most} is the most here", hint)
    return value


def _season(text: Text, found: Mapping[str, tuple[Any, int]]) -> dict[str, Any]:
    """The period: none unless enableStl is TRUE; then that of m, or one that is looked for."""
    seasonal, at = found.get("enableStl", (False, 0))
    if not isinstance(seasonal, bool):
        raise text.error(CallError, at, f"enableStl is TRUE or FALSE, not {seasonal}", "'enableStl' VALUE TRUE")
    if "m" not in found:
        return {} if seasonal else {"period": 0}
    period, at = found["m"]
    if not seasonal:
        raise text.error(CallError, at, "m is the season of enableStl", "'enableStl' VALUE TRUE, or leave m out")
    if type(period) is not int or period < 2:
        raise text.error(CallError, at, f"m is a number of rows, 2 or more, not {period}", "'m' VALUE 24")
    return {"period": period}
