"""A histogram for a terminal: bars of blocks where it shows them, and plain ASCII everywhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from rich.text import Text

from sqlnomaly.catalog.distribution import Bar, Distribution

BLOCKS = " ▏▎▍▌▋▊▉█"
"""A bar's last cell, by eighths."""
WIDEST = 40
"""Cells of the longest bar."""


def is_plain() -> bool:
    """Whether standard output takes nothing but ASCII: a file, a pipe, a dumb terminal, or one without these blocks."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "") in ("", "dumb"):
        return True
    try:
        BLOCKS.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def picture(
    found: Distribution, *, plain: bool, width: int = 100, whose: str = "fitted rows"
) -> list[Text]:
    """The lines of the histogram: what was counted, a bar for each bin with the threshold marked, and the verdict.

    Args:
        found: the scores.
        plain: whether only ASCII may be used.
        width: cells of a line.
        whose: what the rows are called.
    """
    lines = [Text(f"scores of {found.rows:,} {whose}, by the {len(found.quantiles)} quantiles that are kept")]
    bars = found.bars()
    labels = _labels(bars)
    room = max(min(WIDEST, width - max(map(len, labels)) - 30), 8)
    largest = max(bar.share for bar in bars)
    limit = found.threshold
    for number, (bar, label) in enumerate(zip(bars, labels, strict=True)):
        line = Text(f"{label}  ")
        beyond = limit is not None and bar.low >= limit
        line.append(_bar(bar.share / largest * room, plain=plain).ljust(room), "red" if beyond else "cyan")
        line.append(f"  {_percent(bar.share)}")
        last = number == len(bars) - 1
        if limit is not None and bar.low <= limit and (limit < bar.high or (last and limit == bar.high)):
            line.append(f"  <- threshold {limit:.6g}" if plain else f"  ◄ threshold {limit:.6g}", "bold red")
        line.rstrip()
        lines.append(line)
    lines.append(Text(_verdict(found, whose)))
    return lines


def _labels(bars: list[Bar]) -> list[str]:
    """The ends of each bar, the points under each other."""
    ends = [(f"{bar.low:.4g}", f"{bar.high:.4g}") for bar in bars]
    low, high = (max(len(end[side]) for end in ends) for side in (0, 1))
    return [f"{first:>{low}} .. {second:>{high}}" for first, second in ends]


def _bar(cells: float, *, plain: bool) -> str:
    """A bar of so many cells; of one that is not empty something is seen."""
    if plain:
        return "#" * max(round(cells), int(cells > 0))
    eighths = max(round(cells * 8), int(cells > 0))
    return BLOCKS[-1] * (eighths // 8) + BLOCKS[eighths % 8].strip()


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %".rjust(7)


def _verdict(found: Distribution, whose: str) -> str:
    if found.threshold is None:
        return "the model has no threshold that is a number"
    fewest, most = found.above()
    limit = f"the threshold {found.threshold:.6g}"
    if most == 0:
        return f"above {limit}: none of the {whose}"
    many = f"{most:,}" if fewest == most else f"{fewest:,} to {most:,}"
    shares = list(_shares((fewest, most), found.rows))
    share = shares[0] if shares[0] == shares[1] else f"{shares[0]} to {shares[1]}"
    return f"above {limit}: {many} of the {whose}, {share} %"


def _shares(counts: tuple[int, int], rows: int) -> Iterator[str]:
    for count in counts:
        yield f"{count / rows * 100:.3g}"
