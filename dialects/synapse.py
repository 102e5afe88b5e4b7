"""Azure Synapse, dedicated SQL pool: T-SQL in the words that every edition of it has.

Nothing here has run on an engine. What the pages of Transact-SQL say decides, and where they leave room, the form that
cannot go wrong: VARP may add up squares, so that it gets values around 0; a condition is no value and a value no
condition; no GREATEST, no IS NOT DISTINCT FROM.
"""

from types import MappingProxyType

from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier
from sqlnomaly.dialects.synapse_functions import FUNCTIONS

_UTC = "CAST(SWITCHOFFSET(:a, '+00:00') AS DATETIME2)"


def _epoch(time: str) -> str:
    """Seconds since 1970: whole days, whole seconds of the day, microseconds; no difference outgrows an INT."""
    days = f"DATEDIFF(DAY, '1970-01-01', {time}) * 86400e0"
    seconds = f"DATEDIFF(SECOND, CAST({time} AS DATE), {time})"
    return f"{days} + {seconds} + DATEPART(MICROSECOND, {time}) / 1000000e0"


def _moment(seconds: str) -> str:
    """A whole number of minutes since 1970, given in seconds."""
    return f"CAST(DATEADD(MINUTE, CAST({seconds} / 60 AS INT), CAST('1970-01-01' AS DATETIME2)) AS DATETIME2)"


SYNAPSE = Dialect(
    name="synapse",
    sqlglot="tsql",
    templates=MappingProxyType(
        {
            "cast_double": "CAST(:a AS FLOAT)",
            "float_key": ":a + 0e0",
            "cast_integer": "CAST(:a AS BIGINT)",
            # COUNT is an INT, and fails over more rows.
            "COUNT": "COUNT_BIG(:a)",
            "count_if": "COUNT_BIG(CASE WHEN :a THEN 1 END)",
            "avg": "AVG(:a)",
            "integer_text": "CONVERT(VARCHAR(40), CAST(:a AS BIGINT))",
            "md5_hex": "LOWER(CONVERT(VARCHAR(32), HASHBYTES('MD5', :a), 2))",
            "var_pop_around": "VARP(:a)",
            "covar_pop_around": (
                "AVG(:a * :b) - AVG(CASE WHEN NOT :b IS NULL THEN :a END) * AVG(CASE WHEN NOT :a IS NULL THEN :b END)"
            ),
            "pivot": "AVG(:a)",
            # CONVERT to text with all digits is not in every edition; MAX, as texts add up to more than 8,000 bytes.
            "number_text": "CAST(FORMAT(:a, 'G17', 'en-US') AS NVARCHAR(MAX))",
            "quantile": "PERCENTILE_CONT(:b) WITHIN GROUP (ORDER BY :a)",
            "epoch_date": "DATEDIFF(DAY, '1970-01-01', :a) * 86400e0",
            "epoch_timestamp": _epoch(":a"),
            "epoch_timestamptz": _epoch(_UTC),
            "minute_of": "DATEPART(MINUTE, :a)",
            "hour_of": "DATEPART(HOUR, :a)",
            # DATEPART(WEEKDAY, ..) counts from what SET DATEFIRST says; 1900-01-01 was a Monday.
            "dow_of": "(DATEDIFF(DAY, '1900-01-01', :a) % 7 + 7) % 7 + 1",
            "day_of": "DATEPART(DAY, :a)",
            "week_of": "DATEPART(ISO_WEEK, :a)",
            "year_of": "DATEPART(YEAR, :a)",
            "month_of": "DATEPART(MONTH, :a)",
            "quarter_of": "DATEPART(QUARTER, :a)",
            "days_of": "DATEDIFF(DAY, '1970-01-01', :a)",
            "date_at": "CAST(DATEADD(DAY, CAST(:a AS INT), CAST('1970-01-01' AS DATE)) AS DATE)",
            # Minutes: seconds outgrow an INT in 2038. Buckets begin with a minute.
            "timestamp_at": _moment(":a"),
            "timestamptz_at": f"CAST(TODATETIMEOFFSET({_moment(':a')}, '+00:00') AS DATETIMEOFFSET)",
            "wall_timestamptz": _UTC,
            "same": "(:a = :b OR (:a IS NULL AND :b IS NULL))",
            "truth": "CAST(CASE WHEN :a THEN 1 WHEN NOT :a THEN 0 END AS BIT)",
            "true": "CAST(1 AS BIT)",
            "false": "CAST(0 AS BIT)",
            "holds": ":a = 1",
            "national": "N''",
            "LN": "LOG(:a)",
            "GREATEST": ":a >= :b",
            "LEAST": ":a <= :b",
        }
    ),
    functions=FUNCTIONS,
    quantiles=Quantiles.ANALYTIC,
    lists=False,
    range_frames=False,
    functions_from_client=False,
    star_except=False,
    using_first=False,
    max_sql_bytes=1_000_000,
    bits_are_boolean=True,
    max_identifier=128,
    folds="none",
    tier=Tier.PRINTED,
    proof="parsed by sqlfluff, functions held to an allow-list, conditions and values told apart",
    refused=MappingProxyType(
        {
            "var_pop": "it may add up squares, so that the values have to be moved to around 0 in a step before",
            "range_frames": "RANGE takes no offset in T-SQL",
            "time_zone": "AT TIME ZONE takes the names that Windows has for zones",
        }
    ),
    said_over=MappingProxyType(
        {
            "framed_quantiles": "PERCENTILE_CONT takes no frame; each row is paired with those of its frame",
        }
    ),
)
