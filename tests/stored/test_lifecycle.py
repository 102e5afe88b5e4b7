"""The life of a model: made, refreshed, altered, dropped, pruned, carried to a file; a version never changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sqlnomaly import Model, connect
from sqlnomaly.errors import BindError, ModelError, SqlnomalyError
from sqlnomaly.session import Session
from tests.stored.asked import ask

PLAIN = (
    "CREATE TABLE t AS SELECT CAST(i AS INT) AS id, CONCAT('s', CAST(i % 20 AS VARCHAR(9))) AS store, "
    "(i * 7919 % 1000) / 10.0e0 AS x, (i * 104729 % 997) / 10.0e0 AS y FROM {}"
)
TABLE = {
    "duckdb": PLAIN.format("range(400) AS r(i)"),
    "postgres": PLAIN.format("generate_series(0, 399) AS r(i)"),
    "spark": PLAIN.format("range(400) AS r(i)"),
    "snowflake": PLAIN.format("(SELECT SEQ4() AS i FROM TABLE(GENERATOR(ROWCOUNT => 400)))"),
    "bigquery": "CREATE TABLE t AS SELECT i AS id, CONCAT('s', CAST(MOD(i, 20) AS STRING)) AS store, "
    "MOD(i * 7919, 1000) / 10.0 AS x, MOD(i * 104729, 997) / 10.0 AS y FROM UNNEST(GENERATE_ARRAY(0, 399)) AS i",
}
OF_ITS_OWN = ("duckdb", "snowflake", "bigquery")
"""Engines that a test begins with nothing in."""
HEAD = {"keyless": "SELECT x, y", "joined": "SELECT store, x, y"}
DETECTOR = {"keyless": "ecod", "joined": "mahalanobis"}
BY = {"keyless": "", "joined": " PARTITION BY store"}
LIVES = [
    pytest.param("duckdb", "keyless", marks=pytest.mark.duckdb),
    pytest.param("duckdb", "joined", marks=pytest.mark.duckdb),
    pytest.param("postgres", "keyless", marks=pytest.mark.postgres),
    pytest.param("postgres", "joined", marks=pytest.mark.postgres),
    pytest.param("spark", "joined", marks=[pytest.mark.spark, pytest.mark.slow, pytest.mark.thorough]),
    pytest.param("snowflake", "keyless", marks=[pytest.mark.snowflake, pytest.mark.slow, pytest.mark.thorough]),
    pytest.param("bigquery", "joined", marks=[pytest.mark.bigquery, pytest.mark.slow, pytest.mark.thorough]),
]
"""The last three need a second for each of the many statements."""


def fill(session: Session) -> None:
    """A table of twenty stores."""
    session.sql("DROP TABLE IF EXISTS t")
    session.sql(TABLE[session.engine.dialect])


def opened(request: pytest.FixtureRequest, engine: str) -> Session:
    """The session of an engine, with the table and without models."""
    session: Session = request.getfixturevalue("duck" if engine == "duckdb" else engine)
    if engine not in OF_ITS_OWN:
        session.engine.run("DROP SCHEMA IF EXISTS sqlnomaly CASCADE")
    fill(session)
    return session


def told(session: Session, sql: str) -> tuple[object, ...]:
    """The row that a statement about a model gives."""
    [row] = session.sql(sql).fetchall()
    return tuple(row)


@pytest.mark.parametrize(("engine", "kind"), LIVES)
def test_a_model_lives_through_every_statement(
    request: pytest.FixtureRequest, engine: str, kind: str
) -> None:
    session = opened(request, engine)
    create = f"ANOMALY MODEL m USING zscore{BY[kind]} AS {HEAD[kind]} FROM t WHERE id < 300"

    assert told(session, f"CREATE {create}") == ("m", "created", 1)
    first = ask(session, "m", "t", ("x", "y"))
    assert told(session, "CREATE ANOMALY MODEL IF NOT EXISTS m USING mad AS SELECT x FROM t") == (
        "m",
        "is there already",
        1,
    )
    with pytest.raises(ModelError, match="already"):
        session.sql(f"CREATE {create}")
    refreshed = told(session, f"REFRESH ANOMALY MODEL m AS {HEAD[kind]} FROM t WHERE id >= 300")
    assert refreshed in {("m", how, 2) for how in ("merged", "refitted")}
    second = ask(session, "m", "t", ("x", "y"))
    assert any(first[number].score != second[number].score for number in first)
    assert told(session, "ALTER ANOMALY MODEL m SET VERSION 1") == ("m", "altered", 1)
    assert {
        n: one.score for n, one in ask(session, "m", "t", ("x", "y"), where=" WHERE id < 350").items()
    } == {n: one.score for n, one in first.items() if n < 350}
    assert told(session, "ALTER ANOMALY MODEL m SET (threshold = 1.5)") == ("m", "altered", 3)
    third = ask(session, "m", "t", ("x", "y"), where=" WHERE id < 350")
    assert {(one.threshold, one.is_anomaly) for one in third.values()} == {(1.5, True), (1.5, False)}
    assert {n: one.score for n, one in third.items()} == {n: one.score for n, one in first.items() if n < 350}
    query = "SELECT id, anomaly_score(x, y, model => 'm', version => 2) FROM t"
    assert dict(session.sql(query).fetchall()) == {n: one.score for n, one in second.items()}
    assert told(session, "DROP ANOMALY MODEL m VERSION 1") == ("m", "version 1 dropped", 3)
    assert ask(session, "m", "t", ("x", "y"), where=" WHERE id < 350") == third, (
        "it shares the tables of version 1"
    )
    with pytest.raises(ModelError, match=r"no version 1\n.*its versions: 2, 3"):
        session.sql("ALTER ANOMALY MODEL m SET VERSION 1")
    [shown] = session.sql("SHOW ANOMALY MODELS").fetchall()
    assert (*shown[:4], shown[4].lower()) == ("m", 3, 2, "zscore", "x, y")
    properties = dict(session.sql("DESCRIBE ANOMALY MODEL m").fetchall())
    assert (properties["version"], properties["threshold"]) == ("3, in force", "threshold = 1.5")
    assert told(session, "DROP ANOMALY MODEL m") == ("m", "dropped", None)
    with pytest.raises(BindError, match="no model 'm'"):
        session.sql(query)
    assert told(session, "DROP ANOMALY MODEL IF EXISTS m") == ("m", "is not there", None)
    assert told(session, f"CREATE {create}") == ("m", "created", 4), "a number is never given twice"
    assert list(session.models().prune("m", keep=0)) == [2, 3]
    assert len(ask(session, "m", "t", ("x", "y"))) == 400
    session.sql("DROP ANOMALY MODEL m")
    assert list(session.models().prune("m")) == [4]
    assert [name for name in session.tables() if ".m_" in name or "_sn_" in name] == []


@pytest.mark.duckdb
@pytest.mark.parametrize("kind", HEAD)
def test_a_model_is_there_in_another_process_and_read_only(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "kept.db"
    query = "SELECT id, anomaly_score(x, y, model => 'm'), anomaly_probability(x, y, model => 'm') FROM t ORDER BY id"
    with connect(f"duckdb:///{path}") as session:
        fill(session)
        session.sql(f"CREATE ANOMALY MODEL m USING {DETECTOR[kind]}{BY[kind]} AS {HEAD[kind]} FROM t")
        said = session.sql(query).fetchall()
    program = "import sys, sqlnomaly; print(sqlnomaly.connect(sys.argv[1]).sql(sys.argv[2]).fetchall())"

    done = subprocess.run(
        [sys.executable, "-c", program, f"duckdb:///{path}", query],
        capture_output=True,
        text=True,
        check=True,
    )

    assert eval(done.stdout) == said  # noqa: S307  (the repr of rows of numbers)
    with connect(f"duckdb:///{path}", read_only=True) as session:
        assert session.sql(query).fetchall() == said
        assert session.models().names() == ["m"]
        with pytest.raises(SqlnomalyError):
            session.sql("DROP ANOMALY MODEL m")
        with pytest.raises(SqlnomalyError):
            session.sql("REFRESH ANOMALY MODEL m")
        assert session.sql(query).fetchall() == said


@pytest.mark.duckdb
def test_another_session_sees_what_changed(duck: Session) -> None:
    fill(duck)
    other = Session(duck.engine)
    query = "SELECT MAX(anomaly_threshold(x, model => 'm')) FROM t"
    duck.sql("CREATE ANOMALY MODEL m USING zscore AS SELECT x FROM t")
    assert other.sql(query).fetchall() == [(3.0,)]

    duck.sql("ALTER ANOMALY MODEL m SET (threshold = 2)")
    assert other.sql(query).fetchall() == [(2.0,)]

    duck.sql("DROP ANOMALY MODEL m")
    with pytest.raises(BindError, match="no model"):
        other.sql(query)


@pytest.mark.duckdb
def test_a_transaction_of_the_users_takes_a_model_back(duck: Session) -> None:
    fill(duck)
    duck.sql("CREATE ANOMALY MODEL m USING zscore AS SELECT x, y FROM t")
    before = ask(duck, "m", "t", ("x", "y"))
    duck.sql("BEGIN TRANSACTION")
    duck.sql("CREATE OR REPLACE ANOMALY MODEL m USING mad AS SELECT x, y FROM t")
    duck.sql("CREATE ANOMALY MODEL n USING mad AS SELECT x FROM t")

    duck.sql("ROLLBACK")

    assert ask(duck, "m", "t", ("x", "y")) == before
    assert duck.models().names() == ["m"]


MADE = [
    ("zscore", "joined"),
    ("mad", "keyless"),
    ("ecod", "keyless"),
    ("pca", "keyless"),
    ("pca", "joined"),
    ("mahalanobis", "joined"),
    ("mahalanobis", "keyless"),
    ("hbos", "keyless"),
    ("iforest", "keyless"),
]


@pytest.mark.duckdb
@pytest.mark.parametrize(("detector", "kind"), MADE)
def test_a_file_carries_a_model_and_its_probabilities(
    duck: Session, tmp_path: Path, detector: str, kind: str
) -> None:
    fill(duck)
    duck.sql(f"CREATE ANOMALY MODEL m USING {detector}{BY[kind]} AS {HEAD[kind]} FROM t")
    said = ask(duck, "m", "t", ("x", "y"), reasons=detector != "iforest")
    duck.models().save("m", tmp_path / "m.model")
    model = Model.load(tmp_path / "m.model")

    added = duck.models().add("n", model)

    assert (added.what, added.version) == ("imported", 1)
    assert ask(duck, "n", "t", ("x", "y"), reasons=detector != "iforest") == said
    with pytest.raises(ModelError, match="already"):
        duck.models().add("n", model)
    assert duck.models().add("n", model, replace=True).version == 2
    with pytest.raises(ModelError, match="its query is not known"):
        duck.sql("REFRESH ANOMALY MODEL n")
    duck.models().save("n", tmp_path / "again.model")
    assert (tmp_path / "again.model").read_bytes() == (tmp_path / "m.model").read_bytes()


ELSEWHERE = [
    *(
        pytest.param("postgres", detector, kind, marks=pytest.mark.postgres)
        for detector, kind in MADE
        if detector != "iforest"
    ),
    *(
        pytest.param("spark", *case, marks=pytest.mark.spark)
        for case in [("iforest", "keyless"), ("zscore", "joined")]
    ),
    pytest.param("snowflake", "zscore", "joined", marks=pytest.mark.snowflake),
    pytest.param("bigquery", "pca", "joined", marks=[pytest.mark.bigquery, pytest.mark.thorough]),
]


@pytest.mark.parametrize(("engine", "detector", "kind"), ELSEWHERE)
def test_a_model_of_duckdb_says_the_same_elsewhere(
    request: pytest.FixtureRequest, duck: Session, tmp_path: Path, engine: str, detector: str, kind: str
) -> None:
    other = opened(request, engine)
    fill(duck)
    reasons = detector != "iforest"
    options = "" if reasons else " OPTIONS (n_estimators = 20, max_samples = 64)"
    duck.sql(f"CREATE ANOMALY MODEL m USING {detector}{options}{BY[kind]} AS {HEAD[kind]} FROM t")
    duck.models().save("m", tmp_path / "m.model")

    other.models().add("m", Model.load(tmp_path / "m.model"))

    mine, theirs = (ask(one, "m", "t", ("x", "y"), reasons=reasons) for one in (duck, other))
    assert mine.keys() == theirs.keys()
    for number, one in mine.items():
        two = theirs[number]
        assert (one.status, one.is_anomaly, one.reason) == (two.status, two.is_anomaly, two.reason)
        assert two.score == pytest.approx(one.score, rel=1e-9)
        assert two.probability == pytest.approx(one.probability, rel=1e-12)
        assert two.threshold == pytest.approx(one.threshold, rel=1e-9)


TYPES = {
    "integer": ("smallint", "bigint", "numeric", "double precision"),
    "numeric(6, 2)": ("integer", "numeric", "double precision"),
    "double precision": ("integer", "numeric", "real"),
    "varchar(9)": ("text", "varchar", "char(9)"),
    "text": ("varchar(9)", "char(9)"),
    "date": ("timestamp", "timestamptz"),
    "timestamp": ("date", "timestamptz"),
    "timestamptz": ("timestamp",),
}
"""The type of a model's key, and those of rows that mean the same by other types."""


@pytest.mark.postgres
@pytest.mark.parametrize("kind", TYPES)
def test_many_partitions_are_found_by_a_key_of_another_type(postgres: Session, kind: str) -> None:
    times = kind.startswith(("date", "timestamp"))
    key = "CAST(timestamptz '2025-01-01 00:00' + INTERVAL '1 day' * (i % 20) AS date)" if times else "i % 20"
    key = f"CASE WHEN i % 20 <> 7 THEN {key} END"
    postgres.engine.run("DROP TABLE IF EXISTS keyed")
    made = f"CREATE TABLE keyed AS SELECT i, CAST({key} AS {kind}) AS k, CAST(i * i % 101 AS float) AS x"
    postgres.engine.run(f"{made} FROM generate_series(0, 399) AS r(i)")
    kept = "USING zscore OPTIONS (calibration = 0) PARTITION BY k AS SELECT k, x FROM keyed"
    postgres.sql(f"CREATE ANOMALY MODEL m {kept}")
    scored = "SELECT i, anomaly_score(x, model => 'm') AS s FROM {}"
    wanted = dict(postgres.sql("SELECT i, anomaly_score(x) OVER (PARTITION BY k) AS s FROM keyed").fetchall())

    assert postgres.models().verify("m").holds
    for other in (kind, *TYPES[kind]):
        rows = f"(SELECT i, CAST(k AS {other}) AS k, x FROM keyed) AS rows"
        assert dict(postgres.sql(scored.format(rows)).fetchall()) == pytest.approx(wanted, rel=1e-9), other


@pytest.mark.parametrize(
    ("engine", "detector"),
    [
        pytest.param("postgres", "zscore", marks=pytest.mark.postgres),
        pytest.param("postgres", "ecod", marks=pytest.mark.postgres),
        pytest.param("spark", "zscore", marks=pytest.mark.spark),
    ],
)
def test_the_same_rows_are_held_out_everywhere(
    request: pytest.FixtureRequest, duck: Session, engine: str, detector: str
) -> None:
    rows = (
        "SELECT id, store, CASE WHEN id % 7 = 0 THEN NULL ELSE CAST(id % 5 AS DOUBLE PRECISION) END AS x, "
        "CASE WHEN id % 11 = 3 THEN NULL ELSE y END AS y FROM t"
    )
    sessions = [duck, opened(request, engine)]
    fill(duck)
    for session in sessions:
        session.sql("DROP TABLE IF EXISTS tied")
        text = rows.replace("DOUBLE PRECISION", "DOUBLE") if session.engine.dialect == "spark" else rows
        session.sql(f"CREATE TABLE tied AS {text}")
        session.sql(f"CREATE ANOMALY MODEL m USING {detector} AS SELECT x, y FROM tied")

    mine, theirs = (ask(session, "m", "tied", ("x", "y")) for session in sessions)

    for number, one in mine.items():
        assert theirs[number].status == one.status
        assert theirs[number].score == (None if one.score is None else pytest.approx(one.score, rel=1e-9))
        assert theirs[number].probability == (
            None if one.score is None else pytest.approx(one.probability, rel=1e-12)
        )
