"""Proposed tests: what is proposed of a profile, what a YAML file is left as, and that dbt runs what was written."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from sqlnomaly.cli import app
from sqlnomaly.dbt.drafting import draft
from sqlnomaly.dbt.nodes import Check, Node
from sqlnomaly.dbt.profiling import Column, Kind, Profile, from_yaml
from sqlnomaly.dbt.project import Project as DbtProject
from sqlnomaly.dbt.proposing import propose, timestamp
from sqlnomaly.dbt.schema_yaml import Document, YamlError
from sqlnomaly.dbt.weekly import CRITICAL, kruskal
from tests.engines.dbt import Done, Project
from tests.engines.postgres import Server

NOW = "2025-03-10"
ORDERS = """
    {{ config(materialized='table') }}
    SELECT
        d * 1000 + i AS id, DATE '2024-12-20' + CAST(d AS INTEGER) + INTERVAL (i) MINUTE AS ordered_at,
        TIMESTAMP '2025-03-09 12:00:00' AS updated_at, 10 + (d * 7 + i * 13) % 9 AS amount,
        ['DE', 'FR', 'IT'][1 + i % 3] AS country, CASE WHEN i % 4 > 0 THEN 'c' || i % 2 END AS coupon, 1 AS "Order"
    FROM range(80) AS days(d), range(60) AS rows(i)
    WHERE i < CASE WHEN d % 7 IN (1, 2) THEN 20 ELSE 50 END + d % 5
"""
SCHEMA = """\
# What the shop sells
version: 2

models:
  - name: orders       # the heart of it
    description: |
      One row an order.

      In 'euros'.

    # columns that people use
    columns:
      - name: id
        tests:
        - unique
        - not_null      # always
        # - relationships
      - name: "amount"
        description: 'paid'
      - name: Coupon
        data_tests:
          - sqlnomaly.column_anomalies: {arguments: {timestamp_column: ordered_at, metrics: [null_rate]}}

  - {name: tiny}


  # the last one
  - name: visits"""
SOURCES = """\
sources:
- name: raw
  schema: main
  tables:
  - name: events
    columns:
    - name: at
      data_type: timestamp
    - name: kind
      tests: [not_null]
"""
FILES = {
    "models/orders.sql": ORDERS,
    "models/visits.sql": "SELECT * FROM {{ ref('orders') }}",
    "models/tiny.sql": "SELECT 1 AS id",
    "models/staging/customers.sql": "SELECT id, ordered_at AS created_at, country FROM {{ ref('orders') }}",
    "models/helper.sql": "{{ config(materialized='ephemeral') }} SELECT 1 AS id",
    "models/schema.yml": SCHEMA,
    "models/sources.yml": SOURCES,
}


def run(project: Project, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["dbt", "init", "--project", str(project.folder), "--now", NOW, *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def project(new_project: Callable[..., Project]) -> Project:
    """A shop that was built and has few tests."""
    made = new_project().write(FILES).make(vars={"sqlnomaly_now": NOW, "sqlnomaly_results": True})
    (made.folder / "target").mkdir(exist_ok=True)
    with duckdb.connect(str(made.folder / "target" / "warehouse.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE events AS "
            "SELECT DATE '2024-12-08' + CAST(d * 7 AS INTEGER) + INTERVAL 3 HOUR AS at, 'a' AS kind "
            "FROM range(14) AS weeks(d), range(5)"
        )
    made.run("run").ok()
    return made


@pytest.fixture(scope="module")
def proposed(project: Project) -> tuple[int, str, str]:
    return run(project, "--database", str(project.folder / "target" / "warehouse.duckdb"))


PATCH = """\
--- a/models/schema.yml
+++ b/models/schema.yml
@@ -7,6 +7,37 @@
       One row an order.
 
       In 'euros'.
+    data_tests:
+      - sqlnomaly.schema_changes:
+          arguments:
+            columns:
+              id: bigint
+              ordered_at: timestamp
+              updated_at: timestamp
+              amount: bigint
+              country: varchar
+              coupon: varchar
+              Order: integer
+      - sqlnomaly.volume_anomalies:
+          arguments:
+            timestamp_column: ordered_at
+            season: day_of_week
+            training_buckets: 56
+      - sqlnomaly.freshness_anomalies:
+          arguments:
+            timestamp_column: ordered_at
+      - sqlnomaly.dimension_anomalies:
+          arguments:
+            timestamp_column: ordered_at
+            dimensions: [coupon]
+            season: day_of_week
+            training_buckets: 56
+      - sqlnomaly.dimension_anomalies:
+          arguments:
+            timestamp_column: ordered_at
+            dimensions: [country]
+            season: day_of_week
+            training_buckets: 56
 
     # columns that people use
     columns:
@@ -17,6 +48,11 @@
         # - relationships
       - name: "amount"
         description: 'paid'
+        data_tests:
+          - sqlnomaly.column_anomalies:
+              arguments:
+                timestamp_column: ordered_at
+                metrics: [mean]
       - name: Coupon
         data_tests:
           - sqlnomaly.column_anomalies: {arguments: {timestamp_column: ordered_at, metrics: [null_rate]}}
"""  # noqa: W293


def test_a_patch_is_proposed_and_nothing_is_written(project: Project, proposed: tuple[int, str, str]) -> None:
    code, out, err = proposed
    assert code == 0
    assert out.startswith(PATCH)
    assert "20 tests for models/schema.yml, models/sources.yml, models/staging/sqlnomaly.yml; --write adds them" in err
    assert (project.folder / "models" / "schema.yml").read_text() == SCHEMA


def test_weeks_are_judged_where_rows_come_once_a_week(proposed: tuple[int, str, str]) -> None:
    assert "timestamp_column: '\"at\"'\n+            time_bucket: week\n" in proposed[1]


def test_what_is_in_flow_style_is_said_and_left(proposed: tuple[int, str, str]) -> None:
    assert "tiny: tiny is not in block style (models/schema.yml, line 24); add schema_changes by hand" in proposed[2]


def test_git_can_apply_the_patch(project: Project, proposed: tuple[int, str, str], tmp_path: Path) -> None:
    shutil.copytree(project.folder / "models", tmp_path / "models")
    done = subprocess.run(
        ["git", "apply", "-"], input=proposed[1], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load((tmp_path / "models/staging/sqlnomaly.yml").read_text())["models"][0]["name"] == "customers"


@pytest.fixture(scope="module")
def written(project: Project, proposed: tuple[int, str, str]) -> Done:
    """What dbt says of the tests that were written."""
    code, out, err = run(project, "--database", str(project.folder / "target" / "warehouse.duckdb"), "--write")
    assert (code, out) == (0, proposed[1])
    assert "wrote 20 tests to models/schema.yml" in err
    return project.run("test")


def test_only_lines_are_added(project: Project, written: Done) -> None:
    after = (project.folder / "models" / "schema.yml").read_text().splitlines()
    kept = iter(after)
    assert all(line in kept for line in SCHEMA.splitlines())


def test_dbt_runs_what_was_written(written: Done) -> None:
    assert written.code == 0, written.output
    assert [node.name for node in written.nodes.values() if node.status not in ("pass", "warn", "success")] == []
    assert sum(name.startswith("sqlnomaly_") for name in written.nodes) == 21


def test_the_report_shows_what_these_tests_found(project: Project, written: Done) -> None:
    page = project.folder / "report.html"
    done = CliRunner().invoke(app, ["dbt", "report", "--project", str(project.folder), "--out", str(page)])
    assert done.exit_code == 0, done.stderr
    series = re.search(r": (\d+) series, (\d+) errors", done.stderr)
    assert series is not None
    assert int(series[1]) >= 16
    text = page.read_text(encoding="utf-8")
    assert "orders.amount: mean" in text
    assert "orders: row_count of DE" in text
    assert "Last dbt run" in text


def test_a_second_time_there_is_nothing_to_add(project: Project, written: Done) -> None:
    database = str(project.folder / "target" / "warehouse.duckdb")
    code, out, err = run(project, "--database", database)
    assert (code, out) == (0, "")
    assert err.endswith("nothing to add\n")


POSTGRES = """
    {{ config(materialized='table') }}
    SELECT d * 100 + i AS id, TIMESTAMP '2024-12-20' + d * INTERVAL '1 day' + i * INTERVAL '1 minute' AS "orderedAt",
        TIMESTAMPTZ '2025-03-09 12:00:00+00' AS updated_at, CAST(10 + (d * 7 + i * 13) % 9 AS NUMERIC(9, 2)) AS amount,
        CAST((ARRAY['DE', 'FR', 'IT'])[1 + i % 3] AS VARCHAR(20)) AS "Country"
    FROM generate_series(0, 79) AS days(d) CROSS JOIN generate_series(0, 59) AS rows(i)
    WHERE i < CASE WHEN d % 7 IN (1, 2) THEN 20 ELSE 50 END + d % 5
"""


@pytest.mark.postgres
def test_on_postgres_names_keep_their_case_and_the_tests_run(
    new_project: Callable[..., Project], server: Server
) -> None:
    project = new_project("postgres", SN_PGHOST=str(server.folder), SN_SCHEMA="shop")
    project.write({"models/orders.sql": POSTGRES}).make(vars={"sqlnomaly_now": NOW})
    project.run("run").ok()
    code, _, err = run(project, "--database", server.url, "--write")
    assert code == 0, err
    tests = yaml.safe_load((project.folder / "models" / "sqlnomaly.yml").read_text())["models"][0]["data_tests"]
    arguments = [next(iter(test.values()))["arguments"] for test in tests]
    assert list(arguments[0]["columns"]) == ["id", "orderedAt", "updated_at", "amount", "Country"]
    assert arguments[0]["columns"]["amount"] == "numeric"
    assert [one["timestamp_column"] for one in arguments[1:]] == ['"orderedAt"'] * 3
    assert arguments[3]["dimensions"] == ['"Country"']
    done = project.run("test").ok()
    statuses = [node.status for name, node in done.nodes.items() if "run-start" not in name]
    assert len(statuses) == 5
    assert set(statuses) <= {"pass", "warn"}


def test_a_project_that_was_not_parsed_is_told_to_be(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop")
    code, _, err = run(Project(tmp_path))
    assert code == 2
    assert "dbt parse writes it" in err


def node(**given: object) -> Node:
    facts: dict[str, object] = {
        "id": "model.shop.orders", "source": None, "name": "orders", "place": (None, "main", "orders"),
        "materialized": "table", "columns": {}, "file": "m.yml", "described": False, "versioned": False, "tests": (),
    }  # fmt: skip
    return Node(**{**facts, **given})  # type: ignore[arg-type]


MOMENT = datetime(2025, 3, 10)


def time(name: str, newest: datetime | None = MOMENT, filled: float = 1.0) -> Column:
    return Column(name, "TIMESTAMP", Kind.TIME, filled, 90, newest)


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ([time("updated_at"), time("created_at")], "created_at"),
        ([time("loaded_at"), time("order_date"), time("calendar")], "order_date"),
        ([time("delivery", MOMENT + timedelta(days=9)), time("modified_at")], "modified_at"),
        ([time("createdAt", filled=0.4), time("stamp")], "stamp"),
        ([time("created_at", None, 0.0), time("birth_date")], "birth_date"),
        ([time("a", MOMENT - timedelta(days=4)), time("b", MOMENT - timedelta(days=3))], "b"),
        ([Column("amount", "DOUBLE", Kind.NUMBER)], None),
    ],
)
def test_the_time_of_a_row_is_filled_named_so_and_new(columns: list[Column], chosen: str | None) -> None:
    found = timestamp(Profile(tuple(columns), rows=90), MOMENT)
    assert (found.name if found else None) == chosen


def daily(number: int, last: date = date(2025, 3, 10)) -> dict[date, int]:
    return {last - timedelta(days=at): 100 for at in range(number)}


def proposed_names(profile: Profile, **given: object) -> list[tuple[str, str | None]]:
    found = propose(node(**given), profile, (), "duckdb", MOMENT)
    return [(test.name, test.column) for test in found.tests]


def test_a_table_without_new_rows_gets_no_test_over_time() -> None:
    old = MOMENT - timedelta(days=61)
    profile = Profile((time("created_at", old),), rows=900, days={"created_at": daily(80, old.date())})
    found = propose(node(), profile, (), "duckdb", MOMENT)
    assert [test.name for test in found.tests] == ["schema_changes"]
    assert found.notes == ("no new row since 2025-01-08, by created_at: nothing over time",)


def test_keys_and_constants_and_empty_columns_are_not_measured() -> None:
    columns = (
        time("created_at"),
        Column("customer_id", "BIGINT", Kind.NUMBER, 1.0, 50),
        Column("number", "BIGINT", Kind.NUMBER, 1.0, 9_000),
        Column("one", "DOUBLE", Kind.NUMBER, 1.0, 1),
        Column("nothing", "DOUBLE", Kind.NUMBER, 0.0, 0),
        Column("paid", "BOOLEAN", Kind.BOOLEAN, 1.0, 2),
        Column("note", "VARCHAR", Kind.TEXT, 0.5, 4_000),
        Column("price", "DOUBLE", Kind.NUMBER, 1.0, 9_000),
    )
    profile = Profile(columns, rows=9_000, days={"created_at": daily(80)})
    measured = [column for name, column in proposed_names(profile) if name == "column_anomalies"]
    assert measured == ["paid", "note", "price"]


def test_a_column_that_needs_quotes_is_tested_at_the_relation() -> None:
    columns = (time("created at"), Column("Net Price", "DOUBLE", Kind.NUMBER, 1.0, 90))
    found = propose(node(), Profile(columns, rows=900, days={"created at": daily(80)}), (), "duckdb", MOMENT)
    (test,) = (test for test in found.tests if test.name == "column_anomalies")
    assert test == Check(
        "column_anomalies",
        None,
        {"timestamp_column": '"created at"', "column_name": '"Net Price"', "metrics": ["mean"]},
    )


def test_a_column_whose_name_dbt_would_render_gets_no_test() -> None:
    columns = (time("created_at"), Column("{{ 1 }}", "DOUBLE", Kind.NUMBER, 0.5, 90))
    found = propose(node(), Profile(columns, rows=900, days={"created_at": daily(80)}), (), "duckdb", MOMENT)
    assert "{{" not in str(found.tests)
    assert found.notes == ("dbt would render the name of {{ 1 }}",)


def test_without_a_database_names_types_and_accepted_values_decide() -> None:
    accepted = Check("accepted_values", "country", {"values": ["DE", "FR"]})
    given = node(columns={"created_at": "", "amount": "numeric(9,2)", "country": "", "id": "int"}, tests=(accepted,))
    found = propose(given, from_yaml(given), (), "postgres", MOMENT)
    assert [(test.name, test.column) for test in found.tests] == [
        ("schema_changes", None), ("volume_anomalies", None), ("freshness_anomalies", None),
        ("column_anomalies", "amount"), ("dimension_anomalies", None),
    ]  # fmt: skip
    assert found.tests[0].arguments == {"ignore_new": True}


def test_tests_of_the_same_name_of_other_packages_count() -> None:
    text = "models:\n- name: orders\n  tests:\n  - elementary.volume_anomalies\n  - dbt_utils.recency: {field: x}\n"
    profile = Profile((time("created_at"),), rows=900, days={"created_at": daily(80)})
    found = propose(node(), profile, Document(text, "m.yml").tests(node()), "duckdb", MOMENT)
    assert [test.name for test in found.tests] == ["schema_changes", "freshness_anomalies"]


VOLUME = Check("volume_anomalies", None, {"timestamp_column": "at"})
PRICE = Check("column_anomalies", "price", {"metrics": ["mean"]})
PLACES = {
    "an empty file": "",
    "no models": "version: 2\nsources: []\n",
    "an empty list": "models:\n  - name: orders\n    data_tests:\n    columns:\n",
    "windows": "models:\r\n- name: orders\r\n  columns:\r\n  - name: id\r\n",
    "other models": "models:\n  - name: a\n\n  - name: orders\n    columns:\n      - name: price\n\n  - name: z\n",
    "a folded text at the end": "models:\n- name: orders\n  description: >\n    long\n\n\n# comment\nexposures: []\n",
    "unicode": "models:\n- name: a\n  description: 'naïve \u2013 北京'\n- name: orders\n  meta: {x: [1, 2]}  # ok\n",
    "columns first": "models:\n- columns:\n  - name: price\n  name: orders\n",
    "columns before tests": "models:\n- name: orders\n  columns:\n  - name: price\n  tests:\n  - unique\n",
    "line ends that are none": "models:\n- name: orders\n  description: 'a\u2028b\u0085c'\n  columns:\n",
    "a byte order mark": "\ufeffmodels:\n- name: orders\n",
    "markers of a document": "%YAML 1.1\n---\nmodels:\n- name: orders\n...\n# end\n",
    "an alias before": "x: &x {a: 1}\nmodels:\n- name: orders\n  meta: *x\n",
    "anchors": "x: &x\n  owner: me\nmodels:\n- name: orders\n  meta:\n    <<: *x\n",
}


@pytest.mark.parametrize("before", PLACES.values(), ids=PLACES)
def test_tests_are_put_into_any_block_style_and_every_line_stays(before: str) -> None:
    after = added(before)
    kept = iter(after.split("\n"))
    assert all(line in kept for line in before.removesuffix("\n").split("\n") if before)
    assert ("\r" in after) == ("\r" in before)
    (entry,) = (one for one in yaml.safe_load(after)["models"] if one["name"] == "orders")
    tests = [*(entry.get("data_tests") or ()), *(entry.get("tests") or ())]
    assert {"sqlnomaly.volume_anomalies": {"arguments": {"timestamp_column": "at"}}} in tests
    (price,) = (one for one in entry["columns"] if one["name"] == "price")
    assert price["data_tests"] == [{"sqlnomaly.column_anomalies": {"arguments": {"metrics": ["mean"]}}}]


@pytest.mark.parametrize(
    "text",
    [
        "models: [{name: orders}]",
        "models:\n- name: orders\n  tests: [unique]\n",
        "models:\n- name: orders\n  columns: []\n",
        "models:\n- name: orders\n  description: |+\n    kept\n\n",
        "- models\n",
        "models:\n- name: orders\n  tests: 5\n",
        "models:\n- name: orders\n---\nmodels: []\n",
        "models: &m\n- name: orders\n  meta: *m\n",
        "models: {{ nothing }}\n",
        "a: 1\na: 2\n",
    ],
)
def test_what_cannot_be_added_to_is_refused(text: str) -> None:
    with pytest.raises(YamlError, match=r"m\.yml|block style"):
        added(text)


@pytest.mark.parametrize(
    "text",
    [
        "models:\n- name: a\n  columns: &c\n  - name: price\n- name: orders\n  columns: *c\n",
        "models:\n- name: orders\n  columns: &c\n  - name: price\n- name: a\n  columns: *c\n",
        "models:\n- name: a\n  columns:\n  - &p\n    name: price\n- name: orders\n  columns:\n  - *p\n",
        "models:\n- name: a\n  tests: &t\n  - unique\n- name: orders\n  tests: *t\n",
    ],
)
def test_what_another_model_shares_gets_no_test(text: str) -> None:
    with pytest.raises(YamlError, match="orders shares a part with another by an anchor"):
        added(text)


def test_entries_that_dbt_would_not_read_are_passed_over() -> None:
    text = "sources:\n-\n- raw\nmodels:\n-\n- name: orders\n  tests:\n  - null\n  - a: {arguments: [1]}\n"
    document = Document(text, "m.yml")
    assert [test.name for test in document.tests(node())] == ["", "a"]
    document.add(node(), [VOLUME], nested=True)
    assert "volume_anomalies" in document.result()
    assert "volume_anomalies" in added("models:\n- name: orders\n  columns:\n  - price\n  - description: none\n")


def test_a_model_that_cannot_be_added_to_keeps_no_other_from_its_tests(tmp_path: Path) -> None:
    text = "models:\n- name: orders\n  description: |+\n    kept\n\n- name: other\n"
    (tmp_path / "m.yml").write_text(text)
    nodes = {}
    for name in ("orders", "other"):
        made = {"name": name, "resource_type": "model", "package_name": "shop", "unique_id": f"model.shop.{name}"}
        made |= {"original_file_path": f"{name}.sql", "patch_path": "shop://m.yml"}
        nodes[name] = {**made, "columns": {"at": {"name": "at"}}}
    manifest = {"metadata": {"project_name": "shop"}, "nodes": nodes, "macros": {"m": {"package_name": "sqlnomaly"}}}
    found = draft(DbtProject(tmp_path, manifest), None, MOMENT)
    (change,) = found.changes
    assert (change.tests, change.after.startswith(text + "  data_tests:\n")) == (3, True)
    assert found.notes == [
        "orders: m.yml cannot be added to without changing what it says (m.yml); "
        "add schema_changes, volume_anomalies, freshness_anomalies by hand"
    ]


def test_a_file_outside_of_the_project_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    made = {"name": "orders", "resource_type": "model", "package_name": "shop", "unique_id": "model.shop.orders"}
    made |= {"original_file_path": "models/orders.sql", "patch_path": "shop://../other.yml"}
    (tmp_path / "other.yml").write_text("models:\n- name: orders\n")
    manifest = {"metadata": {"project_name": "shop"}, "nodes": {"x": made}}
    manifest["macros"] = {"m": {"package_name": "sqlnomaly"}}
    found = draft(DbtProject(tmp_path / "shop", manifest), None, MOMENT)
    assert (found.changes, found.notes) == ([], ["orders: ../other.yml lies outside of the project"])


def added(text: str) -> str:
    document = Document(text, "m.yml")
    document.add(node(), [VOLUME, PRICE], nested=True)
    return document.result()


@pytest.mark.parametrize("name", ["no", "on", "1", "a b", "a: b", "#x", 'say "hi"', "Straße", "it's", "2025-01-01"])
def test_names_that_yaml_would_read_as_something_else_are_quoted(name: str) -> None:
    document = Document("", "m.yml")
    document.add(node(name=name), [Check("column_anomalies", name, {"metrics": [name]})], nested=False)
    (entry,) = yaml.safe_load(document.result())["models"]
    assert entry["name"] == entry["columns"][0]["name"] == name
    assert entry["columns"][0]["data_tests"] == [{"sqlnomaly.column_anomalies": {"metrics": [name]}}]


def test_the_rank_test_is_that_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    dice = random.Random(5)
    for _ in range(20):
        groups = [[dice.randrange(12) for _ in range(dice.randrange(3, 9))] for _ in range(7)]
        assert kruskal(groups) == pytest.approx(stats.kruskal(*groups).statistic, rel=1e-12)
    assert pytest.approx(stats.chi2.isf(0.001, 6), rel=1e-7) == CRITICAL
    assert kruskal([[4, 4], [4]]) == 0
