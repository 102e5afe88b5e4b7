"""Several detectors together: the tails of their scores, combined, beside the same in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly.errors import CallError, SqlnomalyError, UnsupportedError
from sqlnomaly.session import Session

pytestmark = pytest.mark.duckdb

RANDOM = np.random.default_rng(11)
N = 240
VALUES = RANDOM.normal(size=(N, 2)).round(3)
VALUES[7] = (6.0, -6.0)
GROUP = np.arange(N) % 3
MEMBERS = ["ecod", "iforest", "mahalanobis", "knn"]
WEIGHTS = [1.0, 2.0, 0.5, 1.0]


@pytest.fixture(scope="module")
def session() -> Session:
    opened = sqlnomaly.connect()
    opened.load("points", pa.table({"id": range(N), "g": GROUP, "x": VALUES[:, 0], "y": VALUES[:, 1]}))
    return opened


def asked(session: Session, detector: Any, output: str = "anomaly_score", where: str = "", **options: Any) -> Any:
    """The answers by id."""
    words = "".join(f", {name} => {value!r}" for name, value in options.items())
    call = f"{output}(x, y, detector => {detector!r}{words}){where} OVER (PARTITION BY g)"
    return session.sql(f"SELECT {call} AS s FROM points ORDER BY id").arrow().column("s").to_numpy(zero_copy_only=False)


def tails(
    session: Session, fitted: np.ndarray, where: str = "", members: Sequence[str] = MEMBERS
) -> np.ndarray:
    """-ln of the share of the fitted rows of the partition that score as high or higher, of each member."""
    found = np.empty((len(members), N))
    for number, member in enumerate(members):
        scores = asked(session, member, where=where)
        scores = scores * (2.0**20 + 1) - (scores * (2.0**20 + 1) - scores)  # the first 33 bits
        for row in range(N):
            own = scores[fitted & (GROUP[row] == GROUP)]
            found[number, row] = -np.log(max((own >= scores[row]).sum(), 1) / len(own))
    return found


def expected(parts: np.ndarray, how: str) -> np.ndarray:
    """The combination in numpy."""
    if how == "mean":
        return np.average(parts, axis=0, weights=WEIGHTS)
    heavy = parts * np.array(WEIGHTS)[:, np.newaxis]
    buckets = [heavy[0::2], heavy[1::2]]
    return {
        "max": heavy.max(axis=0),
        "median": np.median(heavy, axis=0),
        "aom": np.mean([bucket.max(axis=0) for bucket in buckets], axis=0),
        "moa": np.max([bucket.mean(axis=0) for bucket in buckets], axis=0),
    }[how]


@pytest.mark.parametrize("how", ["mean", "max", "median", "aom", "moa"])
def test_the_score_combines_the_members_tails(session: Session, how: str) -> None:
    found = asked(session, MEMBERS, combine=how, weights=WEIGHTS)
    wanted = expected(tails(session, np.full(N, True)), how)
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def test_rows_that_are_not_fitted_are_ranked_among_the_fitted(session: Session) -> None:
    where = " FILTER (WHERE id % 2 = 0)"
    found = asked(session, MEMBERS, where=where, weights=WEIGHTS)
    wanted = expected(tails(session, np.arange(N) % 2 == 0, where), "mean")
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def test_a_text_names_the_members_too_and_an_option_goes_to_those_that_know_it(session: Session) -> None:
    listed = asked(session, ["iforest", "knn"], n_estimators=5, n_neighbors=3)
    np.testing.assert_array_equal(listed, asked(session, "iforest, knn", n_estimators=5, n_neighbors=3))
    assert (listed != asked(session, ["iforest", "knn"])).any()


def test_the_planted_row_is_found_and_explained(session: Session) -> None:
    assert asked(session, "ensemble").argmax() == 7
    assert asked(session, "ensemble", "is_anomaly")[7]
    assert asked(session, "ensemble", "anomaly_reason")[7] in ("x", "y")


def test_contributions_add_up_to_the_mean(session: Session) -> None:
    import json

    told = asked(session, ["ecod", "iforest"], "anomaly_explanation")
    scores = asked(session, ["ecod", "iforest"])
    sums = [sum(part["contribution"] for part in json.loads(text)) for text in told]
    np.testing.assert_allclose(sums, scores, rtol=1e-9, atol=1e-12)


def test_a_member_that_cannot_say_is_left_out() -> None:
    with sqlnomaly.connect() as session:
        rows = "(SELECT CASE WHEN i < 90 THEN 3.0 ELSE i * 1.0 END AS x FROM range(100) AS t(i))"
        # mad has a constant baseline, and says something of its own value alone.
        score = "anomaly_score(x, detector => ['mad', 'ecod'])"
        found = session.sql(f"SELECT {score} AS s FROM {rows}").arrow().column("s")
        assert found.null_count == 0


@pytest.mark.parametrize(
    "members", [["knn", "kmeans"], ["gmm", "iforest"], ["kmeans", "gmm"], ["cblof", "pyod.knn", "mcd"]]
)
def test_members_of_every_kind_are_fitted_side_by_side(session: Session, members: list[str]) -> None:
    call = f"anomaly_score(x, y, detector => {members!r})"
    rows = "(SELECT * FROM points WHERE id < {}) AS p"
    assert session.sql(f"SELECT {call} AS s FROM {rows.format(0)}").fetchall() == []
    assert session.sql(f"SELECT {call} AS s FROM {rows.format(1)}").fetchall() == [(None,)]
    wanted = tails(session, np.full(N, True), members=members).mean(axis=0)
    np.testing.assert_allclose(asked(session, members), wanted, rtol=1e-9)


@pytest.mark.parametrize("over", ["", " OVER (PARTITION BY g)"])
def test_two_ensembles_in_one_query_keep_apart(session: Session, over: str) -> None:
    calls = [
        "anomaly_score(x, y, detector => ['ecod', 'mad'])",
        "anomaly_score(y, detector => ['zscore', 'knn', 'mad'])",
        "anomaly_score(x, y, detector => ['ecod', 'mad']) FILTER (WHERE id > 30)",
        "anomaly_probability(x, y, detector => ['iforest', 'ecod'], combine => 'max')",
    ]
    alone = [session.sql(f"SELECT {call}{over} AS s FROM points ORDER BY id").fetchall() for call in calls]
    listed = ", ".join(f"{call}{over} AS s{number}" for number, call in enumerate(calls))
    together = session.sql(f"SELECT {listed} FROM points ORDER BY id").fetchall()
    assert together == [tuple(value for (value,) in row) for row in zip(*alone, strict=True)]


@pytest.mark.parametrize("members", ["'mad', 'ecod'", "'ecod', 'mad'"])
def test_the_status_is_that_of_all_members(members: str) -> None:
    def asked_of(features: str, rows: str) -> list[tuple[Any, ...]]:
        call = f"({features}, detector => [{members}])"
        sql = f"SELECT id, anomaly_score{call} AS s, anomaly_status{call} AS t FROM ({rows}) ORDER BY id"
        with sqlnomaly.connect() as session:
            return session.sql(sql).fetchall()

    mostly = "SELECT i AS id, CASE WHEN i < 60 THEN 5.0 ELSE i END AS x FROM range(100) AS r(i)"
    assert {status for _, _, status in asked_of("x", mostly)} == {"ok"}  # mad sees no variation, ecod does
    flat = "SELECT i AS id, 5.0 AS x FROM range(100) AS r(i)"
    assert {status for _, _, status in asked_of("x", flat)} == {"constant_baseline"}
    few = "SELECT i AS id, i * i AS x, CASE WHEN i < 2 THEN i END AS y FROM range(100) AS r(i)"
    assert [status for _, _, status in asked_of("x, y", few)[:3]] == ["too_few_rows", "too_few_rows", "missing_value"]


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ("detector => ['ecod', 'ecod']", CallError, "ecod twice"),
        ("detector => ['ecod', 'hbos'], weights => [1]", CallError, "1 numbers for 2 members"),
        ("detector => ['ecod', 'hbos'], weights => [0, 0]", CallError, "one of them is more"),
        ("detector => ['ecod', 'ewma']", UnsupportedError, "judges rows in an order"),
        ("detector => ['ecod', 'avf']", UnsupportedError, "takes categories"),
        ("detector => ['ecod', 'ensemble']", UnsupportedError, "it is one itself"),
        ("detector => ['ecod', 'nope']", CallError, "unknown detector 'nope'"),
        ("detector => ['ecod', 'hbos'], combine => 'sum'", CallError, "combine is one of"),
        ("detector => ['ecod', 3]", CallError, "a list such as"),
        ("detector => 'ecod,'", CallError, "names nothing"),
        ("detector => ['ecod', 'hbos'], nulls => 'ignore'", UnsupportedError, "needs every feature"),
        ("detector => ['ecod', 'pyod.ecod']", UnsupportedError, "depends on the other rows"),
    ],
)
def test_a_wrong_list_says_what_is_wrong(
    session: Session, options: str, error: type[SqlnomalyError], said: str
) -> None:
    with pytest.raises(error, match=said):
        session.sql(f"SELECT anomaly_score(x, y, {options}) FROM points")


@pytest.mark.parametrize("detector", ["ensemble", "ecod, iforest", ["ecod", "mad"]])
def test_it_keeps_no_model(session: Session, detector: str | list[str]) -> None:
    with pytest.raises(UnsupportedError, match="ensemble keeps no model"):
        session.fit("SELECT x, y FROM points", detector=detector)


def test_explain_says_what_each_member_was_given(session: Session) -> None:
    told = session.explain("SELECT anomaly_score(x, y, detector => ['hbos', 'knn'], n_neighbors => 7) FROM points")
    assert "n_neighbors = 7" in told
    assert "members = hbos(n_bins = " in told
    with pytest.raises(UnsupportedError, match=r"leave_one_out is refused by an ensemble \(zscore, mad\)"):
        session.sql("SELECT anomaly_score(x, detector => ['zscore', 'mad'], leave_one_out => TRUE) FROM points")


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "postgres", "clickhouse", "trino", "synapse"])
def test_members_in_sql_are_sql_on_every_dialect(dialect: str) -> None:
    query = "SELECT anomaly_score(x, y, detector => 'ecod, hbos, mahalanobis') AS s FROM points"
    compiled = sqlnomaly.compile(query, read="duckdb", write=dialect, schema={"points": {"x": "DOUBLE", "y": "DOUBLE"}})
    assert "tails" in compiled.sql


@pytest.mark.spark
def test_spark_says_the_same(session: Session) -> None:
    with sqlnomaly.connect("spark") as spark:
        spark.load("points", session.sql("SELECT * FROM points").arrow())
        words = "array('ecod', 'iforest')"
        call = f"anomaly_score(x, y, detector => {words}) OVER (PARTITION BY g)"
        found = spark.sql(f"SELECT {call} AS s FROM points ORDER BY id").arrow().column("s").to_numpy()
    np.testing.assert_allclose(found, asked(session, ["ecod", "iforest"]), rtol=1e-6)
