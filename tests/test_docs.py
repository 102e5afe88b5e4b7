"""The documentation: every block runs, every shown output is what comes out, every link leads somewhere."""

from __future__ import annotations

import re

import pytest

from docs.__main__ import fresh, pages
from docs.blocks import ROOT, PageError, refreshed
from docs.support_page import support_page
from sqlnomaly.udfs.registry import BUILT_IN
from tests.thorough import some

PAGES = pages()
GENERATED = [page for page in PAGES if page.startswith("docs/detectors/")]
WRITTEN = [page for page in PAGES if page not in GENERATED and page != "docs/support.md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.duckdb
@pytest.mark.parametrize(
    "page",
    [
        *some(GENERATED, every=8),
        *WRITTEN,
        pytest.param("docs/support.md", marks=pytest.mark.thorough),
    ],
)
def test_every_block_runs_and_shows_what_comes_out(page: str) -> None:
    assert text_of(page) == fresh(page), "python -m docs writes it anew; read the diff"


def test_the_support_page_is_what_compiles() -> None:
    """The whole head, and the tables of some: one detector takes seconds."""
    page = text_of("docs/support.md")
    head, *sections = support_page((*BUILT_IN[:4], *BUILT_IN[4::6])).split("\n## ")
    assert page.startswith(head)
    assert len(sections) > 10
    assert [section.splitlines()[0] for section in sections if f"\n## {section.rstrip()}\n" not in page] == []
    listed = re.findall(r"^## (\w+)$", page, re.MULTILINE)
    assert [name for name in listed if name[0].islower()] == [detector.name for detector in BUILT_IN]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_project_leads_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    for link in LINK.findall(text_of(page)):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (folder / path).resolve() if path else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.relative_to(ROOT).as_posix()), link


def test_every_detector_has_a_page_and_no_page_is_without_a_detector() -> None:
    wanted = {f"docs/detectors/{detector.name}.md" for detector in BUILT_IN}
    assert {page for page in PAGES if page.startswith("docs/detectors/")} == wanted
    assert all((ROOT / page).is_file() for page in wanted)
    with pytest.raises(PageError, match="no detector has that name"):
        fresh("docs/detectors/none.md")


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("```sql\nSELECT nothing FROM orders\n```", "does not show how"),
        ("```sql duckdb\nSELECT 1 FROM nowhere\n```", "no golden file"),
        ("```console\n$ rm orders.csv\n```", "only sqlnomaly"),
        ("```console\n$ sqlnomaly query 'SELECT nothing'\n```", "ends with 1"),
        ("```sh\nmake tea\n```", "no such target"),
        ("```text\nout of the blue\n```", "output of nothing"),
        ("```sql\nSELECT 1", "never closed"),
    ],
)
def test_a_block_that_nobody_could_run_is_refused(page: str, problem: str) -> None:
    with pytest.raises(PageError, match=problem):
        refreshed(page)


@pytest.mark.duckdb
def test_shown_output_is_replaced_and_cut_where_the_page_cuts_it() -> None:
    page = "```sql\nSELECT range FROM range(3)\n```\n\n```text\nold\nold\n..\n```\n"
    assert "```text\nrange\n─────\n..\n```" in refreshed(page)
