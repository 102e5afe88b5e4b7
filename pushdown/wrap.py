"""The wrapped form: an inner SELECT keeps FROM to HAVING, the outer one restores everything else over scored rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from sqlnomaly.errors import BindError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.client import Drawing, client_fit, rows_out
from sqlnomaly.pushdown.columns import Add, name_columns, name_keys
from sqlnomaly.pushdown.cost import Reads, reads
from sqlnomaly.pushdown.cutoffs import is_read, with_cutoff
from sqlnomaly.pushdown.drafts import Draft, Wish
from sqlnomaly.pushdown.emit import Emitter
from sqlnomaly.pushdown.explanation import Explained
from sqlnomaly.pushdown.fit import Fit, stand, walk_of
from sqlnomaly.pushdown.lift import Inner, Lift
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.names import identifier
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Node, Source
from sqlnomaly.pushdown.probability import probability, with_ranks
from sqlnomaly.pushdown.rules import AlertBudget, FalseDiscoveries
from sqlnomaly.pushdown.scored import score
from sqlnomaly.pushdown.select import Scope, source_name
from sqlnomaly.pushdown.stars import check_projections, engine_names, keepable, kept, listed
from sqlnomaly.pushdown.verdict import Answers, Rule, stats_read

CALL = "_sn__call"
"""Qualifies the marker that stands for a call until its answer has columns."""
EXPLAINING = frozenset({"reason", "explanation"})
"""What asks for the contributions of the features."""
OPERATORS = (exp.Binary, exp.Unary, exp.Is, exp.In, exp.Between)
"""Beside these an answer that is an operator itself goes into parentheses."""


class Wrap:
    """One SELECT in its wrapped form.

    Args:
        scope: the SELECT.
        drafts: its fits.
        wishes: what its calls ask, by the id of their root node.
    """

    def __init__(self, scope: Scope, drafts: list[Draft], wishes: Mapping[int, Wish]) -> None:
        self.scope = scope
        self.select = scope.select
        self.dialect = scope.settings.dialect
        self.wishes = wishes
        self.drafts = drafts
        self.inner = Inner()
        self.kept = False
        self.reads = Reads(1, 1)
        self.lift = Lift(self.inner, self._marker, self._check_alone)

    def run(self) -> tuple[exp.Select, list[exp.CTE], list[Drawing]]:
        """The outer SELECT, the CTEs before it, and what the client does before that."""
        projections = self._projections()
        add = self._adder()
        fits = name_columns(self.scope, self.drafts, add)
        self.wishes = {
            key: self._named_budget(wish, f"_sn__budget{number}_", add)
            for number, (key, wish) in enumerate(self.wishes.items(), start=1)
        }
        order = self._order()
        qualify = self.select.args.get("qualify")
        where = exp.Where(this=self.lift(qualify.this)) if qualify is not None else None
        distinct = self.select.args.get("distinct")
        distinct = self.lift(distinct) if distinct is not None else None
        emitter, last, answers, drawings = self._emit(fits)
        self.reads = reads(emitter.ctes, last, next(iter(emitter.ctes)))

        def settle(node: Expr) -> Expr:
            def rule(part: Expr) -> Expr:
                if isinstance(part, exp.Column) and part.table == CALL:
                    answer = answers[part.name].copy()
                    loose = isinstance(answer, exp.Binary | exp.Unary) and isinstance(part.parent, OPERATORS)
                    return exp.paren(answer) if loose else answer
                return part

            return node.transform(rule)

        hidden = emitter.columns[last]
        outer = exp.Select(
            expressions=[kept(part, hidden) if part.is_star else settle(part) for part in projections],
            from_=exp.From(this=exp.to_table(last)),
        )
        for name, part in (("where", where), ("distinct", distinct), ("order", order)):
            if part is not None:
                outer.set(name, settle(part))
        for name in ("limit", "offset"):
            if self.select.args.get(name):
                outer.set(name, self.select.args[name].copy())
        return outer, emitter.named(), drawings

    def _named_budget(self, wish: Wish, name: str, add: Add) -> Wish:
        """The wish with the keys of an alert budget as columns of the source."""
        by = wish.rule.by
        if not isinstance(by, AlertBudget) or not by.per:
            return wish
        keys = name_keys(self.scope, by.per, name, add)
        named = replace(by, per=tuple(ops.column(key) for key in keys))
        return replace(wish, rule=replace(wish.rule, by=named))

    def _marker(self, node: Expr) -> Expr | None:
        return exp.column(str(id(node)), table=CALL) if id(node) in self.wishes else None

    def _check_alone(self, query: Expr) -> None:
        """Refuses a subquery beside a call that reads this SELECT's rows: they are not in its scope any more."""
        inner = query.find(exp.Select, exp.SetOperation)
        assert inner is not None, "asked for queries only"
        outside = {source_name(part).lower() for part in self.scope.sources()}
        inside = {table.alias_or_name.lower() for table in inner.find_all(exp.Table, exp.Subquery)}
        named = any(
            column.table.lower() in outside - inside for column in inner.find_all(exp.Column) if column.table
        )
        try:
            if not named and self.scope.ask(inner.copy()) is None:
                outputs = {part.output_name.lower() for part in self.select.expressions}
                named = any(
                    not one.table and one.name.lower() in outputs for one in inner.find_all(exp.Column)
                )
        except BindError:
            named = True
        if named:
            raise UnsupportedError(
                "a correlated subquery beside a detection call is not supported",
                where=self.scope.show(query),
                hint="compute the score in a CTE, and compare there",
            )

    def _adder(self) -> Add:
        generated: dict[str, str] = {}

        def add(expr: Expr, name: str) -> str:
            key = repr(expr)
            if key not in generated:
                self.inner.add(lower(expr, self.dialect), name)
                generated[key] = name
            return generated[key]

        return add

    def _projections(self) -> list[Expr]:
        """The SELECT list over the scored rows, each with the name that the user's query gives it."""
        check_projections(self.scope)
        names = engine_names(self.scope)
        stars = {
            index: listed(self.scope, part)
            for index, part in enumerate(self.select.expressions)
            if part.is_star
        }
        known = [name.name.lower() for columns in stars.values() for _, name in columns or ()]
        outputs: list[Expr] = []
        for index, part in enumerate(self.select.expressions):
            if part.is_star:
                if stars[index] is None:
                    keepable(self.scope, part)
                    self.kept = True
                    outputs.append(part.copy())
                for column, name in stars[index] or ():
                    wished = name if len(stars) == 1 else None
                    outputs.append(_named(exp.column(self.inner.reserve(column, wished)), name))
            elif contains_call(part):
                outputs.append(_named(self.lift(part.unalias()), self._call_name(part)))
            else:
                name = self._plain_name(part, names.get(index))
                free = None not in stars.values() and name.name.lower() not in known
                held = self.inner.reserve(part.unalias(), name if free else None)
                outputs.append(_named(exp.column(held), name))
        return outputs

    def _plain_name(self, part: Expr, known: str | None) -> exp.Identifier:
        """The name under which a projection without calls comes out of the user's query."""
        written = part.args.get("alias") if isinstance(part, exp.Alias) else part.this
        if isinstance(written, exp.Identifier) and isinstance(part, exp.Alias | exp.Column):
            return written.copy()
        return identifier(known or part.output_name, self.scope.settings)

    def _call_name(self, part: Expr) -> exp.Identifier:
        if isinstance(part, exp.Alias):
            alias: exp.Identifier = part.args["alias"]
            return alias.copy()
        wish = self.wishes.get(id(part))
        return identifier(wish.call.function if wish else self.scope.show(part), self.scope.settings)

    def _order(self) -> Expr | None:
        """ORDER BY over the scored rows: positions and output names stay, the rest is computed inside."""
        order = self.select.args.get("order")
        if order is None:
            return None
        written = [part for part in self.select.expressions if part.output_name]
        outputs = {part.output_name.lower() for part in written}
        outputs |= {
            self.wishes[id(part)].call.function for part in self.select.expressions if id(part) in self.wishes
        }
        keys = []
        for ordered in order.expressions:
            key = ordered.this
            position = isinstance(key, exp.Literal) and not key.is_string
            named = isinstance(key, exp.Column) and not key.table and key.name.lower() in outputs
            same = [part for part in written if part.output_name.lower() == key.name.lower()]
            bare = not any(isinstance(part, exp.Alias) for part in same)
            if named and bare and len({repr(part) for part in same}) > 1:
                raise BindError(f"ORDER BY {key.name} may mean several columns", where=self.scope.show(order))
            keys.append(
                ordered.copy() if position or named or isinstance(key, exp.Var) else self.lift(ordered)
            )
        fresh: Expr = order.copy()
        fresh.set("expressions", keys)
        return fresh

    def _emit(self, fits: list[Fit]) -> tuple[Emitter, str, dict[str, Expr], list[Drawing]]:
        """The CTEs, the name of the last, each call's answer by its marker, and what the client fits."""
        emitter = Emitter(self.dialect, self.scope.settings.names.fresh)
        source = Source("source")
        items: list[Expr] = [exp.Star()] if self.kept else []
        for expr, name in self.inner.items:
            same = isinstance(expr, exp.Column) and not expr.table and expr.this == name
            items.append(expr if same else exp.alias_(expr, name, copy=False))
        columns = tuple(name.name for _, name in self.inner.items)
        emitter.add_source(source, self.scope.body(items), columns)
        drawings: list[Drawing] = []
        for number, fit in enumerate(fits):
            if fit.detector.on_client:
                asked = {wish.call.output for wish in self.wishes.values() if wish.fit == number}
                drawing = self._drawing(fit, emitter.apart(), source, explained=bool(asked & EXPLAINING))
                drawings.append(drawing)
                fits[number] = replace(fit, given=drawing.fit.given)
            elif self.scope.settings.walks is not None and (walk := walk_of(fit)) is not None:
                function = f"_sn_walk{len(self.scope.settings.walks) + 1}{self.scope.settings.tag}"
                self.scope.settings.walks[function] = walk.function()
                fits[number] = replace(fit, walk=function)
        node: Node = source
        judged: list[dict[tuple[Rule, str], Expr]] = []
        for number, fit in enumerate(fits):
            wished = [wish for wish in self.wishes.values() if wish.fit == number]
            node, rules = self._judge(fit, source, node, wished)
            judged.append(rules)
            last = emitter.name(node, fit)
        answers = {}
        for key, wish in self.wishes.items():
            answer = judged[wish.fit][wish.rule, wish.call.output]
            answers[str(key)] = order_defaults(lower(answer, self.dialect), self.dialect)
        return emitter, last, answers, drawings

    def _drawing(self, fit: Fit, emitter: Emitter, source: Source, *, explained: bool) -> Drawing:
        """The query for the rows that the client fits on, and what it gives back."""
        names, tag = self.scope.settings.names, self.scope.settings.tag
        client = client_fit(fit, names.fresh(f"_sn_model{tag}"), explained=explained)
        query, ctes = rows_out(fit, emitter, source)
        return Drawing(client, self.scope.with_visible(query, ctes))

    def _judge(
        self, fit: Fit, source: Node, node: Node, wished: list[Wish]
    ) -> tuple[Node, dict[tuple[Rule, str], Expr]]:
        """The rows with everything that the answers of one fit read."""
        if fit.fitted is not None and not fit.windowed() and any(w.call.output == "status" for w in wished):
            rows = f"{fit.prefix}__rows"
            counted = fit.relation(source).group("fitted", {rows: ops.count(ops.integer(1))})
            node = fit.relation(node).match(counted).extend("counted", {}, carry=[rows]).node
        asked = {
            rule: {w.call.output for w in wished if w.rule == rule}
            for rule in dict.fromkeys(w.rule for w in wished)
        }
        outputs = {w.call.output for w in wished}
        stats = sorted(set().union(*(stats_read(each, rule, fit.detector) for rule, each in asked.items())))
        beside = stand(fit, source, node, staged=self.scope.settings.staged)
        scored = score(fit, beside, outputs, stats)
        ranked = any(isinstance(rule.by, FalseDiscoveries) and is_read(rule, each) for rule, each in asked.items())
        if ranked or "probability" in outputs:
            scored = with_ranks(fit, scored)
        found: dict[tuple[Rule, str], Expr] = {}
        for number, (rule, each) in enumerate(asked.items(), start=1):
            cutoff = f"{fit.prefix}__cutoff{number}"
            if is_read(rule, each):
                scored = with_cutoff(fit, scored, rule, cutoff)
            answers = Answers(fit, scored, rule, cutoff)
            for output in sorted(each - {"probability", "explanation"}):
                found[rule, output] = getattr(answers, output)()
            if "probability" in each:
                found[rule, "probability"] = probability(fit, scored)
            if "explanation" in each:
                told = Explained(answers, str(number))
                scored, found[rule, "explanation"] = told.scored, told.text()
        return scored.node, found


def _named(expr: Expr, name: exp.Identifier) -> Expr:
    if isinstance(expr, exp.Column) and not expr.table and expr.this == name:
        return expr
    return exp.alias_(expr, name.copy(), copy=False)
