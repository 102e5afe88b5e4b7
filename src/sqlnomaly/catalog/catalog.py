"""What the statements about models do: make, refresh, alter and drop them, and find them for a query."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.catalog.ledger import Entry, Ledger, Pointer, now, table
from sqlnomaly.catalog.shelf import INLINE, Shelf, options_of, uncounted
from sqlnomaly.errors import BindError, CallError, ModelError, UnsupportedError, nearest
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.compiler import emit
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.fitted import FOLD_KEY, HELD, FittedModel, Kept
from sqlnomaly.pushdown.frozen import COMPARED
from sqlnomaly.pushdown.ops import LARGEST
from sqlnomaly.pushdown.pooling import State as PlannedState
from sqlnomaly.pushdown.pooling import finished, pooled
from sqlnomaly.pushdown.rules import BESIDE
from sqlnomaly.pushdown.sample import Fold
from sqlnomaly.pushdown.statements import CreateModel, DropModel, RefreshModel, SetOptions, SetVersion
from sqlnomaly.pushdown.training import Merged, Training
from sqlnomaly.training import MOST, plan_training, run_training

if TYPE_CHECKING:
    from sqlnomaly.engines import Engine
    from sqlnomaly.pushdown.client import Learned
    from sqlnomaly.pushdown.compiled import Step

SHARE = 0.2
"""The share of a partition's rows that calibrates a model unless told otherwise."""
MERGED = "merged"
"""How a version was made of the state of the one before and new rows."""
MANY = 10_000
"""Partitions beyond which the distribution of each one's scores is not kept."""


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


Before = Callable[["Step", ExitStack], "Learned | None"]
"""Runs a step of the client."""


class Catalog:
    """The models of an engine.

    Args:
        engine: where they live.
        before: runs a fit on the client.
        check: refuses steps that would move more rows to the client than the session allows.
    """

    def __init__(self, engine: Engine, before: Before, check: Callable[[list[Step]], None]) -> None:
        self.engine = engine
        self.before = before
        self.check = check
        self.ledger = Ledger(engine)
        self.shelf = Shelf(self.ledger)
        self._kept: dict[tuple[str, int, str], Kept] = {}

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
        if wanted.order_by:
            raise UnsupportedError(
                f"{wanted.detector} keeps no order: a stored model judges each row by itself",
                where=f"ORDER BY {', '.join(wanted.order_by)}",
                hint="leave ORDER BY out; a call in a query follows an order: OVER (ORDER BY ..)",
            )
        definition = {
            "query": wanted.query,
            "detector": wanted.detector,
            "options": dict(wanted.options),
            "partition_by": list(wanted.partition_by),
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
            return self._fit(wanted.name, before, definition, "refitted", tag, like=like)
        return self._fit(wanted.name, before, {**definition, "query": wanted.query}, MERGED, tag, like=like)

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
            from sqlnomaly.pushdown.applied import with_contamination

            model = with_contamination(
                kept, float(wanted.options["contamination"]), f"ALTER ANOMALY MODEL {wanted.name}"
            )
        entry = self.ledger.version(wanted.name, kept.version)
        assert entry is not None, "what is in force was written first"
        definition = options_of(entry.definition)
        options = {k: v for k, v in definition.get("options", {}).items() if k not in {*allowed, *BESIDE}}
        definition = {**definition, "options": {**options, **wanted.options}}
        tables = {one: found.name for one, found in kept.table.items()}
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
        tables = self._tables_of(model)
        return self._write(name, before, self._emptied(model, tables), tables, definition, "imported")

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
        key = (name, wanted, entry.created_at)
        if key not in self._kept:
            self._kept[key] = self.shelf.unpack(name, wanted)
        return self._kept[key]

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
    ) -> Done:
        """Fits a version on the rows of its query, or adds these to the state of the version in force."""
        recipe = Recipe.of(definition)
        stored = self.shelf.fresh()
        staged = self.shelf.staging() if recipe.fold is not None or how == MERGED else None
        training = recipe.plan(self.engine, tag, staged=staged, stored=table(stored) if recipe.keys else None)
        if like is not None:
            _check_same(name, like.model, training)
        state = None if training.state is None else training.state
        parts = self.parts(name, before) if how == MERGED else {}
        if how == MERGED and not (state is not None and "state" in parts and can_merge(recipe, training)):
            how, parts = "refitted", {}
        if training.client is not None and state is None:
            self.check([training.client])
        self.ledger.prepare()
        made: list[str] = []
        with ExitStack() as stack:
            if staged is not None:
                stack.callback(self.shelf.unstage, staged)
                self.shelf.stage(staged, training.rows)
            try:
                kept = {}
                if state is not None:
                    kept["state"] = self._state(training, state, parts, stack, made)
                    if training.client is not None:
                        step = replace(training.client, sql=self.shelf.all_of(kept["state"]))
                        training = replace(training, client=step)
                    else:
                        query = finished(training.fit, self.ledger.dialect, state, table(kept["state"]))
                        training = replace(training, model=query)
                    if staged is not None and recipe.fold is not None:
                        kept["rows"] = self._made(self._held_rows(training, staged, parts), made)
                if how == MERGED:
                    training = self._merged(training, recipe, kept, staged, stored, tag, made)
                if joinable(training):
                    model, tables = self._fit_tables(training, recipe.fold, stored, made)
                else:
                    model, tables = run_training(self.engine, training, self.before), {}
                return self._write(name, before, model, {**tables, **kept}, definition, how)
            except BaseException:
                for storage in made:
                    self.shelf.drop(storage)
                raise

    def _state(
        self,
        training: Training,
        state: PlannedState,
        parts: Mapping[str, str],
        stack: ExitStack,
        made: list[str],
    ) -> str:
        """The state of the rows, together with that of the version in force where there is one."""
        own = self.shelf.make(state.query)
        if "state" not in parts:
            made.append(own)
            return own
        stack.callback(self.shelf.drop, own)
        tables = [table(parts["state"]), table(own)]
        return self._made(pooled(training.fit, self.ledger.dialect, state, tables), made)

    def _held_rows(self, training: Training, staged: exp.Table, parts: Mapping[str, str]) -> str:
        """The rows that were held out of the fit, and those of the version in force: the smallest keys of all."""
        columns = self.shelf.names(staged)
        mine = exp.select(*map(exp.column, columns)).from_(staged.copy())
        rows: exp.Query = mine.where(ops.eq(ops.column(HELD), ops.integer(1)))
        if "rows" in parts:
            rows = rows.union(
                exp.select(*map(exp.column, columns)).from_(table(parts["rows"])), distinct=False
            )
        keys = [ops.column(key) for key in training.fit.keys]
        place = ops.window(ops.func("ROW_NUMBER"), partition=keys, order=[ops.column(FOLD_KEY)])
        every = exp.select("*", exp.alias_(place, "place")).from_(rows.subquery("parts"))
        chosen = exp.select(*map(exp.column, columns)).from_(every.subquery("ranked"))
        return emit(chosen.where(ops.le(ops.column("place"), ops.integer(MOST))), self.ledger.dialect)

    def _merged(
        self,
        training: Training,
        recipe: Recipe,
        kept: Mapping[str, str],
        staged: exp.Table | None,
        stored: str,
        tag: str,
        made: list[str],
    ) -> Training:
        """The training whose calibration and test rows are those of a model that was made of states."""
        relation = Merged(None, ())
        if training.client is None:
            self._made(training.model, made, stored)
            relation = Merged(table(stored), self.shelf.names(table(stored)))
        rows = table(kept["rows"]) if "rows" in kept else staged
        again = recipe.plan(self.engine, tag, staged=rows, merged=relation)
        model = training.model if training.client is None else ""
        return replace(again, client=training.client, model=model)

    def _fit_tables(
        self, training: Training, fold: Fold | None, stored: str, made: list[str]
    ) -> tuple[FittedModel, dict[str, str]]:
        """The model of many partitions, whose relations stay in the engine; of a few, as any other."""
        tables = {"model": stored if stored in made else self._made(training.model, made, stored)}
        partitions, most = self.shelf.count(stored), MOST
        if fold is not None:
            largest = self.shelf.largest(stored, training.fit.features[0].stat("n"))
            most = min(MOST, int(largest * fold.share / (1.0 - fold.share)) + 1)
        if partitions <= INLINE and all(key.kind in COMPARED for key in training.keys):
            model = run_training(self.engine, training, self.before, model=self.shelf.read(stored), most=most)
            made.remove(stored)
            self.shelf.drop(stored)
            return model, {}
        if partitions <= MANY or training.options.threshold is None:
            tables["calibration"] = self._made(
                training.calibration if partitions <= MANY else training.limits, made
            )
        if training.held is not None:
            tables["held"] = self._made(training.held(most), made)
        empty = {one: self.shelf.read(storage, rows=0) for one, storage in tables.items()}
        if "calibration" not in empty:  # nothing reads it where the threshold is fixed
            empty["calibration"] = uncounted(empty["model"].select(training.fit.keys))
        return run_training(self.engine, training, self.before, **empty), tables

    def _made(self, select: str, made: list[str], name: str | None = None) -> str:
        made.append(self.shelf.make(select, name))
        return made[-1]

    def _tables_of(self, model: FittedModel) -> dict[str, str]:
        """The tables for a model of a file that has many partitions."""
        few = len(model.relations.get("model", ())) <= INLINE and all(
            key.kind in COMPARED for key in model.keys
        )
        if few or not is_one_row(model):
            return {}
        relations = {"model": model.relations["model"]}
        if "threshold" in model.calibration.column_names or model.calibration.num_rows <= MANY:
            relations["calibration"] = model.calibration
        if model.held is not None:
            relations["held"] = model.held
        return {one: self.shelf.make_of(rows) for one, rows in relations.items()}

    def _emptied(self, model: FittedModel, tables: Mapping[str, str]) -> FittedModel:
        """The model without the rows that are in tables."""
        if not tables:
            return model
        return replace(
            model,
            relations={
                one: rows.slice(0, 0) if one in tables else rows for one, rows in model.relations.items()
            },
            calibration=model.calibration.slice(0, 0),
            held=None if model.held is None else model.held.slice(0, 0),
        )

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


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a version is made of."""

    query: str
    detector: str | list[str]
    options: Mapping[str, Any]
    keys: tuple[str, ...]
    fold: Fold | None

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> Recipe:
        """The recipe that a version's definition tells.

        Raises:
            CallError: for a calibration that is no share.
        """
        options = dict(definition["options"])
        fold = fold_of(options.pop("calibration", None))
        detector, keys = _names(definition["detector"]), tuple(definition["partition_by"])
        return cls(definition["query"], detector, options, keys, fold)

    def plan(self, engine: Engine, tag: str, **places: Any) -> Training:
        """The statements."""
        return plan_training(
            engine, self.query, self.detector, self.options, self.keys, tag, self.fold, **places
        )


def can_merge(recipe: Recipe, training: Training) -> bool:
    """Whether the threshold of a merged model can be told without the rows that were fitted."""
    return recipe.fold is not None or training.options.threshold is not None


def fold_of(calibration: object) -> Fold | None:
    """The rows to hold out by the option ``calibration``: a share, or 0 for none.

    Raises:
        CallError: for what is no share.
    """
    if calibration is None:
        return Fold(SHARE, MOST)
    if (
        isinstance(calibration, bool)
        or not isinstance(calibration, int | float)
        or not 0 <= calibration <= 0.5
    ):
        raise CallError(
            f"calibration takes a share of the rows, not {calibration!r}",
            hint="above 0, at most 0.5; 0 for none",
        )
    return Fold(float(calibration), MOST) if calibration else None


def joinable(training: Training) -> bool:
    """Whether the model is one row a partition that SQL fits and a join can bring to a row."""
    whole = type(training.fit.detector).frozen is Detector.frozen
    return bool(training.keys) and training.client is None and whole


def is_one_row(model: FittedModel) -> bool:
    """The same of a fitted model."""
    return (
        bool(model.keys)
        and type(model.detector).frozen is Detector.frozen
        and set(model.relations) == {"model"}
    )


def _names(detector: str) -> str | list[str]:
    """The detector, or the list of those that an ensemble combines."""
    names = [one.strip() for one in detector.split(",")]
    return names[0] if len(names) == 1 else names


def _check_same(name: str, model: FittedModel, training: Training) -> None:
    """Refuses a refresh by rows of other features or keys."""
    from sqlnomaly.pushdown.applied import NUMBERS, TIMES

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
