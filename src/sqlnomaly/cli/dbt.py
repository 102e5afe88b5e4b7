"""The commands of dbt projects: dbt init, compile, report, share, function."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sqlnomaly.cli.commands import app
from sqlnomaly.cli.failures import failing_politely, say
from sqlnomaly.cli.output import check_output
from sqlnomaly.cli.progress import waiting
from sqlnomaly.replacing import replaced

dbt = typer.Typer(
    name="dbt",
    help="For dbt projects: propose tests, compile models, report results.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(dbt)

Folder = Annotated[Path, typer.Option("--project", metavar="DIR", help="The project's folder.")]


Manifest = Annotated[
    Path | None,
    typer.Option("--manifest", metavar="FILE", help="What dbt parse wrote; target/manifest.json if left out."),
]

Database = Annotated[
    str | None,
    typer.Option(
        "--on",
        "--database",
        metavar="FILE|URL",
        help="Where the model lives: a DuckDB file, or postgresql://..; what the project's profile says if left out.",
    ),
]
Version = Annotated[
    int | None, typer.Option("--version", metavar="N", min=1, help="A version; the one in force if left out.")
]


@dbt.command()
def init(
    project: Folder = Path(),
    manifest: Manifest = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="FILE|URL",
            help="Where the tables are, a DuckDB file or postgresql://..; without it YAML's columns and types decide.",
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Change the YAML files.")] = False,
    now: Annotated[
        datetime | None,
        typer.Option("--now", metavar="TIME", help="The time that counts as now; the clock if left out."),
    ] = None,
) -> None:
    """Propose tests for a project, as a patch of its YAML files that leaves every line that is there."""
    from sqlnomaly.dbt.drafting import draft
    from sqlnomaly.dbt.project import Project, open_database

    with failing_politely(), ExitStack() as stack:
        found = Project.at(project, manifest)
        session = stack.enter_context(open_database(database)) if database else None
        with waiting("looking at the tables"):
            made = draft(found, session, now or datetime.now(UTC).replace(tzinfo=None))
        for change in made.changes:
            typer.echo(change.diff(), nl=False)
        for note in made.notes:
            say(note)
        count = sum(change.tests for change in made.changes)
        if not count:
            say("nothing to add")
            return
        files = ", ".join(change.path for change in made.changes)
        if write:
            made.write(project)
            say(f"wrote {count} tests to {files}")
        else:
            say(f"{count} tests for {files}; --write adds them")


@dbt.command("compile")
def compile_(
    project: Folder = Path(),
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="NAME", help="Only the model of that name; may come again.")
    ] = None,
    adapter: Annotated[
        list[str] | None,
        typer.Option("--adapter", metavar="NAME", help="For that adapter, or several; the project's own if left out."),
    ] = None,
    read: Annotated[
        str | None,
        typer.Option("--from", metavar="DIALECT", help="The dialect of the SQL; the first adapter's if left out."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where a file is not what it would be.")
    ] = False,
    manifest: Manifest = None,
) -> None:
    """Compile anomaly_models/**/*.sql, which may use the whole language, to models that dbt runs."""
    from sqlnomaly.dbt.project import Project
    from sqlnomaly.dbt.translating import orphans, translate

    with failing_politely():
        found = Project.at(project, manifest, must_parse=False)
        made = [*translate(found, adapter or (), read, select or ())]
        changed = [one for one in made if one.differs(project)]
        gone = [] if select else orphans(project)
        for one in made:
            for assumption in one.assumed:
                say(f"{one.source}: assumed: {assumption}")
        for path in gone:
            say(f"{path}: its source is gone")
        for one in () if check else changed:
            one.check(project)
        for one in changed:
            if not check:
                one.write(project)
            say(f"{one.path}: {'is not what ' + one.source + ' compiles to' if check else 'written'}")
        if not changed:
            say(f"{len(made)} models are as they should be")
        if check and (changed or gone):
            raise typer.Exit(1)


@dbt.command()
def report(
    project: Folder = Path(),
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="FILE|URL",
            help="Where the table is: a DuckDB file, or postgresql://..; what the project's profile says if left out.",
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="NAME", help="The target of the profile; its default if left out.")
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", metavar="NAME", help="The table, sqlnomaly_results if left out.")
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Write there.")] = Path("report.html"),
) -> None:
    """Write the results of the tests over time as one HTML page, which needs no network."""
    from sqlnomaly.dbt.profile import address
    from sqlnomaly.dbt.project import Project, open_database
    from sqlnomaly.dbt.reporting import page
    from sqlnomaly.dbt.results import levels_of, read_results

    with failing_politely():
        check_output(output, "--out")
        found = Project.at(project, must_parse=False)
        with open_database(database or address(project, target)) as session:
            series = read_results(session, table)
        text = page(found, series)
        with replaced(output) as file:
            file.write(text.encode(errors="replace"))  # half a character, of a message
        counts = levels_of(series)
        say(f"{output}: {len(series)} series, {counts['error']} errors, {counts['warn']} warnings")


@dbt.command()
def share(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model that a session keeps in the database.")],
    version: Version = None,
    on: Database = None,
    project: Folder = Path(),
) -> None:
    """Write down the statement that scores with a session's model, so that score_with of the package can."""
    from sqlnomaly.dbt import sharing
    from sqlnomaly.dbt.profile import address
    from sqlnomaly.dbt.project import open_database

    with failing_politely(), open_database(on or address(project), writes=True) as session:
        number = sharing.share(session.models().catalog, name, version)
        say(f"{name}, version {number}: score_with('{name}', ref('..')) scores with it")


@dbt.command("function")
def function_(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A file of fit or export, or a model of the database.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The function of the model's score.")],
    adapter: Annotated[
        str | None, typer.Option("--adapter", metavar="NAME", help="For that adapter; the project's if left out.")
    ] = None,
    project: Folder = Path(),
    on: Database = None,
    version: Version = None,
    manifest: Manifest = None,
) -> None:
    """Write a fitted model as function resources of the project: functions/NAME.sql and .yml."""
    from sqlnomaly.dbt.function_resources import resources
    from sqlnomaly.dbt.profile import address
    from sqlnomaly.dbt.project import Project, open_database
    from sqlnomaly.dbt.translating import own_adapter
    from sqlnomaly.model import Model

    with failing_politely():
        found = Project.at(project, manifest, must_parse=False)
        if Path(model).is_file():
            fitted = Model.load(Path(model))
        else:
            with open_database(on or address(project)) as session:
                fitted = session.models().get(model, version)
        made = resources(fitted, adapter or own_adapter(found), name)
        made.write(project)
        for note in made.notes:
            say(note)
        say(f"functions/{name}.yml: {', '.join(made.functions)}")
