"""Files as tables: finds ``FROM 'orders.parquet'`` in a query by its syntax tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sqlnomaly.errors import BindError, EngineError, nearest

STANDARD_INPUT = "-"
"""The file name that stands for standard input."""

FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}
"""File name ending -> format, the same on every engine."""

_PACKED = (".gz", ".zst")
_MENTION = re.compile(r"""['"`](-|[^'"`]*\.[a-z]+)['"`]""", re.IGNORECASE)
_QUOTES = {"'": "'", '"': '"', "`": "`", "[": "]"}


@dataclass(frozen=True, slots=True)
class FileTable:
    """A table reference that is a file.

    Attributes:
        path: the file name as written, ``-`` for standard input.
        start: offset of the reference in the SQL text.
        end: offset just behind it.
        aliased: whether the query gives it an alias.
        dotted: whether the dialect reads its name as a path of names, ``orders`` and ``parquet`` (BigQuery).
    """

    path: str
    start: int
    end: int
    aliased: bool
    dotted: bool

    @property
    def alias(self) -> str:
        """The name that columns are qualified with: the file name without folder and ending."""
        if self.path == STANDARD_INPUT:
            return "stdin"
        return _without_packing(Path(self.path).name).rpartition(".")[0]


def format_of(path: str) -> str | None:
    """The format that a file name ends in, or None.

    Example:
        >>> format_of("data/orders.CSV.gz")
        'csv'
    """
    return FORMATS.get(Path(_without_packing(path)).suffix.lower())


def file_tables(sql: str, dialect: str) -> list[FileTable]:
    """The files among the tables of a query, in the order of the text.

    SQL that does not parse has none: the compiler is the one to say so.

    Example:
        >>> [file.alias for file in file_tables("SELECT * FROM 'data/orders.parquet'", "duckdb")]
        ['orders']
    """
    if not _MENTION.search(sql):
        return []
    try:
        trees = [tree for tree in sqlglot.parse(sql, read=dialect) if tree is not None]
    except SqlglotError:
        return []
    found = [*(file for tree in trees for file in _files_of(tree, sql)), *_files_in_forms(trees, sql, dialect)]
    return sorted(found, key=lambda file: file.start)


def check_file(path: str) -> None:
    """Refuses a file that is not there or holds no byte; patterns and addresses are left to the engine.

    Raises:
        BindError: for a missing file, with the nearest name in its folder.
        EngineError: for an empty file.
    """
    if any(character in path for character in "*?[{") or "://" in path:
        return
    file = Path(path).expanduser()
    if not file.exists():
        raise BindError(f"file {path!r} does not exist", where=path, hint=_near_file(file))
    if file.is_file() and file.stat().st_size == 0:
        raise EngineError(
            f"file {path!r} is empty (0 bytes)", where=path, hint="a file with at least a header"
        )


def sniff(head: bytes) -> str:
    """The format of a stream by its first bytes: Parquet by its mark, JSON by its bracket, else CSV."""
    if head.startswith(b"PAR1"):
        return "parquet"
    return "json" if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else "csv"


def splice(sql: str, replacements: Iterable[tuple[int, int, str]]) -> str:
    """The SQL text with some spans replaced, everything else as the user wrote it.

    Spans come from the syntax tree. Printing the tree would not do: sqlglot rewrites QUALIFY and FILTER in
    dialects without them, before the compiler could read them.
    """
    for start, end, text in sorted(replacements, reverse=True):
        sql = sql[:start] + text + sql[end:]
    return sql


def _files_of(tree: exp.Expr, sql: str) -> Iterator[FileTable]:
    named = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.parent, exp.Create | exp.Schema | exp.Drop) or table.arg_key == "into":
            continue
        start, end = table.this.meta.get("start"), table.this.meta.get("end")
        if start is None or end is None:
            continue
        text = sql[start : end + 1]
        if len(text) < 3 or _QUOTES.get(text[0]) != text[-1]:
            continue
        if any(part.meta.get("start") != start for part in table.parts):
            continue
        path = text[1:-1].replace(text[-1] * 2, text[-1])
        if (path == STANDARD_INPUT or format_of(path)) and path.lower() not in named:
            yield FileTable(
                path=path, start=start, end=end + 1, aliased=bool(table.alias), dotted=len(table.parts) > 1
            )


def _files_in_forms(trees: list[exp.Expr], sql: str, dialect: str) -> Iterator[FileTable]:
    """The files that ``detect_anomalies('orders.parquet', ..)`` names; the function has the alias."""
    from sqlnomaly.pushdown.relation_words import relation_spans

    named = {cte.alias.lower() for tree in trees for cte in tree.find_all(exp.CTE)}
    for path, start, end in relation_spans(sql, dialect):
        if (path == STANDARD_INPUT or format_of(path)) and path.lower() not in named:
            yield FileTable(path=path, start=start, end=end, aliased=True, dotted=False)


def _without_packing(path: str) -> str:
    return path[: -len(Path(path).suffix)] if Path(path).suffix.lower() in _PACKED else path


def _near_file(file: Path) -> str:
    folder = file.parent
    if not folder.is_dir():
        return f"there is no folder {str(folder)!r}"
    names = sorted(entry.name for entry in folder.iterdir() if format_of(entry.name))
    if not names:
        return f"there is no data file in {str(folder)!r}"
    guess, _, _ = nearest(file.name, names).partition(" allowed: ")
    listing = ", ".join(names[:8]) + (", .." if len(names) > 8 else "")
    return f"{guess} in that folder: {listing}" if guess.startswith("did") else f"in that folder: {listing}"
