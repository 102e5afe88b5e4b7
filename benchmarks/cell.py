"""One cell of ``benchmarks.grid`` in a process of its own: a detector on a table, beside the floor and its peers.

``python -m benchmarks.cell FILE DETECTOR WHAT`` prints one line of JSON: the seconds, or the error. WHAT is ``ours``,
``floor`` or the name of a peer. Everything runs once on a thousand rows first, so that neither imports nor compilers
count.
"""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Annotated

import duckdb
import typer

import sqlnomaly
from benchmarks import data, peers, restart, speed
from sqlnomaly.errors import SqlnomalyError

WARM = 1_000


def measured(connection: duckdb.DuckDBPyConnection, detector: str, names: list[str], what: str) -> float:
    """Seconds of one run over the table ``bench``."""
    if what == "floor":
        bare = data.SINK + speed.floor(speed.FLOORS.get(detector, "scan"), detector, names)
        return speed.timed(lambda: connection.execute(bare))[0]
    if what == "ours":
        session, query = sqlnomaly.connect(connection), data.SINK + data.query(detector, names)
        return speed.timed(lambda: session.sql(query))[0]
    peer = next(one for one in peers.peers(detector) if one.name == what)
    return speed.timed(lambda: peer.run(peers.fetched(connection, names, ordered=peer.ordered), 2))[0]


def main(
    file: Annotated[Path, typer.Argument(help="the DuckDB file with the table bench")],
    detector: Annotated[str, typer.Argument(help="whose cell")],
    what: Annotated[str, typer.Argument(help="ours, floor or a peer")],
    gigabytes: Annotated[float, typer.Option(help="of memory, at most")] = 10.0,
) -> None:
    """Prints the seconds."""
    most = int(gigabytes * 1e9)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    try:
        with duckdb.connect() as small:
            names = data.make_table(small, WARM, columns_of(file))
            measured(small, detector, names, what)
        with duckdb.connect(str(file), read_only=True) as connection:
            connection.execute(f"SET memory_limit = '{most // 10**6 * 7 // 10}MB'")
            typer.echo(json.dumps({"seconds": measured(connection, detector, names, what)}))
    except (SqlnomalyError, duckdb.Error, MemoryError, ValueError, KeyError, ArithmeticError, RuntimeError) as error:
        typer.echo(json.dumps({"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}))


def columns_of(file: Path) -> int:
    """The features of the table in the file."""
    with duckdb.connect(str(file), read_only=True) as connection:
        described = connection.execute("SELECT * FROM bench LIMIT 0").description
    return len(described or ()) - 1


if __name__ == "__main__":
    restart.without_slow_settings()
    typer.run(main)
