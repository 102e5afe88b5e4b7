"""A Spark Connect server of the tests: a child process, since a Python process has a classic session or a remote one.

``python -m tests.engines.connect`` is the child: it starts Spark with the Connect plugin on a free port of the loopback
interface, writes the port, and ends with its standard input.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlnomaly.errors import EngineError

ROOT = Path(__file__).parents[2]
PLUGIN = "org.apache.spark.sql.connect.SparkConnectPlugin"
SETTINGS = {
    "spark.plugins": PLUGIN,
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": "0",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.enabled": "false",
    "spark.log.level": "OFF",
}
"""Small tables: planning takes the time, not the rows."""
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""A JVM that lives for a minute: no second compiler, no parallel collector."""


class ConnectServer:
    """A server and its address.

    Raises:
        EngineError: where it does not start, with what it said last.
    """

    def __init__(self) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as the child is)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.engines.connect"],
            cwd=ROOT,
            env={**os.environ, "JAVA_TOOL_OPTIONS": JAVA},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )
        assert self._child.stdout is not None
        port = self._child.stdout.readline().strip()
        if not port.isdigit():
            self._child.wait()
            self._said.seek(0)
            last = self._said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise EngineError("the Spark Connect server does not start", where=last[0] if last else None)
        self.address = f"sc://127.0.0.1:{port}"
        self._sessions: list[Any] = []

    def session(self) -> Any:
        """A session of its own at the server. Unlike the public builder, this one works beside a classic session."""
        from pyspark.sql.connect.session import SparkSession

        session = SparkSession.builder.remote(self.address).create()
        self._sessions.append(session)
        return session

    def close(self) -> None:
        """Ends the sessions, each of which would ask for the server at exit for minutes, and the child."""
        for session in self._sessions:
            session.stop()
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._child.communicate(timeout=30)
        self._child.kill()
        self._child.wait()
        self._said.close()


def main() -> None:
    """Serves until the input ends."""
    from sqlnomaly.engines import spark

    spark.SETTINGS.update(SETTINGS)
    engine: Any = spark.Spark.open()
    service = getattr(engine._session._jvm.org.apache.spark.sql.connect.service, "SparkConnectService$")
    sys.stdout.write(f"{getattr(service, 'MODULE$').localPort()}\n")
    sys.stdout.flush()
    sys.stdin.read()
    engine.close()


if __name__ == "__main__":
    main()
