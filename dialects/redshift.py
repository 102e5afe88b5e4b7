"""Amazon Redshift."""

from types import MappingProxyType

from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier
from sqlnomaly.dialects.redshift_functions import FUNCTIONS

# EXTRACT(EPOCH ..) gives whole seconds here, and TO_CHAR what they leave out.
_SECONDS = (
    "CAST(CAST(EXTRACT(EPOCH FROM DATE_TRUNC('second', {0})) AS BIGINT) * 1000000"
    " + CAST(TO_CHAR({0}, 'US') AS BIGINT) AS DOUBLE PRECISION) / CAST(1000000 AS DOUBLE PRECISION)"
)
_MOMENT = "CAST('1970-01-01' AS TIMESTAMP) + :a * INTERVAL '1 SECOND'"

REDSHIFT = Dialect(
    name="redshift",
    sqlglot="redshift",
    templates=MappingProxyType(
        {
            # The documentation does not say that 1e0 is a DOUBLE.
            "number": "CAST(:a AS DOUBLE PRECISION)",
            # There is no IS NOT DISTINCT FROM.
            "same": "(:a = :b OR (:a IS NULL AND :b IS NULL))",
            "cast_double": "CAST(:a AS DOUBLE PRECISION)",
            "cast_integer": "CAST(:a AS BIGINT)",
            "count_if": "COUNT(CASE WHEN :a THEN 1 END)",
            "avg": "AVG(:a)",
            "integer_text": "CAST(CAST(:a AS BIGINT) AS VARCHAR(32))",
            "md5_hex": "MD5(:a)",
            "var_pop": "VAR_POP(:a)",
            # There is no COVAR_POP. What is asked is the covariance of distances from the smallest values, on rows that
            # have both, where this loses no more than the square of mean over deviation, at most the number of rows.
            "covar_pop": "AVG(:a * :b) - AVG(:a) * AVG(:b)",
            "number_text": "CAST(:a AS VARCHAR(32))",
            "quantile": "PERCENTILE_CONT(:b) WITHIN GROUP (ORDER BY :a)",
            "epoch_date": "CAST(EXTRACT(EPOCH FROM :a) AS DOUBLE PRECISION)",
            "epoch_timestamp": _SECONDS.format(":a"),
            "epoch_timestamptz": _SECONDS.format("(:a AT TIME ZONE 'UTC')"),
            "minute_of": "EXTRACT(MINUTE FROM :a)",
            "hour_of": "EXTRACT(HOUR FROM :a)",
            # 0 is Sunday.
            "dow_of": "(EXTRACT(DOW FROM :a) + 6) % 7 + 1",
            "day_of": "EXTRACT(DAY FROM :a)",
            "week_of": "EXTRACT(WEEK FROM :a)",
            "year_of": "EXTRACT(YEAR FROM :a)",
            "month_of": "EXTRACT(MONTH FROM :a)",
            "quarter_of": "EXTRACT(QUARTER FROM :a)",
            "days_of": "CAST(:a AS DATE) - CAST('1970-01-01' AS DATE)",
            "date_at": "CAST(CAST('1970-01-01' AS DATE) + CAST(:a AS INTEGER) AS DATE)",
            "timestamp_at": f"CAST({_MOMENT} AS TIMESTAMP)",
            "timestamptz_at": f"CAST(({_MOMENT}) AT TIME ZONE 'UTC' AS TIMESTAMPTZ)",
            "wall_timestamptz": "(:a AT TIME ZONE :b)",
        }
    ),
    functions=FUNCTIONS,
    quantiles=Quantiles.AGGREGATE,
    lists=False,
    range_frames=False,
    functions_from_client=False,
    star_except=False,
    using_first=True,
    max_sql_bytes=16_000_000,
    max_identifier=127,
    folds="lower",
    tier=Tier.EMULATED,
    proof="run on PostgreSQL in the words that the two share, parsed by sqlfluff, functions held to an allow-list",
    refused=MappingProxyType(
        {
            "range_frames": "a frame is one of ROWS",
        }
    ),
    said_over=MappingProxyType(
        {
            "framed_quantiles": "PERCENTILE_CONT takes no frame; each row is paired with those of its frame",
            "peer_frames": "an aggregate with ORDER BY in OVER needs a ROWS frame; two steps say the same",
            "several_sorts": "the PERCENTILE_CONT of one SELECT all need the same ORDER BY; a step each says the same",
        }
    ),
)
