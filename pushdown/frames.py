"""The OVER clause of a call: order, frame, and the frame without its own row."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a frame: ``side`` -1 before, 0 at, 1 after the current row; offset None is unbounded."""

    side: int
    offset: Expr | None

    def symbol(self) -> tuple[str | Expr, str | None]:
        """The bound as sqlglot's WindowSpec holds it."""
        if self.side == 0:
            return "CURRENT ROW", None
        value: str | Expr = "UNBOUNDED" if self.offset is None else self.offset.copy()
        return value, "PRECEDING" if self.side < 0 else "FOLLOWING"


@dataclass(frozen=True, slots=True)
class Frame:
    """A ROWS or RANGE frame."""

    kind: str
    start: Bound
    end: Bound

    def spec(self) -> Expr:
        """The frame as a node."""
        start, start_side = self.start.symbol()
        end, end_side = self.end.symbol()
        return exp.WindowSpec(kind=self.kind, start=start, start_side=start_side, end=end, end_side=end_side)

    @property
    def ends(self) -> tuple[int | None, int | None]:
        """The first and the last row of a ROWS frame, counted from the current one; None where it has no end."""
        first, last = (
            None if bound.side and bound.offset is None else bound.side * int(bound.offset.name if bound.offset else 0)
            for bound in (self.start, self.end)
        )
        return first, last

    @property
    def holds_current(self) -> bool:
        """Whether the current row lies in the frame."""
        return self.start.side <= 0 <= self.end.side

    def without_current(self) -> tuple[Frame, ...]:
        """A ROWS frame as what lies before and what lies behind the current row."""
        before, after = Bound(-1, ops.integer(1)), Bound(1, ops.integer(1))
        pieces = []
        if self.start.side < 0:
            pieces.append(Frame(self.kind, self.start, self.end if self.end.side < 0 else before))
        if self.end.side > 0:
            pieces.append(Frame(self.kind, self.start if self.start.side > 0 else after, self.end))
        return tuple(pieces)


FARTHEST = 2**31 - 1
"""The largest ROWS offset that every engine takes."""

HISTORY = Frame("ROWS", Bound(-1, None), Bound(-1, ops.integer(1)))
"""Every row before the current one."""

SO_FAR = Frame("ROWS", Bound(-1, None), Bound(0, None))
"""Every row up to the current one."""


def read_frame(window: exp.Window, shown: str) -> Frame | None:
    """The frame of an OVER clause, None where it has none.

    Raises:
        CallError: a frame without ORDER BY, or of which nothing but the current row is left.
        UnsupportedError: EXCLUDE and GROUPS.
    """
    spec = window.args.get("spec")
    if spec is None:
        return None
    if spec.args.get("exclude"):
        raise UnsupportedError(
            "EXCLUDE is refused in a detection call: the current row is never in its own frame",
            where=shown,
            hint="leave EXCLUDE out",
        )
    kind = str(spec.args["kind"]).upper()
    if kind not in ("ROWS", "RANGE"):
        raise UnsupportedError(
            f"a {kind} frame is refused in a detection call", where=shown, hint="ROWS or RANGE"
        )
    if not window.args.get("order"):
        raise CallError("a frame needs ORDER BY", where=shown, hint="OVER (ORDER BY day ROWS ..)")

    def bound(value: str | Expr, side: str | None, default: int) -> Bound:
        word = value if isinstance(value, str) else ""
        if word.upper() == "CURRENT ROW":
            return Bound(0, None)
        way = {"PRECEDING": -1, "FOLLOWING": 1}.get((side or "").upper(), default)
        if word.upper() == "UNBOUNDED":
            return Bound(way, None)
        offset = value if not isinstance(value, str) else exp.Literal.number(value)
        if isinstance(offset, exp.Neg):
            raise CallError(
                f"a frame offset cannot be negative: {offset.sql()}", where=shown, hint="6 PRECEDING"
            )
        if kind == "ROWS":
            whole = isinstance(offset, exp.Literal) and not offset.is_string and offset.name.isdigit()
            if not whole:
                raise CallError(
                    f"a ROWS frame takes whole numbers, not {offset.sql()}", where=shown, hint="6 PRECEDING"
                )
            if int(offset.name) > FARTHEST:
                raise CallError(f"{offset.name} rows is too far", where=shown, hint="UNBOUNDED PRECEDING")
            if int(offset.name) == 0:
                return Bound(0, None)
        return Bound(way, offset)

    start = bound(spec.args["start"], spec.args.get("start_side"), -1)
    raw_end = spec.args.get("end")
    end = bound(raw_end, spec.args.get("end_side"), 1) if raw_end is not None else Bound(0, None)
    frame = Frame(kind, start, end)
    if _empty(start, end) or (kind == "ROWS" and not frame.without_current()):
        raise CallError(
            "the frame holds no row but the current one, and that is never its own baseline",
            where=shown,
            hint="ROWS BETWEEN 6 PRECEDING AND CURRENT ROW",
        )
    return frame


def _empty(start: Bound, end: Bound) -> bool:
    """Whether the frame ends before it begins."""
    if start.side != end.side:
        return start.side > end.side
    near, far = (end, start) if start.side < 0 else (start, end)
    if not isinstance(near.offset, exp.Literal):
        return near.offset is None and start.side != 0 and far.offset is not None
    if not isinstance(far.offset, exp.Literal) or near.offset.is_string or far.offset.is_string:
        return False
    return float(near.offset.name) > float(far.offset.name)
