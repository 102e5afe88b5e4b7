"""The rules of stored models on other engines."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sqlnomaly import Session
from tests.engines.sessions import on_postgres, on_spark
from tests.rules.models import create, formed, load, rows_of


def compare(session: Session, other: Session, partitions: int, options: str, rules: Sequence[str]) -> None:
    """The answers of two engines about the same rows, by the rule of the model and by those of queries."""
    for one in (session, other):
        load(one, "t", rows_of(partitions, each=120))
        load(one, "new", rows_of(partitions, each=40, far=0.3, seed=2))
        create(one, options, keyed=bool(partitions))
    for rule in ("", *rules):
        mine, theirs = formed(session, rule), formed(other, rule)
        assert mine.keys() == theirs.keys()
        for key, row in mine.items():
            near = {
                name: pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
                for name, value in row.items()
            }
            assert theirs[key] == near, (options, rule)


EFFECT = "min_effect = 8, nulls = 'anomalous'"
BUDGET = ", alert_budget => 3, budget_per => 'day'"
RATE = ", fdr => 0.2, scope => 'query'"


@pytest.mark.postgres
def test_postgres_says_the_same(session: Session) -> None:
    """A tail, a test, a rate and a budget; a model in the query and one that is joined."""
    with on_postgres() as other:
        compare(session, other, 0, "significance = 0.05", [RATE, BUDGET])
        compare(session, other, 20, f"pot = 0.001, pot_level = 0.8, {EFFECT}", [RATE, BUDGET])


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.thorough
def test_spark_says_the_same(session: Session) -> None:
    """A tail, a rate and a budget of a model that is joined."""
    with on_spark() as other:
        compare(session, other, 20, f"pot = 0.001, pot_level = 0.8, {EFFECT}", [RATE, BUDGET])
