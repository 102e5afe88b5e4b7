"""A DuckDB file with three models, made once and copied for each test."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

import sqlnomaly
from sqlnomaly.cli import app

ROWS = """
    CREATE TABLE rows AS
    SELECT i AS id, CASE WHEN i % 40 > 0 THEN 's' || LPAD(CAST(i % 40 AS VARCHAR), 2, '0') END AS store,
           i % 2 AS half, CAST(i % 101 AS DOUBLE) + CASE WHEN i = 7 THEN 400 ELSE 0 END AS x, i % 7 AS y
    FROM range(2020) AS r(i)
"""
MODELS = (
    "CREATE ANOMALY MODEL week USING mad OPTIONS (threshold = 2, calibration = 0) AS SELECT x FROM rows",
    "CREATE ANOMALY MODEL stores USING zscore PARTITION BY store AS SELECT store, x, y FROM rows",
    "CREATE ANOMALY MODEL halves USING iforest OPTIONS (n_estimators = 4) PARTITION BY half "
    "AS SELECT half, x FROM rows",
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stored_cli") / "shop.db"
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS)
        session = sqlnomaly.connect(connection)
        for statement in MODELS:
            session.sql(statement)
    return path


@pytest.fixture(autouse=True)
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with ``shop.db``."""
    shutil.copy(made, tmp_path / "shop.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run() -> Run:
    """Runs a command; on ``shop.db`` unless it names an engine."""

    def command(*arguments: str, on: str | None = "duckdb:///shop.db") -> tuple[int, str, str]:
        where = ["--on", on] if on else []
        done = CliRunner().invoke(app, [*arguments, *where])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", done.stdout), done.stderr

    return command
