"""dbt as users run it: its command in an environment of its own, on projects that a test writes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

import sqlnomaly.sql

HOME = Path(sys.prefix, "dbt")
"""Where its environment is: beside the packages of this one, made by ``make dbt``."""

PACKAGE = Path(sqlnomaly.sql.__file__).resolve().parent / "dbt"
"""The package."""
GENERATED = ("duckdb", "snowflake", "bigquery", "spark", "postgres", "redshift")
"""Folders of the package of which an adapter calls one; dbt would parse all of them, in each command."""

JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""What Spark's JVM is told: each statement is compiled once and runs for a moment."""
PATIENCE = 600.0
"""Seconds until a command counts as one that hangs."""

PROFILES: Mapping[str, Mapping[str, Any]] = {
    "duckdb": {"type": "duckdb", "path": "target/warehouse.duckdb", "threads": 2},
    "postgres": {
        "type": "postgres", "host": "{{ env_var('SN_PGHOST', '/nowhere') }}", "user": "postgres", "password": "none",
        "port": 5432, "dbname": "postgres", "schema": "{{ env_var('SN_SCHEMA', 'shop') }}", "threads": 2,
    },
    "spark": {"type": "spark", "method": "session", "schema": "{{ env_var('SN_SCHEMA', 'shop') }}", "host": "none"},
    "snowflake": {
        "type": "snowflake", "account": "none", "user": "none", "password": "none", "database": "SHOP",
        "schema": "PUBLIC", "warehouse": "none", "role": "none",
    },
    "bigquery": {"type": "bigquery", "method": "oauth-secrets", "token": "none", "project": "shop", "dataset": "shop"},
}  # fmt: skip
"""How each adapter is reached; the two last never are: their statements are compiled, not run."""


class DbtMissingError(Exception):
    """There is no environment with dbt."""


@dataclass(frozen=True, slots=True)
class Node:
    """What dbt says of one node that it ran: ``status`` is pass, warn, fail, error, success or skipped."""

    name: str
    status: str
    failures: int | None
    message: str
    compiled: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended: its code, all that it wrote, and its nodes by name."""

    code: int
    output: str
    nodes: Mapping[str, Node] = field(default_factory=dict)

    def ok(self) -> Done:
        """Itself, if the command did not fail.

        Raises:
            AssertionError: it failed; with what it wrote.
        """
        assert self.code == 0, self.output
        return self


@dataclass(frozen=True, slots=True)
class Project:
    """A dbt project in a folder; ``target`` is one of `PROFILES`."""

    folder: Path
    target: str = "duckdb"
    environment: Mapping[str, str] = field(default_factory=dict)

    def write(self, files: Mapping[str, str]) -> Project:
        """Writes files of the project, by their paths in it; returns the project."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self

    def make(self, **settings: Any) -> Project:
        """Writes dbt_project.yml with ``settings``, the profile, the package where deps puts it."""
        project = {
            "name": "shop", "version": "1.0.0", "profile": "shop", "flags": {"send_anonymous_usage_stats": False},
        }  # fmt: skip
        profiles = {"shop": {"target": "duckdb", "outputs": dict(PROFILES)}}
        package(self.folder / "dbt_packages" / "sqlnomaly", self.target)
        self.write({
            "dbt_project.yml": yaml.safe_dump({**project, **settings}),
            "profiles.yml": yaml.safe_dump(profiles),
            "packages.yml": yaml.safe_dump({"packages": [{"local": "dbt_packages/sqlnomaly"}]}),
        })  # fmt: skip
        return self

    def run(
        self, command: str, *arguments: str, variables: Mapping[str, Any] | None = None, patience: float = PATIENCE
    ) -> Done:
        """Runs ``dbt command``; its result, whether it failed or not.

        Raises:
            DbtMissingError: there is no environment with dbt.
        """
        program = HOME / "bin" / "dbt"
        if not program.exists():
            raise DbtMissingError(f"no {program}; `make dbt` makes it")
        results = self.folder / "target" / "run_results.json"
        results.unlink(missing_ok=True)
        words = [command, *arguments, "--no-use-colors"]
        if command not in ("deps", "clean"):
            words += ["--target", self.target]
        if variables:
            words += ["--vars", json.dumps(variables)]
        done = subprocess.run(
            [str(program), *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=patience,
            env={
                **os.environ,
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
                "JAVA_TOOL_OPTIONS": JAVA,
                "PYTHONPATH": "",
                **self.environment,
            },
        )
        return Done(done.returncode, done.stdout + done.stderr, dict(_nodes(results)))

    def manifest(self) -> dict[str, Any]:
        """What dbt wrote of the project when it parsed it last."""
        found: dict[str, Any] = json.loads((self.folder / "target" / "manifest.json").read_text(encoding="utf-8"))
        return found


def package(folder: Path, *dialects: str, without: Collection[str] = ("integration_tests",)) -> None:
    """Copies the package, with the generated macros of some dialects and ``without`` some names, into a folder."""
    left_out = {"generated": [name for name in GENERATED if name not in dialects]}

    def ignored(where: str, names: list[str]) -> list[str]:
        return [name for name in names if name in left_out.get(Path(where).name, without)]

    shutil.copytree(PACKAGE, folder, ignore=ignored, dirs_exist_ok=True)


def _nodes(results: Path) -> list[tuple[str, Node]]:
    """The nodes of a file of results; none where there is no file."""
    if not results.exists():
        return []
    found = []
    for one in json.loads(results.read_text(encoding="utf-8"))["results"]:
        name = one["unique_id"].split(".")[2]
        message, compiled = one["message"] or "", one.get("compiled_code") or ""
        node = Node(name, one["status"], one["failures"], message, compiled, one["execution_time"])
        found.append((name, node))
    return found
