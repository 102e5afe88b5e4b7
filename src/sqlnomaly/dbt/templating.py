"""Jinja in SQL that is compiled before dbt renders it: expressions become names for the parser, and come back.

``{{ ref('orders') }}`` becomes a table ``jinja_0__.orders``, ``{{ var('least') }}`` a call ``jinja_1__()``, and inside
of a text or a longer name ``jinja_2__``. What is written before the SQL (config, set, do) stays before it. Blocks would
change the SQL itself, and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot.dialects.dialect import Dialect

from sqlnomaly.errors import MissingDriverError, ParseError, SqlnomalyError, UnsupportedError
from sqlnomaly.pushdown.relation_words import EXAMPLES
from sqlnomaly.script import identifier

_NAME = "jinja_{}__"
_ANY = re.compile(r"jinja_\d+__", re.IGNORECASE)
_RELATION = re.compile(
    r"\{\{\s*(?:ref|source)\(.*?(['\"])(?P<name>[^'\"]+)\1\s*(?:,\s*v(?:ersion)?\s*=[^)]*)?\)\s*\}\}", re.DOTALL
)
_CONFIG = re.compile(r"\{\{\s*config\s*\(")
_PRELUDE = re.compile(r"\{%\s*(?:set\s[^=]+=|do\s)")
_STANDS_FOR_TABLE = re.compile(rf"(?:\b(?:from|join)|\b(?:{'|'.join(EXAMPLES)})\s*\()\s*$", re.IGNORECASE)
_QUOTES = "[\"`\\[\\]]?"


@dataclass(frozen=True, slots=True)
class Hole:
    """An expression of Jinja, and how it stands in the SQL.

    Attributes:
        text: the expression, with its braces.
        table: the name that the relation has, where it is one of dbt's.
        pattern: what it has become in the SQL.
    """

    text: str
    table: str | None
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Template:
    """A file in two parts: what comes before the SQL, and the SQL with names in the place of Jinja."""

    prelude: str
    sql: str
    holes: Sequence[Hole]

    def restore(self, sql: str) -> str:
        """Compiled SQL with the expressions in their places again.

        Raises:
            UnsupportedError: if one got lost.
        """
        found = re.sub(r"\{(?=[{%#])", "{{ '{' }}", sql)
        for hole in self.holes:
            found, number = hole.pattern.subn(lambda _, hole=hole: hole.text, found)  # type: ignore[misc]
            if not number:
                raise UnsupportedError(
                    f"{hole.text} is nowhere in the compiled SQL", hint="write what it stands for, or leave it out"
                )
        return found

    def error(self, error: SqlnomalyError, path: str) -> SqlnomalyError:
        """The same error about what the file says."""

        def told(text: str | None) -> str | None:
            if text is None:
                return None
            for hole in self.holes:
                text = hole.pattern.sub(lambda _, hole=hole: hole.text, text)  # type: ignore[misc]
            return text

        return type(error)(f"{path}: {told(error.message)}", where=told(error.where), hint=told(error.hint))


def read_template(text: str, dialect: str, path: str) -> Template:
    """The template of a file.

    Raises:
        ParseError: for Jinja that cannot be read.
        UnsupportedError: for blocks.

    Example:
        >>> read_template("{{ config(tags=['a']) }} FROM {{ ref('orders') }} LIMIT {{ var('n') }}", "duckdb", "m").sql
        'FROM jinja_0__.orders LIMIT jinja_1__()'
    """
    if _ANY.search(text):
        raise UnsupportedError(f"{path}: names such as jinja_0__ are taken", hint="rename it")
    scanner = _Scanner(dialect)
    prelude: list[str] = []
    holes: list[Hole] = []
    pieces = [*_pieces(text, path)]
    for at, (kind, piece, line) in enumerate(pieces):
        if kind == "data":
            scanner.read(piece)
        elif kind == "gap":
            scanner.sql += "" if scanner.state else " "
        elif kind == "block":
            if not _PRELUDE.match(piece) or scanner.sql.strip():
                raise _refused(text, piece, line, path)
            prelude.append(piece)
        elif _CONFIG.match(piece):
            prelude.append(piece)
        elif scanner.state not in ("--", "/*"):
            following = pieces[at + 1][1] if at + 1 < len(pieces) else ""
            hole, name = _hole(piece, len(holes), scanner, following, dialect)
            holes.append(hole)
            scanner.sql += name
    return Template("\n".join(prelude), scanner.sql.strip().rstrip(";").strip(), tuple(holes))


class _Scanner:
    """Reads SQL piece by piece, and knows whether it is inside a text or a comment; comments are left out."""

    def __init__(self, dialect: str) -> None:
        tokenizer = Dialect.get_or_raise(dialect).tokenizer_class
        self.sql = ""
        self.state = ""
        escape = r"\\." if "\\" in tokenizer.STRING_ESCAPES else r"(?!)"
        self._token = re.compile(rf"{escape}|--|/\*|\*/|\n|['\"`]|.", re.DOTALL)

    def read(self, text: str) -> None:
        """Takes the next piece."""
        for token in self._token.findall(text):
            if self.state in ("--", "/*"):
                if token == {"--": "\n", "/*": "*/"}[self.state]:
                    self.state = ""
                    self.sql += " " if token == "*/" else token
                continue
            if not self.state and token in ("--", "/*", "'", '"', "`"):
                self.state = token
            elif token == self.state:  # a doubled quote ends a text and begins another: the same to us
                self.state = ""
            if self.state not in ("--", "/*"):
                self.sql += token


def _hole(piece: str, number: int, scanner: _Scanner, following: str, dialect: str) -> tuple[Hole, str]:
    """An expression, and what stands for it in the SQL."""
    name = _NAME.format(number)
    before, after = scanner.sql[-1:], following[:1]
    plain = re.compile(name, re.IGNORECASE)
    if scanner.state or _is_word(before) or before == "." or _is_word(after):
        return Hole(piece, None, plain), name
    relation = _RELATION.fullmatch(piece)
    if relation is not None:
        table = relation["name"]
        pattern = rf"{_QUOTES}{name}{_QUOTES}\.{_QUOTES}{re.escape(table)}{_QUOTES}"
        return Hole(piece, table, re.compile(pattern, re.IGNORECASE)), f"{name}.{identifier(table, dialect)}"
    if after == "." or _STANDS_FOR_TABLE.search(scanner.sql):
        return Hole(piece, None, re.compile(rf"{_QUOTES}{name}{_QUOTES}", re.IGNORECASE)), name
    return Hole(piece, None, re.compile(rf"{name}\(\)", re.IGNORECASE)), f"{name}()"


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _pieces(text: str, path: str) -> Iterator[tuple[str, str, int]]:
    """The kinds data, expression and block, with their texts and lines; comments of Jinja are left out.

    A gap is white space that ``{{-`` takes away; dbt would join the words beside it.
    """
    try:
        from jinja2 import Environment
        from jinja2.exceptions import TemplateSyntaxError
    except ImportError:
        raise MissingDriverError.named("jinja2", "dbt") from None
    inside, begun, kind = "", 0, ""
    try:
        for line, token, value in Environment(autoescape=False).lex(text):  # only its lexer: nothing is rendered
            if token == "data":
                yield "data", value, line
            elif token in ("variable_begin", "block_begin"):
                if value.endswith("-"):
                    yield "gap", "", line
                kind, begun, inside = ("expression", line, "{{") if token == "variable_begin" else ("block", line, "{%")
            elif token in ("variable_end", "block_end"):
                yield kind, f"{inside.rstrip()} {'}}' if kind == 'expression' else '%}'}", begun
                inside, kind = "", ""
                if value.startswith("-"):
                    yield "gap", "", line
            elif token == "raw_begin":
                raise _refused(text, "{% raw %}", line, path)
            elif kind:
                inside += value
        if kind:
            raise ParseError(f"{path}: {inside.strip()!r} has no end", where=f"line {begun}")
    except TemplateSyntaxError as error:
        raise ParseError(f"{path}: {error.message}", where=f"line {error.lineno}") from None


def _refused(text: str, piece: str, line: int, path: str) -> UnsupportedError:
    word = piece.strip("{%+- }").split()[0]
    lines = text.splitlines()
    column = max(lines[line - 1].find("{%"), 0) + 1 if line <= len(lines) else 1
    return UnsupportedError(
        f"{{% {word} %}} cannot be kept: the SQL is compiled before dbt renders it",
        where=f"{path}, line {line}, column {column}",
        hint="set and do may stand before the SQL; for the rest a model of models/ that reads this one",
    )

