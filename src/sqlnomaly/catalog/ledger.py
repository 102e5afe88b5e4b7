"""The tables of the catalog: rows are only ever added, and the last one written says what is in force.

``models`` has a row for each change of a model's current version, ``model_versions`` one for each version, and
``model_state`` the version's relations. A version's rows come before the row of ``models`` that names it, so that a
crash between two statements leaves the old version in force on an engine without transactions too.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import BindError, EngineError, ModelError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.training import lower_names

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.engines import Engine

SCHEMA = "sqlnomaly"
"""Where the catalog lives."""
FORMAT = 1
"""The version of the tables; a row of a later one is refused."""
CHUNK = 1_000_000
"""Characters of a relation's Parquet, as base64, in one row."""

PAUSES = (0.02, 0.1, 0.5)
"""Seconds to wait for another session that makes the tables."""
TOGETHER = 8
"""Rows that are written by one statement."""
DROPPED = "dropped"
"""What stands for a version that is gone."""

TABLES: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "models": (
        {"name": "TEXT", "change": "BIGINT", "version": "BIGINT", "changed_at": "TEXT", "token": "TEXT"},
        ("name", "change"),
    ),
    "model_versions": (
        {
            "name": "TEXT",
            "version": "BIGINT",
            "format": "BIGINT",
            "how": "TEXT",
            "definition": "TEXT",
            "manifest": "TEXT",
            "created_at": "TEXT",
        },
        ("name", "version"),
    ),
    "model_state": (
        {
            "name": "TEXT",
            "version": "BIGINT",
            "relation": "TEXT",
            "place": "BIGINT",
            "storage": "TEXT",
            "n_rows": "BIGINT",
            "data": "TEXT",
        },
        ("name", "version", "relation", "place"),
    ),
}
"""Table -> its columns with their types, and its key."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What is in force for a name.

    Attributes:
        change: counts the changes, from 1.
        version: the current one, or None where the model was dropped.
    """

    name: str
    change: int
    version: int | None
    changed_at: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One version.

    Attributes:
        how: what made it: created, refitted, merged, altered or imported.
        definition: JSON: the query, the detector and the options that it was made of.
        manifest: JSON, as in a model's file.
    """

    name: str
    version: int
    how: str
    definition: str
    manifest: str
    created_at: str


@dataclass(frozen=True, slots=True)
class State:
    """A relation of a version: packed into rows of text, or a table of its own.

    Attributes:
        storage: the table's name in the catalog's schema, or None.
        n_rows: its rows.
        data: Parquet as base64, or None where it is a table.
    """

    relation: str
    storage: str | None
    n_rows: int
    data: str | None


class Ledger:
    """The catalog's tables in an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = get_dialect(engine.dialect)

    def pointer(self, name: str) -> Pointer | None:
        """What is in force for a name; None where there never was such a model."""
        found = [one for one in self.pointers(name) if one.name == name]
        return found[0] if found else None

    def pointers(self, name: str | None = None) -> list[Pointer]:
        """The last change of each model, by name."""
        where = [] if name is None else [ops.eq(ops.column("name"), ops.text(name))]
        rows = self._rows("models", ("name", "change", "version", "changed_at", "token"), where)
        last: dict[str, dict[str, Any]] = {}
        # Of two changes of one number, which an engine without keys lets through, the lower token counts.
        for row in sorted(rows, key=lambda row: row["token"], reverse=True):
            if row["name"] not in last or row["change"] >= last[row["name"]]["change"]:
                last[row["name"]] = row
        return [
            Pointer(row["name"], row["change"], row["version"], row["changed_at"])
            for _, row in sorted(last.items())
        ]

    def versions(self, name: str) -> list[Entry]:
        """The versions of a model, the first one first."""
        columns = ("name", "version", "format", "how", "definition", "manifest", "created_at")
        rows = self._rows("model_versions", columns, [ops.eq(ops.column("name"), ops.text(name))])
        entries = list(map(_entry, rows))
        gone = {entry.version for entry in entries if entry.how == DROPPED}
        return sorted((one for one in entries if one.version not in gone), key=lambda entry: entry.version)

    def version(self, name: str, version: int) -> Entry | None:
        """One version of a model."""
        columns = ("name", "version", "format", "how", "definition", "manifest", "created_at")
        entries = list(map(_entry, self._rows("model_versions", columns, _same(name, version))))
        return entries[0] if entries and all(one.how != DROPPED for one in entries) else None

    def state(self, name: str, version: int) -> list[State]:
        """The relations of a version."""
        columns = ("relation", "place", "storage", "n_rows", "data")
        rows = sorted(
            self._rows("model_state", columns, _same(name, version)),
            key=lambda row: (row["relation"], row["place"]),
        )
        found: dict[str, State] = {}
        for row in rows:
            if row["relation"] == DROPPED:
                continue
            before = found.get(row["relation"])
            data = row["data"] if before is None or before.data is None else before.data + row["data"]
            found[row["relation"]] = State(row["relation"], row["storage"], row["n_rows"], data)
        return list(found.values())

    def next_version(self, name: str) -> int:
        """The number that no version of a model, and no remainder of one, has."""
        numbers = [
            row["version"] for table in ("model_versions", "model_state") for row in self._rows(table, ("version",), [
                ops.eq(ops.column("name"), ops.text(name))
            ])
        ]  # fmt: skip
        return max(numbers, default=0) + 1

    def prepare(self) -> None:
        """Makes the schema and the tables, where they are not there."""
        for pause in PAUSES:
            if self._there():
                return
            try:
                self._make()
                return
            except EngineError:  # perhaps another session makes them at this moment: IF NOT EXISTS does not wait
                time.sleep(pause)
        if not self._there():
            self._make()

    def _make(self) -> None:
        self.engine.make_schema(SCHEMA)
        for name, (columns, key) in TABLES.items():
            parts: list[Expr] = [
                exp.ColumnDef(this=exp.to_identifier(column), kind=exp.DataType.build(kind))
                for column, kind in columns.items()
            ]
            if self.engine.transactional:
                parts.append(exp.PrimaryKey(expressions=[exp.to_identifier(column) for column in key]))
            self._run(
                exp.Create(this=exp.Schema(this=table(name), expressions=parts), kind="TABLE", exists=True)
            )

    def _there(self) -> bool:
        try:
            for name, (columns, _) in TABLES.items():
                self._run(exp.select(*columns).from_(table(name)).limit(0))
        except BindError:
            return False
        return True

    @contextmanager
    def transaction(self, name: str) -> Iterator[None]:
        """Everything inside or nothing, as far as the engine has that.

        Raises:
            ModelError: another session has written to this model, which an engine may say as late as at the end.
        """
        with _in_turn(name), self.engine.transaction():
            yield

    def add_version(self, entry: Entry, states: Sequence[State]) -> None:
        """Writes the relations of a version, then the version; nothing reads them yet.

        Raises:
            ModelError: another session has written this version.
        """
        self.add_states(entry.name, entry.version, states)
        self._add_entry(entry)

    def add_states(self, name: str, version: int, states: Sequence[State]) -> None:
        """Writes relations of a version."""
        rows: list[Mapping[str, Any]] = []
        for state in states:
            data = state.data or ""
            chunks = [data[start : start + CHUNK] for start in range(0, max(len(data), 1), CHUNK)]
            for place, chunk in enumerate(chunks):
                rows.append(
                    {
                        "name": name,
                        "version": version,
                        "relation": state.relation,
                        "place": place,
                        "storage": state.storage,
                        "n_rows": state.n_rows,
                        "data": None if state.data is None else chunk,
                    }
                )
        for start in range(0, len(rows), TOGETHER):
            self._add("model_state", *rows[start : start + TOGETHER])

    def _add_entry(self, entry: Entry) -> None:
        self._add(
            "model_versions",
            {
                "name": entry.name,
                "version": entry.version,
                "format": FORMAT,
                "how": entry.how,
                "definition": entry.definition,
                "manifest": entry.manifest,
                "created_at": entry.created_at,
            },
        )

    def point(self, name: str, before: Pointer | None, version: int | None) -> None:
        """Puts a version in force, or none.

        Args:
            name: of the model.
            before: what was in force when the caller looked; None where there was nothing.
            version: the version, or None to drop the model.

        Raises:
            ModelError: another session has changed the model since; what was in force stays so.
        """
        change = 1 if before is None else before.change + 1
        token = secrets.token_hex(8)
        row = {"name": name, "change": change, "version": version, "changed_at": now(), "token": token}
        self._check_unchanged(name, before)
        self._add("models", row)
        if self.engine.transactional:
            return
        same = [ops.eq(ops.column("name"), ops.text(name)), ops.eq(ops.column("change"), ops.integer(change))]
        if min(one["token"] for one in self._rows("models", ("token",), same)) != token:
            raise changed(name)

    def _check_unchanged(self, name: str, before: Pointer | None) -> None:
        last = self.pointer(name)
        if (last.change if last else 0) != (before.change if before else 0):
            raise changed(name)

    def drop_version(self, name: str, version: int) -> None:
        """Takes a version away that is not in force: its number is not given again."""
        entry = Entry(name, version, DROPPED, "{}", "{}", now())
        if self.engine.transactional:
            for one in ("model_versions", "model_state"):
                self._run(
                    exp.delete(
                        table(one), where=ops.and_(*_same(name, version)), dialect=self.dialect.sqlglot
                    )
                )
            # What is left keeps the number.
            state = {"name": name, "version": version, "relation": DROPPED, "place": 0, "n_rows": 0}
            self._add("model_state", {**state, "storage": None, "data": None})
        else:
            self._add_entry(entry)

    def _add(self, name: str, *rows: Mapping[str, Any]) -> None:
        """Adds rows of the same columns in one statement."""
        row = rows[0]
        values = [exp.Tuple(expressions=[ops.constant(value) for value in one.values()]) for one in rows]
        columns = exp.Schema(this=table(name), expressions=[exp.to_identifier(column) for column in row])
        with _in_turn(str(row["name"])):
            self._run(exp.Insert(this=columns, expression=exp.Values(expressions=values)))

    def _rows(self, name: str, columns: Sequence[str], where: Sequence[Expr]) -> list[dict[str, Any]]:
        """Rows of a table; none where there is no catalog."""
        query = exp.select(*(exp.column(column) for column in columns)).from_(table(name))
        if where:
            query = query.where(ops.and_(*where))
        try:
            found: list[dict[str, Any]] = lower_names(self._run(query)).to_pylist()
        except BindError:
            return []
        return found

    def _run(self, statement: Expr) -> pa.Table:
        return self.engine.run(statement.sql(self.dialect.sqlglot))


def table(name: str) -> exp.Table:
    """A table of the catalog."""
    return exp.Table(this=exp.to_identifier(name), db=exp.to_identifier(SCHEMA))


def now() -> str:
    """The time as ISO 8601, UTC, to the second."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def changed(name: str) -> ModelError:
    """The error of a change that came too late."""
    return ModelError(
        f"another session changed the model {name!r} meanwhile", hint="nothing was changed here; run it again"
    )


@contextmanager
def _in_turn(name: str) -> Iterator[None]:
    """Says of a key that is there already, or of a conflict, that another session was faster."""
    try:
        yield
    except EngineError as error:
        if "onstraint" in str(error) or "onflict" in str(error) or "uplicate" in str(error):
            raise changed(name) from None
        raise


def _same(name: str, version: int) -> list[Expr]:
    return [ops.eq(ops.column("name"), ops.text(name)), ops.eq(ops.column("version"), ops.integer(version))]


def _entry(row: Mapping[str, Any]) -> Entry:
    """A version as read.

    Raises:
        ModelError: a later release wrote it.
    """
    if row["format"] > FORMAT:
        raise ModelError(
            f"version {row['version']} of the model {row['name']!r} was written by a later sqlnomaly "
            f"(catalog format {row['format']}, this one reads {FORMAT})",
            hint="pip install --upgrade sqlnomaly",
        )
    return Entry(
        row["name"], row["version"], row["how"], row["definition"], row["manifest"], row["created_at"]
    )
