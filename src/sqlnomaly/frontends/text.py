"""A statement as tokens that know their places: what stands where, and errors that name the line and the column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import SqlglotError

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import ParseError, SqlnomalyError
from sqlnomaly.pushdown.ops import Expr

OPEN = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSED = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
QUOTED = frozenset({TokenType.STRING, TokenType.IDENTIFIER})
"""Tokens that are no words of the language, whatever they say."""
SHOWN = 40
"""Characters of the statement that an error shows."""

_COMMAND = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(CALL|SHOW|EXPLAIN)\b", re.DOTALL | re.IGNORECASE)
"""The head of a statement of which the tokenizer may give the rest as one text."""

_NUMBER = re.compile(r"-?\s*(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)

E = TypeVar("E", bound=SqlnomalyError)


@dataclass(frozen=True, slots=True)
class Text:
    """A statement and its tokens.

    Attributes:
        sql: the statement.
        tokens: its tokens; a head such as CALL, of which the tokenizer makes a command, is none of them.
        dialect: what it is written in.
    """

    sql: str
    tokens: tuple[Token, ...]
    dialect: Dialect

    def word(self, number: int) -> str:
        """The token as a word in capitals; empty for a quoted one, and where there is none."""
        if not 0 <= number < len(self.tokens) or self.tokens[number].token_type in QUOTED:
            return ""
        return str(self.tokens[number].text).upper()

    def says(self, number: int, *words: str) -> bool:
        """Whether these words begin at a token."""
        return all(self.word(number + place) == word for place, word in enumerate(words))

    def kind(self, number: int) -> TokenType | None:
        """The token's type; None where there is none."""
        return self.tokens[number].token_type if 0 <= number < len(self.tokens) else None

    def start(self, number: int) -> int:
        """Where a token begins in the statement; behind the last one where there is none."""
        return self.tokens[number].start if number < len(self.tokens) else len(self.sql)

    def slice(self, first: int, end: int) -> str:
        """The statement from a token up to the end of the one before ``end``."""
        return self.sql[self.tokens[first].start : self.tokens[end - 1].end + 1] if first < end else ""

    def closing(self, number: int) -> int:
        """The bracket that closes the one at a token.

        Raises:
            ParseError: nothing closes it.
        """
        depth = 0
        for place in range(number, len(self.tokens)):
            depth += self.kind(place) in OPEN
            depth -= self.kind(place) in CLOSED
            if not depth:
                return place
        raise self.error(ParseError, number, "nothing closes this bracket", "write )")

    def parts(self, first: int, end: int) -> list[tuple[int, int]]:
        """What stands between the commas outside of brackets: where each part begins and ends."""
        found, begin, depth = [], first, 0
        for place in range(first, end):
            depth += self.kind(place) in OPEN
            depth -= self.kind(place) in CLOSED
            if not depth and self.kind(place) is TokenType.COMMA:
                found.append((begin, place))
                begin = place + 1
        return [*found, (begin, end)] if first < end else []

    def value(self, first: int, end: int) -> Any:
        """The literal of these tokens: a number, a text, a truth value, a word, or a list of them.

        Raises:
            ParseError: they are none.
        """
        if self.kind(first) in (TokenType.L_BRACKET, TokenType.L_PAREN) and self.closing(first) == end - 1:
            return [self.value(*part) for part in self.parts(first + 1, end - 1)]
        written = self.slice(first, end)
        if _NUMBER.fullmatch(written):
            number = "".join(written.split())
            return int(number) if re.fullmatch(r"-?\d+", number) else float(number)
        if end != first + 1:
            raise self.error(ParseError, first, f"{written} is no literal", "write a number or a text")
        return {"TRUE": True, "FALSE": False}.get(self.word(first), self.tokens[first].text)

    def options(self, first: int, end: int) -> dict[str, tuple[Any, int]]:
        """name = value, ..: the name in capitals -> the value, and the token of the name.

        Raises:
            ParseError: they are not of that form, or one is given twice.
        """
        found: dict[str, tuple[Any, int]] = {}
        for begin, stop in self.parts(first, end):
            name = str(self.tokens[begin].text).upper() if begin < stop else ""
            if self.kind(begin + 1) is not TokenType.EQ or stop < begin + 3:
                raise self.error(ParseError, begin, "an option is a name, = and a value", "NUM_CLUSTERS = 4")
            if name in found:
                raise self.error(ParseError, begin, f"option {name} is given twice", "keep one of them")
            # A call is for the option to refuse by name.
            called = self.kind(begin + 3) is TokenType.L_PAREN
            found[name] = (self.slice(begin + 2, stop) if called else self.value(begin + 2, stop), begin)
        return found

    def expression(self, first: int, end: int, before: str = "") -> Expr:
        """The syntax tree of an expression.

        Args:
            first: its first token.
            end: the token behind it.
            before: what goes before them to make an expression of them.

        Raises:
            ParseError: they are none in the dialect.
        """
        try:
            return sqlglot.parse_one(f"{before}{self.slice(first, end)}", read=self.dialect.sqlglot)
        except SqlglotError as error:
            details = (getattr(error, "errors", None) or [{}])[0].get("description") or "it does not parse"
            shown = f"no expression of {self.dialect.name}: {details}"
            raise self.error(ParseError, first, shown, "another dialect? name it") from None

    def error(self, kind: type[E], number: int, message: str, hint: str) -> E:
        """An error at a token, or at the end of the statement."""
        at = self.start(number)
        line, column = self.sql.count("\n", 0, at) + 1, at - self.sql.rfind("\n", 0, at)
        near = self.sql[at : at + SHOWN] or self.sql[-SHOWN:]
        return kind(message, where=f"line {line}, column {column}, near {near!r}", hint=hint)


def read_text(sql: str, dialect: Dialect) -> Text | None:
    """The statement with its tokens; None where it has none that the dialect knows.

    Example:
        >>> from sqlnomaly.dialects import get_dialect
        >>> read_text("CALL m!DETECT_ANOMALIES()", get_dialect("snowflake")).says(0, "M", "!")
        True
    """
    command = _COMMAND.match(sql)
    text = " " * command.end() + sql[command.end() :] if command else sql
    try:
        return Text(sql, tuple(sqlglot.tokenize(text, read=dialect.sqlglot)), dialect)
    except SqlglotError:  # the compiler is the one to say so
        return None


def name_of(text: Text, number: int) -> tuple[str, int]:
    """The name of a model at a token, which folds to lower case, and the token behind it.

    A path in one pair of quotes is the path of its parts, as in BigQuery.

    Raises:
        ParseError: there is none.

    Example:
        >>> from sqlnomaly.dialects import get_dialect
        >>> name_of(read_text("`Project-1.Data.Fraud`", get_dialect("bigquery")), 0)
        ('project-1.data.fraud', 1)
    """
    parts = []
    while True:
        word = str(text.tokens[number].text) if number < len(text.tokens) else ""
        plain = text.kind(number) is TokenType.IDENTIFIER or re.fullmatch(r"[^\W\d]\w*", word)
        if not plain or text.kind(number) is TokenType.STRING or '"' in word:
            hint = "fraud, or data.fraud; quotes are those of the dialect that is read"
            raise text.error(ParseError, number, "a model's name is expected here", hint)
        parts.append(word.lower())
        if text.kind(number + 1) is not TokenType.DOT:
            return ".".join(parts), number + 1
        number += 2


def call(name: str, arguments: list[Expr], options: Mapping[str, Any]) -> Expr:
    """One of our calls.

    Example:
        >>> call("anomaly_score", [exp.column("amount")], {"model": "fraud"}).sql("duckdb", normalize_functions=False)
        "anomaly_score(amount, model => 'fraud')"
    """
    given = [exp.Kwarg(this=exp.var(key), expression=exp.convert(value)) for key, value in options.items()]
    return exp.Anonymous(this=name, expressions=[*(argument.copy() for argument in arguments), *given])


def printed(node: Expr, dialect: Dialect) -> str:
    """The tree as text of a dialect, in one line."""
    return node.sql(dialect.sqlglot, normalize_functions=False)


def column(name: str, dialect: Dialect, table: str | None = None) -> Expr:
    """The column of a name, which is quoted where it is no plain word of the dialect."""
    try:
        tokens = sqlglot.tokenize(name, read=dialect.sqlglot)
    except SqlglotError:
        tokens = []
    plain = len(tokens) == 1 and tokens[0].token_type is TokenType.VAR
    return exp.column(exp.to_identifier(name, quoted=not plain), table=table)
