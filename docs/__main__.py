"""``python -m docs`` writes golden SQL, generated pages, pictures and shown output anew; ``--check`` writes nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from docs.blocks import ROOT, PageError, refreshed
from docs.detector_page import NOTE, detector_page, detectors_page
from docs.how import how_page
from docs.picture import write as write_picture
from docs.support_page import support_page
from sqlnomaly import packs
from sqlnomaly.dbt import __main__ as dbt
from sqlnomaly.install import __main__ as installed
from sqlnomaly.udfs.registry import BUILT_IN

GENERATED: Mapping[str, Callable[[], str]] = {
    "docs/detectors.md": detectors_page,
    "docs/how-it-works.md": partial(how_page, NOTE),
    "docs/support.md": support_page,
    **{f"docs/detectors/{detector.name}.md": partial(detector_page, detector) for detector in BUILT_IN},
}


def pages() -> list[str]:
    """Every page, by its path from the root."""
    top = [path.name for path in ROOT.glob("*.md")]
    below = (path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
    found = {*top, *below, *GENERATED}
    return sorted(found)


def fresh(page: str) -> str:
    """What the page has to hold.

    Raises:
        PageError: for a block that does not run, and for a detector's page without a detector.
    """
    if page.startswith("docs/detectors/") and page not in GENERATED:
        raise PageError("no detector has that name; remove the page")
    text = GENERATED[page]() if page in GENERATED else Path(ROOT, page).read_text(encoding="utf-8")
    return refreshed(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: 0 if everything is, or now is, as it should be; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing, fail on a difference")
    check = parser.parse_args(arguments).check
    asked = ["--check"] if check else []
    failed = packs.main(asked) + installed.main(asked) + dbt.main(asked) > 0
    for page in pages():
        try:
            text = fresh(page)
        except PageError as error:
            sys.stderr.write(f"{page}: {error}\n")
            failed = True
            continue
        path = ROOT / page
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        sys.stdout.write(f"{page}: changed\n")
        failed = failed or check
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if not check:
        write_picture()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
