"""Where a detection call may stand, and the query to write where it may not."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.calls import contains_call, model_of, name_of, root_of
from sqlnomaly.pushdown.ops import Expr

VOLATILE = frozenset(
    "RANDOM RAND RANDN UUID GEN_RANDOM_UUID GENERATE_UUID UUID_STRING NEXTVAL UNIFORM NORMAL RANDSTR SHUFFLE "
    "MONOTONICALLY_INCREASING_ID SEQ1 SEQ2 SEQ4 SEQ8 UUIDV4 UUIDV7".split()
)
"""Functions that may give another value when a CTE is run a second time."""

CLAUSES = frozenset(
    "with_ expressions distinct from_ joins laterals where group having windows qualify order limit offset".split()
)
"""The parts of a SELECT that the rewrite understands."""


AGGREGATES = frozenset(
    "PRODUCT HISTOGRAM MAD KURTOSIS KURTOSIS_POP SKEWNESS ENTROPY FSUM FAVG KAHAN_SUM SUMKAHAN GEOMEAN GEOMETRIC_MEAN "
    "BITSTRING_AGG LIST COLLECT_LIST COLLECT_SET APPROX_COUNT_DISTINCT APPROX_TOP_K RESERVOIR_QUANTILE "
    "HISTOGRAM_NUMERIC WEIGHTED_AVG COUNT_MIN_SKETCH PERCENTILE OBJECT_AGG HASH_AGG BOOLAND_AGG BOOLOR_AGG".split()
)
"""Aggregates that sqlglot parses as plain functions."""


def check_place(node: exp.Anonymous, select: exp.Select, dialect: str) -> None:
    """Refuses a call where a window function may not stand.

    Raises:
        CallError: with the query rewritten.
    """
    if model_of(node) is not None:
        return  # a plain function
    root = root_of(node)
    shown = root.sql(dialect, normalize_functions=False)
    child: Expr = root
    parent = root.parent
    while parent is not None and child is not select:
        if name_of(parent):
            raise CallError(
                "a detection call cannot be a feature of another",
                where=shown,
                hint=subquery_hint(select, root, dialect),
            )
        if aggregates(parent):
            raise CallError(
                "a detection call cannot stand inside an aggregate",
                where=shown,
                hint=subquery_hint(select, root, dialect),
            )
        if isinstance(parent, exp.Window):
            raise CallError(
                "a detection call cannot stand inside another window",
                where=shown,
                hint=subquery_hint(select, root, dialect),
            )
        if isinstance(parent, exp.Lambda):
            raise CallError(
                "a detection call cannot stand inside a lambda",
                where=shown,
                hint=subquery_hint(select, root, dialect),
            )
        if isinstance(parent, exp.Pivot):
            raise CallError(
                "a detection call cannot stand in PIVOT",
                where=shown,
                hint=subquery_hint(select, root, dialect),
            )
        if isinstance(parent, exp.Where) and not isinstance(parent.parent, exp.Filter):
            raise CallError(
                "a detection call cannot stand in WHERE", where=shown, hint=_qualified(select, dialect)
            )
        if isinstance(parent, exp.Having):
            raise CallError(
                "a detection call cannot stand in HAVING",
                where=shown,
                hint=_qualified(select, dialect, "having"),
            )
        if isinstance(parent, exp.Group | exp.Join | exp.From | exp.Lateral | exp.Limit):
            clause = {exp.Group: "GROUP BY", exp.Join: "ON", exp.From: "FROM"}.get(
                type(parent), type(parent).__name__.upper()
            )
            raise CallError(
                f"a detection call cannot stand in {clause}",
                where=shown,
                hint=subquery_hint(select, root, dialect),
            )
        child, parent = parent, parent.parent


def aggregates(node: Expr) -> bool:
    """Whether the node is an aggregate, with or without its FILTER."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).upper() in AGGREGATES
    return isinstance(node, exp.AggFunc | exp.Filter)


def _qualified(select: exp.Select, dialect: str, clause: str = "where") -> str:
    """The SELECT with the conditions that hold calls moved from WHERE or HAVING to QUALIFY."""
    moved = select.copy()
    condition = moved.args[clause].this
    conditions = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    judged = [part.copy() for part in conditions if contains_call(part)]
    plain = [part.copy() for part in conditions if not contains_call(part)]
    kind = exp.Where if clause == "where" else exp.Having
    moved.set(clause, kind(this=exp.and_(*plain)) if plain else None)
    before = moved.args.get("qualify")
    if before is not None:
        judged.insert(0, before.this.copy())
    moved.set("qualify", exp.Qualify(this=exp.and_(*judged)))
    return moved.sql(dialect, normalize_functions=False)


def subquery_hint(select: exp.Select, root: Expr, dialect: str) -> str:
    """A query that computes the call in a subquery first."""
    inner = exp.select("*", exp.alias_(root.copy(), "score"))
    for part in ("from_", "joins", "where"):
        value = select.args.get(part)
        if value and not _holds(value):
            copied = [item.copy() for item in value] if isinstance(value, list) else value.copy()
            inner.set(part, copied)
    return "use score from a subquery: " + exp.select("*").from_(inner.subquery("scored")).sql(
        dialect, normalize_functions=False
    )


def _holds(value: Expr | list[Expr]) -> bool:
    return any(contains_call(part) for part in (value if isinstance(value, list) else [value]))


def check_select(select: exp.Select, dialect: str) -> None:
    """Refuses a SELECT with parts that the rewrite does not understand.

    Raises:
        UnsupportedError: naming the part.
    """
    for name, value in select.args.items():
        if value and name not in CLAUSES:
            raise UnsupportedError(
                f"{name.strip('_').upper()} beside a detection call is not supported",
                where=select.sql(dialect)[:200],
                hint="put that part into a subquery in FROM",
            )
    lateral = select.find_ancestor(exp.Lateral)
    if lateral is not None:
        raise UnsupportedError(
            "a detection call in LATERAL would be fitted anew for every row",
            hint="score in a CTE and join it",
        )
    with_ = select.find_ancestor(exp.With)
    if with_ is not None and with_.args.get("recursive"):
        cte = select.find_ancestor(exp.CTE)
        if cte is not None and any(table.name == cte.alias for table in cte.this.find_all(exp.Table)):
            raise UnsupportedError(
                "a detection call in a recursive CTE is not supported",
                hint="score the result of the recursion",
            )
    outer = _correlated(select)
    if outer is not None:
        raise UnsupportedError(
            "a detection call in a correlated subquery would be fitted anew for every outer row",
            where=outer.sql(dialect),
            hint="score in a CTE and join it",
        )


def names_in_from(select: exp.Select) -> set[str]:
    """The names in lower case under which the parts of FROM are known."""
    parts = [
        select.args.get("from_"),
        *(select.args.get("joins") or []),
        *(select.args.get("laterals") or []),
    ]
    names = set()
    for part in parts:
        source = part.this if part is not None else None
        if source is not None:
            names.add(source.alias_or_name.lower())
    return names


def _correlated(select: exp.Select) -> Expr | None:
    """A column of an enclosing query, if one is named with its table."""
    outside: set[str] = set()
    parent = select.parent
    while parent is not None:
        if isinstance(parent, exp.CTE):
            break
        if isinstance(parent, exp.Select):
            outside |= names_in_from(parent)
        parent = parent.parent
    if not outside:
        return None
    inside = set()
    for inner in select.find_all(exp.Select):
        inside |= names_in_from(inner)
    for column in select.find_all(exp.Column):
        if column.table and column.table.lower() in outside - inside:
            return column
    return None


def volatile_part(parts: Iterator[Expr]) -> Expr | None:
    """A sample, an unordered LIMIT or a volatile function in the parts, or None."""
    for part in parts:
        for node in part.walk():
            if isinstance(node, exp.TableSample | exp.Rand | exp.Randn | exp.Uuid):
                return node
            if isinstance(node, exp.Anonymous) and str(node.this).upper() in VOLATILE:
                return node
            if isinstance(node, exp.Limit | exp.Fetch) and not (
                node.parent and node.parent.args.get("order")
            ):
                return node
    return None
