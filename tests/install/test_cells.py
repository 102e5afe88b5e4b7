"""The query over cells gives what the language gives on the table itself."""

from __future__ import annotations

import pytest

from sqlnomaly import connect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.install import cells
from sqlnomaly.pushdown.relation_form import COLUMNS
from sqlnomaly.session import Session
from tests.conformance.ask import quoted
from tests.conformance.compare import Slack, close
from tests.conformance.datasets import NUMERIC, DataSet
from tests.conformance.on_duckdb import OnDuckDB

RULES = {"own": "", "threshold": ", threshold => 1.5", "contamination": ", contamination => 0.1"}
VARIED = ("gaussian", "all_null_group", "nonfinite")
"""Data sets for rules other than the detector's own."""
ASKS = [(data, rule) for data in NUMERIC for rule in RULES if rule == "own" or data.name in VARIED]


@pytest.fixture(scope="module")
def duck() -> OnDuckDB:
    runner = OnDuckDB()
    for data in NUMERIC:
        runner.load(data)
    return runner


@pytest.fixture(scope="module")
def session(duck: OnDuckDB) -> Session:
    return connect(duck.connection)


def by_language(session: Session, data: DataSet, detector: str, options: str) -> dict[int, list[object]]:
    """The six answers by id, from the relation form."""
    names = ", ".join(text(quoted(name, "duckdb")) for name in data.features)
    keys = ", ".join(text(quoted(name, "duckdb")) for name in data.keys)
    partition = f", partition_by => [{keys}]" if keys else ""
    answers = ", ".join(COLUMNS)
    rows = session.sql(
        f"SELECT id, {answers} FROM detect_anomalies({quoted(data.name, 'duckdb')}, features => [{names}], "
        f"detector => '{detector}'{partition}{options})"
    ).fetchall()
    return {row[0]: list(row[1:]) for row in rows}


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def cells_of(data: DataSet) -> str:
    """The data set as cells."""
    keys = ", ".join(quoted(key, "duckdb") for key in data.keys)
    part = f"DENSE_RANK() OVER (ORDER BY {keys})" if keys else "0"
    return " UNION ALL ".join(
        f"SELECT id AS row_id, {part} AS part, {place} AS feature, {number(data, name)} AS x "
        f"FROM {quoted(data.name, 'duckdb')}"
        for place, name in enumerate(data.features, start=1)
    )


def number(data: DataSet, name: str) -> str:
    kind = str(data.table.schema.field(name).type)
    column = quoted(name, "duckdb")
    if kind.startswith(("date", "timestamp")):
        return f"EPOCH({column}{'' if 'tz' in kind else '::TIMESTAMP'})"
    return f"CAST({column} AS DOUBLE)"


def over_cells(duck: OnDuckDB, data: DataSet, detector: str, rule: str) -> dict[int, list[object]]:
    fixed, share = cells.default_fixed(detector), cells.default_share(detector)
    if rule != "own":
        fixed, share = (1.5, share) if rule == "threshold" else (None, 0.9)
    query = cells.query(detector, "duckdb")
    query = query.replace(cells.FIXED, "NULL" if fixed is None else repr(fixed)).replace(
        cells.SHARE, repr(share)
    )
    rows = duck.connection.execute(f"WITH {cells.CELLS} AS ({cells_of(data)}) FROM ({query})").fetchall()
    found = {}
    for row in rows:
        answers = list(row[1:])
        answers[4] = None if answers[4] is None else data.features[answers[4] - 1]
        found[row[0]] = answers
    return found


def alike(left: list[object], right: list[object], allowed: Slack = lambda _: 1e-12) -> bool:
    return all(
        close(a, b, allowed) if isinstance(a, float) and isinstance(b, float) else a == b
        for a, b in zip(left, right, strict=True)
    )


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", cells.names())
@pytest.mark.parametrize(
    ("data", "rule"),
    [pytest.param(*ask, marks=pytest.mark.thorough if number % 2 else ()) for number, ask in enumerate(ASKS)],
    ids=[f"{data.name}-{rule}" for data, rule in ASKS],
)
def test_cells_give_what_the_table_gives(
    duck: OnDuckDB, session: Session, data: DataSet, detector: str, rule: str
) -> None:
    wanted = by_language(session, data, detector, RULES[rule])
    found = over_cells(duck, data, detector, rule)
    assert found.keys() == wanted.keys()
    assert [key for key, row in wanted.items() if not alike(found[key], row)] == []


def test_every_detector_is_said_over_cells_or_refused_with_a_remedy() -> None:
    assert {*cells.names(), *cells.refusals()} == set(cells.NATIVE)
    assert all("use" in reason for reason in cells.refusals().values())


@pytest.mark.parametrize("detector", ["mahalanobis", "ewma", "iforest"])
def test_a_detector_that_needs_whole_rows_or_an_order_is_refused_by_name(detector: str) -> None:
    with pytest.raises(UnsupportedError, match=detector):
        cells.query(detector, "duckdb")


@pytest.mark.parametrize("dialect", sorted(cells.TOTALS))
@pytest.mark.parametrize("detector", cells.names())
def test_the_query_names_its_relation_and_both_holes(detector: str, dialect: str) -> None:
    text = cells.query(detector, dialect)
    assert all(word in text for word in (cells.CELLS, cells.FIXED, cells.SHARE))


def test_rows_of_equal_values_have_equal_scores_whatever_the_order_of_the_cells(duck: OnDuckDB) -> None:
    duck.connection.execute(
        "CREATE OR REPLACE TABLE shuffled AS SELECT i AS row_id, 0 AS part, f AS feature, "
        "CASE WHEN i < 900 THEN f * 0.1 ELSE SIN(i * f) END AS x "
        "FROM range(1000) r(i), range(1, 8) s(f) ORDER BY HASH(i * 7 + f)"
    )
    query = cells.query("hbos", "duckdb").replace(cells.FIXED, "NULL").replace(cells.SHARE, "0.99")
    scores = duck.connection.execute(
        f"WITH {cells.CELLS} AS (FROM shuffled) SELECT DISTINCT anomaly_score FROM ({query}) WHERE row_id < 900"
    ).fetchall()
    assert len(scores) == 1
