"""The relations of a dbt project that can be tested: its models and the tables of its sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlnomaly.dbt.project import Project

NEW_FILE = "sqlnomaly.yml"
"""What the file is called that describes models which no file describes yet; it lies beside them."""


@dataclass(frozen=True, slots=True)
class Check:
    """A test that a relation has: its bare name, the column, what else it is given."""

    name: str
    column: str | None
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A model or a source's table.

    Attributes:
        id: dbt's own name of it.
        source: the source that a table belongs to; None for a model.
        name: what YAML calls it.
        place: database, schema and name, as far as they are known.
        materialized: how it is made; a table of a source is a table.
        columns: name -> type, as YAML says them; a type may be empty.
        file: the YAML file that describes it, or is to.
        described: whether that file describes it.
        versioned: whether it is one version of several.
        tests: the tests that it has.
    """

    id: str
    source: str | None
    name: str
    place: tuple[str | None, str | None, str]
    materialized: str
    columns: Mapping[str, str]
    file: str
    described: bool
    versioned: bool
    tests: tuple[Check, ...]

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.source}.{self.name}" if self.source else self.name


def nodes_of(project: Project) -> Iterator[Node]:
    """The project's own models and sources, by name; what is made of nothing, or disabled, is none of them."""
    manifest = project.manifest
    tests = _tests(manifest)
    own = (node for node in manifest.get("nodes", {}).values() if node.get("resource_type") == "model")
    for node in sorted([*own, *manifest.get("sources", {}).values()], key=lambda node: str(node["unique_id"])):
        if node.get("package_name") == project.name and node.get("language", "sql") in ("sql", "python"):
            found = _node(node, tests.get(node["unique_id"], []))
            if found.materialized != "ephemeral":
                yield found


def _node(node: Mapping[str, Any], tests: list[Check]) -> Node:
    source = node.get("source_name")
    patch = (node.get("patch_path") or "").partition("://")[2]
    beside = str(PurePosixPath(node["original_file_path"].replace("\\", "/")).parent / NEW_FILE)
    return Node(
        id=node["unique_id"],
        source=source,
        name=node["name"],
        place=(node.get("database"), node.get("schema"), node.get("alias") or node.get("identifier") or node["name"]),
        materialized="table" if source else node.get("config", {}).get("materialized", "view"),
        columns={column["name"]: column.get("data_type") or "" for column in node.get("columns", {}).values()},
        file=node["original_file_path"] if source else patch or beside,
        described=bool(source or patch),
        versioned=node.get("version") is not None,
        tests=tuple(tests),
    )


def _tests(manifest: Mapping[str, Any]) -> dict[str, list[Check]]:
    """The generic tests of each relation."""
    found: dict[str, list[Check]] = {}
    for node in manifest.get("nodes", {}).values():
        said = node.get("test_metadata")
        if node.get("resource_type") != "test" or not said:
            continue
        whose = node.get("attached_node") or next(iter(node.get("depends_on", {}).get("nodes", ())), "")
        arguments = said.get("kwargs", {})
        found.setdefault(whose, []).append(
            Check(said["name"], node.get("column_name") or arguments.get("column_name"), arguments)
        )
    return found
