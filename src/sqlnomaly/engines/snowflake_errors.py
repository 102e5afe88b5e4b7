"""What Snowflake and its connector say when something is wrong, as errors of ours, and never a secret."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sqlnomaly.errors import BindError, EngineError, SqlnomalyError

UNKNOWN_OBJECT, CANCELED, GONE = frozenset({2003, 2043}), 604, frozenset({390111, 390112, 390114, 250002})
"""Error numbers: no such object; a canceled statement; a session that is over, or a connection that is closed."""
UNFIT = frozenset({904, 1039, 1044, 1789, 2140, 2141, 2262}) | UNKNOWN_OBJECT
"""Error numbers of names and types that do not fit."""
_HEAD = re.compile(
    r"(?:\d{6} \(\w+\): )?(?:[0-9a-f]{8}(?:-[0-9a-f]+)+: )?(?:SQL compilation error:\s*)?"
    r"(?:error line \d+ at position \d+:?\s*)?"
)
_SECRET = re.compile(r"password|passcode|token|secret|passphrase|private_key", re.IGNORECASE)


def translate(error: Any, near: Callable[[str], str]) -> SqlnomalyError:
    """A driver's error as one of ours, in the server's own words.

    Args:
        error: of the connector.
        near: the hint for a table that does not exist.
    """
    message = words(error)
    if error.errno == CANCELED:
        return EngineError("the query was interrupted")
    if error.errno in GONE:
        return EngineError(f"the connection to Snowflake was lost: {message}", hint="connect again")
    if table := re.search(r"(?:Object|Table|View) '(.+?)' does not exist or not authorized", message):
        name = table[1].rpartition(".")[2].strip('"')
        return BindError(f"table {name!r} does not exist, or may not be seen", hint=near(name))
    if column := re.search(r"invalid identifier '(.+?)'", message):
        return BindError(f"column {column[1]!r} does not exist", where=column[1])
    return (BindError if error.errno in UNFIT else EngineError)(message)


def secrets_of(name: str) -> tuple[str, ...]:
    """Every text of the driver's configuration that may be a secret, to keep it out of a message; kept nowhere."""
    found = [value for key, value in os.environ.items() if key.startswith("SNOWFLAKE") and _SECRET.search(key)]
    with suppress(Exception):  # a file that the driver cannot read has no secret that it tells
        from snowflake.connector import config_manager

        known: Any = config_manager.CONFIG_MANAGER
        options = known["connections"].get(name or known["default_connection_name"], {})
        found += [str(value) for key, value in options.items() if _SECRET.search(key)]
    return tuple(sorted((text for text in found if text), key=len, reverse=True))


def scrubbed(text: str, secrets: Sequence[str]) -> str:
    """The text with each secret as ``***``."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def words(error: Any) -> str:
    """What the server says, without numbers, places and line ends."""
    text = _HEAD.sub("", str(getattr(error, "raw_msg", None) or error), count=1)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no message"
