"""Other versions of sqlglot are a canary: what they print otherwise is shown before anybody installs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from shutil import copytree, ignore_patterns, which

import pytest
import sqlglot

from sqlnomaly import packs

ROOT = Path(__file__).parents[1]


def allowed() -> str:
    """What pyproject.toml says of sqlglot."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return next(str(text) for text in project["dependencies"] if text.startswith("sqlglot"))


def test_the_pinned_sqlglot_is_allowed_and_both_of_its_packages_have_one_version() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line.startswith("sqlglot"))
    lowest, below = (tuple(map(int, text.split("."))) for text in re.findall(r"[\d.]+", allowed()))
    assert lowest <= tuple(map(int, pins["sqlglot"].split("."))) < below
    assert pins["sqlglotc"] == pins["sqlglot"]


@pytest.mark.skipif(which("make") is None, reason="there is no make")
def test_make_reads_the_range_and_the_pin_where_they_are_written() -> None:
    asked = subprocess.run(
        ["make", "-n", "-o", ".venv/.testable", "test-lowest", "test-newest"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lowest = re.findall(r"[\d.]+", allowed())[0]
    assert f"'{allowed()}'" in asked.stdout, asked.stderr
    assert f"'sqlglot=={lowest}'" in asked.stdout


MAD = re.compile(r"mad_\w+\.sql|\w+")
"""The golden files of one detector, and the folders that they are in."""
CHECK = "packs.main(['--check', '--folder', sys.argv[1]])"


@pytest.mark.slow
@pytest.mark.thorough
def test_a_statement_that_another_sqlglot_prints_otherwise_shows_as_a_diff(tmp_path: Path) -> None:
    other = tmp_path / "sqlglot"
    copytree(Path(sqlglot.__file__).parent, other, ignore=ignore_patterns("__pycache__", "*.so"))
    generator = other / "generator.py"
    text = generator.read_text()
    assert '"NULL"' in text
    generator.write_text(text.replace('"NULL"', '"null"'))
    folder = tmp_path / "packs"
    copytree(packs.FOLDER, folder, ignore=lambda _, names: [name for name in names if not MAD.fullmatch(name)])
    few = f"import sys; from sqlnomaly import packs; packs.BUILT_IN = packs.BUILT_IN[1:2]; raise SystemExit({CHECK})"
    checked = subprocess.run(
        [sys.executable, "-c", few, str(folder)],
        env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 1, checked.stderr
    assert re.search(r"^-.*IS NULL", checked.stdout, re.MULTILINE)
    assert re.search(r"^\+.*IS null", checked.stdout, re.MULTILINE)
