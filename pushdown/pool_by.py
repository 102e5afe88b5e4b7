"""The parent group of a series: which keys of PARTITION BY it has, and how many rows it counts for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.frames import Frame
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.relation_words import column_names

ALL = "all"
"""What stands for a parent of all series."""
MOST = 1e6
"""The most rows that a parent may count for."""


@dataclass(frozen=True, slots=True)
class PoolBy:
    """The parent group as a call names it.

    Attributes:
        words: the keys of the parent as written, none of them for all series.
        strength: the rows that it counts for; None where the series themselves say how many.
    """

    words: tuple[str, ...]
    strength: float | None

    def places(self, keys: Sequence[Expr], shown: str) -> tuple[int, ...]:
        """The places of the parent's keys among those of PARTITION BY.

        Raises:
            CallError: a word that is none of them, or two, and words for all of them.
        """
        names = [key.name if isinstance(key, exp.Column) else "" for key in keys]
        shared = ", ".join(filter(None, names))
        found = []
        for word in self.words:
            same = [place for place, name in enumerate(names) if _means(word, name)]
            if len(same) != 1:
                raise CallError(
                    f"pool_by names {word}, which is {'two keys' if same else 'no key'} of PARTITION BY",
                    where=shown,
                    hint=f"the parent's columns stand in PARTITION BY too: PARTITION BY {word}, {shared or 'store'}",
                )
            found += same
        if len(set(found)) == len(keys):
            raise CallError(
                "pool_by leaves no key of PARTITION BY that tells series of one parent apart",
                where=shown,
                hint="PARTITION BY region, store with pool_by => 'region'; 'all' for a parent of all series",
            )
        return tuple(dict.fromkeys(found))

    def words_shown(self) -> str:
        """The parent in a phrase."""
        return ", ".join(self.words) or "all series"


def _means(word: str, name: str) -> bool:
    """Whether a word names a column: in quotes exactly, else without regard to case."""
    if word.startswith('"'):
        return word[1:-1].replace('""', '"') == name
    return word.lower() == name.lower()


def read_words(node: Expr, shown: str) -> tuple[str, ...]:
    """The words of ``pool_by``: a list of texts, or one text with commas; none for a parent of all series.

    Raises:
        CallError: for what names nothing.
    """
    words = tuple(column_names("pool_by", node, shown))
    if not words:
        raise CallError(
            "pool_by names nothing", where=shown, hint=f"pool_by => 'region', or '{ALL}' for a parent of all series"
        )
    return () if words[1:] == () and words[0].lower() == ALL else words


def read_pool(values: Mapping[str, object], detector: Detector, shown: str) -> PoolBy | None:
    """The parent group that a call's options give, or None.

    Raises:
        CallError: a strength without a parent, or out of range.
        UnsupportedError: a detector that has no centre and scale to shrink.
    """
    words, strength = values.get("pool_by"), values.get("pool_strength")
    if words is None:
        if strength is not None:
            raise CallError(
                "pool_strength is a part of pool_by", where=shown, hint="give pool_by => 'region', or leave it out"
            )
        return None
    if not detector.pools:
        raise UnsupportedError(
            f"pool_by is refused by {detector.name}: it has no centre and scale to shrink towards those of a parent",
            where=shown,
            hint="use zscore, mad, ewma or seasonal, or leave it out",
        )
    if values.get("leave_one_out"):
        raise UnsupportedError(
            "leave_one_out is refused with pool_by: a row taken out of its series is still one of its parent",
            where=shown,
            hint="leave one of them out, or judge rows by those before them: ORDER BY day",
        )
    assert isinstance(words, tuple)
    if strength is None:
        return PoolBy(words, None)
    assert isinstance(strength, float)
    if not 0.0 < strength <= MOST:
        raise CallError(
            f"pool_strength => {strength:g} is out of range", where=shown, hint=f"above 0, up to {MOST:,.0f} rows"
        )
    return PoolBy(words, strength)


def check_pool(pool: PoolBy | None, keys: Sequence[Expr], frame: Frame | None, shown: str) -> None:
    """Refuses a parent where the call has no series, or a frame.

    Raises:
        CallError: without PARTITION BY, or with other keys than its.
        UnsupportedError: with a frame.
    """
    if pool is None:
        return
    if not keys:
        raise CallError(
            "pool_by needs the series that a parent is made of",
            where=shown,
            hint="OVER (PARTITION BY region, store ORDER BY day); in detect_anomalies partition_by => 'region, store'",
        )
    pool.places(keys, shown)
    if frame is not None:
        raise UnsupportedError(
            "pool_by is refused with a frame: the rows of a frame are counted along one series, not along its parent",
            where=shown,
            hint="leave the frame out: all rows before count",
        )
