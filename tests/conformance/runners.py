"""The engines of the matrix by name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.conformance.on_clickhouse import OnClickHouse
from tests.conformance.on_connect import OnConnect
from tests.conformance.on_duckdb import OnDuckDB
from tests.conformance.on_googlesql import OnGoogleSql
from tests.conformance.on_postgres import OnPostgres, OnRedshift
from tests.conformance.on_printed import OnSynapse, OnTrino
from tests.conformance.on_snowflake import OnSnowflake
from tests.conformance.on_spark import OnSpark
from tests.conformance.runner import Runner

RUNNERS: Mapping[str, type[Runner]] = {
    runner.name: runner
    for runner in (
        OnDuckDB,
        OnSpark,
        OnConnect,
        OnGoogleSql,
        OnPostgres,
        OnClickHouse,
        OnSnowflake,
        OnRedshift,
        OnSynapse,
        OnTrino,
    )
}
