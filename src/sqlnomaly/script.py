"""What a script says before it is compiled: its statements, its tables, and words of other dialects."""

from __future__ import annotations

import re
from bisect import bisect

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError


def statements_of(sql: str, dialect: str) -> list[str]:
    """The statements of a script, as written, split by the stock tokenizer.

    Example:
        >>> statements_of("SELECT ';'; SELECT 2;", "duckdb")
        ["SELECT ';'", 'SELECT 2']
    """
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(sql)
    except SqlglotError:  # the compiler is the one to say so
        return [sql]
    ends = [token.start for token in tokens if token.token_type is TokenType.SEMICOLON]
    starts = [0, *(end + 1 for end in ends)]
    parts = [sql[start:end].strip() for start, end in zip(starts, [*ends, len(sql)], strict=True)]
    spoken = {bisect(ends, token.start) for token in tokens if token.token_type is not TokenType.SEMICOLON}
    return [part for number, part in enumerate(parts) if number in spoken] or [sql]


def table_names(sql: str, dialect: str) -> list[str]:
    """The plain table names of a query that are not its CTEs, each once.

    Example:
        >>> table_names("WITH a AS (SELECT * FROM orders) SELECT * FROM a", "duckdb")
        ['orders']
    """
    try:
        trees = [tree for tree in sqlglot.parse(sql, read=dialect) if tree is not None]
    except SqlglotError:  # the compiler is the one to say so
        return []
    from sqlnomaly.pushdown.relation_words import relation_tables

    own = {cte.alias for tree in trees for cte in tree.find_all(exp.CTE)}
    tables = [table for tree in trees for table in (*tree.find_all(exp.Table), *relation_tables(tree))]
    names = [table.name for table in tables if table.name and len(table.parts) == 1]
    return [name for name in dict.fromkeys(names) if name not in own]


def type_in(kind: str, read: str, write: str) -> str:
    """A type name of one dialect in the words of another; one that sqlglot does not know stays as it is.

    Example:
        >>> type_in("DOUBLE", "duckdb", "bigquery")
        'FLOAT64'
    """
    try:
        return exp.DataType.build(kind, dialect=read).sql(dialect=write)
    except SqlglotError:
        return kind


def identifier(name: str, dialect: str) -> str:
    """A name as an identifier of the dialect, quoted if it is not a plain word.

    Example:
        >>> identifier("orders", "duckdb"), identifier("order", "duckdb"), identifier("16_http", "spark")
        ('orders', '"order"', '`16_http`')
    """
    keywords = {
        word for keyword in Dialect.get_or_raise(dialect).tokenizer_class.KEYWORDS for word in keyword.split()
    }
    if re.fullmatch(r"[^\W\d]\w*", name) and name.upper() not in keywords:
        return name
    return quoted(name, dialect)


def quoted(name: str, dialect: str) -> str:
    """A name as a quoted identifier of the dialect.

    Example:
        >>> quoted("order", "spark"), quoted("a b", "duckdb")
        ('`order`', '"a b"')
    """
    return exp.to_identifier(name, quoted=True).sql(dialect=dialect)
