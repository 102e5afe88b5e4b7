"""fit(A) + fit(B) = fit(A and B): the states of parts, pooled in SQL, are the state of all rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlglot import exp

import sqlnomaly
from sqlnomaly.dialects import get_dialect
from sqlnomaly.engines import Engine, open_engine
from sqlnomaly.errors import SqlnomalyError
from sqlnomaly.pushdown.contract import Categories, Detector
from sqlnomaly.pushdown.plan import FEATURE, VALUE
from sqlnomaly.pushdown.pooling import pooled
from sqlnomaly.pushdown.trainer import Training
from sqlnomaly.training import plan_training
from sqlnomaly.udfs.registry import detectors
from tests.conftest import missing_engine
from tests.engines.postgres import Server
from tests.thorough import some

Row = tuple[str | None, Any, Any]
Find = Callable[[str], list[dict[str, Any]]]

POOLS = (
    "avf", "benford", "copod", "ecod", "grubbs", "mahalanobis", "pca", "rare_pairs", "rare_values", "zscore",
)  # fmt: skip
NUMBERS = pa.schema([("shop", pa.string()), ("x", pa.float64()), ("y", pa.float64())])
WORDS = pa.schema([("shop", pa.string()), ("x", pa.string()), ("y", pa.string())])
FOUND = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller example takes minutes."""

ordinary = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
edge = st.sampled_from([None, float("nan"), math.inf, -math.inf, 0.0, -0.0, 1e-12, 1e12, 1.7e9, 1.7e9 + 1e-3, 7.0, 7.0])
word = st.sampled_from([None, "", "a", "b", "a'b", "Ünïcode", "a:b", "b:a"])
shop = st.sampled_from([None, "north", "south"])


def parts_of(value: st.SearchStrategy[Any]) -> st.SearchStrategy[list[list[Row]]]:
    """Two bodies of rows, any of them empty."""
    return st.lists(st.lists(st.tuples(shop, value, value), max_size=12), min_size=2, max_size=2)


def test_the_detectors_that_pool_are_those_that_say_so() -> None:
    native = {name: kind for name, kind in detectors().items() if not name.startswith("pyod.")}
    assert sorted(name for name, kind in native.items() if kind.pool is not Detector.pool) == sorted(POOLS)


def test_classes_of_two_bodies_of_rows_do_not_pool() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({"x": [1.0, 2.0, 3.0]}))
        for detector in ("ecod", "copod"):
            training = plan_training(session.engine, "SELECT x FROM t", detector, {"exact": False}, (), "_0")
            assert training.state is None


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", some(POOLS, and_also=("zscore",)))
def test_states_of_parts_are_the_state_of_all(detector: str) -> None:
    categories = detectors()[detector].categories is Categories.ALL
    value, schema = (word, WORDS) if categories else (st.one_of(ordinary, edge), NUMBERS)
    with sqlnomaly.connect() as session:

        @settings(max_examples=6, deadline=None, phases=FOUND, suppress_health_check=[HealthCheck.too_slow])
        @given(parts=parts_of(value))
        def holds(parts: list[list[Row]]) -> None:
            assert differences(session.engine, session.load, detector, parts, schema) == []

        holds()


@pytest.fixture(scope="module")
def postgres() -> Iterator[Any]:
    """A server of the suite's own."""
    try:
        server = Server()
        engine = open_engine(server.url)
    except (ImportError, OSError, SqlnomalyError) as error:
        missing_engine("postgres", str(error))
    yield engine
    engine.close()
    server.stop()


@pytest.mark.postgres
@pytest.mark.parametrize("detector", POOLS)
def test_postgres_pools_too(detector: str, postgres: Any) -> None:
    if detectors()[detector].categories is Categories.ALL:
        schema = WORDS
        parts: list[list[Row]] = [[("a", "x", "y"), ("a", "x", None), (None, "z", "z")], [], [("a", "x", "y")]]
    else:
        schema = NUMBERS
        parts = [
            [("a", 1.7e9 + 0.25 * k, math.sin(k)) for k in range(9)] + [(None, 3.0, -1.0)],
            [("a", 1.7e9 - 2.5 * k, math.cos(k)) for k in range(7)] + [("b", 1.0, float("nan")), (None, 5.0, 2.0)],
        ]

    assert differences(postgres, postgres.load, detector, parts, schema) == []


def differences(
    engine: Engine,
    load: Callable[[str, pa.Table], None],
    detector: str,
    parts: Sequence[Sequence[Row]],
    schema: pa.Schema,
) -> list[str]:
    """Where the pooled state of the parts, and what follows from it, differ from the fit of all rows."""
    options = {"min_rows": 1} if detector == "benford" else {}
    bodies = [*parts, [row for part in parts for row in part]]
    trainings: list[Training] = []
    for number, rows in enumerate(bodies):
        columns = zip(*rows, strict=True) if rows else ([], [], [])
        arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
        load(f"rows_{number}", pa.table(arrays, schema=schema))
        query = f"SELECT shop, x, y FROM rows_{number}"
        trainings.append(plan_training(engine, query, detector, options, ("shop",), "_0"))
    whole = trainings[-1]
    assert whole.state is not None
    tables = []
    for number, training in enumerate(trainings[:-1]):
        assert training.state is not None
        engine.run(f"DROP TABLE IF EXISTS state_{number}")
        engine.run(f"CREATE TABLE state_{number} AS {training.state.query}")
        tables.append(exp.to_table(f"state_{number}"))
    dialect = get_dialect(engine.dialect)

    def found(query: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = engine.run(query).to_pylist()
        return rows

    pairs = [(pooled(whole.fit, dialect, whole.state, tables), whole.state.query)]
    if whole.client is None:
        pairs.append((pooled(whole.fit, dialect, whole.state, tables, finished=True), whole.model))
    return [problem for ours, all_at_once in pairs for problem in unlike(found(ours), found(all_at_once), schema)]


def unlike(ours: list[dict[str, Any]], whole: list[dict[str, Any]], schema: pa.Schema) -> list[str]:
    """Where two relations differ by more than rounding, in units of what varies."""
    ours, whole = sorted(ours, key=placed), sorted(whole, key=placed)
    if len(ours) != len(whole):
        return [f"{len(ours)} rows, {len(whole)} of all"]
    problems = []
    for one, other in zip(ours, whole, strict=True):
        for name, expected in other.items():
            if not close(one[name], expected, room(other, name)):
                problems.append(f"{name}: {one[name]!r}, {expected!r} of all")
    return problems


def placed(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Partition, and of a long relation the feature and the value."""
    names = [name for name in row if name in (FEATURE, VALUE) or "key" in name]
    return tuple(repr(value + 0.0 if isinstance(value, float) else value) for value in map(row.get, names))


def room(row: Mapping[str, Any], name: str) -> float:
    """The size of the numbers from which this one is made."""
    sizes = [abs(float(value)) for value in row.values() if isinstance(value, int | float) and math.isfinite(value)]
    return max(sizes, default=0.0)


def close(ours: Any, expected: Any, size: float) -> bool:
    """Equal to rounding."""
    if isinstance(expected, float) and ours is not None and math.isfinite(expected):
        return math.isclose(ours, expected, rel_tol=1e-9, abs_tol=1e-15 * size)
    return bool(ours == expected) or (ours != ours and expected != expected)
