"""BigQuery's ML.DETECT_ANOMALIES in FROM: a derived table with BigQuery's columns, each BigQuery's own number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlglot import TokenType, exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.frontends.bigquery_arima import detected, level_of, own_rows
from sqlnomaly.frontends.context import Context, Edit
from sqlnomaly.frontends.text import Text, call, column, name_of, printed
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.fitted import LEVELS, level_name
from sqlnomaly.pushdown.ops import Expr

if TYPE_CHECKING:
    from sqlnomaly.model import Model

GIVEN = "given"
"""The alias of the rows inside the derived table."""
DETECTED = "detected"
"""The alias of the derived table where the user gives none; some engines insist on one."""
SCORES: Mapping[str, tuple[str, object, str]] = {
    "kmeans": ("normalized", True, "normalized_distance"),
    "pca": ("form", "reconstruction", "mean_squared_error"),
    "autoencoder": ("scaling", "standard", "mean_squared_error"),
}
"""Detector -> the option, and its value, under which the score is BigQuery's number, and what BigQuery calls it."""
ALIASES = frozenset({TokenType.ALIAS, TokenType.VAR, TokenType.IDENTIFIER})
NUMBERS = frozenset({Kind.FLOAT, Kind.INTEGER, Kind.DECIMAL})
RANGE = "STRUCT(0.02 AS contamination), from 0 to 0.5: the share of the model's own rows that are anomalies"
EXAMPLE = "ML.DETECT_ANOMALIES(MODEL `m`, STRUCT(0.02 AS contamination), TABLE t)"


def detect(text: Text, number: int, context: Context) -> Edit | None:
    """ML.DETECT_ANOMALIES(MODEL m, STRUCT(c AS contamination), TABLE t | (query)).

    Of a model of series (MODEL m [, STRUCT(p AS anomaly_prob_threshold) [, TABLE t | (query)]]).

    Raises:
        CallError: an argument that is missing or out of range, or a model whose score is another number.
        UnsupportedError: features that BigQuery counts as categories.
    """
    if not text.says(number, "ML", ".", "DETECT_ANOMALIES", "(", "MODEL") or text.word(number - 1) == ".":
        return None
    if text.kind(number + 5) in (TokenType.COMMA, TokenType.R_PAREN, TokenType.DOT):  # a column called model
        return None
    end = text.closing(number + 3)
    parts = text.parts(number + 4, end)
    name, after = name_of(text, number + 5)
    if after != parts[0][1]:
        raise text.error(CallError, after, "the first argument is MODEL and a name", EXAMPLE)
    model = context.models(name)
    if model.fitted.detector.forecasts:
        if len(parts) > 3:
            message = "three arguments are the most: a model, the level, the rows"
            raise text.error(CallError, parts[3][0], message, EXAMPLE)
        columns = detected(text, name, model, level_of(text, parts))
        rows = _rows(text, *parts[2]) if len(parts) == 3 else own_rows(text, number, name, context)
    else:
        contamination = _contamination(text, parts, number)
        if len(parts) != 3:
            place = parts[3][0] if len(parts) > 3 else end
            message = "three arguments are needed: a model, the contamination, the rows"
            raise text.error(CallError, place, message, EXAMPLE)
        columns = _columns(text, number, name, model, contamination)
        columns.append(exp.Column(this=exp.Star(), table=exp.to_identifier(GIVEN)))
        rows = _rows(text, *parts[2])
    select = exp.Select(expressions=columns)
    aliased = text.kind(end + 1) in ALIASES
    earlier = sum(text.says(place, "ML", ".", "DETECT_ANOMALIES", "(", "MODEL") for place in range(number))
    alias = "" if aliased else f" AS {DETECTED}" + (f"_{earlier + 1}" if earlier else "")
    sql = f"({printed(select, text.dialect)} FROM {rows} AS {GIVEN}){alias}"
    return Edit(number, end + 1, sql)


def _contamination(text: Text, parts: list[tuple[int, int]], number: int) -> float:
    """The second argument."""
    if len(parts) < 2:
        message = "a model alone is the form of time series, and this is none"
        raise text.error(CallError, number, message, EXAMPLE)
    begin, end = parts[1]
    if not text.says(begin, "STRUCT", "(") or not text.says(end - 3, "AS"):
        raise text.error(CallError, begin, "the second argument is the contamination", RANGE)
    name = text.word(end - 2)
    if name == "ANOMALY_PROB_THRESHOLD":
        message = "anomaly_prob_threshold is for models of time series, and this is none"
        raise text.error(CallError, begin, message, RANGE)
    if name != "CONTAMINATION":
        raise text.error(CallError, end - 2, f"{name} is no setting of ML.DETECT_ANOMALIES", RANGE)
    value = text.value(begin + 2, end - 3)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 0.5:
        raise text.error(CallError, begin + 2, f"contamination is {value}, and lies from 0 to 0.5", RANGE)
    return float(value)


def _rows(text: Text, begin: int, end: int) -> str:
    """The third argument as a relation, in the user's own words."""
    if text.says(begin, "TABLE") and end > begin + 1:
        return text.slice(begin + 1, end)
    if text.says(begin, "(") and text.closing(begin) == end - 1:
        return text.slice(begin, end)
    raise text.error(CallError, begin, "the third argument is TABLE and a name, or a query in parentheses", EXAMPLE)


def _columns(text: Text, number: int, name: str, model: Model, contamination: float) -> list[Expr]:
    """BigQuery's columns of a model."""
    score = _score_of(text, number, name, model)
    features = [column(feature, text.dialect, GIVEN) for feature in model.features]
    given = {"model": name}
    answers = {
        "is_anomaly": call("is_anomaly", features, {**given, **_cutoff(model, contamination)}),
        score: call("anomaly_score", features, given),
    }
    if model.detector == "kmeans":
        answers["centroid_id"] = _centroid(model, text.dialect)
    return [exp.alias_(answer, alias) for alias, answer in answers.items()]


def _score_of(text: Text, number: int, name: str, model: Model) -> str:
    """What BigQuery calls the model's score.

    Raises:
        CallError: nothing, as it is another number.
        UnsupportedError: a feature that is a number to us only.
    """
    option, value, score = SCORES.get(model.detector, ("", None, ""))
    if not option or model.parameters[option] != value or model.keys:
        said = f"USING {model.detector}" + (f", {option} {model.parameters[option]}" if option else "")
        ours = f"anomaly_score({', '.join(model.features)}, model => '{name}')"
        hint = f"{ours}, or make it with CREATE MODEL .. OPTIONS (MODEL_TYPE = 'KMEANS', ..)"
        message = f"model {name} ({said}) has another score than BigQuery's"
        raise text.error(CallError, number, message, hint)
    for part in model.fitted.features:
        if part.kind not in NUMBERS:
            message = f"feature {part.name} is a {part.kind.value}: BigQuery counts it as a category"
            raise text.error(UnsupportedError, number, message, "CAST it to a number in the query of CREATE MODEL")
    return score


def _cutoff(model: Model, contamination: float) -> dict[str, float]:
    """The share of the model's rows above the threshold, or the largest of their scores where there is none."""
    if contamination:
        return {"contamination": contamination}
    (row,) = model.fitted.calibration.to_pylist()
    return {"threshold": row[level_name(len(LEVELS) - 1)]}


def _centroid(model: Model, dialect: Dialect) -> Expr:
    """``centroid_id``: the number from 1 of the centre whose distance is the normalized one, written out."""
    (row,) = model.fitted.relations["model"].to_pylist()
    stems = model.fitted.fit.features
    values = [exp.cast(column(name, dialect, GIVEN), exp.DataType.Type.DOUBLE) for name in model.features]
    away = []
    for centre in range(model.parameters["n_clusters"]):
        squares = []
        for stem, value in zip(stems, values, strict=True):
            unit = row[stem.stat("unit")]
            place = row[stem.stat("centre")] + unit * row[stem.stat(f"centres_{centre}")]
            # A feature that does not vary counts for nothing, but a row that misses it has no centre.
            step = ops.mul(ops.sub(value, ops.number(place)), ops.number(1.0 / unit if unit else 0.0))
            squares.append(ops.func("POWER", step, ops.number(2.0)))
        away.append(ops.mul(ops.number(row[stems[0].stat(f"weights_{centre}")]), ops.total(squares)))
    branches = [exp.If(this=one.copy(), true=ops.integer(place)) for place, one in enumerate(away, start=1)]
    return exp.Case(this=ops.func("LEAST", *away), ifs=branches)
