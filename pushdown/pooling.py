"""The fits of several bodies of rows as one: their states are pooled in SQL, without the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.compiler import emit
from sqlnomaly.pushdown.emit import Emitter
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.names import Names
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Extend, Group, Match, Node, Relation, Source


@dataclass(frozen=True, slots=True)
class State:
    """What is kept of fitted rows so that others can be added.

    Attributes:
        query: gives the relation.
        columns: the columns of the relation, partition keys first.
    """

    query: str
    columns: tuple[str, ...]


def state_of(fit: Fit, rows: Relation) -> Relation | None:
    """The state of the rows, or None where states do not merge: those of other partitions count in a pooled model."""
    detector = fit.detector
    if fit.pool is not None or detector.pool(fit.relation(Source("states"))) is None:
        return None
    return detector.summary(rows) if detector.summarized else detector.state(rows)


def finished(fit: Fit, dialect: Dialect, state: State, table: exp.Table) -> str:
    """The statement that makes the model's relation of a state; of a detector that SQL fits.

    Args:
        fit: of the training that gave the state.
        dialect: to print for.
        state: of that training.
        table: where the state lies.
    """
    fit = replace(fit, fitted=None)  # every row of a state counts
    source = Source("state")
    emitter = Emitter(dialect, Names([table.name]).fresh)
    rows = exp.select(*(exp.column(name) for name in state.columns)).from_(table.copy())
    emitter.add_source(source, rows, state.columns)
    name = emitter.name(fit.detector.finish(fit.relation(source)).node, fit) if _finishes(fit, source) else ""
    query = emitter.lowered(exp.select("*").from_(exp.to_table(name))) if name else rows
    if name:
        query.set("with_", exp.With(expressions=emitter.named()))
    return emit(query, dialect)


def _finishes(fit: Fit, source: Source) -> bool:
    """Whether the model is another relation than the state."""
    return fit.detector.finish(fit.relation(source)).node is not source


def pooled(
    fit: Fit,
    dialect: Dialect,
    state: State,
    tables: Sequence[exp.Table],
    *,
    finished: bool = False,
    whole: bool = True,
) -> str:
    """The statement that makes one state of several.

    Args:
        fit: of the training that gave the states, which were all made with the same options.
        dialect: to print for.
        state: of that training.
        tables: where the states lie, one at least.
        finished: give the model's relation rather than the state; of a detector that SQL fits.
        whole: whether rows are counted, and not weighed: a sum of weights is no whole number.
    """
    fit = replace(fit, fitted=None)
    source = Source("states")
    emitter = Emitter(dialect, Names([table.name for table in tables]).fresh)
    columns = [exp.column(name) for name in state.columns]
    first, *others = (exp.select(*columns).from_(table.copy()) for table in tables)
    rows: exp.Query = first
    for other in others:
        rows = rows.union(other, distinct=False)
    everything = exp.select("*").from_(exp.Subquery(this=rows, alias=exp.TableAlias(this=exp.to_identifier("parts"))))
    emitter.add_source(source, everything, state.columns)
    relation = fit.detector.pool(fit.relation(source))
    assert relation is not None, "a state is kept only where states merge"
    if not whole:
        relation = replace(relation, node=_fractional(relation.node))
    name = emitter.name((fit.detector.finish(relation) if finished else relation).node, fit)
    select = emitter.lowered(exp.select("*").from_(exp.to_table(name)))
    select.set("with_", exp.With(expressions=emitter.named()))
    return emit(select, dialect)


def _fractional(node: Node) -> Node:
    """The plan without the rounding of its counts to whole numbers."""

    def rule(part: Expr) -> Expr:
        casts = isinstance(part, exp.Anonymous) and str(part.this) == "sn_cast_integer"
        return part.expressions[0] if casts else part

    if isinstance(node, Group | Extend):
        columns = {name: expr.transform(rule) for name, expr in node.columns.items()}
        return replace(node, data=_fractional(node.data), columns=columns)
    if isinstance(node, Match):
        return replace(node, data=_fractional(node.data), model=_fractional(node.model))
    return node


def recent(
    dialect: Dialect,
    table: exp.Table,
    columns: Sequence[str],
    day: str,
    *,
    window: int | None = None,
    half_life: float | None = None,
    fit: Fit | None = None,
) -> str:
    """The statement for the states of the last days, perhaps weighed by their age.

    Args:
        dialect: to print for.
        table: where the states lie.
        columns: those to keep.
        day: the column of a state's day.
        window: the last so many days, the newest of all among them; None for all.
        half_life: the days after which a state weighs half; None for never.
        fit: whose detector weighs them.
    """
    newest = exp.alias_(ops.window(ops.max_(ops.column(day))), "newest")
    dated = exp.select("*", newest).from_(table.copy())
    behind = ops.sub(ops.special("epoch_date", ops.column("newest")), ops.special("epoch_date", ops.column(day)))
    weighed: Mapping[str, Expr] = {}
    if half_life is not None and fit is not None:
        ages = ops.div(behind, ops.number(86_400.0 * half_life))
        weight = ops.func("POWER", ops.number(0.5), ages)
        weighed = fit.detector.weighed(fit.relation(Source("")), weight) or {}
    kept = [exp.alias_(weighed[name], name) if name in weighed else ops.column(name) for name in columns]
    query = exp.Select(expressions=kept).from_(dated.subquery("dated"))
    if window is not None:
        query = query.where(ops.lt(behind, ops.number(86_400.0 * window)))
    return emit(order_defaults(lower(query, dialect), dialect), dialect)
