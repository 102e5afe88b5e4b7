"""Snowflake: models of SNOWFLAKE.ML.ANOMALY_DETECTION are recognized and refused."""

from __future__ import annotations

import pytest

from sqlnomaly import UnsupportedError
from tests.frontends.asked import translated


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE SNOWFLAKE.ML.ANOMALY_DETECTION m(INPUT_DATA => TABLE(t), TIMESTAMP_COLNAME => 'ts', "
        "TARGET_COLNAME => 'y', LABEL_COLNAME => '')",
        "create or replace snowflake.ml.anomaly_detection m(INPUT_DATA => SYSTEM$QUERY_REFERENCE('SELECT 1'))",
        "SHOW SNOWFLAKE.ML.ANOMALY_DETECTION",
        "DROP SNOWFLAKE.ML.ANOMALY_DETECTION IF EXISTS m",
        "CALL m!DETECT_ANOMALIES(INPUT_DATA => TABLE(t), TIMESTAMP_COLNAME => 'ts', TARGET_COLNAME => 'y')",
        "-- now\nCALL db.s.m!detect_anomalies(INPUT_DATA => TABLE(t))",
        "SELECT * FROM TABLE(m!DETECT_ANOMALIES(INPUT_DATA => TABLE(t)))",
        "CALL m!SHOW_EVALUATION_METRICS()",
    ],
)
def test_each_form_is_refused_with_what_to_use(sql: str) -> None:
    with pytest.raises(UnsupportedError, match=r"is_anomaly\(y, detector => 'ewma'\)"):
        translated(sql, "snowflake")


def test_the_error_names_the_place() -> None:
    with pytest.raises(UnsupportedError, match="line 2, column 14"):
        translated("SELECT *\nFROM   TABLE(m!DETECT_ANOMALIES(INPUT_DATA => TABLE(t)))", "snowflake")


@pytest.mark.parametrize("sql", ["SHOW TABLES", "CALL p('m!DETECT_ANOMALIES(')", "SELECT anomaly_detection FROM t"])
def test_other_statements_stay_as_they_are(sql: str) -> None:
    assert translated(sql, "snowflake") is None
