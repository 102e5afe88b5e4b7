"""ML.DETECT_ANOMALIES gives the same table on every engine that runs here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly.model import Model
from tests.conftest import missing_engine
from tests.engines.clickhouse import ClickHouse
from tests.engines.googlesql import GoogleSql
from tests.engines.postgres import Server
from tests.frontends.asked import PAYMENTS, text_of

ROWS = pa.table(dict(zip(("id", "amount", "items"), zip(*PAYMENTS, strict=True), strict=True)))
TYPES = {"payments": {"id": "INT64", "amount": "FLOAT64", "items": "FLOAT64"}}

Run = Callable[[str], list[dict[str, object]]]


def postgres() -> Server:
    """A server."""
    try:
        return Server()
    except (ImportError, OSError) as error:
        missing_engine("postgres", str(error))


@pytest.fixture
def run(engine: str) -> Iterator[Run]:
    """Runs a query over ``payments`` on an engine."""
    if engine == "bigquery":
        yield lambda sql: GoogleSql(TYPES).execute(sql, {"payments": ROWS}).to_pylist()
    elif engine == "clickhouse":
        try:
            clickhouse = ClickHouse()
        except ImportError as error:
            missing_engine("clickhouse", str(error))
        clickhouse.load("payments", ROWS)
        yield lambda sql: clickhouse.run(sql).to_pylist()
        clickhouse.close()
    else:
        with ExitStack() as stack:
            target = stack.enter_context(postgres()).url if engine == "postgres" else engine
            session = stack.enter_context(sqlnomaly.connect(None if engine == "duckdb" else target))
            session.load("payments", ROWS)
            yield lambda sql: session.engine.run(sql).to_pylist()


@pytest.mark.parametrize("model", ["k", "p"])
@pytest.mark.parametrize("engine", ["duckdb", "spark", "clickhouse", "bigquery", "postgres"])
def test_the_table_is_that_of_duckdb(run: Run, engine: str, model: str, models: Mapping[str, Model]) -> None:
    asked = f"SELECT * FROM ML.DETECT_ANOMALIES(MODEL {model}, STRUCT(0.1 AS contamination), TABLE payments)"
    text = text_of(f"{asked} ORDER BY id", "bigquery", models)
    found = run(sqlnomaly.compile(text, read="bigquery", write=engine, models=models).sql)
    with sqlnomaly.connect() as duck:
        duck.load("payments", ROWS)
        here = sqlnomaly.compile(text, read="bigquery", write="duckdb", models=models).sql
        wanted = duck.engine.run(here).to_pylist()
    assert len(found) == len(wanted) == len(PAYMENTS)
    for one, other in zip(found, wanted, strict=True):
        assert list(one) == list(other)
        assert one == pytest.approx(other, rel=1e-9)
    assert sum(bool(row["is_anomaly"]) for row in found) == 2
