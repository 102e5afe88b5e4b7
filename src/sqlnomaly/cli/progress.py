"""What goes on while the engine works: a bar where a terminal shows it, and an ear for Ctrl-C."""

from __future__ import annotations

import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlnomaly.errors import EngineError

PATIENCE = 1.0
"""Seconds before the bar appears."""

TICK = 0.1
"""Seconds between two looks at the engine."""


@contextmanager
def waiting(
    label: str, share: Callable[[], float | None] = lambda: None, stop: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Watches over the work inside, from another thread.

    Args:
        label: what is being done.
        share: asked now and then for the share that is done; None if nobody knows.
        stop: called when the user presses Ctrl-C, which Python itself notices only when the engine returns.
    """
    done, stopped = threading.Event(), threading.Event()

    def on_interrupt() -> None:
        stopped.set()
        stop()

    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    listening = threading.current_thread() is threading.main_thread()
    before = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False) if listening else -1
    watcher = threading.Thread(target=_watch, args=(label, share, on_interrupt, ear, done), daemon=True)
    watcher.start()
    try:
        yield
    except EngineError:
        # The engine may notice the signal itself, before the watcher's next look.
        done.set()
        watcher.join()
        _listen(ear, stopped.set)
        if stopped.is_set():
            raise KeyboardInterrupt from None
        raise
    finally:
        done.set()
        watcher.join()
        if listening:
            signal.set_wakeup_fd(before)
        ear.close()
        mouth.close()


def _watch(
    label: str,
    share: Callable[[], float | None],
    stop: Callable[[], None],
    ear: socket.socket,
    done: threading.Event,
) -> None:
    patient_until = time.monotonic() + PATIENCE if sys.stderr.isatty() else float("inf")
    while not done.wait(TICK) and time.monotonic() < patient_until:
        _listen(ear, stop)
    if done.is_set():
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        while not done.wait(TICK):
            _listen(ear, stop)
            known = share()
            if known is not None:
                bar.update(task, total=1.0, completed=known)


def _listen(ear: socket.socket, stop: Callable[[], None]) -> None:
    """Calls stop if an interrupt came."""
    if select.select([ear], [], [], 0)[0] and signal.SIGINT in ear.recv(64):
        stop()
