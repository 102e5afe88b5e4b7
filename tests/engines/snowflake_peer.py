"""fakesnow's HTTP server on the loopback, which the vendor's connector and Snowpark talk to as to Snowflake.

It runs in fakesnow's own environment, as a child that ends with this process, whose pipe it reads. What it adds to
fakesnow: ``SYSTEM$CANCEL_ALL_QUERIES`` stops what the session runs, which then fails as Snowflake says (000604); a
session has a number; and a timestamp that is NULL arrives as one, where fakesnow sends 1970-01-01.
The lies of fakesnow are the ones that ``tests/test_fakesnow.py`` lists.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CANCEL = "SYSTEM$CANCEL_ALL_QUERIES"

CANCELED = {
    "rowtype": [{"name": "CANCELED", "type": "text", "nullable": True, "length": 99, "precision": None, "scale": None}],
    "rowset": [["1 statement canceled"]],
    "total": 1,
    "queryId": "00000000-0000-0000-0000-000000000000",
    "queryResultFormat": "json",
}


class PeerMissingError(ImportError):
    """There is no environment with fakesnow and its server, or it does not start."""


class SnowflakePeer:
    """One server with databases of its own.

    Attributes:
        parameters: what ``snowflake.connector.connect`` takes to reach it.

    Raises:
        PeerMissingError: where it does not start, and how to get it.
    """

    def __init__(self, python: Path | None = None) -> None:
        python = python or Path(sys.prefix, "fakesnow", "bin", "python")
        if not python.exists():
            raise PeerMissingError(f"no {python}; `make fakesnow` makes it")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as the child is)
        self._child = subprocess.Popen(
            [str(python), "-I", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
        )
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            self._said.seek(0)
            said = self._said.read().decode(errors="replace").strip().splitlines()
            self.stop()
            raise PeerMissingError(f"fakesnow's server does not start: {said[-1] if said else 'it said nothing'}")
        self.parameters: dict[str, Any] = {
            "account": "fakesnow",
            "user": "fake",
            "password": "snow",
            "host": "127.0.0.1",
            "port": int(line),
            "protocol": "http",
            "database": "TESTS",
            "schema": "PUBLIC",
            "network_timeout": 30,
            "session_parameters": {"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
        }

    def stop(self) -> None:
        """Ends the child."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._child.communicate(timeout=5)
        self._child.kill()
        self._child.wait()
        self._said.close()


def serve() -> None:
    """Serves until the input ends; the first line of the output is the port."""
    import gzip
    import importlib
    import itertools
    import os
    import socket
    import threading

    import pyarrow as pa
    import uvicorn  # type: ignore[import-not-found,unused-ignore]
    from starlette.applications import Starlette  # type: ignore[import-not-found,unused-ignore]
    from starlette.responses import JSONResponse  # type: ignore[import-not-found,unused-ignore]
    from starlette.routing import Route  # type: ignore[import-not-found,unused-ignore]

    server = importlib.import_module("fakesnow.server")  # the package has a function of that name
    canceled: set[str] = set()
    numbers = itertools.count(1)

    def refused(code: str, message: str) -> Any:
        data = {"errorCode": code, "sqlState": "57014"}
        return JSONResponse({"data": data, "code": code, "message": message, "success": False})

    arrow = importlib.import_module("fakesnow.arrow")
    as_struct = arrow.timestamp_to_sf_struct

    def with_nulls(moments: Any) -> Any:
        struct = as_struct(moments)
        missing = moments.combine_chunks().is_null()
        return pa.StructArray.from_arrays(struct.flatten(), fields=list(struct.type), mask=missing)

    arrow.timestamp_to_sf_struct = with_nulls

    async def query(request: Any) -> Any:
        body = await request.body()
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        token = server.to_token(request)
        if CANCEL in json.loads(body)["sqlText"]:
            canceled.add(token)
            server.to_conn(token)._duck_conn.interrupt()
            return JSONResponse({"data": CANCELED, "success": True})
        canceled.discard(token)
        answer = await server.query_request(request)
        return refused("000604", "SQL execution canceled") if token in canceled else answer

    async def login(request: Any) -> Any:
        answer = json.loads((await server.login_request(request)).body)
        answer["data"]["sessionId"] = next(numbers)
        return JSONResponse(answer)

    ours = {"/queries/v1/query-request": query, "/session/v1/login-request": login}
    routes = [
        Route(route.path, ours[route.path], methods=["POST"]) if route.path in ours else route
        for route in server.routes
    ]
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    config = uvicorn.Config(Starlette(routes=routes), log_level="error")
    print(listening.getsockname()[1], flush=True)  # noqa: T201
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    serve()
