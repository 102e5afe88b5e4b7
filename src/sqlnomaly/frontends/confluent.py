"""Confluent's ML_DETECT_ANOMALIES_ROBUST: our mad over the rows before; its forecasting functions are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import TokenType, exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.frontends.context import Context, Edit
from sqlnomaly.frontends.text import Text, call, printed
from sqlnomaly.pushdown import ops

NAME = "ML_DETECT_ANOMALIES_ROBUST"
OTHERS: Mapping[str, str] = {
    "ML_DETECT_ANOMALIES": "forecasts by ARIMA",
    "AI_DETECT_ANOMALIES": "asks a model that Confluent hosts",
}
"""Functions that we do not have -> what they do."""
FIELDS = ("TIMESTAMP", "ACTUAL_VALUE", "FORECAST_VALUE", "LOWER_BOUND", "UPPER_BOUND", "RMSE", "AIC", "SCORE")
"""Fields of Confluent's results that ours has not."""
NOW = "is_anomaly(v, detector => 'ewma') OVER (PARTITION BY k ORDER BY ts)"
EXAMPLE = f"{NAME}(v, ts, JSON_OBJECT('window' VALUE 30, 'threshold' VALUE 3.0)) OVER (PARTITION BY k ORDER BY ts)"


def robust(text: Text, number: int, context: Context) -> Edit | None:
    """ML_DETECT_ANOMALIES_ROBUST(v, ts, JSON_OBJECT(..)) OVER (..): a value with the field is_anomaly.

    Raises:
        CallError: options or a window that are missing or wrong.
        UnsupportedError: options and fields that we do not have, naming them, and a dialect without fields.
    """
    if not text.says(number + 1, "("):
        return None
    end = text.closing(number + 1)
    parts = text.parts(number + 2, end)
    if len(parts) != 3 or not text.says(parts[2][0], "JSON_OBJECT", "("):
        raise text.error(CallError, number, "a value, a time and JSON_OBJECT(..) are needed", EXAMPLE)
    if text.says(parts[0][0], "ROW", "("):
        message = "how several values are judged together is not documented"
        hint = "is_anomaly(v1, v2, detector => 'mad') judges by the value that is farthest away"
        raise text.error(UnsupportedError, parts[0][0], message, hint)
    size, limit = _options(text, parts[2])
    if not text.says(end + 1, "OVER", "("):
        raise text.error(CallError, end, "OVER (.. ORDER BY ..) is needed", EXAMPLE)
    if not context.write.structs:
        hint = f"is_anomaly(v, detector => 'mad', threshold => {limit:g}) OVER (.. ROWS BETWEEN {size} PRECEDING ..)"
        raise text.error(UnsupportedError, number, f"{context.write.name} has no value with fields", hint)
    close = text.closing(end + 2)
    _check_fields(text, close + 1)
    window = _window(text, end + 2, close, size)
    judged = call("is_anomaly", [text.expression(*parts[0])], {"detector": "mad", "threshold": limit})
    window.set("this", judged)
    field = exp.PropertyEQ(this=exp.to_identifier("is_anomaly"), expression=window)
    return Edit(number, close + 1, printed(exp.Struct(expressions=[field]), text.dialect))


def refuse(text: Text, number: int) -> None:
    """ML_DETECT_ANOMALIES(..) and AI_DETECT_ANOMALIES(..) are refused.

    Raises:
        UnsupportedError: what to use now.
    """
    word = text.word(number)
    if text.says(number + 1, "(") and text.word(number - 1) != ".":
        raise text.error(UnsupportedError, number, f"{word} {OTHERS[word]}: not available here", f"now: {NOW}")


def _options(text: Text, part: tuple[int, int]) -> tuple[int, float]:
    """The number of rows and the threshold."""
    begin = part[0]
    found: dict[str, tuple[Any, int]] = {}
    for begun, end in text.parts(begin + 2, text.closing(begin + 1)):
        first = begun + text.says(begun, "KEY")
        if text.kind(first) is not TokenType.STRING or not text.says(first + 1, "VALUE"):
            raise text.error(CallError, first, "a setting is a text, VALUE and a literal", EXAMPLE)
        found[str(text.tokens[first].text)] = (text.value(first + 2, end), first)
    for name, (value, at) in found.items():
        if name == "imputeOutliers" and value is not False:
            message = "imputeOutliers replaces outliers before later rows are judged"
            raise text.error(UnsupportedError, at, message, "a median with outliers in it hardly moves: leave it out")
        if name not in ("window", "threshold", "imputeOutliers"):
            raise text.error(UnsupportedError, at, f"setting {name} is not available here", "leave it out")
    for name, example in (("window", "30"), ("threshold", "3.0")):
        if name not in found:
            message = f"{name} is needed: its default is not documented"
            raise text.error(CallError, begin, message, f"'{name}' VALUE {example}")
    (size, at), (limit, place) = found["window"], found["threshold"]
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise text.error(CallError, at, "window is a number of rows", "'window' VALUE 30")
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit <= 0:
        raise text.error(CallError, place, "threshold is a number above 0", "'threshold' VALUE 3.0")
    return size, float(limit)


def _window(text: Text, opening: int, close: int, size: int) -> exp.Window:
    """The window with the rows that count: so many before the row."""
    window = text.expression(opening, close + 1, "x() OVER ")
    if not isinstance(window, exp.Window) or not window.args.get("order"):
        raise text.error(CallError, opening, "ORDER BY is needed", EXAMPLE)
    spec = window.args.get("spec")
    whole = spec is None or (
        spec.args.get("start") == "UNBOUNDED" and spec.args.get("end") in (None, "CURRENT ROW")
    )
    if not whole:
        hint = "BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW; how many of these rows count is the setting window"
        raise text.error(UnsupportedError, opening, "another frame is not supported", hint)
    before = {"start": ops.integer(size), "start_side": "PRECEDING", "end": "CURRENT ROW"}
    window.set("spec", exp.WindowSpec(kind="ROWS", **before))
    return window


def _check_fields(text: Text, behind: int) -> None:
    """Refuses what the statement reads of the result beside is_anomaly."""
    behind += text.says(behind, "AS")
    alias = str(text.tokens[behind].text).upper() if text.kind(behind) in (TokenType.VAR, TokenType.IDENTIFIER) else ""
    for number in range(len(text.tokens)) if alias else ():
        if str(text.tokens[number].text).upper() != alias:
            continue
        field = text.word(number + 2)
        if text.says(number + 1, ".") and field in FIELDS:
            message = f"field {field.lower()} is not available here"
            raise text.error(UnsupportedError, number + 2, message, "read is_anomaly alone")
        if text.kind(number + 1) is TokenType.L_BRACKET:
            raise text.error(UnsupportedError, number + 1, "fields have names here", f"{alias.lower()}.is_anomaly")
