"""What a stored model must say, computed from the rows in plain Python: which were held out, and every answer."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlnomaly.pushdown.sample import python_key_text
from tests.reference.call import DETECTORS, tolerance_of
from tests.reference.judge import Verdict, judge
from tests.reference.values import as_category, as_float, group_key, usable

Row = Mapping[str, Any]


def held_out(
    rows: Sequence[Row],
    features: Sequence[str],
    keys: Sequence[str],
    *,
    share: float = 0.2,
    categories: bool = False,
) -> set[int]:
    """The ids of the rows that are held out of the fit.

    A fifth, rounded down, of a partition's rows that miss no feature, and 2,000 at most: those with the smallest MD5 of
    ``0|ordinal|k(x1)|..|k(xd)``, where the ordinal counts the rows of the partition that are equal in every k.
    """
    read = as_category if categories else lambda value: usable(as_float(value))
    groups: dict[Any, list[tuple[int, tuple[Any, ...]]]] = {}
    for row in rows:
        values = tuple(read(row[name]) for name in features)
        groups.setdefault(group_key([row[key] for key in keys]), []).append((row["id"], values))
    found: set[int] = set()
    for members in groups.values():
        copies: dict[str, int] = {}
        keyed = []
        for number, values in sorted(members, key=_in_order):
            text = "|".join(map(_key, values))
            copies[text] = copies.get(text, 0) + 1
            if None not in values:
                whole = f"0|{copies[text]}|{text}"
                keyed.append((hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest(), number))
        found |= {number for _, number in sorted(keyed)[: min(math.floor(share * len(keyed)), 2_000)]}
    return found


def _in_order(row: tuple[int, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [(1,) if value is None else (0, value) for value in row[1]]


def _key(value: Any) -> str:
    if isinstance(value, str):
        return hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()
    return python_key_text(value)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one row; None is NULL."""

    status: str
    score: float | None
    threshold: float | None
    is_anomaly: bool | None
    reason: str | None
    probability: float | None


def answers(
    rows: Sequence[Row],
    detector: str,
    features: Sequence[str],
    keys: Sequence[str] = (),
    *,
    share: float = 0.2,
    parts: Sequence[Sequence[Row]] | None = None,
    **options: Any,
) -> dict[int, Answer]:
    """What the model says of each of these rows, by id.

    Args:
        parts: what the model was fitted on, one refresh after the other; the rows themselves if left out.
    """
    categories = bool(getattr(DETECTORS[detector], "CATEGORIES", False))
    known = [rows] if parts is None else parts
    held = set().union(
        *(held_out(part, features, keys, share=share, categories=categories) for part in known)
    )
    seen = {row["id"] for part in known for row in part} - held
    found = judge(
        rows,
        detector=detector,
        features=features,
        partition=keys,
        where=lambda row: row["id"] in seen,
        **options,
    )
    verdicts = {row["id"]: verdict for row, verdict in zip(rows, found, strict=True)}
    scores: dict[Any, list[float]] = {}
    for row in rows:
        score = verdicts[row["id"]].score
        if row["id"] in held and score is not None:
            scores.setdefault(group_key([row[key] for key in keys]), []).append(score)
    return {
        row["id"]: _answer(
            verdicts[row["id"]], scores.get(group_key([row[key] for key in keys]), []), tolerance_of(detector)
        )
        for row in rows
    }


def _answer(verdict: Verdict, held: Sequence[float], tolerance: float) -> Answer:
    chance = None if verdict.score is None or not held else probability(verdict.score, held, tolerance)
    return Answer(
        verdict.status, verdict.score, verdict.threshold, verdict.is_anomaly, verdict.reason, chance
    )


def probability(score: float, held: Sequence[float], tolerance: float) -> float:
    """1 - (1 + #{held >= score}) / (n + 1): exact among the highest 24, above them in steps that count too many."""
    ordered = sorted(held, reverse=True)
    reached = [h + tolerance * max(1.0, abs(h)) > score for h in ordered]
    count = sum(reached)
    kept = [rank for rank in _ranks(len(held)) if not reached[rank - 1]]
    counted = min(kept) - 1 if kept else len(held)
    assert count <= counted <= max(count, 24) * 1.05 + 1 or not kept
    return 1 - (1 + counted) / (len(held) + 1)


def _ranks(n: int) -> list[int]:
    """1 to 25, and from there on each 4 % further, but one at least."""
    found, rank = [], 1
    while rank <= n:
        found.append(rank)
        rank += 1 if rank <= 24 else max(1, math.ceil(rank * 0.04) - 1)
    return found


def unlike(
    found: Mapping[int, Answer], wanted: Mapping[int, Answer], tolerance: float, *, reasons: bool
) -> list[str]:
    """What differs, a line a row."""
    lines = [f"rows: {sorted(set(found) ^ set(wanted))[:10]}"] if set(found) != set(wanted) else []
    for number in sorted(set(found) & set(wanted)):
        mine, theirs = found[number], wanted[number]
        same = (
            mine.status == theirs.status
            and mine.is_anomaly == theirs.is_anomaly
            and (not reasons or mine.reason == theirs.reason)
            and close(mine.score, theirs.score, tolerance)
            and close(mine.threshold, theirs.threshold, tolerance)
            and close(mine.probability, theirs.probability, 1e-12)
        )
        if not same:
            lines.append(f"{number}: {mine}\n   wanted {theirs}")
    return lines


def close(left: float | None, right: float | None, tolerance: float) -> bool:
    """Whether two numbers are equal within the tolerance; NULL equals NULL only."""
    if left is None or right is None:
        return left is right
    return abs(left - right) <= tolerance * max(1.0, abs(left), abs(right))
