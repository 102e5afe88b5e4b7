"""An independent parser for dialects whose engine is not at hand: sqlfluff's grammars of the vendors' SQL."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlfluff.core import FluffConfig, Linter

DIALECTS = ("snowflake", "databricks", "sparksql", "bigquery", "redshift", "trino", "tsql")
"""The grammars that `check` offers."""


class GrammarError(Exception):
    """The statement does not parse; `problems` holds (line, position, message), counted from 1."""

    def __init__(self, dialect: str, problems: list[tuple[int, int, str]]) -> None:
        self.dialect = dialect
        self.problems = problems
        super().__init__(
            "\n".join(f"{dialect}: line {line}, position {at}: {text}" for line, at, text in problems)
        )


@cache
def _linter(dialect: str) -> Linter:
    """The parser of a dialect; no rule, no template language, no configuration from files or folders."""
    if dialect not in DIALECTS:
        raise ValueError(f"no grammar {dialect!r}; known: {', '.join(DIALECTS)}")
    overrides: Any = {
        "dialect": dialect,
        "templater": "raw",
        "large_file_skip_byte_limit": 0,
        "large_file_skip_char_limit": 0,
    }
    return Linter(config=FluffConfig(overrides=overrides))


def check(sql: str, dialect: str = "snowflake") -> None:
    """Returns if the whole text parses, several statements included.

    Raises:
        GrammarError: names the line and position of each segment that does not parse.
        ValueError: no such grammar.
    """
    parsed = _linter(dialect).parse_string(sql if sql.endswith("\n") else sql + "\n")
    problems = [(error.line_no, error.line_pos, error.desc()) for error in parsed.violations]
    root = parsed.root_variant()
    tree = root.tree if root else None
    for segment in tree.recursive_crawl("unparsable") if tree else ():
        line, at = segment.pos_marker.working_loc if segment.pos_marker else (1, 1)
        if (line, at) not in {(known_line, known_at) for known_line, known_at, _ in problems}:
            problems.append((line, at, f"unparsable: {segment.raw[:80]!r}"))
    if not problems and not (tree and any(tree.recursive_crawl("statement"))):
        problems.append((1, 1, "no statement"))
    if problems:
        raise GrammarError(dialect, problems)
