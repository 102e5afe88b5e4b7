"""BigQuery (GoogleSQL)."""

from types import MappingProxyType

from sqlnomaly.dialects.bigquery_functions import FUNCTIONS
from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier

BIGQUERY = Dialect(
    name="bigquery",
    sqlglot="bigquery",
    templates=MappingProxyType(
        {
            "cast_double": "CAST(:a AS FLOAT64)",
            # PARTITION BY refuses FLOAT64; as text, both zeros are '0' and every NaN is 'nan'.
            "float_key": "CAST(:a AS STRING)",
            "cast_integer": "CAST(:a AS INT64)",
            "count_if": "COUNTIF(:a)",
            "avg": "AVG(:a)",
            "integer_text": "CAST(CAST(:a AS INT64) AS STRING)",
            "md5_hex": "TO_HEX(MD5(:a))",
            "var_pop": "VAR_POP(:a)",
            "covar_pop": "COVAR_POP(:a, :b)",
            "number_text": "CAST(:a AS STRING)",
            "level": "(:b)[ORDINAL(1 + RANGE_BUCKET(:c, :a))]",
            "steps": "(:b)[ORDINAL(1 + RANGE_BUCKET(:c, :a))]",
            "quantile": "PERCENTILE_CONT(:a, :b)",
            "epoch_date": "UNIX_DATE(:a) * 86400e0",
            "epoch_timestamp": "UNIX_MICROS(TIMESTAMP(:a, 'UTC')) / 1000000e0",
            "epoch_timestamptz": "UNIX_MICROS(:a) / 1000000e0",
            "minute_of": "EXTRACT(MINUTE FROM :a)",
            "hour_of": "EXTRACT(HOUR FROM :a)",
            # 1 is Sunday.
            "dow_of": "MOD(EXTRACT(DAYOFWEEK FROM :a) + 5, 7) + 1",
            "day_of": "EXTRACT(DAY FROM :a)",
            "week_of": "EXTRACT(ISOWEEK FROM :a)",
            "year_of": "EXTRACT(YEAR FROM :a)",
            "month_of": "EXTRACT(MONTH FROM :a)",
            "quarter_of": "EXTRACT(QUARTER FROM :a)",
            "days_of": "UNIX_DATE(CAST(:a AS DATE))",
            "date_at": "CAST(DATE_FROM_UNIX_DATE(:a) AS DATE)",
            "timestamp_at": "CAST(DATETIME(TIMESTAMP_SECONDS(:a), 'UTC') AS DATETIME)",
            "timestamptz_at": "CAST(TIMESTAMP_SECONDS(:a) AS TIMESTAMP)",
            "wall_timestamptz": "DATETIME(:a, :b)",
        }
    ),
    functions=FUNCTIONS,
    quantiles=Quantiles.ANALYTIC,
    lists=False,
    range_frames=False,
    functions_from_client=False,
    star_except=True,
    using_first=True,
    max_sql_bytes=1_000_000,
    max_identifier=300,
    folds="none",
    structs=True,
    tier=Tier.EXECUTED,
    proof="analyzed, and run on small tables, by GoogleSQL, the engine that Google publishes",
    refused=MappingProxyType(
        {
            "range_frames": "RANGE offsets are numbers only; an interval needs the key rewritten to a number",
        }
    ),
    said_over=MappingProxyType(
        {
            "framed_quantiles": "PERCENTILE_CONT takes no frame; each row is paired with those of its frame",
        }
    ),
)
