"""Vertica's APPLY_IFOREST: a value with the fields anomaly_score and is_anomaly, or the field that is asked for."""

from __future__ import annotations

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.frontends.context import Context, Edit
from sqlnomaly.frontends.text import Text, call, column, printed
from sqlnomaly.frontends.vertica import Function, function, model_of
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

THRESHOLD = 0.7
"""What Vertica takes where neither a threshold nor a contamination is given."""
PARAMETERS = ("MODEL_NAME", "THRESHOLD", "CONTAMINATION", "MATCH_BY_POS")
EXAMPLE = "(APPLY_IFOREST(amount, items USING PARAMETERS model_name = 'm')).anomaly_score"


def apply_forest(text: Text, number: int, context: Context) -> Edit | None:
    """APPLY_IFOREST(columns USING PARAMETERS model_name = 'm', ..), with or without a field behind it.

    Raises:
        CallError: columns or parameters that do not fit the model.
        UnsupportedError: the value as a whole, where the dialect has none with fields.
    """
    if not text.says(number + 1, "(") or text.word(number - 1) == ".":
        return None
    found = function(text, number)
    if not found.parameters:  # a function of the user's own that is called so
        return None
    found.check(text, PARAMETERS)
    answers = _answers(text, found, context)
    if text.says(number - 1, "(") and text.says(found.end, ")", ".") and text.word(found.end + 2) in answers:
        answer = answers[text.word(found.end + 2)]
        return Edit(number - 1, found.end + 3, printed(exp.paren(answer), text.dialect))
    if not context.write.structs:
        raise text.error(
            UnsupportedError, number, f"{context.write.name} has no value with fields", f"ask for one field: {EXAMPLE}"
        )
    fields = [
        exp.PropertyEQ(this=exp.to_identifier(name.lower()), expression=answer) for name, answer in answers.items()
    ]
    return Edit(number, found.end, printed(exp.Struct(expressions=fields), text.dialect))


def _answers(text: Text, found: Function, context: Context) -> dict[str, Expr]:
    """Field -> its expression."""
    name = found.given("MODEL_NAME", "")
    if not isinstance(name, str) or not name:
        raise text.error(CallError, found.place, "model_name is a text", EXAMPLE)
    name = model_of(name)
    model = context.models(name)
    if model.detector != "iforest":
        hint = f"anomaly_score({', '.join(model.features)}, model => '{name}')"
        raise text.error(CallError, found.place, f"model {name} is no isolation forest, but {model.detector}", hint)
    features = _features(text, found, model.features)
    given = {"model": name}
    score = call("anomaly_score", features, given)
    limits = [one for one in ("THRESHOLD", "CONTAMINATION") if one in found.parameters]
    if len(limits) > 1:
        at = found.parameters[limits[1]][1]
        raise text.error(CallError, at, "threshold and contamination exclude each other", "keep one of them")
    for limit in limits:
        value, at = found.parameters[limit]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
            raise text.error(CallError, at, f"{limit} lies between 0 and 1", f"{limit.lower()} = 0.1")
    if limits == ["CONTAMINATION"]:
        share = float(found.given("CONTAMINATION", 0.0))
        return {"ANOMALY_SCORE": score, "IS_ANOMALY": call("is_anomaly", features, {**given, "contamination": share})}
    # A score on the threshold is an anomaly in Vertica, and none of is_anomaly's.
    least = ops.number(float(found.given("THRESHOLD", THRESHOLD)))
    return {"ANOMALY_SCORE": score, "IS_ANOMALY": exp.paren(ops.ge(score, least))}


def _features(text: Text, found: Function, names: tuple[str, ...]) -> list[Expr]:
    """The model's features among the columns, by name or by position."""
    arguments = found.arguments
    if len(arguments) == 1 and text.says(arguments[0][0], "*"):
        return [column(name, text.dialect) for name in names]
    given = [text.expression(*argument) for argument in arguments]
    if len(given) != len(names):
        message = f"{len(given)} columns are given, and the model has {len(names)}: {', '.join(names)}"
        raise text.error(CallError, arguments[0][0] if arguments else found.place, message, "give those")
    if str(found.given("MATCH_BY_POS", False)).lower() == "true":
        return given
    by_name = {one.name.lower(): one for one in given if isinstance(one, exp.Column)}
    missing = [name for name in names if name.lower() not in by_name]
    if missing:
        hint = f"name the columns {', '.join(names)}, or match_by_pos = true"
        raise text.error(CallError, arguments[0][0], f"no column is called {missing[0]}", hint)
    return [by_name[name.lower()] for name in names]
