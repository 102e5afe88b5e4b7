"""Names for generated columns and CTEs: readable, and never those of the user."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.ops import Expr

if TYPE_CHECKING:
    from sqlnomaly.pushdown.select import Settings

LONGEST_WORD = 30
"""Letters of a feature's name that generated names keep. What stands around them takes 33 bytes more at most, so that
they fit into the 63 bytes of PostgreSQL: a test measures it."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Names:
    """Hands out CTE names that differ from every identifier of the statement and from each other.

    Args:
        taken: the identifiers of the statement.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.lower() for name in taken}

    def fresh(self, hint: str) -> str:
        """The hint, with a number behind it if it is taken.

        Example:
            >>> Names(["source"]).fresh("source")
            'source_2'
        """
        name, number = hint, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{hint}_{number}"
        self._taken.add(name.lower())
        return name


def identifiers(tree: Expr) -> set[str]:
    """Every identifier of a statement."""
    return {node.name for node in tree.find_all(exp.Identifier)}


def slugs(names: Iterable[str]) -> list[str]:
    """A short plain word for each name, all different.

    Example:
        >>> slugs(["amount", "Unit Price", "amount", "größe"])
        ['amount', 'unit_price', 'amount_3', 'x4']
    """
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        word = (
            re.sub(r"_+", "_", re.sub(r"[^a-z0-9_]", "_", name.lower())).strip("_") if name.isascii() else ""
        )
        if not word or len(word) > LONGEST_WORD:
            word = f"x{number}"
        found.append(f"{word}_{number}" if word in found else word)
    return found


def check_lengths(tree: Expr, dialect: Dialect) -> None:
    """Refuses names that the engine would cut off: two of them may be one then, and it says so to nobody.

    Raises:
        UnsupportedError: naming the name and the limit.

    Example:
        >>> from sqlglot import parse_one
        >>> from sqlnomaly.dialects import get_dialect
        >>> check_lengths(parse_one("SELECT x AS y FROM t"), get_dialect("postgres"))
    """
    for node in tree.find_all(exp.Identifier):
        size = len(node.name.encode())
        if size > dialect.max_identifier:
            raise UnsupportedError(
                f"a name has {size:,} bytes, {dialect.name} takes {dialect.max_identifier:,} and cuts off the rest",
                where=node.name[:200],
                hint="a shorter alias; for a table or column, a view with shorter names",
            )


def identifier_of(name: str) -> exp.Identifier:
    """A name as somebody spelled it: quoted unless it is a plain word in lower case."""
    return exp.to_identifier(name, quoted=not name.isascii() or not name.isidentifier() or name != name.lower())


def identifier(name: str, settings: Settings) -> exp.Identifier:
    """A name that an engine or a schema gave, quoted only where it must be.

    A plain name stays unquoted, so that an engine which folds names finds it; one that a live engine spells in another
    case than it folds to is quoted. So is a reserved word, in upper case where the engine folds to that and the name
    came from a schema in lower case.
    """
    if _PLAIN.fullmatch(name) and all(_is_word(name, d) for d in (settings.read, settings.dialect.sqlglot)):
        folded = {"lower": name.lower(), "upper": name.upper()}.get(settings.dialect.folds, name)
        return exp.to_identifier(name, quoted=settings.binder.describe is not None and name != folded)
    if settings.dialect.folds == "upper" and settings.binder.describe is None and _PLAIN.fullmatch(name):
        return exp.to_identifier(name.upper(), quoted=True)
    return exp.to_identifier(name, quoted=True)


def _is_word(name: str, dialect: str) -> bool:
    """Whether a name is no keyword, nor a word of one: ``order`` alone is none to sqlglot, ``ORDER BY`` is."""
    try:
        tokens = sqlglot.tokenize(name, read=dialect)
    except SqlglotError:
        return False
    return len(tokens) == 1 and tokens[0].token_type is TokenType.VAR and name.upper() not in _halves(dialect)


@cache
def _halves(dialect: str) -> frozenset[str]:
    keywords = sqlglot.Dialect.get_or_raise(dialect).tokenizer_class.KEYWORDS
    return frozenset(word for keyword in keywords if " " in keyword for word in keyword.split()) - {"BY"}
