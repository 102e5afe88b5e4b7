"""The variants of the matrix: every option, window and filter of the language, asked of every data set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import FEW, SOME, Ask
from tests.conformance.datasets import DataSet
from tests.reference.judge import DETECTORS, Frame

Variant = Callable[[DataSet], Ask | None]
"""What to ask of a data set; None where it lacks the columns for it."""

def told(fact: str) -> Mapping[str, Mapping[str, Any]]:
    """What the references say of their detectors under a name."""
    return {name: getattr(module, fact) for name, module in DETECTORS.items() if hasattr(module, fact)}


PARAMETERS = told("PARAMETERS")
"""Detector -> its own parameters with a value that is not the default; `direction` has variants of its own."""

LEAN = told("LEAN")
"""Options that keep the statement short where the engine is slow to plan it, and a forest small."""
SHOWS = told("SHOWS")
"""Option -> other options under which a change of it shows."""

IN_ORDER = frozenset(name for name, kind in detectors().items() if kind.shape is Shape.WINDOW)
"""Detectors that judge rows in an order only: every ask has one, but for `UNORDERED`, which are refused."""
UNORDERED = frozenset({"plain", "keys"})
FORMLESS = frozenset(name for name, kind in detectors().items() if kind().on_client)
"""Detectors whose plan is not SQL alone: there is no form of the statement to choose."""

CHANCE = ("anomaly_score", "anomaly_probability", "anomaly_status")
WHY = ("anomaly_reason", "anomaly_explanation", "anomaly_status")


def keyed(**parts: Any) -> Variant:
    """An ask over the data set's partitions, where it has none over the whole."""
    return lambda data: Ask(partition=data.keys, **parts)


def grouped(**parts: Any) -> Variant:
    """An ask that needs partitions."""
    return lambda data: Ask(partition=data.keys, **parts) if data.keys else None


def ordered(**parts: Any) -> Variant:
    """An ask that needs an order."""
    return lambda data: Ask(partition=data.keys, order=data.order, **parts) if data.order else None


def ranged(start: int | None, end: int | None, **parts: Any) -> Variant:
    """An ask with a RANGE frame over a numeric order key."""

    def variant(data: DataSet) -> Ask | None:
        if data.order is None or not number(data.table.schema.field(data.order).type):
            return None
        return Ask(partition=data.keys, order=data.order, frame=Frame("range", start, end), **parts)

    return variant


def intervals(kind: Callable[[pa.DataType], bool], start: int, end: int) -> Variant:
    """An ask with a RANGE frame of so many hours over the data set's first feature of a type."""

    def variant(data: DataSet) -> Ask | None:
        order = next((name for name in data.features if kind(data.table.schema.field(name).type)), None)
        frame = Frame("range", dt.timedelta(hours=start), dt.timedelta(hours=end))
        return None if order is None else Ask(order=order, frame=frame)

    return variant


def effect(data: DataSet, rows: int = 0) -> Ask | None:
    """A smallest effect that differs by feature, over partitions or the rows just before."""
    options = {"min_effect": [1.0 + j for j in range(len(data.features))]}
    if not rows:
        return Ask(partition=data.keys, options=options)
    if data.order is None:
        return None
    frame = Frame("rows", -rows, 0)
    return Ask(partition=data.keys, order=data.order, frame=frame, options={**options, "min_rows": 2})


def explained(ask: Ask | None) -> Ask | None:
    """The ask for an explanation."""
    return None if ask is None else replace(ask, functions=WHY)


def number(kind: pa.DataType) -> bool:
    """Whether a numeric offset can be added to a key of this type."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def naive(kind: pa.DataType) -> bool:
    """Whether a type is a timestamp without zone."""
    return bool(pa.types.is_timestamp(kind)) and kind.tz is None


def zoned(kind: pa.DataType) -> bool:
    """Whether a type is an instant."""
    return bool(pa.types.is_timestamp(kind)) and kind.tz is not None


VARIANTS: Mapping[str, Variant] = {
    "plain": lambda data: Ask(),
    "keys": grouped(),
    "filter": keyed(where=SOME),
    "unseen": grouped(where=FEW),
    "staged": keyed(staged=True),
    "staged_filter": keyed(where=SOME, staged=True),
    "wrap": lambda data: Ask(form="wrap"),
    "ignore": keyed(options={"nulls": "ignore"}),
    "anomalous": keyed(options={"nulls": "anomalous"}, where=SOME),
    "threshold": keyed(options={"threshold": 1.5}),
    "contamination": keyed(options={"contamination": 0.1}),
    "min_rows": keyed(options={"min_rows": 30}),
    "high": keyed(options={"direction": "high"}),
    "low": keyed(options={"direction": "low"}),
    "effect": effect,
    "leave_one_out": keyed(options={"leave_one_out": True}),
    "leave_one_out_filter": keyed(options={"leave_one_out": True}, where=SOME),
    "causal": ordered(),
    "causal_filter": ordered(where=SOME, descending=True),
    "rows_before": ordered(frame=Frame("rows", -6, 0)),
    "rows_after": ordered(frame=Frame("rows", 1, 7)),
    "rows_both": ordered(frame=Frame("rows", -6, 2)),
    "rows_filter": ordered(frame=Frame("rows", None, 3), where=SOME),
    "rows_effect": lambda data: effect(data, rows=9),
    "range_before": ranged(-6, 0),
    "range_both": ranged(-4, 3, where=SOME),
    "range_behind": ranged(-8, -2),
    "range_unbounded": ranged(None, 1, descending=True),
    "interval": intervals(naive, -6, 0),
    "interval_zone": intervals(zoned, -5, 2),
    "interval_date": intervals(pa.types.is_date, -72, -24),
    "probability": keyed(functions=CHANCE),
    "probability_filter": keyed(functions=CHANCE, where=SOME),
    "probability_alone": keyed(functions=CHANCE[1:2]),
    "probability_causal": ordered(functions=CHANCE),
    "probability_left_out": keyed(functions=CHANCE, options={"leave_one_out": True}),
    "explanation": keyed(functions=WHY),
    "explanation_alone": keyed(functions=WHY[1:2], where=SOME),
    "explanation_missing": keyed(functions=WHY, options={"nulls": "anomalous"}, where=FEW),
    "explanation_ignore": keyed(functions=WHY, options={"nulls": "ignore"}),
    "explanation_effect": lambda data: explained(effect(data)),
    "explanation_causal": ordered(functions=WHY),
    "explanation_left_out": keyed(functions=WHY, options={"leave_one_out": True}),
}
"""Name of a check -> what it asks."""


def own_parameters(detector: str) -> Variant:
    """The detector's own parameters, none at its default."""
    options = PARAMETERS.get(detector, {})
    return lambda data: Ask(partition=data.keys, options=options) if options else None


def variants(detector: str, data: DataSet) -> dict[str, Ask]:
    """Every ask that the data set allows. Which of them a detector refuses is for the engine to say."""
    asked = {name: variant(data) for name, variant in VARIANTS.items()}
    asked["parameters"] = own_parameters(detector)(data)
    if detector in IN_ORDER:
        asked["causal"] = Ask(partition=data.keys)
        asked = {
            name: ask if ask is None or name in UNORDERED else in_order(data, ask) for name, ask in asked.items()
        }
    return {
        name: ask
        for name, ask in asked.items()
        if ask is not None and not (detector in FORMLESS and (ask.staged or ask.form))
    }


def in_order(data: DataSet, ask: Ask) -> Ask:
    """The ask with an order, that of the ids where the data set has none."""
    return ask if ask.order is not None else replace(ask, order=data.order or "id")
