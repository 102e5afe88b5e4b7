"""The checked-in scripts of installed functions are what the code generates."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlnomaly.install import goldens
from sqlnomaly.install.__main__ import main

pytestmark = pytest.mark.duckdb


def test_the_checked_in_scripts_are_what_the_code_generates() -> None:
    assert goldens.differences() == {}


def test_a_changed_a_missing_and_a_foreign_file_are_told_and_mended(tmp_path: Path) -> None:
    goldens.write(tmp_path)
    (tmp_path / "duckdb.sql").write_text("SELECT 1;\n")
    (tmp_path / "spark.sql").unlink()
    (tmp_path / "other.sql").write_text("")
    assert list(goldens.differences(tmp_path)) == ["duckdb.sql", "other.sql", "spark.sql"]
    goldens.write(tmp_path)
    assert goldens.differences(tmp_path) == {}


def test_the_check_writes_nothing_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_text(encoding="utf-8") for path in goldens.FOLDER.rglob("*.sql")}
    monkeypatch.setattr(goldens, "texts", lambda: iter([("duckdb.sql", "SELECT 1;\n")]))
    assert main(["--check"]) == 1
    assert "sql/install/duckdb.sql: changed" in capsys.readouterr().out
    assert {path: path.read_text(encoding="utf-8") for path in goldens.FOLDER.rglob("*.sql")} == before
