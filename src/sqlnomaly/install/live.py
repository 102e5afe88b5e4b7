"""The score of a model as a vectorized function of the connection: fast, and gone with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlnomaly.dialects import get_dialect
from sqlnomaly.engines.base import Engine
from sqlnomaly.errors import UnsupportedError, UsageError
from sqlnomaly.install.functions import function_name
from sqlnomaly.install.installer import Report
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.frozen import parameter_kinds

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.model import Model
    from sqlnomaly.pushdown.fitted import FittedModel
    from sqlnomaly.pushdown.function import Function

DAY, MICROSECONDS = 86400.0, 1e6
"""Seconds, and how many there are in one."""


def install_live(engine: Engine, model: Model | None, name: str | None) -> Report:
    """The score of a model as a vectorized function of the connection.

    Raises:
        UnsupportedError: an engine that takes none, or a model that is as fast in SQL.
    """
    if model is None or name is None:
        raise UsageError("a live function is that of a model, under a name", hint="install(model, name=.., live=True)")
    if not get_dialect(engine.dialect).functions_from_client:
        raise UnsupportedError(f"{engine.dialect} takes no functions from a client", hint="leave live out")
    if not model.fitted.detector.by_function:
        raise UnsupportedError(
            f"{model.detector} has no vectorized function: its SQL functions are as fast", hint="leave live out"
        )
    if engine.functions([function_name(name, None, get_dialect(engine.dialect))]):
        raise UnsupportedError(f"{name} is there already; nothing was made", hint="choose another name, or drop it")
    engine.register(name, live_function(model.fitted))
    line = f"sqlnomaly.connect(..).install(sqlnomaly.Model.load(..), name={name!r}, live=True)"
    return Report(made=(name,), notes=(f"{name} lasts as long as the connection; to have it again: {line}",))


def live_function(model: FittedModel) -> Function:
    """The score as a function of keys and features of the types that the model was fitted on."""
    function = model.detector.function(model)
    assert function is not None, "a detector that is scored by a function has one"
    kinds = list(parameter_kinds(model).values())
    return replace(function, call=_of_numbers(function.call, kinds, len(model.keys)))


def _of_numbers(score: Callable[..., Any], kinds: Sequence[Kind], keys: int) -> Callable[..., Any]:
    """The function over what the features are: each as the number that the language makes of its type."""

    def live_score(*arguments: Any) -> Any:
        numbers = (_number(feature, kind) for feature, kind in zip(arguments[keys:], kinds[keys:], strict=True))
        return score(*arguments[:keys], *numbers)

    return live_score


def _number(feature: pa.Array, kind: Kind) -> pa.Array:
    """A feature as doubles, NULL where it is out of range."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind is Kind.DATE:
        values = pc.multiply(_finite(feature.cast(pa.date32()).cast(pa.int32()), 1.0), DAY)
    elif kind in (Kind.TIMESTAMP, Kind.TIMESTAMPTZ):
        micros = pa.timestamp("us", getattr(feature.type, "tz", None))
        values = _finite(feature.cast(micros, safe=False).cast(pa.int64()), MICROSECONDS)
    else:
        values = feature.cast(pa.float64(), safe=False)
    return pc.if_else(pc.less_equal(pc.abs(values), ops.LARGEST), values, None)


def _finite(ticks: pa.Array, each: float) -> pa.Array:
    """Ticks as seconds; the largest number of its type is an infinite time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    inside = pc.less(pc.abs(ticks), 2 ** (ticks.type.bit_width - 1) - 1)
    return pc.if_else(inside, pc.divide(ticks.cast(pa.float64(), safe=False), each), None)
