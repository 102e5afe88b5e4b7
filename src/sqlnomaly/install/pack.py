"""What is installed in an engine: named objects, each with the SQL that makes it and the SQL that takes it away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlnomaly.version import __version__

OWNER = f"sqlnomaly {__version__}"
"""The comment that objects bear where the engine keeps one."""


def owned(comment: str | None) -> bool:
    """Whether an object with this comment is one of ours, of whatever version."""
    return comment is not None and comment.split(" ")[0] == "sqlnomaly"


@dataclass(frozen=True, slots=True)
class Definition:
    """A function of one SQL expression, for tools that have words of their own around it.

    Attributes:
        parameters: their names, as printed, and types.
        returns: the type of the result.
        body: the expression, which calls the pack's other functions by their names.
    """

    parameters: tuple[tuple[str, str], ...]
    returns: str
    body: str


@dataclass(frozen=True, slots=True)
class Item:
    """One object of the engine.

    Attributes:
        kind: macro, function, procedure, schema or table.
        name: as the engine's user writes it.
        create: the statement that makes or replaces it.
        drop: the statement that removes it if it is there.
        mark: the statement that says whose it is, where ``create`` has no place for that.
        definition: what it is, if it is a function of one SQL expression.
    """

    kind: str
    name: str
    create: str
    drop: str
    mark: str = ""
    definition: Definition | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """Objects in the order in which they can be made.

    Attributes:
        dialect: whose SQL it is.
        title: what it is, in a line.
        notes: what its user should know: limits, grants, how to call it.
        items: the objects; later ones may use earlier ones.
    """

    dialect: str
    title: str
    notes: tuple[str, ...]
    items: tuple[Item, ...]

    def statements(self) -> Iterator[str]:
        """The statements that install it."""
        for item in self.items:
            yield item.create
            if item.mark:
                yield item.mark

    def removals(self) -> Iterator[str]:
        """The statements that remove it, users before what they use."""
        yield from (item.drop for item in reversed(self.items))

    @property
    def script(self) -> str:
        """One idempotent script."""
        return self._text(self.statements())

    @property
    def removal(self) -> str:
        """The script that removes exactly what ``script`` makes."""
        return self._text(self.removals())

    def _text(self, statements: Iterator[str]) -> str:
        head = "".join(f"-- {line}\n" for line in (self.title, *self.notes))
        return head + "".join(f"\n{statement};\n" for statement in statements)
