"""Snowflake."""

from types import MappingProxyType

from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier
from sqlnomaly.dialects.snowflake_functions import FUNCTIONS

SNOWFLAKE = Dialect(
    name="snowflake",
    sqlglot="snowflake",
    templates=MappingProxyType(
        {
            # A literal is a NUMBER here, 1e10 too, and NUMBER / NUMBER and AVG(NUMBER) are rounded to few digits.
            "number": "CAST(:a AS DOUBLE)",
            "cast_double": "CAST(:a AS DOUBLE)",
            "cast_integer": "CAST(:a AS BIGINT)",
            # COUNT_IF is documented to be NULL, not 0, where no row meets the condition.
            "count_if": "COUNT(CASE WHEN :a THEN 1 END)",
            "avg": "AVG(:a)",
            "integer_text": "CAST(CAST(:a AS DECIMAL(38, 0)) AS VARCHAR)",
            "md5_hex": "MD5(:a)",
            # Documented to be a NUMBER whose scale depends on the values; STDDEV_POP is a DOUBLE.
            "var_pop": "POWER(STDDEV_POP(:a), 2)",
            # (SUM(xy) - SUM(x)SUM(y)/n)/n by its page: safe over values shifted to start at 0, as they are here.
            "covar_pop": "COVAR_POP(:a, :b)",
            "number_text": "CAST(:a AS VARCHAR)",
            "quantile": "PERCENTILE_CONT(:b) WITHIN GROUP (ORDER BY :a)",
            # DATE_PART is a NUMBER, and takes no EPOCH_MICROSECOND of a DATE.
            "epoch_date": "CAST(DATE_PART(EPOCH_SECOND, :a) AS DOUBLE)",
            "epoch_timestamp": "CAST(DATE_PART(EPOCH_MICROSECOND, :a) AS DOUBLE) / 1000000",
            "epoch_timestamptz": "CAST(DATE_PART(EPOCH_MICROSECOND, :a) AS DOUBLE) / 1000000",
            "minute_of": "DATE_PART(MINUTE, :a)",
            "hour_of": "DATE_PART(HOUR, :a)",
            "dow_of": "DATE_PART(DAYOFWEEKISO, :a)",
            "day_of": "DATE_PART(DAY, :a)",
            "week_of": "DATE_PART(WEEKISO, :a)",
            "year_of": "DATE_PART(YEAR, :a)",
            "month_of": "DATE_PART(MONTH, :a)",
            "quarter_of": "DATE_PART(QUARTER, :a)",
            "days_of": "DATEDIFF(DAY, CAST('1970-01-01' AS DATE), :a)",
            "date_at": "CAST(DATEADD(DAY, :a, CAST('1970-01-01' AS DATE)) AS DATE)",
            "timestamp_at": "CAST(DATEADD(SECOND, :a, CAST('1970-01-01' AS DATETIME)) AS DATETIME)",
            "timestamptz_at": (
                "CAST(DATEADD(SECOND, :a, CAST('1970-01-01 00:00:00 +00:00' AS TIMESTAMP_TZ)) AS TIMESTAMP_TZ)"
            ),
            "wall_timestamptz": "CAST(CONVERT_TIMEZONE(:b, :a) AS TIMESTAMP_NTZ)",
        }
    ),
    functions=FUNCTIONS,
    quantiles=Quantiles.AGGREGATE,
    lists=False,
    range_frames=True,
    functions_from_client=False,
    star_except=True,
    using_first=True,
    max_sql_bytes=1_000_000,
    max_identifier=255,
    folds="upper",
    tier=Tier.EMULATED,
    proof=(
        "run on fakesnow, which is sqlglot and DuckDB again and no independent witness; parsed by sqlfluff; functions, "
        "windows and types of numbers held to Snowflake's pages"
    ),
    said_over=MappingProxyType(
        {
            "framed_quantiles": "PERCENTILE_CONT takes no frame; each row is paired with those of its frame",
        }
    ),
)
