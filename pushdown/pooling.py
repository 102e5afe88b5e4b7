"""The fits of several bodies of rows as one: their states are pooled in SQL, without the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.pushdown.compiler import emit
from sqlnomaly.pushdown.emit import Emitter
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.names import Names
from sqlnomaly.pushdown.plan import Relation, Source


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
    """The state of the rows, or None where states do not merge."""
    detector = fit.detector
    if detector.pool(fit.relation(Source("states"))) is None:
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


def pooled(fit: Fit, dialect: Dialect, state: State, tables: Sequence[exp.Table], *, finished: bool = False) -> str:
    """The statement that makes one state of several.

    Args:
        fit: of the training that gave the states, which were all made with the same options.
        dialect: to print for.
        state: of that training.
        tables: where the states lie, one at least.
        finished: give the model's relation rather than the state; of a detector that SQL fits.
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
    name = emitter.name((fit.detector.finish(relation) if finished else relation).node, fit)
    select = emitter.lowered(exp.select("*").from_(exp.to_table(name)))
    select.set("with_", exp.With(expressions=emitter.named()))
    return emit(select, dialect)
