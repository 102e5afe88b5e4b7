"""The statements about models: their heads are read on tokens, what follows AS stays SQL of the user's dialect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import Token, TokenType
from sqlglot.dialects.dialect import Dialect as Stock
from sqlglot.errors import SqlglotError

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import ParseError

HEADS = ("CREATE", "REFRESH", "ALTER", "DROP", "SHOW", "DESCRIBE", "DESC", "EXPLAIN")
"""How a statement about models may begin."""
NAMED = frozenset({TokenType.IDENTIFIER, TokenType.VAR})
CLAUSES = ("OPTIONS", "PARTITION BY", "ORDER BY", "AS")
"""What may follow the detector of CREATE ANOMALY MODEL, in this order."""
_WORD = re.compile(r"\s*(\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateModel:
    """CREATE [OR REPLACE] ANOMALY MODEL [IF NOT EXISTS] name USING detector [OPTIONS (..)] [PARTITION BY ..] AS query.

    Attributes:
        detector: the text behind USING.
        options: option in lower case -> value.
        partition_by, order_by: columns of the query.
        query: the text of the query.
    """

    name: str
    detector: str
    query: str
    options: Mapping[str, Any]
    partition_by: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    replace: bool = False
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshModel:
    """REFRESH ANOMALY MODEL name [AS query]; without a query the rows are those of the model's own query."""

    name: str
    query: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVersion:
    """ALTER ANOMALY MODEL name SET VERSION version."""

    name: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOptions:
    """ALTER ANOMALY MODEL name SET (option = value, ..)."""

    name: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropModel:
    """DROP ANOMALY MODEL [IF EXISTS] name [VERSION version]."""

    name: str
    version: int | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowModels:
    """SHOW ANOMALY MODELS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeModel:
    """DESCRIBE ANOMALY MODEL name [VERSION version]."""

    name: str
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainAnomaly:
    """EXPLAIN ANOMALY statement."""

    sql: str


Statement = (
    CreateModel
    | RefreshModel
    | SetVersion
    | SetOptions
    | DropModel
    | ShowModels
    | DescribeModel
    | ExplainAnomaly
)


def read_statement(sql: str, dialect: Dialect) -> Statement | None:
    """The statement about a model, or None for any other.

    Args:
        sql: one statement without its semicolon.
        dialect: what it is written in: how names are quoted, and what the query behind AS is.

    Raises:
        ParseError: for a head that is not complete, with the place.

    Example:
        >>> from sqlnomaly.dialects import get_dialect
        >>> read_statement("ALTER ANOMALY MODEL fraud SET VERSION 2", get_dialect("duckdb"))
        SetVersion(name='fraud', version=2)
    """
    stock = Stock.get_or_raise(dialect.sqlglot)
    try:
        head = _WORD.match(sql)
        if head is None and (first := stock.tokenize(sql)[:1]):  # behind comments, of which a dialect knows the kinds
            head = _WORD.match(sql, first[0].start)
        if head is None or head[1].upper() not in HEADS:
            return None
        # The stock tokenizer takes what follows a word such as EXPLAIN for one text.
        tokens = stock.tokenize(sql[head.end() :])
    except SqlglotError:
        return None
    reader = _Reader(sql, head, tokens)
    return reader.statement() if reader.begins() else None


def model_name(text: str) -> str:
    """A model's name as the catalog keeps it: folded to lower case, but for what stands in double quotes.

    Example:
        >>> model_name("Fraud"), model_name('"Fraud"'), model_name("ml.Fraud")
        ('fraud', 'Fraud', 'ml.fraud')
    """
    parts = re.split(r"""("(?:[^"]|"")*")""", text)
    return "".join(one[1:-1].replace('""', '"') if one.startswith('"') else one.lower() for one in parts)


class _Reader:
    """Reads one head, token by token."""

    def __init__(self, sql: str, head: re.Match[str], tokens: list[Token]) -> None:
        self.sql = sql
        self.head = head[1].upper()
        self.offset = head.end()
        self.tokens = tokens
        self.at = 0

    def begins(self) -> bool:
        """Whether the tokens begin like a statement about models."""
        words = [self._text(number) for number in range(4)]
        if self.head == "CREATE" and words[:2] == ["OR", "REPLACE"]:
            words = words[2:]
        if words[0] != "ANOMALY" or self.tokens[0].token_type is TokenType.STRING:
            return False
        # EXPLAIN ANOMALY may stand before any query; a table called anomaly is none of ours elsewhere.
        return self.head == "EXPLAIN" or words[1] in ("MODEL", "MODELS")

    def statement(self) -> Statement:
        """The statement."""
        head = self.head
        if head == "EXPLAIN":
            self._expect("ANOMALY")
            return ExplainAnomaly(sql=self._rest("a query to explain"))
        if head == "SHOW":
            self._expect("ANOMALY", "MODELS")
            return self._end(ShowModels())
        if head in ("DESCRIBE", "DESC"):
            self._expect("ANOMALY", "MODEL")
            return self._end(DescribeModel(name=self._name(), version=self._version()))
        if head == "DROP":
            self._expect("ANOMALY", "MODEL")
            there = self._take("IF", "EXISTS")
            return self._end(DropModel(name=self._name(), version=self._version(), if_exists=there))
        if head == "REFRESH":
            self._expect("ANOMALY", "MODEL")
            name = self._name()
            if self._take("AS"):
                return RefreshModel(name=name, query=self._rest("a query"))
            return self._end(RefreshModel(name=name))
        if head == "ALTER":
            return self._alter()
        return self._create()

    def _create(self) -> CreateModel:
        replace = self._take("OR", "REPLACE")
        self._expect("ANOMALY", "MODEL")
        absent = self._take("IF", "NOT", "EXISTS")
        if replace and absent:
            raise self._error("OR REPLACE and IF NOT EXISTS exclude each other", "keep one of them")
        name = self._name()
        self._expect("USING")
        detector = self._detector()
        options = self._options() if self._take("OPTIONS") else {}
        keys = self._columns("PARTITION BY") if self._take("PARTITION BY") else ()
        order = self._columns("ORDER BY") if self._take("ORDER BY") else ()
        if not self._take("AS"):
            late = self._text(self.at)
            hint = (
                f"the order is {', then '.join(CLAUSES)}"
                if late in CLAUSES
                else "AS SELECT amount FROM orders"
            )
            raise self._error("CREATE ANOMALY MODEL needs AS and a query", hint)
        query = self._rest("a query")
        return CreateModel(
            name=name,
            detector=detector,
            query=query,
            options=options,
            partition_by=keys,
            order_by=order,
            replace=replace,
            if_not_exists=absent,
        )

    def _alter(self) -> Statement:
        self._expect("ANOMALY", "MODEL")
        name = self._name()
        self._expect("SET")
        if self._take("VERSION"):
            return self._end(SetVersion(name=name, version=self._integer()))
        return self._end(SetOptions(name=name, options=self._options()))

    def _detector(self) -> str:
        """A word, words with commas and points, or a text."""
        if self._type() is TokenType.STRING:
            return self._next().text
        start = self.at
        while self.at < len(self.tokens) and (
            self._text(self.at) not in CLAUSES or self.tokens[self.at].token_type is TokenType.IDENTIFIER
        ):
            self.at += 1
        if self.at == start:
            raise self._error("USING needs a detector", "USING mad")
        text = self.sql[self._start(start) : self.offset + self.tokens[self.at - 1].end + 1]
        if not re.fullmatch(r"[\w.]+(\s*,\s*[\w.]+)*", text):
            self.at = start
            raise self._error(f"{text!r} is no detector", "USING mad, or several: USING 'ecod, knn'")
        return text

    def _options(self) -> dict[str, Any]:
        """What stands in parentheses: name = value, ..."""
        if self._type() is not TokenType.L_PAREN:
            raise self._error("options stand in parentheses", "(contamination = 0.01)")
        self.at += 1
        found: dict[str, Any] = {}
        while self._type() is not TokenType.R_PAREN:
            name = self._next().text.lower()
            if name in found:
                self.at -= 1
                raise self._error(f"option {name} is given twice", "keep one of them")
            if self._type() not in (TokenType.EQ, TokenType.FARROW, TokenType.COLON_EQ):
                raise self._error(f"option {name} needs a value", f"{name} = 0.01")
            self.at += 1
            found[name] = self._value()
            if self._type() is TokenType.COMMA:
                self.at += 1
            elif self._type() is not TokenType.R_PAREN:
                raise self._error(
                    "options are separated by commas", "(contamination = 0.01, nulls = 'ignore')"
                )
        self.at += 1
        return found

    def _value(self) -> Any:
        """A number, a text, a truth value, NULL, a list of them, or an amount with its unit such as 90 days."""
        if self._type() in (TokenType.L_BRACKET, TokenType.L_PAREN):
            self.at += 1
            parts = []
            while self._type() not in (TokenType.R_BRACKET, TokenType.R_PAREN):
                parts.append(self._value())
                if self._type() is TokenType.COMMA:
                    self.at += 1
            self.at += 1
            return parts
        if self._type() is TokenType.DOT and self.at + 1 < len(self.tokens):  # .5
            self.at += 1
            return float(f"0.{self._next().text}")
        negative = self._type() is TokenType.DASH
        self.at += negative
        token = self._next()
        if token.token_type is TokenType.NUMBER:
            number = int(token.text) if token.text.isdigit() else float(token.text)
            if self._type() in NAMED and not negative:
                return f"{token.text} {self._next().text.lower()}"
            return -number if negative else number
        if negative:
            raise self._error("a minus stands before a number", "-0.5")
        word = token.text.upper()
        if token.token_type is TokenType.STRING:
            return token.text
        if word in ("TRUE", "FALSE"):
            return word == "TRUE"
        if word == "NULL":
            return None
        self.at -= 1
        raise self._error(
            f"{token.text} is no value of an option", "a number, TRUE, FALSE, or a text in quotes"
        )

    def _columns(self, clause: str) -> tuple[str, ...]:
        """Names of columns with commas between them."""
        names = []
        while True:
            token = self._next()
            if token.token_type is TokenType.STRING or not (
                token.token_type is TokenType.IDENTIFIER or re.fullmatch(r"[^\W\d]\w*", token.text)
            ):
                self.at -= 1
                raise self._error(
                    f"{clause} names columns of the query", "an expression gets its name in the query"
                )
            names.append(token.text)
            if self._type() in (TokenType.L_PAREN, TokenType.DOT):
                raise self._error(
                    f"{clause} names columns of the query", "an expression gets its name in the query"
                )
            if self._type() is not TokenType.COMMA:
                return tuple(names)
            self.at += 1

    def _name(self) -> str:
        """A name, plain or quoted, with points between its parts."""
        parts = []
        while True:
            token = self._next()
            if token.token_type is TokenType.IDENTIFIER:
                parts.append(token.text)
            elif re.fullmatch(r"[^\W\d]\w*", token.text) and token.token_type is not TokenType.STRING:
                parts.append(token.text.lower())
            else:
                self.at -= 1
                raise self._error(f"{token.text!r} is no name of a model", "a plain name, such as fraud")
            if self._type() is not TokenType.DOT:
                return ".".join(parts)
            self.at += 1

    def _version(self) -> int | None:
        return self._integer() if self._take("VERSION") else None

    def _integer(self) -> int:
        token = self._next()
        if not token.text.isdigit() or token.token_type is TokenType.STRING:
            self.at -= 1
            raise self._error("a version is a whole number", "VERSION 2")
        return int(token.text)

    def _rest(self, what: str) -> str:
        if self.at >= len(self.tokens):
            raise self._error(f"the statement ends before {what}", "SELECT amount FROM orders")
        return self.sql[self._start(self.at) :].strip()

    def _end(self, statement: Statement) -> Statement:
        if self.at < len(self.tokens):
            raise self._error(
                f"{self.tokens[self.at].text} is not expected here", "end the statement before it"
            )
        return statement

    def _expect(self, *words: str) -> None:
        for word in words:
            if not self._take(word):
                raise self._error(f"{word} is expected here", "see docs/models.md")

    def _take(self, *words: str) -> bool:
        if [self._text(self.at + number) for number in range(len(words))] != list(words):
            return False
        self.at += len(words)
        return True

    def _start(self, number: int) -> int:
        """Where a token begins in the statement."""
        return self.offset + self.tokens[number].start

    def _text(self, number: int) -> str:
        return str(self.tokens[number].text).upper() if number < len(self.tokens) else ""

    def _type(self) -> TokenType | None:
        return self.tokens[self.at].token_type if self.at < len(self.tokens) else None

    def _next(self) -> Token:
        if self.at >= len(self.tokens):
            raise self._error("the statement ends too early", "see docs/models.md")
        self.at += 1
        return self.tokens[self.at - 1]

    def _error(self, message: str, hint: str) -> ParseError:
        start = self._start(min(self.at, len(self.tokens) - 1))
        line, column = self.sql.count("\n", 0, start) + 1, start - self.sql.rfind("\n", 0, start)
        where = f"line {line}, column {column}, near {self.sql[start : start + 40]!r}"
        return ParseError(message, where=where, hint=hint)
