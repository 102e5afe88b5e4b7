"""The sample key is the same text on every engine, so that each draws the same rows."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import pyarrow as pa
import pytest
from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.engines import Engine, open_engine
from sqlnomaly.errors import EngineError, MissingDriverError
from sqlnomaly.pushdown import ops, sample
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.ops import Expr
from tests.conftest import missing_engine
from tests.engines import snowflake_grammar
from tests.engines.googlesql import ROW_LIMIT, GoogleSql

Row = tuple[Any, ...]
Ask = Callable[[str, Mapping[str, pa.Table], Expr], list[Row]]

ROWS = {"duckdb": 30_000, "spark": 30_000, "bigquery": ROW_LIMIT}
"""How many values each engine is asked for; GoogleSQL's evaluator is a slow one."""

X, Y = ops.column("x"), ops.column("y")


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """Runs a query of the vocabulary on an engine by name; each engine starts at most once."""
    opened: dict[str, Engine] = {}
    with ExitStack() as closing:

        def engine(name: str) -> Engine:
            if name not in opened:
                try:
                    opened[name] = open_engine(name)
                except (MissingDriverError, EngineError) as error:
                    missing_engine(name, error.message)
                closing.callback(opened[name].close)
            return opened[name]

        def run(name: str, tables: Mapping[str, pa.Table], query: Expr) -> list[Row]:
            sql = printed(query, name)
            if name == "bigquery":
                kinds = {pa.float64(): "FLOAT64", pa.int64(): "INT64"}
                known = {
                    t: {field.name: kinds[field.type] for field in data.schema} for t, data in tables.items()
                }
                result = GoogleSql(known).execute(sql, tables)
            else:
                for table, data in tables.items():
                    engine(name).load(table, data)
                result = engine(name).run(sql)
            return list(zip(*(column.to_pylist() for column in result.columns), strict=True))

        yield run


def printed(query: Expr, name: str) -> str:
    """The query's text in a dialect."""
    dialect = get_dialect(name)
    text: str = order_defaults(lower(query, dialect), dialect).sql(dialect.sqlglot)
    return text


def values(count: int) -> list[float | None]:
    """NULL, zeros, powers of two and their neighbours, borders where a rounded logarithm tips, and noise."""
    edges: list[float] = [0.0, -0.0, 5e-324, 1e150, -1e150, 2.2250738585072014e-308, 1 / 3, 0.1]
    for exponent in range(-1074, 499):
        for share in (1.0, math.sqrt(0.5), 2**-0.3, 1.5):
            near = math.ldexp(share, exponent)
            edges += [near, math.nextafter(near, math.inf), -math.nextafter(near, 0.0)]
    chance = random.Random(7)
    chance.shuffle(edges)
    edges = [x for x in edges if abs(x) <= ops.LARGEST]
    while len(edges) < count:
        edges.append(math.ldexp(chance.uniform(-2, 2), chance.randint(-1073, 497)))
        edges.append(round(chance.lognormvariate(3, 4), 2))
        edges.append(float(chance.randint(-(10**6), 10**6)))
    return [None, 0.0, -0.0, 5e-324, 1e150, -1e150, *edges][:count]


def mixed_rows(count: int) -> list[tuple[float | None, float | None]]:
    """Rows with many copies, NULLs in either column, both zeros, and neighbours that share their k."""
    chance = random.Random(11)
    few = (None, 0.0, -0.0, 1.0, -1.0, 1 / 3, math.nextafter(1 / 3, 1.0), 1e150)
    return [
        (
            chance.choice(few) if chance.random() < 0.8 else chance.gauss(0, 1e6),
            chance.choice((None, 1.0, 2.0)),
        )
        for _ in range(count)
    ]


def table(data: Sequence[Row], *names: str) -> pa.Table:
    """Rows of doubles as an Arrow table."""
    return pa.table(
        {name: pa.array([row[at] for row in data], pa.float64()) for at, name in enumerate(names)}
    )


def drawn_by_brute_force(data: Sequence[Row], size: int, seed: int) -> list[Row]:
    """The sample by its definition: number the copies, hash, sort."""
    seen: Counter[tuple[str, ...]] = Counter()
    keyed = []
    for row in sorted(data, key=lambda row: [(x is not None, x or 0.0) for x in row]):
        texts = tuple(map(sample.python_key_text, row))
        seen[texts] += 1
        keyed.append((sample.python_sample_key(seed, seen[texts], row), row))
    return [row for _, row in sorted(keyed, key=lambda pair: pair[0])[:size]]


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (None, "n"),
        (0.0, "0:0"),
        (-0.0, "0:0"),
        (1.0, "1099511627776:0"),
        (-3.0, "-1649267441664:1"),
        (0.5, "1099511627776:-1"),
        (5e-324, "1099511627776:-1074"),
        (math.nextafter(1.0, 0.0), "2199023255551:-1"),
        (math.nextafter(1.0, 2.0), "1099511627776:0"),
    ],
)
def test_k_by_hand(x: float | None, text: str) -> None:
    assert sample.python_key_text(x) == text


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf, 1.1e150])
def test_a_number_that_was_not_cleaned_is_refused(x: float) -> None:
    with pytest.raises(ValueError, match="out of range"):
        sample.python_key_text(x)


def test_the_key_is_the_md5_of_the_documented_text() -> None:
    # printf '7|2|n|-1649267441664:1' | md5sum
    assert sample.python_sample_key(7, 2, [None, -3.0]) == "847cb7a3aa941e7b36d3562a8c5e7924"


@pytest.mark.parametrize("engine", ROWS)
def test_k_is_the_same_text_on_every_engine(engine: str, ask: Ask) -> None:
    data = values(ROWS[engine])
    numbered = table([(float(i), x) for i, x in enumerate(data)], "i", "x")
    query = exp.Select(expressions=[ops.column("i"), exp.alias_(sample.key_text(X), "k")]).from_("t")
    found = sorted(ask(engine, {"t": numbered}, query))
    differing = [(x, k) for x, (_, k) in zip(data, found, strict=True) if k != sample.python_key_text(x)]
    assert not differing


@pytest.mark.parametrize("engine", ROWS)
def test_the_key_is_the_same_on_every_engine(engine: str, ask: Ask) -> None:
    data = mixed_rows(300)
    numbered = table([(float(i), *row) for i, row in enumerate(data)], "i", "x", "y")
    key = sample.sample_key(5, ops.cast_double(ops.integer(3)), [X, Y])
    found = sorted(
        ask(
            engine,
            {"t": numbered},
            exp.Select(expressions=[ops.column("i"), exp.alias_(key, "k")]).from_("t"),
        )
    )
    assert [k for _, k in found] == [sample.python_sample_key(5, 3, row) for row in data]


@pytest.mark.parametrize("engine", ROWS)
def test_every_engine_draws_the_same_rows_in_the_same_order(engine: str, ask: Ask) -> None:
    data = mixed_rows(min(ROWS[engine], 4_000))
    query = sample.sample_query(exp.to_table("t"), [X, Y], size=200, seed=5)
    assert ask(engine, {"t": table(data, "x", "y")}, query) == drawn_by_brute_force(data, 200, 5)


@pytest.mark.duckdb
def test_the_ordinal_numbers_the_copies_of_a_row(ask: Ask) -> None:
    data = [(1.0,), (1.0,), (2.0,), (None,), (None,)]
    found = ask(
        "duckdb", {"t": table(data, "x")}, exp.Select(expressions=[X, sample.ordinal([X])]).from_("t")
    )
    assert Counter(found) == Counter([(1.0, 1), (1.0, 2), (2.0, 1), (None, 1), (None, 2)])


@pytest.mark.duckdb
def test_a_value_with_many_copies_gets_its_share_of_the_sample(ask: Ask) -> None:
    data = [(1.0,)] * 2_000 + [(float(i),) for i in range(2_000, 4_000)]
    query = sample.sample_query(exp.to_table("t"), [X], size=1_000)
    share = ask("duckdb", {"t": table(data, "x")}, query).count((1.0,)) / 1_000
    assert 0.45 < share < 0.55


@pytest.mark.duckdb
def test_another_seed_draws_other_rows(ask: Ask) -> None:
    data = {"t": table([(float(i),) for i in range(1_000)], "x")}
    first, second = (
        set(ask("duckdb", data, sample.sample_query(exp.to_table("t"), [X], size=100, seed=seed)))
        for seed in (0, 1)
    )
    assert len(first & second) < 50


@pytest.mark.duckdb
def test_generated_names_give_way_to_the_features(ask: Ask) -> None:
    names = ("guess_1", "Fraction_1", "k_2", "copy_number", 'a "b"')
    data = [(1.0, None, 3.0, 0.5, -2.0), (2.0, 7.0, -3.0, 0.25, 0.0)]
    source = exp.Select(expressions=[exp.Star()]).from_("stage_1")
    query = sample.sample_query(source, [exp.column(name, quoted=True) for name in names], size=9)
    assert ask("duckdb", {"stage_1": table(data, *names)}, query) == drawn_by_brute_force(data, 9, 0)


@pytest.mark.snowflake
def test_the_sample_parses_as_snowflake() -> None:
    snowflake_grammar.check(printed(sample.sample_query(exp.to_table("t"), [X, Y], size=10), "snowflake"))


def test_a_sample_without_features_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one feature"):
        sample.sample_query(exp.to_table("t"), [], size=1)


def test_a_sample_of_fewer_than_no_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 rows"):
        sample.sample_query(exp.to_table("t"), [X], size=-1)
