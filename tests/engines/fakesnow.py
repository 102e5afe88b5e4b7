"""Snowflake emulated by fakesnow, which turns its SQL into DuckDB's with sqlglot: a child in its own environment.

It is no witness of its own: sqlglot prints our SQL and sqlglot reads it, and DuckDB runs other cells of the matrix.
What it shows is that names fold, columns bind and types fit, and that the numbers of this dialect's templates are
right where its translation is. What it does not show is in ``tests/test_fakesnow.py``, a test for each known lie.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.engines.fakesnow_server import read, write

HOME = Path(sys.prefix, "fakesnow")
"""Where its environment is: beside the packages of this one, made by ``make fakesnow``."""

PYTHON = HOME / "bin" / "python"
SERVER = Path(__file__).with_name("fakesnow_server.py")


class FakesnowError(Exception):
    """fakesnow refused the statement, or DuckDB below it; ``kind`` is the class of the error."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class FakesnowMissingError(ImportError):
    """There is no environment with fakesnow, or it does not start."""


class Fakesnow:
    """One emulated database; ended by ``close`` or with this process, whose pipe it reads.

    Raises:
        FakesnowMissingError: where it does not start, and how to get it.
    """

    def __init__(self, python: Path = PYTHON) -> None:
        if not python.exists():
            raise FakesnowMissingError(f"no {python}; `make fakesnow` makes it")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as the child is)
        self._child = subprocess.Popen(
            [str(python), "-I", str(SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )
        try:
            self._received()
        except FakesnowError as error:
            self.close()
            raise FakesnowMissingError(f"fakesnow does not start: {error}") from None

    def load(self, name: str, rows: pa.Table, types: Sequence[str]) -> None:
        """Makes a table of Snowflake's types, by exact name; replaces one."""
        self._asked({"do": "load", "name": name, "types": list(types)}, rows)

    def run(self, sql: str) -> pa.Table:
        """Runs one statement.

        Raises:
            FakesnowError: what it refuses.
        """
        rows = self._asked({"do": "run", "sql": sql})[1]
        assert rows is not None, "a statement without a result"
        return rows

    def given(self, sql: str) -> str:
        """The text that DuckDB is given for a statement, once run."""
        return str(self._asked({"do": "duckdb", "sql": sql})[0]["text"])

    def close(self) -> None:
        """Ends the child."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._child.communicate(timeout=10)
        self._child.kill()
        self._child.wait()
        self._said.close()

    def _asked(self, message: dict[str, Any], rows: pa.Table | None = None) -> tuple[dict[str, Any], Any]:
        assert self._child.stdin is not None
        write(self._child.stdin, message, rows)  # type: ignore[arg-type]
        return self._received()

    def _received(self) -> tuple[dict[str, Any], Any]:
        assert self._child.stdout is not None
        got = read(self._child.stdout)  # type: ignore[arg-type]
        if got is None:
            self._said.seek(0)
            raise FakesnowError("EOFError", f"it ended: {self._said.read().decode(errors='replace')[-500:]}")
        if "error" in got[0]:
            raise FakesnowError(got[0]["kind"], got[0]["error"])
        return got
