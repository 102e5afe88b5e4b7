"""Generated SELECTs: with calls each means what it means with the native windows in their place."""

from __future__ import annotations

import duckdb
import pytest

from tests.rewrite.generate import templates
from tests.rewrite.judge import judge
from tests.rewrite.standin import as_native
from tests.rewrite.tables import Duck

SEEDS = tuple(range(12))
COUNT = 10


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_selects_keep_their_meaning_through_every_form(seed: int, duck: Duck) -> None:
    """Equal names, types, rows and order; never a crash; with a connection never a refusal."""
    wrong: list[str] = []
    for template, ordered in templates(seed, COUNT):
        wrong += [
            f"{template}\n    {outcome}"
            for outcome in judge(template, duck, ordered=ordered)
            if outcome.defect or (outcome.knowledge == "live" and outcome.verdict != "same")
        ]
    assert not wrong, "\n".join(wrong)


def test_the_generator_writes_queries_that_the_engine_takes(duck: Duck) -> None:
    """All of them, so that agreement is never two errors agreeing."""
    refused = []
    for seed in SEEDS:
        for template, _ in templates(seed, COUNT):
            try:
                duck.columns(as_native(template))
            except duckdb.Error as error:
                refused.append(f"{template}\n    {error}")
    assert not refused, "\n".join(refused)


def test_the_same_seed_gives_the_same_templates() -> None:
    """A failure is found again by its number."""
    assert templates(7, 20) == templates(7, 20)
