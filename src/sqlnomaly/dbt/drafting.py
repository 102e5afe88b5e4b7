"""Proposals for a project as changes of its YAML files."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlnomaly.dbt.nodes import Check, Node, nodes_of
from sqlnomaly.dbt.profiling import Profile, from_database, from_yaml, too_large
from sqlnomaly.dbt.project import Project, write_text
from sqlnomaly.dbt.proposing import Proposal, propose
from sqlnomaly.dbt.schema_yaml import Document, YamlError
from sqlnomaly.errors import BindError, EngineError, UsageError

if TYPE_CHECKING:
    from sqlnomaly.session import Session

NESTED_SINCE = (1, 11)
"""The first dbt whose tests take their arguments under ``arguments`` without a flag."""
DIALECTS = {"databricks": "spark"}
"""Adapters whose dialect has another name."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after; it is new where ``before`` is None."""

    path: str
    before: str | None
    after: str
    tests: int

    def diff(self) -> str:
        """The change as a patch."""
        old, new = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (self.before or "", self.after))
        name = f"a/{self.path}" if self.before is not None else "/dev/null"
        lines = difflib.unified_diff(old, new, name, f"b/{self.path}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is proposed for a project.

    Attributes:
        changes: of its files, by their names.
        notes: what is not, and why.
    """

    changes: Sequence[Change]
    notes: Sequence[str]

    def write(self, folder: Path) -> None:
        """Writes the files; each appears whole or not at all."""
        for change in self.changes:
            write_text(folder / change.path, change.after)


def draft(project: Project, session: Session | None, now: datetime) -> Draft:
    """What is proposed for the models and sources of a project.

    Args:
        project: the project, parsed.
        session: on its database; None to go by what YAML says of the columns.
        now: the time that it is.

    Raises:
        UsageError: if the project does not install the package.
    """
    metadata = project.manifest.get("metadata", {})
    packages = {macro.get("package_name") for macro in project.manifest.get("macros", {}).values()}
    if "sqlnomaly" not in packages:
        raise UsageError(
            "the project does not install the package sqlnomaly",
            hint="add it to packages.yml, then dbt deps and dbt parse",
        )
    adapter = metadata.get("adapter_type") or "duckdb"
    dialect = session.engine.dialect if session else DIALECTS.get(adapter, adapter)
    nested = tuple(map(int, str(metadata.get("dbt_version") or "1.11").split(".")[:2])) >= NESTED_SINCE
    files: dict[str, _File] = {}
    notes: list[str] = []
    for node in nodes_of(project):
        if node.versioned:
            notes.append(f"{node.title}: versions of a model are left alone")
            continue
        file = files.get(node.file) or files.setdefault(node.file, _File.read(project.folder, node.file))
        found = _proposal(node, session, file, dialect, now)
        notes += [f"{node.title}: {note}" for note in found.notes]
        if found.tests:
            notes += file.add(found, nested=nested)
    changes = []
    for name in sorted(files):
        found_changes, told = files[name].change(nested=nested)
        changes += found_changes
        notes += told
    return Draft(changes, notes)


def _proposal(node: Node, session: Session | None, file: _File, dialect: str, now: datetime) -> Proposal:
    """What fits one relation."""
    if file.error is not None:
        return Proposal(node, (), (file.error,))
    try:
        if session is not None and too_large(session, node):
            return Proposal(node, (), ("a view of over a million rows: each test would compute it",))
        profile: Profile = from_yaml(node) if session is None else from_database(session, node)
    except (BindError, EngineError) as error:
        return Proposal(node, (), (f"not looked at: {error.message}",))
    return propose(node, profile, [*node.tests, *file.tests(node)], dialect, now)


@dataclass(slots=True)
class _File:
    """A YAML file, with what is put into it."""

    path: str
    before: str | None
    document: Document | None
    error: str | None
    added: list[Proposal] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path, name: str) -> _File:
        """The file, empty where it is not there."""
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            return cls(name, None, None, f"{name} lies outside of the project")
        try:
            before = path.read_bytes().decode("utf-8") if path.exists() else None
            return cls(name, before, Document(before or "", name), None)
        except (OSError, UnicodeDecodeError) as error:
            return cls(name, None, None, f"{name} cannot be read: {error}")
        except YamlError as error:
            return cls(name, None, None, error.message)

    def tests(self, node: Node) -> list[Check]:
        """The tests that it gives to a relation."""
        assert self.document is not None, "a file with an error gets no tests"
        return self.document.tests(node)

    def add(self, proposal: Proposal, *, nested: bool) -> list[str]:
        """Puts tests in; what is said where that cannot be done."""
        assert self.document is not None, "a file with an error gets no tests"
        try:
            self.document.add(proposal.node, proposal.tests, nested=nested)
        except YamlError as error:
            return [_by_hand(proposal, error)]
        self.added.append(proposal)
        return []

    def change(self, *, nested: bool) -> tuple[list[Change], list[str]]:
        """Its change, if there is one; and what could not be put in after all."""
        if self.document is None or not self.added:
            return [], []
        try:
            return [Change(self.path, self.before, self.document.result(), _number(self.added))], []
        except YamlError:  # because of one of them: each for itself
            return self._one_by_one(nested=nested)

    def _one_by_one(self, *, nested: bool) -> tuple[list[Change], list[str]]:
        text, added, notes = self.before or "", [], []
        for proposal in self.added:
            document = Document(text, self.path)
            try:
                document.add(proposal.node, proposal.tests, nested=nested)
                text = document.result()
            except YamlError as error:
                notes.append(_by_hand(proposal, error))
            else:
                added.append(proposal)
        return [Change(self.path, self.before, text, _number(added))] if added else [], notes


def _number(proposals: Sequence[Proposal]) -> int:
    return sum(len(proposal.tests) for proposal in proposals)


def _by_hand(proposal: Proposal, error: YamlError) -> str:
    return f"{proposal.node.title}: {error.message} ({error.where}); add {_listed(proposal)} by hand"


def _listed(proposal: Proposal) -> str:
    """The tests in a few words."""
    names = [test.name + (f" of {test.column}" if test.column else "") for test in proposal.tests]
    return ", ".join(names)
