"""From rows to verdicts: baseline, statuses, NULL policy, thresholds and reasons, row by row, without tricks.

This is the definition that generated SQL is compared with. It calls nothing of the package under test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.baseline import (
    Frame,
    Ordered,
    before,
    earlier,
    framed,
    has_order,
    in_order,
    places,
    ranks,
)
from tests.reference.call import DETECTORS, Call, Order, checked
from tests.reference.outputs import Part, Scored, explanation, is_anomaly, probability, reason
from tests.reference.values import as_category, as_float, group_key, quantile, usable

__all__ = ["DETECTORS", "Frame", "Verdict", "judge"]

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about one row; None is NULL. ``status`` is never None."""

    score: float | None
    threshold: float | None
    is_anomaly: bool | None
    reason: str | None
    status: str
    probability: float | None = None
    explanation: list[dict[str, Any]] | None = None


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
    direction: str | None = None,
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
        params: the detector's own (``ddof``; ``n_bins``, ``alpha``, ``tol``; ..).
    """
    call = checked(
        detector, features, order=order, frame=frame, leave_one_out=leave_one_out, threshold=threshold,
        contamination=contamination, direction=direction, nulls=nulls, min_rows=min_rows,
        min_effect=min_effect, params=params,
    )  # fmt: skip
    read: Callable[[Any], Any] = as_category if call.categories else as_float
    clean: Callable[[Any], Any] = (lambda value: value) if call.categories else usable
    values = [tuple(read(row[name]) for name in features) for row in rows]
    fitted = [where is None or where(row) is True for row in rows]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, row in enumerate(rows):
        groups.setdefault(group_key([row[name] for name in partition]), []).append(i)
    verdicts: dict[int, Verdict] = {}
    for members in groups.values():
        views = [
            Ordered(
                i, tuple(rows[i][k] for k, _ in call.keys), tuple(clean(v) for v in values[i]), fitted[i]
            )
            for i in members
        ]
        group = Group(views, call)
        scored = {view.index: scored_row(view, group, values[view.index]) for view in views}
        known = [score for i in members if fitted[i] and (score := scored[i].score) is not None]
        limit = threshold_of(call, known)
        for i in members:
            chance = probability(scored[i].score, fitted[i], known, call)
            verdicts[i] = verdict(scored[i], limit, chance, call)
    return [verdicts[i] for i in range(len(rows))]


class Group:
    """One partition. A baseline is fitted once, however many rows are judged by it."""

    def __init__(self, rows: Sequence[Ordered], call: Call) -> None:
        self.rows = rows
        self.call = call
        self.by_index = {row.index: row for row in rows}
        self.queue = in_order(rows, call.descending) if call.sequential or call.whole else []
        self.places = places(self.queue, call.descending) if call.placed else {}
        self.ranks = ranks(self.queue, call.descending) if call.ranked else {}
        self._models: dict[Any, Any] = {}

    def baseline(self, row: Ordered) -> list[Ordered]:
        """The rows that this row is judged by; of a sequential detector also those that only take time."""
        call = self.call
        if call.frame is not None:
            found = framed(row, self.rows, call.frame, call.descending)
        elif call.whole:
            found = [other.index for other in self.queue] if has_order(row) else []
        elif call.sequential:
            found = before(row, self.queue, call.descending)
        elif call.keys:
            found = earlier(row, self.rows, call.descending)
        else:
            left_out = row.index if call.leave_one_out else None
            found = [other.index for other in self.rows if other.fitted and other.index != left_out]
        return [self.by_index[i] for i in found]

    def fit(self, what: Any, seen: list[Any], whole: list[Any]) -> Any:
        """The model of one feature, or of all."""
        extra = dict(self.call.params)
        if self.call.leave_one_out and not self.call.keys:
            extra["whole"] = whole
        if self.call.ranked:
            extra["min_rows"] = self.call.min_rows
        key = (what, tuple(seen))
        if key not in self._models:
            self._models[key] = self.call.module.fit(seen, **extra)
        return self._models[key]


def scored_row(row: Ordered, group: Group, raw: Sequence[float | None]) -> Scored:
    """Fit the row's own baseline, score the row, and say why there is no score."""
    call = group.call
    score, parts = (joint if call.joint else separate)(row, group)
    first_missing = next((name for name, x in zip(call.features, raw, strict=True) if x is None), None)
    status = why_not(row, group, raw, parts)
    if status is None:
        status = "constant_baseline" if all(p.constant for p in parts if p.value is not None) else "ok"
    else:
        score = None
    return Scored(status, score, parts, first_missing)


def why_not(
    row: Ordered, group: Group, raw: Sequence[float | None], parts: Sequence[Part]
) -> str | None:
    """The first reason against a score, or None."""
    call = group.call
    if not call.keys and not any(other.fitted for other in group.rows):
        return "unseen_group"  # with ORDER BY that would look at later rows: warm_up
    if any(key is None for key in row.keys):
        return "missing_value"
    enough = all if call.nulls == "ignore" else any
    if enough(x is None for x in raw):
        return "missing_value"
    if enough(x is None for x in row.features):
        return "out_of_range"
    used = [part for part in parts if part.value is not None]
    if any(part.rows < call.min_rows for part in used):
        return "warm_up" if call.causal else "too_few_rows"
    own = next((part.unscored for part in used if part.unscored is not None), None)
    return own or ("constant_baseline" if any(part.term is None for part in used) else None)


def separate(row: Ordered, group: Group) -> tuple[float | None, tuple[Part, ...]]:
    """The reduction of the terms, each from a model of one feature."""
    call = group.call
    baseline = group.baseline(row)
    parts: list[Part] = []
    for j, name in enumerate(call.features):
        x = row.features[j]
        seen = [other.features[j] if other.fitted else None for other in baseline]
        count = sum(value is not None for value in seen)
        if call.placed:
            seen = list(zip((group.places[other.index] for other in baseline), seen, strict=True))
        elif call.ranked:
            seen = list(zip((group.ranks[other.index] for other in baseline), seen, strict=True))
        elif not call.sequential:
            seen = [value for value in seen if value is not None]
        whole = [value for other in group.rows if other.fitted and (value := other.features[j]) is not None]
        model = group.fit(j, seen, whole) if count else None
        if call.whole and model is not None:
            model = call.module.at(model, group.places.get(row.index))
        if model is not None and hasattr(call.module, "counted"):
            count = call.module.counted(x, model)
        if call.ranked and model is not None:
            count = model.n
        known = model is not None and x is not None and count >= call.min_rows
        parts.append(
            Part(
                name=name,
                value=x,
                term=part_of(call, call.module.term(x, model, call.direction)) if known else None,
                centre=getattr(model, "centre", None),
                constant=model is not None and model.constant,
                rows=count,
                effect=0.0 if call.effects is None else call.effects[j],
                expected=getattr(model, "baseline" if call.whole else "centre", None),
                unscored=unscored(call, x, model) if known else None,
            )
        )
    terms = [part.term for part in parts if part.term is not None]
    return (float(call.module.REDUCE(terms)) if terms else None), tuple(parts)


def unscored(call: Call, x: Any, model: Any) -> str | None:
    """The detector's own reason against a score, if it has any."""
    rule = getattr(call.module, "unscored", None)
    found: str | None = None if rule is None else rule(x, model)
    return found


def part_of(call: Call, term: float | None) -> float | None:
    """A term, or its part of the mean over the features."""
    return term / len(call.features) if term is not None and getattr(call.module, "MEAN", False) else term


def joint(row: Ordered, group: Group) -> tuple[float | None, tuple[Part, ...]]:
    """Score and terms from one model of all features, fitted on the rows that have each of them."""
    call = group.call
    complete = [other for other in group.rows if other.fitted and None not in other.features]
    seen = [other.features for other in group.baseline(row) if None not in other.features]
    model = group.fit(None, seen, [other.features for other in complete]) if seen else None
    width = len(call.features)
    terms, centres, score, own = [None] * width, [None] * width, None, None
    if model is not None:
        centres = call.module.expected(row.features, model)
    if model is not None and None not in row.features and len(seen) >= call.min_rows:
        terms = call.module.terms(row.features, model)
        score = None if None in terms else call.module.score(row.features, model)
        own = unscored(call, row.features, model)
    parts = [
        Part(
            name=name,
            value=row.features[j],
            term=terms[j],
            centre=centres[j],
            constant=model is not None and model.constant[j],
            rows=len(seen),
            effect=0.0,
            expected=centres[j],
            unscored=own,
        )
        for j, name in enumerate(call.features)
    ]
    return score, tuple(parts)


def threshold_of(call: Call, scores: Sequence[float]) -> float | None:
    """The threshold of one partition: the option, or a quantile of its fitted rows' scores."""
    if call.contamination is None:
        return call.threshold
    return quantile(scores, 1 - call.contamination) if scores else None


def verdict(row: Scored, threshold: float | None, chance: float | None, call: Call) -> Verdict:
    """The verdict on a scored row."""
    first = reason(row, call)
    return Verdict(
        row.score, threshold, is_anomaly(row, threshold, call), first, row.status, chance,
        explanation(row, first),
    )  # fmt: skip
