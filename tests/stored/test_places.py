"""A stored model gives the same answers wherever it is asked, and nothing else of the query changes."""

# ruff: noqa: E501  (a table is read a row a line)

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from sqlnomaly import connect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.session import Session
from tests.stored.asked import create
from tests.stored.held import Answer, answers

pytestmark = pytest.mark.duckdb


STORES = 20


def placed() -> list[dict[str, Any]]:
    """Rows of twenty stores, three of them also regions; a NULL store among them."""
    random = Random(8)
    return [
        {
            "id": i,
            "store": None if i % STORES == 3 else f"s{i % STORES}",
            "region": "nsw"[i % 3],
            "x": None if i == 77 else round(random.gauss(5.0, 3.0), 3),
            "y": float(i % 13) if i != 91 else 400.0,
        }
        for i in range(400)
    ]


PLACED = placed()
KEYS = {"a": (), "c": ("region",), "b": ("store",)}


@pytest.fixture(scope="module")
def shop() -> Iterator[Session]:
    """The rows as table t, a table u of stores, and a model of each kind: written out, by region, joined by store."""
    with connect() as session:
        fill(session)
        yield session


def fill(session: Session) -> None:
    """Makes the tables and the models."""
    session.load("loaded", pa.Table.from_pylist(PLACED))
    session.engine.run("CREATE TABLE t AS SELECT * FROM loaded")
    session.engine.run("CREATE TABLE u AS SELECT DISTINCT store, LENGTH(store) AS w FROM t")
    for name, keys in KEYS.items():
        create(session, name, "zscore", "t", ("x", "y"), keys, threshold=1.5)


def wanted_of(model: str) -> dict[int, Answer]:
    """What the model says."""
    return answers(PLACED, "zscore", ("x", "y"), KEYS[model], threshold=1.5)


WANTED = {model: wanted_of(model) for model in KEYS}
S, F, P = (f"{one}(x, y, model => 'm')" for one in ("anomaly_score", "is_anomaly", "anomaly_probability"))
BY_ID = {
    f"SELECT id, {S} FROM t": None,
    f"SELECT id, {S.replace('x, y', 'y, x')} FROM t": None,
    f"SELECT id, {S.replace('x, y', 'y + 0 AS y, x + 0 AS x')} FROM t": None,
    f"SELECT id, {S.replace('x, y', 'x + 0, y + 0')} FROM t": None,
    f"SELECT id, {S.replace('x, y', 'X, Y')} FROM t": None,
    f"SELECT id, {S.replace('x, y', 't.x, t.y')} FROM t": None,
    f"SELECT id, {S} FROM t ORDER BY {S} DESC, id": None,
    f"SELECT id, CASE WHEN x IS NULL THEN NULL ELSE {S} END FROM t": None,
    f"SELECT id, ({S} + 1) * 2 / 2 - 1 FROM t": None,
    f"SELECT id, -(-{S}) FROM t": None,
    f"WITH c AS (SELECT *, {S} AS s FROM t) SELECT id, s FROM c": None,
    f"WITH c AS (SELECT id, store, region, x AS y, y AS x FROM t) SELECT id, {S.replace('x, y', 'y AS x, x AS y')} FROM c": None,
    f"SELECT id, s FROM (SELECT id, {S} AS s FROM t) AS q": None,
    f"SELECT id, {S} FROM (SELECT * FROM t) AS q": None,
    f"SELECT id, {S} FROM t LEFT JOIN u USING (store)": None,
    f"SELECT DISTINCT id, {S} FROM t": None,
    f"SELECT id, {S} FROM t WHERE id < 200 UNION ALL SELECT id, {S} FROM t WHERE id >= 200": None,
    f"SELECT id, {S} FROM t WHERE {F}": lambda answer: answer.is_anomaly,
    f"SELECT id, {S} FROM t WHERE NOT {F}": lambda answer: answer.is_anomaly is False,
    f"SELECT id, {S} FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY {S}) = 1 AND {F}": lambda answer: (
        answer.is_anomaly
    ),
    f"SELECT id, MAX({S}) FROM t GROUP BY id": None,
    f"SELECT id, MAX({S}) FROM t GROUP BY id HAVING BOOL_OR({F})": lambda answer: answer.is_anomaly,
    f"SELECT id, SUM({S}) OVER (PARTITION BY id) FROM t": None,
    f"SELECT id, (SELECT MAX({S}) FROM t AS i WHERE i.id = o.id) FROM t AS o": None,
    f"SELECT id, {S} FROM t WHERE id IN (SELECT id FROM t WHERE {F})": lambda answer: answer.is_anomaly,
    f"SELECT id, {S} FROM t WHERE EXISTS (SELECT 1 FROM t AS i WHERE i.id = t.id AND {F})": lambda answer: (
        answer.is_anomaly
    ),
    f"FROM t SELECT id, {S}": None,
    f"SELECT id, {S} FROM t AS q (id, store, region, x, y)": None,
}
"""A query of ids and scores -> which rows it gives, all of them for None."""


@pytest.mark.parametrize("model", KEYS)
@pytest.mark.parametrize("sql", BY_ID)
def test_a_score_is_the_same_wherever_it_stands(shop: Session, sql: str, model: str) -> None:
    keep = BY_ID[sql]

    found = shop.sql(sql.replace("'m'", f"'{model}'")).fetchall()

    wanted = {number: one.score for number, one in WANTED[model].items() if keep is None or keep(one)}
    assert len(found) == len(wanted)
    assert dict(found) == {
        number: None if score is None else pytest.approx(score, rel=1e-9, abs=1e-9)
        for number, score in wanted.items()
    }


STARS = [
    ("SELECT *, {} AS s FROM t", ["id", "store", "region", "x", "y", "s"], 400),
    ("SELECT {} AS s, * FROM t", ["s", "id", "store", "region", "x", "y"], 400),
    ("SELECT t.*, {} AS s FROM t", ["id", "store", "region", "x", "y", "s"], 400),
    ("SELECT * EXCLUDE (x), {} AS s FROM t", ["id", "store", "region", "y", "s"], 400),
    ("SELECT * REPLACE (id + 1 AS id), {} AS s FROM t", ["id", "store", "region", "x", "y", "s"], 400),
    ("SELECT *, {} AS s FROM t JOIN u USING (store)", ["id", "store", "region", "x", "y", "w", "s"], 380),
    ("SELECT *, {} AS s FROM t LEFT JOIN u USING (store)", ["id", "store", "region", "x", "y", "w", "s"], 400),
    ("SELECT *, {} AS s FROM t FULL JOIN u USING (store)", ["id", "store", "region", "x", "y", "w", "s"], 401),
    ("SELECT u.*, t.*, {} AS s FROM t JOIN u USING (store)", ["store", "w", "id", "store", "region", "x", "y", "s"], 380),
    ("SELECT * FROM t WHERE {} > -1", ["id", "store", "region", "x", "y"], 399),
    ("FROM t WHERE {} > -1", ["id", "store", "region", "x", "y"], 399),
    ("SELECT * FROM t ORDER BY {}", ["id", "store", "region", "x", "y"], 400),
    ("SELECT * FROM (SELECT *, {} AS s FROM t)", ["id", "store", "region", "x", "y", "s"], 400),
    ("SELECT COUNT(*) AS n FROM t WHERE {} > -1", ["n"], 1),
    ("SELECT t.* FROM t SEMI JOIN u USING (store) WHERE {} > -1", ["id", "store", "region", "x", "y"], 379),
    ("SELECT *, {} AS s FROM t, (SELECT 1 AS one) AS o", ["id", "store", "region", "x", "y", "one", "s"], 400),
    ("SELECT COLUMNS(*), {} AS s FROM t", ["id", "store", "region", "x", "y", "s"], 400),
    (
        "SELECT *, {} AS s, anomaly_score(x, detector => 'mad') OVER (PARTITION BY region) AS w, "
        "AVG(y) OVER (PARTITION BY store) AS v FROM t",
        ["id", "store", "region", "x", "y", "s", "w", "v"], 400,
    ),
]  # fmt: skip


@pytest.mark.parametrize("model", KEYS)
@pytest.mark.parametrize(("sql", "columns", "number"), STARS)
def test_a_star_shows_nothing_of_the_model_and_no_row_comes_or_goes(
    shop: Session, sql: str, columns: list[str], number: int, model: str
) -> None:
    asked = sql.format(S.replace("'m'", f"'{model}'"))
    if "COLUMNS" in sql and model == "b":
        with pytest.raises(UnsupportedError, match="several columns"):
            shop.sql(asked)
        return

    found = shop.sql(asked).arrow()

    assert (found.column_names, found.num_rows) == (columns, number)


@pytest.mark.parametrize("model", KEYS)
def test_groups_are_scored_by_their_aggregates(shop: Session, model: str) -> None:
    key = (*KEYS[model], "region")[0]
    call = f"anomaly_score(AVG(x), MAX(y), model => '{model}')"
    flagged = f"is_anomaly(MAX(y) AS y, AVG(x) AS x, model => '{model}')"

    found = shop.sql(
        f"SELECT {key}, {call}, {flagged}, COUNT(*) FROM t GROUP BY {key} HAVING {call} > -1"
    ).fetchall()

    assert {row[0] for row in found} == {row[key] for row in PLACED}
    assert sum(row[3] for row in found) == 400
    for value, score, flag, _ in found:
        x, y = shop.sql(
            f"SELECT AVG(x), MAX(y) FROM t WHERE {key} IS NOT DISTINCT FROM {_sql(value)}"
        ).fetchall()[0]
        partition = f", partition => ({_sql(value)})" if KEYS[model] else ""
        alone = shop.sql(f"SELECT anomaly_score({x!r}, {y!r}, model => '{model}'{partition})").fetchall()[0][
            0
        ]
        assert (score, flag) == (pytest.approx(alone), score > 1.5)


def _sql(value: str | None) -> str:
    return "NULL" if value is None else f"'{value}'"


@pytest.mark.parametrize("model", KEYS)
def test_a_model_call_is_a_feature_of_a_window_call(shop: Session, model: str) -> None:
    call = f"anomaly_score(x, y, model => '{model}')"

    found = dict(
        shop.sql(f"SELECT id, anomaly_score({call}, detector => 'zscore') OVER () FROM t").fetchall()
    )

    scores = [one.score for one in WANTED[model].values() if one.score is not None]
    mean = math.fsum(scores) / len(scores)
    sd = math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / (len(scores) - 1))
    assert found == {
        number: None if one.score is None else pytest.approx(abs(one.score - mean) / sd, rel=1e-9)
        for number, one in WANTED[model].items()
    }


@pytest.mark.parametrize("model", KEYS)
def test_what_is_written_is_what_was_scored(shop: Session, model: str) -> None:
    calls = f"{S} AS s, {F} AS f, {P} AS p".replace("'m'", f"'{model}'")
    shop.sql(f"CREATE OR REPLACE TABLE written AS SELECT id, {calls} FROM t WHERE id < 100")
    shop.sql(f"INSERT INTO written SELECT id, {calls} FROM t WHERE id >= 100")

    found = {row["id"]: row for row in shop.engine.run("SELECT * FROM written").to_pylist()}

    for number, one in WANTED[model].items():
        row = found[number]
        assert (row["f"], row["p"]) == (
            one.is_anomaly,
            None if one.probability is None else pytest.approx(one.probability),
        )
        assert row["s"] == (None if one.score is None else pytest.approx(one.score))


@pytest.mark.parametrize("output", ["anomaly_score", "anomaly_probability", "is_anomaly"])
@pytest.mark.parametrize("model", KEYS)
def test_a_view_scores_in_another_session(shop: Session, model: str, output: str) -> None:
    shop.sql(f"CREATE OR REPLACE VIEW seen AS SELECT id, {output}(x, y, model => '{model}') AS s FROM t")

    found = dict(shop.sql("SELECT id, s FROM seen").fetchall())

    field = output.removeprefix("anomaly_")
    wanted = {number: getattr(one, field) for number, one in WANTED[model].items()}
    assert found == {number: value and pytest.approx(value) for number, value in wanted.items()}


def test_a_keyless_model_writes_into_a_column(shop: Session) -> None:
    shop.sql("CREATE OR REPLACE TABLE changed AS SELECT *, CAST(0 AS DOUBLE) AS s FROM t")

    shop.sql("UPDATE changed SET s = anomaly_score(x, y, model => 'a') WHERE is_anomaly(x, y, model => 'a')")
    shop.sql("DELETE FROM changed WHERE NOT is_anomaly(x, y, model => 'a')")

    found = dict(shop.sql("SELECT id, s FROM changed").fetchall())
    wanted = {number: one.score for number, one in WANTED["a"].items() if one.is_anomaly is not False}
    assert found == {
        number: 0.0 if score is None else pytest.approx(score) for number, score in wanted.items()
    }


def test_partition_says_which_partition_judges(shop: Session) -> None:
    query = "SELECT id, anomaly_score(x, y, model => 'b', partition => ({})), anomaly_status(x, y, model => 'b', partition => ({})) FROM t"

    own = {row[0]: row[1:] for row in shop.sql(query.format("store", "store")).fetchall()}
    other = {row[0]: row[1:] for row in shop.sql(query.format("'s4'", "'s4'")).fetchall()}
    null = {row[0]: row[1:] for row in shop.sql(query.format("NULL", "NULL")).fetchall()}
    unseen = {row[0]: row[1:] for row in shop.sql(query.format("'nowhere'", "'nowhere'")).fetchall()}

    assert own == {n: (one.score and pytest.approx(one.score), one.status) for n, one in WANTED["b"].items()}
    s4 = [row for row in PLACED if row["store"] == "s4"]
    assert {row["id"]: other[row["id"]] for row in s4} == {row["id"]: own[row["id"]] for row in s4}
    nowhere = [row["id"] for row in PLACED if row["store"] is None]
    assert {n: null[n] for n in nowhere} == {n: own[n] for n in nowhere}
    assert len({score for score, _ in other.values()}) > 100
    assert set(unseen.values()) == {(None, "unseen_group")}


def test_limit_holds_beside_a_partition_that_is_not_there(shop: Session) -> None:
    query = "SELECT anomaly_status(x, y, model => 'b', partition => ('nowhere')) FROM t LIMIT 1"

    assert shop.sql(query).fetchall() == [("unseen_group",)]


@pytest.mark.parametrize(
    ("sql", "same"),
    [
        (f"SELECT COUNT(*) FROM t JOIN u ON u.store = t.store AND {F}", f"SELECT COUNT(*) FROM t JOIN u USING (store) WHERE {F}"),
        ("SELECT (SELECT anomaly_score(t.x, t.y, model => 'm')) FROM t ORDER BY id", f"SELECT {S} FROM t ORDER BY id"),
        (f"SELECT region, COUNT(*) FILTER (WHERE {F}) FROM t GROUP BY region ORDER BY 1",
         f"SELECT region, SUM(CASE WHEN {F} THEN 1 ELSE 0 END) FROM t GROUP BY region ORDER BY 1"),
        (f"SELECT {F}, COUNT(*) FROM t GROUP BY {F} ORDER BY 2", f"SELECT f, COUNT(*) FROM (SELECT {F} AS f FROM t) GROUP BY f ORDER BY 2"),
        (f"SELECT {F} AS f, COUNT(*) FROM t GROUP BY f ORDER BY 2", f"SELECT f, COUNT(*) FROM (SELECT {F} AS f FROM t) GROUP BY f ORDER BY 2"),
        (f"SELECT {F} AS f, COUNT(*) FROM t GROUP BY 1 ORDER BY 2", f"SELECT f, COUNT(*) FROM (SELECT {F} AS f FROM t) GROUP BY f ORDER BY 2"),
        (f"SELECT id, {S} AS s FROM t WHERE s > 2 ORDER BY 1", f"SELECT id, s FROM (SELECT id, {S} AS s FROM t) WHERE s > 2 ORDER BY 1"),
    ],
)  # fmt: skip
def test_a_call_may_stand_where_a_function_may(shop: Session, sql: str, same: str) -> None:
    assert shop.sql(sql.replace("'m'", "'a'")).fetchall() == shop.sql(same.replace("'m'", "'a'")).fetchall()
