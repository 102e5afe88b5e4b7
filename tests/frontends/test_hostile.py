"""Names, comments and nesting that would mislead a reader of text; and errors that keep their places."""

from __future__ import annotations

import pytest
import sqlglot

from sqlnomaly import CallError, ParseError, SqlnomalyError
from sqlnomaly.model import Model
from sqlnomaly.pushdown.statements import CreateModel
from tests.frontends.asked import text_of, translated

FORM = "ML.DETECT_ANOMALIES(MODEL k, STRUCT(0.1 AS contamination), TABLE t)"


def tables(sql: str, dialect: str = "bigquery") -> set[str]:
    """The tables that a statement reads."""
    return {table.sql(dialect) for table in sqlglot.parse_one(sql, read=dialect).find_all(sqlglot.exp.Table)}


@pytest.mark.parametrize(
    "form",
    [
        FORM.lower(),
        FORM.replace("ML.", "ML . ").replace("(", " ( "),
        "ML/* a */.DETECT_ANOMALIES -- MODEL x\n (MODEL/* ) */ k, STRUCT(0.1 AS contamination), TABLE/**/t)",
        "ML.DETECT_ANOMALIES(MODEL `k`, STRUCT(0.1 AS contamination), (SELECT * FROM t WHERE x <> ')'))",
    ],
)
def test_case_comments_and_space_change_nothing(models: dict[str, Model], form: str) -> None:
    found = text_of(f"SELECT * FROM {form} AS d WHERE is_anomaly", "bigquery", models)
    assert found.startswith("SELECT * FROM (SELECT is_anomaly(given.amount, given.items, model => 'k', ")
    assert found.rstrip().endswith("AS d WHERE is_anomaly")
    assert "t" in {name.split(" ")[0] for name in tables(found)}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT ML.model, model.ML FROM ml AS ML, model",
        "SELECT 'CREATE MODEL m OPTIONS(MODEL_TYPE=''KMEANS'')' AS `ML.DETECT_ANOMALIES(MODEL k`",
        "SELECT `ML`.DETECT_ANOMALIES FROM `ML`",
        "SELECT * FROM p.ML.DETECT_ANOMALIES(MODEL)",
        "-- ML.DETECT_ANOMALIES(MODEL k)\nSELECT 1 AS iforest, 2 AS parameters",
        "SELECT apply_iforest(a, b), iforest(a, b) FROM model",
        "INSERT INTO model VALUES ('DETECT_OUTLIERS')",
    ],
)
def test_what_only_looks_alike_stays_as_it_is(sql: str) -> None:
    assert translated(sql, "bigquery") is None


def test_two_forms_in_one_from_have_an_alias_each(models: dict[str, Model]) -> None:
    found = text_of(f"SELECT * FROM {FORM} JOIN {FORM.replace('k,', 'p,')} ON TRUE", "bigquery", models)
    tree = sqlglot.parse_one(found, read="bigquery")
    assert [one.alias for one in tree.find_all(sqlglot.exp.Subquery)] == ["detected", "detected_2"]


def test_a_form_in_a_cte_and_in_the_query_of_another_form_is_found(models: dict[str, Model]) -> None:
    inner = FORM.replace("TABLE t", f"(SELECT amount, items FROM {FORM.replace('k,', 'p,')})")
    found = text_of(f"WITH q AS (SELECT * FROM {inner}) SELECT * FROM q UNION ALL SELECT * FROM q", "bigquery", models)
    assert "DETECT_ANOMALIES" not in found
    assert "normalized_distance" in found
    assert "mean_squared_error" in found
    assert tables(found) >= {"q"}


def test_what_follows_a_form_stays_on_its_line(models: dict[str, Model]) -> None:
    spread = FORM.replace(", ", ",\n")
    found = text_of(f"SELECT *\nFROM {spread}\nWHERE broken", "bigquery", models)
    assert found.splitlines()[4] == "WHERE broken"


def test_names_with_quotes_stay_names(models: dict[str, Model]) -> None:
    sql = FORM.replace("TABLE t", 'TABLE "a""b".t')
    assert tables(text_of(f"SELECT * FROM {sql}", "postgres", models), "postgres") == {'"a""b".t AS given'}
    quoted = translated("""SELECT IFOREST('m', '"a""b"."c d"', '"x""y", "select"')""", "duckdb")
    assert isinstance(quoted, CreateModel)
    assert quoted.query == 'SELECT "x""y", "select" FROM "a""b"."c d"'


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("SELECT *\nFROM t,\n     ML.DETECT_ANOMALIES(MODEL k, STRUCT(0.9 AS contamination), TABLE t)",
         "line 3, column 42, near '0.9 AS contamination"),
        ("CREATE MODEL m\nOPTIONS(MODEL_TYPE='KMEANS',\n  NUM_CLUSTERS=1) AS SELECT 1", "line 3, column 3"),
        ("SELECT * FROM ML.DETECT_ANOMALIES(MODEL k, STRUCT(0.1 AS contamination)", "line 1, column 34"),
        ("CREATE MODEL m OPTIONS(MODEL_TYPE='KMEANS', NUM_CLUSTERS=3)", "AS and a query"),
        ("DROP MODEL m, n", "line 1, column 13"),
        ("DROP MODEL", "a model's name"),
        ("CREATE MODEL 'm' OPTIONS(MODEL_TYPE='PCA', NUM_PRINCIPAL_COMPONENTS=1) AS SELECT 1", "a model's name"),
    ],
)  # fmt: skip
def test_errors_keep_the_place_in_the_original(models: dict[str, Model], sql: str, place: str) -> None:
    with pytest.raises(SqlnomalyError, match=place) as caught:
        translated(sql, "bigquery", models)
    assert isinstance(caught.value, CallError | ParseError)


def test_forms_in_what_is_explained_and_in_the_query_of_a_model_are_found(models: dict[str, Model]) -> None:
    explained = text_of(f"EXPLAIN ANOMALY SELECT * FROM {FORM}", "bigquery", models)
    assert explained.startswith("EXPLAIN ANOMALY SELECT * FROM (SELECT is_anomaly(")
    create = "CREATE MODEL m OPTIONS(MODEL_TYPE='PCA', NUM_PRINCIPAL_COMPONENTS=1) AS SELECT amount FROM"
    made = translated(f"{create} {FORM}", "bigquery", models)
    assert isinstance(made, CreateModel)
    assert made.query.startswith("SELECT amount FROM (SELECT is_anomaly(")


def test_a_model_that_nobody_knows_is_the_finders_to_refuse() -> None:
    with pytest.raises(KeyError, match="nobody"):
        translated(f"SELECT * FROM {FORM.replace('k,', 'nobody,')}", "bigquery")
