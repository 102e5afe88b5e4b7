"""The dbt package beside elementary's: ``python3 -m benchmarks.dbt_compare --elementary DIR --dbt-utils DIR``.

Both packages test the same table on the same PostgreSQL server, by dbt's own command. The folders are checkouts of
https://github.com/elementary-data/dbt-data-reliability and https://github.com/dbt-labs/dbt-utils; without them
``dbt deps`` fetches both. The table has a series of daily row counts for each trial, a dimension of one test: normal
noise, with or without a weekly season, and on the last day nothing, or what is planted.

The first table is what each package says by its own defaults: the share of the trials with the incident that alarm,
and of those without (false alarms), then the share found at the score that one trial in a hundred without an incident
exceeds. ``n`` is the training period as a user writes it: elementary's contains the tested day, unless it is told to
leave it out, and ours does not; ``same data`` is ours with a day less. With a season both have n weeks.

The second table is what a run costs: how often the source is scanned, as the server counts it, the rows read, and
seconds of the test as dbt says them.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import adbc_driver_postgresql.dbapi as postgres
import numpy as np
import pyarrow as pa
import typer
import yaml
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from tests.engines.dbt import Done, Project, package
from tests.engines.postgres import Server

NOW = "2025-07-02"
"""The tested day is the one before, a Tuesday."""
MEAN, DEVIATION = 40.0, 4.0
"""Rows of a day."""
WEEKEND = 0.4
"""What is left of it on Saturdays and Sundays, where there is a season."""
SIGMAS, SHIFT = 6, 4
"""Standard deviations of a spike or a drop, and of a level that has shifted."""
SHIFTED = 3
"""Days of a level that has shifted; tests of those trials judge as many."""
LATE = np.timedelta64(8, "h")
"""When the rows of the last day end, where they are late."""
ALONE = (7, 14, 30)
"""Training periods at which trials are tested each by a test of its own."""
HOURS = 7200.0
"""Seconds that a run may take."""
THEIRS, APART = "elementary", "elementary, told to exclude"
OURS, LESS, ONE_SIDED = "sqlnomaly", "sqlnomaly, a day less", "sqlnomaly, spikes only"
WHO = (THEIRS, APART, OURS, LESS, ONE_SIDED)
"""Whose tests, and how they are asked."""
COLUMNS = {
    "false": "false alarms", "spike": "spike", "drop": "drop", "level shift": "level shift",
    "false shift": "false alarms, three days", "missing": "missing", "late": "late", "false late": "false alarms, late",
}  # fmt: skip


def _add(last: int, sigmas: float) -> Callable[[np.ndarray], None]:
    """Changes the counts of the last days by so many standard deviations."""

    def change(counts: np.ndarray) -> None:
        counts[:, -last:] += sigmas * DEVIATION

    return change


def _missing(counts: np.ndarray) -> None:
    """No row of the last day."""
    counts[:, -1] = 0


INCIDENTS = {
    "nothing": lambda _: None,
    "spike": _add(1, SIGMAS),
    "drop": _add(1, -SIGMAS),
    "late": lambda _: None,
    "missing": _missing,
    "level shift": _add(SHIFTED, SHIFT),
}
"""What is planted in the last days of a matrix of counts, trials by days."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One test of one package.

    Attributes:
        name: the test's.
        row: the row of the table that it is for: whether counts have a season, the days or weeks, whose test it is.
        table: the table that it tests.
        test: its name in YAML, with the package.
        arguments: its arguments.
        trial: the one that it tests; None for a test of all of them, which its dimension tells apart.
        tested: days that it judges.
    """

    name: str
    row: Row
    table: str
    test: str
    arguments: Mapping[str, Any]
    trial: str | None = None
    tested: int = 1


class Row(NamedTuple):
    """A row of the first table."""

    season: bool
    n: int
    who: str


def ways(row: Row, tested: int) -> dict[str, Any]:
    """The arguments that a package has for the training period, the tested days and the season."""
    days = row.n * (7 if row.season else 1)
    if row.who.startswith(THEIRS):
        period = {"training_period": {"period": "day", "count": row.n}}
        found = {**period, "detection_period": {"period": "day", "count": tested}}
        found |= {"seasonality": "day_of_week"} if row.season else {}
        return found | ({"exclude_detection_period_from_training": True} if row.who == APART else {})
    less = (7 if row.season else 1) if row.who == LESS else 0
    found = {"training_buckets": days - less, "tested_buckets": tested, "every": True}
    found |= {"direction": "spike"} if row.who == ONE_SIDED else {}
    return found | ({"season": "day_of_week"} if row.season else {})


def asked(days: Sequence[int], weeks: Sequence[int], single: int) -> Iterator[Asked]:
    """The tests that the first table is made of."""
    number = itertools.count()

    def test(row: Row, kind: str, *, trial: str | None = None, tested: int = 1) -> Asked:
        arguments = {"timestamp_column": "happened_at", **ways(row, tested)}
        where = "where_expression" if row.who.startswith(THEIRS) else "where"
        arguments |= {"dimensions": ["trial"]} if trial is None else {where: f"trial = '{trial}'"}
        package = "elementary" if row.who.startswith(THEIRS) else "sqlnomaly"
        table = "season" if row.season else "level"
        return Asked(f"t{next(number)}", row, table, f"{package}.{kind}_anomalies", arguments, trial, tested)

    for season in (False, True):
        for n in weeks if season else days:
            for who in WHO:
                row = Row(season, n, who)
                yield test(row, "dimension")
                if who == ONE_SIDED:
                    continue
                yield test(row, "dimension", tested=SHIFTED)
                for at in range(single if not season and n in ALONE else 0):
                    yield test(row, "volume", trial=f"missing {at}")
                    yield test(row, "freshness", trial=f"late {at}")
                    yield test(row, "freshness", trial=f"nothing {at}")


def counts(trials: int, days: int, season: bool, incident: str, random: np.random.Generator) -> np.ndarray:
    """Rows of each day, trials by days, the incident in the last ones."""
    level = np.full(days, MEAN)
    if season:
        weekday = (np.datetime64(NOW, "D") - np.arange(days, 0, -1) - np.datetime64("1970-01-05", "D")).astype(int) % 7
        level = np.where(weekday >= 5, MEAN * WEEKEND, MEAN)
    found = random.normal(level, DEVIATION, (trials, days))
    INCIDENTS[incident](found)
    return np.maximum(np.rint(found), 0).astype(np.int64)


def rows(trials: int, days: int, season: bool) -> pa.Table:
    """A row an event: the trial's name, which says what is planted, and the time, spread over the day."""
    random = np.random.default_rng(0)
    names, times = [], []
    midnight = np.datetime64(NOW, "us") - np.arange(days, 0, -1) * np.timedelta64(1, "D")
    for incident in INCIDENTS:
        made = counts(trials if incident == "nothing" else trials // 2, days, season, incident, random)
        for trial, of in enumerate(made):
            at = np.repeat(midnight, of) + random.integers(0, 86_399, of.sum()) * np.timedelta64(1, "s")
            if incident == "late":
                at = at[at < midnight[-1] + LATE]
            names.append(np.full(len(at), f"{incident} {trial}"))
            times.append(at)
    return pa.table({"trial": np.concatenate(names), "happened_at": np.concatenate(times)})


@dataclass(frozen=True, slots=True)
class Said:
    """What a test said of the trials: those that alarm, and the size of each one's score."""

    alarms: frozenset[str]
    scores: Mapping[str, float]


def share(trials: Sequence[str], held: Callable[[str], bool]) -> float:
    """The share of the trials of which something holds."""
    return sum(map(held, trials)) / len(trials)


def line(said: Mapping[Asked, Said], trials: Mapping[str, Sequence[str]]) -> list[str]:
    """The cells of a row: false alarms, then what is found, where there are scores at equal false alarms too."""
    cells: dict[str, str] = {}
    for tested, incidents in ((1, ("spike", "drop")), (SHIFTED, ("level shift",))):
        for one, found in said.items():
            if one.trial is not None or one.tested != tested:
                continue
            sizes = sorted((found.scores.get(trial, 0.0) for trial in trials["nothing"]), reverse=True)
            limit = sizes[len(sizes) // 100]
            false = share(trials["nothing"], found.alarms.__contains__)
            for incident in incidents:
                own = share(trials[incident], found.alarms.__contains__)
                fair = share(trials[incident], lambda trial: found.scores.get(trial, 0.0) > limit)  # noqa: B023
                cells[incident] = f"{own:.2f} / {fair:.2f}"
            cells["false" if tested == 1 else "false shift"] = f"{false:.3f}"
    for incident in ("missing", "late", "nothing"):
        names = [one for one in said if one.trial is not None and one.trial.startswith(incident)]
        if names:
            found_of = sum(bool(said[one].alarms) for one in names)
            cells["false late" if incident == "nothing" else incident] = f"{found_of}/{len(names)}"
    return [cells.get(name, "") for name in COLUMNS]


class Compared:
    """A project with both packages and a database with the tables."""

    def __init__(self, server: Server, folder: Path, packages: Sequence[Mapping[str, Any]]) -> None:
        self.server = server
        environment = {"SN_PGHOST": str(server.folder), "SN_SCHEMA": "shop"}
        self.project = Project(folder, "postgres", environment)
        self._packages = packages

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        with closing(postgres.connect(self.server.url, autocommit=True)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def load(self, name: str, table: pa.Table) -> None:
        """Puts a table into the schema of the sources."""
        self.query("CREATE SCHEMA IF NOT EXISTS raw")
        with closing(postgres.connect(self.server.url)) as connection, connection.cursor() as cursor:
            cursor.adbc_ingest(name, table, mode="replace", db_schema_name="raw")
            connection.commit()
        self.query(f'ANALYZE raw."{name}"')

    def make(self, sources: Mapping[str, Sequence[Asked]]) -> None:
        """Writes the project, and builds the models that elementary needs."""
        tables = [
            {
                "name": name,
                "data_tests": [{one.test: {"name": one.name, "arguments": dict(one.arguments)}} for one in tests],
            }
            for name, tests in sources.items()
        ]
        self.project.make(models={"elementary": {"+schema": "elementary"}})
        package(self.project.folder / "sqlnomaly", "postgres")
        self.project.write({
            "packages.yml": yaml.safe_dump({"packages": [{"local": "sqlnomaly"}, *self._packages]}),
            "models/sources.yml": yaml.safe_dump({"sources": [{"name": "raw", "schema": "raw", "tables": tables}]}),
        })  # fmt: skip
        self.project.run("deps").ok()
        self.run("run", "--select", "elementary").ok()

    def run(self, *words: str, now: str = NOW, cache: bool = False) -> Done:
        """Runs dbt at the day of the tables."""
        return self.project.run(
            *words,
            patience=HOURS,
            variables={
                "sqlnomaly_now": now,
                "sqlnomaly_cache": cache,
                "custom_run_started_at": f"{now}T00:00:00+00:00",
                "clean_elementary_temp_tables": False,
                "disable_dbt_artifacts_autoupload": True,
                "disable_run_results": True,
                "disable_tests_results": True,  # for rows by the hundred thousand it takes longer than the tests
            },
        )

    def said(self, one: Asked) -> Said:
        """What a test said of the days that it judges."""
        stored = f"shop_dbt_test__audit.{one.name}"
        if one.test.startswith("sqlnomaly"):
            columns = "dimension, score, level <> 'none'"
            found = self.query(f"SELECT {columns} FROM {stored} ORDER BY ABS(score) NULLS FIRST")
            return Said(
                frozenset(name for name, _, odd in found if odd),
                {name: abs(score) for name, score, _ in found if score is not None},
            )
        alarms = self.query(f"SELECT dimension_value FROM {stored}")
        if one.trial is not None:
            return Said(frozenset(str(name) for (name,) in alarms), {})
        (key,) = (
            key.split(".")[-1] for key, node in self.project.manifest()["nodes"].items() if node["name"] == one.name
        )
        tables = self.query(
            "SELECT table_schema, table_name FROM information_schema.tables "
            f"WHERE table_name LIKE 'test_{key}%anomaly_scores%'"
        )
        schema, name = max(tables)
        scores = self.query(
            f'SELECT dimension_value, ABS(anomaly_score) FROM "{schema}"."{name}" WHERE anomaly_score IS NOT NULL '
            f"AND bucket_end > TIMESTAMP '{NOW}' - INTERVAL '{one.tested} days' ORDER BY ABS(anomaly_score)"
        )
        return Said(frozenset(name for (name,) in alarms), dict(scores))

    def scans(self, table: str) -> tuple[int, int]:
        """How often a table was scanned so far, and how many rows of it were read."""
        self.query("SELECT pg_stat_force_next_flush()")
        [found] = self.query(
            "SELECT seq_scan + COALESCE(idx_scan, 0), seq_tup_read + COALESCE(idx_tup_fetch, 0) "
            f"FROM pg_stat_user_tables WHERE relname = '{table}'"
        )
        return found


def main(
    elementary: Annotated[Path | None, typer.Option(help="A checkout of elementary's package.")] = None,
    dbt_utils: Annotated[Path | None, typer.Option(help="A checkout of dbt_utils, which it needs.")] = None,
    trials: Annotated[int, typer.Option(help="Series without an incident; half as many of each kind have one.")] = 200,
    days: Annotated[str, typer.Option(help="Training periods, in days.")] = "7,10,14,30,90",
    weeks: Annotated[str, typer.Option(help="The same where the counts have a weekly season, in weeks.")] = "7,10,14",
    size: Annotated[int, typer.Option(help="Rows of the table of the second comparison.")] = 500_000,
    single: Annotated[int, typer.Option(help="Trials of late and of missing days, each of which needs a test.")] = 10,
) -> None:
    """Prints both tables as Markdown."""
    console = Console(width=200)
    lengths = {False: [int(one) for one in days.split(",")], True: [int(one) for one in weeks.split(",")]}
    tests = list(asked(lengths[False], lengths[True], single))
    folder = Path(tempfile.mkdtemp(prefix="sn-dbt-"))
    server = Server()
    try:
        compared = Compared(server, folder, packages(folder, elementary, dbt_utils))
        tables = {
            "level": rows(trials, max(lengths[False]) + SHIFTED, False),
            "season": rows(trials, 7 * max(lengths[True]) + SHIFTED, True),
        }
        for name, table in tables.items():
            compared.load(name, table)
        compared.make({name: [one for one in tests if one.table == name] for name in tables})
        done = compared.run("test", "--store-failures", "--threads", "2")
        missing = [one.name for one in tests if done.nodes[one.name].status not in ("pass", "warn", "fail")]
        if missing:
            raise SystemExit(f"{missing} did not run:\n{done.output}")
        console.print(quality(compared, tests, trials))
        compared.load("orders", orders(size))
        compared.make({"orders": list(watched())})
        console.print(cost(compared))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def packages(folder: Path, elementary: Path | None, dbt_utils: Path | None) -> list[dict[str, Any]]:
    """What packages.yml says of elementary: a copy of the checkouts, or what the registry has."""
    if elementary is None or dbt_utils is None:
        return [{"package": "elementary-data/elementary", "version": [">=0.20.0", "<1.0.0"]}]
    found = []
    for name, source in (("dbt_utils", dbt_utils), ("elementary", elementary)):
        copy = folder / "checkouts" / name
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns(".git", "integration_tests"))
        (copy / "packages.yml").unlink(missing_ok=True)  # asks the registry for dbt_utils
        (copy / "package-lock.yml").unlink(missing_ok=True)
        found.append({"local": str(copy)})
    return found


def quality(compared: Compared, tests: Sequence[Asked], trials: int) -> Table:
    """The first table."""
    shown = Table(box=MARKDOWN)
    for head in ("counts", "n", "package"):
        shown.add_column(head)
    for head in COLUMNS.values():
        shown.add_column(head, justify="right")
    names = {
        incident: [f"{incident} {at}" for at in range(trials if incident == "nothing" else trials // 2)]
        for incident in INCIDENTS
    }
    for row in dict.fromkeys(one.row for one in tests):
        said = {one: compared.said(one) for one in tests if one.row == row}
        shown.add_row("weekly" if row.season else "level", str(row.n), row.who, *line(said, names))
    return shown


NEXT_DAY = "2025-07-03"
MEASURED = ("amount", "items", "discount", "weight")
"""Columns of which each package measures the share of nulls, the mean and the largest value."""
TABLE = ("volume", "freshness")
"""Elementary's tests of a table; its one test of both, table_anomalies, has a syntax error on PostgreSQL (0.25.1)."""


def orders(size: int) -> pa.Table:
    """So many rows of sixty days, the last one of `NEXT_DAY`'s yesterday."""
    random = np.random.default_rng(1)
    at = np.datetime64(NEXT_DAY, "us") - np.sort(random.integers(1, 60 * 86_400, size))[::-1] * np.timedelta64(1, "s")
    measured = {name: random.lognormal(size=size).round(2) for name in MEASURED}
    country = random.choice(["de", "fr", "it", "nl", "pl"], size)
    return pa.table({"id": np.arange(size), "happened_at": at, "country": country, **measured})


def watched() -> Iterator[Asked]:
    """What both packages are asked of the table."""
    row = Row(False, 14, "")
    when = {"timestamp_column": "happened_at"}
    period = {"training_period": {"period": "day", "count": 14}, "detection_period": {"period": "day", "count": 1}}
    theirs, ours = {**when, **period}, {**when, "training_buckets": 14}
    for kind in TABLE:
        yield Asked(f"elementary_{kind}", row, "orders", f"elementary.{kind}_anomalies", theirs)
    country = {"dimensions": ["country"]}
    yield Asked("elementary_country", row, "orders", "elementary.dimension_anomalies", {**theirs, **country})
    for column in MEASURED:
        metrics = {"column_name": column, "column_anomalies": ["null_percent", "average", "max"]}
        yield Asked(f"elementary_{column}", row, "orders", "elementary.column_anomalies", {**theirs, **metrics})
    columns = {"columns": list(MEASURED), "metrics": ["null_rate", "mean", "max"]}
    yield Asked("sqlnomaly_table", row, "orders", "sqlnomaly.table_anomalies", {**ours, **columns})
    yield Asked("sqlnomaly_country", row, "orders", "sqlnomaly.dimension_anomalies", {**ours, **country})
    yield Asked("sqlnomaly_freshness", row, "orders", "sqlnomaly.freshness_anomalies", ours)


def cost(compared: Compared) -> Table:
    """The second table: a first run, and the one of the next day."""
    shown = Table(box=MARKDOWN)
    for head in ("run", "package", "tests", "scans", "rows read", "seconds"):
        shown.add_column(head, justify="left" if head in ("run", "package") else "right")
    for who, cache in (("elementary", False), ("sqlnomaly", False), ("sqlnomaly", True)):
        for run, now in (("first", NOW), ("next day", NEXT_DAY)):
            scans, read = compared.scans("orders")
            done = compared.run("test", "--select", f"{who}_*", "--threads", "1", now=now, cache=cache)
            tests = [done.nodes[one.name] for one in watched() if one.name.startswith(who)]
            bad = [one.name for one in tests if one.status not in ("pass", "warn", "fail")]
            if bad:
                raise SystemExit(f"{bad} did not run:\n{done.output}")
            after = compared.scans("orders")
            seconds = sum(one.seconds for one in tests)
            name = f"{who}, sqlnomaly_cache" if cache else who
            cells = (len(tests), after[0] - scans, f"{after[1] - read:,}", f"{seconds:.1f}")
            shown.add_row(run, name, *map(str, cells))
    return shown


if __name__ == "__main__":
    typer.run(main)
