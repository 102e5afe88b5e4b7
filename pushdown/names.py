"""Names for generated columns and CTEs: readable, and never those of the user."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlglot import exp

from sqlnomaly.pushdown.ops import Expr

PREFIX = "_sn"
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


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
        word = re.sub(r"_+", "_", re.sub(r"[^a-z0-9_]", "_", name.lower())).strip("_") if name.isascii() else ""
        if not word or len(word) > 30:
            word = f"x{number}"
        found.append(f"{word}_{number}" if word in found else word)
    return found


def is_plain(identifier: exp.Identifier) -> bool:
    """Whether the identifier is written without quotes and reads the same in any case."""
    return not identifier.args.get("quoted") and _PLAIN.fullmatch(identifier.name.lower()) is not None
