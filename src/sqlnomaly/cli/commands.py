"""The commands: query, compile, explain, detectors, dialects, demo; those of models are in `models` and `stored`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sqlnomaly.cli.catalogue import print_detectors, print_dialects
from sqlnomaly.cli.failures import failing_politely, say
from sqlnomaly.cli.inputs import StandardInput, explained, only_reads, read_models, read_schema, read_sql
from sqlnomaly.cli.output import Format, check_output, check_plot, choose_format, write_plot, write_rows
from sqlnomaly.cli.progress import waiting
from sqlnomaly.engines.files import STANDARD_INPUT, file_tables
from sqlnomaly.engines.registry import scheme_of
from sqlnomaly.errors import UsageError
from sqlnomaly.result import SHOWN_ROWS

if TYPE_CHECKING:
    import pyarrow as pa

app = typer.Typer(
    name="sqlnomaly",
    help="Anomaly detection as plain SQL, running where the data already is.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Sql = Annotated[str, typer.Argument(metavar="SQL", help="The SQL; @file.sql reads a file, - standard input.")]
Target = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="ENGINE",
        help="Where to run: duckdb:///file.db, spark, postgresql://.., snowflake://.., bigquery://..; "
        "DuckDB in memory if left out.",
    ),
]
Read = Annotated[
    str | None,
    typer.Option("--from", metavar="DIALECT", help="The dialect of the SQL; the engine's own if left out."),
]
Write = Annotated[
    str | None, typer.Option("--to", metavar="DIALECT", help="The dialect to print; --from if left out.")
]
SchemaFile = Annotated[
    Path | None,
    typer.Option(
        "--schema", metavar="FILE", help='Columns and types: {"orders": {"id": "INTEGER"}} in a JSON file.'
    ),
]


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Anomaly detection as plain SQL, running where the data already is."""
    if version:
        from sqlnomaly.version import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.command()
def query(
    sql: Sql,
    on: Target = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="How to write the rows; the ending of -o decides if left out."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Write there; a file there is replaced at the end."
        ),
    ] = None,
    read: Read = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help="Rows that a table shows.")] = SHOWN_ROWS,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw the rows there too: a .png, .svg or .pdf."),
    ] = None,
    max_rows_out: Annotated[
        int | None,
        typer.Option(
            "--max-rows-out", min=0, help="Rows that a fit on the client may draw out of the engine; 0 for none."
        ),
    ] = None,
) -> None:
    """Run SQL and print its rows. Files are tables: FROM 'orders.parquet'; FROM '-' is standard input."""
    from sqlnomaly.session import connect

    with failing_politely():
        chosen = choose_format(form, output)
        check_output(output)
        check_plot(plot, output)
        text = read_sql(sql)
        standard_input = StandardInput(taken=sql == STANDARD_INPUT)
        harmless = only_reads(text, read or scheme_of(on or "duckdb"))
        drawn: pa.Table | None = None
        try:
            with waiting("starting the engine"):
                session = connect(on, must_exist=True, read_only=harmless, max_rows_out=max_rows_out)
            with session:
                session.standard_input = standard_input
                with waiting("running the query", session.engine.progress, session.engine.interrupt):
                    stream = session.stream(text, read=read)
                    if stream.schema.names:
                        drawn = stream.read_all() if plot else None
                        note = write_rows(stream if drawn is None else drawn.to_reader(), chosen, output, rows)
                    else:
                        stream.read_all()
                        unwritten = " and ".join(repr(str(path)) for path in (output, plot) if path)
                        note = f"done; no rows, {unwritten} is not written" if unwritten else "done"
        finally:
            standard_input.close()
        if note:
            say(note)
        if plot and drawn is not None:
            with waiting("drawing"):
                write_plot(drawn, plot)


@app.command("compile")
def compile_(
    sql: Sql,
    read: Read = None,
    write: Write = None,
    schema: SchemaFile = None,
    script: Annotated[
        bool, typer.Option("--script", help="Print every step, those of the client as comments.")
    ] = False,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME=FILE", help="A stored model that the SQL names, from its file."),
    ] = None,
) -> None:
    """Print the SQL that another engine would run. Nothing is connected to."""
    from sqlnomaly.compiling import compile as compile_sql

    with failing_politely():
        source, text = read or "duckdb", read_sql(sql)
        if explained(text, source) != text:
            raise UsageError("compile prints SQL, and EXPLAIN ANOMALY asks for the plan", hint="sqlnomaly explain")
        columns, models = read_schema(schema), read_models(model or [])
        compiled = compile_sql(text, read=source, write=write or source, schema=columns, models=models)
        shown = compiled.script if script else compiled.sql
        if sys.stdout.isatty():
            from rich.console import Console
            from rich.syntax import Syntax

            Console().print(Syntax(shown, "sql", background_color="default", word_wrap=True))
        else:
            typer.echo(shown)
        for assumption in compiled.assumptions:
            say(f"assumed: {assumption}")


@app.command()
def explain(
    sql: Sql, on: Target = None, read: Read = None, write: Write = None, schema: SchemaFile = None
) -> None:
    """Print the plan of a query before anything runs: steps, scans, places, assumptions."""
    from sqlnomaly.compiling import compile as compile_sql
    from sqlnomaly.session import connect

    with failing_politely():
        columns = read_schema(schema)
        source = read or scheme_of(on or "duckdb")
        text = explained(read_sql(sql), source)
        if on is None and not file_tables(text, source):
            typer.echo(compile_sql(text, read=source, write=write or source, schema=columns).explain())
            return
        standard_input = StandardInput(taken=sql == STANDARD_INPUT)
        try:
            with connect(on, must_exist=True, read_only=True) as session:
                session.standard_input = standard_input
                typer.echo(session.explain(text, read, write))
        finally:
            standard_input.close()


@app.command()
def detectors(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One detector in full.")] = None,
) -> None:
    """List the detectors, or describe one: formula, options, defaults, what it can do."""
    with failing_politely():
        print_detectors(name)


@app.command()
def dialects(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One dialect in full.")] = None,
) -> None:
    """List the dialects and how each is proven, or describe one: strategies, limits, what it refuses."""
    with failing_politely():
        print_dialects(name)


@app.command()
def demo(
    write: Annotated[
        str | None,
        typer.Option("--to", metavar="DIALECT", help="Only print the demo query for that dialect."),
    ] = None,
) -> None:
    """Plant anomalies in made-up orders, find them by SQL, and show how to try your own file."""
    from sqlnomaly.demo import run

    with failing_politely(), waiting("making orders and looking for anomalies"):
        run(write)
