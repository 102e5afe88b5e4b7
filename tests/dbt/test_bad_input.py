"""What tests over time are not given right, or not at all: one clear message each, or the right quiet answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import yaml
from jinja2 import Environment

from tests.engines import postgres
from tests.engines.dbt import PACKAGE, Done, Project

NOW = {"sqlnomaly_now": "2025-02-10"}
LONG = "a_test_whose_name_is_longer_than_what_the_database_takes_for_the_name_of_a_table"
MODELS = {
    "models/orders.sql": """SELECT CAST(day AS TIMESTAMP) AS day, number AS "Amount", 'it''s' AS "the sort"
FROM generate_series(1, 39) AS numbers (number), (VALUES ('2025-02-09')) AS days (day)""",
    "models/empty.sql": "SELECT * FROM {{ ref('orders') }} WHERE 1 = 0",
    "models/steady.sql": """SELECT CAST(day AS TIMESTAMP) AS day FROM (VALUES
{% for at in range(1, 10) %}('2025-02-0{{ at }}'){{ ', ' if not loop.last }}{% endfor %}) AS days (day)
WHERE day <> '2025-02-05'""",
}
REFUSED: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "no_time": ("volume_anomalies", {"timestamp_column": ""}, "timestamp_column is missing"),
    "no_detector": ("volume_anomalies", {"detector": "zscoer"}, "no detector zscoer in this package, which has"),
    "not_in_order": ("volume_anomalies", {"detector": "ecod"}, "ecod does not judge a series by its past"),
    "no_argument": ("volume_anomalies", {"training_bucket": 3}, "no argument training_bucket; there are time_bucket"),
    "no_bucket": ("volume_anomalies", {"time_bucket": "dya"}, "time_bucket is 'hour', 'day', 'week' or 'month'"),
    "no_season": ("volume_anomalies", {"season": "moon"}, "no season moon; there are hour, "),
    "no_metric": ("column_anomalies", {"column_name": "x", "metrics": ["men"]}, "no metric men; there are null_"),
    "no_column": ("column_anomalies", {}, "the metric null_rate is one of a column: give column_name"),
    "no_sql": ("column_anomalies", {"metrics": [{"name": "gross"}]}, "a metric of your own is {'name': 'gross'"),
    "no_direction": ("volume_anomalies", {"direction": "upwards"}, "direction is 'both', 'high' or 'low', not up"),
    "no_number": ("volume_anomalies", {"training_buckets": "many"}, "training_buckets is a whole number, at least"),
    "no_fraction": ("volume_anomalies", {"tested_buckets": 1.5}, "tested_buckets is a whole number, at least 1,"),
    "no_level": ("volume_anomalies", {"warn_level": "low"}, "warn_level is a number, not low"),
    "levels": ("volume_anomalies", {"warn_level": 0.001, "error_level": 0.01}, "error_level 0.01 is reached"),
    "no_table_of_t": ("volume_anomalies", {"warn_level": 0.0123}, "significance 0.0123 has no critical"),
    "no_date": ("volume_anomalies", {"exclude": ["Christmas"]}, "exclude is a time such as '2025-01-31'"),
    "no_effect": ("volume_anomalies", {"min_effect": "ten"}, "min_effect is a number, or a text such as"),
    "no_method": ("distribution_drift", {"column_name": "x", "method": "kl"}, "method is 'psi' or 'ks', not kl"),
    "one_name": (
        "column_anomalies", {"metrics": [{"name": "m", "sql": "MIN(a)"}, {"name": "m", "sql": "MAX(a)"}]},
        "two metrics are called m, MIN(a) and MAX(a): name one otherwise",
    ),
    "our_name": (
        "table_anomalies", {"metrics": {"a": {"name": "row_count", "sql": "MAX(a)"}}},
        "two metrics are called row_count",
    ),
    "no_whole_drift": ("distribution_drift", {"column_name": "x", "training_buckets": "two"}, "training_buckets is a"),
    "no_order": ("distribution_drift", {"column_name": "x", "method": "ks", "categorical": True}, "ks "),
}  # fmt: skip
"""Tests that are refused, each with what it says."""
RUN: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "no_such_column": ("orders", "column_anomalies", {"column_name": "amonut"}),
    "quoted": ("orders", "column_anomalies", {"column_name": '"Amount"', "explain_by": '"the sort"', "every": True}),
    "quoted_dimension": ("orders", "dimension_anomalies", {"dimensions": ['"the sort"'], "every": True}),
    "empty": ("empty", "volume_anomalies", {"every": True}),
    "empty_column": ("empty", "column_anomalies", {"column_name": '"Amount"', "every": True}),
    "empty_dimension": ("empty", "dimension_anomalies", {"dimensions": ['"the sort"'], "every": True}),
    "empty_fresh": ("empty", "freshness_anomalies", {"every": True}),
    "first_run": ("orders", "volume_anomalies", {"every": True}),
    "missing_day": ("steady", "volume_anomalies", {"every": True, "training_buckets": "6", "tested_buckets": "5"}),
    LONG: ("orders", "volume_anomalies", {}),
}
"""Tests that run, or are refused by the database: of a model, with arguments."""


def schema(target: str) -> str:
    """The YAML of the tests."""
    tests: dict[str, list[Any]] = {name: [] for name in ("orders", "empty", "steady")}
    if target == "duckdb":
        for name, (test, given, _) in REFUSED.items():
            tests["orders"].append(declared(name, test, given))
    for name, (model, test, given) in RUN.items():
        tests[model].append(declared(name, test, given))
    # A name that dbt makes up of all arguments, and shortens itself.
    tests["orders"].append({"sqlnomaly.volume_anomalies": {
        "arguments": {"timestamp_column": "day", "where": "\"Amount\" > 0 AND \"the sort\" <> 'something other'"},
    }})  # fmt: skip
    return yaml.safe_dump({"models": [{"name": name, "data_tests": some} for name, some in tests.items()]})


def declared(name: str, test: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A test in YAML."""
    return {f"sqlnomaly.{test}": {"name": name, "arguments": {"timestamp_column": "day", **given}}}


@pytest.fixture(scope="module")
def project(new_project: Callable[..., Project]) -> Project:
    """The project on DuckDB, built."""
    made = new_project().make()
    made.write({**MODELS, "models/schema.yml": schema("duckdb")}).run("run", variables=NOW).ok()
    return made


@pytest.fixture(scope="module")
def done(project: Project) -> Done:
    """All tests, run."""
    return project.run("test", "--store-failures", variables=NOW)


@pytest.fixture(scope="module")
def done_postgres(server: postgres.Server, new_project: Callable[..., Project]) -> Done:
    """Those that run, on Postgres."""
    made = new_project("postgres", SN_PGHOST=str(server.folder), SN_SCHEMA="bad").make()
    made.write({**MODELS, "models/schema.yml": schema("postgres")}).run("run", variables=NOW).ok()
    return made.run("test", "--store-failures", variables=NOW)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_what_there_is(done: Done, name: str) -> None:
    node = done.nodes[name]
    assert node.status == "error"
    assert "sqlnomaly: " + REFUSED[name][2] in node.message


def stored(project: Project, name: str) -> list[tuple[Any, ...]]:
    """What a test stored: metric, value, level and status, bucket by bucket."""
    with duckdb.connect(str(project.folder / "target/warehouse.duckdb"), read_only=True) as connection:
        sql = f"SELECT metric, value, level, status FROM main_dbt_test__audit.{name} ORDER BY bucket, metric"
        return connection.execute(sql).fetchall()


def test_a_column_that_is_not_there_is_named_by_the_database(done: Done) -> None:
    node = done.nodes["no_such_column"]
    assert node.status == "error"
    assert "amonut" in node.message


def test_an_empty_table_is_a_warning_of_those_who_watch_rows(project: Project, done: Done) -> None:
    said = {name: done.nodes[name].status for name in ("empty", "empty_fresh", "empty_column", "empty_dimension")}
    assert said == {"empty": "warn", "empty_fresh": "warn", "empty_column": "pass", "empty_dimension": "pass"}
    assert stored(project, "empty") == [("row_count", 0, "warn", "no_rows")]
    assert stored(project, "empty_fresh") == [("freshness", None, "warn", "no_rows")]
    assert {row[2:] for row in stored(project, "empty_column")} == {("none", "warm_up")}
    assert stored(project, "empty_dimension") == []


def test_a_first_run_warms_up(project: Project, done: Done) -> None:
    assert done.nodes["first_run"].status == "pass"
    assert stored(project, "first_run") == [("row_count", 39, "none", "warm_up")]


def test_a_day_without_rows_is_a_day_of_none(project: Project, done: Done) -> None:
    assert stored(project, "missing_day")[0] == ("row_count", 0, "none", "constant_baseline")
    assert done.nodes["missing_day"].status == "pass"  # four days are too few to say that one row a day is a rule


def test_quotes_and_spaces_in_names_are_kept(project: Project, done: Done) -> None:
    assert {row[0]: row[1] for row in stored(project, "quoted")} == {"null_rate": 0, "distinct_count": 39, "mean": 20}
    assert stored(project, "quoted_dimension") == [("row_count", 39, "none", "warm_up")]


@pytest.mark.postgres
def test_postgres_says_the_same(done: Done, done_postgres: Done) -> None:
    assert {name: done_postgres.nodes[name].status for name in RUN if name != LONG} == {
        name: done.nodes[name].status for name in RUN if name != LONG
    }
    assert "amonut" in done_postgres.nodes["no_such_column"].message


@pytest.mark.postgres
def test_a_name_that_is_too_long_is_told_once(done_postgres: Done) -> None:
    node = done_postgres.nodes[LONG]
    assert node.status == "error"
    assert "longer than 63 characters" in node.message
    made_up = [node for name, node in done_postgres.nodes.items() if name.startswith("sqlnomaly_volume_anomalies")]
    assert [node.status for node in made_up] == ["pass"]


def test_a_second_run_parses_nothing(project: Project, done: Done) -> None:
    log = project.folder / "logs" / "dbt.log"
    log.unlink()
    project.run("test", "--select", "first_run", variables=NOW).ok()
    text = log.read_text(encoding="utf-8")
    assert "Partial parsing enabled, no changes found, skipping parsing" in text or "0 files changed" in text
    assert "Unable to do partial parsing" not in text


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"sqlnomaly_results": "perhaps"}, "the variable sqlnomaly_results is true or false, not perhaps"),
        ({"sqlnomaly_now": "noon"}, "the variable sqlnomaly_now is a time such as '2025-01-31'"),
        ({"sqlnomaly_cache": "true", "sqlnomaly_late_buckets": "-1"}, "sqlnomaly_late_buckets is a whole number"),
    ],
)
def test_variables_of_a_wrong_type_are_refused(project: Project, variables: Mapping[str, str], message: str) -> None:
    done = project.run("test", "--select", "first_run", variables={**NOW, **variables})
    assert done.code != 0
    assert message in done.output


def test_an_adapter_without_statements_is_named() -> None:
    def refuse(message: str) -> None:
        raise ValueError(message)

    used = SimpleNamespace(known_detectors=lambda: {"zscore": {}}, refuse=refuse)
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)
    text = (PACKAGE / "macros/base/errors.sql").read_text(encoding="utf-8")
    macros: Any = environment.from_string(text, globals={"sqlnomaly": used, "target": SimpleNamespace(type="sqlite")})
    with pytest.raises(ValueError, match="no statements for the adapter sqlite: there are those for duckdb, snowflake"):
        macros.module.checked_detector("zscore")
