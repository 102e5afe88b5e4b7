"""Tables whose rows stop, days that are known, values that are no numbers: what tests over time say of each."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import pytest
import yaml
from scipy import stats

from tests.engines.dbt import Done, Project

NOW = dt.datetime(2025, 3, 1)
DAYS = 29
"""28 to learn from and one that is tested."""
STOPPED = {"today": 1, "five": 5, "twenty": 20, "most": 26, "all": 29}
"""How many days are empty, up to the one that is tested."""
PARTS = [("a, b", "c", 5), ("a", "b, c", 7), ("a,", "b", 2), ("a", ",b", 3), ("it's\n%s {{ x", "\\", 4)]
"""Two dimensions, and the rows of both a day."""


def usual(day: int) -> int:
    """Rows of a day."""
    return 100 + day % 3


def points() -> str:
    """A model of daily rows, of the kinds that the tests tell apart."""
    rows = []
    first = NOW - dt.timedelta(days=DAYS)
    for day in range(DAYS):
        at = f"TIMESTAMP '{first + dt.timedelta(days=day, hours=20 + day % 2)}'"
        rows += [f"('{name}', {at}, {usual(day)}, 1.0)" for name, empty in STOPPED.items() if day < DAYS - empty]
        rows += [f"('workdays', {at}, {usual(day)}, 1.0)"] if day % 7 not in (0, 1) else []
        rows.append(f"('steady', {at}, {usual(day)}, 1.0)")
        rows.append(f"('no_number', {at}, 1, CAST('{'NaN' if day == DAYS - 1 else usual(day)}' AS DOUBLE))")
        rows.append(f"('once_infinite', {at}, 1, CAST('{'inf' if day == 9 else usual(day)}' AS DOUBLE))")
    return f"""SELECT kind, at_time, value FROM (VALUES {', '.join(rows)}) AS days (kind, at_time, number, value),
generate_series(1, 200) AS one (nth) WHERE one.nth <= days.number"""


def parts() -> str:
    """A model with two columns whose values hold what is between them elsewhere."""
    rows = ", ".join("('{}', '{}', {})".format(one.replace("'", "''"), other, n) for one, other, n in PARTS)
    return f"""{{% raw %}}SELECT DATE '2025-01-31' + CAST(day AS INTEGER) AS at_time, one, other
FROM (VALUES {rows}) AS parts (one, other, number), generate_series(0, 28) AS days (day),
  generate_series(1, 9) AS each (nth)
WHERE nth <= number{{% endraw %}}"""


def asked(kind: str, test: str, **given: Any) -> dict[str, Any]:
    """A test of one kind of rows."""
    name = given.pop("name", f"{test}_{kind}")
    where = {"timestamp_column": "at_time", "where": f"kind = '{kind}'", "every": True}
    return {f"sqlnomaly.{test}_anomalies": {"name": name, "arguments": {**where, **given}}}


TESTS = [
    *(asked(kind, test) for kind in [*STOPPED, "workdays"] for test in ("volume", "freshness")),
    *(asked(kind, "column", metrics=[{"name": "m", "sql": "MAX(value)"}]) for kind in ("no_number", "once_infinite")),
    asked("steady", "volume", name="week_known", time_bucket="week", training_buckets=3, exclude="2025-02-19"),
    asked("steady", "volume", name="hour_known", time_bucket={"period": "hour", "count": 6}, training_buckets=99,
            exclude=["2025-02-10 20:30", "2025-02-11"]),
    asked("steady", "volume", name="mask_unknown", mask="CASE WHEN bucket < DATE '2025-02-20' THEN TRUE END"),
    asked("steady", "table", name="named_twice", columns=["value"], metrics=["row_count", "mean"]),
    asked("steady", "dimension", name="new_but_known", dimensions="at_time >= DATE '2025-02-28'",
            exclude="2025-02-28"),
]  # fmt: skip


@pytest.fixture(scope="module")
def project(new_project: Callable[..., Project]) -> Project:
    """The project, built."""
    two = {"timestamp_column": "at_time", "dimensions": ["one", "other"], "every": True}
    schema = {"models": [
        {"name": "points", "data_tests": TESTS},
        {"name": "parts", "data_tests": [{"sqlnomaly.dimension_anomalies": {"name": "two_parts", "arguments": two}}]},
        {"name": "passing", "data_tests": [
            {"sqlnomaly.volume_anomalies": {"name": "passing", "arguments": {"timestamp_column": "at_time"}}},
        ]},
    ]}  # fmt: skip
    made = new_project().make()
    made.write({
        "models/points.sql": points(), "models/parts.sql": parts(), "models/schema.yml": yaml.safe_dump(schema),
        "models/passing.sql": "{{ config(materialized='ephemeral') }}\n"
                              "SELECT * FROM {{ ref('points') }} WHERE kind = 'five'",
    })  # fmt: skip
    made.run("run").ok()
    return made


@pytest.fixture(scope="module")
def done(project: Project) -> Done:
    """All tests, run."""
    done = project.run("test", "--store-failures", variables={"sqlnomaly_now": NOW.isoformat()})
    assert not [node for node in done.nodes.values() if node.status == "error"], done.output
    return done


@pytest.fixture(scope="module")
def told(project: Project, done: Done) -> Mapping[str, list[dict[str, Any]]]:
    """The rows that each test stored, by its name."""
    found = {}
    with duckdb.connect(str(project.folder / "target/warehouse.duckdb"), read_only=True) as connection:
        for name in done.nodes:
            if not name.startswith("sqlnomaly"):
                result = connection.execute(f"SELECT * FROM main_dbt_test__audit.{name} ORDER BY bucket, dimension")
                names = [column[0] for column in result.description]
                found[name] = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return found


@pytest.mark.parametrize("kind", ["today", "five", "twenty"])
def test_rows_that_stopped_are_told_day_after_day(told: Mapping[str, Any], kind: str) -> None:
    (volume,), (fresh,) = told[f"volume_{kind}"], told[f"freshness_{kind}"]
    days = DAYS - STOPPED[kind]
    ages = [3600 * (4 - day % 2) for day in range(days)]
    for row, past in ((volume, [usual(day) for day in range(days)]), (fresh, ages)):
        assert (row["level"], row["training_buckets"]) == ("error", days)
        assert row["expected"] == pytest.approx(statistics.fmean(past))
        t = (row["value"] - row["expected"]) / statistics.stdev(past) / (1 + 1 / days) ** 0.5
        assert stats.t.sf(abs(t), days - 1) < 0.0005
    assert volume["value"] == 0
    assert fresh["value"] == 86400 * STOPPED[kind] + 3600 * (4 - (days - 1) % 2)


@pytest.mark.parametrize("kind", ["most", "all"])
def test_a_table_with_too_little_left_is_a_warning(done: Done, told: Mapping[str, Any], kind: str) -> None:
    for name in (f"volume_{kind}", f"freshness_{kind}"):
        assert done.nodes[name].status == "warn"
        (row,) = told[name]
        assert (row["level"], row["status"]) == ("warn", "no_rows")
        assert row["description"].endswith("and no row came since 2025-02-07")


def test_days_that_are_always_empty_are_no_stop(told: Mapping[str, Any]) -> None:
    assert [told[f"{name}_workdays"][0]["level"] for name in ("volume", "freshness")] == ["none", "none"]
    assert told["volume_workdays"][0]["value"] == 0


def test_what_is_no_number_is_odd_and_is_not_learnt(told: Mapping[str, Any]) -> None:
    (row,) = told["column_no_number"]
    assert math.isnan(row["value"])
    assert (row["level"], row["status"]) == ("error", "out_of_range")
    (row,) = told["column_once_infinite"]
    assert (row["level"], row["training_buckets"]) == ("none", 27)
    assert row["expected"] == pytest.approx(statistics.fmean(usual(day) for day in range(28) if day != 9))


def test_a_known_day_is_of_every_bucket_that_it_touches(told: Mapping[str, Any]) -> None:
    (week,), (hours,) = told["week_known"], told["hour_known"]
    assert (week["bucket"], week["training_buckets"], week["level"]) == (dt.datetime(2025, 2, 17), 3, "none")
    assert hours["training_buckets"] == 99 - 3 - 1 - 4  # three are before the first row


def test_a_mask_that_does_not_know_is_not_true(told: Mapping[str, Any]) -> None:
    (row,) = told["mask_unknown"]
    assert (row["training_buckets"], row["level"]) == (20, "none")


def test_a_metric_that_is_named_twice_is_measured_once(told: Mapping[str, Any]) -> None:
    said = [(row["metric"], row["training_buckets"]) for row in told["named_twice"]]
    assert sorted(said) == [("mean", 28), ("row_count", 28)]


def test_a_new_value_on_a_known_day_is_not_told(told: Mapping[str, Any]) -> None:
    assert {row["dimension"]: row["level"] for row in told["new_but_known"]} == {"false": "none", "true": "none"}


def test_no_two_lists_of_values_are_one(told: Mapping[str, Any]) -> None:
    found = {row["dimension"]: row["value"] for row in told["two_parts"]}
    assert found == {f"{one.replace(',', ',,')}, {other.replace(',', ',,')}": number for one, other, number in PARTS}


def test_an_ephemeral_model_is_tested_and_not_kept(project: Project, done: Done) -> None:
    assert done.nodes["passing"].status == "fail"
    kept = {"sqlnomaly_now": NOW.isoformat(), "sqlnomaly_results": True, "sqlnomaly_cache": True}
    again = project.run("test", "--select", "passing", variables=kept)
    assert again.nodes["passing"].status == "fail", again.output
