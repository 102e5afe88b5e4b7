"""What a rule means, on tables that can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest

from sqlnomaly import Session
from tests.reference import thresholds
from tests.rules.cases import (
    arrow,
    table,
)


def answers(session: Session, query: str, rows: Mapping[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
    session.load("t", pa.table(dict(rows)))
    return session.sql(query).fetchall()


@pytest.mark.duckdb
def test_of_false_discoveries_the_largest_rank_that_fits_counts(session: Session) -> None:
    """p = 1/10, 1/10, 3/10 of three rows beside nine of reference: 1/10 <= 2/3 fdr, 3/10 <= fdr."""
    rows = {"x": [*range(1, 10), 20, 30, 7.5], "ref": [True] * 9 + [False] * 3}
    query = """
        SELECT x, is_anomaly(x, direction => 'high', fdr => 0.2) FILTER (WHERE ref) OVER () AS some,
               is_anomaly(x, direction => 'high', fdr => 0.3) FILTER (WHERE ref) OVER () AS every_one,
               anomaly_threshold(x, direction => 'high', fdr => 0.3) FILTER (WHERE ref) OVER ()
                 = anomaly_score(x, direction => 'high') FILTER (WHERE ref) OVER () AS smallest
        FROM t QUALIFY x >= 7.5 ORDER BY x"""

    assert answers(session, query, rows) == [
        (7.5, False, True, True),
        (8.0, False, False, False),
        (9.0, False, False, False),
        (20.0, True, True, False),
        (30.0, True, True, False),
    ]


@pytest.mark.duckdb
def test_the_scope_of_false_discoveries_is_the_partition_or_the_query(session: Session) -> None:
    """One of two rows is far out in its own partition; beside twenty ordinary ones of the other it is none."""
    rows = {
        "g": ["a"] * 22 + ["b"] * 40,
        "x": [*range(20), 99, 0, *range(20), *range(20)],
        "ref": [True] * 20 + [False] * 2 + [True] * 20 + [False] * 20,
    }
    call = "is_anomaly(x, direction => 'high', fdr => 0.1{}) FILTER (WHERE ref) OVER (PARTITION BY g)"
    query = (
        f"SELECT {call.format('')}, {call.format(', scope => {!r}'.format('query'))} FROM t QUALIFY x = 99"
    )

    assert answers(session, query, rows) == [(True, False)]


@pytest.mark.duckdb
def test_a_row_of_reference_is_never_a_false_discovery_nor_a_true_one(session: Session) -> None:
    """However far out it lies: it is what others are compared with."""
    rows = {"x": [*range(30), 1000], "ref": [True] * 31}
    query = "SELECT DISTINCT is_anomaly(x, fdr => 0.1) FILTER (WHERE ref) OVER () FROM t"

    assert answers(session, query, rows) == [(False,)]


@pytest.mark.duckdb
def test_a_budget_is_never_exceeded_and_leaves_out_a_tie_across_its_end(session: Session) -> None:
    """Two rows of value 4, one place left: neither gets it."""
    query = (
        "SELECT x FROM t QUALIFY is_anomaly(x, direction => 'high', alert_budget => {}) OVER () ORDER BY x"
    )
    rows = {"x": [1.0, 2, 3, 4, 4, 5]}

    assert answers(session, query.format(2), rows) == [(5.0,)]
    assert answers(session, query.format(3), rows) == [(4.0,), (4.0,), (5.0,)]


@pytest.mark.duckdb
def test_min_effect_and_missing_values_mean_what_they_mean_with_any_rule(session: Session) -> None:
    """Below the effect no anomaly; a missing value is one if asked so, whatever the rule says."""
    values = [float(i % 7) for i in range(60)]
    rows = {"x": [*values, 9.0, 50.0, None], "ref": [True] * 60 + [False] * 3}
    rules = ["fdr => 0.1", "alert_budget => 2", "pot => 0.1, pot_level => 0.5", "significance => 0.1"]
    for rule in rules:
        call = (
            f"is_anomaly(x, direction => 'high', nulls => 'anomalous', {rule}{{}}) FILTER (WHERE ref) OVER ()"
        )
        query = f"SELECT x, {call.format('')}, {call.format(', min_effect => 20')} FROM t QUALIFY NOT ref ORDER BY x"

        assert answers(session, query, rows) == [
            (9.0, True, False),
            (50.0, True, True),
            (None, True, True),
        ], rule


@pytest.mark.duckdb
def test_an_effect_counts_where_its_feature_alone_is_as_high_as_a_discovery_of_its_partition(
    session: Session,
) -> None:
    """The row of b is found by x, whose effect is too small; its y is high only beside the discoveries of a."""
    plain = [float(i % 10) for i in range(100)]
    rows = {
        "g": ["a"] * 101 + ["b"] * 101,
        "x": [*plain, 20.0, 1000.0, *plain[1:], 3000.0],
        "y": [*plain, 4.0, *plain, 25.0],
        "ref": ([True] * 100 + [False]) * 2,
    }
    call = "is_anomaly(x, y, fdr => 0.1, scope => 'query'{}) FILTER (WHERE ref) OVER (PARTITION BY g)"
    calls = ", ".join(map(call.format, ["", ", min_effect => [10, 1e6]", ", min_effect => [1e6, 10]"]))

    found = answers(session, f"SELECT g, {calls} FROM t QUALIFY NOT ref ORDER BY g", rows)

    assert found == [("a", True, True, False), ("b", True, True, False)]


@pytest.mark.duckdb
def test_peaks_never_go_below_the_quantile_where_the_tail_begins(session: Session) -> None:
    """Thirty of a hundred rows lie on it, and the ten beyond are fewer than what was asked."""
    rows = {"x": [*map(float, range(60)), *[100.0] * 30, *map(float, range(101, 111))]}
    call = "is_anomaly(x, direction => 'high', pot => 0.2, pot_level => 0.75) OVER ()"

    assert answers(session, f"SELECT MIN(x), COUNT(*) FROM (SELECT x FROM t QUALIFY {call})", rows) == [
        (101.0, 10)
    ]


@pytest.mark.duckdb
def test_a_rule_that_cannot_say_says_so_with_min_effect_too(session: Session) -> None:
    """Three excesses are no tail."""
    rows = {"x": [float(i) for i in range(20)]}
    call = "{}(x, direction => 'high', pot => 0.01, pot_level => 0.85, min_effect => 1) OVER ()"
    query = f"SELECT DISTINCT {call.format('is_anomaly')}, {call.format('anomaly_status')} FROM t"

    assert answers(session, query, rows) == [(None, "too_few_rows")]


@pytest.mark.duckdb
def test_the_relation_form_takes_every_rule(session: Session) -> None:
    """With names of columns where a call has expressions."""
    session.load("t", arrow(table("plain", 3)))
    shared = "FROM detect_anomalies(t, features => 'x', partition_by => 'g', direction => 'high', "
    call = "is_anomaly(x, direction => 'high', {}) {} OVER (PARTITION BY g)"
    pairs = [
        (
            "fdr => 0.3, scope => 'query', filter => 'ref'",
            "fdr => 0.3, scope => 'query'",
            "FILTER (WHERE ref)",
        ),
        ("alert_budget => 2, budget_per => 'day'", "alert_budget => 2, budget_per => day", ""),
        ("alert_budget => 2, budget_per => ['day', 'g']", "alert_budget => 2, budget_per => [day, g]", ""),
        ("pot => 0.01, pot_level => 0.75", "pot => 0.01, pot_level => 0.75", ""),
        ("significance => 0.01", "significance => 0.01", ""),
    ]
    for form, options, filtered in pairs:
        one = session.sql(f"SELECT id, is_anomaly {shared}{form}) ORDER BY id").fetchall()
        other = session.sql(f"SELECT id, {call.format(options, filtered)} FROM t ORDER BY id").fetchall()
        assert one == other, form
        assert any(found for _, found in one), form


@pytest.mark.duckdb
def test_a_rule_stands_wherever_a_window_may(session: Session) -> None:
    """In QUALIFY and ORDER BY, over groups, in a CTE, and twice in one SELECT with one fit."""
    session.load("t", arrow(table("plain", 4)))
    budget_ = "is_anomaly({}, alert_budget => 1, budget_per => {}) OVER ()"
    per_day = budget_.format("SUM(x)", "day")
    query = f"""
        WITH days AS (SELECT g, day, SUM(x) AS total FROM t WHERE x < 100 GROUP BY g, day QUALIFY {per_day})
        SELECT COUNT(DISTINCT day) + COUNT(*) FILTER (WHERE day IS NULL) = COUNT(*) FROM days"""

    assert session.sql(query).fetchall() == [(True,)]
    rules = ["alert_budget => 2", "pot => 0.01, pot_level => 0.75", "significance => 0.01", "threshold => 2"]
    calls = ", ".join(f"is_anomaly(x, {rule}) OVER (PARTITION BY g)" for rule in rules)
    plan = session.explain(f"SELECT id FROM t ORDER BY {calls}")
    assert plan.count("fit ") == 1
    for words in ("alert_budget = 2", "pot = 0.01", "significance = 0.01", "threshold = 2"):
        assert f"  verdict: {words}" in plan


@pytest.mark.duckdb
def test_a_causal_row_is_tested_against_the_rows_before_it(session: Session) -> None:
    """t with n - 1 degrees of freedom, times the root of 1 + 1/n."""
    query = "SELECT anomaly_threshold(x, significance => 0.05) OVER (ORDER BY i) AS cut FROM t ORDER BY i"
    session.load("t", pa.table({"i": list(range(40)), "x": [float(i * i % 11) for i in range(40)]}))

    cuts = [cut for (cut,) in session.sql(query).fetchall()]

    assert cuts == [
        None if n < 2 else pytest.approx(thresholds.student(n, 0.05, own=False), rel=1e-12) for n in range(40)
    ]
