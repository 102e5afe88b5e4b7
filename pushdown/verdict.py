"""From scores to answers: threshold, verdict, reason and status, the same rules for every detector."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.discoveries import found_in, least_in
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.pushdown.rules import AlertBudget, By, FalseDiscoveries, Peaks, Significance
from sqlnomaly.pushdown.scored import Scored, enough, unscored

BOTTOM = -1.7e308
"""Stands for the threshold where a budget has a place for every row: each score is above it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What may differ between calls that share a fit."""

    threshold: float | None
    contamination: float | None
    min_effect: tuple[float, ...] | None
    by: By | None = None

    @property
    def may_abstain(self) -> bool:
        """Whether there may be a score and no verdict, for too few rows."""
        return isinstance(self.by, FalseDiscoveries | Peaks | Significance)

    def words(self) -> str:
        """The rule in a phrase."""
        if self.by is not None:
            return self.by.words()
        if self.contamination is not None:
            return f"contamination = {self.contamination:g}: that share of the fitted rows' scores lies above"
        return f"threshold = {self.threshold:.6g}"


def stats_read(outputs: Set[str], rule: Rule, detector: Detector) -> set[str]:
    """The statistics of each feature that these answers read."""
    stats = {"n", "scale"} if "status" in outputs else set()
    if outputs & {"lower", "upper"}:
        stats |= {"n", *detector.edges} | ({"centre"} if rule.min_effect is not None else set())
    if "expected" in outputs:
        stats |= {"n"}
    if rule.min_effect is not None and outputs & {"is_anomaly", "reason", "explanation"}:
        stats |= {"n", "centre"}
    if isinstance(rule.by, Significance) and outputs & {"is_anomaly", "threshold", "status"}:
        stats |= {"n"}
    return stats


def _short(fit: Fit, feature: Feature) -> Expr:
    return ops.lt(ops.coalesce(feature.get("n"), ops.integer(0)), enough(fit))


class Answers:
    """The expressions of one rule over scored rows.

    Args:
        fit: the fit.
        scored: its scored rows.
        rule: the threshold rule and smallest effects.
        cutoff: the column of the threshold where the rule has no fixed one.
    """

    def __init__(self, fit: Fit, scored: Scored, rule: Rule, cutoff: str) -> None:
        self.fit = fit
        self.scored = scored
        self.rule = rule
        self.cutoff = cutoff
        self.tolerance = fit.detector.tolerance.relative

    def score(self) -> Expr:
        """The detector's raw score."""
        return ops.column(self.scored.score)

    def threshold(self) -> Expr:
        """The threshold in force; under a rule on false discoveries the smallest score of an anomaly."""
        return ops.column(self.cutoff) if self.rule.threshold is None else ops.number(self.rule.threshold)

    def _limit(self) -> Expr:
        """The threshold plus the detector's tolerance: no row on it is decided by an ulp."""
        if self.rule.threshold is not None:
            fixed = self.rule.threshold
            return ops.number(fixed + self.tolerance * max(1.0, abs(fixed)))
        cut = self.threshold()
        everything = ops.number(BOTTOM) if isinstance(self.rule.by, AlertBudget) else None
        return ops.case((ops.not_null(cut), ops.add(cut, self._slack(cut))), default=everything)

    def _slack(self, value: Expr) -> Expr:
        return ops.mul(ops.number(self.tolerance), ops.greatest(ops.number(1.0), ops.abs_(value)))

    def exceeds(self, term: Expr) -> Expr:
        """Whether one feature's contribution alone makes the row an anomaly."""
        if not isinstance(self.rule.by, FalseDiscoveries):
            return ops.gt(term, self._limit())
        least = ops.column(least_in(self.cutoff))
        return ops.and_(self._found(), ops.ge(term, ops.sub(least, self._slack(least))))

    def _found(self) -> Expr:
        return ops.eq(ops.column(found_in(self.cutoff)), ops.integer(1))

    def undecided(self) -> Expr:
        """Whether a row has a score, and too few rows speak of the rule to say what it means."""
        verdict = found_in(self.cutoff) if isinstance(self.rule.by, FalseDiscoveries) else self.cutoff
        return ops.and_(ops.not_null(self.score()), ops.is_null(ops.column(verdict)))

    def _has_baseline(self) -> Expr:
        """Whether the row has a place in an order, if there is one, and enough rows to be judged by."""
        (feature,) = self.fit.features
        placed = [ops.not_null(ops.column(column)) for column, _ in self.fit.order]
        return ops.and_(*placed, ops.ge(feature.get("n"), enough(self.fit)))

    def expected(self) -> Expr:
        """What is expected in the place of the only feature's value."""
        (feature,) = self.fit.features
        return ops.case((self._has_baseline(), feature.get("expected")))

    def lower(self) -> Expr:
        """The lowest value of the only feature that is no anomaly; NULL where no low value is one."""
        return ops.cast_double(ops.null()) if self._direction == "high" else self._end(0)

    def upper(self) -> Expr:
        """The highest value of the only feature that is no anomaly; NULL where no high value is one."""
        return ops.cast_double(ops.null()) if self._direction == "low" else self._end(1)

    @property
    def _direction(self) -> str:
        return getattr(self.fit.detector, "direction", "both")

    def _end(self, side: int) -> Expr:
        """One end of the band, at the threshold or at the smallest effect, whichever is farther."""
        fit = self.fit
        (feature,) = fit.features
        cut = self.threshold()
        end = fit.detector.band(feature, cut)[side]
        if self.rule.min_effect is not None:
            effect = ops.number(self.rule.min_effect[0])
            near = (ops.sub, ops.add)[side](feature.get("centre"), effect)
            end = ops.case(((ops.lt, ops.gt)[side](near, end), near), default=end)
        return ops.case((ops.and_(self._has_baseline(), ops.ge(cut, ops.number(0.0))), end))

    def _missing(self) -> Expr:
        return ops.or_(*(ops.is_null(ops.column(raw)) for raw in self.fit.raw))

    def _effects(self) -> list[Expr]:
        """Whether each feature's distance from its centre is large enough."""
        direction = self._direction
        effects = []
        for feature, least in zip(self.fit.features, self.rule.min_effect or (), strict=True):
            ahead = ops.sub(feature.value, feature.get("centre"))
            behind = ops.sub(feature.get("centre"), feature.value)
            size = {"both": ops.abs_(ahead), "high": ahead, "low": behind}[direction]
            effects.append(ops.ge(size, ops.number(least)))
        return effects

    def _broken(self) -> list[Expr]:
        """Whether each feature deviates from a baseline that does not vary."""
        return [
            ops.and_(
                ops.not_null(feature.value),
                ops.is_null(ops.column(term)),
                ops.not_(_short(self.fit, feature)),
            )
            for feature, term in zip(self.fit.features, self.scored.terms, strict=True)
        ]

    def _blocked(self) -> Expr:
        """Whether something other than a constant baseline stands in the way of a score."""
        fit = self.fit
        if fit.nulls == "ignore":
            every = ops.and_(*(ops.is_null(feature.value) for feature in fit.features))
            return ops.or_(every, self._too_short())
        gone = ops.or_(*(ops.is_null(feature.value) for feature in fit.features))
        return ops.or_(gone, self._too_short())

    def _too_short(self) -> Expr:
        fit = self.fit
        if fit.nulls != "ignore":
            return ops.or_(*(_short(fit, feature) for feature in fit.features))
        return ops.or_(
            *(ops.and_(ops.not_null(feature.value), _short(fit, feature)) for feature in fit.features)
        )

    def is_anomaly(self) -> Expr:
        """Whether the score is above the threshold, NULL where there is no score."""
        value = self.score()
        by_set = isinstance(self.rule.by, FalseDiscoveries)
        plain: Expr = self._found() if by_set else ops.gt(value, self._limit())
        branches = [(condition, ops.true()) for condition in self._certain()]
        if self.rule.min_effect is not None:
            passing = [
                ops.and_(ops.not_null(ops.column(term)), large, self.exceeds(ops.column(term)))
                for term, large in zip(self.scored.terms, self._effects(), strict=True)
            ]
            known = ops.case((ops.or_(*passing), ops.true()), default=ops.false())
            if self.rule.may_abstain:
                branches.append((self.undecided(), ops.null()))
            return ops.case(*branches, (ops.not_null(value), known))
        return ops.case(*branches, default=plain) if branches else plain

    def _certain(self) -> list[Expr]:
        """What makes a row an anomaly whatever its score."""
        conditions: list[Expr] = []
        if self.fit.nulls == "anomalous":
            conditions.append(self._missing())
        if self.rule.min_effect is not None:
            pairs = zip(self._broken(), self._effects(), strict=True)
            broken = ops.or_(*(ops.and_(bad, large) for bad, large in pairs))
            conditions.append(ops.and_(ops.not_(self._blocked()), broken))
        return conditions

    def certain(self) -> Expr:
        """TRUE for a row that is an anomaly whatever its score, else NULL."""
        conditions = self._certain()
        return ops.case((ops.or_(*conditions), ops.true())) if conditions else ops.null()

    def counted(self) -> Expr:
        """The score as far as features are far enough from what is expected: NULL where none is."""
        if self.rule.min_effect is None:
            return self.score()
        pairs = list(zip(self.scored.terms, self._effects(), strict=True))
        parts = [
            ops.case((ops.and_(ops.not_null(ops.column(term)), large), ops.column(term)), default=ops.number(BOTTOM))
            for term, large in pairs
        ]
        known = ops.or_(*(ops.and_(ops.not_null(ops.column(term)), large) for term, large in pairs))
        return ops.case((known, ops.greatest(*parts)))

    def reason(self) -> Expr:
        """What the feature that contributes most is called; ties within the tolerance go to the first."""
        features = self.fit.features
        return self._foremost([ops.text(one.name) for one in features], self.fit.detector.reasons(features))

    def foremost(self) -> Expr:
        """The number of the feature that is the reason, from 1."""
        numbers = [ops.integer(number) for number in range(1, len(self.fit.features) + 1)]
        return self._foremost(numbers, numbers)

    def _foremost(self, names: Sequence[Expr], reasons: Sequence[Expr]) -> Expr:
        """What stands for the feature that is missing or leaves a constant (names), or contributes most (reasons)."""
        fit, best = self.fit, ops.column(self.scored.best)
        branches: list[tuple[Expr, Expr]] = []
        if fit.nulls == "anomalous":
            branches += [
                (ops.is_null(ops.column(raw)), name) for raw, name in zip(fit.raw, names, strict=True)
            ]
        if self.rule.min_effect is not None:
            branches += [
                (ops.and_(ops.not_(self._blocked()), bad, large), name)
                for bad, large, name in zip(self._broken(), self._effects(), names, strict=True)
            ]
        if len(names) == 1:
            return ops.case(*branches, (ops.not_null(self.score()), reasons[0]))
        slack = ops.mul(ops.number(self.tolerance), ops.greatest(ops.number(1.0), ops.abs_(best)))
        branches.append((ops.is_null(self.score()), ops.null()))
        branches += [
            (ops.ge(ops.column(term), ops.sub(best, slack)), reason)
            for term, reason in zip(self.scored.terms, reasons, strict=True)
        ]
        return ops.case(*branches)

    def status(self) -> Expr:
        """Why there is no score, or ok."""
        fit = self.fit
        raws = [ops.column(raw) for raw in fit.raw]
        absent = ops.and_ if fit.nulls == "ignore" else ops.or_
        missing = absent(*(ops.is_null(raw) for raw in raws))
        branches: list[tuple[Expr, Expr]] = []
        if fit.fitted is not None and not fit.windowed():
            rows = ops.coalesce(ops.column(f"{fit.prefix}__rows"), ops.integer(0))
            unseen = ops.eq(rows, ops.integer(0))
            if fit.pool is not None:  # a parent may know enough of a group that nobody has seen
                unseen = ops.and_(unseen, self._too_short())
            branches.append((unseen, ops.text("unseen_group")))
        orderless = [ops.is_null(ops.column(column)) for column, _ in fit.order]
        branches.append((ops.or_(*orderless, missing), ops.text("missing_value")))
        if any(raw != feature.column for raw, feature in zip(fit.raw, fit.features, strict=True)):
            outside = absent(*(ops.is_null(feature.value) for feature in fit.features))
            branches.append((outside, ops.text("out_of_range")))
        few = "warm_up" if fit.causal() or fit.detector.forecasts else "too_few_rows"
        branches.append((self._too_short(), ops.text(few)))
        if self.rule.may_abstain:
            branches.append((self.undecided(), ops.text(few)))
        if fit.detector.unscored(fit.features):
            own = ops.column(unscored(fit))
            branches.append((ops.not_null(own), own))
        flat = [
            ops.or_(ops.is_null(feature.value), fit.detector.constant(feature))
            if fit.nulls == "ignore"
            else fit.detector.constant(feature)
            for feature in fit.features
        ]
        branches.append((ops.or_(ops.is_null(self.score()), ops.and_(*flat)), ops.text("constant_baseline")))
        return ops.case(*branches, default=ops.text("ok"))
