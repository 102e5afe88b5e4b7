"""ecod and copod: against PyOD, against the reference, and as stored models."""

from __future__ import annotations

import math
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.compiler import compile_sql
from sqlnomaly.udfs.registry import detectors
from tests.conformance.datasets import BY_NAME
from tests.reference import copod
from tests.reference.judge import DETECTORS, judge
from tests.reference.rows import column, scores
from tests.reference.test_by_others import PLAIN, matrix


@pytest.mark.parametrize("name", [*PLAIN, "mostly_constant", "bin_edges"])
def test_copod_agrees_with_pyod(name: str) -> None:
    peer = pytest.importorskip("pyod.models.copod")
    data = BY_NAME[name]
    expected = peer.COPOD().fit(matrix(data)).decision_scores_
    found = scores(judge(data.rows, detector="copod", features=data.features))
    assert found == pytest.approx(expected.tolist(), rel=1e-9)


def test_copod_of_rows_that_were_not_fitted_has_the_scores_worked_out_by_hand() -> None:
    rows = column(*copod.HAND_ROWS, *(x for x, _ in copod.HAND_OTHERS))
    verdicts = judge(rows, detector="copod", features=["x"], where=lambda row: row["id"] < 5)
    assert scores(verdicts)[5:] == pytest.approx([score for _, score in copod.HAND_OTHERS], rel=1e-14)


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_tail_on_the_side_of_the_skewness_counts_whole_and_the_other_half(mirrored: bool) -> None:
    sign = -1.0 if mirrored else 1.0
    rows = column(*(sign * x for x in copod.HAND_ROWS))
    found = scores(judge(rows, detector="copod", features=["x"]))
    assert found == pytest.approx(copod.HAND_SCORES, rel=1e-14)


N = 3_000
PLACES = np.random.default_rng(3)
SHAPES: dict[str, list[float]] = {
    name: values.tolist()
    for name, values in {
        "gaussian": PLACES.normal(size=N),
        "lognormal": PLACES.lognormal(size=N),
        "uniform": PLACES.random(N),
        "cauchy": PLACES.standard_cauchy(N),
        "heavy_ties": np.round(PLACES.normal(size=N), 1),
        "crowded_middle": np.concatenate([PLACES.normal(size=N - 60), np.linspace(-40, 40, 60)]),
        "far_out": np.append(PLACES.normal(size=N), 1e12),
        "shifted": 1.7e9 + PLACES.normal(size=N),
        "small": 1e-12 * PLACES.normal(size=N),
        "large": 1e12 * PLACES.normal(size=N),
        "constant": np.full(50, 4.2),
        "five": PLACES.normal(size=5),
        "mirrored": np.outer([-1, 1], PLACES.normal(size=N // 2)).ravel(),
    }.items()
}
BOUND = math.log(21 / 20)
"""-ln of a share that is overstated by at most a twentieth."""


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    """Every shape as a table of ids and values."""
    connection = duckdb.connect()
    for name, values in SHAPES.items():
        rows = pa.table({"id": list(range(len(values))), "x": values})
        connection.register("arrow", rows)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow")
    return connection


def asked(con: duckdb.DuckDBPyConnection, query: str, **form: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The scores of a query, in the order of its rows."""
    sql = compile_sql(query, read="duckdb", write="duckdb", registry=detectors(), **form).sql
    return np.array([score for (score,) in con.execute(sql).fetchall()], dtype=np.float64)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("detector", ["ecod", "copod"])
def test_classes_take_at_most_a_twentieth_off_a_share(
    con: duckdb.DuckDBPyConnection, detector: str, name: str
) -> None:
    query = f"SELECT anomaly_score(x, detector => '{detector}') OVER () FROM {name} ORDER BY id"
    exact = asked(con, query)
    found = asked(con, query.replace("')", "', exact => FALSE)"))
    symmetric = name in ("mirrored", "constant")
    assert (exact - found).min() >= -1e-12
    assert (exact - found).max() <= BOUND * (2 if symmetric else 1) + 1e-12


@pytest.mark.parametrize("name", ["gaussian", "crowded_middle", "lognormal"])
@pytest.mark.parametrize("form", [{}, {"staged": True}])
@pytest.mark.parametrize("detector", ["ecod", "copod"])
def test_classes_are_those_of_the_reference(
    con: duckdb.DuckDBPyConnection, detector: str, form: dict[str, Any], name: str
) -> None:
    query = f"SELECT anomaly_score(x, detector => '{detector}', exact => FALSE) OVER () FROM {name} ORDER BY id"
    model = DETECTORS[detector].fit(SHAPES[name], exact=False)
    assert len(model.groups) < 2 * N / 3
    expected = [DETECTORS[detector].term(x, model, "both") for x in SHAPES[name]]
    assert asked(con, query, **form).tolist() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("exact", ["TRUE", "FALSE"])
def test_values_between_and_beyond_the_fitted_ones_have_a_score(con: duckdb.DuckDBPyConnection, exact: str) -> None:
    call = f"anomaly_score(x, detector => 'ecod', exact => {exact}) FILTER (WHERE MOD(id, 2) = 0) OVER ()"
    found = asked(con, f"SELECT {call} FROM crowded_middle ORDER BY id")
    fitted = SHAPES["crowded_middle"][::2]
    model = DETECTORS["ecod"].fit(fitted, exact=exact == "TRUE")
    expected = [DETECTORS["ecod"].term(x, model, "both") for x in SHAPES["crowded_middle"]]
    assert found.tolist() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("detector", ["ecod", "copod"])
def test_a_stored_model_scores_as_the_query(con: duckdb.DuckDBPyConnection, detector: str, exact: bool) -> None:
    session = sqlnomaly.connect(con)
    model = session.fit("SELECT x FROM crowded_middle WHERE id % 5 = 0", detector=detector, exact=exact)
    session.install(model, name=f"{detector}_{exact}")
    rows = "crowded_middle WHERE id % 5 = 0"
    call = f"anomaly_score(x, detector => '{detector}', exact => {exact}) OVER ()"
    expected = asked(con, f"SELECT {call} FROM {rows} ORDER BY id")
    found = con.execute(f"SELECT {detector}_{exact}(x) FROM {rows} ORDER BY id").fetchall()
    assert [score for (score,) in found] == pytest.approx(expected.tolist(), rel=1e-12)


@pytest.mark.parametrize("dialect", ["bigquery", "clickhouse", "snowflake", "spark"])
def test_classes_are_refused_where_a_step_runs_anew_for_every_reader(dialect: str) -> None:
    query = "SELECT anomaly_score(x, detector => 'ecod', exact => FALSE) OVER () FROM t"
    with pytest.raises(UnsupportedError, match=f"{dialect} runs a step anew"):
        sqlnomaly.compile(query, write=dialect)
