"""Whether a relation form judges a row by the rows before it, or by all rows of its partition."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.calls import read_call
from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import Options, literal, option_names, read_options
from sqlnomaly.pushdown.relation_request import Request
from sqlnomaly.pushdown.rules import AlertBudget, FalseDiscoveries, Peaks
from sqlnomaly.pushdown.select import Settings

REMEDY = "causal => FALSE judges each row by all rows of its partition"
"""What to do where there is no causal form."""


def options_of(request: Request, settings: Settings) -> Options:
    """The checked options of the form's calls."""
    window = request.ask("anomaly_score")
    node = window.find(exp.Anonymous)
    assert node is not None, "a window of a call has one"
    call = read_call(node, window, option_names(settings.registry), request.shown)
    return read_options(call, settings.registry, request.shown)


def read_causal(given: dict[str, Expr], shown: str) -> bool:
    """What ``causal`` says, taken out of the options; TRUE without it.

    Raises:
        CallError: for anything but TRUE or FALSE.
    """
    return bool(literal("causal", "boolean", given.pop("causal"), shown)) if "causal" in given else True


def judged(request: Request, settings: Settings, *, causal: bool, ordered: bool) -> Request:
    """The request with the order that its rows are judged along.

    Args:
        request: with the keys of ``order_by``.
        settings: of the statement.
        causal: what the form says.
        ordered: whether the form needs ``order_by`` for itself, so that it cannot be left out.

    Raises:
        UnsupportedError: a detector or a rule that has no meaning so.
    """
    if not ordered and (causal or not request.order):
        return request
    options = options_of(request, settings)
    detector = options.detector
    if detector.looks_ahead:
        return request
    if not causal:
        if detector.shape is Shape.WINDOW:
            raise UnsupportedError(
                f"causal => FALSE is refused by {detector.name}: it judges a row by the rows before it",
                where=request.shown,
                hint="leave causal out, or use a detector that takes rows without an order, such as mad",
            )
        if options.season is not None:
            raise CallError(
                "season compares a row with the earlier rows of its slot",
                where=request.shown,
                hint="leave causal out, or make the slot a column and name it in partition_by",
            )
        return replace(request, order=())
    if not detector.ordered:
        raise UnsupportedError(f"{detector.name} has no causal form", where=request.shown, hint=REMEDY)
    if request.buckets is not None and request.buckets.fill == "linear":
        raise UnsupportedError(
            "fill => 'linear' looks at the next bucket, so that a row would be judged by rows that know its own value",
            where=request.shown,
            hint=f"fill => 'previous'; or {REMEDY}",
        )
    late = _late(options)
    if late is not None:
        raise UnsupportedError(
            f"{late} would judge a row by later scores", where=request.shown, hint=f"use threshold; or {REMEDY}"
        )
    return request


def _late(options: Options) -> str | None:
    """The rule that needs the scores of all rows, if it is one."""
    if options.contamination is not None:
        return "contamination"
    return options.by.name if isinstance(options.by, FalseDiscoveries | AlertBudget | Peaks) else None
