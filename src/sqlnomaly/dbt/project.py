"""A dbt project as its files tell it: the manifest, the last run, and where its database is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import EngineError, MissingDriverError, UsageError
from sqlnomaly.replacing import replaced

if TYPE_CHECKING:
    from sqlnomaly.session import Session


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a dbt_project.yml.

    Attributes:
        folder: where it is.
        manifest: what ``dbt parse`` wrote; empty where it never ran.
    """

    folder: Path
    manifest: dict[str, Any]

    @classmethod
    def at(cls, folder: Path, manifest: Path | None = None, *, must_parse: bool = True) -> Project:
        """The project of a folder.

        Args:
            folder: the one with dbt_project.yml.
            manifest: its manifest, ``target/manifest.json`` if left out.
            must_parse: whether a manifest that is missing is an error.

        Raises:
            UsageError: if it is no project, or has no manifest.
        """
        if not (folder / "dbt_project.yml").is_file():
            raise UsageError(f"there is no dbt_project.yml in {str(folder)!r}", hint="--project DIR")
        path = manifest or folder / "target" / "manifest.json"
        if not path.is_file():
            if must_parse or manifest is not None:
                raise UsageError(f"there is no manifest {str(path)!r}", hint="dbt parse writes it; or --manifest FILE")
            return cls(folder, {})
        return cls(folder, read_json(path))

    @property
    def name(self) -> str:
        """What the project calls itself; its folder's name before it was parsed."""
        return str(self.manifest.get("metadata", {}).get("project_name") or self.folder.resolve().name)

    def last_run(self) -> dict[str, Any] | None:
        """What ``target/run_results.json`` says; None where dbt ran nothing yet."""
        path = self.folder / "target" / "run_results.json"
        return read_json(path) if path.is_file() else None


def read_json(path: Path) -> dict[str, Any]:
    """One of dbt's artefacts.

    Raises:
        UsageError: if it is not that.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {str(path)!r}: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("metadata", {}), dict):
        raise UsageError(f"{str(path)!r} is none of dbt's artefacts")
    return found


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file of dbt.

    Raises:
        UsageError: if it is none.
    """
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError:
        raise MissingDriverError.named("ruamel.yaml", "dbt") from None
    try:
        found = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {str(path)!r}: {error}") from None
    except YAMLError as error:  # its own text shows the line, which may hold a password
        mark = getattr(error, "problem_mark", None)
        where = None if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
        raise UsageError(f"{str(path)!r} is not YAML", where=where) from None
    if not isinstance(found, dict):
        raise UsageError(f"{str(path)!r} is no mapping")
    return found


def write_text(path: Path, text: str) -> None:
    """Writes a file that appears whole or not at all, in a folder that need not be there.

    Raises:
        EngineError: if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(f"cannot write {str(path)!r}: {error.strerror or error}") from None
    with replaced(path) as file:
        file.write(text.encode())


def open_database(given: str, *, writes: bool = False) -> Session:
    """A session, which only reads unless it ``writes``: on a DuckDB file, or behind an address.

    Raises:
        UsageError: for a file or an address that is not there.
    """
    from sqlnomaly.session import connect

    path = Path(given)
    if "://" not in given and given != "spark" and (path.suffix or path.exists()):
        given = f"duckdb:///{path.resolve() if path.is_absolute() else path}"
    return connect(given, must_exist=True, read_only=not writes)
