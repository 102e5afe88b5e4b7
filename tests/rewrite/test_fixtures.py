"""Pairs of a template and the SQL it becomes: the text is compared, and both sides are executed.

``SQLNOMALY_UPDATE_FIXTURES=1 pytest tests/rewrite/test_fixtures.py`` writes the second halves anew.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rewrite.judge import compile_template, same_rows
from tests.rewrite.standin import as_native
from tests.rewrite.tables import Duck

FOLDER = Path(__file__).parent / "fixtures"
FILES = sorted(FOLDER.glob("*.sql"))
UPDATE = os.environ.get("SQLNOMALY_UPDATE_FIXTURES") == "1"


@dataclass(frozen=True, slots=True)
class Pair:
    """One shape: what it shows, the template, and the SQL (empty before it was ever written)."""

    title: str
    template: str
    expected: str

    def text(self) -> str:
        """The pair as it stands in the file."""
        return f"-- {self.title}\n{self.template};\n\n{self.expected};\n"


def pairs(file: Path) -> list[Pair]:
    """The pairs of a fixture file: a comment line, a template on one line, then SQL up to the next comment line."""
    found = []
    for block in re.split(r"^-- ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, template, *rest = block.split("\n")
        found.append(Pair(title, template.rstrip(";"), "\n".join(rest).strip().rstrip(";")))
    return found


def compiled(pair: Pair, duck: Duck) -> str:
    """The SQL of a template, without the header comments: they hold the version."""
    sql = compile_template(pair.template, duck, "live", "default").sql
    return re.sub(r"\A(/\*[^\n]*\*/\n)+", "", sql)


if UPDATE:

    @pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
    def test_fixtures_are_written(file: Path, duck: Duck) -> None:
        """Every pair is still a pair; what changed is left to the reader of the diff."""
        before = pairs(file)

        written = [Pair(pair.title, pair.template, compiled(pair, duck)) for pair in before]

        file.write_text("\n".join(pair.text() for pair in written), encoding="utf-8")
        assert [pair.template for pair in pairs(file)] == [pair.template for pair in before]

else:

    @pytest.mark.parametrize(
        "pair", [pair for file in FILES for pair in pairs(file)], ids=lambda pair: pair.title
    )
    def test_a_template_becomes_its_sql_and_both_give_the_same(pair: Pair, duck: Duck) -> None:
        """Text, names, types and rows."""
        assert compiled(pair, duck) == pair.expected
        native = as_native(pair.template)
        assert duck.columns(pair.expected) == duck.columns(native)
        assert same_rows(duck.rows(pair.expected), duck.rows(native), ordered="LIMIT" in pair.template)
