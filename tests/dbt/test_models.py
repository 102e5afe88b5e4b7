"""The macros for models: what stands in a user's SELECT gives what a session gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

import sqlnomaly
from tests.engines.dbt import Project
from tests.engines.postgres import Server
from tests.engines.sessions import postgres_server

ORDERS = """
select * from (values
  (1, 'north', 10.0, 1), (2, 'north', 12.0, 2), (3, 'north', 11.0, 1), (4, 'north', 90.0, 3), (5, 'north', 13.0, 2),
  (6, 'north', null, 2), (7, 'south', 5.0, 4), (8, 'south', 5.0, 4), (9, 'south', 5.0, 4), (10, 'west', 1.0, 1),
  (11, null, 20.0, 9), (12, null, 22.0, 1), (13, null, 21.0, 1), (14, null, 25.5, 2), (15, 'north', 9.0, 1)
) as t(id, store, amount, items)
"""
SCORED = """
select id, {{ sqlnomaly.anomaly_score(['amount', 'items'], detector=%(detector)s, partition_by=['store']) }} as score,
  {{ sqlnomaly.is_anomaly(['amount', 'items'], detector=%(detector)s, partition_by=['store'], threshold=1.5) }} as far,
  {{ sqlnomaly.anomaly_reason(['amount', 'items'], detector=%(detector)s, partition_by=['store']) }} as reason,
  {{ sqlnomaly.anomaly_status(['amount', 'items'], detector=%(detector)s, partition_by=['store']) }} as status,
  {{ sqlnomaly.anomaly_score('amount', detector=%(detector)s, direction='low', min_rows=2) }} as low
from {{ ref('orders') }}
"""
SESSION = """
SELECT id, anomaly_score(amount, items, detector => %(detector)s) OVER (PARTITION BY store) AS score,
  is_anomaly(amount, items, detector => %(detector)s, threshold => 1.5) OVER (PARTITION BY store) AS far,
  anomaly_reason(amount, items, detector => %(detector)s) OVER (PARTITION BY store) AS reason,
  anomaly_status(amount, items, detector => %(detector)s) OVER (PARTITION BY store) AS status,
  anomaly_score(amount, detector => %(detector)s, direction => 'low', min_rows => 2) OVER () AS low
FROM %(schema)s.orders
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A project that has run, a session on its database, and the schema of its tables."""

    project: Project
    session: sqlnomaly.Session
    schema: str


DETECTORS = {"duckdb": ("zscore", "iqr", "percentile", "mad"), "postgres": ("zscore",)}


def session_on(project: Project, server: Server | None) -> sqlnomaly.Session:
    """A session on a project's database."""
    if server is None:
        return sqlnomaly.connect(f"duckdb:///{project.folder / 'target/warehouse.duckdb'}")
    return sqlnomaly.connect(server.url)


@pytest.fixture(scope="module", params=[
    pytest.param("duckdb", marks=pytest.mark.duckdb), pytest.param("postgres", marks=pytest.mark.postgres),
])  # fmt: skip
def made(request: pytest.FixtureRequest, new_project: Callable[..., Project]) -> Iterator[Made]:
    """A project whose models score the same rows with the expressions of each detector."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server()) if request.param == "postgres" else None
        environment = {} if server is None else {"SN_PGHOST": str(server.folder), "SN_SCHEMA": "scoring"}
        project = new_project(request.param, **environment)
        models = {f"models/by_{one}.sql": SCORED % {"detector": f"'{one}'"} for one in DETECTORS[request.param]}
        project.write({"models/orders.sql": ORDERS, **models}).make(models={"+materialized": "table"})
        project.run("run").ok()
        session = stack.enter_context(session_on(project, server))
        yield Made(project, session, environment.get("SN_SCHEMA", "main"))


def rows(session: sqlnomaly.Session, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.sql(f"SELECT * FROM ({query}) AS q ORDER BY id").arrow().to_pylist()
    return found


def test_an_expression_gives_what_a_session_gives(made: Made) -> None:
    for detector in DETECTORS[made.project.target]:
        got = rows(made.session, f"SELECT * FROM {made.schema}.by_{detector}")
        wanted = rows(made.session, SESSION % {"detector": f"'{detector}'", "schema": made.schema})
        assert len(got) == 15
        for one, other in zip(got, wanted, strict=True):
            for name, value in other.items():
                same = pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value
                assert one[name] == same, (detector, name, one)


def test_a_z_score_is_the_distance_from_the_mean_in_standard_deviations(made: Made) -> None:
    got = {row["id"]: row for row in rows(made.session, f"SELECT * FROM {made.schema}.by_zscore")}
    north = [10.0, 12.0, 11.0, 90.0, 13.0, 9.0]
    mean = math.fsum(north) / 6
    deviation = math.sqrt(math.fsum((one - mean) ** 2 for one in north) / 5)
    assert got[4]["score"] == pytest.approx((90.0 - mean) / deviation, rel=1e-9)
    assert (got[4]["far"], got[4]["reason"]) == (True, "amount")
    assert [got[one]["status"] for one in (4, 6, 7, 10)] == ["ok", "missing_value", "constant_baseline", "too_few_rows"]


def test_what_is_no_expression_is_refused_with_what_to_use(made: Made) -> None:
    target = made.project.target
    other = {"duckdb": "ecod", "postgres": "iqr"}[target]
    query = f"select {{{{ sqlnomaly.anomaly_score('a', detector='{other}') }}}}"
    if target == "duckdb":
        made.session.close()  # dbt takes the file for itself
    done = made.project.run("compile", "--inline", query)
    assert done.code != 0
    assert f"{other} is no single expression on {target}" in done.output
    assert "detect_anomalies(ref" in done.output
