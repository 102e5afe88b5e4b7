"""The words of a relation form: names of tables and columns in lists and texts, and where they stand in the SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from sqlnomaly.errors import CallError, SqlnomalyError
from sqlnomaly.pushdown.calls import OUTPUTS
from sqlnomaly.pushdown.ops import Expr

NAME = "detect_anomalies"
"""The table function that judges rows."""
EVENTS = "anomaly_events"
"""The one that tells of runs of anomalous rows."""
FORECAST = "anomaly_forecast"
"""The one that tells what comes next."""
CROSSING = "time_to_threshold"
"""The one that tells when a limit is reached."""
LEADING = "lead_lag"
"""The one that tells which of two series moves first."""
CALENDAR = "anomaly_calendar"
"""The one that tells of days; it reads no relation."""
EXAMPLES: Mapping[str, str] = {
    NAME: "SELECT * FROM detect_anomalies(orders, features => ['amount', 'items'])",
    EVENTS: "SELECT * FROM anomaly_events(metrics, features => ['value'], order_by => 'ts')",
    FORECAST: "SELECT * FROM anomaly_forecast(metrics, features => ['value'], order_by => 'day', horizon => 14)",
    CROSSING: "SELECT * FROM time_to_threshold(disks, features => ['used'], order_by => 'day', limit => 90)",
    LEADING: "SELECT * FROM lead_lag(shop, features => ['clicks', 'orders'], order_by => 'hour', max_lag => 12)",
    CALENDAR: "SELECT * FROM anomaly_calendar(country => 'DE-BY', since => '2025-01-01', until => '2025-12-31')",
}
"""Each relation form, and how it is written."""
MARK = "detect_anomalies"
"""The mark of a SELECT that a form became: the form as the user wrote it."""

_WORD = r'(?:"(?:[^"]|"")+"|[^\W\d]\w*)'
_ITEM = re.compile(rf"\s*({_WORD})\s*")
_KEY = re.compile(rf"\s*({_WORD})(?:\s+(asc|desc))?\s*", re.IGNORECASE)
_TABLE = re.compile(rf"\s*{_WORD}(?:\.{_WORD}){{0,2}}\s*")
_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')
_FILE = re.compile(r".*\.(parquet|pq|csv|tsv|json|jsonl|ndjson)(\.gz|\.zst)?", re.IGNORECASE | re.DOTALL)

Spell = Callable[[str], exp.Identifier]
"""A plain name as an identifier of the dialects at hand."""


@contextmanager
def as_written(select: exp.Select) -> Iterator[None]:
    """Inside, an error about a call that a relation form became shows the form."""
    shown = select.meta.get(MARK)
    try:
        yield
    except SqlnomalyError as error:
        if shown is None or not (error.where or "").startswith(tuple(f"{name}(" for name in OUTPUTS)):
            raise
        raise type(error)(error.message, where=shown, hint=error.hint) from None


def forms_in(tree: Expr) -> Iterator[exp.Anonymous]:
    """The function node of every relation form, the outer ones first."""
    for node in tree.find_all(exp.Anonymous):
        if node.name.lower() in EXAMPLES:
            yield node


def relation_tables(tree: Expr) -> Iterator[exp.Table]:
    """The table that each relation form names, where it names one."""
    for function in forms_in(tree):
        table = named_table(function.expressions[0], exp.to_identifier) if function.expressions else None
        if table is not None:
            yield table


def relation_spans(sql: str, dialect: str) -> list[tuple[str, int, int]]:
    """Name, start and end of every quoted relation of a form in the SQL text.

    Example:
        >>> relation_spans("FROM detect_anomalies('a.csv', features => 'x')", "duckdb")
        [('a.csv', 22, 29)]
    """
    quoted = (TokenType.STRING, TokenType.IDENTIFIER)
    return [
        (token.text, token.start, token.end + 1)
        for _, token, behind in _first_arguments(sql, dialect)
        if token.token_type in quoted and behind.token_type in (TokenType.COMMA, TokenType.R_PAREN)
    ]


def parse_hint(sql: str, dialect: str) -> str | None:
    """What to write where a form does not parse because of its relation; None where that is not why."""
    for form, token, _ in _first_arguments(sql, dialect):
        if token.token_type is TokenType.TABLE:
            return f"write the table's name alone: {form}(orders, features => ['amount'])"
        if token.token_type in (TokenType.SELECT, TokenType.WITH):
            return f"a query goes into parentheses: {form}((SELECT ..), features => ['amount'])"
    return None


def _first_arguments(sql: str, dialect: str) -> Iterator[tuple[str, sqlglot.Token, sqlglot.Token]]:
    """Each form of the text with the first token inside it, and the one behind that."""
    try:
        tokens = sqlglot.tokenize(sql, read=dialect)
    except SqlglotError:
        return
    for name, bracket, first, behind in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        if name.text.lower() in EXAMPLES and bracket.token_type is TokenType.L_PAREN:
            yield name.text.lower(), first, behind


def named_table(relation: Expr, spell: Spell) -> exp.Table | None:
    """The table that an argument names; None for anything else."""
    if isinstance(relation, exp.Column) and not relation.is_star and len(relation.parts) <= 3:
        parts = [part.copy() for part in relation.parts]
    elif isinstance(relation, exp.Literal) and relation.is_string and _FILE.fullmatch(relation.name):
        parts = [exp.to_identifier(relation.name, quoted=True)]
    elif isinstance(relation, exp.Literal) and relation.is_string and _TABLE.fullmatch(relation.name):
        parts = [_identifier(word, spell) for word in re.findall(_WORD, relation.name)]
    else:
        return None
    return exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False)))


def read_relation(option: str, node: Expr, shown: str) -> Expr:
    """The table or the query in parentheses that an option names.

    Raises:
        CallError: for what is no relation.
    """
    if isinstance(node, exp.Subquery):
        return node.copy()
    table = named_table(node, exp.to_identifier)
    if table is None:
        raise CallError(
            f"{option} takes a relation, not {node.sql()[:100]}",
            where=shown,
            hint=f"{option} => 'schema.table', or a query in parentheses",
        )
    return table


def _identifier(word: str, spell: Spell) -> exp.Identifier:
    """A word of a text: ``"Amount"`` is exact, anything else folds."""
    if word.startswith('"'):
        return exp.to_identifier(word[1:-1].replace('""', '"'), quoted=True)
    return spell(word)


def column_of(word: str, spell: Spell, *, named: bool = True) -> Expr:
    """The column of a word, under the name as written where its identifier has another."""
    name = _identifier(word, spell)
    column = exp.column(name)
    if named and not word.startswith('"') and name.name != word:
        return exp.alias_(column, exp.to_identifier(word, quoted=True))
    return column


def texts_of(option: str, value: Expr, shown: str) -> list[str]:
    """The pieces of a list of texts or of one text with commas."""
    inner = value.unnest()
    if isinstance(inner, exp.Literal) and inner.is_string:
        return [piece for piece in _COMMA.split(inner.name) if inner.name.strip()]
    if isinstance(inner, exp.Array | exp.Tuple):
        parts = inner.expressions
        if all(isinstance(part, exp.Literal) and part.is_string for part in parts):
            return [part.name for part in parts]
    names = ", ".join(dict.fromkeys(column.name.replace("'", "") for column in inner.find_all(exp.Column)))
    raise CallError(
        f"{option} takes names in quotes: a list ['a', 'b'] or the text 'a, b'",
        where=shown,
        hint=f"{option} => '{names or 'amount'}'",
    )


def column_names(option: str, value: Expr, shown: str) -> list[str]:
    """The words of an option that names columns; for features at least one."""
    texts = texts_of(option, value, shown)
    if option == "features" and [text.strip() for text in texts] in ([], ["*"]):
        raise CallError(
            "features is a list of names: every column or none is no choice of features",
            where=shown,
            hint="name them: features => ['amount', 'items']",
        )
    return [word_of(text, shown) for text in texts]


def word_of(text: str, shown: str) -> str:
    """The one word of a text."""
    return _match(_ITEM, text, shown)[1]


def ordered_of(text: str, spell: Spell, shown: str) -> exp.Ordered:
    """A key of order_by: a column, ASC or DESC."""
    found = _match(_KEY, text, shown)
    descending = (found[2] or "").lower() == "desc"
    return exp.Ordered(this=column_of(found[1], spell, named=False), desc=descending, nulls_first=False)


def _match(pattern: re.Pattern[str], text: str, shown: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise CallError(
            f"{text.strip()!r} is not the plain name of a column",
            where=shown,
            hint="""'"Unit Price"' for an exact name; compute an expression in a parenthesized query: """
            "detect_anomalies((SELECT *, amount / items AS price FROM orders), features => ['price'])",
        )
    return found
