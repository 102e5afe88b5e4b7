"""The commands of models that live in an engine: models list, show, export, import, verify, diff, prune."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sqlnomaly.cli.catalogue import print_facts
from sqlnomaly.cli.commands import Target, app
from sqlnomaly.cli.failures import failing_politely, say
from sqlnomaly.cli.output import Format, check_output, choose_format, write_rows
from sqlnomaly.cli.progress import waiting
from sqlnomaly.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.catalog.catalog import Catalog
    from sqlnomaly.model import Model
    from sqlnomaly.pushdown.fitted import Kept
    from sqlnomaly.session import Session

ROWS = 1_000
"""Lines of a table that are shown."""

models = typer.Typer(
    name="models",
    help="The models that live in an engine: list, show, export, import, verify, diff, prune.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(models)

Name = Annotated[str, typer.Argument(metavar="NAME", help='The model; "Name" in double quotes keeps its case.')]
Version = Annotated[
    int | None, typer.Option("--version", metavar="N", min=1, help="A version; the one in force if left out.")
]
Form = Annotated[
    Format | None, typer.Option("--format", help="How to write it; the ending of -o decides if left out.")
]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write there.")]


@models.command("list")
def list_(on: Target = None, form: Form = None, output: Output = None) -> None:
    """List the models that are in force, as SHOW ANOMALY MODELS does."""
    with failing_politely():
        chosen = choose_format(form, output)
        check_output(output)
        with _session(on) as session:
            found = session.sql("SHOW ANOMALY MODELS").arrow()
        if not found.num_rows:
            say("there is no model yet: CREATE ANOMALY MODEL name USING detector AS SELECT ..")
            if chosen is Format.TABLE and output is None:
                return
        _write(found, chosen, output)


@models.command()
def show(
    name: Name,
    on: Target = None,
    version: Version = None,
    partition: Annotated[
        list[str] | None,
        typer.Option("--partition", metavar="KEY=VALUE", help="The partition whose scores to draw; NULL for none."),
    ] = None,
    form: Form = None,
    output: Output = None,
) -> None:
    """Describe a model as DESCRIBE ANOMALY MODEL does, and draw how its fitted rows scored."""
    from sqlnomaly.catalog.distribution import distribution_of
    from sqlnomaly.catalog.told import described
    from sqlnomaly.pushdown.statements import DescribeModel, model_name

    with failing_politely():
        chosen = choose_format(form, output)
        check_output(output)
        asked = _partition(partition or [])
        with _session(on) as session:
            catalog = session.models().catalog
            kept = catalog.kept(model_name(name), version)
            table = described(catalog, DescribeModel(name=kept.name, version=kept.version))
            found = distribution_of(kept, catalog.shelf, asked)
            whose = _whose(catalog, kept)
        if chosen is not Format.TABLE or output is not None:
            _write(table, chosen, output)
            return
        print_facts(zip(*(column.to_pylist() for column in table.columns), strict=True))
        typer.echo("")
        if isinstance(found, str):
            typer.echo(found)
            return
        from rich.console import Console

        from sqlnomaly.cli.picture import is_plain, picture

        plain = is_plain()
        console = Console(file=sys.stdout, highlight=False)
        for line in picture(found, plain=plain, width=100 if plain else console.width, whose=whose):
            if plain:
                typer.echo(line.plain)
            else:
                console.print(line, soft_wrap=True)


@models.command("export")
def export_(
    name: Name,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The model's file.")],
    on: Target = None,
    version: Version = None,
) -> None:
    """Write a version to a file: for another engine, for pack and install, or to keep."""
    with failing_politely(), _session(on) as session:
        model = session.models().get(name, version)
        model.save(output)
        say(f"{output}: {model.detector} over {', '.join(model.features)}")


@models.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A model's file, of fit or export.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What it is called in the engine.")],
    on: Target = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Make it the next version of a model that is there.")
    ] = False,
) -> None:
    """Put a model's file in force in an engine, whichever engine it was fitted in."""
    from sqlnomaly.model import Model

    with failing_politely():
        model = Model.load(file)
        with _session(on, writes=True) as session:
            done = session.models().add(name, model, replace=replace)
        say(f"{done.name}: version {done.version}, {model.detector} over {', '.join(model.features)}")


@models.command()
def verify(name: Name, on: Target = None, version: Version = None) -> None:
    """Check the checksums of a model, and score its test rows in the engine; exit 1 if a score is not what it was."""
    with failing_politely():
        with _session(on) as session:
            found = session.models().verify(name, version)
        typer.echo(
            f"checksums hold; {found.rows} rows, largest difference {found.difference:.3g}, "
            f"tolerance {found.tolerance:g}"
        )
    if not found.holds:
        raise typer.Exit(1)


@models.command()
def diff(
    left: Annotated[str, typer.Argument(metavar="A", help="NAME, NAME@VERSION, or a model's file.")],
    right: Annotated[str, typer.Argument(metavar="B", help="What to compare it with.")],
    on: Target = None,
    form: Form = None,
    output: Output = None,
) -> None:
    """Print what differs from one model to another: options, features, threshold, and the numbers that moved."""
    from sqlnomaly.catalog.compared import Comparison, compare, named_model

    with failing_politely():
        chosen = choose_format(form, output)
        check_output(output)
        if on is None:
            (first, one), (second, two) = (named_model(wanted, _nowhere) for wanted in (left, right))
            found = Comparison(first, second, tuple(compare(one, two)))
        else:
            with _session(on) as session:
                found = session.models().diff(left, right)
        if chosen is Format.TABLE and output is None and found.same:
            typer.echo(str(found))
            return
        say(str(found))
        _write(found.arrow(), chosen, output)


@models.command()
def prune(
    name: Name,
    on: Target = None,
    keep: Annotated[
        int, typer.Option("--keep", metavar="N", min=0, help="How many of the newest stay; the current one does too.")
    ] = 1,
) -> None:
    """Drop old versions of a model, or all of one that was dropped; what is in force always stays."""
    with failing_politely():
        with _session(on, writes=True) as session:
            gone = session.models().prune(name, keep=keep)
        say(f"{name}: " + (f"dropped {', '.join(map(str, gone))}" if gone else "nothing to drop"))


def _session(on: str | None, *, writes: bool = False) -> Session:
    """A session on an engine that keeps models.

    Raises:
        UsageError: without one: a DuckDB in memory has none.
    """
    from sqlnomaly.session import connect

    if on is None:
        raise UsageError("models live in an engine, and none is named", hint="--on duckdb:///shop.db")
    with waiting("starting the engine"):
        return connect(on, must_exist=True, read_only=not writes)


def _whose(catalog: Catalog, kept: Kept) -> str:
    """The rows whose scores a version keeps: those that were fitted, but where it was merged from states."""
    entries = [one for one in catalog.ledger.versions(kept.name) if one.version <= kept.version]
    made = next((one.how for one in reversed(entries) if one.how != "altered"), "created")
    if made != "merged":
        return "fitted rows"
    return "rows that the refresh added" if kept.model.held is None else "rows held out of the fit"


def _nowhere(name: str, _version: int | None) -> Model:
    raise UsageError(f"{name!r} is no file, and no engine is named", hint="--on duckdb:///shop.db")


def _partition(texts: list[str]) -> dict[str, str]:
    """The values by key.

    Raises:
        UsageError: without an equals sign, or for a key that comes twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key or key in found:
            raise UsageError(f"--partition takes KEY=VALUE, each key once: {text!r}", hint="--partition store=north")
        found[key] = value
    return found


def _write(rows: pa.Table, form: Format, output: Path | None) -> None:
    note = write_rows(rows.to_reader(), form, output, ROWS)
    if note and rows.num_rows:
        say(note)
