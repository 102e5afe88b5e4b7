"""The commands of dbt projects: dbt report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sqlnomaly.cli.commands import app
from sqlnomaly.cli.failures import failing_politely, say
from sqlnomaly.cli.output import check_output
from sqlnomaly.replacing import replaced

dbt = typer.Typer(
    name="dbt",
    help="For dbt projects: propose tests, report their results.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(dbt)

Folder = Annotated[Path, typer.Option("--project", metavar="DIR", help="The project's folder.")]


@dbt.command()
def report(
    database: Annotated[
        str, typer.Option("--database", metavar="FILE|URL", help="Where the table of results is: a DuckDB file, or postgresql://..")
    ],
    project: Folder = Path(),
    table: Annotated[
        str | None, typer.Option("--table", metavar="NAME", help="The table, sqlnomaly_results if left out.")
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Write there.")] = Path("report.html"),
) -> None:
    """Write the results of the tests over time as one HTML page, which needs no network."""
    from sqlnomaly.dbt.project import Project, open_database
    from sqlnomaly.dbt.reporting import page
    from sqlnomaly.dbt.results import levels_of, read_results

    with failing_politely():
        check_output(output, "--out")
        found = Project.at(project, must_parse=False)
        with open_database(database) as session:
            series = read_results(session, table)
        text = page(found, series)
        with replaced(output) as file:
            file.write(text.encode())
        counts = levels_of(series)
        say(f"{output}: {len(series)} series, {counts['error']} errors, {counts['warn']} warnings")
