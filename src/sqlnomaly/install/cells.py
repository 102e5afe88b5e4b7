"""Detection over cells: a table of any width turned long, judged by one fixed query.

A cell is one value of one row. An engine's dynamic SQL makes any table into cells; the query that judges them is
compiled here, by the same compiler as every other, and never changes with the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from sqlglot import exp

from sqlnomaly.dialects import Dialect, get_dialect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.compiler import compile_sql, emit, parse
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape
from sqlnomaly.pushdown.emit import Emitter
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.names import Names, identifiers
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Node, Source
from sqlnomaly.pushdown.probability import probability, with_ranks
from sqlnomaly.pushdown.scored import Scored
from sqlnomaly.pushdown.verdict import Answers, Rule
from sqlnomaly.udfs.registry import detectors

CELLS = "_sn_cells"
"""The relation that the query reads: ROW, PART, FEATURE and VALUE, a row for every row and feature of the table."""
ROW, PART, FEATURE, VALUE = "row_id", "part", "feature", "x"
"""The columns of a cell: the row's number (BIGINT), its partition's number (BIGINT, the same for NULL keys), the place
of the feature in the call, from 1 (BIGINT), and the value as DOUBLE (NaN, infinities and NULL as they are)."""
TYPES: Mapping[str, str] = MappingProxyType(
    {ROW: "BIGINT", PART: "BIGINT", FEATURE: "BIGINT", VALUE: "DOUBLE"}
)

FIXED = "_sn_fixed"
"""Stands in the text for the threshold as a number, or NULL where the quantile of the scores is the threshold."""
SHARE = "_sn_share"
"""Stands in the text for that quantile's share, 1 - contamination: never NULL, whether it is used or not."""
UNUSED_SHARE = 0.99
"""A share for the place of SHARE where FIXED is a number."""

COLUMNS = (
    ROW,
    "anomaly_score",
    "anomaly_probability",
    "is_anomaly",
    "anomaly_threshold",
    "anomaly_feature",
    "anomaly_status",
)
"""What the query gives, one row for every row of the table; the reason as the place of its feature."""

ORDERED_SUM = "SUM(:a ORDER BY :b)"
EXACT_SUM = "CAST(SUM(CAST(:a AS DECIMAL(38, 20))) AS {double})"
TOTALS: Mapping[str, str] = MappingProxyType(
    {
        "duckdb": ORDERED_SUM,
        "postgres": ORDERED_SUM,
        "redshift": EXACT_SUM.format(double="DOUBLE PRECISION"),
        "spark": EXACT_SUM.format(double="DOUBLE"),
        "databricks": EXACT_SUM.format(double="DOUBLE"),
        "snowflake": EXACT_SUM.format(double="DOUBLE"),
        "bigquery": "CAST(SUM(CAST(:a AS BIGNUMERIC)) AS FLOAT64)",
    }
)
"""Dialect -> a sum of contributions that is the same for rows of the same values: a sum of doubles in any order is not,
and would tell equal rows apart. Contributions that add up stay far below 1e18."""

STATUSES = ("missing_value", "out_of_range", "too_few_rows")
"""What one cell is enough for to say of its row, the first that applies."""
FLAT = "constant_baseline"


NATIVE = ("zscore", "mad", "iqr", "mahalanobis", "hbos", "ecod", "ewma", "iforest")
"""The detectors that native functions know; of the others a model can be fitted and installed."""


def names() -> tuple[str, ...]:
    """The detectors that can be said over cells: those that judge each feature alone, in no order, in SQL."""
    return tuple(name for name in NATIVE if not refusal(detectors()[name]))


def refusal(kind: type[Detector]) -> str | None:
    """Why a detector cannot be said over cells, with the remedy, or None where it can."""
    if kind().on_client:
        return "it is fitted by a client: use `sqlnomaly query`, or fit a model and install that"
    if kind.shape is Shape.WINDOW:
        return "it needs the order of the rows: use `sqlnomaly query`, or `sqlnomaly compile`"
    if kind.joint:
        return "it judges the features together: use `sqlnomaly query`, or `sqlnomaly compile`"
    return None


def refusals() -> Mapping[str, str]:
    """Every detector that cannot be said over cells, with the reason and the remedy."""
    found = {name: refusal(detectors()[name]) for name in NATIVE}
    return {name: reason for name, reason in found.items() if reason}


@cache
def query(detector: str, dialect: str) -> str:
    """The query over CELLS that gives COLUMNS, in a dialect; FIXED and SHARE stand in it as words to be replaced.

    Raises:
        UnsupportedError: for a detector that cannot be said over cells, or a dialect without a sum of its own.
    """
    kind = detectors()[detector]
    reason = refusal(kind)
    if reason is not None:
        raise UnsupportedError(f"{detector} over cells: {reason.split(':')[0]}", hint=reason.split(": ")[1])
    if dialect not in TOTALS:
        raise UnsupportedError(f"{dialect} has no sum of contributions", hint=f"one of {', '.join(TOTALS)}")
    target = get_dialect(dialect)
    target = replace(target, templates={**target.templates, "contributions": TOTALS[dialect]})
    select = _judged(detector, target)
    emitter = Emitter(target, Names(identifiers(select)).fresh)
    judged = Source("judged_cells")
    emitter.add_source(judged, select, (ROW, PART, FEATURE, "score", "status"))
    rows = _rows(judged, kind, emitter)
    return emit(_verdicts(rows, kind, emitter), target)


def default_fixed(detector: str) -> float | None:
    """The detector's own threshold, or None where its default is a quantile."""
    return detectors()[detector].default.threshold


def default_share(detector: str) -> float:
    """The share of the detector's own quantile; UNUSED_SHARE where its threshold is a number."""
    contamination = detectors()[detector].default.contamination
    return UNUSED_SHARE if contamination is None else 1.0 - contamination


def _judged(detector: str, dialect: Dialect) -> exp.Select:
    """Each cell's contribution and status, as the compiler says them."""
    window = f"OVER (PARTITION BY {PART}, {FEATURE})"
    call = f"({VALUE}, detector => '{detector}') {window}"
    answers = f"anomaly_score{call} AS score, anomaly_status{call} AS status"
    text = f"SELECT {ROW}, {PART}, {FEATURE}, {answers} FROM {CELLS}"  # noqa: S608  (words of ours)
    schema = {CELLS: dict(TYPES)}
    compiled = compile_sql(text, read="duckdb", write=dialect.name, registry=detectors(), schema=schema)
    (select,) = parse(compiled.sql, dialect)
    assert isinstance(select, exp.Select), "one SELECT was compiled"
    for node in select.walk():
        node.pop_comments()
    return select


def _fit(kind: type[Detector], key: str) -> Fit:
    """What the rules of scores need to know, over rows that one column divides."""
    return Fit(
        number=1,
        detector=kind(),
        features=(),
        raw=(),
        keys=(key,),
        order=(),
        frame=None,
        fitted=None,
        leave_one_out=False,
        nulls="propagate",
        min_rows=kind.rows,
    )


def _rows(judged: Source, kind: type[Detector], emitter: Emitter) -> Node:
    """One row for each row of the table: score, the place of the reason, status; it is emitted."""
    fit = _fit(kind, ROW)
    cells = fit.relation(judged)
    score, status = ops.column("score"), ops.column("status")
    counted = {name: ops.count_if(ops.eq(status, ops.text(name))) for name in (*STATUSES, FLAT)}
    summed = ops.special("contributions", score, ops.column(FEATURE))
    totals = cells.group(
        "totals",
        {
            PART: ops.min_(ops.column(PART)),
            "cells": ops.count(ops.integer(1)),
            "known": ops.count(score),
            "best": ops.max_(score),
            **({"total": summed} if kind.reduce is Reduce.SUM else {}),
            **counted,
        },
    )
    whole, best = ops.eq(ops.column("known"), ops.column("cells")), ops.column("best")
    value = ops.column("total") if kind.reduce is Reduce.SUM else best
    slack = ops.mul(ops.number(kind.tolerance.relative), ops.greatest(ops.number(1.0), ops.abs_(best)))
    foremost = ops.and_(ops.not_null(best), ops.ge(score, ops.sub(best, slack)))
    scored = totals.extend("scored", {"row_score": ops.case((whole, value))})
    carried = ("part", "cells", "best", *counted, "row_score")
    first = ops.min_(ops.case((foremost, ops.column(FEATURE))))
    rows = cells.match(scored).group("foremost", {"place": first}, carry=carried)
    said = [(ops.gt(ops.column(name), ops.integer(0)), ops.text(name)) for name in STATUSES]
    flat = ops.eq(ops.column(FLAT), ops.column("cells"))
    said.append((ops.or_(ops.is_null(ops.column("row_score")), flat), ops.text(FLAT)))
    answers = {
        "anomaly_feature": ops.case((ops.not_null(ops.column("row_score")), ops.column("place"))),
        "anomaly_status": ops.case(*said, default=ops.text("ok")),
    }
    node = rows.extend("whole_rows", answers).node
    emitter.name(node, fit)
    return node


def _verdicts(rows: Node, kind: type[Detector], emitter: Emitter) -> exp.Select:
    """The rows with their probability, threshold and verdict."""
    fit = _fit(kind, PART)
    value, fixed = ops.column("row_score"), ops.cast_double(ops.column(FIXED))
    asked = ops.case((ops.is_null(fixed), value))
    scored = with_ranks(fit, Scored(rows, (), "row_score", "best"))
    ranked = fit.relation(scored.node)
    cutoff = ranked.group("cutoff", {"quantile": ops.special("quantile", asked, ops.column(SHARE))})
    limit = ops.coalesce(fixed, ops.column("quantile"))
    limited = (
        ranked.match(cutoff).extend("limited", {}, carry=["quantile"]).extend("with_limit", {"bound": limit})
    )
    scored = replace(scored, node=limited.node)
    answers = Answers(fit, scored, Rule(None, UNUSED_SHARE, None), "bound")
    last = emitter.name(limited.node, fit)
    said: dict[str, Expr] = {
        ROW: ops.column(ROW),
        "anomaly_score": answers.score(),
        "anomaly_probability": probability(fit, scored),
        "is_anomaly": answers.is_anomaly(),
        "anomaly_threshold": answers.threshold(),
        "anomaly_feature": ops.column("anomaly_feature"),
        "anomaly_status": ops.column("anomaly_status"),
    }
    columns = [
        exp.alias_(order_defaults(lower(expr, emitter.dialect), emitter.dialect), name)
        for name, expr in said.items()
    ]
    ctes = [
        exp.CTE(this=body, alias=exp.TableAlias(this=exp.to_identifier(name)))
        for name, body in emitter.ctes.items()
    ]
    select = exp.select(*columns).from_(exp.to_table(last))
    select.set("with_", exp.With(expressions=ctes))
    return select
