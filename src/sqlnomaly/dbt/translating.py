"""Models that are written in the full language, compiled to models that dbt runs as they are.

``anomaly_models/**/*.sql`` become ``models/**/*.sql`` under the same names, for one adapter or a few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlnomaly.compiling import compile as compile_sql
from sqlnomaly.dbt.project import Project, read_json, read_yaml, write_text
from sqlnomaly.dbt.templating import Template, read_template
from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import SqlnomalyError, UnsupportedError, UsageError, nearest
from sqlnomaly.script import statements_of
from sqlnomaly.version import __version__

if TYPE_CHECKING:
    from sqlnomaly.pushdown.bind import Schema

SOURCES = "anomaly_models"
"""The folder of what is compiled."""
TARGETS = "models"
"""The folder of what dbt runs."""
HEADER = "{#- Compiled by sqlnomaly"
"""What a compiled model begins with."""
_CHANGES = re.compile(r"(?:alter|create|delete|drop|insert|merge|replace|truncate|update)\s", re.IGNORECASE)
ADAPTERS = {"athena": "trino"}
"""Adapters whose dialect has another name."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A compiled model.

    Attributes:
        source: the file that it was compiled from.
        path: where it goes.
        text: what it is.
        assumed: what had to be assumed of the tables.
    """

    source: str
    path: str
    text: str
    assumed: Sequence[str]

    def differs(self, folder: Path) -> bool:
        """Whether the file is not what it is to be."""
        path = folder / self.path
        return not path.is_file() or path.read_text(encoding="utf-8", errors="replace") != self.text

    def check(self, folder: Path) -> None:
        """Refuses to replace a model that was not compiled.

        Raises:
            UsageError: where one stands.
        """
        path = folder / self.path
        if path.is_file() and not _is_compiled(path):
            raise UsageError(
                f"{self.path} is a model of your own, and {self.source} would replace it", hint="rename one of them"
            )

    def write(self, folder: Path) -> None:
        """Writes it, whatever stands there."""
        write_text(folder / self.path, self.text)


def translate(
    project: Project, adapters: Sequence[str], read: str | None, select: Sequence[str]
) -> Iterator[Translated]:
    """Compiles the models of a project.

    Args:
        project: the project; what its manifest and catalog say of columns is used where they are there.
        adapters: of which adapters of dbt; the project's own if empty.
        read: the dialect that they are written in; the first adapter's if None.
        select: names of models, or all if empty.

    Raises:
        UsageError: without sources, for a name that none has, for an adapter that has no dialect, where dbt does not
            read what is written.
        SqlnomalyError: for what the compiler refuses, with the file.
    """
    paths = read_yaml(project.folder / "dbt_project.yml").get("model-paths") or [TARGETS]
    if TARGETS not in paths:
        raise UsageError(f"dbt does not read {TARGETS}, where compiled models go", hint="add it to model-paths")
    chosen = list(dict.fromkeys(map(str.lower, adapters))) or [own_adapter(project)]
    dialects = {adapter: get_dialect(ADAPTERS.get(adapter, adapter)).name for adapter in chosen}
    sources = sorted(path for path in (project.folder / SOURCES).rglob("*.sql") if path.is_file())
    if not sources:
        raise UsageError(f"there is no {SOURCES}/*.sql in {str(project.folder)!r}", hint="--project DIR")
    names = [path.stem for path in sources]
    for name in select:
        if name not in names:
            raise UsageError(f"there is no {SOURCES}/**/{name}.sql", hint=nearest(name, names))
    known = _known(project)
    for path in sources:
        if not select or path.stem in select:
            yield _translated(project.folder, path, dialects, read or dialects[chosen[0]], known)


def orphans(folder: Path) -> list[str]:
    """Compiled models whose source is gone."""
    found = []
    for path in sorted((folder / TARGETS).rglob("*.sql")):
        source = folder / SOURCES / path.relative_to(folder / TARGETS)
        if path.is_file() and not source.is_file() and _is_compiled(path):
            found.append(path.relative_to(folder).as_posix())
    return found


def _is_compiled(path: Path) -> bool:
    return path.read_text(encoding="utf-8", errors="replace").startswith(HEADER)


def own_adapter(project: Project) -> str:
    """The adapter that the project was parsed for.

    Raises:
        UsageError: if it never was.
    """
    adapter = project.manifest.get("metadata", {}).get("adapter_type")
    if not adapter:
        raise UsageError("which adapter? the project has no manifest", hint="--adapter duckdb, or dbt parse first")
    return str(adapter)


def _translated(
    folder: Path, path: Path, dialects: Mapping[str, str], read: str, known: Mapping[str, Mapping[str, str]]
) -> Translated:
    source = path.relative_to(folder).as_posix()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {source}: {error}") from None
    template = read_template(text, get_dialect(read).sqlglot, source)
    assumed: list[str] = []
    bodies = {}
    for adapter, dialect in dialects.items():
        try:
            bodies[adapter] = _body(template, read, dialect, known, assumed)
        except SqlnomalyError as error:
            raise template.error(error, f"{source}, for {adapter}") from None
    told = source.replace("#}", "# }")
    head = f"{HEADER} {__version__} from {told}; do not edit: sqlnomaly dbt compile makes it anew. -#}}"
    parts = [head, *([template.prelude] if template.prelude else []), _branches(bodies)]
    target = f"{TARGETS}/{path.relative_to(folder / SOURCES).as_posix()}"
    return Translated(source, target, "\n".join(parts) + "\n", tuple(dict.fromkeys(assumed)))


def _body(
    template: Template, read: str, write: str, known: Mapping[str, Mapping[str, str]], assumed: list[str]
) -> str:
    """The SQL of one dialect, with Jinja in its places.

    Raises:
        SqlnomalyError: for what the compiler refuses.
    """
    own = get_dialect(read).sqlglot
    if len(statements_of(template.sql, own)) != 1 or _CHANGES.match(template.sql):
        raise UnsupportedError("a model is one query", hint="a file for each")
    compiled = compile_sql(template.sql, read=read, write=write, schema=_schema(template, known))
    try:
        sql = compiled.sql
    except UnsupportedError as error:
        raise UnsupportedError(
            error.message, hint="a detector of SQL alone, or a stored model: the materialization anomaly_model"
        ) from None
    assumed += map(template.told, compiled.assumptions)
    return template.restore(sql)


def _branches(bodies: Mapping[str, str]) -> str:
    """One body, or those of several adapters, of which dbt takes that of its target."""
    if len(bodies) == 1:
        return next(iter(bodies.values()))
    lines = []
    for at, (adapter, body) in enumerate(bodies.items()):
        lines += [f"{{%- {'elif' if at else 'if'} target.type == '{adapter}' %}}", body]
    wrong = f"sqlnomaly: compiled for {', '.join(bodies)}, not for "
    lines += ["{%- else %}", f"{{{{ exceptions.raise_compiler_error('{wrong}' ~ target.type) }}}}", "{%- endif %}"]
    return "\n".join(lines)


def _schema(template: Template, known: Mapping[str, Mapping[str, str]]) -> Schema | None:
    """The columns of the relations that a model reads; None where those of one are not known."""
    tables: dict[str, Mapping[str, str]] = {}
    for hole in template.holes:
        if hole.table is None:
            continue
        columns = known.get(hole.table)
        if columns is None:
            return None
        tables[hole.table] = columns
    return tables or None


def _known(project: Project) -> dict[str, Mapping[str, str]]:
    """The columns that the catalog of ``dbt docs generate`` has, by the names of models and tables.

    A name that two relations have is left out. A manifest says only what somebody wrote down, unless a contract holds
    the model to it.
    """
    path = project.folder / "target" / "catalog.json"
    catalog = read_json(path) if path.is_file() else {}
    found: dict[str, list[Mapping[str, str]]] = {}
    for kind in ("nodes", "sources"):
        for key, node in project.manifest.get(kind, {}).items():
            listed = catalog.get(kind, {}).get(key, {}).get("columns")
            if listed:
                found.setdefault(node["name"], []).append({name: column["type"] for name, column in listed.items()})
            elif node.get("config", {}).get("contract", {}).get("enforced"):
                found.setdefault(node["name"], []).append(_contract(node))
    return {name: columns[0] for name, columns in found.items() if len(columns) == 1}


def _contract(node: Mapping[str, Any]) -> dict[str, str]:
    return {column["name"]: column.get("data_type") or "" for column in node.get("columns", {}).values()}

