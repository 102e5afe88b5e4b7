"""how-it-works.md: one query printed after every pass of the compiler, by running the passes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.packs import SCHEMA
from sqlnomaly.pushdown.bind import Binder
from sqlnomaly.pushdown.columns import name_columns
from sqlnomaly.pushdown.compiler import compile_sql, parse
from sqlnomaly.pushdown.drafts import Draft, draft_fits
from sqlnomaly.pushdown.fit import Fit, stand
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.names import Names, identifiers
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Extend, Group, Match, Node, Relation, Source
from sqlnomaly.pushdown.scored import score
from sqlnomaly.pushdown.select import Scope, Settings
from sqlnomaly.pushdown.verdict import Answers, Rule
from sqlnomaly.udfs.registry import detectors

QUERY = """SELECT id, anomaly_score(amount, detector => 'mad') OVER (PARTITION BY store) AS score
FROM orders"""

WIDTH = 100
"""A longer line of a plan is printed over several."""

TEXT = {
    "parse": "The stock sqlglot parser of the dialect reads the query. A detection call is an ordinary function "
    "call in the tree; nothing is added to any grammar.",
    "recognize": "Calls are found in the tree, and each is read: may it stand there, what are its features, which "
    "options has it, and are they right for the detector? Calls over the same features, detector and "
    "window share one fit.",
    "bind": "Somebody is asked for the types of features and keys: the live connection, or a schema. Without "
    "either, a feature is taken for numeric, and `explain` says so. A feature becomes a clean DOUBLE: "
    "NULL where it is NaN, infinite or beyond 1e150. Numbers need a cast, timestamps a conversion; "
    "`amount` is a DOUBLE already.",
    "plan": "The detector is asked for its plan: how the rows come to stand beside the model, the contribution "
    "of each feature, and the score. Each block below is one step, a relation: its name, what its rows "
    "are, and the columns that it adds. A plan is said once for all engines, in a closed vocabulary; "
    "words that begin with `SN_` differ between engines.",
    "lower": "Each `SN_` word is replaced by the template of the dialect. A dialect that lacks a word refuses the "
    "query by name. Where an exact quantile is no aggregate, as in BigQuery, the plan step is turned "
    "into an analytic function one step earlier.",
    "emit": "Each plan step becomes one CTE, in place of the rows that the call saw. The outer SELECT gives "
    "every other column its meaning, order, type and name back. This is what DuckDB gets:",
    "client": "iforest is fitted on the client, so that its plan has two steps. The first is a query for a sample "
    "of each partition's rows, and the fit on them. It makes a temporary relation, one row a partition, "
    "and functions that the engine calls. The second step is the statement that reads both; they are "
    "dropped after it. [iforest](detectors/iforest.md#its-sql) shows the whole script.",
}


def how_page(note: str) -> str:
    """docs/how-it-works.md."""
    scope, drafts, fit, beside = _passes()
    scored = score(fit, beside, {"score"})
    answer = Answers(fit, scored, Rule(3.5, None, None), "").score()
    plan = [*_steps(scored.node), f"anomaly_score: {answer.sql()}"]
    steps = compile_sql(
        QUERY.replace("'mad'", "'iforest'"), read="duckdb", write="duckdb", registry=detectors(), schema=SCHEMA
    ).steps
    client = [f"step {number}: {step.name}" for number, step in enumerate(steps, start=1)]
    assert steps[0].fit is not None, "a forest is grown on the client"
    client.append(f"  relation {steps[0].fit.given.name}: {', '.join(steps[0].fit.given.columns)}")
    blocks = [
        note,
        "# How it works\n\nA query becomes SQL in passes: parse, recognize the calls, share fits, bind, plan, "
        "lower, emit. Here is one query after each of them, printed by running the passes. "
        "[ARCHITECTURE.md](../ARCHITECTURE.md) has the same as one picture; "
        "`sqlnomaly explain` prints the plan of your own query in words.",
        f"```sql\n{QUERY}\n```",
        _section("Parse", "parse", [repr(scope.select.expressions[1].this)]),
        _section("Recognize and share fits", "recognize", _draft(drafts[0])),
        _section("Bind", "bind", _columns(scope, drafts)),
        _section("Plan", "plan", plan),
        _section("Lower", "lower", _templates(("SN_QUANTILE(x, 0.5e0)", "SN_CAST_DOUBLE(x)", "SN_EPOCH_DATE(x)"))),
        f"## Emit\n\n{TEXT['emit']}\n\n```sql\n{_emitted()}\n```",
        _section("More than one step", "client", client),
    ]
    return "\n\n".join(blocks) + "\n"


def _section(title: str, key: str, lines: list[str]) -> str:
    return f"## {title}\n\n{TEXT[key]}\n\n```\n" + "\n".join(lines) + "\n```"


def _passes() -> tuple[Scope, list[Draft], Fit, Relation]:
    """What each pass gives, up to the plan."""
    duckdb = get_dialect("duckdb")
    select = parse(QUERY, duckdb)[0]
    assert isinstance(select, exp.Select), "the example is a SELECT"
    settings = Settings(
        "duckdb", duckdb, detectors(), Binder(duckdb, "duckdb", None, SCHEMA), Names(identifiers(select))
    )
    scope = Scope(select, [], settings)
    drafts, _ = draft_fits(scope)
    fit = name_columns(scope, drafts, lambda expr, name: name)[0]
    source = Source("source")
    return scope, drafts, fit, stand(fit, source, source)


def _draft(draft: Draft) -> list[str]:
    return [
        f"detector  {draft.options.detector}",
        f"threshold {draft.options.threshold}, min_rows {draft.options.min_rows}, nulls {draft.options.nulls}",
        f"features  {', '.join(f'{name} = {expr.sql()}' for name, expr in draft.features)}",
        f"keys      {', '.join(key.sql() for key in draft.keys)}",
        f"asked     {', '.join(draft.outputs)}",
    ]


def _columns(scope: Scope, drafts: list[Draft]) -> list[str]:
    found: list[str] = []

    def add(expr: Expr, name: str) -> str:
        found.append(f"{name:<12} {expr.sql()}")
        return name

    name_columns(scope, drafts, add)
    return found


def _steps(node: Node) -> Iterator[str]:
    """The steps of a plan, each after those it needs."""
    if isinstance(node, Match):
        yield from _steps(node.model)
        return
    if isinstance(node, Source):
        yield "source: the rows"
        return
    assert isinstance(node, Group | Extend), "the example needs no other step"
    yield from (line for line in _steps(node.data) if line != "source: the rows" or not isinstance(node.data, Match))
    yield f"{node.name}: {_rows(node)}"
    for name, expr in node.columns.items():
        line = f"  {name} = {expr.sql()}"
        yield line if len(line) <= WIDTH else f"  {name} =\n" + textwrap.indent(expr.sql(pretty=True), "    ")


def _rows(node: Node) -> str:
    """What the rows of a step are."""
    if isinstance(node, Match):
        model = node.model
        assert isinstance(model, Group | Extend), "a model is a step of its own"
        return f"every row beside the {model.name} of its partition"
    if isinstance(node, Group):
        return "one row a partition" + (f", from {_rows(node.data)}" if isinstance(node.data, Match) else "")
    assert isinstance(node, Extend), "a step groups or extends"
    return f"the rows of {node.data.name}" if isinstance(node.data, Group | Extend) else _rows(node.data)


def _templates(words: tuple[str, ...]) -> list[str]:
    lines = []
    for word in words:
        lines.append(word)
        for name in ("duckdb", "spark", "snowflake", "bigquery"):
            dialect = get_dialect(name)
            tree = parse(f"SELECT {word}", get_dialect("duckdb"))[0].expressions[0]
            lines.append(f"  {name:<10} {lower(tree, dialect).sql(dialect.sqlglot)}")
    return lines


def _emitted() -> str:
    return compile_sql(QUERY, read="duckdb", write="duckdb", registry=detectors(), schema=SCHEMA).sql
