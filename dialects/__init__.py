"""What differs between SQL engines, one frozen record a dialect."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlnomaly.dialects.bigquery import BIGQUERY
from sqlnomaly.dialects.clickhouse import CLICKHOUSE
from sqlnomaly.dialects.databricks import DATABRICKS
from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier
from sqlnomaly.dialects.duckdb import DUCKDB
from sqlnomaly.dialects.fabric import FABRIC
from sqlnomaly.dialects.postgres import POSTGRES
from sqlnomaly.dialects.redshift import REDSHIFT
from sqlnomaly.dialects.snowflake import SNOWFLAKE
from sqlnomaly.dialects.spark import SPARK
from sqlnomaly.dialects.synapse import SYNAPSE
from sqlnomaly.dialects.trino import TRINO
from sqlnomaly.errors import UsageError, nearest

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            DUCKDB,
            SPARK,
            DATABRICKS,
            SNOWFLAKE,
            BIGQUERY,
            POSTGRES,
            REDSHIFT,
            CLICKHOUSE,
            TRINO,
            SYNAPSE,
            FABRIC,
        )
    }
)


def get_dialect(name: str) -> Dialect:
    """The dialect of that name, whatever its case.

    Raises:
        UsageError: for an unknown name, with the nearest one.

    Example:
        >>> get_dialect("DuckDB").name
        'duckdb'
    """
    found = DIALECTS.get(name.lower())
    if found is None:
        raise UsageError(f"unknown dialect {name!r}", hint=nearest(name, DIALECTS))
    return found


__all__ = ["DIALECTS", "Dialect", "Quantiles", "Tier", "get_dialect"]
