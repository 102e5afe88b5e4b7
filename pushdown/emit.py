"""From a plan to CTEs: each step one SELECT, every reference qualified where two relations meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from sqlnomaly.dialects import Dialect, Quantiles
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ages import around, begun, earlier, near
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.long import looked_up, refuse_anew, tallied
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import (
    COUNT,
    FEATURE,
    HIGH,
    OWN,
    VALUE,
    Along,
    Append,
    Around,
    Earlier,
    Extend,
    Given,
    Group,
    Keep,
    Knots,
    Lookup,
    Match,
    Node,
    Source,
    Tally,
)
from sqlnomaly.pushdown.walk import along
from sqlnomaly.pushdown.workarounds import said_over

PIVOT = "pivot"
"""The template of the aggregate that says around where a partition's values lie, for engines that add up squares."""
SPREADS = ("var_pop", "covar_pop")
"""What such engines have under this name with ``_around`` behind it, for values that lie around 0."""
FENCE = "fence"
"""The template of the OFFSET that keeps a step from being written into the next one, where an engine does that."""


@dataclass(slots=True)
class Emitter:
    """Collects the CTEs of one scope in the order in which they are needed.

    Attributes:
        dialect: the dialect to print for.
        fresh: gives a CTE name that nothing else in the statement has.
        columns: the generated columns of each relation by CTE name.
    """

    dialect: Dialect
    fresh: Callable[[str], str]
    ctes: dict[str, exp.Query] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _names: dict[int, tuple[Node, str]] = field(default_factory=dict)

    def add_source(self, source: Source, select: exp.Select, columns: tuple[str, ...]) -> str:
        """The SELECT behind a source; columns are the generated ones it gives."""
        return self._add(source, select, columns, source.name)

    def name(self, node: Node, fit: Fit) -> str:
        """The CTE of a node, emitted on first use."""
        known = self._names.get(id(node))
        if known is not None and known[0] is node:
            return known[1]
        if (other := said_over(node, self.dialect.said_over)) is not node:
            self._names[id(node)] = (node, self.name(other, fit))
            return self._names[id(node)][1]
        if isinstance(node, Group):
            return self._group(node, fit)
        if isinstance(node, Extend):
            return self._extend(node, fit)
        if isinstance(node, Keep):
            below = self.name(node.data, fit)
            select = exp.select("*").from_(exp.to_table(below)).where(self._lower(node.condition, condition=True))
            # Past this step nobody may take the rows for appended ones any more.
            columns = tuple(column for column in self.columns[below] if column != OWN)
            return self._add(node, select, columns, node.name)
        if isinstance(node, Knots):
            return self._knots(node, fit)
        if isinstance(node, Tally):
            tally = tallied(node, self.name(node.data, fit), fit.keys, fit.fitted, self._lower)
            return self._add(node, tally, (*fit.keys, FEATURE, node.key, COUNT, node.low, HIGH, OWN), node.name)
        if isinstance(node, Lookup):
            refuse_anew(self.dialect)
            rows, table = self.name(node.data, fit), self.name(node.table, fit)
            beside = looked_up(node, rows, table, fit.keys, self._lower)
            return self._add(node, beside, (*self.columns[rows], *(name for _, name in node.columns)), node.name)
        if isinstance(node, Earlier):
            below = self.name(node.data, fit)
            ages = self._once(begun(node, below, fit.keys), "ages")
            pairs, columns = earlier(node, below, ages, fit.keys, fit.fitted, self._lower)
            return self._add(node, pairs, columns, node.name)
        if isinstance(node, Around):
            below = self.name(node.data, fit)
            places = self._once(near(node, below, fit.keys, self._lower), "places")
            pairs, columns = around(node, below, places, fit.keys, fit.fitted, self._lower)
            return self._add(node, pairs, columns, node.name)
        if isinstance(node, Along):
            below = self.name(node.data, fit)
            steps = along(node, below, self.fresh, self._lower)
            *before, (last, select) = steps.items()
            self.ctes |= dict(before)
            self.ctes[last] = select
            self.columns[last] = (*self.columns[below], *node.columns)
            self._names[id(node)] = (node, last)
            return last
        if isinstance(node, Append):
            return self._append(node, fit)
        if isinstance(node, Given):
            return self._given(node)
        assert not isinstance(node, Match | Source), "a match is emitted with the step that uses it"
        raise TypeError(type(node).__name__)

    def _given(self, node: Given) -> str:
        self.columns[node.name] = node.columns
        return node.name

    def apart(self) -> Emitter:
        """An emitter of another statement that has what this one has so far."""
        bodies = {name: body.copy() for name, body in self.ctes.items()}
        return Emitter(self.dialect, self.fresh, bodies, dict(self.columns), dict(self._names))

    def named(self) -> list[exp.CTE]:
        """The CTEs for a WITH."""
        return [
            exp.CTE(this=body, alias=exp.TableAlias(this=exp.to_identifier(name)))
            for name, body in self.ctes.items()
        ]

    def lowered(self, query: exp.Select) -> exp.Select:
        """A query of the vocabulary in the dialect's words."""
        found = self._lower(query)
        assert isinstance(found, exp.Select), "lowering keeps the kind of a node"
        return found

    def _once(self, query: exp.Query, hint: str) -> str:
        """The CTE of a query that has no node of its own."""
        known = next((name for name, body in self.ctes.items() if body == query), None)
        if known is None:
            known = self.fresh(hint)
            self.ctes[known] = query
        return known

    def _add(self, node: Node, select: exp.Query, columns: tuple[str, ...], hint: str) -> str:
        name = self.fresh(hint)
        self.ctes[name] = select
        self.columns[name] = columns
        self._names[id(node)] = (node, name)
        return name

    def _lower(self, expr: Expr, *, condition: bool = False) -> Expr:
        return order_defaults(lower(expr, self.dialect, condition=condition), self.dialect)

    def _from(self, node: Node, fit: Fit) -> tuple[exp.Select, str, Callable[[Expr], Expr], tuple[str, ...]]:
        """SELECT FROM the node; the name of its rows; how to read a column; the columns of its rows."""
        if not isinstance(node, Match):
            name = self.name(node, fit)
            return exp.select().from_(exp.to_table(name)), name, lambda expr: expr, self.columns[name]
        rows, model = self.name(node.data, fit), self.name(node.model, fit)
        keys = (*fit.keys, *node.by)
        of_model = set(self.columns[model]) - set(keys)

        def qualify(expr: Expr) -> Expr:
            def rule(part: Expr) -> Expr:
                if isinstance(part, exp.Column) and not part.table and part.name != "_sn__v":
                    return exp.column(part.name, table=model if part.name in of_model else rows)
                return part

            return expr.transform(rule)

        select = exp.select().from_(exp.to_table(rows))
        if keys:
            same = [
                exp.NullSafeEQ(this=exp.column(key, table=rows), expression=exp.column(key, table=model))
                for key in keys
            ]
            select = select.join(exp.to_table(model), on=self._lower(ops.and_(*same), condition=True), join_type="left")
        else:
            select = select.join(exp.to_table(model), join_type="cross")
        return select, rows, qualify, self.columns[rows]

    def _group(self, node: Group, fit: Fit) -> str:
        keys = (*fit.keys, *node.by)
        data, columns = self._pivoted(node, fit)
        if self.dialect.quantiles is Quantiles.ANALYTIC:
            data, columns = analytic_quantiles(Group(data, node.name, columns, node.by), fit)
        elif "quantile_at" in self.dialect.templates:
            columns = listed_quantiles(columns)
        select, _, qualify, below = self._from(data, fit)
        for key in keys:
            select = select.select(qualify(ops.column(key)), copy=False)
        for name, expr in columns.items():
            select = select.select(exp.alias_(qualify(self._lower(expr)), name, copy=False), copy=False)
        if fit.fitted is not None and OWN not in below and not node.every:
            select = select.where(qualify(ops.eq(ops.column(fit.fitted), ops.integer(1))), copy=False)
        if keys:
            select = select.group_by(*(qualify(ops.column(key)) for key in keys), copy=False)
        return self._add(node, select, (*keys, *columns), node.name)

    def _pivoted(self, node: Group | Extend, fit: Fit) -> tuple[Node, Mapping[str, Expr]]:
        """What the step reads and computes, with values moved to around 0 where squares are added up."""
        if PIVOT not in self.dialect.templates:
            return node.data, node.columns
        return pivoted(node, fit, [name for name in SPREADS if f"{name}_around" in self.dialect.templates])

    def _extend(self, node: Extend, fit: Fit) -> str:
        data, columns = self._pivoted(node, fit)
        select, rows, qualify, below = self._from(data, fit)
        matched = isinstance(data, Match)
        star = exp.Column(this=exp.Star(), table=exp.to_identifier(rows)) if matched else exp.Star()
        select = select.select(star, copy=False)
        carried = [name for name in node.carry if name not in below]
        for name in carried:
            select = select.select(qualify(ops.column(name)), copy=False)
        for name, expr in columns.items():
            select = select.select(exp.alias_(qualify(self._lower(expr)), name, copy=False), copy=False)
        if FENCE in self.dialect.templates:
            select = select.offset(self._lower(ops.special(FENCE)), copy=False)
        return self._add(node, select, (*below, *carried, *columns), node.name)

    def _knots(self, node: Knots, fit: Fit) -> str:
        below = self.name(node.data, fit)
        parts = []
        for number, column in enumerate(node.columns):
            present = [ops.not_null(ops.column(column))]
            if fit.fitted is not None:
                present.append(ops.eq(ops.column(fit.fitted), ops.integer(1)))
            part = exp.select(
                *(ops.column(key) for key in fit.keys),
                exp.alias_(ops.integer(number), FEATURE),
                exp.alias_(ops.column(column), VALUE),
                exp.alias_(self._lower(ops.count(ops.integer(1))), COUNT),
            )
            part = part.from_(exp.to_table(below)).where(*present)
            parts.append(part.group_by(*(ops.column(key) for key in fit.keys), ops.column(column)))
        union: exp.Select | exp.Union = parts[0]
        for part in parts[1:]:
            union = union.union(part, distinct=False)
        return self._add(node, union, (*fit.keys, FEATURE, VALUE, COUNT), node.name)

    def _append(self, node: Append, fit: Fit) -> str:
        rows, model = self.name(node.data, fit), self.name(node.other, fit)
        columns = self.columns[rows]
        own = exp.select(*(ops.column(name) for name in columns), exp.alias_(ops.integer(1), OWN))
        own = own.select(exp.alias_(ops.integer(0), COUNT)).from_(exp.to_table(rows))
        other = exp.select(
            *(
                exp.alias_(
                    ops.column(name) if name in fit.keys else self._lower(node.columns.get(name, ops.null())),
                    name,
                )
                for name in columns
            ),
            exp.alias_(ops.integer(0), OWN),
            exp.alias_(self._lower(node.columns[COUNT]), COUNT),
        ).from_(exp.to_table(model))
        return self._add(node, own.union(other, distinct=False), (*columns, OWN, COUNT), node.name)


def listed_quantiles(columns: Mapping[str, Expr]) -> Mapping[str, Expr]:
    """Several quantiles of one value as places of one list: the engine computes the same aggregate once."""
    shares: dict[str, list[Expr]] = {}
    for expr in columns.values():
        if _is_quantile(expr):
            shares.setdefault(repr(expr.expressions[0]), []).append(expr.expressions[1])

    def place(expr: Expr) -> Expr:
        wanted = shares.get(repr(expr.expressions[0]), []) if _is_quantile(expr) else []
        if len(wanted) < 2:
            return expr
        number = ops.integer(wanted.index(expr.expressions[1]) + 1)
        return ops.special("quantile_at", expr.expressions[0], exp.Array(expressions=wanted), number)

    return {name: place(expr) for name, expr in columns.items()}


def _is_quantile(expr: Expr) -> bool:
    return isinstance(expr, exp.Anonymous) and str(expr.this) == "sn_quantile"


def analytic_quantiles(node: Group, fit: Fit) -> tuple[Node, Mapping[str, Expr]]:
    """Quantiles as analytic functions one step earlier, for engines that have no such aggregate."""
    early: dict[str, Expr] = {}
    columns: dict[str, Expr] = {}
    for name, expr in node.columns.items():
        if _is_quantile(expr):
            value, share = expr.expressions
            if fit.fitted is not None:
                value = ops.case((ops.eq(ops.column(fit.fitted), ops.integer(1)), value))
            early[name + "_each"] = ops.window(
                ops.special("quantile", value, share), partition=[ops.column(key) for key in (*fit.keys, *node.by)]
            )
            columns[name] = ops.min_(ops.column(name + "_each"))
        else:
            columns[name] = expr
    if not early:
        return node.data, columns
    read = {column.name for expr in columns.values() for column in expr.find_all(exp.Column)}
    carried = tuple(sorted(read - set(early))) if isinstance(node.data, Match) else ()
    return Extend(node.data, node.name + "_quantiles", early, carried), columns


def pivoted(node: Group | Extend, fit: Fit, spreads: Sequence[str]) -> tuple[Node, Mapping[str, Expr]]:
    """Variances and covariances of what is left above the partition's own mean: sums of squares would lose all digits.

    Args:
        node: a step over the source, or over steps without a match.
        fit: its fit.
        spreads: the operators that add up squares.
    """
    pivots: dict[str, tuple[str, Expr]] = {}

    def moved(value: Expr) -> Expr:
        if repr(value) not in pivots:
            around = value
            if fit.fitted is not None and all(part.name != fit.fitted for part in value.find_all(exp.Column)):
                around = ops.case((ops.eq(ops.column(fit.fitted), ops.integer(1)), value))
            keys = [ops.column(key) for key in fit.keys]
            mean = ops.window(ops.special(PIVOT, around), partition=keys)
            pivots[repr(value)] = (f"{fit.prefix}__{node.name}_pivot{len(pivots) + 1}", mean)
        return ops.sub(value, ops.column(pivots[repr(value)][0]))

    def rule(part: Expr) -> Expr:
        if isinstance(part, exp.Anonymous) and str(part.this).removeprefix("sn_") in spreads:
            return ops.func(f"{part.this}_around", *(moved(value) for value in part.expressions))
        return part

    columns = {name: expr.transform(rule) for name, expr in node.columns.items()}
    if not pivots:
        return node.data, node.columns
    assert not isinstance(node.data, Match), "no plan takes a variance over a match"
    return Extend(node.data, "pivots", dict(pivots.values())), columns
