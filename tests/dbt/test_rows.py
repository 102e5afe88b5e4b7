"""Tests of rows, of distributions, of columns and of values that come and go, on DuckDB, with references of scipy."""

from __future__ import annotations

import bisect
import datetime as dt
import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet
import pytest
import yaml
from scipy import stats

from tests.engines.dbt import Project

NOW = dt.datetime(2025, 3, 1)
DAYS = 29
"""28 to learn from and one that is tested."""


def drawn(seed: int, count: int, centre: float, spread: float) -> list[float]:
    """Rounded values, so that some are equal."""
    chance = random.Random(seed)
    return [round(chance.gauss(centre, spread), 1) for _ in range(count)]


OLD = {"same": drawn(1, 560, 50, 5), "moved": drawn(2, 560, 50, 5), "wide": drawn(3, 560, 50, 5)}
NEW = {"same": drawn(4, 60, 50, 5), "moved": drawn(5, 60, 58, 5), "wide": drawn(6, 60, 50, 9)}
"""Values of the 28 days before and of the day that is tested."""
SORTS = {"old": ["a"] * 300 + ["b"] * 200 + ["c"] * 60, "new": ["a"] * 10 + ["b"] * 20 + ["d"] * 30}
COUNTS: Mapping[str, Sequence[int]] = {
    "steady": [20] * DAYS,
    "fallen": [30, 31, 29, 30] * 7 + [5],
    "vanished": [4, 9, 1, 7] * 7 + [0],
    "rare": [0, 1, 0, 2] * 7 + [0],
    "new": [0] * 28 + [12],
    "new_but_few": [0] * 28 + [1],
}
"""Rows of each country a day."""
ARRIVED = [22 + at % 2 for at in range(28)] + [5]
"""The hour of the last row of each day."""


def rows() -> list[dict[str, Any]]:
    """The rows of a table, of which each test looks at one kind."""
    found = []
    first = NOW - dt.timedelta(days=DAYS)

    def add(kind: str, day: int, *, hour: float = 1, value: float | None = None, sort: str = "") -> None:
        at = first + dt.timedelta(days=day, hours=hour)
        found.append({"id": len(found), "kind": kind, "at_time": at, "value": value, "sort": sort})

    for kind, values in OLD.items():
        for at, value in enumerate(values):
            add(kind, at % 28, value=value)
        for value in NEW[kind]:
            add(kind, 28, value=value)
    for at, sort in enumerate(SORTS["old"]):
        add("sorts", at % 28, sort=sort)
    for sort in SORTS["new"]:
        add("sorts", 28, sort=sort)
    for country, counts in COUNTS.items():
        for day, count in enumerate(counts):
            for _ in range(count):
                add("countries", day, sort=country)
    for day, hour in enumerate(ARRIVED):
        add("arrivals", day, hour=hour)
        add("arrivals", day, hour=1)
    for value in [*drawn(7, 99, 10, 1), 40.0]:
        add("odd_rows", 0, value=value, sort="x")
    return found


def drift(kind: str, column: str = "value", **given: Any) -> tuple[str, Mapping[str, Any]]:
    """A test of the distribution of one kind of rows."""
    where = {"timestamp_column": "at_time", "column_name": column, "where": f"kind = '{kind}'"}
    return "distribution_drift", {**where, **given}


def countries(**given: Any) -> tuple[str, Mapping[str, Any]]:
    """A test of the rows of each country."""
    where = {"timestamp_column": "at_time", "dimensions": "sort", "where": "kind = 'countries'", "every": True}
    return "dimension_anomalies", {**where, **given}


TYPES = {"id": "bigint", "kind": "varchar", "at_time": "timestamp", "value": "double", "sort": "varchar"}
SOME = ["ID", "kind", "at_time", "value"]
TESTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    **{f"psi_{kind}": drift(kind, every=True) for kind in OLD},
    **{f"ks_{kind}": drift(kind, method="ks", every=True) for kind in OLD},
    "psi_sorts": drift("sorts", "sort", categorical=True),
    "psi_plain": drift("same"),
    "ks_plain": drift("same", method="ks"),
    "too_few": drift("odd_rows"),
    "countries": countries(),
    "countries_large": countries(min_effect=10, new_values="error"),
    "countries_known": countries(new_values="none"),
    "arrivals": (
        "freshness_anomalies", {"timestamp_column": "at_time", "where": "kind = 'arrivals'", "every": True},
    ),
    "odd_rows": ("row_anomalies", {"features": ["value"], "where": "kind = 'odd_rows'"}),
    "columns_same": ("schema_changes", {"columns": TYPES}),
    "columns_changed": (
        "schema_changes", {"columns": {**{name: TYPES[name] for name in TYPES if name != "sort"},
                                       "id": "varchar", "gone": "varchar"}},
    ),
    "columns_named": ("schema_changes", {"columns": SOME}),
    "columns_new_is_fine": ("schema_changes", {"columns": SOME, "ignore_new": True}),
    "columns_documented": ("schema_changes", {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def found(new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Any]]:
    """The rows that each test stored, by its name, and its status under ``statuses``."""
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows()), path)
    project = new_project().make()
    columns = [{"name": name} for name in ("id", "kind", "at_time", "value", "sort")]
    asked: list[dict[str, Any]] = [{f"sqlnomaly.{test}": {"name": name, "arguments": dict(given)}}
                                   for name, (test, given) in TESTS.items()]  # fmt: skip
    where = {"sqlnomaly.volume_anomalies": {
        "name": "with_dbts_where", "config": {"where": "kind = 'same'"},
        "arguments": {"timestamp_column": "at_time", "every": True},
    }}  # fmt: skip
    schema = {"models": [{"name": "rows", "columns": columns, "data_tests": [*asked, where]}]}
    project.write({
        "models/rows.sql": f"SELECT * FROM read_parquet('{path}')",
        "models/schema.yml": yaml.safe_dump(schema),
    })  # fmt: skip
    project.run("run").ok()
    done = project.run("test", "--store-failures", variables={"sqlnomaly_now": NOW.isoformat()})
    assert not [node for node in done.nodes.values() if node.status == "error"], done.output
    stored: dict[str, Any] = {"statuses": {name: node.status for name, node in done.nodes.items()}}
    with duckdb.connect(str(project.folder / "target/warehouse.duckdb"), read_only=True) as connection:
        for name in [*TESTS, "with_dbts_where"]:
            result = connection.execute(f"SELECT * FROM main_dbt_test__audit.{name}")
            names = [column[0] for column in result.description]
            stored[name] = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return stored


def psi(old: Sequence[Any], new: Sequence[Any], bins: Sequence[Any]) -> float:
    """The population stability index of the bins of values, half a row added to each."""
    total = 0.0
    for one in sorted(set(bins)):
        shares = [(values.count(one) + 0.5) / (len(values) + 0.5 * len(set(bins))) for values in (list(new), list(old))]
        total += (shares[0] - shares[1]) * math.log(shares[0] / shares[1])
    return total


@pytest.mark.parametrize("kind", OLD)
def test_ks_is_that_of_scipy(found: Mapping[str, list[Any]], kind: str) -> None:
    (row,) = found[f"ks_{kind}"]
    root = (560 * 60 / 620) ** 0.5
    expected = stats.ks_2samp(OLD[kind], NEW[kind], method="asymp")
    assert row["value"] == pytest.approx(expected.statistic)
    # The one term of the series that the test takes is within a hundredth of it wherever it decides.
    if expected.pvalue < 0.2:
        assert row["chance"] == pytest.approx(2 * math.exp(-2 * (expected.statistic * root) ** 2))
        assert row["chance"] == pytest.approx(stats.kstwobign.sf(expected.statistic * root), rel=0.01)
    assert (row["tested_rows"], row["training_rows"]) == (60, 560)


@pytest.mark.parametrize("kind", OLD)
def test_psi_is_that_of_tenths_of_the_past(found: Mapping[str, list[Any]], kind: str) -> None:
    (row,) = found[f"psi_{kind}"]
    ordered = sorted(OLD[kind])
    edges = [ordered[56 * tenth - 1] for tenth in range(1, 10)]
    old, new = ([bisect.bisect_left(edges, value) for value in values] for values in (OLD[kind], NEW[kind]))
    assert row["value"] == pytest.approx(psi(old, new, old + new))
    # Without a change PSI is about chi-squared of one bin less, times the sum of the inverse numbers of rows.
    chance = stats.chi2.isf([0.01, 0.001], 9) * (1 / 60 + 1 / 560)
    assert row["level"] == (
        "error" if row["value"] > max(0.25, chance[1]) else "warn" if row["value"] > max(0.1, chance[0]) else "none"
    )


def test_psi_of_texts(found: Mapping[str, list[Any]]) -> None:
    (row,) = found["psi_sorts"]
    assert row["value"] == pytest.approx(psi(SORTS["old"], SORTS["new"], "abcd"))
    assert row["level"] == "error"


def test_what_did_not_drift_passes(found: Mapping[str, Any]) -> None:
    assert {found["statuses"][name] for name in ("psi_plain", "ks_plain", "too_few")} == {"pass"}


def test_values_that_come_and_go_are_told(found: Mapping[str, list[Any]]) -> None:
    said = {row["dimension"]: (row["level"], row["status"]) for row in found["countries"]}
    assert said == {
        "steady": ("none", "constant_baseline"),
        "fallen": ("error", "ok"),
        "vanished": ("warn", "vanished"),
        "rare": ("none", "ok"),
        "new": ("warn", "new_value"),
        "new_but_few": ("warn", "new_value"),
    }
    large = {row["dimension"]: row["level"] for row in found["countries_large"]}
    assert (large["new"], large["new_but_few"], large["vanished"]) == ("error", "none", "none")
    known = {row["dimension"]: row["level"] for row in found["countries_known"]}
    assert (known["new"], known["vanished"]) == ("none", "warn")


def test_rows_that_stopped_early_are_told(found: Mapping[str, list[Any]]) -> None:
    (row,) = found["arrivals"]
    ages = [(24 - hour) * 3600.0 for hour in ARRIVED]
    assert (row["level"], row["value"]) == ("error", ages[-1])
    assert row["expected"] == pytest.approx(statistics.fmean(ages[:-1]))


def test_odd_rows_are_found(found: Mapping[str, list[Any]]) -> None:
    assert [row["value"] for row in found["odd_rows"] if row["level"] == "error"] == [40.0]


def test_changed_columns_are_told(found: Mapping[str, Any]) -> None:
    said = {name: status for name, status in found["statuses"].items() if name.startswith("columns_")}
    assert said == {
        "columns_same": "pass", "columns_changed": "fail", "columns_named": "warn", "columns_new_is_fine": "pass",
        "columns_documented": "pass",
    }  # fmt: skip
    shown = ("column_name", "change", "expected_type", "found_type")
    changes = {tuple(row[name] for name in shown) for row in found["columns_changed"]}
    assert changes == {
        ("id", "type", "varchar", "bigint"), ("gone", "missing", "varchar", ""),
        ("sort", "new", "", "character varying(256)"),
    }  # fmt: skip


def test_dbts_own_where_is_obeyed(found: Mapping[str, list[Any]]) -> None:
    (row,) = found["with_dbts_where"]
    assert (row["value"], row["expected"]) == (60, 20)
