"""Scalar macros of DuckDB: the verdict on a row, from window functions of one level.

What a plan computes step by step becomes a chain of one-element lists: ``list_transform([{..}], lambda s: ..)[1]``
names the results of a step so that the next can read them, and each is computed once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from sqlglot import exp

from sqlnomaly.dialects.duckdb import DUCKDB
from sqlnomaly.install import cells
from sqlnomaly.install.macros_levels import LEVELS, MOST, SURE, beside, fit_of, most
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.compiler import emit
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.named import DEFAULT_DETECTOR
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Extend, Match, Node, Source
from sqlnomaly.pushdown.scored import score
from sqlnomaly.pushdown.verdict import Answers, Rule
from sqlnomaly.udfs.registry import detectors

NUMBER = "sqlnomaly_number"
"""The macro that makes a feature of any type a DOUBLE."""
TAKES = "sqlnomaly_takes"
"""The macro that refuses a feature of a type that is no number."""
INSIDE = "sqlnomaly_value"
"""The macro that leaves out what is no number, or too large to be squared."""
LIMIT = "_sn__limit"
RECORD = "_sn"
"""What a step calls the record of the step before."""
NUMBERS = (
    *(
        "DOUBLE",
        "FLOAT",
        "BOOLEAN",
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "UTINYINT",
        "USMALLINT",
    ),
    *("UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM", '"NULL"'),
)
"""Types that a cast to DOUBLE keeps the meaning of, beside DECIMAL."""
MOMENTS = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
"""Types that are seconds since the epoch."""

SPEAKING = replace(DUCKDB, templates={**DUCKDB.templates, "mad": "MAD(:a)"})
"""DuckDB with the aggregate that only it has."""

VERDICT = "sqlnomaly_verdict"
"""The macro that the others read: score, the place of the reason, status. DuckDB computes equal ones once."""

EXTRA: Mapping[str, str] = MappingProxyType(
    {
        "anomaly_score": "",
        "is_anomaly": ", threshold DOUBLE := NULL",
        "anomaly_reason": ", names VARCHAR[] := NULL",
        "anomaly_status": "",
    }
)
"""The macros, each with the parameters that it has beside the features, the detector and the partition."""


def macros(schema: str) -> Mapping[str, str]:
    """The statements that make the macros, by name, in the order in which they can be made.

    Args:
        schema: as it stands in front of names, with its dot, or empty.
    """
    found = dict(helpers(schema))
    bodies = {VERDICT: _verdict, **dict.fromkeys(EXTRA, _answer)}
    for name, body in bodies.items():
        overloads = [
            f"({_parameters(name, number)}) AS {body(name, number, schema)}" for number in range(1, MOST + 1)
        ]
        found[name] = f"CREATE OR REPLACE MACRO {schema}{name}\n" + ",\n".join(overloads)
    return found


def _parameters(name: str, number: int) -> str:
    features = ", ".join(f"feature_{index}" for index in range(1, number + 1))
    # The type keeps a second feature from being read as the detector of the first.
    return f"{features}, detector VARCHAR := '{DEFAULT_DETECTOR}', partition := 0{EXTRA.get(name, '')}"


def helpers(schema: str) -> Mapping[str, str]:
    """The macros that the others use, by name."""
    # Every branch has to bind whatever the type is, so each casts with TRY_CAST; typeof() leaves one of them.
    numbers = ", ".join(f"'{kind}'" for kind in NUMBERS)
    moments = ", ".join(f"'{kind}'" for kind in MOMENTS)
    zoned = "'TIMESTAMP WITH TIME ZONE'"
    # What is left are the types of `takes`.
    number = (
        f"(feature) AS CASE\n  WHEN typeof(feature) = {zoned} THEN EPOCH(TRY_CAST(feature AS TIMESTAMPTZ))"
        f"\n  WHEN typeof(feature) IN ({moments}) THEN EPOCH(TRY_CAST(feature AS TIMESTAMP))"
        "\n  ELSE TRY_CAST(feature AS DOUBLE)\nEND"
    )
    # Apart from the value, since what may raise an error may not stand in a window.
    known = f"typeof(feature) IN ({numbers}, {moments}, {zoned}) OR typeof(feature) LIKE 'DECIMAL(%'"
    takes = (
        f"(feature) AS CASE WHEN {known} THEN TRUE\n  ELSE ERROR('a feature is ' || typeof(feature) || ', and "
        "detectors take numbers, booleans, dates and timestamps: cast it to DOUBLE, or divide the rows by it')\nEND"
    )
    value = f"{schema}{NUMBER}(feature)"
    inside = f"(feature) AS CASE WHEN ABS({value}) <= {ops.LARGEST!r} THEN {value} END"
    return {
        NUMBER: f"CREATE OR REPLACE MACRO {schema}{NUMBER}\n{number}",
        TAKES: f"CREATE OR REPLACE MACRO {schema}{TAKES}\n{takes}",
        INSIDE: f"CREATE OR REPLACE MACRO {schema}{INSIDE}\n{inside}",
    }


def _answer(name: str, number: int, schema: str) -> str:
    """What one macro gives, from the verdict."""
    features = ", ".join(f"feature_{index}" for index in range(1, number + 1))
    verdict = f"{schema}{VERDICT}({features}, detector := detector, partition := partition)"
    if name == "anomaly_score":
        return f"{verdict}.score"
    if name == "anomaly_status":
        return f"{verdict}.status"
    if name == "anomaly_reason":
        plain = ", ".join(f"'feature_{index}'" for index in range(1, number + 1))
        wrong = f"ERROR('names has to have {number} names, one for each feature')"
        return f"CASE WHEN LEN(names) <> {number} THEN {wrong} ELSE COALESCE(names, [{plain}])[{verdict}.place] END"
    return f"{verdict}.score > {_limit(number)}"


def _limit(number: int) -> str:
    """What the score has to be above: the threshold and the detector's tolerance."""
    own, slack = [], []
    for name in LEVELS:
        kind = detectors()[name]
        fixed = kind.default_rule(number).threshold
        slack.append(f"WHEN '{name}' THEN {kind.tolerance.relative!r}")
        if fixed is None:
            hint = "give threshold := .., or use detect_anomalies(..)"
            given = f"ERROR('the default threshold of {name} is a quantile of all scores: {hint}')"
        else:
            given = _text(ops.number(fixed))
        own.append(f"WHEN '{name}' THEN {given}")
    chosen = f"CASE LOWER(detector) {' '.join(own)} END"
    known = f"CASE WHEN threshold IS NULL THEN {chosen} WHEN ABS(threshold) <= {ops.LARGEST!r} THEN threshold"
    known += " ELSE ERROR('threshold is no number between -1e150 and 1e150') END"
    share = f"CASE LOWER(detector) {' '.join(slack)} END"
    return (
        f"LIST_TRANSFORM([{known}], LAMBDA {RECORD} : {RECORD} + {share} * GREATEST(1e0, ABS({RECORD})))[1]"
    )


def _verdict(name: str, number: int, schema: str) -> str:  # noqa: ARG001  (as _answer)
    """The verdict of the chosen detector, once the features are of types that can be judged."""
    branches = "\n".join(
        f"  WHEN '{detector}' THEN {_branch(detector, number, schema)}" for detector in LEVELS
    )
    taken = " AND ".join(f"{schema}{TAKES}(feature_{index})" for index in range(1, number + 1))
    choice = f"CASE LOWER(COALESCE(detector, 'NULL'))\n{branches}\n{_unknown()}\nEND"
    return f"CASE WHEN {taken} THEN {choice} END"


def _unknown() -> str:
    """What a name that is none of the macros' detectors gives."""
    allowed = ", ".join(LEVELS)
    by_rows = [name for name in cells.NATIVE if name not in LEVELS]
    remedies = {True: "use detect_anomalies(..)", False: "use the command sqlnomaly query"}
    lines = [
        f"  WHEN '{name}' THEN ERROR('{name} takes more than one look at the rows: "
        f"{remedies[name in cells.names()]}')"
        for name in by_rows
    ]
    lines.append(f"  ELSE ERROR('unknown detector ' || COALESCE(detector, 'NULL') || ': one of {allowed}')")
    return "\n".join(lines)


def _branch(detector: str, number: int, schema: str) -> str:
    """One detector's verdict."""
    if number > most(detectors()[detector]):
        limit = most(detectors()[detector])
        return f"ERROR('{detector} takes at most {limit} features here, not {number}: use the command sqlnomaly query')"
    fit = fit_of(detector, number)
    scored = score(fit, beside(fit), {"score", "reason", "status"}, ("n", "scale"))
    answers = Answers(fit, scored, Rule(None, 0.5, None), "")
    given = {"score": answers.score(), "place": answers.foremost(), "status": answers.status()}
    sure = None
    if fit.detector.joint:
        sure = ops.or_(ops.is_null(answers.score()), ops.column(SURE))
    written: dict[str, Expr] = {}
    for feature, raw in zip(fit.features, fit.raw, strict=True):
        written[raw] = ops.func(NUMBER, ops.column(feature.name))
        written[feature.column] = ops.func(INSIDE, ops.column(feature.name))
    text = chained(given, sure, scored.node, written)
    for helper in (NUMBER, INSIDE):
        text = text.replace(f"{helper.upper()}(", f"{schema}{helper}(")
    return text


def chained(given: Mapping[str, Expr], sure: Expr | None, node: Node, source: Mapping[str, Expr]) -> str:
    """What is given over a chain of steps as one record, each step a named record too.

    Args:
        given: over the columns of node.
        sure: whether it may be given, or None.
        node: Extend steps over a Source, windows in the first alone.
        source: the expression of each column of the source.
    """
    steps: list[Mapping[str, Expr]] = []
    while not isinstance(node, Source):
        if isinstance(node, Match):
            node = node.data
            continue
        assert isinstance(node, Extend), "a chain of steps"
        steps.insert(0, node.columns)
        node = node.data
    first = {name: ops.rename(expr, source) for name, expr in steps[0].items()} | dict(source)
    levels: list[dict[str, Expr]] = [first, *(dict(step) for step in steps[1:])]
    needed = set().union(*(_made(expr) for expr in (*given.values(), *([] if sure is None else [sure]))))
    for level in reversed(levels):
        for name in [name for name in level if name not in needed]:
            del level[name]
        carried = sorted(needed - set(level)) if level is not first else []
        needed = set(carried).union(*(_made(expr) for expr in level.values()))
        if level:
            level |= {name: ops.column(name) for name in carried}
    text = ""
    for level in (level for level in levels if level):
        record = _record(level)
        text = f"LIST_TRANSFORM({text}, LAMBDA {RECORD} : {record})" if text else f"[{record}]"
    last = _record(given) if sure is None else f"CASE WHEN {_text(sure)} THEN {_record(given)} END"
    return f"LIST_TRANSFORM({text}, LAMBDA {RECORD} : {last})[1]"


def _record(columns: Mapping[str, Expr]) -> str:
    return f"STRUCT_PACK({', '.join(f'{name} := {_text(expr)}' for name, expr in columns.items())})"


def _made(expr: Expr) -> set[str]:
    """The plan's columns that an expression reads."""
    return {column.name for column in expr.find_all(exp.Column) if _is_made(column.name)}


def _is_made(name: str) -> bool:
    """Whether a column is one of the plan's; the others are parameters of the macro."""
    return name.startswith("_sn_")


def _text(expr: Expr) -> str:
    """The expression, each of the plan's columns read from the step before."""

    def rule(part: Expr) -> Expr:
        made = isinstance(part, exp.Column) and _is_made(part.name)
        return exp.column(part.name, table=RECORD) if made else part

    settled = order_defaults(lower(expr.transform(rule), SPEAKING), SPEAKING)
    return " ".join(emit(settled, SPEAKING).split())
