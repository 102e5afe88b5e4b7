"""Vertica: IFOREST, APPLY_IFOREST and DETECT_OUTLIERS."""

from __future__ import annotations

import numpy as np
import pytest

from sqlnomaly import CallError, ParseError, UnsupportedError
from sqlnomaly.model import Model
from sqlnomaly.pushdown.statements import CreateModel
from sqlnomaly.session import Session
from tests.frontends.asked import PAYMENTS, ask, text_of, translated

pytestmark = pytest.mark.duckdb


def robust(values: np.ndarray) -> np.ndarray:
    """Distances from the median in median distances that estimate the standard deviation."""
    away = np.abs(values - np.median(values))
    return np.asarray(away / (np.median(away) / 0.6744897501960817))


def test_detect_outliers_makes_a_table_of_the_rows_beyond_the_threshold(duck: Session) -> None:
    ask(duck, "SELECT DETECT_OUTLIERS('odd', 'payments', 'amount, items', 'robust_zscore' "
        "USING PARAMETERS outlier_threshold = 3.0)", "postgres")  # fmt: skip
    rows = np.array(PAYMENTS)
    far = np.maximum(robust(rows[:, 1]), robust(rows[:, 2])) > 3.0
    assert duck.sql("SELECT * FROM odd ORDER BY id").fetchall() == [tuple(row) for row in rows[far].tolist()]
    assert far.any()


def test_detect_outliers_judges_each_partition_by_itself(duck: Session) -> None:
    ask(duck, "SELECT DETECT_OUTLIERS('odd', 'payments', 'amount, id', 'robust_zscore' USING PARAMETERS "
        "partition_columns = 'items', exclude_columns = 'id')", "duckdb")  # fmt: skip
    assert duck.sql("SELECT * FROM odd").fetchall() == []


def test_iforest_makes_a_model_that_apply_iforest_reads(duck: Session) -> None:
    ask(duck, "SELECT IFOREST('Odd', 'payments', 'amount, items' USING PARAMETERS ntree = 25, seed = 3)", "duckdb")
    want = duck.sql("SELECT anomaly_score(amount, items, detector => 'iforest', n_estimators => 25, "
                    "random_state => 3) AS s FROM payments ORDER BY id").fetchall()  # fmt: skip
    apply = "APPLY_IFOREST(items, amount USING PARAMETERS model_name = 'odd', threshold = 0.6)"
    found = ask(duck, f"SELECT p.anomaly_score, p.is_anomaly FROM (SELECT id, {apply} AS p FROM payments) ORDER BY id",
                "duckdb").fetchall()  # fmt: skip
    assert [score for score, _ in found] == pytest.approx([score for score, in want])
    assert [odd for _, odd in found] == [score >= 0.6 for score, _ in found]


def test_a_score_on_the_threshold_is_an_anomaly(duck: Session) -> None:
    ask(duck, "SELECT IFOREST('m', 'payments', 'amount, items' USING PARAMETERS ntree = 5)", "duckdb")
    field = "(APPLY_IFOREST(* USING PARAMETERS model_name = 'm')).anomaly_score"
    ((limit,),) = ask(duck, f"SELECT MAX({field}) FROM payments", "duckdb").fetchall()
    apply = f"(APPLY_IFOREST(* USING PARAMETERS model_name = 'm', threshold = {limit!r})).is_anomaly"
    assert ask(duck, f"SELECT COUNT(*) FROM payments WHERE {apply}", "duckdb").fetchall() == [(1,)]


def test_one_field_needs_no_struct(models: dict[str, Model]) -> None:
    sql = "SELECT (APPLY_IFOREST(amount, items USING PARAMETERS model_name='F', contamination=0.1)).is_anomaly FROM t"
    assert text_of(sql, "postgres", models) == (
        "SELECT (is_anomaly(amount, items, model => 'f', contamination => 0.1)) FROM t"
    )


def test_columns_meet_the_model_by_name_or_by_position(models: dict[str, Model]) -> None:
    sql = "SELECT (APPLY_IFOREST({} USING PARAMETERS model_name='f'{})).anomaly_score FROM t"
    found = text_of(sql.format("items, amount", ""), "duckdb", models)
    assert found == "SELECT (anomaly_score(amount, items, model => 'f')) FROM t"
    found = text_of(sql.format("a + 1, b", ", match_by_pos='true'"), "duckdb", models)
    assert found == "SELECT (anomaly_score(a + 1, b, model => 'f')) FROM t"
    with pytest.raises(CallError, match="no column is called items"):
        text_of(sql.format("amount, b", ""), "duckdb", models)


@pytest.mark.parametrize(
    ("sql", "kind", "said"),
    [
        ("SELECT APPLY_IFOREST(amount, items USING PARAMETERS model_name='f') FROM t", UnsupportedError, "one field"),
        ("SELECT (APPLY_IFOREST(amount USING PARAMETERS model_name='f')).is_anomaly", CallError, "the model has 2"),
        ("SELECT (APPLY_IFOREST(* USING PARAMETERS threshold=0.5)).is_anomaly", CallError, "model_name"),
        ("SELECT (APPLY_IFOREST(* USING PARAMETERS model_name='other')).is_anomaly", CallError, "no isolation forest"),
        ("SELECT (APPLY_IFOREST(* USING PARAMETERS model_name='f', threshold=2)).is_anomaly", CallError, "0 and 1"),
        ("SELECT (APPLY_IFOREST(* USING PARAMETERS model_name='f', threshold=.5, contamination=.1)).is_anomaly",
         CallError, "exclude each other"),
        ("SELECT (APPLY_IFOREST(* USING PARAMETERS model_name='f', speed=1)).is_anomaly", CallError, "SPEED"),
    ],
)  # fmt: skip
def test_an_apply_that_does_not_fit_is_refused(
    models: dict[str, Model], sql: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        translated(sql, "postgres", models)


def test_iforest_is_a_create_model() -> None:
    sql = """SELECT IFOREST('ml.Odd', 's.t', 'a, "b c", id' USING PARAMETERS exclude_columns='ID', nbins=32)"""
    wanted = CreateModel(
        name="ml.odd", detector="iforest", query='SELECT a, "b c" FROM s.t', options={"calibration": 0}
    )
    assert translated(sql, "postgres") == wanted


def test_every_column_but_some_is_a_star() -> None:
    found = translated("SELECT IFOREST('m', 't', '*' USING PARAMETERS exclude_columns='id')", "duckdb")
    assert isinstance(found, CreateModel)
    assert found.query == "SELECT * EXCLUDE (id) FROM t"
    with pytest.raises(UnsupportedError, match="name the columns"):
        translated("SELECT IFOREST('m', 't', '*' USING PARAMETERS exclude_columns='id')", "postgres")


@pytest.mark.parametrize(
    ("sql", "kind", "said"),
    [
        ("SELECT IFOREST('m', 't', 'a' USING PARAMETERS sampling_size=0.632)", UnsupportedError, "max_samples"),
        ("SELECT IFOREST('m', 't', 'a' USING PARAMETERS max_depth=10)", UnsupportedError, "MAX_DEPTH"),
        ("SELECT IFOREST('m', 't', 'a' USING PARAMETERS col_sample_by_tree=0.5)", UnsupportedError, "COL_SAMPLE"),
        ("SELECT IFOREST('m', 't', 'a' USING PARAMETERS trees=5)", CallError, "TREES"),
        ("SELECT IFOREST('m', 't')", CallError, "3 texts"),
        ("SELECT IFOREST('m', 'a; DROP TABLE b', 'a')", CallError, "is no name"),
        ("SELECT IFOREST('m', 't', 'a) FROM t; --')", CallError, "no list of columns"),
        ("SELECT IFOREST('m', 't', 'a') FROM t", ParseError, "stands alone"),
        ("SELECT DETECT_OUTLIERS('o', 't', '*', 'robust_zscore')", UnsupportedError, "name them"),
        ("SELECT DETECT_OUTLIERS('o', 't', '*', 'robust_zscore' USING PARAMETERS exclude_columns='id')",
         UnsupportedError, "name them"),
        ("SELECT DETECT_OUTLIERS('o', 't', 'a', 'zscore')", CallError, "robust_zscore"),
        ("SELECT DETECT_OUTLIERS('o', 't', 'a', 'robust_zscore' USING PARAMETERS outlier_threshold=0)",
         CallError, "above 0"),
    ],
)  # fmt: skip
def test_a_statement_that_does_not_fit_is_refused(sql: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        translated(sql, "duckdb")
