"""What BigQuery and its client say when something is wrong, as errors of ours, and never a token."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlnomaly.errors import BindError, EngineError, SqlnomalyError

STOPPED = "stopped"
"""The reason of a job that was canceled."""

_PLACE = re.compile(r"\s+at \[(\d+):(\d+)\]\s*$")
_TABLE = re.compile(r"Not found: Table (?:\S+?[:.])?(\S+?) was not found|Table \"(\S+)\" must be qualified")
_UNFIT = re.compile(
    r"^(?:Unrecognized name|Function not found|Aggregate function .* not found|No matching signature|Duplicate column|"
    r"Type not found|Invalid cast|Could not cast literal|(?:Column name|Name) \S+ (?:not found|is ambiguous))|"
    r"not found inside| does not support|cannot be coerced"
)
_TOKEN = re.compile(r"\bya29\.[\w.-]+|(?<=Bearer )\S+|(?<=access_token=)[^&\s]+")


def translate(error: Any, sql: str | None, near: Callable[[str], str]) -> SqlnomalyError:
    """A client's error as one of ours, in the service's own words.

    Args:
        error: of google.api_core, google.auth or requests.
        sql: the statement, for the fragment that the service points at.
        near: the hint for a table that does not exist.
    """
    (told,) = (getattr(error, "errors", None) or [{}])[:1]
    said = told.get("message") or getattr(error, "message", None) or str(error)
    place = None
    if found := _PLACE.search(said):
        said, place = said[: found.start()], (int(found[1]), int(found[2]))
    message, *more = _TOKEN.sub("***", said or type(error).__name__).splitlines()
    if told.get("reason") == STOPPED:
        return EngineError("the query was interrupted")
    if type(error).__module__.startswith("google.auth"):
        return EngineError(
            f"Google does not let us in: {message}",
            hint="gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS",
        )
    if table := _TABLE.search(message):
        name = table[1] or table[2]
        return BindError(f"table {name.rpartition('.')[2]!r} does not exist", hint=near(name.rpartition(".")[2]))
    where = _fragment(sql, place)
    if column := re.match(r"Unrecognized name: (.+?)(?:; Did you mean (.+)\?)?$", message):
        hint = f"did you mean {column[2]!r}?" if column[2] else None
        return BindError(f"column {column[1]!r} does not exist", where=where, hint=hint)
    types = next((line.strip() for line in more if line.strip().startswith("Argument types")), None)
    return (BindError if _UNFIT.search(message) else EngineError)(message, where=where, hint=types)


def _fragment(sql: str | None, place: tuple[int, int] | None) -> str | None:
    """The word of the statement that stands at a line and a column, both counted from 1."""
    lines = (sql or "").splitlines()
    if place is None or not 0 < place[0] <= len(lines):
        return None
    found = re.match(r"`[^`]*`|[\w.]+|\S", lines[place[0] - 1][place[1] - 1 :])
    return found[0] if found else None
