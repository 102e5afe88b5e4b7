"""how-it-works.md: one query printed after every pass of the compiler, by running the passes."""

from __future__ import annotations

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

TEXT = {
    "parse": "The stock sqlglot parser of the dialect reads the query. A detection call is an ordinary function call in "
    "the tree; nothing is added to any grammar.",
    "recognize": "Calls are found in the tree, and each is read: may it stand there, what are its features, which options "
    "has it, and are they right for the detector? Calls over the same features, detector and window share one fit.",
    "bind": "Somebody is asked for the types of features and keys: the live connection, or a schema. Without either, a "
    "feature is taken for numeric, and `explain` says so. A feature becomes a clean DOUBLE: NULL where it is NaN, "
    "infinite or beyond 1e150. Numbers need a cast, timestamps a conversion; `amount` is a DOUBLE already.",
    "plan": "The detector is asked for its plan: how the rows come to stand beside the model, the contribution of each "
    "feature, and the score. It is said once, in a closed vocabulary. Words that begin with `sn_` differ between engines.",
    "lower": "Each `sn_` word is replaced by the template of the dialect. A dialect that lacks a word refuses the query by "
    "name. Where an exact quantile is no aggregate, as in BigQuery, the plan step is turned into an analytic "
    "function one step earlier.",
    "emit": "Each plan step becomes one CTE, in place of the rows that the call saw. The outer SELECT gives every other "
    "column its meaning, order, type and name back.",
    "client": "A forest is grown on the client. Such a plan has more than one step: a query for the rows to fit on, the fit, "
    "and the statement that reads what the fit made.",
}


def how_page(note: str) -> str:
    """docs/how-it-works.md."""
    scope, drafts, fit, beside = _passes()
    scored = score(fit, beside, {"score"})
    answer = Answers(fit, scored, Rule(3.5, None, None), "").score()
    plan = [*_steps(scored.node), f"answer: {answer.sql()}"]
    steps = compile_sql(
        QUERY.replace("'mad'", "'iforest'"), read="duckdb", write="duckdb", registry=detectors(), schema=SCHEMA
    ).steps
    client = [f"step {number}: {step.name}" for number, step in enumerate(steps, start=1)]
    assert steps[0].fit is not None, "a forest is grown on the client"
    client.append(f"  relation {steps[0].fit.given.name}: {', '.join(steps[0].fit.given.columns)}")
    blocks = [
        note,
        "# How it works\n\nOne query after every pass of the compiler. [ARCHITECTURE.md](../ARCHITECTURE.md) has the same "
        "as one picture.",
        f"```sql\n{QUERY}\n```",
        _section("Parse", "parse", [repr(scope.select.expressions[1].this)]),
        _section("Recognize and share fits", "recognize", _draft(drafts[0])),
        _section("Bind", "bind", _columns(scope, drafts)),
        _section("Plan", "plan", plan),
        _section("Lower", "lower", _templates(("sn_quantile(x, 0.5e0)", "sn_cast_double(x)", "sn_epoch_date(x)"))),
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
    beside = ", each row beside the model of its partition" if isinstance(node.data, Match) else ""
    yield f"{node.name}: {'one row a partition' if isinstance(node, Group) else 'every row'}{beside}"
    for name, expr in node.columns.items():
        yield f"  {name} = {expr.sql()}"


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
