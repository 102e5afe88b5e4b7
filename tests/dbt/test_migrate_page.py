"""The pages for those who come from other packages: every test that they name runs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import yaml

from docs.blocks import ROOT
from tests.engines.dbt import Project

CALL = re.compile(r"`(sqlnomaly\.\w+: \{[^`]*\})`")
ORDERS = """
{{ config(materialized='table') }}
SELECT TIMESTAMP '2025-01-01' + i * INTERVAL '1 hour' AS ordered_at, CAST(10 + i * 7919 % 97 AS DOUBLE) AS amount,
  1 + i % 5 AS items, i % 60 AS delay, ['de', 'fr', 'it'][1 + i % 3] AS country
FROM range(24 * 40) AS r(i)
"""


@pytest.mark.duckdb
def test_every_test_that_the_page_names_runs(new_project: Callable[..., Project]) -> None:
    calls = [yaml.safe_load(one) for one in CALL.findall((ROOT / "docs/dbt-migrate.md").read_text(encoding="utf-8"))]
    assert len(calls) > 25
    tests = [
        {test: {"name": f"t{number}", "arguments": arguments}}
        for number, call in enumerate(calls)
        for test, arguments in call.items()
    ]
    columns = [{"name": name} for name in ("ordered_at", "amount", "items", "country", "delay")]
    models = {"models": [{"name": "orders", "columns": columns, "data_tests": tests}]}
    project = new_project().make()
    project.write({"models/orders.sql": ORDERS, "models/orders.yml": yaml.safe_dump(models)})
    project.run("run").ok()

    done = project.run("test", variables={"sqlnomaly_now": "2025-02-09"})

    assert len(done.nodes) >= len(calls), done.output
    fine = ("pass", "warn", "fail", "success")
    broken = {name: node.message for name, node in done.nodes.items() if node.status not in fine}
    assert broken == {}
