"""From a rule to what its answers read: the scored rows with a threshold beside each, rule by rule."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.budget import with_budget
from sqlnomaly.pushdown.chance import with_critical
from sqlnomaly.pushdown.discoveries import with_discoveries
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.peaks import with_peaks
from sqlnomaly.pushdown.rules import AlertBudget, FalseDiscoveries, Peaks, Significance
from sqlnomaly.pushdown.scored import Scored
from sqlnomaly.pushdown.verdict import Rule


def is_read(rule: Rule, outputs: Set[str]) -> bool:
    """Whether any of these answers of the rule reads a threshold that stands beside the rows."""
    reading = {"is_anomaly", "threshold", "lower", "upper"} | ({"status"} if rule.may_abstain else set())
    return rule.threshold is None and bool(outputs & reading)


def with_cutoff(fit: Fit, scored: Scored, rule: Rule, column: str) -> Scored:
    """The rows beside the threshold in force.

    Args:
        fit: the fit.
        scored: its scored rows; with ranks for a rule on false discoveries.
        rule: any but a fixed threshold.
        column: what the threshold is called, and how the names of other columns begin.
    """
    if isinstance(rule.by, FalseDiscoveries):
        return with_discoveries(fit, scored, rule.by, column)
    if isinstance(rule.by, AlertBudget):
        return with_budget(fit, scored, rule.by, column)
    if isinstance(rule.by, Peaks):
        return with_peaks(fit, scored, rule.by, column)
    if isinstance(rule.by, Significance):
        return with_critical(fit, scored, rule.by, column)
    assert rule.contamination is not None, "a rule is one of five, or a fixed threshold"
    rows = fit.relation(scored.node)
    cutoff = rows.group("cutoff", {column: ops.quantile(ops.column(scored.score), 1.0 - rule.contamination)})
    matched = rows.match(cutoff).extend("limited", {}, carry=[column])
    return replace(scored, node=matched.node)
