"""A bar on standard error for whatever lasts over a second, only where a terminal shows it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 1.0
"""Seconds before the bar appears."""


@contextmanager
def waiting(label: str, share: Callable[[], float | None] = lambda: None) -> Iterator[None]:
    """Shows that the work inside goes on.

    Args:
        label: what is being done.
        share: asked now and then, from another thread, for the share that is done; None if nobody knows.
    """
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(label, share, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(label: str, share: Callable[[], float | None], done: threading.Event) -> None:
    if done.wait(PATIENCE):
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        while not done.wait(0.1):
            known = share()
            if known is not None:
                bar.update(task, total=1.0, completed=known)
