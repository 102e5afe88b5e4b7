"""The arguments of Snowflake's class of anomaly detection: names, a reference to rows, and an object of settings."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.frontends.text import Text, printed

TEXTS = frozenset({TokenType.STRING, TokenType.RAW_STRING, TokenType.HEREDOC_STRING})
"""What a text in quotes or between dollars is."""
REFERENCES = "TABLE(t), SYSTEM$REFERENCE('TABLE', 't') or SYSTEM$QUERY_REFERENCE('SELECT ..')"
ON_ERROR = frozenset({"ABORT", "SKIP"})


@dataclass(frozen=True, slots=True)
class Arguments:
    """The named arguments of a call.

    Attributes:
        text: the statement.
        found: the name in capitals -> where the value begins and ends.
        place: the token that a missing argument is told of.
        example: what to write.
    """

    text: Text
    found: Mapping[str, tuple[int, int]]
    place: int
    example: str

    def name(self, argument: str, *, needed: bool = True) -> str:
        """The column that an argument names; empty where it may be left out, and is."""
        begin, end = self.found.get(argument, (self.place, self.place))
        said = self.text.tokens[begin].text if end == begin + 1 and self.text.kind(begin) in TEXTS else None
        if (argument in self.found or needed) and (said is None or (needed and not said)):
            raise self.text.error(CallError, begin, f"{argument} names a column", self.example)
        return said or ""

    def relation(self) -> str:
        """INPUT_DATA as what stands behind FROM."""
        text = self.text
        if "INPUT_DATA" not in self.found:
            raise text.error(CallError, self.place, "INPUT_DATA is missing", REFERENCES)
        begin, end = self.found["INPUT_DATA"]
        called = text.says(begin + 1, "(") and text.closing(begin + 1) == end - 1
        if called and text.says(begin, "TABLE"):
            inner = text.slice(begin + 2, end - 1)
            return f"({inner}\n)" if text.word(begin + 2) in ("SELECT", "WITH") else inner
        texts = [text.tokens[first].text for first, _ in text.parts(begin + 2, end - 1) if text.kind(first) in TEXTS]
        of_table = len(texts) >= 2 and texts[0].upper() in ("TABLE", "VIEW")
        if called and text.says(begin, "SYSTEM$REFERENCE") and of_table:
            return self._parsed(texts[1], exp.Table, begin)
        if called and text.says(begin, "SYSTEM$QUERY_REFERENCE") and texts:
            return f"({self._parsed(texts[0], exp.Query, begin)})"
        raise text.error(CallError, begin, "INPUT_DATA is a reference to a table or a query", REFERENCES)

    def config(self, silent: Set[str], numbers: Mapping[str, float]) -> dict[str, float]:
        """The numbers that CONFIG_OBJECT sets.

        Args:
            silent: settings that change nothing.
            numbers: settings with a number between 0 and 1 -> the default.
        """
        settings = dict(numbers)
        if "CONFIG_OBJECT" not in self.found:
            return settings
        text, (begin, end) = self.text, self.found["CONFIG_OBJECT"]
        if not text.says(begin, "{") or text.closing(begin) != end - 1:
            raise text.error(CallError, begin, "CONFIG_OBJECT is an object", "{'prediction_interval': 0.99}")
        for first, last in text.parts(begin + 1, end - 1):
            name = text.tokens[first].text.lower()
            if not text.says(first + 1, ":") or last < first + 3:
                raise text.error(CallError, first, "a setting is a name in quotes, : and a value", "'on_error': 'SKIP'")
            if name in settings:
                settings[name] = self._share(name, text.value(first + 2, last), first)
            elif name not in silent:
                known = ", ".join(sorted({*silent, *numbers}))
                raise text.error(UnsupportedError, first, f"{name} of CONFIG_OBJECT is not supported", known)
            elif name == "on_error" and str(text.value(first + 2, last)).upper() not in ON_ERROR:
                raise text.error(CallError, first, "on_error is 'ABORT' or 'SKIP'", "leave it out")
        return settings

    def _share(self, name: str, value: Any, place: int) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
            raise self.text.error(CallError, place, f"{name} is {value}, and lies from 0 to 1", f"'{name}': 0.99")
        return float(value)

    def _parsed(self, said: str, kind: type[exp.Expr], place: int) -> str:
        """A text that holds SQL, in one line."""
        try:
            into = exp.Table if kind is exp.Table else None
            tree = sqlglot.parse_one(said, read=self.text.dialect.sqlglot, into=into)
        except SqlglotError:
            tree = None
        if not isinstance(tree, kind):
            raise self.text.error(CallError, place, f"{said[:60]!r} is no table and no query", REFERENCES)
        return printed(tree, self.text.dialect)


def read_arguments(text: Text, span: tuple[int, int], known: Set[str], place: int, example: str) -> Arguments:
    """The arguments between two tokens: name => value, ..

    Raises:
        CallError: they are not of that form, one is given twice, or one is not known.
    """
    found: dict[str, tuple[int, int]] = {}
    for begin, end in text.parts(*span):
        name = text.word(begin)
        if text.kind(begin + 1) is not TokenType.FARROW or end < begin + 3:
            raise text.error(CallError, begin, "an argument is a name, => and a value", example)
        if name not in known and name != "CONFIG_OBJECT":
            hint = f"{', '.join(sorted(known))}, CONFIG_OBJECT"
            raise text.error(CallError, begin, f"{name} is no argument here", hint)
        if name in found:
            raise text.error(CallError, begin, f"{name} is given twice", "keep one of them")
        found[name] = (begin + 2, end)
    return Arguments(text, found, place, example)
