"""Long relations: one row for each partition, feature and key of a value, and rows that look theirs up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import COUNT, FEATURE, HIGH, OWN, Lookup, Tally

Lower = Callable[[Expr], Expr]


def tallied(node: Tally, below: str, partition: Sequence[str], fitted: str | None, lower: Lower) -> exp.Query:
    """The counts of the keys of each feature, one SELECT a feature."""
    parts = []
    for number, (key, value) in enumerate(node.values):
        present = [ops.not_null(ops.column(key))]
        if fitted is not None:
            present.append(ops.eq(ops.column(fitted), ops.integer(1)))
        columns = {
            COUNT: ops.count(ops.integer(1)),
            node.low: ops.min_(ops.column(value)),
            HIGH: ops.max_(ops.column(value)),
        }
        part = exp.select(
            *(ops.column(name) for name in partition),
            exp.alias_(ops.integer(number), FEATURE),
            exp.alias_(ops.column(key), node.key),
            *(exp.alias_(lower(expr), name) for name, expr in columns.items()),
            exp.alias_(ops.integer(0), OWN),
        )
        part = part.from_(exp.to_table(below)).where(*present)
        parts.append(part.group_by(*(ops.column(name) for name in partition), ops.column(key)))
    union: exp.Select | exp.Union = parts[0]
    for part in parts[1:]:
        union = union.union(part, distinct=False)
    return union


def refuse_anew(dialect: Dialect) -> None:
    """Raises UnsupportedError where each lookup would run all the steps below it again."""
    if not dialect.ctes_once:
        raise UnsupportedError(
            f"{dialect.name} runs a step anew for every step that reads it, and rows that look up their class "
            "read each several times a feature",
            hint="leave exact => FALSE out: exact ranks are faster there",
        )


def looked_up(node: Lookup, rows: str, table: str, partition: Sequence[str], lower: Lower) -> exp.Select:
    """The rows beside what the table has for the key of each feature, NULL where it has no such key.

    An engine may take a default for the NULL of a column that is missing. The table is grouped by what it is grouped by
    already: it says to DuckDB that there are few keys, which it otherwise builds its hash table of the rows for.
    """
    select = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(rows))).from_(exp.to_table(rows))
    for number, (key, made) in enumerate(node.columns, start=1):
        alias = f"{table}_{number}"
        # No name twice in a join: ClickHouse puts the table's name before it.
        own = {column: f"{column}_{number}" for column in (*partition, node.key)}
        part = exp.select(
            *(exp.alias_(ops.column(column), name) for column, name in own.items()),
            exp.alias_(lower(ops.max_(ops.column(node.value))), made),
        )
        part = part.from_(exp.to_table(table)).where(ops.eq(ops.column(FEATURE), ops.integer(number - 1)))
        part = part.group_by(*(ops.column(column) for column in own))
        pairs = [
            (exp.column(column, table=rows), exp.column(own[column], table=alias)) for column in partition
        ]
        same = [lower(ops.same(left, right)) for left, right in pairs]
        on = ops.and_(*same, ops.eq(exp.column(key, table=rows), exp.column(own[node.key], table=alias)))
        select = select.select(exp.column(made, table=alias), copy=False)
        select = select.join(part.subquery(alias), on=on, join_type="left", copy=False)
    return select
