"""auto: the rule, the views, and what must hold whatever they say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

import sqlnomaly
from benchmarks.quality import made_sets
from sqlnomaly.udfs import auto_views
from sqlnomaly.udfs.auto import Auto

pytestmark = pytest.mark.duckdb

RANDOM = np.random.default_rng(2)


def scored(rows: np.ndarray, options: str = "", where: str = "") -> np.ndarray:
    """The scores by id."""
    names = [f"x{number}" for number in range(rows.shape[1])]
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({"id": range(len(rows)), **dict(zip(names, rows.T.copy(), strict=True))}))
        call = f"anomaly_score({', '.join(names)}, detector => 'auto'{options}){where}"
        found = session.sql(f"SELECT {call} AS s FROM t ORDER BY id").arrow().column("s")
    return found.to_numpy(zero_copy_only=False).astype(float)


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        (RANDOM.normal(size=(50, 1)), "one feature"),
        (RANDOM.normal(size=(7, 4)), "fewer than two rows a feature"),
        (RANDOM.integers(0, 9, size=(200, 3)).astype(float), "most features are discrete"),
        (RANDOM.normal(size=(200, 3)), "general"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_first_line_that_applies_chooses(rows: np.ndarray, rule: str) -> None:
    assert auto_views.rule(rows) == rule
    scores = scored(rows)
    assert np.isfinite(scores).all()
    assert scores.max() <= np.log(len(rows)) + 1e-12


TWICE = (("x", "knn"), ("x", "auto"), ("x, y", "auto"))


def test_explain_prints_the_rule_and_the_line_of_the_rows_at_hand() -> None:
    call = "SELECT anomaly_score({}, detector => 'auto'){} AS s FROM t"
    with sqlnomaly.connect() as session:
        digits = RANDOM.integers(0, 9, size=(400, 2)).astype(float)
        shop = np.where(np.arange(400) < 200, "a", "b")
        digits[shop == "b", 0] = RANDOM.normal(size=200)
        session.load("t", pa.table({"shop": shop, "x": digits[:, 0].copy(), "y": digits[:, 1].copy()}))
        told = session.explain(call.format("x, y", ""))
        assert [f"  rule {number}: {line}" in told for number, line in enumerate(Auto.rule, start=1)] == [True] * 4
        assert "  here: rule 4\n" in told  # x has over 20 values, y has not: half of them
        assert "  here: rule 3 in 1 partitions, rule 4 in 1 partitions\n" in session.explain(
            call.format("x, y", " OVER (PARTITION BY shop)")
        )
        assert "  here: rule 1\n" in session.explain(call.format("x, x - x", ""))
        twice = f"SELECT {', '.join(f'anomaly_score({x}, detector => {d!r})' for x, d in TWICE)} FROM t"
        lines = [line for line in session.explain(twice).splitlines() if "  here: " in line]
        assert lines == ["  here: rule 1", "  here: rule 4"]
        assert "  here: no row to decide by\n" in session.explain(call.format("x, y", "") + " WHERE FALSE")
    assert "nobody has looked" in sqlnomaly.compile(call.format("x, y", "")).explain()


def test_explain_draws_no_row_that_may_not_leave() -> None:
    with sqlnomaly.connect(max_rows_out=0) as session:
        session.sql("CREATE TABLE t AS SELECT range AS x, sin(range) AS y FROM range(99)")
        told = session.explain("SELECT anomaly_score(x, y, detector => 'auto') FROM t")
    assert "  here: not looked at: auto is fitted on the client" in told


def test_the_page_prints_the_rule_that_explain_prints() -> None:
    page = " ".join((Auto.__doc__ or "").split())
    printed = page.lower()
    assert all(f"{number}. {line}".lower() in printed for number, line in enumerate(Auto.rule, start=1))


def test_a_single_feature_is_judged_as_ecod_does() -> None:
    rows = RANDOM.lognormal(size=(300, 1))
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({"id": range(300), "x": rows[:, 0].copy()}))
        query = "SELECT anomaly_score(x, detector => '{}') AS s FROM t ORDER BY id"
        ecod = session.sql(query.format("ecod")).arrow().column("s").to_numpy()
        ours = session.sql(query.format("auto")).arrow().column("s").to_numpy()
    share = [-np.log((ecod >= score * (1 - 1e-9)).mean()) for score in ecod]
    np.testing.assert_allclose(ours, share, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["far", "groups", "line"])
def test_each_kind_of_anomaly_is_found(name: str) -> None:
    data = next(one for one in made_sets() if one.name == name)
    assert roc_auc_score(data.label, scored(data.rows)) > {"far": 0.97, "groups": 0.75, "line": 0.8}[name]


def test_scores_do_not_see_units_or_the_order_of_rows() -> None:
    rows = np.column_stack([RANDOM.normal(size=400), RANDOM.lognormal(size=400)])
    plain = scored(rows)
    np.testing.assert_allclose(scored(rows * [1e6, 1e-6] + [5.0, 1e-3]), plain, atol=0.2)
    order = RANDOM.permutation(400)
    np.testing.assert_allclose(scored(rows[order]), plain[order], rtol=1e-9, atol=1e-12)


def test_a_row_scores_alike_whichever_rows_are_scored_with_it() -> None:
    rows = RANDOM.normal(size=(300, 3))
    whole = scored(rows, where=" FILTER (WHERE id < 200)")
    part = scored(rows[:250], where=" FILTER (WHERE id < 200)")
    np.testing.assert_allclose(part, whole[:250], rtol=1e-12, atol=1e-12)


def test_a_model_says_the_same() -> None:
    rows = RANDOM.normal(size=(200, 2))
    with sqlnomaly.connect() as session:
        session.load("t", pa.table({"id": range(200), "x": rows[:, 0].copy(), "y": rows[:, 1].copy()}))
        model = session.fit("SELECT x, y FROM t", detector="auto")
        session.install(model, name="odd", live=True)
        assert session.verify(model, name="odd").difference < 1e-9
        found = session.sql("SELECT odd(x, y) AS s FROM t ORDER BY id").arrow().column("s").to_numpy()
    np.testing.assert_allclose(found, scored(rows), rtol=1e-9, atol=1e-12)
