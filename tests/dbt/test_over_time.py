"""Tests over time, on DuckDB: what they say of a bucket is what its own past says, by references of scipy."""

from __future__ import annotations

import datetime as dt
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet
import pytest
import yaml
from scipy import stats

from tests.engines.dbt import Done, Project

NOW = dt.datetime(2025, 3, 1)
"""Whose day is not over: what is tested is the day before."""
SIMULATED = {"seven": 7, "ten": 10, "fourteen": 14}
SERIES = 1000
"""Series of chance for each length: one of a hundred at most is wrongly told, give or take chance."""
ORDERED = ("zscore", "mad", "iqr", "ewma", "cusum", "page_hinkley", "seasonal", "series_decompose", "flatline")
LATER = ("page_hinkley", "seasonal", "flatline")
"""Those of them that are asked for more than their name: sums pass 50 after days, weekdays are few, values repeat."""

Judged = dict[str, dict[str, Any]]
"""What a test says of the last day of each series."""


def chance(seed: int, days: int, centre: float = 100.0, spread: float = 5.0) -> list[float]:
    """Values of a normal distribution."""
    drawn = random.Random(seed)
    return [drawn.gauss(centre, spread) for _ in range(days)]


def far(past: Sequence[float], deviations: float) -> list[float]:
    """A past, and a value that many standard deviations from its mean."""
    return [*past, statistics.fmean(past) + deviations * statistics.stdev(past)]


WEEK = [round(value) + (60 if at % 7 in (2, 3) else 0) for at, value in enumerate(chance(5, 56, spread=2.0))]
"""Eight weeks, Friday to Thursday, with more at the weekends."""
KINDS: Mapping[str, Mapping[str, Sequence[float | None]]] = {
    **{kind: {f"s{at}": chance(1000 * n + at, n + 1) for at in range(SERIES)} for kind, n in SIMULATED.items()},
    "spikes": {
        "up": far(chance(1, 7), 6), "down": far(chance(2, 7), -6), "ordinary": far(chance(3, 7), 0.5),
        "young": far(chance(4, 2), 1000),
    },
    "weekly": {"loud": [*WEEK, WEEK[2]], "quiet": [*WEEK, WEEK[0]]},
    "shifted": {"odd": [*chance(6, 56), 160.0], "ordinary": [*chance(7, 56), 101.0]},
    "incident": {"odd": [*chance(8, 20), 900.0, 950.0, *chance(9, 6), 150.0]},
    "constant": {
        "same": [20.0] * 9, "little": [20.0] * 8 + [21.5], "much": [20.0] * 8 + [23.0],
        "brief": [20.0] * 6 + [40.0],
    },
    "gone": {"silent": [*chance(10, 10), None], "gaps": [100.0, 101, 99, None, None, 100, 102, 98, 100.5]},
    "flat": {"odd": [*chance(11, 14), *[99.0] * 10], "ordinary": chance(12, 24)},
    "small": {"steady": [1000.0, 1001, 999, 1000, 1002, 998, 1000, 1010]},
}  # fmt: skip
VALUE = {"metrics": [{"name": "value", "sql": "SUM(value)"}], "dimensions": ["name"], "every": True}
TESTS: Mapping[str, Mapping[str, Any]] = {
    **{kind: {"kind": kind, "training_buckets": n, "warn_level": 0.05, "error_level": 0.01}
       for kind, n in SIMULATED.items()},
    "spikes": {"kind": "spikes", "training_buckets": 7},
    "spikes_up": {"kind": "spikes", "training_buckets": 7, "direction": "spike"},
    "weekly_blind": {"kind": "weekly", "training_buckets": 56},
    "weekly": {"kind": "weekly", "training_buckets": 56, "season": "day_of_week"},
    "incident": {"kind": "incident"},
    "incident_known": {"kind": "incident", "exclude": [{"start": "2025-02-20", "end": "2025-02-21"}]},
    "incident_masked": {"kind": "incident", "mask": "bucket NOT IN (DATE '2025-02-20', DATE '2025-02-21')"},
    "masked_itself": {"kind": "spikes", "training_buckets": 7, "exclude": "2025-02-28"},
    "constant": {"kind": "constant"},
    "gone": {"kind": "gone"},
    "small": {"kind": "small"},
    "small_percent": {"kind": "small", "min_effect": "5%"},
    "small_number": {"kind": "small", "min_effect": 9},
    **{f"by_{name}": {"kind": "shifted", "detector": name, "training_buckets": 56}
       for name in ORDERED if name not in LATER},
    "by_page_hinkley": {"kind": "shifted", "detector": "page_hinkley", "training_buckets": 56, "warn_level": 5},
    "by_seasonal": {"kind": "shifted", "detector": "seasonal", "training_buckets": 56, "min_rows": 4},
    "seasonal": {
        "kind": "weekly", "detector": "seasonal", "season": "day_of_week", "training_buckets": 56, "min_rows": 4,
    },
    "by_flatline": {"kind": "flat", "detector": "flatline", "min_rows": 10},
}  # fmt: skip


@pytest.fixture(scope="module")
def told(new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Judged]:
    """What each of the tests says, by its name, of the last day of each series."""
    points = tmp_path_factory.mktemp("points") / "points.parquet"
    write_points(points)
    project = new_project().make()
    project.write({
        "models/points.sql": f"SELECT * FROM read_parquet('{points}')",
        "models/schema.yml": schema(),
    })  # fmt: skip
    project.run("run").ok()
    done = project.run("test", "--store-failures", variables={"sqlnomaly_now": NOW.isoformat()})
    assert not [node for node in done.nodes.values() if node.status == "error"], done.output
    return judged(project, done)


def write_points(path: Path) -> None:
    """One row for each day of a series that has a value; the last day is the one before `NOW`."""
    rows = [
        {"kind": kind, "name": name, "day": NOW - dt.timedelta(days=len(values) - at), "value": value}
        for kind, series in KINDS.items()
        for name, values in series.items()
        for at, value in enumerate(values)
        if value is not None
    ]
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows), path)


def schema() -> str:
    """The YAML of the tests."""
    tests = [
        {"sqlnomaly.column_anomalies": {
            "name": name,
            "arguments": {
                "timestamp_column": "day", "where": f"kind = '{given['kind']}'", **VALUE,
                **{key: value for key, value in given.items() if key != "kind"},
            },
        }}
        for name, given in TESTS.items()
    ]  # fmt: skip
    return yaml.safe_dump({"models": [{"name": "points", "data_tests": tests}]})


def judged(project: Project, done: Done) -> Mapping[str, Judged]:
    """The rows that the tests stored, by test and series."""
    found: dict[str, Judged] = {}
    with duckdb.connect(str(project.folder / "target/warehouse.duckdb"), read_only=True) as connection:
        for name in done.nodes.keys() & TESTS.keys():
            rows = connection.execute(f"SELECT * FROM main_dbt_test__audit.{name}").fetchall()
            columns = [column[0] for column in connection.description or ()]
            found[name] = {row["dimension"]: row for row in (dict(zip(columns, row, strict=True)) for row in rows)}
    return found


def expected_level(values: Sequence[float], warn: float, error: float) -> str:
    """The level of the last of some values by Student's t of a new value of a normal distribution."""
    *past, last = values
    n = len(past)
    t = (last - statistics.fmean(past)) / (statistics.stdev(past) * (1 + 1 / n) ** 0.5)
    chance = 2 * stats.t.sf(abs(t), n - 1)
    return "error" if chance < error else "warn" if chance < warn else "none"


@pytest.mark.parametrize("kind", SIMULATED)
def test_levels_are_those_of_students_t(told: Mapping[str, Judged], kind: str) -> None:
    said = {name: row["level"] for name, row in told[kind].items()}
    assert said == {name: expected_level(values, 0.05, 0.01) for name, values in KINDS[kind].items()}


@pytest.mark.parametrize("kind", SIMULATED)
def test_chance_alone_alarms_as_often_as_it_was_asked_to(told: Mapping[str, Judged], kind: str) -> None:
    levels = [row["level"] for row in told[kind].values()]
    assert len(levels) == SERIES
    for alarms, nominal in ((levels.count("error"), 0.01), (SERIES - levels.count("none"), 0.05)):
        assert stats.binomtest(alarms, SERIES, nominal).pvalue > 0.001


@pytest.mark.parametrize("kind", SIMULATED)
def test_the_band_is_where_the_warning_begins(told: Mapping[str, Judged], kind: str) -> None:
    for name, values in KINDS[kind].items():
        past = values[:-1]
        row = told[kind][name]
        half = stats.t.isf(0.025, len(past) - 1) * statistics.stdev(past) * (1 + 1 / len(past)) ** 0.5
        assert row["expected"] == pytest.approx(statistics.fmean(past))
        assert row["lower_bound"] == pytest.approx(row["expected"] - half)
        assert row["upper_bound"] == pytest.approx(row["expected"] + half)
        assert row["training_buckets"] == len(past)


def test_seven_buckets_are_enough_for_six_deviations(told: Mapping[str, Judged]) -> None:
    said = {name: (row["level"], row["status"]) for name, row in told["spikes"].items()}
    ordinary = {"ordinary": ("none", "ok"), "young": ("none", "warm_up")}
    assert said == {"up": ("warn", "ok"), "down": ("warn", "ok"), **ordinary}


def test_a_direction_is_deaf_to_the_other(told: Mapping[str, Judged]) -> None:
    said = {name: row["level"] for name, row in told["spikes_up"].items()}
    assert said == {"up": "error", "down": "none", "ordinary": "none", "young": "none"}


def test_mondays_are_judged_by_mondays(told: Mapping[str, Judged]) -> None:
    assert told["weekly_blind"]["loud"]["level"] == "none"
    assert {name: row["level"] for name, row in told["weekly"].items()} == {"loud": "error", "quiet": "none"}
    assert told["weekly"]["loud"]["training_buckets"] == 8
    assert told["weekly"]["loud"]["expected"] == pytest.approx(statistics.fmean(WEEK[::7]))
    assert {name: row["level"] for name, row in told["seasonal"].items()} == {"loud": "error", "quiet": "none"}


@pytest.mark.parametrize("way", ["incident_known", "incident_masked"])
def test_known_incidents_are_not_learnt(told: Mapping[str, Judged], way: str) -> None:
    assert told["incident"]["odd"]["level"] == "none"
    assert (told[way]["odd"]["level"], told[way]["odd"]["training_buckets"]) == ("error", 26)


def test_a_known_incident_is_not_told(told: Mapping[str, Judged]) -> None:
    assert {row["level"] for row in told["masked_itself"].values()} == {"none"}


def test_what_was_constant_for_a_week_is_odd_where_it_changes_by_a_tenth(told: Mapping[str, Judged]) -> None:
    said = {name: row["level"] for name, row in told["constant"].items()}
    assert said == {"same": "none", "little": "none", "much": "error", "brief": "none"}


def test_a_bucket_without_rows_has_no_value_to_judge(told: Mapping[str, Judged]) -> None:
    silent, gaps = told["gone"]["silent"], told["gone"]["gaps"]
    assert (silent["value"], silent["level"], silent["status"]) == (None, "none", "no_data")
    assert (gaps["training_buckets"], gaps["level"]) == (6, "none")


def test_differences_too_small_to_matter_are_not_told(told: Mapping[str, Judged]) -> None:
    said = {name: told[name]["steady"]["level"] for name in ("small", "small_percent", "small_number")}
    assert said == {"small": "error", "small_percent": "none", "small_number": "error"}


@pytest.mark.parametrize("detector", ORDERED)
def test_every_detector_of_series_tells_what_is_odd(told: Mapping[str, Judged], detector: str) -> None:
    row = told[f"by_{detector}"]["odd"]
    assert row["level"] in ("warn", "error")
    assert row["score"] > row["threshold"]
    assert told[f"by_{detector}"]["ordinary"]["level"] == "none"


def test_scores_are_those_of_the_textbook(told: Mapping[str, Judged]) -> None:
    *past, last = (value or 0 for value in KINDS["shifted"]["odd"])
    median = statistics.median(past)
    mad = 0.6744897501960817 * (last - median) / statistics.median(abs(value - median) for value in past)
    assert told["by_mad"]["odd"]["score"] == pytest.approx(mad, rel=1e-6)
    z = (last - statistics.fmean(past)) / statistics.stdev(past)
    assert told["by_zscore"]["odd"]["score"] == pytest.approx(z)
    first, _, third = statistics.quantiles(past, method="inclusive")
    assert told["by_iqr"]["odd"]["upper_bound"] == pytest.approx(third + 1.5 * (third - first))


def test_a_row_says_in_words_what_it_means(told: Mapping[str, Judged]) -> None:
    text = told["small"]["steady"]["description"]
    assert text.startswith("value for steady in 2025-02-28 is 1010, expected 99")
