"""What PostgreSQL and its client say when something is wrong, as errors of ours, and never a password."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

from sqlnomaly.errors import BindError, EngineError, SqlnomalyError

LOST = "the connection to PostgreSQL was lost"
"""How the message of a lost connection begins."""

UNFIT = frozenset(
    "42P01 42P02 42P10 42P18 42703 42702 42704 42725 42712 42803 42804 42846 42883 42P20 3F000".split()
)
"""SQLSTATEs of names and types that do not fit."""
UNKNOWN_TABLE = "42P01"
READ_ONLY = "25006"
ENDED = ("57P01", "57P02", "57P03", "08000", "08003", "08006")
"""SQLSTATEs of a server that hangs up."""
_GONE = re.compile(
    r"no connection to the server|server closed the connection|could not (?:send|receive) data|connection not open"
)
_SECRET = re.compile(r"://[^/?#]*?:(.*)@")
_OPTION = re.compile(r"[?&]password=([^&]*)")
_DRIVER = re.compile(
    r"^[A-Z_]+: (?:\[libpq\] )?(?:Failed to [^:]+: )?(?:could not begin COPY: )?(?:(?:ERROR|FATAL): +)?"
)
"""What the driver says before the server's own words."""
_SHORTEST = 3
"""A shorter piece of a password would be found in any text."""


def secrets_of(address: str) -> tuple[str, ...]:
    """Every text that may be a password: of the address, taken apart as a mistake in it might be, and of PGPASSWORD."""
    found = [os.environ.get("PGPASSWORD", ""), *_SECRET.findall(address), *_OPTION.findall(address)]
    pieces = [piece for text in found for piece in re.split(r"[@:/?#]", text) if len(piece) >= _SHORTEST]
    every = {form for text in (*found, *pieces) if text for form in (text, unquote(text))}
    return tuple(sorted(every, key=len, reverse=True))


def scrubbed(text: str, secrets: Sequence[str]) -> str:
    """The text with each secret as ``***``."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def translate(
    error: Any,
    secrets: Sequence[str],
    *,
    sql: str | None = None,
    near: Callable[[str], str] | None = None,
    doing: str | None = None,
) -> SqlnomalyError:
    """A driver's error as one of ours, in the server's own words.

    Args:
        error: of the driver.
        secrets: what may not be shown.
        sql: the statement, for the fragment that the server points at.
        near: the hint for a table that does not exist.
        doing: what failed, where the server said nothing.
    """
    details = {_text(name): _text(value) for name, value in error.details or ()}
    state = error.sqlstate or ""
    message = scrubbed(details.get("PG_DIAG_MESSAGE_PRIMARY") or _first_line(str(error)), secrets)
    if doing is not None:
        return EngineError(f"{doing}: {message}")
    if state in ENDED or _GONE.search(str(error)):
        return EngineError(f"{LOST}: {message}", hint="connect again")
    where = _fragment(sql, details.get("PG_DIAG_STATEMENT_POSITION"))
    hint = details.get("PG_DIAG_MESSAGE_HINT") or details.get("PG_DIAG_MESSAGE_DETAIL")
    if state == UNKNOWN_TABLE and near is not None and where and (table := re.search(r'"([^"]+)"', message)):
        hint = near(table[1])
    if state == READ_ONLY:
        hint = "a query is run read-only: to write, CREATE TABLE .. AS, or INSERT .. SELECT"
    ours = BindError if state in UNFIT else EngineError
    return ours(message, where=where and scrubbed(where, secrets), hint=hint and scrubbed(hint, secrets))


def _fragment(sql: str | None, position: str | None) -> str | None:
    """The word of the statement that stands at a position, counted from 1."""
    if sql is None or position is None:
        return None
    found = re.match(r'(?:"[^"]*"|[\w.])+|\S', sql.strip()[int(position) - 1 :])
    return found[0] if found else None


def _text(value: bytes | str) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _first_line(text: str) -> str:
    """The first line that says something, without the driver's own words before it."""
    line = next((line for line in text.splitlines() if line.strip()), "no message")
    return _DRIVER.sub("", line)
