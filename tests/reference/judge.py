"""From rows to verdicts: baseline, statuses, NULL policy, thresholds and reasons, row by row, without tricks.

This is the definition that generated SQL is compared with. It calls nothing of the package under test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tests.reference import ecod, hbos, mad, zscore
from tests.reference.baseline import Frame, Ordered, earlier, framed
from tests.reference.values import as_float, group_key, quantile, usable

__all__ = ["DETECTORS", "Frame", "Verdict", "judge"]

DETECTORS: Mapping[str, ModuleType] = {"zscore": zscore, "mad": mad, "hbos": hbos, "ecod": ecod}
TOLERANCE = 1e-9

Row = Mapping[str, Any]
Order = str | Sequence[str | tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about one row; None is NULL. ``status`` is never None."""

    score: float | None
    threshold: float | None
    is_anomaly: bool | None
    reason: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Part:
    """One used feature of one row: its value, its model (None under min_rows) and its term."""

    name: str
    value: float
    model: Any
    term: float | None
    effect: float


@dataclass(frozen=True, slots=True)
class Scored:
    """One row before its threshold is known."""

    status: str
    score: float | None
    parts: tuple[Part, ...]
    first_missing: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """The options of one call, checked."""

    module: ModuleType
    features: tuple[str, ...]
    keys: tuple[tuple[str, bool], ...]
    frame: Frame | None
    leave_one_out: bool
    threshold: float | None
    contamination: float | None
    direction: str
    nulls: str
    min_rows: int
    effects: tuple[float, ...] | None
    params: Mapping[str, Any]


def judge(
    rows: Sequence[Row],
    *,
    detector: str,
    features: Sequence[str],
    partition: Sequence[str] = (),
    order: Order | None = None,
    frame: Frame | None = None,
    where: Callable[[Row], bool | None] | None = None,
    leave_one_out: bool = False,
    threshold: float | None = None,
    contamination: float | None = None,
    direction: str = "both",
    nulls: str = "propagate",
    min_rows: int | None = None,
    min_effect: float | Sequence[float] | None = None,
    **params: Any,
) -> list[Verdict]:
    """The verdict on every row, in the order of the rows.

    Args:
        rows: raw values by column name.
        order: a column, or several; ``(column, 'desc')`` sorts down.
        where: the FILTER condition; only rows where it is True are fitted.
        params: the detector's own (``ddof``; ``n_bins``, ``alpha``, ``tol``).
    """
    call = checked(
        detector, features, order, frame, leave_one_out, threshold, contamination, direction, nulls, min_rows,
        min_effect, params,
    )  # fmt: skip
    values = [tuple(as_float(row[name]) for name in features) for row in rows]
    fitted = [where is None or where(row) is True for row in rows]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, row in enumerate(rows):
        groups.setdefault(group_key([row[name] for name in partition]), []).append(i)
    verdicts: dict[int, Verdict] = {}
    for members in groups.values():
        views = [
            Ordered(
                i, tuple(rows[i][k] for k, _ in call.keys), tuple(usable(v) for v in values[i]), fitted[i]
            )
            for i in members
        ]
        scored = {view.index: scored_row(view, views, values[view.index], call) for view in views}
        limit = threshold_of(call, [scored[i].score for i in members if fitted[i]])
        verdicts.update({i: verdict(scored[i], limit, call) for i in members})
    return [verdicts[i] for i in range(len(rows))]


def checked(
    detector: str,
    features: Sequence[str],
    order: Order | None,
    frame: Frame | None,
    leave_one_out: bool,
    threshold: float | None,
    contamination: float | None,
    direction: str,
    nulls: str,
    min_rows: int | None,
    min_effect: float | Sequence[float] | None,
    params: Mapping[str, Any],
) -> Call:
    """The call with its defaults filled in. Raises ValueError for what the language refuses."""
    module = DETECTORS[detector]
    if threshold is not None and contamination is not None:
        raise ValueError("threshold and contamination exclude each other")
    if contamination is not None and not 0 < contamination <= 0.5:
        raise ValueError("0 < contamination <= 0.5")
    if threshold is None and contamination is None:
        threshold, contamination = module.DEFAULT_THRESHOLD, module.DEFAULT_CONTAMINATION
    if order is not None and contamination is not None:
        raise ValueError("contamination needs the scores of all rows: refused with ORDER BY")
    if not module.SIGNED and (order is not None or direction != "both" or min_effect is not None):
        raise ValueError(f"{detector} refuses ORDER BY, direction and min_effect")
    if frame is not None and order is None:
        raise ValueError("a frame needs ORDER BY")
    if leave_one_out and detector != "zscore":
        raise ValueError(f"{detector} refuses leave_one_out")
    if nulls not in ("propagate", "ignore", "anomalous") or direction not in ("both", "high", "low"):
        raise ValueError(f"unknown nulls {nulls!r} or direction {direction!r}")
    names = [order] if isinstance(order, str) else list(order or ())
    keys = [
        (name, False) if isinstance(name, str) else (name[0], name[1].lower() == "desc") for name in names
    ]
    effects = None
    if min_effect is not None:
        effects = tuple(min_effect) if isinstance(min_effect, Sequence) else (min_effect,) * len(features)
        if len(effects) != len(features):
            raise ValueError("min_effect is one number, or one a feature")
    return Call(
        module=module,
        features=tuple(features),
        keys=tuple(keys),
        frame=frame,
        leave_one_out=leave_one_out,
        threshold=threshold,
        contamination=contamination,
        direction=direction,
        nulls=nulls,
        min_rows=module.DEFAULT_MIN_ROWS if min_rows is None else min_rows,
        effects=effects,
        params=params,
    )


def scored_row(row: Ordered, rows: Sequence[Ordered], raw: Sequence[float | None], call: Call) -> Scored:
    """Fit the row's own baseline from scratch, score the row, and say why there is no score."""
    first_missing = next((name for name, x in zip(call.features, raw, strict=True) if x is None), None)

    def without_score(status: str, parts: tuple[Part, ...] = ()) -> Scored:
        return Scored(status=status, score=None, parts=parts, first_missing=first_missing)

    if not call.keys and not any(other.fitted for other in rows):
        return without_score("unseen_group")  # with ORDER BY that would look at later rows: warm_up
    if any(key is None for key in row.keys):
        return without_score("missing_value")
    if call.nulls == "ignore":
        if all(x is None for x in raw):
            return without_score("missing_value")
        if all(x is None for x in row.features):
            return without_score("out_of_range")
    elif first_missing is not None:
        return without_score("missing_value")
    elif any(x is None for x in row.features):
        return without_score("out_of_range")

    by_index = {other.index: other for other in rows}
    baseline = [by_index[i] for i in baseline_of(row, rows, call)]
    parts: list[Part] = []
    for j, name in enumerate(call.features):
        x = row.features[j]
        if x is None:
            continue
        seen = [value for other in baseline if (value := other.features[j]) is not None]
        if len(seen) < call.min_rows:
            return without_score("warm_up" if call.keys else "too_few_rows")
        extra = dict(call.params)
        if call.leave_one_out and not call.keys:
            extra["whole"] = [
                value for other in rows if other.fitted and (value := other.features[j]) is not None
            ]
        model = call.module.fit(seen, **extra)
        effect = 0.0 if call.effects is None else call.effects[j]
        parts.append(Part(name, x, model, call.module.term(x, model, call.direction), effect))

    terms = [part.term for part in parts if part.term is not None]
    if len(terms) < len(parts):
        return without_score("constant_baseline", tuple(parts))
    status = "constant_baseline" if all(part.model.constant for part in parts) else "ok"
    return Scored(status, float(call.module.REDUCE(terms)), tuple(parts), first_missing)


def baseline_of(row: Ordered, rows: Sequence[Ordered], call: Call) -> list[int]:
    """The rows that this row is judged by."""
    descending = [down for _, down in call.keys]
    if call.frame is not None:
        return framed(row, rows, call.frame, descending)
    if call.keys:
        return earlier(row, rows, descending)
    return [
        other.index
        for other in rows
        if other.fitted and not (call.leave_one_out and other.index == row.index)
    ]


def threshold_of(call: Call, scores: Sequence[float | None]) -> float | None:
    """The threshold of one partition: the option, or a quantile of its fitted rows' scores."""
    if call.contamination is None:
        return call.threshold
    known = [score for score in scores if score is not None]
    return quantile(known, 1 - call.contamination) if known else None


def exceeds(score: float, threshold: float) -> bool:
    """Whether a score lies above its threshold by more than the tolerance."""
    return score > threshold + TOLERANCE * max(1.0, abs(threshold))


def verdict(row: Scored, threshold: float | None, call: Call) -> Verdict:
    """The verdict on a scored row."""
    if call.nulls == "anomalous" and row.first_missing is not None:
        return Verdict(None, threshold, True, row.first_missing, row.status)
    if row.score is None:
        for part in row.parts if call.effects is not None else ():
            if part.term is None and surprise(part, call.direction) >= part.effect:
                return Verdict(None, threshold, True, part.name, row.status)
        return Verdict(None, threshold, None, None, row.status)
    return Verdict(row.score, threshold, is_anomaly(row, threshold, call), reason(row), row.status)


def surprise(part: Part, direction: str) -> float:
    """How far a value is from a constant baseline, in the direction that counts."""
    difference: float = part.value - part.model.centre
    return {"both": abs(difference), "high": difference, "low": -difference}[direction]


def is_anomaly(row: Scored, threshold: float | None, call: Call) -> bool | None:
    """Whether the score, or with min_effect the largest term that is large enough, exceeds the threshold."""
    if threshold is None or row.score is None:
        return None
    if call.effects is None:
        return exceeds(row.score, threshold)
    large = [part for part in row.parts if abs(part.value - part.model.centre) >= part.effect]
    return any(exceeds(part.term, threshold) for part in large if part.term is not None)


def reason(row: Scored) -> str:
    """The feature with the largest term, the first in call order among those within the tolerance of it."""
    terms = [(part.name, part.term) for part in row.parts if part.term is not None]
    largest = max(term for _, term in terms)
    return next(name for name, term in terms if term >= largest - TOLERANCE * max(1.0, abs(largest)))
