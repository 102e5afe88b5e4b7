"""What must hold whatever the numbers are: relations between answers, checked against each other."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

import pyarrow as pa
import sqlglot
from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.compiler import compile_sql
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.pushdown.twin import twin
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import SOME, Ask, quoted
from tests.conformance.compare import Answers, close, slack, unlike
from tests.conformance.datasets import DataSet
from tests.conformance.on_duckdb import OnDuckDB
from tests.conformance.runner import Runner
from tests.conformance.variants import FORMLESS, IN_ORDER, LEAN, told

Law = Callable[[Runner, DataSet, str], list[str]]
"""What is wrong, a line each; empty if the law holds."""

AFFINE = frozenset(told("AFFINE"))
"""Detectors whose answers stay the same when features are scaled and shifted."""
TWINNED = frozenset(told("TWINNED"))
"""Detectors whose terms are a function of one feature's value and model, which the twin computes too."""
FEATURE_ORDER = frozenset(told("FEATURE_ORDER"))
"""Detectors that draw a feature by its number, or rows by the first one."""
UNPLANTED = frozenset(told("UNPLANTED"))
"""Detectors to which the planted outlier need not be the most anomalous row."""

UNSCALED = frozenset({"tiny", "edge_of_range"})
"""Data that 3 x + 7 would take out of its range or its precision."""


def ask(runner: Runner, data: DataSet, detector: str, asked: Ask, source: str | None = None) -> Answers:
    """The answers to one ask."""
    short = replace(asked, options={**LEAN.get(detector, {}), **asked.options})
    return runner.answers(runner.compile(data, detector, short, source=source), data)


def plain(data: DataSet, detector: str, keyed: bool = True) -> Ask:
    """The ask without options; in the order of the ids where there has to be one, so that nothing ties."""
    order = "id" if detector in IN_ORDER else None
    return Ask(partition=data.keys if keyed else (), order=order)


_bases: dict[tuple[str, str, str, bool], Answers] = {}


def base(runner: Runner, data: DataSet, detector: str, keyed: bool) -> Answers:
    """The answers that several laws compare with, asked once."""
    key = (runner.name, data.name, detector, keyed)
    if key not in _bases:
        _bases[key] = ask(runner, data, detector, plain(data, detector, keyed))
    return _bases[key]


def alone(runner: Runner, data: DataSet, detector: str) -> list[str]:
    """A row that is not fitted is judged alike whichever other rows are judged beside it."""
    asked = Ask(partition=data.keys, where=SOME)
    key = quoted("id", runner.name)
    some = f"(SELECT * FROM {quoted(data.name, runner.name)} WHERE MOD({key}, 3) <> 0 OR MOD({key}, 9) = 0) AS part"
    batch = ask(runner, data, detector, asked)
    fewer = ask(runner, data, detector, asked, some)
    return unlike(data, detector, asked, fewer, {i: verdict for i, verdict in batch.items() if i % 3 or not i % 9})


def shuffled(runner: Runner, data: DataSet, detector: str) -> list[str]:
    """The order in which rows are stored changes nothing."""
    order = list(range(data.table.num_rows))
    random.Random(0).shuffle(order)
    moved = replace(data, name=f"{data.name}_shuffled", table=data.table.take(pa.array(order, pa.int64())))
    runner.load(moved)
    asked = plain(data, detector)
    bad = unlike(data, detector, asked, ask(runner, moved, detector, asked), base(runner, data, detector, True))
    if detectors()[detector].ordered and data.order:
        asked = replace(asked, order=data.order)
        bad += unlike(data, detector, asked, ask(runner, moved, detector, asked), ask(runner, data, detector, asked))
    return bad


def permuted(runner: Runner, data: DataSet, detector: str) -> list[str]:
    """The order of the features changes no score; among equal ones it changes the reason."""
    turned = tuple(quoted(name, runner.name) for name in reversed(data.features))
    asked = plain(data, detector)
    found = ask(runner, data, detector, replace(asked, features=turned))
    return unlike(data, detector, asked, reasonless(found), reasonless(base(runner, data, detector, True)))


def planted(runner: Runner, data: DataSet, detector: str) -> list[str]:
    """The planted outlier has the highest score; a small forest might not have drawn it."""
    assert data.planted_id is not None
    if detector in FORMLESS:
        asked = plain(data, detector, keyed=False)
        answers: Answers = runner.answers(runner.compile(data, detector, asked), data)
    else:
        answers = base(runner, data, detector, False)
    highest = max(verdict.score for verdict in answers.values() if verdict.score is not None)
    score = answers[data.planted_id].score
    if score is not None and score >= highest - 1e-9 * abs(highest):
        return []
    return [f"id {data.planted_id} has {score}, the highest is {highest}"]


def transformed(template: str) -> Law:
    """The same answers from features that are sent through an expression."""

    def law(runner: Runner, data: DataSet, detector: str) -> list[str]:
        named = [quoted(name, runner.name) for name in data.features]
        features = tuple(f"{template.replace('x', name)} AS {name}" for name in named)
        asked = plain(data, detector)
        found = ask(runner, data, detector, replace(asked, features=features))
        return unlike(data, detector, asked, found, base(runner, data, detector, True))

    return law


def reasonless(answers: Answers) -> Answers:
    """The answers without their reasons."""
    return {i: replace(verdict, reason=None) for i, verdict in answers.items()}


def twinned(runner: Runner, data: DataSet, detector: str) -> list[str]:
    """The twin computes the terms that the engine computes, from the same model."""
    assert isinstance(runner, OnDuckDB)
    asked = Ask(partition=data.keys, where=SOME, form="wrap", staged=True)
    sql = compile_sql(
        asked.sql(data, detector, runner.name),
        read=runner.name,
        write=runner.name,
        registry=detectors(),
        describe=runner.describe,
        form="wrap",
        staged=True,
    ).sql
    tree = sqlglot.parse_one(sql, read=runner.name)
    step = next(cte for cte in tree.find_all(exp.CTE) if cte.alias.startswith("terms"))
    terms = [part for part in step.this.selects if part.alias.endswith("__term")]
    # The step, with every column of the model beside the rows.
    step.this.set("expressions", [exp.Star(), *terms])
    probe = exp.select(exp.Star()).from_(exp.to_table(step.alias))
    probe.set("with_", tree.args["with_"])
    table = runner.table(probe.sql(runner.name))
    columns = {name: table.column(name) for name in table.column_names if number(table.schema.field(name).type)}
    kind = detectors()[detector]()
    allowed = slack(data, asked, detector)
    bad = []
    for name, term in zip(data.features, terms, strict=True):
        stem = term.alias.removesuffix("__term")
        feature = Feature(name=name, column=stem, stem=stem)
        enough = ops.ge(feature.get("n"), ops.integer(kind.rows))
        ours = twin(ops.case((enough, kind.term(feature))))(columns).to_pylist()
        theirs = table.column(term.alias).to_pylist()
        pairs = zip(ours, theirs, strict=True)
        bad += [f"{name}: twin {a}, SQL {b}" for a, b in pairs if not close(a, b, allowed)]
    return bad[:3]


def number(kind: pa.DataType) -> bool:
    """Whether the twin reads a column of this type."""
    checks = (pa.types.is_floating, pa.types.is_integer, pa.types.is_boolean, pa.types.is_decimal)
    return any(check(kind) for check in checks)


def laws(detector: str, data: DataSet) -> dict[str, Law]:
    """The laws that a detector claims and the data set can show."""
    found: dict[str, Law] = {"shuffled": shuffled}
    if detector not in IN_ORDER:  # there time passes with every row, and the first ones have a small deviation
        found["alone"] = alone
        if data.planted_id is not None and detector not in UNPLANTED:
            found["planted"] = planted
    if detector not in FEATURE_ORDER:
        found["permuted"] = permuted
    if detector in TWINNED:
        found["twin"] = twinned
    if not all_of(data, (pa.types.is_floating, pa.types.is_decimal)):
        return found
    if detector in AFFINE:
        found["scaled"] = transformed("(x * -4)" if data.name == "nonfinite" else "(x * -0.25)")
        if data.name not in UNSCALED:
            found["affine"] = transformed("(x * 3 + 7)")
    if detector == "ecod" and data.name in ("gaussian", "heavy_ties", "planted", "all_null_group", "null_order"):
        found["monotone"] = transformed("(x * x * x)")
    return found


def all_of(data: DataSet, kinds: Iterable[Callable[[pa.DataType], bool]]) -> bool:
    """Whether every feature is of one of these types."""
    checks = tuple(kinds)
    return all(any(check(data.table.schema.field(name).type) for check in checks) for name in data.features)
