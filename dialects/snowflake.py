"""Snowflake."""

from types import MappingProxyType

from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier
from sqlnomaly.dialects.snowflake_functions import FUNCTIONS

SNOWFLAKE = Dialect(
    name="snowflake",
    sqlglot="snowflake",
    templates=MappingProxyType(
        {
            "cast_double": "CAST(:a AS DOUBLE)",
            "cast_integer": "CAST(:a AS BIGINT)",
            "count_if": "COUNT_IF(:a)",
            "avg": "AVG(:a)",
            "integer_text": "CAST(CAST(:a AS DECIMAL(38, 0)) AS VARCHAR)",
            "md5_hex": "MD5(:a)",
            "var_pop": "VAR_POP(:a)",
            "covar_pop": "COVAR_POP(:a, :b)",
            "number_text": "CAST(:a AS VARCHAR)",
            "quantile": "PERCENTILE_CONT(:b) WITHIN GROUP (ORDER BY :a)",
            "epoch_date": "DATE_PART(EPOCH_SECOND, :a)",
            "epoch_timestamp": "DATE_PART(EPOCH_MICROSECOND, :a) / 1000000e0",
            "epoch_timestamptz": "DATE_PART(EPOCH_MICROSECOND, :a) / 1000000e0",
        }
    ),
    functions=FUNCTIONS,
    quantiles=Quantiles.AGGREGATE,
    lists=False,
    range_frames=False,
    functions_from_client=False,
    star_except=True,
    using_first=True,
    max_sql_bytes=1_000_000,
    folds="upper",
    tier=Tier.PRINTED,
    proof="parsed by sqlfluff, functions held to an allow-list",
    refused=MappingProxyType(
        {
            "framed_quantiles": "MEDIAN and PERCENTILE_CONT take no frame",
            "range_frames": "no executed proof of RANGE offsets yet",
        }
    ),
)
