"""The relations of a version: small ones packed as in a model's file, large ones as tables that queries join."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.artefact import packed, unpacked
from sqlnomaly.catalog.ledger import SCHEMA, Entry, Ledger, State, table
from sqlnomaly.errors import ModelError, SqlnomalyError
from sqlnomaly.pushdown.compiler import emit
from sqlnomaly.pushdown.fitted import FittedModel, Kept
from sqlnomaly.pushdown.looked import LEVEL
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.written import held_lists
from sqlnomaly.training import lower_names

if TYPE_CHECKING:
    import pyarrow as pa

INLINE = 16
"""Partitions that are written into a query; more are joined to its rows."""
LOOSE = ("model", "calibration", "held", "selftest")
"""The relations of a version that may be tables of which nothing is packed."""
JOINED = ("model", "calibration", "held", "lists")
"""The relations that a query may join."""


class Shelf:
    """Puts the relations of versions into an engine, and gets them out."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.engine = ledger.engine
        self.dialect = ledger.dialect.sqlglot

    def pack(self, model: FittedModel, tables: Mapping[str, str]) -> tuple[str, list[State]]:
        """The manifest as text and the states of a version.

        Args:
            model: the model; relations that are tables are empty in it.
            tables: relation -> the table that holds it.
        """
        manifest, members = packed(model)
        states = []
        for member, data in members.items():
            name = member.removesuffix(".parquet")
            states.append(State(name, None, -1, base64.b64encode(data).decode()))
        for name, storage in tables.items():
            states.append(State(f"{name}:table", storage, self.count(storage), None))
        return json.dumps(manifest, ensure_ascii=True), states

    def unpack(self, name: str, version: int) -> Kept:
        """A version as a query can use it, its checksums compared.

        Raises:
            ModelError: there is no such version, or what is there was changed.
        """
        entry = self.ledger.version(name, version)
        if entry is None:
            raise ModelError(f"the model {name!r} has no version {version}", hint=self._versions(name))
        states = {state.relation: state for state in self.ledger.state(name, version)}

        def member(wanted: str) -> bytes | None:
            state = states.get(wanted.removesuffix(".parquet"))
            if state is None or state.data is None:
                return None
            try:
                return base64.b64decode(state.data, validate=True)
            except ValueError:
                return b""

        where = f"model {name}, version {version}"
        loose = {one: states[f"{one}:table"] for one in LOOSE if f"{one}:table" in states and one not in states}
        if loose:
            return self._of_tables(entry, member, where, loose)
        model = unpacked(entry.manifest.encode(), member, where)
        joined = {one: states[f"{one}:table"] for one in JOINED if f"{one}:table" in states}
        tables = {one: table(state.storage) for one, state in joined.items() if state.storage is not None}
        columns = {one: self._columns(found) for one, found in tables.items()}
        return Kept(model, name, version, tables, columns)

    def _of_tables(
        self, entry: Entry, member: Callable[[str], bytes | None], where: str, loose: Mapping[str, State]
    ) -> Kept:
        """A version that SQL alone has made, as the dbt package does: its relations are tables, and none is packed."""
        few = loose["model"].n_rows <= INLINE
        joined = {} if few else {one: table(str(state.storage)) for one, state in loose.items() if one in JOINED}

        def tables(keys: list[str]) -> Mapping[str, pa.Table]:
            found = {}
            for one, state in loose.items():
                rows = self._read(table(str(state.storage)), 0 if one in joined else None)
                own = [name for name in rows.column_names if not name.startswith("_sn__key") or name in keys]
                found[one] = rows.select(own)
            return found

        model = unpacked(entry.manifest.encode(), member, where, tables)
        columns = {one: self._columns(found) for one, found in joined.items()}
        return Kept(model, entry.name, entry.version, joined, columns)

    def whole(self, kept: Kept) -> FittedModel:
        """The model with the rows of its tables in it: for a file, or to be written out."""
        if not kept.table:
            return kept.model
        rows = {name: self._read(found) for name, found in kept.table.items() if name != "lists"}
        model = replace(kept.model, relations={**kept.model.relations, "model": rows["model"]})
        calibration = rows.get("calibration")
        if calibration is None:
            calibration = uncounted(rows["model"].select(model.fit.keys))
        model = replace(model, calibration=calibration)
        return replace(model, held=rows["held"]) if "held" in rows else model

    def fresh(self) -> str:
        """A name that no table of the catalog's schema has."""
        return f"m_{secrets.token_hex(6)}"

    def staging(self) -> exp.Table:
        """A name for rows that are written down for as long as a fit lasts."""
        name = f"_sn_rows_{secrets.token_hex(6)}"
        return exp.to_table(name) if self.engine.temporary_tables else table(name)

    def stage(self, name: exp.Table, select: str) -> None:
        """Writes the rows of a generated query down."""
        word = "TEMPORARY TABLE" if self.engine.temporary_tables else "TABLE"
        self.engine.run(f"CREATE {word} {name.sql(self.dialect)} AS\n{select}")

    def unstage(self, name: exp.Table) -> None:
        """Drops them."""
        self.engine.run(exp.Drop(tables=[name.copy()], kind="TABLE", exists=True).sql(self.dialect))

    def largest(self, storage: str, column: str) -> int:
        """The largest whole number of a column; 0 in an empty table."""
        query = exp.select(exp.alias_(exp.Max(this=exp.column(column)), "n")).from_(table(storage))
        return int(self.engine.run(query.sql(self.dialect)).column(0)[0].as_py() or 0)

    def make(self, select: str, name: str | None = None) -> str:
        """A new table of the catalog's schema with the rows of a generated query; its name."""
        name = name or self.fresh()
        head = f"CREATE TABLE {self._printed(name)} AS\n"
        self.engine.run(head + select)
        return name

    def lists(self, held: str, keys: Sequence[str], tolerance: float) -> str | None:
        """The query for held-out scores as lists, made once a partition; None where no function reads lists.

        Args:
            held: the table that has them by rank.
            keys: its partition keys.
            tolerance: of the detector.
        """
        if LEVEL not in self.ledger.dialect.templates:
            return None
        columns = {name: exp.column(name) for name in self._columns(table(held)) if name not in keys}
        lists = held_lists(columns, tolerance)
        items = [*map(exp.column, keys), *(exp.alias_(expr, name) for name, expr in lists.items())]
        query = exp.Select(expressions=items).from_(table(held))
        return emit(lower(query, self.ledger.dialect), self.ledger.dialect)

    def make_of(self, rows: pa.Table) -> str:
        """A new table with these rows; its name."""
        loaded = f"_sn_rows_{secrets.token_hex(6)}"
        self.engine.load(loaded, rows)
        try:
            return self.make(exp.select("*").from_(loaded).sql(self.dialect))
        finally:
            self.engine.drop([loaded])

    def clear(self, storages: Sequence[str | exp.Table]) -> None:
        """Drops tables that nobody needs any more; what failed before is the error to tell."""
        for storage in storages:
            with suppress(SqlnomalyError):
                self.unstage(table(storage) if isinstance(storage, str) else storage)

    def drop(self, storage: str) -> None:
        """Drops a table of the catalog's schema."""
        self.engine.run(exp.Drop(tables=[table(storage)], kind="TABLE", exists=True).sql(self.dialect))

    def read(self, storage: str, *, rows: int | None = None) -> pa.Table:
        """The rows of a table, or so many of them."""
        return self._read(table(storage), rows)

    def all_of(self, storage: str) -> str:
        """The query for every row of a table."""
        return str(exp.select("*").from_(table(storage)).sql(self.dialect))

    def names(self, found: exp.Table) -> tuple[str, ...]:
        """The columns of a table."""
        return self._columns(found)

    def count(self, storage: str) -> int:
        """How many rows a table has."""
        counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(table(storage))
        return int(self.engine.run(counted.sql(self.dialect)).column(0)[0].as_py())

    def _printed(self, name: str) -> str:
        return str(table(name).sql(self.dialect))

    def _read(self, found: exp.Table, rows: int | None = None) -> pa.Table:
        query = exp.select("*").from_(found.copy())
        return lower_names(self.engine.run((query if rows is None else query.limit(rows)).sql(self.dialect)))

    def _columns(self, found: exp.Table) -> tuple[str, ...]:
        described = self.engine.describe(exp.select("*").from_(found.copy()).sql(self.dialect))
        return tuple(name.lower() for name, _ in described)

    def _versions(self, name: str) -> str:
        known = [str(entry.version) for entry in self.ledger.versions(name)]
        return (
            f"its versions: {', '.join(known)}" if known else f"there is no model {name!r} in schema {SCHEMA}"
        )


def options_of(definition: str) -> dict[str, Any]:
    """A version's definition as it was written."""
    found: dict[str, Any] = json.loads(definition)
    return found


def uncounted(keys: pa.Table) -> pa.Table:
    """A calibration of partitions whose scores nobody counted."""
    import pyarrow as pa

    return keys.append_column("n", pa.nulls(keys.num_rows, pa.int64()))
