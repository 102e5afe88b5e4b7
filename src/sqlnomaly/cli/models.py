"""The commands of models and installed functions: fit, pack, install, uninstall, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sqlnomaly.cli.commands import Sql, Target, app
from sqlnomaly.cli.failures import failing_politely, say
from sqlnomaly.cli.inputs import StandardInput, read_sql
from sqlnomaly.cli.progress import waiting
from sqlnomaly.engines.files import STANDARD_INPUT
from sqlnomaly.errors import UsageError

ModelFile = Annotated[
    Path | None,
    typer.Option("--model", metavar="FILE", help="A model's file: its functions instead of the native ones."),
]
Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help="The function of the model's score.")]
Schema = Annotated[
    str | None, typer.Option("--schema", metavar="SCHEMA", help="Where to make them; the current schema if left out.")
]


@app.command()
def fit(
    sql: Sql,
    detector: Annotated[str, typer.Option("--detector", metavar="NAME", help="The detector.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The model's file.")],
    on: Target = None,
    partition_by: Annotated[
        list[str] | None, typer.Option("--partition-by", metavar="COLUMN", help="A column with a model for each value.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="An option, such as contamination=0.02.")
    ] = None,
    max_rows_out: Annotated[
        int | None, typer.Option("--max-rows-out", min=0, help="Rows that a fit on the client may draw; 0 for none.")
    ] = None,
) -> None:
    """Fit a model on the rows of a query and write its file. Every column is a feature, but for the partition keys."""
    from sqlnomaly.session import connect

    with failing_politely():
        options = _options(option or [])
        query = read_sql(sql)
        standard_input = StandardInput(taken=sql == STANDARD_INPUT)
        try:
            with connect(on, must_exist=True, read_only=True, max_rows_out=max_rows_out) as session:
                session.standard_input = standard_input
                with waiting("fitting the model", session.engine.progress, session.engine.interrupt):
                    model = session.fit(query, detector=detector, partition_by=partition_by or (), **options)
        finally:
            standard_input.close()
        model.save(output)
        say(f"{output}: {detector} over {', '.join(model.features)}")


@app.command()
def pack(
    dialect: Annotated[str, typer.Option("--dialect", metavar="DIALECT", help="Whose SQL to print.")],
    schema: Schema = None,
    model: ModelFile = None,
    name: Name = None,
    remove: Annotated[bool, typer.Option("--remove", help="Print the script that removes it.")] = False,
) -> None:
    """Print a script that makes detection functions, or those of a model, in an engine; it can be run again."""
    from sqlnomaly.install.natives import native_pack

    with failing_politely():
        if model is None:
            made = native_pack(dialect, schema)
        else:
            made = _model(model).pack(dialect, name=_name(name), schema=schema)
        typer.echo(made.removal if remove else made.script, nl=False)


@app.command()
def install(on: Target = None, schema: Schema = None, model: ModelFile = None, name: Name = None) -> None:
    """Make detection functions, or those of a model, in an engine: any client can then call them."""
    from sqlnomaly.session import connect

    with failing_politely():
        fitted = None if model is None else _model(model)
        with connect(on, must_exist=True) as session:
            typer.echo(str(session.install(fitted, name=name if fitted is None else _name(name), schema=schema)))


@app.command()
def uninstall(on: Target = None, schema: Schema = None, model: ModelFile = None, name: Name = None) -> None:
    """Remove what install with the same arguments made, and nothing else."""
    from sqlnomaly.session import connect

    with failing_politely():
        fitted = None if model is None else _model(model)
        with connect(on, must_exist=True) as session:
            typer.echo(str(session.uninstall(fitted, name=name if fitted is None else _name(name), schema=schema)))


@app.command()
def verify(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The model's file.")],
    on: Target = None,
    schema: Schema = None,
    name: Name = None,
) -> None:
    """Score a model's test rows through its installed function; exit 1 if a score is not what it was."""
    from sqlnomaly.session import connect

    with failing_politely():
        fitted = _model(model)
        with connect(on, must_exist=True, read_only=True) as session:
            found = session.verify(fitted, name=_name(name), schema=schema)
        typer.echo(f"{found.rows} rows, largest difference {found.difference:.3g}, tolerance {found.tolerance:g}")
    if not found.holds:
        raise typer.Exit(1)


def _options(texts: list[str]) -> dict[str, Any]:
    """The options by name.

    Raises:
        UsageError: for one that comes twice, or has a place of its own on the command line.
    """
    found: dict[str, Any] = {}
    for name, value in map(read_option, texts):
        if name in found or name in ("detector", "query", "partition_by"):
            raise UsageError(f"{name} is given twice", hint=f"--option {name}=.. once, or --{name.replace('_', '-')}")
        found[name] = value
    return found


def read_option(text: str) -> tuple[str, Any]:
    """An option's name and value: a number, true or false, numbers with commas, or a text.

    Raises:
        UsageError: without an equals sign.

    Example:
        >>> read_option("n_estimators=50"), read_option("direction=high"), read_option("min_effect=5,2")
        (('n_estimators', 50), ('direction', 'high'), ('min_effect', [5.0, 2.0]))
    """
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise UsageError(f"--option takes NAME=VALUE, not {text!r}", hint="--option contamination=0.02")
    return name.strip().lower(), _value(value.strip())


def _value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    try:
        return [float(part) for part in text.split(",")] if "," in text else text
    except ValueError:
        return text


def _model(path: Path) -> Any:
    from sqlnomaly.model import Model

    return Model.load(path)


def _name(name: str | None) -> str:
    if name is None:
        raise UsageError("the functions of a model need a name", hint="--name fraud_score")
    return name
