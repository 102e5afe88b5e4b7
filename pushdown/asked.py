"""What a call of a stored model asks: of which model, by which rule, for which answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.band import check_band
from sqlnomaly.pushdown.calls import Call
from sqlnomaly.pushdown.fitted import LEVELS, FittedModel, Kept, level_name
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.rules import BESIDE, over_rows
from sqlnomaly.pushdown.statements import model_name

OWN = ("model", "version", "partition", "threshold", "contamination")
"""The options of a call of a stored model."""
HELD_ROWS = "held_rows"
"""Marks a call that gives how many rows of the partition were held out of the fit."""


def named(call: Call, shown: str) -> tuple[str, int | None]:
    """The name and the version that a call gives, its options checked."""
    found = model_in(call.options, shown)
    name = call.options["model"]
    for option in call.options:
        if option in ("fdr", "alert_budget"):
            raise _over_rows(option, name.name, f", {option} => {call.options[option].sql()}", shown)
        if option in BESIDE:
            raise UnsupportedError(
                f"{option} is no option of a call: the model {name.name} keeps no tail and no test but its own",
                where=shown,
                hint=f"CREATE ANOMALY MODEL .. OPTIONS ({option} = ..); here stand {', '.join(OWN)}",
            )
        if option not in OWN:
            raise CallError(
                f"option {option} belongs to the fit, and the model {name.name} is fitted",
                where=shown,
                hint=f"leave it out, or make another model with it; here stand {', '.join(OWN)}",
            )
    return found


def model_in(options: Mapping[str, Expr], shown: str) -> tuple[str, int | None]:
    """The name and the version of a model among options.

    Raises:
        CallError: for what is no name, or no version.
    """
    name, version = options["model"], options.get("version")
    if not isinstance(name, exp.Literal) or not name.is_string or not name.name.strip():
        raise CallError("model takes the name of a model in quotes", where=shown, hint="model => 'fraud'")
    if version is None:
        return model_name(name.name), None
    if not isinstance(version, exp.Literal) or version.is_string or not version.name.isdigit():
        raise CallError("version takes a whole number", where=shown, hint="version => 3")
    return model_name(name.name), int(version.name)


def with_rule(model: FittedModel, call: Call, shown: str, kept: Kept) -> FittedModel:
    """The model with the threshold rule of the call, where it gives one."""
    given = {name: call.options[name] for name in ("threshold", "contamination") if name in call.options}
    if not given:
        return model
    if len(given) > 1:
        raise CallError(
            "threshold and contamination exclude each other", where=shown, hint="keep one of them"
        )
    if "threshold" in given:
        return replace(model, threshold=_number("threshold", given["threshold"], shown), contamination=None, by=None)
    return with_contamination(kept, _number("contamination", given["contamination"], shown), shown)


def with_contamination(kept: Kept, share: float, shown: str) -> FittedModel:
    """The model with the threshold that leaves this share of its fitted rows above it.

    Raises:
        CallError: for a share out of range.
        UnsupportedError: where the model does not keep that quantile of its scores.
    """
    model = kept.model
    if not 0 < share <= 0.5:
        raise CallError(
            f"contamination => {share:g} is out of range", where=shown, hint="above 0, at most 0.5"
        )
    if model.threshold is None and model.contamination == share:
        return model
    if level_name(0) not in model.calibration.column_names and model.detector.forecasts:
        raise UnsupportedError(
            f"the model {kept.name} keeps no distribution of scores: each of its points has a model of its own",
            where=shown,
            hint="give a threshold, in scales of the errors of the forecasts",
        )
    if kept.table:
        raise UnsupportedError(
            f"the model {kept.name} has too many partitions to keep the distribution of their scores",
            where=shown,
            hint=f"give a threshold, or make the model with contamination = {share:g}",
        )
    level = next((n for n, one in enumerate(LEVELS) if abs(one - (1.0 - share)) < 1e-12), None)
    if level is None:
        raise UnsupportedError(
            f"the model {kept.name} keeps percentiles of its scores, and contamination => {share:g} lies between two",
            where=shown,
            hint=f"a multiple of 0.01, or make a model with contamination = {share:g}",
        )
    column = model.calibration.column(level_name(level))
    names = [*model.calibration.column_names]
    if "threshold" in names:
        calibration = model.calibration.set_column(names.index("threshold"), "threshold", column)
    else:
        calibration = model.calibration.append_column("threshold", column)
    return replace(model, threshold=None, contamination=share, calibration=calibration, by=None)


def _number(option: str, node: Expr, shown: str) -> float:
    inner = node.unnest()
    negative = isinstance(inner, exp.Neg)
    inner = inner.this.unnest() if negative else inner
    if not isinstance(inner, exp.Literal) or inner.is_string or not abs(float(inner.name)) <= ops.LARGEST:
        raise CallError(f"{option} takes a number, not {node.sql()}", where=shown, hint=f"{option} => 3.5")
    return -float(inner.name) if negative else float(inner.name)


def check_output(model: FittedModel, call: Call, shown: str, kept: Kept) -> None:
    """Refuses an answer that the model cannot give."""
    name, output = model.detector.name, call.output
    check_band(output, model.detector, len(model.features), model.by, shown)
    if output in ("is_anomaly", "threshold") and over_rows(model.by):
        raise _over_rows(model.by.name, kept.name, "", shown)
    if output in ("is_anomaly", "threshold", "lower", "upper") and not model.judges:
        raise UnsupportedError(
            f"the model {kept.name} has no threshold", where=shown, hint="give one: threshold => 0.5"
        )
    if output in ("reason", "explanation") and model.detector.by_function:
        raise UnsupportedError(
            f"a stored model of {name} gives no {output}: it keeps the score alone",
            where=shown,
            hint=f"anomaly_{output}(.., detector => '{name}') OVER (..) in a query, or a model of ecod or mahalanobis",
        )
    if output in ("probability", HELD_ROWS) and model.held is None and "held" not in kept.table:
        raise UnsupportedError(
            f"the model {kept.name} held no rows out of its fit, so that nothing says how often a score comes up",
            where=shown,
            hint="a score is in scales of the errors of forecasts"
            if model.detector.forecasts
            else "make it with calibration = 0.2",
        )


def _over_rows(rule: str, name: str, given: str, shown: str) -> UnsupportedError:
    """The refusal of a verdict over many rows where one row is asked about."""
    return UnsupportedError(
        f"{rule} is a verdict over a set of rows, and a call with model sees one row",
        where=shown,
        hint=f"ask detect_anomalies(orders, model => '{name}'{given}), which sees them all",
    )
