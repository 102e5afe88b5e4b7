"""Runs the code blocks of a page and puts what they print under them, so that no shown output can be old.

A fenced block is run by its language:

- ``sql`` on DuckDB, where ``orders`` is docs/orders.csv; ``python`` as a script; ``console`` line by line, each
  ``$ sqlnomaly ..`` through the command line, each ``$ dbt ..`` in dbt's own environment, of whose output the results
  are shown.
- ``yaml`` or ``sql`` with a file's path behind it is written there.
- ``text`` right under one of the first two shows what it prints or how it fails; without one it must not fail. Under a
  console line, output is compared where there is any. A last line ``..`` stands for the rest. A moment is always shown
  as the same one, and the versions of other libraries as ``..``.
- ``sql`` with a dialect behind it is golden SQL, which tests/test_packs.py runs; ``sh`` is for commands that set up the
  machine. Blocks without a language are drawings and grammar.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from typer.testing import CliRunner

from sqlnomaly import Session, SqlnomalyError, connect, packs
from sqlnomaly.cli import app
from sqlnomaly.dialects import DIALECTS
from sqlnomaly.result import table_of

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^```\s*(.*?)\s*$")
REST = ".."
MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SHOWN_MOMENT = "2026-01-31T12:00:00Z"
FILE = re.compile(r"(?:sql|yaml) (\S+\.\w+)")
CLOCK = re.compile(r"^\d\d:\d\d:\d\d  ")
SECONDS = re.compile(r"in \d+\.\d+s")
TOLD = re.compile(r"\d+ of \d+ (?!START|OK hook)|Done\.|  sqlnomaly: ")
"""The lines of dbt that are shown."""
VERSIONS = re.compile(r"\b(sqlglot|numpy|pyarrow) \d+(\.\w+)+")
SETUP = ("make", "python3", "pip", "pytest", ".venv/bin/pip", ".venv/bin/pytest", ".venv/bin/sqlnomaly")
"""What a line in a ``sh`` block may start with."""


class PageError(Exception):
    """A block of a page is not what it should be; the message names the page's line."""


def refreshed(text: str) -> str:
    """The page with every shown output as it is now; equal to the page if nothing is old.

    Raises:
        PageError: for a block that fails without showing how, or that nobody can run.
    """
    lines = text.splitlines()
    fresh: list[str] = []
    with _workplace() as session:
        at = 0
        while at < len(lines):
            opening = FENCE.match(lines[at])
            if opening is None:
                fresh.append(lines[at])
                at += 1
                continue
            end = _closing(lines, at)
            body = lines[at + 1 : end]
            shown_at = _shown(lines, end)
            shown = lines[shown_at + 1 : _closing(lines, shown_at)] if shown_at else None
            try:
                body, output = _run(opening[1], body, shown, session)
            except PageError as error:
                raise PageError(f"line {at + 1}: {error}") from None
            fresh += [lines[at], *body, "```"]
            at = end + 1
            if shown_at and output is not None:
                fresh += [*lines[at : shown_at + 1], *output, "```"]
                at = _closing(lines, shown_at) + 1
    return "\n".join(fresh) + "\n"


def _run(
    language: str, body: list[str], shown: list[str] | None, session: Session
) -> tuple[list[str], list[str] | None]:
    """The block as it is now, and the lines under it if they show its output."""
    code = "\n".join(body)
    if language == "console":
        return list(_console(body)), None
    if language == "sql":
        return body, _printed(lambda: _table(session, code), shown)
    if language == "python":
        return body, _printed(lambda: _script(code), shown)
    if file := FILE.fullmatch(language):
        path = Path(file[1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{code}\n", encoding="utf-8")
        return body, None
    if language.startswith("sql "):
        _check_golden(language.removeprefix("sql "), code)
    elif language == "sh":
        _check_setup(body)
    elif language:
        raise PageError(f"nothing runs a block of {language!r}, or it shows the output of nothing")
    return body, None


def _printed(work: Callable[[], str], shown: list[str] | None) -> list[str] | None:
    try:
        output = work()
    except SqlnomalyError as error:
        if shown is None:
            raise PageError(f"the block fails, and does not show how:\n{error}") from error
        output = f"error: {error}"
    return None if shown is None else _cut(output, shown)


def _cut(output: str, shown: list[str]) -> list[str]:
    """The lines of the output; only as many as are shown where ``..`` ends them."""
    output = VERSIONS.sub(rf"\1 {REST}", MOMENT.sub(SHOWN_MOMENT, output))
    lines = [line.rstrip() for line in output.strip("\n").splitlines()]
    if shown and shown[-1] == REST and len(lines) >= len(shown):
        return [*lines[: len(shown) - 1], REST]
    return lines


def _table(session: Session, code: str) -> str:
    result = session.sql(code)
    text = io.StringIO()
    if result.columns:
        Console(file=text, width=100_000).print(table_of(result.arrow(), width=None))
    return text.getvalue()


def _script(code: str) -> str:
    path = Path("block.py")
    path.write_text(code, encoding="utf-8")
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        runpy.run_path(str(path), run_name="__main__")
    return text.getvalue()


def _console(body: list[str]) -> Iterator[str]:
    at = 0
    while at < len(body):
        if not body[at].startswith("$ "):
            raise PageError(f"a console block starts with a command: {body[at]!r}")
        command, at = _command(body, at)
        yield from command
        end = next((n for n in range(at, len(body)) if body[n].startswith("$ ")), len(body))
        shown = body[at:end]
        output = _invoke("\n".join(command)[2:], shows=bool(shown))
        if shown:
            yield from _cut(output, shown)
        at = end


def _command(body: list[str], start: int) -> tuple[list[str], int]:
    """The lines of a command, whose quotes may span several, and where its output starts."""
    for end in range(start + 1, len(body) + 1):
        command = body[start:end]
        with contextlib.suppress(ValueError):
            shlex.split("\n".join(command))
            if not command[-1].endswith("\\"):
                return command, end
    raise PageError(f"a quote is never closed: {body[start]!r}")


def _invoke(command: str, *, shows: bool) -> str:
    program, *arguments = shlex.split(command.replace("\\\n", " "))
    if program == "dbt":
        return _dbt(arguments, shows=shows)
    if program != "sqlnomaly":
        raise PageError(f"only sqlnomaly and dbt run in a console block, not {program}")
    result = CliRunner().invoke(app, arguments, prog_name="sqlnomaly")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise PageError(f"{command}: {result.exception!r}") from result.exception
    if result.exit_code and not shows:
        raise PageError(f"{command} ends with {result.exit_code}:\n{result.output}")
    return result.output


def _dbt(arguments: list[str], *, shows: bool) -> str:
    """What dbt says of its nodes; without the time of the day, and every node in the same time."""
    program = Path(sys.prefix, "dbt", "bin", "dbt")
    if not program.exists():
        raise PageError(f"no {program}: make dbt")
    asked = [str(program), "--no-use-colors", *arguments]
    told = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYTHONPATH": ""}
    done = subprocess.run(asked, capture_output=True, text=True, check=False, env=told)
    if done.returncode and not shows:
        raise PageError(f"dbt {arguments} ends with {done.returncode}:\n{done.stdout}{done.stderr}")
    lines = (CLOCK.sub("", line) for line in done.stdout.splitlines())
    return "\n".join(SECONDS.sub("in 0.1s", line) for line in lines if TOLD.match(line))


def _check_golden(dialect: str, code: str) -> None:
    if dialect not in DIALECTS:
        raise PageError(f"no dialect {dialect!r}")
    files = (packs.FOLDER / dialect).glob("*.sql")
    if not any(code in path.read_text(encoding="utf-8") for path in files):
        raise PageError(f"no golden file of {dialect} holds this SQL: python -m docs, or python -m sqlnomaly.packs")


def _check_setup(body: list[str]) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for line in body:
        first, *rest = line.partition("#")[0].split() or ["make", *targets[:1]]
        if first not in SETUP:
            raise PageError(f"a sh block sets up the machine; {first} does not")
        if first == "make" and not {word for word in rest if "=" not in word} <= set(targets):
            raise PageError(f"the Makefile has no such target: {line}")


def _closing(lines: list[str], opening: int) -> int:
    for at in range(opening + 1, len(lines)):
        if lines[at] == "```":
            return at
    raise PageError(f"line {opening + 1}: the block is never closed")


def _shown(lines: list[str], end: int) -> int | None:
    """Where a block of text opens right behind a closed block, with at most one empty line between."""
    for at in range(end + 1, min(end + 3, len(lines))):
        if lines[at].strip():
            return at if lines[at] == "```text" else None
    return None


@contextlib.contextmanager
def _workplace() -> Iterator[Session]:
    """A folder with the example file and this checkout as ``sqlnomaly``, and a session whose table ``orders`` it is."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "docs").mkdir()
        shutil.copy(ROOT / "docs" / "orders.csv", Path(folder) / "docs")
        Path(folder, "sqlnomaly").symlink_to(ROOT)
        with contextlib.chdir(folder), connect() as session:
            session.sql("CREATE TABLE orders AS SELECT * FROM 'docs/orders.csv'")
            yield session
