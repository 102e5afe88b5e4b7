"""Kills a session behind each statement it runs, and looks at what is left; a program, run as a process of its own.

    python -m tests.stored.crashing FOLDER        a DuckDB file, copied for each death
    python -m tests.stored.crashing ADDRESS       a PostgreSQL server, a database for each death

A child that is forked for each k runs the statement and ends, without a word to the engine, behind the k-th statement
that reached the engine and is no query. Another child then opens the engine anew and tells what is there.

Standard input is JSON: the statements that prepare, the one to die in, the query of the scores, and the statement that
must work after every third death and the last.
Standard output is JSON too: what was there before, and for each k what was there then.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlnomaly
from sqlnomaly.errors import SqlnomalyError

WARMING = (
    "anomaly_score(x, detector => 'zscore') OVER (PARTITION BY s), is_anomaly(x, detector => 'mad') OVER ()"
)
MOST = 200
"""Statements, at most."""


def forked(work: Callable[[], Any]) -> tuple[int, Any]:
    """What the work gives in a process of its own, and the code that this ended with."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(ours)
            with os.fdopen(theirs, "w") as pipe:
                pipe.write(json.dumps(work()))
            code = 0
        finally:
            os._exit(code)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), json.loads(said) if said else None


def dying(target: str, statement: str, last: int) -> Callable[[], int]:
    """Runs the statement, and dies behind the last of so many that reach the engine."""

    def work() -> int:
        session = sqlnomaly.connect(target)
        run = session.engine.run
        ran = 0

        def counted(sql: str) -> Any:
            nonlocal ran
            found = run(sql)
            ran += not sql.lstrip().startswith(("SELECT", "WITH"))
            if ran == last:  # a query behind it changes nothing
                os._exit(7)
            return found

        session.engine.run = counted  # type: ignore[method-assign]
        session.sql(statement)
        return ran

    return work


def looking(target: str, scores: str, afterwards: str | None) -> Callable[[], dict[str, Any]]:
    """The versions and the scores as a new session finds them, and whether another statement works then."""

    def work() -> dict[str, Any]:
        found: dict[str, Any] = {}
        with sqlnomaly.connect(target) as session:
            try:
                [shown] = session.sql("SHOW ANOMALY MODELS").fetchall()
                found["version"], found["versions"] = shown[1], shown[2]
                found["scores"] = session.sql(scores).fetchall()
                if afterwards is not None:
                    session.sql(afterwards)
                    session.sql(scores).fetchall()
            except (SqlnomalyError, ValueError) as error:
                found["error"] = str(error)
        return found

    return work


def of_duckdb(folder: Path) -> Callable[[str, str | None], str]:
    """Makes a target: a file, perhaps the copy of another."""

    def make(name: str, source: str | None) -> str:
        if source is not None:
            shutil.copy(folder / f"{source}.db", folder / f"{name}.db")
        return f"duckdb:///{folder / name}.db"

    return make


def of_postgres(address: str) -> Callable[[str, str | None], str]:
    """Makes a target: a database, perhaps the copy of another."""

    def make(name: str, source: str | None) -> str:
        def work() -> None:
            from adbc_driver_postgresql import dbapi

            with dbapi.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                cursor.execute(f"CREATE DATABASE {name} TEMPLATE {source or 'template1'}")

        code, _ = forked(work)
        assert code == 0
        return address.replace("/postgres?", f"/{name}?")

    return make


def warm() -> None:
    """Imports what the children need, and opens nothing: threads do not outlive a fork."""
    import adbc_driver_postgresql.dbapi
    import duckdb
    import pyarrow.parquet

    import sqlnomaly.catalog.catalog

    assert all((adbc_driver_postgresql.dbapi, duckdb, pyarrow.parquet, sqlnomaly.catalog.catalog))
    for write in ("duckdb", "postgres"):
        sqlnomaly.compile(f"SELECT {WARMING} FROM t", write=write)


def main() -> None:
    where = sys.argv[1]
    warm()
    make = of_postgres(where) if where.startswith("postgresql:") else of_duckdb(Path(where))
    told = json.load(sys.stdin)

    def prepare() -> None:
        with sqlnomaly.connect(base) as session:
            for statement in told["prepare"]:
                session.sql(statement)

    base = make("base", None)
    code, _ = forked(prepare)
    assert code == 0, "the preparation failed"
    _, before = forked(looking(base, told["scores"], None))
    then = []
    for last in range(1, MOST):
        target = make("victim", "base")
        code, ran = forked(dying(target, told["statement"], last))
        _, after = forked(
            looking(target, told["scores"], None if last % 3 and code == 7 else told["afterwards"])
        )
        then.append(after)
        if code != 7:
            assert code == 0, f"died of something else behind {last}"
            assert ran == last - 1
            break
    json.dump({"before": before, "then": then}, sys.stdout)


if __name__ == "__main__":
    main()
