"""Merges statements that differ in a few places into one, with choices where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlnomaly.dbt.folding import Folded, Loop

Key = tuple[str, ...]
"""What tells the statements apart."""
Code = tuple[str, int, int, int, int]
"""A stretch of two texts and what it is, as difflib says it."""
Codes = Sequence[Code]
NEAR = 6
"""Places with fewer parts between them are one place."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What stands here in each of the statements."""

    of: Mapping[Key, Folded]


Merged = tuple[str | Loop | Choice, ...]


def merge(statements: Mapping[Key, Folded]) -> Merged:
    """One text that is each of the statements, by its key.

    Example:
        >>> merge({("a",): ("SELECT", "x", "FROM", "t"), ("b",): ("SELECT", "y", "FROM", "t")})
        ('SELECT', Choice(of={('a',): ('x',), ('b',): ('y',)}), 'FROM', 't')
    """
    base = next(iter(statements.values()))
    matched: dict[Key, Codes] = {
        key: [(code[0], *code[1:]) for code in SequenceMatcher(None, base, text, autojunk=False).get_opcodes()]
        for key, text in statements.items()
    }
    places = _places([(a, b) for codes in matched.values() for tag, a, b, _, _ in codes if tag != "equal"])
    merged: list[str | Loop | Choice] = []
    done = 0
    for begins, ends in places:
        merged += base[done:begins]
        merged.append(
            Choice({key: tuple(_slice(statements[key], codes, begins, ends)) for key, codes in matched.items()})
        )
        done = ends
    return (*merged, *base[done:])


def chosen(merged: Merged, key: Key) -> Folded:
    """One of the statements again.

    Example:
        >>> chosen(("SELECT", Choice({("a",): ("x",), ("b",): ("y",)})), ("b",))
        ('SELECT', 'y')
    """
    parts: list[str | Loop] = []
    for part in merged:
        parts += part.of[key] if isinstance(part, Choice) else (part,)
    return tuple(parts)


def _places(changed: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The changed stretches of the first statement, near ones as one."""
    begins = ends = -1
    for first, last in sorted(changed):
        if ends >= 0 and first > ends + NEAR:
            yield begins, ends
            begins, ends = first, last
        else:
            begins, ends = (first if ends < 0 else begins), max(ends, last)
    if ends >= 0:
        yield begins, ends


def _slice(text: Folded, codes: Codes, begins: int, ends: int) -> Folded:
    """What stands in a statement where the first one has the parts from ``begins`` to ``ends``, and insertions."""
    starts = _reached((code for code in codes if code[1] < begins), begins)
    return text[starts : _reached((code for code in codes if code[1] <= ends), ends)]


def _reached(codes: Iterable[Code], at: int) -> int:
    """How far a statement has come where the first one is at a part."""
    reached = 0
    for tag, a, b, c, d in codes:
        if tag == "equal":
            reached = max(reached, c + min(at, b) - a)
        elif b <= at:
            reached = max(reached, d)
    return reached
