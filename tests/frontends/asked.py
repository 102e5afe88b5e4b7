"""Statements of other systems, run on a session or only translated."""

from __future__ import annotations

from collections.abc import Mapping

from sqlnomaly.dialects import get_dialect
from sqlnomaly.frontends import foreign
from sqlnomaly.model import Model
from sqlnomaly.pushdown.statements import Statement
from sqlnomaly.result import Result
from sqlnomaly.session import Session

PAYMENTS = (
    (1, 10.0, 100.0), (2, 11.0, 108.0), (3, 9.0, 91.0), (4, 10.5, 106.0), (5, 9.5, 94.0), (6, 10.2, 103.0),
    (7, 50.0, 20.0), (8, 52.0, 22.0), (9, 49.0, 18.0), (10, 51.0, 21.0), (11, 30.0, 60.0), (12, 10.1, 99.0),
)  # fmt: skip
"""id, amount, items: two groups of rows, and row 11 between them."""
TABLE = f"(VALUES {', '.join(str(row) for row in PAYMENTS)}) AS t(id, amount, items)"
"""The same as a relation."""


def translated(
    sql: str, read: str, models: Mapping[str, Model] | None = None, write: str | None = None
) -> Statement | str | None:
    """What a statement is in our words."""
    target = None if write is None else get_dialect(write)
    return foreign(sql, get_dialect(read), dict(models or {}).__getitem__, target)


def text_of(sql: str, read: str, models: Mapping[str, Model] | None = None, write: str | None = None) -> str:
    """The SQL that a statement becomes."""
    found = translated(sql, read, models, write)
    assert isinstance(found, str), found
    return found


def ask(session: Session, sql: str, read: str) -> Result:
    """Runs a statement."""
    return session.sql(sql, read=read)
