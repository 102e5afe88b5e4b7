"""The twin computes what DuckDB computes from the same expression, over random expressions and rows."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import BindError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.twin import twin

MODERATE = settings(
    max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

NUMBERS = ("x", "y", "z")
SCHEMA = pa.schema([*((name, pa.float64()) for name in NUMBERS), ("b", pa.bool_())])
SPECIAL = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    5e-324,
    -2.2250738585072014e-308,
    1e-150,
    1e150,
    -1e150,
    1e308,
    3.0,
)
X, Y, B = ops.column("x"), ops.column("y"), ops.column("b")

values = st.one_of(
    st.none(),
    st.sampled_from(SPECIAL),
    st.sampled_from((math.nan, math.inf, -math.inf)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(min_value=-100, max_value=100),
)
rows = st.lists(
    st.tuples(values, values, values, st.sampled_from((None, True, False))), min_size=1, max_size=8
)


def literals() -> st.SearchStrategy[Expr]:
    """Number literals, and whole ones as DOUBLE: an engine's integers overflow and know no -0."""
    doubles = st.one_of(st.sampled_from(SPECIAL), st.floats(-100, 100))
    return doubles.map(ops.number) | st.integers(-9, 9).map(ops.integer).map(ops.cast_double)


def exact_numbers(depth: int) -> st.SearchStrategy[Expr]:
    """Numbers by operations that IEEE 754 rounds correctly, so that every engine gives the same bits."""
    leaves = st.sampled_from(NUMBERS).map(ops.column) | literals() | st.builds(ops.null).map(ops.cast_double)
    if depth == 0:
        return leaves
    inner, truth = exact_numbers(depth - 1), conditions(depth - 1)
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        leaves,
        *(st.builds(binary, inner, inner) for binary in (ops.add, ops.sub, ops.mul, ops.div)),
        *(st.builds(unary, inner) for unary in (ops.neg, ops.abs_, ops.sqrt, ops.floor, ops.cast_double)),
        st.builds(lambda a: ops.cast_double(ops.func("SIGN", a)), inner),
        *(st.builds(lambda parts, f=f: f(*parts), several) for f in (ops.greatest, ops.least, ops.coalesce)),
        several.map(ops.total),
        st.builds(lambda a, b: ops.func("NULLIF", a, b), inner, inner),
        st.builds(lambda c, a, b: ops.case((c, a), default=b), truth, inner, inner),
        st.builds(lambda c, a, d, b: ops.case((c, a), (d, b)), truth, inner, truth, inner),
    )


def conditions(depth: int) -> st.SearchStrategy[Expr]:
    """Three-valued conditions over exact numbers."""
    leaves = st.just(ops.column("b")) | st.builds(ops.true)
    if depth == 0:
        return leaves
    inner, number = conditions(depth - 1), exact_numbers(depth - 1)
    several = st.lists(inner, min_size=1, max_size=4)
    comparisons = (ops.eq, ops.ne, ops.lt, ops.le, ops.gt, ops.ge, ops.same)
    return st.one_of(
        leaves,
        *(st.builds(compare, number, number) for compare in comparisons),
        st.builds(ops.same, inner, inner),
        *(st.builds(test, either) for test in (ops.is_null, ops.not_null) for either in (number, inner)),
        inner.map(ops.not_),
        several.map(lambda parts: ops.and_(*parts)),
        several.map(lambda parts: ops.or_(*parts)),
        st.builds(lambda c, a, b: ops.case((c, a), default=b), inner, inner, inner),
    )


def rounded_numbers() -> st.SearchStrategy[Expr]:
    """LN, EXP and POWER of exact numbers, in which two C libraries may differ by one unit in the last place.

    Around them only what keeps a relative error small: no subtraction, no comparison.
    """
    exact = exact_numbers(2)
    once = st.one_of(
        exact.map(ops.ln),
        exact.map(ops.ln),
        exact.map(lambda a: ops.func("EXP", a)),
        st.builds(lambda a, b: ops.func("POWER", a, b), exact, exact),
    )
    return st.one_of(
        once,
        *(st.builds(unary, once) for unary in (ops.neg, ops.abs_, ops.sqrt)),
        *(
            st.builds(binary, once, exact)
            for binary in (ops.mul, ops.div, ops.greatest, ops.least, ops.coalesce)
        ),
        st.builds(lambda c, a, b: ops.case((c, a), default=b), conditions(2), once, exact),
    )


def reasons() -> st.SearchStrategy[Expr]:
    """Texts, as an anomaly's reason is one."""
    truth, word = conditions(2), st.sampled_from(("amount", "items", "it's", "", "日")).map(ops.text)
    return st.builds(
        lambda c, a, d, b, e: ops.case((c, a), (d, b), default=e),
        truth,
        word,
        truth,
        word,
        word | st.builds(ops.null),
    )


@pytest.fixture(scope="module")
def con() -> Any:
    """One DuckDB connection for all examples."""
    with duckdb.connect() as connection:
        yield connection


def table(data: list[tuple[Any, ...]]) -> pa.Table:
    """Rows of x, y, z, b."""
    return pa.table(
        [pa.array(part, kind) for part, kind in zip(zip(*data, strict=True), SCHEMA.types, strict=True)],
        SCHEMA,
    )


def on_duckdb(con: Any, expression: Expr, data: pa.Table) -> list[Any]:
    """The expression over each row, by DuckDB."""
    con.register("data", data)
    lowered = lower(expression, get_dialect("duckdb"))
    query = exp.Select(expressions=[exp.alias_(lowered, "result")]).from_("data")
    return [row[0] for row in con.execute(query.sql("duckdb")).fetchall()]


def by_twin(expression: Expr, data: pa.Table) -> list[Any]:
    """The expression over each row, by the twin."""
    result: list[Any] = twin(expression)({name: data.column(name) for name in data.column_names}).to_pylist()
    return result


def alike(left: Any, right: Any, tolerance: float = 0.0) -> bool:
    """Both NULL, both NaN, or equal within a relative tolerance."""
    if left is None or right is None or isinstance(left, str | bool):
        return left is right or (left == right and type(left) is type(right))
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return left == right or math.isclose(left, right, rel_tol=tolerance, abs_tol=0.0)


def check(con: Any, expression: Expr, data: list[tuple[Any, ...]], tolerance: float = 0.0) -> None:
    """Fails with the rows in which the two differ."""
    arrow = table(data)
    pairs = zip(on_duckdb(con, expression, arrow), by_twin(expression, arrow), data, strict=True)
    differing = [pair for pair in pairs if not alike(pair[0], pair[1], tolerance)]
    assert not differing, f"{expression.sql('duckdb')}: (DuckDB, twin, row) {differing}"


@MODERATE
@given(expression=exact_numbers(4), data=rows)
def test_numbers_by_correctly_rounded_operations_are_the_same_bits(
    con: Any, expression: Expr, data: Any
) -> None:
    check(con, expression, data)


@MODERATE
@given(expression=conditions(4), data=rows)
def test_conditions_are_three_valued_as_in_sql(con: Any, expression: Expr, data: Any) -> None:
    check(con, expression, data)


@MODERATE
@given(expression=rounded_numbers(), data=rows)
def test_logarithms_and_powers_agree_to_1e_12(con: Any, expression: Expr, data: Any) -> None:
    check(con, expression, data, 1e-12)


@MODERATE
@given(expression=reasons(), data=rows)
@example(ops.case((ops.gt(X, Y), ops.text("it's"))), [(1.0, 0.0, None, None), (0.0, 1.0, None, None)])
def test_texts_are_decoded(con: Any, expression: Expr, data: Any) -> None:
    check(con, expression, data)


def test_every_pair_of_special_values_compares_as_in_duckdb(con: Any) -> None:
    """Literal rows in which NaN, infinities, zeros and NULL meet each other under each operator."""
    special = (None, math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 5e-324, 1e308)
    data = [(x, y, None, None) for x in special for y in special]
    binary = (ops.eq, ops.ne, ops.lt, ops.le, ops.gt, ops.ge, ops.same, ops.add, ops.sub, ops.mul, ops.div)
    named = ("GREATEST", "LEAST", "COALESCE", "NULLIF", "POWER")
    for expression in [*(make(X, Y) for make in binary), *(ops.func(name, X, Y) for name in named)]:
        check(con, expression, data, 1e-12)


def test_a_value_that_its_guard_hides_is_never_seen() -> None:
    guarded = ops.case((ops.gt(X, ops.number(0.0)), ops.func("LN", X)), default=ops.number(-1.0))
    assert twin(guarded)({"x": np.array([1.0, 0.0, -5.0])}).to_pylist() == [0.0, -1.0, -1.0]


def test_more_rows_than_a_block_come_out_in_order() -> None:
    x = np.arange(5000.0)
    assert np.array_equal(twin(ops.add(X, ops.number(1.0)))({"x": x}).to_numpy(), x + 1)


def test_the_stack_does_not_grow_with_the_branches_of_a_case() -> None:
    branches = [(ops.le(X, ops.number(float(i))), ops.number(float(i))) for i in range(1000)]
    compiled = twin(ops.case(*branches))
    assert (compiled.depth, compiled({"x": np.array([17.5, 2000.0])}).to_pylist()) == (4, [18.0, None])


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(pa.array([1, None], pa.int64()), id="int64"),
        pytest.param(pa.chunked_array([[1.0], [None]]), id="chunks"),
        pytest.param(pa.array([1, None], pa.decimal128(10, 2)), id="decimal"),
        pytest.param(pa.array([True, None]), id="boolean"),
        pytest.param(np.ma.masked_array([1.0, 7.0], mask=[False, True]), id="masked"),
        pytest.param(np.array([1.0, None], dtype=object), id="objects"),
    ],
)
def test_columns_come_in_many_kinds(column: Any) -> None:
    assert twin(ops.cast_double(X))({"x": column}).to_pylist() == [1.0, None]


def test_no_rows_give_no_rows() -> None:
    assert twin(ops.eq(X, Y))({"x": np.array([]), "y": np.array([])}) == pa.array([], pa.bool_())


def test_a_literal_is_repeated_for_each_row() -> None:
    assert twin(ops.text("amount"))({"x": np.zeros(2)}).to_pylist() == ["amount", "amount"]


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("SUM(x)", "Sum"),
        ("x BETWEEN 1 AND 2", "Between"),
        ("CASE x WHEN 1 THEN 2 END", "Case"),
        ("x IS TRUE", "Is"),
        ("RANDOM()", "Rand"),
        ("my_udf(x, 2)", "my_udf with 2 arguments"),
        ("ROW_NUMBER() OVER ()", "Window"),
        ("x || 'a'", "DPipe"),
    ],
)
def test_anything_else_is_refused_by_name(sql: str, name: str) -> None:
    with pytest.raises(UnsupportedError, match=name):
        twin(parse_one(sql, read="duckdb"))


def test_operands_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="ADD to number and text"):
        twin(ops.add(ops.text("a"), ops.number(1.0)))


def test_a_missing_column_is_named_with_the_nearest() -> None:
    with pytest.raises(BindError, match=r"no column 'x'[\s\S]*'xx'"):
        twin(ops.neg(X))({"xx": np.array([1.0])})


def test_a_text_column_is_refused() -> None:
    with pytest.raises(BindError, match="column 'x' is string"):
        twin(ops.neg(X))({"x": pa.array(["a"])})


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(BindError, match="different lengths"):
        twin(ops.add(X, Y))({"x": np.zeros(2), "y": np.zeros(3)})


def test_compiling_an_expression_does_not_load_numba() -> None:
    script = (
        "import sys; from sqlnomaly.pushdown import ops; from sqlnomaly.pushdown.twin import twin;"
        "twin(ops.neg(ops.column('x'))); sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
