"""Databricks SQL: Spark's engine, its own printer."""

from dataclasses import replace

from sqlnomaly.dialects.dialect import Tier
from sqlnomaly.dialects.spark import SPARK

DATABRICKS = replace(
    SPARK,
    name="databricks",
    sqlglot="databricks",
    functions_from_client=False,
    tier=Tier.EXECUTED,
    proof="the printed statement is run on Spark",
)
