"""The PostgreSQL server of the tests, and the rules of Redshift that it cannot know."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from sqlnomaly.engines import open_engine
from tests.engines.postgres import Server

pytestmark = pytest.mark.postgres


def test_two_servers_run_beside_each_other() -> None:
    with (
        Server() as one,
        Server() as two,
        closing(open_engine(one.url)) as first,
        closing(open_engine(two.url)) as second,
    ):
        first.run("CREATE TABLE here AS SELECT 1 AS a")
        assert (first.tables(), second.tables()) == (["here"], [])
    assert not one.folder.exists()


def test_a_server_does_not_outlive_the_process_that_started_it() -> None:
    program = "from tests.engines.postgres import *; print(Server().folder, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        number = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        process.send_signal(signal.SIGKILL)
    until = time.monotonic() + 20
    while time.monotonic() < until and (_lives(number) or folder.exists()):
        time.sleep(0.05)
    assert not _lives(number)
    assert not folder.exists()


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


MEDIAN = "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {})"


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT COUNT(x) OVER (ORDER BY y) FROM t", "no frame"),
        ("SELECT FIRST_VALUE(x) OVER (ORDER BY y) FROM t", "no frame"),
        ("SELECT SUM(x) OVER (ORDER BY y RANGE UNBOUNDED PRECEDING) FROM t", "not a ROWS frame"),
        (f"SELECT {MEDIAN.format('x')}, {MEDIAN.format('y')} FROM t", "several sorts in a SELECT"),
        ("SELECT x IS NOT DISTINCT FROM y FROM t", "no such operator"),
        ("SELECT ARRAY[x] FROM t", "no such operator"),
    ],
)
def test_redshift_s_rules_are_found_in_the_text(sql: str, problem: str) -> None:
    from tests.conformance.on_postgres import refused_by_redshift

    assert [line.split(":")[0] for line in refused_by_redshift(sql)] == [problem]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT RANK() OVER (ORDER BY y), LAG(x) OVER (ORDER BY y), COUNT(x) OVER (PARTITION BY y) FROM t",
        "SELECT SUM(x) OVER (ORDER BY y ROWS UNBOUNDED PRECEDING) FROM t",
        f"SELECT {MEDIAN.format('x')}, 2 * {MEDIAN.format('x')} FROM t",
    ],
)
def test_what_redshift_takes_passes(sql: str) -> None:
    from tests.conformance.on_postgres import refused_by_redshift

    assert refused_by_redshift(sql) == []
