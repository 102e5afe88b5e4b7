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
_DEPENDS = re.compile(r"\bdepends_on:[\s,]*$", re.IGNORECASE)
_OURS = re.compile(r"\b(_sn_\w*)")
_PLACE = re.compile(r"\bline (\d+), column (\d+)")
_QUOTES = "[\"`\\[\\]]?"


@dataclass(frozen=True, slots=True)
class Hole:
    """An expression of Jinja, and how it stands in the SQL.

    Attributes:
        text: the expression, with its braces.
        table: the name that the relation has, where it is one of dbt's.
        pattern: what it has become in the SQL.
        named: a column that is named for it.
    """

    text: str
    table: str | None
    pattern: re.Pattern[str]
    named: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A file in two parts: what comes before the SQL, and the SQL with names in the place of Jinja.

    Attributes:
        text: the file.
        places: where the pieces of the SQL begin, in the SQL and in the file.
    """

    prelude: str
    sql: str
    holes: Sequence[Hole]
    text: str
    places: Sequence[tuple[int, int]]

    def restore(self, sql: str) -> str:
        """Compiled SQL with the expressions in their places again.

        Raises:
            UnsupportedError: if one got lost, or names a column.
        """
        found = re.sub(r"\{(?=[{%#])", "{{ '{' }}", sql)
        for hole in self.holes:
            if hole.named is not None and hole.named.search(found):
                raise UnsupportedError(
                    f"the column of {hole.text} has no name",
                    hint=f"{hole.text} AS name; if it stands for several, write them out",
                )
            parts = _OURS.split(found)
            parts[::2] = [hole.pattern.sub(lambda _, hole=hole: hole.text, part) for part in parts[::2]]
            restored = "".join(parts)
            if restored == found:
                raise UnsupportedError(
                    f"{hole.text} is nowhere in the compiled SQL", hint="write what it stands for, or leave it out"
                )
            found = restored
        return found

    def error(self, error: SqlnomalyError, path: str) -> SqlnomalyError:
        """The same error about what the file says, at its place in the file."""
        where = _PLACE.sub(lambda found: self._place(int(found[1]), int(found[2])), error.where or "")
        hint = self.told(error.hint or "")
        return type(error)(f"{path}: {self.told(error.message)}", where=self.told(where) or None, hint=hint or None)

    def told(self, text: str) -> str:
        """A text about the SQL as one about the file."""
        for number, hole in enumerate(self.holes):
            text = hole.pattern.sub(lambda _, hole=hole: hole.text, text)  # type: ignore[misc]
            text = re.sub(_NAME.format(number), lambda _, hole=hole: hole.text, text, flags=re.IGNORECASE)  # type: ignore[misc]
        return text

    def _place(self, line: int, column: int) -> str:
        """A place of the SQL in the file."""
        before = self.sql.splitlines(keepends=True)[: line - 1]
        at = sum(map(len, before)) + column - 1
        begins, stood = max((place for place in self.places if place[0] <= at), default=(0, 0))
        return _said(self.text, stood + at - begins)


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
    text = "\n".join(re.split(r"\r\n|\r|\n", text))  # as Jinja reads it
    scanner = _Scanner(dialect)
    prelude: list[str] = []
    holes: list[Hole] = []
    pieces = [*_pieces(text, path)]
    for at, (kind, piece, place) in enumerate(pieces):
        if kind == "data":
            scanner.read(piece, place)
        elif kind == "gap":
            scanner.add("" if scanner.state else " ", place)
        elif kind == "block":
            if not _PRELUDE.match(piece) or scanner.sql.strip():
                raise _refused(text, piece, place, path)
            prelude.append(piece)
        elif _CONFIG.match(piece):
            prelude.append(piece)
        elif scanner.state != "comment":
            following = pieces[at + 1][1] if at + 1 < len(pieces) else ""
            hole, name = _hole(piece, len(holes), scanner, following, dialect)
            holes.append(hole)
            scanner.add(name, place)
        elif _DEPENDS.search(scanner.comment):  # dbt reads what it refers to there
            prelude.append(f"-- depends_on: {piece}")
    if scanner.unclosed is not None:
        raise ParseError(f"{path}: a comment has no end", where=_said(text, scanner.unclosed))
    stripped = len(scanner.sql) - len(scanner.sql.lstrip())
    places = tuple((begins - stripped, stood) for begins, stood in scanner.places)
    return Template("\n".join(prelude), scanner.sql.strip().rstrip(";").strip(), tuple(holes), text, places)


class _Scanner:
    """Reads SQL piece by piece, and knows whether it is inside a text or a comment; comments are left out.

    Attributes:
        sql: what was read.
        state: ``text`` inside of one, or of a name in quotes; ``comment``; or nothing.
        comment: what the last comment said.
        unclosed: where a comment begins that goes on behind its line, and has no end yet.
        places: where the pieces of ``sql`` begin, there and in the file.
    """

    def __init__(self, dialect: str) -> None:
        tokenizer = Dialect.get_or_raise(dialect).tokenizer_class
        self.sql = self.state = self.comment = ""
        self.places: list[tuple[int, int]] = []
        self.unclosed: int | None = None
        self._lines = tuple(start for start in tokenizer.COMMENTS if isinstance(start, str))
        self._nested = tokenizer.NESTED_COMMENTS
        self._backslash = "\\" in tokenizer.STRING_ESCAPES
        quotes = [one for one in (*tokenizer.QUOTES, *tokenizer.IDENTIFIERS) if isinstance(one, str)]
        dollars = r"\$(?:[A-Za-z_]\w*)?\$" if tokenizer.HEREDOC_STRINGS or "$$" in tokenizer.RAW_STRINGS else "(?!)"
        escaped = r"(?<!\w)[eE]'" if ("e'", "'") in tokenizer.BYTE_STRINGS else "(?!)"
        words = sorted([*self._lines, *quotes], key=len, reverse=True)
        hint = r"/\*(?!\+)"  # a hint is no comment
        self._begin = re.compile("|".join([escaped, dollars, hint, *map(re.escape, words)]))
        self._end = self._begin
        self._depth = 0

    def read(self, piece: str, place: int) -> None:
        """Takes the next piece, which stands at a place of the file."""
        at = 0
        while at < len(piece):
            found = (self._end if self.state else self._begin).search(piece, at)
            end = found.end() if found else len(piece)
            if self.state == "comment":
                self._comment(piece[at:end], found[0] if found else "", place + end)
            elif self.state:
                self.add(piece[at:end], place + at)
                if found and not found[0].startswith("\\"):
                    self.state = ""
            elif found is None or not self._opens_comment(found[0]):
                self.add(piece[at:end], place + at)
                if found:
                    self._open_text(found[0])
            else:
                self.add(piece[at : found.start()], place + at)
                self.unclosed = place + found.start() if found[0] == "/*" else None
            at = end

    def add(self, text: str, place: int) -> None:
        """Takes a text as it is."""
        self.places.append((len(self.sql), place))
        self.sql += text

    def _open_text(self, start: str) -> None:
        escapes = self._backslash and start[0] not in "`$" or len(start) == 2 and start[0] in "eE"
        close = re.escape(start.lstrip("eE"))
        self.state, self._end = "text", re.compile(rf"\\.|{close}" if escapes else close, re.DOTALL)

    def _opens_comment(self, start: str) -> bool:
        if start != "/*" and start not in self._lines:
            return False
        self.state, self.comment, self._depth = "comment", "", 1
        self._end = re.compile(r"/\*|\*/" if start == "/*" and self._nested else r"\*/" if start == "/*" else r"\n")
        return True

    def _comment(self, text: str, end: str, place: int) -> None:
        self.comment += text
        self._depth += {"": 0, "/*": 1}.get(end, -1)
        if not self._depth:
            self.state, self.unclosed = "", None
            self.add("\n" if end == "\n" else " ", place - 1)


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
    if following.startswith("{{"):
        return Hole(piece, None, plain), name
    call = rf"{name}\(\)"
    named = re.compile(rf"[\"`\[]{call}[\"`\]]", re.IGNORECASE)
    return Hole(piece, None, re.compile(call, re.IGNORECASE), named), f"{name}()"


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _pieces(text: str, path: str) -> Iterator[tuple[str, str, int]]:
    """The kinds data, expression and block, with their texts and places; comments of Jinja are left out.

    A gap is white space that ``{{-`` takes away; dbt would join the words beside it.
    """
    try:
        from jinja2 import Environment
        from jinja2.exceptions import TemplateSyntaxError
    except ImportError:
        raise MissingDriverError.named("jinja2", "dbt") from None
    inside, begun, kind, at = "", 0, "", 0
    try:
        for _, token, value in Environment(autoescape=False).lex(text):  # only its lexer: nothing is rendered
            place = max(text.find(value, at), at)  # white space that is taken away has no token
            at = place + len(value)
            if token == "data":
                yield "data", value, place
            elif token in ("variable_begin", "block_begin"):
                if value.endswith("-"):
                    yield "gap", "", place
                kind, inside = ("expression", "{{") if token == "variable_begin" else ("block", "{%")
                begun = place
            elif token in ("variable_end", "block_end"):
                yield kind, f"{inside.rstrip()} {'}}' if kind == 'expression' else '%}'}", begun
                inside, kind = "", ""
                if value.startswith("-"):
                    yield "gap", "", place
            elif token == "raw_begin":
                raise _refused(text, "{% raw %}", place, path)
            elif kind:
                inside += value
        if kind:
            raise ParseError(f"{path}: {inside.strip()!r} has no end", where=_said(text, begun))
    except TemplateSyntaxError as error:
        raise ParseError(f"{path}: {error.message}", where=f"line {error.lineno}") from None


def _refused(text: str, piece: str, place: int, path: str) -> UnsupportedError:
    word = piece.strip("{%+- }").partition(" ")[0]
    return UnsupportedError(
        f"{{% {word} %}} cannot be kept: the SQL is compiled before dbt renders it",
        where=f"{path}, {_said(text, place)}",
        hint="set and do may stand before the SQL; for the rest a model of models/ that reads this one",
    )


def _said(text: str, place: int) -> str:
    """A place for people."""
    return f"line {text.count(chr(10), 0, place) + 1}, column {place - text.rfind(chr(10), 0, place)}"
