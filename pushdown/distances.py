"""RANGE frames where an engine has no offsets in them: how far rows lie apart, as a number.

A time becomes seconds, so that a day is 24 hours and a frame reaches from one number to another; a detector whose
rows are paired with those that judge them needs no more.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import BindError, CallError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import TIMES, Kind, kind_shown
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.frames import Bound, Frame
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.times import SECONDS, read_span

NUMBERS = (Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL)


@dataclass(frozen=True, slots=True)
class Distance:
    """How a RANGE frame is measured.

    Attributes:
        column: of the number that says where a row lies in the order, which grows along it.
        low, high: the ends of the frame, counted from the row's own number; None for no end.
    """

    column: str
    low: float | None
    high: float | None


def measured(detector: Detector, frame: Frame | None, dialect: Dialect) -> bool:
    """Whether a frame is measured in numbers, for lack of another way."""
    if frame is None or frame.kind != "RANGE" or dialect.range_frames or not detector.listed:
        return False
    return frame.start.offset is not None or frame.end.offset is not None


def place_of(key: Expr, descending: bool, kind: Kind, shown: str) -> Expr:
    """Where a row lies in the order, as a number that grows along it.

    Raises:
        BindError: for a key that is neither a number nor a time, or of which nobody knows that.
    """
    kind = kind_shown(key) if kind is Kind.UNKNOWN else kind
    if kind not in (*TIMES, *NUMBERS):
        raise BindError(
            f"a RANGE frame with an offset is over a number, a date or a timestamp, and {shown} is not known to be one",
            where=shown,
            hint=f"give a connection or a schema, or say it: ORDER BY CAST({shown} AS TIMESTAMP)",
        )
    number = ops.special(f"epoch_{kind.value}", key) if kind in TIMES else ops.cast_double(key)
    return ops.neg(number) if descending else number


def ends_of(frame: Frame, shown: str) -> tuple[float | None, float | None]:
    """The ends of a frame, counted from the row; None for no end.

    Raises:
        CallError: for an offset that is neither a number nor an interval of one length.
    """
    low, high = (_end(bound, shown) for bound in (frame.start, frame.end))
    return low, high


def _end(bound: Bound, shown: str) -> float | None:
    if bound.side == 0:
        return 0.0
    if bound.offset is None:
        return None
    offset = bound.offset.unnest()
    if isinstance(offset, exp.Literal) and not offset.is_string:
        return bound.side * float(offset.name)
    if not isinstance(offset, exp.Interval):
        raise CallError(f"{offset.sql()} is no offset of a RANGE frame", where=shown, hint="INTERVAL 7 DAY, or 7")
    span = read_span("RANGE", offset, tuple(SECONDS), shown)
    return float(bound.side * span.number * SECONDS[span.unit])
