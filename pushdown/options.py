"""Reads and checks the options of a call against its detector."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError, nearest
from sqlnomaly.pushdown.calls import Call
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.named import Named, read_detector
from sqlnomaly.pushdown.ops import LARGEST, Expr
from sqlnomaly.pushdown.pool_by import PoolBy, read_pool, read_words
from sqlnomaly.pushdown.relation_words import read_relation
from sqlnomaly.pushdown.rules import BESIDE, SCOPES, By, read_keys, read_rule
from sqlnomaly.pushdown.season import Season, read_season, read_slots

COMMON: Mapping[str, str] = {
    "threshold": "number",
    "contamination": "number",
    "fdr": "number",
    "scope": "text",
    "alert_budget": "integer",
    "budget_per": "expressions",
    "pot": "number",
    "pot_level": "number",
    "significance": "number",
    "direction": "text",
    "nulls": "text",
    "min_rows": "integer",
    "min_effect": "numbers",
    "leave_one_out": "boolean",
    "lags": "integer",
    "season": "slots",
    "time_zone": "text",
    "country": "text",
    "pool_by": "names",
    "pool_strength": "number",
    "holidays": "relation",
}
"""Option -> the kind of literal it takes."""
LARGEST_COUNT = 2**53
"""Whole numbers beyond this are no counts of rows."""
LATER = frozenset({"model", "version", "partition"})
DIRECTIONS = ("both", "high", "low")
NULLS = ("propagate", "ignore", "anomalous")


@dataclass(frozen=True, slots=True)
class Options:
    """The checked options of one call."""

    detector: Detector
    threshold: float | None
    contamination: float | None
    by: By | None
    nulls: str
    min_rows: int
    min_effect: tuple[float, ...] | None
    leave_one_out: bool
    season: Season | None
    lags: int | None
    pool: PoolBy | None = None


def option_names(registry: Mapping[str, type[Detector]]) -> frozenset[str]:
    """Every option that some call could take."""
    own = {name for detector in registry.values() for name in detector.options()}
    return frozenset({"detector", "model", "version", "partition", *own, *COMMON})


def literal(name: str, kind: str, node: Expr, shown: str) -> Any:
    """The Python value of a literal, or a CallError that says what the option takes."""

    def refuse() -> CallError:
        return CallError(
            f"{name} takes {_EXAMPLES[kind]}, not {node.sql()}", where=shown, hint=_EXAMPLES[kind]
        )

    inner = node.unnest()
    negative = isinstance(inner, exp.Neg)
    if negative:
        inner = inner.this.unnest()
    if kind == "numbers":
        if isinstance(inner, exp.Array | exp.Tuple) and not negative:
            return tuple(literal(name, "number", part, shown) for part in inner.expressions)
        if isinstance(inner, exp.Literal) and inner.is_string:
            parts = [part.strip() for part in inner.name.split(",")]
            if not all(re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", part) for part in parts):
                raise refuse()
            return tuple(float(part) for part in parts)
        return (literal(name, "number", node, shown),)
    if kind == "expressions":
        return read_keys(node, shown)
    if kind == "names":
        return read_words(node, shown)
    if kind == "slots":
        return read_slots(node, shown)
    if kind == "relation":
        return read_relation(name, node, shown)
    if kind == "literal":
        return _plain(name, node, shown)
    if kind == "boolean":
        if isinstance(inner, exp.Boolean) and not negative:
            return bool(inner.this)
        raise refuse()
    if kind == "text":
        if isinstance(inner, exp.Literal) and inner.is_string and not negative:
            return inner.name
        raise refuse()
    if not isinstance(inner, exp.Literal) or inner.is_string:
        raise refuse()
    number = float(inner.name) * (-1 if negative else 1)
    if not abs(number) <= (LARGEST_COUNT if kind == "integer" else LARGEST):
        raise refuse()
    if kind == "integer":
        if number != int(number):
            raise refuse()
        return int(number)
    return number


def _plain(name: str, node: Expr, shown: str) -> Any:
    """The value of a literal of any type: for options that take a word or a number."""
    inner = node.unnest()
    if isinstance(inner, exp.Null):
        return None
    if isinstance(inner, exp.Boolean):
        return bool(inner.this)
    if isinstance(inner, exp.Literal) and inner.is_string:
        return inner.name
    number = literal(name, "number", node, shown)
    return int(number) if number == int(number) and abs(number) <= LARGEST_COUNT and "." not in node.sql() else number


_EXAMPLES = {
    "text": "a quoted text such as 'mad'",
    "number": "a number such as 3.5",
    "integer": "a whole number such as 10",
    "boolean": "TRUE or FALSE",
    "numbers": "a number such as 5, or one a feature: [5, 2] or '5, 2'",
}


def _choice(name: str, value: str, allowed: tuple[str, ...], shown: str) -> str:
    if value.lower() not in allowed:
        raise CallError(f"{name} => {value!r} is not known", where=shown, hint=nearest(value, allowed))
    return value.lower()


def _kind_of(named: Named, option: str, default: object) -> str:
    if default is None or any(option in kind.several for kind in named.kinds):
        return "literal"
    if isinstance(default, bool):
        return "boolean"
    return {int: "integer", float: "number", str: "text", tuple: "numbers"}[type(default)]


def _directed(registry: Mapping[str, type[Detector]]) -> str:
    """The detectors whose contributions have a sign."""
    return ", ".join(name for name, kind in registry.items() if kind.directed)


def read_options(call: Call, registry: Mapping[str, type[Detector]], shown: str) -> Options:
    """The options of the call, checked against its detector.

    Raises:
        CallError: unknown option or detector, wrong type, out of range, two rules for the verdict.
        UnsupportedError: an option that this detector refuses.
    """
    features = _judged(call, shown)
    given = dict(call.options)
    named = read_detector(given.get("detector"), registry, features, shown)
    kind, own = named.whole, named.options
    name = named.name if named.name == kind.name else f"an ensemble ({named.name})"
    values: dict[str, Any] = {}
    for option, node in given.items():
        if option == "detector":
            continue
        if option in LATER:
            raise CallError(f"{option} is a part of model", where=shown, hint="give model => 'fraud', or leave it out")
        if option in COMMON and option != "direction":
            values[option] = literal(option, COMMON[option], node, shown)
        elif option in own:
            values[option] = literal(option, _kind_of(named, option, own[option]), node, shown)
        elif option == "direction":
            raise UnsupportedError(
                f"direction is refused by {name}: its contributions have no sign",
                where=shown,
                hint=f"use one of {_directed(registry)}, or leave it out",
            )
        else:
            allowed = sorted({*COMMON, *own} - (set() if kind.directed else {"direction", "min_effect"}))
            raise CallError(
                f"unknown option {option!r} of {name}", where=shown, hint=nearest(option, allowed)
            )
    parameters = {option: values[option] for option in own if option in values}
    if "direction" in parameters:
        parameters["direction"] = _choice("direction", parameters["direction"], DIRECTIONS, shown)
    try:
        detector = named.build(parameters)
    except ValueError as error:
        raise CallError(str(error), where=shown, hint=f"see `sqlnomaly detectors {kind.name}`") from None
    by = _by(values, detector, features, shown)
    min_rows = values.get("min_rows", detector.default_rows(features))
    if min_rows < 1:
        raise CallError(f"min_rows => {min_rows} is out of range", where=shown, hint="1 or more")
    effect = values.get("min_effect")
    if effect is not None:
        if not kind.directed:
            raise UnsupportedError(
                f"min_effect is refused by {name}: it has no centre to measure an effect from",
                where=shown,
                hint=f"use one of {_directed(registry)}, or leave it out",
            )
        if len(effect) not in (1, features):
            raise CallError(
                f"min_effect has {len(effect)} values for {features} features",
                where=shown,
                hint="one value for a single feature, or a list of equal length",
            )
        if len(effect) == 1 and features > 1:
            raise CallError(
                f"min_effect has one value for {features} features of different units",
                where=shown,
                hint="give a list of equal length, such as [5, 2]",
            )
        if any(value < 0 for value in effect):
            raise CallError("min_effect is a distance: it cannot be negative", where=shown, hint="0 or more")
    leave_one_out = values.get("leave_one_out", False)
    if leave_one_out and not detector.removable:
        raise UnsupportedError(
            f"leave_one_out is refused by {name}: {kind.no_removal}", where=shown, hint="leave it out"
        )
    threshold, contamination = values.get("threshold"), values.get("contamination")
    if threshold is None and contamination is None and by is None:
        rule = detector.default_rule(features)
        threshold, contamination = rule.threshold, rule.contamination
    nulls = _choice("nulls", values.get("nulls", "propagate"), NULLS, shown)
    if nulls == "ignore" and detector.joint:
        raise UnsupportedError(
            f"nulls => 'ignore' is refused by {name}: it needs every feature of a row",
            where=shown,
            hint="COALESCE the feature, leave it out, or use 'propagate' or 'anomalous'",
        )
    return Options(
        detector=detector,
        threshold=threshold,
        contamination=contamination,
        by=by,
        nulls=nulls,
        min_rows=min_rows,
        min_effect=effect,
        leave_one_out=leave_one_out,
        lags=values.get("lags"),
        season=read_season(values, shown),
        pool=read_pool(values, detector, shown),
    )


def _judged(call: Call, shown: str) -> int:
    """How many features are judged: those of the call, and so many earlier values of each."""
    lags = literal("lags", "integer", call.options["lags"], shown) if "lags" in call.options else 0
    return len(call.features) * (1 + max(lags, 0))


def read_by(given: Mapping[str, Expr], detector: Detector, features: int, shown: str) -> By | None:
    """The rule among options that is neither a threshold nor a contamination, for a detector that is there already.

    Args:
        given: options of a call; those that are about no rule are passed over.
        detector: the detector.
        features: how many.
        shown: the call, for messages.

    Raises:
        CallError: several rules, wrong type, out of range.
        UnsupportedError: a rule that the detector does not have.
    """
    known = {*BESIDE, "threshold", "contamination"} & given.keys()
    values = {option: literal(option, COMMON[option], given[option], shown) for option in given if option in known}
    return _by(values, detector, features, shown)


def _by(values: dict[str, Any], detector: Detector, features: int, shown: str) -> By | None:
    if "scope" in values:
        values["scope"] = _choice("scope", values["scope"], SCOPES, shown)
    return read_rule(values, detector, features, shown)
