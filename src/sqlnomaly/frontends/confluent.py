"""Confluent's ML_DETECT_ANOMALIES_ROBUST: our mad over the rows before; its hosted models are refused."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from sqlglot import TokenType, exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.frontends.context import Context, Edit
from sqlnomaly.frontends.text import Text, call, printed
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

NAME = "ML_DETECT_ANOMALIES_ROBUST"
OTHERS: Mapping[str, str] = {
    "AI_DETECT_ANOMALIES": "asks a model that Confluent hosts",
}
"""Functions that we do not have -> what they do."""
FIELDS = (
    "TIMESTAMP", "ACTUAL_VALUE", "FORECAST_VALUE", "LOWER_BOUND", "UPPER_BOUND", "IS_ANOMALY", "RMSE", "AIC", "SCORE",
)  # fmt: skip
"""Fields of Confluent's results, in their order; the last one is named by its quick-start."""
OURS = frozenset({"IS_ANOMALY"})
"""Those of them that ours has."""
NOW = "is_anomaly(v, detector => 'ewma') OVER (PARTITION BY k ORDER BY ts)"
EXAMPLE = f"{NAME}(v, ts, JSON_OBJECT('window' VALUE 30, 'threshold' VALUE 3.0)) OVER (PARTITION BY k ORDER BY ts)"


@dataclass(frozen=True, slots=True)
class Form:
    """A form that gives a value with fields.

    Attributes:
        value, time: the tokens of the first two arguments.
        settings: setting -> value, and the token of its name.
        begin: the token where the settings begin.
        opening, close: the brackets of OVER.
    """

    value: tuple[int, int]
    time: tuple[int, int]
    settings: Mapping[str, tuple[Any, int]]
    begin: int
    opening: int
    close: int


def robust(text: Text, number: int, context: Context) -> Edit | None:
    """ML_DETECT_ANOMALIES_ROBUST(v, ts, JSON_OBJECT(..)) OVER (..): a value with the field is_anomaly.

    Raises:
        CallError: options or a window that are missing or wrong.
        UnsupportedError: options and fields that we do not have, naming them, and a dialect without fields.
    """
    form = read_form(text, number, EXAMPLE)
    if form is None:
        return None
    size, limit = _options(text, form)
    if not context.write.structs:
        hint = f"is_anomaly(v, detector => 'mad', threshold => {limit:g}) OVER (.. ROWS BETWEEN {size} PRECEDING ..)"
        raise text.error(UnsupportedError, number, f"{context.write.name} has no value with fields", hint)
    check_fields(text, form.close + 1, OURS)
    window = window_of(text, form, EXAMPLE)
    before = {"start": ops.integer(size), "start_side": "PRECEDING", "end": "CURRENT ROW"}
    window.set("spec", exp.WindowSpec(kind="ROWS", **before))
    window.set("this", call("is_anomaly", [text.expression(*form.value)], {"detector": "mad", "threshold": limit}))
    return Edit(number, form.close + 1, with_fields({"is_anomaly": window}, text))


def read_form(text: Text, number: int, example: str) -> Form | None:
    """The arguments of a form; None where no bracket follows its name.

    Raises:
        CallError: arguments, settings or OVER that are missing.
        UnsupportedError: several values.
    """
    if not text.says(number + 1, "("):
        return None
    end = text.closing(number + 1)
    parts = text.parts(number + 2, end)
    if len(parts) != 3 or not text.says(parts[2][0], "JSON_OBJECT", "("):
        raise text.error(CallError, number, "a value, a time and JSON_OBJECT(..) are needed", example)
    if text.says(parts[0][0], "ROW", "("):
        message = "how several values are judged together is not documented"
        hint = "is_anomaly(v1, v2, detector => 'mad') judges by the value that is farthest away"
        raise text.error(UnsupportedError, parts[0][0], message, hint)
    begin = parts[2][0]
    settings: dict[str, tuple[Any, int]] = {}
    for begun, stop in text.parts(begin + 2, text.closing(begin + 1)):
        first = begun + text.says(begun, "KEY")
        if text.kind(first) is not TokenType.STRING or not text.says(first + 1, "VALUE"):
            raise text.error(CallError, first, "a setting is a text, VALUE and a literal", example)
        settings[str(text.tokens[first].text)] = (text.value(first + 2, stop), first)
    if not text.says(end + 1, "OVER", "("):
        raise text.error(CallError, end, "OVER (.. ORDER BY ..) is needed", example)
    return Form(parts[0], parts[1], settings, begin, end + 2, text.closing(end + 2))


def with_fields(fields: Mapping[str, Expr], text: Text) -> str:
    """A value with these fields."""
    named = [exp.PropertyEQ(this=exp.to_identifier(name), expression=value) for name, value in fields.items()]
    return printed(exp.Struct(expressions=named), text.dialect)


def refuse(text: Text, number: int) -> None:
    """ML_DETECT_ANOMALIES(..) and AI_DETECT_ANOMALIES(..) are refused.

    Raises:
        UnsupportedError: what to use now.
    """
    word = text.word(number)
    if text.says(number + 1, "(") and text.word(number - 1) != ".":
        raise text.error(UnsupportedError, number, f"{word} {OTHERS[word]}: not available here", f"now: {NOW}")


def _options(text: Text, form: Form) -> tuple[int, float]:
    """The number of rows and the threshold."""
    begin, found = form.begin, form.settings
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


def window_of(text: Text, form: Form, example: str) -> exp.Window:
    """The window without its frame, which reaches from the first row to the current one.

    Raises:
        CallError: without ORDER BY.
        UnsupportedError: another frame.
    """
    window = text.expression(form.opening, form.close + 1, "x() OVER ")
    if not isinstance(window, exp.Window) or not window.args.get("order"):
        raise text.error(CallError, form.opening, "ORDER BY is needed", example)
    spec = window.args.get("spec")
    whole = spec is None or (
        spec.args.get("start") == "UNBOUNDED" and spec.args.get("end") in (None, "CURRENT ROW")
    )
    if not whole:
        hint = "BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW; how many of these rows count is a setting"
        raise text.error(UnsupportedError, form.opening, "another frame is not supported", hint)
    window.set("spec", None)
    return window


def check_fields(text: Text, behind: int, ours: Set[str]) -> None:
    """Refuses what the statement reads of the result beside our fields, and fields by number.

    Args:
        text: the statement.
        behind: the token behind the form, where its alias may stand.
        ours: the fields of the result, in capitals.
    """
    behind += text.says(behind, "AS")
    alias = str(text.tokens[behind].text).upper() if text.kind(behind) in (TokenType.VAR, TokenType.IDENTIFIER) else ""
    had = ", ".join(name.lower() for name in FIELDS if name in ours)
    for number in range(len(text.tokens)) if alias else ():
        if str(text.tokens[number].text).upper() != alias:
            continue
        field = text.word(number + 2)
        if text.says(number + 1, ".") and field in FIELDS and field not in ours:
            message = f"field {field.lower()} is not available here"
            raise text.error(UnsupportedError, number + 2, message, f"there is {had}")
        if text.kind(number + 1) is TokenType.L_BRACKET:
            place = text.word(number + 2)
            known = place.isdigit() and 0 < int(place) <= len(FIELDS) and FIELDS[int(place) - 1] in ours
            name = FIELDS[int(place) - 1].lower() if known else "is_anomaly"
            raise text.error(UnsupportedError, number + 1, "fields have names here", f"{alias.lower()}.{name}")
