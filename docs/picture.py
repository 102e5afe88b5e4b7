"""The picture of docs/plots.md, made by the page's own query."""

from __future__ import annotations

import contextlib
from pathlib import Path

from docs.blocks import ROOT
from sqlnomaly import connect
from sqlnomaly.replacing import replaced

PAGE = ROOT / "docs" / "plots.md"
PICTURE = ROOT / "docs" / "plots.png"
DPI = 80


def query() -> str:
    """The query of the page's first command."""
    return PAGE.read_text(encoding="utf-8").split('$ sqlnomaly query "')[1].partition('"')[0]


def write(path: Path = PICTURE) -> None:
    """Draws what the query gives."""
    with contextlib.chdir(ROOT), connect() as session:
        figure = session.sql(query()).plot()
    with replaced(path) as file:
        figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
