"""``lead_lag``: beside numpy, planted leaders, false alarms, and series of which nothing can be said."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binom

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.errors import SqlnomalyError
from tests.conformance.on_printed import misplaced_conditions
from tests.engines.sessions import on_postgres, on_spark
from tests.engines.snowflake_grammar import check
from tests.reference.lead_lag import led
from tests.thorough import some

pytestmark = pytest.mark.duckdb
FORM = "lead_lag(series, features => ['a', 'b', 'c'], partition_by => ['k'], order_by => 't', max_lag => 4)"


def series(seed: int) -> list[dict[str, Any]]:
    """Three series: of noise, of a walk that leads, and one of few points; with gaps, and two rows of some times."""
    rng = random.Random(seed)
    found: list[dict[str, Any]] = []
    for key, rows in (("noise", 60), (None, 60), ("short", 12)):
        level, past = 1e6, [1e6] * 3
        for i in range(rows):
            level = rng.gauss(0, 1) + (level if key is None else 0)
            past.append(level)
            values: list[float | None] = [level, past[-3] + rng.gauss(0, 0.3), 4.0 if key == "noise" else rng.random()]
            for _ in range(2 if rng.random() < 0.1 else 1):
                held = [None if rng.random() < 0.02 else x for x in values]
                found.append({"k": key, "t": i * 3 + (i % 2), **dict(zip("abc", held, strict=True))})
    found.append({"k": "noise", "t": None, "a": 1.0, "b": 1.0, "c": 1.0})
    rng.shuffle(found)
    return found


def wanted(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Key and pair -> what numpy says: who leads, by how much, and the numbers."""
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for key in {row["k"] for row in rows}:
        times = sorted({row["t"] for row in rows if row["k"] == key and row["t"] is not None})
        points: dict[str, list[float | None]] = {}
        for name in "abc":
            cells = [[r[name] for r in rows if r["k"] == key and r["t"] == t and r[name] is not None] for t in times]
            points[name] = [float(np.mean(cell)) if cell else None for cell in cells]
        for first, second in combinations("abc", 2):
            one = led(points[first], points[second], 4)
            ahead = (second, first) if one.lag is not None and one.lag < 0 else (first, second)
            lag = None if one.lag is None else abs(one.lag)
            found[key, frozenset(ahead)] = (*ahead, lag, one.correlation, one.at_zero, one.p, one.n, one.status)
    return found


def agree(session: Session, seed: int) -> None:
    """The statement says what numpy says."""
    rows = series(seed)
    session.load("series", pa.Table.from_pylist(rows))
    compare(rows, [tuple(row) for row in session.sql(f"SELECT * FROM {FORM}", read="duckdb").fetchall()])


def compare(rows: list[dict[str, Any]], answers: list[tuple[Any, ...]]) -> None:
    """The answers are those of numpy."""
    found = {(row[0], frozenset(row[1:3])): row[1:] for row in answers}
    expected = wanted(rows)
    assert found.keys() == expected.keys()
    assert len(answers) == len(expected)
    for key, row in expected.items():
        assert found[key] == tuple(pytest.approx(x, rel=2e-6, abs=1e-9) if isinstance(x, float) else x for x in row)
    assert {row[-1] for row in expected.values()} == {"ok", "constant", "too_few_rows"}


def test_it_says_what_numpy_says_of_series_with_gaps_and_rows_of_one_time() -> None:
    with sqlnomaly.connect() as session:
        for seed in range(4):
            agree(session, seed)


@pytest.mark.postgres
def test_so_it_is_on_postgres() -> None:
    with on_postgres() as session:
        agree(session, 5)


@pytest.mark.spark
@pytest.mark.slow
def test_so_it_is_on_spark() -> None:
    with on_spark() as session:
        agree(session, 6)


def made(kind: str, rng: np.random.Generator, many: int, rows: int = 200) -> np.ndarray:
    """Series of a kind, a row each."""
    e = rng.normal(size=(many, rows + 50))
    if kind == "neighbors":
        for i in range(1, rows + 50):
            e[:, i] += 0.8 * e[:, i - 1]
    e = e[:, 50:]
    if kind == "walk":
        return e.cumsum(axis=1)
    return e + 0.1 * np.arange(rows) if kind == "trend" else e


def asked(a: np.ndarray, b: np.ndarray, options: str = "max_lag => 12") -> list[tuple[Any, ...]]:
    """Leader, lag and p-value of each pair of rows."""
    many, rows = a.shape
    table = pa.table(
        {"k": np.repeat(np.arange(many), rows), "t": np.tile(np.arange(rows), many), "a": a.ravel(), "b": b.ravel()}
    )
    form = f"lead_lag(series, features => ['a', 'b'], partition_by => ['k'], order_by => 't', {options})"
    with sqlnomaly.connect() as session:
        session.load("series", table)
        return [tuple(row) for row in session.sql(f"SELECT leader, lag, p_value FROM {form}").fetchall()]


KINDS = ("noise", "neighbors", "walk", "trend")


UNRELATED = [*zip(KINDS, KINDS, strict=True), ("walk", "noise"), ("walk", "neighbors")]


@pytest.mark.parametrize(("first", "second"), UNRELATED)
def test_of_series_that_have_nothing_to_do_with_each_other_few_are_significant(first: str, second: str) -> None:
    rng = np.random.default_rng(11)
    found = asked(made(first, rng, 200), made(second, rng, 200))
    assert sum(p < 0.05 for _, _, p in found) <= binom.isf(1e-3, len(found), 0.05)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lag", [1, 7])
def test_a_series_that_follows_another_one_is_found_with_its_lag(kind: str, lag: int) -> None:
    rng = np.random.default_rng(12)
    a = made(kind, rng, 50)
    b = np.concatenate([made("noise", rng, 50, lag), a[:, :-lag]], axis=1) + 0.7 * made("noise", rng, 50)
    found = asked(a, b)
    assert sum((leader, told) == ("a", lag) and p < 0.01 for leader, told, p in found) >= 48
    assert {(leader, told) for leader, told, p in asked(b, a) if p < 0.01} == {("b", lag)}


def test_series_that_move_together_have_a_lag_of_0_and_stand_in_the_order_of_the_call() -> None:
    a = made("walk", np.random.default_rng(13), 3)
    assert {(leader, lag) for leader, lag, _ in asked(a, -2 * a)} == {("a", 0)}


def test_a_bucket_makes_the_points_and_a_filter_picks_the_rows() -> None:
    rows = (
        "(SELECT TIMESTAMP '2025-03-03' + i * INTERVAL 20 MINUTE AS ts, i * i % 101 + 0.0 AS a, "
        "((i - 9) * (i - 9)) % 101 + 0.0 AS b, i < 900 AS good FROM range(9, 1000) AS s(i))"
    )
    with sqlnomaly.connect() as session:
        form = f"lead_lag({rows}, features => ['a', 'b'], order_by => 'ts', {{}})"
        found = session.sql(f"SELECT leader, laggard, lag, n FROM {form.format('max_lag => 12')}").fetchall()
        assert [tuple(row) for row in found] == [("a", "b", 9, 980)]
        options = "max_lag => 5, bucket => '1 hour', aggregate => 'mean'"
        found = session.sql(f"SELECT leader, laggard, lag FROM {form.format(options)}").fetchall()
        assert [tuple(row) for row in found] == [("a", "b", 3)]
        found = session.sql(f"SELECT n FROM {form.format('filter => ' + repr('good'))}").fetchall()
        assert [tuple(row) for row in found] == [(880,)]


def test_of_no_row_there_is_no_pair_and_of_one_row_too_little_is_known() -> None:
    with sqlnomaly.connect() as session:
        form = "SELECT leader, laggard, lag, p_value, status FROM lead_lag((SELECT 1 AS t, 2.0 AS a, 3.0 AS b{}), {})"
        options = "features => ['a', 'b'], order_by => 't'"
        assert session.sql(form.format(" WHERE FALSE", options)).fetchall() == []
        assert [tuple(row) for row in session.sql(form.format("", options)).fetchall()] == [
            ("a", "b", None, None, "too_few_rows")
        ]


@pytest.mark.parametrize("scale", [1e-140, 1e140])
def test_units_change_nothing(scale: float) -> None:
    rng = np.random.default_rng(14)
    a, b = made("walk", rng, 2, 60), made("walk", rng, 2, 60)
    plain, moved = asked(a, b), asked(a * scale, b)
    assert [row[:2] for row in sorted(moved)] == [row[:2] for row in sorted(plain)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("features => ['a', 'b']", "needs the times"),
        ("features => ['a'], order_by => 't'", "2 to 8 features"),
        (f"features => {[*'abcdefghi']}, order_by => 't'", "2 to 8 features"),
        ("features => ['a', 'b'], order_by => 't', max_lag => 0", "out of range"),
        ("features => ['a', 'b'], order_by => 't', max_lag => 101", "out of range"),
        ("features => ['a', 'b'], order_by => ['t', 'u']", "one time"),
        ("features => ['a', 'b'], order_by => 't desc'", "ascending"),
        ("features => ['a', 'b'], order_by => 't', partition_by => ['lag']", "lag"),
        ("features => ['a', 'b'], order_by => 't', partition_by => ['k', 'k']", "twice"),
        ("features => ['a', 'b'], order_by => 't', lags => 3", "unknown option 'lags'"),
    ],
)
def test_what_has_no_meaning_is_refused(arguments: str, said: str) -> None:
    with pytest.raises(SqlnomalyError, match=said):
        sqlnomaly.compile(f"SELECT * FROM lead_lag(series, {arguments})")


def test_a_feature_that_is_text_is_refused_where_its_type_is_known() -> None:
    with sqlnomaly.connect() as session:
        session.load("series", pa.table({"t": [1], "a": ["x"], "b": [1.0]}))
        with pytest.raises(SqlnomalyError, match="compares numbers, and a is a text"):
            session.sql("SELECT * FROM lead_lag(series, features => ['a', 'b'], order_by => 't')")


def compiled(write: str, form: str, **types: str) -> str:
    """The statement in an engine's words, over its own types."""
    named = {"k": "VARCHAR", "t": "BIGINT", "a": "DOUBLE", "b": "DOUBLE", "c": "DOUBLE"}
    schema = {"series": named | types}
    return sqlnomaly.compile(f"SELECT * FROM {form}", read=write, write=write, schema=schema).sql


@pytest.mark.bigquery
def test_so_it_is_on_googlesql() -> None:
    from tests.engines.googlesql import GoogleSql

    rows = series(7)
    engine = GoogleSql({"series": {"k": "STRING", "t": "INT64", "a": "FLOAT64", "b": "FLOAT64", "c": "FLOAT64"}})
    found = engine.execute(compiled("bigquery", FORM), {"series": pa.Table.from_pylist(rows)})
    compare(rows, [tuple(row.values()) for row in found.to_pylist()])


@pytest.mark.clickhouse
def test_so_it_is_on_clickhouse() -> None:
    from tests.engines.clickhouse import ClickHouse

    rows, number = series(8), "Nullable(Float64)"
    engine = ClickHouse()
    try:
        engine.load("series", pa.Table.from_pylist(rows), nullable=True)
        sql = compiled("clickhouse", FORM, k="Nullable(String)", t="Nullable(Int64)", a=number, b=number, c=number)
        compare(rows, [tuple(row.values()) for row in engine.run(sql).to_pylist()])
    finally:
        engine.close()


@pytest.mark.slow
@pytest.mark.parametrize("dialect", some(DIALECTS))
def test_every_dialect_says_it_in_words_that_it_has(dialect: str) -> None:
    known = get_dialect(dialect)
    form = FORM.replace("['a', 'b', 'c']", "'a, b, c'").replace("['k']", "'k'")
    sql = compiled(dialect, form)
    assert check_functions(sql, known.functions, known.sqlglot) == []
    if dialect in ("snowflake", "trino", "redshift", "databricks", "synapse", "fabric"):
        check(sql, "tsql" if dialect in ("synapse", "fabric") else dialect)
    if dialect in ("synapse", "fabric"):
        assert misplaced_conditions(sql) == []
    assert "-100 AS _sn_lag" in compiled(dialect, form.replace("max_lag => 4", "max_lag => 100"))
