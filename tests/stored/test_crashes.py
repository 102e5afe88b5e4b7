"""A session that dies leaves the model that was in force, whole; two that write at once do not mix."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sqlnomaly import connect
from sqlnomaly.errors import ModelError
from sqlnomaly.session import Session
from tests.engines.postgres import Server
from tests.thorough import some

ROWS = "SELECT i AS id, 's' || (i % 20) AS store, (i * 7919 % 1000) / 10.0 AS x, (i * 104729 % 997) / 10.0 AS y FROM {}"
SERIES = {"duckdb": "range({}, {}) AS r(i)", "postgres": "generate_series({}, {} - 1) AS r(i)"}
KEYLESS = "CREATE OR REPLACE ANOMALY MODEL m USING zscore AS SELECT x, y FROM t"
JOINED = "CREATE OR REPLACE ANOMALY MODEL m USING zscore PARTITION BY store AS SELECT store, x, y FROM t"
SCORES = (
    "SELECT id, anomaly_score(x, y, model => 'm'), is_anomaly(x, y, model => 'm'), "
    "anomaly_probability(x, y, model => 'm') FROM t WHERE id < 40 ORDER BY id"
)


def rows(engine: str, first: int, last: int) -> str:
    """A SELECT of rows with these ids."""
    return ROWS.format(SERIES[engine].format(first, last))


def prepared(engine: str, *models: str) -> list[str]:
    """A table, its models one upon the other, and then more rows that none of them has seen."""
    return [f"CREATE TABLE t AS {rows(engine, 0, 400)}", *models, f"INSERT INTO t {rows(engine, 400, 700)}"]


DEATHS = {
    "replacing a keyless model": ([KEYLESS], KEYLESS),
    "replacing a joined model": ([JOINED], JOINED),
    "refreshing a joined model": ([JOINED], "REFRESH ANOMALY MODEL m"),
    "refreshing a keyless model by new rows": (
        [KEYLESS],
        "REFRESH ANOMALY MODEL m AS SELECT x, y FROM t WHERE id >= 400",
    ),
    "another threshold": ([JOINED], "ALTER ANOMALY MODEL m SET (threshold = 1.5)"),
    "another version": ([KEYLESS, JOINED], "ALTER ANOMALY MODEL m SET VERSION 1"),
    "dropping a version": ([JOINED, JOINED], "DROP ANOMALY MODEL m VERSION 1"),
}


@pytest.fixture
def places(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an engine's databases are."""
    if request.param == "duckdb":
        return str(tmp_path)
    server: Server = request.getfixturevalue("server")
    return server.url


@pytest.mark.slow
@pytest.mark.parametrize("what", some(DEATHS, every=5))
@pytest.mark.parametrize(
    ("engine", "places"),
    [
        pytest.param("duckdb", "duckdb", marks=pytest.mark.duckdb),
        pytest.param("postgres", "postgres", marks=pytest.mark.postgres),
    ],
    indirect=["places"],
)
def test_a_death_behind_any_statement_leaves_the_old_version_or_the_new_one_whole(
    engine: str, places: str, what: str
) -> None:
    models, statement = DEATHS[what]
    told = {
        "prepare": prepared(engine, *models),
        "statement": statement,
        "scores": SCORES,
        "afterwards": KEYLESS,
    }

    done = subprocess.run(
        [sys.executable, "-m", "tests.stored.crashing", places],
        input=json.dumps(told), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    before, after = found["before"], found["then"][-1]
    assert [one["error"] for one in (before, *found["then"]) if "error" in one] == []
    states = [(one["version"], one["scores"]) for one in found["then"]]
    old, new = (before["version"], before["scores"]), (after["version"], after["scores"])
    turn = next(place for place, state in enumerate(states) if state == new)
    assert states == [old] * turn + [new] * (len(states) - turn)
    assert len(states) > 1


@pytest.fixture
def together(request: pytest.FixtureRequest) -> Iterator[Callable[[], Session]]:
    """Opens sessions of one database."""
    with ExitStack() as stack:
        if request.param == "duckdb":
            database = stack.enter_context(duckdb.connect())
            yield lambda: connect(database.cursor())
        else:
            server: Server = request.getfixturevalue("server")

            def open_one() -> Session:
                return stack.enter_context(connect(server.url))

            open_one().engine.run("DROP SCHEMA IF EXISTS sqlnomaly CASCADE")
            open_one().engine.run("DROP TABLE IF EXISTS t")
            yield open_one


ENGINES = pytest.mark.parametrize(
    ("engine", "together"),
    [
        pytest.param("duckdb", "duckdb", marks=pytest.mark.duckdb),
        pytest.param("postgres", "postgres", marks=pytest.mark.postgres),
    ],
    indirect=["together"],
)
REFRESH = "REFRESH ANOMALY MODEL m"
PLACES = (None, "prepare", "next_version", "add_version", "point")
"""What every statement that changes a model calls of the ledger, in this order, behind what it read."""
LATE = "point"
"""Behind this PostgreSQL lets the second wait for the first, so that they cannot meet there."""


def at_once(sessions: Sequence[Session], statements: Sequence[str], meet: str | None) -> list[Any]:
    """What each session gets for its statement, a row or the error, all having met before the ledger is told so."""
    barrier = threading.Barrier(len(sessions))

    def work(session: Session, statement: str) -> Any:
        if meet is not None:
            met: list[bool] = []
            said = getattr(session._catalog.ledger, meet)

            def wait(*given: Any) -> Any:
                if not met:
                    met.append(True)
                    barrier.wait(20)
                return said(*given)

            setattr(session._catalog.ledger, meet, wait)
        else:
            barrier.wait(20)
        try:
            return session.sql(statement).fetchall()[0]
        except ModelError as error:
            return error
        finally:
            if meet is not None:
                delattr(session._catalog.ledger, meet)

    with ThreadPoolExecutor(len(sessions)) as pool:
        return list(pool.map(work, sessions, statements))


@pytest.mark.parametrize("meet", some(PLACES, every=2))
@ENGINES
def test_of_two_that_change_a_model_at_once_each_succeeds_in_turn_or_is_told(
    engine: str, together: Callable[[], Session], meet: str | None
) -> None:
    if (engine, meet) == ("postgres", LATE):
        meet = "add_version"
    sessions = [together(), together()]
    sessions[0].sql(f"CREATE TABLE t AS {rows(engine, 0, 60)}")
    sessions[0].sql(KEYLESS)
    made = [1]
    for turn in range(3):
        statements = [(KEYLESS, REFRESH), (KEYLESS, KEYLESS), (REFRESH, REFRESH)][turn % 3]

        found = at_once(sessions, statements, meet)

        told = [one for one in found if isinstance(one, ModelError)]
        assert all("another session changed" in str(one) for one in told)
        assert len(told) < 2
        new = [one[2] for one in found if not isinstance(one, ModelError)]
        assert len(set(new)) == len(new)
        assert not set(new) & set(made)
        made += new
        fresh = together()
        [shown] = fresh.sql("SHOW ANOMALY MODELS").fetchall()
        assert (shown[1], shown[2]) == (max(new), len(made))
        for version in made:
            query = f"SELECT COUNT(anomaly_score(x, y, model => 'm', version => {version})) FROM t"
            assert fresh.sql(query).fetchall() == [(60,)]


@pytest.mark.parametrize("meet", [None, "prepare", "add_version"])
@ENGINES
def test_of_two_that_make_the_first_model_at_once_one_is_told(
    engine: str, together: Callable[[], Session], meet: str | None
) -> None:
    sessions = [together(), together()]
    sessions[0].sql(f"CREATE TABLE t AS {rows(engine, 0, 60)}")
    for _ in range(3):
        found = at_once(sessions, (KEYLESS, KEYLESS), meet)

        told = [one for one in found if isinstance(one, ModelError)]
        assert all("another session changed" in str(one) for one in told)
        assert len(told) < 2
        assert together().sql("SELECT COUNT(anomaly_score(x, y, model => 'm')) FROM t").fetchall() == [(60,)]
        sessions[0].engine.run("DROP SCHEMA sqlnomaly CASCADE")
        sessions = [together(), together()]


@ENGINES
def test_of_two_that_change_the_threshold_at_once_each_succeeds_in_turn_or_is_told(
    engine: str, together: Callable[[], Session]
) -> None:
    sessions = [together(), together()]
    sessions[0].sql(f"CREATE TABLE t AS {rows(engine, 0, 60)}")
    sessions[0].sql(JOINED.replace("zscore", "mad"))
    alter = "ALTER ANOMALY MODEL m SET (threshold = {})"
    for turn in range(1, 4):
        found = at_once(sessions, (alter.format(turn), alter.format(turn + 0.5)), "next_version")

        told = [one for one in found if isinstance(one, ModelError)]
        assert len(told) == 1
        assert "another session changed" in str(told[0])
        query = "SELECT MAX(anomaly_threshold(x, y, model => 'm')) FROM t"
        assert together().sql(query).fetchall()[0][0] in (turn, turn + 0.5)
