"""The packs of PostgreSQL and Redshift: they give what the language gives, quote every name, and refuse by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sqlnomaly.errors import EngineError
from sqlnomaly.install import cells, postgres, redshift
from sqlnomaly.install.pack import Pack, owned
from sqlnomaly.pushdown.relation_form import COLUMNS
from sqlnomaly.session import Session
from tests.conformance.ask import Ask, quoted
from tests.conformance.compare import near, slack
from tests.conformance.datasets import HOSTILE_TABLES, NUMERIC, DataSet
from tests.conformance.on_postgres import OnPostgres
from tests.engines.snowflake_grammar import check
from tests.install.catalog import existing
from tests.install.test_cells import alike, text
from tests.thorough import some

pytestmark = pytest.mark.postgres

SQL = Path(__file__).parents[2] / "sql" / "install"
ORDERS = (
    "CREATE TABLE orders AS SELECT i AS id, 100 + 20 * SIN(i * i) AS amount, i % 7 AS items, i % 3 AS store, "
    "'word' AS word FROM generate_series(0, 239) g(i)"
)
OTHERS = [data for data in NUMERIC if data.name not in HOSTILE_TABLES or data.name in ("source", "terms")]


@pytest.fixture(scope="module")
def server() -> Iterator[OnPostgres]:
    try:
        runner = OnPostgres()
    except ImportError as error:
        pytest.skip(f"engine postgres is missing: {error}")
    for data in NUMERIC:
        runner.load(data)
    runner.engine.run(ORDERS)
    make(runner, postgres.pack())
    runner.engine.run("CREATE SCHEMA redshift")
    make(runner, redshift.pack("redshift"))
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def session(server: OnPostgres) -> Session:
    return Session(server.engine)


def make(server: OnPostgres, pack: Pack) -> None:
    for statement in pack.statements():
        server.engine.run(statement)


def rows(server: OnPostgres, sql: str) -> list[list[Any]]:
    table = server.engine.run(sql)
    return [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]


def wanted(session: Session, data: DataSet, detector: str) -> dict[int, list[Any]]:
    """What the language gives, by calls."""
    features = ", ".join(quoted(name, "postgres") for name in data.features)
    keys = ", ".join(quoted(key, "postgres") for key in data.keys)
    over = f"OVER ({f'PARTITION BY {keys}' if keys else ''})"
    calls = ", ".join(f"{name}({features}, detector => '{detector}') {over} AS {name}" for name in COLUMNS)
    table = session.sql(f"SELECT id, {calls} FROM {quoted(data.name, 'postgres')}").arrow()
    found = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return {row[0]: list(row[1:]) for row in found}


def array(names: tuple[str, ...]) -> str:
    return f"CAST(ARRAY[{', '.join(text(name) for name in names)}] AS TEXT[])"


def unlike(
    found: list[list[Any]],
    right: dict[int, list[Any]],
    data: DataSet,
    detector: str,
    *,
    rounded: bool = False,
) -> list[Any]:
    """The rows that differ.

    Args:
        rounded: whether scores are rounded to 15 digits, so that those an ulp apart tie: the probability counts ties.
    """
    allowed = slack(data, Ask(), detector)
    assert sorted(row[0] for row in found) == sorted(right)
    leeway: dict[int, float] = {}
    if rounded:
        scores: Any = {key: SimpleNamespace(score=row[0]) for key, row in right.items()}
        leeway = near(data, Ask(partition=data.keys, functions=("anomaly_probability",)), scores, allowed)
    bad = []
    for key, *answers in found:
        other = list(right[key])
        if rounded and answers[1] is not None and abs(answers[1] - other[1]) <= leeway[key] + 1e-12:
            other[1] = answers[1]
        if not alike(answers, other, allowed):
            bad.append((key, answers, right[key]))
    return bad


@pytest.mark.parametrize("detector", cells.names())
@pytest.mark.parametrize("data", some(OTHERS), ids=lambda data: data.name)
def test_the_function_gives_what_the_language_gives(
    server: OnPostgres, session: Session, data: DataSet, detector: str
) -> None:
    table = quoted(data.name, "postgres")
    found = rows(
        server,
        f"SELECT (given).id, {', '.join(COLUMNS)} FROM detect_anomalies(NULL::{table}, {array(data.features)}, "
        f"detector => '{detector}', partition_by => {array(data.keys)})",
    )
    assert unlike(found, wanted(session, data, detector), data, detector) == []


@pytest.mark.parametrize("detector", cells.names())
@pytest.mark.parametrize("data", some(OTHERS), ids=lambda data: data.name)
def test_redshifts_procedure_gives_what_the_language_gives(
    server: OnPostgres, session: Session, data: DataSet, detector: str
) -> None:
    server.engine.run("DROP TABLE IF EXISTS scored_there")
    keys = text(", ".join(data.keys)) if data.keys else "NULL"
    server.engine.run(
        f"CALL redshift.detect_anomalies({text(data.name)}, 'scored_there', {text(', '.join(data.features))}, "
        f"'{detector}', {keys}, NULL, NULL)"
    )
    found = rows(server, f"SELECT id, {', '.join(COLUMNS)} FROM scored_there")
    assert unlike(found, wanted(session, data, detector), data, detector, rounded=True) == []


def test_the_procedure_fills_a_temporary_table_with_every_column(server: OnPostgres) -> None:
    server.engine.run("CALL detect_anomalies('orders', 'Scored \"1', ARRAY['amount'], contamination => 0.1)")
    table = server.engine.run('SELECT * FROM "Scored ""1"')
    assert table.column_names == ["id", "amount", "items", "store", "word", *COLUMNS]
    assert table.num_rows == 240
    assert sum(table["is_anomaly"].to_pylist()) == 24


def test_redshifts_procedure_keeps_every_column_and_leaves_no_table_of_its_own(server: OnPostgres) -> None:
    server.engine.run(
        "CALL redshift.detect_anomalies('public.orders', 'kept', 'amount', NULL, NULL, 1.2, NULL)"
    )
    table = server.engine.run("SELECT * FROM kept")
    assert table.column_names == ["id", "amount", "items", "store", "word", *COLUMNS]
    assert set(table["anomaly_threshold"].to_pylist()) == {1.2}
    assert rows(server, f"SELECT COUNT(*) FROM pg_class WHERE relname = '{redshift.ROWS}'") == [[0]]


def test_a_view_of_any_types_and_names_is_judged(server: OnPostgres) -> None:
    server.engine.run(
        'CREATE OR REPLACE VIEW "A view" AS SELECT id AS row_id, amount AS x, store AS "select", items > 3 AS "It""s", '
        "CAST('2024-03-30 12:00+01' AS TIMESTAMP WITH TIME ZONE) + id * INTERVAL '1 hour' AS part FROM orders"
    )
    found = rows(
        server,
        'SELECT (given).row_id, anomaly_score FROM detect_anomalies(NULL::"A view", '
        "ARRAY['x', 'It\"s', 'part', 'row_id'], partition_by => ARRAY['select'])",
    )
    assert len(found) == 240
    assert all(row[1] is not None for row in found)


@pytest.mark.parametrize(
    ("arguments", "piece"),
    [
        ("NULL::orders, ARRAY['nope']", "no column"),
        ("NULL::orders, ARRAY['amount'], partition_by => ARRAY['nope']", "no column"),
        ("NULL::orders, ARRAY['amount', 'Amount']", "named twice"),
        ("NULL::orders, '{}'", "no features"),
        ("NULL::orders, ARRAY['word']", "no number"),
        ("NULL::orders, ARRAY['amount'], detector => 'foo'", "unknown detector foo"),
        ("NULL::orders, ARRAY['amount'], detector => NULL", "unknown detector NULL"),
        ("NULL::orders, ARRAY['amount'], detector => 'mahalanobis'", "mahalanobis is refused"),
        ("NULL::orders, ARRAY['amount'], detector => 'ewma'", "ewma is refused"),
        ("NULL::orders, ARRAY['amount'], detector => 'iforest'", "iforest is refused"),
        ("NULL::orders, ARRAY['amount'], contamination => 0.7", "out of range"),
        ("NULL::orders, ARRAY['amount'], threshold => 'NaN'", "threshold is no number"),
        ("NULL::orders, ARRAY['amount'], threshold => 3, contamination => 0.1", "exclude each other"),
        ("CAST('orders' AS TEXT), ARRAY['amount']", "NULL::orders"),
    ],
)
def test_the_function_refuses_with_what_is_allowed(server: OnPostgres, arguments: str, piece: str) -> None:
    with pytest.raises(EngineError, match=piece):
        server.engine.run(f"SELECT * FROM detect_anomalies({arguments})")


@pytest.mark.parametrize(
    ("arguments", "piece"),
    [
        ("'orders', 'r', 'nope', NULL, NULL, NULL, NULL", "no column"),
        ("'orders', 'r', 'amount, Amount', NULL, NULL, NULL, NULL", "named twice"),
        ("'orders', 'r', 'word', NULL, NULL, NULL, NULL", "no number"),
        ("'orders', 'r', 'amount', NULL, 'nope', NULL, NULL", "no column"),
        ("'nowhere', 'r', 'amount', NULL, NULL, NULL, NULL", "no table"),
        ("'orders', 'r', 'amount', 'foo', NULL, NULL, NULL", "unknown detector foo"),
        ("'orders', 'r', 'amount', 'mahalanobis', NULL, NULL, NULL", "mahalanobis is refused"),
        ("'orders', 'r', 'amount', NULL, NULL, 1, 0.1", "exclude each other"),
        ("'orders', 'r', 'amount', NULL, NULL, NULL, 0.9", "out of range"),
        ("'orders', 'r', 'amount', NULL, NULL, 1e200, NULL", "threshold is no number"),
        ("'orders', NULL, 'amount', NULL, NULL, NULL, NULL", "have to be named"),
    ],
)
def test_redshifts_procedure_refuses_with_what_is_allowed(
    server: OnPostgres, arguments: str, piece: str
) -> None:
    with pytest.raises(EngineError, match=piece):
        server.engine.run(f"CALL redshift.detect_anomalies({arguments})")


def test_a_name_is_never_read_as_sql(server: OnPostgres) -> None:
    evil = "amount\"; DROP TABLE orders; --'"
    with pytest.raises(EngineError, match="no column"):
        server.engine.run(f"SELECT * FROM detect_anomalies(NULL::orders, ARRAY[{text(evil)}])")
    with pytest.raises(EngineError, match="no column"):
        server.engine.run(
            f"CALL redshift.detect_anomalies('orders', 'r', {text(evil)}, NULL, NULL, NULL, NULL)"
        )
    server.engine.run(f"CALL detect_anomalies('orders', {text(evil)}, ARRAY['amount'])")
    assert rows(server, "SELECT COUNT(*) FROM orders") == [[240]]


@pytest.mark.parametrize("pack", [postgres, redshift], ids=["postgres", "redshift"])
def test_installing_twice_changes_nothing_and_uninstalling_leaves_nothing(
    server: OnPostgres, pack: Any
) -> None:
    schema = 'My "tools'
    server.engine.run(f"CREATE SCHEMA {quoted(schema, 'postgres')}")
    make(server, pack.pack(schema))
    once = rows(server, existing(pack.pack(), schema))
    make(server, pack.pack(schema))
    assert rows(server, existing(pack.pack(), schema)) == once
    assert len(once) == len(pack.pack(schema).items)
    assert all(owned(comment) for _, comment, _ in once)
    for statement in pack.pack(schema).removals():
        server.engine.run(statement)
    assert rows(server, existing(pack.pack(), schema)) == []
    server.engine.run(f"DROP SCHEMA {quoted(schema, 'postgres')}")


def test_a_users_own_function_is_told_from_ours(server: OnPostgres) -> None:
    server.engine.run("CREATE SCHEMA theirs")
    server.engine.run("CREATE FUNCTION theirs.detect_anomalies(x INT) RETURNS INT LANGUAGE sql AS 'SELECT x'")
    assert [owned(comment) for _, comment, _ in rows(server, existing(postgres.pack(), "theirs"))] == [False]


def test_redshifts_script_parses_as_redshift() -> None:
    check(redshift.pack().script, "redshift")


@pytest.mark.parametrize("pack", [postgres, redshift], ids=["postgres", "redshift"])
def test_the_checked_in_script_is_the_pack(pack: Any) -> None:
    made: Pack = pack.pack()
    assert (SQL / f"{made.dialect}.sql").read_text() == made.script
