"""Lowering: templates of several aggregates, conditions apart from values, variances around 0.

No engine of T-SQL or Trino is at hand. What their SQL means is looked at in a roundabout way: sqlglot reads the printed
text back, writes it for DuckDB, and the answers are compared with the reference. That proves how conditions, joins,
quantiles and variances are spelled out, and nothing about the engines themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.booleans import as_condition, as_value
from sqlnomaly.pushdown.compiler import compile_sql
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import quoted, schema
from tests.conformance.checks import expected
from tests.conformance.compare import differences
from tests.conformance.datasets import BY_NAME
from tests.conformance.matrix import lean
from tests.conformance.on_printed import OnSynapse, OnTrino, misplaced_conditions
from tests.conformance.runner import Runner, verdicts
from tests.conformance.variants import variants
from tests.engines.snowflake_grammar import check

X, Y = ops.column("x"), ops.column("y")


def printed(node: Expr, name: str, *, condition: bool = False) -> str:
    dialect = get_dialect(name)
    return lower(node, dialect, condition=condition).sql(dialect.sqlglot)


@pytest.mark.parametrize(
    ("node", "dialect", "sql"),
    [
        (ops.ln_positive(X), "synapse", "LOG(x)"),
        (ops.count(X), "synapse", "COUNT_BIG(x)"),
        (ops.greatest(X, Y), "synapse", "CASE WHEN x >= y THEN x ELSE y END"),
        (
            ops.least(X, Y, ops.column("z")),
            "synapse",
            "CASE WHEN x <= y AND x <= z THEN x WHEN y <= z THEN y ELSE z END",
        ),
        (ops.text("größe"), "synapse", "N'größe'"),
        (ops.text("size"), "synapse", "'size'"),
        (ops.text("größe"), "fabric", "'größe'"),
        (ops.func("FIRST_VALUE", X), "clickhouse", "first_value(x) RESPECT NULLS"),
        (ops.func("FIRST_VALUE", X), "trino", "FIRST_VALUE(x)"),
        (ops.func("LAG", X), "clickhouse", "lag(toNullable(x))"),
        (ops.func("LAG", X, ops.integer(2)), "clickhouse", "lag(toNullable(x), 2)"),
        (ops.avg(X), "clickhouse", "sumKahan(x) / nullIf(COUNT(x), 0)"),
    ],
)
def test_a_function_goes_by_the_name_that_the_dialect_has_for_it(node: Expr, dialect: str, sql: str) -> None:
    assert printed(node, dialect) == sql


def test_each_aggregate_of_a_template_gets_the_window() -> None:
    assert printed(ops.window(ops.avg(X), partition=[Y]), "clickhouse") == (
        "(sumKahan(x) OVER (PARTITION BY y) / nullIf(COUNT(x) OVER (PARTITION BY y), 0))"
    )


def test_a_template_that_is_one_aggregate_has_the_window_behind_it() -> None:
    assert printed(ops.window(ops.func("FIRST_VALUE", X), partition=[Y]), "clickhouse") == (
        "first_value(x) RESPECT NULLS OVER (PARTITION BY y)"
    )


def test_an_argument_keeps_its_meaning_inside_the_operators_of_a_template() -> None:
    moved = ops.special("covar_pop_around", ops.sub(X, Y), ops.sub(Y, X))
    assert printed(moved, "synapse").startswith("AVG((x - y) * (y - x)) - ")
    both = ops.and_(ops.gt(X, Y), ops.gt(Y, ops.integer(0)))
    assert "WHEN NOT (x > y AND y > 0) THEN 0" in printed(both, "synapse")
    later = ops.special("wall_timestamptz", ops.add(X, Y), ops.text("UTC"))
    assert printed(later, "postgres") == "((x + y) AT TIME ZONE 'UTC')"


def test_an_operator_without_a_template_is_refused_with_its_reason() -> None:
    with pytest.raises(UnsupportedError, match="synapse has no operator var_pop: it may add up squares"):
        lower(ops.var_pop(X), get_dialect("synapse"))


VERDICT = ops.case((ops.is_null(Y), ops.true()), default=ops.gt(X, Y))


def test_a_condition_is_no_value_in_tsql_and_null_stays_null() -> None:
    assert printed(VERDICT, "synapse") == (
        "CASE WHEN y IS NULL THEN CAST(1 AS BIT) "
        "ELSE CAST(CASE WHEN x > y THEN 1 WHEN NOT x > y THEN 0 END AS BIT) END"
    )


def test_a_value_is_no_condition_in_tsql() -> None:
    flag = ops.case((ops.column("flag"), ops.integer(1)))
    assert printed(flag, "synapse") == "CASE WHEN flag = 1 THEN 1 END"
    assert printed(ops.not_(X), "synapse", condition=True) == "NOT x = 1"
    assert printed(ops.and_(ops.gt(X, Y), VERDICT), "synapse", condition=True) == (
        "x > y AND CASE WHEN y IS NULL THEN CAST(1 AS BIT) "
        "ELSE CAST(CASE WHEN x > y THEN 1 WHEN NOT x > y THEN 0 END AS BIT) END = 1"
    )


def test_lowering_twice_changes_nothing() -> None:
    once = lower(VERDICT, get_dialect("synapse"))
    assert lower(once, get_dialect("synapse")) == once


def test_only_the_type_of_the_whole_matters_to_clickhouse() -> None:
    assert printed(ops.gt(X, Y), "clickhouse") == "CAST(x > y AS Nullable(Bool))"
    assert printed(ops.gt(X, Y), "clickhouse", condition=True) == "x > y"
    assert printed(ops.case((ops.gt(X, Y), X)), "clickhouse") == "CASE WHEN x > y THEN x END"


def test_a_condition_that_is_the_argument_of_a_function_becomes_a_value() -> None:
    def value_of(node: Expr) -> Expr:
        return ops.func("V", node)

    def condition_of(node: Expr) -> Expr:
        return ops.func("C", node)

    called = ops.coalesce(ops.gt(X, Y), ops.case((X, Y)))
    assert as_value(called, value_of, condition_of).sql() == "COALESCE(V(x > y), CASE WHEN C(x) THEN y END)"
    nested = ops.or_(ops.eq(ops.gt(X, Y), X), Y)
    assert as_condition(nested, value_of, condition_of).sql() == "V((x > y)) = x OR C(y)"


def test_what_the_grammar_lets_pass_is_found() -> None:
    assert misplaced_conditions("SELECT a > 1 AS b FROM t") == ["a > 1"]
    assert misplaced_conditions("SELECT 1 AS b FROM t WHERE c") == ["c"]
    assert misplaced_conditions("SELECT CASE WHEN a > 1 AND NOT b = 1 THEN 1 END AS c FROM t WHERE (a > b)") == []


@pytest.mark.synapse
@pytest.mark.parametrize("detector", ["zscore", "mad", "mahalanobis", "ecod"])
def test_fabric_is_tsql_too(detector: str) -> None:
    data = BY_NAME["gaussian"]
    query = lean(detector, variants(detector, data)["keys"]).sql(data, detector, "synapse")
    known = schema(data, "synapse")
    sql = compile_sql(query, read="synapse", write="fabric", registry=detectors(), schema=known).sql
    fabric = get_dialect("fabric")
    assert check_functions(sql, fabric.functions, fabric.sqlglot) == []
    assert misplaced_conditions(sql) == []
    check(sql, "tsql")


TEXT = exp.DataType.TEXT_TYPES
TYPES = {
    exp.DataType.Type.FLOAT: "DOUBLE",
    exp.DataType.Type.BIT: "BOOLEAN",
    **dict.fromkeys(TEXT, "VARCHAR"),
}
"""Types whose names mean something else to DuckDB."""


def for_duckdb(sql: str, read: str) -> str:
    """The statement in DuckDB's words."""
    tree = sqlglot.parse_one(sql, read=read)
    for node in reversed(list(tree.walk(bfs=True))):
        fresh = _translated(node)
        if fresh is not node:
            node.replace(fresh)
    return tree.sql("duckdb")


def _translated(node: Expr) -> Expr:
    if isinstance(node, exp.Anonymous) and str(node.this) == "VARP":
        return exp.Anonymous(this="VAR_POP", expressions=node.expressions)
    if isinstance(node, exp.Anonymous) and str(node.this) == "SWITCHOFFSET":
        return exp.AtTimeZone(this=node.expressions[0], zone=exp.Literal.string("UTC"))
    if isinstance(node, exp.NumberToStr):
        return exp.cast(node.this, "VARCHAR")
    if isinstance(node, exp.National):
        return exp.Literal.string(node.name)
    if isinstance(node, exp.DataType) and node.this in TYPES:
        return exp.DataType.build(TYPES[node.this])
    if isinstance(node, exp.Add) and _is_text(node):
        return exp.DPipe(this=node.this, expression=node.expression)
    return node


def _is_text(node: Expr) -> bool:
    if isinstance(node, exp.Literal):
        return bool(node.is_string)
    if isinstance(node, exp.Cast):
        return node.to.this in TEXT
    if isinstance(node, exp.Add | exp.DPipe):
        return _is_text(node.this) or _is_text(node.expression)
    return isinstance(node, exp.Paren | exp.Coalesce) and _is_text(node.this)


ROUNDABOUT = [
    (runner, detector, data, check)
    for runner, detector, data, check in (
        (OnSynapse, "zscore", "all_null_group", "filter"),
        (OnSynapse, "zscore", "offset", "plain"),
        (OnSynapse, "zscore", "null_order", "causal"),
        (OnSynapse, "zscore", "gaussian", "explanation"),
        (OnSynapse, "zscore", "gaussian", "anomalous"),
        (OnSynapse, "zscore", "timestamptz", "plain"),
        (OnSynapse, "mad", "null_and_nan_keys", "filter"),
        (OnSynapse, "mahalanobis", "offset", "plain"),
        (OnSynapse, "mahalanobis", "gaussian", "keys"),
        (OnSynapse, "hbos", "heavy_ties", "keys"),
        (OnSynapse, "ecod", "one_row", "staged_filter"),
        (OnTrino, "mad", "nonfinite", "plain"),
        (OnTrino, "mad", "gaussian", "rows_both"),
        (OnTrino, "iqr", "all_null_group", "filter"),
        (OnTrino, "mahalanobis", "offset", "plain"),
        (OnTrino, "zscore", "null_and_nan_keys", "keys"),
    )
]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    yield connection
    connection.close()


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("kind", "detector", "name", "check"),
    ROUNDABOUT,
    ids=["-".join((kind.name, *rest)) for kind, *rest in ROUNDABOUT],
)
def test_what_is_printed_means_what_the_reference_says(
    kind: type[Runner], detector: str, name: str, check: str, database: duckdb.DuckDBPyConnection
) -> None:
    data = BY_NAME[name]
    asked = lean(detector, variants(detector, data)[check], 3)
    statement = kind().compile(data, detector, asked)
    rows = data.table
    database.execute(f"CREATE OR REPLACE TABLE {quoted(name, 'duckdb')} AS SELECT * FROM rows")
    found = database.sql(for_duckdb(statement.text, get_dialect(kind.dialect).sqlglot)).to_arrow_table()
    del rows
    assert differences(data, detector, asked, verdicts(found, asked), expected(data, detector, asked)) == []
