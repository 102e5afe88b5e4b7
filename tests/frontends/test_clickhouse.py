"""ClickHouse: seriesOutliersDetectTukey on lists, beside ClickHouse itself."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

import sqlnomaly
from sqlnomaly import CallError, UnsupportedError
from tests.conftest import missing_engine
from tests.engines.clickhouse import ClickHouse
from tests.frontends.asked import text_of, translated

SETTINGS = ("", ", 0.25, 0.75, 1.5", ", 0.1, 0.9, 0.0", ", 0.02, 0.98, 3", ", 0.5, 0.5, 1.0", ", 0.3, 0.7, 1.5")
SIZES = (4, 5, 6, 7, 8, 12, 30, 100)


@pytest.fixture(scope="module")
def clickhouse() -> Iterator[ClickHouse]:
    """The engine whose function it is."""
    try:
        engine = ClickHouse()
    except ImportError as error:
        missing_engine("clickhouse", str(error))
    yield engine
    engine.close()


def queries() -> list[str]:
    """The function over series of several lengths, with ties and one value far away."""
    draw = random.Random(5)
    found = []
    for size in SIZES:
        values = [100.0, *(round(draw.gauss(0, 4)) / 2 for _ in range(size - 1))]
        found += [f"SELECT seriesOutliersDetectTukey({values}{settings}) AS scores" for settings in SETTINGS]
    return found


@pytest.mark.duckdb
def test_duckdb_gives_the_scores_that_clickhouse_gives(clickhouse: ClickHouse) -> None:
    with sqlnomaly.connect() as session:
        for query in queries():
            text = text_of(query, "clickhouse", write="duckdb")
            (scores,) = session.sql(text, read="clickhouse").fetchall()[0]
            assert scores == clickhouse.run(query).to_pylist()[0]["scores"], query


@pytest.mark.spark
@pytest.mark.thorough
def test_spark_gives_the_scores_that_clickhouse_gives(clickhouse: ClickHouse) -> None:
    with sqlnomaly.connect("spark") as session:
        for query in queries()[:: len(SETTINGS) - 1]:
            text = text_of(query, "clickhouse", write="spark")
            (scores,) = session.sql(text, read="clickhouse").fetchall()[0]
            assert list(scores) == clickhouse.run(query).to_pylist()[0]["scores"], query


@pytest.mark.duckdb
def test_a_series_may_be_an_aggregate_and_too_short_or_incomplete_ones_have_no_scores() -> None:
    whole = "('a', 1), ('a', 2), ('a', 3), ('a', 4), ('a', 90)"
    rows = f"(VALUES {whole}, ('b', 1), ('c', NULL), ('c', 1), ('c', 2), ('c', 3)) AS t(k, v)"
    sql = f"SELECT k, seriesOutliersDetectTukey(LIST(v ORDER BY v)) AS s FROM {rows} GROUP BY k ORDER BY k"
    with sqlnomaly.connect() as session:
        found = session.sql(text_of(sql, "duckdb"), read="duckdb").fetchall()
    assert found == [("a", [0.0, 0.0, 0.0, 0.0, 83.0]), ("b", None), ("c", None)]


def test_clickhouse_runs_its_own() -> None:
    assert translated("SELECT seriesOutliersDetectTukey(s) FROM t", "clickhouse") is None


def test_other_engines_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="to postgres is not supported"):
        translated("SELECT seriesOutliersDetectTukey(s) FROM t", "clickhouse", write="postgres")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("s, 0.25", "one argument or four"),
        ("s, 25, 75, 1.5", "percents are not taken"),
        ("s, 0.75, 0.25, 1.5", "does not lie from 0.75"),
        ("s, 0.25, 0.75, -1", "K is 0 or more"),
        ("s, 0.25, 0.75, k", "is no number"),
    ],
)
def test_arguments_that_clickhouse_refuses_are_refused(arguments: str, said: str) -> None:
    with pytest.raises(CallError, match=said):
        translated(f"SELECT seriesOutliersDetectTukey({arguments}) FROM t", "clickhouse", write="duckdb")
