"""Every error a user can meet: one tree, each with what happened, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN = 300
"""Characters of a statement that an error prints; the whole is in its ``sql``."""


class SqlnomalyError(Exception):
    """The root of every error that sqlnomaly raises on purpose.

    Attributes:
        message: what happened.
        where: the fragment of the user's SQL, or the name of the thing, that it concerns.
        hint: what to do.
    """

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.message = message
        self.where = where
        self.hint = hint
        super().__init__(self.render())

    def render(self) -> str:
        """The message, the place and the remedy, one a line."""
        lines = [self.message]
        if self.where:
            lines.append(f"  at: {self.where}")
        if self.hint:
            lines.append(f"  try: {self.hint}")
        return "\n".join(lines)


class ParseError(SqlnomalyError):
    """The SQL does not parse in the dialect it was read in."""


class CallError(SqlnomalyError):
    """A detection call is malformed: an option, a value, or the place where it stands."""


class BindError(SqlnomalyError):
    """A name or a type in the query does not fit the tables behind it."""


class UnsupportedError(SqlnomalyError):
    """The detector, operator or dialect cannot do what was asked; it is refused, not approximated."""


class EngineError(SqlnomalyError):
    """The engine refused or failed to run the generated SQL.

    Attributes:
        engine: its dialect, where a step of a plan failed.
        step: which step.
        sql: the statement of that step.
    """

    engine: str | None = None
    step: str | None = None
    sql: str | None = None

    def during(self, *, engine: str, step: str, sql: str) -> EngineError:
        """The same error, which names the step of the plan."""
        told = EngineError(self.message, where=self.where, hint=self.hint)
        told.engine, told.step, told.sql = engine, step, sql
        told.args = (told.render(),)
        return told

    def render(self) -> str:
        """The message, the step with the beginning of its SQL, the place and the remedy, one a line."""
        lines = super().render().split("\n")
        if self.step is not None and self.sql is not None:
            begin = " ".join(self.sql.split())
            shown = begin if len(begin) <= SHOWN else begin[:SHOWN] + " .."
            lines.insert(1, f"  in: {self.step} on {self.engine} ({len(self.sql.encode()):,} bytes): {shown}")
        return "\n".join(lines)


class MissingDriverError(SqlnomalyError):
    """A Python package that an optional engine needs is not installed."""

    @classmethod
    def named(cls, package: str, extra: str) -> MissingDriverError:
        """Says which package is missing and which extra brings it."""
        return cls(f"{package} is not installed", hint=f"pip install 'sqlnomaly[{extra}]'")


class ModelError(SqlnomalyError):
    """A model cannot be fitted on these rows, or its file cannot be read or trusted."""


class UsageError(SqlnomalyError):
    """A command line or an argument is wrong before any SQL is looked at."""


def nearest(name: str, allowed: Iterable[str]) -> str:
    """A sentence that names the closest allowed word, then all of them.

    Example:
        >>> nearest("ecdo", ["ecod", "mad"])
        "did you mean 'ecod'? allowed: ecod, mad"
    """
    words = list(allowed)
    lowered = {word.lower(): word for word in words}
    close = get_close_matches(name.lower(), lowered, n=1, cutoff=0.5)
    listing = "allowed: " + ", ".join(words)
    return f"did you mean {lowered[close[0]]!r}? {listing}" if close else listing
