"""Makes the numbers of a version: fitted on the rows of a query, or of the state of another version and new rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlnomaly.catalog.large import MANY, emptied, tables_of
from sqlnomaly.catalog.ledger import table
from sqlnomaly.catalog.recipe import Recipe
from sqlnomaly.catalog.series import make_series
from sqlnomaly.catalog.shelf import INLINE, Shelf, uncounted
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.compiler import emit
from sqlnomaly.pushdown.fitted import FOLD_KEY, HELD, FittedModel
from sqlnomaly.pushdown.frozen import COMPARED
from sqlnomaly.pushdown.plan import Source
from sqlnomaly.pushdown.pooling import State, finished, pooled, recent
from sqlnomaly.pushdown.trainer import Merged, Training
from sqlnomaly.training import MOST, run_training

if TYPE_CHECKING:
    from sqlnomaly.pushdown.client import Learned
    from sqlnomaly.pushdown.compiled import Step
    from sqlnomaly.pushdown.series_model import SeriesTraining

MERGED, REFITTED = "merged", "refitted"
"""How a version was made: of the state of the one before and new rows, or of rows alone."""
DAY_OF_ROW = "_sn__day"
"""The column that keeps the day of a held-out row."""

Before = Callable[["Step", ExitStack], "Learned | None"]
"""Runs a step of the client."""


@dataclass(slots=True)
class Made:
    """What a version is made of, written and not yet in force.

    Attributes:
        tables: relation -> its table; ``state`` and ``rows`` are for the next refresh.
        all: every table that was made, to be dropped if the version is not.
        how: MERGED or REFITTED.
    """

    model: FittedModel
    tables: dict[str, str]
    how: str
    all: list[str] = field(default_factory=list)


class Maker:
    """Makes versions in an engine.

    Args:
        shelf: where their tables go.
        before: runs a fit on the client.
        check: refuses steps that would move more rows to the client than the session allows.
    """

    def __init__(self, shelf: Shelf, before: Before, check: Callable[[list[Step]], None]) -> None:
        self.shelf = shelf
        self.engine = shelf.engine
        self.dialect = shelf.ledger.dialect
        self.before = before
        self.check = check

    def make(
        self,
        recipe: Recipe,
        tag: str,
        parts: Mapping[str, str] | None,
        checked: Callable[[Training | SeriesTraining], None],
    ) -> Made:
        """The numbers of a version.

        Args:
            recipe: the recipe.
            tag: goes into temporary names.
            parts: the tables ``state`` and ``rows`` of the version to add the rows to; None to fit anew.
            checked: refuses features or keys that are not those of the version before.

        Raises:
            SqlnomalyError: for what fitting refuses.
        """
        if recipe.series is not None:
            series = recipe.plan_series(self.engine, tag)
            checked(series)
            self.check([series.client])
            model, storage = make_series(self.shelf, series, self.before)
            return Made(model, {"model": storage}, REFITTED, [storage])
        making = _Making(self, recipe, tag, dict(parts or {}), merging=parts is not None)
        with ExitStack() as stack:
            try:
                return making.run(stack, checked)
            except BaseException:
                self.shelf.clear(making.all)
                raise


class _Making:
    """One version on its way."""

    def __init__(self, maker: Maker, recipe: Recipe, tag: str, parts: dict[str, str], *, merging: bool) -> None:
        self.maker = maker
        self.shelf = maker.shelf
        self.engine = maker.engine
        self.dialect = maker.dialect
        self.recipe = recipe
        self.tag = tag
        self.parts = parts
        self.merging = merging
        self.all: list[str] = []
        self.stored = maker.shelf.fresh()

    def run(self, stack: ExitStack, checked: Callable[[Training], None]) -> Made:
        recipe, days = self.recipe, self.recipe.days
        staged = self.shelf.staging() if recipe.fold is not None or self.merging or days is not None else None
        stored = table(self.stored) if recipe.keys else None
        places = {"staged": staged, "stored": stored}
        plain = recipe.plan(self.engine, self.tag, **places)
        checked(plain)
        if days is not None:
            self._check_days(plain)
        merges = plain.state is not None and "state" in self.parts and self._tells(plain)
        if not merges:
            self.parts = {}
        if plain.client is not None and plain.state is None:
            self.maker.check([plain.client])
        daily = recipe.plan_daily(self.engine, self.tag, staged=staged) if days is not None else plain
        if staged is not None:
            stack.callback(self.shelf.clear, [staged])
            self.shelf.stage(staged, daily.rows)
        kept: dict[str, str] = {}
        training = plain
        if plain.state is not None and daily.state is not None:
            kept["state"] = self._state(daily, daily.state, stack)
            total = kept["state"] if days is None else self._counted(plain, plain.state, daily, kept["state"], stack)
            training = self._of_state(plain, plain.state, total)
            if staged is not None and recipe.fold is not None:
                kept["rows"] = self._make(self._held_rows(plain, daily, staged, kept["state"]))
        if merges or days is not None:
            training = self._merged(training, plain, daily, kept, staged, stack)
        if training.keys and training.client is None and training.fit.detector.one_row:
            model, tables = self._tables(training)
        else:
            model, tables = self._shelved(run_training(self.engine, training, self.maker.before))
        return Made(model, {**tables, **kept}, MERGED if merges else REFITTED, self.all)

    def _check_days(self, plain: Training) -> None:
        """Refuses days for a detector whose states do not merge, or cannot weigh less and less."""
        detector, days = plain.fit.detector, self.recipe.days
        assert days is not None, "asked only where days count"
        option = "window" if days.window is not None else "half_life"
        if plain.state is None:
            raise UnsupportedError(
                f"{option} is refused by {detector.name}: the states of its days do not add up",
                hint="zscore, mahalanobis, pca, ecod, avf; or give the days in the query, and REFRESH it",
            )
        if days.half_life is not None and detector.weighed(plain.fit.relation(Source("")), ops.number(1.0)) is None:
            raise UnsupportedError(
                f"half_life is refused by {detector.name}: it counts rows, and half a row is none",
                hint="window = 90 days, or zscore, mahalanobis, pca",
            )
        if not self._tells(plain):
            raise UnsupportedError(
                f"with {option} a threshold comes from the rows that are held out, and calibration = 0 holds none",
                hint="leave calibration out, or give a threshold",
            )

    def _tells(self, training: Training) -> bool:
        """Whether the threshold of a merged model can be told without the rows that were fitted."""
        return self.recipe.fold is not None or training.options.threshold is not None

    def _state(self, training: Training, state: State, stack: ExitStack) -> str:
        """The state of the rows, together with that of the version in force where it is added to."""
        own = self.shelf.make(state.query)
        if "state" not in self.parts and self.recipe.days is None:
            self.all.append(own)
            return own
        stack.callback(self.shelf.clear, [own])
        tables = [table(one) for one in (self.parts.get("state"), own) if one is not None]
        if self.recipe.days is None:
            return self._make(pooled(training.fit, self.dialect, state, tables))
        every = self.shelf.make(pooled(training.fit, self.dialect, state, tables))
        stack.callback(self.shelf.clear, [every])
        day = training.fit.keys[-1]
        return self._make(recent(self.dialect, table(every), state.columns, day, window=self.recipe.days.window))

    def _counted(self, plain: Training, state: State, daily: Training, days: str, stack: ExitStack) -> str:
        """The state of all days, each weighed by its age."""
        assert self.recipe.days is not None, "asked only where days count"
        day, half_life = daily.fit.keys[-1], self.recipe.days.half_life
        weighed = self.shelf.make(
            recent(self.dialect, table(days), state.columns, day, half_life=half_life, fit=plain.fit)
        )
        stack.callback(self.shelf.clear, [weighed])
        whole = half_life is None
        total = self.shelf.make(pooled(plain.fit, self.dialect, state, [table(weighed)], whole=whole))
        stack.callback(self.shelf.clear, [total])
        return total

    def _of_state(self, training: Training, state: State, total: str) -> Training:
        """The training whose model is made of a state that is there."""
        if training.client is not None:
            return replace(training, client=replace(training.client, sql=self.shelf.all_of(total)))
        return replace(training, model=finished(training.fit, self.dialect, state, table(total)))

    def _held_rows(self, plain: Training, daily: Training, staged: exp.Table, state: str) -> str:
        """The rows that were held out of the fit, and those of the version in force: the smallest keys of all."""
        mine, columns = self._as_plain(plain, daily, staged)
        rows: exp.Query = mine.where(ops.eq(ops.column(HELD), ops.integer(1)))
        if "rows" in self.parts:
            old = exp.select(*map(exp.column, columns)).from_(table(self.parts["rows"]))
            rows = rows.union(old, distinct=False)
        if self.recipe.days is not None and self.recipe.days.window is not None:
            newest = exp.Select(expressions=[exp.alias_(ops.max_(ops.column(daily.fit.keys[-1])), "newest")])
            latest = newest.from_(table(state)).subquery("latest")
            dated = exp.select("*").from_(rows.subquery("every_day")).join(latest, join_type="cross")
            ages = [ops.special("epoch_date", ops.column(name)) for name in ("newest", DAY_OF_ROW)]
            young = ops.lt(ops.sub(*ages), ops.number(86_400.0 * self.recipe.days.window))
            rows = exp.select(*map(exp.column, columns)).from_(dated.subquery("dated")).where(young)
        keys = [ops.column(key) for key in plain.fit.keys]
        place = ops.window(ops.func("ROW_NUMBER"), partition=keys, order=[ops.column(FOLD_KEY)])
        every = exp.select("*", exp.alias_(place, "place")).from_(rows.subquery("parts"))
        chosen = exp.select(*map(exp.column, columns)).from_(every.subquery("ranked"))
        return self._emit(chosen.where(ops.le(ops.column("place"), ops.integer(MOST))))

    def _as_plain(self, plain: Training, daily: Training, staged: exp.Table) -> tuple[exp.Select, list[str]]:
        """The rows as a training without days would write them down, and the names of their columns."""
        names = list(self.shelf.names(staged))
        if daily is plain:
            return exp.select(*map(exp.column, names)).from_(staged.copy()), names
        day, extra = daily.fit.keys[-1], len(plain.keys)
        items: list[exp.Expr] = []
        columns = []
        for name in names:
            number = int(name.removeprefix("_sn__given")) if name.startswith("_sn__given") else -1
            if number == extra:
                continue
            new = DAY_OF_ROW if name == day else f"_sn__given{number - 1}" if number > extra else name
            items.append(exp.alias_(exp.column(name), new))
            columns.append(new)
        return exp.Select(expressions=items).from_(staged.copy()), columns

    def _merged(
        self,
        training: Training,
        plain: Training,
        daily: Training,
        kept: Mapping[str, str],
        staged: exp.Table | None,
        stack: ExitStack,
    ) -> Training:
        """The training whose calibration and test rows are those of a model that was made of states."""
        relation = Merged(None, ())
        if training.client is None:
            self._make(training.model, self.stored)
            relation = Merged(table(self.stored), self.shelf.names(table(self.stored)))
        if "rows" in kept:
            rows = table(kept["rows"])
        else:
            assert staged is not None, "rows that are merged are written down"
            mine, _ = self._as_plain(plain, daily, staged)
            again = self.shelf.make(self._emit(mine))
            stack.callback(self.shelf.clear, [again])
            rows = table(again)
        again_planned = self.recipe.plan(self.engine, self.tag, staged=rows, merged=relation)
        model = training.model if training.client is None else ""
        merged = replace(again_planned, client=training.client, model=model)
        # The rows at hand are then not those that were fitted, nor held out: their distribution says nothing.
        return merged if self.recipe.fold is not None else replace(merged, calibration=merged.limits)

    def _tables(self, training: Training) -> tuple[FittedModel, dict[str, str]]:
        """The model of many partitions, whose relations stay in the engine; of a few, as any other."""
        stored, fold, before = self.stored, self.recipe.fold, self.maker.before
        tables = {"model": stored if stored in self.all else self._make(training.model, stored)}
        partitions, most = self.shelf.count(stored), MOST
        if fold is not None and self.recipe.days is None:
            largest = self.shelf.largest(stored, training.fit.features[0].stat("n"))
            most = min(MOST, int(largest * fold.share / (1.0 - fold.share)) + 1)
        if partitions <= INLINE and all(key.kind in COMPARED for key in training.keys):
            model = run_training(self.engine, training, before, model=self.shelf.read(stored), most=most)
            self.all.remove(stored)
            self.shelf.drop(stored)
            return model, {}
        if partitions <= MANY or training.options.threshold is None:
            tables["calibration"] = self._make(training.calibration if partitions <= MANY else training.limits)
        if training.held is not None:
            tables["held"] = self._make(training.held(most))
        empty = {one: self.shelf.read(storage, rows=0) for one, storage in tables.items()}
        tolerance = training.fit.detector.tolerance.relative
        lists = self.shelf.lists(tables["held"], training.fit.keys, tolerance) if "held" in tables else None
        if lists is not None:
            tables["lists"] = self._make(lists)
        if "calibration" not in empty:  # nothing reads it where the threshold is fixed
            empty["calibration"] = uncounted(empty["model"].select(training.fit.keys))
        return run_training(self.engine, training, before, **empty), tables

    def _shelved(self, model: FittedModel) -> tuple[FittedModel, dict[str, str]]:
        """A model that came to the client: of many partitions, its relations go back to the engine."""
        tables = tables_of(self.shelf, model, self.all)
        return emptied(model, tables), tables

    def _make(self, select: str, name: str | None = None) -> str:
        self.all.append(self.shelf.make(select, name))
        return self.all[-1]

    def _emit(self, query: exp.Query) -> str:
        from sqlnomaly.pushdown.lower import lower, order_defaults

        return emit(order_defaults(lower(query, self.dialect), self.dialect), self.dialect)
