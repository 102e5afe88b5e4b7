"""Answers beside the reference: by id, NULL mask and status first, numbers at the detector's tolerance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.conformance.ask import Ask
from tests.conformance.datasets import DataSet
from tests.conformance.explanations import likewise
from tests.reference.call import tolerance_of
from tests.reference.judge import Verdict
from tests.reference.values import group_key, order_key, valued

Answers = Mapping[int, Verdict]
Slack = Callable[[float], float]
"""Score -> the relative difference that is allowed."""

REMOVAL = 4e-16
OFFSET = 1e-6
SHOWN = 3


def slack(data: DataSet, ask: Ask, detector: str) -> Slack:
    """How far a score may be off.

    Taking a row out of its own baseline (leave-one-out, RANGE frames) loses digits in proportion to the
    square of its score: of M2 only 1/(1 + score^2) is left. Around 1.7e9 a mean has an ulp of 2.4e-7, which
    counts the more the smaller the deviation of the baseline, and a far row is one of a small deviation.
    """
    removal = bool(ask.options.get("leave_one_out")) or (ask.frame is not None and ask.frame.kind == "range")
    small = data.name == "offset" and (removal or ask.order is not None)
    tolerance = tolerance_of(detector)

    def allowed(score: float) -> float:
        square = 1.0 + score * score
        offset = OFFSET * (square if small else 1.0) if data.name == "offset" else 0.0
        return tolerance + offset + (REMOVAL * square if removal else 0.0)

    return allowed


def close(left: float | None, right: float | None, allowed: Slack) -> bool:
    """Whether two numbers are equal within the tolerance; NULL equals NULL only."""
    if left is None or right is None:
        return left is right
    if left == right:
        return True
    size = max(abs(left), abs(right))
    return abs(left - right) <= allowed(size) * max(1.0, size)


def same(left: Verdict, right: Verdict, ask: Ask, allowed: Slack, leeway: float = 0.0) -> bool:
    """Whether two verdicts agree in everything that was asked, but for the explanation.

    Args:
        leeway: how far the probabilities may be apart, since an ulp decides which score is the higher one.
    """
    for output in ask.outputs:
        mine, theirs = getattr(left, output.field), getattr(right, output.field)
        if output.field in ("score", "threshold"):
            agree = close(mine, theirs, allowed)
        elif output.field == "probability":
            agree = close(mine, theirs, lambda size: leeway + 1e-12)
        else:
            agree = output.field == "explanation" or mine == theirs
        if not agree:
            return False
    return True


def differences(
    data: DataSet, detector: str, ask: Ask, found: Answers, expected: Sequence[Verdict]
) -> list[str]:
    """What differs from the reference, a line a row; empty if nothing does."""
    wanted = {row["id"]: verdict for row, verdict in zip(data.rows, expected, strict=True)}
    return unlike(data, detector, ask, found, wanted)


def on_the_edge(reasons: tuple[str, str], wanted: Verdict, detector: str) -> bool:
    """Whether two reasons tie but for about the tolerance that decides ties, so that an ulp decides."""
    terms = {part["feature"]: part["contribution"] for part in wanted.explanation or ()}
    left, right = (terms.get(name) for name in reasons)
    if left is None or right is None:
        return False
    tolerance = tolerance_of(detector)
    return 0.1 * tolerance < abs(left - right) / max(1.0, abs(left)) < 10 * tolerance


def unlike(data: DataSet, detector: str, ask: Ask, found: Answers, wanted: Answers) -> list[str]:
    """What differs between two sets of answers, compared by id, and among tied rows as multisets."""
    if found.keys() != wanted.keys():
        strange = sorted(found.keys() ^ wanted.keys())[:SHOWN]
        return [f"{len(found)} rows instead of {len(wanted)}; in one only: {strange}"]
    allowed = slack(data, ask, detector)
    leeway = near(data, ask, wanted, allowed) if "anomaly_probability" in ask.functions else {}
    bad = []
    for group in tied(data, ask):
        ids = [i for i in group if i in wanted]
        left, right = [found[i] for i in ids], [wanted[i] for i in ids]
        if len(ids) > 1:
            left, right = sorted(left, key=_rank), sorted(right, key=_rank)
        for i, got, want in zip(ids, left, right, strict=True):
            agree = same(got, want, ask, allowed, leeway.get(i, 0.0))
            reason = got.reason
            if not agree and got.reason and want.reason:
                like = replace(got, reason=want.reason)
                agree = same(like, want, ask, allowed) and on_the_edge(
                    (got.reason, want.reason), want, detector
                )
            if agree and "anomaly_explanation" in ask.functions:
                agree = likewise(data, got.explanation, want.explanation, reason, detector, allowed)
            if not agree:
                bad.append(f"id {i}: {_shown(got, ask)}, expected {_shown(want, ask)}")
    more = [f".. and {len(bad) - SHOWN} more rows"] if len(bad) > SHOWN else []
    return bad[:SHOWN] + more


def near(data: DataSet, ask: Ask, wanted: Answers, allowed: Slack) -> dict[int, float]:
    """How far each row's probability may be off: the share of other values that score the same but for an ulp.

    Rows of equal features have equal scores, so that these are counted strictly.
    """
    partitions: dict[Any, list[tuple[int, float, Any]]] = {}
    fitted: dict[Any, int] = {}
    for row in data.rows:
        score = wanted[row["id"]].score if row["id"] in wanted else None
        key = group_key([row[name] for name in ask.partition])
        if score is not None:
            values = tuple(valued(row[name]) for name in data.features)
            partitions.setdefault(key, []).append((row["id"], score, values))
            fitted[key] = fitted.get(key, 0) + (ask.where is None or ask.where.keeps(row) is True)
    return {
        i: sum(values != other and close(score, rival, allowed) for _, rival, other in rows)
        / max(fitted[key], 1)
        for key, rows in partitions.items()
        for i, score, values in rows
    }


def tied(data: DataSet, ask: Ask) -> list[list[int]]:
    """The ids in groups whose rows a ROWS frame cannot tell apart; one id each where there is no such frame."""
    if ask.frame is None or ask.frame.kind != "rows":
        return [[row["id"]] for row in data.rows]
    groups: dict[Any, list[int]] = {}
    for row in data.rows:
        place = row[str(ask.order)]
        values = tuple(valued(row[name]) for name in data.features)
        fitted = ask.where is None or ask.where.keeps(row) is True
        # A row without an order key is in no frame, and tied with none.
        key = ("alone", row["id"]) if place is None else ("at", order_key(place))
        group = (group_key([row[name] for name in ask.partition]), key, values, fitted)
        groups.setdefault(group, []).append(row["id"])
    return list(groups.values())


def _rank(verdict: Verdict) -> tuple[str, float]:
    return (verdict.status, -1.0 if verdict.score is None else round(verdict.score, 6))


def _shown(verdict: Verdict, ask: Ask) -> str:
    return "(" + ", ".join(repr(getattr(verdict, output.field)) for output in ask.outputs) + ")"
