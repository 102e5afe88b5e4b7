"""PostgreSQL 12 and later."""

from types import MappingProxyType

from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier
from sqlnomaly.dialects.postgres_functions import FUNCTIONS

POSTGRES = Dialect(
    name="postgres",
    sqlglot="postgres",
    templates=MappingProxyType(
        {
            # 1e0 is NUMERIC.
            "number": "CAST(:a AS DOUBLE PRECISION)",
            # IS NOT DISTINCT FROM is joined by trying every pair of rows; arrays hash, and take NULL for equal to NULL.
            "same": "ARRAY[:a] = ARRAY[:b]",
            # Arrays of two types are never equal, so a model's key and a row's meet in one type.
            "key_integer": "CAST(:a AS NUMERIC)",
            "key_decimal": "CAST(:a AS NUMERIC)",
            "key_float": "CAST(:a AS DOUBLE PRECISION)",
            "key_text": "CAST(:a AS TEXT)",
            "key_date": "CAST(:a AS TIMESTAMP)",
            "key_timestamp": "CAST(:a AS TIMESTAMP)",
            "key_timestamptz": "CAST(:a AS TIMESTAMPTZ)",
            # The planner writes a subquery into the one that reads it, as often as a column is named there: a few
            # steps on, a statement of 20 kB is planned for minutes. Behind an OFFSET a step stays a step.
            "fence": "0",
            "cast_double": "CAST(:a AS DOUBLE PRECISION)",
            "cast_integer": "CAST(:a AS BIGINT)",
            "count_if": "COUNT(CASE WHEN :a THEN 1 END)",
            "avg": "AVG(:a)",
            "integer_text": "CAST(CAST(:a AS BIGINT) AS TEXT)",
            "md5_hex": "MD5(:a)",
            "var_pop": "VAR_POP(:a)",
            "covar_pop": "COVAR_POP(:a, :b)",
            "number_text": "CAST(:a AS TEXT)",
            # A constructor of a thousand numbers is planned for seconds; a text is one constant.
            "numbers": "CAST(:a AS DOUBLE PRECISION[])",
            "level": "(:b)[1 + WIDTH_BUCKET(:c, :a)]",
            "steps": "(:b)[1 + WIDTH_BUCKET(:c, :a)]",
            "quantile": "PERCENTILE_CONT(:b) WITHIN GROUP (ORDER BY :a)",
            # A timestamp may be infinity. EXTRACT gives NUMERIC, every microsecond kept.
            "epoch_date": "CASE WHEN ISFINITE(:a) THEN CAST(EXTRACT(EPOCH FROM :a) AS DOUBLE PRECISION) END",
            "epoch_timestamp": "CASE WHEN ISFINITE(:a) THEN CAST(EXTRACT(EPOCH FROM :a) AS DOUBLE PRECISION) END",
            "epoch_timestamptz": "CASE WHEN ISFINITE(:a) THEN CAST(EXTRACT(EPOCH FROM :a) AS DOUBLE PRECISION) END",
            "minute_of": "EXTRACT(MINUTE FROM :a)",
            "hour_of": "EXTRACT(HOUR FROM :a)",
            "dow_of": "EXTRACT(ISODOW FROM :a)",
            "day_of": "EXTRACT(DAY FROM :a)",
            "week_of": "EXTRACT(WEEK FROM :a)",
            "year_of": "EXTRACT(YEAR FROM :a)",
            "month_of": "EXTRACT(MONTH FROM :a)",
            "quarter_of": "EXTRACT(QUARTER FROM :a)",
            "days_of": "CASE WHEN ISFINITE(:a) THEN CAST(:a AS DATE) - CAST('1970-01-01' AS DATE) END",
            "date_at": "CAST(CAST('1970-01-01' AS DATE) + CAST(:a AS INTEGER) AS DATE)",
            "timestamp_at": "CAST(TO_TIMESTAMP(:a) AT TIME ZONE 'UTC' AS TIMESTAMP)",
            "timestamptz_at": "CAST(TO_TIMESTAMP(:a) AS TIMESTAMPTZ)",
            "wall_timestamptz": "(:a AT TIME ZONE :b)",
        }
    ),
    functions=FUNCTIONS,
    quantiles=Quantiles.AGGREGATE,
    lists=False,
    range_frames=True,
    functions_from_client=False,
    star_except=False,
    using_first=True,
    max_sql_bytes=64_000_000,
    ctes_once=True,
    max_identifier=63,
    decimals_hold_nan=True,
    folds="lower",
    tier=Tier.EXECUTED,
    proof="run on PostgreSQL itself",
    said_over=MappingProxyType(
        {
            "framed_quantiles": "PERCENTILE_CONT takes no OVER; each row is paired with those of its frame",
        }
    ),
)
