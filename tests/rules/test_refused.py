"""Rules that are refused, and why."""

from __future__ import annotations

import pytest

import sqlnomaly
from sqlnomaly import SqlnomalyError
from tests.rules.cases import (
    SCHEMA,
)

X = "is_anomaly(x, {}) OVER ()"
BAD = [
    (X.format("contamination => 0.1, fdr => 0.05"), "contamination and fdr exclude", "share of false alarms"),
    (X.format("threshold => 3, pot => 0.001"), "threshold and pot exclude", "threshold fixes the score"),
    (X.format("alert_budget => 3, significance => 0.1"), "alert_budget and significance", "number of alarms"),
    (X.format("fdr => 0.05"), "its own rank", "FILTER (WHERE"),
    (X.format("fdr => 0"), "fdr => 0 is out of range", "at most 0.5"),
    (X.format("fdr => 0.6"), "out of range", "at most 0.5"),
    (X.format("fdr => TRUE"), "a number", "3.5"),
    (X.format("fdr => '0.05'"), "a number", "3.5"),
    (X.format("scope => 'query'"), "a part of fdr", "fdr => 0.05"),
    (X.format("fdr => 0.05, scope => 'table'"), "table", "partition"),
    ("is_anomaly(x, fdr => 0.05) FILTER (WHERE ref) OVER (ORDER BY id)", "later scores", "threshold"),
    (
        "is_anomaly(x, fdr => 0.05, leave_one_out => TRUE) FILTER (WHERE ref) OVER ()",
        "no calibration",
        "leave",
    ),
    (X.format("alert_budget => 0"), "alert_budget => 0 is out of range", "1 or more"),
    (X.format("alert_budget => 2.5"), "whole number", "10"),
    (X.format("alert_budget => 'ten'"), "whole number", "10"),
    (X.format("budget_per => day"), "a part of alert_budget", "alert_budget => 10"),
    (X.format("alert_budget => 3, budget_per => 'day'"), "an expression", "budget_per => day"),
    (X.format("alert_budget => 3, budget_per => [day, 3]"), "an expression", "budget_per => day"),
    (X.format("alert_budget => 3, budget_per => RANDOM() + id"), "read twice", "table first"),
    ("is_anomaly(x, alert_budget => 3) OVER (ORDER BY id)", "later scores", "threshold"),
    (X.format("pot => 0"), "pot => 0 is out of range", "below 1 - pot_level"),
    (X.format("pot => 1"), "pot => 1 is out of range", "below 1 - pot_level"),
    (X.format("pot => 0.02"), "no rarer than the tail", "contamination => 0.02"),
    (X.format("pot => 0.01, pot_level => 0.4"), "pot_level => 0.4 is out of range", "0.5 to 0.999"),
    (X.format("pot_level => 0.9"), "a part of pot", "pot => 0.0001"),
    ("is_anomaly(x, pot => 0.001) OVER (ORDER BY id)", "later scores", "threshold"),
    (X.format("significance => 1"), "significance => 1 is out of range", "below 1"),
    (X.format("significance => FALSE"), "a number", "3.5"),
    (X.format("significance => 0.01, detector => 'mad'"), "refused by mad", "contamination"),
    (X.format("significance => 0.01, detector => 'grubbs'"), "refused by grubbs", "contamination"),
]


@pytest.mark.parametrize(("call", "what", "remedy"), BAD, ids=[bad[0] for bad in BAD])
def test_a_bad_rule_says_what_where_and_what_to_do(call: str, what: str, remedy: str) -> None:
    """Before anything runs."""
    with pytest.raises(SqlnomalyError) as caught:
        sqlnomaly.compile(f"SELECT id, {call} AS s FROM t", schema={"t": SCHEMA})

    error = caught.value
    assert what.lower() in error.message.lower()
    assert error.where
    assert remedy.lower() in (error.hint or "").lower()
