"""What the statements about models do: make, refresh, alter and drop them, and find them for a query."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlnomaly.catalog.large import emptied, tables_of
from sqlnomaly.catalog.ledger import Entry, Ledger, Pointer, now
from sqlnomaly.catalog.making import MERGED, REFITTED, Before, Maker
from sqlnomaly.catalog.recipe import Recipe
from sqlnomaly.catalog.shelf import Shelf, options_of
from sqlnomaly.errors import BindError, CallError, ModelError, nearest
from sqlnomaly.pushdown.arguments import NUMBERS, TIMES
from sqlnomaly.pushdown.asked import with_contamination
from sqlnomaly.pushdown.fitted import FittedModel, Kept
from sqlnomaly.pushdown.ops import LARGEST
from sqlnomaly.pushdown.rules import BESIDE
from sqlnomaly.pushdown.statements import (
    CreateModel,
    DropModel,
    RefreshModel,
    SetOptions,
    SetVersion,
    model_name,
)
from sqlnomaly.pushdown.trainer import Training

if TYPE_CHECKING:
    from sqlnomaly.engines import Engine
    from sqlnomaly.model import Model
    from sqlnomaly.pushdown.compiled import Step
    from sqlnomaly.pushdown.series_model import SeriesTraining


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a model.

    Attributes:
        what: created, refitted, merged, altered, dropped, or ``is there already``.
        version: the version in force now, or None.
    """

    name: str
    what: str
    version: int | None


class Catalog:
    """The models of an engine.

    Args:
        engine: where they live.
        before: runs a fit on the client.
        check: refuses steps that would move more rows to the client than the session allows.
    """

    def __init__(self, engine: Engine, before: Before, check: Callable[[list[Step]], None]) -> None:
        self.engine = engine
        self.ledger = Ledger(engine)
        self.shelf = Shelf(self.ledger)
        self.maker = Maker(self.shelf, before, check)
        self._kept: dict[tuple[str, int, int], Kept] = {}

    def create(self, wanted: CreateModel, tag: str) -> Done:
        """Fits a model and puts it in force.

        Raises:
            ModelError: a model of that name is there, or another session was faster.
            SqlnomalyError: for what fitting it refuses.
        """
        before = self.ledger.pointer(wanted.name)
        if before is not None and before.version is not None and not wanted.replace:
            if wanted.if_not_exists:
                return Done(wanted.name, "is there already", before.version)
            raise ModelError(
                f"there is a model {wanted.name!r} already",
                hint="CREATE OR REPLACE makes a new version and keeps the old ones; REFRESH fits it anew",
            )
        definition = {
            "query": wanted.query,
            "detector": wanted.detector,
            "options": dict(wanted.options),
            "partition_by": list(wanted.partition_by),
            "order_by": list(wanted.order_by),
        }
        return self._fit(wanted.name, before, definition, "created", tag)

    def refresh(self, wanted: RefreshModel, tag: str) -> Done:
        """A new version of a model, by the rows of its own query or of another one with the same columns.

        Raises:
            ModelError: there is no such model, the query has other columns, or another session was faster.
        """
        before = self.current(wanted.name)
        assert before.version is not None, "current gives what is in force"
        entry = self.ledger.version(wanted.name, before.version)
        assert entry is not None, "what is in force was written first"
        definition = options_of(entry.definition)
        if "query" not in definition and wanted.query is None:
            raise ModelError(
                f"the model {wanted.name!r} came from a file, and its query is not known",
                hint=f"REFRESH ANOMALY MODEL {wanted.name} AS SELECT ..",
            )
        like = self.kept(wanted.name, before.version)
        if wanted.query is None:
            return self._fit(wanted.name, before, definition, REFITTED, tag, like=like)
        # The model's own query stays: a refresh without one reads it again.
        kept = definition if "query" in definition else {**definition, "query": wanted.query}
        return self._fit(wanted.name, before, kept, MERGED, tag, like=like, query=wanted.query)

    def parts(self, name: str, pointer: Pointer | None) -> dict[str, str]:
        """The tables with the state and the held-out rows of the version in force."""
        if pointer is None or pointer.version is None:
            return {}
        states = self.ledger.state(name, pointer.version)
        tables = {
            one.relation.removesuffix(":table"): one.storage for one in states if one.storage is not None
        }
        return {one: storage for one, storage in tables.items() if one in ("state", "rows")}

    def set_version(self, wanted: SetVersion) -> Done:
        """Puts another version in force."""
        before = self.current(wanted.name)
        self.kept(wanted.name, wanted.version)  # whole, or refused
        with self.ledger.transaction(wanted.name):
            self.ledger.point(wanted.name, before, wanted.version)
        return Done(wanted.name, "altered", wanted.version)

    def set_options(self, wanted: SetOptions) -> Done:
        """A new version of the same numbers with another threshold.

        Raises:
            CallError: an option that only another fit could change.
        """
        before = self.current(wanted.name)
        kept = self.kept(wanted.name, None)
        allowed = ("threshold", "contamination")
        for option, value in wanted.options.items():
            if option not in allowed:
                raise CallError(
                    f"{option} of the model {wanted.name!r} cannot be altered: it belongs to the fit",
                    hint=f"CREATE OR REPLACE ANOMALY MODEL; here stand {', '.join(allowed)}",
                )
            if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
                raise CallError(f"{option} takes a number, not {value!r}", hint=f"SET ({option} = 3.5)")
        if len(wanted.options) != 1:
            raise CallError("threshold and contamination exclude each other", hint="SET (threshold = 3.5)")
        if "threshold" in wanted.options:
            model = replace(kept.model, threshold=float(wanted.options["threshold"]), contamination=None, by=None)
        else:
            model = with_contamination(
                kept, float(wanted.options["contamination"]), f"ALTER ANOMALY MODEL {wanted.name}"
            )
        entry = self.ledger.version(wanted.name, kept.version)
        assert entry is not None, "what is in force was written first"
        definition = options_of(entry.definition)
        options = {k: v for k, v in definition.get("options", {}).items() if k not in {*allowed, *BESIDE}}
        definition = {**definition, "options": {**options, **wanted.options}}
        tables = {one: found.name for one, found in kept.table.items()}
        tables |= self.parts(wanted.name, before)  # so that a refresh adds to it
        return self._write(wanted.name, before, model, tables, definition, "altered")

    def drop(self, wanted: DropModel) -> Done:
        """Drops a model, which leaves its versions to ``prune``, or one version that is not in force.

        Raises:
            ModelError: there is no such model or version, or it is the current one.
        """
        before = self.ledger.pointer(wanted.name)
        if before is None or before.version is None:
            if wanted.if_exists:
                return Done(wanted.name, "is not there", None)
            raise self.unknown(wanted.name)
        if wanted.version is None:
            with self.ledger.transaction(wanted.name):
                self.ledger.point(wanted.name, before, None)
            self._forget(wanted.name)
            return Done(wanted.name, "dropped", None)
        if wanted.version == before.version:
            raise ModelError(
                f"version {wanted.version} of the model {wanted.name!r} is the current one",
                hint=f"ALTER ANOMALY MODEL {wanted.name} SET VERSION .., or drop the model as a whole",
            )
        if self.ledger.version(wanted.name, wanted.version) is None:
            raise self._no_version(wanted.name, wanted.version)
        self._drop_versions(wanted.name, [wanted.version])
        return Done(wanted.name, f"version {wanted.version} dropped", before.version)

    def add(self, name: str, model: FittedModel, definition: Mapping[str, Any], *, replaces: bool) -> Done:
        """Puts a model of a file in force.

        Raises:
            ModelError: a model of that name is there.
        """
        before = self.ledger.pointer(name)
        if before is not None and before.version is not None and not replaces:
            raise ModelError(
                f"there is a model {name!r} already", hint="import it with replace, or under another name"
            )
        self.ledger.prepare()
        made: list[str] = []
        try:
            tables = tables_of(self.shelf, model, made)
            return self._write(name, before, emptied(model, tables), tables, definition, "imported")
        except BaseException:
            self.shelf.clear(made)
            raise

    def prune(self, name: str, *, keep: int = 1) -> list[int]:
        """Drops the oldest versions of a model, or all of one that was dropped.

        Args:
            name: the model.
            keep: how many versions stay beside the current one's successors; the current one always does.

        Returns:
            The versions that are gone.
        """
        pointer = self.ledger.pointer(name)
        if pointer is None:
            raise self.unknown(name)
        versions = [entry.version for entry in self.ledger.versions(name)]
        stay = (
            set(versions[-keep:] if keep > 0 else ()) | {pointer.version}
            if pointer.version is not None
            else set()
        )
        gone = [one for one in versions if one not in stay]
        self._drop_versions(name, gone)
        return gone

    def current(self, name: str) -> Pointer:
        """What is in force.

        Raises:
            BindError: there is no such model.
        """
        pointer = self.ledger.pointer(name)
        if pointer is None or pointer.version is None:
            raise self.unknown(name)
        return pointer

    def kept(self, name: str, version: int | None) -> Kept:
        """A version of a model, the current one where none is named.

        Raises:
            BindError: there is no such model.
            ModelError: there is no such version, or its numbers were changed.
        """
        pointer = self.current(name)
        wanted = pointer.version if version is None else version
        assert wanted is not None, "current gives what is in force"
        entry = self.ledger.version(name, wanted)
        if entry is None:
            raise self._no_version(name, wanted)
        key = (name, wanted, hash(entry.manifest))
        if key not in self._kept:
            self._kept[key] = self.shelf.unpack(name, wanted)
        return self._kept[key]

    def described(self, name: str) -> Model:
        """The version in force for whoever asks what it is; of a model in a table without the rows there."""
        from sqlnomaly.model import Model

        return Model(self.kept(model_name(name), None).model)

    def query(self, name: str) -> str | None:
        """The query of the version in force; None where it came from a file."""
        name = model_name(name)
        version = self.current(name).version
        assert version is not None, "current gives what is in force"
        entry = self.ledger.version(name, version)
        assert entry is not None, "what is in force was written first"
        found: str | None = options_of(entry.definition).get("query")
        return found

    def carried(self, name: str, version: int | None) -> Kept:
        """A version with all of its numbers in it, for SQL of another engine."""
        kept = self.kept(name, version)
        return Kept(self.shelf.whole(kept), kept.name, kept.version)

    def unknown(self, name: str) -> BindError:
        """The error for a name that no model has."""
        names = [one.name for one in self.ledger.pointers() if one.version is not None]
        hint = (
            nearest(name, names)
            if names
            else "there is none yet: CREATE ANOMALY MODEL .. USING .. AS SELECT .."
        )
        return BindError(f"there is no model {name!r}", hint=hint)

    def _no_version(self, name: str, version: int) -> ModelError:
        known = ", ".join(str(entry.version) for entry in self.ledger.versions(name))
        return ModelError(f"the model {name!r} has no version {version}", hint=f"its versions: {known}")

    def _fit(
        self,
        name: str,
        before: Pointer | None,
        definition: Mapping[str, Any],
        how: str,
        tag: str,
        like: Kept | None = None,
        query: str | None = None,
    ) -> Done:
        """Makes a version, of the rows of its query or of the state of the version in force, and puts it in force."""

        def checked(training: Training | SeriesTraining) -> None:
            if like is not None:
                _check_same(name, like.model, training)
            self.ledger.prepare()

        parts = self.parts(name, before) if how == MERGED else None
        recipe = Recipe.of(definition if query is None else {**definition, "query": query})
        made = self.maker.make(recipe, tag, parts, checked)
        try:
            how = made.how if how == MERGED else how
            done = self._write(name, before, made.model, made.tables, definition, how)
        except BaseException:
            self.shelf.clear(made.all)
            raise
        for storage in set(made.all) - set(made.tables.values()):  # of use for the fit alone
            self.shelf.drop(storage)
        return done

    def _write(
        self,
        name: str,
        before: Pointer | None,
        model: FittedModel,
        tables: Mapping[str, str],
        definition: Mapping[str, Any],
        how: str,
    ) -> Done:
        """Writes a version and puts it in force: one transaction, or in an order that a crash does no harm."""
        manifest, states = self.shelf.pack(model, tables)
        with self.ledger.transaction(name):
            version = self.ledger.next_version(name)
            entry = Entry(name, version, how, json.dumps(definition), manifest, now())
            self.ledger.add_version(entry, states)
            self.ledger.point(name, before, version)
        return Done(name, how, version)

    def _drop_versions(self, name: str, versions: Sequence[int]) -> None:
        held = {
            state.storage
            for pointer in self.ledger.pointers()
            for entry in self.ledger.versions(pointer.name)
            if (pointer.name, entry.version) not in {(name, one) for one in versions}
            for state in self.ledger.state(pointer.name, entry.version)
        }
        for version in versions:
            storages = {state.storage for state in self.ledger.state(name, version)} - held - {None}
            with self.ledger.transaction(name):
                self.ledger.drop_version(name, version)
                for storage in storages:
                    self.shelf.drop(str(storage))
        self._forget(name)

    def _forget(self, name: str) -> None:
        self._kept = {key: kept for key, kept in self._kept.items() if key[0] != name}


def _check_same(name: str, model: FittedModel, training: Training | SeriesTraining) -> None:
    """Refuses a refresh by rows of other features or keys."""
    for what, had, has in (
        ("features", model.features, training.features),
        ("partition keys", model.keys, training.keys),
    ):
        before, now_ = [part.name for part in had], [part.name for part in has]
        if before != now_:
            raise ModelError(
                f"the model {name!r} has the {what} ({', '.join(before)}), the query gives ({', '.join(now_)})",
                hint="SELECT the same columns, or CREATE OR REPLACE the model",
            )
        for old, new in zip(had, has, strict=True):
            if old.kind is not new.kind and not any({old.kind, new.kind} <= kinds for kinds in (NUMBERS, TIMES)):
                raise ModelError(
                    f"{old.name} of the model {name!r} is a {old.kind.value}, the query gives a {new.kind.value}",
                    hint="CAST it, or CREATE OR REPLACE the model",
                )
