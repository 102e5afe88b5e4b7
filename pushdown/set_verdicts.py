"""Verdicts of a stored model over all rows of a relation together: false discoveries, and alert budgets.

The innermost query asks the model about each row; the steps behind it compare the rows with windows, as the same rules
do for rows that are fitted and judged in one query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.asked import HELD_ROWS
from sqlnomaly.pushdown.budget import with_budget
from sqlnomaly.pushdown.columns import name_keys
from sqlnomaly.pushdown.discoveries import Tests, discovered
from sqlnomaly.pushdown.emit import Emitter
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.fitted import FittedModel
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Source
from sqlnomaly.pushdown.rules import AlertBudget, FalseDiscoveries
from sqlnomaly.pushdown.scored import Scored
from sqlnomaly.pushdown.select import Scope
from sqlnomaly.pushdown.stars import keepable, kept, listed
from sqlnomaly.pushdown.verdict import Answers, Rule

SCORE = "_sn__score"
PROBABILITY = "_sn__probability"
REASON = "_sn__reason"
STATUS = "_sn__status"
HELD = "_sn__held"
COUNTED = "_sn__counted"
CERTAIN = "_sn__certain"
CUTOFF = "_sn__cutoff"


class Ask(Protocol):
    """Writes a call of the model."""

    def __call__(self, function: str, asked: str | None = None) -> Expr:
        """The call of a function; with ``asked``, what it gives instead of what its name says."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A model over a relation.

    Attributes:
        model: the model.
        rule: what judges the rows.
        keys: what stands for the partition keys of the model.
        ask: writes a call.
        absent: answer -> the typed NULL that stands for what the model cannot say.
    """

    model: FittedModel
    rule: FalseDiscoveries | AlertBudget
    keys: tuple[Expr, ...]
    ask: Ask
    absent: Mapping[str, Expr]


def judge_together(scope: Scope, judged: Judged, shown: exp.Star, mark: Mapping[str, str]) -> exp.Select:
    """Every column of the scope's FROM, then the six answers, as a SELECT with the steps before it.

    Args:
        scope: a SELECT of a star over one relation.
        judged: the model over it.
        shown: the star.
        mark: goes with the query that has the calls.

    Raises:
        UnsupportedError: where nobody knows the columns and the dialect has no ``* EXCEPT``.
    """
    dialect = scope.settings.dialect
    items: list[Expr] = []
    outputs: list[Expr] = []
    columns = listed(scope, shown)
    if columns is None:
        keepable(scope, shown)
        items.append(shown.copy())
    else:
        names = [name.name.lower() for _, name in columns]
        clear = len(set(names)) == len(names) and not any(name.startswith("_sn") for name in names)
        for number, (column, name) in enumerate(columns):
            inner = name if clear else exp.to_identifier(f"_sn__column{number}")
            same = isinstance(column, exp.Column) and not column.table and column.this == inner
            items.append(column.copy() if same else exp.alias_(column.copy(), inner.copy()))
            outer: Expr = exp.Column(this=inner.copy())
            outputs.append(outer if inner == name else exp.alias_(outer, name.copy()))
    hidden: dict[str, Expr] = {}
    given: dict[str, str] = {}

    def add(expr: Expr, name: str) -> str:
        key = repr(expr)
        if key not in given:
            given[key] = name
            hidden[name] = lower(expr, dialect)
        return given[key]

    fit = replace(
        judged.model.fit,
        keys=name_keys(scope, judged.keys, "_sn__key", add) if judged.keys else (),
        nulls="propagate",
        fitted=None,
    )
    rule = judged.rule
    if isinstance(rule, AlertBudget) and rule.per:
        per = name_keys(scope, rule.per, "_sn__budget", add)
        rule = replace(rule, per=tuple(ops.column(name) for name in per))
    hidden |= _asked(judged)
    items += [exp.alias_(expr, name, copy=False) for name, expr in hidden.items()]
    body = scope.body(items)
    body.meta.update(mark)
    emitter = Emitter(dialect, scope.settings.names.fresh)
    source = Source("source")
    emitter.add_source(source, body, tuple(hidden))
    scored = _compared(fit, Scored(source, (), SCORE, SCORE), rule)
    last = emitter.name(scored.node, fit)
    if columns is None:
        outputs.append(kept(shown, emitter.columns[last]))
    for word, answer in _answers(fit, scored, judged, rule).items():
        outputs.append(exp.alias_(order_defaults(lower(answer, dialect), dialect), word))
    select = exp.Select(expressions=outputs, from_=exp.From(this=exp.to_table(last)))
    select.set("with_", exp.With(expressions=emitter.named()))
    return select


def _asked(judged: Judged) -> dict[str, Expr]:
    """What the model is asked about each row."""
    ask, model = judged.ask, judged.model
    found = {SCORE: ask("anomaly_score")}
    if "anomaly_probability" not in judged.absent:
        found[PROBABILITY] = ask("anomaly_probability")
    if "anomaly_reason" not in judged.absent:
        found[REASON] = ask("anomaly_reason")
    found[STATUS] = ask("anomaly_status")
    if isinstance(judged.rule, FalseDiscoveries):
        found[HELD] = ask("anomaly_probability", HELD_ROWS)
    if model.min_effect is not None:
        found[COUNTED] = ask("is_anomaly", "counted")
    if model.min_effect is not None or model.fit.nulls == "anomalous":
        found[CERTAIN] = ask("is_anomaly", "certain")
    return found


def _compared(fit: Fit, scored: Scored, rule: FalseDiscoveries | AlertBudget) -> Scored:
    """The rows beside the threshold, and for a rate of false alarms whether each is an anomaly."""
    if isinstance(rule, AlertBudget):
        return with_budget(fit, scored, rule, CUTOFF)
    held = ops.cast_double(ops.coalesce(ops.column(HELD), ops.integer(0)))
    chance = ops.sub(ops.number(1.0), ops.column(PROBABILITY))
    tests = Tests(
        value=ops.column(SCORE),
        p=ops.coalesce(chance, ops.number(1.0)),
        n=ops.add(held, ops.number(1.0)),
        new=ops.not_null(ops.column(SCORE)),
        known=None,
        among=[ops.column(key) for key in fit.keys] if rule.scope == "partition" else [],
    )
    return replace(scored, node=discovered(fit.relation(scored.node), tests, rule.rate, CUTOFF).node)


def _answers(
    fit: Fit, scored: Scored, judged: Judged, rule: FalseDiscoveries | AlertBudget
) -> dict[str, Expr]:
    """The six answers over the compared rows."""
    answers = Answers(fit, scored, Rule(None, None, None, rule), CUTOFF)
    status: Expr = ops.column(STATUS)
    branches: list[tuple[Expr, Expr]] = []
    if judged.model.min_effect is not None or judged.model.fit.nulls == "anomalous":
        branches.append((ops.column(CERTAIN), ops.true()))
    undecided = [answers.undecided()] if isinstance(rule, FalseDiscoveries) else []
    if undecided:
        status = ops.case((undecided[0], ops.text("too_few_rows")), default=status)
    if judged.model.min_effect is None:
        plain = answers.is_anomaly()
        verdict = ops.case(*branches, default=plain) if branches else plain
    else:
        branches += [(each, ops.null()) for each in undecided]
        far = ops.case((answers.exceeds(ops.column(COUNTED)), ops.true()), default=ops.false())
        verdict = ops.case(*branches, (ops.not_null(ops.column(SCORE)), far))
    found = {
        "anomaly_score": ops.column(SCORE),
        "anomaly_probability": ops.column(PROBABILITY),
        "is_anomaly": verdict,
        "anomaly_threshold": answers.threshold(),
        "anomaly_reason": ops.column(REASON),
        "anomaly_status": status,
    }
    return {name: judged.absent.get(name, answer) for name, answer in found.items()}
