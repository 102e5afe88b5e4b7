"""Answers beside the reference: by id, NULL mask and status first, numbers at the detector's tolerance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tests.conformance.ask import Ask
from tests.conformance.datasets import DataSet
from tests.reference.judge import Verdict
from tests.reference.values import as_float, group_key, order_key, usable

Answers = Mapping[int, Verdict]
Slack = Callable[[float], float]
"""Score -> the relative difference that is allowed."""

Edge = Callable[[int, tuple[str, str]], bool]
"""Row id, two reasons -> whether either is right."""

TOLERANCE = 1e-9
REMOVAL = 4e-16
OFFSET = 1e-6
SHOWN = 3


def slack(data: DataSet, ask: Ask) -> Slack:
    """How far a score may be off.

    Taking a row out of its own baseline (leave-one-out, RANGE frames) loses digits in proportion to the
    square of its score: of M2 only 1/(1 + score^2) is left. Around 1.7e9 a mean has an ulp of 2.4e-7, which
    counts the more the smaller the deviation of the baseline, and a far row is one of a small deviation.
    """
    removal = bool(ask.options.get("leave_one_out")) or (ask.frame is not None and ask.frame.kind == "range")
    small = data.name == "offset" and (removal or ask.order is not None)

    def allowed(score: float) -> float:
        square = 1.0 + score * score
        offset = OFFSET * (square if small else 1.0) if data.name == "offset" else 0.0
        return TOLERANCE + offset + (REMOVAL * square if removal else 0.0)

    return allowed


def close(left: float | None, right: float | None, allowed: Slack) -> bool:
    """Whether two numbers are equal within the tolerance; NULL equals NULL only."""
    if left is None or right is None:
        return left is right
    if left == right:
        return True
    size = max(abs(left), abs(right))
    return abs(left - right) <= allowed(size) * max(1.0, size)


def same(left: Verdict, right: Verdict, allowed: Slack) -> bool:
    """Whether two verdicts agree in everything."""
    return (
        left.status == right.status
        and left.is_anomaly is right.is_anomaly
        and left.reason == right.reason
        and close(left.score, right.score, allowed)
        and close(left.threshold, right.threshold, allowed)
    )


def differences(
    data: DataSet, detector: str, ask: Ask, found: Answers, expected: Sequence[Verdict]
) -> list[str]:
    """What differs from the reference, a line a row; empty if nothing does."""
    wanted = {row["id"]: verdict for row, verdict in zip(data.rows, expected, strict=True)}
    edge = partial(on_the_edge, data, detector, ask)
    return unlike(data, ask, found, wanted, edge)


def on_the_edge(data: DataSet, detector: str, ask: Ask, row: int, reasons: tuple[str, str]) -> bool:
    """Whether two reasons tie but for about the tolerance that decides ties, so that an ulp decides."""
    at = next(index for index, each in enumerate(data.rows) if each["id"] == row)
    terms = [ask.reference(data, detector, feature=name)[at].score for name in reasons]
    left, right = terms
    if left is None or right is None:
        return False
    return 0.1 * TOLERANCE < abs(left - right) / max(1.0, abs(left)) < 10 * TOLERANCE


def unlike(
    data: DataSet, ask: Ask, found: Answers, wanted: Answers, edge: Edge = lambda row, reasons: False
) -> list[str]:
    """What differs between two sets of answers, compared by id, and among tied rows as multisets."""
    if found.keys() != wanted.keys():
        strange = sorted(found.keys() ^ wanted.keys())[:SHOWN]
        return [f"{len(found)} rows instead of {len(wanted)}; in one only: {strange}"]
    allowed = slack(data, ask)
    bad = []
    for group in tied(data, ask):
        ids = [i for i in group if i in wanted]
        left, right = [found[i] for i in ids], [wanted[i] for i in ids]
        if len(ids) > 1:
            left, right = sorted(left, key=_rank), sorted(right, key=_rank)
        bad += [
            f"id {i}: {_shown(got)}, expected {_shown(want)}"
            for i, got, want in zip(ids, left, right, strict=True)
            if not same(got, want, allowed)
            and not (
                got.reason
                and want.reason
                and same(replace(got, reason=want.reason), want, allowed)
                and edge(i, (got.reason, want.reason))
            )
        ]
    more = [f".. and {len(bad) - SHOWN} more rows"] if len(bad) > SHOWN else []
    return bad[:SHOWN] + more


def tied(data: DataSet, ask: Ask) -> list[list[int]]:
    """The ids in groups whose rows a ROWS frame cannot tell apart; one id each where there is no such frame."""
    if ask.frame is None or ask.frame.kind != "rows":
        return [[row["id"]] for row in data.rows]
    groups: dict[Any, list[int]] = {}
    for row in data.rows:
        place = row[str(ask.order)]
        values = tuple(usable(as_float(row[name])) for name in data.features)
        fitted = ask.where is None or ask.where.keeps(row) is True
        # A row without an order key is in no frame, and tied with none.
        key = ("alone", row["id"]) if place is None else ("at", order_key(place))
        group = (group_key([row[name] for name in ask.partition]), key, values, fitted)
        groups.setdefault(group, []).append(row["id"])
    return list(groups.values())


def _rank(verdict: Verdict) -> tuple[str, float]:
    return (verdict.status, -1.0 if verdict.score is None else round(verdict.score, 6))


def _shown(verdict: Verdict) -> str:
    parts = (verdict.score, verdict.threshold, verdict.is_anomaly, verdict.reason, verdict.status)
    return "(" + ", ".join(map(repr, parts)) + ")"
