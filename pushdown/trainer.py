"""The statements of a training: rows with their folds, model, state, calibration, held-out scores and test rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.chance import with_critical
from sqlnomaly.pushdown.client import Drawing, client_fit, rows_out
from sqlnomaly.pushdown.columns import name_columns
from sqlnomaly.pushdown.compiled import Step
from sqlnomaly.pushdown.compiler import emit
from sqlnomaly.pushdown.contract import Categories, Detector
from sqlnomaly.pushdown.drafts import Draft
from sqlnomaly.pushdown.emit import Emitter
from sqlnomaly.pushdown.fit import Fit, model_of, stand
from sqlnomaly.pushdown.fitted import FOLD_KEY, HELD, LEVELS, PLACE, SCORE, Parameter, held_name, level_name
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.names import Names, identifiers
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import Options
from sqlnomaly.pushdown.peaks import with_peaks
from sqlnomaly.pushdown.plan import Feature, Given, Node, Source
from sqlnomaly.pushdown.pooling import State, state_of
from sqlnomaly.pushdown.rules import Peaks, Significance, over_rows
from sqlnomaly.pushdown.sample import Fold, fold_query
from sqlnomaly.pushdown.scored import Scored, score
from sqlnomaly.pushdown.select import Scope

TESTED = 16
"""Rows that a model is tested with, from the lowest score to the highest."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A model that was made of the states of several bodies of rows.

    Attributes:
        model: where its relation lies; None where the client made it of the state.
        columns: of that relation.
    """

    model: exp.Table | None
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """What to run for a model.

    Attributes:
        fit: the fit, with the names of its columns.
        options: the checked options.
        features, keys: the columns of the query, with the kinds of their types.
        client: the step that the client fits with, or None where SQL does.
        model: gives the model's relation; empty where the client makes it.
        state: what is kept so that other rows can be added, or None where states do not merge.
        calibration: gives a row for each partition: keys, threshold, number of scores and their quantiles.
        limits: the same with the threshold and the number alone.
        selftest: gives the rows to test with: keys, features as they are, and the score.
        held: for so many held-out rows of a partition at most, what gives a row for each partition that has any: keys,
            how many scores these have, and the highest of them by rank; None where none are held out.
        rows: gives the rows that the others read, where they are written down first; empty where they are not.
    """

    fit: Fit
    options: Options
    features: tuple[Parameter, ...]
    keys: tuple[Parameter, ...]
    client: Step | None
    model: str
    state: State | None
    calibration: str
    limits: str
    selftest: str
    held: Callable[[int], str] | None
    rows: str


FITTED = "_sn__fitted"
"""The column that says which rows are fitted."""


CUT = "_sn__cut"
"""The column of a threshold that a tail or a test gives."""


MERGED = "merged_model"
"""The CTE of a model that was made of states."""


def _given(number: int) -> str:
    """The column of a key or a feature as the query gives it."""
    return f"_sn__given{number}"


def ranks(most: int) -> list[int]:
    """The ranks of held-out scores that a model keeps: every one at first, then steps of 4 %.

    Example:
        >>> ranks(60)[-4:], len(ranks(2_000))
        ([53, 55, 57, 59], 151)
    """
    found = []
    rank = 1
    while rank <= most:
        found.append(rank)
        rank += max(1, math.ceil(rank * 0.04) - 1) if rank > 24 else 1
    return found


def _typed(feature: Feature) -> Expr:
    """The feature's column, which says if it holds the text of a category."""
    column = feature.value
    if feature.category:
        column.type = exp.DataType.build("text")
    return column


def quoted_column(name: str) -> Expr:
    """The column of exactly this name."""
    return exp.Column(this=exp.to_identifier(name, quoted=True))


class Trainer:
    """Builds the statements of one training, each when it is asked for.

    Attributes:
        fit, options, client: as of a training.
    """

    def __init__(
        self,
        scope: Scope,
        draft: Draft,
        features: tuple[Parameter, ...],
        keys: tuple[Parameter, ...],
        fold: Fold | None,
        staged: exp.Table | None,
        stored: exp.Table | None,
        merged: Merged | None,
    ) -> None:
        self.merged = merged
        self.fold = fold
        self.staged = staged
        self.stored = stored
        self.scope = scope
        self.draft = draft
        self.features = features
        self.keys = keys
        self.dialect = scope.settings.dialect
        self.items: list[tuple[Expr, str]] = []
        self.source = Source("source")
        self.fit, self.client = self._fitted()
        self.options = draft.options

    def run(self) -> Training:
        """All of the statements."""
        return Training(
            fit=self.fit,
            options=self.options,
            features=self.features,
            keys=self.keys,
            client=self.client,
            model=self.model(),
            state=self._state(self.fit),
            calibration=self.calibration(LEVELS),
            limits=self.calibration(()),
            selftest=self.selftest(),
            held=None if self.fold is None else self.held,
            rows=self.rows(),
        )

    def _fitted(self) -> tuple[Fit, Step | None]:
        """The fit over the columns that it reads, and what the client does for it."""
        generated: dict[str, str] = {}

        def add(expr: Expr, name: str) -> str:
            key = repr(expr)
            if key not in generated:
                self.items.append((lower(expr, self.dialect), name))
                generated[key] = name
            return generated[key]

        fit = name_columns(self.scope, [self.draft], add)[0]
        self.columns = tuple(name for _, name in self.items)
        if fit.detector.categories is Categories.MIXED and any(feature.category for feature in fit.features):
            raise UnsupportedError(
                f"a model of {fit.detector.name} keeps no categories yet",
                hint="avf and rare_values keep them; or call the detector in a query",
            )
        if self.fold is not None:
            fit = replace(fit, fitted=FITTED)
        self.folding = fit
        if fit.detector.on_client or type(fit.detector).frozen is not Detector.frozen or fit.pool is not None:
            self.stored = None  # its model is no row a partition that SQL fits by the rows of a partition
        if not fit.detector.on_client:
            return fit, None
        drawing = self._drawing(fit)
        fit = replace(fit, given=drawing.fit.given)
        return fit, Step("fit", emit(drawing.query, self.dialect), drawing.fit, emit(drawing.count(), self.dialect))

    def _emitter(self, *, few: bool = False) -> Emitter:
        """An emitter that has the source: the rows as columns, perhaps those of a few partitions only."""
        emitter = Emitter(self.dialect, Names(identifiers(self.scope.select)).fresh)
        body, columns = self._body(emitter, few=few)
        emitter.add_source(self.source, body, columns)
        if self.merged is not None and self.merged.model is not None:
            kept = (ops.column(name) for name in self.merged.columns)
            emitter.ctes[MERGED] = exp.select(*kept).from_(self.merged.model.copy())
        return emitter

    def model(self) -> str:
        """What gives the model's relation; empty where the client makes it."""
        return "" if self.client else self._statement(self.fit, model_of(self.fit, self.source).node)

    def rows(self) -> str:
        """The rows with everything that the other statements read; empty where they are not written down first."""
        if self.staged is None:
            return ""
        emitter = Emitter(self.dialect, Names(identifiers(self.scope.select)).fresh)
        staged, self.staged = self.staged, None
        body, _ = self._body(emitter, few=False)
        self.staged = staged
        return emit(emitter.lowered(body), self.dialect)

    def _body(self, emitter: Emitter, *, few: bool) -> tuple[exp.Select, tuple[str, ...]]:
        """The SELECT behind the source, and its columns."""
        given = tuple((quoted_column(part.name), _given(n)) for n, part in enumerate((*self.keys, *self.features)))
        items = [exp.alias_(expr.copy(), name) for expr, name in [*self.items, *given]]
        columns = (*self.columns, *(name for _, name in given))
        if self.staged is not None:
            folds = () if self.fold is None else (FITTED, HELD, FOLD_KEY)
            columns = (*columns, *folds)
            body = exp.select(*(ops.column(name) for name in columns)).from_(self.staged.copy())
            return self._of_few(body) if few else body, columns
        body = self.scope.body(items)
        if few:
            body = self._of_few(body)
        if self.fold is not None:
            fit, names = self.folding, (FITTED, HELD, FOLD_KEY)
            features = [_typed(feature) for feature in fit.features]
            keys = [ops.column(key) for key in fit.keys[: self.fold.keys]]
            body = emitter.lowered(
                fold_query(body, features, fold=self.fold, keys=keys, columns=columns, names=names)
            )
            columns = (*columns, *names)
        return body, columns

    def _of_few(self, body: exp.Select) -> exp.Select:
        """The rows of a few of the partitions of the stored model; all of them where it is not stored."""
        keys = self.folding.keys
        if self.stored is None or not keys:
            return body
        some = exp.select(*(ops.column(key) for key in keys)).from_(self.stored.copy())
        some = some.order_by(*(ops.column(key) for key in keys)).limit(TESTED)
        same = [ops.same(ops.column(key, "few"), ops.column(key, "every")) for key in keys]
        rows = exp.Subquery(this=body, alias=exp.TableAlias(this=exp.to_identifier("every")))
        few = exp.Subquery(this=some, alias=exp.TableAlias(this=exp.to_identifier("few")))
        every = exp.Column(this=exp.Star(), table=exp.to_identifier("every"))
        on = lower(ops.and_(*same), self.dialect, condition=True)
        return exp.Select(expressions=[every]).from_(rows).join(few, on=on, join_type="inner")

    def _state(self, fit: Fit) -> State | None:
        state = state_of(fit, fit.relation(self.source))
        if state is None:
            return None
        emitter = self._emitter()
        name = emitter.name(state.node, fit)
        columns = emitter.columns[name]
        select = exp.select(*(exp.column(column) for column in columns)).from_(exp.to_table(name))
        return State(self._print(emitter, select), columns)

    def _scored(self, fit: Fit, source: Node, stats: Sequence[str] = ()) -> Scored:
        standing = fit
        if self.merged is not None and self.merged.model is not None:
            standing = replace(fit, given=Given(MERGED, self.merged.columns, {}))
        return score(fit, stand(standing, self.source, source), {"score"}, stats)

    def held(self, most: int) -> str:
        """The scores of the rows that were held out, by rank from the highest on."""
        fit = self.fit
        scored = self._scored(fit, self.source)
        value, rank = ops.column(scored.score), ops.column(f"{fit.prefix}__rank")
        known = ops.and_(ops.eq(ops.column(HELD), ops.integer(1)), ops.not_null(value))
        held = replace(fit, fitted=HELD)
        rows = held.relation(scored.node).keep("held", known)
        ranked = rows.extend(
            "ranked", {rank.name: rows.over(ops.func("ROW_NUMBER"), order=[ops.descending(value)])}
        )
        columns = {"held": ops.count(value)}
        for number in ranks(most):
            columns[held_name(number)] = ops.max_(ops.case((ops.eq(rank, ops.integer(number)), value)))
        emitter = self._emitter()
        emitter.name(scored.node, fit)  # by the rows that are fitted; what follows by those that are not
        return self._everything(emitter, emitter.name(ranked.group("ranks", columns).node, held))

    def calibration(self, levels: Sequence[float]) -> str:
        """The quantiles of the scores in each partition, and the threshold by the rule."""
        fit, options, by = self.fit, self.options, self.options.by
        scored = self._scored(fit, self.source, ("n",) if isinstance(by, Significance) else ())
        value = ops.column(scored.score)
        columns = {"n": ops.count(value)}
        columns |= {level_name(number): ops.quantile(value, level) for number, level in enumerate(levels)}
        if isinstance(by, Peaks | Significance):
            columns["threshold"] = ops.max_(ops.column(CUT))  # the same in each row of a partition
        elif options.threshold is None and not over_rows(by):
            assert options.contamination is not None
            columns["threshold"] = ops.quantile(value, 1.0 - options.contamination)
        counted = fit if self.merged is None or self.fold is None else replace(fit, fitted=HELD)
        emitter = self._emitter()
        emitter.name(scored.node, fit)
        if isinstance(by, Peaks):
            scored = with_peaks(counted, scored, by, CUT)
        if isinstance(by, Significance):
            scored = with_critical(counted, scored, by, CUT, own=False)
        grouped = counted.relation(scored.node).group("calibration", columns)
        return self._everything(emitter, emitter.name(grouped.node, counted))

    def selftest(self) -> str:
        """Rows at even steps of the scores' order, the highest one among them."""
        fit = self.fit
        emitter = self._emitter(few=True)
        scored = self._scored(fit, self.source)
        value = ops.column(scored.score)
        known = fit.relation(scored.node).keep("known", ops.not_null(value))
        order = [ops.column(scored.score), *(feature.value for feature in fit.features)]
        order += [ops.case((ops.not_null(ops.column(key)), ops.integer(1)), default=ops.integer(0)) for key in fit.keys]
        places = known.extend(
            "places",
            {
                PLACE: ops.window(ops.func("ROW_NUMBER"), order=order),
                "_sn__all": ops.window(ops.count(ops.integer(1))),
            },
        )
        share = ops.div(ops.mul(ops.cast_double(ops.column(PLACE)), ops.number(TESTED)), ops.column("_sn__all"))
        before = ops.sub(ops.column(PLACE), ops.integer(1))
        last = ops.div(ops.mul(ops.cast_double(before), ops.number(TESTED)), ops.column("_sn__all"))
        chosen = places.keep("chosen", ops.gt(ops.floor(share), ops.floor(last)))
        name = emitter.name(chosen.node, fit)
        columns = [ops.column(_given(n)) for n in range(len(self.keys) + len(self.features))]
        select = exp.Select(expressions=[*columns, exp.alias_(value, SCORE), ops.column(PLACE)])
        return self._print(emitter, select.from_(exp.to_table(name)))

    def _statement(self, fit: Fit, node: Node) -> str:
        emitter = self._emitter()
        return self._everything(emitter, emitter.name(node, fit))

    def _everything(self, emitter: Emitter, name: str) -> str:
        return self._print(emitter, exp.Select(expressions=[exp.Star()]).from_(exp.to_table(name)))

    def _print(self, emitter: Emitter, select: exp.Select) -> str:
        lowered = emitter.lowered(select)
        lowered.set("with_", exp.With(expressions=emitter.named()))  # already lowered: twice would cast a cast
        return emit(lowered, self.dialect)

    def _drawing(self, fit: Fit) -> Drawing:
        """The rows that the client fits on."""
        given = client_fit(fit, f"_sn_model{self.scope.settings.tag}", explained=False)
        query, ctes = rows_out(fit, self._emitter(), self.source)
        query.set("with_", exp.With(expressions=ctes))
        return Drawing(given, query)
