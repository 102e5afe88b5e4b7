"""What a front-end is told beside the statement, and what it makes of a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlnomaly.dialects import Dialect

if TYPE_CHECKING:
    from sqlnomaly.model import Model

Models = Callable[[str], "Model"]
"""Gives a stored model by its name, and raises for a name that it does not know."""
Queries = Callable[[str], str | None]
"""Gives the query that a stored model was fitted on."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a front-end is told.

    Attributes:
        write: the dialect that the statement will run in.
        models: the stored models.
        queries: gives the query that a stored model was fitted on, in the words of ``write``, or None where nobody
            knows it.
    """

    write: Dialect
    models: Models
    queries: Queries | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of the statement and what goes into its place.

    Attributes:
        first, end: the tokens of the piece.
        sql: what goes there, in the dialect of the statement.
        whole: whether the piece is the whole statement, with a head that is no token.
    """

    first: int
    end: int
    sql: str
    whole: bool = False
