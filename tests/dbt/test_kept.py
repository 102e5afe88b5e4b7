"""What tests keep: measured metrics, so that old days are not scanned again, and results, on DuckDB and on Postgres."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest
import yaml
from adbc_driver_postgresql import dbapi

from tests.engines import postgres
from tests.engines.dbt import Done, Project

FIRST = dt.date(2025, 1, 1)
DAYS = 40
"""From `FIRST` on; what is tested is the last, but for those tests that say another day."""
NOW = "2025-02-10"
COUNTS = {"DE": 30, "FR": 20, "IT": 10}
KEPT = {"sqlnomaly_cache": "true", "sqlnomaly_results": True}
"""The variables that turn both tables on, one of them as text, as a command line may give it."""
METRICS = {"price": ["mean", "sum"], "country": "distinct_count"}
RESULTS = (
    "run_at test_name relation column_name metric dimension bucket value expected lower_bound upper_bound "
    "score threshold training_buckets level status description moved_most"
).split()

Stored = dict[str, list[tuple[Any, ...]]]
"""The rows that tests stored, by the test's name."""


def orders() -> str:
    """A model: so many rows a day and country, fewer of one on the last day, and twice the price in another."""
    rows = []
    for at in range(DAYS):
        for country, usual in COUNTS.items():
            last = at == DAYS - 1
            count = 5 if last and country == "DE" else usual + at % 3
            price = (20 if last and country == "IT" else 10) + at % 2
            rows.append(f"('{FIRST + dt.timedelta(days=at)}', '{country}', {count}, {price})")
    return f"""{{{{ config(materialized='table') }}}}
SELECT CAST(day AS TIMESTAMP) AS day, country, CAST(price AS NUMERIC) AS price
FROM (VALUES {', '.join(rows)}) AS days (day, country, number, price), generate_series(1, 40) AS one (nth)
WHERE one.nth <= days.number"""


def data_tests() -> list[dict[str, Any]]:
    """The tests of the model, each with a name."""
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "volume": ("volume_anomalies", {"explain_by": ["country"]}),
        "volume_again": ("volume_anomalies", {"every": True}),
        "whole": ("table_anomalies", {"metrics": METRICS, "explain_by": "country"}),
        "countries": ("dimension_anomalies", {"dimensions": "country", "every": True}),
    }  # fmt: skip
    return [
        {f"sqlnomaly.{test}": {"name": name, "arguments": {"timestamp_column": "day", **given}}}
        for name, (test, given) in asked.items()
    ]


@dataclass(frozen=True, slots=True)
class Shop:
    """A project with a table of orders, and a way to ask its database."""

    project: Project
    ask: Callable[[str], list[tuple[Any, ...]]]

    def test(self, *arguments: str, now: str = NOW, **variables: Any) -> Done:
        """Runs its tests, at a time."""
        done = self.project.run("test", *arguments, variables={"sqlnomaly_now": now, **variables})
        assert not [node for node in done.nodes.values() if node.status == "error"], done.output
        return done


@pytest.fixture(scope="module", params=[
    pytest.param("duckdb", marks=pytest.mark.duckdb),
    pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.thorough]),
])  # fmt: skip
def shop(request: pytest.FixtureRequest, new_project: Callable[..., Project]) -> Shop:
    """The shop on an engine, its table built."""
    if request.param == "duckdb":
        project = new_project("duckdb")
        path = str(project.folder / "target/warehouse.duckdb")

        def ask(sql: str) -> list[tuple[Any, ...]]:
            with duckdb.connect(path) as connection:
                return connection.execute(sql.replace("shop.", "main.")).fetchall()

    else:
        server = request.getfixturevalue("server")
        project = new_project("postgres", SN_PGHOST=str(server.folder), SN_SCHEMA="shop")

        def ask(sql: str) -> list[tuple[Any, ...]]:
            with dbapi.connect(server.url, autocommit=True) as connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall()) if sql.startswith("SELECT") else []

    project.make()
    schema = {"models": [{"name": "orders", "data_tests": data_tests()}]}
    project.write({"models/orders.sql": orders(), "models/schema.yml": yaml.safe_dump(schema)})
    project.run("run").ok()
    return Shop(project, ask)


@pytest.fixture(scope="module")
def plain(shop: Shop) -> Stored:
    """What the tests find where nothing is kept, by their names."""
    shop.test("--store-failures")
    return stored(shop)


@pytest.fixture(scope="module")
def kept(shop: Shop, plain: object) -> Stored:
    """What they find with both tables."""
    shop.test("--store-failures", **KEPT)
    return stored(shop)


def stored(shop: Shop) -> Stored:
    """What the tests stored, without the order of rows, numbers to nine digits."""
    audit = "shop_dbt_test__audit" if shop.project.target == "postgres" else "main_dbt_test__audit"
    columns = ", ".join(RESULTS[3:])
    found = {}
    for name in ("volume", "volume_again", "whole", "countries"):
        rows = shop.ask(f"SELECT {columns} FROM {audit}.{name}")
        found[name] = sorted(
            (tuple(f"{one:.9g}" if isinstance(one, float) else one for one in row) for row in rows), key=str,
        )  # fmt: skip
    return found


def test_what_is_kept_says_the_same_as_a_scan(plain: Stored, kept: Stored) -> None:
    cells = [
        (name, column, one, other)
        for name in plain
        for row, again in zip(plain[name], kept[name], strict=True)
        for column, one, other in zip(RESULTS[3:], row, again, strict=True)
    ]
    assert [cell for cell in cells if cell[2] != cell[3]] == []


def test_a_failing_test_names_what_moved_most(plain: Stored) -> None:
    at = RESULTS[3:].index("moved_most")
    metrics = {row[1]: row[at] for row in plain["whole"]}
    before = sum(30 + day % 3 for day in range(11, 39)) / 28
    assert metrics["row_count"].startswith(f"country = DE ({round(5 - before, 4)})")
    assert metrics["mean"].startswith("country = IT (+")
    assert "distinct_count" not in metrics


def test_contributions_to_a_mean_add_up(plain: Stored) -> None:
    row = next(row for row in plain["whole"] if row[1] == "mean")
    text = row[RESULTS[3:].index("moved_most")]
    moved = {part.split(" (")[0]: float(part.split(" (")[1].rstrip(")")) for part in text.split(", ")}
    sums: dict[str, list[float]] = {}
    for at in [*range(11, 39), 39]:
        for country, usual in COUNTS.items():
            last = at == 39
            count = 5 if last and country == "DE" else usual + at % 3
            price = (20 if last and country == "IT" else 10) + at % 2
            one = sums.setdefault(country, [0.0] * 4)
            one[0 if last else 2] += count
            one[1 if last else 3] += count * price
    rows_now, rows_before = sum(one[0] for one in sums.values()), sum(one[2] for one in sums.values())
    centre = sum(one[3] for one in sums.values()) / rows_before
    for country, (now, weighed_now, before, weighed_before) in sums.items():
        expected = (weighed_now - now * centre) / rows_now - (weighed_before - before * centre) / rows_before
        assert moved[f"country = {country}"] == pytest.approx(expected, abs=1e-4)
    assert sum(moved.values()) == pytest.approx(float(row[4]) - centre, abs=3e-4)


def test_results_have_each_tested_bucket(shop: Shop, kept: object) -> None:
    rows = shop.ask(f"SELECT {', '.join(RESULTS)} FROM shop.sqlnomaly_results")
    names = sorted((row[1], row[3], row[4], row[5], row[14]) for row in rows)
    assert names == [
        ("countries", "", "row_count", "DE", "error"),
        ("countries", "", "row_count", "FR", "none"),
        ("countries", "", "row_count", "IT", "none"),
        ("volume", "", "row_count", "", "error"),
        ("volume_again", "", "row_count", "", "error"),
        ("whole", "", "row_count", "", "error"),
        ("whole", "country", "distinct_count", "", "none"),
        ("whole", "price", "mean", "", "error"),
        ("whole", "price", "sum", "", "error"),
    ]
    assert {row[6] for row in rows} == {dt.datetime(2025, 2, 9)}
    assert all(row[2].endswith('"orders"') for row in rows)


def test_old_days_are_not_scanned_again(shop: Shop, kept: Stored) -> None:
    settled = "SELECT DISTINCT bucket FROM shop.sqlnomaly_metrics WHERE dimension IS NULL AND row_count = 1"
    assert len(shop.ask(settled)) == 27  # of 29, without the two whose rows may still come
    shop.ask("CREATE TABLE shop.aside AS SELECT * FROM shop.orders WHERE day < DATE '2025-02-07'")
    shop.ask("DELETE FROM shop.orders WHERE day < DATE '2025-02-07'")
    try:
        shop.test("--store-failures", "--select", "volume_again", **KEPT)
        assert stored(shop)["volume_again"] == kept["volume_again"]
        once_more = shop.test("--select", "volume_again", sqlnomaly_cache="anew")
        assert once_more.nodes["volume_again"].status == "pass"
    finally:
        shop.ask("INSERT INTO shop.orders SELECT * FROM shop.aside")
        shop.ask("DROP TABLE shop.aside")
    days = shop.ask("SELECT COUNT(*) FROM shop.sqlnomaly_metrics")
    shop.test("--select", "volume_again", now="2025-02-11", sqlnomaly_cache=True)
    added = shop.ask(f"{settled} AND bucket >= DATE '2025-02-08'")
    assert added == [(dt.datetime(2025, 2, 8),)]
    # That day and the one after it, each with a row that says so, and one that says that the newest day has no rows;
    # and the 25 days that had none when all was measured once more, as rows may come when an outage is mended.
    assert shop.ask("SELECT COUNT(*) FROM shop.sqlnomaly_metrics") == [(days[0][0] + 5 + 25 * 2,)]


def test_compiling_writes_nothing(shop: Shop, kept: object) -> None:
    count = "SELECT (SELECT COUNT(*) FROM shop.sqlnomaly_metrics), (SELECT COUNT(*) FROM shop.sqlnomaly_results)"
    before = shop.ask(count)
    variables = {"sqlnomaly_now": "2025-02-11", "sqlnomaly_cache": True, "sqlnomaly_results": True}
    done = shop.project.run("compile", variables=variables).ok()
    assert "sqlnomaly_metrics" not in done.nodes["volume"].compiled
    assert shop.ask(count) == before


@pytest.mark.postgres
def test_two_processes_share_one_cache(server: postgres.Server, new_project: Callable[..., Project]) -> None:
    shops = []
    for _ in range(2):
        project = new_project("postgres", SN_PGHOST=str(server.folder), SN_SCHEMA="both").make()
        schema = {"models": [{"name": "orders", "data_tests": data_tests()}]}
        project.write({"models/orders.sql": orders(), "models/schema.yml": yaml.safe_dump(schema)})
        shops.append(project)
    shops[0].run("run").ok()
    variables = {"sqlnomaly_now": NOW, "sqlnomaly_cache": True, "sqlnomaly_results": True}
    done: list[Done] = []
    threads = [
        threading.Thread(target=lambda one=one: done.append(one.run("test", "--threads", "4", variables=variables)))
        for one in shops
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = [sorted((node.name, node.status) for node in one.nodes.values()) for one in done]
    assert said[0] == said[1], done[0].output + done[1].output
    assert ("volume", "fail") in said[0]
    again = shops[0].run("test", variables=variables)
    assert sorted((node.name, node.status) for node in again.nodes.values()) == said[0]
