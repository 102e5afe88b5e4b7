"""How a command ends when something is wrong: one clear message on standard error, and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer

from sqlnomaly.errors import SqlnomalyError, UsageError

QUERY_FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130


@contextmanager
def failing_politely() -> Iterator[None]:
    """Turns errors into exit codes; a reader that has seen enough, as `head`, is no error."""
    try:
        yield
        sys.stdout.flush()
    except SqlnomalyError as error:
        say(str(error), error=True)
        raise typer.Exit(WRONG_USAGE if isinstance(error, UsageError) else QUERY_FAILED) from None
    except BrokenPipeError:
        # Python flushes standard output once more at exit, which would fail again.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        say("stopped")
        raise typer.Exit(INTERRUPTED) from None


def say(text: str, *, error: bool = False) -> None:
    """A message for the person at the terminal, on standard error."""
    if error:
        typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
    typer.echo(text, err=True)
