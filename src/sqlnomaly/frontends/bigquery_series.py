"""BigQuery's AI.DETECT_ANOMALIES in FROM: a derived table with its columns, by forecasts of ours, not TimesFM's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from sqlglot import TokenType, exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.frontends.context import Context, Edit
from sqlnomaly.frontends.text import Text, call, column, printed
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

DETECTOR = "holt_winters"
DETECTED, GIVEN = "detected", "given"
"""The aliases of the derived tables; some engines insist on one."""
ALIASES = frozenset({TokenType.ALIAS, TokenType.VAR, TokenType.IDENTIFIER})
EXAMPLE = "AI.DETECT_ANOMALIES(TABLE t, data_col => 'y', timestamp_col => 'ts')"
OPTIONS = (
    "data_col", "timestamp_col", "id_cols", "anomaly_prob_threshold", "target_last_n_points", "target_start_timestamp",
)  # fmt: skip
REFUSED: Mapping[str, str] = {
    "model": "our own forecasts are the only model here: leave it out",
    "context_window": "every earlier point counts here: leave it out",
}
# Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: off by 1.5e-7 at most.
ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
SLOPE = 0.3275911
FAR = 26.0
"""Beyond so many scales, times the root of 2, the probability is 1 in a double."""
IS_TARGET = "_target"


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of one form."""

    data: str
    time: str
    ids: tuple[str, ...]
    level: float
    last: int | None
    start: Expr | None


def detect(text: Text, number: int, context: Context) -> Edit | None:  # noqa: ARG001
    """AI.DETECT_ANOMALIES({TABLE t | (query)} [, {TABLE target | (query)}], data_col => .., timestamp_col => .., ..).

    Raises:
        CallError: an option that is missing, unknown or out of range.
        UnsupportedError: an option that we do not have.
    """
    begins = text.says(number, "AI", ".", "DETECT_ANOMALIES", "(") and text.word(number - 1) != "."
    if not begins or text.word(number + 4) not in ("TABLE", "("):
        return None
    end = text.closing(number + 3)
    parts = text.parts(number + 4, end)
    relations = [part for part in parts if text.says(part[0], "TABLE") or text.says(part[0], "(")]
    if not relations or relations != parts[: len(relations)] or len(relations) > 2:
        message = "the first argument is TABLE and a name, or a query in parentheses"
        raise text.error(CallError, number, message, EXAMPLE)
    asked = _asked(text, number, parts[len(relations) :])
    if len(relations) == 2 and (asked.last or asked.start is not None):
        raise text.error(CallError, relations[1][0], "the points to judge are given twice", "keep the second relation")
    aliased = text.kind(end + 1) in ALIASES
    earlier = sum(text.says(place, "AI", ".", "DETECT_ANOMALIES", "(") for place in range(number))
    alias = "" if aliased else f" AS {DETECTED}" + (f"_{earlier + 1}" if earlier else "")
    rows = [_relation(text, *part) for part in relations]
    return Edit(number, end + 1, f"({_sql(text, asked, rows)}){alias}")


def _asked(text: Text, number: int, parts: list[tuple[int, int]]) -> Asked:
    """The named arguments, checked."""
    found: dict[str, tuple[Any, int]] = {}
    for begin, end in parts:
        name = text.word(begin).lower()
        if text.kind(begin + 1) is not TokenType.FARROW or end < begin + 3:
            raise text.error(CallError, begin, "an option is a name, => and a value", EXAMPLE)
        if name in REFUSED:
            raise text.error(UnsupportedError, begin, f"{name} is not available here", REFUSED[name])
        if name not in OPTIONS:
            raise text.error(CallError, begin, f"{name} is no option of AI.DETECT_ANOMALIES", ", ".join(OPTIONS))
        if name in found:
            raise text.error(CallError, begin, f"option {name} is given twice", "keep one of them")
        is_time = name == "target_start_timestamp"
        value = text.expression(begin + 2, end) if is_time else text.value(begin + 2, end)
        found[name] = (value, begin)
    for name in ("data_col", "timestamp_col"):
        if name not in found or not isinstance(found[name][0], str):
            raise text.error(CallError, number, f"{name} names a column", EXAMPLE)
    ids = found.get("id_cols", ([], number))[0]
    names = [ids] if isinstance(ids, str) else ids
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise text.error(CallError, found["id_cols"][1], "id_cols names columns", "id_cols => ['store', 'item']")
    level, at = found.get("anomaly_prob_threshold", (0.95, number))
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 <= level < 1:
        raise text.error(CallError, at, f"anomaly_prob_threshold is {level}, and lies from 0 to 1", "0.95")
    last, at = found.get("target_last_n_points", (None, number))
    if last is not None and (isinstance(last, bool) or not isinstance(last, int) or last < 1):
        raise text.error(CallError, at, "target_last_n_points is a number of points", "target_last_n_points => 10")
    start = found["target_start_timestamp"][0] if "target_start_timestamp" in found else None
    if last is not None and start is not None:
        raise text.error(CallError, at, "the points to judge are given twice", "keep one of the two options")
    return Asked(found["data_col"][0], found["timestamp_col"][0], tuple(names), float(level), last, start)


def _relation(text: Text, begin: int, end: int) -> str:
    """A relation in the user's own words."""
    if text.says(begin, "TABLE") and end > begin + 1:
        return text.slice(begin + 1, end)
    if text.closing(begin) == end - 1:
        return text.slice(begin, end)
    raise text.error(CallError, begin, "a relation is TABLE and a name, or a query in parentheses", EXAMPLE)


def _sql(text: Text, asked: Asked, rows: list[str]) -> str:
    """The query of the derived table, behind which the rows stand as the user wrote them."""
    dialect = text.dialect
    ids = [column(name, dialect, GIVEN) for name in asked.ids]
    time, value = column(asked.time, dialect, GIVEN), column(asked.data, dialect, GIVEN)
    options = {"detector": DETECTOR, "threshold": NormalDist().inv_cdf((1.0 + asked.level) / 2.0)}

    def ask(function: str) -> Expr:
        order = exp.Order(expressions=[exp.Ordered(this=time.copy())])
        keys = [one.copy() for one in ids]
        return exp.Window(this=call(function, [value], options), partition_by=keys, order=order, over="OVER")

    target: Expr = ops.integer(1)
    if asked.last is not None:
        newest = exp.Order(expressions=[exp.Ordered(this=time.copy(), desc=True, nulls_first=False)])
        place = exp.Window(
            this=exp.RowNumber(), partition_by=[one.copy() for one in ids], order=newest, over="OVER"
        )
        target = ops.case((ops.le(place, ops.integer(asked.last)), ops.integer(1)), default=ops.integer(0))
    elif asked.start is not None:
        target = ops.case((ops.ge(time, asked.start), ops.integer(1)), default=ops.integer(0))
    elif len(rows) == 2:
        target = exp.column(IS_TARGET, table=GIVEN)
    inner = exp.Select(
        expressions=[
            *(one.copy() for one in ids),
            exp.alias_(time.copy(), "time_series_timestamp"),
            exp.alias_(value.copy(), "time_series_data"),
            exp.alias_(ask("is_anomaly"), "is_anomaly"),
            exp.alias_(ask("anomaly_lower"), "lower_bound"),
            exp.alias_(ask("anomaly_upper"), "upper_bound"),
            exp.alias_(ask("anomaly_score"), "score"),
            exp.alias_(ask("anomaly_status"), "status"),
            exp.alias_(target, "target"),
        ]
    )
    judged = exp.column
    fine = exp.column("status").eq(exp.Literal.string("ok"))
    outer = exp.Select(
        expressions=[
            *(column(name, dialect) for name in asked.ids),
            *(judged(name) for name in ("time_series_timestamp", "time_series_data", "is_anomaly")),
            *(judged(name) for name in ("lower_bound", "upper_bound")),
            exp.alias_(probability(judged("score")), "anomaly_probability"),
            exp.alias_(
                ops.case((fine, exp.Literal.string("")), default=judged("status")), "ai_detect_anomalies_status"
            ),
        ]
    )
    source = rows[0]
    if len(rows) == 2:
        needed = [column(name, dialect) for name in (*asked.ids, asked.time, asked.data)]
        flags = [exp.alias_(ops.integer(flag), IS_TARGET) for flag in range(len(rows))]
        heads = [printed(exp.Select(expressions=[*(one.copy() for one in needed), flag]), dialect) for flag in flags]
        both = [f"{head} FROM {one} AS {GIVEN}" for head, one in zip(heads, rows, strict=True)]
        source = f"({' UNION ALL '.join(both)})"
    inside = f"{printed(inner, dialect)} FROM {source} AS {GIVEN}"
    return f"{printed(outer, dialect)} FROM ({inside}) AS judged WHERE target = 1"


def probability(score: Expr) -> Expr:
    """The probability that a standard normal value is nearer to 0 than the score.

    Example:
        >>> probability(exp.column("s")).sql("bigquery")[-18:]
        'ELSE 676.0e0 END))'
    """
    far = ops.mul(score, ops.number(0.5**0.5))
    share = ops.div(ops.number(1.0), ops.add(ops.number(1.0), ops.mul(ops.number(SLOPE), far)))
    weighed: Expr = ops.number(ERF[-1])
    for weight in reversed(ERF[:-1]):
        weighed = ops.add(ops.number(weight), ops.mul(share, weighed))
    # Some engines take it for an error that EXP underflows.
    beyond = ops.case((ops.lt(far, ops.number(FAR)), ops.mul(far, far)), default=ops.number(FAR * FAR))
    fallen = ops.func("EXP", ops.neg(beyond))
    return ops.sub(ops.number(1.0), ops.mul(ops.mul(share, weighed), fallen))
