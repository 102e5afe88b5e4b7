"""Apache Spark 4."""

from types import MappingProxyType

from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier
from sqlnomaly.dialects.spark_functions import FUNCTIONS

SPARK = Dialect(
    name="spark",
    sqlglot="spark",
    templates=MappingProxyType(
        {
            "cast_double": "CAST(:a AS DOUBLE)",
            "cast_integer": "CAST(:a AS BIGINT)",
            "count_if": "COUNT_IF(:a)",
            "avg": "AVG(:a)",
            "integer_text": "CAST(CAST(:a AS BIGINT) AS STRING)",
            "md5_hex": "MD5(:a)",
            "var_pop": "VAR_POP(:a)",
            "covar_pop": "COVAR_POP(:a, :b)",
            "number_text": "CAST(:a AS STRING)",
            "quantile": "PERCENTILE(:a, :b)",
            "quantile_at": "TRY_ELEMENT_AT(PERCENTILE(:a, :b), :c)",
            "epoch_date": "UNIX_DATE(CAST(:a AS DATE)) * 86400e0",
            # TIMESTAMPDIFF keeps a timestamp without zone out of the session time zone.
            "epoch_timestamp": (
                "TIMESTAMPDIFF(MICROSECOND, CAST('1970-01-01' AS TIMESTAMP_NTZ), CAST(:a AS TIMESTAMP_NTZ))"
                " / 1000000e0"
            ),
            "epoch_timestamptz": "UNIX_MICROS(:a) / 1000000e0",
            "minute_of": "EXTRACT(MINUTE FROM :a)",
            "hour_of": "EXTRACT(HOUR FROM :a)",
            "dow_of": "EXTRACT(DAYOFWEEK_ISO FROM :a)",
            "day_of": "EXTRACT(DAY FROM :a)",
            "week_of": "EXTRACT(WEEK FROM :a)",
            "year_of": "EXTRACT(YEAR FROM :a)",
            "month_of": "EXTRACT(MONTH FROM :a)",
            "quarter_of": "EXTRACT(QUARTER FROM :a)",
            "days_of": "UNIX_DATE(CAST(:a AS DATE))",
            "date_at": "CAST(DATE_ADD(CAST('1970-01-01' AS DATE), CAST(:a AS INT)) AS DATE)",
            "timestamp_at": (
                "CAST(CAST('1970-01-01' AS TIMESTAMP_NTZ) + MAKE_DT_INTERVAL(0, 0, 0, :a) AS TIMESTAMP_NTZ)"
            ),
            "timestamptz_at": "CAST(TIMESTAMP_SECONDS(:a) AS TIMESTAMP)",
            # CAST(.. AS TIMESTAMP_NTZ) alone would go by the session time zone. To the second.
            "wall_timestamptz": (
                "CONVERT_TIMEZONE('UTC', :b, CAST('1970-01-01' AS TIMESTAMP_NTZ)"
                " + MAKE_DT_INTERVAL(0, 0, 0, UNIX_SECONDS(:a)))"
            ),
            "gather": "COLLECT_LIST(STRUCT(*))",
            "pluck": ":c",
            "spread": "INLINE(ARRAYS_ZIP(:a, :b))",
            "list": "COLLECT_LIST(:a)",
            "list_join": "CONCAT(:a, :b)",
            "list_sort": "ARRAY_SORT(:a)",
            "list_without": "CONCAT(SLICE(:a, 1, CAST(ARRAY_POSITION(:a, :b) - 1 AS INT)), "
            "SLICE(:a, CAST(ARRAY_POSITION(:a, :b) + 1 AS INT), SIZE(:a)))",
            "list_map": "TRANSFORM(:a, _sn__v -> :b)",
            "list_count": "SIZE(:a)",
            "list_at": "TRY_ELEMENT_AT(:a, CAST(:b AS INT))",
            # A lambda computes what it captures anew for each element, but for its own parameters.
            "level": (
                "TRY_ELEMENT_AT(:b, TRY_ELEMENT_AT(TRANSFORM(ARRAY(:c), "
                "_sn__s -> 1 + SIZE(FILTER(:a, _sn__v -> _sn__v <= _sn__s))), 1))"
            ),
        }
    ),
    functions=FUNCTIONS,
    quantiles=Quantiles.AGGREGATE,
    lists=True,
    range_frames=True,
    functions_from_client=True,
    star_except=True,
    using_first=True,
    max_sql_bytes=16_000_000,
    max_identifier=255,
    folds="none",
    structs=True,
    said_over=MappingProxyType(
        {
            "interval_units": "a frame has both ends in one unit; INTERVAL 7 DAY beside hours is 168 hours",
        }
    ),
    tier=Tier.EXECUTED,
    proof="run on Spark itself",
)
